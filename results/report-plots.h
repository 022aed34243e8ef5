/* The packed tables that the report's plots are drawn from; each function adds members to an object, which a
 * file of report/js/ or report/replay/ reads. Private to results/. */
#pragma once

#include "results/report-chokes.h"
#include "results/report-history.h"
#include "results/report-waits.h"

#include <json-glib/json-glib.h>

/* The share complete of those shown, and its quartiles over all who download. */
void shoal_report_add_shares (JsonBuilder *b, const ShoalReportSwarm *swarm, const uint16_t *shares);
/* How a line was used, against its rate, or without one against the most that went through it. */
void shoal_report_add_use (JsonBuilder *b, const ShoalReportSwarm *swarm, const char *key,
                           const double *bytes, bool is_upload);
/* Who gave whom how much. False and error: not readable. */
bool shoal_report_add_sources (JsonBuilder *b, const ShoalReportSwarm *swarm, GError **error);
void shoal_report_add_copies (JsonBuilder *b, const ShoalReportHistory *history);
void shoal_report_add_chokes (JsonBuilder *b, const ShoalReportSwarm *swarm, const ShoalReportChokes *chokes);
void shoal_report_add_waits (JsonBuilder *b, const ShoalReportSwarm *swarm, const ShoalReportWaits *waits);
void shoal_report_add_replay (JsonBuilder *b, const ShoalReportHistory *history);
