#include "scenarios/run-internal.h"

Transfer *
shoal_run_transfer (const Run *run, uint32_t index)
{
  return &g_array_index (run->transfers, Transfer, index);
}

Transfer *
shoal_run_active (const Run *run, unsigned node, unsigned file)
{
  for (uint32_t i = run->nodes[node].first_transfer; i != NO_TRANSFER; i = shoal_run_transfer (run, i)->next)
    {
      Transfer *transfer = shoal_run_transfer (run, i);
      if (transfer->file == file && transfer->state == TRANSFER_ACTIVE)
        return transfer;
    }
  return NULL;
}

static Transfer *
planned (const Run *run, unsigned node, unsigned file, unsigned action)
{
  for (uint32_t i = run->nodes[node].first_transfer; i != NO_TRANSFER; i = shoal_run_transfer (run, i)->next)
    {
      Transfer *transfer = shoal_run_transfer (run, i);
      if (transfer->file == file && transfer->action == action)
        return transfer;
    }
  g_assert_not_reached ();
}

static const char *
result_text (ShoalResult result)
{
  switch (result)
    {
    case SHOAL_DUPLICATE:
      return "the node holds the file, or gets it, already";
    case SHOAL_CLOSED:
      return "the node had left";
    case SHOAL_REFUSED:
      return "the node's role does not do this";
    default:
      return "the node refused";
    }
}

static const char *
name_of (const Run *run, const ShoalAddr *addr)
{
  int node = run->backend->ops->node_of (run->backend, addr) - (int)run->first;
  return node >= 0 ? shoal_scenario_node (run->scenario, (unsigned)node)->name : "?";
}

/* Keeps who the bytes came from, while the machine knows it. */
static void
collect_sources (Run *run, Transfer *transfer)
{
  const ShoalSource *sources = NULL;
  const ShoalFid *fid = &run->files[transfer->file].shared->file.fid;
  unsigned count = run->backend->ops->sources (run->backend, run->first + transfer->node, fid, &sources);
  shoal_transfer_row_free (transfer->row);
  transfer->row = shoal_transfer_row_new ();
  for (unsigned i = 0; i < count; i++)
    shoal_transfer_row_add_source (transfer->row, name_of (run, &sources[i].peer), sources[i].bytes);
}

void
shoal_run_end_transfer (Run *run, Transfer *transfer, TransferState state, const char *reason)
{
  g_assert (transfer->state == TRANSFER_ACTIVE);
  if (transfer->row == NULL)
    collect_sources (run, transfer);
  transfer->state = state;
  transfer->end_ns = run->now;
  transfer->reason = g_strdup (reason);
  run->active--;
  run->done += state == TRANSFER_DONE;
}

/* Logs an action that came to nothing. */
static void
refuse (Run *run, unsigned node, const ShoalAction *action, int file, ShoalResult result)
{
  static const char *const kinds[] = { "join-refused",   "register-refused", "download-refused",
                                       "cancel-refused", "close-refused",    "rates-refused" };
  shoal_run_log (run, node, kinds[action->kind], -1, file, (uint64_t)result);
}

void
shoal_run_join (Run *run, unsigned node)
{
  run->nodes[node].joined = true;
  shoal_run_log (run, node, "join", -1, -1, 0);
  run->backend->ops->start (run->backend, run->first + node);
}

static void
do_register (Run *run, unsigned node, unsigned file, const ShoalAction *action)
{
  run->pending++; /* until the machine reports it */
  ShoalResult result =
      run->backend->ops->register_file (run->backend, run->first + node, run->files[file].shared);
  if (result == SHOAL_OK)
    return;
  run->pending--;
  refuse (run, node, action, (int)file, result);
}

/* The node that a client gets the file from: the first who registers it, other than itself. */
static int
holder_of (const Run *run, unsigned file, unsigned node)
{
  if (run->files[file].first_registrant != (int)node)
    return run->files[file].first_registrant;
  for (unsigned other = 0; other < run->scenario->nodes->len; other++)
    if (other != node && run->files[file].registers[other])
      return (int)other;
  return -1;
}

static void
fail_download (Run *run, Transfer *transfer, const char *reason)
{
  if (transfer->state != TRANSFER_ACTIVE)
    return;
  transfer->row = transfer->row != NULL ? transfer->row : shoal_transfer_row_new ();
  shoal_run_end_transfer (run, transfer, TRANSFER_FAILED, reason);
}

static void
do_download (Run *run, unsigned node, unsigned file, const ShoalAction *action, unsigned index)
{
  Transfer *transfer = planned (run, node, file, index);
  int holder = -1;
  transfer->state = TRANSFER_ACTIVE;
  transfer->start_ns = run->now;
  run->active++;
  if (run->model == SHOAL_MODEL_SERVER_CLIENT)
    {
      holder = holder_of (run, file, node);
      if (holder < 0)
        {
          fail_download (run, transfer, "no server registers the file");
          return;
        }
      holder += (int)run->first;
    }
  ShoalResult result = run->backend->ops->download (run->backend, run->first + node, run->files[file].shared,
                                                    holder, action->time_limit_ns);
  if (result == SHOAL_OK)
    return;
  refuse (run, node, action, (int)file, result);
  fail_download (run, transfer, result_text (result));
}

static void
do_cancel (Run *run, unsigned node, unsigned file, const ShoalAction *action)
{
  Transfer *transfer = shoal_run_active (run, node, file);
  if (transfer != NULL)
    collect_sources (run, transfer);
  ShoalResult result = run->backend->ops->cancel (run->backend, run->first + node, run->files[file].shared);
  if (result != SHOAL_OK)
    {
      refuse (run, node, action, (int)file, result);
      if (transfer != NULL) /* it goes on */
        g_clear_pointer (&transfer->row, shoal_transfer_row_free);
      return;
    }
  if (transfer != NULL && transfer->state == TRANSFER_ACTIVE)
    shoal_run_end_transfer (run, transfer, TRANSFER_CANCELLED, shoal_failure_text (SHOAL_FAILURE_CANCELLED));
  shoal_run_lost_file (run, node, file);
}

static void
do_close (Run *run, unsigned node)
{
  RunNode *state = &run->nodes[node];
  for (uint32_t i = state->first_transfer; i != NO_TRANSFER; i = shoal_run_transfer (run, i)->next)
    if (shoal_run_transfer (run, i)->state == TRANSFER_ACTIVE)
      collect_sources (run, shoal_run_transfer (run, i));
  shoal_run_log (run, node, "leave", -1, -1, 0);
  state->closed = true;
  run->pending++; /* until the machine reports that its farewells are out */
  run->backend->ops->close (run->backend, run->first + node);
  for (uint32_t i = state->first_transfer; i != NO_TRANSFER; i = shoal_run_transfer (run, i)->next)
    if (shoal_run_transfer (run, i)->state == TRANSFER_ACTIVE)
      shoal_run_end_transfer (run, shoal_run_transfer (run, i), TRANSFER_FAILED,
                              shoal_failure_text (SHOAL_FAILURE_CLOSED));
  for (unsigned file = 0; file < run->scenario->files->len; file++)
    shoal_run_lost_file (run, node, file);
}

static void
do_rates (Run *run, unsigned node, const ShoalAction *action)
{
  RunNode *state = &run->nodes[node];
  if (action->has_upload)
    state->upload_bytes_per_s = action->upload_bytes_per_s;
  if (action->has_download)
    state->download_bytes_per_s = action->download_bytes_per_s;
  run->backend->ops->set_rates (run->backend, run->first + node, state->upload_bytes_per_s,
                                state->download_bytes_per_s);
  if (action->has_upload)
    shoal_run_log (run, node, "upload-rate", -1, -1, state->upload_bytes_per_s);
  if (action->has_download)
    shoal_run_log (run, node, "download-rate", -1, -1, state->download_bytes_per_s);
}

/* In the server-client model the traditional server stays: it neither cancels nor leaves. */
static bool
is_left_out (const Run *run, unsigned node, int file, const ShoalAction *action)
{
  if (run->model != SHOAL_MODEL_SERVER_CLIENT)
    return false;
  if (action->kind == SHOAL_ACTION_CANCEL)
    return run->files[file].registers[node];
  return action->kind == SHOAL_ACTION_CLOSE && run->nodes[node].role == SHOAL_ROLE_SERVER;
}

static void
act_on_file (Run *run, unsigned node, unsigned file, unsigned index)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  if (is_left_out (run, node, (int)file, action))
    return;
  if (action->kind == SHOAL_ACTION_REGISTER)
    do_register (run, node, file, action);
  else if (action->kind == SHOAL_ACTION_DOWNLOAD)
    do_download (run, node, file, action, index);
  else
    do_cancel (run, node, file, action);
}

/* An action of a node that is not there: a download of it fails, others come to nothing. */
static void
act_absent (Run *run, unsigned node, unsigned index)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  refuse (run, node, action, -1, SHOAL_CLOSED);
  for (unsigned i = 0; action->kind == SHOAL_ACTION_DOWNLOAD && i < action->files->len; i++)
    {
      Transfer *transfer = planned (run, node, g_array_index (action->files, unsigned, i), index);
      transfer->state = TRANSFER_ACTIVE;
      transfer->start_ns = run->now;
      run->active++;
      fail_download (run, transfer,
                     run->nodes[node].closed ? "the node had left" : "the node had not joined");
    }
}

static void
act_by_node (Run *run, unsigned node, unsigned index)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  const RunNode *state = &run->nodes[node];
  bool present = state->joined && !state->closed;
  if (action->kind == SHOAL_ACTION_JOIN)
    shoal_run_join (run, node);
  else if (!present)
    act_absent (run, node, index);
  else if (action->kind == SHOAL_ACTION_RATES)
    do_rates (run, node, action);
  else if (action->kind == SHOAL_ACTION_CLOSE && !is_left_out (run, node, -1, action))
    do_close (run, node);
  for (unsigned i = 0; present && i < action->files->len; i++)
    act_on_file (run, node, g_array_index (action->files, unsigned, i), index);
}

void
shoal_run_act (Run *run, unsigned index)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  for (unsigned i = 0; i < action->nodes->len; i++)
    act_by_node (run, g_array_index (action->nodes, unsigned, i), index);
}
