#define _GNU_SOURCE
#include "tests/scratch.h"

#include "src/filehash.h"
#include "src/seeded.h"
#include "tests/harness.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#define PART_BYTES ((size_t)1 << 20)

Scratch *
scratch_new (void)
{
  Scratch *scratch = g_new0 (Scratch, 1);
  scratch->path = g_dir_make_tmp ("shoal-test-XXXXXX", NULL);
  ck_assert_ptr_nonnull (scratch->path);
  scratch->strings = g_ptr_array_new_with_free_func (g_free);
  return scratch;
}

static int
remove_entry (const char *path, const struct stat *is, int type, struct FTW *where)
{
  (void)is, (void)type, (void)where;
  return remove (path);
}

void
scratch_free (Scratch *scratch)
{
  ck_assert_int_eq (nftw (scratch->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
  g_ptr_array_unref (scratch->strings);
  g_free (scratch->path);
  g_free (scratch);
}

const char *
scratch_path (Scratch *scratch, const char *name)
{
  char *path = g_build_filename (scratch->path, name, NULL);
  g_ptr_array_add (scratch->strings, path);
  return path;
}

void
scratch_write_seeded (const char *path, uint64_t seed, uint64_t length_bytes)
{
  uint8_t *part = g_malloc (PART_BYTES);
  FILE *f = fopen (path, "w");
  ck_assert_ptr_nonnull (f);
  for (uint64_t at = 0; at < length_bytes; at += PART_BYTES)
    {
      size_t length = (size_t)MIN (PART_BYTES, length_bytes - at);
      shoal_seeded_bytes (seed, at, part, length);
      ck_assert_uint_eq (fwrite (part, 1, length, f), length);
    }
  ck_assert_int_eq (fclose (f), 0);
  g_free (part);
}

void
scratch_patch (const char *path, uint64_t offset_bytes, const void *bytes, size_t length_bytes)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (pwrite (fd, bytes, length_bytes, (off_t)offset_bytes), (ssize_t)length_bytes);
  ck_assert_int_eq (close (fd), 0);
}

bool
scratch_is_seeded (const char *path, uint64_t seed, uint64_t length_bytes)
{
  char *bytes = NULL;
  gsize length = 0;
  if (!g_file_get_contents (path, &bytes, &length, NULL))
    return false;
  uint8_t *expected = g_malloc (length_bytes + 1);
  shoal_seeded_bytes (seed, 0, expected, length_bytes);
  bool same = length == length_bytes && memcmp (bytes, expected, length) == 0;
  g_free (expected);
  g_free (bytes);
  return same;
}

bool
scratch_exists (const char *path)
{
  return faccessat (AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void
scratch_describe (const char *name, uint64_t seed, uint64_t length_bytes, ShoalFile *file, ShoalMerkle **tree)
{
  uint8_t *part = g_malloc (PART_BYTES);
  ShoalMerkle *made;
  ShoalFileHash *hash = shoal_file_hash_new (name, length_bytes, 0);
  for (uint64_t at = 0; at < length_bytes; at += PART_BYTES)
    {
      size_t length = (size_t)MIN (PART_BYTES, length_bytes - at);
      shoal_seeded_bytes (seed, at, part, length);
      shoal_file_hash_feed (hash, part, length);
    }
  ck_assert (shoal_file_hash_finish (hash, file, &made));
  if (tree)
    *tree = made;
  else
    shoal_merkle_unref (made);
  g_free (part);
}
