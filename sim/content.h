/* File contents in the simulator. */
#pragma once

#include "src/backend.h"

/* Nothing but block numbers: writes succeed, and what was not spoilt on the way is whole. */
ShoalContent *shoal_virtual_content_new (void);
/* The bytes of a scenario's file: seeded or mapped from its path; read-only. NULL: cannot be read. */
ShoalContent *shoal_shared_content_new (const ShoalSharedFile *file);
/* Room in memory for a download. */
ShoalContent *shoal_memory_content_new (uint64_t length_bytes);
