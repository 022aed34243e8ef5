#include "results/report-waits.h"

#include "results/query.h"

static const char waits_sql[] = "SELECT t.node, w.start_ns, w.length_ns, w.cause FROM transfers t"
                                "  JOIN waits w ON w.transfer = t.id WHERE t.run = ?";

/* Causes beyond the last count as that: a store of a later program may know more. */
static unsigned
cause_number (ShoalReportWaits *waits, const char *cause)
{
  for (unsigned i = 0; i < waits->causes->len; i++)
    if (g_str_equal (g_ptr_array_index (waits->causes, i), cause))
      return i;
  if (waits->causes->len < SHOAL_REPORT_CAUSES_MAX)
    g_ptr_array_add (waits->causes, g_strdup (cause));
  return waits->causes->len - 1;
}

/* How much of each step of a node shown went to each cause. */
static double *
step_share (const ShoalReportSwarm *swarm, double *shares, int node, unsigned step)
{
  int shown = shoal_report_node (swarm, (unsigned)node)->shown;
  size_t row = (size_t)shown * SHOAL_REPORT_STEPS + step;
  return shown >= 0 ? &shares[row * SHOAL_REPORT_CAUSES_MAX] : NULL;
}

static void
take_wait (const ShoalReportSwarm *swarm, ShoalReportWaits *waits, double *shares, const ShoalQuery *query)
{
  int node = shoal_report_swarm_find (swarm, shoal_query_int (query, 0, -1));
  int64_t start_ns = shoal_query_int (query, 1, 0), length_ns = shoal_query_int (query, 2, 0);
  g_autofree char *name = shoal_query_text (query, 3);
  if (node < 0)
    return;
  unsigned cause = cause_number (waits, name), last = shoal_report_step_at (swarm, start_ns + length_ns);
  waits->rows++;
  waits->total_ns[cause] += length_ns;
  waits->node_ns[(size_t)node * SHOAL_REPORT_CAUSES_MAX + cause] += length_ns;
  for (unsigned step = shoal_report_step_at (swarm, start_ns); step <= last; step++)
    {
      double *share = step_share (swarm, shares, node, step);
      if (share != NULL)
        share[cause] += shoal_report_overlap (swarm, step, start_ns, length_ns) * (double)length_ns;
    }
}

static unsigned
longest_of (const double *share)
{
  unsigned best = 0;
  for (unsigned cause = 0; cause < SHOAL_REPORT_CAUSES_MAX; cause++)
    if (share[cause] > 0 && (best == 0 || share[cause] > share[best - 1]))
      best = cause + 1;
  return best;
}

bool
shoal_report_waits_read (const ShoalReportSwarm *swarm, ShoalReportWaits *waits, GError **error)
{
  ShoalQuery query;
  size_t cells = (size_t)swarm->shown->len * SHOAL_REPORT_STEPS;
  g_autofree double *shares = g_new0 (double, cells *SHOAL_REPORT_CAUSES_MAX + 1);
  waits->causes = g_ptr_array_new_with_free_func (g_free);
  waits->total_ns = g_new0 (int64_t, SHOAL_REPORT_CAUSES_MAX);
  waits->node_ns = g_new0 (int64_t, (size_t)swarm->nodes->len * SHOAL_REPORT_CAUSES_MAX + 1);
  shoal_query_begin_for (&query, swarm->store, waits_sql, swarm->run);
  while (shoal_query_next (&query))
    take_wait (swarm, waits, shares, &query);
  ShoalPack *pack = shoal_pack_new ();
  for (size_t cell = 0; cell < cells; cell++)
    shoal_pack_add (pack, longest_of (&shares[cell * SHOAL_REPORT_CAUSES_MAX]));
  waits->longest = shoal_pack_end (pack);
  return shoal_query_end (&query, error);
}

void
shoal_report_waits_clear (ShoalReportWaits *waits)
{
  g_clear_pointer (&waits->causes, g_ptr_array_unref);
  g_clear_pointer (&waits->total_ns, g_free);
  g_clear_pointer (&waits->node_ns, g_free);
  g_clear_pointer (&waits->longest, g_free);
}
