/* Plays beside each other whose traces are compared. */
#pragma once

#include "cli/cli.h"
#include "cli/job.h"

/* Plays all, two at a time, with progress on stderr. Complains of what went wrong; Ctrl-C ends
 * it. */
ShoalExit shoal_plays_run (ShoalJob *jobs, unsigned count);
/* A file for a trace, which vanishes when it is closed. NULL: complained of. */
FILE *shoal_plays_open_trace (void);
/* To its start, all written. False: complained of. */
bool shoal_plays_rewind_trace (FILE *trace);
