#include "src/samples.h"

void
shoal_samples_clear (ShoalSamples *samples)
{
  g_free (samples->buckets);
  memset (samples, 0, sizeof *samples);
}

static void
merge_pairs (ShoalSamples *samples)
{
  for (uint32_t i = 0; i < SHOAL_SAMPLE_BUCKETS; i++)
    for (int way = 0; way < 2; way++)
      {
        uint64_t both = i < SHOAL_SAMPLE_BUCKETS / 2
                            ? samples->buckets[2 * i][way] + samples->buckets[2 * i + 1][way]
                            : 0;
        samples->buckets[i][way] = both;
      }
  samples->width_ns *= 2;
  samples->used = (samples->used + 1) / 2;
}

void
shoal_samples_add (ShoalSamples *samples, ShoalTime at, uint32_t sent_bytes, uint32_t received_bytes)
{
  if (!samples->buckets)
    {
      samples->buckets = g_malloc0 (SHOAL_SAMPLE_BUCKETS * sizeof *samples->buckets);
      samples->width_ns = SHOAL_SAMPLE_FIRST_NS;
    }
  while (at / samples->width_ns >= SHOAL_SAMPLE_BUCKETS)
    merge_pairs (samples);
  uint32_t i = (uint32_t)(at / samples->width_ns);
  samples->buckets[i][0] += sent_bytes;
  samples->buckets[i][1] += received_bytes;
  samples->used = MAX (samples->used, i + 1);
}
