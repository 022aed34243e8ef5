#include "results/table.h"

#include <string.h>

struct ShoalTable {
  unsigned columns;
  bool *is_number;
  GPtrArray *cells; /* of char *, row by row, the titles first */
};

ShoalTable *
shoal_table_new (unsigned columns, const char *const *titles, const bool *is_number)
{
  g_assert (columns > 0);
  ShoalTable *table = g_new0 (ShoalTable, 1);
  table->columns = columns;
  table->is_number = g_memdup2 (is_number, columns * sizeof *is_number);
  table->cells = g_ptr_array_new_with_free_func (g_free);
  for (unsigned i = 0; i < columns; i++)
    shoal_table_add (table, g_strdup (titles[i]));
  return table;
}

void
shoal_table_free (ShoalTable *table)
{
  if (table == NULL)
    return;
  g_ptr_array_unref (table->cells);
  g_free (table->is_number);
  g_free (table);
}

void
shoal_table_add (ShoalTable *table, char *text)
{
  g_ptr_array_add (table->cells, text != NULL ? text : g_strdup (""));
}

static const char *
cell (const ShoalTable *table, unsigned row, unsigned column)
{
  return g_ptr_array_index (table->cells, row * table->columns + column);
}

static unsigned
rows (const ShoalTable *table)
{
  g_assert (table->cells->len % table->columns == 0);
  return table->cells->len / table->columns;
}

/* Terminal columns of a text. */
static unsigned
width (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return (unsigned)strlen (text);
  unsigned n = 0;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar letter = g_utf8_get_char (c);
      n += g_unichar_iszerowidth (letter) ? 0 : g_unichar_iswide (letter) ? 2 : 1;
    }
  return n;
}

static unsigned
column_width (const ShoalTable *table, unsigned column)
{
  unsigned widest = 2; /* the rule below a title of Markdown needs two */
  for (unsigned row = 0; row < rows (table); row++)
    widest = MAX (widest, width (cell (table, row, column)));
  return widest;
}

static void
pad (GString *out, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    g_string_append_c (out, ' ');
}

static void
append_aligned (GString *out, const ShoalTable *table, unsigned row, unsigned column, unsigned room)
{
  const char *text = cell (table, row, column);
  unsigned spare = room - width (text);
  if (table->is_number[column])
    pad (out, spare);
  g_string_append (out, text);
  if (!table->is_number[column])
    pad (out, spare);
}

static void
print_text_row (const ShoalTable *table, unsigned row, const unsigned *widths, GString *out)
{
  for (unsigned column = 0; column < table->columns; column++)
    {
      if (column > 0)
        g_string_append (out, "  ");
      append_aligned (out, table, row, column, widths[column]);
    }
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '\n');
}

static void
print_markdown_row (const ShoalTable *table, unsigned row, const unsigned *widths, GString *out)
{
  for (unsigned column = 0; column < table->columns; column++)
    {
      g_string_append (out, "| ");
      append_aligned (out, table, row, column, widths[column]);
      g_string_append_c (out, ' ');
    }
  g_string_append (out, "|\n");
}

static void
print_markdown_rule (const ShoalTable *table, const unsigned *widths, GString *out)
{
  for (unsigned column = 0; column < table->columns; column++)
    {
      g_string_append (out, "| ");
      for (unsigned i = 1; i < widths[column]; i++)
        g_string_append_c (out, '-');
      g_string_append (out, table->is_number[column] ? ": " : "- ");
    }
  g_string_append (out, "|\n");
}

static void
print_csv_cell (const char *text, GString *out)
{
  if (text[strcspn (text, ",\"\r\n")] == '\0')
    {
      g_string_append (out, text);
      return;
    }
  g_string_append_c (out, '"');
  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *c);
    }
  g_string_append_c (out, '"');
}

static void
print_csv_row (const ShoalTable *table, unsigned row, GString *out)
{
  for (unsigned column = 0; column < table->columns; column++)
    {
      if (column > 0)
        g_string_append_c (out, ',');
      print_csv_cell (cell (table, row, column), out);
    }
  g_string_append_c (out, '\n');
}

char *
shoal_table_print (const ShoalTable *table, ShoalTableFormat format)
{
  GString *out = g_string_new (NULL);
  g_autofree unsigned *widths = g_new (unsigned, table->columns);
  for (unsigned column = 0; column < table->columns; column++)
    widths[column] = column_width (table, column);
  for (unsigned row = 0; row < rows (table); row++)
    {
      if (format == SHOAL_TABLE_CSV)
        print_csv_row (table, row, out);
      else if (format == SHOAL_TABLE_TEXT)
        print_text_row (table, row, widths, out);
      else
        print_markdown_row (table, row, widths, out);
      if (format == SHOAL_TABLE_MARKDOWN && row == 0)
        print_markdown_rule (table, widths, out);
    }
  return g_string_free (out, FALSE);
}
