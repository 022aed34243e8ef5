/* Plain rows: what a run leaves behind. The runner fills them, the store keeps them, reports read
 * them. No behaviour, no dependency on the core. Times are nanoseconds since the run's start. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SHOAL_ROW_NO_TIME (-1)

/* One source of one transfer. */
typedef struct {
  char *node; /* name */
  uint64_t bytes;
} ShoalSourceRow;

/* One block of a transfer, verified and held. */
typedef struct {
  uint32_t block;
  int32_t giver;    /* index into nodes; -1: several gave parts of it, or nobody did in this run */
  int64_t asked_ns; /* when it was first asked for; SHOAL_ROW_NO_TIME: not known */
  int64_t first_ns; /* when the first part of it came; SHOAL_ROW_NO_TIME: not known */
  int64_t held_ns;
} ShoalArrivalRow;

/* What a transfer waited for in a span of its time. */
typedef struct {
  int64_t start_ns;
  const char *cause; /* its name, as in docs/results.md; not owned, lives for ever */
  int32_t peer;      /* index into nodes: the neighbour that was the reason; -1: no single one */
} ShoalWaitRow;

typedef struct {
  char *node;                    /* who downloads */
  char *file;                    /* the scenario's name for it */
  char *fid;                     /* 64 hex digits */
  int64_t start_ns;              /* the command; SHOAL_ROW_NO_TIME: the run ended first */
  int64_t first_byte_ns, end_ns; /* SHOAL_ROW_NO_TIME: never */
  uint64_t bytes;                /* of the file, verified and held */
  char *status;                  /* "done", "failed", "cancelled", "unfinished" */
  char *reason;                  /* of a failure; NULL */
  GPtrArray *sources;            /* of ShoalSourceRow */
  /* Of a run that is recorded (NULL: nothing is): */
  GArray *arrivals; /* of ShoalArrivalRow, in order of held_ns */
  GArray
      *waits; /* of ShoalWaitRow, in order; each lasts until the next begins, the last until waits_end_ns */
  int64_t waits_end_ns; /* end_ns; where the run ended first, the run's end */
} ShoalTransferRow;

typedef struct {
  char *name;
  char *role;                                        /* "tracker", "peer", "server", "client" */
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* as the scenario starts; 0: unlimited */
  uint64_t sent_bytes, received_bytes;               /* whole datagrams */
  uint64_t payload_sent_bytes, payload_received_bytes, duplicate_bytes;
  uint64_t sent_datagrams, received_datagrams, malformed_datagrams;
} ShoalNodeRow;

/* Bytes through one node's proxy in one span of time. */
typedef struct {
  uint32_t node; /* index into nodes */
  int64_t start_ns, length_ns;
  uint64_t sent_bytes, received_bytes;
} ShoalSampleRow;

typedef struct {
  int64_t at_ns;
  uint32_t node; /* index into nodes */
  char *kind;    /* "join", "leave", "choked", "unchoked", "rates", "download-done", … */
  int32_t peer;  /* index into nodes; -1: none */
  char *file;    /* NULL: none */
  uint64_t value;
} ShoalEventRow;

/* One line of a scenario's `expect`, judged. */
typedef struct {
  char *text; /* as a person would say it: "makespan <= 62.0 s" */
  bool met;
  char *measured; /* "61.2 s" */
} ShoalExpectationRow;

typedef struct {
  char *scenario; /* its name */
  char *resolved; /* the scenario's whole text, anchors and defaults resolved */
  char *
      setting; /* the same without strategies: what runs set against each other have in common; NULL: resolved */
  char *strategy; /* of peers: "none", "tit-for-tat", …; NULL: server-client, which has none */
  char *backend;  /* "sim", "real" */
  char *model;    /* "p2p", "server-client" */
  uint64_t seed;
  double rate_factor; /* the scenario's rates were multiplied by this; in `resolved` they are already */
  char *program_version;
  int64_t started_unix_s; /* wall clock */
  double wall_s, cpu_s;
  double cpu_wait_s; /* the run was ready, and waited for a processor; < 0: the system does not tell */
  uint64_t max_rss_bytes;
  int64_t makespan_ns, mean_ns; /* SHOAL_ROW_NO_TIME: not everybody finished */
  int64_t bound_ns;             /* fluid bound; SHOAL_ROW_NO_TIME: it does not apply */
  uint64_t leechers;            /* transfers asked for */
  uint64_t blocks;              /* verified blocks transferred */
  uint64_t events;              /* steps of the event loop */
  char *trace_sha256;           /* 64 hex digits; NULL: none */
  bool completed;               /* every transfer ended as "done" */
  bool recorded;                /* transfers have arrivals and waits */
  GPtrArray *nodes;             /* of ShoalNodeRow */
  GPtrArray *transfers;         /* of ShoalTransferRow */
  GPtrArray *samples;           /* of ShoalSampleRow */
  GPtrArray *log;               /* of ShoalEventRow */
  GPtrArray *expectations;      /* of ShoalExpectationRow */
} ShoalRunRow;

/* An empty run with empty arrays that free what they hold. */
ShoalRunRow *shoal_run_row_new (void);
void shoal_run_row_free (ShoalRunRow *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalRunRow, shoal_run_row_free)
ShoalTransferRow *shoal_transfer_row_new (void);
void shoal_transfer_row_free (ShoalTransferRow *row);
void shoal_transfer_row_add_source (ShoalTransferRow *row, const char *node, uint64_t bytes);
ShoalNodeRow *shoal_node_row_new (void);
void shoal_node_row_free (ShoalNodeRow *row);
void shoal_event_row_free (ShoalEventRow *row);
ShoalExpectationRow *shoal_expectation_row_new (const char *text, bool met, const char *measured);
void shoal_expectation_row_free (ShoalExpectationRow *row);
