/* A run as people read it. */
#pragma once

#include "results/rows.h"

/* A block of lines: times, expectations, and who got what how fast; per download where there are few,
 * else how they spread. Owned by the caller. */
char *shoal_run_to_text (const ShoalRunRow *run);
/* "speed-up 3.94: …" for two makespans. Owned by the caller. */
char *shoal_speedup_to_text (int64_t p2p_makespan_ns, int64_t server_client_makespan_ns);
