/* Access to the bytes of one file, as the core sees it. In real life a file; in the simulator real
 * bytes in memory or virtual content, where a block is only its number and a verdict. */
#pragma once

#include "src/types.h"

typedef struct ShoalContent ShoalContent;

typedef struct {
  /* Takes a part of a block that came from the network, not proved yet. bytes: NULL for virtual content, where
   * `corrupt` says whether the network spoilt it. False: could not be stored (disk full, …). */
  bool (*write) (ShoalContent *content, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes,
                 bool corrupt);
  /* SHA-256 of what is stored at offset; *whole = false when virtual content was spoilt there.
   * Virtual content leaves `hash` alone. False: could not be read. */
  bool (*hash) (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes,
                uint8_t hash[SHOAL_HASH_BYTES], bool *whole);
  /* Begins to find the hash of a whole block elsewhere, while the machine goes on: true, and whoever made the
   * content sees to it that shoal_peer_block_hashed() is called. False, or NULL: hash() is to be asked now. */
  bool (*hash_later) (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes);
  /* The block at offset was proved: it is to be kept for good. NULL: written is kept. False: could not
   * be stored. */
  bool (*keep) (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes);
  /* Whether an earlier attempt may have left this block here: hash() tells its hash, and nothing is
   * proved yet. NULL: no block. */
  bool (*present) (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes);
  /* Copies stored bytes for sending; the backend calls it when a datagram leaves, the core never.
   * False: could not be read. Virtual content has none (NULL). */
  bool (*read) (ShoalContent *content, uint64_t offset_bytes, uint8_t *into, size_t length_bytes);
  void (*free) (ShoalContent *content);
} ShoalContentOps;

/* First member of every content. */
struct ShoalContent {
  const ShoalContentOps *ops;
  bool is_virtual; /* no hashes exist: trees are structural */
};

/* A reference to payload: `length_bytes` at `offset_bytes` of a content. length 0: no payload. */
typedef struct {
  ShoalContent *content; /* borrowed; lives as long as the machine holds the file */
  uint64_t offset_bytes;
  uint32_t length_bytes;
} ShoalPayload;
