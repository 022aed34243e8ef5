/* What a node keeps when its machine is gone: the blocks that it had proved. Who comes back after a crash
 * finds them (or some of them) again; nothing else does: a download after a cancel begins anew. */
#pragma once

#include "src/backend.h"
#include "src/random.h"

typedef struct ShoalDisk ShoalDisk;

/* real: contents are bytes, else virtual. */
ShoalDisk *shoal_disk_new (bool real);
void shoal_disk_free (ShoalDisk *disk);
/* Content for a download: with what survived of this file, offered for proof, or empty. The machine's, by
 * ops->free(); what is proved stays here. NULL: there is not so much memory. */
ShoalContent *shoal_disk_open (ShoalDisk *disk, const ShoalFile *file);
/* The node has the whole file, and offers it from elsewhere. file: borrowed as long as the disk lives. */
void shoal_disk_note_whole (ShoalDisk *disk, const ShoalSharedFile *file);
/* The machine is gone (its contents are freed): each block survives with this probability. */
void shoal_disk_survive (ShoalDisk *disk, uint32_t kept_millionths, ShoalRandom *random);
