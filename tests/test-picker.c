/* Which block next. */
#include "src/peer-internal.h"
#include "tests/harness.h"

static ShoalBitmap from, without;
static uint16_t first[5000], second[5000];
static ShoalRandom dice;

static void
set_up (void)
{
  shoal_bitmap_init (&from, 5000);
  shoal_bitmap_init (&without, 5000);
  memset (first, 0, sizeof first);
  memset (second, 0, sizeof second);
  shoal_random_init (&dice, 1, "picker");
}

static void
tear_down (void)
{
  shoal_bitmap_clear (&from);
  shoal_bitmap_clear (&without);
}

static uint32_t
pick (void)
{
  return shoal_pick (&from, &without, first, second, &dice);
}

START_TEST (none)
{
  ShoalBitmap empty = { 0 };
  ck_assert_uint_eq (shoal_pick (&empty, &empty, first, NULL, &dice), UINT32_MAX);
  ck_assert_uint_eq (pick (), UINT32_MAX);
  shoal_bitmap_fill (&from);
  shoal_bitmap_fill (&without);
  ck_assert_uint_eq (pick (), UINT32_MAX);
}
END_TEST

/* The only one, wherever it is: a sample that starts by lot must come round. */
START_TEST (the_only_one)
{
  for (uint32_t i = 0; i < 5000; i += 7)
    {
      shoal_bitmap_set (&from, i);
      ck_assert_uint_eq (pick (), i);
      shoal_bitmap_unset (&from, i);
    }
  shoal_bitmap_fill (&from);
  shoal_bitmap_fill (&without);
  shoal_bitmap_unset (&without, 4999);
  ck_assert_uint_eq (pick (), 4999);
}
END_TEST

START_TEST (rarest)
{
  for (uint32_t i = 0; i < 600; i++)
    {
      shoal_bitmap_set (&from, i);
      first[i] = (uint16_t)(5 + i % 50);
    }
  first[333] = 1;
  for (unsigned i = 0; i < 50; i++)
    ck_assert_uint_eq (pick (), 333);
  shoal_bitmap_set (&without, 333);
  for (unsigned i = 0; i < 50; i++)
    ck_assert_uint_eq (first[pick ()], 5);
}
END_TEST

START_TEST (second_key_breaks_ties)
{
  for (uint32_t i = 0; i < 600; i++)
    {
      shoal_bitmap_set (&from, i);
      first[i] = 3;
      second[i] = 9;
    }
  second[77] = 2;
  ck_assert_uint_eq (pick (), 77);
  first[78] = 2; /* … but the first key goes before */
  ck_assert_uint_eq (pick (), 78);
}
END_TEST

/* Equals by lot, all of them sometimes. */
START_TEST (ties_by_lot)
{
  unsigned counts[40] = { 0 };
  for (uint32_t i = 0; i < 40; i++)
    shoal_bitmap_set (&from, i * 20);
  for (unsigned i = 0; i < 4000; i++)
    {
      uint32_t block = pick ();
      ck_assert_uint_eq (block % 20, 0);
      counts[block / 20]++;
    }
  for (unsigned i = 0; i < 40; i++)
    {
      ck_assert_uint_gt (counts[i], 40); /* 100 expected */
      ck_assert_uint_lt (counts[i], 200);
    }
}
END_TEST

START_TEST (same_seed_same_choice)
{
  ShoalRandom other;
  shoal_random_init (&other, 1, "picker");
  shoal_bitmap_fill (&from);
  for (unsigned i = 0; i < 100; i++)
    ck_assert_uint_eq (pick (), shoal_pick (&from, &without, first, second, &other));
}
END_TEST

/* In a large map a sample is looked at; a rare block is found before long all the same. */
START_TEST (large_map)
{
  unsigned tries = 0;
  shoal_bitmap_fill (&from);
  for (uint32_t i = 0; i < 5000; i++)
    first[i] = 4;
  first[4321] = 1;
  while (pick () != 4321)
    ck_assert_uint_lt (++tries, 200);
}
END_TEST

static Suite *
picker_suite (void)
{
  Suite *suite = suite_create ("picker");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, none);
  tcase_add_test (tests, the_only_one);
  tcase_add_test (tests, rarest);
  tcase_add_test (tests, second_key_breaks_ties);
  tcase_add_test (tests, ties_by_lot);
  tcase_add_test (tests, same_seed_same_choice);
  tcase_add_test (tests, large_map);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (picker_suite (), NULL);
}
