/* The report as Markdown, and its runs as CSV. */
#include "results/report-family.h"
#include "results/report-internal.h"
#include "results/table.h"

#include <string.h>

/* In Markdown, text that comes from scenarios must not become markup. Owned by the caller. */
static char *
plain (const char *text)
{
  GString *out = g_string_new (NULL);
  for (const char *c = text; *c != '\0'; c++)
    if (*c == '<')
      g_string_append (out, "&lt;");
    else if (*c == '&')
      g_string_append (out, "&amp;");
    else if ((unsigned char)*c < 0x20)
      g_string_append_c (out, ' ');
    else
      {
        if (strchr ("\\`*[]|#", *c) != NULL)
          g_string_append_c (out, '\\');
        g_string_append_c (out, *c);
      }
  return g_string_free (out, FALSE);
}

/* ---- figures over the seeds ---- */

typedef double (*FigureOf) (const ShoalReportRun *run); /* 0: the run has none */

static double
makespan_of (const ShoalReportRun *run)
{
  return run->makespan_ns != SHOAL_ROW_NO_TIME ? (double)run->makespan_ns / 1e9 : 0;
}

static double
mean_of (const ShoalReportRun *run)
{
  return run->mean_ns != SHOAL_ROW_NO_TIME ? (double)run->mean_ns / 1e9 : 0;
}

static double
bound_of (const ShoalReportRun *run)
{
  return run->bound_ns != SHOAL_ROW_NO_TIME ? (double)run->bound_ns / 1e9 : 0;
}

static double
speedup_of (const ShoalReportRun *run)
{
  return run->speedup;
}

/* The figure of runs first .. end - 1: "67.21 (67.00-67.36)". Owned by the caller. */
static char *
print_figure (const ShoalReportCase *one, unsigned first, unsigned end, FigureOf figure, int decimals)
{
  g_autofree double *values = g_new (double, end - first);
  unsigned n = 0;
  for (unsigned i = first; i < end; i++)
    if (figure (shoal_report_case_run (one, i)) > 0)
      values[n++] = figure (shoal_report_case_run (one, i));
  if (n == 0)
    return g_strdup ("-");
  ShoalSummary s = shoal_summary (values, n);
  g_autofree char *least = g_strdup_printf ("%.*f", decimals, s.min);
  g_autofree char *most = g_strdup_printf ("%.*f", decimals, s.max);
  return g_str_equal (least, most) ? g_strdup (least)
                                   : g_strdup_printf ("%.*f (%s-%s)", decimals, s.median, least, most);
}

static void
add_summary_row (ShoalTable *table, const ShoalReportCase *one, unsigned first, unsigned end)
{
  g_autofree char *name = shoal_report_case_name (one);
  g_autofree char *way = shoal_report_way_name (shoal_report_case_run (one, first));
  shoal_table_add (table, plain (name));
  shoal_table_add (table, plain (way));
  shoal_table_add (table, g_strdup_printf ("%u", end - first));
  shoal_table_add (table, print_figure (one, first, end, bound_of, 2));
  shoal_table_add (table, print_figure (one, first, end, makespan_of, 2));
  shoal_table_add (table, print_figure (one, first, end, mean_of, 2));
  shoal_table_add (table, print_figure (one, first, end, shoal_report_run_stretch, 3));
  shoal_table_add (table, print_figure (one, first, end, speedup_of, 2));
}

static void
add_summary_rows (ShoalTable *table, const ShoalReportCase *one)
{
  for (unsigned first = 0, end; first < one->runs->len; first = end)
    {
      end = shoal_report_case_group_end (one, first);
      add_summary_row (table, one, first, end);
    }
}

static void
print_summary (GString *out, const ShoalReport *report)
{
  static const char *const titles[] = { "scenario",   "model",  "seeds",   "bound s",
                                        "makespan s", "mean s", "stretch", "speed-up" };
  static const bool is_number[] = { false, false, true, true, true, true, true, true };
  g_autoptr (ShoalTable) table = shoal_table_new (G_N_ELEMENTS (titles), titles, is_number);
  for (unsigned i = 0; i < report->cases->cases->len; i++)
    add_summary_rows (table, g_ptr_array_index (report->cases->cases, i));
  g_autofree char *text = shoal_table_print (table, SHOAL_TABLE_MARKDOWN);
  g_string_append (out, text);
}

/* ---- one scenario ---- */

static void
add_expectation_rows (ShoalTable *table, const ShoalReportRun *run)
{
  for (unsigned i = 0; i < run->expectations->len; i++)
    {
      const ShoalExpectationRow *expectation = g_ptr_array_index (run->expectations, i);
      shoal_table_add (table, shoal_report_way_name (run));
      shoal_table_add (table, g_strdup_printf ("%" G_GUINT64_FORMAT, run->seed));
      shoal_table_add (table, plain (expectation->text));
      shoal_table_add (table, g_strdup (expectation->met ? "met" : "**not met**"));
      shoal_table_add (table, plain (expectation->measured != NULL ? expectation->measured : "-"));
    }
}

static void
print_expectations (GString *out, const ShoalReportCase *one)
{
  static const char *const titles[] = { "model", "seed", "expected", "", "measured" };
  static const bool is_number[] = { false, true, false, false, false };
  g_autoptr (ShoalTable) table = shoal_table_new (G_N_ELEMENTS (titles), titles, is_number);
  unsigned rows = 0;
  for (unsigned i = 0; i < one->runs->len; i++)
    {
      const ShoalReportRun *run = g_ptr_array_index (one->runs, i);
      rows += run->expectations->len;
      add_expectation_rows (table, run);
    }
  if (rows == 0)
    return;
  g_autofree char *text = shoal_table_print (table, SHOAL_TABLE_MARKDOWN);
  g_string_append_printf (out, "\n%s", text);
}

static void
print_unfinished (GString *out, const ShoalReportCase *one)
{
  for (unsigned i = 0; i < one->runs->len; i++)
    {
      const ShoalReportRun *run = g_ptr_array_index (one->runs, i);
      g_autofree char *way = shoal_report_way_name (run);
      if (!run->completed)
        g_string_append_printf (out,
                                "\nWith seed %" G_GUINT64_FORMAT ", %s: %" G_GUINT64_FORMAT
                                " of %" G_GUINT64_FORMAT " downloads ended well; the run has no makespan.\n",
                                run->seed, way, run->done, run->downloads);
    }
}

static void
print_case (GString *out, const ShoalReportCase *one)
{
  g_autofree char *name = shoal_report_case_name (one);
  g_autofree char *title = plain (name);
  g_autofree char *description = shoal_report_description (one->resolved);
  g_string_append_printf (out, "\n## %s\n", title);
  if (description != NULL)
    {
      g_autofree char *text = plain (description);
      g_string_append_printf (out, "\n%s\n", text);
    }
  print_unfinished (out, one);
  print_expectations (out, one);
}

char *
shoal_report_markdown (const ShoalReport *report)
{
  GString *out = g_string_new (NULL);
  g_autofree char *title = plain (report->options.title);
  g_string_append_printf (out, "# Results in %s\n\n", title);
  if (report->cases->cases->len == 0)
    {
      g_string_append (out, "There are no runs yet.\n");
      return g_string_free (out, FALSE);
    }
  print_summary (out, report);
  g_string_append (
      out, "\nOver several seeds: median (smallest-largest). Makespan: from the first download's start "
           "to the last\none's end. Stretch: makespan / bound. Speed-up: server-client / P2P.\n");
  for (unsigned i = 0; i < report->cases->cases->len; i++)
    print_case (out, g_ptr_array_index (report->cases->cases, i));
  return g_string_free (out, FALSE);
}

/* ---- CSV ---- */

static char *
number (double value)
{
  return value > 0 ? g_strdup_printf ("%.9g", value) : NULL;
}

static char *
count (uint64_t value)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, value);
}

static void
add_csv_row (ShoalTable *table, const ShoalReportCase *one, const ShoalReportRun *run)
{
  unsigned met = 0;
  for (unsigned i = 0; i < run->expectations->len; i++)
    met += ((const ShoalExpectationRow *)g_ptr_array_index (run->expectations, i))->met;
  shoal_table_add (table, count ((uint64_t)run->id));
  shoal_table_add (table, g_strdup (one->scenario));
  shoal_table_add (table, g_strdup (one->backend));
  shoal_table_add (table, g_strdup_printf ("%.9g", one->rate_factor));
  shoal_table_add (table, g_strdup (run->model));
  shoal_table_add (table, g_strdup (run->strategy));
  shoal_table_add (table, count (run->seed));
  shoal_table_add (table, g_strdup (run->completed ? "1" : "0"));
  shoal_table_add (table, count (run->downloads));
  shoal_table_add (table, count (run->done));
  shoal_table_add (table, number (makespan_of (run)));
  shoal_table_add (table, number (mean_of (run)));
  shoal_table_add (table, number (bound_of (run)));
  shoal_table_add (table, number (shoal_report_run_stretch (run)));
  shoal_table_add (table, number (run->speedup));
  shoal_table_add (table, count (met));
  shoal_table_add (table, count (run->expectations->len));
}

char *
shoal_report_csv (const ShoalReport *report)
{
  static const char *const titles[] = { "run",         "scenario", "backend",    "rate_factor",
                                        "model",       "strategy", "seed",       "completed",
                                        "downloads",   "done",     "makespan_s", "mean_s",
                                        "bound_s",     "stretch",  "speedup",    "expectations_met",
                                        "expectations" };
  static const bool is_number[G_N_ELEMENTS (titles)] = { false };
  g_autoptr (ShoalTable) table = shoal_table_new (G_N_ELEMENTS (titles), titles, is_number);
  for (unsigned i = 0; i < report->cases->cases->len; i++)
    {
      const ShoalReportCase *one = g_ptr_array_index (report->cases->cases, i);
      for (unsigned k = 0; k < one->runs->len; k++)
        add_csv_row (table, one, g_ptr_array_index (one->runs, k));
    }
  return shoal_table_print (table, SHOAL_TABLE_CSV);
}
