/* Makes scenarios up. The same seed gives the same text everywhere: integers, and a generator of its own. */
#pragma once

#include "src/types.h"

/* A scenario as YAML text: few or many nodes with lines of any rates, files of any size, among them empty ones, and
 * what can happen to them: churn, changing rates, faults of the network, a tracker that stops, peers that break the
 * rules. One node, file or action a line. It expects nothing. Owned by the caller. */
char *shoal_generate_scenario (uint64_t seed);
