/* `shoal run`: plays scenarios, prints what came of them and keeps it in a store. */
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/run-output.h"
#include "cli/scenario-file.h"
#include "cli/workers.h"

#include <errno.h>
#include <string.h>

#define MAX_RUNS 1000000u

static const char summary[] = "Plays scenarios and tells how long the downloads took.";

static const char description[] =
    "SCENARIO is a file, or the name of a shipped one (simple, speed, twenty, …). It says what is expected\n"
    "of the run; what is not met is told, and the exit status is 1. docs/scenarios.md explains the format.\n"
    "\n"
    "The same scenario and seed give the same run, always. Several runs use all processors; they are\n"
    "printed and stored in order: scenario by scenario, seed by seed, P2P before server-client.\n"
    "\n"
    "Examples:\n"
    "  shoal run simple\n"
    "  shoal run speed twenty --model both --store runs.db && shoal compare --store runs.db\n"
    "  shoal run my.yaml --seeds 1..20 --json | jq -r '[.seed, .makespan_s] | @tsv'\n"
    "  shoal run simple --trace simple.trace\n"
    "\n"
    "Exit status: 0 done, 1 a run failed or is not as expected, 2 wrong usage, 130 interrupted. What ended\n"
    "before an interruption is kept in the store; of a run that was broken off, nothing is.\n";

/* As typed. */
typedef struct {
  char *backend, *model, *seed, *seeds, *store, *trace, *content, *jobs;
  gboolean json, is_quiet;
} Words;

typedef struct {
  bool both;
  ShoalModel model;
  uint64_t first_seed, last_seed;
  bool real_content;
  uint64_t threads;
  GPtrArray *scenarios; /* of ShoalScenario */
  ShoalJob *jobs;
  unsigned count, group; /* jobs; of these, how many belong together */
  ShoalRunOutput output;
  ShoalProgressLine progress;
} Plan;

static void
words_clear (Words *w)
{
  char *all[] = { w->backend, w->model, w->seed, w->seeds, w->store, w->trace, w->content, w->jobs };
  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (all[i]);
}

static bool
fail (const char *text, const char *option, const char *expected)
{
  shoal_complain_usage ("run", "--%s %s: expected %s", option, text, expected);
  return false;
}

static bool
read_model (const Words *w, Plan *plan)
{
  const char *model = w->model != NULL ? w->model : "p2p";
  plan->both = strcmp (model, "both") == 0;
  plan->model = strcmp (model, "server-client") == 0 ? SHOAL_MODEL_SERVER_CLIENT : SHOAL_MODEL_P2P;
  return plan->both || strcmp (model, shoal_model_name (plan->model)) == 0
         || fail (model, "model", "p2p, server-client or both");
}

static bool
read_seeds (const Words *w, Plan *plan)
{
  plan->first_seed = 1;
  if (w->seed != NULL && w->seeds != NULL)
    {
      shoal_complain_usage ("run", "--seed and --seeds exclude each other");
      return false;
    }
  if (w->seed != NULL && !shoal_parse_number (w->seed, 0, INT64_MAX, &plan->first_seed))
    return fail (w->seed, "seed", "a whole number from 0 to 9223372036854775807");
  plan->last_seed = plan->first_seed;
  if (w->seeds == NULL)
    return true;
  g_auto (GStrv) ends = g_strsplit (w->seeds, "..", 2);
  return (g_strv_length (ends) == 2 && shoal_parse_number (ends[0], 0, INT64_MAX, &plan->first_seed)
          && shoal_parse_number (ends[1], plan->first_seed, INT64_MAX, &plan->last_seed)
          && plan->last_seed - plan->first_seed < MAX_RUNS)
         || fail (w->seeds, "seeds", "the first and the last, as in 1..20 (at most a million)");
}

static bool
read_rest (const Words *w, Plan *plan)
{
  const char *content = w->content != NULL ? w->content : "virtual";
  plan->real_content = strcmp (content, "real") == 0;
  plan->threads = g_get_num_processors ();
  plan->output.json = w->json;
  plan->output.is_quiet = w->is_quiet;
  if (!plan->real_content && strcmp (content, "virtual") != 0)
    return fail (content, "content", "virtual or real");
  if (w->backend != NULL && strcmp (w->backend, "sim") != 0)
    return fail (w->backend, "backend", "sim (virtual time), the only one of this version");
  return w->jobs == NULL || shoal_parse_number (w->jobs, 1, 1024, &plan->threads)
         || fail (w->jobs, "jobs", "a number from 1 to 1024");
}

/* All are read before any is played, so that a slip in the last is told at once. */
static ShoalExit
load_scenarios (Plan *plan, int count, char **typed)
{
  ShoalExit worst = SHOAL_EXIT_DONE;
  plan->scenarios = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_scenario_free);
  for (int i = 0; i < count; i++)
    {
      int status;
      ShoalScenario *scenario = shoal_find_scenario (typed[i], &status);
      if (scenario != NULL)
        g_ptr_array_add (plan->scenarios, scenario);
      worst = MAX (worst, (ShoalExit)status);
    }
  return worst;
}

static bool
make_jobs (Plan *plan)
{
  uint64_t seeds = plan->last_seed - plan->first_seed + 1;
  plan->group = plan->both ? 2 : 1;
  if (plan->scenarios->len * seeds * plan->group > MAX_RUNS)
    {
      shoal_complain_usage ("run", "that would be more than %u runs", MAX_RUNS);
      return false;
    }
  plan->count = (unsigned)(plan->scenarios->len * seeds * plan->group);
  plan->jobs = g_new0 (ShoalJob, plan->count);
  for (unsigned i = 0; i < plan->count; i++)
    {
      ShoalJob *job = &plan->jobs[i];
      uint64_t pair = i / plan->group;
      job->scenario = g_ptr_array_index (plan->scenarios, pair / seeds);
      job->seed = plan->first_seed + pair % seeds;
      job->model = plan->both ? (i % 2 == 0 ? SHOAL_MODEL_P2P : SHOAL_MODEL_SERVER_CLIENT) : plan->model;
      job->real_content = plan->real_content;
    }
  return true;
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
  if (!read_model (w, plan) || !read_seeds (w, plan) || !read_rest (w, plan))
    return SHOAL_EXIT_USAGE;
  if (count == 0)
    {
      g_autofree char *names = shoal_scenario_names ();
      return shoal_complain_usage ("run", "which scenario? Name a file, or a shipped one (%s)", names);
    }
  ShoalExit status = load_scenarios (plan, count, typed);
  if (status != SHOAL_EXIT_DONE)
    return status;
  if (!make_jobs (plan))
    return SHOAL_EXIT_USAGE;
  if (w->trace != NULL && plan->count != 1)
    return shoal_complain_usage ("run", "--trace is for a single run: one scenario, one seed, one model");
  return play_into_store (plan, w);
}

static void
plan_clear (Plan *plan)
{
  for (unsigned i = 0; i < plan->count; i++)
    shoal_job_clear (&plan->jobs[i]);
  g_free (plan->jobs);
  if (plan->scenarios != NULL)
    g_ptr_array_unref (plan->scenarios);
}

ShoalExit
shoal_command_run (int argc, char **argv)
{
  Words w = { 0 };
  Plan plan = { 0 };
  const GOptionEntry entries[] = {
    { "backend", 'b', 0, G_OPTION_ARG_STRING, &w.backend, "The world to play in: sim, virtual time (default)",
      "BACKEND" },
    { "model", 'm', 0, G_OPTION_ARG_STRING, &w.model, "p2p (default), server-client or both", "MODEL" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &w.seed, "Seed of all that is random (default: 1)", "N" },
    { "seeds", 0, 0, G_OPTION_ARG_STRING, &w.seeds, "One run for each seed from A to B", "A..B" },
    { "store", 's', 0, G_OPTION_ARG_FILENAME, &w.store, "Keep the results in this SQLite file", "FILE" },
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
