#include "scenarios/shrink.h"

#include <glib.h>
#include <string.h>

/* What is being shrunk. */
typedef struct {
  const ShoalShrinkOptions *options;
  GPtrArray *lines; /* of char *, owned: the smallest so far */
  unsigned attempts;
  bool is_over;
} Shrinking;

static GPtrArray *
split (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "\n", -1);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  for (char **part = parts; *part != NULL; part++)
    if ((*part)[strspn (*part, " ")] != '\0')
      g_ptr_array_add (lines, g_strdup (*part));
  return lines;
}

static char *
join (const GPtrArray *lines)
{
  GString *text = g_string_new (NULL);
  for (unsigned i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s\n", (const char *)lines->pdata[i]);
  return g_string_free (text, FALSE);
}

/* Takes the candidate, which is used up, in place of what there is, if it is still true of it. */
static bool
try (Shrinking *s, GPtrArray *candidate)
{
  g_autofree char *text = join (candidate);
  bool is_good = !s->is_over && s->options->test (s->options->context, text);
  if (is_good)
    {
      g_ptr_array_unref (s->lines);
      s->lines = g_ptr_array_ref (candidate);
    }
  g_ptr_array_unref (candidate);
  s->attempts++;
  if (s->attempts >= s->options->max_attempts
      || (s->options->on_attempt != NULL
          && !s->options->on_attempt (s->options->context, s->attempts, s->lines->len)))
    s->is_over = true;
  return is_good;
}

static GPtrArray *
copy (const GPtrArray *lines)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_free);
  for (unsigned i = 0; i < lines->len; i++)
    g_ptr_array_add (all, g_strdup (lines->pdata[i]));
  return all;
}

/* ---- lines ---- */

static size_t
indent_of (const char *line)
{
  return strspn (line, " ");
}

/* The first line after this one that is not part of it. */
static unsigned
end_of (const GPtrArray *lines, unsigned at)
{
  size_t indent = indent_of (lines->pdata[at]);
  unsigned end = at + 1;
  while (end < lines->len && indent_of (lines->pdata[end]) > indent)
    end++;
  return end;
}

static bool
try_without (Shrinking *s, unsigned from, unsigned to)
{
  GPtrArray *candidate = copy (s->lines);
  g_ptr_array_remove_range (candidate, from, to - from);
  return try (s, candidate);
}

/* Many lines at once first, fewer and fewer then. */
static bool
drop_ranges (Shrinking *s)
{
  bool is_better = false;
  for (unsigned size = s->lines->len / 2; size > 1 && !s->is_over; size /= 2)
    for (unsigned from = s->lines->len > size ? s->lines->len - size : 0; !s->is_over;
         from = from > size ? from - size : 0)
      {
        is_better |= from + size <= s->lines->len && try_without (s, from, from + size);
        if (from == 0)
          break;
      }
  return is_better;
}

static bool
drop_entries (Shrinking *s)
{
  bool is_better = false;
  for (unsigned at = s->lines->len; at-- > 0 && !s->is_over;)
    if (at < s->lines->len)
      is_better |= try_without (s, at, end_of (s->lines, at));
  return is_better;
}

/* ---- nodes and files ---- */

/* The name that a line gives to a node or a file ("  - {name: n1, …" or "  - name: n1"); NULL: none. */
static char *
name_in (const char *line)
{
  g_autoptr (GRegex) regex = g_regex_new ("^ *- \\{?name: ([A-Za-z][\\w.-]*)", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  return g_regex_match (regex, line, 0, &match) ? g_match_info_fetch (match, 1) : NULL;
}

static char *
replaced (const char *line, const char *pattern, const char *name, const char *by)
{
  g_autofree char *quoted = g_regex_escape_string (name, -1);
  g_autofree char *whole = g_strdup_printf (pattern, quoted);
  g_autoptr (GRegex) regex = g_regex_new (whole, 0, 0, NULL);
  return g_regex_replace_literal (regex, line, -1, 0, by, 0, NULL);
}

/* The line without a name in its lists; NULL: then nothing is left of it. */
static char *
without_name (const char *line, const char *name)
{
  g_autofree char *first = replaced (line, "(?<![\\w.-])%s, ", name, "");
  g_autofree char *then = replaced (first, ", %s(?![\\w.-])", name, "");
  g_autofree char *left = replaced (then, "(?<![\\w.-])%s(?![\\w.-])", name, "");
  return strcmp (left, then) == 0 ? g_steal_pointer (&then) : NULL;
}

/* The node or file with all that is said of it. */
static bool
try_without_name (Shrinking *s, unsigned at, const char *name)
{
  GPtrArray *candidate = copy (s->lines);
  g_ptr_array_remove_range (candidate, at, end_of (candidate, at) - at);
  for (unsigned i = candidate->len; i-- > 0;)
    {
      char *left = without_name (candidate->pdata[i], name);
      g_free (candidate->pdata[i]);
      candidate->pdata[i] = left != NULL ? left : g_strdup ("");
      if (left == NULL)
        g_ptr_array_remove_range (candidate, i, end_of (candidate, i) - i);
    }
  return try (s, candidate);
}

static bool
drop_names (Shrinking *s)
{
  bool is_better = false;
  for (unsigned at = s->lines->len; at-- > 0 && !s->is_over;)
    {
      g_autofree char *name = at < s->lines->len ? name_in (s->lines->pdata[at]) : NULL;
      if (name != NULL)
        is_better |= try_without_name (s, at, name);
    }
  return is_better;
}

/* ---- within a line ---- */

static bool
try_line (Shrinking *s, unsigned at, char *line)
{
  GPtrArray *candidate = copy (s->lines);
  g_free (candidate->pdata[at]);
  candidate->pdata[at] = line;
  return try (s, candidate);
}

/* The line with something else in place of some bytes. */
static char *
spliced (const char *line, int from, int to, const char *by)
{
  return g_strdup_printf ("%.*s%s%s", from, line, by, line + to);
}

/* Applies edit() to each place of each line that the pattern matches, from the end of each line on. */
static bool
edit_places (Shrinking *s, const char *pattern, char *(*edit) (const char *found))
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  bool is_better = false;
  for (unsigned at = 0; at < s->lines->len && !s->is_over; at++)
    for (int before = G_MAXINT; !s->is_over;)
      {
        const char *line = s->lines->pdata[at];
        g_autoptr (GMatchInfo) match = NULL;
        int from = -1, to = -1;
        for (g_regex_match (regex, line, 0, &match); g_match_info_matches (match);
             g_match_info_next (match, NULL))
          {
            int start, end;
            g_match_info_fetch_pos (match, 0, &start, &end);
            if (start < before)
              from = start, to = end;
          }
        if (from < 0)
          break;
        g_autofree char *found = g_strndup (line + from, (size_t)(to - from));
        g_autofree char *by = edit (found);
        bool is_good = by != NULL && try_line (s, at, spliced (line, from, to, by));
        is_better |= is_good;
        before = is_good && *by != '\0' ? before : from; /* a number may be halved again */
      }
  return is_better;
}

static char *
nothing (const char *found)
{
  (void)found;
  return g_strdup ("");
}

/* Half of a number, without decimals; NULL: it is small enough. */
static char *
halved (const char *found)
{
  guint64 number = g_ascii_strtoull (found, NULL, 10);
  return number > 1 ? g_strdup_printf ("%" G_GUINT64_FORMAT, number / 2) : NULL;
}

/* Half of what is wanted is small enough: some numbers are better as they are, for a person who reads them. */
static bool
simplify (Shrinking *s)
{
  bool is_better = edit_places (s, ", [a-z_]+: (\\{[^{}]*\\}|\"[^\"]*\"|[^,{}\\[\\]\"]+)", nothing);
  is_better |= edit_places (s, "[a-z_]+: [^,{}\\[\\]\"]+, ", nothing);
  is_better |= edit_places (s, "(?<=: )\\d+(\\.\\d+)?(?= ([kM]?B|m?s|[kM]?B/s|%)(?![\\w/]))", halved);
  return is_better;
}

char *
shoal_shrink_scenario (const char *text, const ShoalShrinkOptions *options)
{
  Shrinking s = { .options = options, .lines = split (text) };
  bool is_better = true;
  while (is_better && !s.is_over)
    {
      is_better = drop_ranges (&s);
      is_better |= drop_names (&s);
      is_better |= drop_entries (&s);
      is_better |= simplify (&s);
    }
  char *smallest = join (s.lines);
  g_ptr_array_unref (s.lines);
  return smallest;
}
