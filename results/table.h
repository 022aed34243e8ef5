/* Tables of short texts, written as aligned text, Markdown or CSV. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
  SHOAL_TABLE_TEXT,
  SHOAL_TABLE_MARKDOWN,
  SHOAL_TABLE_CSV, /* RFC 4180, but lines end with a newline alone */
} ShoalTableFormat;

typedef struct ShoalTable ShoalTable;

/* titles: `columns` of them, copied. Texts are aligned to the left, numbers to the right: is_number
 * has one flag a column. Owned by the caller. */
ShoalTable *shoal_table_new (unsigned columns, const char *const *titles, const bool *is_number);
void shoal_table_free (ShoalTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalTable, shoal_table_free)
/* Adds a cell after the last one, row by row; takes text over. NULL: empty. */
void shoal_table_add (ShoalTable *table, char *text);
/* The whole table, each line with its newline; the last row must be complete. Owned by the caller. */
char *shoal_table_print (const ShoalTable *table, ShoalTableFormat format);
