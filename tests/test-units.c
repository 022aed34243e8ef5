/* Sizes, rates and times: exact, with units, and within reason. */
#include "scenarios/error.h"
#include "scenarios/units.h"
#include "tests/harness.h"

typedef struct {
  const char *text;
  uint64_t value;
} Good;

static const Good sizes[] = {
  { "0", 0 },
  { "148539 B", 148539 },
  { "1B", 1 },
  { "100 kB", 100000 },
  { "1 KiB", 1024 },
  { "1 MiB", 1048576 },
  { "1.5 GB", 1500000000 },
  { "0.001 kB", 1 },
  { "2.50 MiB", 2621440 },
  { "1 EiB", SHOAL_MAX_SIZE_BYTES },
};

START_TEST (good_sizes)
{
  uint64_t bytes = 99;
  GError *error = NULL;
  ck_assert_msg (shoal_parse_size (sizes[_i].text, &bytes, &error), "%s", error ? error->message : "");
  ck_assert_uint_eq (bytes, sizes[_i].value);
}
END_TEST

static const Good rates[] = {
  { "0", 0 },
  { "unlimited", 0 },
  { "0 B/s", 0 },
  { "100 kB/s", 100000 },
  { "10 Mbit/s", 1250000 },
  { "8 bit/s", 1 },
  { "1 Gbit/s", 125000000 },
  { "1 MiB/s", 1048576 },
  { "1 Kibit/s", 128 },
  { "0.5 kB/s", 500 },
  { "1 TB/s", SHOAL_MAX_RATE_BYTES_PER_S },
};

START_TEST (good_rates)
{
  uint64_t rate = 99;
  ck_assert (shoal_parse_rate (rates[_i].text, &rate, NULL));
  ck_assert_uint_eq (rate, rates[_i].value);
}
END_TEST

static const Good times[] = {
  { "0", 0 },
  { "0 s", 0 },
  { "2.5 s", UINT64_C (2500000000) },
  { "200 ms", 200000000 },
  { "1 ns", 1 },
  { "0.000000001 s", 1 },
  { "3 us", 3000 },
  { "90 min", UINT64_C (5400000000000) },
  { "1 h", UINT64_C (3600000000000) },
  { "10 d", UINT64_C (864000000000000) },
  { "3650 d", (uint64_t)SHOAL_MAX_TIME_NS },
};

START_TEST (good_times)
{
  ShoalTime ns = 99;
  ck_assert (shoal_parse_time (times[_i].text, &ns, NULL));
  ck_assert_int_eq (ns, (ShoalTime)times[_i].value);
}
END_TEST

typedef enum {
  SIZE,
  RATE,
  TIME,
  RATIO,
  PERCENT,
} Kind;

typedef struct {
  Kind kind;
  const char *text;
  const char *message; /* part of it */
} Bad;

static const Bad bad[] = {
  { SIZE, "100",
    "'100' has no unit; say for example '1 MiB' (units: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB, PiB, EiB)" },
  { RATE, "100", "'100' has no unit; say for example '100 kB/s' (units: B/s, kB/s" },
  { TIME, "5", "'5' has no unit; say for example '2.5 s' (units: ns, us, ms, s, min, h, d)" },
  { SIZE, "-1 B", "'-1 B' is negative" },
  { RATE, "-100 kB/s", "'-100 kB/s' is negative" },
  { TIME, "-0", "is negative" },
  { RATE, "1.001 TB/s", "is more than 1 TB/s" },
  { RATE, "99999999999999999 TB/s", "is more than 1 TB/s" },
  { SIZE, "1.1 EiB", "is not a whole number of bytes" },
  { SIZE, "2 EiB", "is more than 1 EiB" },
  { TIME, "3651 d", "is more than 10 years" },
  { TIME, "999999999999999999 d", "is more than 10 years" },
  { SIZE, "1234567890123456789 B", "is not a number with a unit" },
  { SIZE, "2.5 B", "is not a whole number of bytes" },
  { RATE, "1 bit/s", "is not a whole number of bytes per second" },
  { RATE, "1.024 Kibit/s", "is not a whole number of bytes per second" },
  { TIME, "0.1 ns", "is not a whole number of nanoseconds" },
  { RATE, "100 KB/s", "'100 KB/s': 'KB/s' is not a unit of a rate" },
  { RATE, "100 kB", "'kB' is not a unit of a rate" },
  { SIZE, "0 kB/s", "'kB/s' is not a unit of a size" },
  { SIZE, "100 kB extra", "is not a unit" },
  { SIZE, "", "is not a number" },
  { SIZE, "kB", "is not a number" },
  { SIZE, "1. B", "is not a number" },
  { SIZE, ".5 kB", "is not a number" },
  { SIZE, "1.2.3 kB", "is not a unit" },
  { SIZE, "1e3 B", "is not a unit" },
  { SIZE, "0x10 B", "is not a unit" },
  { SIZE, " 1 B", "is not a number" },
  { SIZE, "nan B", "is not a number" },
  { RATIO, "1.05 s", "is not a unit of a number" },
  { RATIO, "1.0000001", "is not a whole number of millionths" },
  { PERCENT, "50", "'50' has no unit; say for example '50 %'" },
};

static bool
parse (const Bad *b, GError **error)
{
  uint64_t u = 99;
  int64_t i = 99;
  bool ok = b->kind == SIZE    ? shoal_parse_size (b->text, &u, error)
            : b->kind == RATE  ? shoal_parse_rate (b->text, &u, error)
            : b->kind == TIME  ? shoal_parse_time (b->text, &i, error)
            : b->kind == RATIO ? shoal_parse_ratio (b->text, &i, error)
                               : shoal_parse_percent (b->text, &i, error);
  ck_assert (ok || (u == 99 && i == 99));
  return ok;
}

START_TEST (bad_ones)
{
  GError *error = NULL;
  ck_assert_msg (!parse (&bad[_i], &error), "'%s' was taken", bad[_i].text);
  ck_assert (g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE));
  ck_assert_msg (strstr (error->message, bad[_i].message) != NULL, "'%s' says: %s", bad[_i].text,
                 error->message);
  g_error_free (error);
}
END_TEST

START_TEST (formats)
{
  static const struct {
    uint64_t bytes;
    const char *text;
  } cases[] = {
    { 0, "0" },
    { 1, "1 B" },
    { 148539, "148539 B" },
    { 100000, "100 kB" },
    { 1048576, "1 MiB" },
    { 1500000000, "1500 MB" },
    { 16384, "16 KiB" },
    { 6219776, "6074 KiB" },
    { 1000000000000, "1 TB" },
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = shoal_format_size (cases[i].bytes);
      ck_assert_str_eq (text, cases[i].text);
    }
  g_autofree char *time = shoal_format_time (2500000001), *zero = shoal_format_time (0);
  g_autofree char *ratio = shoal_format_ratio (1050000);
  ck_assert_str_eq (time, "2.500000001 s");
  ck_assert_str_eq (zero, "0 s");
  ck_assert_str_eq (ratio, "1.05");
}
END_TEST

/* What is written is read back as the same, over the whole range. */
START_TEST (round_trips)
{
  for (uint64_t v = 1; v < SHOAL_MAX_SIZE_BYTES / 3; v = v * 3 + _i)
    {
      uint64_t back = 0;
      ShoalTime time = 0;
      g_autofree char *size = shoal_format_size (v);
      ck_assert_msg (shoal_parse_size (size, &back, NULL) && back == v, "%s", size);
      g_autofree char *rate = shoal_format_rate (v % SHOAL_MAX_RATE_BYTES_PER_S);
      ck_assert_msg (shoal_parse_rate (rate, &back, NULL) && back == v % SHOAL_MAX_RATE_BYTES_PER_S, "%s",
                     rate);
      ShoalTime ns = (ShoalTime)(v % (uint64_t)SHOAL_MAX_TIME_NS);
      g_autofree char *text = shoal_format_time (ns);
      ck_assert_msg (shoal_parse_time (text, &time, NULL) && time == ns, "%s", text);
    }
}
END_TEST

static Suite *
units_suite (void)
{
  Suite *suite = suite_create ("units");
  TCase *tc = tcase_create ("units");
  tcase_add_loop_test (tc, good_sizes, 0, G_N_ELEMENTS (sizes));
  tcase_add_loop_test (tc, good_rates, 0, G_N_ELEMENTS (rates));
  tcase_add_loop_test (tc, good_times, 0, G_N_ELEMENTS (times));
  tcase_add_loop_test (tc, bad_ones, 0, G_N_ELEMENTS (bad));
  tcase_add_test (tc, formats);
  tcase_add_loop_test (tc, round_trips, 0, 24);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (units_suite (), NULL);
}
