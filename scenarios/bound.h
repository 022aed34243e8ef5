/* A lower bound of a scenario's makespan that no protocol can beat.
 *
 * For one file that N leechers begin to get at the same time it is the fluid bound of Kumar & Ross
 * (2006): max (F/u_s, F/min d_i, N·F/(u_s + Σu_i)), with u_s the sum over all who register the file.
 * For several files or staggered starts it is the largest of these, all of which still hold, counted
 * from the first start of a download:
 * - a node's first start, then all bytes it wants over its download rate;
 * - a file's first start, then its bytes over the uploads of those who register it;
 * - the bytes of all files that one node alone registers over its upload rate;
 * - all bytes wanted over the uploads of all who register or download something.
 * A node whose rate is changed counts with its highest; a start that waits for a condition counts as
 * the first start; a download of which is not known whether it ever begins (on: join, pick, every) counts
 * with the upload of its node only. Latency, loss, crashes and partitions count as nothing: they make
 * nothing faster. */
#pragma once

#include "scenarios/scenario.h"

#define SHOAL_NO_BOUND ((ShoalTime)-1)

/* In ns, rounded down. SHOAL_NO_BOUND: there is none, because nothing is downloaded, or because
 * nothing limits the rates. */
ShoalTime shoal_scenario_bound (const ShoalScenario *scenario);
