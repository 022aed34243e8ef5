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

static void
add_action_rates (GString *out, const ShoalAction *action)
{
  g_string_append (out, "rates: {");
  if (action->has_upload)
    add_own (out, "upload: ", shoal_format_rate (action->upload_bytes_per_s));
  if (action->has_download)
    add_own (out, action->has_upload ? ", download: " : "download: ",
             shoal_format_rate (action->download_bytes_per_s));
  g_string_append_c (out, '}');
}

static void
add_verb (GString *out, const ShoalScenario *scenario, const ShoalAction *action)
{
  static const char *const keys[] = {
    "join: true", "register: ", "download: ", "cancel: ", "close: true", ""
  };
  g_string_append (out, keys[action->kind]);
  add_files_of (out, scenario, action->files);
  if (action->kind == SHOAL_ACTION_RATES)
    add_action_rates (out, action);
}

/* Keys of an entry of a list stand in this column. */
static void
add_key (GString *out, int column, const char *key)
{
  g_string_append_printf (out, "\n%*s%s", column, "", key);
}

static void
add_action (GString *out, const ShoalScenario *scenario, const ShoalAction *action, int column)
{
  g_string_append_printf (out, "%*s- ", column - 2, "");
  if (action->when != NULL)
    {
      add_text (out, "when: ", action->when->text);
      add_key (out, column, "after: ");
      add_own (out, "", shoal_format_time (action->after_ns));
    }
  else
    {
      add_own (out, "at: ", shoal_format_time (action->at_ns));
    }
  if (action->who != NULL)
    {
      add_key (out, column, "nodes: ");
      append_quoted (out, action->who);
    }
  add_key (out, column, "");
  add_verb (out, scenario, action);
  if (action->time_limit_ns > 0)
    {
      add_key (out, column, "time_limit: ");
      add_own (out, "", shoal_format_time (action->time_limit_ns));
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

static void
add_node (GString *out, const ShoalScenario *scenario, unsigned index)
{
  const ShoalScenarioGroup *group = &g_array_index (scenario->groups, ShoalScenarioGroup, index);
  g_string_append_printf (out, "  - name: %s\n", group->name);
  if (group->count > 0)
    g_string_append_printf (out, "    count: %u\n", group->count);
  g_string_append (out, "    ");
  add_rates (out, "\n    download: ", group->upload_bytes_per_s, group->download_bytes_per_s);
  /* Where an action lets a member join, the entry has no time of its own. */
  bool by_action = false;
  for (unsigned i = group->first; i < group->first + group->members; i++)
    by_action |= shoal_scenario_node (scenario, i)->join_ns == SHOAL_NEVER;
  if (!by_action)
    add_own (out, "\n    join: ", shoal_format_time (group->join_ns));
  g_string_append_c (out, '\n');
  add_actions (out, scenario, (int)index);
}

/* "network: {latency: 0.02 s, loss: 1 %}". */
static void
add_impairments (GString *out, const ShoalImpairments *path)
{
  const char *separator = "network: {";
  for (unsigned key = 0; key < SHOAL_IMPAIRMENTS; key++)
    {
      if (!(path->given & 1u << key))
        continue;
      g_string_append_printf (out, "%s%s: ", separator, shoal_impairment_name (key));
      add_own (out, "",
               shoal_impairment_is_time (key) ? shoal_format_time (path->value[key])
                                              : shoal_format_percent (path->value[key]));
      separator = ", ";
    }
  g_string_append_c (out, '}');
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
      add_impairments (out, &scenario->network);
      g_string_append_c (out, '\n');
    }
  g_string_append_printf (out, "server_client: {service: %s}\n",
                          scenario->service == SHOAL_SERVICE_FAIR ? "fair" : "fifo");
}

char *
shoal_scenario_resolve (const ShoalScenario *scenario)
{
  GString *out = g_string_new (NULL);
  add_head (out, scenario);
  if (scenario->files->len > 0)
    g_string_append (out, "files:\n");
  for (unsigned i = 0; i < scenario->files->len; i++)
    add_file (out, shoal_scenario_file (scenario, i));
  g_string_append (out, "nodes:\n");
  for (unsigned i = 0; i < scenario->groups->len; i++)
    add_node (out, scenario, i);
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
