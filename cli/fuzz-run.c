#include "cli/fuzz-run.h"

#include "cli/cli.h"
#include "cli/interrupt.h"
#include "results/json-fields.h"
#include "scenarios/generate.h"
#include "scenarios/shrink.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_ATTEMPTS 2000u
/* Of made-up scenarios one in so many is also played with virtual content. */
#define BOTH_CONTENTS_EVERY 4u

void
shoal_fuzz_run_clear (ShoalFuzzRun *run)
{
  shoal_fuzz_outcome_clear (&run->outcome);
  g_clear_error (&run->error);
  g_clear_pointer (&run->kept, g_free);
}

/* ---- playing ---- */

static char *
text_of (const ShoalFuzzRun *run)
{
  return run->text != NULL ? g_strdup (run->text) : shoal_generate_scenario (run->seed);
}

static bool
play_text (const ShoalFuzzRun *run, const char *text, const gint *cancelled, ShoalFuzzOutcome *outcome,
           GError **error)
{
  const char *origin = run->given != NULL ? run->given : "(made up)";
  g_autoptr (ShoalScenario) scenario = shoal_scenario_parse (text, strlen (text), origin, error);
  const ShoalFuzzOptions options = { .seed = run->seed,
                                     .both_contents =
                                         run->text != NULL || run->seed % BOTH_CONTENTS_EVERY == 0,
                                     .cancelled = cancelled };
  return scenario != NULL && shoal_scenario_prepare (scenario, error)
         && shoal_fuzz_play (scenario, &options, outcome, error);
}

void
shoal_fuzz_run_play (ShoalFuzzRun *run, const gint *cancelled)
{
  g_autofree char *text = text_of (run);
  play_text (run, text, cancelled, &run->outcome, &run->error);
  run->is_played = true;
}

/* ---- shrinking ---- */

typedef struct {
  const ShoalFuzzRun *run;
  ShoalLine *line;
} Shrinking;

static bool
breaks_the_same (void *context, const char *text)
{
  const ShoalFuzzRun *run = ((Shrinking *)context)->run;
  ShoalFuzzOutcome outcome = { 0 };
  bool same = play_text (run, text, shoal_interrupt_flag (), &outcome, NULL)
              && g_strcmp0 (outcome.invariant, run->outcome.invariant) == 0;
  shoal_fuzz_outcome_clear (&outcome);
  return same;
}

static bool
on_attempt (void *context, unsigned attempts, unsigned lines)
{
  Shrinking *s = context;
  if (shoal_line_is_due (s->line))
    {
      g_autofree char *text =
          g_strdup_printf ("seed %" PRIu64 " breaks %s; shrinking its scenario: %u lines after %u attempts",
                           s->run->seed, s->run->outcome.invariant, lines, attempts);
      shoal_line_show (s->line, text);
    }
  return g_atomic_int_get (shoal_interrupt_flag ()) == 0;
}

static char *
shrink (const ShoalFuzzRun *run, ShoalLine *line)
{
  Shrinking s = { run, line };
  const ShoalShrinkOptions options = {
    .test = breaks_the_same, .on_attempt = on_attempt, .context = &s, .max_attempts = MAX_ATTEMPTS
  };
  g_autofree char *text = text_of (run);
  char *small = shoal_shrink_scenario (text, &options);
  shoal_line_hide (line);
  return small;
}

/* The shrunk scenario with what it is about at its beginning. */
static char *
with_comment (const ShoalFuzzRun *run, const char *path, const char *small)
{
  ShoalFuzzOutcome outcome = { 0 };
  bool played = play_text (run, small, NULL, &outcome, NULL) && outcome.what != NULL;
  const ShoalFuzzOutcome *told = played ? &outcome : &run->outcome;
  g_autofree char *quoted = g_shell_quote (path);
  char *text = g_strdup_printf (
      "# Breaks '%s' at %.3f s:\n# %s.\n# Repeat: shoal fuzz --scenario %s --seed %" PRIu64 "\n%s",
      told->invariant, (double)told->at_ns / 1e9, told->what, quoted, run->seed, small);
  shoal_fuzz_outcome_clear (&outcome);
  return text;
}

/* Where it is kept: fuzz-SEED.yaml, or NAME-SEED.yaml of a given one. Owned by the caller. */
static char *
path_for (const ShoalFuzzRun *run, const char *folder)
{
  g_autofree char *base = g_path_get_basename (run->given != NULL ? run->given : "fuzz");
  if (g_str_has_suffix (base, ".yaml"))
    base[strlen (base) - strlen (".yaml")] = '\0';
  g_autofree char *name = g_strdup_printf ("%s-%" PRIu64 ".yaml", base, run->seed);
  return g_build_filename (folder, name, NULL);
}

bool
shoal_fuzz_run_keep (ShoalFuzzRun *run, const char *folder, ShoalLine *line)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *small = shrink (run, line), *path = path_for (run, folder);
  g_autofree char *text = with_comment (run, path, small);
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      shoal_complain ("--output %s: %s", folder, g_strerror (errno));
      return false;
    }
  if (!g_file_set_contents (path, text, -1, &error))
    {
      shoal_complain ("the shrunk scenario could not be kept: %s; --output names another folder",
                      error->message);
      return false;
    }
  run->kept = g_steal_pointer (&path);
  return true;
}

/* ---- telling ---- */

char *
shoal_fuzz_run_command (const ShoalFuzzRun *run)
{
  if (run->given == NULL)
    return g_strdup_printf ("shoal fuzz --seed %" PRIu64, run->seed);
  g_autofree char *quoted = g_shell_quote (run->given);
  return g_strdup_printf ("shoal fuzz --scenario %s --seed %" PRIu64, quoted, run->seed);
}

void
shoal_fuzz_run_print (const ShoalFuzzRun *run)
{
  const ShoalFuzzOutcome *o = &run->outcome;
  g_autofree char *command = shoal_fuzz_run_command (run);
  printf ("seed %" PRIu64 " breaks '%s' at %.3f s: %s\n", run->seed, o->invariant, (double)o->at_ns / 1e9,
          o->what);
  printf ("  repeat: %s\n", command);
  if (run->kept != NULL)
    printf ("  shrunk: shoal fuzz --scenario %s --seed %" PRIu64 "\n", run->kept, run->seed);
}

void
shoal_fuzz_run_print_json (const ShoalFuzzRun *run)
{
  const ShoalFuzzOutcome *o = &run->outcome;
  g_autofree char *command = shoal_fuzz_run_command (run);
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  shoal_json_add_count (b, "seed", run->seed);
  shoal_json_add_text (b, "invariant", o->invariant);
  shoal_json_add_text (b, "what", o->what);
  if (o->invariant != NULL)
    shoal_json_add_real (b, "at_s", (double)o->at_ns / 1e9);
  else
    shoal_json_add_null (b, "at_s");
  shoal_json_add_count (b, "downloads", o->downloads);
  shoal_json_add_count (b, "done", o->done);
  shoal_json_add_count (b, "explained", o->explained);
  shoal_json_add_count (b, "events", o->events);
  shoal_json_add_text (b, "shrunk", run->kept);
  shoal_json_add_text (b, "command", command);
  json_builder_end_object (b);
  g_autofree char *line = shoal_json_line (b);
  fputs (line, stdout);
}
