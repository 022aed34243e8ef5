#define _DEFAULT_SOURCE
#include "cli/line.h"

#include "cli/cli.h"

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
shoal_line_start (ShoalLine *line, bool is_quiet)
{
  const char *terminal = getenv ("TERM");
  *line = (ShoalLine){ .is_quiet = is_quiet };
  line->is_terminal = isatty (STDERR_FILENO) && terminal != NULL && strcmp (terminal, "dumb") != 0;
  line->start_us = line->last_us = g_get_monotonic_time ();
}

bool
shoal_line_is_due (const ShoalLine *line)
{
  int64_t now_us = g_get_monotonic_time ();
  int64_t interval_us = MAX (PLAIN_INTERVAL_US, (now_us - line->start_us) / PLAIN_SHARE);
  if (line->is_quiet)
    return false;
  return line->is_terminal ? now_us - line->start_us >= TERMINAL_DELAY_US
                           : now_us - line->last_us >= interval_us;
}

/* A longer line would wrap, and could not be cleared. */
static char *
cut_to_terminal (const char *text)
{
  struct winsize size;
  bool is_told = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  glong width = (is_told ? size.ws_col : USUAL_WIDTH) - 1;
  const char *at = text;
  for (glong cells = 0; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      cells += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
      if (cells > width)
        break;
    }
  return g_strndup (text, (gsize)(at - text));
}

void
shoal_line_show (ShoalLine *line, const char *text)
{
  g_autofree char *printable = shoal_printable (text, true);
  g_autofree char *cut = cut_to_terminal (printable);
  if (line->is_terminal)
    fprintf (stderr, "\r\033[K%s", cut);
  else
    fprintf (stderr, "shoal: %s\n", printable);
  fflush (stderr);
  line->is_shown = line->is_terminal;
  line->last_us = g_get_monotonic_time ();
}

void
shoal_line_hide (ShoalLine *line)
{
  if (line->is_shown)
    fputs ("\r\033[K", stderr);
  line->is_shown = false;
}
