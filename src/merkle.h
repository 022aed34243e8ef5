/* The hash tree of a file (BEP 52): leaves are SHA-256 of 16 KiB blocks, padded with zero hashes to
 * a power of two. A holder of part of the file knows part of the tree: each node it knows is proved
 * up to the root. A block travels with just the sibling hashes that its receiver does not know yet.
 *
 * A tree without hashes ("structural", for virtual content) keeps only which nodes are known, so
 * that messages have the same sizes as with real content. */
#pragma once

#include "src/types.h"

typedef struct ShoalMerkle ShoalMerkle;

/* No file in the protocol has a higher tree than this (2^32 blocks). */
#define SHOAL_MERKLE_MAX_LEVELS 32

/* A tree of `blocks` (> 0) leaves of which only the root is known.
 * root: NULL for a structural tree. Owned by the caller: shoal_merkle_unref(). NULL: the memory for a
 * tree of this size is not to be had. */
ShoalMerkle *shoal_merkle_new (uint32_t blocks, const uint8_t root[SHOAL_HASH_BYTES]);
/* A wholly known tree. leaves: blocks × 32 bytes, copied; NULL: structural. Result as above. */
ShoalMerkle *shoal_merkle_new_full (uint32_t blocks, const uint8_t *leaves);
ShoalMerkle *shoal_merkle_ref (ShoalMerkle *tree);
void shoal_merkle_unref (ShoalMerkle *tree);

/* Copies the root hash (zeros where structural). */
void shoal_merkle_root (const ShoalMerkle *tree, uint8_t out[SHOAL_HASH_BYTES]);
/* Copies a block's leaf hash; false: it is not known, or the tree is structural. */
bool shoal_merkle_leaf (const ShoalMerkle *tree, uint32_t block, uint8_t out[SHOAL_HASH_BYTES]);
/* Sibling hashes that are needed to prove this block: levels from the leaf up to the first known
 * ancestor; 0 when the leaf itself is known. */
unsigned shoal_merkle_missing (const ShoalMerkle *tree, uint32_t block);
/* Writes the `levels` sibling hashes of this block's path, leaf first, 32 bytes each (zeros where
 * structural). False when one of them is not known or levels is more than the tree has. */
bool shoal_merkle_proof (const ShoalMerkle *tree, uint32_t block, unsigned levels, uint8_t *out);
/* Proves a leaf hash: from leaf and the `levels` siblings (leaf first) up to a known node.
 * True: it fits, and the path and siblings are known from now on. False: it does not fit, or
 * `levels` ends below the first known node; the tree is unchanged.
 * Structural trees ignore leaf and proof and only check levels. */
bool shoal_merkle_accept (ShoalMerkle *tree, uint32_t block, const uint8_t leaf[SHOAL_HASH_BYTES],
                          const uint8_t *proof, unsigned levels);
