/* `shoal sweep`: plays a scenario at many values of its parameters, and tabulates what comes of it. */
#include "cli/interrupt.h"
#include "cli/shipped.h"
#include "cli/store.h"
#include "cli/sweep.h"
#include "results/json-fields.h"
#include "results/series.h"
#include "results/table.h"

#include <stdio.h>
#include <string.h>

static const char summary[] = "Plays a parameter study: a scenario at many values, seeds and models.";

static const char description[] =
    "STUDY is a file, or the name of a shipped one (peers, seeder-bandwidth, …). It names parameters with\n"
    "their values, and a scenario in which ${NAME} stands where a value goes; docs/studies.md explains it.\n"
    "Every choice of values is played with every seed and model, on all processors, in virtual time.\n"
    "\n"
    "Each run is kept as it ends. What the store has is not played again: the same scenario, seed and model\n"
    "by the same version of shoal. A sweep that was interrupted, even by a power cut, therefore goes on "
    "from\n"
    "there with the same command; after values are added to the file, only the new ones are played.\n"
    "\n"
    "At the end it prints a table: the parameters and, over the seeds, median (smallest-largest).\n"
    "\n"
    "Examples:\n"
    "  shoal sweep peers --dry-run                  what would be played?\n"
    "  shoal sweep peers --quick                    a few values, one seed\n"
    "  shoal sweep my-study.yaml --store study.db   your own\n"
    "  shoal sweep my-study.yaml --store study.db --table --csv > study.csv\n"
    "\n"
    "Exit status: 0 done, 1 a run failed or is not as expected (all others are played nevertheless), 2 "
    "wrong\n"
    "usage, 130 interrupted.\n";

static const ShoalShipped shipped = { "study", { "studies", SHOAL_STUDIES_DIR } };

typedef struct {
  char *store, *jobs;
  gboolean dry_run, fresh, table, quick, json, csv, markdown, is_quiet;
  uint64_t threads;
} Options;

static const char *
store_path (const Options *o)
{
  return o->store != NULL ? o->store : SHOAL_DEFAULT_STORE;
}

/* NULL: it complained. */
static ShoalStudy *
load (const Options *o, const char *typed, ShoalExit *status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = shoal_shipped_path (&shipped, typed);
  *status = SHOAL_EXIT_USAGE;
  if (path == NULL)
    return NULL;
  ShoalStudy *study = shoal_study_load (path, o->quick, &error);
  if (study != NULL)
    return study;
  shoal_complain ("%s", error->message);
  if (!g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO))
    *status = SHOAL_EXIT_FAILED;
  return NULL;
}

/* Figures of results/ about nodes of scenarios/: here both are known. */
static bool
check_figures (const ShoalStudy *study)
{
  const ShoalScenario *scenario = ((const ShoalStudyPoint *)g_ptr_array_index (study->points, 0))->scenario;
  for (unsigned i = 0; i < study->figures->len; i++)
    {
      const char *figure = g_ptr_array_index (study->figures, i), *nodes = strstr (figure, " of ");
      if (!shoal_figure_is_valid (figure))
        shoal_complain (
            "%s: figures[%u]: there is no figure '%s'; there are: stretch, speed-up, makespan, mean,"
            " mean of NODES",
            study->origin, i, figure);
      else if (strcmp (figure, "speed-up") == 0 && !(study->p2p && study->server_client))
        shoal_complain ("%s: figures[%u]: a speed-up needs both models; say 'model: both'", study->origin, i);
      else if (nodes != NULL && shoal_scenario_find_group (scenario, nodes + 4) < 0
               && shoal_scenario_find_node (scenario, nodes + 4) < 0)
        shoal_complain ("%s: figures[%u]: there is no node or group '%s'", study->origin, i, nodes + 4);
      else
        continue;
      return false;
    }
  return true;
}

/* --- what would be played --------------------------------------------------------------------- */

static const char *
state_of (const ShoalSweepCell *cell)
{
  return cell->run > 0 ? "in the store" : "to be played";
}

static void
list_cell (const ShoalSweep *sweep, const ShoalSweepCell *cell, ShoalTable *table)
{
  const ShoalStudyPoint *point = g_ptr_array_index (sweep->study->points, cell->point);
  for (unsigned i = 0; i < point->values->len; i++)
    shoal_table_add (table, g_strdup (g_ptr_array_index (point->values, i)));
  shoal_table_add (table, g_strdup (shoal_model_name (cell->model)));
  shoal_table_add (table, g_strdup_printf ("%" G_GUINT64_FORMAT, cell->seed));
  shoal_table_add (table, g_strdup_printf ("%.0f", shoal_scenario_cost (point->scenario, cell->model)));
  shoal_table_add (table, g_strdup (state_of (cell)));
}

static void
list_as_table (const ShoalSweep *sweep, ShoalTableFormat format)
{
  const ShoalStudy *study = sweep->study;
  unsigned parameters = study->parameters->len;
  g_autofree const char **titles = g_new0 (const char *, parameters + 4);
  g_autofree bool *is_number = g_new0 (bool, parameters + 4);
  for (unsigned i = 0; i < parameters; i++)
    titles[i] = ((const ShoalStudyParameter *)g_ptr_array_index (study->parameters, i))->name;
  titles[parameters] = "model";
  titles[parameters + 1] = "seed";
  titles[parameters + 2] = "cost";
  titles[parameters + 3] = "state";
  is_number[parameters + 1] = is_number[parameters + 2] = true;
  g_autoptr (ShoalTable) table = shoal_table_new (parameters + 4, titles, is_number);
  for (unsigned i = 0; i < sweep->cells->len; i++)
    list_cell (sweep, &g_array_index (sweep->cells, ShoalSweepCell, i), table);
  g_autofree char *text = shoal_table_print (table, format);
  fputs (text, stdout);
}

static void
list_as_json (const ShoalSweep *sweep)
{
  const ShoalStudy *study = sweep->study;
  for (unsigned i = 0; i < sweep->cells->len; i++)
    {
      const ShoalSweepCell *cell = &g_array_index (sweep->cells, ShoalSweepCell, i);
      const ShoalStudyPoint *point = g_ptr_array_index (study->points, cell->point);
      g_autoptr (JsonBuilder) b = json_builder_new ();
      json_builder_begin_object (b);
      shoal_json_add_text (b, "study", study->name);
      shoal_json_add_text (b, "model", shoal_model_name (cell->model));
      shoal_json_add_count (b, "seed", cell->seed);
      json_builder_set_member_name (b, "values");
      json_builder_begin_object (b);
      for (unsigned k = 0; k < point->values->len; k++)
        shoal_json_add_text (b, ((const ShoalStudyParameter *)g_ptr_array_index (study->parameters, k))->name,
                             g_ptr_array_index (point->values, k));
      json_builder_end_object (b);
      shoal_json_add_real (b, "cost", shoal_scenario_cost (point->scenario, cell->model));
      shoal_json_add_bool (b, "played", cell->run > 0);
      json_builder_end_object (b);
      g_autofree char *line = shoal_json_line (b);
      fputs (line, stdout);
    }
}

static ShoalExit
list_cells (const ShoalSweep *sweep, const Options *o)
{
  if (o->json)
    list_as_json (sweep);
  else
    list_as_table (sweep, o->csv ? SHOAL_TABLE_CSV : o->markdown ? SHOAL_TABLE_MARKDOWN : SHOAL_TABLE_TEXT);
  if (!o->is_quiet)
    shoal_complain ("%s: %u runs, %u of them to be played", sweep->study->name, sweep->cells->len,
                    sweep->count);
  return SHOAL_EXIT_DONE;
}

/* --- what came of it -------------------------------------------------------------------------- */

static ShoalExit
print_series (const ShoalSweep *sweep, const Options *o)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = shoal_store_list_studies (sweep->store, sweep->study->name, &error);
  if (list == NULL)
    {
      shoal_complain ("%s", error->message);
      return SHOAL_EXIT_FAILED;
    }
  const ShoalStudySeries *series = list->len > 0 ? g_ptr_array_index (list, 0) : NULL;
  g_autofree char *text = series == NULL ? g_strdup ("")
                                         : shoal_series_print (series, o->json       ? SHOAL_SERIES_JSON
                                                                       : o->csv      ? SHOAL_SERIES_CSV
                                                                       : o->markdown ? SHOAL_SERIES_MARKDOWN
                                                                                     : SHOAL_SERIES_TEXT);
  fputs (text, stdout);
  return SHOAL_EXIT_DONE;
}

static ShoalExit
tell_end (const ShoalSweep *sweep, const Options *o, bool is_whole)
{
  int signal = g_atomic_int_get (shoal_interrupt_flag ());
  if (!is_whole && signal != 0)
    {
      shoal_complain (
          "interrupted; %s keeps the runs that had ended, and the same command goes on from there",
          store_path (o));
      return (ShoalExit)(128 + signal);
    }
  if (sweep->failed > 0)
    shoal_complain ("%s: %u of %u runs could not be played", sweep->study->name, sweep->failed, sweep->count);
  if (sweep->unmet > 0)
    shoal_complain ("%s: %u of %u runs are not as expected", sweep->study->name, sweep->unmet, sweep->count);
  ShoalExit status = print_series (sweep, o);
  return !is_whole || sweep->failed > 0 || sweep->unmet > 0 ? SHOAL_EXIT_FAILED : status;
}

static ShoalExit
play (ShoalSweep *sweep, const Options *o)
{
  g_autoptr (GError) error = NULL;
  bool ok = shoal_sweep_plan (sweep, &error);
  /* A store that may only be read has the table as it was when the study was last begun. */
  if (ok && !o->dry_run && !shoal_sweep_begin (sweep, &error))
    ok = o->table;
  if (!ok)
    {
      shoal_complain ("%s", error->message);
      return SHOAL_EXIT_FAILED;
    }
  if (o->dry_run)
    return list_cells (sweep, o);
  if (o->table)
    {
      if (sweep->count > 0 && !o->is_quiet)
        shoal_complain ("%s: %u of %u runs are not in %s yet", sweep->study->name, sweep->count,
                        sweep->cells->len, store_path (o));
      return print_series (sweep, o);
    }
  return tell_end (sweep, o, shoal_sweep_play (sweep));
}

/* NULL and no error: there is none, and none is needed. */
static ShoalStore *
open_store (const Options *o, GError **error)
{
  if (o->dry_run && !g_file_test (store_path (o), G_FILE_TEST_EXISTS))
    return NULL;
  return shoal_store_open (store_path (o), o->dry_run || o->table ? SHOAL_STORE_READ : SHOAL_STORE_WRITE,
                           error);
}

static ShoalExit
sweep_study (const Options *o, const char *typed)
{
  ShoalExit status;
  g_autoptr (GError) error = NULL;
  g_autoptr (ShoalStudy) study = load (o, typed, &status);
  if (study == NULL)
    return status;
  if (!check_figures (study))
    return SHOAL_EXIT_FAILED;
  g_autoptr (ShoalStore) store = open_store (o, &error);
  if (error != NULL)
    {
      return shoal_complain_store (error);
    }
  ShoalSweep sweep = { .study = study,
                       .store = store,
                       .is_fresh = o->fresh,
                       .is_quiet = o->is_quiet,
                       .threads = (unsigned)o->threads };
  status = play (&sweep, o);
  shoal_sweep_clear (&sweep);
  return status;
}

static ShoalExit
run (Options *o, int count, char **typed)
{
  g_autofree char *names = shoal_shipped_names (&shipped);
  o->threads = g_get_num_processors ();
  if (o->jobs != NULL && !shoal_parse_number (o->jobs, 1, 1024, &o->threads))
    return shoal_complain_usage ("sweep", "--jobs %s: expected a number from 1 to 1024", o->jobs);
  if (o->json + o->csv + o->markdown > 1)
    return shoal_complain_usage ("sweep", "--json, --csv and --markdown exclude each other");
  if (o->table && (o->fresh || o->dry_run))
    return shoal_complain_usage ("sweep", "--table plays nothing: it excludes --fresh and --dry-run");
  if (count == 0)
    return shoal_complain_usage ("sweep", "which study? Name a file, or a shipped one (%s)", names);
  if (count > 1)
    return shoal_complain_usage ("sweep", "'%s' is not expected here; one study at a time", typed[1]);
  return sweep_study (o, typed[0]);
}

ShoalExit
shoal_command_sweep (int argc, char **argv)
{
  Options o = { 0 };
  const GOptionEntry entries[] = {
    { "store", 's', 0, G_OPTION_ARG_FILENAME, &o.store,
      "Keep the results in this SQLite file, and go on from what it has (default: " SHOAL_DEFAULT_STORE ")",
      "FILE" },
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &o.dry_run, "List the runs, and play none", NULL },
    { "quick", 0, 0, G_OPTION_ARG_NONE, &o.quick,
      "Only the values that the study calls quick, and one seed; kept as STUDY-quick", NULL },
    { "fresh", 0, 0, G_OPTION_ARG_NONE, &o.fresh, "Play all, whatever the store has", NULL },
    { "table", 0, 0, G_OPTION_ARG_NONE, &o.table, "Print the table of what the store has, and play nothing",
      NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print JSON: an object for each model and choice of values",
      NULL },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &o.csv, "Print comma-separated values", NULL },
    { "markdown", 0, 0, G_OPTION_ARG_NONE, &o.markdown, "Print a Markdown table", NULL },
    { "jobs", 'j', 0, G_OPTION_ARG_STRING, &o.jobs, "Runs at the same time (default: one per processor)",
      "N" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o.is_quiet, "No progress and no hints on stderr", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (shoal_parse_options ("sweep", "STUDY", summary, description, entries, &argc, &argv, &status))
    status = run (&o, argc - 1, argv + 1);
  g_free (o.store);
  g_free (o.jobs);
  return status;
}
