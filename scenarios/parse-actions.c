#include "scenarios/condition.h"
#include "scenarios/parse-internal.h"
#include "scenarios/units.h"

/* --- what ------------------------------------------------------------------------------------- */

/* What is said under each kind's key; "" where it is not text; NULL: it is not there. */
static void
deeds_of (const RawAction *raw, const char *deeds[SHOAL_ACTION_KINDS])
{
  deeds[SHOAL_ACTION_JOIN] = raw->join;
  deeds[SHOAL_ACTION_REGISTER] = raw->reg;
  deeds[SHOAL_ACTION_DOWNLOAD] = raw->download;
  deeds[SHOAL_ACTION_CANCEL] = raw->cancel;
  deeds[SHOAL_ACTION_CLOSE] = raw->close;
  deeds[SHOAL_ACTION_CRASH] = raw->crash;
  deeds[SHOAL_ACTION_RETURN] = raw->comeback;
  deeds[SHOAL_ACTION_RATES] = raw->rates != NULL ? "" : NULL;
  deeds[SHOAL_ACTION_LINE] = raw->line != NULL ? "" : NULL;
  deeds[SHOAL_ACTION_NETWORK] = raw->network != NULL ? "" : NULL;
  deeds[SHOAL_ACTION_LINK] = raw->link != NULL ? "" : NULL;
  deeds[SHOAL_ACTION_PARTITION] = raw->partition != NULL ? "" : NULL;
  deeds[SHOAL_ACTION_HEAL] = raw->heal;
  deeds[SHOAL_ACTION_TRACKER] = raw->tracker;
}

/* The one thing that an action does; else error. */
static bool
find_deed (Parser *p, const char *place, const RawAction *raw, ShoalActionKind *kind, const char **text)
{
  const char *deeds[SHOAL_ACTION_KINDS];
  g_autoptr (GString) known = g_string_new (NULL);
  unsigned given = 0;
  deeds_of (raw, deeds);
  for (unsigned i = 0; i < SHOAL_ACTION_KINDS; i++)
    {
      g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", shoal_action_kind_name (i));
      if (deeds[i] == NULL)
        continue;
      *kind = i;
      *text = deeds[i];
      given++;
    }
  return given == 1
         || FAIL (p, place, "", "%s; expected one of: %s",
                  given == 0 ? "the action does nothing" : "the action does more than one thing", known->str);
}

bool
shoal_parse_list (Parser *p, const char *place, const char *key, const char *text, GArray *into,
                  bool (*read) (ShoalWords *words, GArray *into, GError **error))
{
  ShoalWords words = shoal_words_new (p->scenario, text);
  bool ok = read (&words, into, p->error) && shoal_words_end (&words, p->error);
  shoal_words_clear (&words);
  return ok || shoal_parse_at (p, place, key);
}

static bool
parse_point (Parser *p, const char *place, const RawRatePoint *raw, GArray *trace)
{
  ShoalRatePoint point = { .has_upload = raw->upload != NULL, .has_download = raw->download != NULL };
  if (raw->after == NULL)
    return FAIL (p, place, "after", "is missing; say how long after the trace begins: 'after: 10 s'");
  if (!point.has_upload && !point.has_download)
    return FAIL (p, place, "", "names neither upload nor download");
  if (!shoal_parse_time_key (p, place, "after", raw->after, &point.after_ns)
      || !shoal_parse_rate_key (p, place, "upload", raw->upload, &point.upload_bytes_per_s)
      || !shoal_parse_rate_key (p, place, "download", raw->download, &point.download_bytes_per_s))
    return false;
  if (trace->len > 0 && point.after_ns <= g_array_index (trace, ShoalRatePoint, trace->len - 1).after_ns)
    return FAIL (p, place, "after", "'%s' is not later than the point before it", raw->after);
  g_array_append_val (trace, point);
  return true;
}

static bool
parse_trace (Parser *p, const char *place, const RawRateChange *raw, ShoalAction *action)
{
  if (raw->upload != NULL || raw->download != NULL || raw->over != NULL)
    return FAIL (p, place, "trace", "stands alone, or with repeat_every: its points say the rates");
  action->trace = g_array_new (FALSE, FALSE, sizeof (ShoalRatePoint));
  for (unsigned i = 0; i < raw->trace_count; i++)
    {
      g_autofree char *at = g_strdup_printf ("%s.trace[%u]", place, i);
      if (!parse_point (p, at, &raw->trace[i], action->trace))
        return false;
    }
  g_assert (action->trace->len > 0); /* libcyaml leaves out a list without entries */
  if (!shoal_parse_positive_time (p, place, "repeat_every", raw->repeat_every, &action->repeat_ns))
    return false;
  const ShoalRatePoint *last = &g_array_index (action->trace, ShoalRatePoint, action->trace->len - 1);
  return raw->repeat_every == NULL || action->repeat_ns > last->after_ns
         || FAIL (p, place, "repeat_every", "'%s' is not later than the last point", raw->repeat_every);
}

static bool
parse_rates (Parser *p, const char *place, const RawRateChange *raw, ShoalAction *action)
{
  action->has_upload = raw->upload != NULL;
  action->has_download = raw->download != NULL;
  if (raw->trace != NULL)
    return parse_trace (p, place, raw, action);
  if (!action->has_upload && !action->has_download)
    return FAIL (p, place, "", "names neither upload nor download");
  if (raw->repeat_every != NULL)
    return FAIL (p, place, "repeat_every", "goes with 'trace'");
  if (!shoal_parse_rate_key (p, place, "upload", raw->upload, &action->upload_bytes_per_s)
      || !shoal_parse_rate_key (p, place, "download", raw->download, &action->download_bytes_per_s)
      || !shoal_parse_positive_time (p, place, "over", raw->over, &action->over_ns))
    return false;
  bool unlimited = (action->has_upload && action->upload_bytes_per_s == 0)
                   || (action->has_download && action->download_bytes_per_s == 0);
  return raw->over == NULL || !unlimited
         || FAIL (p, place, "over", "there is no slope to an unlimited rate; leave it out");
}

static bool
parse_kept (Parser *p, const char *place, const char *text, int64_t *kept)
{
  *kept = SHOAL_ONE;
  if (text == NULL || strcmp (text, "all") == 0)
    return true;
  if (strcmp (text, "nothing") == 0)
    *kept = 0;
  else if (!shoal_parse_percent (text, kept, NULL))
    return FAIL (p, place, "keeping", "'%s' is not known; expected all, nothing, or a share such as '50 %%'",
                 text);
  return *kept <= SHOAL_ONE || FAIL (p, place, "keeping", "'%s' is more than 100 %%", text);
}

static bool
parse_tracker_deed (Parser *p, const char *place, const char *text, ShoalAction *action)
{
  action->stops = strcmp (text, "stop") == 0;
  return action->stops || strcmp (text, "restart") == 0
         || FAIL (p, place, "tracker", "'%s' is neither 'stop' nor 'restart'", text);
}

static bool
parse_own_link (Parser *p, const char *place, const RawLink *raw, ShoalAction *action)
{
  action->link = g_new0 (ShoalScenarioLink, 1);
  return shoal_parse_link (p, place, raw, action->link);
}

static bool
parse_detail (Parser *p, const char *place, const RawAction *raw, const char *text, ShoalAction *action)
{
  const char *key = shoal_action_kind_name (action->kind);
  g_autofree char *within = g_strdup_printf ("%s.%s", place, key);
  switch (action->kind)
    {
    case SHOAL_ACTION_REGISTER:
    case SHOAL_ACTION_DOWNLOAD:
    case SHOAL_ACTION_CANCEL:
      return shoal_parse_list (p, place, key, text, action->files, shoal_words_files)
             && shoal_parse_positive_time (p, place, "time_limit", raw->time_limit, &action->time_limit_ns);
    case SHOAL_ACTION_RATES:
      return parse_rates (p, within, raw->rates, action);
    case SHOAL_ACTION_LINE:
      return shoal_parse_impairments (p, within, raw->line, &action->impairments);
    case SHOAL_ACTION_NETWORK:
      return shoal_parse_impairments (p, within, raw->network, &action->impairments);
    case SHOAL_ACTION_LINK:
      return parse_own_link (p, within, raw->link, action);
    case SHOAL_ACTION_PARTITION:
      return shoal_parse_partition (p, place, raw, &action->sides);
    case SHOAL_ACTION_TRACKER:
      return parse_tracker_deed (p, place, text, action);
    default:
      return strcmp (text, "true") == 0 || FAIL (p, place, key, "expected '%s: true'", key);
    }
}

static bool
parse_deed (Parser *p, const char *place, const RawAction *raw, ShoalAction *action)
{
  const char *text = NULL;
  if (!find_deed (p, place, raw, &action->kind, &text))
    return false;
  if (raw->time_limit != NULL && action->kind != SHOAL_ACTION_DOWNLOAD)
    return FAIL (p, place, "time_limit", "only a download has one");
  if (raw->keeping != NULL && action->kind != SHOAL_ACTION_RETURN)
    return FAIL (p, place, "keeping", "only a return has it");
  return parse_kept (p, place, raw->keeping, &action->kept_millionths)
         && parse_detail (p, place, raw, text, action);
}

/* --- when ------------------------------------------------------------------------------------- */

static bool
parse_on (Parser *p, const char *place, const char *text, ShoalAction *action)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  for (char **word = words; *word != NULL; word++)
    if (strcmp (g_strstrip (*word), "join") == 0)
      action->on |= SHOAL_ON_JOIN;
    else if (strcmp (*word, "return") == 0)
      action->on |= SHOAL_ON_RETURN;
    else
      return FAIL (p, place, "on", "'%s' is not known; expected join, return, or both with a comma", *word);
  return action->on != 0 || FAIL (p, place, "on", "says nothing; expected join, return, or both");
}

static bool
parse_repetition (Parser *p, const char *place, const RawAction *raw, ShoalAction *action)
{
  action->until_ns = SHOAL_NEVER;
  if (raw->every == NULL && raw->until == NULL)
    return true;
  if (raw->every == NULL || raw->at == NULL)
    return FAIL (p, place, raw->every ? "every" : "until",
                 "goes with 'at', as in 'at: 10 s', 'every: 5 s' and 'until: 60 s'");
  if (!shoal_parse_positive_time (p, place, "every", raw->every, &action->every_ns)
      || !shoal_parse_time_key (p, place, "until", raw->until, &action->until_ns))
    return false;
  return action->until_ns >= action->at_ns || FAIL (p, place, "until", "'%s' is before 'at'", raw->until);
}

static bool
parse_moment (Parser *p, const char *place, const RawAction *raw, ShoalAction *action)
{
  unsigned given = (raw->at != NULL) + (raw->when != NULL) + (raw->on != NULL);
  if (given != 1)
    return FAIL (p, place, "", "expected %s of 'at: 5 s', 'when: B has F1' and 'on: join'",
                 given == 0 ? "one" : "only one");
  if (raw->after != NULL && raw->at != NULL)
    return FAIL (p, place, "after", "goes with 'when' or 'on', as in 'when: B has F1' and 'after: 2 s'");
  if (!shoal_parse_time_key (p, place, "at", raw->at, &action->at_ns)
      || !shoal_parse_time_key (p, place, "after", raw->after, &action->after_ns)
      || !parse_repetition (p, place, raw, action))
    return false;
  if (raw->on != NULL)
    return parse_on (p, place, raw->on, action);
  if (raw->when == NULL)
    return true;
  action->when = shoal_condition_parse (p->scenario, raw->when, p->error);
  return action->when != NULL || shoal_parse_at (p, place, "when");
}

/* What is said of the moment itself. */
static bool
parse_mark (Parser *p, const char *place, const char *text, ShoalAction *action)
{
  if (text == NULL)
    return true;
  if (!shoal_parse_name (p, place, "mark", text))
    return false;
  if (shoal_scenario_find_mark (p->scenario, text) >= 0)
    return FAIL (p, place, "mark", "there are two moments '%s'", text);
  action->mark = g_strdup (text);
  return true;
}

/* --- who -------------------------------------------------------------------------------------- */

static bool
parse_pick (Parser *p, const char *place, const char *text, ShoalAction *action)
{
  uint64_t count = 0;
  if (text == NULL)
    return true;
  if (action->on != 0)
    return FAIL (p, place, "pick", "does not go with 'on', which is about each node by itself");
  if (strchr (text, '%') == NULL)
    {
      if (!shoal_parse_number_key (p, place, "pick", text, 1, SHOAL_MAX_NODES, &count))
        return false;
      action->pick = (unsigned)count;
      return true;
    }
  if (!shoal_parse_percent (text, &action->pick_share_millionths, p->error))
    return shoal_parse_at (p, place, "pick");
  return (action->pick_share_millionths > 0 && action->pick_share_millionths <= SHOAL_ONE)
         || FAIL (p, place, "pick", "'%s' is not more than 0 %% and at most 100 %%", text);
}

/* The whole network's, or the tracker's. */
static bool
parse_nobody (Parser *p, const char *place, const RawAction *raw, const ShoalAction *action)
{
  const char *key = shoal_action_kind_name (action->kind);
  if (action->group >= 0)
    return FAIL (p, place, key, "is no node's own action; say it at top level");
  if (raw->nodes != NULL || raw->pick != NULL)
    return FAIL (p, place, raw->nodes ? "nodes" : "pick", "does not go with '%s', which is no node's action",
                 key);
  return action->on == 0 || FAIL (p, place, "on", "is about single nodes, and '%s' is not", key);
}

static bool
parse_actors (Parser *p, const char *place, const RawAction *raw, ShoalAction *action)
{
  if (action->kind >= SHOAL_ACTION_NETWORK)
    return parse_nobody (p, place, raw, action);
  if (action->group >= 0)
    {
      const ShoalScenarioGroup *g = &g_array_index (p->scenario->groups, ShoalScenarioGroup, action->group);
      for (unsigned node = g->first; node < g->first + g->members; node++)
        g_array_append_val (action->nodes, node);
      return (raw->nodes == NULL
              || FAIL (p, place, "nodes", "an action inside a node is that node's; say others at top level"))
             && parse_pick (p, place, raw->pick, action);
    }
  if (raw->nodes == NULL)
    return FAIL (p, place, "nodes", "is missing: whose action is it? say for example 'nodes: A, B'");
  action->who = g_strdup (raw->nodes);
  return shoal_parse_list (p, place, "nodes", raw->nodes, action->nodes, shoal_words_nodes)
         && parse_pick (p, place, raw->pick, action);
}

/* --- all of them ------------------------------------------------------------------------------ */

static bool
parse_action (Parser *p, char *place, const RawAction *entry, int group)
{
  RawAction raw = shoal_raw_action_merged (entry);
  ShoalAction empty = { .group = group, .place = place };
  empty.nodes = g_array_new (FALSE, FALSE, sizeof (unsigned));
  empty.files = g_array_new (FALSE, FALSE, sizeof (unsigned));
  g_array_append_val (p->scenario->actions, empty);
  ShoalAction *action = &g_array_index (p->scenario->actions, ShoalAction, p->scenario->actions->len - 1);
  return parse_deed (p, place, &raw, action) && parse_moment (p, place, &raw, action)
         && parse_mark (p, place, raw.mark, action) && parse_actors (p, place, &raw, action);
}

bool
shoal_parse_actions (Parser *p)
{
  for (unsigned i = 0; i < p->raw->nodes_count; i++)
    {
      RawNode node = shoal_raw_node_merged (&p->raw->nodes[i]);
      for (unsigned k = 0; k < node.actions_count; k++)
        if (!parse_action (p, g_strdup_printf ("nodes[%u].actions[%u]", i, k), &node.actions[k], (int)i))
          return false;
    }
  for (unsigned k = 0; k < p->raw->actions_count; k++)
    if (!parse_action (p, g_strdup_printf ("actions[%u]", k), &p->raw->actions[k], -1))
      return false;
  return true;
}
