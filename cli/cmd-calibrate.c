/* `shoal calibrate`: plays scenarios in virtual time and for real, and sets the two side by side. */
#include "cli/calibration.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/selection.h"
#include "cli/workers.h"
#include "results/store.h"
#include "scenarios/units.h"

static const char summary[] =
    "Plays scenarios in virtual time and for real, and tells how far apart they are.";

static const char description[] =
    "SCENARIO is a file, or the name of a shipped one. It is played twice: in virtual time, and over\n"
    "loopback in wall-clock time, where it takes as long as it says; with all rates multiplied, downloads\n"
    "are over sooner in both worlds. The error is real / virtual - 1, of each download's time and of the\n"
    "makespan. The exit status is 1 when the makespan's is beyond the tolerance, or when a download ended\n"
    "well in one world and not in the other.\n"
    "\n"
    "Two plays of one scenario differ, by chance, as two seeds do in virtual time. Where that is more than\n"
    "the tolerance, play several seeds: the medians are compared then. A computer that is busy otherwise,\n"
    "or too slow for the rates, shows in the error too: the last line tells how much CPU time the plays\n"
    "for real needed, and how long they waited for a processor.\n"
    "\n"
    "Examples:\n"
    "  shoal calibrate low-upload-seeder\n"
    "  shoal calibrate speed twenty --rate-factor 10\n"
    "  shoal calibrate mixed --rate-factor 10 --seeds 1..5\n"
    "  shoal calibrate speed --rate-factor 10 --model both --tolerance '1 %' --json\n"
    "\n"
    "Exit status: 0 all within the tolerance, 1 not, 2 wrong usage, 130 interrupted.\n";

typedef struct {
  ShoalSelectionWords selection;
  char *tolerance, *store;
  gboolean each, json, is_quiet;
} Words;

typedef struct {
  const Words *words;
  ShoalSelection selection;
  double tolerance;
  /* By scenario, then model, then seed; each in virtual time and then for real. */
  ShoalJob *jobs;
  unsigned count, batch; /* of these, how many are of one scenario and model */
  ShoalStore *store;     /* NULL: not kept */
  ShoalProgressLine progress;
  unsigned printed;
  bool is_failed;
} Plan;

enum {
  WORLDS = 2,
};

static bool
read_tolerance (Plan *plan)
{
  int64_t millionths = 3 * SHOAL_ONE / 100;
  const char *typed = plan->words->tolerance;
  if (typed != NULL && !shoal_parse_percent (typed, &millionths, NULL))
    {
      shoal_complain_usage ("calibrate", "--tolerance %s: expected a share such as '3 %%'", typed);
      return false;
    }
  plan->tolerance = (double)millionths / (double)SHOAL_ONE;
  return true;
}

/* The job number i of a calibration, whose order is not that of a selection. */
static ShoalJob
make_job (const Plan *plan, unsigned i)
{
  unsigned models = shoal_selection_group (&plan->selection), seeds = plan->batch / WORLDS;
  unsigned batch = i / plan->batch, seed = i % plan->batch / WORLDS;
  unsigned number = (batch / models * seeds + seed) * models + batch % models;
  ShoalJob job = shoal_selection_job (&plan->selection, number);
  job.records = plan->words->store != NULL;
  job.real_time = job.real_content = i % WORLDS == 1;
  return job;
}

static void
make_jobs (Plan *plan)
{
  plan->count = shoal_selection_count (&plan->selection) * WORLDS;
  plan->batch = (unsigned)(plan->selection.last_seed - plan->selection.first_seed + 1) * WORLDS;
  plan->jobs = g_new0 (ShoalJob, plan->count);
  for (unsigned i = 0; i < plan->count; i++)
    plan->jobs[i] = make_job (plan, i);
}

/* Into the store at once, so that an interruption loses none. */
static bool
take_run (Plan *plan, const ShoalJob *job)
{
  g_autoptr (GError) error = NULL;
  if (job->row == NULL)
    {
      g_autofree char *name = shoal_job_name (job);
      shoal_complain ("%s: %s", name, job->error->message);
      plan->is_failed = true;
      return true;
    }
  if (plan->store == NULL || shoal_store_add_run (plan->store, job->row, &error))
    return true;
  shoal_complain ("%s", error->message);
  plan->is_failed = true;
  return false;
}

/* A whole batch has ended. */
static void
print_calibration (Plan *plan, const ShoalJob *jobs)
{
  unsigned seeds = plan->batch / WORLDS;
  g_autofree const ShoalRunRow **rows = g_new (const ShoalRunRow *, plan->batch);
  for (unsigned i = 0; i < plan->batch; i++)
    {
      if (jobs[i].row == NULL)
        return; /* that was told */
      rows[i % WORLDS * seeds + i / WORLDS] = jobs[i].row;
    }
  const ShoalCalibration calibration = { .in_virtual_time = rows,
                                         .for_real = rows + seeds,
                                         .seeds = seeds,
                                         .tolerance = plan->tolerance,
                                         .judges_each = plan->words->each };
  g_autofree char *text =
      plan->words->json ? shoal_calibration_to_json (&calibration) : shoal_calibration_to_text (&calibration);
  if (!plan->words->json && plan->printed++ > 0)
    putchar ('\n');
  fputs (text, stdout);
  plan->is_failed |= !shoal_calibration_within (&calibration);
}

static bool
on_ended (void *context, unsigned index)
{
  Plan *plan = context;
  shoal_progress_hide (&plan->progress);
  if (!take_run (plan, &plan->jobs[index]))
    return false;
  if ((index + 1) % plan->batch != 0)
    return true;
  ShoalJob *jobs = &plan->jobs[index + 1 - plan->batch];
  print_calibration (plan, jobs);
  for (unsigned i = 0; i < plan->batch; i++)
    shoal_job_clear (&jobs[i]);
  if (fflush (stdout) == 0)
    return true;
  plan->is_failed = true; /* main() tells of it */
  return false;
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
  make_jobs (plan);
  const ShoalWork work = {
    .jobs = plan->jobs,
    .count = plan->count,
    .threads = 1, /* a run for real must not be disturbed */
    .on_ended = on_ended,
    .on_tick = on_tick,
    .context = plan,
  };
  shoal_progress_start (&plan->progress, plan->words->is_quiet);
  shoal_interrupt_catch ();
  bool is_whole = shoal_work (&work);
  shoal_progress_hide (&plan->progress);
  int number = g_atomic_int_get (shoal_interrupt_flag ());
  if (!is_whole && number != 0)
    {
      shoal_complain ("interrupted");
      return (ShoalExit)(128 + number);
    }
  return plan->is_failed ? SHOAL_EXIT_FAILED : SHOAL_EXIT_DONE;
}

static ShoalExit
calibrate (Plan *plan, int count, char **typed)
{
  if (!shoal_selection_read (&plan->selection, "calibrate", &plan->words->selection)
      || !read_tolerance (plan))
    return SHOAL_EXIT_USAGE;
  int status = shoal_selection_load (&plan->selection, "calibrate", count, typed);
  if (status != SHOAL_EXIT_DONE)
    return (ShoalExit)status;
  g_autoptr (GError) error = NULL;
  g_autoptr (ShoalStore) store = NULL;
  const char *path = plan->words->store;
  if (path != NULL && (store = shoal_store_open (path, SHOAL_STORE_WRITE, &error)) == NULL)
    {
      shoal_complain ("%s", error->message);
      return SHOAL_EXIT_FAILED;
    }
  plan->store = store;
  return play (plan);
}

static void
plan_clear (Plan *plan)
{
  for (unsigned i = 0; i < plan->count; i++)
    shoal_job_clear (&plan->jobs[i]);
  g_free (plan->jobs);
  shoal_selection_clear (&plan->selection);
}

static void
words_clear (Words *words)
{
  shoal_selection_words_clear (&words->selection);
  g_free (words->tolerance);
  g_free (words->store);
}

ShoalExit
shoal_command_calibrate (int argc, char **argv)
{
  Words w = { 0 };
  Plan plan = { .words = &w };
  const GOptionEntry entries[] = {
    { "rate-factor", 0, 0, G_OPTION_ARG_STRING, &w.selection.rate_factor,
      "Multiply all rates; sizes and the times of actions stay (default: 1)", "K" },
    { "model", 'm', 0, G_OPTION_ARG_STRING, &w.selection.model, "p2p (default), server-client or both",
      "MODEL" },
    { "strategy", 0, 0, G_OPTION_ARG_STRING, &w.selection.strategy,
      "Whom peers serve, in place of the scenario's: none, tit-for-tat, turns, or several with commas",
      "NAMES" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &w.selection.seed, "Seed of all that is random (default: 1)", "N" },
    { "seeds", 0, 0, G_OPTION_ARG_STRING, &w.selection.seeds, "Compare medians over the seeds from A to B",
      "A..B" },
    { "tolerance", 't', 0, G_OPTION_ARG_STRING, &w.tolerance,
      "How far apart the makespans may be (default: 3 %)", "SHARE" },
    { "each", 0, 0, G_OPTION_ARG_NONE, &w.each, "Hold every download to the tolerance, not only the makespan",
      NULL },
    { "store", 's', 0, G_OPTION_ARG_FILENAME, &w.store, "Keep the runs in this SQLite file", "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &w.json, "Print one JSON object per calibration, one a line", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &w.is_quiet, "No progress on stderr", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (shoal_parse_options ("calibrate", "SCENARIO…", summary, description, entries, &argc, &argv, &status))
    status = calibrate (&plan, argc - 1, argv + 1);
  plan_clear (&plan);
  words_clear (&w);
  return status;
}
