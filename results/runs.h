/* Runs of a store, as they are named on a command line. */
#pragma once

#include "results/store.h"

/* A run without its rows. */
typedef struct {
  int64_t id;
  char *scenario, *resolved, *backend, *model, *program_version;
  char *strategy;     /* NULL: none, or not known */
  char *trace_sha256; /* NULL: none */
  uint64_t seed;
  double rate_factor;
  int64_t makespan_ns, bound_ns; /* SHOAL_ROW_NO_TIME: none */
  bool completed;
  bool recorded; /* it has arrivals and waits */
} ShoalRunHead;

void shoal_run_head_free (ShoalRunHead *head);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalRunHead, shoal_run_head_free)

/* word: a run's number, or a scenario's name, which means its newest P2P run; where there is none, its newest run.
 * NULL and error: SHOAL_STORE_ERROR_UNKNOWN, which tells what runs there are, or not readable. Owned by the
 * caller. */
ShoalRunHead *shoal_store_look_up_run (ShoalStore *store, const char *word, GError **error);

/* Which run is meant, more exactly. */
typedef struct {
  const char *word;             /* as above */
  const char *model, *strategy; /* NULL: any */
  const uint64_t *seed;         /* NULL: any */
} ShoalRunWish;

/* As above: of the runs that the word names the first that is as wished. */
ShoalRunHead *shoal_store_choose_run (ShoalStore *store, const ShoalRunWish *wish, GError **error);
/* "run 3 (speed, p2p, seed 1)"; with ", tit-for-tat" where peers had a strategy, ", for real" and ", rates x 10" where that is so. Owned by the caller. */
char *shoal_run_head_name (const ShoalRunHead *head);
