/* A run as people read it. */
#pragma once

#include "cli/job.h"

/* A block of lines: times, expectations, and who got what how fast; per download where there are few,
 * else how they spread. Owned by the caller. */
char *shoal_run_to_text (const ShoalRunRow *run);
/* "speed-up 3.94: …" for two makespans. strategy: of the peers, where there are several; NULL. Owned by the
 * caller. */
char *shoal_speedup_to_text (const char *strategy, int64_t p2p_makespan_ns,
                             int64_t server_client_makespan_ns);
/* What the strategies came to, side by side: "makespans: none 61.873 s, tit-for-tat 62.120 s (x 1.004)", and the same of
 * the mean times that downloads took: a strategy is there for some of them, and the last one is not all. Of a single one
 * there is nothing to say. jobs: in P2P. Owned by the caller. */
char *shoal_strategies_to_text (const ShoalJob *jobs, unsigned count);
