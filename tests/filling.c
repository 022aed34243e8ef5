#include "tests/filling.h"

#include "src/seeded.h"
#include "tests/harness.h"
#include "tests/scratch.h"

#define BLOCK SHOAL_BLOCK_BYTES

static ShoalFile file;
static ShoalMerkle *tree;
static uint64_t wanted_seed;

void
filling_start (uint64_t seed, uint64_t length_bytes)
{
  wanted_seed = seed;
  scratch_describe ("x", seed, length_bytes, &file, &tree);
}

void
filling_end (void)
{
  g_clear_pointer (&tree, shoal_merkle_unref);
}

const ShoalFile *
filling_file (void)
{
  return &file;
}

ShoalMerkle *
filling_tree (void)
{
  return tree;
}

size_t
filling_block_bytes (uint32_t block)
{
  return shoal_info_block_bytes (&file.info, block);
}

ShoalContent *
filling_create (const char *path, bool replace)
{
  GError *error = NULL;
  ShoalContent *content = shoal_file_content_create (path, &file, replace, &error);
  ck_assert_msg (content != NULL, "%s", error ? error->message : "?");
  return content;
}

bool
filling_write (ShoalContent *content, uint32_t block, size_t from, size_t to, uint64_t seed)
{
  uint8_t bytes[BLOCK];
  uint64_t at = (uint64_t)block * BLOCK;
  shoal_seeded_bytes (seed, at + from, bytes, to - from);
  return content->ops->write (content, at + from, bytes, to - from, false);
}

bool
filling_proves (ShoalContent *content, uint32_t block)
{
  uint8_t hash[SHOAL_HASH_BYTES], leaf[SHOAL_HASH_BYTES];
  bool whole = false;
  ck_assert (
      content->ops->hash (content, (uint64_t)block * BLOCK, filling_block_bytes (block), hash, &whole));
  ck_assert (whole);
  ck_assert (shoal_merkle_leaf (tree, block, leaf));
  return memcmp (hash, leaf, sizeof leaf) == 0;
}

bool
filling_keep (ShoalContent *content, uint32_t block)
{
  return content->ops->keep (content, (uint64_t)block * BLOCK, filling_block_bytes (block));
}

bool
filling_present (ShoalContent *content, uint32_t block)
{
  return content->ops->present (content, (uint64_t)block * BLOCK, filling_block_bytes (block));
}

bool
filling_put (ShoalContent *content, uint32_t block)
{
  ck_assert (filling_write (content, block, 0, filling_block_bytes (block), wanted_seed));
  ck_assert (filling_proves (content, block));
  return filling_keep (content, block);
}

void
filling_put_all (ShoalContent *content)
{
  uint32_t blocks = shoal_info_blocks (&file.info);
  for (uint32_t i = 0; i < blocks; i++)
    ck_assert (filling_put (content, (i * 7) % blocks)); /* 7 divides no number of blocks used here */
}

void
filling_check (ShoalContent *content)
{
  uint8_t got[BLOCK], expected[BLOCK];
  for (uint32_t i = 0; i < shoal_info_blocks (&file.info); i++)
    {
      size_t from = i * 37 % 1000, length = filling_block_bytes (i) - from;
      ck_assert (content->ops->read (content, (uint64_t)i * BLOCK + from, got, length));
      shoal_seeded_bytes (wanted_seed, (uint64_t)i * BLOCK + from, expected, length);
      ck_assert_int_eq (memcmp (got, expected, length), 0);
    }
}
