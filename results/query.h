/* Reading rows of a store, one after the other. Private to results/. */
#pragma once

#include "results/store-internal.h"

/* The text of a column with what is not UTF-8 replaced; NULL: there is none. Owned by the caller. */
char *shoal_column_text (sqlite3_stmt *row, int column);
/* A time or count; otherwise: what NULL is taken for. */
int64_t shoal_column_int (sqlite3_stmt *row, int column, int64_t otherwise);

/* A statement under way. On the stack; every one that was begun is ended. */
typedef struct {
  ShoalStore *store;
  sqlite3_stmt *row; /* columns of the row that shoal_query_next() found */
  int result;        /* of SQLite's last call */
} ShoalQuery;

/* sql: one SELECT, with as many parameters as are bound before the first shoal_query_next(). */
void shoal_query_begin (ShoalQuery *query, ShoalStore *store, const char *sql);
/* The same, with the first parameter bound to an integer: a run's or a transfer's id. */
void shoal_query_begin_for (ShoalQuery *query, ShoalStore *store, const char *sql, int64_t id);
/* True: there is a row. False: no more, or an error, which shoal_query_end() tells. */
bool shoal_query_next (ShoalQuery *query);
/* False and error: the rows could not all be read. */
bool shoal_query_end (ShoalQuery *query, GError **error);

/* The same of the row that was found. */
char *shoal_query_text (const ShoalQuery *query, int column);
int64_t shoal_query_int (const ShoalQuery *query, int column, int64_t otherwise);
