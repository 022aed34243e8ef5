#include "src/random.h"

#include "src/bytes.h"
#include "src/sha256.h"

void
shoal_random_init (ShoalRandom *random, uint64_t seed, const char *name)
{
  uint8_t start[8], hash[SHOAL_HASH_BYTES];
  ShoalWriter w = shoal_writer (start, sizeof start);
  shoal_write_u64 (&w, seed);
  ShoalSha256 *sha = shoal_sha256_new ();
  shoal_sha256_update (sha, start, sizeof start);
  shoal_sha256_update (sha, name, strlen (name));
  shoal_sha256_peek (sha, hash);
  shoal_sha256_free (sha);
  ShoalReader r = shoal_reader (hash, sizeof hash);
  for (unsigned i = 0; i < G_N_ELEMENTS (random->s); i++)
    random->s[i] = shoal_read_u64 (&r);
}

static uint64_t
rotated (uint64_t v, unsigned by)
{
  return v << by | v >> (64 - by);
}

uint64_t
shoal_random_u64 (ShoalRandom *random)
{
  uint64_t *s = random->s;
  uint64_t result = rotated (s[1] * 5, 7) * 9;
  uint64_t shifted = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = rotated (s[3], 45);
  return result;
}

uint32_t
shoal_random_below (ShoalRandom *random, uint32_t n)
{
  g_assert (n > 0);
  uint64_t product = (shoal_random_u64 (random) >> 32) * n;
  if ((uint32_t)product < n)
    {
      /* The first 2^32 mod n values of each slot are the ones that would make it larger. */
      uint32_t surplus = (uint32_t)(0u - n) % n;
      while ((uint32_t)product < surplus)
        product = (shoal_random_u64 (random) >> 32) * n;
    }
  return (uint32_t)(product >> 32);
}

void
shoal_random_bytes (ShoalRandom *random, uint8_t *out, size_t length)
{
  for (size_t i = 0; i < length; i += 8)
    {
      uint64_t v = shoal_random_u64 (random);
      for (size_t k = i; k < length && k < i + 8; k++, v >>= 8)
        out[k] = (uint8_t)v;
    }
}
