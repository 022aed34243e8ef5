#include "sim/content.h"
#include "src/seeded.h"
#include "src/sha256.h"

/* ---- virtual ---- */

static bool
virtual_write (ShoalContent *content, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes,
               bool corrupt)
{
  (void)content, (void)offset_bytes, (void)bytes, (void)length_bytes, (void)corrupt;
  return true; /* the core remembers what was spoilt */
}

static bool
virtual_hash (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes,
              uint8_t hash[SHOAL_HASH_BYTES], bool *whole)
{
  (void)content, (void)offset_bytes, (void)length_bytes, (void)hash;
  *whole = true;
  return true;
}

static void
content_free (ShoalContent *content)
{
  g_free (content);
}

static const ShoalContentOps VIRTUAL_OPS = { .write = virtual_write,
                                             .hash = virtual_hash,
                                             .free = content_free };

ShoalContent *
shoal_virtual_content_new (void)
{
  ShoalContent *content = g_new0 (ShoalContent, 1);
  content->ops = &VIRTUAL_OPS;
  content->is_virtual = true;
  return content;
}

/* ---- the bytes of a scenario's file ---- */

typedef struct {
  ShoalContent content;
  uint64_t seed;
  GMappedFile *mapped; /* owned; NULL: seeded */
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
  if (!shared->mapped)
    {
      shoal_seeded_bytes (shared->seed, offset_bytes, into, length_bytes);
      return true;
    }
  if (offset_bytes + length_bytes > g_mapped_file_get_length (shared->mapped))
    return false;
  memcpy (into, g_mapped_file_get_contents (shared->mapped) + offset_bytes, length_bytes);
  return true;
}

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

static void
shared_free (ShoalContent *content)
{
  SharedContent *shared = (SharedContent *)content;
  g_clear_pointer (&shared->mapped, g_mapped_file_unref);
  g_free (shared);
}

static const ShoalContentOps SHARED_OPS = {
  .write = shared_write, .hash = read_and_hash, .read = shared_read, .free = shared_free
};

ShoalContent *
shoal_shared_content_new (const ShoalSharedFile *file)
{
  GMappedFile *mapped = NULL;
  if (file->path && file->file.info.length_bytes > 0)
    {
      mapped = g_mapped_file_new (file->path, FALSE, NULL);
      if (!mapped)
        return NULL;
    }
  SharedContent *shared = g_new0 (SharedContent, 1);
  shared->content.ops = &SHARED_OPS;
  shared->seed = file->content_seed;
  shared->mapped = mapped;
  return &shared->content;
}

/* ---- a download in memory ---- */

typedef struct {
  ShoalContent content;
  uint64_t length;
  uint8_t bytes[];
} MemoryContent;

static bool
memory_write (ShoalContent *content, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes,
              bool corrupt)
{
  MemoryContent *memory = (MemoryContent *)content;
  (void)corrupt; /* the bytes themselves are wrong then */
  memcpy (memory->bytes + offset_bytes, bytes, length_bytes);
  return true;
}

static bool
memory_read (ShoalContent *content, uint64_t offset_bytes, uint8_t *into, size_t length_bytes)
{
  memcpy (into, ((MemoryContent *)content)->bytes + offset_bytes, length_bytes);
  return true;
}

static const ShoalContentOps MEMORY_OPS = {
  .write = memory_write, .hash = read_and_hash, .read = memory_read, .free = content_free
};

ShoalContent *
shoal_memory_content_new (uint64_t length_bytes)
{
  MemoryContent *memory = g_try_malloc0 (sizeof *memory + length_bytes);
  if (!memory)
    return NULL;
  memory->content.ops = &MEMORY_OPS;
  memory->length = length_bytes;
  return &memory->content;
}
