#include "cli/scenario-file.h"

#include "cli/cli.h"
#include "scenarios/units.h"

#include <string.h>

#define MAX_RATE_FACTOR INT64_C (1000000)

/* In order of search. */
static const char *const folders[] = { "scenarios", SHOAL_SCENARIOS_DIR };

static bool
is_bare_name (const char *typed)
{
  return strchr (typed, G_DIR_SEPARATOR) == NULL && !g_str_has_suffix (typed, ".yaml")
         && !g_str_has_suffix (typed, ".yml");
}

/* Path of a shipped scenario; NULL: there is none of this name. */
static char *
find_shipped (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".yaml", NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], file, NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* Names of all shipped scenarios, sorted, each once, ended by NULL. */
static GPtrArray *
list_shipped (void)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  for (unsigned i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr (GDir) folder = g_dir_open (folders[i], 0, NULL);
      const char *file;
      while (folder != NULL && (file = g_dir_read_name (folder)) != NULL)
        if (g_str_has_suffix (file, ".yaml"))
          g_ptr_array_add (names, g_strndup (file, strlen (file) - strlen (".yaml")));
    }
  g_ptr_array_sort (names, compare_names);
  for (unsigned i = names->len; i-- > 1;)
    if (g_str_equal (g_ptr_array_index (names, i), g_ptr_array_index (names, i - 1)))
      g_ptr_array_remove_index (names, i);
  g_ptr_array_add (names, NULL);
  return names;
}

bool
shoal_scenario_is_shipped (const char *name)
{
  g_autofree char *path = is_bare_name (name) ? find_shipped (name) : NULL;
  return path != NULL;
}

char *
shoal_scenario_names (void)
{
  g_autoptr (GPtrArray) names = list_shipped ();
  return names->len > 1 ? g_strjoinv (", ", (char **)names->pdata) : g_strdup ("none are installed");
}

static void
complain_missing (const char *typed)
{
  g_autoptr (GPtrArray) names = list_shipped ();
  const char *const *words = (const char *const *)names->pdata;
  const char *meant = shoal_nearest_word (typed, words);
  g_autofree char *all = g_strjoinv (", ", (char **)names->pdata);
  if (meant != NULL)
    shoal_complain ("there is no scenario '%s'; did you mean '%s'?", typed, meant);
  else if (names->len > 1)
    shoal_complain ("there is no scenario '%s'; there are %s, or name a file", typed, all);
  else
    shoal_complain ("there is no scenario '%s', neither in ./%s nor in %s; name a file", typed, folders[0],
                    folders[1]);
}

static int
exit_status_of (const GError *error)
{
  return g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO) ? SHOAL_EXIT_USAGE
                                                                                : SHOAL_EXIT_FAILED;
}

bool
shoal_parse_rate_factor (const char *text, int64_t *rate_factor)
{
  *rate_factor = SHOAL_ONE;
  return text == NULL
         || (shoal_parse_ratio (text, rate_factor, NULL) && *rate_factor > 0
             && *rate_factor <= MAX_RATE_FACTOR * SHOAL_ONE);
}

ShoalScenario *
shoal_find_scenario (const char *typed, int64_t rate_factor, int *status)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  bool is_shipped = is_bare_name (typed) && !g_file_test (typed, G_FILE_TEST_IS_REGULAR);
  path = is_shipped ? find_shipped (typed) : g_strdup (typed);
  if (path == NULL)
    {
      complain_missing (typed);
      *status = SHOAL_EXIT_USAGE;
      return NULL;
    }
  g_autoptr (ShoalScenario) scenario = shoal_scenario_load_scaled (path, rate_factor, &error);
  *status = error != NULL ? exit_status_of (error) : SHOAL_EXIT_DONE;
  if (scenario != NULL && shoal_scenario_prepare (scenario, &error))
    return g_steal_pointer (&scenario);
  if (scenario != NULL)
    *status = SHOAL_EXIT_FAILED; /* the scenario is there, but speaks of a file that is not */
  shoal_complain ("%s", error->message);
  return NULL;
}
