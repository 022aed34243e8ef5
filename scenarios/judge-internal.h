/* What the parts of the judge share. Private to scenarios/.
 *
 * judge.c          figures, downloads, sources, bad blocks
 * judge-service.c  who serves whom, and when */
#pragma once

#include "scenarios/expect.h"

typedef struct {
  const ShoalScenario *scenario;
  const ShoalRunRow *run;
  const ShoalExpect *expect;
  unsigned index;            /* of the expectation */
  const uint8_t *superseded; /* per transfer: it did not end well, and the node tried again */
  char *measured;            /* owned by the caller of judge() */
} ShoalCase;

/* Name of a row of the run's nodes; "" of none (-1). */
const char *shoal_case_node_name (const ShoalCase *c, int32_t row);

/* judge-service.c; both fill measured. */
/* When a moment was; SHOAL_ROW_NO_TIME: it did not come, which measured says then. */
int64_t shoal_case_moment_ns (ShoalCase *c, const ShoalMoment *moment);
bool shoal_judge_choked (ShoalCase *c);
bool shoal_judge_serves_again (ShoalCase *c);
