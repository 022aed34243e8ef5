/* What becomes of runs that have ended: judged together, stored, printed. */
#pragma once

#include "cli/job.h"
#include "cli/progress.h"
#include "results/store.h"

typedef struct {
  ShoalStore *store; /* borrowed; NULL: results are not kept */
  bool json;         /* for programs; else for people */
  bool is_quiet;     /* no hints on stderr */
  bool is_failed;    /* out: a run failed, or an expectation is unmet */
  unsigned printed;
} ShoalRunOutput;

/* Takes what one scenario and seed came to: P2P, a job for each strategy, and then server-client; or one of the two
 * alone. Errors go to stderr. False: the store or stdout failed, it makes no sense to go on. */
bool shoal_run_output_take (ShoalRunOutput *output, const ShoalJob *jobs, unsigned count);
