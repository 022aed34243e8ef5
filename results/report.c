#include "results/report-internal.h"

ShoalReport *
shoal_report_new (ShoalStore *store, const ShoalReportOptions *options, GError **error)
{
  g_autoptr (ShoalReport) report = g_new0 (ShoalReport, 1);
  report->store = store;
  report->options = *options;
  report->cases = shoal_report_cases_read (store, options->scenarios, error);
  return report->cases != NULL ? g_steal_pointer (&report) : NULL;
}

void
shoal_report_free (ShoalReport *report)
{
  if (report == NULL)
    return;
  shoal_report_cases_free (report->cases);
  g_free (report);
}

static const ShoalReportCase *
nth_case (const ShoalReport *report, unsigned i)
{
  return g_ptr_array_index (report->cases->cases, i);
}

unsigned
shoal_report_count_runs (const ShoalReport *report)
{
  unsigned n = 0;
  for (unsigned i = 0; i < report->cases->cases->len; i++)
    n += nth_case (report, i)->runs->len;
  return n;
}

bool
shoal_report_has (const ShoalReport *report, const char *scenario)
{
  for (unsigned i = 0; i < report->cases->cases->len; i++)
    if (g_str_equal (nth_case (report, i)->scenario, scenario))
      return true;
  return false;
}

static char *
print_json (const ShoalReport *report, GError **error)
{
  g_autoptr (JsonNode) root = shoal_report_json (report, false, error);
  if (root == NULL)
    return NULL;
  g_autofree char *text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}

char *
shoal_report_print (const ShoalReport *report, ShoalReportFormat format, GError **error)
{
  switch (format)
    {
    case SHOAL_REPORT_HTML:
      return shoal_report_page (report, error);
    case SHOAL_REPORT_MARKDOWN:
      return shoal_report_markdown (report);
    case SHOAL_REPORT_CSV:
      return shoal_report_csv (report);
    case SHOAL_REPORT_JSON:
    default:
      return print_json (report, error);
    }
}

char *
shoal_report_way_name (const ShoalReportRun *run)
{
  bool is_plain = run->strategy == NULL || g_str_equal (run->strategy, "none");
  return g_strdup_printf ("%s%s%s", g_str_equal (run->model, "p2p") ? "P2P" : run->model,
                          is_plain ? "" : ", ", is_plain ? "" : run->strategy);
}

char *
shoal_report_case_name (const ShoalReportCase *one)
{
  GString *name = g_string_new (one->scenario);
  bool is_plain = g_str_equal (one->backend, "sim") && one->rate_factor == 1;
  if (!is_plain)
    g_string_append_printf (name, " (%s", one->backend);
  if (one->rate_factor != 1)
    g_string_append_printf (name, ", rates × %.9g", one->rate_factor);
  if (!is_plain)
    g_string_append_c (name, ')');
  return g_string_free (name, FALSE);
}
