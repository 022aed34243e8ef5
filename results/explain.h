/* Where the time of a run's downloads went, and how much of it could have been saved. */
#pragma once

#include "results/runs.h"

/* Part of a download's time. */
typedef struct {
  char *cause;    /* "uplinks", …, as in docs/results.md */
  char *peer;     /* name of the neighbour that was the reason; NULL: no single one */
  int64_t ns;     /* in all */
  unsigned spans; /* in so many pieces */
} ShoalShare;

typedef enum {
  SHOAL_LIMIT_NONE,     /* no bound is known */
  SHOAL_LIMIT_DOWNLINK, /* the file through the node's own downlink */
  SHOAL_LIMIT_HOLDERS,  /* the file, once, through the uplinks of those who offer it */
} ShoalLimit;

typedef struct {
  int64_t transfer; /* transfers.id */
  char *node, *file, *status;
  char *reason; /* of a failure; NULL */
  int64_t start_ns;
  int64_t took_ns; /* to its end, or to the run's where that came first; the sum of shares */
  bool is_open;    /* the run ended first */
  /* No protocol can end such a download sooner; SHOAL_ROW_NO_TIME: none is known (see docs/results.md). */
  int64_t bound_ns;
  ShoalLimit limit;
  GPtrArray *shares; /* of ShoalShare, the largest first */
} ShoalExplanation;

/* Of a recorded run: an explanation for each download that began, in the order of the store. node: only of the node
 * of that name; NULL: of all. NULL and error (SHOAL_STORE_ERROR): it is not recorded (UNRECORDED) or has no such node
 * (UNKNOWN; the text says what there is), or it is not readable. Owned by the caller. */
GPtrArray *shoal_store_explain (ShoalStore *store, const ShoalRunHead *run, const char *node, GError **error);

/* How much of the download's time this cause took. */
int64_t shoal_explanation_of_cause (const ShoalExplanation *explanation, const char *cause);
/* The one sentence that matters: "B was limited by A's uplink for 58.100 of 61.900 s; no protocol could have saved
 * it more than 1.700 s". Without an end. Owned by the caller. */
char *shoal_explanation_sentence (const ShoalExplanation *explanation);
