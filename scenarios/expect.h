/* Expectations: read from their sentences, and judged on what a run left behind. The grammar stands
 * in docs/scenarios.md. */
#pragma once

#include "results/rows.h"
#include "scenarios/scenario.h"

/* In a run's log: that for an expectation (value: its index) was written down who got how much from whom, and
 * right after it what: the node, `peer` and `file`, and as value the bytes so far. */
#define SHOAL_LOG_SNAPSHOT "snapshot"
#define SHOAL_LOG_GOT "got"
/* That an action which marks a moment happened for the first time: `file` is the mark, the value the action. */
#define SHOAL_LOG_MARK "mark"

/* Reads "makespan <= 62 s in both models" and so on into *expect, which is filled either way and
 * cleared by the scenario. False and error (VALUE). */
bool shoal_expect_parse (const ShoalScenario *scenario, const char *text, ShoalExpect *expect,
                         GError **error);

/* Judges all expectations that apply to the run's model, but speed-ups, and appends them to
 * run->expectations. */
void shoal_expect_judge (const ShoalScenario *scenario, ShoalModel model, ShoalRunRow *run);

/* Judges the expected speed-ups, when both models were played with the same seed, and appends them
 * to p2p->expectations. Without a counterpart (NULL, or one that did not complete) they are unmet. */
void shoal_expect_judge_speedup (const ShoalScenario *scenario, ShoalRunRow *p2p,
                                 const ShoalRunRow *server_client);

/* True when every expectation in the row is met. */
bool shoal_expect_all_met (const ShoalRunRow *run);
