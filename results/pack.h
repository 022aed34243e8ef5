/* Numbers packed for the report's page: seven bits a byte, the lowest first, the eighth bit says that more follow;
 * all of it in base64. Small numbers, such as differences, so take little over a letter each. */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef GByteArray ShoalPack;

/* Owned by the caller: g_byte_array_unref(), or ended by shoal_pack_end(). */
ShoalPack *shoal_pack_new (void);
void shoal_pack_add (ShoalPack *pack, uint64_t value);
/* A number with a sign: 0, -1, 1, -2 … become 0, 1, 2, 3 … */
void shoal_pack_add_signed (ShoalPack *pack, int64_t value);
/* The text; frees the pack. Owned by the caller. */
char *shoal_pack_end (ShoalPack *pack);
