#include "scenarios/run-internal.h"

/* ---- what the backend must be able to do ---- */

static bool
fail_unable (const Run *run, const char *place, const char *what, GError **error)
{
  g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_BACKEND,
               "%s: %s: %s cannot be had in the %s world; play it in virtual time (--backend sim)",
               run->scenario->name, place, what, run->backend->ops->name);
  return false;
}

static bool
check_action (const Run *run, const ShoalAction *action, GError **error)
{
  const ShoalBackendOps *ops = run->backend->ops;
  switch (action->kind)
    {
    case SHOAL_ACTION_CRASH:
    case SHOAL_ACTION_TRACKER:
      return ops->crash != NULL || fail_unable (run, action->place, "crashes", error);
    case SHOAL_ACTION_RETURN:
      return ops->restart != NULL || fail_unable (run, action->place, "returns", error);
    case SHOAL_ACTION_LINE:
      return ops->set_line != NULL || fail_unable (run, action->place, "latency, loss and the like", error);
    case SHOAL_ACTION_NETWORK:
      return ops->set_network != NULL
             || fail_unable (run, action->place, "latency, loss and the like", error);
    case SHOAL_ACTION_LINK:
      return ops->set_link != NULL || fail_unable (run, action->place, "latency, loss and the like", error);
    case SHOAL_ACTION_PARTITION:
    case SHOAL_ACTION_HEAL:
      return ops->set_side != NULL || fail_unable (run, action->place, "partitions", error);
    default:
      return true;
    }
}

static bool
check_able (const Run *run, GError **error)
{
  const ShoalScenario *s = run->scenario;
  const ShoalBackendOps *ops = run->backend->ops;
  if (s->network.given != 0 && ops->set_network == NULL)
    return fail_unable (run, "network", "latency, loss and the like", error);
  if (s->links->len > 0 && ops->set_link == NULL)
    return fail_unable (run, "links", "latency, loss and the like", error);
  for (unsigned i = 0; i < s->groups->len; i++)
    {
      const ShoalScenarioGroup *group = &g_array_index (s->groups, ShoalScenarioGroup, i);
      if (group->line.given != 0 && ops->set_line == NULL)
        return fail_unable (run, group->name, "latency, loss and the like", error);
    }
  for (unsigned i = 0; i < s->actions->len; i++)
    if (!check_action (run, shoal_scenario_action (s, i), error))
      return false;
  return true;
}

/* ---- conditions ---- */

/* Numbers of the backend; a tracker where there is none is left out. Owned by the caller. */
static GArray *
numbers (const Run *run, const GArray *parties)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (unsigned));
  for (unsigned i = 0; i < parties->len; i++)
    {
      unsigned party = g_array_index (parties, unsigned, i);
      unsigned number = party == SHOAL_TRACKER_INDEX ? 0 : run->first + party;
      if (party != SHOAL_TRACKER_INDEX || run->first > 0)
        g_array_append_val (all, number);
    }
  return all;
}

static void
set_link (Run *run, const ShoalScenarioLink *link)
{
  g_autoptr (GArray) from = numbers (run, link->from), to = numbers (run, link->to);
  ShoalLinkChange change = { .from = (const unsigned *)(const void *)from->data,
                             .to = (const unsigned *)(const void *)to->data,
                             .from_count = from->len,
                             .to_count = to->len,
                             .impairments = link->impairments };
  if (from->len == 0 || to->len == 0)
    return; /* all about the tracker, and there is none */
  run->backend->ops->set_link (run->backend, &change);
  if (!link->both_ways)
    return;
  ShoalLinkChange back = change;
  back.from = change.to;
  back.from_count = change.to_count;
  back.to = change.from;
  back.to_count = change.from_count;
  run->backend->ops->set_link (run->backend, &back);
}

void
shoal_run_set_line (Run *run, unsigned node, const ShoalAction *action)
{
  run->backend->ops->set_line (run->backend, run->first + node, &action->impairments);
  shoal_run_log (run, node, "line", -1, -1, 0);
}

bool
shoal_run_set_up_network (Run *run, GError **error)
{
  const ShoalScenario *s = run->scenario;
  if (!check_able (run, error))
    return false;
  if (s->network.given != 0)
    run->backend->ops->set_network (run->backend, &s->network);
  for (unsigned i = 0; i < s->links->len; i++)
    set_link (run, &g_array_index (s->links, ShoalScenarioLink, i));
  for (unsigned i = 0; i < s->nodes->len; i++)
    {
      unsigned group = shoal_scenario_node (s, i)->group;
      const ShoalImpairments *line = &g_array_index (s->groups, ShoalScenarioGroup, group).line;
      if (line->given != 0)
        run->backend->ops->set_line (run->backend, run->first + i, line);
    }
  return true;
}

/* ---- partitions ---- */

static void
set_side (Run *run, const GArray *parties, unsigned side)
{
  g_autoptr (GArray) nodes = numbers (run, parties);
  for (unsigned i = 0; i < nodes->len; i++)
    run->backend->ops->set_side (run->backend, g_array_index (nodes, unsigned, i), side);
}

/* One partition ends where another begins. */
static void
heal (Run *run)
{
  for (unsigned i = 0; i < run->first + run->scenario->nodes->len; i++)
    run->backend->ops->set_side (run->backend, i, 0);
}

static void
part (Run *run, const GArray *sides)
{
  heal (run);
  for (unsigned i = 0; i < sides->len; i++)
    set_side (run, g_array_index (sides, ShoalScenarioSide, i).nodes, i + 1);
}

/* ---- actions ---- */

/* In the server-client model there is no tracker. */
static void
act_on_tracker (Run *run, const ShoalAction *action)
{
  if (run->first == 0 || run->tracker_stopped == action->stops)
    return;
  run->tracker_stopped = action->stops;
  shoal_run_log_network (run, action->stops ? "tracker-stop" : "tracker-restart", 0);
  if (action->stops)
    run->backend->ops->crash (run->backend, 0);
  else
    run->backend->ops->restart (run->backend, 0, 0);
}

void
shoal_run_act_on_network (Run *run, const ShoalAction *action)
{
  if (action->kind == SHOAL_ACTION_TRACKER)
    {
      act_on_tracker (run, action);
      return;
    }
  shoal_run_log_network (run, shoal_action_kind_name (action->kind), 0);
  if (action->kind == SHOAL_ACTION_NETWORK)
    run->backend->ops->set_network (run->backend, &action->impairments);
  else if (action->kind == SHOAL_ACTION_LINK)
    set_link (run, action->link);
  else if (action->kind == SHOAL_ACTION_PARTITION)
    part (run, action->sides);
  else
    heal (run);
}
