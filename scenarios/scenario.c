#include "scenarios/scenario.h"
#include "scenarios/units.h"

G_DEFINE_QUARK (shoal - scenario - error - quark, shoal_scenario_error)

const char *
shoal_model_name (ShoalModel model)
{
  return model == SHOAL_MODEL_P2P ? "p2p" : "server-client";
}

const char *
shoal_impairment_name (ShoalImpairment key)
{
  static const char *const names[SHOAL_IMPAIRMENTS] = {
    [SHOAL_IMPAIR_LATENCY] = "latency",
    [SHOAL_IMPAIR_JITTER] = "jitter",
    [SHOAL_IMPAIR_LOSS] = "loss",
    [SHOAL_IMPAIR_DUPLICATION] = "duplication",
    [SHOAL_IMPAIR_CORRUPTION] = "corruption",
    [SHOAL_IMPAIR_REORDERING] = "reordering",
    [SHOAL_IMPAIR_HOLD] = "reordering_delay",
  };
  return names[key];
}

bool
shoal_impairment_is_time (ShoalImpairment key)
{
  return key == SHOAL_IMPAIR_LATENCY || key == SHOAL_IMPAIR_JITTER || key == SHOAL_IMPAIR_HOLD;
}

const char *
shoal_action_kind_name (ShoalActionKind kind)
{
  static const char *const names[SHOAL_ACTION_KINDS] = {
    [SHOAL_ACTION_JOIN] = "join",         [SHOAL_ACTION_REGISTER] = "register",
    [SHOAL_ACTION_DOWNLOAD] = "download", [SHOAL_ACTION_CANCEL] = "cancel",
    [SHOAL_ACTION_CLOSE] = "close",       [SHOAL_ACTION_CRASH] = "crash",
    [SHOAL_ACTION_RETURN] = "return",     [SHOAL_ACTION_RATES] = "rates",
    [SHOAL_ACTION_LINE] = "line",         [SHOAL_ACTION_NETWORK] = "network",
    [SHOAL_ACTION_LINK] = "link",         [SHOAL_ACTION_PARTITION] = "partition",
    [SHOAL_ACTION_HEAL] = "heal",         [SHOAL_ACTION_TRACKER] = "tracker",
  };
  return names[kind];
}

ShoalStrategyOptions
shoal_scenario_serving (const ShoalScenario *scenario, const ShoalScenarioGroup *group,
                        const ShoalStrategy *strategy)
{
  ShoalStrategyOptions serving = scenario->serving;
  if (strategy != NULL)
    serving.strategy = strategy;
  if (group != NULL && group->serving.strategy != NULL)
    serving.strategy = group->serving.strategy;
  if (group != NULL && group->serving.slots > 0)
    serving.slots = group->serving.slots;
  if (group != NULL && group->serving.trial_turns > 0)
    serving.trial_turns = group->serving.trial_turns;
  if (group != NULL && group->serving.turn_ns > 0)
    serving.turn_ns = group->serving.turn_ns;
  if (serving.turn_ns == SHOAL_TURN_AUTO)
    serving.turn_ns = 0;
  return serving;
}

const ShoalScenarioNode *
shoal_scenario_node (const ShoalScenario *scenario, unsigned node)
{
  return &g_array_index (scenario->nodes, ShoalScenarioNode, node);
}

const ShoalScenarioFile *
shoal_scenario_file (const ShoalScenario *scenario, unsigned file)
{
  return &g_array_index (scenario->files, ShoalScenarioFile, file);
}

const ShoalAction *
shoal_scenario_action (const ShoalScenario *scenario, unsigned action)
{
  return &g_array_index (scenario->actions, ShoalAction, action);
}

int
shoal_scenario_find_node (const ShoalScenario *scenario, const char *name)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (scenario->node_index, name)) - 1;
}

int
shoal_scenario_find_group (const ShoalScenario *scenario, const char *name)
{
  for (unsigned i = 0; i < scenario->groups->len; i++)
    if (strcmp (g_array_index (scenario->groups, ShoalScenarioGroup, i).name, name) == 0)
      return (int)i;
  return -1;
}

int
shoal_scenario_find_file (const ShoalScenario *scenario, const char *name)
{
  for (unsigned i = 0; i < scenario->files->len; i++)
    if (strcmp (shoal_scenario_file (scenario, i)->name, name) == 0)
      return (int)i;
  return -1;
}

int
shoal_scenario_find_mark (const ShoalScenario *scenario, const char *mark)
{
  for (unsigned i = 0; i < scenario->actions->len; i++)
    if (g_strcmp0 (shoal_scenario_action (scenario, i)->mark, mark) == 0)
      return (int)i;
  return -1;
}

bool
shoal_index_in (const GArray *indices, unsigned index)
{
  for (unsigned i = 0; i < indices->len; i++)
    if (g_array_index (indices, unsigned, i) == index)
      return true;
  return false;
}

uint8_t *
shoal_scenario_concerned (const ShoalScenario *scenario, ShoalActionKind kind, int file)
{
  uint8_t *nodes = g_new0 (uint8_t, scenario->nodes->len + 1);
  for (unsigned i = 0; i < scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (scenario, i);
      if (action->kind != kind || (file >= 0 && !shoal_index_in (action->files, (unsigned)file)))
        continue;
      for (unsigned k = 0; k < action->nodes->len; k++)
        nodes[g_array_index (action->nodes, unsigned, k)] = 1;
    }
  return nodes;
}

static void
shared_file_free (ShoalSharedFile *file)
{
  if (file == NULL)
    return;
  shoal_merkle_unref (file->tree);
  g_clear_pointer (&file->bytes, g_bytes_unref);
  g_free (file->name);
  g_free (file);
}

static void
file_clear (void *data)
{
  ShoalScenarioFile *file = data;
  g_free (file->name);
  g_free (file->path);
  shared_file_free (file->with_hashes);
  shared_file_free (file->without_hashes);
}

static void
group_clear (void *data)
{
  g_free (((ShoalScenarioGroup *)data)->name);
}

static void
node_clear (void *data)
{
  g_free (((ShoalScenarioNode *)data)->name);
}

static void
link_clear (void *data)
{
  ShoalScenarioLink *link = data;
  g_free (link->from_text);
  g_free (link->to_text);
  g_clear_pointer (&link->from, g_array_unref);
  g_clear_pointer (&link->to, g_array_unref);
}

static void
action_clear (void *data)
{
  ShoalAction *action = data;
  g_free (action->place);
  g_free (action->who);
  g_free (action->mark);
  g_array_unref (action->nodes);
  g_array_unref (action->files);
  shoal_condition_free (action->when);
  g_clear_pointer (&action->trace, g_array_unref);
  g_clear_pointer (&action->sides, g_array_unref);
  if (action->link != NULL)
    link_clear (action->link);
  g_free (action->link);
}

static void
expect_clear (void *data)
{
  ShoalExpect *expect = data;
  g_free (expect->text);
  g_array_unref (expect->nodes);
  g_array_unref (expect->others);
  g_free (expect->reason);
}

static GArray *
array_new (size_t element_bytes, GDestroyNotify clear)
{
  GArray *array = g_array_new (FALSE, TRUE, (unsigned)element_bytes);
  g_array_set_clear_func (array, clear);
  return array;
}

ShoalScenario *
shoal_scenario_new (void)
{
  ShoalScenario *scenario = g_new0 (ShoalScenario, 1);
  scenario->service = SHOAL_SERVICE_FIFO;
  scenario->rate_factor = SHOAL_ONE;
  scenario->serving = (ShoalStrategyOptions){ .strategy = &shoal_strategy_none,
                                              .slots = SHOAL_STRATEGY_SLOTS,
                                              .trial_turns = SHOAL_TRIAL_TURNS };
  scenario->time_limit_ns = SHOAL_DEFAULT_TIME_LIMIT_NS;
  scenario->links = array_new (sizeof (ShoalScenarioLink), link_clear);
  scenario->files = array_new (sizeof (ShoalScenarioFile), file_clear);
  scenario->groups = array_new (sizeof (ShoalScenarioGroup), group_clear);
  scenario->nodes = array_new (sizeof (ShoalScenarioNode), node_clear);
  scenario->node_index = g_hash_table_new (g_str_hash, g_str_equal);
  scenario->actions = array_new (sizeof (ShoalAction), action_clear);
  scenario->expects = array_new (sizeof (ShoalExpect), expect_clear);
  return scenario;
}

void
shoal_scenario_free (ShoalScenario *scenario)
{
  if (scenario == NULL)
    return;
  g_free (scenario->name);
  g_free (scenario->description);
  g_free (scenario->origin);
  g_hash_table_unref (scenario->node_index);
  g_array_unref (scenario->links);
  g_array_unref (scenario->files);
  g_array_unref (scenario->groups);
  g_array_unref (scenario->nodes);
  g_array_unref (scenario->actions);
  g_array_unref (scenario->expects);
  g_free (scenario);
}

uint64_t
shoal_scenario_copies_bytes (const ShoalScenario *scenario)
{
  uint64_t sum = 0, nodes = MAX (scenario->nodes->len, 1);
  for (unsigned i = 0; i < scenario->files->len; i++)
    {
      uint64_t size = shoal_scenario_file (scenario, i)->size_bytes;
      if (size > (UINT64_MAX - sum) / nodes)
        return UINT64_MAX;
      sum += size * nodes;
    }
  return sum;
}
