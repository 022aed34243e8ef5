#include "scenarios/study-internal.h"

#include "scenarios/error.h"

#include <string.h>

static bool
is_blank_or_comment (const char *line)
{
  line += strspn (line, " \t\r");
  return *line == '\0' || *line == '#';
}

void
shoal_study_split (const char *text, char **head, char **scenario)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *parts[2] = { g_string_new (NULL), g_string_new (NULL) };
  unsigned part = 0;
  for (unsigned i = 0; lines[i] != NULL; i++)
    {
      bool is_indented =
          lines[i][0] == ' ' || lines[i][0] == '\t' || lines[i][0] == '\r' || is_blank_or_comment (lines[i]);
      if (!is_indented)
        part = 0;
      g_string_append (parts[part], lines[i]);
      if (lines[i + 1] != NULL)
        {
          g_string_append_c (parts[0], '\n');
          g_string_append_c (parts[1], '\n');
        }
      if (g_str_has_prefix (lines[i], "scenario:"))
        part = 1;
    }
  *head = g_string_free (parts[0], FALSE);
  *scenario = g_string_free (parts[1], FALSE);
}

/* At "${": the name up to "}", and what follows. NULL: it is not one. Owned by the caller. */
static char *
read_name (const char *at, const char **end)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const char *name = at + 2;
  size_t length = strspn (name, letters);
  if (length == 0 || name[length] != '}')
    return NULL;
  *end = name + length + 1;
  return g_strndup (name, length);
}

static bool
fail (const char *origin, unsigned line, GError **error, const char *what)
{
  g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_SYNTAX, "%s:%u: %s", origin, line, what);
  return false;
}

static bool
fill_line (GString *out, const char *line, unsigned number, const char *origin, const ShoalPlaceholders *p,
           GError **error)
{
  for (const char *at; (at = strstr (line, "${")) != NULL;)
    {
      g_string_append_len (out, line, at - line);
      g_autofree char *name = read_name (at, &line);
      if (name == NULL)
        return fail (origin, number, error,
                     "'${' begins the place of a parameter, as in ${peers}, which '}' ends");
      const char *value = p->lookup (p->context, name);
      g_autofree char *what = g_strdup_printf ("there is no parameter '%s'; there are: %s", name, p->known);
      if (value == NULL)
        return fail (origin, number, error, what);
      g_string_append (out, value);
    }
  g_string_append (out, line);
  return true;
}

char *
shoal_study_fill (const char *text, const char *origin, const ShoalPlaceholders *placeholders, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *out = g_string_new (NULL);
  for (unsigned i = 0; lines[i] != NULL; i++)
    {
      if (is_blank_or_comment (lines[i]))
        g_string_append (out, lines[i]);
      else if (!fill_line (out, lines[i], i + 1, origin, placeholders, error))
        {
          g_string_free (out, TRUE);
          return NULL;
        }
      if (lines[i + 1] != NULL)
        g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}
