/* Nodes are numbered level by level, leaves first. Level l has ceil (blocks / 2^l) nodes that cover
 * part of the file; what lies right of them covers padding only, and its hash depends on the level
 * alone. A known node has a known parent and a known sibling: both came to be known with it. */
#include "src/merkle.h"

#include "src/sha256.h"

struct ShoalMerkle {
  gatomicrefcount refs;
  uint32_t blocks;
  unsigned levels;                             /* the root is at this one */
  bool full;                                   /* all nodes are known */
  uint64_t *known;                             /* owned; a bit a node; NULL when full */
  uint8_t *hashes;                             /* owned; 32 bytes a node; NULL: structural */
  uint8_t (*padding)[SHOAL_HASH_BYTES];        /* owned; one a level; NULL: structural */
  uint64_t first[SHOAL_MERKLE_MAX_LEVELS + 2]; /* number of each level's first node */
};

static uint64_t
level_nodes (const ShoalMerkle *tree, unsigned level)
{
  return tree->first[level + 1] - tree->first[level];
}

static uint8_t *
hash_at (const ShoalMerkle *tree, uint64_t node)
{
  return tree->hashes + node * SHOAL_HASH_BYTES;
}

static bool
is_known (const ShoalMerkle *tree, uint64_t node)
{
  return tree->full || ((tree->known[node >> 6] >> (node & 63)) & 1) != 0;
}

static void
learn (ShoalMerkle *tree, uint64_t node, const uint8_t *hash)
{
  g_assert (!tree->full);
  tree->known[node >> 6] |= (uint64_t)1 << (node & 63);
  if (tree->hashes != NULL)
    memcpy (hash_at (tree, node), hash, SHOAL_HASH_BYTES);
}

static void
lay_out (ShoalMerkle *tree)
{
  uint64_t count = tree->blocks, next = 0;
  unsigned level = 0;
  for (;; level++)
    {
      tree->first[level] = next;
      next += count;
      if (count == 1)
        break;
      count = (count + 1) / 2;
    }
  tree->levels = level;
  tree->first[level + 1] = next;
}

static bool
allocate (ShoalMerkle *tree, bool full, bool hashes)
{
  uint64_t nodes = tree->first[tree->levels + 1];
  if (!full && (tree->known = g_try_new0 (uint64_t, (nodes + 63) / 64)) == NULL)
    return false;
  if (!hashes)
    return true;
  /* Never cleared: only known nodes are read, and what is not touched costs no memory. */
  if ((tree->hashes = g_try_malloc_n (nodes, SHOAL_HASH_BYTES)) == NULL)
    return false;
  tree->padding = g_malloc0_n (tree->levels + 1, SHOAL_HASH_BYTES);
  for (unsigned level = 1; level <= tree->levels; level++)
    shoal_sha256_pair (tree->padding[level - 1], tree->padding[level - 1], tree->padding[level]);
  return true;
}

static ShoalMerkle *
make (uint32_t blocks, bool full, bool hashes)
{
  g_assert (blocks > 0);
  ShoalMerkle *tree = g_new0 (ShoalMerkle, 1);
  g_atomic_ref_count_init (&tree->refs);
  tree->blocks = blocks;
  tree->full = full;
  lay_out (tree);
  if (allocate (tree, full, hashes))
    return tree;
  shoal_merkle_unref (tree);
  return NULL;
}

ShoalMerkle *
shoal_merkle_new (uint32_t blocks, const uint8_t root[SHOAL_HASH_BYTES])
{
  ShoalMerkle *tree = make (blocks, false, root != NULL);
  if (tree != NULL)
    learn (tree, tree->first[tree->levels], root);
  return tree;
}

static void
hash_level (ShoalMerkle *tree, unsigned level)
{
  uint64_t below = level_nodes (tree, level - 1);
  for (uint64_t i = 0; i < level_nodes (tree, level); i++)
    {
      const uint8_t *left = hash_at (tree, tree->first[level - 1] + 2 * i);
      const uint8_t *right = 2 * i + 1 < below ? left + SHOAL_HASH_BYTES : tree->padding[level - 1];
      shoal_sha256_pair (left, right, hash_at (tree, tree->first[level] + i));
    }
}

ShoalMerkle *
shoal_merkle_new_full (uint32_t blocks, const uint8_t *leaves)
{
  ShoalMerkle *tree = make (blocks, true, leaves != NULL);
  if (tree == NULL || leaves == NULL)
    return tree;
  memcpy (tree->hashes, leaves, (size_t)blocks * SHOAL_HASH_BYTES);
  for (unsigned level = 1; level <= tree->levels; level++)
    hash_level (tree, level);
  return tree;
}

ShoalMerkle *
shoal_merkle_ref (ShoalMerkle *tree)
{
  g_atomic_ref_count_inc (&tree->refs);
  return tree;
}

void
shoal_merkle_unref (ShoalMerkle *tree)
{
  if (tree == NULL || !g_atomic_ref_count_dec (&tree->refs))
    return;
  g_free (tree->known);
  g_free (tree->hashes);
  g_free (tree->padding);
  g_free (tree);
}

void
shoal_merkle_root (const ShoalMerkle *tree, uint8_t out[SHOAL_HASH_BYTES])
{
  if (tree->hashes == NULL)
    memset (out, 0, SHOAL_HASH_BYTES);
  else
    memcpy (out, hash_at (tree, tree->first[tree->levels]), SHOAL_HASH_BYTES);
}

bool
shoal_merkle_leaf (const ShoalMerkle *tree, uint32_t block, uint8_t out[SHOAL_HASH_BYTES])
{
  if (tree->hashes == NULL || block >= tree->blocks || !is_known (tree, block))
    return false;
  memcpy (out, hash_at (tree, block), SHOAL_HASH_BYTES);
  return true;
}

unsigned
shoal_merkle_missing (const ShoalMerkle *tree, uint32_t block)
{
  g_assert (block < tree->blocks);
  unsigned level = 0;
  while (!is_known (tree, tree->first[level] + (block >> level)))
    level++;
  return level;
}

/* Copies a node's hash, padding or not; false: not known. */
static bool
copy_hash (const ShoalMerkle *tree, unsigned level, uint64_t i, uint8_t *out)
{
  bool padding = i >= level_nodes (tree, level);
  uint64_t node = tree->first[level] + i;
  if (!padding && !is_known (tree, node))
    return false;
  if (tree->hashes == NULL)
    memset (out, 0, SHOAL_HASH_BYTES);
  else
    memcpy (out, padding ? tree->padding[level] : hash_at (tree, node), SHOAL_HASH_BYTES);
  return true;
}

bool
shoal_merkle_proof (const ShoalMerkle *tree, uint32_t block, unsigned levels, uint8_t *out)
{
  if (block >= tree->blocks || levels > tree->levels)
    return false;
  for (unsigned level = 0; level < levels; level++)
    if (!copy_hash (tree, level, (block >> level) ^ 1u, out + level * SHOAL_HASH_BYTES))
      return false;
  return true;
}

/* Fills path[0 .. levels]: the hashes from the leaf up that this proof amounts to. */
static void
climb (uint32_t block, const uint8_t *leaf, const uint8_t *proof, unsigned levels,
       uint8_t path[][SHOAL_HASH_BYTES])
{
  memcpy (path[0], leaf, SHOAL_HASH_BYTES);
  for (unsigned level = 0; level < levels; level++)
    {
      const uint8_t *sibling = proof + level * SHOAL_HASH_BYTES;
      if (((block >> level) & 1) != 0)
        shoal_sha256_pair (sibling, path[level], path[level + 1]);
      else
        shoal_sha256_pair (path[level], sibling, path[level + 1]);
    }
}

static void
learn_path (ShoalMerkle *tree, uint32_t block, unsigned levels, uint8_t path[][SHOAL_HASH_BYTES],
            const uint8_t *proof)
{
  bool real = tree->hashes != NULL;
  for (unsigned level = 0; level < levels; level++)
    {
      uint64_t i = block >> level;
      learn (tree, tree->first[level] + i, path[level]);
      if ((i ^ 1) < level_nodes (tree, level))
        learn (tree, tree->first[level] + (i ^ 1), real ? proof + level * SHOAL_HASH_BYTES : NULL);
    }
}

bool
shoal_merkle_accept (ShoalMerkle *tree, uint32_t block, const uint8_t leaf[SHOAL_HASH_BYTES],
                     const uint8_t *proof, unsigned levels)
{
  uint8_t path[SHOAL_MERKLE_MAX_LEVELS + 1][SHOAL_HASH_BYTES];
  if (block >= tree->blocks || levels > tree->levels)
    return false;
  unsigned needed = shoal_merkle_missing (tree, block);
  if (levels < needed)
    return false;
  if (tree->hashes != NULL)
    {
      /* Hashes above the first known node are left unread: they prove nothing more. */
      climb (block, leaf, proof, needed, path);
      const uint8_t *top = hash_at (tree, tree->first[needed] + (block >> needed));
      if (memcmp (path[needed], top, SHOAL_HASH_BYTES) != 0)
        return false;
    }
  learn_path (tree, block, needed, path, proof);
  return true;
}
