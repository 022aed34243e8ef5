/* Conditions under which actions happen: "B has F1 and F2 is out". The grammar stands in
 * docs/scenarios.md. Private to scenarios/. */
#pragma once

#include "scenarios/scenario.h"

/* NULL and error (VALUE). Free with shoal_condition_free(). SHOAL_TERM_ALL_HAVE stays without nodes
 * until shoal_condition_complete(). */
ShoalCondition *shoal_condition_parse (const ShoalScenario *scenario, const char *text, GError **error);
/* Fills in who "all" are, when all actions of the scenario are known. False and error (VALUE): nobody. */
bool shoal_condition_complete (const ShoalScenario *scenario, ShoalCondition *condition, GError **error);
/* Whether it depends on single blocks, not only on whole files. */
bool shoal_condition_needs_blocks (const ShoalCondition *condition);

/* What a condition is judged by. Answers are of the present moment. */
typedef struct {
  bool (*has) (void *context, unsigned node, unsigned file);
  bool (*holds_share) (void *context, unsigned node, unsigned file, int64_t share_millionths);
  bool (*is_out) (void *context, unsigned file);
  void *context;
} ShoalConditionFacts;

bool shoal_condition_holds (const ShoalCondition *condition, const ShoalConditionFacts *facts);
