/* What a store tells: counterparts of a run and the comparison over seeds. */
#include "results/store-internal.h"

/* The values of one column over the seeds of one line. */
enum {
  P2P_MAKESPAN,
  SERVER_CLIENT_MAKESPAN,
  P2P_MEAN,
  SERVER_CLIENT_MEAN,
  BOUND,
  STRETCH,
  SPEEDUP,
  VALUES,
};

/* The columns before them. */
enum {
  SCENARIO,
  BACKEND,
  RATE_FACTOR,
  STRATEGY,
  FIRST_VALUE,
};

static const char comparison_sql[] =
    "SELECT c.scenario, c.backend, c.rate_factor, c.strategy, c.p2p_makespan_s, c.server_client_makespan_s,"
    "       c.p2p_mean_s, c.server_client_mean_s, c.bound_s, c.stretch, c.speedup"
    "  FROM comparison c JOIN (SELECT scenario, backend, rate_factor, min (id) AS first FROM runs"
    "                           GROUP BY scenario, backend, rate_factor) f"
    "    ON f.scenario = c.scenario AND f.backend = c.backend AND f.rate_factor = c.rate_factor"
    " ORDER BY f.first, c.strategy, c.seed";

static const char makespan_sql[] =
    "SELECT makespan_ns FROM runs WHERE scenario = ? AND backend = ? AND seed = ?"
    " AND model = ? AND setting = ? AND rate_factor = ? AND strategy IS ? ORDER BY id DESC LIMIT 1";

static bool
unreadable (ShoalStore *store, GError **error)
{
  shoal_store_set_error (error, store->db, store->path, "could not be read");
  return false;
}

bool
shoal_store_find_makespan (ShoalStore *store, const ShoalRunRow *like, const char *model,
                           const char *strategy, int64_t *makespan_ns, GError **error)
{
  sqlite3_stmt *statement = NULL;
  *makespan_ns = SHOAL_ROW_NO_TIME;
  if (sqlite3_prepare_v2 (store->db, makespan_sql, -1, &statement, NULL) != SQLITE_OK)
    return unreadable (store, error);
  sqlite3_bind_text (statement, 1, like->scenario, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 2, like->backend, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, (int64_t)MIN (like->seed, (uint64_t)INT64_MAX));
  sqlite3_bind_text (statement, 4, model, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 5, like->setting != NULL ? like->setting : like->resolved, -1, SQLITE_STATIC);
  sqlite3_bind_double (statement, 6, like->rate_factor);
  sqlite3_bind_text (statement, 7, strategy, -1, SQLITE_STATIC); /* NULL for NULL */
  int result = sqlite3_step (statement);
  if (result == SQLITE_ROW && sqlite3_column_type (statement, 0) != SQLITE_NULL)
    *makespan_ns = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return result == SQLITE_ROW || result == SQLITE_DONE || unreadable (store, error);
}

void
shoal_comparison_free (ShoalComparison *comparison)
{
  if (comparison == NULL)
    return;
  g_free (comparison->scenario);
  g_free (comparison->backend);
  g_free (comparison->strategy);
  g_free (comparison);
}

static ShoalSummary
summary_of (GArray *values)
{
  return shoal_summary ((const double *)values->data, values->len);
}

/* Moves the values gathered so far into the comparison they belong to. */
static void
finish (ShoalComparison *comparison, GArray *values[VALUES])
{
  if (comparison == NULL)
    return;
  comparison->p2p_makespan_s = summary_of (values[P2P_MAKESPAN]);
  comparison->server_client_makespan_s = summary_of (values[SERVER_CLIENT_MAKESPAN]);
  comparison->p2p_mean_s = summary_of (values[P2P_MEAN]);
  comparison->server_client_mean_s = summary_of (values[SERVER_CLIENT_MEAN]);
  comparison->bound_s = summary_of (values[BOUND]);
  comparison->stretch = summary_of (values[STRETCH]);
  comparison->speedup = summary_of (values[SPEEDUP]);
  for (unsigned i = 0; i < VALUES; i++)
    g_array_set_size (values[i], 0);
}

static ShoalComparison *
begin (sqlite3_stmt *row)
{
  ShoalComparison *comparison = g_new0 (ShoalComparison, 1);
  comparison->scenario = g_strdup ((const char *)sqlite3_column_text (row, SCENARIO));
  comparison->backend = g_strdup ((const char *)sqlite3_column_text (row, BACKEND));
  comparison->rate_factor = sqlite3_column_double (row, RATE_FACTOR);
  comparison->strategy = g_strdup ((const char *)sqlite3_column_text (row, STRATEGY));
  return comparison;
}

static bool
belongs (const ShoalComparison *comparison, sqlite3_stmt *row)
{
  return comparison != NULL && g_str_equal (comparison->scenario, sqlite3_column_text (row, SCENARIO))
         && g_str_equal (comparison->backend, sqlite3_column_text (row, BACKEND))
         && comparison->rate_factor == sqlite3_column_double (row, RATE_FACTOR)
         && g_strcmp0 (comparison->strategy, (const char *)sqlite3_column_text (row, STRATEGY)) == 0;
}

static void
gather (ShoalComparison *comparison, sqlite3_stmt *row, GArray *values[VALUES])
{
  comparison->seeds++;
  for (int i = 0; i < VALUES; i++)
    if (sqlite3_column_type (row, FIRST_VALUE + i) != SQLITE_NULL)
      {
        double value = sqlite3_column_double (row, FIRST_VALUE + i);
        g_array_append_val (values[i], value);
      }
}

static int
read_comparisons (sqlite3_stmt *statement, GPtrArray *out)
{
  GArray *values[VALUES];
  ShoalComparison *last = NULL;
  int result;
  for (unsigned i = 0; i < VALUES; i++)
    values[i] = g_array_new (FALSE, FALSE, sizeof (double));
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      if (!belongs (last, statement))
        {
          finish (last, values);
          g_ptr_array_add (out, last = begin (statement));
        }
      gather (last, statement, values);
    }
  finish (last, values);
  for (unsigned i = 0; i < VALUES; i++)
    g_array_unref (values[i]);
  return result;
}

GPtrArray *
shoal_store_list_comparisons (ShoalStore *store, GError **error)
{
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_comparison_free);
  sqlite3_stmt *statement = NULL;
  bool ok = sqlite3_prepare_v2 (store->db, comparison_sql, -1, &statement, NULL) == SQLITE_OK
            && read_comparisons (statement, out) == SQLITE_DONE;
  sqlite3_finalize (statement);
  if (ok)
    return g_steal_pointer (&out);
  unreadable (store, error);
  return NULL;
}
