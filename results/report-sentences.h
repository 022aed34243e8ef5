/* The sentence that matters about each download of a run, for the report. Private to results/. */
#pragma once

#include "results/report-swarm.h"

#include <json-glib/json-glib.h>

/* Adds the member "sentences": [node shown, how long it took in seconds, text] of each download of those shown, the longest
 * first; empty where the run has no record of what they waited for. False and error: not readable. */
bool shoal_report_add_sentences (JsonBuilder *b, const ShoalReportSwarm *swarm, GError **error);
