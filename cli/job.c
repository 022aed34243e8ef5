#include "cli/job.h"

#include <inttypes.h>
#include <string.h>

void
shoal_job_clear (ShoalJob *job)
{
  g_clear_pointer (&job->row, shoal_run_row_free);
  g_clear_error (&job->error);
}

char *
shoal_job_name (const ShoalJob *job)
{
  return g_strdup_printf ("%s, %s, seed %" PRIu64, job->scenario->name, shoal_model_name (job->model),
                          job->seed);
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
  return g_strdup_printf ("shoal run %s --model %s --seed %" PRIu64 "%s", path, model, job->seed,
                          job->real_content ? " --content real" : "");
}
