/* Reads the little sentences of a scenario: conditions, expectations, lists of nodes and of files.
 * A sentence is words between blanks; a comma is a word of its own. Private to scenarios/. */
#pragma once

#include "scenarios/scenario.h"

typedef struct {
  const ShoalScenario *scenario; /* borrowed */
  char **words;                  /* owned, NULL-terminated */
  unsigned at;
} ShoalWords;

ShoalWords shoal_words_new (const ShoalScenario *scenario, const char *text);
void shoal_words_clear (ShoalWords *words);

/* The next word, not taken; NULL at the end. */
const char *shoal_words_peek (const ShoalWords *words);
/* Takes the next word when it is this one. */
bool shoal_words_accept (ShoalWords *words, const char *word);
/* Takes this word, or sets error: expected 'word' (example). */
bool shoal_words_need (ShoalWords *words, const char *word, const char *example, GError **error);
/* True at the end; else sets error: unexpected words. */
bool shoal_words_end (const ShoalWords *words, GError **error);
/* The words up to the next `stop` word (or of the end), joined by blanks. Owned by the caller.
 * stops: NULL-terminated. */
char *shoal_words_until (ShoalWords *words, const char *const *stops);

/* A list of nodes and groups ("A, L, B"), appended to nodes (of unsigned) without repetition.
 * Unknown: error lists the known ones. */
bool shoal_words_nodes (ShoalWords *words, GArray *nodes, GError **error);
/* The same where datagrams come from or go to: "tracker" (SHOAL_TRACKER_INDEX) and "everybody" (all nodes and
 * the tracker) too. */
bool shoal_words_parties (ShoalWords *words, GArray *parties, GError **error);
/* One file. */
bool shoal_words_file (ShoalWords *words, unsigned *file, GError **error);
/* A list of files ("F1, F2"). */
bool shoal_words_files (ShoalWords *words, GArray *files, GError **error);

/* Sets error (VALUE) from a format; false, so that callers can return it. */
bool shoal_fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Whether a name may be that of a scenario: letters, digits, "_", "-", "."; at most 64. */
bool shoal_scenario_title_valid (const char *name);
/* Whether it may be that of a node or file: also begins with a letter and is no word of the sentences. */
bool shoal_scenario_name_valid (const char *name);
