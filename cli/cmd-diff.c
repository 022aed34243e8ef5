/* `shoal diff`: tells what two runs in a store differ in. */
#include "cli/diff-print.h"
#include "cli/plays.h"
#include "cli/store.h"
#include "cli/trace-diff.h"

#include <stdio.h>
#include <string.h>

static const char summary[] = "Tells what two runs differ in, and when they begin to.";

static const char description[] =
    "RUN is a number in the store, or a scenario's name, which means its newest P2P run. Compared are the\n"
    "parameters, the scenario's text, how long each download took, and what happened: the first event or "
    "block\n"
    "that only one run has is told. Where both were played in virtual time by this version, and their "
    "traces\n"
    "differ, they are played again, and the first datagram or event that differs is told as well.\n"
    "\n"
    "Examples:\n"
    "  shoal run twenty --seeds 1..2 --store runs.db\n"
    "  shoal diff 1 2 --store runs.db\n"
    "  shoal diff 1 2 --store runs.db --json | jq .parts_at_ns\n"
    "\n"
    "Exit status: 0 nothing differs, 1 something does or it could not be told, 2 wrong usage, 130 "
    "interrupted.\n";

enum {
  RUNS = 2,
};

/* ---- playing them again ---- */

/* This program can play it just as it was. */
static bool
is_repeatable (const ShoalRunHead *run)
{
  return strcmp (run->backend, "sim") == 0 && strcmp (run->program_version, SHOAL_VERSION) == 0
         && run->trace_sha256 != NULL;
}

/* What the store holds of a run is enough to play it. False: complained of. */
static bool
make_job (const ShoalRunHead *run, ShoalJob *job)
{
  g_autoptr (GError) error = NULL;
  bool p2p = strcmp (run->model, shoal_model_name (SHOAL_MODEL_P2P)) == 0;
  ShoalScenario *scenario =
      shoal_scenario_parse (run->resolved, strlen (run->resolved), run->scenario, &error);
  *job = (ShoalJob){ .scenario = scenario,
                     .model = p2p ? SHOAL_MODEL_P2P : SHOAL_MODEL_SERVER_CLIENT,
                     .seed = run->seed };
  if (scenario != NULL && shoal_scenario_prepare (scenario, &error))
    return true;
  shoal_complain ("a run could not be played again: %s", error->message);
  return false;
}

static void
clear_job (ShoalJob *job)
{
  shoal_scenario_free ((ShoalScenario *)job->scenario);
  if (job->trace != NULL)
    fclose (job->trace);
  shoal_job_clear (job);
}

/* Another build may call itself the same. */
static bool
is_repeated (const ShoalRunHead *run, const ShoalJob *job)
{
  if (g_strcmp0 (run->trace_sha256, job->row->trace_sha256) == 0)
    return true;
  shoal_complain ("played again, run %" G_GINT64_FORMAT
                  " goes another way than it did: another build of this "
                  "version played it, or with another content",
                  run->id);
  return false;
}

static ShoalExit
play_again (const ShoalRunHead *const runs[RUNS], ShoalJob jobs[RUNS], ShoalDiffReport *report)
{
  for (unsigned i = 0; i < RUNS; i++)
    if (!make_job (runs[i], &jobs[i]) || (jobs[i].trace = shoal_plays_open_trace ()) == NULL)
      return SHOAL_EXIT_FAILED;
  ShoalExit status = shoal_plays_run (jobs, RUNS);
  if (status != SHOAL_EXIT_DONE)
    return status;
  for (unsigned i = 0; i < RUNS; i++)
    if (!is_repeated (runs[i], &jobs[i]) || !shoal_plays_rewind_trace (jobs[i].trace))
      return SHOAL_EXIT_DONE; /* the records tell enough */
  report->trace = shoal_trace_difference (jobs[0].trace, "a", jobs[1].trace, "b");
  return SHOAL_EXIT_DONE;
}

static ShoalExit
compare_traces (ShoalDiffReport *report, bool replays)
{
  const ShoalRunHead *const runs[RUNS] = { report->a, report->b };
  ShoalJob jobs[RUNS] = { 0 };
  ShoalExit status = SHOAL_EXIT_DONE;
  const char *a = report->a->trace_sha256, *b = report->b->trace_sha256;
  report->same_traces = a != NULL && g_strcmp0 (a, b) == 0;
  report->other_traces = a != NULL && b != NULL && !report->same_traces;
  if (report->other_traces && replays && is_repeatable (report->a) && is_repeatable (report->b))
    status = play_again (runs, jobs, report);
  for (unsigned i = 0; i < RUNS; i++)
    clear_job (&jobs[i]);
  return status;
}

/* ---- the command ---- */

typedef struct {
  char *store;
  gboolean json, is_static;
} Words;

static ShoalExit
print (ShoalDiffReport *report, const Words *w)
{
  ShoalExit status = compare_traces (report, !w->is_static);
  if (status == SHOAL_EXIT_DONE)
    {
      g_autofree char *text = w->json ? shoal_diff_to_json (report) : shoal_diff_to_text (report);
      g_autofree char *printable = shoal_printable (text, false);
      fputs (printable, stdout);
      status = shoal_diff_is_empty (report) ? SHOAL_EXIT_DONE : SHOAL_EXIT_FAILED;
    }
  g_free (report->trace);
  return status;
}

static ShoalExit
compare (const Words *w, const char *a_word, const char *b_word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ShoalStore) store = NULL;
  g_autoptr (ShoalRunHead) a = NULL, b = NULL;
  g_autoptr (ShoalRunDiff) diff = NULL;
  if ((store = shoal_store_open (w->store != NULL ? w->store : SHOAL_DEFAULT_STORE, SHOAL_STORE_READ, &error))
          == NULL
      || (a = shoal_store_look_up_run (store, a_word, &error)) == NULL
      || (b = shoal_store_look_up_run (store, b_word, &error)) == NULL
      || (diff = shoal_store_diff (store, a, b, &error)) == NULL)
    return shoal_complain_store (error);
  ShoalDiffReport report = { .a = a, .b = b, .diff = diff };
  return print (&report, w);
}

ShoalExit
shoal_command_diff (int argc, char **argv)
{
  Words w = { 0 };
  const GOptionEntry entries[] = {
    { "store", 's', 0, G_OPTION_ARG_FILENAME, &w.store, "Read this store (default: " SHOAL_DEFAULT_STORE ")",
      "FILE" },
    { "no-replay", 0, 0, G_OPTION_ARG_NONE, &w.is_static,
      "Do not play the runs again to compare their traces", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &w.json, "Print one JSON object", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (shoal_parse_options ("diff", "RUN_A RUN_B", summary, description, entries, &argc, &argv, &status))
    status = argc == 3
                 ? compare (&w, argv[1], argv[2])
                 : shoal_complain_usage ("diff", "expected two runs, by their numbers or their scenarios");
  g_free (w.store);
  return status;
}
