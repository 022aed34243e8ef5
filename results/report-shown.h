/* Which nodes of a large run a report draws one by one. Private to results/. */
#pragma once

#include "results/report-swarm.h"

/* Fills swarm->shown: all but the tracker, or where these are too many some sources, and of those who download a
 * sample from the first that was done to the last. In the order of the run. */
void shoal_report_choose_shown (ShoalReportSwarm *swarm);
