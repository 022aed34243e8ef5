#include "scenarios/schema.h"

#include "scenarios/error.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(key, type, member)                                                                              \
  CYAML_FIELD_STRING_PTR (key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 0, CYAML_UNLIMITED)
#define NESTED(key, type, member, fields)                                                                    \
  CYAML_FIELD_MAPPING_PTR (key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, fields)
#define LIST(key, type, member, entry)                                                                       \
  CYAML_FIELD_SEQUENCE (key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, entry, 0,               \
                        CYAML_UNLIMITED)

/* Tables that name themselves ("<<") are functions' worth of forward reference: declared with size. */
#define FILE_FIELDS 7
#define ACTION_FIELDS 26
#define NODE_FIELDS 10

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
  NESTED ("server_client", RawScenario, server_client, server_client_fields),
  LIST ("nodes", RawScenario, nodes, &node_entry),
  LIST ("actions", RawScenario, actions, &action_entry),
  LIST ("expect", RawScenario, expect, &text_entry),
  CYAML_FIELD_END,
};

static const cyaml_schema_value_t scenario_schema = { CYAML_VALUE_MAPPING (CYAML_FLAG_POINTER, RawScenario,
                                                                           scenario_fields) };

/* What libcyaml logged while it read: the fault, then the way to it from the inside out. */
typedef struct {
  char *fault;
  GPtrArray *steps; /* outermost first: "nodes" or "2" (entry, from 0) */
  unsigned line;    /* of the innermost step; 0: unknown */
  bool more_documents;
} Log;

/* One line of the backtrace: "in mapping field 'nodes' (line: 3, column: 1)". */
static void
log_step (Log *log, const char *text)
{
  char name[128];
  unsigned number, line = 0;
  const char *at = strstr (text, "(line: ");
  if (at != NULL)
    line = (unsigned)strtoul (at + strlen ("(line: "), NULL, 10);
  if (log->line == 0)
    log->line = line;
  if (sscanf (text, " in mapping field '%127[^']'", name) == 1)
    g_ptr_array_insert (log->steps, 0, g_strdup (name));
  else if (sscanf (text, " in sequence entry '%u'", &number) == 1)
    g_ptr_array_insert (log->steps, 0, g_strdup_printf ("%u", number > 0 ? number - 1 : 0));
}

static void
on_log (cyaml_log_t level, void *context, const char *format, va_list args)
{
  Log *log = context;
  g_autofree char *text = g_strdup_vprintf (format, args);
  g_strchomp (text);
  if (level < CYAML_LOG_ERROR)
    log->more_documents |= strstr (text, "documents after first") != NULL;
  else if (g_str_has_prefix (text, "  in "))
    log_step (log, text);
  else if (log->fault == NULL && strstr (text, "Backtrace") == NULL)
    log->fault = g_strdup (g_str_has_prefix (text, "Load: ") ? text + strlen ("Load: ") : text);
}

static cyaml_config_t
config_new (Log *log)
{
  return (cyaml_config_t){
    .log_fn = log != NULL ? on_log : NULL, .log_ctx = log, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_WARNING
  };
}

/* The keys allowed in the mapping to which the steps lead. */
static const cyaml_schema_field_t *
fields_at (const GPtrArray *steps)
{
  const cyaml_schema_field_t *fields = scenario_fields;
  for (unsigned i = 0; i < steps->len; i++)
    {
      const char *step = g_ptr_array_index (steps, i);
      if (g_ascii_isdigit (step[0]))
        continue;
      while (fields->key != NULL && strcmp (fields->key, step) != 0)
        fields++;
      if (fields->key == NULL)
        return NULL;
      const cyaml_schema_value_t *value = &fields->value;
      if (value->type == CYAML_SEQUENCE)
        value = value->sequence.entry;
      if (value->type != CYAML_MAPPING)
        return NULL;
      fields = value->mapping.fields;
    }
  return fields;
}

static void
append_keys (GString *text, const GPtrArray *steps)
{
  const cyaml_schema_field_t *fields = fields_at (steps);
  if (fields == NULL)
    return;
  g_string_append (text, "; expected one of: ");
  for (const cyaml_schema_field_t *f = fields; f->key != NULL; f++)
    g_string_append_printf (text, "%s%s", f == fields ? "" : ", ", f->key);
}

/* libcyaml's words for a fault in ours. */
static char *
describe (const Log *log, cyaml_err_t code)
{
  const char *fault = log->fault != NULL ? log->fault : cyaml_strerror (code);
  GString *text = g_string_new (NULL);
  if (g_str_has_prefix (fault, "Unexpected key: "))
    {
      g_string_printf (text, "unknown key '%s'", fault + strlen ("Unexpected key: "));
      append_keys (text, log->steps);
    }
  else if (g_str_has_prefix (fault, "Mapping field already seen: "))
    {
      g_string_printf (text, "key '%s' is given twice", fault + strlen ("Mapping field already seen: "));
    }
  else if (g_str_has_prefix (fault, "Expecting SEQUENCE"))
    {
      g_string_assign (text, "expected a list (lines that begin with '- ')");
    }
  else if (g_str_has_prefix (fault, "Expecting MAPPING"))
    {
      g_string_assign (text, "expected keys and values ('key: value')");
      append_keys (text, log->steps);
    }
  else if (g_str_has_prefix (fault, "Expecting STRING"))
    {
      g_string_assign (text, "expected a plain value, not a list or keys");
    }
  else if (g_str_has_prefix (fault, "libyaml: "))
    {
      g_string_printf (text, "not YAML: %s", fault + strlen ("libyaml: "));
    }
  else
    {
      g_string_assign (text, fault);
      text->str[0] = g_ascii_tolower (text->str[0]);
    }
  return g_string_free (text, FALSE);
}

static char *
place (const GPtrArray *steps)
{
  GString *text = g_string_new (NULL);
  for (unsigned i = 0; i < steps->len; i++)
    {
      const char *step = g_ptr_array_index (steps, i);
      if (g_ascii_isdigit (step[0]))
        g_string_append_printf (text, "[%s]", step);
      else
        g_string_append_printf (text, "%s%s", text->len > 0 ? "." : "", step);
    }
  return g_string_free (text, FALSE);
}

/* libcyaml tells the line of what it read before a key; the key itself comes at or after it.
 * Returns the line of the nth time that the key stands in the text from `line` on, or `line`. */
static unsigned
line_of_key (const char *text, size_t length, const char *key, unsigned nth, unsigned line)
{
  g_autofree char *copy = g_strndup (text, length), *quoted = g_regex_escape_string (key, -1);
  g_autofree char *pattern = g_strdup_printf ("(^|[\\s{,\"'])%s[\"']?\\s*:", quoted);
  g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_RAW, 0, NULL);
  for (unsigned i = line; regex != NULL && i <= g_strv_length (lines); i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      for (bool more = g_regex_match (regex, lines[i - 1], 0, &match); more;
           more = g_match_info_next (match, NULL))
        if (--nth == 0)
          return i;
    }
  return line;
}

static void
correct_line (Log *log, const char *text, size_t length)
{
  static const char *const about_keys[] = { "Unexpected key: ", "Mapping field already seen: " };
  for (unsigned i = 0; i < G_N_ELEMENTS (about_keys) && log->fault != NULL; i++)
    if (g_str_has_prefix (log->fault, about_keys[i]))
      log->line = line_of_key (text, length, log->fault + strlen (about_keys[i]), i + 1, MAX (log->line, 1));
}

static void
set_error_from_log (GError **error, const Log *log, cyaml_err_t code, const char *origin)
{
  g_autofree char *what = describe (log, code);
  g_autofree char *where = place (log->steps);
  g_autofree char *line = log->line > 0 ? g_strdup_printf (":%u", log->line) : g_strdup ("");
  g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_SYNTAX, "%s%s: %s%s%s", origin, line, where,
               *where != '\0' ? ": " : "", what);
}

RawScenario *
shoal_raw_load (const char *text, size_t length, const char *origin, GError **error)
{
  RawScenario *raw = NULL;
  Log log = { .steps = g_ptr_array_new_with_free_func (g_free) };
  cyaml_config_t config = config_new (&log);
  cyaml_err_t code =
      cyaml_load_data ((const uint8_t *)text, length, &config, &scenario_schema, (cyaml_data_t **)&raw, NULL);
  if (code != CYAML_OK)
    {
      correct_line (&log, text, length);
      set_error_from_log (error, &log, code, origin);
      raw = NULL;
    }
  else if (raw == NULL || log.more_documents)
    {
      g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_SYNTAX, "%s: %s", origin,
                   raw == NULL ? "the file says nothing; expected a scenario (name, files, nodes …)"
                               : "there is more than one document; expected one scenario a file");
      shoal_raw_free (raw);
      raw = NULL;
    }
  g_ptr_array_unref (log.steps);
  g_free (log.fault);
  return raw;
}

void
shoal_raw_free (RawScenario *raw)
{
  cyaml_config_t config = config_new (NULL);
  if (raw != NULL)
    cyaml_free (&config, &scenario_schema, raw, 0);
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
      FILL (line);
      if (all.actions == NULL)
        {
          all.actions = from->actions;
          all.actions_count = from->actions_count;
        }
    }
  return all;
}
