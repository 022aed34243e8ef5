/* The report as JSON: for programs, and with details for its page. */
#include "results/json-fields.h"
#include "results/report-detail.h"
#include "results/report-family.h"
#include "results/report-internal.h"

/* Drawing is for looking at: a study of hundreds of cases is summarised only. */
#define DETAILED_CASES_MAX 20u

static void
add_seconds (JsonBuilder *b, const char *key, int64_t ns)
{
  if (ns == SHOAL_ROW_NO_TIME)
    shoal_json_add_null (b, key);
  else
    shoal_json_add_real (b, key, (double)ns / 1e9);
}

static void
add_ratio (JsonBuilder *b, const char *key, double ratio)
{
  if (ratio > 0)
    shoal_json_add_real (b, key, ratio);
  else
    shoal_json_add_null (b, key);
}

static void
add_expectations (JsonBuilder *b, const ShoalReportRun *run)
{
  shoal_json_begin_list (b, "expectations");
  for (unsigned i = 0; i < run->expectations->len; i++)
    {
      const ShoalReportExpectation *expectation = g_ptr_array_index (run->expectations, i);
      json_builder_begin_object (b);
      shoal_json_add_text (b, "text", expectation->text);
      shoal_json_add_bool (b, "met", expectation->met);
      shoal_json_add_text (b, "measured", expectation->measured);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

static void
add_run (JsonBuilder *b, const ShoalReportRun *run)
{
  json_builder_begin_object (b);
  shoal_json_add_count (b, "run", (uint64_t)run->id);
  shoal_json_add_text (b, "model", run->model);
  shoal_json_add_text (b, "strategy", run->strategy);
  shoal_json_add_count (b, "seed", run->seed);
  shoal_json_add_bool (b, "completed", run->completed);
  add_seconds (b, "makespan_s", run->makespan_ns);
  add_seconds (b, "mean_s", run->mean_ns);
  add_seconds (b, "bound_s", run->bound_ns);
  add_ratio (b, "stretch", shoal_report_run_stretch (run));
  add_ratio (b, "speedup", run->speedup);
  shoal_json_add_count (b, "downloads", run->downloads);
  shoal_json_add_count (b, "done", run->done);
  shoal_json_add_count (b, "blocks", run->blocks);
  shoal_json_add_text (b, "program_version", run->program_version);
  add_expectations (b, run);
  json_builder_end_object (b);
}

/* One run of each model and strategy. */
static bool
add_details (JsonBuilder *b, const ShoalReport *report, const ShoalReportCase *one, GError **error)
{
  bool ok = true;
  shoal_json_begin_list (b, "details");
  for (unsigned first = 0, end; ok && first < one->runs->len; first = end)
    {
      end = shoal_report_case_group_end (one, first);
      ok = shoal_report_detail_add (b, report->store, shoal_report_case_typical (one, first, end)->id, error);
    }
  json_builder_end_array (b);
  return ok;
}

static bool
add_case (JsonBuilder *b, const ShoalReport *report, const ShoalReportCase *one, bool with_details,
          GError **error)
{
  g_autofree char *description = shoal_report_description (one->resolved);
  g_autofree char *family = shoal_report_family (one->resolved);
  bool ok = true;
  json_builder_begin_object (b);
  shoal_json_add_text (b, "scenario", one->scenario);
  shoal_json_add_text (b, "backend", one->backend);
  shoal_json_add_real (b, "rate_factor", one->rate_factor);
  shoal_json_add_text (b, "description", description);
  shoal_json_add_text (b, "family", family);
  shoal_json_begin_list (b, "runs");
  for (unsigned i = 0; i < one->runs->len; i++)
    add_run (b, g_ptr_array_index (one->runs, i));
  json_builder_end_array (b);
  if (with_details)
    ok = add_details (b, report, one, error);
  json_builder_end_object (b);
  return ok;
}

static void
add_head (JsonBuilder *b, const ShoalReport *report)
{
  shoal_json_add_text (b, "title", report->options.title);
  shoal_json_add_text (b, "program_version", report->options.program_version);
  shoal_json_add_count (b, "made_unix_s", (uint64_t)report->options.made_unix_s);
  shoal_json_add_count (b, "stored_runs", report->cases->stored_runs);
  shoal_json_add_count (b, "detailed_cases", MIN (report->cases->cases->len, DETAILED_CASES_MAX));
}

JsonNode *
shoal_report_json (const ShoalReport *report, bool with_details, GError **error)
{
  g_autoptr (JsonBuilder) b = json_builder_new_immutable ();
  bool ok = true;
  json_builder_begin_object (b);
  add_head (b, report);
  shoal_json_begin_list (b, "cases");
  for (unsigned i = 0; ok && i < report->cases->cases->len; i++)
    ok = add_case (b, report, g_ptr_array_index (report->cases->cases, i),
                   with_details && i < DETAILED_CASES_MAX, error);
  json_builder_end_array (b);
  json_builder_end_object (b);
  return ok ? json_builder_get_root (b) : NULL;
}
