/* What two runs differ in, as text and as JSON. */
#pragma once

#include "results/diff.h"

typedef struct {
  const ShoalRunHead *a, *b;
  const ShoalRunDiff *diff;
  char *
      trace; /* where the traces part (shoal_trace_difference()); NULL: they were not played again, or are the same */
  bool same_traces, other_traces; /* both have a trace, and it is the same; and they differ */
} ShoalDiffReport;

/* Nothing differs that was compared. */
bool shoal_diff_is_empty (const ShoalDiffReport *report);
/* For people. Owned by the caller. */
char *shoal_diff_to_text (const ShoalDiffReport *report);
/* For programs: one object on one line, with its newline; its keys are in docs/results.md. Owned by the caller. */
char *shoal_diff_to_json (const ShoalDiffReport *report);
