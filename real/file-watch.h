/* A file that is served while others may change it. What it holds was proved once; at each read the file's
 * stamp tells whether that still counts, and when it does not, blocks are proved again one by one. */
#pragma once

#include "real/file-stamp.h"
#include "src/merkle.h"

/* Told of each block that is no longer what it was, once, inside the read that found it: to tell a machine
 * of it, post it to the loop. */
typedef void (*ShoalBadBlockHandler) (void *context, uint32_t block);

typedef struct {
  int fd;            /* borrowed */
  ShoalMerkle *tree; /* whole; a reference is taken */
  uint64_t length_bytes;
  const ShoalFileStamp *stamp; /* when its content was proved; NULL: now */
  ShoalBadBlockHandler on_bad; /* may be NULL */
  void *context;
} ShoalFileWatchOptions;

typedef struct ShoalFileWatch ShoalFileWatch;

/* Owned by the caller. */
ShoalFileWatch *shoal_file_watch_new (const ShoalFileWatchOptions *options);
/* Reads what is proved to be what it was. False: it is not, or cannot be read. One thread at a time. */
bool shoal_file_watch_read (ShoalFileWatch *watch, uint64_t offset_bytes, uint8_t *into, size_t length_bytes);
/* NULL is ignored. */
void shoal_file_watch_free (ShoalFileWatch *watch);
