/* The report's expectations as JUnit XML, as servers of continuous integration read it. */
#include "results/report-internal.h"

/* Attribute or text; what XML 1.0 cannot say at all (most control characters) is replaced. Owned by the caller. */
static char *
escape (const char *text)
{
  GString *clean = g_string_new (NULL);
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      bool is_xml = c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xfffe && c != 0xffff);
      g_string_append_unichar (clean, is_xml && c != 0x7f ? c : 0xfffd);
    }
  char *escaped = g_markup_escape_text (clean->str, (gssize)clean->len);
  g_string_free (clean, TRUE);
  return escaped;
}

static void
print_case (GString *out, const char *suite, const ShoalExpectationRow *expectation)
{
  g_autofree char *text = escape (expectation->text);
  g_autofree char *measured = escape (expectation->measured != NULL ? expectation->measured : "not known");
  g_string_append_printf (out, "    <testcase classname=\"%s\" name=\"%s\"", suite, text);
  if (expectation->met)
    g_string_append (out, "/>\n");
  else
    g_string_append_printf (
        out,
        ">\n      <failure message=\"measured: %s\">expected: %s\nmeasured: %s</failure>\n"
        "    </testcase>\n",
        measured, text, measured);
}

static unsigned
count_unmet (const ShoalReportRun *run)
{
  unsigned n = 0;
  for (unsigned i = 0; i < run->expectations->len; i++)
    n += !((const ShoalExpectationRow *)g_ptr_array_index (run->expectations, i))->met;
  return n;
}

static void
print_run (GString *out, const ShoalReportCase *one, const ShoalReportRun *run)
{
  g_autofree char *name = shoal_report_case_name (one);
  g_autofree char *way = shoal_report_way_name (run);
  g_autofree char *plain = g_strdup_printf ("%s, %s, seed %" G_GUINT64_FORMAT, name, way, run->seed);
  g_autofree char *suite = escape (plain);
  g_string_append_printf (out, "  <testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"0\"", suite,
                          run->expectations->len, count_unmet (run));
  if (run->makespan_ns != SHOAL_ROW_NO_TIME)
    g_string_append_printf (out, " time=\"%.6f\"", (double)run->makespan_ns / 1e9);
  g_string_append (out, ">\n");
  for (unsigned i = 0; i < run->expectations->len; i++)
    print_case (out, suite, g_ptr_array_index (run->expectations, i));
  g_string_append (out, "  </testsuite>\n");
}

char *
shoal_report_junit (const ShoalReport *report, unsigned *unmet)
{
  g_autoptr (GString) suites = g_string_new (NULL);
  unsigned tests = 0;
  *unmet = 0;
  for (unsigned i = 0; i < report->cases->cases->len; i++)
    {
      const ShoalReportCase *one = g_ptr_array_index (report->cases->cases, i);
      for (unsigned k = 0; k < one->runs->len; k++)
        {
          const ShoalReportRun *run = g_ptr_array_index (one->runs, k);
          tests += run->expectations->len;
          *unmet += count_unmet (run);
          print_run (suites, one, run);
        }
    }
  return g_strdup_printf (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"shoal\" tests=\"%u\" failures=\"%u\" errors=\"0\">\n%s</testsuites>\n",
      tests, *unmet, suites->str);
}
