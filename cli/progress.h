/* How far the runs are, on stderr: see cli/line.h. */
#pragma once

#include "cli/job.h"
#include "cli/line.h"

typedef struct {
  ShoalLine line;
  const ShoalJob *job; /* that the last line told of */
  int64_t last_now_ns; /* its time then */
  uint64_t last_held_bytes;
} ShoalProgressLine;

void shoal_progress_start (ShoalProgressLine *progress, bool is_quiet);
/* Tells of the first job that runs, if it is time to. */
void shoal_progress_tick (ShoalProgressLine *progress, const ShoalJob *jobs, unsigned count);
/* Clears the line, so that something else can be written. */
void shoal_progress_hide (ShoalProgressLine *progress);
