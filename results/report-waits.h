/* Where the time of a run's downloads went. Private to results/. */
#pragma once

#include "results/report-grid.h"

typedef struct {
  GPtrArray *causes; /* owned: of char *, as the store calls them, in the order in which they first come */
  int64_t *total_ns; /* owned: of each cause, over all downloads: [cause] */
  int64_t *node_ns;  /* owned: of each node and cause: [node * SHOAL_REPORT_CAUSES_MAX + cause] */
  char *
      longest; /* owned; packed, for each node shown and step: 0, or 1 + the cause that took most of that time */
  uint64_t rows; /* in the store; 0: none */
} ShoalReportWaits;

#define SHOAL_REPORT_CAUSES_MAX 16u

/* False and error: not readable. */
bool shoal_report_waits_read (const ShoalReportSwarm *swarm, ShoalReportWaits *waits, GError **error);
void shoal_report_waits_clear (ShoalReportWaits *waits);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ShoalReportWaits, shoal_report_waits_clear)
