#include "cli/progress.h"

void
shoal_progress_start (ShoalProgressLine *progress, bool is_quiet)
{
  *progress = (ShoalProgressLine){ 0 };
  shoal_line_start (&progress->line, is_quiet);
}

/* Bytes per second of the run's own time, since the last line. */
static double
speed (ShoalProgressLine *progress, const ShoalJob *job)
{
  bool is_same = progress->job == job && job->progress.now_ns >= progress->last_now_ns;
  int64_t ns = job->progress.now_ns - (is_same ? progress->last_now_ns : 0);
  uint64_t held = job->progress.held_bytes, before = is_same ? progress->last_held_bytes : 0;
  progress->job = job;
  progress->last_now_ns = job->progress.now_ns;
  progress->last_held_bytes = held;
  return ns > 0 && held > before ? (double)(held - before) * 1e9 / (double)ns : 0;
}

static char *
describe (ShoalProgressLine *progress, const ShoalJob *job, unsigned ended, unsigned count)
{
  const ShoalProgress *p = &job->progress;
  g_autofree char *name = shoal_job_name (job);
  g_autofree char *runs = count > 1 ? g_strdup_printf ("%u/%u runs; ", ended, count) : g_strdup ("");
  double share = p->wanted_bytes > 0 ? 100.0 * (double)p->held_bytes / (double)p->wanted_bytes : 0;
  return g_strdup_printf ("%s%s: %.1f s, %.1f %%, %u/%u downloads, %.0f kB/s", runs, name,
                          (double)p->now_ns / 1e9, share, p->done, p->downloads,
                          speed (progress, job) / 1000);
}

void
shoal_progress_tick (ShoalProgressLine *progress, const ShoalJob *jobs, unsigned count)
{
  const ShoalJob *job = NULL;
  unsigned ended = 0;
  if (!shoal_line_is_due (&progress->line))
    return;
  for (unsigned i = 0; i < count; i++)
    {
      ended += jobs[i].state == SHOAL_JOB_ENDED;
      if (job == NULL && jobs[i].state == SHOAL_JOB_RUNNING)
        job = &jobs[i];
    }
  if (job == NULL)
    return;
  g_autofree char *text = describe (progress, job, ended, count);
  shoal_line_show (&progress->line, text);
}

void
shoal_progress_hide (ShoalProgressLine *progress)
{
  shoal_line_hide (&progress->line);
}
