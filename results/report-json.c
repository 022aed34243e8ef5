/* The report as JSON: for programs, and with details for its page. */
#include "results/json-fields.h"
#include "results/report-detail.h"
#include "results/report-family.h"
#include "results/report-internal.h"
#include "results/report-studies.h"

/* Transfers that replays show: of one run, and of all together. Each takes about nine bytes of the page. */
#define REPLAY_MAX 10000u
#define REPLAYS_MAX 170000u

static void
add_run (JsonBuilder *b, const ShoalReportRun *run)
{
  json_builder_begin_object (b);
  shoal_json_add_count (b, "run", (uint64_t)run->id);
  shoal_json_add_text (b, "model", run->model);
  shoal_json_add_text (b, "strategy", run->strategy);
  shoal_json_add_count (b, "seed", run->seed);
  shoal_json_add_bool (b, "completed", run->completed);
  shoal_json_add_seconds (b, "makespan_s", run->makespan_ns);
  shoal_json_add_seconds (b, "mean_s", run->mean_ns);
  shoal_json_add_seconds (b, "bound_s", run->bound_ns);
  shoal_json_add_ratio (b, "stretch", shoal_report_run_stretch (run));
  shoal_json_add_ratio (b, "speedup", run->speedup);
  shoal_json_add_count (b, "downloads", run->downloads);
  shoal_json_add_count (b, "done", run->done);
  shoal_json_add_count (b, "blocks", run->blocks);
  shoal_json_add_text (b, "program_version", run->program_version);
  shoal_json_add_expectations (b, run->expectations);
  json_builder_end_object (b);
}

/* Transfers of all runs that are drawn, when none may have more than this. */
static uint64_t
sum_replays (const ShoalReport *report, unsigned transfers_max)
{
  uint64_t sum = 0;
  for (unsigned i = 0; i < report->cases->cases->len; i++)
    {
      const ShoalReportCase *one = g_ptr_array_index (report->cases->cases, i);
      for (unsigned first = 0, end; one->is_drawn && first < one->runs->len; first = end)
        {
          end = shoal_report_case_group_end (one, first);
          sum += MIN (shoal_report_case_typical (one, first, end)->blocks, transfers_max);
        }
    }
  return sum;
}

/* How many transfers each run that is drawn may have: those with few leave their share to the others. */
static unsigned
share_replays (const ShoalReport *report)
{
  unsigned least = 1, most = REPLAY_MAX;
  while (least < most)
    {
      unsigned middle = (least + most + 1) / 2;
      if (sum_replays (report, middle) <= REPLAYS_MAX)
        least = middle;
      else
        most = middle - 1;
    }
  return least;
}

/* One run of each model and strategy. */
static bool
add_details (JsonBuilder *b, const ShoalReport *report, const ShoalReportCase *one, unsigned transfers_max,
             GError **error)
{
  bool ok = true;
  shoal_json_begin_list (b, "details");
  for (unsigned first = 0, end; ok && first < one->runs->len; first = end)
    {
      end = shoal_report_case_group_end (one, first);
      int64_t run = shoal_report_case_typical (one, first, end)->id;
      ok = shoal_report_detail_add (b, report->store, run, transfers_max, error);
    }
  json_builder_end_array (b);
  return ok;
}

/* transfers_max: of each replay; 0: without details. */
static bool
add_case (JsonBuilder *b, const ShoalReport *report, const ShoalReportCase *one, unsigned transfers_max,
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
  shoal_json_add_bool (b, "of_study", one->of_study);
  shoal_json_begin_list (b, "runs");
  for (unsigned i = 0; i < one->runs->len; i++)
    add_run (b, g_ptr_array_index (one->runs, i));
  json_builder_end_array (b);
  if (transfers_max > 0 && one->is_drawn)
    ok = add_details (b, report, one, transfers_max, error);
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
}

/* A report on named scenarios is on these alone. */
static bool
add_studies (JsonBuilder *b, const ShoalReport *report, GError **error)
{
  const char *const *named = report->options.scenarios;
  if (named == NULL || *named == NULL)
    return shoal_report_add_studies (b, report->store, error);
  shoal_json_begin_list (b, "studies");
  json_builder_end_array (b);
  return true;
}

JsonNode *
shoal_report_json (const ShoalReport *report, bool with_details, GError **error)
{
  g_autoptr (JsonBuilder) b = json_builder_new_immutable ();
  unsigned transfers_max = with_details ? share_replays (report) : 0;
  bool ok = true;
  json_builder_begin_object (b);
  add_head (b, report);
  shoal_json_begin_list (b, "cases");
  for (unsigned i = 0; ok && i < report->cases->cases->len; i++)
    ok = add_case (b, report, g_ptr_array_index (report->cases->cases, i), transfers_max, error);
  json_builder_end_array (b);
  ok = ok && add_studies (b, report, error);
  json_builder_end_object (b);
  return ok ? json_builder_get_root (b) : NULL;
}
