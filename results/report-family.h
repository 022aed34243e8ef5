/* What a report learns from the text of a scenario as it was played. Private to results/. */
#pragma once

#include <glib.h>

/* Its description; NULL: there is none. Owned by the caller. */
char *shoal_report_description (const char *resolved);
/* Equal for scenarios that differ in name, description, expectations, times of actions and numbers of nodes only: those
 * make a series. Owned by the caller. */
char *shoal_report_family (const char *resolved);
