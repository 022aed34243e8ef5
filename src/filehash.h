/* Makes a file's description from its bytes: leaf hashes, tree, info dictionary, fid. */
#pragma once

#include "src/merkle.h"
#include "src/peer.h"

/* Fed with a file's bytes in order, in parts of any size. */
typedef struct ShoalFileHash ShoalFileHash;

/* length_bytes is known beforehand; exactly so many must be fed.
 * piece_length_bytes 0: shoal_default_piece_length(). NULL: name, length or piece length not allowed,
 * or the memory for so many leaf hashes is not to be had. */
ShoalFileHash *shoal_file_hash_new (const char *name, uint64_t length_bytes, uint32_t piece_length_bytes);
void shoal_file_hash_feed (ShoalFileHash *hash, const uint8_t *bytes, size_t length);
/* Instead of feeding, for who hashes in several threads: the leaf hashes (SHA-256) of blocks first ..
 * first + count - 1, 32 bytes each. Each block once, in any order; one call at a time. */
void shoal_file_hash_put (ShoalFileHash *hash, uint32_t first, uint32_t count, const uint8_t *leaves);
/* Ends: fills *file, and *tree (one reference, the caller's; NULL for an empty file). False: not all
 * bytes were fed. The hash is freed either way. */
bool shoal_file_hash_finish (ShoalFileHash *hash, ShoalFile *file, ShoalMerkle **tree);
void shoal_file_hash_free (ShoalFileHash *hash);
