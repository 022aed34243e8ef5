/* `shoal fuzz`: plays made-up scenarios and looks for what must never happen. */
#include "cli/cli.h"
#include "cli/fuzz-run.h"
#include "cli/interrupt.h"
#include "cli/scenario-file.h"
#include "cli/selection.h"
#include "cli/workers.h"
#include "scenarios/generate.h"
#include "scenarios/units.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const char summary[] = "Makes up scenarios, and finds those in which something goes wrong.";

static const char description[] =
    "From each seed a scenario is made: few or many nodes with lines of any rates, files of any size, and "
    "what\n"
    "can happen to them: churn, changing rates, loss, partitions, a tracker that stops, peers that break "
    "the\n"
    "rules. It is played in virtual time, and after each event is looked at what must always hold: nobody "
    "holds\n"
    "bytes that are not the file's, no line is faster than its rate, who is closed sends nothing, nobody who "
    "is\n"
    "choked gets data, no queue grows without bound, every download ends for a reason that fits, and who can "
    "get\n"
    "something gets it before long. docs/testing.md tells of each.\n"
    "\n"
    "Where something breaks, the seed, the invariant, the time and the command that repeats it are told, and "
    "the\n"
    "scenario is made as small as it can be while it still breaks the same, and kept in a file, which is a\n"
    "scenario like any other: `shoal run` plays it too.\n"
    "\n"
    "Examples:\n"
    "  shoal fuzz\n"
    "  shoal fuzz --seeds 1..100000 --time '10 min' --output failures\n"
    "  shoal fuzz --seed 42 --print                     the scenario of a seed, not played\n"
    "  shoal fuzz --scenario my.yaml --seeds 1..20      a scenario of your own, with the same eyes\n"
    "\n"
    "Exit status: 0 all holds, 1 an invariant is broken, 2 wrong usage, 130 interrupted.\n";

#define SEEDS_USUALLY "1..500"
#define FAILURES_USUALLY 5u

/* As typed. */
typedef struct {
  ShoalSelectionWords selection;
  char *scenario, *output, *jobs, *time, *failures;
  gboolean json, is_quiet, no_shrink, print;
} Words;

typedef struct {
  const Words *words;
  ShoalSelection seeds;
  uint64_t threads, max_failures;
  int64_t end_us; /* monotonic clock; INT64_MAX: no limit */
  char *text;     /* owned; of a given scenario; NULL: they are made up */
  ShoalFuzzRun *runs;
  ShoalJob *jobs; /* for the workers: nothing but their state is used */
  unsigned count;
  ShoalLine line;

  unsigned played, failed;
  uint64_t downloads, done, explained, events;
  bool is_out_of_time, is_broken_off; /* by too many failures, or what could not be written */
  ShoalExit status;
} Plan;

/* ---- the words ---- */

static bool
fail (const char *option, const char *text, const char *expected)
{
  shoal_complain_usage ("fuzz", "--%s %s: expected %s", option, text, expected);
  return false;
}

static bool
read_time (const Words *w, Plan *plan)
{
  ShoalTime time;
  plan->end_us = INT64_MAX;
  if (w->time == NULL)
    return true;
  if (!shoal_parse_time (w->time, &time, NULL) || time <= 0)
    return fail ("time", w->time, "a time such as '60 s' or '10 min'");
  plan->end_us = g_get_monotonic_time () + time / SHOAL_US;
  return true;
}

static bool
read_words (const Words *w, Plan *plan)
{
  ShoalSelectionWords selection = w->selection;
  char usual[] = SEEDS_USUALLY;
  if (selection.seed == NULL && selection.seeds == NULL && w->scenario == NULL)
    selection.seeds = usual;
  plan->words = w;
  plan->threads = g_get_num_processors ();
  plan->max_failures = FAILURES_USUALLY;
  if (!shoal_selection_read (&plan->seeds, "fuzz", &selection) || !read_time (w, plan))
    return false;
  if (w->jobs != NULL && !shoal_parse_number (w->jobs, 1, 1024, &plan->threads))
    return fail ("jobs", w->jobs, "a number from 1 to 1024");
  if (w->failures != NULL && !shoal_parse_number (w->failures, 1, UINT_MAX, &plan->max_failures))
    return fail ("failures", w->failures, "a number from 1");
  return true;
}

/* ---- playing ---- */

static const char *
folder_for (const Words *w)
{
  return w->output != NULL ? w->output : ".";
}

static void
play_run (void *context, unsigned index, const gint *cancelled)
{
  Plan *plan = context;
  if (g_get_monotonic_time () < plan->end_us)
    shoal_fuzz_run_play (&plan->runs[index], cancelled);
}

/* False: it makes no sense to go on. */
static bool
take_failure (Plan *plan, ShoalFuzzRun *run)
{
  bool ok = plan->words->no_shrink || shoal_fuzz_run_keep (run, folder_for (plan->words), &plan->line);
  shoal_line_hide (&plan->line);
  plan->status = SHOAL_EXIT_FAILED;
  plan->failed++;
  if (!plan->words->json)
    shoal_fuzz_run_print (run);
  return ok && plan->failed < plan->max_failures;
}

static bool
take_error (Plan *plan, const ShoalFuzzRun *run)
{
  shoal_line_hide (&plan->line);
  shoal_complain ("seed %" PRIu64 ": %s", run->seed, run->error->message);
  plan->status = SHOAL_EXIT_FAILED;
  return false;
}

static void
count_run (Plan *plan, const ShoalFuzzRun *run)
{
  plan->played++;
  plan->downloads += run->outcome.downloads;
  plan->done += run->outcome.done;
  plan->explained += run->outcome.explained;
  plan->events += run->outcome.events;
}

static bool
on_ended (void *context, unsigned index)
{
  Plan *plan = context;
  ShoalFuzzRun *run = &plan->runs[index];
  bool goes_on = run->is_played;
  plan->is_out_of_time |= !run->is_played;
  if (run->error != NULL)
    goes_on = take_error (plan, run);
  else if (run->is_played)
    {
      count_run (plan, run);
      goes_on = run->outcome.invariant == NULL || take_failure (plan, run);
      if (plan->words->json)
        shoal_fuzz_run_print_json (run);
    }
  shoal_fuzz_run_clear (run);
  plan->is_broken_off |= !goes_on && !plan->is_out_of_time;
  return goes_on;
}

static void
on_tick (void *context)
{
  Plan *plan = context;
  if (!shoal_line_is_due (&plan->line))
    return;
  g_autofree char *text =
      g_strdup_printf ("%u/%u scenarios, %u broken, %" PRIu64 " downloads, %.1f million events", plan->played,
                       plan->count, plan->failed, plan->downloads, (double)plan->events / 1e6);
  shoal_line_show (&plan->line, text);
}

static void
print_sum (const Plan *plan)
{
  if (plan->words->json)
    return;
  printf ("%u of %u scenarios played%s: %u broke an invariant; %" PRIu64 " downloads, %" PRIu64
          " done, %" PRIu64 " ended otherwise for a reason; %" PRIu64 " events\n",
          plan->played, plan->count, plan->is_out_of_time ? " (the time is over)" : "", plan->failed,
          plan->downloads, plan->done, plan->explained, plan->events);
}

static ShoalExit
play_all (Plan *plan)
{
  const ShoalWork work = { .jobs = plan->jobs,
                           .count = plan->count,
                           .threads = (unsigned)plan->threads,
                           .play = play_run,
                           .on_ended = on_ended,
                           .on_tick = on_tick,
                           .context = plan };
  shoal_line_start (&plan->line, plan->words->is_quiet);
  shoal_interrupt_catch ();
  shoal_work (&work);
  shoal_line_hide (&plan->line);
  int number = g_atomic_int_get (shoal_interrupt_flag ());
  print_sum (plan);
  if (number != 0)
    {
      shoal_complain ("interrupted");
      return (ShoalExit)(128 + number);
    }
  if (plan->is_broken_off && plan->failed >= plan->max_failures && plan->played < plan->count)
    shoal_complain ("stopped after %u failures; --failures lets it go on", plan->failed);
  return plan->status;
}

static void
make_runs (Plan *plan)
{
  plan->count = (unsigned)(plan->seeds.last_seed - plan->seeds.first_seed + 1);
  plan->runs = g_new0 (ShoalFuzzRun, plan->count);
  plan->jobs = g_new0 (ShoalJob, plan->count);
  for (unsigned i = 0; i < plan->count; i++)
    plan->runs[i] = (ShoalFuzzRun){ .seed = plan->seeds.first_seed + i,
                                    .given = plan->words->scenario,
                                    .text = plan->text };
}

static ShoalExit
print_scenarios (const Plan *plan)
{
  for (uint64_t seed = plan->seeds.first_seed; seed <= plan->seeds.last_seed; seed++)
    {
      g_autofree char *text = shoal_generate_scenario (seed);
      printf ("%s%s", seed > plan->seeds.first_seed ? "---\n" : "", text);
    }
  return SHOAL_EXIT_DONE;
}

/* Looked at before hours of playing, not after. The folder is made: what cannot be made cannot be written to. */
static bool
can_keep (const Words *w)
{
  const char *folder = folder_for (w);
  if (w->no_shrink || (g_mkdir_with_parents (folder, 0777) == 0 && g_access (folder, W_OK | X_OK) == 0))
    return true;
  shoal_complain ("--output %s: %s; failures are to be kept there (--no-shrink keeps none)", folder,
                  g_strerror (errno));
  return false;
}

static ShoalExit
run (Plan *plan, const Words *w, int argc)
{
  int found = SHOAL_EXIT_DONE;
  if (argc > 1)
    return shoal_complain_usage ("fuzz", "scenarios are made up; --scenario names one to be played instead");
  if (!read_words (w, plan))
    return SHOAL_EXIT_USAGE;
  if (w->print && w->scenario != NULL)
    return shoal_complain_usage ("fuzz", "--print is for scenarios that are made up");
  if (w->print)
    return print_scenarios (plan);
  if (w->scenario != NULL)
    {
      g_autoptr (ShoalScenario) scenario = shoal_find_scenario (w->scenario, plan->seeds.rate_factor, &found);
      if (scenario == NULL)
        return (ShoalExit)found;
      plan->text = shoal_scenario_resolve (scenario, NULL);
    }
  if (!can_keep (w))
    return SHOAL_EXIT_FAILED;
  make_runs (plan);
  return play_all (plan);
}

static void
plan_clear (Plan *plan)
{
  for (unsigned i = 0; i < plan->count; i++)
    shoal_fuzz_run_clear (&plan->runs[i]);
  g_free (plan->runs);
  g_free (plan->jobs);
  g_free (plan->text);
  shoal_selection_clear (&plan->seeds);
}

static void
words_clear (Words *w)
{
  char *all[] = { w->scenario, w->output, w->jobs, w->time, w->failures };
  shoal_selection_words_clear (&w->selection);
  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (all[i]);
}

ShoalExit
shoal_command_fuzz (int argc, char **argv)
{
  Words w = { 0 };
  Plan plan = { 0 };
  const GOptionEntry entries[] = {
    { "seeds", 0, 0, G_OPTION_ARG_STRING, &w.selection.seeds,
      "Seeds from A to B (default: " SEEDS_USUALLY ")", "A..B" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &w.selection.seed, "One seed (with --scenario: 1 by default)", "N" },
    { "scenario", 0, 0, G_OPTION_ARG_FILENAME, &w.scenario, "Play this one instead of made-up ones",
      "SCENARIO" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &w.output,
      "Keep shrunk scenarios in this folder (default: here)", "DIR" },
    { "no-shrink", 0, 0, G_OPTION_ARG_NONE, &w.no_shrink, "Keep no shrunk scenarios: only tell the seeds",
      NULL },
    { "failures", 0, 0, G_OPTION_ARG_STRING, &w.failures, "Stop after so many failures (default: 5)", "N" },
    { "time", 0, 0, G_OPTION_ARG_STRING, &w.time, "Begin no more scenarios after this time, such as '10 min'",
      "TIME" },
    { "print", 0, 0, G_OPTION_ARG_NONE, &w.print, "Print the scenarios of the seeds, and play nothing",
      NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &w.json, "Print one JSON object per seed, one a line", NULL },
    { "jobs", 'j', 0, G_OPTION_ARG_STRING, &w.jobs, "Scenarios at the same time (default: one per processor)",
      "N" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &w.is_quiet, "No progress on stderr", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (shoal_parse_options ("fuzz", "", summary, description, entries, &argc, &argv, &status))
    status = run (&plan, &w, argc);
  plan_clear (&plan);
  words_clear (&w);
  return status;
}
