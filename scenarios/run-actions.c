#include "scenarios/run-internal.h"
#include "scenarios/units.h"

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

/* Who tries again is not blamed for what went wrong before. */
static void
supersede (Run *run, unsigned node, unsigned file)
{
  for (uint32_t i = run->nodes[node].first_transfer; i != NO_TRANSFER; i = shoal_run_transfer (run, i)->next)
    {
      Transfer *transfer = shoal_run_transfer (run, i);
      bool broken = transfer->state == TRANSFER_FAILED || transfer->state == TRANSFER_CANCELLED;
      if (transfer->file != file || !broken || transfer->superseded)
        continue;
      transfer->superseded = true;
      run->superseded++;
      run->wanted_bytes -= run->files[file].shared->file.info.length_bytes;
      run->held_bytes -= transfer->held_bytes;
    }
}

/* The download begins, which was planned, or comes of an action of which nobody knew how often it happens. */
static Transfer *
begin_transfer (Run *run, unsigned node, unsigned file, unsigned action)
{
  supersede (run, node, file);
  bool open = shoal_action_is_open (shoal_scenario_action (run->scenario, action));
  Transfer *transfer = open ? shoal_run_transfer (run, shoal_run_plan_download (run, node, file, action))
                            : planned (run, node, file, action);
  transfer->state = TRANSFER_ACTIVE;
  transfer->start_ns = run->now;
  run->active++;
  return transfer;
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

void
shoal_run_collect_sources (Run *run, Transfer *transfer)
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
    shoal_run_collect_sources (run, transfer);
  transfer->state = state;
  transfer->end_ns = run->now;
  transfer->reason = g_strdup (reason);
  run->active--;
  run->done += state == TRANSFER_DONE;
}

void
shoal_run_refuse (Run *run, unsigned node, const ShoalAction *action, int file, ShoalResult result)
{
  g_autofree char *kind = g_strconcat (shoal_action_kind_name (action->kind), "-refused", NULL);
  shoal_run_log (run, node, kind, -1, file, (uint64_t)result);
}

void
shoal_run_register (Run *run, unsigned node, unsigned file, const ShoalAction *action)
{
  run->pending++; /* until the machine reports it */
  run->nodes[node].registering++;
  ShoalResult result =
      run->backend->ops->register_file (run->backend, run->first + node, run->files[file].shared);
  if (result == SHOAL_OK)
    return;
  run->nodes[node].registering--;
  run->pending--;
  shoal_run_refuse (run, node, action, (int)file, result);
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
  int holder = -1;
  if ((action->on & SHOAL_ON_RETURN) && shoal_run_has_file (run, node, file))
    return; /* it came back with all of it */
  Transfer *transfer = begin_transfer (run, node, file, index);
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
  shoal_run_refuse (run, node, action, (int)file, result);
  fail_download (run, transfer, result_text (result));
}

static void
do_cancel (Run *run, unsigned node, unsigned file, const ShoalAction *action)
{
  Transfer *transfer = shoal_run_active (run, node, file);
  if (transfer != NULL)
    shoal_run_collect_sources (run, transfer);
  ShoalResult result = run->backend->ops->cancel (run->backend, run->first + node, run->files[file].shared);
  if (result != SHOAL_OK)
    {
      shoal_run_refuse (run, node, action, (int)file, result);
      if (transfer != NULL) /* it goes on */
        g_clear_pointer (&transfer->row, shoal_transfer_row_free);
      return;
    }
  if (transfer != NULL && transfer->state == TRANSFER_ACTIVE)
    shoal_run_end_transfer (run, transfer, TRANSFER_CANCELLED, shoal_failure_text (SHOAL_FAILURE_CANCELLED));
  shoal_run_lost_file (run, node, file);
}

/* In the server-client model the traditional server stays: it neither cancels nor leaves. */
static bool
is_left_out (const Run *run, unsigned node, int file, const ShoalAction *action)
{
  if (run->model != SHOAL_MODEL_SERVER_CLIENT)
    return false;
  if (action->kind == SHOAL_ACTION_CANCEL && file >= 0)
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
    shoal_run_register (run, node, file, action);
  else if (action->kind == SHOAL_ACTION_DOWNLOAD)
    do_download (run, node, file, action, index);
  else
    do_cancel (run, node, file, action);
}

/* An action of a node that is not there: a download of it fails, others come to nothing. */
static void
act_absent (Run *run, unsigned node, unsigned index)
{
  static const char *const why[] = { [NODE_AWAY] = "the node had not joined",
                                     [NODE_PRESENT] = NULL,
                                     [NODE_LEFT] = "the node had left",
                                     [NODE_CRASHED] = "the node had crashed" };
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  shoal_run_refuse (run, node, action, -1, SHOAL_CLOSED);
  for (unsigned i = 0; action->kind == SHOAL_ACTION_DOWNLOAD && i < action->files->len; i++)
    fail_download (run, begin_transfer (run, node, g_array_index (action->files, unsigned, i), index),
                   why[run->nodes[node].state]);
}

/* Whether the node is where this can happen to it. */
static bool
can_act (const Run *run, unsigned node, const ShoalAction *action)
{
  NodeState state = run->nodes[node].state;
  if (action->kind == SHOAL_ACTION_JOIN)
    return state == NODE_AWAY;
  if (action->kind == SHOAL_ACTION_RETURN)
    return state == NODE_LEFT || state == NODE_CRASHED;
  return state == NODE_PRESENT || action->kind == SHOAL_ACTION_LINE;
}

static void
act_on_files (Run *run, unsigned node, unsigned index)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  for (unsigned i = 0; i < action->files->len; i++)
    act_on_file (run, node, g_array_index (action->files, unsigned, i), index);
}

void
shoal_run_act_of (Run *run, unsigned index, unsigned node)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  shoal_run_mark (run, index);
  if (!can_act (run, node, action))
    act_absent (run, node, index);
  else if (is_left_out (run, node, -1, action))
    return;
  else if (action->kind == SHOAL_ACTION_JOIN)
    shoal_run_join (run, node);
  else if (action->kind == SHOAL_ACTION_CLOSE)
    shoal_run_close (run, node);
  else if (action->kind == SHOAL_ACTION_CRASH)
    shoal_run_crash (run, node);
  else if (action->kind == SHOAL_ACTION_RETURN)
    shoal_run_return (run, node, action);
  else if (action->kind == SHOAL_ACTION_RATES)
    shoal_run_change_rates (run, node, index);
  else if (action->kind == SHOAL_ACTION_LINE)
    shoal_run_set_line (run, node, action);
  else
    act_on_files (run, node, index);
}

/* How many of so many are picked: at least one, where there is one. */
static unsigned
quota (const ShoalAction *action, unsigned able)
{
  if (action->pick > 0)
    return MIN (action->pick, able);
  int64_t share = (able * action->pick_share_millionths + SHOAL_ONE / 2) / SHOAL_ONE;
  return MIN (MAX ((unsigned)share, 1), able);
}

/* Some of those who can, by lot, in the order of the scenario. */
static GArray *
pick (Run *run, const ShoalAction *action)
{
  GArray *able = g_array_new (FALSE, FALSE, sizeof (unsigned));
  GArray *picked = g_array_new (FALSE, FALSE, sizeof (unsigned));
  for (unsigned i = 0; i < action->nodes->len; i++)
    if (can_act (run, g_array_index (action->nodes, unsigned, i), action))
      g_array_append_val (able, g_array_index (action->nodes, unsigned, i));
  unsigned wanted = quota (action, able->len);
  for (unsigned i = 0; picked->len < wanted; i++)
    if (shoal_random_below (&run->random, able->len - i) < wanted - picked->len)
      g_array_append_val (picked, g_array_index (able, unsigned, i));
  g_array_unref (able);
  return picked;
}

void
shoal_run_act (Run *run, unsigned index)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  shoal_run_mark (run, index);
  if (action->kind >= SHOAL_ACTION_NETWORK)
    {
      shoal_run_act_on_network (run, action);
      return;
    }
  bool all = action->pick == 0 && action->pick_share_millionths == 0;
  GArray *nodes = all ? g_array_ref (action->nodes) : pick (run, action);
  for (unsigned i = 0; i < nodes->len; i++)
    shoal_run_act_of (run, index, g_array_index (nodes, unsigned, i));
  g_array_unref (nodes);
}
