/* The results store: one SQLite file with the runs, which anybody can open with `sqlite3`. Its tables
 * and views stand in schema-sql.c and docs/results.md. Several processes may write to one store. */
#pragma once

#include "results/rows.h"
#include "results/statistics.h"

#include <sqlite3.h>

typedef struct ShoalStore ShoalStore;

typedef enum {
  SHOAL_STORE_ERROR_MISSING,    /* no such file */
  SHOAL_STORE_ERROR_FOREIGN,    /* the file is not a shoal store */
  SHOAL_STORE_ERROR_NEWER,      /* its schema is of a newer program */
  SHOAL_STORE_ERROR_FULL,       /* disk or quota */
  SHOAL_STORE_ERROR_BUSY,       /* another process kept it locked all the time */
  SHOAL_STORE_ERROR_VALUE,      /* a row that cannot be stored */
  SHOAL_STORE_ERROR_UNKNOWN,    /* there is no such run, or no such thing in it */
  SHOAL_STORE_ERROR_UNRECORDED, /* the run has no record of what is asked for */
  SHOAL_STORE_ERROR_IO,         /* anything else of the file */
} ShoalStoreError;

#define SHOAL_STORE_ERROR (shoal_store_error_quark ())
GQuark shoal_store_error_quark (void);
/* Says what the last call on db came to: "NAME: WHAT: SQLite's words; what to do". */
void shoal_store_set_error (GError **error, sqlite3 *db, const char *name, const char *what);

typedef enum {
  SHOAL_STORE_READ,  /* an existing one */
  SHOAL_STORE_WRITE, /* made when it is missing */
} ShoalStoreMode;

/* Opens a store; one of an older schema is brought up to date. NULL and error: any of the above.
 * Owned by the caller: shoal_store_close(). */
ShoalStore *shoal_store_open (const char *path, ShoalStoreMode mode, GError **error);
void shoal_store_close (ShoalStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalStore, shoal_store_close)

/* Stores a run with all its rows, in one transaction. False and error: nothing of it is stored. */
bool shoal_store_add_run (ShoalStore *store, const ShoalRunRow *run, GError **error);

/* Makespan of the newest run of `model` (and, for P2P, strategy; else NULL) with like's scenario (and its setting),
 * backend, rate factor and seed, in nanoseconds; SHOAL_ROW_NO_TIME: there is none, or not everybody finished in
 * it. False and error: not readable. */
bool shoal_store_find_makespan (ShoalStore *store, const ShoalRunRow *like, const char *model,
                                const char *strategy, int64_t *makespan_ns, GError **error);

/* What the view `comparison` says, over all seeds of a scenario, backend, rate factor and strategy. */
typedef struct {
  char *scenario, *backend;
  char *strategy; /* of the peers; NULL: no P2P run */
  double rate_factor;
  unsigned seeds;
  ShoalSummary p2p_makespan_s, server_client_makespan_s;
  ShoalSummary p2p_mean_s, server_client_mean_s;
  ShoalSummary bound_s, stretch, speedup;
} ShoalComparison;

void shoal_comparison_free (ShoalComparison *comparison);
/* All comparisons, of ShoalComparison, in the order in which their scenarios were first stored.
 * NULL and error: not readable. Owned by the caller. */
GPtrArray *shoal_store_list_comparisons (ShoalStore *store, GError **error);
