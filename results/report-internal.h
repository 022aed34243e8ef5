/* What the files that print a report share. Private to results/. */
#pragma once

#include "results/report-cases.h"
#include "results/report.h"

#include <json-glib/json-glib.h>

struct ShoalReport {
  ShoalStore *store; /* borrowed */
  ShoalReportOptions options;
  ShoalReportCases *cases; /* owned */
};

/* Everything as one JSON object. with_details: with the runs that are drawn, packed for the page. NULL and error: not
 * readable. Owned by the caller. */
JsonNode *shoal_report_json (const ShoalReport *report, bool with_details, GError **error);
/* The page. NULL and error: not readable. Owned by the caller. */
char *shoal_report_page (const ShoalReport *report, GError **error);
char *shoal_report_markdown (const ShoalReport *report);
char *shoal_report_csv (const ShoalReport *report);

/* "P2P", "P2P, tit-for-tat", "server-client": how it was played. Owned by the caller. */
char *shoal_report_way_name (const ShoalReportRun *run);
/* "twenty", "twenty (real, rates × 10)". Owned by the caller. */
char *shoal_report_case_name (const ShoalReportCase *one);
