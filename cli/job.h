/* One run to be made: what to play, and what came of it. */
#pragma once

#include "scenarios/run.h"

#include <stdio.h>

typedef struct {
  const ShoalScenario *scenario; /* borrowed, prepared */
  ShoalModel model;
  const ShoalStrategy *strategy; /* of peers, in place of the scenario's; NULL: that, or server-client */
  uint64_t seed;
  bool real_time;    /* over loopback, in wall-clock time; else in virtual time */
  bool real_content; /* always so in real time */
  bool is_sparse;    /* without chokes in the log */
  bool records;      /* when blocks came and what downloads waited for: for a store */
  FILE *trace;       /* borrowed; text of every event; NULL: none */

  ShoalRunRow *row; /* owned; NULL: not done, or error says why not */
  GError *error;    /* owned; set beforehand: it is not played */

  /* Guarded by the workers' lock. */
  ShoalProgress progress;
  enum {
    SHOAL_JOB_WAITING,
    SHOAL_JOB_RUNNING,
    SHOAL_JOB_ENDED,
  } state;
} ShoalJob;

/* Frees what the job owns. */
void shoal_job_clear (ShoalJob *job);
/* "speed, p2p, seed 1"; with ", for real" and ", rates x 10" where that is so. Owned by the caller. */
char *shoal_job_name (const ShoalJob *job);
/* The shell command that repeats it. model: "p2p", …, "both". Owned by the caller. */
char *shoal_job_command (const ShoalJob *job, const char *model);
