#include "src/peer-internal.h"

/* Of a large map a part is looked at, from a place drawn by lot: enough to find one of the rarest hundredth
 * nearly always. A full look at 100,000 blocks for each request would cost more than it finds, and 1,024 were
 * a quarter of what a fast seeder did. */
#define LARGE 1024u
#define SAMPLE 256u

typedef struct {
  uint64_t key;
  uint32_t block;
} Best;

static inline uint64_t
key_of (uint32_t block, const uint16_t *first, const uint16_t *second, uint32_t salt)
{
  uint32_t lot = (block + 1) * 2654435761u ^ salt;
  lot *= 0x9e3779b1u;
  return (uint64_t)first[block] << 48 | (uint64_t)(second ? second[block] : 0) << 32 | lot;
}

uint32_t
shoal_pick (const ShoalBitmap *from, const ShoalBitmap *without, const uint16_t *first_key,
            const uint16_t *second_key, ShoalRandom *random)
{
  uint32_t words = shoal_bitmap_words (from), seen = 0;
  if (words == 0)
    return UINT32_MAX;
  uint64_t draw = shoal_random_u64 (random);
  uint32_t start = words > LARGE / 64 ? (uint32_t)(draw >> 32) % words : 0;
  uint32_t most = from->set > LARGE ? SAMPLE : LARGE;
  Best best = { UINT64_MAX, UINT32_MAX };
  for (uint32_t i = 0; i < words && seen < most; i++)
    {
      uint32_t word = start + i < words ? start + i : start + i - words;
      for (uint64_t bits = from->words[word] & ~without->words[word]; bits; bits &= bits - 1, seen++)
        {
          uint32_t block = word * 64 + (uint32_t)__builtin_ctzll (bits);
          uint64_t key = key_of (block, first_key, second_key, (uint32_t)draw);
          if (key < best.key)
            best = (Best){ key, block };
        }
    }
  return best.block;
}
