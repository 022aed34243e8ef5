/* Playing a parameter study: which of its cells the store has, which are to be played, and playing them. */
#pragma once

#include "cli/job.h"
#include "cli/line.h"
#include "results/study.h"
#include "scenarios/study.h"

/* A run that the study asks for. */
typedef struct {
  unsigned point;
  ShoalModel model;
  uint64_t seed;
  int64_t run;  /* its number in the store; 0: it is to be played */
  unsigned job; /* by which; UINT_MAX: none. Cells whose scenarios are the same share one */
} ShoalSweepCell;

/* What the sweep knows of a job beside it. */
typedef struct {
  unsigned point;
  double cost;   /* shoal_scenario_cost() */
  int partner;   /* the server-client job against which the speed-up is judged; -1: none */
  bool is_taken; /* its results are in the store, or told to be missing */
  bool is_held;  /* it waits for its partner */
} ShoalSweepTask;

typedef struct {
  const ShoalStudy *study; /* borrowed */
  ShoalStore *store;       /* borrowed; NULL: there is none yet */
  bool is_fresh;           /* play everything, whatever the store has */
  bool is_quiet;           /* no progress */
  unsigned threads;
  GArray *cells;  /* of ShoalSweepCell: points in order, models, seeds */
  ShoalJob *jobs; /* `count` of them, in the order in which they are begun */
  ShoalSweepTask *tasks;
  unsigned count;
  double cost; /* of all jobs */
  /* While they are played: */
  ShoalLine line;
  unsigned done, failed, unmet; /* jobs that ended; that could not be played; not as expected */
  bool is_broken;               /* the store failed */
} ShoalSweep;

/* Finds out what is to be played. False and error: the store could not be read. */
bool shoal_sweep_plan (ShoalSweep *sweep, GError **error);
/* Writes the study and what the store has of it into the store. */
bool shoal_sweep_begin (ShoalSweep *sweep, GError **error);
/* Plays, stores and tells on stderr what failed or is not as expected. False: a signal or the store broke it off. */
bool shoal_sweep_play (ShoalSweep *sweep);
void shoal_sweep_clear (ShoalSweep *sweep);
