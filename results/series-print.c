/* Writes series as tables and as JSON. */
#include "results/series.h"
#include "results/table.h"

#include <json-glib/json-glib.h>
#include <math.h>

/* Columns before the figures: the axis, the other parameters, the model, seeds that were played. */
static unsigned
key_columns (const ShoalStudySeries *study)
{
  return 1 + study->others->len + 2;
}

/* So that about four digits are told. */
static int
decimals (double value)
{
  return fabs (value) < 10 ? 3 : fabs (value) < 100 ? 2 : fabs (value) < 1000 ? 1 : 0;
}

/* Median, and the range when the seeds differ by more than is shown. */
static char *
print_summary (const ShoalSummary *s)
{
  if (s->n == 0)
    return g_strdup ("-");
  int places = decimals (s->median);
  g_autofree char *median = g_strdup_printf ("%.*f", places, s->median);
  g_autofree char *least = g_strdup_printf ("%.*f", places, s->min);
  g_autofree char *most = g_strdup_printf ("%.*f", places, s->max);
  if (g_str_equal (least, most))
    return g_steal_pointer (&median);
  return g_strdup_printf ("%s (%s-%s)", median, least, most);
}

/* "makespan s". */
static char *
title (const char *figure)
{
  const char *unit = shoal_figure_unit (figure);
  return *unit != '\0' ? g_strdup_printf ("%s %s", figure, unit) : g_strdup (figure);
}

static void
add_key_titles (const ShoalStudySeries *study, GPtrArray *titles)
{
  g_ptr_array_add (titles, g_strdup (study->x));
  for (unsigned i = 0; i < study->others->len; i++)
    g_ptr_array_add (titles, g_strdup (g_ptr_array_index (study->others, i)));
  g_ptr_array_add (titles, g_strdup ("model"));
  g_ptr_array_add (titles, g_strdup ("seeds"));
}

static void
add_figure_titles (const ShoalStudySeries *study, bool in_parts, GPtrArray *titles)
{
  static const char *const parts[] = { "median", "min", "max" };
  for (unsigned i = 0; i < study->figures->len; i++)
    {
      const char *figure = g_ptr_array_index (study->figures, i);
      g_autofree char *key = shoal_figure_key (figure);
      if (!in_parts)
        g_ptr_array_add (titles, title (figure));
      for (unsigned k = 0; in_parts && k < G_N_ELEMENTS (parts); k++)
        g_ptr_array_add (titles, g_strdup_printf ("%s_%s", key, parts[k]));
    }
}

static void
add_keys (const ShoalSeries *series, const ShoalSeriesPoint *point, ShoalTable *table)
{
  shoal_table_add (table, g_strdup (point->value));
  for (unsigned i = 0; i < series->values->len; i++)
    shoal_table_add (table, g_strdup (g_ptr_array_index (series->values, i)));
  shoal_table_add (table, g_strdup (series->model));
  shoal_table_add (table, point->played == point->cells
                              ? g_strdup_printf ("%u", point->cells)
                              : g_strdup_printf ("%u of %u", point->played, point->cells));
}

static void
add_number (ShoalTable *table, const ShoalSummary *s, double value)
{
  shoal_table_add (table, s->n > 0 ? g_strdup_printf ("%.9g", value) : NULL);
}

static void
add_figures (const ShoalStudySeries *study, const ShoalSeriesPoint *point, bool in_parts, ShoalTable *table)
{
  for (unsigned i = 0; i < study->figures->len; i++)
    {
      const ShoalSummary *s = &point->figures[i];
      if (!in_parts)
        {
          shoal_table_add (table, print_summary (s));
          continue;
        }
      add_number (table, s, s->median);
      add_number (table, s, s->min);
      add_number (table, s, s->max);
    }
}

/* Points in the order of the axis, series within: what is set against each other stands together. */
static void
add_rows (const ShoalStudySeries *study, bool in_parts, ShoalTable *table)
{
  bool more = true;
  for (unsigned p = 0; more; p++)
    {
      more = false;
      for (unsigned i = 0; i < study->series->len; i++)
        {
          const ShoalSeries *series = g_ptr_array_index (study->series, i);
          if (p >= series->points->len)
            continue;
          more = true;
          add_keys (series, g_ptr_array_index (series->points, p), table);
          add_figures (study, g_ptr_array_index (series->points, p), in_parts, table);
        }
    }
}

static char *
print_table (const ShoalStudySeries *study, ShoalTableFormat format)
{
  bool in_parts = format == SHOAL_TABLE_CSV;
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  add_key_titles (study, titles);
  add_figure_titles (study, in_parts, titles);
  g_autofree bool *is_number = g_new0 (bool, titles->len);
  is_number[0] = study->x_unit != NULL;
  for (unsigned i = key_columns (study) - 1; i < titles->len; i++)
    is_number[i] = true;
  g_autoptr (ShoalTable) table = shoal_table_new (titles->len, (const char *const *)titles->pdata, is_number);
  add_rows (study, in_parts, table);
  return shoal_table_print (table, format);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void
add_text (JsonBuilder *b, const char *key, const char *text)
{
  json_builder_set_member_name (b, key);
  json_builder_add_string_value (b, text);
}

static void
add_count (JsonBuilder *b, const char *key, unsigned count)
{
  json_builder_set_member_name (b, key);
  json_builder_add_int_value (b, count);
}

static void
add_real (JsonBuilder *b, const char *key, double value)
{
  json_builder_set_member_name (b, key);
  json_builder_add_double_value (b, value);
}

static void
add_json_figure (JsonBuilder *b, const char *figure, const ShoalSummary *s)
{
  g_autofree char *key = shoal_figure_key (figure);
  json_builder_set_member_name (b, key);
  if (s->n == 0)
    {
      json_builder_add_null_value (b);
      return;
    }
  json_builder_begin_object (b);
  add_count (b, "n", s->n);
  add_real (b, "min", s->min);
  add_real (b, "median", s->median);
  add_real (b, "mean", s->mean);
  add_real (b, "max", s->max);
  json_builder_end_object (b);
}

static void
add_json_values (JsonBuilder *b, const ShoalStudySeries *study, const ShoalSeries *series,
                 const ShoalSeriesPoint *point)
{
  json_builder_set_member_name (b, "values");
  json_builder_begin_object (b);
  add_text (b, study->x, point->value);
  for (unsigned i = 0; i < series->values->len; i++)
    add_text (b, g_ptr_array_index (study->others, i), g_ptr_array_index (series->values, i));
  json_builder_end_object (b);
}

static void
print_json_line (const ShoalStudySeries *study, const ShoalSeries *series, const ShoalSeriesPoint *point,
                 GString *out)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  add_text (b, "study", study->study);
  add_text (b, "model", series->model);
  add_json_values (b, study, series, point);
  add_count (b, "cells", point->cells);
  add_count (b, "played", point->played);
  add_count (b, "failed", point->failed);
  add_count (b, "incomplete", point->incomplete);
  for (unsigned i = 0; i < study->figures->len; i++)
    add_json_figure (b, g_ptr_array_index (study->figures, i), &point->figures[i]);
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autofree char *line = json_to_string (root, FALSE);
  g_string_append_printf (out, "%s\n", line);
}

static char *
print_json (const ShoalStudySeries *study)
{
  GString *out = g_string_new (NULL);
  for (unsigned i = 0; i < study->series->len; i++)
    {
      const ShoalSeries *series = g_ptr_array_index (study->series, i);
      for (unsigned p = 0; p < series->points->len; p++)
        print_json_line (study, series, g_ptr_array_index (series->points, p), out);
    }
  return g_string_free (out, FALSE);
}

char *
shoal_series_print (const ShoalStudySeries *study, ShoalSeriesFormat format)
{
  switch (format)
    {
    case SHOAL_SERIES_JSON:
      return print_json (study);
    case SHOAL_SERIES_CSV:
      return print_table (study, SHOAL_TABLE_CSV);
    case SHOAL_SERIES_MARKDOWN:
      return print_table (study, SHOAL_TABLE_MARKDOWN);
    default:
      return print_table (study, SHOAL_TABLE_TEXT);
    }
}
