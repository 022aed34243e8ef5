#include "cli/job.h"

#include "scenarios/units.h"

#include <inttypes.h>
#include <string.h>

void
shoal_job_clear (ShoalJob *job)
{
  g_clear_pointer (&job->row, shoal_run_row_free);
  g_clear_error (&job->error);
}

/* before and the scenario's rate factor, where there is one; else nothing. */
static char *
rate_factor (const ShoalScenario *scenario, const char *before)
{
  g_autofree char *factor = shoal_format_ratio (scenario->rate_factor);
  return scenario->rate_factor == SHOAL_ONE ? g_strdup ("") : g_strconcat (before, factor, NULL);
}

char *
shoal_job_name (const ShoalJob *job)
{
  g_autofree char *factor = rate_factor (job->scenario, ", rates x ");
  return g_strdup_printf ("%s, %s%s%s, seed %" PRIu64 "%s%s", job->scenario->name,
                          shoal_model_name (job->model), job->strategy != NULL ? ", " : "",
                          job->strategy != NULL ? job->strategy->name : "", job->seed,
                          job->real_time ? ", for real" : "", factor);
}

/* Quoted only where the shell needs it. */
static char *
quote (const char *word)
{
  const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
  return word[0] != '\0' && word[strspn (word, plain)] == '\0' ? g_strdup (word) : g_shell_quote (word);
}

char *
shoal_job_command (const ShoalJob *job, const char *model)
{
  g_autofree char *path = quote (job->scenario->origin);
  g_autofree char *factor = rate_factor (job->scenario, " --rate-factor ");
  const char *world = job->real_time ? " --backend real" : job->real_content ? " --content real" : "";
  g_autofree char *strategy =
      job->strategy != NULL ? g_strconcat (" --strategy ", job->strategy->name, NULL) : g_strdup ("");
  return g_strdup_printf ("shoal run %s --model %s%s --seed %" PRIu64 "%s%s", path, model, strategy,
                          job->seed, world, factor);
}
