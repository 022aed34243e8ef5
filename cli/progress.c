#define _DEFAULT_SOURCE
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TERMINAL_DELAY_US (300 * 1000)
#define PLAIN_INTERVAL_US (5 * G_USEC_PER_SEC)
/* Plain lines become sparser as time goes on: an interval is this part of the time so far. */
#define PLAIN_SHARE 10

/* Of terminals that do not tell their width. */
enum {
  USUAL_WIDTH = 80,
};

void
shoal_progress_start (ShoalProgressLine *line, bool is_quiet)
{
  const char *terminal = getenv ("TERM");
  *line = (ShoalProgressLine){ .is_quiet = is_quiet };
  line->is_terminal = isatty (STDERR_FILENO) && terminal != NULL && strcmp (terminal, "dumb") != 0;
  line->start_us = line->last_us = g_get_monotonic_time ();
}

/* Bytes per second of the run's own time, since the last line. */
static double
speed (ShoalProgressLine *line, const ShoalJob *job)
{
  bool is_same = line->job == job && job->progress.now_ns >= line->last_now_ns;
  int64_t ns = job->progress.now_ns - (is_same ? line->last_now_ns : 0);
  uint64_t held = job->progress.held_bytes, before = is_same ? line->last_held_bytes : 0;
  line->job = job;
  line->last_now_ns = job->progress.now_ns;
  line->last_held_bytes = held;
  return ns > 0 && held > before ? (double)(held - before) * 1e9 / (double)ns : 0;
}

static char *
describe (ShoalProgressLine *line, const ShoalJob *job, unsigned ended, unsigned count)
{
  const ShoalProgress *p = &job->progress;
  g_autofree char *name = shoal_job_name (job);
  g_autofree char *runs = count > 1 ? g_strdup_printf ("%u/%u runs; ", ended, count) : g_strdup ("");
  double share = p->wanted_bytes > 0 ? 100.0 * (double)p->held_bytes / (double)p->wanted_bytes : 0;
  return g_strdup_printf ("%s%s: %.1f s, %.1f %%, %u/%u downloads, %.0f kB/s", runs, name,
                          (double)p->now_ns / 1e9, share, p->done, p->downloads, speed (line, job) / 1000);
}

/* A longer line would wrap, and could not be cleared. */
static char *
cut_to_terminal (const char *text)
{
  struct winsize size;
  bool is_told = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  glong width = (is_told ? size.ws_col : USUAL_WIDTH) - 1;
  return g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), width));
}

static void
show (ShoalProgressLine *line, const char *text)
{
  g_autofree char *cut = cut_to_terminal (text);
  if (line->is_terminal)
    fprintf (stderr, "\r\033[K%s", cut);
  else
    fprintf (stderr, "shoal: %s\n", text);
  fflush (stderr);
  line->is_shown = line->is_terminal;
}

void
shoal_progress_tick (ShoalProgressLine *line, const ShoalJob *jobs, unsigned count)
{
  int64_t now_us = g_get_monotonic_time ();
  const ShoalJob *job = NULL;
  unsigned ended = 0;
  int64_t interval_us = MAX (PLAIN_INTERVAL_US, (now_us - line->start_us) / PLAIN_SHARE);
  bool is_early =
      line->is_terminal ? now_us - line->start_us < TERMINAL_DELAY_US : now_us - line->last_us < interval_us;
  if (line->is_quiet || is_early)
    return;
  for (unsigned i = 0; i < count; i++)
    {
      ended += jobs[i].state == SHOAL_JOB_ENDED;
      if (job == NULL && jobs[i].state == SHOAL_JOB_RUNNING)
        job = &jobs[i];
    }
  if (job == NULL)
    return;
  g_autofree char *text = describe (line, job, ended, count);
  show (line, text);
  line->last_us = now_us;
}

void
shoal_progress_hide (ShoalProgressLine *line)
{
  if (line->is_shown)
    fputs ("\r\033[K", stderr);
  line->is_shown = false;
}
