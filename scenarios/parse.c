/* From the raw document to the checked model. Every error says the place in the document. */
#include "scenarios/condition.h"
#include "scenarios/expect.h"
#include "scenarios/parse-internal.h"
#include "scenarios/units.h"
#include "scenarios/words.h"

#include <glib/gstdio.h>

#define MAX_SCENARIO_BYTES (4u << 20)
#define DEFAULT_TRACKER_RATE "10 kB/s"
#define MAX_PIECE_LENGTH ((uint64_t)1 << 30)

bool
shoal_parse_at (Parser *p, const char *place, const char *key)
{
  g_prefix_error (p->error, "%s: %s%s%s: ", p->scenario->origin, place, *place && *key ? "." : "", key);
  return false;
}

bool
shoal_parse_rate_key (Parser *p, const char *place, const char *key, const char *text, uint64_t *rate)
{
  return text == NULL
         || (shoal_parse_rate (text, rate, p->error)
             && shoal_scale_rate (rate, p->scenario->rate_factor, p->error))
         || shoal_parse_at (p, place, key);
}

bool
shoal_parse_time_key (Parser *p, const char *place, const char *key, const char *text, ShoalTime *time)
{
  return text == NULL || shoal_parse_time (text, time, p->error) || shoal_parse_at (p, place, key);
}

bool
shoal_parse_positive_time (Parser *p, const char *place, const char *key, const char *text, ShoalTime *time)
{
  if (!shoal_parse_time_key (p, place, key, text, time))
    return false;
  return text == NULL || *time > 0 || FAIL (p, place, key, "must be more than 0; leave it out for none");
}

bool
shoal_parse_number_key (Parser *p, const char *place, const char *key, const char *text, uint64_t least,
                        uint64_t most, uint64_t *value)
{
  guint64 v;
  if (!g_ascii_string_to_unsigned (text, 10, least, most, &v, NULL))
    return FAIL (p, place, key, "'%s' is not a whole number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                 text, least, most);
  *value = v;
  return true;
}

bool
shoal_parse_name (Parser *p, const char *place, const char *key, const char *name)
{
  if (name == NULL)
    return FAIL (p, place, key, "is missing");
  if (!shoal_scenario_name_valid (name))
    return FAIL (
        p, place, key,
        "'%s' cannot be a name: letters, digits, '_', '-' and '.', a letter first, at most 64, and no word "
        "of the conditions and expectations",
        name);
  return true;
}

/* --- files ------------------------------------------------------------------------------------ */

static bool
parse_piece_length (Parser *p, const char *place, const char *text, ShoalScenarioFile *file)
{
  uint64_t length = 0;
  if (text == NULL)
    return true;
  if (!shoal_parse_size (text, &length, p->error))
    return shoal_parse_at (p, place, "piece_length");
  if (length < SHOAL_BLOCK_BYTES || length > MAX_PIECE_LENGTH || (length & (length - 1)) != 0)
    return FAIL (p, place, "piece_length", "'%s' is not a power of two from 16 KiB to 1 GiB", text);
  file->piece_length_bytes = (uint32_t)length;
  return true;
}

static bool
parse_path (Parser *p, const char *place, const char *path, ShoalScenarioFile *file)
{
  GStatBuf info;
  file->path = g_path_is_absolute (path) ? g_strdup (path) : g_build_filename (p->folder, path, NULL);
  if (g_stat (file->path, &info) != 0)
    return FAIL (p, place, "path", "cannot read '%s': %s", file->path, g_strerror (errno));
  if (!S_ISREG (info.st_mode))
    return FAIL (p, place, "path", "'%s' is not a regular file", file->path);
  file->size_bytes = (uint64_t)info.st_size;
  return true;
}

static bool
parse_content (Parser *p, const char *place, const RawFile *raw, ShoalScenarioFile *file)
{
  if (raw->path != NULL && (raw->size != NULL || raw->seed != NULL))
    return FAIL (p, place, "path", "a file has either a path, or a size and a seed");
  if (raw->path == NULL && raw->size == NULL)
    return FAIL (p, place, "size", "is missing; say for example 'size: 148539 B', or 'path:' of a real file");
  if (raw->path != NULL && !parse_path (p, place, raw->path, file))
    return false;
  if (raw->size != NULL && !shoal_parse_size (raw->size, &file->size_bytes, p->error))
    return shoal_parse_at (p, place, "size");
  if (file->size_bytes > SHOAL_LENGTH_MAX_BYTES)
    return FAIL (p, place, raw->path ? "path" : "size",
                 "a file has at most 2^32 - 1 blocks of 16 KiB (64 TiB)");
  return raw->seed == NULL
         || shoal_parse_number_key (p, place, "seed", raw->seed, 0, UINT64_MAX, &file->seed);
}

static bool
parse_file (Parser *p, unsigned i)
{
  RawFile raw = shoal_raw_file_merged (&p->raw->files[i]);
  g_autofree char *place = g_strdup_printf ("files[%u]", i);
  if (!shoal_parse_name (p, place, "name", raw.name))
    return false;
  if (shoal_scenario_find_file (p->scenario, raw.name) >= 0)
    return FAIL (p, place, "name", "there are two files '%s'", raw.name);
  ShoalScenarioFile empty = { .seed = i + 1 };
  g_array_append_val (p->scenario->files, empty);
  ShoalScenarioFile *file = &g_array_index (p->scenario->files, ShoalScenarioFile, i);
  file->name = g_strdup (raw.name);
  return parse_content (p, place, &raw, file) && parse_piece_length (p, place, raw.piece_length, file);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static bool
add_node (Parser *p, const char *place, char *name, unsigned group)
{
  const ShoalScenarioGroup *g = &g_array_index (p->scenario->groups, ShoalScenarioGroup, group);
  ShoalScenarioNode node = { .name = name, .group = group, .join_ns = g->join_ns };
  node.upload_bytes_per_s = g->upload_bytes_per_s;
  node.download_bytes_per_s = g->download_bytes_per_s;
  bool twice = shoal_scenario_find_node (p->scenario, name) >= 0;
  g_array_append_val (p->scenario->nodes, node);
  g_hash_table_insert (p->scenario->node_index, name, GUINT_TO_POINTER (p->scenario->nodes->len));
  return !twice || FAIL (p, place, "name", "there are two nodes '%s'", name);
}

static bool
add_members (Parser *p, const char *place, unsigned index)
{
  ShoalScenarioGroup *group = &g_array_index (p->scenario->groups, ShoalScenarioGroup, index);
  group->first = p->scenario->nodes->len;
  if (p->scenario->nodes->len + group->members > SHOAL_MAX_NODES)
    return FAIL (p, place, "count", "more than %u nodes", SHOAL_MAX_NODES);
  for (unsigned i = 1; i <= group->members; i++)
    {
      char *name = group->count > 0 ? g_strdup_printf ("%s%u", group->name, i) : g_strdup (group->name);
      if (!add_node (p, place, name, index))
        return false;
    }
  return true;
}

static bool
parse_node_rates (Parser *p, const char *place, const RawNode *raw, ShoalScenarioGroup *group)
{
  const RawRates none = { 0 }, *defaults = p->raw->defaults != NULL ? p->raw->defaults : &none;
  const char *upload = raw->upload != NULL ? raw->upload : defaults->upload;
  const char *download = raw->download != NULL ? raw->download : defaults->download;
  if (upload == NULL || download == NULL)
    return FAIL (p, place, upload == NULL ? "upload" : "download",
                 "is missing; say for example '100 kB/s' (0: unlimited), here or under 'defaults'");
  return shoal_parse_rate_key (p, raw->upload ? place : "defaults", "upload", upload,
                               &group->upload_bytes_per_s)
         && shoal_parse_rate_key (p, raw->download ? place : "defaults", "download", download,
                                  &group->download_bytes_per_s);
}

static bool
parse_node (Parser *p, unsigned i)
{
  RawNode raw = shoal_raw_node_merged (&p->raw->nodes[i]);
  g_autofree char *place = g_strdup_printf ("nodes[%u]", i);
  uint64_t count = 0;
  if (!shoal_parse_name (p, place, "name", raw.name))
    return false;
  if (shoal_scenario_find_group (p->scenario, raw.name) >= 0)
    return FAIL (p, place, "name", "there are two nodes or groups '%s'", raw.name);
  ShoalScenarioGroup empty = { .name = g_strdup (raw.name) };
  g_array_append_val (p->scenario->groups, empty);
  ShoalScenarioGroup *group = &g_array_index (p->scenario->groups, ShoalScenarioGroup, i);
  if (raw.count != NULL && !shoal_parse_number_key (p, place, "count", raw.count, 0, SHOAL_MAX_NODES, &count))
    return false;
  group->count = (unsigned)count;
  group->members = raw.count == NULL ? 1 : (unsigned)count;
  g_autofree char *within = g_strdup_printf ("%s.line", place);
  g_autofree char *serving = g_strdup_printf ("%s.strategy", place);
  return parse_node_rates (p, place, &raw, group)
         && shoal_parse_time_key (p, place, "join", raw.join, &group->join_ns)
         && shoal_parse_behaviour (p, place, raw.behaviour, group)
         && shoal_parse_strategy (p, serving, raw.strategy, &group->serving)
         && (raw.line == NULL || shoal_parse_impairments (p, within, raw.line, &group->line))
         && add_members (p, place, i);
}

/* --- what only the whole shows ---------------------------------------------------------------- */

/* A node that an action lets join has no time of its own. */
static bool
settle_join (Parser *p, const ShoalAction *action, unsigned index)
{
  ShoalScenarioNode *node = &g_array_index (p->scenario->nodes, ShoalScenarioNode, index);
  if (node->join_ns == SHOAL_NEVER)
    return FAIL (p, action->place, "join", "%s joins twice; a node joins once", node->name);
  RawNode raw = shoal_raw_node_merged (&p->raw->nodes[node->group]);
  if (raw.join != NULL)
    return FAIL (p, action->place, "join", "%s joins at %s already", node->name, raw.join);
  node->join_ns = SHOAL_NEVER;
  return true;
}

static bool
settle_joins (Parser *p)
{
  for (unsigned i = 0; i < p->scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (p->scenario, i);
      for (unsigned k = 0; action->kind == SHOAL_ACTION_JOIN && k < action->nodes->len; k++)
        if (!settle_join (p, action, g_array_index (action->nodes, unsigned, k)))
          return false;
    }
  return true;
}

static bool
check_not_before_join (Parser *p, const ShoalAction *action)
{
  for (unsigned k = 0; shoal_action_is_timed (action) && k < action->nodes->len; k++)
    {
      const ShoalScenarioNode *node =
          shoal_scenario_node (p->scenario, g_array_index (action->nodes, unsigned, k));
      if (node->join_ns == SHOAL_NEVER || node->join_ns <= action->at_ns)
        continue;
      g_autofree char *at = shoal_format_time (action->at_ns), *join = shoal_format_time (node->join_ns);
      return FAIL (p, action->place, "at", "%s is before %s joins (%s)", at, node->name, join);
    }
  return true;
}

static bool
check_actions (Parser *p)
{
  for (unsigned i = 0; i < p->scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (p->scenario, i);
      if (action->when != NULL && !shoal_condition_complete (p->scenario, action->when, p->error))
        return shoal_parse_at (p, action->place, "when");
      bool of_absent =
          action->kind == SHOAL_ACTION_JOIN || action->pick > 0 || action->pick_share_millionths > 0;
      if (!of_absent && !check_not_before_join (p, action))
        return false;
    }
  return true;
}

static bool
parse_expects (Parser *p)
{
  for (unsigned i = 0; i < p->raw->expect_count; i++)
    {
      ShoalExpect expect;
      bool ok = shoal_expect_parse (p->scenario, p->raw->expect[i], &expect, p->error);
      g_array_append_val (p->scenario->expects, expect);
      if (!ok)
        {
          g_autofree char *place = g_strdup_printf ("expect[%u]", i);
          return shoal_parse_at (p, place, "");
        }
    }
  return true;
}

static bool
parse_tracker (Parser *p)
{
  const RawRates none = { 0 }, *raw = p->raw->tracker != NULL ? p->raw->tracker : &none;
  const char *upload = raw->upload != NULL ? raw->upload : DEFAULT_TRACKER_RATE;
  const char *download = raw->download != NULL ? raw->download : DEFAULT_TRACKER_RATE;
  return shoal_parse_rate_key (p, "tracker", "upload", upload, &p->scenario->tracker_upload_bytes_per_s)
         && shoal_parse_rate_key (p, "tracker", "download", download,
                                  &p->scenario->tracker_download_bytes_per_s);
}

static bool
parse_head (Parser *p)
{
  ShoalScenario *s = p->scenario;
  const RawScenario *raw = p->raw;
  if (raw->name == NULL)
    return FAIL (p, "", "name", "is missing");
  if (!shoal_scenario_title_valid (raw->name))
    return FAIL (p, "", "name", "'%s' cannot be a name: letters, digits, '_', '-' and '.', at most 64",
                 raw->name);
  s->name = g_strdup (raw->name);
  s->description = g_strdup (raw->description != NULL ? raw->description : "");
  g_strstrip (s->description);
  if (!parse_tracker (p))
    return false;
  if (raw->network != NULL && !shoal_parse_impairments (p, "network", raw->network, &s->network))
    return false;
  const char *service = raw->server_client != NULL ? raw->server_client->service : NULL;
  if (service != NULL && strcmp (service, "fifo") != 0 && strcmp (service, "fair") != 0)
    return FAIL (p, "server_client", "service", "'%s' is neither 'fifo' nor 'fair'", service);
  s->service = g_strcmp0 (service, "fair") == 0 ? SHOAL_SERVICE_FAIR : SHOAL_SERVICE_FIFO;
  return shoal_parse_strategy (p, "strategy", raw->strategy, &s->serving)
         && shoal_parse_positive_time (p, "", "time_limit", raw->time_limit, &s->time_limit_ns);
}

static bool
parse_all (Parser *p)
{
  if (!parse_head (p))
    return false;
  for (unsigned i = 0; i < p->raw->files_count; i++)
    if (!parse_file (p, i))
      return false;
  if (p->raw->nodes_count == 0)
    return FAIL (p, "", "nodes", "there are none; expected a list of nodes");
  for (unsigned i = 0; i < p->raw->nodes_count; i++)
    if (!parse_node (p, i))
      return false;
  return shoal_parse_links (p) && shoal_parse_actions (p) && settle_joins (p) && check_actions (p)
         && parse_expects (p);
}

/* What a scenario is read from. */
typedef struct {
  const char *text;
  size_t length;
  const char *origin;
  int64_t rate_factor;
} Source;

static ShoalScenario *
parse_source (const Source *source, GError **error)
{
  RawScenario *raw = shoal_raw_load (source->text, source->length, source->origin, error);
  if (raw == NULL)
    return NULL;
  g_autofree char *folder = g_path_get_dirname (source->origin);
  g_autoptr (GError) own = NULL; /* there must be one to prefix */
  Parser p = { .scenario = shoal_scenario_new (), .raw = raw, .folder = folder, .error = &own };
  p.scenario->origin = g_strdup (source->origin);
  p.scenario->rate_factor = source->rate_factor;
  if (!parse_all (&p))
    {
      g_clear_pointer (&p.scenario, shoal_scenario_free);
      g_propagate_error (error, g_steal_pointer (&own));
    }
  shoal_raw_free (raw);
  return p.scenario;
}

ShoalScenario *
shoal_scenario_parse (const char *text, size_t length, const char *origin, GError **error)
{
  const Source source = { text, length, origin, SHOAL_ONE };
  return parse_source (&source, error);
}

ShoalScenario *
shoal_scenario_load (const char *path, GError **error)
{
  return shoal_scenario_load_scaled (path, SHOAL_ONE, error);
}

ShoalScenario *
shoal_scenario_load_scaled (const char *path, int64_t rate_factor, GError **error)
{
  g_autofree char *text = NULL;
  size_t length = 0;
  g_autoptr (GError) why = NULL;
  if (!g_file_get_contents (path, &text, &length, &why))
    {
      g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO, "cannot read the scenario: %s",
                   why->message);
      return NULL;
    }
  if (length > MAX_SCENARIO_BYTES)
    {
      g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO,
                   "%s: more than %u bytes is no scenario", path, MAX_SCENARIO_BYTES);
      return NULL;
    }
  const Source source = { text, length, path, rate_factor };
  return parse_source (&source, error);
}
