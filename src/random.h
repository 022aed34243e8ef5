/* Seeded generator: xoshiro256** (Blackman & Vigna 2018), state derived from a run's seed and the
 * name of the node that owns it, so that one node's draws never shift another's. */
#pragma once

#include "src/types.h"

typedef struct {
  uint64_t s[4];
} ShoalRandom;

/* State = SHA-256(seed as 8 bytes big-endian ‖ name). */
void shoal_random_init (ShoalRandom *random, uint64_t seed, const char *name);
uint64_t shoal_random_u64 (ShoalRandom *random);
/* Uniform in 0 .. n-1, n > 0, without bias (Lemire 2019). */
uint32_t shoal_random_below (ShoalRandom *random, uint32_t n);
void shoal_random_bytes (ShoalRandom *random, uint8_t *out, size_t length);
