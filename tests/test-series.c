/* Studies in the store, and the series that are read out of them. */
#include "results/series.h"
#include "results/study.h"
#include "tests/harness.h"
#include "tests/scratch.h"

#include <math.h>
#include <string.h>

static Scratch *scratch;
static ShoalStore *store;

static void
set_up (void)
{
  g_autoptr (GError) error = NULL;
  scratch = scratch_new ();
  store = shoal_store_open (scratch_path (scratch, "runs.db"), SHOAL_STORE_WRITE, &error);
  ck_assert_msg (store != NULL, "%s", error != NULL ? error->message : "no error set");
}

static void
tear_down (void)
{
  g_clear_pointer (&store, shoal_store_close);
  scratch_free (scratch);
}

static void
add_download (ShoalRunRow *run, const char *name, int64_t took_ns)
{
  ShoalNodeRow *node = shoal_node_row_new ();
  node->name = g_strdup (name);
  node->role = g_strdup ("peer");
  g_ptr_array_add (run->nodes, node);
  ShoalTransferRow *transfer = shoal_transfer_row_new ();
  transfer->node = g_strdup (name);
  transfer->file = g_strdup ("F1");
  transfer->fid = g_strdup ("00ff");
  transfer->start_ns = SHOAL_ROW_NO_TIME + 1;
  transfer->first_byte_ns = SHOAL_ROW_NO_TIME;
  transfer->end_ns = took_ns;
  transfer->status = g_strdup ("done");
  g_ptr_array_add (run->transfers, transfer);
}

static ShoalRunKey
key (const char *text, const char *model, uint64_t seed)
{
  return (ShoalRunKey){ .scenario = "s", .text = text, .model = model, .seed = seed, .program_version = "1" };
}

/* Returns the run's number in the store. makespan_s 0: not everybody finished. */
static int64_t
play (const char *resolved, const char *model, uint64_t seed, int makespan_s)
{
  g_autoptr (ShoalRunRow) run = shoal_run_row_new ();
  ShoalRunKey k = key (resolved, model, seed);
  int64_t number = 0;
  run->scenario = g_strdup (k.scenario);
  run->resolved = g_strdup_printf ("%s%s", resolved, g_str_equal (model, "p2p") ? "" : " and a strategy");
  run->setting = g_strdup (resolved);
  run->backend = g_strdup ("sim");
  run->model = g_strdup (model);
  run->seed = seed;
  run->program_version = g_strdup ("1");
  run->completed = makespan_s > 0;
  run->makespan_ns = run->mean_ns = makespan_s > 0 ? makespan_s * INT64_C (1000000000) : SHOAL_ROW_NO_TIME;
  run->bound_ns = 2000000000;
  add_download (run, "L1", 1000000000);
  add_download (run, "L22", 4000000000);
  add_download (run, "L2b", 50000000000);
  add_download (run, "M1", 60000000000);
  ck_assert (shoal_store_add_run (store, run, NULL));
  ck_assert (shoal_store_find_run (store, &k, &number, NULL));
  ck_assert_int_gt (number, 0);
  return number;
}

static void
add_value (GPtrArray *point, const char *parameter, const char *value, double number, const char *unit)
{
  ShoalStudyValueRow *row = g_new0 (ShoalStudyValueRow, 1);
  row->parameter = g_strdup (parameter);
  row->value = g_strdup (value);
  row->number = number;
  row->unit = g_strdup (unit);
  g_ptr_array_add (point, row);
}

static void
add_cell (ShoalStudyRow *study, unsigned point, const char *model, uint64_t seed, int64_t run)
{
  ShoalStudyCellRow cell = { .point = point, .model = model, .seed = seed, .run = run };
  g_array_append_val (study->cells, cell);
}

/* Two rates, two strategies; P2P of three seeds, and server-client of one. */
static ShoalStudyRow *
make_study (void)
{
  static const char *const rates[] = { "1 kB/s", "2 kB/s" }, *const strategies[] = { "none", "tft" };
  ShoalStudyRow *study = shoal_study_row_new ();
  study->name = g_strdup ("rates");
  study->description = g_strdup ("Why.");
  study->x = g_strdup ("rate");
  g_ptr_array_add (study->figures, g_strdup ("speed-up"));
  g_ptr_array_add (study->figures, g_strdup ("makespan"));
  g_ptr_array_add (study->figures, g_strdup ("mean of L"));
  for (unsigned i = 0; i < 4; i++)
    {
      GPtrArray *point = shoal_study_row_add_point (study);
      add_value (point, "rate", rates[i / 2], 1000 * (i / 2 + 1), "B/s");
      add_value (point, "strategy", strategies[i % 2], 0, NULL);
      for (uint64_t seed = 1; seed <= 3; seed++)
        add_cell (study, i, "p2p", seed, 0);
      add_cell (study, i, "server-client", 1, 0);
    }
  return study;
}

static void
save (const ShoalStudyRow *study)
{
  g_autoptr (GError) error = NULL;
  ck_assert_msg (shoal_store_set_study (store, study, &error), "%s", error ? error->message : "no error set");
}

static GPtrArray *
read_back (const char *name)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *list = shoal_store_list_studies (store, name, &error);
  ck_assert_msg (list != NULL, "%s", error != NULL ? error->message : "no error set");
  return list;
}

static void
set_cell (unsigned point, const char *model, uint64_t seed, int64_t run, const char *why_not)
{
  const ShoalStudyCellRow cell = { .point = point, .model = model, .seed = seed, .run = run };
  ck_assert (shoal_store_set_cell (store, "rates", &cell, why_not, NULL));
}

START_TEST (test_series)
{
  g_autoptr (ShoalStudyRow) row = make_study ();
  save (row);
  set_cell (1, "p2p", 1, play ("b", "p2p", 1, 10), NULL);
  set_cell (1, "p2p", 2, play ("b", "p2p", 2, 20), NULL);
  set_cell (1, "p2p", 3, play ("b", "p2p", 3, 0), NULL);
  set_cell (1, "server-client", 1, play ("b", "server-client", 1, 40), NULL);
  set_cell (3, "p2p", 2, 0, "it fell over");
  g_autoptr (GPtrArray) list = read_back (NULL);
  ck_assert_uint_eq (list->len, 1);
  const ShoalStudySeries *study = g_ptr_array_index (list, 0);
  ck_assert_str_eq (study->x_unit, "B/s");
  ck_assert_uint_eq (study->others->len, 1);
  ck_assert_uint_eq (study->series->len, 4);
  ck_assert_uint_eq (study->cells, 16);
  ck_assert_uint_eq (study->played, 4);
  ck_assert_uint_eq (study->failed, 1);
  const ShoalSeries *series = g_ptr_array_index (study->series, 2);
  ck_assert_str_eq (series->label, "p2p, strategy tft");
  ck_assert_uint_eq (series->points->len, 2);
  const ShoalSeriesPoint *point = g_ptr_array_index (series->points, 0);
  ck_assert_str_eq (point->value, "1 kB/s");
  ck_assert_double_eq (point->number, 1000);
  ck_assert_uint_eq (point->cells, 3);
  ck_assert_uint_eq (point->played, 3);
  ck_assert_uint_eq (point->incomplete, 1);
  ck_assert_uint_eq (point->figures[0].n, 1); /* only seed 1 has a counterpart */
  ck_assert_double_eq (point->figures[0].median, 4);
  ck_assert_uint_eq (point->figures[1].n, 2);
  ck_assert_double_eq (point->figures[1].median, 15);
  ck_assert_double_eq (point->figures[1].min, 10);
  ck_assert_double_eq (point->figures[2].median, 2.5); /* L1 and L22, neither L2b nor M1 */
  ck_assert_uint_eq (((const ShoalSeriesPoint *)g_ptr_array_index (series->points, 1))->failed, 1);
}
END_TEST

START_TEST (test_axis_of_words)
{
  g_autoptr (ShoalStudyRow) row = make_study ();
  g_clear_pointer (
      &((ShoalStudyValueRow *)g_ptr_array_index ((GPtrArray *)g_ptr_array_index (row->points, 3), 0))->unit,
      g_free);
  save (row);
  g_autoptr (GPtrArray) list = read_back ("rates");
  const ShoalStudySeries *study = g_ptr_array_index (list, 0);
  ck_assert_ptr_null (study->x_unit);
  const ShoalSeries *series = g_ptr_array_index (study->series, 0);
  ck_assert (isnan (((const ShoalSeriesPoint *)g_ptr_array_index (series->points, 0))->number));
}
END_TEST

/* A study that is begun again takes the place of the former; a deleted run leaves its cell to be played. */
START_TEST (test_replaced)
{
  g_autoptr (ShoalStudyRow) row = make_study ();
  int64_t run = play ("b", "p2p", 1, 10);
  save (row);
  g_array_index (row->cells, ShoalStudyCellRow, 0).run = run;
  g_array_set_size (row->cells, 1);
  save (row);
  g_autoptr (GPtrArray) list = read_back ("rates");
  ck_assert_uint_eq (((const ShoalStudySeries *)g_ptr_array_index (list, 0))->cells, 1);
  ck_assert_uint_eq (((const ShoalStudySeries *)g_ptr_array_index (list, 0))->played, 1);
  g_autoptr (GPtrArray) none = read_back ("speed");
  ck_assert_uint_eq (none->len, 0);
}
END_TEST

START_TEST (test_find_run)
{
  int64_t first = play ("a", "p2p", 1, 10), again = play ("a", "p2p", 1, 10), found = 0;
  ck_assert_int_gt (again, first);
  ShoalRunKey other[] = { key ("a", "p2p", 1), key ("a", "p2p", 2), key ("a", "server-client", 1),
                          key ("A", "p2p", 1), key ("a", "p2p", 1) };
  other[4].program_version = "2";
  for (unsigned i = 0; i < G_N_ELEMENTS (other); i++)
    {
      ck_assert (shoal_store_find_run (store, &other[i], &found, NULL));
      ck_assert_int_eq (found, i == 0 ? again : 0);
    }
}
END_TEST

START_TEST (test_printed)
{
  g_autoptr (ShoalStudyRow) row = make_study ();
  save (row);
  set_cell (0, "p2p", 1, play ("a", "p2p", 1, 10), NULL);
  set_cell (0, "p2p", 3, play ("a", "p2p", 3, 30), NULL);
  g_autoptr (GPtrArray) list = read_back (NULL);
  const ShoalStudySeries *study = g_ptr_array_index (list, 0);
  g_autofree char *text = shoal_series_print (study, SHOAL_SERIES_TEXT);
  g_autofree char *csv = shoal_series_print (study, SHOAL_SERIES_CSV);
  g_autofree char *json = shoal_series_print (study, SHOAL_SERIES_JSON);
  ck_assert_ptr_nonnull (strstr (text, "mean of L s"));
  ck_assert_ptr_nonnull (
      strstr (text, "1 kB/s  none      p2p            2 of 3         -  20.00 (10.00-30.00)"));
  ck_assert (g_str_has_prefix (csv, "rate,strategy,model,seeds,speedup_median,speedup_min,speedup_max,"
                                    "makespan_s_median,makespan_s_min,makespan_s_max,mean_of_L_s_median,"));
  ck_assert_ptr_nonnull (strstr (csv, "\n1 kB/s,none,p2p,2 of 3,,,,20,10,30,2.5,2.5,2.5\n"));
  ck_assert_ptr_nonnull (strstr (json, "\"values\":{\"rate\":\"1 kB/s\",\"strategy\":\"none\"}"));
  ck_assert_ptr_nonnull (strstr (json, "\"speedup\":null,\"makespan_s\":{\"n\":2,\"min\":10.0,"));
}
END_TEST

START_TEST (test_figures)
{
  static const char *const good[] = { "stretch", "speed-up",  "makespan",
                                      "mean",    "mean of L", "mean of a-b.c_1" };
  static const char *const bad[] = { "", "speedup", "mean of ", "mean of a b", "mean of *", "Stretch" };
  for (unsigned i = 0; i < G_N_ELEMENTS (good); i++)
    ck_assert_msg (shoal_figure_is_valid (good[i]), "%s", good[i]);
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    ck_assert_msg (!shoal_figure_is_valid (bad[i]), "%s", bad[i]);
  g_autofree char *of_group = shoal_figure_key ("mean of a-b"), *speedup = shoal_figure_key ("speed-up");
  ck_assert_str_eq (of_group, "mean_of_a_b_s");
  ck_assert_str_eq (speedup, "speedup");
  ck_assert_str_eq (shoal_figure_unit ("mean of L"), "s");
  ck_assert_str_eq (shoal_figure_unit ("stretch"), "");
}
END_TEST

static Suite *
series_suite (void)
{
  Suite *suite = suite_create ("series");
  TCase *tc = tcase_create ("series");
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_series);
  tcase_add_test (tc, test_axis_of_words);
  tcase_add_test (tc, test_replaced);
  tcase_add_test (tc, test_find_run);
  tcase_add_test (tc, test_printed);
  tcase_add_test (tc, test_figures);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (series_suite (), NULL);
}
