/* One file that is wanted, and a content that is filled with it block by block, as the core does. */
#pragma once

#include "real/file-content.h"

/* What is wanted: length_bytes bytes of shoal_seeded_bytes(), named "x". */
void filling_start (uint64_t seed, uint64_t length_bytes);
void filling_end (void);
const ShoalFile *filling_file (void);
ShoalMerkle *filling_tree (void);
size_t filling_block_bytes (uint32_t block);

/* shoal_file_content_create(), which must not fail. */
ShoalContent *filling_create (const char *path, bool replace);
/* Has bytes from .. to of a block come, of the seed: another than the wanted file's is bad data. */
bool filling_write (ShoalContent *content, uint32_t block, size_t from, size_t to, uint64_t seed);
/* Whether what is stored for a block is what the tree says. */
bool filling_proves (ShoalContent *content, uint32_t block);
bool filling_keep (ShoalContent *content, uint32_t block);
bool filling_present (ShoalContent *content, uint32_t block);
/* All of it: write, prove, keep. False: it could not be kept. */
bool filling_put (ShoalContent *content, uint32_t block);
void filling_put_all (ShoalContent *content);
/* What can be read is what is wanted. */
void filling_check (ShoalContent *content);
