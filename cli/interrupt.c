#define _XOPEN_SOURCE 700
#include "cli/interrupt.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* `timeout` and terminals may send the same request twice in a row; later it is meant. */
#define SAME_REQUEST_MS 1000

static gint interrupted;
static volatile sig_atomic_t first_ms;
static int ends[2] = { -1, -1 }; /* of a pipe, that who waits for events is woken up by */

/* May be called by a signal handler, and wraps. */
static sig_atomic_t
clock_ms (void)
{
  struct timespec now = { 0 };
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (sig_atomic_t)((now.tv_sec * 1000 + now.tv_nsec / 1000000) & 0x3fffffff);
}

/* In a signal handler: what it interrupts must find its errno. */
static void
wake (void)
{
  int saved = errno;
  ssize_t written = write (ends[1], "", 1);
  (void)written; /* a full pipe wakes up, too */
  errno = saved;
}

static void
note (int number)
{
  sig_atomic_t now_ms = clock_ms ();
  /* Before the number: the same request may run this in another thread meanwhile. */
  if (g_atomic_int_get (&interrupted) == 0)
    first_ms = now_ms;
  if (g_atomic_int_compare_and_exchange (&interrupted, 0, number))
    {
      wake ();
      return;
    }
  if (((now_ms - first_ms) & 0x3fffffff) < SAME_REQUEST_MS)
    return;
  signal (number, SIG_DFL);
  raise (number);
}

void
shoal_interrupt_catch (void)
{
  struct sigaction action = { .sa_handler = note };
  if (ends[0] < 0 && !g_unix_open_pipe (ends, FD_CLOEXEC, NULL))
    return;
  g_unix_set_fd_nonblocking (ends[1], TRUE, NULL);
  sigemptyset (&action.sa_mask);
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  sigaction (SIGHUP, &action, NULL);
}

const gint *
shoal_interrupt_flag (void)
{
  return &interrupted;
}

int
shoal_interrupt_fd (void)
{
  return ends[0];
}
