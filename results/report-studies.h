/* Parameter studies of a store, for the report. Private to results/. */
#pragma once

#include "results/store.h"

#include <json-glib/json-glib.h>

/* Adds the member "studies", a list. False and error: not readable. */
bool shoal_report_add_studies (JsonBuilder *b, ShoalStore *store, GError **error);
