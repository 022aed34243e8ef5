/* Runs that differ in their strategies alone: what the store compares them with. */
#include "results/schema.h"
#include "results/store-internal.h"
#include "tests/harness.h"
#include "tests/scratch.h"

static Scratch *scratch;
static const char *path;
static ShoalStore *store;

static void
open_store (void)
{
  g_autoptr (GError) error = NULL;
  store = shoal_store_open (path, SHOAL_STORE_WRITE, &error);
  ck_assert_msg (store != NULL, "%s", error ? error->message : "no error set");
}

static void
set_up (void)
{
  scratch = scratch_new ();
  path = scratch_path (scratch, "runs.db");
}

static void
tear_down (void)
{
  g_clear_pointer (&store, shoal_store_close);
  g_clear_pointer (&scratch, scratch_free);
}

/* strategy: NULL: server-client. */
static ShoalRunRow *
make_run (const char *strategy, int64_t makespan_ns)
{
  ShoalRunRow *run = shoal_run_row_new ();
  run->scenario = g_strdup ("speed");
  run->setting = g_strdup ("name: x\n");
  run->resolved = g_strdup_printf ("name: x\nstrategy: {name: %s}\n", strategy ? strategy : "none");
  run->backend = g_strdup ("sim");
  run->model = g_strdup (strategy ? "p2p" : "server-client");
  run->strategy = g_strdup (strategy);
  run->seed = 1;
  run->program_version = g_strdup ("0.1.0");
  run->makespan_ns = run->mean_ns = makespan_ns;
  run->completed = true;
  return run;
}

static void
keep (const char *strategy, int64_t makespan_ns)
{
  g_autoptr (ShoalRunRow) run = make_run (strategy, makespan_ns);
  ck_assert (shoal_store_add_run (store, run, NULL));
}

/* Each strategy has a line of its own, set against the same run of the other model. */
START_TEST (a_line_each)
{
  open_store ();
  keep (NULL, 10000000000);
  keep ("none", 2500000000);
  keep ("tit-for-tat", 4000000000);
  keep ("tit-for-tat", 5000000000); /* the newest counts */
  g_autoptr (GPtrArray) list = shoal_store_list_comparisons (store, NULL);
  ck_assert_uint_eq (list->len, 2);
  const ShoalComparison *none = g_ptr_array_index (list, 0), *tit = g_ptr_array_index (list, 1);
  ck_assert_str_eq (none->strategy, "none");
  ck_assert_str_eq (tit->strategy, "tit-for-tat");
  ck_assert_double_eq (none->speedup.median, 4);
  ck_assert_double_eq (tit->speedup.median, 2);
}
END_TEST

START_TEST (counterparts)
{
  int64_t makespan_ns;
  g_autoptr (ShoalRunRow) other = make_run (NULL, 1000000000);
  open_store ();
  keep ("none", 2500000000);
  keep ("tit-for-tat", 5000000000);
  ck_assert (shoal_store_find_makespan (store, other, "p2p", "tit-for-tat", &makespan_ns, NULL));
  ck_assert_int_eq (makespan_ns, 5000000000);
  ck_assert (shoal_store_find_makespan (store, other, "p2p", "turns", &makespan_ns, NULL));
  ck_assert_int_eq (makespan_ns, SHOAL_ROW_NO_TIME);
  ck_assert (shoal_store_find_makespan (store, other, "server-client", NULL, &makespan_ns, NULL));
  ck_assert_int_eq (makespan_ns, SHOAL_ROW_NO_TIME);
}
END_TEST

/* A scenario of which only the other model was played has a line, too. */
START_TEST (no_strategy_yet)
{
  open_store ();
  keep (NULL, 10000000000);
  g_autoptr (GPtrArray) list = shoal_store_list_comparisons (store, NULL);
  ck_assert_uint_eq (list->len, 1);
  ck_assert_ptr_null (((const ShoalComparison *)g_ptr_array_index (list, 0))->strategy);
}
END_TEST

/* Runs of a store of version 2 served everybody, and are set against what is played today. */
START_TEST (old_runs)
{
  static const char old_run[] =
      "INSERT INTO runs (scenario, resolved, backend, model, seed, program_version, started_unix_s, wall_s, "
      "cpu_s,"
      " max_rss_bytes, makespan_ns, leechers, blocks, events, completed) VALUES"
      " ('speed', 'name: x' || char (10), 'sim', 'server-client', 1, '', 0, 0, 0, 0, 8000000000, 1, 1, 1, 1),"
      " ('speed', 'name: x' || char (10), 'sim', 'p2p', 1, '', 0, 0, 0, 0, 4000000000, 1, 1, 1, 1)";
  const ShoalSchema old = { shoal_schema.steps, 2 };
  sqlite3 *db;
  ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
  ck_assert (shoal_schema_migrate (db, &old, path, NULL));
  ck_assert_int_eq (sqlite3_exec (db, old_run, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close (db);
  open_store ();
  keep ("tit-for-tat", 2000000000);
  g_autoptr (GPtrArray) list = shoal_store_list_comparisons (store, NULL);
  ck_assert_uint_eq (list->len, 2);
  ck_assert_str_eq (((const ShoalComparison *)g_ptr_array_index (list, 0))->strategy, "none");
  ck_assert_double_eq (((const ShoalComparison *)g_ptr_array_index (list, 0))->speedup.median, 2);
  ck_assert_double_eq (((const ShoalComparison *)g_ptr_array_index (list, 1))->speedup.median, 4);
}
END_TEST

static Suite *
strategies_suite (void)
{
  Suite *suite = suite_create ("stored strategies");
  TCase *all = tcase_create ("all");
  tcase_add_checked_fixture (all, set_up, tear_down);
  tcase_add_test (all, a_line_each);
  tcase_add_test (all, counterparts);
  tcase_add_test (all, no_strategy_yet);
  tcase_add_test (all, old_runs);
  suite_add_tcase (suite, all);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (strategies_suite (), NULL);
}
