#define _GNU_SOURCE
#include "real/file-scan.h"

#include "real/file-io.h"
#include "src/filehash.h"
#include "src/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What a thread reads at a time: small enough to stay in the processor's cache until it is hashed. */
#define PART_BLOCKS 16u
#define PART_BYTES ((size_t)PART_BLOCKS * SHOAL_BLOCK_BYTES)
#define PROGRESS_BYTES ((uint64_t)4 << 20)
/* Hashing is what takes the time (1.4 GB/s and thread from the page cache), and blocks can be hashed in any
 * order. Threads are not worth while for small files. */
#define THREADS_MAX 4u
#define THREADS_LEAST_BYTES ((uint64_t)8 << 20)

typedef struct {
  const ShoalFileScan *scan;
  int fd;
  uint64_t length_bytes;
  GMutex lock; /* of what follows */
  ShoalFileHash *hash;
  uint64_t next_bytes; /* where the next part begins */
  uint64_t done_bytes;
  GError *error; /* owned; the first; all threads stop then */
} Reading;

static bool
fail (GError **error, const char *path, const char *what)
{
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "'%s' %s", name, what);
  return false;
}

/* ---- reading, in several threads ---- */

/* The next part that nobody reads yet; false: there is none. */
static bool
take_part (Reading *reading, uint64_t *at, size_t *length)
{
  g_mutex_lock (&reading->lock);
  uint64_t left = reading->length_bytes - reading->next_bytes;
  bool go_on = left > 0 && !reading->error
               && !g_cancellable_set_error_if_cancelled (reading->scan->cancellable, &reading->error);
  *at = reading->next_bytes;
  *length = (size_t)MIN (left, PART_BYTES);
  if (go_on)
    reading->next_bytes += *length;
  g_mutex_unlock (&reading->lock);
  return go_on;
}

static void
read_failed (Reading *reading, int number)
{
  const char *path = reading->scan->path;
  g_mutex_lock (&reading->lock);
  if (reading->error)
    ; /* the first is told */
  else if (number == 0)
    fail (&reading->error, path, "became shorter while it was read; share it when it is complete");
  else
    shoal_file_set_error (&reading->error, number, "read", path);
  g_mutex_unlock (&reading->lock);
}

static void
put_part (Reading *reading, uint64_t at, size_t length, const uint8_t *leaves)
{
  const ShoalFileScan *scan = reading->scan;
  uint32_t blocks = (uint32_t)((length + SHOAL_BLOCK_BYTES - 1) / SHOAL_BLOCK_BYTES);
  g_mutex_lock (&reading->lock);
  shoal_file_hash_put (reading->hash, (uint32_t)(at / SHOAL_BLOCK_BYTES), blocks, leaves);
  reading->done_bytes += length;
  if (scan->on_progress
      && (reading->done_bytes % PROGRESS_BYTES == 0 || reading->done_bytes == reading->length_bytes))
    scan->on_progress (scan->context, reading->done_bytes, reading->length_bytes);
  g_mutex_unlock (&reading->lock);
}

static gpointer
read_parts (gpointer data)
{
  Reading *reading = data;
  uint8_t leaves[PART_BLOCKS * SHOAL_HASH_BYTES];
  g_autofree uint8_t *bytes = g_malloc (PART_BYTES);
  uint64_t at;
  size_t length;
  while (take_part (reading, &at, &length))
    {
      if (!shoal_file_read_at (reading->fd, at, bytes, length))
        {
          read_failed (reading, errno);
          break;
        }
      for (size_t i = 0; i * SHOAL_BLOCK_BYTES < length; i++)
        shoal_sha256 (bytes + i * SHOAL_BLOCK_BYTES, MIN (length - i * SHOAL_BLOCK_BYTES, SHOAL_BLOCK_BYTES),
                      leaves + i * SHOAL_HASH_BYTES);
      put_part (reading, at, length, leaves);
    }
  return NULL;
}

/* Has the whole file hashed. */
static bool
read_all (const ShoalFileScan *scan, int fd, uint64_t length_bytes, ShoalFileHash *hash, GError **error)
{
  Reading reading = { .scan = scan, .fd = fd, .length_bytes = length_bytes, .hash = hash };
  GThread *threads[THREADS_MAX] = { NULL };
  unsigned count = length_bytes < THREADS_LEAST_BYTES ? 1 : MIN (g_get_num_processors (), THREADS_MAX);
  g_mutex_init (&reading.lock);
  for (unsigned i = 1; i < count; i++)
    threads[i] =
        g_thread_try_new ("shoal hashing", read_parts, &reading, NULL); /* without it, others do its part */
  read_parts (&reading);
  for (unsigned i = 1; i < count; i++)
    if (threads[i])
      g_thread_join (threads[i]);
  g_mutex_clear (&reading.lock);
  if (!reading.error)
    return true;
  g_propagate_error (error, reading.error);
  return false;
}

/* ---- describing ---- */

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
