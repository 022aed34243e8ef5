#include "cli/shipped.h"

#include "cli/cli.h"

#include <string.h>

static bool
is_bare_name (const char *typed)
{
  return strchr (typed, G_DIR_SEPARATOR) == NULL && !g_str_has_suffix (typed, ".yaml")
         && !g_str_has_suffix (typed, ".yml");
}

char *
shoal_shipped_find (const ShoalShipped *shipped, const char *name)
{
  g_autofree char *file = g_strconcat (name, ".yaml", NULL);
  for (unsigned i = 0; is_bare_name (name) && i < G_N_ELEMENTS (shipped->folders); i++)
    {
      g_autofree char *path = g_build_filename (shipped->folders[i], file, NULL);
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

/* Names of all shipped files, sorted, each once, ended by NULL. */
static GPtrArray *
list (const ShoalShipped *shipped)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  for (unsigned i = 0; i < G_N_ELEMENTS (shipped->folders); i++)
    {
      g_autoptr (GDir) folder = g_dir_open (shipped->folders[i], 0, NULL);
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

char *
shoal_shipped_names (const ShoalShipped *shipped)
{
  g_autoptr (GPtrArray) names = list (shipped);
  return names->len > 1 ? g_strjoinv (", ", (char **)names->pdata) : g_strdup ("none are installed");
}

static void
complain_missing (const ShoalShipped *shipped, const char *typed)
{
  g_autoptr (GPtrArray) names = list (shipped);
  const char *meant = shoal_nearest_word (typed, (const char *const *)names->pdata);
  g_autofree char *all = g_strjoinv (", ", (char **)names->pdata);
  if (meant != NULL)
    shoal_complain ("there is no %s '%s'; did you mean '%s'?", shipped->what, typed, meant);
  else if (names->len > 1)
    shoal_complain ("there is no %s '%s'; there are %s, or name a file", shipped->what, typed, all);
  else
    shoal_complain ("there is no %s '%s', neither in ./%s nor in %s; name a file", shipped->what, typed,
                    shipped->folders[0], shipped->folders[1]);
}

char *
shoal_shipped_path (const ShoalShipped *shipped, const char *typed)
{
  if (!is_bare_name (typed) || g_file_test (typed, G_FILE_TEST_IS_REGULAR))
    return g_strdup (typed);
  char *path = shoal_shipped_find (shipped, typed);
  if (path == NULL)
    complain_missing (shipped, typed);
  return path;
}
