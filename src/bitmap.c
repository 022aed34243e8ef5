#include "src/bitmap.h"

void
shoal_bitmap_init (ShoalBitmap *map, uint32_t bits)
{
  *map = (ShoalBitmap){ .bits = bits };
  map->words = g_new0 (uint64_t, ((uint64_t)bits + 63) / 64);
}

void
shoal_bitmap_clear (ShoalBitmap *map)
{
  g_free (map->words);
  *map = (ShoalBitmap){ 0 };
}

void
shoal_bitmap_fill (ShoalBitmap *map)
{
  if (map->bits == 0)
    return;
  size_t words = (size_t)(((uint64_t)map->bits + 63) / 64);
  memset (map->words, 0xff, words * sizeof *map->words);
  if (map->bits % 64 != 0)
    map->words[words - 1] = ((uint64_t)1 << (map->bits % 64)) - 1;
  map->set = map->bits;
}

uint32_t
shoal_bitmap_count_without (const ShoalBitmap *a, const ShoalBitmap *b)
{
  g_assert (a->bits == b->bits);
  size_t words = (size_t)(((uint64_t)a->bits + 63) / 64);
  uint32_t count = 0;
  for (size_t i = 0; i < words; i++)
    count += (uint32_t)__builtin_popcountll (a->words[i] & ~b->words[i]);
  return count;
}

size_t
shoal_bitmap_wire_bytes (const ShoalBitmap *map)
{
  return (size_t)(((uint64_t)map->bits + 7) / 8);
}

static uint8_t
reversed (uint8_t byte)
{
  byte = (uint8_t)((byte & 0xf0) >> 4 | (byte & 0x0f) << 4);
  byte = (uint8_t)((byte & 0xcc) >> 2 | (byte & 0x33) << 2);
  return (uint8_t)((byte & 0xaa) >> 1 | (byte & 0x55) << 1);
}

void
shoal_bitmap_write (const ShoalBitmap *map, size_t offset, uint8_t *out, size_t length)
{
  g_assert (offset <= shoal_bitmap_wire_bytes (map) && length <= shoal_bitmap_wire_bytes (map) - offset);
  for (size_t i = 0; i < length; i++)
    {
      size_t at = offset + i;
      out[i] = reversed ((uint8_t)(map->words[at / 8] >> (at % 8 * 8)));
    }
}
