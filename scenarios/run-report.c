#include "scenarios/bound.h"
#include "scenarios/expect.h"
#include "scenarios/run-internal.h"
#include "scenarios/units.h"

static const char *
role_name (ShoalRole role)
{
  static const char *const names[] = { "tracker", "peer", "server", "client" };
  return names[role];
}

static void
add_node (Run *run, unsigned number, const char *name, ShoalRole role, uint64_t upload, uint64_t download)
{
  ShoalNodeStats stats = { 0 };
  ShoalNodeRow *row = shoal_node_row_new ();
  run->backend->ops->stats (run->backend, number, &stats);
  row->name = g_strdup (name);
  row->role = g_strdup (role_name (role));
  row->upload_bytes_per_s = upload;
  row->download_bytes_per_s = download;
  row->sent_bytes = stats.sent_bytes;
  row->received_bytes = stats.received_bytes;
  row->sent_datagrams = stats.sent_datagrams;
  row->received_datagrams = stats.received_datagrams;
  row->payload_sent_bytes = stats.machine.payload_sent_bytes;
  row->payload_received_bytes = stats.machine.payload_received_bytes;
  row->duplicate_bytes = stats.machine.duplicate_bytes;
  row->malformed_datagrams = stats.machine.malformed_datagrams;
  run->row->blocks += stats.machine.blocks_verified;
  g_ptr_array_add (run->row->nodes, row);
}

static void
add_nodes (Run *run)
{
  const ShoalScenario *s = run->scenario;
  if (run->first > 0)
    add_node (run, 0, "tracker", SHOAL_ROLE_TRACKER, s->tracker_upload_bytes_per_s,
              s->tracker_download_bytes_per_s);
  for (unsigned i = 0; i < s->nodes->len; i++)
    {
      const ShoalScenarioNode *node = shoal_scenario_node (s, i);
      add_node (run, run->first + i, node->name, run->nodes[i].role, node->upload_bytes_per_s,
                node->download_bytes_per_s);
    }
}

/* Why a transfer is not over. */
static char *
unfinished_reason (const Run *run, const Transfer *transfer, bool limit_passed)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, transfer->action);
  g_autofree char *limit = shoal_format_time (run->scenario->time_limit_ns);
  g_autofree char *end = limit_passed ? g_strdup_printf ("the time limit of the run (%s) passed", limit)
                                      : g_strdup ("nothing more could happen");
  if (transfer->state == TRANSFER_PLANNED && action->when != NULL)
    return g_strdup_printf ("%s while it waited for '%s'", end, action->when->text);
  if (transfer->state == TRANSFER_PLANNED)
    return g_strdup_printf ("%s before it began", end);
  return g_strdup_printf ("%s with %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes", end,
                          transfer->held_bytes, run->files[transfer->file].shared->file.info.length_bytes);
}

static void
set_status (Run *run, const Transfer *transfer, ShoalTransferRow *row, bool limit_passed)
{
  static const char *const names[] = { "unfinished", "unfinished", "done", "failed", "cancelled" };
  row->status = g_strdup (names[transfer->state]);
  row->reason = transfer->state <= TRANSFER_ACTIVE ? unfinished_reason (run, transfer, limit_passed)
                                                   : g_strdup (transfer->reason);
}

static void
add_transfer (Run *run, Transfer *transfer, bool limit_passed)
{
  const ShoalFile *file = &run->files[transfer->file].shared->file;
  ShoalTransferRow *row =
      transfer->row != NULL ? g_steal_pointer (&transfer->row) : shoal_transfer_row_new ();
  row->node = g_strdup (shoal_scenario_node (run->scenario, transfer->node)->name);
  row->file = g_strdup (shoal_scenario_file (run->scenario, transfer->file)->name);
  row->fid = g_malloc (SHOAL_FID_HEX_LENGTH + 1);
  shoal_fid_to_hex (&file->fid, row->fid);
  row->start_ns = transfer->start_ns;
  row->first_byte_ns = transfer->first_byte_ns;
  row->end_ns = transfer->end_ns;
  row->bytes = transfer->state == TRANSFER_DONE ? file->info.length_bytes : transfer->held_bytes;
  set_status (run, transfer, row, limit_passed);
  shoal_run_hand_over_record (run, transfer, row);
  g_ptr_array_add (run->row->transfers, row);
}

/* What came in until now, for transfers that the run's end leaves open. */
static void
close_open_transfers (Run *run)
{
  for (unsigned i = 0; i < run->transfers->len; i++)
    {
      Transfer *transfer = shoal_run_transfer (run, i);
      if (transfer->state != TRANSFER_ACTIVE)
        continue;
      shoal_run_end_transfer (run, transfer, TRANSFER_ACTIVE, NULL);
      transfer->end_ns = SHOAL_ROW_NO_TIME;
    }
}

static void
set_times (Run *run)
{
  int64_t first = INT64_MAX, last = INT64_MIN, total = 0;
  ShoalRunRow *row = run->row;
  row->leechers = run->transfers->len - run->superseded;
  row->completed = run->done == row->leechers;
  row->bound_ns = shoal_scenario_bound (run->scenario);
  if (!row->completed || row->leechers == 0)
    return;
  for (unsigned i = 0; i < run->transfers->len; i++)
    {
      const Transfer *transfer = shoal_run_transfer (run, i);
      first = MIN (first, transfer->start_ns);
      if (transfer->superseded)
        continue;
      last = MAX (last, transfer->end_ns);
      total += (transfer->end_ns - transfer->start_ns) / (int64_t)row->leechers;
    }
  row->makespan_ns = last - first;
  row->mean_ns = total;
}

static void
add_sample (void *context, unsigned node, ShoalTime start, ShoalTime length, uint64_t sent_bytes,
            uint64_t received_bytes)
{
  Run *run = context;
  ShoalSampleRow *row = g_new0 (ShoalSampleRow, 1);
  *row = (ShoalSampleRow){ .node = node, .start_ns = start - run->origin, .length_ns = length };
  row->sent_bytes = sent_bytes;
  row->received_bytes = received_bytes;
  g_ptr_array_add (run->row->samples, row);
}

static void
set_identity (Run *run)
{
  ShoalRunRow *row = run->row;
  char digest[65];
  row->scenario = g_strdup (run->scenario->name);
  row->resolved = shoal_scenario_resolve (run->scenario, run->options->strategy);
  row->setting = shoal_scenario_setting (run->scenario);
  if (run->model == SHOAL_MODEL_P2P)
    row->strategy =
        g_strdup (shoal_scenario_serving (run->scenario, NULL, run->options->strategy).strategy->name);
  row->backend = g_strdup (run->backend->ops->name);
  row->model = g_strdup (shoal_model_name (run->model));
  row->seed = run->options->seed;
  row->rate_factor = (double)run->scenario->rate_factor / (double)SHOAL_ONE;
  row->program_version = g_strdup (run->options->program_version);
  row->recorded = run->options->records;
  row->events = run->backend->ops->steps (run->backend);
  if (run->backend->ops->trace_digest (run->backend, digest))
    row->trace_sha256 = g_strdup (digest);
}

void
shoal_run_report (Run *run, bool limit_passed)
{
  close_open_transfers (run);
  set_identity (run);
  add_nodes (run);
  for (unsigned i = 0; i < run->transfers->len; i++)
    add_transfer (run, shoal_run_transfer (run, i), limit_passed);
  set_times (run);
  run->backend->ops->for_each_sample (run->backend, add_sample, run);
  shoal_expect_judge (run->scenario, run->model, run->row);
}
