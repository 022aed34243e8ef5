/* Which runs a command line asks for: scenarios, seeds, models. */
#pragma once

#include "cli/job.h"

/* As typed; NULL: not given. Owned. */
typedef struct {
  char *model, *strategy, *seed, *seeds, *rate_factor;
} ShoalSelectionWords;

void shoal_selection_words_clear (ShoalSelectionWords *words);

typedef struct {
  bool both; /* models: P2P, then server-client */
  ShoalModel model;
  GPtrArray *strategies; /* of const ShoalStrategy, NULL among them: the scenario's own; owned; never empty */
  uint64_t first_seed, last_seed;
  int64_t rate_factor;  /* millionths */
  GPtrArray *scenarios; /* of ShoalScenario, prepared; owned */
} ShoalSelection;

/* Reads the words. Complains about the command's usage itself; false then. */
bool shoal_selection_read (ShoalSelection *selection, const char *command, const ShoalSelectionWords *words);
/* Loads the scenarios that were typed, all before any is played, so that a slip in the last is told at once.
 * Complains itself, also when none is typed or the runs would be more than a million; returns the exit
 * status. */
int shoal_selection_load (ShoalSelection *selection, const char *command, int count, char **typed);
void shoal_selection_clear (ShoalSelection *selection);

/* Runs that are asked for. */
unsigned shoal_selection_count (const ShoalSelection *selection);
/* The runs of one scenario and seed: one for each strategy in P2P, and one of server-client. They follow each
 * other. */
unsigned shoal_selection_group (const ShoalSelection *selection);
/* The run number i, scenario by scenario, seed by seed, P2P (strategy by strategy) before server-client; in virtual time, with
 * virtual content. */
ShoalJob shoal_selection_job (const ShoalSelection *selection, unsigned i);
