/* What the files of the `shoal` command share. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Exit status of every subcommand. */
typedef enum {
  SHOAL_EXIT_DONE = 0,
  SHOAL_EXIT_FAILED = 1, /* it could not be done, or an expectation is unmet */
  SHOAL_EXIT_USAGE = 2,  /* the command line asks for something that there is not */
  SHOAL_EXIT_INTERRUPTED = 130,
} ShoalExit;

typedef struct {
  const char *name, *summary;
  /* argv[0] is the subcommand's name as it was typed. */
  ShoalExit (*run) (int argc, char **argv);
} ShoalCommand;

ShoalExit shoal_command_tracker (int argc, char **argv);
ShoalExit shoal_command_share (int argc, char **argv);
ShoalExit shoal_command_get (int argc, char **argv);
ShoalExit shoal_command_status (int argc, char **argv);
ShoalExit shoal_command_run (int argc, char **argv);
ShoalExit shoal_command_sweep (int argc, char **argv);
ShoalExit shoal_command_calibrate (int argc, char **argv);
ShoalExit shoal_command_compare (int argc, char **argv);
ShoalExit shoal_command_report (int argc, char **argv);
ShoalExit shoal_command_explain (int argc, char **argv);
ShoalExit shoal_command_diff (int argc, char **argv);
ShoalExit shoal_command_verify (int argc, char **argv);
ShoalExit shoal_command_fuzz (int argc, char **argv);

/* The text as it may go to a terminal: what is no UTF-8 and control characters are replaced, newlines only when
 * it is a line. Names of files come from strangers. Owned by the caller. */
char *shoal_printable (const char *text, bool is_line);

/* Writes "shoal: …" and a newline to stderr. */
void shoal_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* The same, then a line that tells where help is; returns SHOAL_EXIT_USAGE. */
ShoalExit shoal_complain_usage (const char *command, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Parses options out of *argv; rest of the words stay. Answers --help itself, on stdout.
 * True: go on. False: *status is what to exit with. */
bool shoal_parse_options (const char *command, const char *words, const char *summary,
                          const char *description, const GOptionEntry *entries, int *argc, char ***argv,
                          ShoalExit *status);

/* Flushes stdout: output that did not arrive is a failure. Returns status, or SHOAL_EXIT_FAILED. */
ShoalExit shoal_finish_output (ShoalExit status);

/* Of two words, how many letters must be changed, added, left out or swapped. */
unsigned shoal_word_distance (const char *a, const char *b);
/* The nearest of words (ended by NULL) when it is near enough to be meant; else NULL. */
const char *shoal_nearest_word (const char *word, const char *const *words);

/* A seed or a count: decimal digits only, least .. most. False: it is not one. */
bool shoal_parse_number (const char *text, guint64 least, guint64 most, guint64 *out);
