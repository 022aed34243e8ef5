/* Files as contents: read and written in place, memory bounded by what is in progress. */
#pragma once

#include "src/content.h"
#include "src/merkle.h"
#include "src/peer.h"

#include <gio/gio.h>

/* A file that was hashed, to be offered. It is watched at each read: when it was changed since (size, time of
 * change, inode), blocks are proved again by the tree before they leave, and those that are not what they were
 * are not sent: on_bad is told of each, once. */
typedef struct {
  const char *path;
  const ShoalFile *file;
  ShoalMerkle *tree; /* a reference is taken; NULL: empty file */
  /* In the thread that reads. May be NULL. */
  void (*on_bad) (void *context, uint32_t block);
  void *context;
} ShoalFileOffer;

/* Owned by the caller: ops->free(). NULL and error: it cannot be opened, or is not the file that was hashed. */
ShoalContent *shoal_file_content_offer (const ShoalFileOffer *offer, GError **error);

/* Where a download goes: proved blocks into `path`.part beside the end's place, made with the file's length
 * (sparse); what an earlier attempt left there is offered for proof (ShoalContentOps.present) and nothing of
 * it is lost. shoal_file_content_finish() renames it. */
ShoalContent *shoal_file_content_create (const char *path, const ShoalFile *file, GError **error);
/* All blocks are here: writes them out to the disk and renames. The content goes on serving reads.
 * replace: an existing file at path is replaced; else it is an error. False and error: nothing of an
 * existing file is lost, and the part file stays. Any thread. */
bool shoal_file_content_finish (ShoalContent *content, bool replace, GError **error);
/* What went wrong when a write, keep or hash returned false ("disk full", …). NULL: nothing. */
const GError *shoal_file_content_error (const ShoalContent *content);

/* A download into memory. NULL: too large. */
ShoalContent *shoal_memory_content_create (const ShoalFile *file, GError **error);
/* Its bytes; the content keeps a reference. */
GBytes *shoal_memory_content_bytes (ShoalContent *content);
