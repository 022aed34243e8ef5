#include "real/file-watch.h"

#include "real/file-io.h"
#include "src/sha256.h"

/* What is known of a block. */
enum {
  VERDICT_GOOD = 1, /* as the stamp is now */
  VERDICT_BAD = 2,
  VERDICT_TOLD = 4, /* on_bad was called, whatever the stamp was */
};

struct ShoalFileWatch {
  ShoalFileWatchOptions options; /* stamp unused */
  ShoalFileStamp stamp;          /* of the file that the verdicts are about */
  bool whole;                    /* everything is as it was, as long as the stamp is this */
  uint8_t *verdicts;             /* owned; a byte a block; NULL: none given yet */
  uint8_t block[SHOAL_BLOCK_BYTES];
};

static uint32_t
count_blocks (const ShoalFileWatch *watch)
{
  return (uint32_t)((watch->options.length_bytes + SHOAL_BLOCK_BYTES - 1) / SHOAL_BLOCK_BYTES);
}

ShoalFileWatch *
shoal_file_watch_new (const ShoalFileWatchOptions *options)
{
  ShoalFileWatch *watch = g_new0 (ShoalFileWatch, 1);
  watch->options = *options;
  watch->options.stamp = NULL;
  if (options->tree)
    shoal_merkle_ref (options->tree);
  if (options->stamp)
    watch->stamp = *options->stamp;
  else
    shoal_file_stamp_read (options->fd, &watch->stamp);
  watch->whole = shoal_file_stamp_settled (&watch->stamp);
  return watch;
}

/* The file is another than the one the verdicts are about. */
static void
forget (ShoalFileWatch *watch, const ShoalFileStamp *stamp)
{
  watch->stamp = *stamp;
  watch->whole = false;
  for (uint32_t i = 0; watch->verdicts && i < count_blocks (watch); i++)
    watch->verdicts[i] &= VERDICT_TOLD;
}

/* Has verdicts be about the file as it is now. */
static bool
look (ShoalFileWatch *watch)
{
  ShoalFileStamp stamp;
  if (!shoal_file_stamp_read (watch->options.fd, &stamp))
    return false;
  if (!shoal_file_stamp_equal (&stamp, &watch->stamp))
    forget (watch, &stamp);
  return true;
}

static void
tell_bad (ShoalFileWatch *watch, uint32_t block)
{
  if (!watch->verdicts)
    watch->verdicts = g_new0 (uint8_t, count_blocks (watch));
  bool told = watch->verdicts[block] & VERDICT_TOLD;
  watch->verdicts[block] |= VERDICT_TOLD;
  if (!told && watch->options.on_bad)
    watch->options.on_bad (watch->options.context, block);
}

/* A verdict is worth remembering when the file did not change meanwhile, and could not without a sign. */
static void
remember (ShoalFileWatch *watch, uint32_t block, bool good)
{
  ShoalFileStamp before = watch->stamp;
  if (!watch->verdicts)
    watch->verdicts = g_new0 (uint8_t, count_blocks (watch));
  if (look (watch) && shoal_file_stamp_equal (&before, &watch->stamp) && shoal_file_stamp_settled (&before))
    watch->verdicts[block] |= good ? VERDICT_GOOD : VERDICT_BAD;
}

/* Reads a block whole into watch->block and proves it. */
static bool
prove (ShoalFileWatch *watch, uint32_t block)
{
  uint8_t hash[SHOAL_HASH_BYTES], leaf[SHOAL_HASH_BYTES];
  uint64_t at = (uint64_t)block * SHOAL_BLOCK_BYTES;
  size_t length = (size_t)MIN (watch->options.length_bytes - at, SHOAL_BLOCK_BYTES);
  if (!watch->options.tree || !shoal_merkle_leaf (watch->options.tree, block, leaf))
    return false;
  bool good = shoal_file_read_at (watch->options.fd, at, watch->block, length);
  if (good)
    {
      shoal_sha256 (watch->block, length, hash);
      good = memcmp (hash, leaf, sizeof hash) == 0;
    }
  remember (watch, block, good);
  return good;
}

/* A part of one block, of a file that was changed. */
static bool
read_proved (ShoalFileWatch *watch, uint64_t offset, uint8_t *into, size_t length)
{
  uint32_t block = (uint32_t)(offset / SHOAL_BLOCK_BYTES);
  uint8_t verdict = watch->verdicts ? watch->verdicts[block] : 0;
  if (verdict & VERDICT_GOOD) /* and `into` was read before the stamp was */
    return true;
  if (verdict & VERDICT_BAD || !prove (watch, block))
    {
      tell_bad (watch, block);
      return false;
    }
  memcpy (into, watch->block + offset % SHOAL_BLOCK_BYTES, length);
  return true;
}

/* Read first, then looked: what was read is from before any change that shows. */
static bool
read_in_block (ShoalFileWatch *watch, uint64_t offset, uint8_t *into, size_t length)
{
  bool read = shoal_file_read_at (watch->options.fd, offset, into, length);
  if (read && look (watch))
    return watch->whole || read_proved (watch, offset, into, length);
  tell_bad (watch, (uint32_t)(offset / SHOAL_BLOCK_BYTES)); /* truncated, or the disk fails */
  return false;
}

bool
shoal_file_watch_read (ShoalFileWatch *watch, uint64_t offset_bytes, uint8_t *into, size_t length_bytes)
{
  if (offset_bytes > watch->options.length_bytes || length_bytes > watch->options.length_bytes - offset_bytes)
    return false;
  while (length_bytes > 0)
    {
      size_t part = MIN (length_bytes, SHOAL_BLOCK_BYTES - (size_t)(offset_bytes % SHOAL_BLOCK_BYTES));
      if (!read_in_block (watch, offset_bytes, into, part))
        return false;
      offset_bytes += part;
      into += part;
      length_bytes -= part;
    }
  return true;
}

void
shoal_file_watch_free (ShoalFileWatch *watch)
{
  if (!watch)
    return;
  shoal_merkle_unref (watch->options.tree);
  g_free (watch->verdicts);
  g_free (watch);
}
