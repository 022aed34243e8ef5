/* Nodes of the real world for tests: hoses behind proxies on this host, in one loop. */
#pragma once

#include "real/node.h"
#include "real/udp.h"
#include "tests/hose.h"

extern ShoalLoop *real_loop;
extern const ShoalAddr REAL_LOCAL4, REAL_LOCAL6;

/* Fixtures. */
void real_set_up (void);
void real_tear_down (void);

typedef struct {
  const ShoalAddr *at; /* NULL: all */
  uint64_t up, down;   /* bytes/s */
  ShoalRealEventHandler on_event;
  void *context;
  bool samples;
} RealOptions;

/* NULL: this host has no such address. */
ShoalRealNode *real_node_with (const RealOptions *o);
ShoalRealNode *real_node (uint64_t up_bytes_per_s, uint64_t down_bytes_per_s);
/* Starts the node with it; returns it. */
Hose *real_start (ShoalRealNode *node, Hose *hose);
Hose *real_start_sink (ShoalRealNode *node);
Hose *real_start_source (ShoalRealNode *node, const ShoalRealNode *to, size_t size, uint64_t count);

void real_run_for (ShoalTime ns);
/* Runs until the counter has this value; fails when that takes long. */
void real_run_to (const uint64_t *counter, uint64_t value);
ShoalRealNodeStats real_stats (const ShoalRealNode *node);
