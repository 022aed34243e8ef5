/* One run as a report draws it: who took part, what they got, and which of them are shown where all would be too
 * many. Private to results/. */
#pragma once

#include "results/store.h"

#define SHOAL_REPORT_SHOWN_MAX 50u /* nodes of a run that are drawn one by one */
#define SHOAL_REPORT_BLOCK_BYTES 16384u

typedef struct {
  int64_t id;
  char *name, *role;
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* 0: unlimited */
  int shown;                                         /* number among those shown; -1: not shown */
  bool is_source;                                    /* it offers a file that it did not get in this run */
  unsigned downloads;                                /* how many it was told to make */
  int64_t done_ns; /* of the last one; SHOAL_ROW_NO_TIME: not all ended well */
} ShoalReportNode;

typedef struct {
  char *name;
  uint64_t bytes; /* the most that anybody held: all of it once anybody was done */
  unsigned blocks, wanted;
} ShoalReportFile;

typedef struct {
  int64_t id;
  unsigned node, file;
  int64_t start_ns, first_byte_ns, end_ns; /* SHOAL_ROW_NO_TIME: never */
  uint64_t bytes;
  char *status, *reason; /* reason: NULL, none */
} ShoalReportTransfer;

/* Something that happened to a node, other than chokes. */
typedef struct {
  int64_t at_ns;
  unsigned node;
  char *kind;
  int file; /* -1: none */
  uint64_t value;
} ShoalReportEvent;

typedef struct {
  ShoalStore *store; /* borrowed */
  int64_t run;
  GArray *nodes;     /* of ShoalReportNode */
  GArray *files;     /* of ShoalReportFile */
  GArray *transfers; /* of ShoalReportTransfer */
  GArray *events;    /* of ShoalReportEvent, in order */
  GArray *shown;     /* of unsigned: index of the node that is shown as number i */
  int64_t first_ns;  /* the first download's start */
  int64_t last_ns;   /* > first_ns: the last download's end, or the run's where not all ended */
} ShoalReportSwarm;

/* NULL and error: not readable. A run without any node is no error. */
ShoalReportSwarm *shoal_report_swarm_read (ShoalStore *store, int64_t run, GError **error);
void shoal_report_swarm_free (ShoalReportSwarm *swarm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalReportSwarm, shoal_report_swarm_free)

/* By number in the database; -1: not of this run. */
int shoal_report_swarm_find (const ShoalReportSwarm *swarm, int64_t id);

static inline ShoalReportNode *
shoal_report_node (const ShoalReportSwarm *swarm, unsigned i)
{
  return &g_array_index (swarm->nodes, ShoalReportNode, i);
}

static inline ShoalReportFile *
shoal_report_file (const ShoalReportSwarm *swarm, unsigned i)
{
  return &g_array_index (swarm->files, ShoalReportFile, i);
}

static inline ShoalReportTransfer *
shoal_report_transfer (const ShoalReportSwarm *swarm, unsigned i)
{
  return &g_array_index (swarm->transfers, ShoalReportTransfer, i);
}

static inline const ShoalReportEvent *
shoal_report_event (const ShoalReportSwarm *swarm, unsigned i)
{
  return &g_array_index (swarm->events, ShoalReportEvent, i);
}
