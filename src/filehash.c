#include "src/filehash.h"

#include "src/sha256.h"

struct ShoalFileHash {
  ShoalInfo info;     /* all but the root, until the end */
  uint8_t *leaves;    /* owned; 32 bytes a block; NULL for an empty file */
  uint64_t fed_bytes; /* in all; more than info.length_bytes: too many */
  size_t part_bytes;  /* of the block that has begun, in part */
  uint8_t part[SHOAL_BLOCK_BYTES];
};

ShoalFileHash *
shoal_file_hash_new (const char *name, uint64_t length_bytes, uint32_t piece_length_bytes)
{
  uint8_t dictionary[SHOAL_INFODICT_MAX_BYTES];
  size_t dictionary_bytes;
  if (!shoal_name_valid (name) || length_bytes > SHOAL_LENGTH_MAX_BYTES)
    return NULL;
  ShoalInfo info = { .length_bytes = length_bytes, .piece_length_bytes = piece_length_bytes };
  if (piece_length_bytes == 0)
    info.piece_length_bytes = shoal_default_piece_length (length_bytes);
  g_strlcpy (info.name, name, sizeof info.name);
  if (shoal_infodict_write (&info, dictionary, &dictionary_bytes) != SHOAL_OK)
    return NULL;
  uint8_t *leaves = g_try_malloc_n (shoal_info_blocks (&info), SHOAL_HASH_BYTES);
  if (leaves == NULL && length_bytes > 0)
    return NULL;
  ShoalFileHash *hash = g_new0 (ShoalFileHash, 1);
  hash->info = info;
  hash->leaves = leaves;
  return hash;
}

static void
end_block (ShoalFileHash *hash, const uint8_t *bytes, size_t length)
{
  uint64_t block = hash->fed_bytes / SHOAL_BLOCK_BYTES;
  shoal_sha256 (bytes, length, hash->leaves + block * SHOAL_HASH_BYTES);
}

/* Adds to the block that has begun and ends it when it is whole. Returns how many bytes it took. */
static size_t
fill_part (ShoalFileHash *hash, const uint8_t *bytes, size_t length)
{
  uint64_t start = hash->fed_bytes - hash->part_bytes;
  size_t whole = (size_t)MIN (hash->info.length_bytes - start, SHOAL_BLOCK_BYTES);
  size_t took = MIN (length, whole - hash->part_bytes);
  memcpy (hash->part + hash->part_bytes, bytes, took);
  hash->part_bytes += took;
  if (hash->part_bytes == whole)
    {
      end_block (hash, hash->part, whole);
      hash->part_bytes = 0;
    }
  return took;
}

void
shoal_file_hash_feed (ShoalFileHash *hash, const uint8_t *bytes, size_t length)
{
  while (length > 0)
    {
      size_t took = SHOAL_BLOCK_BYTES;
      if (hash->fed_bytes >= hash->info.length_bytes)
        took = length; /* too many: finish() will say so */
      else if (hash->part_bytes == 0 && length >= took && hash->info.length_bytes - hash->fed_bytes >= took)
        end_block (hash, bytes, took); /* whole blocks need no copy */
      else
        took = fill_part (hash, bytes, length);
      hash->fed_bytes += took;
      bytes += took;
      length -= took;
    }
}

void
shoal_file_hash_put (ShoalFileHash *hash, uint32_t first, uint32_t count, const uint8_t *leaves)
{
  uint32_t blocks = shoal_info_blocks (&hash->info);
  g_assert (count > 0 && first < blocks && count <= blocks - first && hash->part_bytes == 0);
  memcpy (hash->leaves + (size_t)first * SHOAL_HASH_BYTES, leaves, (size_t)count * SHOAL_HASH_BYTES);
  hash->fed_bytes += (uint64_t)(count - 1) * SHOAL_BLOCK_BYTES;
  hash->fed_bytes += shoal_info_block_bytes (&hash->info, first + count - 1);
}

static bool
describe (ShoalFileHash *hash, ShoalFile *file, ShoalMerkle **tree)
{
  uint32_t blocks = shoal_info_blocks (&hash->info);
  *tree = NULL;
  if (blocks > 0 && (*tree = shoal_merkle_new_full (blocks, hash->leaves)) == NULL)
    return false;
  if (*tree != NULL)
    shoal_merkle_root (*tree, hash->info.root);
  file->info = hash->info;
  ShoalResult result = shoal_infodict_write (&file->info, file->dictionary, &file->dictionary_bytes);
  g_assert (result == SHOAL_OK); /* it was tried in new() */
  shoal_infodict_fid (file->dictionary, file->dictionary_bytes, &file->fid);
  return true;
}

bool
shoal_file_hash_finish (ShoalFileHash *hash, ShoalFile *file, ShoalMerkle **tree)
{
  *tree = NULL;
  memset (file, 0, sizeof *file);
  bool done = hash->fed_bytes == hash->info.length_bytes && describe (hash, file, tree);
  shoal_file_hash_free (hash);
  return done;
}

void
shoal_file_hash_free (ShoalFileHash *hash)
{
  if (hash == NULL)
    return;
  g_free (hash->leaves);
  g_free (hash);
}
