#include "scenarios/run-internal.h"

static size_t
entry_of (const Run *run, unsigned node, unsigned file)
{
  return (size_t)node * run->scenario->files->len + file;
}

/* Schedules what the node does when this happens to it. */
static void
happened (Run *run, unsigned node, unsigned on)
{
  for (unsigned i = 0; i < run->scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (run->scenario, i);
      if ((action->on & on) && shoal_index_in (action->nodes, node))
        shoal_run_schedule (
            run,
            (Due){ .at_ns = run->now + action->after_ns, .kind = DUE_ACTION_OF, .index = i, .node = node });
    }
}

void
shoal_run_join (Run *run, unsigned node)
{
  run->nodes[node].state = NODE_PRESENT;
  shoal_run_log (run, node, "join", -1, -1, 0);
  run->backend->ops->start (run->backend, run->first + node);
  happened (run, node, SHOAL_ON_JOIN);
}

/* ---- going ---- */

/* While the machine still knows who its bytes came from. */
static void
collect_all_sources (Run *run, unsigned node)
{
  for (uint32_t i = run->nodes[node].first_transfer; i != NO_TRANSFER; i = shoal_run_transfer (run, i)->next)
    if (shoal_run_transfer (run, i)->state == TRANSFER_ACTIVE)
      shoal_run_collect_sources (run, shoal_run_transfer (run, i));
}

/* The node is gone: its downloads failed, and what it held nobody gets from it. */
static void
forget (Run *run, unsigned node, const char *reason)
{
  for (uint32_t i = run->nodes[node].first_transfer; i != NO_TRANSFER; i = shoal_run_transfer (run, i)->next)
    if (shoal_run_transfer (run, i)->state == TRANSFER_ACTIVE)
      shoal_run_end_transfer (run, shoal_run_transfer (run, i), TRANSFER_FAILED, reason);
  for (unsigned file = 0; file < run->scenario->files->len; file++)
    {
      run->had[entry_of (run, node, file)] = shoal_run_has_file (run, node, file);
      shoal_run_lost_file (run, node, file);
    }
}

void
shoal_run_close (Run *run, unsigned node)
{
  RunNode *state = &run->nodes[node];
  collect_all_sources (run, node);
  shoal_run_log (run, node, "leave", -1, -1, 0);
  state->state = NODE_LEFT;
  state->closing = true;
  run->pending++; /* until the machine reports that its farewells are out */
  run->backend->ops->close (run->backend, run->first + node);
  forget (run, node, shoal_failure_text (SHOAL_FAILURE_CLOSED));
}

void
shoal_run_node_closed (Run *run, unsigned node)
{
  run->pending -= run->nodes[node].closing;
  run->nodes[node].closing = false;
}

void
shoal_run_node_registered (Run *run, unsigned node)
{
  if (run->nodes[node].registering == 0)
    return;
  run->nodes[node].registering--;
  run->pending--;
}

/* What a machine that is gone will not report any more. */
static void
expect_nothing (Run *run, unsigned node)
{
  shoal_run_node_closed (run, node);
  while (run->nodes[node].registering > 0)
    shoal_run_node_registered (run, node);
}

void
shoal_run_crash (Run *run, unsigned node)
{
  collect_all_sources (run, node);
  shoal_run_log (run, node, "crash", -1, -1, 0);
  run->nodes[node].state = NODE_CRASHED;
  run->backend->ops->crash (run->backend, run->first + node);
  forget (run, node, "the node crashed");
  expect_nothing (run, node);
}

/* ---- coming back ---- */

/* What it had whole it offers again; of a part of a file its next download makes use. */
void
shoal_run_return (Run *run, unsigned node, const ShoalAction *action)
{
  shoal_run_log (run, node, "return", -1, -1, (uint64_t)action->kept_millionths);
  expect_nothing (run, node);
  run->nodes[node].state = NODE_PRESENT;
  run->backend->ops->restart (run->backend, run->first + node, (uint32_t)action->kept_millionths);
  shoal_run_apply_rates (run, node);
  for (unsigned file = 0; file < run->scenario->files->len; file++)
    if (run->had[entry_of (run, node, file)] && action->kept_millionths == 1000000)
      shoal_run_register (run, node, file, action);
  happened (run, node, SHOAL_ON_RETURN);
}
