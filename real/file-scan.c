#define _GNU_SOURCE
#include "real/file-scan.h"

#include "real/file-io.h"
#include "src/filehash.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Small enough to stay in the processor's cache between reading and hashing. */
#define READ_BYTES ((size_t)256 << 10)
#define PROGRESS_BYTES ((uint64_t)4 << 20)

static bool
fail (GError **error, const char *path, const char *what)
{
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "'%s' %s", name, what);
  return false;
}

static void
tell (const ShoalFileScan *scan, uint64_t done_bytes, uint64_t all_bytes)
{
  if (scan->on_progress && (done_bytes % PROGRESS_BYTES == 0 || done_bytes == all_bytes))
    scan->on_progress (scan->context, done_bytes, all_bytes);
}

/* Feeds the file's length_bytes bytes. */
static bool
read_all (const ShoalFileScan *scan, int fd, uint64_t length_bytes, ShoalFileHash *hash, GError **error)
{
  g_autofree uint8_t *buffer = g_malloc (READ_BYTES);
  for (uint64_t at = 0; at < length_bytes;)
    {
      size_t length = (size_t)MIN (length_bytes - at, READ_BYTES);
      if (g_cancellable_set_error_if_cancelled (scan->cancellable, error))
        return false;
      if (!shoal_file_read_at (fd, at, buffer, length))
        {
          if (errno == 0)
            return fail (error, scan->path, "became shorter while it was read; share it when it is complete");
          shoal_file_set_error (error, errno, "read", scan->path);
          return false;
        }
      shoal_file_hash_feed (hash, buffer, length);
      at += length;
      tell (scan, at, length_bytes);
    }
  return true;
}

static ShoalFileHash *
new_hash (const ShoalFileScan *scan, uint64_t length_bytes, GError **error)
{
  g_autofree char *own_name = g_path_get_basename (scan->path);
  const char *name = scan->name ? scan->name : own_name;
  ShoalFileHash *hash = shoal_file_hash_new (name, length_bytes, scan->piece_length_bytes);
  if (hash)
    return hash;
  if (!shoal_name_valid (name))
    fail (error, scan->path,
          "has a name that cannot be shared (it must be UTF-8, of 1 to 255 bytes, without '/')");
  else if (length_bytes > SHOAL_LENGTH_MAX_BYTES)
    fail (error, scan->path, "is too large: 64 TiB are the most");
  else
    fail (error, scan->path, "cannot be described: bad piece length, or not enough memory for its hashes");
  return NULL;
}

static bool
scan_open (const ShoalFileScan *scan, int fd, ShoalFile *file, ShoalMerkle **tree, GError **error)
{
  ShoalFileStamp before, after;
  shoal_file_stamp_settle (fd);
  if (!shoal_file_stamp_read (fd, &before))
    {
      shoal_file_set_error (error, errno, "read", scan->path);
      return false;
    }
  posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  ShoalFileHash *hash = new_hash (scan, before.length_bytes, error);
  if (!hash)
    return false;
  if (!read_all (scan, fd, before.length_bytes, hash, error))
    {
      shoal_file_hash_free (hash);
      return false;
    }
  if (!shoal_file_hash_finish (hash, file, tree))
    return fail (error, scan->path, "cannot be described: not enough memory for its hashes");
  if (shoal_file_stamp_read (fd, &after) && shoal_file_stamp_equal (&before, &after))
    {
      if (scan->stamp)
        *scan->stamp = after;
      return true;
    }
  g_clear_pointer (tree, shoal_merkle_unref);
  return fail (error, scan->path, "was changed while it was read; share it when nobody writes to it");
}

bool
shoal_file_scan (const ShoalFileScan *scan, ShoalFile *file, ShoalMerkle **tree, GError **error)
{
  *tree = NULL;
  int fd = shoal_file_open (scan->path, error);
  if (fd < 0)
    return false;
  bool done = scan_open (scan, fd, file, tree, error);
  close (fd);
  return done;
}
