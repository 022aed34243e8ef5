#include "scenarios/expect.h"
#include "scenarios/run-internal.h"

/* Reports of progress are cheap, but not so cheap as a block. */
#define EVENTS_PER_REPORT 4096u

void
shoal_run_log (Run *run, unsigned node, const char *kind, int peer, int file, uint64_t value)
{
  ShoalEventRow *row = g_new0 (ShoalEventRow, 1);
  row->at_ns = run->now;
  row->node = run->first + node;
  row->kind = g_strdup (kind);
  row->peer = peer;
  row->file = file >= 0 ? g_strdup (shoal_scenario_file (run->scenario, (unsigned)file)->name) : NULL;
  row->value = value;
  g_ptr_array_add (run->row->log, row);
}

void
shoal_run_log_network (Run *run, const char *kind, uint64_t value)
{
  ShoalEventRow *row = g_new0 (ShoalEventRow, 1);
  *row = (ShoalEventRow){ .at_ns = run->now, .kind = g_strdup (kind), .peer = -1, .value = value };
  g_ptr_array_add (run->row->log, row);
}

static void
log_got (Run *run, const Transfer *transfer, int peer, uint64_t bytes)
{
  shoal_run_log (run, transfer->node, SHOAL_LOG_GOT, peer, (int)transfer->file, bytes);
}

static void
log_income (Run *run, const Transfer *transfer)
{
  const ShoalSource *sources = NULL;
  const ShoalFid *fid = &run->files[transfer->file].shared->file.fid;
  if (transfer->state == TRANSFER_ACTIVE)
    {
      unsigned count = run->backend->ops->sources (run->backend, run->first + transfer->node, fid, &sources);
      for (unsigned i = 0; i < count; i++)
        log_got (run, transfer, run->backend->ops->node_of (run->backend, &sources[i].peer),
                 sources[i].bytes);
    }
  for (unsigned i = 0; transfer->row != NULL && i < transfer->row->sources->len; i++)
    {
      const ShoalSourceRow *source = g_ptr_array_index (transfer->row->sources, i);
      int node = shoal_scenario_find_node (run->scenario, source->node);
      log_got (run, transfer, node >= 0 ? (int)run->first + node : -1, source->bytes);
    }
}

void
shoal_run_snapshot (Run *run, unsigned index)
{
  const ShoalExpect *expect = &g_array_index (run->scenario->expects, ShoalExpect, index);
  shoal_run_log_network (run, SHOAL_LOG_SNAPSHOT, index);
  for (unsigned i = 0; i < run->transfers->len; i++)
    {
      const Transfer *transfer = shoal_run_transfer (run, i);
      if (transfer->file == (unsigned)expect->file && shoal_index_in (expect->nodes, transfer->node))
        log_income (run, transfer);
    }
}

static int
file_of (const Run *run, const ShoalFid *fid)
{
  for (unsigned i = 0; i < run->scenario->files->len; i++)
    if (shoal_fid_equal (&run->files[i].shared->file.fid, fid))
      return (int)i;
  return -1;
}

static bool
is_logged (const Run *run, ShoalEventKind kind)
{
  switch (kind)
    {
    case SHOAL_EVENT_CHOKED:
    case SHOAL_EVENT_UNCHOKED:
      return run->options->detail >= SHOAL_LOG_NORMAL;
    case SHOAL_EVENT_NEIGHBOUR_UP:
    case SHOAL_EVENT_NEIGHBOUR_DOWN:
    case SHOAL_EVENT_CHOKED_BY:
    case SHOAL_EVENT_UNCHOKED_BY:
      return run->options->detail >= SHOAL_LOG_NEIGHBOURS;
    case SHOAL_EVENT_BLOCK:
    case SHOAL_EVENT_INFO:
    case SHOAL_EVENT_NONE:
      return false;
    default:
      return true;
    }
}

static void
log_event (Run *run, unsigned node, const ShoalEvent *event, int file)
{
  int peer = event->peer.family != 0 ? run->backend->ops->node_of (run->backend, &event->peer) : -1;
  shoal_run_log (run, node, shoal_event_kind_name (event->kind), peer, file, event->value);
}

static void
on_block (Run *run, unsigned node, unsigned file, const ShoalEvent *event)
{
  uint64_t block = event->value;
  Transfer *transfer = shoal_run_active (run, node, file);
  const RunFile *f = &run->files[file];
  if (transfer == NULL || block >= f->blocks)
    return;
  uint32_t bytes = shoal_info_block_bytes (&f->shared->file.info, (uint32_t)block);
  transfer->held_bytes += bytes;
  run->held_bytes += bytes;
  shoal_run_record_block (run, transfer, event);
  shoal_run_holds_block (run, node, file, (uint32_t)block);
}

static void
on_done (Run *run, unsigned node, unsigned file)
{
  Transfer *transfer = shoal_run_active (run, node, file);
  const RunFile *f = &run->files[file];
  if (transfer == NULL)
    return;
  run->held_bytes += f->shared->file.info.length_bytes - transfer->held_bytes;
  transfer->held_bytes = f->shared->file.info.length_bytes;
  shoal_run_end_transfer (run, transfer, TRANSFER_DONE, NULL);
  shoal_run_holds_file (run, node, file);
}

static void
on_failed (Run *run, unsigned node, unsigned file, uint64_t failure)
{
  Transfer *transfer = shoal_run_active (run, node, file);
  if (transfer != NULL)
    shoal_run_end_transfer (run, transfer,
                            failure == SHOAL_FAILURE_CANCELLED ? TRANSFER_CANCELLED : TRANSFER_FAILED,
                            shoal_failure_text ((ShoalFailure)failure));
}

static void
on_first_byte (Run *run, unsigned node, unsigned file)
{
  Transfer *transfer = shoal_run_active (run, node, file);
  if (transfer != NULL && transfer->first_byte_ns == SHOAL_ROW_NO_TIME)
    transfer->first_byte_ns = run->now;
}

/* Changes nothing but the record: a run goes the same way whether it is recorded or not. */
static void
on_waiting (Run *run, unsigned node, ShoalTime now, const ShoalEvent *event)
{
  int file = file_of (run, &event->fid);
  Transfer *transfer = file >= 0 ? shoal_run_active (run, node, (unsigned)file) : NULL;
  if (transfer != NULL)
    shoal_run_record_wait (run, transfer, now, event);
}

static void
on_file_event (Run *run, unsigned node, unsigned file, const ShoalEvent *event)
{
  switch (event->kind)
    {
    case SHOAL_EVENT_BLOCK:
      on_block (run, node, file, event);
      break;
    case SHOAL_EVENT_REGISTERED:
      shoal_run_node_registered (run, node);
      shoal_run_holds_file (run, node, file);
      break;
    case SHOAL_EVENT_FIRST_BYTE:
      on_first_byte (run, node, file);
      break;
    case SHOAL_EVENT_DOWNLOAD_DONE:
      on_done (run, node, file);
      break;
    case SHOAL_EVENT_DOWNLOAD_FAILED:
      on_failed (run, node, file, event->value);
      break;
    default:
      break;
    }
}

void
shoal_run_on_event (void *context, ShoalTime now, unsigned number, const ShoalEvent *event)
{
  Run *run = context;
  if (number < run->first)
    return; /* the tracker */
  unsigned node = number - run->first;
  if (event->kind == SHOAL_EVENT_WAITING)
    {
      on_waiting (run, node, now, event);
      return;
    }
  run->now = MAX (run->now, now - run->origin); /* never back, though the backend had nothing to do */
  int file = event->kind == SHOAL_EVENT_CLOSED ? -1 : file_of (run, &event->fid);
  if (is_logged (run, event->kind))
    log_event (run, node, event, file);
  if (event->kind == SHOAL_EVENT_CLOSED)
    shoal_run_node_closed (run, node);
  else if (file >= 0)
    on_file_event (run, node, (unsigned)file, event);
  if (++run->events % EVENTS_PER_REPORT == 0)
    shoal_run_tell_progress (run);
  shoal_run_stop_if_due (run);
}
