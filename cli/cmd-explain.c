/* `shoal explain`: tells where the time of a run's downloads went. */
#include "cli/explain-print.h"
#include "cli/store.h"

#include <stdio.h>

static const char summary[] = "Tells what the downloads of a run waited for, and what could have been saved.";

static const char description[] =
    "RUN is a number in the store, or a scenario's name, which means its newest P2P run; --model, "
    "--strategy\n"
    "and --seed choose another one. With NODE, every cause and neighbour is told, to the nanosecond; the\n"
    "parts add up to the download's time. Without, there is a line for each download and a sentence for\n"
    "each.\n"
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
    "  shoal explain twenty --model server-client --seed 2 --store runs.db\n"
    "  shoal explain 3 --store runs.db --json | jq -r '.downloads[].sentence'\n";

static ShoalExit
explain (const char *path, const ShoalRunWish *wish, const char *node, bool json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ShoalStore) store = shoal_store_open (path, SHOAL_STORE_READ, &error);
  g_autoptr (ShoalRunHead) run = store != NULL ? shoal_store_choose_run (store, wish, &error) : NULL;
  g_autoptr (GPtrArray) list = run != NULL ? shoal_store_explain (store, run, node, &error) : NULL;
  if (list == NULL)
    return shoal_complain_store (error);
  g_autofree char *text = json           ? shoal_explanations_to_json (run, list)
                          : node != NULL ? shoal_explanations_in_full (run, list)
                                         : shoal_explanations_in_short (run, list);
  g_autofree char *printable = shoal_printable (text, false);
  fputs (printable, stdout);
  return SHOAL_EXIT_DONE;
}

typedef struct {
  char *store, *model, *strategy, *seed;
  gboolean json;
} Words;

static ShoalExit
read_and_explain (const Words *w, int argc, char **argv)
{
  uint64_t seed;
  ShoalRunWish wish = { .model = w->model, .strategy = w->strategy, .seed = w->seed != NULL ? &seed : NULL };
  if (argc < 2 || argc > 3)
    return shoal_complain_usage ("explain",
                                 "expected a run, by its number or its scenario, and perhaps a node");
  if (w->seed != NULL && !shoal_parse_number (w->seed, 0, INT64_MAX, &seed))
    return shoal_complain_usage ("explain",
                                 "--seed %s: expected a whole number from 0 to 9223372036854775807", w->seed);
  wish.word = argv[1];
  return explain (w->store != NULL ? w->store : SHOAL_DEFAULT_STORE, &wish, argc == 3 ? argv[2] : NULL,
                  w->json);
}

ShoalExit
shoal_command_explain (int argc, char **argv)
{
  Words w = { 0 };
  const GOptionEntry entries[] = {
    { "store", 's', 0, G_OPTION_ARG_FILENAME, &w.store, "Read this store (default: " SHOAL_DEFAULT_STORE ")",
      "FILE" },
    { "model", 'm', 0, G_OPTION_ARG_STRING, &w.model,
      "Of the scenario's runs one of this model: p2p or server-client", "MODEL" },
    { "strategy", 0, 0, G_OPTION_ARG_STRING, &w.strategy, "One whose peers had this strategy", "NAME" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &w.seed, "One with this seed", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &w.json, "Print one JSON object", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (shoal_parse_options ("explain", "RUN [NODE]", summary, description, entries, &argc, &argv, &status))
    status = read_and_explain (&w, argc, argv);
  g_free (w.store);
  g_free (w.model);
  g_free (w.strategy);
  g_free (w.seed);
  return status;
}
