#include "results/report-shown.h"

#define SOURCES_MAX 5u

static bool
is_source (const ShoalReportNode *node)
{
  return node->is_source || g_str_equal (node->role, "server");
}

static int
by_end (const void *a, const void *b, void *context)
{
  const ShoalReportNode *x = shoal_report_node (context, *(const unsigned *)a);
  const ShoalReportNode *y = shoal_report_node (context, *(const unsigned *)b);
  /* Those that never were done come last. */
  uint64_t x_end = (uint64_t)x->done_ns, y_end = (uint64_t)y->done_ns;
  if (x_end != y_end)
    return x_end < y_end ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

/* Marks `count` of the sorted nodes, evenly, the first and the last among them. */
static void
mark_evenly (ShoalReportSwarm *swarm, const GArray *sorted, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    {
      unsigned at = count > 1 ? (unsigned)((uint64_t)i * (sorted->len - 1) / (count - 1)) : 0;
      shoal_report_node (swarm, g_array_index (sorted, unsigned, at))->shown = 0;
    }
}

static void
mark (ShoalReportSwarm *swarm)
{
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (unsigned));
  unsigned sources = 0;
  for (unsigned i = 0; i < swarm->nodes->len; i++)
    {
      ShoalReportNode *node = shoal_report_node (swarm, i);
      if (g_str_equal (node->role, "tracker"))
        continue;
      if (is_source (node) && sources < SOURCES_MAX)
        {
          node->shown = 0;
          sources++;
        }
      else
        g_array_append_val (others, i);
    }
  g_array_sort_with_data (others, by_end, swarm);
  if (others->len > 0)
    mark_evenly (swarm, others, MIN (others->len, SHOAL_REPORT_SHOWN_MAX - sources));
}

void
shoal_report_choose_shown (ShoalReportSwarm *swarm)
{
  mark (swarm);
  for (unsigned i = 0; i < swarm->nodes->len; i++)
    if (shoal_report_node (swarm, i)->shown == 0)
      {
        shoal_report_node (swarm, i)->shown = (int)swarm->shown->len;
        g_array_append_val (swarm->shown, i);
      }
}
