#include "results/report-studies.h"

#include "results/json-fields.h"
#include "results/series.h"

#include <math.h>

static void
add_summary (JsonBuilder *b, const ShoalSummary *summary)
{
  if (summary->n == 0)
    {
      json_builder_add_null_value (b);
      return;
    }
  json_builder_begin_object (b);
  shoal_json_add_count (b, "n", summary->n);
  shoal_json_add_real (b, "min", summary->min);
  shoal_json_add_real (b, "median", summary->median);
  shoal_json_add_real (b, "max", summary->max);
  json_builder_end_object (b);
}

static void
add_point (JsonBuilder *b, const ShoalSeriesPoint *point, unsigned figures)
{
  json_builder_begin_object (b);
  shoal_json_add_text (b, "value", point->value);
  if (isnan (point->number))
    shoal_json_add_null (b, "number");
  else
    shoal_json_add_real (b, "number", point->number);
  shoal_json_begin_list (b, "figures");
  for (unsigned i = 0; i < figures; i++)
    add_summary (b, &point->figures[i]);
  json_builder_end_array (b);
  json_builder_end_object (b);
}

static void
add_series (JsonBuilder *b, const ShoalSeries *series, unsigned figures)
{
  json_builder_begin_object (b);
  shoal_json_add_text (b, "label", series->label);
  shoal_json_add_text (b, "model", series->model);
  shoal_json_begin_list (b, "points");
  for (unsigned i = 0; i < series->points->len; i++)
    add_point (b, g_ptr_array_index (series->points, i), figures);
  json_builder_end_array (b);
  json_builder_end_object (b);
}

static void
add_figures (JsonBuilder *b, const ShoalStudySeries *study)
{
  shoal_json_begin_list (b, "figures");
  for (unsigned i = 0; i < study->figures->len; i++)
    {
      const char *figure = g_ptr_array_index (study->figures, i);
      json_builder_begin_object (b);
      shoal_json_add_text (b, "name", figure);
      shoal_json_add_text (b, "unit", shoal_figure_unit (figure));
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

static void
add_study (JsonBuilder *b, const ShoalStudySeries *study)
{
  json_builder_begin_object (b);
  shoal_json_add_text (b, "study", study->study);
  shoal_json_add_text (b, "description", study->description);
  shoal_json_add_text (b, "x", study->x);
  shoal_json_add_text (b, "x_unit", study->x_unit);
  shoal_json_add_count (b, "cells", study->cells);
  shoal_json_add_count (b, "played", study->played);
  shoal_json_add_count (b, "failed", study->failed);
  add_figures (b, study);
  shoal_json_begin_list (b, "series");
  for (unsigned i = 0; i < study->series->len; i++)
    add_series (b, g_ptr_array_index (study->series, i), study->figures->len);
  json_builder_end_array (b);
  json_builder_end_object (b);
}

bool
shoal_report_add_studies (JsonBuilder *b, ShoalStore *store, GError **error)
{
  g_autoptr (GPtrArray) studies = shoal_store_list_studies (store, NULL, error);
  if (studies == NULL)
    return false;
  shoal_json_begin_list (b, "studies");
  for (unsigned i = 0; i < studies->len; i++)
    add_study (b, g_ptr_array_index (studies, i));
  json_builder_end_array (b);
  return true;
}
