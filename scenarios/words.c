#include "scenarios/words.h"

#include <stdarg.h>

/* How many known names a message lists at most. */
#define LISTED_NAMES 12u

ShoalWords
shoal_words_new (const ShoalScenario *scenario, const char *text)
{
  GPtrArray *words = g_ptr_array_new ();
  for (const char *at = text; *at != '\0';)
    {
      size_t length = strcspn (at, " \t\r\n,");
      if (length == 0 && *at == ',')
        length = 1;
      if (length > 0)
        g_ptr_array_add (words, g_strndup (at, length));
      at += MAX (length, 1);
    }
  g_ptr_array_add (words, NULL);
  return (ShoalWords){ .scenario = scenario, .words = (char **)g_ptr_array_free (words, FALSE) };
}

void
shoal_words_clear (ShoalWords *words)
{
  g_strfreev (words->words);
  words->words = NULL;
}

const char *
shoal_words_peek (const ShoalWords *words)
{
  return words->words[words->at];
}

bool
shoal_words_accept (ShoalWords *words, const char *word)
{
  if (g_strcmp0 (shoal_words_peek (words), word) != 0)
    return false;
  words->at++;
  return true;
}

bool
shoal_fail (GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_VALUE, text);
  return false;
}

bool
shoal_words_need (ShoalWords *words, const char *word, const char *example, GError **error)
{
  if (shoal_words_accept (words, word))
    return true;
  const char *found = shoal_words_peek (words);
  return shoal_fail (error, "expected '%s' %s%s%s, as in '%s'", word,
                     found != NULL ? "before '" : "at the end", found != NULL ? found : "",
                     found != NULL ? "'" : "", example);
}

bool
shoal_words_end (const ShoalWords *words, GError **error)
{
  const char *found = shoal_words_peek (words);
  return found == NULL || shoal_fail (error, "'%s' was not expected", found);
}

char *
shoal_words_until (ShoalWords *words, const char *const *stops)
{
  GString *text = g_string_new (NULL);
  for (; shoal_words_peek (words) != NULL && !g_strv_contains (stops, shoal_words_peek (words)); words->at++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", shoal_words_peek (words));
  return g_string_free (text, FALSE);
}

static void
add_once (GArray *indices, unsigned index)
{
  if (!shoal_index_in (indices, index))
    g_array_append_val (indices, index);
}

static void
add_group (GArray *nodes, const ShoalScenarioGroup *group)
{
  bool alone = nodes->len == 0; /* then nothing can be there twice, and large groups need no search */
  for (unsigned node = group->first; node < group->first + group->members; node++)
    {
      if (alone)
        g_array_append_val (nodes, node);
      else
        add_once (nodes, node);
    }
}

static bool
fail_unknown_node (const ShoalScenario *scenario, const char *name, GError **error)
{
  GString *known = g_string_new (NULL);
  for (unsigned i = 0; i < scenario->groups->len && i < LISTED_NAMES; i++)
    {
      const ShoalScenarioGroup *group = &g_array_index (scenario->groups, ShoalScenarioGroup, i);
      g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", group->name);
      if (group->members == 0)
        g_string_append (known, " (nobody)");
      else if (group->count > 0)
        g_string_append_printf (known, " (%s1 … %s%u)", group->name, group->name, group->count);
    }
  if (scenario->groups->len > LISTED_NAMES)
    g_string_append (known, ", …");
  shoal_fail (error, "unknown node '%s'; the nodes are: %s", name, known->str);
  g_string_free (known, TRUE);
  return false;
}

static bool
add_node (ShoalWords *words, GArray *nodes, GError **error)
{
  const char *name = shoal_words_peek (words);
  if (name == NULL)
    return shoal_fail (error, "expected the name of a node at the end");
  int node = shoal_scenario_find_node (words->scenario, name);
  int group = shoal_scenario_find_group (words->scenario, name);
  if (node < 0 && group < 0)
    return fail_unknown_node (words->scenario, name, error);
  words->at++;
  if (node >= 0)
    add_once (nodes, (unsigned)node);
  else
    add_group (nodes, &g_array_index (words->scenario->groups, ShoalScenarioGroup, group));
  return true;
}

bool
shoal_words_nodes (ShoalWords *words, GArray *nodes, GError **error)
{
  do
    if (!add_node (words, nodes, error))
      return false;
  while (shoal_words_accept (words, ","));
  return nodes->len > 0 || shoal_fail (error, "nobody is in that group (count: 0)");
}

static void
add_everybody (const ShoalScenario *scenario, GArray *parties)
{
  for (unsigned node = 0; node < scenario->nodes->len; node++)
    add_once (parties, node);
  add_once (parties, SHOAL_TRACKER_INDEX);
}

bool
shoal_words_parties (ShoalWords *words, GArray *parties, GError **error)
{
  do
    if (shoal_words_accept (words, "tracker"))
      add_once (parties, SHOAL_TRACKER_INDEX);
    else if (shoal_words_accept (words, "everybody"))
      add_everybody (words->scenario, parties);
    else if (!add_node (words, parties, error))
      return false;
  while (shoal_words_accept (words, ","));
  return true;
}

static bool
fail_unknown_file (const ShoalScenario *scenario, const char *name, GError **error)
{
  GString *known = g_string_new (NULL);
  for (unsigned i = 0; i < scenario->files->len && i < LISTED_NAMES; i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", shoal_scenario_file (scenario, i)->name);
  if (scenario->files->len > LISTED_NAMES)
    g_string_append (known, ", …");
  shoal_fail (error, "unknown file '%s'; the files are: %s", name, known->len > 0 ? known->str : "(none)");
  g_string_free (known, TRUE);
  return false;
}

bool
shoal_words_file (ShoalWords *words, unsigned *file, GError **error)
{
  const char *name = shoal_words_peek (words);
  if (name == NULL)
    return shoal_fail (error, "expected the name of a file at the end");
  int found = shoal_scenario_find_file (words->scenario, name);
  if (found < 0)
    return fail_unknown_file (words->scenario, name, error);
  words->at++;
  *file = (unsigned)found;
  return true;
}

bool
shoal_words_files (ShoalWords *words, GArray *files, GError **error)
{
  do
    {
      unsigned file;
      if (!shoal_words_file (words, &file, error))
        return false;
      add_once (files, file);
    }
  while (shoal_words_accept (words, ","));
  return true;
}

static const char *const reserved[] = {
  "again",  "all",       "and",      "as",      "bad",       "because", "between", "both",     "by",
  "choked", "completes", "complete", "each",    "everybody", "fail",    "fails",   "finish",   "finishes",
  "from",   "got",       "has",      "have",    "in",        "is",      "long",    "makespan", "mean",
  "of",     "out",       "overhead", "rest",    "serve",     "serves",  "spread",  "speedup",  "stretch",
  "take",   "takes",     "times",    "tracker", "with",      "within",  "x",       NULL,
};

bool
shoal_scenario_title_valid (const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("_-.", *c) == NULL)
      return false;
  return name[0] != '\0' && strlen (name) <= 64;
}

bool
shoal_scenario_name_valid (const char *name)
{
  return shoal_scenario_title_valid (name) && g_ascii_isalpha (name[0]) && !g_strv_contains (reserved, name);
}
