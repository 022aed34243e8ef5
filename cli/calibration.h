/* What one scenario came to in virtual time and for real, side by side. */
#pragma once

#include "results/rows.h"

typedef struct {
  /* One run a seed, of one scenario text and model; [i] of both have the same seed. Borrowed. */
  const ShoalRunRow *const *in_virtual_time, *const *for_real;
  unsigned seeds;   /* at least 1 */
  double tolerance; /* 0.03: 3 % */
  bool judges_each; /* every download must be within it, not only the makespan */
} ShoalCalibration;

/* Whether the same downloads ended well in both worlds, and the real makespan (with judges_each, every real
 * download) took as long as the virtual one, give or take the tolerance. Of several seeds the medians are
 * taken. The makespan is here that of the downloads that ended well: in some scenarios others must fail. */
bool shoal_calibration_within (const ShoalCalibration *calibration);
/* A table of the downloads and a line about the makespan, for people. Owned by the caller. */
char *shoal_calibration_to_text (const ShoalCalibration *calibration);
/* One object on one line, with its newline; the keys are documented in docs/results.md. Owned by the caller. */
char *shoal_calibration_to_json (const ShoalCalibration *calibration);
