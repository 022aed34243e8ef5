/* Plays a target's corpus, one input after the other: a main for targets that are built without libFuzzer. Part of
 * every build's `make check`, so that what was once found stays mended.
 *
 *   tests/fuzz/fuzz-NAME            plays tests/fuzz/corpus/NAME/ and reports as a test (TAP)
 *   tests/fuzz/fuzz-NAME FILE...    plays these files and folders instead */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned played;

static void
play_file (const char *path)
{
  char *bytes = NULL;
  gsize length = 0;
  GError *error = NULL;
  if (!g_file_get_contents (path, &bytes, &length, &error))
    {
      printf ("Bail out! %s\n", error->message);
      exit (1);
    }
  printf ("# %s\n", path);
  fflush (stdout); /* the last one named is the one that failed */
  uint8_t *exact =
      g_memdup2 (bytes, length); /* g_file_get_contents() adds a byte, which would hide an overrun */
  LLVMFuzzerTestOneInput (length > 0 ? exact : (const uint8_t *)"", length);
  played++;
  g_free (exact);
  g_free (bytes);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
play (const char *path)
{
  GDir *folder = g_dir_open (path, 0, NULL);
  if (!folder)
    {
      play_file (path);
      return;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (const char *name = g_dir_read_name (folder); name; name = g_dir_read_name (folder))
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_dir_close (folder);
  g_ptr_array_sort (names, by_name);
  for (guint i = 0; i < names->len; i++)
    play_file (names->pdata[i]);
}

int
main (int argc, char **argv)
{
  g_autofree char *program = g_path_get_basename (argv[0]);
  const char *name = g_str_has_prefix (program, "fuzz-") ? program + strlen ("fuzz-") : program;
  const char *sources = g_getenv ("srcdir");
  g_autofree char *corpus = g_build_filename (sources ? sources : ".", "tests/fuzz/corpus", name, NULL);
  printf ("1..1\n");
  for (int i = 1; i < argc; i++)
    play (argv[i]);
  if (argc == 1)
    play (corpus);
  printf ("%s 1 - %s: %u inputs\n", played > 0 ? "ok" : "not ok", name, played);
  return played > 0 ? 0 : 1;
}
