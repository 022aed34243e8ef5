#include "results/report-grid.h"

#include "results/query.h"

#include <math.h>

static const char samples_sql[] =
    "SELECT s.node, s.start_ns, s.length_ns, s.sent_bytes, s.received_bytes FROM nodes n"
    "  JOIN samples s ON s.node = n.id WHERE n.run = ?";

int64_t
shoal_report_point_ns (const ShoalReportSwarm *swarm, unsigned i)
{
  double length = (double)(swarm->last_ns - swarm->first_ns);
  return swarm->first_ns + llround (length * i / SHOAL_REPORT_STEPS);
}

unsigned
shoal_report_step_at (const ShoalReportSwarm *swarm, int64_t at_ns)
{
  double length = (double)(swarm->last_ns - swarm->first_ns);
  double step = floor ((double)(at_ns - swarm->first_ns) / length * SHOAL_REPORT_STEPS);
  return (unsigned)CLAMP (step, 0, SHOAL_REPORT_STEPS - 1);
}

double
shoal_report_overlap (const ShoalReportSwarm *swarm, unsigned i, int64_t start_ns, int64_t length_ns)
{
  int64_t from = MAX (start_ns, shoal_report_point_ns (swarm, i));
  int64_t to = MIN (start_ns + length_ns, shoal_report_point_ns (swarm, i + 1));
  return to > from && length_ns > 0 ? (double)(to - from) / (double)length_ns : 0;
}

static void
spread_sample (const ShoalReportSwarm *swarm, ShoalReportFlows *flows, unsigned node, const ShoalQuery *query)
{
  int64_t start_ns = shoal_query_int (query, 1, 0), length_ns = shoal_query_int (query, 2, 0);
  unsigned last = shoal_report_step_at (swarm, start_ns + length_ns);
  for (unsigned i = shoal_report_step_at (swarm, start_ns); i <= last; i++)
    {
      double share = shoal_report_overlap (swarm, i, start_ns, length_ns);
      flows->sent[node * SHOAL_REPORT_STEPS + i] += share * sqlite3_column_double (query->row, 3);
      flows->received[node * SHOAL_REPORT_STEPS + i] += share * sqlite3_column_double (query->row, 4);
    }
}

bool
shoal_report_flows_read (const ShoalReportSwarm *swarm, ShoalReportFlows *flows, GError **error)
{
  ShoalQuery query;
  flows->sent = g_new0 (double, (size_t)swarm->nodes->len *SHOAL_REPORT_STEPS + 1);
  flows->received = g_new0 (double, (size_t)swarm->nodes->len *SHOAL_REPORT_STEPS + 1);
  shoal_query_begin_for (&query, swarm->store, samples_sql, swarm->run);
  while (shoal_query_next (&query))
    {
      int node = shoal_report_swarm_find (swarm, shoal_query_int (&query, 0, -1));
      if (node >= 0)
        spread_sample (swarm, flows, (unsigned)node, &query);
    }
  return shoal_query_end (&query, error);
}

void
shoal_report_flows_clear (ShoalReportFlows *flows)
{
  g_clear_pointer (&flows->sent, g_free);
  g_clear_pointer (&flows->received, g_free);
}

/* Of each node, what it holds at the end of what it wants, as a share. A file that was asked for twice (after a
 * crash) counts once. */
static double *
final_shares (const ShoalReportSwarm *swarm)
{
  size_t files = swarm->files->len;
  double *shares = g_new0 (double, swarm->nodes->len + 1);
  g_autofree double *wanted = g_new0 (double, swarm->nodes->len + 1);
  g_autofree double *held = g_new0 (double, swarm->nodes->len *files + 1);
  for (unsigned i = 0; i < swarm->transfers->len; i++)
    {
      const ShoalReportTransfer *t = shoal_report_transfer (swarm, i);
      double *most = &held[t->node * files + t->file];
      double size = (double)MAX (shoal_report_file (swarm, t->file)->bytes, 1);
      if (*most == 0)
        wanted[t->node] += size;
      /* Nothing held is remembered, too. */
      *most = MAX (*most, MAX ((double)t->bytes, 1e-6));
    }
  for (size_t i = 0; i < swarm->nodes->len; i++)
    {
      for (size_t f = 0; f < files; f++)
        shares[i] += held[i * files + f];
      shares[i] = wanted[i] > 0 ? MIN (shares[i] / wanted[i], 1) : 0;
    }
  return shares;
}

uint16_t *
shoal_report_shares_from_flows (const ShoalReportSwarm *swarm, const ShoalReportFlows *flows)
{
  g_autofree double *finals = final_shares (swarm);
  uint16_t *shares = g_new0 (uint16_t, (size_t)swarm->nodes->len * SHOAL_REPORT_POINTS + 1);
  for (size_t node = 0; node < swarm->nodes->len; node++)
    {
      const double *received = &flows->received[node * SHOAL_REPORT_STEPS];
      double total = 0, until = 0;
      for (unsigned i = 0; i < SHOAL_REPORT_STEPS; i++)
        total += received[i];
      for (unsigned i = 0; total > 0 && i < SHOAL_REPORT_STEPS; i++)
        {
          until += received[i];
          shares[node * SHOAL_REPORT_POINTS + i + 1] = (uint16_t)lround (until / total * finals[node] * 1000);
        }
    }
  return shares;
}

void
shoal_report_pack_row (ShoalPack *pack, const uint16_t *values, unsigned count)
{
  int before = 0;
  for (unsigned i = 0; i < count; i++)
    {
      shoal_pack_add_signed (pack, values[i] - before);
      before = values[i];
    }
}
