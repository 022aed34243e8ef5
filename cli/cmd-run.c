/* `shoal run`: plays scenarios, prints what came of them and keeps it in a store. */
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/run-output.h"
#include "cli/selection.h"
#include "cli/workers.h"

#include <errno.h>
#include <string.h>

static const char summary[] = "Plays scenarios and tells how long the downloads took.";

static const char description[] =
    "SCENARIO is a file, or the name of a shipped one (simple, speed, twenty, …). It says what is expected\n"
    "of the run; what is not met is told, and the exit status is 1. docs/scenarios.md explains the format.\n"
    "\n"
    "In virtual time the same scenario and seed give the same run, always. Several runs use all processors;\n"
    "they are printed and stored in order: scenario by scenario, seed by seed, P2P before server-client.\n"
    "Several strategies are played one after the other with each seed, and set side by side.\n"
    "\n"
    "For real, every node has a UDP socket of this host, and a run takes as long as its scenario says; with\n"
    "all rates multiplied, downloads are over sooner. `shoal calibrate` sets the two worlds side by side.\n"
    "\n"
    "Examples:\n"
    "  shoal run simple\n"
    "  shoal run speed twenty --model both --store runs.db && shoal compare --store runs.db\n"
    "  shoal run free-riders --strategy none,tit-for-tat\n"
    "  shoal run my.yaml --seeds 1..20 --json | jq -r '[.seed, .makespan_s] | @tsv'\n"
    "  shoal run simple --trace simple.trace\n"
    "  shoal run speed --backend real --rate-factor 10\n"
    "\n"
    "Exit status: 0 done, 1 a run failed or is not as expected, 2 wrong usage, 130 interrupted. What ended\n"
    "before an interruption is kept in the store; of a run that was broken off, nothing is.\n";

/* As typed. */
typedef struct {
  ShoalSelectionWords selection;
  char *backend, *store, *trace, *content, *jobs;
  gboolean json, is_quiet, is_unrecorded;
} Words;

typedef struct {
  ShoalSelection selection;
  bool real_time, real_content, records;
  uint64_t threads;
  ShoalJob *jobs;
  unsigned count, group; /* jobs; of these, how many belong together */
  ShoalRunOutput output;
  ShoalProgressLine progress;
} Plan;

static void
words_clear (Words *w)
{
  char *all[] = { w->backend, w->store, w->trace, w->content, w->jobs };
  shoal_selection_words_clear (&w->selection);
  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (all[i]);
}

static bool
fail (const char *text, const char *option, const char *expected)
{
  shoal_complain_usage ("run", "--%s %s: expected %s", option, text, expected);
  return false;
}

/* The world to play in. */
static bool
read_backend (const Words *w, Plan *plan)
{
  const char *backend = w->backend != NULL ? w->backend : "sim";
  plan->real_time = strcmp (backend, "real") == 0;
  if (!plan->real_time && strcmp (backend, "sim") != 0)
    return fail (backend, "backend", "sim (virtual time) or real (over loopback, in wall-clock time)");
  if (!plan->real_time || w->trace == NULL)
    return true;
  shoal_complain_usage ("run", "--trace is for virtual time: no two runs for real are the same");
  return false;
}

/* Runs for real would disturb each other. */
static void
settle_threads (const Words *w, Plan *plan)
{
  if (!plan->real_time)
    return;
  if (w->jobs != NULL && plan->threads > 1)
    shoal_complain ("--jobs %s: runs for real are played one at a time, so as not to disturb each other",
                    w->jobs);
  plan->threads = 1;
}

static bool
read_rest (const Words *w, Plan *plan)
{
  const char *content = w->content != NULL ? w->content : plan->real_time ? "real" : "virtual";
  plan->real_content = strcmp (content, "real") == 0;
  plan->threads = g_get_num_processors ();
  plan->output.json = w->json;
  plan->output.is_quiet = w->is_quiet;
  plan->records = w->store != NULL && !w->is_unrecorded;
  if (!plan->real_content && strcmp (content, "virtual") != 0)
    return fail (content, "content", "virtual or real");
  if (plan->real_time && !plan->real_content)
    return fail (content, "content", "real, which is all there is with --backend real");
  if (w->jobs != NULL && !shoal_parse_number (w->jobs, 1, 1024, &plan->threads))
    return fail (w->jobs, "jobs", "a number from 1 to 1024");
  settle_threads (w, plan);
  return true;
}

static void
make_jobs (Plan *plan)
{
  plan->group = shoal_selection_group (&plan->selection);
  plan->count = shoal_selection_count (&plan->selection);
  plan->jobs = g_new0 (ShoalJob, plan->count);
  for (unsigned i = 0; i < plan->count; i++)
    {
      plan->jobs[i] = shoal_selection_job (&plan->selection, i);
      plan->jobs[i].real_time = plan->real_time;
      plan->jobs[i].real_content = plan->real_content;
      plan->jobs[i].records = plan->records;
    }
}

static bool
on_ended (void *context, unsigned index)
{
  Plan *plan = context;
  if ((index + 1) % plan->group != 0)
    return true;
  ShoalJob *jobs = &plan->jobs[index + 1 - plan->group];
  shoal_progress_hide (&plan->progress);
  bool ok = shoal_run_output_take (&plan->output, jobs, plan->group);
  for (unsigned i = 0; i < plan->group; i++)
    shoal_job_clear (&jobs[i]);
  return ok;
}

static void
on_tick (void *context)
{
  Plan *plan = context;
  shoal_progress_tick (&plan->progress, plan->jobs, plan->count);
}

static ShoalExit
play (Plan *plan)
{
  const ShoalWork work = {
    .jobs = plan->jobs,
    .count = plan->count,
    .threads = (unsigned)plan->threads,
    .on_ended = on_ended,
    .on_tick = on_tick,
    .context = plan,
  };
  shoal_progress_start (&plan->progress, plan->output.is_quiet);
  shoal_interrupt_catch ();
  bool is_whole = shoal_work (&work);
  shoal_progress_hide (&plan->progress);
  if (!is_whole && g_atomic_int_get (shoal_interrupt_flag ()) != 0)
    {
      shoal_complain ("interrupted%s",
                      plan->output.store != NULL ? "; the store keeps the runs that had ended" : "");
      return (ShoalExit)(128 + g_atomic_int_get (shoal_interrupt_flag ()));
    }
  if (plan->output.store == NULL && !plan->output.json && !plan->output.is_quiet)
    shoal_complain ("these results are not kept; add --store shoal.db to keep them for `shoal compare`");
  return plan->output.is_failed ? SHOAL_EXIT_FAILED : SHOAL_EXIT_DONE;
}

static ShoalExit
play_with_trace (Plan *plan, const char *path)
{
  if (path == NULL)
    return play (plan);
  FILE *trace = fopen (path, "w");
  if (trace == NULL)
    {
      shoal_complain ("--trace %s: %s", path, g_strerror (errno));
      return SHOAL_EXIT_USAGE;
    }
  plan->jobs[0].trace = trace;
  ShoalExit status = play (plan);
  bool is_whole = !ferror (trace);
  if (fclose (trace) == 0 && is_whole)
    return status;
  shoal_complain ("--trace %s: it could not be written whole: %s", path, g_strerror (errno));
  return status == SHOAL_EXIT_DONE ? SHOAL_EXIT_FAILED : status;
}

static ShoalExit
play_into_store (Plan *plan, const Words *w)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ShoalStore) store = NULL;
  if (w->store != NULL && (store = shoal_store_open (w->store, SHOAL_STORE_WRITE, &error)) == NULL)
    {
      shoal_complain ("%s", error->message);
      return SHOAL_EXIT_FAILED;
    }
  plan->output.store = store;
  return play_with_trace (plan, w->trace);
}

static ShoalExit
run (Plan *plan, const Words *w, int count, char **typed)
{
  if (!shoal_selection_read (&plan->selection, "run", &w->selection) || !read_backend (w, plan)
      || !read_rest (w, plan))
    return SHOAL_EXIT_USAGE;
  int status = shoal_selection_load (&plan->selection, "run", count, typed);
  if (status != SHOAL_EXIT_DONE)
    return (ShoalExit)status;
  make_jobs (plan);
  if (w->trace != NULL && plan->count != 1)
    return shoal_complain_usage ("run",
                                 "--trace is for a single run: one scenario, seed, model and strategy");
  return play_into_store (plan, w);
}

static void
plan_clear (Plan *plan)
{
  for (unsigned i = 0; i < plan->count; i++)
    shoal_job_clear (&plan->jobs[i]);
  g_free (plan->jobs);
  shoal_selection_clear (&plan->selection);
}

ShoalExit
shoal_command_run (int argc, char **argv)
{
  Words w = { 0 };
  Plan plan = { 0 };
  const GOptionEntry entries[] = {
    { "backend", 'b', 0, G_OPTION_ARG_STRING, &w.backend,
      "The world to play in: sim, virtual time (default), or real, over loopback in wall-clock time",
      "BACKEND" },
    { "rate-factor", 0, 0, G_OPTION_ARG_STRING, &w.selection.rate_factor,
      "Multiply all rates; sizes and the times of actions stay (default: 1)", "K" },
    { "model", 'm', 0, G_OPTION_ARG_STRING, &w.selection.model, "p2p (default), server-client or both",
      "MODEL" },
    { "strategy", 0, 0, G_OPTION_ARG_STRING, &w.selection.strategy,
      "Whom peers serve, in place of the scenario's: none, tit-for-tat, turns, or several with commas",
      "NAMES" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &w.selection.seed, "Seed of all that is random (default: 1)", "N" },
    { "seeds", 0, 0, G_OPTION_ARG_STRING, &w.selection.seeds, "One run for each seed from A to B", "A..B" },
    { "store", 's', 0, G_OPTION_ARG_FILENAME, &w.store, "Keep the results in this SQLite file", "FILE" },
    { "no-recording", 0, 0, G_OPTION_ARG_NONE, &w.is_unrecorded,
      "Keep less in the store: not when each block came, nor what downloads waited for", NULL },
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &w.trace, "Write every event of a single run, one a line",
      "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &w.json, "Print one JSON object per run, one a line", NULL },
    { "content", 0, 0, G_OPTION_ARG_STRING, &w.content,
      "virtual: blocks are numbers (default); real: bytes are made, hashed and kept", "CONTENT" },
    { "jobs", 'j', 0, G_OPTION_ARG_STRING, &w.jobs, "Runs at the same time (default: one per processor)",
      "N" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &w.is_quiet, "No progress and no hints on stderr", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (shoal_parse_options ("run", "SCENARIO…", summary, description, entries, &argc, &argv, &status))
    status = run (&plan, &w, argc - 1, argv + 1);
  plan_clear (&plan);
  words_clear (&w);
  return status;
}
