/* One run in detail, as the report's page draws it. Private to results/; report/js/ reads it. */
#pragma once

#include "results/report-swarm.h"

#include <json-glib/json-glib.h>

/* Adds an object about a run to a list or as a member's value. transfers_max: about how many transfers the replay may
 * have. False and error: not readable. */
bool shoal_report_detail_add (JsonBuilder *b, ShoalStore *store, int64_t run, unsigned transfers_max,
                              GError **error);
