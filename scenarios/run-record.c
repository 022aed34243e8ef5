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

static ShoalWaitRow *
last_wait (const Transfer *transfer)
{
  return &g_array_index (transfer->waits, ShoalWaitRow, transfer->waits->len - 1);
}

/* Takes out what a newer report replaces. */
static void
take_back (Transfer *transfer, const ShoalWaitRow *newer)
{
  while (transfer->waits->len > 0 && last_wait (transfer)->start_ns >= newer->start_ns)
    g_array_set_size (transfer->waits, transfer->waits->len - 1);
}

/* The first begins with the download, and none before it: for real the machine's clock is read earlier. */
void
shoal_run_record_wait (Run *run, Transfer *transfer, ShoalTime now, const ShoalEvent *event)
{
  if (transfer->waits == NULL)
    transfer->waits = g_array_new (FALSE, FALSE, sizeof (ShoalWaitRow));
  int64_t latest = MAX (now - run->origin, transfer->start_ns);
  ShoalWaitRow row = {
    .start_ns = CLAMP (event->since - run->origin, transfer->start_ns, latest),
    .cause = shoal_cause_name ((ShoalCause)event->value),
    .peer = event->peer.family != 0 ? run->backend->ops->node_of (run->backend, &event->peer) : -1,
  };
  take_back (transfer, &row);
  if (transfer->waits->len == 0)
    row.start_ns = transfer->start_ns;
  else if (last_wait (transfer)->cause == row.cause && last_wait (transfer)->peer == row.peer)
    return; /* it goes on */
  g_array_append_val (transfer->waits, row);
}

/* What the run's end leaves open lasted until then. What began just at the end took no time. */
void
shoal_run_hand_over_record (Run *run, Transfer *transfer, ShoalTransferRow *row)
{
  row->arrivals = g_steal_pointer (&transfer->arrivals);
  row->waits_end_ns = row->end_ns != SHOAL_ROW_NO_TIME ? row->end_ns : run->now;
  while (transfer->waits != NULL && transfer->waits->len > 0
         && last_wait (transfer)->start_ns >= row->waits_end_ns)
    g_array_set_size (transfer->waits, transfer->waits->len - 1);
  row->waits = g_steal_pointer (&transfer->waits);
}

void
shoal_run_clear_record (Transfer *transfer)
{
  g_clear_pointer (&transfer->arrivals, g_array_unref);
  g_clear_pointer (&transfer->waits, g_array_unref);
}
