/* The low-level calls keep their state in the caller's memory: no allocation, no method look-up and
 * no hidden global state, which for an inner node of a tree would cost more than the hash itself.
 * They are part of every libcrypto from 1.1 on; asking for that interface says so. */
#define OPENSSL_API_COMPAT 0x10100000L

#include "src/sha256.h"

#include <openssl/sha.h>

struct ShoalSha256 {
  SHA256_CTX state;
};

void
shoal_sha256 (const void *bytes, size_t length, uint8_t out[SHOAL_HASH_BYTES])
{
  SHA256_CTX state;
  SHA256_Init (&state);
  SHA256_Update (&state, bytes, length);
  SHA256_Final (out, &state);
}

void
shoal_sha256_pair (const uint8_t left[SHOAL_HASH_BYTES], const uint8_t right[SHOAL_HASH_BYTES],
                   uint8_t out[SHOAL_HASH_BYTES])
{
  uint8_t both[2 * SHOAL_HASH_BYTES];
  memcpy (both, left, SHOAL_HASH_BYTES);
  memcpy (both + SHOAL_HASH_BYTES, right, SHOAL_HASH_BYTES);
  shoal_sha256 (both, sizeof both, out);
}

ShoalSha256 *
shoal_sha256_new (void)
{
  ShoalSha256 *sha = g_new (ShoalSha256, 1);
  SHA256_Init (&sha->state);
  return sha;
}

void
shoal_sha256_update (ShoalSha256 *sha, const void *bytes, size_t length)
{
  SHA256_Update (&sha->state, bytes, length);
}

void
shoal_sha256_peek (const ShoalSha256 *sha, uint8_t out[SHOAL_HASH_BYTES])
{
  SHA256_CTX copy = sha->state;
  SHA256_Final (out, &copy);
}

void
shoal_sha256_free (ShoalSha256 *sha)
{
  g_free (sha);
}
