/* A run's blocks from beginning to end: what each node holds when, how many copies there are, and which transfers a replay
 * shows. Private to results/. */
#pragma once

#include "results/report-grid.h"

typedef struct {
  uint16_t *shares; /* owned; thousandths of what each node wants: [node * SHOAL_REPORT_POINTS + point] */
  int copies_file;  /* the file most wanted, which copies are of; -1: none */
  /* Copies of its blocks that nodes hold that are there: of the rarest, of the median and of the commonest block. */
  uint16_t copies[3][SHOAL_REPORT_POINTS];
  char *
      transfers; /* owned; packed: for each block that came, in order, ticks since the one before (65,536 are the whole
                      time), receiver * files + file, giver (0: several or nobody, 1: not shown, else its number + 2),
                      block, ticks from its first part to its end */
  unsigned transfers_count; /* of these */
  unsigned every;           /* only each such block is among them; 1: all */
  uint64_t arrivals;        /* rows that the store has; 0: none, and nothing of the above is known */
} ShoalReportHistory;

/* transfers_max: about how many transfers to keep for the replay. False and error: not readable. */
bool shoal_report_history_read (const ShoalReportSwarm *swarm, unsigned transfers_max,
                                ShoalReportHistory *history, GError **error);
void shoal_report_history_clear (ShoalReportHistory *history);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ShoalReportHistory, shoal_report_history_clear)
