/* Who holds which blocks, as a run goes on. Private to results/. */
#pragma once

#include "results/report-swarm.h"

typedef struct {
  const ShoalReportSwarm *swarm; /* borrowed */
  uint8_t **held; /* owned: bits of each node and file, [node * files + file]; NULL: none yet */
  bool *wants;    /* owned: [node * files + file] */
  bool *is_there; /* owned: of each node */
  uint32_t *held_blocks, *wanted_blocks; /* owned: of each node, of the files that it wants */
  int file;                              /* the one whose copies are counted; -1: none */
  uint16_t *copies;                      /* owned: of each of its blocks, at nodes that are there */
} ShoalReportHoldings;

void shoal_report_holdings_init (ShoalReportHoldings *holdings, const ShoalReportSwarm *swarm);
void shoal_report_holdings_clear (ShoalReportHoldings *holdings);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ShoalReportHoldings, shoal_report_holdings_clear)

/* A block has come. Blocks beyond the file's end are left out. */
void shoal_report_holdings_add (ShoalReportHoldings *holdings, unsigned node, unsigned file, unsigned block);
/* What an event changes: nodes come, go, offer files and lose them. */
void shoal_report_holdings_apply (ShoalReportHoldings *holdings, const ShoalReportEvent *event);
