/* Makes a file's description by reading it: hashes, tree, dictionary, fid. */
#pragma once

#include "real/file-stamp.h"
#include "src/merkle.h"
#include "src/peer.h"

#include <gio/gio.h>

typedef struct {
  const char *path;
  const char *name;            /* in the dictionary; NULL: the last part of the path */
  uint32_t piece_length_bytes; /* 0: the default */
  GCancellable *cancellable;   /* may be NULL */
  /* In one of the threads that read, one call at a time, some hundred a second; may be NULL. */
  void (*on_progress) (void *context, uint64_t done_bytes, uint64_t all_bytes);
  void *context;
  ShoalFileStamp *stamp; /* out: the file as it was read, for ShoalFileOffer; may be NULL */
} ShoalFileScan;

/* Fills *file and *tree (one reference, the caller's; NULL: empty file). False and error: cannot be read, not a
 * regular file, changed meanwhile, cancelled, a name that a dictionary cannot have. */
bool shoal_file_scan (const ShoalFileScan *scan, ShoalFile *file, ShoalMerkle **tree, GError **error);
