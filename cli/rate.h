/* How fast something grew in the last seconds. */
#pragma once

#include <stdint.h>

#define SHOAL_RATE_SAMPLES 10

/* All zero: nothing yet. */
typedef struct {
  struct {
    int64_t at_us;
    uint64_t value;
  } samples[SHOAL_RATE_SAMPLES]; /* a ring */
  unsigned count;                /* in all */
} ShoalRate;

/* What it is now; more than twice a second is left out. */
void shoal_rate_note (ShoalRate *rate, uint64_t value);
double shoal_rate_per_s (const ShoalRate *rate);
