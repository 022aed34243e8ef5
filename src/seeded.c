#include "src/seeded.h"

/* Output number i of SplitMix64 started at this seed: it can be had without the ones before. */
static uint64_t
word (uint64_t seed, uint64_t i)
{
  uint64_t z = seed + (i + 1) * UINT64_C (0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
  return z ^ z >> 31;
}

static void
part (uint64_t v, unsigned from, uint8_t *out, size_t length)
{
  for (size_t i = 0; i < length; i++)
    out[i] = (uint8_t)(v >> (8 * (from + i)));
}

void
shoal_seeded_bytes (uint64_t seed, uint64_t offset_bytes, uint8_t *out, size_t length)
{
  while (length > 0)
    {
      unsigned from = (unsigned)(offset_bytes % 8);
      size_t step = MIN (length, 8u - from);
      uint64_t v = word (seed, offset_bytes / 8);
      if (step == 8)
        {
          uint64_t little = GUINT64_TO_LE (v);
          memcpy (out, &little, sizeof little);
        }
      else
        part (v, from, out, step);
      offset_bytes += step;
      out += step;
      length -= step;
    }
}
