/* How far something is, on stderr: one line that changes on a terminal, else a plain line now and then, the
 * longer it takes the more seldom. Nothing at all when it is over quickly. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  bool is_quiet; /* tells nothing */
  bool is_terminal;
  bool is_shown;             /* the line on the terminal */
  int64_t start_us, last_us; /* monotonic clock; last: of the last line told */
} ShoalLine;

void shoal_line_start (ShoalLine *line, bool is_quiet);
/* Whether it is time to tell something. */
bool shoal_line_is_due (const ShoalLine *line);
/* Tells it: without "shoal: " and newline. */
void shoal_line_show (ShoalLine *line, const char *text);
/* Clears the line, so that something else can be written. */
void shoal_line_hide (ShoalLine *line);
