/* `shoal report`: a store as a page for people, as Markdown, JSON or CSV, and its expectations as JUnit XML. */
#pragma once

#include "results/store.h"

typedef enum {
  SHOAL_REPORT_HTML,     /* one page that needs nothing else */
  SHOAL_REPORT_MARKDOWN, /* the summary, and what was expected, as tables */
  SHOAL_REPORT_JSON,     /* the summary and every run's figures, as one object */
  SHOAL_REPORT_CSV,      /* one line per run */
} ShoalReportFormat;

typedef struct {
  const char *const *scenarios; /* names, ended by NULL, borrowed; NULL or none: all */
  const char *title;            /* what the page calls the store: its file's name; borrowed */
  const char *program_version;  /* borrowed */
  int64_t made_unix_s;          /* wall clock */
} ShoalReportOptions;

/* What is in a store, read at once, so that all that is made of it agrees. */
typedef struct ShoalReport ShoalReport;

/* NULL and error: not readable. A store without runs is no error. store and what options name must stay until the
 * report is freed. Owned by the caller. */
ShoalReport *shoal_report_new (ShoalStore *store, const ShoalReportOptions *options, GError **error);
void shoal_report_free (ShoalReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalReport, shoal_report_free)

/* How many runs it is about. */
unsigned shoal_report_count_runs (const ShoalReport *report);
/* Whether a scenario of this name is in it. */
bool shoal_report_has (const ShoalReport *report, const char *scenario);

/* The text, with a newline at its end. NULL and error: not readable. Owned by the caller. */
char *shoal_report_print (const ShoalReport *report, ShoalReportFormat format, GError **error);
/* The expectations as JUnit XML: a suite per run, a case per line of `expect`. *unmet: how many are not met. Owned
 * by the caller. */
char *shoal_report_junit (const ShoalReport *report, unsigned *unmet);
