/* `shoal verify`: plays a scenario more than once, and compares what happened, event by event. */
#include "cli/cli.h"
#include "cli/plays.h"
#include "cli/scenario-file.h"
#include "cli/trace-diff.h"
#include "scenarios/units.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Real content is verified too where all nodes' copies together take no more than this. */
#define MAX_REAL_BYTES ((uint64_t)512 << 20)

static const char summary[] = "Checks that a scenario plays the same way every time.";

static const char description[] =
    "Plays the scenario twice at the same time, with the same seed, and compares the traces: every datagram\n"
    "and every event must be the same, to the nanosecond. Where the files are small it is played a third\n"
    "time, with real bytes instead of numbered blocks. If traces differ, the first event that does is\n"
    "printed with a few lines around it, and the exit status is 1.\n"
    "\n"
    "A trace that `shoal run --trace` wrote elsewhere, or with another build, can be compared as well.\n"
    "\n"
    "Examples:\n"
    "  shoal verify simple\n"
    "  shoal verify twenty --seed 7 --model server-client\n"
    "  shoal verify simple --against simple.trace\n";

typedef struct {
  ShoalScenario *scenario;
  uint64_t seed;
  bool real_content; /* in all plays */
  ShoalModel model;
  bool both;
} Request;

enum {
  MAX_PLAYS = 3,
};

static ShoalJob
new_job (const Request *r, ShoalModel model, bool real_content)
{
  return (ShoalJob){ .scenario = r->scenario, .model = model, .seed = r->seed, .real_content = real_content };
}

static ShoalExit
print_difference (FILE *a, const char *a_name, FILE *b, const char *b_name)
{
  g_autofree char *text = shoal_trace_difference (a, a_name, b, b_name);
  if (text == NULL)
    return SHOAL_EXIT_DONE;
  fputs (text, stdout);
  return SHOAL_EXIT_FAILED;
}

static const char *
content_name (const ShoalJob *job)
{
  return job->real_content ? "real content" : "virtual content";
}

/* Plays again those two whose digests differ, now writing their traces down. */
static ShoalExit
play_with_text (ShoalJob pair[2])
{
  char *names[2] = { g_strdup_printf ("one play (%s)", content_name (&pair[0])),
                     g_strdup_printf ("another (%s)", content_name (&pair[1])) };
  FILE *files[2] = { shoal_plays_open_trace (), NULL };
  ShoalExit status = SHOAL_EXIT_FAILED;
  if (files[0] != NULL && (files[1] = shoal_plays_open_trace ()) != NULL)
    {
      pair[0].trace = files[0];
      pair[1].trace = files[1];
      status = shoal_plays_run (pair, 2);
      if (status == SHOAL_EXIT_DONE
          && (!shoal_plays_rewind_trace (files[0]) || !shoal_plays_rewind_trace (files[1])))
        status = SHOAL_EXIT_FAILED;
      else if (status == SHOAL_EXIT_DONE
               && print_difference (files[0], names[0], files[1], names[1]) == SHOAL_EXIT_DONE)
        shoal_complain (
            "played again, the two are the same: what differs is rare; verify it some more times");
    }
  for (unsigned i = 0; i < 2; i++)
    {
      if (files[i] != NULL)
        fclose (files[i]);
      shoal_job_clear (&pair[i]);
      g_free (names[i]);
    }
  return status == SHOAL_EXIT_DONE ? SHOAL_EXIT_FAILED : status;
}

static ShoalExit
compare_digests (const Request *r, const ShoalJob *jobs, unsigned count)
{
  g_autofree char *name = shoal_job_name (&jobs[0]);
  for (unsigned i = 1; i < count; i++)
    if (g_strcmp0 (jobs[0].row->trace_sha256, jobs[i].row->trace_sha256) != 0)
      {
        ShoalJob pair[2] = { new_job (r, jobs[0].model, jobs[0].real_content),
                             new_job (r, jobs[i].model, jobs[i].real_content) };
        printf ("%s: the traces differ\n", name);
        return play_with_text (pair);
      }
  printf ("%s: %u plays%s, the same trace: %" PRIu64 " events, sha256 %s\n", name, count,
          count == MAX_PLAYS ? ", one of them with real content" : "", jobs[0].row->events,
          jobs[0].row->trace_sha256);
  return SHOAL_EXIT_DONE;
}

static ShoalExit
verify (const Request *r, ShoalModel model)
{
  ShoalJob jobs[MAX_PLAYS] = { new_job (r, model, r->real_content), new_job (r, model, r->real_content),
                               new_job (r, model, true) };
  unsigned count = !r->real_content && shoal_scenario_copies_bytes (r->scenario) <= MAX_REAL_BYTES ? 3 : 2;
  ShoalExit status = shoal_plays_run (jobs, count);
  if (status == SHOAL_EXIT_DONE)
    status = compare_digests (r, jobs, count);
  for (unsigned i = 0; i < count; i++)
    shoal_job_clear (&jobs[i]);
  return status;
}

static ShoalExit
play_against (const Request *r, FILE *old, const char *path)
{
  FILE *now = shoal_plays_open_trace ();
  ShoalJob job = new_job (r, r->model, r->real_content);
  ShoalExit status = SHOAL_EXIT_FAILED;
  job.trace = now;
  if (now != NULL && (status = shoal_plays_run (&job, 1)) == SHOAL_EXIT_DONE)
    status = shoal_plays_rewind_trace (now) ? print_difference (old, path, now, "now") : SHOAL_EXIT_FAILED;
  if (status == SHOAL_EXIT_DONE)
    printf ("%s: the same trace as %s\n", r->scenario->name, path);
  if (now != NULL)
    fclose (now);
  shoal_job_clear (&job);
  return status;
}

static ShoalExit
verify_against (const Request *r, const char *path)
{
  FILE *old = fopen (path, "r");
  if (old == NULL)
    {
      shoal_complain ("--against %s: %s", path, g_strerror (errno));
      return SHOAL_EXIT_USAGE;
    }
  ShoalExit status = play_against (r, old, path);
  fclose (old);
  return status;
}

static ShoalExit
verify_all (const Request *r, const char *against)
{
  if (against != NULL)
    return verify_against (r, against);
  ShoalExit status = verify (r, r->both ? SHOAL_MODEL_P2P : r->model);
  if (!r->both || status > SHOAL_EXIT_USAGE)
    return status;
  ShoalExit other = verify (r, SHOAL_MODEL_SERVER_CLIENT);
  return MAX (status, other);
}

/* True: all is understood. */
static bool
read_words (Request *r, const char *model, const char *seed, const char *content, const char *against)
{
  r->both = g_strcmp0 (model, "both") == 0;
  r->model = g_strcmp0 (model, "server-client") == 0 ? SHOAL_MODEL_SERVER_CLIENT : SHOAL_MODEL_P2P;
  r->real_content = g_strcmp0 (content, "real") == 0;
  r->seed = 1;
  if (model != NULL && !r->both && strcmp (model, shoal_model_name (r->model)) != 0)
    shoal_complain_usage ("verify", "--model %s: expected p2p, server-client or both", model);
  else if (seed != NULL && !shoal_parse_number (seed, 0, INT64_MAX, &r->seed))
    shoal_complain_usage ("verify", "--seed %s: expected a whole number, 0 or more", seed);
  else if (content != NULL && !r->real_content && strcmp (content, "virtual") != 0)
    shoal_complain_usage ("verify", "--content %s: expected virtual or real", content);
  else if (against != NULL && r->both)
    shoal_complain_usage ("verify", "--against is for one model");
  else
    return true;
  return false;
}

ShoalExit
shoal_command_verify (int argc, char **argv)
{
  g_autofree char *model = NULL, *seed = NULL, *content = NULL, *against = NULL;
  const GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_STRING, &seed, "Seed of all that is random (default: 1)", "N" },
    { "model", 'm', 0, G_OPTION_ARG_STRING, &model, "p2p (default), server-client or both", "MODEL" },
    { "content", 0, 0, G_OPTION_ARG_STRING, &content, "virtual (default) or real, in all plays", "CONTENT" },
    { "against", 0, 0, G_OPTION_ARG_FILENAME, &against, "Compare one play with this trace instead", "FILE" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  Request r = { 0 };
  ShoalExit status;
  int found;
  if (!shoal_parse_options ("verify", "SCENARIO", summary, description, entries, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return shoal_complain_usage ("verify", "expected one scenario, a file or the name of a shipped one");
  if (!read_words (&r, model, seed, content, against))
    return SHOAL_EXIT_USAGE;
  r.scenario = shoal_find_scenario (argv[1], SHOAL_ONE, &found);
  status = r.scenario != NULL ? verify_all (&r, against) : (ShoalExit)found;
  shoal_scenario_free (r.scenario);
  return status;
}
