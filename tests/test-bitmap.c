/* The bit set, against an array of flags. */
#include "src/bitmap.h"
#include "src/random.h"
#include "tests/harness.h"

static const uint32_t sizes[] = { 1, 7, 8, 9, 63, 64, 65, 127, 128, 380, 1000 };

static void
check_wire (const ShoalBitmap *map, const bool *flags)
{
  size_t length = shoal_bitmap_wire_bytes (map);
  ck_assert_uint_eq (length, (map->bits + 7) / 8);
  uint8_t *expected = g_malloc0 (length), *whole = g_malloc (length), *part = g_malloc (length);
  for (uint32_t i = 0; i < map->bits; i++)
    if (flags[i])
      expected[i / 8] |= (uint8_t)(0x80 >> i % 8);
  shoal_bitmap_write (map, 0, whole, length);
  ck_assert_mem_eq (whole, expected, length);
  for (size_t from = 0; from <= length; from += 3)
    {
      shoal_bitmap_write (map, from, part, length - from);
      ck_assert_int_eq (memcmp (part, expected + from, length - from), 0);
    }
  g_free (expected);
  g_free (whole);
  g_free (part);
}

START_TEST (against_flags)
{
  uint32_t bits = sizes[_i], count = 0;
  bool *flags = g_new0 (bool, bits);
  ShoalBitmap map;
  ShoalRandom random;
  shoal_random_init (&random, bits, "bitmap");
  shoal_bitmap_init (&map, bits);
  for (unsigned step = 0; step < 4 * bits; step++)
    {
      uint32_t i = shoal_random_below (&random, bits);
      bool in = shoal_random_below (&random, 3) > 0;
      ck_assert_int_eq (in ? shoal_bitmap_set (&map, i) : shoal_bitmap_unset (&map, i), flags[i] != in);
      count += (uint32_t)in - (uint32_t)flags[i];
      flags[i] = in;
      ck_assert_uint_eq (map.set, count);
      ck_assert_int_eq (shoal_bitmap_get (&map, i), in);
      ck_assert_int_eq (shoal_bitmap_full (&map), count == bits);
    }
  for (uint32_t i = 0; i < bits; i++)
    ck_assert_int_eq (shoal_bitmap_get (&map, i), flags[i]);
  check_wire (&map, flags);
  g_free (flags);
  shoal_bitmap_clear (&map);
}
END_TEST

START_TEST (filled)
{
  uint32_t bits = sizes[_i];
  bool *flags = g_new (bool, bits);
  memset (flags, 1, bits);
  ShoalBitmap map;
  shoal_bitmap_init (&map, bits);
  shoal_bitmap_fill (&map);
  ck_assert (shoal_bitmap_full (&map));
  check_wire (&map, flags);
  if (bits % 64 != 0)
    ck_assert_uint_eq (map.words[bits / 64] >> bits % 64, 0);
  for (uint32_t i = 0; i < bits; i++)
    ck_assert (shoal_bitmap_unset (&map, i));
  ck_assert_uint_eq (map.set, 0);
  g_free (flags);
  shoal_bitmap_clear (&map);
}
END_TEST

START_TEST (counting)
{
  uint32_t bits = sizes[_i], expected = 0;
  ShoalBitmap a, b;
  shoal_bitmap_init (&a, bits);
  shoal_bitmap_init (&b, bits);
  for (uint32_t i = 0; i < bits; i++)
    {
      if (i % 2 == 0)
        shoal_bitmap_set (&a, i);
      if (i % 3 == 0)
        shoal_bitmap_set (&b, i);
      expected += i % 2 == 0 && i % 3 != 0;
    }
  ck_assert_uint_eq (shoal_bitmap_count_without (&a, &b), expected);
  ck_assert_uint_eq (shoal_bitmap_count_without (&a, &a), 0);
  shoal_bitmap_clear (&a);
  shoal_bitmap_clear (&b);
}
END_TEST

START_TEST (nothing)
{
  ShoalBitmap map;
  uint8_t byte = 7;
  shoal_bitmap_init (&map, 0);
  shoal_bitmap_fill (&map);
  ck_assert (shoal_bitmap_full (&map));
  ck_assert_uint_eq (shoal_bitmap_wire_bytes (&map), 0);
  shoal_bitmap_write (&map, 0, &byte, 0);
  ck_assert_uint_eq (byte, 7);
  shoal_bitmap_clear (&map);
  shoal_bitmap_clear (&map);
}
END_TEST

static Suite *
bitmap_suite (void)
{
  Suite *suite = suite_create ("bitmap");
  TCase *tests = tcase_create ("all");
  tcase_add_loop_test (tests, against_flags, 0, G_N_ELEMENTS (sizes));
  tcase_add_loop_test (tests, filled, 0, G_N_ELEMENTS (sizes));
  tcase_add_loop_test (tests, counting, 0, G_N_ELEMENTS (sizes));
  tcase_add_test (tests, nothing);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (bitmap_suite (), NULL);
}
