/* A run's time in equal steps, from the first download's start to the last one's end, and what flowed and was held at
 * each. A table has one row per node of the swarm. Private to results/. */
#pragma once

#include "results/pack.h"
#include "results/report-swarm.h"

#define SHOAL_REPORT_STEPS 120u
#define SHOAL_REPORT_POINTS (SHOAL_REPORT_STEPS + 1)

/* When point i (0 .. SHOAL_REPORT_STEPS) is. */
int64_t shoal_report_point_ns (const ShoalReportSwarm *swarm, unsigned i);
/* Of a span of time, the part that falls into step i, as a share of the span's length; 0: none. */
double shoal_report_overlap (const ShoalReportSwarm *swarm, unsigned i, int64_t start_ns, int64_t length_ns);
/* The step into which a time falls, within 0 .. SHOAL_REPORT_STEPS - 1. */
unsigned shoal_report_step_at (const ShoalReportSwarm *swarm, int64_t at_ns);

/* Bytes through the proxy of each node in each step: [node * SHOAL_REPORT_STEPS + step]. */
typedef struct {
  double *sent, *received; /* owned */
} ShoalReportFlows;

/* False and error: not readable. */
bool shoal_report_flows_read (const ShoalReportSwarm *swarm, ShoalReportFlows *flows, GError **error);
void shoal_report_flows_clear (ShoalReportFlows *flows);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ShoalReportFlows, shoal_report_flows_clear)

/* How much of what it wants each node holds at each point, in thousandths, estimated from what came through its
 * proxy: [node * SHOAL_REPORT_POINTS + point]. Owned by the caller. */
uint16_t *shoal_report_shares_from_flows (const ShoalReportSwarm *swarm, const ShoalReportFlows *flows);

/* Adds `count` values as differences, each from the one before, the first from 0. */
void shoal_report_pack_row (ShoalPack *pack, const uint16_t *values, unsigned count);
