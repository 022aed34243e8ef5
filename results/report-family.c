#include "results/report-family.h"

#include <stdbool.h>
#include <string.h>

/* Whether the line says something that may differ within a series. */
static bool
may_differ (const char *line)
{
  static const char *const keys[] = { "count: ", "at: ", "- at: ", "join: " };
  if (g_str_has_prefix (line, "name:") || g_str_has_prefix (line, "description:"))
    return true;
  while (*line == ' ')
    line++;
  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_has_prefix (line, keys[i]))
      return true;
  return false;
}

char *
shoal_report_family (const char *resolved)
{
  g_auto (GStrv) lines = g_strsplit (resolved, "\n", -1);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  for (unsigned i = 0; lines[i] != NULL && !g_str_has_prefix (lines[i], "expect:"); i++)
    if (*lines[i] != '\0' && !may_differ (lines[i]))
      g_checksum_update (sum, (const guchar *)lines[i], (gssize)strlen (lines[i]) + 1);
  return g_strndup (g_checksum_get_string (sum), 12);
}

/* What stands in YAML's double quotes, as shoal writes it. Owned by the caller. */
static char *
unquote (const char *at)
{
  GString *out = g_string_new (NULL);
  for (; *at != '\0' && *at != '"'; at++)
    {
      if (*at == '\\' && at[1] != '\0')
        {
          at++;
          if (*at == 'x' && g_ascii_isxdigit (at[1]) && g_ascii_isxdigit (at[2]))
            at += 2; /* a control character: nothing to read */
          else
            g_string_append_c (out, *at == 'n' ? ' ' : *at);
        }
      else
        g_string_append_c (out, *at);
    }
  return g_string_free (out, FALSE);
}

char *
shoal_report_description (const char *resolved)
{
  g_auto (GStrv) lines = g_strsplit (resolved, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "description: \""))
      return unquote (lines[i] + strlen ("description: \""));
  return NULL;
}
