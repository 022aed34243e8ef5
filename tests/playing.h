/* Plays small scenarios on the fake backend, for tests of the runner and of expectations. */
#pragma once

#include "scenarios/run.h"
#include "tests/fake-backend.h"

/* What every played text begins with: F1 has 5 blocks and takes 0.5 s, F2 2 blocks and 0.2 s, "none"
 * is empty. */
#define PLAY_HEAD                                                                                            \
  "name: test\nfiles: [{name: F1, size: 80 KiB}, {name: F2, size: 20 kB}, {name: none, size: 0}]\n"          \
  "defaults: {upload: 100 kB/s, download: 100 kB/s}\n"

typedef struct {
  FakeOptions fake;        /* set before */
  ShoalRunOptions options; /* set before */
  ShoalScenario *scenario;
  ShoalBackend *backend;
  ShoalRunRow *row;
} Played;

extern Played played;

/* Fixtures: usual options; frees what was played last. */
void play_set_up (void);
void play_forget (void);

/* Plays PLAY_HEAD and this; played.row is NULL on error. */
void play_or_fail (const char *rest, ShoalModel model, GError **error);
/* The same; an error fails the test. */
void play (const char *rest, ShoalModel model);
