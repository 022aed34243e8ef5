/* `shoal report`: writes what a store holds as a page, a text or data. */
#define _GNU_SOURCE /* realpath */
#include "cli/store.h"
#include "results/report.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char summary[] =
    "Writes a report on the runs in a store: one HTML page that opens in any browser, without a network.";

static const char description[] =
    "The page holds a summary of P2P and server-client against the bound; for each scenario who was done\n"
    "when, what they waited for, how the lines were used, and who gave whom; and a replay of the swarm. One\n"
    "run of each model and strategy stands for the others there: the one with the median makespan.\n"
    "SCENARIO… are names in the store; without any, the report is on all.\n"
    "\n"
    "markdown is the summary with the expectations, json all figures of all runs, csv one line per run;\n"
    "these go to stdout without --output. JUnit XML has a suite per run and a case per line of `expect`; "
    "the\n"
    "exit status is 1 when --junit is given and an expectation is not met.\n"
    "\n"
    "Examples:\n"
    "  shoal run speed twenty --model both --seeds 1..5 --store runs.db\n"
    "  shoal report --store runs.db -o report.html\n"
    "  shoal report twenty --store runs.db -o twenty.html\n"
    "  shoal report --store runs.db --format csv > runs.csv\n"
    "  shoal report --store runs.db --format markdown --junit results.xml\n";

#define DEFAULT_PAGE "report.html"

typedef struct {
  char *store, *output, *format, *junit;
} Words;

static const char *const formats[] = {
  [SHOAL_REPORT_HTML] = "html",
  [SHOAL_REPORT_MARKDOWN] = "markdown",
  [SHOAL_REPORT_JSON] = "json",
  [SHOAL_REPORT_CSV] = "csv",
};

static bool
read_format (const char *word, ShoalReportFormat *format)
{
  *format = SHOAL_REPORT_HTML;
  for (unsigned i = 0; i < G_N_ELEMENTS (formats); i++)
    if (word == NULL || strcmp (word, formats[i]) == 0)
      {
        *format = (ShoalReportFormat)i;
        return true;
      }
  return false;
}

/* What is there and no file: a device, a pipe, a folder. */
static bool
is_special (const char *path)
{
  GStatBuf found;
  return g_stat (path, &found) == 0 && !S_ISREG (found.st_mode);
}

/* It must not be replaced. */
static bool
write_special (const char *path, const char *text)
{
  FILE *stream = g_fopen (path, "we");
  bool ok = stream != NULL && fputs (text, stream) >= 0;
  if (stream != NULL && fclose (stream) != 0)
    ok = false;
  if (!ok)
    shoal_complain ("%s could not be written: %s", path, g_strerror (errno));
  return ok;
}

/* A file is replaced as a whole or left as it is, also behind a link. */
static bool
write_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;
  if (is_special (path))
    return write_special (path, text);
  char *behind = realpath (path, NULL); /* NULL: there is none yet */
  bool ok = g_file_set_contents_full (behind != NULL ? behind : path, text, (gssize)strlen (text),
                                      G_FILE_SET_CONTENTS_CONSISTENT, 0666, &error);
  free (behind);
  if (!ok)
    shoal_complain ("%s could not be written: %s", path, error->message);
  return ok;
}

static bool
write_report (const ShoalReport *report, const Words *w, ShoalReportFormat format)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = shoal_report_print (report, format, &error);
  const char *path = w->output;
  if (path == NULL && format == SHOAL_REPORT_HTML)
    path = DEFAULT_PAGE;
  if (text == NULL)
    shoal_complain ("%s", error->message);
  else if (path == NULL || strcmp (path, "-") == 0)
    return fputs (text, stdout) >= 0;
  else if (write_file (path, text))
    {
      shoal_complain ("%s is written: %u runs, %.1f kB", path, shoal_report_count_runs (report),
                      (double)strlen (text) / 1e3);
      return true;
    }
  return false;
}

static ShoalExit
write_junit (const ShoalReport *report, const char *path)
{
  unsigned unmet;
  g_autofree char *text = shoal_report_junit (report, &unmet);
  if (!write_file (path, text))
    return SHOAL_EXIT_FAILED;
  if (unmet > 0)
    shoal_complain ("%u expectation%s not met, see %s", unmet, unmet == 1 ? " is" : "s are", path);
  return unmet > 0 ? SHOAL_EXIT_FAILED : SHOAL_EXIT_DONE;
}

static ShoalExit
make (const ShoalReport *report, const Words *w, ShoalReportFormat format, char **scenarios)
{
  for (; *scenarios != NULL; scenarios++)
    if (!shoal_report_has (report, *scenarios))
      return shoal_complain_usage ("report", "the store has no run of a scenario '%s'", *scenarios);
  if (shoal_report_count_runs (report) == 0)
    shoal_complain ("%s has no runs yet", w->store != NULL ? w->store : SHOAL_DEFAULT_STORE);
  if (!write_report (report, w, format))
    return SHOAL_EXIT_FAILED;
  return w->junit != NULL ? write_junit (report, w->junit) : SHOAL_EXIT_DONE;
}

static ShoalExit
read_and_make (const Words *w, ShoalReportFormat format, char **scenarios)
{
  const char *path = w->store != NULL ? w->store : SHOAL_DEFAULT_STORE;
  g_autoptr (GError) error = NULL;
  g_autoptr (ShoalStore) store = shoal_store_open (path, SHOAL_STORE_READ, &error);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *title = shoal_printable (base, true);
  ShoalReportOptions options = {
    .scenarios = (const char *const *)scenarios,
    .title = title,
    .program_version = SHOAL_VERSION,
    .made_unix_s = (int64_t)time (NULL),
  };
  g_autoptr (ShoalReport) report = store != NULL ? shoal_report_new (store, &options, &error) : NULL;
  if (report != NULL)
    return make (report, w, format, scenarios);
  return shoal_complain_store (error);
}

static void
words_clear (Words *w)
{
  g_free (w->store);
  g_free (w->output);
  g_free (w->format);
  g_free (w->junit);
}

ShoalExit
shoal_command_report (int argc, char **argv)
{
  Words w = { 0 };
  ShoalReportFormat format;
  const GOptionEntry entries[] = {
    { "store", 's', 0, G_OPTION_ARG_FILENAME, &w.store, "Read this store (default: " SHOAL_DEFAULT_STORE ")",
      "FILE" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &w.output,
      "Write to this file; -: to stdout (default: " DEFAULT_PAGE ", other formats: stdout)", "FILE" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &w.format, "html (default), markdown, json or csv", "FORMAT" },
    { "junit", 0, 0, G_OPTION_ARG_FILENAME, &w.junit,
      "Write the expectations to this file, too, as JUnit XML", "FILE" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (shoal_parse_options ("report", "[SCENARIO…]", summary, description, entries, &argc, &argv, &status))
    status = !read_format (w.format, &format)
                 ? shoal_complain_usage ("report", "--format %s: say html, markdown, json or csv", w.format)
                 : read_and_make (&w, format, argv + 1);
  words_clear (&w);
  return status;
}
