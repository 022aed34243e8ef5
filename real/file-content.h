/* Files as contents: read and written in place, memory bounded by what is in progress.
 *
 * A content belongs to a machine, which frees it in the loop's thread; who needs it in another thread, or
 * after the machine let go of it, takes a reference. */
#pragma once

#include "real/file-watch.h"
#include "src/contents.h"
#include "src/merkle.h"
#include "src/peer.h"

#include <gio/gio.h>

/* A file that was hashed, to be offered. It is watched at each read: when it was changed since (size, times,
 * inode), blocks are proved again by the tree before they leave, and those that are not what they were are not
 * sent: on_bad is told of each, once. A file that was replaced by another of its name is offered as it was. */
typedef struct {
  const char *path;
  const ShoalFile *file;
  ShoalMerkle *tree;           /* a reference is taken; NULL: empty file */
  const ShoalFileStamp *stamp; /* that shoal_file_scan() saw; NULL: unchanged until now */
  ShoalBadBlockHandler on_bad; /* in the thread that reads; may be NULL */
  void *context;
} ShoalFileOffer;

/* Owned by the caller: ops->free(). NULL and error: it cannot be opened, or is not the file that was hashed. */
ShoalContent *shoal_file_content_offer (const ShoalFileOffer *offer, GError **error);

/* Where a download goes: proved blocks into `path`.part beside the end's place, made with the file's length
 * and, where the file system can, the room for it; what an earlier attempt left there is offered for proof (ShoalContentOps.present) and nothing of
 * it is lost. Parts of blocks in progress are in memory only. shoal_file_content_finish() renames it; without
 * that it stays, for the next attempt, unless there is nothing in it.
 * A file that stands at path already is offered for proof, too. Not replace: it must be just the file that is
 * wanted, and is then left alone; the first block that differs is an error (G_IO_ERROR_EXISTS; here, when its
 * length shows it already). replace: another one takes its place at the end.
 * NULL and error: path is a folder or in none, no permission, no room, another process is at it. */
ShoalContent *shoal_file_content_create (const char *path, const ShoalFile *file, bool replace,
                                         GError **error);
/* Blocks of a download are hashed in a thread of its own from now on: half of the work of a fast receiver is
 * that. done is called there with each hash, to have shoal_peer_block_hashed() called in the machine's thread.
 * free_context, when the content is freed. */
typedef void (*ShoalHashedHandler) (void *context, uint32_t block, const uint8_t hash[SHOAL_HASH_BYTES]);
void shoal_file_content_hash_apart (ShoalContent *content, ShoalHashedHandler done, void *context,
                                    GDestroyNotify free_context);
/* All blocks are here: writes them out to the disk and renames, which may take seconds. The content goes on
 * serving reads meanwhile and after. False and error: a file came to stand at path meanwhile (G_IO_ERROR_EXISTS,
 * when it was not to be replaced), the part file was taken away, the disk fails. Nothing of an existing file is
 * lost then, and the part file stays. Any thread, one at a time. */
bool shoal_file_content_finish (ShoalContent *content, GError **error);
/* For a finished download that is shared on: from now on it is watched as an offer is. In the thread that
 * reads. */
void shoal_file_content_watch (ShoalContent *content, ShoalMerkle *tree, ShoalBadBlockHandler on_bad,
                               void *context);
/* What went wrong when a write, keep or hash returned false ("disk full", …). NULL: nothing. Any thread;
 * valid as long as the content is. */
const GError *shoal_file_content_error (const ShoalContent *content);

/* For contents of offer() and create() alone; ops->free() gives back the first reference. The last one may be
 * given back in any thread. */
ShoalContent *shoal_file_content_ref (ShoalContent *content);
void shoal_file_content_unref (ShoalContent *content);

/* Room in memory for a download, as shoal_memory_content_new() of src/contents.h, where its bytes are had too.
 * NULL and error: there is not so much memory. */
ShoalContent *shoal_memory_content_create (const ShoalFile *file, GError **error);
