/* Plays scenarios in virtual time and records them, for tests of what is recorded. */
#pragma once

#include "scenarios/run.h"

typedef struct {
  ShoalScenario *scenario;
  ShoalRunRow *row;
} Recorded;

/* What every text begins with: F1 has 62 blocks and takes 10 s at 100 kB/s. */
#define RECORDED_HEAD                                                                                        \
  "name: test\nfiles: [{name: F1, size: 1000 kB}]\ntracker: {upload: 10 kB/s, download: 10 kB/s}\n"          \
  "defaults: {upload: 100 kB/s, download: 100 kB/s}\n"

/* Plays RECORDED_HEAD and rest with this seed. The caller's: recorded_clear(). */
Recorded recorded_play (const char *rest, ShoalModel model, uint64_t seed);
/* The same of a whole scenario. */
Recorded recorded_play_text (const char *text, ShoalModel model, uint64_t seed);
/* The same of a shipped scenario's file. */
Recorded recorded_play_file (const char *path, ShoalModel model, uint64_t seed);
/* RECORDED_HEAD and rest, over loopback in wall-clock time. */
Recorded recorded_play_for_real (const char *rest);
void recorded_clear (Recorded *recorded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Recorded, recorded_clear)

/* The node's i-th transfer. */
const ShoalTransferRow *recorded_transfer (const Recorded *recorded, const char *node, unsigned i);
/* How long a transfer waited for this, in nanoseconds. peer: name; NULL: whoever was the reason. */
int64_t recorded_wait (const Recorded *recorded, const ShoalTransferRow *transfer, const char *cause,
                       const char *peer);
/* Digest of the trace of the same run when nothing is recorded. The caller's. */
char *recorded_digest_without (const Recorded *recorded, ShoalModel model, uint64_t seed);
/* Number of a node in the row. */
int recorded_node (const Recorded *recorded, const char *name);
