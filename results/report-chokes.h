/* Who serves whom over a run's time. Private to results/. */
#pragma once

#include "results/report-grid.h"

typedef struct {
  uint16_t *
      serving; /* owned; how many neighbours serve each node at each point: [node * SHOAL_REPORT_POINTS + point] */
  char *
      changes; /* owned; packed: for each point how many pairs of nodes shown change, then their numbers (server *
                         shown + served), each as difference from the one before: who did not serve does, and the reverse */
  uint64_t
      events; /* chokes and unchokes in the store; 0: none, everybody served everybody or it was not told */
  unsigned most; /* largest of serving */
} ShoalReportChokes;

/* False and error: not readable. */
bool shoal_report_chokes_read (const ShoalReportSwarm *swarm, ShoalReportChokes *chokes, GError **error);
void shoal_report_chokes_clear (ShoalReportChokes *chokes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ShoalReportChokes, shoal_report_chokes_clear)
