/* What a report is about: cases (a scenario, backend and rate factor) with their runs. Private to results/. */
#pragma once

#include "results/store.h"

typedef struct {
  int64_t id;
  char *model;
  char *strategy; /* of the peers; NULL: no P2P run */
  uint64_t seed;
  int64_t makespan_ns, mean_ns, bound_ns; /* SHOAL_ROW_NO_TIME: none */
  double speedup;                         /* of a P2P run; 0: no counterpart, or one that did not end well */
  uint64_t downloads, done, blocks;       /* downloads: that were asked for; done: that ended well */
  bool completed;
  char *program_version;
  GPtrArray *expectations; /* of ShoalExpectationRow */
} ShoalReportRun;

typedef struct {
  char *scenario, *backend, *resolved;
  double rate_factor;
  GPtrArray *runs; /* of ShoalReportRun: P2P before server-client, by seed */
  bool of_study;   /* studies alone played it, and nobody asks for it by name: their plots tell of it */
  bool is_drawn;   /* not in the summary only */
} ShoalReportCase;

typedef struct {
  GPtrArray *cases;     /* of ShoalReportCase, in the order in which they were first stored */
  uint64_t stored_runs; /* in the whole store; more than in cases where older ones were superseded */
} ShoalReportCases;

void shoal_report_cases_free (ShoalReportCases *cases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalReportCases, shoal_report_cases_free)

/* Of every seed the newest run of each model, as `shoal compare` takes them. scenarios: names, ended by NULL; NULL:
 * all. NULL and error: not readable. Owned by the caller. */
ShoalReportCases *shoal_report_cases_read (ShoalStore *store, const char *const *scenarios, GError **error);

/* Runs of one model and strategy stand together in a case. The end of the group that begins with run `first`: the
 * number of the run after it. */
unsigned shoal_report_case_group_end (const ShoalReportCase *of, unsigned first);
/* The run that stands for the group of runs first .. end - 1: of those that ended well the one with the median makespan
 * (the lower one of two), else the first. Owned by the case. */
const ShoalReportRun *shoal_report_case_typical (const ShoalReportCase *of, unsigned first, unsigned end);
/* makespan / bound; 0: there is none. */
double shoal_report_run_stretch (const ShoalReportRun *run);

static inline const ShoalReportRun *
shoal_report_case_run (const ShoalReportCase *of, unsigned i)
{
  return g_ptr_array_index (of->runs, i);
}
