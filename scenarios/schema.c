#include "scenarios/schema.h"

#include "scenarios/yaml.h"

#define TEXT SHOAL_YAML_TEXT
#define NESTED SHOAL_YAML_NESTED
#define LIST SHOAL_YAML_LIST

/* Tables that name themselves ("<<") are functions' worth of forward reference: declared with size. */
#define FILE_FIELDS 7
#define ACTION_FIELDS 27
#define NODE_FIELDS 11

typedef struct {
  cyaml_schema_field_t file[FILE_FIELDS];
  cyaml_schema_field_t action[ACTION_FIELDS];
  cyaml_schema_field_t node[NODE_FIELDS];
} Recursive;

static const Recursive recursive;

static const cyaml_schema_field_t rates_fields[] = {
  TEXT ("upload", RawRates, upload),
  TEXT ("download", RawRates, download),
  CYAML_FIELD_END,
};

static const cyaml_schema_field_t rate_point_fields[] = {
  TEXT ("after", RawRatePoint, after),
  TEXT ("upload", RawRatePoint, upload),
  TEXT ("download", RawRatePoint, download),
  CYAML_FIELD_END,
};

static const cyaml_schema_value_t rate_point_entry = { CYAML_VALUE_MAPPING (CYAML_FLAG_DEFAULT, RawRatePoint,
                                                                            rate_point_fields) };

static const cyaml_schema_field_t rate_change_fields[] = {
  TEXT ("upload", RawRateChange, upload),
  TEXT ("download", RawRateChange, download),
  TEXT ("over", RawRateChange, over),
  LIST ("trace", RawRateChange, trace, &rate_point_entry),
  TEXT ("repeat_every", RawRateChange, repeat_every),
  CYAML_FIELD_END,
};

/* Keys of RawImpairments, which is `member` of the type, or is the type. */
#define IMPAIRMENTS(type, member)                                                                            \
  TEXT ("latency", type, member latency), TEXT ("jitter", type, member jitter),                              \
      TEXT ("loss", type, member loss), TEXT ("duplication", type, member duplication),                      \
      TEXT ("corruption", type, member corruption), TEXT ("reordering", type, member reordering),            \
      TEXT ("reordering_delay", type, member reordering_delay)

static const cyaml_schema_field_t impairment_fields[] = {
  IMPAIRMENTS (RawImpairments, ),
  CYAML_FIELD_END,
};

static const cyaml_schema_field_t link_fields[] = {
  TEXT ("from", RawLink, from),        TEXT ("to", RawLink, to), TEXT ("both_ways", RawLink, both_ways),
  IMPAIRMENTS (RawLink, impairments.), CYAML_FIELD_END,
};

static const cyaml_schema_value_t link_entry = { CYAML_VALUE_MAPPING (CYAML_FLAG_DEFAULT, RawLink,
                                                                      link_fields) };

static const cyaml_schema_field_t server_client_fields[] = {
  TEXT ("service", RawServerClient, service),
  CYAML_FIELD_END,
};

static const cyaml_schema_field_t strategy_fields[] = {
  TEXT ("name", RawStrategy, name),
  TEXT ("slots", RawStrategy, slots),
  TEXT ("turn", RawStrategy, turn),
  TEXT ("trial_turns", RawStrategy, trial_turns),
  CYAML_FIELD_END,
};

static const cyaml_schema_value_t file_entry = { CYAML_VALUE_MAPPING (CYAML_FLAG_DEFAULT, RawFile,
                                                                      recursive.file) };
static const cyaml_schema_value_t action_entry = { CYAML_VALUE_MAPPING (CYAML_FLAG_DEFAULT, RawAction,
                                                                        recursive.action) };
static const cyaml_schema_value_t node_entry = { CYAML_VALUE_MAPPING (CYAML_FLAG_DEFAULT, RawNode,
                                                                      recursive.node) };
static const cyaml_schema_value_t text_entry = { CYAML_VALUE_STRING (CYAML_FLAG_POINTER, char *, 0,
                                                                     CYAML_UNLIMITED) };

static const Recursive recursive = {
  .file = {
    NESTED ("<<", RawFile, merge, recursive.file),
    TEXT ("name", RawFile, name),
    TEXT ("size", RawFile, size),
    TEXT ("seed", RawFile, seed),
    TEXT ("path", RawFile, path),
    TEXT ("piece_length", RawFile, piece_length),
    CYAML_FIELD_END,
  },
  .action = {
    NESTED ("<<", RawAction, merge, recursive.action),
    TEXT ("at", RawAction, at),
    TEXT ("when", RawAction, when),
    TEXT ("on", RawAction, on),
    TEXT ("after", RawAction, after),
    TEXT ("every", RawAction, every),
    TEXT ("until", RawAction, until),
    TEXT ("mark", RawAction, mark),
    TEXT ("nodes", RawAction, nodes),
    TEXT ("pick", RawAction, pick),
    TEXT ("join", RawAction, join),
    TEXT ("register", RawAction, reg),
    TEXT ("download", RawAction, download),
    TEXT ("time_limit", RawAction, time_limit),
    TEXT ("cancel", RawAction, cancel),
    TEXT ("close", RawAction, close),
    TEXT ("crash", RawAction, crash),
    TEXT ("return", RawAction, comeback),
    TEXT ("keeping", RawAction, keeping),
    NESTED ("rates", RawAction, rates, rate_change_fields),
    NESTED ("network", RawAction, network, impairment_fields),
    NESTED ("line", RawAction, line, impairment_fields),
    NESTED ("link", RawAction, link, link_fields),
    LIST ("partition", RawAction, partition, &text_entry),
    TEXT ("heal", RawAction, heal),
    TEXT ("tracker", RawAction, tracker),
    CYAML_FIELD_END,
  },
  .node = {
    NESTED ("<<", RawNode, merge, recursive.node),
    TEXT ("name", RawNode, name),
    TEXT ("count", RawNode, count),
    TEXT ("upload", RawNode, upload),
    TEXT ("download", RawNode, download),
    TEXT ("join", RawNode, join),
    TEXT ("behaviour", RawNode, behaviour),
    NESTED ("strategy", RawNode, strategy, strategy_fields),
    NESTED ("line", RawNode, line, impairment_fields),
    LIST ("actions", RawNode, actions, &action_entry),
    CYAML_FIELD_END,
  },
};

static const cyaml_schema_field_t scenario_fields[] = {
  TEXT ("name", RawScenario, name),
  TEXT ("description", RawScenario, description),
  TEXT ("time_limit", RawScenario, time_limit),
  LIST ("templates", RawScenario, templates, &node_entry),
  LIST ("files", RawScenario, files, &file_entry),
  NESTED ("tracker", RawScenario, tracker, rates_fields),
  NESTED ("defaults", RawScenario, defaults, rates_fields),
  NESTED ("network", RawScenario, network, impairment_fields),
  LIST ("links", RawScenario, links, &link_entry),
  NESTED ("strategy", RawScenario, strategy, strategy_fields),
  NESTED ("server_client", RawScenario, server_client, server_client_fields),
  LIST ("nodes", RawScenario, nodes, &node_entry),
  LIST ("actions", RawScenario, actions, &action_entry),
  LIST ("expect", RawScenario, expect, &text_entry),
  CYAML_FIELD_END,
};

static const cyaml_schema_value_t scenario_schema = { CYAML_VALUE_MAPPING (CYAML_FLAG_POINTER, RawScenario,
                                                                           scenario_fields) };

static const ShoalYaml yaml = { &scenario_schema, "scenario", "name, files, nodes …" };

RawScenario *
shoal_raw_load (const char *text, size_t length, const char *origin, GError **error)
{
  return shoal_yaml_load (&yaml, text, length, origin, error);
}

void
shoal_raw_free (RawScenario *raw)
{
  shoal_yaml_free (&yaml, raw);
}

#define FILL(member)                                                                                         \
  if (all.member == NULL)                                                                                    \
  all.member = from->member

RawFile
shoal_raw_file_merged (const RawFile *file)
{
  RawFile all = *file;
  for (const RawFile *from = file->merge; from != NULL; from = from->merge)
    {
      FILL (name);
      FILL (size);
      FILL (seed);
      FILL (path);
      FILL (piece_length);
    }
  return all;
}

/* What an action does, and when, are one choice each: an entry that chooses inherits no other. */
static bool
says_what (const RawAction *a)
{
  return a->join || a->reg || a->download || a->cancel || a->close || a->crash || a->comeback || a->rates
         || a->network || a->line || a->link || a->partition || a->heal || a->tracker;
}

static bool
says_when (const RawAction *a)
{
  return a->at || a->when || a->on || a->after || a->every || a->until;
}

static void
fill_moment (RawAction *onto, const RawAction *from)
{
  onto->at = from->at;
  onto->when = from->when;
  onto->on = from->on;
  onto->after = from->after;
  onto->every = from->every;
  onto->until = from->until;
}

static void
fill_deed (RawAction *onto, const RawAction *from)
{
  RawAction all = *from;
  all.merge = onto->merge;
  all.mark = onto->mark;
  all.nodes = onto->nodes;
  all.pick = onto->pick;
  /* These go with some deeds, and may be said alone: */
  if (onto->time_limit != NULL)
    all.time_limit = onto->time_limit;
  if (onto->keeping != NULL)
    all.keeping = onto->keeping;
  fill_moment (&all, onto);
  *onto = all;
}

RawAction
shoal_raw_action_merged (const RawAction *action)
{
  RawAction all = *action;
  for (const RawAction *from = action->merge; from != NULL; from = from->merge)
    {
      bool what = says_what (&all), when = says_when (&all);
      FILL (nodes);
      FILL (pick);
      if (!when)
        fill_moment (&all, from);
      if (!what)
        fill_deed (&all, from);
    }
  return all;
}

RawNode
shoal_raw_node_merged (const RawNode *node)
{
  RawNode all = *node;
  for (const RawNode *from = node->merge; from != NULL; from = from->merge)
    {
      FILL (name);
      FILL (count);
      FILL (upload);
      FILL (download);
      FILL (join);
      FILL (behaviour);
      FILL (strategy);
      FILL (line);
      if (all.actions == NULL)
        {
          all.actions = from->actions;
          all.actions_count = from->actions_count;
        }
    }
  return all;
}
