/* Content made from a seed: byte i of file `seed` is the same everywhere and can be made alone. */
#pragma once

#include "src/types.h"

/* Writes bytes offset .. offset+length-1. Eight bytes a step: SplitMix64 (Steele, Lea & Flood 2014)
 * of seed and offset/8, little-endian. */
void shoal_seeded_bytes (uint64_t seed, uint64_t offset_bytes, uint8_t *out, size_t length);
