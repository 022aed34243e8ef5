/* SHA-256 through libcrypto, which uses the CPU's own instructions. */
#pragma once

#include "src/types.h"

void shoal_sha256 (const void *bytes, size_t length, uint8_t out[SHOAL_HASH_BYTES]);
/* SHA-256(left ‖ right): an inner node of a hash tree. */
void shoal_sha256_pair (const uint8_t left[SHOAL_HASH_BYTES], const uint8_t right[SHOAL_HASH_BYTES],
                        uint8_t out[SHOAL_HASH_BYTES]);

typedef struct ShoalSha256 ShoalSha256; /* a running digest */
ShoalSha256 *shoal_sha256_new (void);
void shoal_sha256_update (ShoalSha256 *sha, const void *bytes, size_t length);
/* Digest of all so far; more may follow. */
void shoal_sha256_peek (const ShoalSha256 *sha, uint8_t out[SHOAL_HASH_BYTES]);
void shoal_sha256_free (ShoalSha256 *sha);
