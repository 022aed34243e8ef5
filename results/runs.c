#include "results/runs.h"

#include "results/query.h"

#include <inttypes.h>

/* Of the runs that there are, so many are told. */
#define TOLD 12

static const char head_sql[] = "SELECT id, scenario, resolved, backend, model, program_version, strategy, "
                               "trace_sha256, seed, rate_factor,"
                               "       makespan_ns, bound_ns, completed, recorded"
                               "  FROM runs WHERE (id = ?1 OR (?1 IS NULL AND scenario = ?2))"
                               "   AND (?3 IS NULL OR model = ?3) AND (?4 IS NULL OR strategy = ?4)"
                               "   AND (?5 IS NULL OR seed = ?5)"
                               " ORDER BY model = 'p2p' DESC, id DESC LIMIT 1";
static const char told_sql[] = "SELECT id || ' (' || scenario || ', ' || model"
                               " || iif (strategy IS NULL OR strategy = 'none', '', ', ' || strategy)"
                               " || ', seed ' || seed || iif (backend = 'real', ', for real', '') || ')'"
                               " FROM runs ORDER BY scenario = ?2 DESC, id DESC LIMIT ?1";
static const char count_sql[] = "SELECT count (*) FROM runs";

void
shoal_run_head_free (ShoalRunHead *head)
{
  if (head == NULL)
    return;
  g_free (head->scenario);
  g_free (head->resolved);
  g_free (head->backend);
  g_free (head->model);
  g_free (head->program_version);
  g_free (head->strategy);
  g_free (head->trace_sha256);
  g_free (head);
}

char *
shoal_run_head_name (const ShoalRunHead *head)
{
  g_autofree char *factor =
      head->rate_factor == 1 ? g_strdup ("") : g_strdup_printf (", rates x %.9g", head->rate_factor);
  bool is_plain = head->strategy == NULL || g_str_equal (head->strategy, "none");
  return g_strdup_printf ("run %" PRId64 " (%s, %s%s%s, seed %" PRIu64 "%s%s)", head->id, head->scenario,
                          head->model, is_plain ? "" : ", ", is_plain ? "" : head->strategy, head->seed,
                          g_str_equal (head->backend, "real") ? ", for real" : "", factor);
}

static ShoalRunHead *
read_head (sqlite3_stmt *row)
{
  ShoalRunHead *head = g_new0 (ShoalRunHead, 1);
  int c = 0;
  head->id = sqlite3_column_int64 (row, c++);
  head->scenario = shoal_column_text (row, c++);
  head->resolved = shoal_column_text (row, c++);
  head->backend = shoal_column_text (row, c++);
  head->model = shoal_column_text (row, c++);
  head->program_version = shoal_column_text (row, c++);
  head->strategy = shoal_column_text (row, c++);
  head->trace_sha256 = shoal_column_text (row, c++);
  head->seed = (uint64_t)sqlite3_column_int64 (row, c++);
  head->rate_factor = sqlite3_column_double (row, c++);
  head->makespan_ns = shoal_column_int (row, c++, SHOAL_ROW_NO_TIME);
  head->bound_ns = shoal_column_int (row, c++, SHOAL_ROW_NO_TIME);
  head->completed = sqlite3_column_int (row, c++);
  head->recorded = sqlite3_column_int (row, c++);
  return head;
}

/* Digits alone are a number. */
static bool
read_number (const char *word, int64_t *number)
{
  uint64_t value;
  bool ok = g_ascii_string_to_unsigned (word, 10, 0, INT64_MAX, &value, NULL);
  *number = ok ? (int64_t)value : 0;
  return ok;
}

/* NULL is bound as NULL. */
static void
bind_wish (sqlite3_stmt *statement, const ShoalRunWish *wish)
{
  int64_t number;
  if (read_number (wish->word, &number))
    sqlite3_bind_int64 (statement, 1, number);
  sqlite3_bind_text (statement, 2, wish->word, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 3, wish->model, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 4, wish->strategy, -1, SQLITE_STATIC);
  if (wish->seed != NULL)
    sqlite3_bind_int64 (statement, 5, (int64_t)*wish->seed);
}

/* NULL: there is none, or *result says what went wrong. */
static ShoalRunHead *
find (ShoalStore *store, const ShoalRunWish *wish, int *result)
{
  sqlite3_stmt *statement = NULL;
  ShoalRunHead *head = NULL;
  *result = sqlite3_prepare_v2 (store->db, head_sql, -1, &statement, NULL);
  if (*result != SQLITE_OK)
    return NULL;
  bind_wish (statement, wish);
  if ((*result = sqlite3_step (statement)) == SQLITE_ROW)
    head = read_head (statement);
  sqlite3_finalize (statement);
  return head;
}

/* "7 (speed, p2p, seed 1), 6 (…)": those of this scenario first, and the newest first. */
static char *
list_runs (ShoalStore *store, const char *scenario, int64_t *count)
{
  GString *out = g_string_new (NULL);
  sqlite3_stmt *statement = NULL;
  *count = 0;
  if (sqlite3_prepare_v2 (store->db, count_sql, -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    *count = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  if (sqlite3_prepare_v2 (store->db, told_sql, -1, &statement, NULL) == SQLITE_OK)
    {
      sqlite3_bind_int (statement, 1, TOLD);
      sqlite3_bind_text (statement, 2, scenario, -1, SQLITE_STATIC);
      while (sqlite3_step (statement) == SQLITE_ROW)
        g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", sqlite3_column_text (statement, 0));
    }
  sqlite3_finalize (statement);
  return g_string_free (out, FALSE);
}

/* " (server-client, seed 7)": what is wished beside the word; empty: nothing. Owned by the caller. */
static char *
wish_in_words (const ShoalRunWish *wish)
{
  g_autofree char *seed = wish->seed != NULL ? g_strdup_printf ("seed %" PRIu64, *wish->seed) : NULL;
  const char *all[] = { wish->model, wish->strategy, seed };
  GString *out = g_string_new (NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] != NULL)
      g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : " (", all[i]);
  if (out->len > 0)
    g_string_append_c (out, ')');
  return g_string_free (out, FALSE);
}

static void
set_unknown (ShoalStore *store, const ShoalRunWish *wish, GError **error)
{
  int64_t count;
  g_autofree char *list = list_runs (store, wish->word, &count), *more = wish_in_words (wish);
  if (count == 0)
    g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_UNKNOWN,
                 "%s has no runs yet; `shoal run SCENARIO --store %s` makes one", store->path, store->path);
  else
    g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_UNKNOWN,
                 "%s has no run '%s'%s; name one by its number or its scenario; it has %s%s", store->path,
                 wish->word, more, list, count > TOLD ? ", and older ones" : "");
}

ShoalRunHead *
shoal_store_choose_run (ShoalStore *store, const ShoalRunWish *wish, GError **error)
{
  int result;
  ShoalRunHead *head = find (store, wish, &result);
  if (head == NULL && result == SQLITE_DONE)
    set_unknown (store, wish, error);
  else if (head == NULL)
    shoal_store_set_error (error, store->db, store->path, "could not be read");
  return head;
}

ShoalRunHead *
shoal_store_look_up_run (ShoalStore *store, const char *word, GError **error)
{
  return shoal_store_choose_run (store, &(ShoalRunWish){ .word = word }, error);
}
