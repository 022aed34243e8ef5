/* What two runs of a store differ in. */
#pragma once

#include "results/runs.h"

/* A parameter that differs. */
typedef struct {
  char *what; /* "seed", "model", … */
  char *a, *b;
} ShoalParameterChange;

/* A download of either run: the attempt-th of this file by this node. */
typedef struct {
  char *node, *file;
  unsigned attempt;          /* from 1 */
  char *a_status, *b_status; /* NULL: that run has no such download */
  int64_t a_ns, b_ns;        /* how long it took; SHOAL_ROW_NO_TIME: it did not end */
} ShoalDownloadChange;

typedef struct {
  GPtrArray *parameters; /* of ShoalParameterChange: those that differ */
  GPtrArray *lines; /* of char *: of the scenario's text, those that only a ("-…") or only b ("+…") has */
  GPtrArray *downloads; /* of ShoalDownloadChange: all, those with the largest change first */
  unsigned changed;     /* of these, how many differ */
  /* The first thing in the stored events, and blocks where both have them, that only one run has. */
  bool parts;
  int64_t at_ns; /* since the run's start; of a or b, whichever comes first */
  char *a_is,
      *b_is; /* what comes there: "12.5 s: B holds block 7 of F1 from A"; NULL: nothing comes any more */
} ShoalRunDiff;

void shoal_run_diff_free (ShoalRunDiff *diff);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalRunDiff, shoal_run_diff_free)

/* NULL and error: not readable. Owned by the caller. */
ShoalRunDiff *shoal_store_diff (ShoalStore *store, const ShoalRunHead *a, const ShoalRunHead *b,
                                GError **error);
/* How long the download took in b, less how long in a; 0 where it did not end in both. */
int64_t shoal_download_change_ns (const ShoalDownloadChange *change);
bool shoal_download_is_changed (const ShoalDownloadChange *change);

/* Lines that only one of two texts has, "-…" of a and "+…" of b, in order; as few as there can be, but of very long
 * texts all between the first and the last that differ. Of char *, owned by the caller. */
GPtrArray *shoal_diff_lines (const char *a, const char *b);
