#include "tests/fuzz/fuzz.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void
fuzz_fail (const char *condition, const char *file, int line)
{
  fprintf (stderr, "%s:%d: does not hold: %s\n", file, line, condition);
  abort ();
}

unsigned
fuzz_below (ShoalReader *input, unsigned n)
{
  return shoal_read_u8 (input) % n;
}

const uint8_t *
fuzz_bytes (ShoalReader *input, size_t *length)
{
  size_t wanted = shoal_read_u8 (input);
  *length = MIN (wanted, input->left);
  const uint8_t *bytes = shoal_read_bytes (input, *length);
  if (bytes)
    return bytes;
  *length = 0;
  return (const uint8_t *)"";
}

char *
fuzz_text (ShoalReader *input)
{
  size_t length = input->left;
  return g_strndup ((const char *)shoal_read_bytes (input, length), length);
}

static char *folder, *path;

static void
remove_file (void)
{
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
}

const char *
fuzz_file (ShoalReader *input)
{
  if (!folder)
    {
      folder = g_dir_make_tmp ("shoal-fuzz-XXXXXX", NULL);
      fuzz_require (folder != NULL);
      path = g_build_filename (folder, "input", NULL);
      atexit (remove_file);
    }
  size_t length = input->left;
  const uint8_t *bytes = shoal_read_bytes (input, length);
  fuzz_require (g_file_set_contents_full (path, (const char *)bytes, (gssize)length, G_FILE_SET_CONTENTS_NONE,
                                          0600, NULL));
  return path;
}
