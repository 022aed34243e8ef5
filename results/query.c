#include "results/query.h"

void
shoal_query_begin (ShoalQuery *query, ShoalStore *store, const char *sql)
{
  *query = (ShoalQuery){ .store = store };
  query->result = sqlite3_prepare_v2 (store->db, sql, -1, &query->row, NULL);
}

void
shoal_query_begin_for (ShoalQuery *query, ShoalStore *store, const char *sql, int64_t id)
{
  shoal_query_begin (query, store, sql);
  if (query->result == SQLITE_OK)
    query->result = sqlite3_bind_int64 (query->row, 1, id);
}

bool
shoal_query_next (ShoalQuery *query)
{
  if (query->result == SQLITE_OK || query->result == SQLITE_ROW)
    query->result = sqlite3_step (query->row);
  return query->result == SQLITE_ROW;
}

bool
shoal_query_end (ShoalQuery *query, GError **error)
{
  bool ok = query->result == SQLITE_OK || query->result == SQLITE_ROW || query->result == SQLITE_DONE;
  if (!ok)
    shoal_store_set_error (error, query->store->db, query->store->path, "could not be read");
  sqlite3_finalize (query->row);
  query->row = NULL;
  return ok;
}

char *
shoal_column_text (sqlite3_stmt *row, int column)
{
  const char *text = (const char *)sqlite3_column_text (row, column);
  return text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

int64_t
shoal_column_int (sqlite3_stmt *row, int column, int64_t otherwise)
{
  return sqlite3_column_type (row, column) == SQLITE_NULL ? otherwise : sqlite3_column_int64 (row, column);
}

char *
shoal_query_text (const ShoalQuery *query, int column)
{
  return shoal_column_text (query->row, column);
}

int64_t
shoal_query_int (const ShoalQuery *query, int column, int64_t otherwise)
{
  return shoal_column_int (query->row, column, otherwise);
}
