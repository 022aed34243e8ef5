/* `shoal compare`: prints what a store says about P2P and server-client. */
#include "cli/store.h"
#include "results/compare.h"

#include <stdio.h>

static const char summary[] = "Prints, for each scenario in the store, how long P2P and server-client took.";

static const char description[] =
    "Columns: bound is the fluid bound, which no protocol can beat; P2P and server-client are makespans,\n"
    "from the first download's start to the last one's end; stretch is P2P over bound; speed-up is\n"
    "server-client over P2P; the means are of a single node's download time. Over several seeds:\n"
    "median (smallest-largest). Of several runs with the same seed, the newest counts.\n"
    "\n"
    "Examples:\n"
    "  shoal run speed twenty --model both --store runs.db\n"
    "  shoal compare --store runs.db\n"
    "  shoal compare --store runs.db --markdown > table.md\n"
    "  sqlite3 runs.db 'SELECT * FROM comparison'\n";

static ShoalExit
print_comparison (const char *path, ShoalCompareFormat format)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ShoalStore) store = shoal_store_open (path, SHOAL_STORE_READ, &error);
  g_autoptr (GPtrArray) list = store != NULL ? shoal_store_list_comparisons (store, &error) : NULL;
  if (list == NULL)
    {
      return shoal_complain_store (error);
    }
  g_autofree char *text = shoal_compare_print (list, format);
  fputs (text, stdout);
  if (list->len == 0)
    shoal_complain ("%s has no runs yet", path);
  return SHOAL_EXIT_DONE;
}

ShoalExit
shoal_command_compare (int argc, char **argv)
{
  g_autofree char *path = NULL;
  gboolean json = FALSE, csv = FALSE, markdown = FALSE;
  const GOptionEntry entries[] = {
    { "store", 's', 0, G_OPTION_ARG_FILENAME, &path, "Read this store (default: " SHOAL_DEFAULT_STORE ")",
      "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object per scenario, one a line", NULL },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "Print comma-separated values, every figure in a column", NULL },
    { "markdown", 0, 0, G_OPTION_ARG_NONE, &markdown, "Print a Markdown table", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (!shoal_parse_options ("compare", NULL, summary, description, entries, &argc, &argv, &status))
    return status;
  if (argc > 1)
    return shoal_complain_usage ("compare", "'%s' is not expected here; a store is named with --store",
                                 argv[1]);
  if (json + csv + markdown > 1)
    return shoal_complain_usage ("compare", "--json, --csv and --markdown exclude each other");
  return print_comparison (path != NULL ? path : SHOAL_DEFAULT_STORE, json       ? SHOAL_COMPARE_JSON
                                                                      : csv      ? SHOAL_COMPARE_CSV
                                                                      : markdown ? SHOAL_COMPARE_MARKDOWN
                                                                                 : SHOAL_COMPARE_TEXT);
}
