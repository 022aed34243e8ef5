/* The BEP 52 info dictionary of one file (v2 only: file tree, meta version, name, piece length) and
 * the fid it hashes to. */
#pragma once

#include "src/types.h"

#define SHOAL_NAME_MAX_BYTES 255u
#define SHOAL_INFODICT_MAX_BYTES 1024u
/* 2^32-1 blocks of 16 KiB. */
#define SHOAL_LENGTH_MAX_BYTES ((uint64_t)UINT32_MAX * SHOAL_BLOCK_BYTES)

typedef struct {
  char name[SHOAL_NAME_MAX_BYTES + 1]; /* UTF-8, one path component, never "", ".", ".." or with "/" */
  uint64_t length_bytes;
  uint32_t piece_length_bytes;    /* a power of two, ≥ 16 KiB */
  uint8_t root[SHOAL_HASH_BYTES]; /* zeros for an empty file, which has none */
} ShoalInfo;

/* Blocks of a file of this length: 0 for an empty one. */
static inline uint32_t
shoal_info_blocks (const ShoalInfo *info)
{
  return (uint32_t)((info->length_bytes + SHOAL_BLOCK_BYTES - 1) / SHOAL_BLOCK_BYTES);
}

/* Bytes of block i: 16 KiB but for the last. */
static inline uint32_t
shoal_info_block_bytes (const ShoalInfo *info, uint32_t i)
{
  uint64_t at = (uint64_t)i * SHOAL_BLOCK_BYTES;
  return (uint32_t)MIN (info->length_bytes - at, SHOAL_BLOCK_BYTES);
}

/* The piece length used where none is given: 16 KiB doubled until the file has at most 2,048
 * pieces, at most 16 MiB (the usual rule of torrent makers; documented in docs/protocol.md). */
uint32_t shoal_default_piece_length (uint64_t length_bytes);
/* Whether a name may be that of a file here. */
bool shoal_name_valid (const char *name);

/* Writes the dictionary to out (SHOAL_INFODICT_MAX_BYTES); *length gets its size.
 * SHOAL_MALFORMED when name, length or piece length is not allowed. */
ShoalResult shoal_infodict_write (const ShoalInfo *info, uint8_t *out, size_t *length);
/* Reads a dictionary as strictly as BEP 3's bencoding asks (sorted keys, no leading zeros, nothing
 * after the end); unknown keys in the dictionary are skipped. */
ShoalResult shoal_infodict_read (const uint8_t *bytes, size_t length, ShoalInfo *info);
void shoal_infodict_fid (const uint8_t *bytes, size_t length, ShoalFid *fid);

/* hex: 64 digits and a NUL. */
void shoal_fid_to_hex (const ShoalFid *fid, char hex[SHOAL_FID_HEX_LENGTH + 1]);
/* Accepts 64 hex digits of either case, or a magnet link with xt=urn:btmh:1220<fid>. */
bool shoal_fid_parse (const char *text, ShoalFid *fid);
