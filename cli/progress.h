/* How far the runs are, on stderr: one line that changes on a terminal, else a plain line now and
 * then. Nothing at all when it is over quickly. */
#pragma once

#include "cli/job.h"

typedef struct {
  bool is_quiet; /* tells nothing */
  bool is_terminal;
  bool is_shown;             /* the line on the terminal */
  int64_t start_us, last_us; /* monotonic clock; of the last line told */
  const ShoalJob *job;       /* that the last line told of */
  int64_t last_now_ns;       /* its time then */
  uint64_t last_held_bytes;
} ShoalProgressLine;

void shoal_progress_start (ShoalProgressLine *line, bool is_quiet);
/* Tells of the first job that runs, if it is time to. */
void shoal_progress_tick (ShoalProgressLine *line, const ShoalJob *jobs, unsigned count);
/* Clears the line, so that something else can be written. */
void shoal_progress_hide (ShoalProgressLine *line);
