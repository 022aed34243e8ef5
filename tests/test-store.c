/* The store: what is written is read back, and nothing of what fails is kept. */
#include "results/schema.h"
#include "results/store-internal.h"
#include "tests/harness.h"

#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder, *path;

static void
set_up (void)
{
  folder = g_dir_make_tmp ("shoal-store-XXXXXX", NULL);
  ck_assert_ptr_nonnull (folder);
  path = g_build_filename (folder, "runs.db", NULL);
}

static void
tear_down (void)
{
  static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
  for (unsigned i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *name = g_strconcat (path, endings[i], NULL);
      g_unlink (name);
    }
  ck_assert_int_eq (g_rmdir (folder), 0);
  g_clear_pointer (&path, g_free);
  g_clear_pointer (&folder, g_free);
}

static void
add_node (ShoalRunRow *run, const char *name, const char *role)
{
  ShoalNodeRow *node = shoal_node_row_new ();
  node->name = g_strdup (name);
  node->role = g_strdup (role);
  node->upload_bytes_per_s = 100000;
  node->sent_bytes = 1234;
  g_ptr_array_add (run->nodes, node);
}

static void
add_transfer (ShoalRunRow *run, const char *node, const char *from, int64_t end_ns)
{
  ShoalTransferRow *transfer = shoal_transfer_row_new ();
  transfer->node = g_strdup (node);
  transfer->file = g_strdup ("F1");
  transfer->fid = g_strdup ("00ff");
  transfer->start_ns = 500000000;
  transfer->first_byte_ns = end_ns == SHOAL_ROW_NO_TIME ? SHOAL_ROW_NO_TIME : 600000000;
  transfer->end_ns = end_ns;
  transfer->bytes = 148539;
  transfer->status = g_strdup (end_ns == SHOAL_ROW_NO_TIME ? "unfinished" : "done");
  shoal_transfer_row_add_source (transfer, from, 148539);
  g_ptr_array_add (run->transfers, transfer);
}

static void
add_log (ShoalRunRow *run)
{
  ShoalEventRow *event = g_new0 (ShoalEventRow, 1);
  event->at_ns = 7;
  event->node = 1;
  event->kind = g_strdup ("join");
  event->peer = -1;
  g_ptr_array_add (run->log, event);
  ShoalSampleRow *sample = g_new0 (ShoalSampleRow, 1);
  *sample = (ShoalSampleRow){ .node = 1, .start_ns = 0, .length_ns = 1000000000, .sent_bytes = 99 };
  g_ptr_array_add (run->samples, sample);
  g_ptr_array_add (run->expectations, shoal_expectation_row_new ("makespan <= 3 s", true, "2.5 s"));
}

static ShoalRunRow *
make_run (const char *scenario, const char *model, uint64_t seed, int64_t makespan_ns)
{
  ShoalRunRow *run = shoal_run_row_new ();
  run->scenario = g_strdup (scenario);
  run->resolved = g_strdup ("name: x\n");
  run->backend = g_strdup ("sim");
  run->model = g_strdup (model);
  run->strategy = g_str_equal (model, "p2p") ? g_strdup ("none") : NULL;
  run->seed = seed;
  run->program_version = g_strdup ("0.1.0");
  run->makespan_ns = run->mean_ns = makespan_ns;
  run->bound_ns = 2000000000;
  run->leechers = 1;
  run->completed = makespan_ns != SHOAL_ROW_NO_TIME;
  add_node (run, "tracker", "tracker");
  add_node (run, "A", "peer");
  add_node (run, "B", "peer");
  add_transfer (run, "B", "A", makespan_ns);
  add_log (run);
  return run;
}

static void
store_run (ShoalStore *store, const char *scenario, const char *model, uint64_t seed, int64_t makespan_ns)
{
  g_autoptr (ShoalRunRow) run = make_run (scenario, model, seed, makespan_ns);
  g_autoptr (GError) error = NULL;
  ck_assert_msg (shoal_store_add_run (store, run, &error), "%s", error ? error->message : "no error set");
}

static ShoalStore *
open_store (ShoalStoreMode mode)
{
  g_autoptr (GError) error = NULL;
  ShoalStore *store = shoal_store_open (path, mode, &error);
  ck_assert_msg (store != NULL, "%s", error ? error->message : "no error set");
  return store;
}

/* A connection of the test's own, as somebody with `sqlite3` has. */
static sqlite3 *
open_plainly (void)
{
  sqlite3 *db;
  ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
  return db;
}

static void
execute (sqlite3 *db, const char *sql)
{
  char *why = NULL;
  int result = sqlite3_exec (db, sql, NULL, NULL, &why);
  ck_assert_msg (result == SQLITE_OK, "%s: %s", sql, why);
}

/* First column of the first row as text; "NULL" for a null. */
static void
assert_answer (sqlite3 *db, const char *sql, const char *expected)
{
  sqlite3_stmt *statement = NULL;
  ck_assert_msg (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg (db));
  ck_assert_msg (sqlite3_step (statement) == SQLITE_ROW, "%s: no row", sql);
  const char *text = (const char *)sqlite3_column_text (statement, 0);
  ck_assert_msg (g_strcmp0 (text ? text : "NULL", expected) == 0, "%s: %s, not %s", sql, text, expected);
  sqlite3_finalize (statement);
}

static void
assert_stored (const char *sql, const char *expected)
{
  sqlite3 *db = open_plainly ();
  assert_answer (db, sql, expected);
  sqlite3_close (db);
}

static void
assert_refused (ShoalStoreMode mode, ShoalStoreError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (shoal_store_open (path, mode, &error));
  ck_assert_ptr_nonnull (error);
  ck_assert_msg (g_error_matches (error, SHOAL_STORE_ERROR, (int)code), "code %d: %s", error->code,
                 error->message);
  ck_assert_msg (strstr (error->message, words) != NULL, "\"%s\" lacks \"%s\"", error->message, words);
  ck_assert_msg (strstr (error->message, path) != NULL, "\"%s\" does not name the file", error->message);
}

START_TEST (test_round_trip)
{
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  store_run (store, "simple", "p2p", 42, 2500000000);
  shoal_store_close (store);
  sqlite3 *db = open_plainly ();
  assert_answer (db, "PRAGMA user_version", "5");
  assert_answer (db, "PRAGMA application_id", "1936224108");
  assert_answer (db, "PRAGMA journal_mode", "wal");
  assert_answer (db, "SELECT makespan_ns FROM runs", "2500000000");
  assert_answer (db, "SELECT group_concat (name) FROM (SELECT name FROM nodes ORDER BY id)", "tracker,A,B");
  assert_answer (db, "SELECT bytes FROM transfers", "148539");
  assert_answer (db, "SELECT giver || '>' || receiver || ' ' || file || ' ' || bytes FROM who_gave_whom",
                 "A>B F1 148539");
  assert_answer (db, "SELECT node || ' ' || download_s || ' ' || status FROM completion", "B 2.0 done");
  assert_answer (db, "SELECT n.name || s.sent_bytes FROM samples s JOIN nodes n ON n.id = s.node", "A99");
  assert_answer (db, "SELECT kind || ' ' || at_ns || ' ' || (peer IS NULL) FROM events", "join 7 1");
  assert_answer (db, "SELECT text || ': ' || measured || ' ' || met FROM expectations",
                 "makespan <= 3 s: 2.5 s 1");
  sqlite3_close (db);
}
END_TEST

START_TEST (test_nulls)
{
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  g_autoptr (ShoalRunRow) run = make_run ("simple", "p2p", 1, SHOAL_ROW_NO_TIME);
  ((ShoalTransferRow *)g_ptr_array_index (run->transfers, 0))->start_ns = SHOAL_ROW_NO_TIME;
  ck_assert (shoal_store_add_run (store, run, NULL));
  shoal_store_close (store);
  assert_stored ("SELECT start_ns FROM transfers", "NULL"); /* the run ended before it began */
  assert_stored ("SELECT makespan_ns FROM runs", "NULL");
  assert_stored ("SELECT cpu_wait_s FROM runs", "NULL");
  assert_stored ("SELECT end_ns FROM transfers", "NULL");
  assert_stored ("SELECT stretch FROM comparison", "NULL");
  assert_stored ("SELECT trace_sha256 FROM runs", "NULL");
}
END_TEST

START_TEST (test_comparison_view)
{
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  store_run (store, "speed", "p2p", 1, 9000000000); /* superseded below */
  store_run (store, "speed", "p2p", 1, 2500000000);
  store_run (store, "speed", "server-client", 1, 10000000000);
  store_run (store, "speed", "p2p", 2, 3000000000);
  shoal_store_close (store);
  sqlite3 *db = open_plainly ();
  assert_answer (db, "SELECT count (*) FROM comparison", "2");
  assert_answer (db, "SELECT speedup FROM comparison WHERE seed = 1", "4.0");
  assert_answer (db, "SELECT stretch FROM comparison WHERE seed = 1", "1.25");
  assert_answer (db, "SELECT p2p_makespan_s FROM comparison WHERE seed = 1", "2.5");
  assert_answer (db, "SELECT bound_s FROM comparison WHERE seed = 1", "2.0");
  assert_answer (db, "SELECT speedup FROM comparison WHERE seed = 2", "NULL");
  sqlite3_close (db);
}
END_TEST

/* What was played before the scenario was edited is no counterpart. */
START_TEST (test_comparison_of_one_text)
{
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  store_run (store, "speed", "server-client", 1, 10000000000);
  g_autoptr (ShoalRunRow) edited = make_run ("speed", "p2p", 1, 2500000000);
  g_free (edited->resolved);
  edited->resolved = g_strdup ("name: y\n");
  ck_assert (shoal_store_add_run (store, edited, NULL));
  int64_t makespan_ns;
  ck_assert (shoal_store_find_makespan (store, edited, "server-client", NULL, &makespan_ns, NULL));
  ck_assert_int_eq (makespan_ns, SHOAL_ROW_NO_TIME);
  shoal_store_close (store);
  assert_stored ("SELECT p2p_makespan_s FROM comparison", "2.5");
  assert_stored ("SELECT server_client_makespan_s FROM comparison", "NULL");
}
END_TEST

START_TEST (test_find_makespan)
{
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  store_run (store, "speed", "server-client", 1, 10000000000);
  store_run (store, "speed", "server-client", 1, 11000000000);
  store_run (store, "speed", "server-client", 2, 12000000000);
  g_autoptr (ShoalRunRow) run = make_run ("speed", "p2p", 1, 2500000000);
  int64_t makespan_ns;
  ck_assert (shoal_store_find_makespan (store, run, "server-client", NULL, &makespan_ns, NULL));
  ck_assert_int_eq (makespan_ns, 11000000000);
  ck_assert (shoal_store_find_makespan (store, run, "p2p", "none", &makespan_ns, NULL));
  ck_assert_int_eq (makespan_ns, SHOAL_ROW_NO_TIME);
  shoal_store_close (store);
}
END_TEST

START_TEST (test_list_comparisons)
{
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  for (uint64_t seed = 1; seed <= 3; seed++)
    {
      store_run (store, "speed", "p2p", seed, (int64_t)seed * 2000000000);
      store_run (store, "speed", "server-client", seed, (int64_t)seed * 8000000000);
    }
  store_run (store, "another", "p2p", 1, 3000000000);
  shoal_store_close (store);
  store = open_store (SHOAL_STORE_READ);
  g_autoptr (GPtrArray) list = shoal_store_list_comparisons (store, NULL);
  ck_assert_ptr_nonnull (list);
  ck_assert_uint_eq (list->len, 2);
  const ShoalComparison *speed = g_ptr_array_index (list, 0), *another = g_ptr_array_index (list, 1);
  ck_assert_str_eq (speed->scenario, "speed"); /* in the order in which they were first stored */
  ck_assert_uint_eq (speed->seeds, 3);
  ck_assert_double_eq (speed->p2p_makespan_s.min, 2.0);
  ck_assert_double_eq (speed->p2p_makespan_s.median, 4.0);
  ck_assert_double_eq (speed->p2p_makespan_s.max, 6.0);
  ck_assert_double_eq (speed->speedup.mean, 4.0);
  ck_assert_double_eq (speed->stretch.max, 3.0);
  ck_assert_str_eq (another->scenario, "another");
  ck_assert_uint_eq (another->speedup.n, 0);
  ck_assert_uint_eq (another->stretch.n, 1);
  shoal_store_close (store);
}
END_TEST

/* A row that cannot be stored, late in a run: the rows before it must go too. */
static void
spoil_source (ShoalRunRow *run)
{
  add_transfer (run, "A", "nobody of this name", 3000000000);
}

static void
spoil_sample (ShoalRunRow *run)
{
  ((ShoalSampleRow *)g_ptr_array_index (run->samples, 0))->node = 99;
}

static void
spoil_event (ShoalRunRow *run)
{
  ((ShoalEventRow *)g_ptr_array_index (run->log, 0))->peer = 99;
}

static void
spoil_status (ShoalRunRow *run)
{
  ShoalTransferRow *transfer = g_ptr_array_index (run->transfers, 0);
  g_free (transfer->status);
  transfer->status = g_strdup ("perhaps");
}

static void
spoil_names (ShoalRunRow *run)
{
  add_node (run, "A", "peer");
}

static void (*const spoilers[]) (ShoalRunRow *run) = { spoil_source, spoil_sample, spoil_event, spoil_status,
                                                       spoil_names };

START_TEST (test_all_or_nothing)
{
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  store_run (store, "speed", "p2p", 1, 2500000000);
  g_autoptr (ShoalRunRow) bad = make_run ("speed", "p2p", 2, 2500000000);
  spoilers[_i](bad);
  g_autoptr (GError) error = NULL;
  ck_assert (!shoal_store_add_run (store, bad, &error));
  ck_assert (g_error_matches (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_VALUE));
  sqlite3 *db = open_plainly ();
  assert_answer (db, "SELECT count (*) FROM runs", "1");
  assert_answer (db, "SELECT count (*) FROM nodes", "3");
  assert_answer (db, "SELECT count (*) FROM transfers", "1");
  sqlite3_close (db);
  store_run (store, "speed", "p2p", 3, 2500000000); /* and the store goes on working */
  shoal_store_close (store);
  assert_stored ("SELECT count (*) FROM runs", "2");
}
END_TEST

static unsigned
store_until_full (ShoalStore *store, GError **error)
{
  for (unsigned kept = 0; kept < 10000; kept++)
    {
      g_autoptr (ShoalRunRow) run = make_run ("speed", "p2p", kept, 2500000000);
      if (!shoal_store_add_run (store, run, error))
        return kept;
    }
  ck_abort_msg ("the disk never was full");
  return 0;
}

/* SQLITE_FULL as a full disk gives it, without one: the database may not grow. */
START_TEST (test_full)
{
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  g_autoptr (GError) error = NULL;
  execute (store->db, "PRAGMA max_page_count = 60");
  unsigned kept = store_until_full (store, &error);
  ck_assert_uint_gt (kept, 0);
  ck_assert_msg (g_error_matches (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_FULL), "%s", error->message);
  ck_assert_ptr_nonnull (strstr (error->message, "full"));
  shoal_store_close (store);
  g_autofree char *expected = g_strdup_printf ("%u", kept);
  assert_stored ("SELECT count (*) FROM runs", expected);
  assert_stored ("SELECT count (DISTINCT run) FROM transfers", expected);
  assert_stored ("PRAGMA integrity_check", "ok");
}
END_TEST

START_TEST (test_refuses_missing)
{
  assert_refused (SHOAL_STORE_READ, SHOAL_STORE_ERROR_MISSING, "no such store");
  ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (test_refuses_text)
{
  ck_assert (
      g_file_set_contents (path, "Dear diary, this is no database, but it is long enough.\n", -1, NULL));
  assert_refused (SHOAL_STORE_WRITE, SHOAL_STORE_ERROR_FOREIGN, "is not a shoal store");
  g_autofree char *left = NULL;
  ck_assert (g_file_get_contents (path, &left, NULL, NULL));
  ck_assert_ptr_nonnull (strstr (left, "Dear diary"));
}
END_TEST

START_TEST (test_refuses_foreign)
{
  sqlite3 *db = open_plainly ();
  execute (db, _i == 0 ? "CREATE TABLE bookmarks (url TEXT)" : "PRAGMA application_id = 77");
  sqlite3_close (db);
  assert_refused (SHOAL_STORE_WRITE, SHOAL_STORE_ERROR_FOREIGN, "is not a shoal store");
  assert_refused (SHOAL_STORE_READ, SHOAL_STORE_ERROR_FOREIGN, "is not a shoal store");
  assert_stored ("PRAGMA journal_mode", "delete"); /* not touched */
  assert_stored ("SELECT count (*) FROM sqlite_schema", _i == 0 ? "1" : "0");
}
END_TEST

START_TEST (test_refuses_newer)
{
  shoal_store_close (open_store (SHOAL_STORE_WRITE));
  sqlite3 *db = open_plainly ();
  execute (db, "PRAGMA user_version = 999");
  sqlite3_close (db);
  assert_refused (SHOAL_STORE_WRITE, SHOAL_STORE_ERROR_NEWER, "newer shoal (schema 999");
  assert_refused (SHOAL_STORE_READ, SHOAL_STORE_ERROR_NEWER, "newer shoal (schema 999");
}
END_TEST

START_TEST (test_refuses_folder)
{
  ck_assert_int_eq (g_mkdir (path, 0700), 0);
  assert_refused (SHOAL_STORE_WRITE, SHOAL_STORE_ERROR_FOREIGN, "is not a shoal store");
  ck_assert_int_eq (g_rmdir (path), 0);
}
END_TEST

START_TEST (test_refuses_empty_to_read)
{
  ck_assert (g_file_set_contents (path, "", 0, NULL));
  assert_refused (SHOAL_STORE_READ, SHOAL_STORE_ERROR_FOREIGN, "it is empty");
  shoal_store_close (open_store (SHOAL_STORE_WRITE)); /* an empty file may become one */
}
END_TEST

/* A schema with a past: version 1 as an older program made it, then two steps more. */
static const char *const past[] = {
  "PRAGMA application_id = 1936224108; CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT);"
  "PRAGMA user_version = 1",
  "ALTER TABLE runs ADD COLUMN seed INTEGER NOT NULL DEFAULT 1; PRAGMA user_version = 2",
  "CREATE VIEW names AS SELECT name || '/' || seed AS name FROM runs; PRAGMA user_version = 3",
  "CREATE TABLE late (x); INSERT INTO nowhere VALUES (1); PRAGMA user_version = 4",
};

static sqlite3 *
open_past (unsigned version)
{
  ShoalSchema schema = { past, version };
  sqlite3 *db = open_plainly ();
  ck_assert (shoal_schema_migrate (db, &schema, path, NULL));
  return db;
}

START_TEST (test_migrates)
{
  sqlite3 *db = open_past (1);
  execute (db, "INSERT INTO runs (name) VALUES ('old')");
  sqlite3_close (db);
  db = open_past (3);
  assert_answer (db, "PRAGMA user_version", "3");
  assert_answer (db, "SELECT name FROM names", "old/1");
  sqlite3_close (db);
  db = open_past (3); /* again: nothing to do */
  assert_answer (db, "SELECT count (*) FROM runs", "1");
  sqlite3_close (db);
}
END_TEST

START_TEST (test_failed_migration_changes_nothing)
{
  sqlite3 *db = open_past (1);
  ShoalSchema broken = { past, 4 };
  g_autoptr (GError) error = NULL;
  ck_assert (!shoal_schema_migrate (db, &broken, path, &error));
  ck_assert_ptr_nonnull (error);
  ck_assert_ptr_nonnull (strstr (error->message, "nowhere"));
  assert_answer (db, "PRAGMA user_version", "1");
  assert_answer (db, "SELECT count (*) FROM sqlite_schema WHERE name = 'names'", "0");
  assert_answer (db, "SELECT count (*) FROM pragma_table_info ('runs')", "2");
  sqlite3_close (db);
}
END_TEST

/* A store that an older program made empty: version 0 with its mark set. */
START_TEST (test_open_migrates)
{
  sqlite3 *db = open_plainly ();
  execute (db, "PRAGMA application_id = 1936224108");
  sqlite3_close (db);
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  store_run (store, "simple", "p2p", 1, 2500000000);
  shoal_store_close (store);
  assert_stored ("PRAGMA user_version", "5");
}
END_TEST

/* Runs with other rates are no counterparts, and have a line of their own. */
START_TEST (test_rate_factors)
{
  ShoalStore *store = open_store (SHOAL_STORE_WRITE);
  g_autoptr (ShoalRunRow) fast = make_run ("speed", "server-client", 1, 1000000000);
  int64_t makespan_ns;
  fast->rate_factor = 10;
  store_run (store, "speed", "p2p", 1, 2500000000);
  ck_assert (shoal_store_add_run (store, fast, NULL));
  ck_assert (shoal_store_find_makespan (store, fast, "p2p", "none", &makespan_ns, NULL));
  ck_assert_int_eq (makespan_ns, SHOAL_ROW_NO_TIME);
  g_autoptr (GPtrArray) list = shoal_store_list_comparisons (store, NULL);
  ck_assert_uint_eq (list->len, 2);
  const ShoalComparison *plain = g_ptr_array_index (list, 0), *scaled = g_ptr_array_index (list, 1);
  ck_assert_double_eq (plain->rate_factor, 1);
  ck_assert_double_eq (scaled->rate_factor, 10);
  ck_assert_uint_eq (scaled->speedup.n, 0);
  shoal_store_close (store);
}
END_TEST

enum {
  WRITERS = 4,
  RUNS_EACH = 10,
};

static void
write_some (unsigned writer)
{
  ShoalStore *store = shoal_store_open (path, SHOAL_STORE_WRITE, NULL);
  for (unsigned i = 0; store != NULL && i < RUNS_EACH; i++)
    {
      g_autoptr (ShoalRunRow) run = make_run ("speed", "p2p", writer * 100 + i, 2500000000);
      if (!shoal_store_add_run (store, run, NULL))
        _exit (1);
    }
  shoal_store_close (store);
  _exit (store != NULL ? 0 : 1);
}

/* Several processes make and fill one store at the same time. */
START_TEST (test_several_writers)
{
  pid_t children[WRITERS];
  for (unsigned i = 0; i < WRITERS; i++)
    if ((children[i] = fork ()) == 0)
      write_some (i);
  for (unsigned i = 0; i < WRITERS; i++)
    {
      int status = -1;
      ck_assert_int_eq (waitpid (children[i], &status, 0), children[i]);
      ck_assert_int_eq (status, 0);
    }
  assert_stored ("SELECT count (*) FROM runs", "40");
  assert_stored ("SELECT count (*) FROM nodes", "120");
  assert_stored ("SELECT count (*) FROM pragma_foreign_key_check", "0");
}
END_TEST

static TCase *
new_case (Suite *suite, const char *name)
{
  TCase *tests = tcase_create (name);
  tcase_add_checked_fixture (tests, set_up, tear_down);
  suite_add_tcase (suite, tests);
  return tests;
}

static Suite *
store_suite (void)
{
  Suite *suite = suite_create ("store");
  TCase *runs = new_case (suite, "runs");
  tcase_add_test (runs, test_round_trip);
  tcase_add_test (runs, test_nulls);
  tcase_add_test (runs, test_comparison_view);
  tcase_add_test (runs, test_comparison_of_one_text);
  tcase_add_test (runs, test_find_makespan);
  tcase_add_test (runs, test_list_comparisons);
  tcase_add_test (runs, test_rate_factors);
  tcase_add_loop_test (runs, test_all_or_nothing, 0, G_N_ELEMENTS (spoilers));
  tcase_add_test (runs, test_full);
  tcase_add_test (runs, test_several_writers);
  TCase *refusals = new_case (suite, "refusals");
  tcase_add_test (refusals, test_refuses_missing);
  tcase_add_test (refusals, test_refuses_text);
  tcase_add_loop_test (refusals, test_refuses_foreign, 0, 2);
  tcase_add_test (refusals, test_refuses_newer);
  tcase_add_test (refusals, test_refuses_folder);
  tcase_add_test (refusals, test_refuses_empty_to_read);
  TCase *migrations = new_case (suite, "migrations");
  tcase_add_test (migrations, test_migrates);
  tcase_add_test (migrations, test_failed_migration_changes_nothing);
  tcase_add_test (migrations, test_open_migrates);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (store_suite (), NULL);
}
