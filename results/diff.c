#include "results/diff.h"

#include "results/query.h"

#include <inttypes.h>

static const char downloads_sql[] =
    "WITH numbered AS (SELECT t.run, n.name AS node, t.file, t.status, t.end_ns - t.start_ns AS ns,"
    "    row_number () OVER (PARTITION BY t.node, t.file ORDER BY t.id) AS attempt"
    "    FROM transfers t JOIN nodes n ON n.id = t.node WHERE t.run IN (?1, ?2)),"
    " x AS (SELECT * FROM numbered WHERE run = ?1), y AS (SELECT * FROM numbered WHERE run = ?2),"
    " keys AS (SELECT node, file, attempt FROM x UNION SELECT node, file, attempt FROM y)"
    " SELECT k.node, k.file, k.attempt, x.status, y.status, x.ns, y.ns FROM keys k"
    "   LEFT JOIN x ON x.node = k.node AND x.file = k.file AND x.attempt = k.attempt"
    "   LEFT JOIN y ON y.node = k.node AND y.file = k.file AND y.attempt = k.attempt"
    "  ORDER BY x.status IS NOT y.status DESC, abs (coalesce (y.ns - x.ns, 0)) DESC, k.node, k.file, "
    "k.attempt";

/* What happened in a run, in order. What happens at the same time is in the order of its words. ?2: blocks too. */
static const char moments_sql[] =
    "SELECT at_ns, what FROM (SELECT e.at_ns, n.name || ' ' || e.kind || coalesce (' ' || p.name, '')"
    "    || coalesce (' ' || e.file, '') || iif (e.value <> 0, ' ' || e.value, '') AS what"
    "    FROM events e JOIN nodes n ON n.id = e.node LEFT JOIN nodes p ON p.id = e.peer WHERE e.run = ?1"
    "  UNION ALL"
    "  SELECT a.held_ns, n.name || ' holds block ' || a.block || ' of ' || t.file || coalesce (' from ' || "
    "g.name, '')"
    "    FROM transfers t JOIN arrivals a ON a.transfer = t.id JOIN nodes n ON n.id = t.node"
    "    LEFT JOIN nodes g ON g.id = a.giver WHERE t.run = ?1 AND ?2)"
    " ORDER BY at_ns, what";

static void
free_parameter (void *data)
{
  ShoalParameterChange *change = data;
  g_free (change->what);
  g_free (change->a);
  g_free (change->b);
  g_free (change);
}

static void
free_download (void *data)
{
  ShoalDownloadChange *change = data;
  g_free (change->node);
  g_free (change->file);
  g_free (change->a_status);
  g_free (change->b_status);
  g_free (change);
}

void
shoal_run_diff_free (ShoalRunDiff *diff)
{
  if (diff == NULL)
    return;
  g_clear_pointer (&diff->parameters, g_ptr_array_unref);
  g_clear_pointer (&diff->lines, g_ptr_array_unref);
  g_clear_pointer (&diff->downloads, g_ptr_array_unref);
  g_free (diff->a_is);
  g_free (diff->b_is);
  g_free (diff);
}

/* ---- parameters ---- */

static void
compare_texts (ShoalRunDiff *diff, const char *what, const char *a, const char *b)
{
  if (g_strcmp0 (a, b) == 0)
    return;
  ShoalParameterChange *change = g_new0 (ShoalParameterChange, 1);
  *change = (ShoalParameterChange){ g_strdup (what), g_strdup (a), g_strdup (b) };
  g_ptr_array_add (diff->parameters, change);
}

static void
compare_parameters (ShoalRunDiff *diff, const ShoalRunHead *a, const ShoalRunHead *b)
{
  g_autofree char *a_seed = g_strdup_printf ("%" PRIu64, a->seed),
                  *b_seed = g_strdup_printf ("%" PRIu64, b->seed);
  g_autofree char *a_factor = g_strdup_printf ("%.9g", a->rate_factor);
  g_autofree char *b_factor = g_strdup_printf ("%.9g", b->rate_factor);
  compare_texts (diff, "scenario", a->scenario, b->scenario);
  compare_texts (diff, "model", a->model, b->model);
  compare_texts (diff, "strategy", a->strategy, b->strategy);
  compare_texts (diff, "seed", a_seed, b_seed);
  compare_texts (diff, "backend", a->backend, b->backend);
  compare_texts (diff, "rate factor", a_factor, b_factor);
  compare_texts (diff, "program version", a->program_version, b->program_version);
}

/* ---- downloads ---- */

int64_t
shoal_download_change_ns (const ShoalDownloadChange *change)
{
  bool both = change->a_ns != SHOAL_ROW_NO_TIME && change->b_ns != SHOAL_ROW_NO_TIME;
  return both ? change->b_ns - change->a_ns : 0;
}

bool
shoal_download_is_changed (const ShoalDownloadChange *change)
{
  return change->a_ns != change->b_ns || g_strcmp0 (change->a_status, change->b_status) != 0;
}

static void
read_download (ShoalRunDiff *diff, sqlite3_stmt *row)
{
  ShoalDownloadChange *change = g_new0 (ShoalDownloadChange, 1);
  change->node = shoal_column_text (row, 0);
  change->file = shoal_column_text (row, 1);
  change->attempt = (unsigned)sqlite3_column_int (row, 2);
  change->a_status = shoal_column_text (row, 3);
  change->b_status = shoal_column_text (row, 4);
  change->a_ns = shoal_column_int (row, 5, SHOAL_ROW_NO_TIME);
  change->b_ns = shoal_column_int (row, 6, SHOAL_ROW_NO_TIME);
  diff->changed += shoal_download_is_changed (change);
  g_ptr_array_add (diff->downloads, change);
}

static bool
read_downloads (ShoalStore *store, ShoalRunDiff *diff, const ShoalRunHead *a, const ShoalRunHead *b)
{
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2 (store->db, downloads_sql, -1, &statement, NULL);
  if (result == SQLITE_OK)
    {
      sqlite3_bind_int64 (statement, 1, a->id);
      sqlite3_bind_int64 (statement, 2, b->id);
      while ((result = sqlite3_step (statement)) == SQLITE_ROW)
        read_download (diff, statement);
    }
  sqlite3_finalize (statement);
  return result == SQLITE_DONE;
}

/* ---- the moment at which they part ---- */

static sqlite3_stmt *
begin_moments (ShoalStore *store, const ShoalRunHead *run, bool blocks)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2 (store->db, moments_sql, -1, &statement, NULL) != SQLITE_OK)
    return NULL;
  sqlite3_bind_int64 (statement, 1, run->id);
  sqlite3_bind_int (statement, 2, blocks);
  return statement;
}

static bool
same_moment (sqlite3_stmt *a, sqlite3_stmt *b)
{
  return sqlite3_column_int64 (a, 0) == sqlite3_column_int64 (b, 0)
         && g_strcmp0 ((const char *)sqlite3_column_text (a, 1), (const char *)sqlite3_column_text (b, 1))
                == 0;
}

/* "12.500000000 s: B choked C"; NULL: the run has ended. */
static char *
say_moment (sqlite3_stmt *row, int result)
{
  int64_t at_ns = result == SQLITE_ROW ? sqlite3_column_int64 (row, 0) : 0;
  return result != SQLITE_ROW ? NULL
                              : g_strdup_printf ("%" PRId64 ".%09" PRId64 " s: %s", at_ns / 1000000000,
                                                 at_ns % 1000000000, sqlite3_column_text (row, 1));
}

static void
set_moment (ShoalRunDiff *diff, sqlite3_stmt *a, int a_result, sqlite3_stmt *b, int b_result)
{
  int64_t a_ns = a_result == SQLITE_ROW ? sqlite3_column_int64 (a, 0) : INT64_MAX;
  int64_t b_ns = b_result == SQLITE_ROW ? sqlite3_column_int64 (b, 0) : INT64_MAX;
  diff->parts = true;
  diff->at_ns = MIN (a_ns, b_ns);
  diff->a_is = say_moment (a, a_result);
  diff->b_is = say_moment (b, b_result);
}

static bool
find_moment (ShoalStore *store, ShoalRunDiff *diff, const ShoalRunHead *a, const ShoalRunHead *b)
{
  bool blocks = a->recorded && b->recorded;
  sqlite3_stmt *x = begin_moments (store, a, blocks), *y = begin_moments (store, b, blocks);
  int x_result = SQLITE_ERROR, y_result = SQLITE_ERROR;
  if (x != NULL && y != NULL)
    do
      {
        x_result = sqlite3_step (x);
        y_result = sqlite3_step (y);
      }
    while (x_result == SQLITE_ROW && y_result == SQLITE_ROW && same_moment (x, y));
  bool ok = (x_result == SQLITE_ROW || x_result == SQLITE_DONE)
            && (y_result == SQLITE_ROW || y_result == SQLITE_DONE);
  if (ok && (x_result == SQLITE_ROW || y_result == SQLITE_ROW))
    set_moment (diff, x, x_result, y, y_result);
  sqlite3_finalize (x);
  sqlite3_finalize (y);
  return ok;
}

ShoalRunDiff *
shoal_store_diff (ShoalStore *store, const ShoalRunHead *a, const ShoalRunHead *b, GError **error)
{
  g_autoptr (ShoalRunDiff) diff = g_new0 (ShoalRunDiff, 1);
  diff->parameters = g_ptr_array_new_with_free_func (free_parameter);
  diff->downloads = g_ptr_array_new_with_free_func (free_download);
  diff->lines = shoal_diff_lines (a->resolved, b->resolved);
  compare_parameters (diff, a, b);
  if (read_downloads (store, diff, a, b) && find_moment (store, diff, a, b))
    return g_steal_pointer (&diff);
  shoal_store_set_error (error, store->db, store->path, "could not be read");
  return NULL;
}
