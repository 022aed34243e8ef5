/* What tells that a file was changed: compared before and after, instead of reading the file again. */
#pragma once

#include "src/types.h"

#include <time.h>

/* Plain data; all zero: no file. */
typedef struct {
  uint64_t device, inode, length_bytes;
  struct timespec changed, status_changed; /* mtime, ctime */
} ShoalFileStamp;

/* Reads the stamp of an open file. False: errno tells why. */
bool shoal_file_stamp_read (int fd, ShoalFileStamp *stamp);
bool shoal_file_stamp_equal (const ShoalFileStamp *a, const ShoalFileStamp *b);
/* Whether every change from now on will show. Not so for some milliseconds after a change: the clock that a
 * file's times are taken from stands still for as long as 10 ms, so one more change may leave the same times. */
bool shoal_file_stamp_settled (const ShoalFileStamp *stamp);
/* Waits, for SHOAL_FILE_SETTLE_MS at most, until a file that was changed just now is settled. */
void shoal_file_stamp_settle (int fd);

#define SHOAL_FILE_SETTLE_MS 20
