/* Plays a scenario on a backend and hands back what the run leaves behind. */
#pragma once

#include "results/rows.h"
#include "scenarios/scenario.h"

/* How much of what nodes report goes into the run's log. Single blocks never do. */
typedef enum {
  SHOAL_LOG_SPARSE,     /* joins, leaves, rates, registrations, downloads, bad blocks */
  SHOAL_LOG_NORMAL,     /* and chokes and unchokes */
  SHOAL_LOG_NEIGHBOURS, /* and neighbours that come and go, and chokes as the choked see them */
} ShoalLogDetail;

typedef struct {
  ShoalTime now_ns;         /* since the run's start */
  uint64_t wanted_bytes;    /* of all downloads of the scenario, begun or not */
  uint64_t held_bytes;      /* of these, verified and held */
  unsigned downloads, done; /* of the scenario; of these, complete */
} ShoalProgress;

typedef struct {
  uint64_t seed;        /* kept in the row; the backend was made with it */
  bool virtual_content; /* as the backend was made */
  bool real_time; /* the backend's time passes by itself: progress and breaking off do not wait for it */
  const ShoalStrategy *strategy; /* of peers, in place of the scenario's; NULL: that */
  ShoalLogDetail detail;
  bool records;                /* when each block came and what each download waited for, too */
  const char *program_version; /* kept in the row; may be NULL */
  /* Called every few thousand events and every second of the backend's time. May be NULL. */
  void (*on_progress) (void *context, const ShoalProgress *progress);
  void *context;
  const gint *cancelled; /* read atomically; not 0: break off. May be NULL. */
} ShoalRunOptions;

/* Plays a prepared scenario (shoal_scenario_prepare()) on a fresh backend, which stays the caller's.
 * Expectations are judged but for speed-ups (shoal_expect_judge_speedup()). A run whose downloads do
 * not all end well is still a run: see completed, and the transfers' status and reason.
 * Returns the row, the caller's; NULL and error (BACKEND, CANCELLED). */
ShoalRunRow *shoal_scenario_run (const ShoalScenario *scenario, ShoalModel model, ShoalBackend *backend,
                                 const ShoalRunOptions *options, GError **error);
