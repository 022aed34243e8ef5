#include "src/contents.h"
#include "src/seeded.h"
#include "src/sha256.h"

static bool
read_and_hash (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes,
               uint8_t hash[SHOAL_HASH_BYTES], bool *whole)
{
  uint8_t bytes[SHOAL_BLOCK_BYTES];
  *whole = true;
  if (length_bytes > sizeof bytes || !content->ops->read (content, offset_bytes, bytes, length_bytes))
    return false;
  shoal_sha256 (bytes, length_bytes, hash);
  return true;
}

/* ---- the bytes of a scenario's file ---- */

typedef struct {
  ShoalContent content;
  uint64_t seed;
  GBytes *bytes; /* a reference; NULL: seeded */
} SharedContent;

static bool
shared_write (ShoalContent *content, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes,
              bool corrupt)
{
  (void)content, (void)offset_bytes, (void)bytes, (void)length_bytes, (void)corrupt;
  return false;
}

static bool
shared_read (ShoalContent *content, uint64_t offset_bytes, uint8_t *into, size_t length_bytes)
{
  SharedContent *shared = (SharedContent *)content;
  if (!shared->bytes)
    {
      shoal_seeded_bytes (shared->seed, offset_bytes, into, length_bytes);
      return true;
    }
  const uint8_t *from = g_bytes_get_region (shared->bytes, 1, offset_bytes, length_bytes);
  if (!from)
    return false;
  memcpy (into, from, length_bytes);
  return true;
}

static void
shared_free (ShoalContent *content)
{
  SharedContent *shared = (SharedContent *)content;
  g_clear_pointer (&shared->bytes, g_bytes_unref);
  g_free (shared);
}

static const ShoalContentOps SHARED_OPS = {
  .write = shared_write, .hash = read_and_hash, .read = shared_read, .free = shared_free
};

ShoalContent *
shoal_shared_content_new (const ShoalSharedFile *file)
{
  SharedContent *shared = g_new0 (SharedContent, 1);
  shared->content.ops = &SHARED_OPS;
  shared->seed = file->content_seed;
  shared->bytes = file->bytes ? g_bytes_ref (file->bytes) : NULL;
  return &shared->content;
}

/* ---- a download in memory ---- */

typedef struct {
  ShoalContent content;
  uint64_t length;
  uint8_t *data; /* what `bytes` hold */
  GBytes *bytes; /* a reference */
} MemoryContent;

static bool
memory_write (ShoalContent *content, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes,
              bool corrupt)
{
  MemoryContent *memory = (MemoryContent *)content;
  (void)corrupt; /* the bytes themselves are wrong then */
  g_assert (offset_bytes <= memory->length && length_bytes <= memory->length - offset_bytes);
  memcpy (memory->data + offset_bytes, bytes, length_bytes);
  return true;
}

static bool
memory_read (ShoalContent *content, uint64_t offset_bytes, uint8_t *into, size_t length_bytes)
{
  const MemoryContent *memory = (const MemoryContent *)content;
  g_assert (offset_bytes <= memory->length && length_bytes <= memory->length - offset_bytes);
  memcpy (into, memory->data + offset_bytes, length_bytes);
  return true;
}

static void
memory_free (ShoalContent *content)
{
  g_bytes_unref (((MemoryContent *)content)->bytes);
  g_free (content);
}

static const ShoalContentOps MEMORY_OPS = {
  .write = memory_write, .hash = read_and_hash, .read = memory_read, .free = memory_free
};

ShoalContent *
shoal_memory_content_new (uint64_t length_bytes)
{
  uint8_t *data = length_bytes < G_MAXSSIZE ? g_try_malloc0 (MAX (length_bytes, 1)) : NULL;
  if (!data)
    return NULL;
  MemoryContent *memory = g_new0 (MemoryContent, 1);
  memory->content.ops = &MEMORY_OPS;
  memory->length = length_bytes;
  memory->data = data;
  memory->bytes = g_bytes_new_take (data, length_bytes);
  return &memory->content;
}

GBytes *
shoal_memory_content_bytes (ShoalContent *content)
{
  g_assert (content->ops == &MEMORY_OPS);
  return g_bytes_ref (((MemoryContent *)content)->bytes);
}
