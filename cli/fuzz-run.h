/* One made-up or given scenario that is played with one seed by `shoal fuzz`: what came of it, and how it is shrunk
 * and told. */
#pragma once

#include "cli/line.h"
#include "scenarios/fuzz.h"

typedef struct {
  uint64_t seed;
  const char *given; /* borrowed; the path of a given scenario; NULL: made from the seed */
  const char *text;  /* borrowed; of a given scenario; NULL likewise */
  bool is_played;    /* the fields below mean something */
  ShoalFuzzOutcome outcome;
  GError *error; /* owned; it could not be played; NULL: it was */
  char *kept;    /* owned; the file that the shrunk scenario was written to; NULL: none */
} ShoalFuzzRun;

void shoal_fuzz_run_clear (ShoalFuzzRun *run);
/* Plays it; any thread. cancelled: read atomically, may be NULL. */
void shoal_fuzz_run_play (ShoalFuzzRun *run, const gint *cancelled);
/* Shrinks the scenario of a run that broke an invariant, and writes it into the folder, which is made if need be.
 * Shows on the line how far it is. False: it could not be written, and the reason is told on stderr. */
bool shoal_fuzz_run_keep (ShoalFuzzRun *run, const char *folder, ShoalLine *line);
/* The command that repeats the run. Owned by the caller. */
char *shoal_fuzz_run_command (const ShoalFuzzRun *run);
/* A few lines for people about a run that broke an invariant. */
void shoal_fuzz_run_print (const ShoalFuzzRun *run);
/* One JSON object, one line, about any run. */
void shoal_fuzz_run_print_json (const ShoalFuzzRun *run);
