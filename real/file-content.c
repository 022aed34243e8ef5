#define _GNU_SOURCE
#include "real/file-content.h"

#include "real/file-io.h"
#include "real/part-file.h"
#include "src/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Buffers that are kept for the next blocks. */
#define SPARE_BLOCKS_MAX 64u
/* So often it is looked whether the file was taken away: each look costs a system call. */
#define BLOCKS_PER_CHECK 256u

/* A block in progress. */
typedef struct Buffer Buffer;
struct Buffer {
  Buffer *next;                 /* of the spare ones */
  uint32_t block, length_bytes; /* to be hashed */
  uint8_t bytes[SHOAL_BLOCK_BYTES];
};

typedef struct {
  ShoalContent content;
  gatomicrefcount refs;
  uint64_t length_bytes;
  int fd;               /* owned, or the part file's */
  ShoalPartFile *part;  /* owned; NULL: an offer, or the file is there already */
  char *there;          /* owned; a file that may be just what is wanted and stays; NULL: none */
  ShoalFileStamp stamp; /* of `there`, at first */
  int old_fd;           /* owned; a file that is to be replaced: much of it may be right; -1: none */
  bool replace;
  ShoalFileWatch *watch; /* owned; NULL: a download that is not watched */
  GHashTable *buffers;   /* block → Buffer, owned; NULL: an offer */
  Buffer *spare;         /* owned */
  unsigned spares, kept;
  GThreadPool *hasher; /* owned; NULL: blocks are hashed when they are asked for */
  ShoalHashedHandler on_hashed;
  void *hashed_context;
  GDestroyNotify free_hashed_context;
  bool useful;                   /* something is worth being left for the next attempt */
  uint64_t known_from, known_to; /* a range of the part file in which all or nothing is hole */
  bool known_data;
  gpointer error; /* GError, owned; set once */
} FileContent;

/* ---- errors ---- */

static bool
failed (FileContent *file, GError *error)
{
  if (!g_atomic_pointer_compare_and_exchange (&file->error, NULL, error))
    g_error_free (error);
  return false;
}

static bool
failed_at (FileContent *file, const char *action)
{
  GError *error = NULL;
  int number = errno;
  const char *path = file->there ? file->there : file->part->finished ? file->part->path : file->part->part;
  if (number != 0)
    shoal_file_set_error (&error, number, action, path);
  else
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_FAILED, "'%s' was cut off by somebody else; start again",
                 path);
  return failed (file, error);
}

static bool
other_is_there (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               "'%s' is there already, and is not the file that is wanted; it is kept: name another place, "
               "or have it replaced",
               name);
  return false;
}

const GError *
shoal_file_content_error (const ShoalContent *content)
{
  return g_atomic_pointer_get (&((FileContent *)content)->error);
}

/* ---- blocks in progress ---- */

static gpointer
block_key (uint64_t offset_bytes)
{
  return GUINT_TO_POINTER ((guint)(offset_bytes / SHOAL_BLOCK_BYTES));
}

static Buffer *
find_buffer (const FileContent *file, uint64_t offset_bytes)
{
  return file->buffers ? g_hash_table_lookup (file->buffers, block_key (offset_bytes)) : NULL;
}

static Buffer *
add_buffer (FileContent *file, uint64_t offset_bytes)
{
  Buffer *buffer = file->spare;
  if (buffer)
    {
      file->spare = buffer->next;
      file->spares--;
    }
  else
    buffer = g_new (Buffer, 1);
  g_hash_table_insert (file->buffers, block_key (offset_bytes), buffer);
  return buffer;
}

static void
drop_buffer (FileContent *file, uint64_t offset_bytes, Buffer *buffer)
{
  g_hash_table_steal (file->buffers, block_key (offset_bytes));
  if (file->spares >= SPARE_BLOCKS_MAX)
    {
      g_free (buffer);
      return;
    }
  buffer->next = file->spare;
  file->spare = buffer;
  file->spares++;
}

static bool
in_file (const FileContent *file, uint64_t offset_bytes, size_t length_bytes)
{
  return offset_bytes <= file->length_bytes && length_bytes <= file->length_bytes - offset_bytes;
}

static bool
in_block (const FileContent *file, uint64_t offset_bytes, size_t length_bytes)
{
  return in_file (file, offset_bytes, length_bytes)
         && offset_bytes % SHOAL_BLOCK_BYTES + length_bytes <= SHOAL_BLOCK_BYTES;
}

/* ---- operations ---- */

static bool
content_write (ShoalContent *content, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes,
               bool corrupt)
{
  FileContent *file = (FileContent *)content;
  GError *error = NULL;
  (void)corrupt;                                            /* the bytes themselves are wrong then */
  if (file->there && !other_is_there (file->there, &error)) /* else nothing would have to be written */
    return failed (file, error);
  if (!file->buffers || !in_block (file, offset_bytes, length_bytes))
    return false;
  Buffer *buffer = find_buffer (file, offset_bytes);
  if (!buffer)
    buffer = add_buffer (file, offset_bytes);
  memcpy (buffer->bytes + offset_bytes % SHOAL_BLOCK_BYTES, bytes, length_bytes);
  return true;
}

static bool
content_hash (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes,
              uint8_t hash[SHOAL_HASH_BYTES], bool *whole)
{
  FileContent *file = (FileContent *)content;
  uint8_t stored[SHOAL_BLOCK_BYTES];
  *whole = true;
  if (!in_block (file, offset_bytes, length_bytes))
    return false;
  const Buffer *buffer = find_buffer (file, offset_bytes);
  if (!buffer && !shoal_file_read_at (file->fd, offset_bytes, stored, length_bytes))
    return (file->part || file->there) && failed_at (file, "read");
  shoal_sha256 (buffer ? buffer->bytes + offset_bytes % SHOAL_BLOCK_BYTES : stored, length_bytes, hash);
  return true;
}

static bool
content_keep (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes)
{
  FileContent *file = (FileContent *)content;
  GError *error = NULL;
  Buffer *buffer = find_buffer (file, offset_bytes);
  file->useful = true;
  if (!buffer)
    return true; /* an earlier attempt left it */
  bool stored = shoal_file_write_at (file->fd, offset_bytes, buffer->bytes, length_bytes);
  if (!stored)
    return failed_at (file, "write");
  drop_buffer (file, offset_bytes, buffer);
  if (file->kept++ % BLOCKS_PER_CHECK == 0 && !shoal_part_file_check (file->part, &error))
    return failed (file, error);
  return true;
}

/* Whether there is data at offset, and how far the answer reaches. File systems that know of no holes call
 * everything data. */
static void
explore (FileContent *file, uint64_t offset_bytes)
{
  off_t data = lseek (file->fd, (off_t)offset_bytes, SEEK_DATA);
  off_t end = data < 0 ? -1 : lseek (file->fd, data, SEEK_HOLE);
  file->known_from = offset_bytes;
  if (data < 0 && errno != ENXIO)
    {
      file->known_data = true; /* it cannot tell */
      file->known_to = file->length_bytes;
      return;
    }
  file->known_data = data == (off_t)offset_bytes;
  if (file->known_data)
    file->known_to = end < 0 ? file->length_bytes : (uint64_t)end;
  else
    file->known_to = data < 0 ? file->length_bytes : (uint64_t)data;
}

/* A range without data is never asked for in the file. */
static bool
all_hole (FileContent *file, uint64_t offset_bytes, size_t length_bytes)
{
  if (offset_bytes < file->known_from || offset_bytes >= file->known_to)
    explore (file, offset_bytes);
  return !file->known_data && file->known_to - offset_bytes >= length_bytes;
}

static bool
all_zero (const uint8_t *bytes, size_t length)
{
  return bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0;
}

/* Whether the file that is to be replaced has something here: it is treated as if it had come just now. */
static bool
take_old (FileContent *file, uint64_t offset_bytes, size_t length_bytes)
{
  if (file->old_fd < 0)
    return false;
  Buffer *buffer = add_buffer (file, offset_bytes);
  if (shoal_file_read_at (file->old_fd, offset_bytes, buffer->bytes, length_bytes))
    return true;
  drop_buffer (file, offset_bytes, buffer);
  return false;
}

static bool
content_present (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes)
{
  FileContent *file = (FileContent *)content;
  uint8_t bytes[SHOAL_BLOCK_BYTES];
  if (length_bytes == 0 || !in_block (file, offset_bytes, length_bytes))
    return false;
  if (file->there)
    return true;
  if (!file->part || find_buffer (file, offset_bytes))
    return false;
  if (file->part->found && !all_hole (file, offset_bytes, length_bytes)
      && shoal_file_read_at (file->fd, offset_bytes, bytes, length_bytes) && !all_zero (bytes, length_bytes))
    return true;
  return take_old (file, offset_bytes, length_bytes);
}

static bool
content_read (ShoalContent *content, uint64_t offset_bytes, uint8_t *into, size_t length_bytes)
{
  FileContent *file = (FileContent *)content;
  if (file->watch)
    return shoal_file_watch_read (file->watch, offset_bytes, into, length_bytes);
  return in_file (file, offset_bytes, length_bytes)
         && shoal_file_read_at (file->fd, offset_bytes, into, length_bytes);
}

static void
content_free (ShoalContent *content)
{
  FileContent *file = (FileContent *)content;
  if (!g_atomic_ref_count_dec (&file->refs))
    return;
  if (file->hasher)
    {
      g_thread_pool_free (file->hasher, TRUE, TRUE); /* waits for the block at work, forgets the others */
      file->free_hashed_context (file->hashed_context);
    }
  shoal_file_watch_free (file->watch);
  if (file->part)
    shoal_part_file_close (file->part, !file->useful && !file->part->found);
  else if (file->fd >= 0)
    close (file->fd);
  if (file->old_fd >= 0)
    close (file->old_fd);
  g_free (file->there);
  g_clear_pointer (&file->buffers, g_hash_table_destroy);
  while (file->spare)
    {
      Buffer *next = file->spare->next;
      g_free (file->spare);
      file->spare = next;
    }
  g_clear_error ((GError **)&file->error);
  g_free (file);
}

/* In the hasher's thread. The buffer stays as it is until the machine has judged it. */
static void
hash_buffer (gpointer data, gpointer user_data)
{
  const Buffer *buffer = data;
  const FileContent *file = user_data;
  uint8_t hash[SHOAL_HASH_BYTES];
  shoal_sha256 (buffer->bytes, buffer->length_bytes, hash);
  file->on_hashed (file->hashed_context, buffer->block, hash);
}

static bool
content_hash_later (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes)
{
  FileContent *file = (FileContent *)content;
  Buffer *buffer = file->hasher ? find_buffer (file, offset_bytes) : NULL;
  if (!buffer)
    return false;
  buffer->block = (uint32_t)(offset_bytes / SHOAL_BLOCK_BYTES);
  buffer->length_bytes = (uint32_t)length_bytes;
  return g_thread_pool_push (file->hasher, buffer, NULL);
}

void
shoal_file_content_hash_apart (ShoalContent *content, ShoalHashedHandler done, void *context,
                               GDestroyNotify free_context)
{
  FileContent *file = (FileContent *)content;
  g_assert (!file->hasher);
  file->on_hashed = done;
  file->hashed_context = context;
  file->free_hashed_context = free_context;
  file->hasher = g_thread_pool_new (hash_buffer, file, 1, FALSE, NULL);
}

static const ShoalContentOps FILE_OPS = { .write = content_write,
                                          .hash = content_hash,
                                          .hash_later = content_hash_later,
                                          .keep = content_keep,
                                          .present = content_present,
                                          .read = content_read,
                                          .free = content_free };

/* ---- making ---- */

static FileContent *
file_content_new (const ShoalFile *description)
{
  FileContent *file = g_new0 (FileContent, 1);
  file->content.ops = &FILE_OPS;
  g_atomic_ref_count_init (&file->refs);
  file->length_bytes = description->info.length_bytes;
  file->fd = file->old_fd = -1;
  return file;
}

static void
watch (FileContent *file, const ShoalFileStamp *stamp, ShoalMerkle *tree, ShoalBadBlockHandler on_bad,
       void *context)
{
  const ShoalFileWatchOptions options = { .fd = file->fd,
                                          .tree = tree,
                                          .length_bytes = file->length_bytes,
                                          .stamp = stamp,
                                          .on_bad = on_bad,
                                          .context = context };
  shoal_file_watch_free (file->watch);
  file->watch = shoal_file_watch_new (&options);
}

ShoalContent *
shoal_file_content_offer (const ShoalFileOffer *offer, GError **error)
{
  ShoalFileStamp now;
  int fd = shoal_file_open (offer->path, error);
  if (fd < 0)
    return NULL;
  if (!shoal_file_stamp_read (fd, &now) || now.length_bytes != offer->file->info.length_bytes)
    {
      g_autofree char *name = g_filename_display_name (offer->path);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "'%s' was changed after it was hashed; share it again when nobody writes to it", name);
      close (fd);
      return NULL;
    }
  FileContent *file = file_content_new (offer->file);
  file->fd = fd;
  watch (file, offer->stamp, offer->tree, offer->on_bad, offer->context);
  return &file->content;
}

/* Something stands at path, and is to stay: it must be what is wanted. */
static ShoalContent *
content_there (const char *path, const ShoalFile *description, GError **error)
{
  ShoalFileStamp stamp = { 0 };
  g_autoptr (GError) unreadable = NULL;
  int fd = shoal_file_open (path, &unreadable);
  if (fd < 0 || !shoal_file_stamp_read (fd, &stamp) || stamp.length_bytes != description->info.length_bytes)
    {
      other_is_there (path, error);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  FileContent *file = file_content_new (description);
  file->there = g_canonicalize_filename (path, NULL);
  file->fd = fd;
  file->stamp = stamp;
  return &file->content;
}

ShoalContent *
shoal_file_content_create (const char *path, const ShoalFile *description, bool replace, GError **error)
{
  bool exists = faccessat (AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && !replace && !g_file_test (path, G_FILE_TEST_IS_DIR))
    return content_there (path, description, error);
  ShoalPartFile *part = shoal_part_file_open (path, description, replace, error);
  if (!part)
    return NULL;
  FileContent *file = file_content_new (description);
  file->part = part;
  file->fd = part->fd;
  file->replace = replace;
  file->buffers = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  if (exists)
    file->old_fd = shoal_file_open (path, NULL);
  return &file->content;
}

bool
shoal_file_content_finish (ShoalContent *content, GError **error)
{
  FileContent *file = (FileContent *)content;
  ShoalFileStamp now;
  if (!file->there)
    return shoal_part_file_finish (file->part, file->replace, error);
  if (shoal_file_stamp_read (file->fd, &now) && shoal_file_stamp_equal (&now, &file->stamp))
    return true;
  return other_is_there (file->there, error); /* it was changed after it was proved */
}

void
shoal_file_content_watch (ShoalContent *content, ShoalMerkle *tree, ShoalBadBlockHandler on_bad,
                          void *context)
{
  watch ((FileContent *)content, NULL, tree, on_bad, context);
}

ShoalContent *
shoal_file_content_ref (ShoalContent *content)
{
  g_atomic_ref_count_inc (&((FileContent *)content)->refs);
  return content;
}

void
shoal_file_content_unref (ShoalContent *content)
{
  content_free (content);
}

ShoalContent *
shoal_memory_content_create (const ShoalFile *file, GError **error)
{
  ShoalContent *content = shoal_memory_content_new (file->info.length_bytes);
  g_autofree char *size = g_format_size (file->info.length_bytes);
  if (!content)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 "there is not enough memory for a file of %s; download it to a file instead", size);
  return content;
}
