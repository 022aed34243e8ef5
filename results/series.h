/* What a study came to, as it is plotted: figures against the values of one parameter, a series for each
 * model and each choice of the other parameters, median and spread over the seeds. */
#pragma once

#include "results/store.h"

/* Figures are texts: "stretch", "speed-up", "makespan", "mean" (of a download), and "mean of NODES", which is that
 * of a node or group of that name. */

/* Whether there is such a figure; NODES are letters, digits, '_', '-' and '.'. */
bool shoal_figure_is_valid (const char *figure);
/* "s"; "" for a ratio. */
const char *shoal_figure_unit (const char *figure);
/* As programs call it: "stretch", "speedup", "makespan_s", "mean_s", "mean_of_NODES_s". Owned by the caller. */
char *shoal_figure_key (const char *figure);

/* The figures at one value. */
typedef struct {
  char *value;             /* as the study says it: "20 %", "100 kB/s" */
  double number;           /* the same in the study's x_unit; NAN: it is no number */
  unsigned cells;          /* runs that the study asks for here: one a seed */
  unsigned played, failed; /* of these, in the store; could not be played */
  unsigned incomplete;   /* of those played, with a download that did not end well: makespan and mean lack */
  ShoalSummary *figures; /* over the seeds; one for each of the study's figures */
} ShoalSeriesPoint;

typedef struct {
  char *model;       /* "p2p", "server-client" */
  GPtrArray *values; /* of char *: of the study's other parameters, in their order */
  char *label;       /* for legends: "p2p, strategy tit-for-tat"; the model only where there are two */
  GPtrArray *points; /* of ShoalSeriesPoint, in the order of the study */
} ShoalSeries;

typedef struct {
  char *study, *description;
  char *x;            /* the parameter on the horizontal axis */
  char *x_unit;       /* "B", "B/s", "s", "%", "" for bare numbers; NULL: some value is no number */
  GPtrArray *others;  /* of char *: the other parameters */
  GPtrArray *figures; /* of char *: what the study looks at, the most important first */
  GPtrArray *series;  /* of ShoalSeries, in the order of the study */
  unsigned cells, played, failed; /* in all */
} ShoalStudySeries;

void shoal_study_series_free (ShoalStudySeries *study);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalStudySeries, shoal_study_series_free)

/* The studies in the store, of ShoalStudySeries, in the order in which they were last begun. name: only the one of
 * that name; NULL: all. An empty array: there is none. NULL and error: not readable. Owned by the caller. */
GPtrArray *shoal_store_list_studies (ShoalStore *store, const char *name, GError **error);

typedef enum {
  SHOAL_SERIES_TEXT,     /* aligned columns: median (smallest-largest) */
  SHOAL_SERIES_MARKDOWN, /* the same as a table of Markdown */
  SHOAL_SERIES_CSV,      /* every figure's median, smallest and largest in a column of its own */
  SHOAL_SERIES_JSON,     /* one object a point, one a line */
} ShoalSeriesFormat;

/* A line for each series and point. The text ends with a newline. Owned by the caller. */
char *shoal_series_print (const ShoalStudySeries *study, ShoalSeriesFormat format);
