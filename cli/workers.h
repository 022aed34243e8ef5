/* Plays several jobs at the same time, in threads: the core has no global state. What comes of them
 * is handed over in the caller's thread and in the order of the jobs, whichever ends first, or as they end. */
#pragma once

#include "cli/job.h"

typedef struct {
  ShoalJob *jobs; /* the caller's */
  unsigned count;
  unsigned threads;  /* at most; at least 1 */
  bool in_any_order; /* hand jobs over as they end */
  /* Plays the job `index` instead of its scenario, in any thread. cancelled: read atomically, not 0: break off.
   * NULL: the scenario is played. */
  void (*play) (void *context, unsigned index, const gint *cancelled);
  /* Job `index` has ended, and all before it unless in_any_order. It may be cleared then. False: stop it all. */
  bool (*on_ended) (void *context, unsigned index);
  /* Five times a second, with nobody writing to the jobs. May be NULL. */
  void (*on_tick) (void *context);
  void *context;
} ShoalWork;

/* True: all jobs have ended and were handed over. False: on_ended or a signal broke it off; no
 * thread is left, and jobs not handed over are the caller's to clear. */
bool shoal_work (const ShoalWork *work);
