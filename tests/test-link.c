/* The proxy's arithmetic: rates exact over any time. */
#include "src/link.h"
#include "src/random.h"
#include "tests/harness.h"

#define HOUR (3600 * SHOAL_SECOND)

static const uint64_t rates[] = { 1,
                                  3,
                                  7,
                                  999,
                                  5000,
                                  100000,
                                  333333,
                                  1000003,
                                  UINT64_C (125000000),
                                  UINT64_C (999999937),
                                  UINT64_C (10000000000) };

/* bytes × 10^9 / rate, rounded down, without overflow. */
static ShoalTime
exact_ns (uint64_t bytes, uint64_t rate)
{
  uint64_t whole = bytes / rate, rest = bytes % rate, ns = 0;
  for (unsigned digit = 0; digit < 9; digit++)
    {
      rest *= 10;
      ns = ns * 10 + rest / rate;
      rest %= rate;
    }
  return (ShoalTime)(whole * (uint64_t)SHOAL_SECOND + ns);
}

/* Odd lengths, one after the other for an hour: each ends where its total of bytes says, to the
 * nanosecond. */
START_TEST (exact_for_an_hour)
{
  uint64_t rate = rates[_i], bytes = 0;
  uint64_t longest = MAX (rate / 100, 64);
  ShoalRandom random;
  ShoalLink link;
  ShoalTime start = 12345, end = start;
  shoal_random_init (&random, rate, "link");
  shoal_link_init (&link, rate);
  while (end < start + HOUR)
    {
      uint64_t length = 1 + 2 * shoal_random_below (&random, (uint32_t)longest);
      end = shoal_link_serve (&link, start, length);
      bytes += length;
      ck_assert_int_eq (end, start + exact_ns (bytes, rate));
    }
}
END_TEST

START_TEST (idle_gaps)
{
  ShoalLink link;
  shoal_link_init (&link, 3);
  ck_assert (shoal_link_idle (&link, 0));
  ck_assert_int_eq (shoal_link_serve (&link, 10, 1), 10 + 333333333);
  ck_assert (!shoal_link_idle (&link, 333333342));
  ck_assert (shoal_link_idle (&link, 333333343));
  /* The third that was left over counts when the next follows at once … */
  ck_assert_int_eq (shoal_link_serve (&link, 333333343, 1), 10 + 666666666);
  ck_assert_int_eq (shoal_link_serve (&link, 11, 1), 10 + 1000000000);
  /* … and not after a gap, which is not made up for either. */
  shoal_link_serve (&link, 11, 2); /* leaves two thirds */
  ck_assert_int_eq (shoal_link_serve (&link, 5 * SHOAL_SECOND, 2), 5 * SHOAL_SECOND + 666666666);
  ck_assert_int_eq (shoal_link_serve (&link, 5 * SHOAL_SECOND, 1), 6 * SHOAL_SECOND);
}
END_TEST

START_TEST (rate_changes)
{
  ShoalLink link;
  shoal_link_init (&link, 1000);
  ck_assert_int_eq (shoal_link_serve (&link, 0, 1000), SHOAL_SECOND);
  shoal_link_set_rate (&link, 500); /* the one in service keeps its end */
  ck_assert_int_eq (link.free_at, SHOAL_SECOND);
  ck_assert_int_eq (shoal_link_serve (&link, 0, 1000), 3 * SHOAL_SECOND);
  shoal_link_set_rate (&link, 0);
  ck_assert_int_eq (shoal_link_serve (&link, 0, 1000000), 3 * SHOAL_SECOND);
  ck_assert_int_eq (shoal_link_serve (&link, 4 * SHOAL_SECOND, 1), 4 * SHOAL_SECOND);
  shoal_link_set_rate (&link, 2);
  ck_assert_int_eq (shoal_link_serve (&link, 4 * SHOAL_SECOND, 1), 4 * SHOAL_SECOND + SHOAL_SECOND / 2);
}
END_TEST

/* Setting the rate that it has must not lose the remainder, however often it is done. */
START_TEST (same_rate_again)
{
  ShoalLink link;
  ShoalTime end = 0;
  shoal_link_init (&link, 7);
  for (unsigned i = 0; i < 7000; i++)
    {
      end = shoal_link_serve (&link, 0, 1);
      shoal_link_set_rate (&link, 7);
    }
  ck_assert_int_eq (end, 1000 * SHOAL_SECOND);
}
END_TEST

START_TEST (extremes)
{
  ShoalLink link;
  shoal_link_init (&link, UINT64_MAX);
  ck_assert_int_eq (shoal_link_serve (&link, 5, UINT32_MAX), 5);
  shoal_link_init (&link, 0);
  ck_assert_int_eq (shoal_link_serve (&link, 5, 1), 5);
  shoal_link_init (&link, 1);
  for (unsigned i = 0; i < 10; i++) /* 136 years each: time ends, it does not wrap */
    ck_assert_int_gt (shoal_link_serve (&link, 0, UINT32_MAX), 0);
  ck_assert_int_eq (link.free_at, SHOAL_NEVER);
}
END_TEST

static Suite *
link_suite (void)
{
  Suite *suite = suite_create ("link");
  TCase *tests = tcase_create ("all");
  tcase_set_timeout (tests, 120);
  tcase_add_loop_test (tests, exact_for_an_hour, 0, G_N_ELEMENTS (rates));
  tcase_add_test (tests, idle_gaps);
  tcase_add_test (tests, rate_changes);
  tcase_add_test (tests, same_rate_again);
  tcase_add_test (tests, extremes);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (link_suite (), NULL);
}
