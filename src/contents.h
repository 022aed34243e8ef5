/* Contents of real bytes that are not files: what a scenario's nodes offer and receive, in either world.
 * Contents in files are in real/file-content.h. */
#pragma once

#include "src/backend.h"

/* The bytes of a scenario's file, read-only; they may be offered by many nodes at a time. Owned by the
 * caller: ops->free(). */
ShoalContent *shoal_shared_content_new (const ShoalSharedFile *file);
/* Room in memory for a download; parts are written to their place at once, proved or not. Owned by the caller:
 * ops->free(). NULL: there is not so much memory. */
ShoalContent *shoal_memory_content_new (uint64_t length_bytes);
/* The bytes of such a room, which stay when it is freed; not before the download is done, since they must not
 * change any more. A reference, the caller's. */
GBytes *shoal_memory_content_bytes (ShoalContent *content);
