#include "src/disk.h"
#include "src/bitmap.h"
#include "src/contents.h"

#define ONE 1000000u

/* A download's content: kept by the machine and by the disk. */
typedef struct {
  ShoalContent content;
  unsigned references;
  bool left_over;      /* from before a crash: what is in `kept` is there again */
  ShoalBitmap kept;    /* blocks proved */
  ShoalContent *bytes; /* owned; NULL: virtual */
} Kept;

typedef struct {
  ShoalFid fid;
  const ShoalSharedFile *whole; /* borrowed; NULL: the node did not begin with it */
  Kept *kept;                   /* a reference; NULL: nothing was downloaded */
} Entry;

struct ShoalDisk {
  bool real;
  GArray *entries; /* of Entry, in order of appearance */
};

/* ---- contents ---- */

static bool
kept_write (ShoalContent *content, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes,
            bool corrupt)
{
  ShoalContent *inner = ((Kept *)content)->bytes;
  return !inner || inner->ops->write (inner, offset_bytes, bytes, length_bytes, corrupt);
}

static bool
kept_hash (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes, uint8_t hash[SHOAL_HASH_BYTES],
           bool *whole)
{
  ShoalContent *inner = ((Kept *)content)->bytes;
  *whole = true; /* of virtual content the core remembers what was spoilt */
  return !inner || inner->ops->hash (inner, offset_bytes, length_bytes, hash, whole);
}

static bool
kept_keep (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes)
{
  (void)length_bytes;
  shoal_bitmap_set (&((Kept *)content)->kept, (uint32_t)(offset_bytes / SHOAL_BLOCK_BYTES));
  return true;
}

static bool
kept_present (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes)
{
  const Kept *kept = (const Kept *)content;
  (void)length_bytes;
  return kept->left_over && shoal_bitmap_get (&kept->kept, (uint32_t)(offset_bytes / SHOAL_BLOCK_BYTES));
}

static bool
kept_read (ShoalContent *content, uint64_t offset_bytes, uint8_t *into, size_t length_bytes)
{
  ShoalContent *inner = ((Kept *)content)->bytes;
  return inner->ops->read (inner, offset_bytes, into, length_bytes);
}

static void
kept_unref (ShoalContent *content)
{
  Kept *kept = (Kept *)content;
  if (--kept->references > 0)
    return;
  shoal_bitmap_clear (&kept->kept);
  if (kept->bytes)
    kept->bytes->ops->free (kept->bytes);
  g_free (kept);
}

static const ShoalContentOps VIRTUAL_OPS = {
  .write = kept_write, .hash = kept_hash, .keep = kept_keep, .present = kept_present, .free = kept_unref
};
static const ShoalContentOps REAL_OPS = { .write = kept_write,
                                          .hash = kept_hash,
                                          .keep = kept_keep,
                                          .present = kept_present,
                                          .read = kept_read,
                                          .free = kept_unref };

static Kept *
kept_new (bool real, const ShoalInfo *info)
{
  ShoalContent *bytes = real ? shoal_memory_content_new (info->length_bytes) : NULL;
  if (real && !bytes)
    return NULL;
  Kept *kept = g_new0 (Kept, 1);
  kept->content.ops = real ? &REAL_OPS : &VIRTUAL_OPS;
  kept->content.is_virtual = !real;
  kept->references = 1;
  kept->bytes = bytes;
  shoal_bitmap_init (&kept->kept, shoal_info_blocks (info));
  return kept;
}

/* ---- the disk ---- */

static void
entry_clear (void *data)
{
  Entry *entry = data;
  if (entry->kept)
    kept_unref (&entry->kept->content);
}

ShoalDisk *
shoal_disk_new (bool real)
{
  ShoalDisk *disk = g_new (ShoalDisk, 1);
  disk->real = real;
  disk->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_array_set_clear_func (disk->entries, entry_clear);
  return disk;
}

void
shoal_disk_free (ShoalDisk *disk)
{
  g_array_free (disk->entries, TRUE);
  g_free (disk);
}

static Entry *
entry_of (ShoalDisk *disk, const ShoalFid *fid)
{
  Entry made = { .fid = *fid };
  for (guint i = 0; i < disk->entries->len; i++)
    {
      Entry *entry = &g_array_index (disk->entries, Entry, i);
      if (shoal_fid_equal (&entry->fid, fid))
        return entry;
    }
  g_array_append_val (disk->entries, made);
  return &g_array_index (disk->entries, Entry, disk->entries->len - 1);
}

static void
replace (Entry *entry, Kept *kept)
{
  entry_clear (entry);
  entry->kept = kept;
}

ShoalContent *
shoal_disk_open (ShoalDisk *disk, const ShoalFile *file)
{
  Entry *entry = entry_of (disk, &file->fid);
  if (!entry->kept || !entry->kept->left_over || entry->kept->kept.bits != shoal_info_blocks (&file->info))
    replace (entry, kept_new (disk->real, &file->info));
  if (!entry->kept)
    return NULL;
  entry->kept->references++;
  return &entry->kept->content;
}

void
shoal_disk_note_whole (ShoalDisk *disk, const ShoalSharedFile *file)
{
  entry_of (disk, &file->file.fid)->whole = file;
}

/* What the node began with is a download that is complete. */
static void
fill (const ShoalDisk *disk, Entry *entry)
{
  Kept *kept = kept_new (disk->real, &entry->whole->file.info);
  replace (entry, kept);
  if (!kept)
    return;
  shoal_bitmap_fill (&kept->kept);
  ShoalContent *from = disk->real ? shoal_shared_content_new (entry->whole) : NULL;
  for (uint32_t block = 0; from && block < kept->kept.bits; block++)
    {
      uint8_t bytes[SHOAL_BLOCK_BYTES];
      uint64_t offset = (uint64_t)block * SHOAL_BLOCK_BYTES;
      uint32_t length = shoal_info_block_bytes (&entry->whole->file.info, block);
      if (!from->ops->read (from, offset, bytes, length)
          || !kept->bytes->ops->write (kept->bytes, offset, bytes, length, false))
        shoal_bitmap_unset (&kept->kept, block);
    }
  if (from)
    from->ops->free (from);
}

void
shoal_disk_survive (ShoalDisk *disk, uint32_t kept_millionths, ShoalRandom *random)
{
  if (kept_millionths == 0)
    g_array_set_size (disk->entries, 0);
  for (guint i = 0; i < disk->entries->len; i++)
    {
      Entry *entry = &g_array_index (disk->entries, Entry, i);
      if (entry->whole)
        fill (disk, entry);
      entry->whole = NULL;
      Kept *kept = entry->kept;
      if (!kept)
        continue;
      kept->left_over = true;
      for (uint32_t block = 0; kept_millionths < ONE && block < kept->kept.bits; block++)
        if (shoal_bitmap_get (&kept->kept, block) && shoal_random_below (random, ONE) >= kept_millionths)
          shoal_bitmap_unset (&kept->kept, block);
    }
}
