/* What is recorded of downloads beside the log. There are hundreds of thousands of such rows in a large run:
 * they stand in one array for each download, in the order in which the store takes them. */
#include "scenarios/run-internal.h"

static int64_t
since_origin (const Run *run, ShoalTime at)
{
  return at == SHOAL_NEVER ? SHOAL_ROW_NO_TIME : MAX (at - run->origin, 0);
}

void
shoal_run_record_block (Run *run, Transfer *transfer, const ShoalEvent *event)
{
  if (!run->options->records)
    return;
  if (transfer->arrivals == NULL)
    transfer->arrivals = g_array_new (FALSE, FALSE, sizeof (ShoalArrivalRow));
  const ShoalArrivalRow row = {
    .block = (uint32_t)event->value,
    .giver = event->mixed ? -1 : run->backend->ops->node_of (run->backend, &event->peer),
    .asked_ns = since_origin (run, event->since),
    .first_ns = since_origin (run, event->first),
    .held_ns = run->now,
  };
  g_array_append_val (transfer->arrivals, row);
}

void
shoal_run_hand_over_record (Transfer *transfer, ShoalTransferRow *row)
{
  row->arrivals = g_steal_pointer (&transfer->arrivals);
}

void
shoal_run_clear_record (Transfer *transfer)
{
  g_clear_pointer (&transfer->arrivals, g_array_unref);
}
