#include "results/study.h"

#include "results/store-internal.h"

static const char find_run_sql[] =
    "SELECT max (id) FROM runs WHERE scenario = ? AND backend = 'sim' AND seed = ? AND model = ?"
    " AND program_version = ? AND rate_factor = 1"
    " AND CASE model WHEN 'p2p' THEN resolved ELSE setting END = ?";
static const char drop_study_sql[] = "DELETE FROM studies WHERE name = ?";
static const char add_study_sql[] = "INSERT INTO studies (name, description, x) VALUES (?, ?, ?)";
static const char add_figure_sql[] = "INSERT INTO study_figures (study, position, figure) VALUES (?, ?, ?)";
static const char add_value_sql[] =
    "INSERT INTO study_values (study, point, position, parameter, value, number, unit)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)";
static const char add_cell_sql[] =
    "INSERT INTO study_cells (study, point, model, seed, run) VALUES (?, ?, ?, ?, ?)";
static const char set_cell_sql[] =
    "UPDATE study_cells SET run = ?, error = ? WHERE point = ? AND model = ? AND seed = ?"
    " AND study = (SELECT id FROM studies WHERE name = ?)";

static void
free_value (void *data)
{
  ShoalStudyValueRow *value = data;
  g_free (value->parameter);
  g_free (value->value);
  g_free (value->unit);
  g_free (value);
}

ShoalStudyRow *
shoal_study_row_new (void)
{
  ShoalStudyRow *study = g_new0 (ShoalStudyRow, 1);
  study->figures = g_ptr_array_new_with_free_func (g_free);
  study->points = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  study->cells = g_array_new (FALSE, FALSE, sizeof (ShoalStudyCellRow));
  return study;
}

void
shoal_study_row_free (ShoalStudyRow *study)
{
  if (study == NULL)
    return;
  g_free (study->name);
  g_free (study->description);
  g_free (study->x);
  g_ptr_array_unref (study->figures);
  g_ptr_array_unref (study->points);
  g_array_unref (study->cells);
  g_free (study);
}

GPtrArray *
shoal_study_row_add_point (ShoalStudyRow *study)
{
  GPtrArray *values = g_ptr_array_new_with_free_func (free_value);
  g_ptr_array_add (study->points, values);
  return values;
}

/* --- writing ---------------------------------------------------------------------------------- */

static sqlite3_stmt *
prepare (ShoalStore *store, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  sqlite3_prepare_v2 (store->db, sql, -1, &statement, NULL);
  return statement;
}

static void
bind_text (sqlite3_stmt *statement, int column, const char *text)
{
  sqlite3_bind_text (statement, column, text, -1, SQLITE_STATIC);
}

/* Seeds as runs have them: what does not fit is stored as the largest. */
static void
bind_seed (sqlite3_stmt *statement, int column, uint64_t seed)
{
  sqlite3_bind_int64 (statement, column, (int64_t)MIN (seed, (uint64_t)INT64_MAX));
}

static void
bind_run (sqlite3_stmt *statement, int column, int64_t run)
{
  if (run > 0)
    sqlite3_bind_int64 (statement, column, run);
  else
    sqlite3_bind_null (statement, column);
}

/* Runs a statement that gives no rows, and makes it ready for the next. */
static bool
step (sqlite3_stmt *statement)
{
  bool ok = statement != NULL && sqlite3_step (statement) == SQLITE_DONE;
  sqlite3_reset (statement);
  return ok;
}

/* Runs it and is done with it. */
static bool
step_once (sqlite3_stmt *statement)
{
  bool ok = step (statement);
  sqlite3_finalize (statement);
  return ok;
}

static bool
add_head (ShoalStore *store, const ShoalStudyRow *study, int64_t *id)
{
  sqlite3_stmt *drop = prepare (store, drop_study_sql);
  bind_text (drop, 1, study->name);
  if (!step_once (drop))
    return false;
  sqlite3_stmt *add = prepare (store, add_study_sql);
  bind_text (add, 1, study->name);
  bind_text (add, 2, study->description);
  bind_text (add, 3, study->x);
  bool ok = step_once (add);
  *id = sqlite3_last_insert_rowid (store->db);
  return ok;
}

static bool
add_figures (ShoalStore *store, const ShoalStudyRow *study, int64_t id)
{
  sqlite3_stmt *add = prepare (store, add_figure_sql);
  bool ok = add != NULL;
  for (unsigned i = 0; ok && i < study->figures->len; i++)
    {
      sqlite3_bind_int64 (add, 1, id);
      sqlite3_bind_int64 (add, 2, i);
      bind_text (add, 3, g_ptr_array_index (study->figures, i));
      ok = step (add);
    }
  sqlite3_finalize (add);
  return ok;
}

static bool
add_value (sqlite3_stmt *add, int64_t id, unsigned point, unsigned position, const ShoalStudyValueRow *value)
{
  sqlite3_bind_int64 (add, 1, id);
  sqlite3_bind_int64 (add, 2, point);
  sqlite3_bind_int64 (add, 3, position);
  bind_text (add, 4, value->parameter);
  bind_text (add, 5, value->value);
  if (value->unit != NULL)
    sqlite3_bind_double (add, 6, value->number);
  else
    sqlite3_bind_null (add, 6);
  bind_text (add, 7, value->unit);
  return step (add);
}

static bool
add_values (ShoalStore *store, const ShoalStudyRow *study, int64_t id)
{
  sqlite3_stmt *add = prepare (store, add_value_sql);
  bool ok = add != NULL;
  for (unsigned i = 0; ok && i < study->points->len; i++)
    {
      const GPtrArray *values = g_ptr_array_index (study->points, i);
      for (unsigned k = 0; ok && k < values->len; k++)
        ok = add_value (add, id, i, k, g_ptr_array_index (values, k));
    }
  sqlite3_finalize (add);
  return ok;
}

static bool
add_cells (ShoalStore *store, const ShoalStudyRow *study, int64_t id)
{
  sqlite3_stmt *add = prepare (store, add_cell_sql);
  bool ok = add != NULL;
  for (unsigned i = 0; ok && i < study->cells->len; i++)
    {
      const ShoalStudyCellRow *cell = &g_array_index (study->cells, ShoalStudyCellRow, i);
      sqlite3_bind_int64 (add, 1, id);
      sqlite3_bind_int64 (add, 2, cell->point);
      bind_text (add, 3, cell->model);
      bind_seed (add, 4, cell->seed);
      bind_run (add, 5, cell->run);
      ok = step (add);
    }
  sqlite3_finalize (add);
  return ok;
}

static bool
add_study (ShoalStore *store, const ShoalStudyRow *study)
{
  int64_t id = 0;
  return add_head (store, study, &id) && add_figures (store, study, id) && add_values (store, study, id)
         && add_cells (store, study, id);
}

bool
shoal_store_set_study (ShoalStore *store, const ShoalStudyRow *study, GError **error)
{
  bool ok = sqlite3_exec (store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK
            && add_study (store, study) && sqlite3_exec (store->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
  if (ok)
    return true;
  shoal_store_set_error (error, store->db, store->path, "a study could not be stored");
  if (!sqlite3_get_autocommit (store->db))
    sqlite3_exec (store->db, "ROLLBACK", NULL, NULL, NULL);
  return false;
}

bool
shoal_store_set_cell (ShoalStore *store, const char *study, const ShoalStudyCellRow *cell,
                      const char *why_not, GError **error)
{
  sqlite3_stmt *set = prepare (store, set_cell_sql);
  bind_run (set, 1, cell->run);
  bind_text (set, 2, why_not);
  sqlite3_bind_int64 (set, 3, cell->point);
  bind_text (set, 4, cell->model);
  bind_seed (set, 5, cell->seed);
  bind_text (set, 6, study);
  if (step_once (set))
    return true;
  shoal_store_set_error (error, store->db, store->path, "a cell of a study could not be stored");
  return false;
}

bool
shoal_store_find_run (ShoalStore *store, const ShoalRunKey *key, int64_t *run, GError **error)
{
  sqlite3_stmt *find = prepare (store, find_run_sql);
  *run = 0;
  bind_text (find, 1, key->scenario);
  bind_seed (find, 2, key->seed);
  bind_text (find, 3, key->model);
  bind_text (find, 4, key->program_version);
  bind_text (find, 5, key->text);
  bool ok = sqlite3_step (find) == SQLITE_ROW;
  if (ok)
    *run = sqlite3_column_int64 (find, 0); /* NULL is 0 */
  else
    shoal_store_set_error (error, store->db, store->path, "could not be read");
  sqlite3_finalize (find);
  return ok;
}
