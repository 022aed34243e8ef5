/* Reads what a run's downloads waited for out of a store. */
#include "results/explain.h"

#include "results/query.h"

/* Of the nodes that there are, so many are told. */
#define TOLD 20

/* Where rates change during the run, or part of the file was there already, nothing is said of a bound. */
static const char downloads_sql[] =
    "WITH sizes AS (SELECT file, max (bytes) AS size, min (start_ns) AS first_ns FROM transfers"
    "                WHERE run = ?1 AND start_ns IS NOT NULL GROUP BY file),"
    " offers AS (SELECT file, sum (up) AS up, min (up) AS least FROM"
    "             (SELECT DISTINCT e.file, e.node, n.upload_bytes_per_s AS up FROM events e"
    "                JOIN nodes n ON n.id = e.node WHERE e.run = ?1 AND e.kind = 'registered') GROUP BY file)"
    " SELECT t.id, n.name, t.file, t.status, t.reason, t.start_ns,"
    "        (SELECT max (w.start_ns + w.length_ns) FROM waits w WHERE w.transfer = t.id), t.end_ns,"
    "        n.download_bytes_per_s, iif (o.least > 0, o.up, 0), s.size, t.start_ns - s.first_ns,"
    "        t.status = 'done' AND NOT EXISTS (SELECT 1 FROM events WHERE run = ?1 AND kind IN "
    "('upload-rate', 'download-rate'))"
    "        AND NOT EXISTS (SELECT 1 FROM arrivals a WHERE a.transfer = t.id AND a.first_ns IS NULL)"
    "   FROM transfers t JOIN nodes n ON n.id = t.node JOIN sizes s ON s.file = t.file"
    "   LEFT JOIN offers o ON o.file = t.file"
    "  WHERE t.run = ?1 AND t.start_ns IS NOT NULL AND (?2 IS NULL OR n.name = ?2) ORDER BY t.id";

/* Columns of downloads_sql. */
enum {
  TRANSFER,
  NODE,
  FILE_NAME,
  STATUS,
  REASON,
  START,
  WAITS_END,
  END,
  DOWNLOAD_RATE,
  OFFERS_RATE,
  SIZE,
  AFTER_FIRST,
  IS_BOUNDED,
};

static const char shares_sql[] =
    "SELECT w.cause, p.name, sum (w.length_ns) AS ns, count (*) FROM waits w LEFT JOIN nodes p ON p.id = "
    "w.peer"
    " WHERE w.transfer = ? GROUP BY w.cause, w.peer ORDER BY ns DESC, w.cause, p.name";
static const char nodes_sql[] = "SELECT DISTINCT n.name FROM transfers t JOIN nodes n ON n.id = t.node"
                                " WHERE t.run = ? AND t.start_ns IS NOT NULL ORDER BY t.id";

static void
free_share (void *data)
{
  ShoalShare *share = data;
  g_free (share->cause);
  g_free (share->peer);
  g_free (share);
}

static void
free_explanation (void *data)
{
  ShoalExplanation *explanation = data;
  g_free (explanation->node);
  g_free (explanation->file);
  g_free (explanation->status);
  g_free (explanation->reason);
  g_ptr_array_unref (explanation->shares);
  g_free (explanation);
}

/* How long so many bytes take; 0: no time at all. */
static int64_t
passage_ns (int64_t bytes, int64_t bytes_per_s)
{
  return bytes_per_s > 0 ? (int64_t)((double)bytes / (double)bytes_per_s * 1e9) : 0;
}

/* All of the file passes the node's downlink. And all of it leaves those who offer it, at least once, after the
 * first has asked for it: who begins later may find that done. */
static void
set_bound (ShoalExplanation *explanation, sqlite3_stmt *row)
{
  explanation->bound_ns = SHOAL_ROW_NO_TIME;
  if (!sqlite3_column_int (row, IS_BOUNDED))
    return;
  int64_t size = sqlite3_column_int64 (row, SIZE);
  int64_t down = passage_ns (size, sqlite3_column_int64 (row, DOWNLOAD_RATE));
  int64_t up =
      passage_ns (size, sqlite3_column_int64 (row, OFFERS_RATE)) - sqlite3_column_int64 (row, AFTER_FIRST);
  if (MAX (down, up) <= 0)
    return;
  explanation->bound_ns = MAX (down, up);
  explanation->limit = down >= up ? SHOAL_LIMIT_DOWNLINK : SHOAL_LIMIT_HOLDERS;
}

static ShoalExplanation *
read_download (sqlite3_stmt *row)
{
  ShoalExplanation *explanation = g_new0 (ShoalExplanation, 1);
  explanation->transfer = sqlite3_column_int64 (row, TRANSFER);
  explanation->node = shoal_column_text (row, NODE);
  explanation->file = shoal_column_text (row, FILE_NAME);
  explanation->status = shoal_column_text (row, STATUS);
  explanation->reason = shoal_column_text (row, REASON);
  explanation->start_ns = sqlite3_column_int64 (row, START);
  explanation->is_open = sqlite3_column_type (row, END) == SQLITE_NULL;
  int end = explanation->is_open ? WAITS_END : END;
  bool known = sqlite3_column_type (row, end) != SQLITE_NULL;
  explanation->took_ns = known ? sqlite3_column_int64 (row, end) - explanation->start_ns : 0;
  explanation->shares = g_ptr_array_new_with_free_func (free_share);
  set_bound (explanation, row);
  return explanation;
}

static int
read_shares (sqlite3_stmt *statement, ShoalExplanation *explanation)
{
  int result;
  sqlite3_reset (statement);
  sqlite3_bind_int64 (statement, 1, explanation->transfer);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      ShoalShare *share = g_new0 (ShoalShare, 1);
      share->cause = shoal_column_text (statement, 0);
      share->peer = shoal_column_text (statement, 1);
      share->ns = sqlite3_column_int64 (statement, 2);
      share->spans = (unsigned)sqlite3_column_int (statement, 3);
      g_ptr_array_add (explanation->shares, share);
    }
  return result;
}

static bool
read_downloads (ShoalStore *store, const ShoalRunHead *run, const char *node, GPtrArray *out)
{
  sqlite3_stmt *downloads = NULL, *shares = NULL;
  bool ok = sqlite3_prepare_v2 (store->db, downloads_sql, -1, &downloads, NULL) == SQLITE_OK
            && sqlite3_prepare_v2 (store->db, shares_sql, -1, &shares, NULL) == SQLITE_OK;
  if (ok)
    {
      sqlite3_bind_int64 (downloads, 1, run->id);
      sqlite3_bind_text (downloads, 2, node, -1, SQLITE_STATIC);
    }
  int result = SQLITE_ROW;
  while (ok && (result = sqlite3_step (downloads)) == SQLITE_ROW)
    {
      ShoalExplanation *explanation = read_download (downloads);
      g_ptr_array_add (out, explanation);
      ok = read_shares (shares, explanation) == SQLITE_DONE;
    }
  sqlite3_finalize (downloads);
  sqlite3_finalize (shares);
  return ok && result == SQLITE_DONE;
}

static char *
list_nodes (ShoalStore *store, const ShoalRunHead *run)
{
  GString *out = g_string_new (NULL);
  sqlite3_stmt *statement = NULL;
  unsigned count = 0;
  if (sqlite3_prepare_v2 (store->db, nodes_sql, -1, &statement, NULL) == SQLITE_OK)
    {
      sqlite3_bind_int64 (statement, 1, run->id);
      for (; sqlite3_step (statement) == SQLITE_ROW; count++)
        if (count < TOLD)
          g_string_append_printf (out, "%s%s", count > 0 ? ", " : "", sqlite3_column_text (statement, 0));
    }
  sqlite3_finalize (statement);
  if (count > TOLD)
    g_string_append_printf (out, " and %u more", count - TOLD);
  return g_string_free (out, FALSE);
}

static void
set_unknown (ShoalStore *store, const ShoalRunHead *run, const char *node, GError **error)
{
  g_autofree char *name = shoal_run_head_name (run), *nodes = list_nodes (store, run);
  if (*nodes == '\0')
    g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_UNKNOWN, "%s: no download began in it", name);
  else
    g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_UNKNOWN,
                 "%s: '%s' is no node that downloads; these are: %s", name, node, nodes);
}

GPtrArray *
shoal_store_explain (ShoalStore *store, const ShoalRunHead *run, const char *node, GError **error)
{
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func (free_explanation);
  g_autofree char *name = shoal_run_head_name (run);
  if (!run->recorded)
    g_set_error (
        error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_UNRECORDED,
        "%s: what its downloads waited for was not recorded: a study, an older shoal or --no-recording "
        "played it; `shoal run --store` records it",
        name);
  else if (!read_downloads (store, run, node, out))
    shoal_store_set_error (error, store->db, store->path, "could not be read");
  else if (out->len > 0 || node == NULL)
    return g_steal_pointer (&out);
  else
    set_unknown (store, run, node, error);
  return NULL;
}

int64_t
shoal_explanation_of_cause (const ShoalExplanation *explanation, const char *cause)
{
  int64_t sum = 0;
  for (unsigned i = 0; i < explanation->shares->len; i++)
    {
      const ShoalShare *share = g_ptr_array_index (explanation->shares, i);
      if (g_str_equal (share->cause, cause))
        sum += share->ns;
    }
  return sum;
}
