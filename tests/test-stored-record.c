/* What is recorded of a download is in the store as it was in the rows. */
#include "results/store.h"
#include "tests/harness.h"
#include "tests/scratch.h"

static ShoalTransferRow *
make_transfer (int64_t end_ns)
{
  const ShoalArrivalRow arrivals[] = {
    { .block = 7, .giver = 1, .asked_ns = 550000000, .first_ns = 600000000, .held_ns = 700000000 },
    { .block = 3, .giver = -1, .asked_ns = 550000001, .first_ns = SHOAL_ROW_NO_TIME, .held_ns = 700000000 },
  };
  const ShoalWaitRow waits[] = { { 500000000, "tracker", -1 },
                                 { 512345678, "uplinks", 0 },
                                 { 600000001, "downlink", -1 } };
  ShoalTransferRow *transfer = shoal_transfer_row_new ();
  transfer->node = g_strdup ("B");
  transfer->file = g_strdup ("F1");
  transfer->fid = g_strdup ("00ff");
  transfer->start_ns = 500000000;
  transfer->end_ns = end_ns;
  transfer->status = g_strdup (end_ns == SHOAL_ROW_NO_TIME ? "unfinished" : "done");
  transfer->arrivals = g_array_new (FALSE, FALSE, sizeof (ShoalArrivalRow));
  g_array_append_vals (transfer->arrivals, arrivals, G_N_ELEMENTS (arrivals));
  transfer->waits = g_array_new (FALSE, FALSE, sizeof (ShoalWaitRow));
  g_array_append_vals (transfer->waits, waits, G_N_ELEMENTS (waits));
  transfer->waits_end_ns = 2500000000;
  return transfer;
}

static ShoalRunRow *
make_run (int64_t end_ns)
{
  static const char *const names[] = { "A", "B" };
  ShoalRunRow *run = shoal_run_row_new ();
  run->scenario = g_strdup ("simple");
  run->resolved = g_strdup ("name: simple\n");
  run->backend = g_strdup ("sim");
  run->model = g_strdup ("p2p");
  run->program_version = g_strdup ("0.1.0");
  run->recorded = true;
  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ShoalNodeRow *node = shoal_node_row_new ();
      node->name = g_strdup (names[i]);
      node->role = g_strdup ("peer");
      g_ptr_array_add (run->nodes, node);
    }
  g_ptr_array_add (run->transfers, make_transfer (end_ns));
  return run;
}

static Scratch *folder;
static const char *path;

static void
set_up (void)
{
  folder = scratch_new ();
  path = scratch_path (folder, "runs.db");
}

static void
tear_down (void)
{
  scratch_free (folder);
}

static bool
add (ShoalRunRow *run, GError **error)
{
  g_autoptr (ShoalStore) store = shoal_store_open (path, SHOAL_STORE_WRITE, error);
  bool ok = store != NULL && shoal_store_add_run (store, run, error);
  shoal_run_row_free (run);
  return ok;
}

/* First column of the first row as text. */
static void
check (const char *sql, const char *expected)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
  ck_assert_msg (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) == SQLITE_OK, "%s", sqlite3_errmsg (db));
  ck_assert_int_eq (sqlite3_step (statement), SQLITE_ROW);
  ck_assert_pstr_eq ((const char *)sqlite3_column_text (statement, 0), expected);
  sqlite3_finalize (statement);
  sqlite3_close (db);
}

START_TEST (round_trip)
{
  ck_assert (add (make_run (2500000000), NULL));
  check ("SELECT recorded FROM runs", "1");
  check ("SELECT group_concat (block || ':' || coalesce (name, '-') || ':' || asked_ns || ':'"
         " || coalesce (first_ns, '-') || ':' || held_ns) FROM arrivals LEFT JOIN nodes ON nodes.id = giver",
         "3:-:550000001:-:700000000,7:B:550000000:600000000:700000000");
  check ("SELECT group_concat (start_ns || '+' || length_ns || ' ' || cause || ' ' || coalesce (name, '-'))"
         " FROM waits LEFT JOIN nodes ON nodes.id = peer",
         "500000000+12345678 tracker -,512345678+87654323 uplinks A,600000001+1899999999 downlink -");
  check ("SELECT node || ' ' || cause || ' ' || peer || ' ' || waited_s FROM where_time_went"
         " WHERE peer IS NOT NULL",
         "B uplinks A 0.087654323");
}
END_TEST

/* A download that the run's end left open waited until then. */
START_TEST (open_end)
{
  ck_assert (add (make_run (SHOAL_ROW_NO_TIME), NULL));
  check ("SELECT sum (length_ns) FROM waits", "2000000000");
}
END_TEST

/* A node that the run does not have is no row, and nothing of the run is kept. */
START_TEST (nobody)
{
  GError *error = NULL;
  ShoalRunRow *run = make_run (2500000000);
  ShoalTransferRow *transfer = g_ptr_array_index (run->transfers, 0);
  if (_i == 0)
    g_array_index (transfer->arrivals, ShoalArrivalRow, 1).giver = 2;
  else
    g_array_index (transfer->waits, ShoalWaitRow, 1).peer = 2;
  ck_assert (!add (run, &error));
  ck_assert (g_error_matches (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_VALUE));
  g_clear_error (&error);
  check ("SELECT count (*) FROM runs", "0");
}
END_TEST

/* With a run goes its record. */
START_TEST (deleted)
{
  ck_assert (add (make_run (2500000000), NULL));
  sqlite3 *db = NULL;
  ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (db, "PRAGMA foreign_keys = ON; DELETE FROM runs", NULL, NULL, NULL),
                    SQLITE_OK);
  sqlite3_close (db);
  check ("SELECT (SELECT count (*) FROM arrivals) + (SELECT count (*) FROM waits)", "0");
}
END_TEST

static Suite *
stored_record_suite (void)
{
  Suite *suite = suite_create ("stored-record");
  TCase *tc = tcase_create ("all");
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, round_trip);
  tcase_add_test (tc, open_end);
  tcase_add_loop_test (tc, nobody, 0, 2);
  tcase_add_test (tc, deleted);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (stored_record_suite (), NULL);
}
