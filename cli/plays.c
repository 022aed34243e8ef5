#define _POSIX_C_SOURCE 200809L
#include "cli/plays.h"

#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/workers.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* Complains of what went wrong in the plays. */
static ShoalExit
check_jobs (const ShoalJob *jobs, unsigned count)
{
  int number = g_atomic_int_get (shoal_interrupt_flag ());
  if (number != 0)
    {
      shoal_complain ("interrupted");
      return (ShoalExit)(128 + number);
    }
  for (unsigned i = 0; i < count; i++)
    if (jobs[i].error != NULL)
      {
        shoal_complain ("%s", jobs[i].error->message);
        return SHOAL_EXIT_FAILED;
      }
  return SHOAL_EXIT_DONE;
}

static bool
on_ended (void *context, unsigned index)
{
  (void)context, (void)index;
  return true;
}

/* What the plays' progress is shown with. */
typedef struct {
  ShoalProgressLine line;
  const ShoalJob *jobs;
  unsigned count;
} Watch;

static void
on_tick (void *context)
{
  Watch *watch = context;
  shoal_progress_tick (&watch->line, watch->jobs, watch->count);
}

ShoalExit
shoal_plays_run (ShoalJob *jobs, unsigned count)
{
  Watch watch = { .jobs = jobs, .count = count };
  const ShoalWork work = {
    .jobs = jobs, .count = count, .threads = 2, .on_ended = on_ended, .on_tick = on_tick, .context = &watch
  };
  shoal_progress_start (&watch.line, false);
  shoal_interrupt_catch ();
  shoal_work (&work);
  shoal_progress_hide (&watch.line);
  return check_jobs (jobs, count);
}

FILE *
shoal_plays_open_trace (void)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("shoal-trace-XXXXXX", &path, &error);
  if (fd < 0)
    {
      shoal_complain ("no place for a trace: %s; TMPDIR may name another folder", error->message);
      return NULL;
    }
  g_unlink (path);
  return fdopen (fd, "w+");
}

bool
shoal_plays_rewind_trace (FILE *trace)
{
  if (!ferror (trace) && fflush (trace) == 0 && fseek (trace, 0, SEEK_SET) == 0)
    return true;
  shoal_complain ("a trace could not be written: %s; TMPDIR may name a folder with more space",
                  g_strerror (errno));
  return false;
}
