/* How much went through a proxy, over time. A fixed number of buckets: when the run outgrows them,
 * pairs are merged, so that a long run costs no more than a short one. */
#pragma once

#include "src/types.h"

#define SHOAL_SAMPLE_BUCKETS 256u
#define SHOAL_SAMPLE_FIRST_NS (SHOAL_SECOND / 4)

typedef struct {
  ShoalTime width_ns;
  uint32_t used;
  uint64_t (*buckets)[2]; /* owned: bytes sent, bytes received; NULL until the first */
} ShoalSamples;

void shoal_samples_clear (ShoalSamples *samples);
void shoal_samples_add (ShoalSamples *samples, ShoalTime at, uint32_t sent_bytes, uint32_t received_bytes);
