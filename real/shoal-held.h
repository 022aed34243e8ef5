/* A file that is here, as it is handed to a caller who wants it: in memory, in
 * a file, or in a part file. Read in the caller's thread, beside the node's. */
#pragma once

#include "real/file-content.h"
#include "real/shoal-core.h"

typedef enum {
  SHOAL_HELD_NOWHERE = 0,
  SHOAL_HELD_BYTES,     /* bytes */
  SHOAL_HELD_FILE,      /* path, tree: proved again as it is read */
  SHOAL_HELD_IN_PLACE,  /* the same, and that is where the caller wants it */
  SHOAL_HELD_PART,      /* content: of a part file; nobody else writes to it */
  SHOAL_HELD_TO_FINISH, /* content: this caller's own part file, to be put in
                           its place */
} ShoalHeldKind;

typedef struct {
  ShoalHeldKind kind;
  ShoalFile file;
  GBytes *bytes;         /* a reference */
  ShoalContent *content; /* a reference: shoal_file_content_unref() */
  ShoalMerkle *tree;     /* a reference; NULL: empty file */
  char *path;            /* owned */
} ShoalHeld;

void shoal_held_clear (ShoalHeld *held);

/* Where a copy goes and what may stop it. */
typedef struct {
  ShoalCore *core;           /* when it closes, SHOAL_ERROR_CLOSED */
  GCancellable *cancellable; /* may be NULL */
} ShoalHeldReader;

/* All of it. Owned by the caller. NULL and error: it was changed meanwhile, too
 * large, cancelled, closed. */
GBytes *shoal_held_read (const ShoalHeld *held, const ShoalHeldReader *reader, GError **error);
/* Proves that all of it is there. False and error as above. */
bool shoal_held_check (const ShoalHeld *held, const ShoalHeldReader *reader, GError **error);
/* Puts a copy at path. False and error: that, or it cannot be written. */
bool shoal_held_copy (const ShoalHeld *held, const char *path, bool replace, const ShoalHeldReader *reader,
                      GError **error);

/* A SHOAL_ERROR_STORAGE with the reason's message; but "exists"
 * (G_IO_ERROR_EXISTS) stays what it is. reason may be NULL. */
void shoal_set_storage_error (GError **error, const GError *reason);
