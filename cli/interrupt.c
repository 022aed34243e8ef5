#define _XOPEN_SOURCE 700
#include "cli/interrupt.h"

#include <signal.h>

static gint interrupted;

static void
note (int number)
{
  g_atomic_int_set (&interrupted, number);
}

void
shoal_interrupt_catch (void)
{
  struct sigaction action = { .sa_handler = note, .sa_flags = (int)SA_RESETHAND };
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
