/* The tracker: who holds, or is getting, which file. Addresses only, never content (BEP 15). */
#pragma once

#include "src/machine.h"

typedef struct {
  uint64_t seed;               /* of the generator that samples peers and makes the cookie key */
  const char *name;            /* of the node, for that generator */
  uint32_t interval_s;         /* asked of peers between announces; 0: 120 s */
  uint32_t expiry_s;           /* silent peers are forgotten after this; 0: 2.5 intervals */
  uint32_t reply_max_peers;    /* 0: 30 */
  uint64_t upload_bytes_per_s; /* of its proxy, a hint: the interval grows so that announces of the
                                  whole population use at most a quarter of it; 0: unlimited */
} ShoalTrackerOptions;

typedef struct {
  uint32_t swarms, peers; /* now */
  uint64_t connects, announces, scrapes, errors;
} ShoalTrackerCounters;

/* Options are copied. Owned by the caller: machine->ops->free(). */
ShoalMachine *shoal_tracker_machine_new (const ShoalTrackerOptions *options);
ShoalTrackerCounters shoal_tracker_machine_counters (const ShoalMachine *tracker);
