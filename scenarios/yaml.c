#include "scenarios/yaml.h"

#include "scenarios/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libcyaml logged while it read: the fault, then the way to it from the inside out. */
typedef struct {
  const cyaml_schema_value_t *schema; /* of the whole document: a mapping */
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
fields_at (const cyaml_schema_value_t *schema, const GPtrArray *steps)
{
  const cyaml_schema_field_t *fields = schema->mapping.fields;
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
append_keys (GString *text, const Log *log)
{
  const cyaml_schema_field_t *fields = fields_at (log->schema, log->steps);
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
      append_keys (text, log);
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
      append_keys (text, log);
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

void *
shoal_yaml_load (const ShoalYaml *yaml, const char *text, size_t length, const char *origin, GError **error)
{
  cyaml_data_t *data = NULL;
  Log log = { .schema = yaml->schema, .steps = g_ptr_array_new_with_free_func (g_free) };
  cyaml_config_t config = config_new (&log);
  cyaml_err_t code = cyaml_load_data ((const uint8_t *)text, length, &config, yaml->schema, &data, NULL);
  if (code != CYAML_OK)
    {
      correct_line (&log, text, length);
      set_error_from_log (error, &log, code, origin);
      data = NULL;
    }
  else if (data == NULL || log.more_documents)
    {
      if (data == NULL)
        g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_SYNTAX,
                     "%s: the file says nothing; expected a %s (%s)", origin, yaml->name, yaml->keys);
      else
        g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_SYNTAX,
                     "%s: there is more than one document; expected one %s a file", origin, yaml->name);
      shoal_yaml_free (yaml, data);
      data = NULL;
    }
  g_ptr_array_unref (log.steps);
  g_free (log.fault);
  return data;
}

void
shoal_yaml_free (const ShoalYaml *yaml, void *data)
{
  cyaml_config_t config = config_new (NULL);
  if (data != NULL)
    cyaml_free (&config, yaml->schema, data, 0);
}
