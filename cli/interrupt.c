#define _XOPEN_SOURCE 700
#include "cli/interrupt.h"

#include <signal.h>
#include <time.h>

/* `timeout` and terminals may send the same request twice in a row; later it is meant. */
#define SAME_REQUEST_MS 1000

static gint interrupted;
static volatile sig_atomic_t first_ms;

/* May be called by a signal handler, and wraps. */
static sig_atomic_t
clock_ms (void)
{
  struct timespec now = { 0 };
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (sig_atomic_t)((now.tv_sec * 1000 + now.tv_nsec / 1000000) & 0x3fffffff);
}

static void
note (int number)
{
  sig_atomic_t now_ms = clock_ms ();
  /* Before the number: the same request may run this in another thread meanwhile. */
  if (g_atomic_int_get (&interrupted) == 0)
    first_ms = now_ms;
  if (g_atomic_int_compare_and_exchange (&interrupted, 0, number))
    return;
  if (((now_ms - first_ms) & 0x3fffffff) < SAME_REQUEST_MS)
    return;
  signal (number, SIG_DFL);
  raise (number);
}

void
shoal_interrupt_catch (void)
{
  struct sigaction action = { .sa_handler = note };
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
