/* The file that a download grows in: PATH.part beside the place where it will stand. One process at a time
 * holds it; what an earlier one left in it stays. */
#pragma once

#include "src/peer.h"

#include <gio/gio.h>

typedef struct {
  char *path, *part; /* owned; absolute */
  int fd;
  bool found;    /* an earlier attempt left it */
  bool finished; /* it stands at path */
} ShoalPartFile;

/* Opens or makes it, with the file's length and, where the file system can, the room for it. NULL and error: no
 * such folder, no permission, not enough room, path is a folder, another process is at it, … Not replace: a part
 * file of another length (but 0) is none of this file's; it stays as it is, and that is an error. replace: it is
 * made to fit. */
ShoalPartFile *shoal_part_file_open (const char *path, const ShoalFile *file, bool replace, GError **error);
/* False and error: it was taken away. Cheap: to be called now and then. */
bool shoal_part_file_check (const ShoalPartFile *part, GError **error);
/* Has it written to the disk, and puts it at path. Not replace: what stands there stays, and that is an error.
 * Once more: nothing to do, true. */
bool shoal_part_file_finish (ShoalPartFile *part, bool replace, GError **error);
/* remove: what is not finished and nobody can use is not left behind. NULL is ignored. */
void shoal_part_file_close (ShoalPartFile *part, bool remove);
