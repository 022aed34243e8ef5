/* `shoal explain`: tells where the time of a run's downloads went. */
#include "cli/cli.h"
#include "cli/explain-print.h"

#include <stdio.h>

static const char summary[] = "Tells what the downloads of a run waited for, and what could have been saved.";

static const char description[] =
    "RUN is a number in the store, or a scenario's name, which means its newest P2P run. With NODE, every "
    "cause\n"
    "and neighbour is told, to the nanosecond; the parts add up to the download's time. Without, there is a "
    "line\n"
    "for each download and a sentence for each.\n"
    "\n"
    "Causes: tracker, handshake (a neighbour's answer, the file's description), choked (by all who have what "
    "is\n"
    "lacking), nothing-useful (no neighbour has it), uplinks (the sources are too slow), downlink (the own "
    "one is\n"
    "full), verification, stall (losses, silence). What no protocol can beat is the file's time down the "
    "node's\n"
    "own line, or out of the lines of those who offer it. Runs for real are explained as well.\n"
    "\n"
    "Examples:\n"
    "  shoal run low-upload-seeder --store runs.db\n"
    "  shoal explain low-upload-seeder --store runs.db\n"
    "  shoal explain 3 B --store runs.db\n"
    "  shoal explain 3 --store runs.db --json | jq -r '.downloads[].sentence'\n";

#define DEFAULT_STORE "shoal.db"

static ShoalExit
fail (const GError *error)
{
  bool usage = g_error_matches (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_MISSING)
               || g_error_matches (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_UNKNOWN);
  shoal_complain ("%s", error->message);
  return usage ? SHOAL_EXIT_USAGE : SHOAL_EXIT_FAILED;
}

static ShoalExit
explain (const char *path, const char *word, const char *node, bool json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ShoalStore) store = shoal_store_open (path, SHOAL_STORE_READ, &error);
  g_autoptr (ShoalRunHead) run = store != NULL ? shoal_store_look_up_run (store, word, &error) : NULL;
  g_autoptr (GPtrArray) list = run != NULL ? shoal_store_explain (store, run, node, &error) : NULL;
  if (list == NULL)
    return fail (error);
  g_autofree char *text = json           ? shoal_explanations_to_json (run, list)
                          : node != NULL ? shoal_explanations_in_full (run, list)
                                         : shoal_explanations_in_short (run, list);
  g_autofree char *printable = shoal_printable (text, false);
  fputs (printable, stdout);
  return SHOAL_EXIT_DONE;
}

ShoalExit
shoal_command_explain (int argc, char **argv)
{
  g_autofree char *path = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "store", 's', 0, G_OPTION_ARG_FILENAME, &path, "Read this store (default: " DEFAULT_STORE ")", "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (!shoal_parse_options ("explain", "RUN [NODE]", summary, description, entries, &argc, &argv, &status))
    return status;
  if (argc < 2 || argc > 3)
    return shoal_complain_usage ("explain",
                                 "expected a run, by its number or its scenario, and perhaps a node");
  return explain (path != NULL ? path : DEFAULT_STORE, argv[1], argc == 3 ? argv[2] : NULL, json);
}
