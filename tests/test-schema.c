/* What a database is taken for while another process makes a store of it. */
#include "results/schema.h"
#include "tests/harness.h"

#include <glib/gstdio.h>
#include <string.h>

static char *folder, *path;

static void
set_up (void)
{
  folder = g_dir_make_tmp ("shoal-schema-XXXXXX", NULL);
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
  g_free (path);
  g_free (folder);
}

static sqlite3 *
open_file (void)
{
  sqlite3 *db = NULL;
  ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL), SQLITE_OK);
  return db;
}

typedef struct {
  sqlite3 *db;
  const char *moment; /* statement before which it happens */
  bool is_done;
} Other;

/* Another process makes the store just before a statement runs. */
static int
on_statement (unsigned kind, void *context, void *statement, void *text)
{
  Other *other = context;
  (void)kind, (void)statement;
  if (other->is_done || strcmp (text, other->moment) != 0)
    return 0;
  other->is_done = true;
  ck_assert (shoal_schema_migrate (other->db, &shoal_schema, path, NULL));
  return 0;
}

static const char *const moments[] = { "SELECT count (*) FROM sqlite_schema", "PRAGMA application_id",
                                       "PRAGMA user_version" };

START_TEST (test_made_meanwhile)
{
  sqlite3 *db = open_file ();
  Other other = { .db = open_file (), .moment = moments[_i] };
  unsigned version = 77;
  sqlite3_trace_v2 (db, SQLITE_TRACE_STMT, on_statement, &other);
  ck_assert (shoal_schema_recognise (db, &shoal_schema, path, &version, NULL));
  ck_assert (other.is_done);
  ck_assert (version == 0 || version == shoal_schema.count);
  /* What it was taken for holds no lock, and does not outlast the call. */
  ck_assert (shoal_schema_migrate (db, &shoal_schema, path, NULL));
  ck_assert (shoal_schema_recognise (db, &shoal_schema, path, &version, NULL));
  ck_assert_uint_eq (version, shoal_schema.count);
  sqlite3_close (other.db);
  sqlite3_close (db);
}
END_TEST

static void
execute (sqlite3 *db, const char *sql)
{
  char *why = NULL;
  ck_assert_msg (sqlite3_exec (db, sql, NULL, NULL, &why) == SQLITE_OK, "%s: %s", sql, why);
}

/* A store of version 1 with a run and its counterpart: both are taken for runs at the scenario's own rates. */
START_TEST (test_from_version_1)
{
  const ShoalSchema first = { shoal_schema.steps, 1 };
  sqlite3 *db = open_file ();
  sqlite3_stmt *statement = NULL;
  ck_assert (shoal_schema_migrate (db, &first, path, NULL));
  execute (db, "INSERT INTO runs (scenario, resolved, backend, model, seed, program_version, started_unix_s,"
               " wall_s, cpu_s, max_rss_bytes, makespan_ns, leechers, blocks, events, completed)"
               " VALUES ('s', 'x', 'sim', 'p2p', 1, '0', 0, 0, 0, 0, 1000000000, 1, 1, 1, 1),"
               " ('s', 'x', 'sim', 'server-client', 1, '0', 0, 0, 0, 0, 4000000000, 1, 1, 1, 1)");
  ck_assert (shoal_schema_migrate (db, &shoal_schema, path, NULL));
  execute (db, "INSERT INTO nodes VALUES (1, 1, 'B', 'peer', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
  execute (db, "INSERT INTO transfers VALUES (1, 1, 1, 'F', '00', NULL, NULL, NULL, 0, 'unfinished', NULL)");
  ck_assert_int_eq (
      sqlite3_prepare_v2 (db, "SELECT rate_factor, speedup FROM comparison", -1, &statement, NULL),
      SQLITE_OK);
  ck_assert_int_eq (sqlite3_step (statement), SQLITE_ROW);
  ck_assert_double_eq (sqlite3_column_double (statement, 0), 1);
  ck_assert_double_eq (sqlite3_column_double (statement, 1), 4);
  sqlite3_finalize (statement);
  sqlite3_close (db);
}
END_TEST

static Suite *
schema_suite (void)
{
  Suite *suite = suite_create ("schema");
  TCase *meanwhile = tcase_create ("meanwhile");
  tcase_add_checked_fixture (meanwhile, set_up, tear_down);
  tcase_add_loop_test (meanwhile, test_made_meanwhile, 0, G_N_ELEMENTS (moments));
  suite_add_tcase (suite, meanwhile);
  TCase *past = tcase_create ("past");
  tcase_add_checked_fixture (past, set_up, tear_down);
  tcase_add_test (past, test_from_version_1);
  suite_add_tcase (suite, past);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (schema_suite (), NULL);
}
