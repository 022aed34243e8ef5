/* A folder for a test's files, and what tests do with them. */
#pragma once

#include "src/peer.h"

typedef struct {
  char *path;         /* owned */
  GPtrArray *strings; /* owned: what scratch_path() gave out */
} Scratch;

Scratch *scratch_new (void);
/* With all that is in it. */
void scratch_free (Scratch *scratch);
/* A name in the folder. The folder's. */
const char *scratch_path (Scratch *scratch, const char *name);

/* Makes or overwrites a file with length_bytes bytes of shoal_seeded_bytes().
 */
void scratch_write_seeded (const char *path, uint64_t seed, uint64_t length_bytes);
/* Overwrites part of a file in place. */
void scratch_patch (const char *path, uint64_t offset_bytes, const void *bytes, size_t length_bytes);
/* Whether it is just these bytes. */
bool scratch_is_seeded (const char *path, uint64_t seed, uint64_t length_bytes);
bool scratch_exists (const char *path);
/* The description that the seeded file would have; tree: as
 * shoal_file_hash_finish(), may be NULL. */
void scratch_describe (const char *name, uint64_t seed, uint64_t length_bytes, ShoalFile *file,
                       ShoalMerkle **tree);
