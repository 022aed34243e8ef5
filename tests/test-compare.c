/* Statistics, tables and the comparison's formats. */
#include "results/compare.h"
#include "results/statistics.h"
#include "results/table.h"
#include "tests/harness.h"

#include <json-glib/json-glib.h>
#include <string.h>

START_TEST (test_summary)
{
  static const double values[] = { 4, 1, 3, 10 };
  ShoalSummary s = shoal_summary (values, 4);
  ck_assert_uint_eq (s.n, 4);
  ck_assert_double_eq (s.min, 1);
  ck_assert_double_eq (s.median, 3.5);
  ck_assert_double_eq (s.mean, 4.5);
  ck_assert_double_eq (s.max, 10);
  ck_assert_double_eq (shoal_summary (values, 1).median, 4);
  ck_assert_double_eq (shoal_summary (values, 3).median, 3);
  ck_assert_uint_eq (shoal_summary (NULL, 0).n, 0);
}
END_TEST

START_TEST (test_quantile)
{
  static const double sorted[] = { 0, 10, 20, 30, 40 };
  ck_assert_double_eq (shoal_quantile (sorted, 5, 0), 0);
  ck_assert_double_eq (shoal_quantile (sorted, 5, 0.25), 10);
  ck_assert_double_eq_tol (shoal_quantile (sorted, 5, 0.9), 36, 1e-9);
  ck_assert_double_eq (shoal_quantile (sorted, 5, 1), 40);
  ck_assert_double_eq (shoal_quantile (sorted, 1, 0.5), 0);
}
END_TEST

static ShoalTable *
small_table (void)
{
  static const char *const titles[] = { "name", "n" };
  static const bool is_number[] = { false, true };
  ShoalTable *table = shoal_table_new (2, titles, is_number);
  shoal_table_add (table, g_strdup ("é, \"quoted\""));
  shoal_table_add (table, g_strdup ("7"));
  shoal_table_add (table, g_strdup ("b"));
  shoal_table_add (table, g_strdup ("1000"));
  shoal_table_add (table, g_strdup ("c"));
  shoal_table_add (table, NULL);
  return table;
}

static void
assert_printed (ShoalTableFormat format, const char *expected)
{
  g_autoptr (ShoalTable) table = small_table ();
  g_autofree char *text = shoal_table_print (table, format);
  ck_assert_str_eq (text, expected);
}

START_TEST (test_table)
{
  assert_printed (SHOAL_TABLE_TEXT, "name            n\n"
                                    "é, \"quoted\"     7\n"
                                    "b            1000\n"
                                    "c\n");
  assert_printed (SHOAL_TABLE_MARKDOWN, "| name        |    n |\n"
                                        "| ----------- | ---: |\n"
                                        "| é, \"quoted\" |    7 |\n"
                                        "| b           | 1000 |\n"
                                        "| c           |      |\n");
  assert_printed (SHOAL_TABLE_CSV, "name,n\n"
                                   "\"é, \"\"quoted\"\"\",7\n"
                                   "b,1000\n"
                                   "c,\n");
}
END_TEST

static ShoalSummary
exactly (double value)
{
  return shoal_summary (&value, 1);
}

static GPtrArray *
two_comparisons (void)
{
  static const double stretches[] = { 1.01, 1.02, 1.04 };
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_comparison_free);
  ShoalComparison *speed = g_new0 (ShoalComparison, 1);
  speed->scenario = g_strdup ("speed");
  speed->backend = g_strdup ("sim");
  speed->rate_factor = 1;
  speed->strategy = g_strdup ("tit-for-tat");
  speed->seeds = 3;
  speed->bound_s = exactly (62.19776);
  speed->p2p_makespan_s = exactly (63.5);
  speed->server_client_makespan_s = exactly (248.8);
  speed->stretch = shoal_summary (stretches, 3);
  speed->speedup = exactly (3.918);
  g_ptr_array_add (list, speed);
  ShoalComparison *simple = g_new0 (ShoalComparison, 1);
  simple->scenario = g_strdup ("simple");
  simple->backend = g_strdup ("real");
  simple->rate_factor = 2.5;
  simple->seeds = 1;
  g_ptr_array_add (list, simple);
  return list;
}

static char *
printed (ShoalCompareFormat format)
{
  g_autoptr (GPtrArray) list = two_comparisons ();
  return shoal_compare_print (list, format);
}

START_TEST (test_text)
{
  g_autofree char *text = printed (SHOAL_COMPARE_TEXT);
  ck_assert_ptr_nonnull (strstr (text, "speed     sim                tit-for-tat      3    62.20  63.50"));
  ck_assert_ptr_nonnull (strstr (text, "1.020 (1.010-1.040)"));
  ck_assert_ptr_nonnull (strstr (text, "simple    real, rates x 2.5  -                1        -      -"));
}
END_TEST

START_TEST (test_markdown)
{
  g_autofree char *text = printed (SHOAL_COMPARE_MARKDOWN);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  ck_assert_uint_eq (g_strv_length (lines), 5); /* the last is empty */
  for (unsigned i = 0; i < 4; i++)
    ck_assert_uint_eq (strlen (lines[i]), strlen (lines[0]));
  ck_assert_ptr_nonnull (strstr (lines[0], "| speed-up |"));
  ck_assert_ptr_nonnull (strstr (lines[2], "|     3.92 |"));
}
END_TEST

static unsigned
count_of (const char *text, char what)
{
  unsigned n = 0;
  for (; *text != '\0'; text++)
    n += *text == what;
  return n;
}

START_TEST (test_csv)
{
  g_autofree char *text = printed (SHOAL_COMPARE_CSV);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  ck_assert (g_str_has_prefix (
      lines[0], "scenario,backend,rate_factor,strategy,seeds,bound_s_min,bound_s_median,bound_s_mean,"));
  ck_assert (
      g_str_has_prefix (lines[1], "speed,sim,1,tit-for-tat,3,62.19776,62.19776,62.19776,62.19776,63.5,"));
  ck_assert (g_str_has_prefix (lines[2], "simple,real,2.5,,1,,,,"));
  ck_assert_uint_eq (count_of (lines[0], ','), 32);
  ck_assert_uint_eq (count_of (lines[1], ','), 32);
  ck_assert_uint_eq (count_of (lines[2], ','), 32);
}
END_TEST

START_TEST (test_json)
{
  g_autofree char *text = printed (SHOAL_COMPARE_JSON);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (JsonNode) speed = json_from_string (lines[0], NULL);
  g_autoptr (JsonNode) simple = json_from_string (lines[1], NULL);
  ck_assert_ptr_nonnull (speed);
  JsonObject *object = json_node_get_object (speed);
  ck_assert_str_eq (json_object_get_string_member (object, "scenario"), "speed");
  ck_assert_int_eq (json_object_get_int_member (object, "seeds"), 3);
  ck_assert_double_eq (json_object_get_double_member (object, "rate_factor"), 1);
  JsonObject *stretch = json_object_get_object_member (object, "stretch");
  ck_assert_int_eq (json_object_get_int_member (stretch, "n"), 3);
  ck_assert_double_eq (json_object_get_double_member (stretch, "median"), 1.02);
  ck_assert (json_object_get_null_member (json_node_get_object (simple), "speedup"));
}
END_TEST

START_TEST (test_nothing)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autofree char *json = shoal_compare_print (none, SHOAL_COMPARE_JSON);
  g_autofree char *csv = shoal_compare_print (none, SHOAL_COMPARE_CSV);
  ck_assert_str_eq (json, "");
  ck_assert_uint_eq (count_of (csv, '\n'), 1);
}
END_TEST

static Suite *
compare_suite (void)
{
  Suite *suite = suite_create ("compare");
  TCase *numbers = tcase_create ("statistics");
  tcase_add_test (numbers, test_summary);
  tcase_add_test (numbers, test_quantile);
  suite_add_tcase (suite, numbers);
  TCase *formats = tcase_create ("formats");
  tcase_add_test (formats, test_table);
  tcase_add_test (formats, test_text);
  tcase_add_test (formats, test_markdown);
  tcase_add_test (formats, test_csv);
  tcase_add_test (formats, test_json);
  tcase_add_test (formats, test_nothing);
  suite_add_tcase (suite, formats);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (compare_suite (), NULL);
}
