/* Parameter studies in the store: which runs a study asks for, at which values, and what they came to. */
#pragma once

#include "results/store.h"

/* One parameter's value at one point. */
typedef struct {
  char *parameter, *value; /* as the study says it */
  double number;           /* the same in `unit` */
  char *unit;              /* "B", "B/s", "s", "%", "" for a bare number; NULL: it is no number */
} ShoalStudyValueRow;

/* A run that the study asks for. */
typedef struct {
  unsigned point;
  const char *model; /* static */
  uint64_t seed;
  int64_t run; /* its number in the store; 0: none */
} ShoalStudyCellRow;

typedef struct {
  char *name, *description;
  char *x;            /* the parameter on the horizontal axis */
  GPtrArray *figures; /* of char *: what the study looks at, see results/series.h */
  GPtrArray *points;  /* of GPtrArray of ShoalStudyValueRow, one a parameter */
  GArray *cells;      /* of ShoalStudyCellRow */
} ShoalStudyRow;

/* An empty one, whose arrays free what they hold. */
ShoalStudyRow *shoal_study_row_new (void);
void shoal_study_row_free (ShoalStudyRow *study);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalStudyRow, shoal_study_row_free)
/* Adds a point without values; they go into the array that is returned, which stays the study's. */
GPtrArray *shoal_study_row_add_point (ShoalStudyRow *study);

/* Takes the study into the store in place of one of the same name, in one transaction; runs stay.
 * False and error: it is as before. */
bool shoal_store_set_study (ShoalStore *store, const ShoalStudyRow *study, GError **error);
/* Says what became of a cell of the study of that name: run > 0, or why it could not be played. A cell that the
 * store does not know comes to nothing. False and error: not written. */
bool shoal_store_set_cell (ShoalStore *store, const char *study, const ShoalStudyCellRow *cell,
                           const char *why_not, GError **error);

/* What makes two runs in virtual time the same. All are borrowed. */
typedef struct {
  const char *scenario;
  const char *text; /* the resolved scenario; of the server-client model the setting, without a strategy */
  const char *model, *program_version;
  uint64_t seed;
} ShoalRunKey;

/* Number of the newest run of that kind; 0: there is none. False and error: not readable. */
bool shoal_store_find_run (ShoalStore *store, const ShoalRunKey *key, int64_t *run, GError **error);
