/* A fixed-size set of small numbers, with its size kept. */
#pragma once

#include "src/types.h"

typedef struct {
  uint64_t *words; /* owned; bit i is word i/64, bit i%64; bits past `bits` are 0 */
  uint32_t bits;   /* numbers 0 .. bits-1 */
  uint32_t set;    /* how many are in */
} ShoalBitmap;

/* Makes an empty set over 0 .. bits-1. Free with shoal_bitmap_clear(). */
void shoal_bitmap_init (ShoalBitmap *map, uint32_t bits);
/* Frees what the set owns and makes it the set over nothing. Safe on a zeroed struct. */
void shoal_bitmap_clear (ShoalBitmap *map);
/* Puts all numbers in. */
void shoal_bitmap_fill (ShoalBitmap *map);

static inline uint32_t
shoal_bitmap_words (const ShoalBitmap *map)
{
  return (map->bits + 63) / 64;
}

static inline bool
shoal_bitmap_get (const ShoalBitmap *map, uint32_t i)
{
  return (map->words[i >> 6] >> (i & 63)) & 1;
}

/* Puts i in; true when it was not in before. */
static inline bool
shoal_bitmap_set (ShoalBitmap *map, uint32_t i)
{
  uint64_t bit = (uint64_t)1 << (i & 63);
  if (map->words[i >> 6] & bit)
    return false;
  map->words[i >> 6] |= bit;
  map->set++;
  return true;
}

/* Takes i out; true when it was in. */
static inline bool
shoal_bitmap_unset (ShoalBitmap *map, uint32_t i)
{
  uint64_t bit = (uint64_t)1 << (i & 63);
  if (!(map->words[i >> 6] & bit))
    return false;
  map->words[i >> 6] &= ~bit;
  map->set--;
  return true;
}

static inline bool
shoal_bitmap_full (const ShoalBitmap *map)
{
  return map->set == map->bits;
}

/* Number of members of a that are not members of b. Same `bits`. */
uint32_t shoal_bitmap_count_without (const ShoalBitmap *a, const ShoalBitmap *b);

/* Network form: bit i is byte i/8, bit 7-i%8 (as in BEP 3), spare bits 0; (bits+7)/8 bytes. */
size_t shoal_bitmap_wire_bytes (const ShoalBitmap *map);
/* Writes bytes offset .. offset+length-1 of the network form to out. */
void shoal_bitmap_write (const ShoalBitmap *map, size_t offset, uint8_t *out, size_t length);
