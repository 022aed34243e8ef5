/* The report as one HTML page: its frame, style and scripts stand in report/, built in as a resource. */
#include "results/report-internal.h"

#include <gio/gio.h>
#include <string.h>

#define FOLDER "/shoal/report/"

/* Made by glib-compile-resources. */
GResource *shoal_page_get_resource (void);

/* A part of the page; it is built in, and so always there. */
static GBytes *
part (const char *name)
{
  g_autofree char *path = g_strconcat (FOLDER, name, NULL);
  g_autoptr (GError) error = NULL;
  GBytes *bytes =
      g_resource_lookup_data (shoal_page_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  if (bytes == NULL)
    g_error ("%s", error->message);
  return bytes;
}

static void
append_part (GString *out, const char *name)
{
  g_autoptr (GBytes) bytes = part (name);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  g_string_append_len (out, text, (gssize)length);
  g_string_append_c (out, '\n');
}

/* All parts that scripts.txt names, in its order. */
static void
append_scripts (GString *out)
{
  g_autoptr (GBytes) bytes = part ("scripts.txt");
  g_autofree char *list = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_auto (GStrv) names = g_strsplit (g_strchomp (list), "\n", -1);
  for (unsigned i = 0; names[i] != NULL; i++)
    append_part (out, names[i]);
}

/* JSON within HTML: nothing in it may look like a tag or a comment, or end a line where a script's text may not. All
 * these stand within strings of JSON only, where they may be written as their numbers. */
static void
append_json (GString *out, const char *json)
{
  for (const char *at = json; *at != '\0'; at++)
    if (strchr ("<>&", *at) != NULL)
      g_string_append_printf (out, "\\u%04x", (unsigned)*at);
    else if (g_str_has_prefix (at, "\xe2\x80\xa8") || g_str_has_prefix (at, "\xe2\x80\xa9"))
      {
        g_string_append (out, at[2] == '\xa8' ? "\\u2028" : "\\u2029");
        at += 2;
      }
    else
      g_string_append_c (out, *at);
}

static bool
append_data (GString *out, const ShoalReport *report, GError **error)
{
  g_autoptr (JsonNode) root = shoal_report_json (report, true, error);
  if (root == NULL)
    return false;
  g_autofree char *json = json_to_string (root, FALSE);
  append_json (out, json);
  return true;
}

/* What stands for something in page.html; what comes between these is copied. */
static bool
append_slot (GString *out, const char *slot, const ShoalReport *report, GError **error)
{
  if (g_str_equal (slot, "title"))
    {
      g_autofree char *title = g_markup_escape_text (report->options.title, -1);
      g_string_append (out, title);
    }
  else if (g_str_equal (slot, "style"))
    append_part (out, "style.css");
  else if (g_str_equal (slot, "scripts"))
    append_scripts (out);
  else
    return append_data (out, report, error);
  return true;
}

char *
shoal_report_page (const ShoalReport *report, GError **error)
{
  g_autoptr (GBytes) bytes = part ("page.html");
  g_autofree char *frame = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_auto (GStrv) pieces = g_strsplit (frame, "@@", -1); /* text, slot, text, slot, …, text */
  g_autoptr (GString) out = g_string_new (NULL);
  for (unsigned i = 0; pieces[i] != NULL; i++)
    if (i % 2 == 0)
      g_string_append (out, pieces[i]);
    else if (!append_slot (out, pieces[i], report, error))
      return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}
