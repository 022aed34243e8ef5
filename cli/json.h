/* A run as JSON, for programs. The keys are documented in docs/results.md. */
#pragma once

#include "results/rows.h"

/* One object on one line, with its newline. speedup: server-client over P2P makespan; 0: there is no
 * counterpart. Owned by the caller. */
char *shoal_run_to_json (const ShoalRunRow *run, double speedup);
