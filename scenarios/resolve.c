/* Writes a scenario back as YAML in which nothing is left to defaults, aliases or merges. */
#include "scenarios/scenario.h"
#include "scenarios/units.h"

/* A YAML double-quoted scalar. */
static void
append_quoted (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_printf (out, "\\%c", *c);
      else if (*c == '\n')
        g_string_append (out, "\\n");
      else if ((unsigned char)*c < 0x20)
        g_string_append_printf (out, "\\x%02x", (unsigned)*c);
      else
        g_string_append_c (out, *c);
    }
  g_string_append_c (out, '"');
}

static void
add_text (GString *out, const char *before, const char *text)
{
  g_string_append (out, before);
  append_quoted (out, text);
}

/* Appends before and the text, which is freed. */
static void
add_own (GString *out, const char *before, char *text)
{
  g_string_append_printf (out, "%s%s", before, text);
  g_free (text);
}

static void
add_rates (GString *out, const char *separator, uint64_t upload, uint64_t download)
{
  g_string_append (out, "upload: ");
  add_own (out, "", shoal_format_rate (upload));
  add_own (out, separator, shoal_format_rate (download));
}

static void
add_file (GString *out, const ShoalScenarioFile *file)
{
  g_string_append_printf (out, "  - name: %s\n", file->name);
  if (file->path != NULL)
    {
      add_text (out, "    path: ", file->path);
    }
  else
    {
      add_own (out, "    size: ", shoal_format_size (file->size_bytes));
      g_string_append_printf (out, "\n    seed: %" G_GUINT64_FORMAT, file->seed);
    }
  if (file->piece_length_bytes > 0)
    add_own (out, "\n    piece_length: ", shoal_format_size (file->piece_length_bytes));
  g_string_append_c (out, '\n');
}

static void
add_files_of (GString *out, const ShoalScenario *scenario, const GArray *files)
{
  for (unsigned i = 0; i < files->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? ", " : "",
                            shoal_scenario_file (scenario, g_array_index (files, unsigned, i))->name);
}

/* What is given, as keys in a line: "latency: 0.02 s, loss: 1 %". */
static void
add_impairments (GString *out, const ShoalImpairments *impairments)
{
  const char *separator = "";
  for (unsigned key = 0; key < SHOAL_IMPAIRMENTS; key++)
    {
      if (!(impairments->given & 1u << key))
        continue;
      g_string_append_printf (out, "%s%s: ", separator, shoal_impairment_name (key));
      add_own (out, "",
               shoal_impairment_is_time (key) ? shoal_format_time (impairments->value[key])
                                              : shoal_format_percent (impairments->value[key]));
      separator = ", ";
    }
}

static void
add_link (GString *out, const ShoalScenarioLink *link)
{
  add_text (out, "{from: ", link->from_text);
  add_text (out, ", to: ", link->to_text);
  g_string_append_printf (out, ", both_ways: %s, ", link->both_ways ? "true" : "false");
  add_impairments (out, &link->impairments);
  g_string_append_c (out, '}');
}

static void
add_known_rates (GString *out, bool has_upload, uint64_t upload, bool has_download, uint64_t download)
{
  if (has_upload)
    add_own (out, "upload: ", shoal_format_rate (upload));
  if (has_download)
    add_own (out, has_upload ? ", download: " : "download: ", shoal_format_rate (download));
}

static void
add_trace (GString *out, const ShoalAction *action)
{
  g_string_append (out, "trace: [");
  for (unsigned i = 0; i < action->trace->len; i++)
    {
      const ShoalRatePoint *point = &g_array_index (action->trace, ShoalRatePoint, i);
      add_own (out, i > 0 ? ", {after: " : "{after: ", shoal_format_time (point->after_ns));
      g_string_append (out, ", ");
      add_known_rates (out, point->has_upload, point->upload_bytes_per_s, point->has_download,
                       point->download_bytes_per_s);
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, ']');
  if (action->repeat_ns > 0)
    add_own (out, ", repeat_every: ", shoal_format_time (action->repeat_ns));
}

static void
add_action_rates (GString *out, const ShoalAction *action)
{
  g_string_append_c (out, '{');
  if (action->trace != NULL)
    add_trace (out, action);
  else
    add_known_rates (out, action->has_upload, action->upload_bytes_per_s, action->has_download,
                     action->download_bytes_per_s);
  if (action->over_ns > 0)
    add_own (out, ", over: ", shoal_format_time (action->over_ns));
  g_string_append_c (out, '}');
}

static void
add_sides (GString *out, const GArray *sides)
{
  for (unsigned i = 0; i < sides->len; i++)
    add_text (out, i > 0 ? ", " : "[", g_array_index (sides, ShoalScenarioSide, i).text);
  g_string_append_c (out, ']');
}

static void
add_deed (GString *out, const ShoalScenario *scenario, const ShoalAction *action)
{
  g_string_append_printf (out, "%s: ", shoal_action_kind_name (action->kind));
  switch (action->kind)
    {
    case SHOAL_ACTION_REGISTER:
    case SHOAL_ACTION_DOWNLOAD:
    case SHOAL_ACTION_CANCEL:
      add_files_of (out, scenario, action->files);
      break;
    case SHOAL_ACTION_RATES:
      add_action_rates (out, action);
      break;
    case SHOAL_ACTION_LINE:
    case SHOAL_ACTION_NETWORK:
      g_string_append_c (out, '{');
      add_impairments (out, &action->impairments);
      g_string_append_c (out, '}');
      break;
    case SHOAL_ACTION_LINK:
      add_link (out, action->link);
      break;
    case SHOAL_ACTION_PARTITION:
      add_sides (out, action->sides);
      break;
    case SHOAL_ACTION_TRACKER:
      g_string_append (out, action->stops ? "stop" : "restart");
      break;
    default:
      g_string_append (out, "true");
      break;
    }
}

/* Keys of an entry of a list stand in this column. */
static void
add_key (GString *out, int column, const char *key)
{
  g_string_append_printf (out, "\n%*s%s", column, "", key);
}

static void
add_time_key (GString *out, int column, const char *key, ShoalTime time)
{
  add_key (out, column, key);
  add_own (out, "", shoal_format_time (time));
}

static void
add_moment (GString *out, const ShoalAction *action, int column)
{
  if (action->when != NULL)
    add_text (out, "when: ", action->when->text);
  else if (action->on != 0)
    g_string_append_printf (out, "on: \"%s%s%s\"", action->on & SHOAL_ON_JOIN ? "join" : "",
                            action->on == (SHOAL_ON_JOIN | SHOAL_ON_RETURN) ? ", " : "",
                            action->on & SHOAL_ON_RETURN ? "return" : "");
  else
    add_own (out, "at: ", shoal_format_time (action->at_ns));
  if (!shoal_action_is_timed (action))
    add_time_key (out, column, "after: ", action->after_ns);
  if (action->every_ns > 0)
    add_time_key (out, column, "every: ", action->every_ns);
  if (action->every_ns > 0 && action->until_ns != SHOAL_NEVER)
    add_time_key (out, column, "until: ", action->until_ns);
}

static void
add_mark (GString *out, const ShoalAction *action, int column)
{
  if (action->mark == NULL)
    return;
  add_key (out, column, "mark: ");
  g_string_append (out, action->mark);
}

static void
add_actors (GString *out, const ShoalAction *action, int column)
{
  if (action->who != NULL)
    {
      add_key (out, column, "nodes: ");
      append_quoted (out, action->who);
    }
  if (action->pick > 0)
    {
      add_key (out, column, "pick: ");
      g_string_append_printf (out, "%u", action->pick);
    }
  if (action->pick_share_millionths > 0)
    {
      add_key (out, column, "pick: ");
      add_own (out, "", shoal_format_percent (action->pick_share_millionths));
    }
}

static void
add_action (GString *out, const ShoalScenario *scenario, const ShoalAction *action, int column)
{
  g_string_append_printf (out, "%*s- ", column - 2, "");
  add_moment (out, action, column);
  add_mark (out, action, column);
  add_actors (out, action, column);
  add_key (out, column, "");
  add_deed (out, scenario, action);
  if (action->time_limit_ns > 0)
    add_time_key (out, column, "time_limit: ", action->time_limit_ns);
  if (action->kind == SHOAL_ACTION_RETURN)
    {
      add_key (out, column, "keeping: ");
      add_own (out, "", shoal_format_percent (action->kept_millionths));
    }
  g_string_append_c (out, '\n');
}

static void
add_actions (GString *out, const ShoalScenario *scenario, int group)
{
  bool any = false;
  for (unsigned i = 0; i < scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (scenario, i);
      if (action->group != group)
        continue;
      if (!any)
        g_string_append (out, group >= 0 ? "    actions:\n" : "actions:\n");
      any = true;
      add_action (out, scenario, action, group >= 0 ? 8 : 4);
    }
}

/* Keys in a line of what is said: "{name: none, slots: 4}". */
static void
add_strategy (GString *out, const char *before, const ShoalStrategyOptions *serving)
{
  const char *separator = "";
  g_string_append_printf (out, "%sstrategy: {", before);
  if (serving->strategy != NULL)
    g_string_append_printf (out, "name: %s", serving->strategy->name);
  if (serving->strategy != NULL)
    separator = ", ";
  if (serving->slots > 0)
    g_string_append_printf (out, "%sslots: %u", separator, serving->slots);
  if (serving->slots > 0)
    separator = ", ";
  if (serving->turn_ns > 0)
    {
      g_string_append_printf (out, "%sturn: ", separator);
      add_own (out, "",
               serving->turn_ns == SHOAL_TURN_AUTO ? g_strdup ("auto")
                                                   : shoal_format_time (serving->turn_ns));
      separator = ", ";
    }
  if (serving->trial_turns > 0)
    g_string_append_printf (out, "%strial_turns: %u", separator, serving->trial_turns);
  g_string_append_c (out, '}');
}

static bool
says_strategy (const ShoalStrategyOptions *serving)
{
  return serving->strategy != NULL || serving->slots > 0 || serving->turn_ns > 0 || serving->trial_turns > 0;
}

static void
add_node (GString *out, const ShoalScenario *scenario, unsigned index, bool strategies)
{
  const ShoalScenarioGroup *group = &g_array_index (scenario->groups, ShoalScenarioGroup, index);
  g_string_append_printf (out, "  - name: %s\n", group->name);
  if (group->count > 0 || group->members == 0)
    g_string_append_printf (out, "    count: %u\n", group->count);
  g_string_append (out, "    ");
  add_rates (out, "\n    download: ", group->upload_bytes_per_s, group->download_bytes_per_s);
  /* Where an action lets a member join, the entry has no time of its own. */
  bool by_action = false;
  for (unsigned i = group->first; i < group->first + group->members; i++)
    by_action |= shoal_scenario_node (scenario, i)->join_ns == SHOAL_NEVER;
  if (!by_action)
    add_own (out, "\n    join: ", shoal_format_time (group->join_ns));
  if (group->behaviour != SHOAL_BEHAVIOUR_HONEST)
    g_string_append_printf (out, "\n    behaviour: %s", shoal_behaviour_name (group->behaviour));
  if (group->behaviour == SHOAL_BEHAVIOUR_POLLUTER)
    add_own (out, " of ", shoal_format_percent (group->bad_millionths));
  if (strategies && says_strategy (&group->serving))
    add_strategy (out, "\n    ", &group->serving);
  if (group->line.given != 0)
    {
      g_string_append (out, "\n    line: {");
      add_impairments (out, &group->line);
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, '\n');
  add_actions (out, scenario, (int)index);
}

static void
add_head (GString *out, const ShoalScenario *scenario)
{
  g_string_append_printf (out, "name: %s\n", scenario->name);
  add_text (out, "description: ", scenario->description);
  add_own (out, "\ntime_limit: ", shoal_format_time (scenario->time_limit_ns));
  g_string_append (out, "\ntracker: {");
  add_rates (out, ", download: ", scenario->tracker_upload_bytes_per_s,
             scenario->tracker_download_bytes_per_s);
  g_string_append (out, "}\n");
  if (scenario->network.given != 0)
    {
      g_string_append (out, "network: {");
      add_impairments (out, &scenario->network);
      g_string_append (out, "}\n");
    }
  g_string_append_printf (out, "server_client: {service: %s}\n",
                          scenario->service == SHOAL_SERVICE_FAIR ? "fair" : "fifo");
}

/* serving: NULL: strategies are left out. */
static char *
resolve (const ShoalScenario *scenario, const ShoalStrategyOptions *serving)
{
  GString *out = g_string_new (NULL);
  add_head (out, scenario);
  if (serving != NULL)
    add_strategy (out, "", serving);
  if (serving != NULL)
    g_string_append_c (out, '\n');
  if (scenario->links->len > 0)
    g_string_append (out, "links:\n");
  for (unsigned i = 0; i < scenario->links->len; i++)
    {
      g_string_append (out, "  - ");
      add_link (out, &g_array_index (scenario->links, ShoalScenarioLink, i));
      g_string_append_c (out, '\n');
    }
  if (scenario->files->len > 0)
    g_string_append (out, "files:\n");
  for (unsigned i = 0; i < scenario->files->len; i++)
    add_file (out, shoal_scenario_file (scenario, i));
  g_string_append (out, "nodes:\n");
  for (unsigned i = 0; i < scenario->groups->len; i++)
    add_node (out, scenario, i, serving != NULL);
  add_actions (out, scenario, -1);
  if (scenario->expects->len > 0)
    g_string_append (out, "expect:\n");
  for (unsigned i = 0; i < scenario->expects->len; i++)
    {
      add_text (out, "  - ", g_array_index (scenario->expects, ShoalExpect, i).text);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

char *
shoal_scenario_resolve (const ShoalScenario *scenario, const ShoalStrategy *strategy)
{
  ShoalStrategyOptions serving = shoal_scenario_serving (scenario, NULL, strategy);
  if (serving.turn_ns == 0)
    serving.turn_ns = SHOAL_TURN_AUTO;
  return resolve (scenario, &serving);
}

char *
shoal_scenario_setting (const ShoalScenario *scenario)
{
  return resolve (scenario, NULL);
}
