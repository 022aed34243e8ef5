/* What one scenario came to in virtual time and for real, side by side. */
#pragma once

#include "results/rows.h"

typedef struct {
  const ShoalRunRow *in_virtual_time, *for_real; /* borrowed; of one scenario text, model and seed */
  double tolerance;                              /* 0.03: 3 % */
  bool judges_each;                              /* every download must be within it, not only the makespan */
} ShoalCalibration;

/* Whether all downloads ended well in both worlds, and the real makespan (with judges_each, every real
 * download) took as long as the virtual one, give or take the tolerance. */
bool shoal_calibration_within (const ShoalCalibration *calibration);
/* A table of the downloads and a line about the makespan, for people. Owned by the caller. */
char *shoal_calibration_to_text (const ShoalCalibration *calibration);
/* One object on one line, with its newline; the keys are documented in docs/results.md. Owned by the caller. */
char *shoal_calibration_to_json (const ShoalCalibration *calibration);
