#define _GNU_SOURCE
#include "real/file-stamp.h"

#include <sys/stat.h>

bool
shoal_file_stamp_read (int fd, ShoalFileStamp *stamp)
{
  struct stat is;
  if (fstat (fd, &is) != 0)
    return false;
  *stamp = (ShoalFileStamp){ .device = is.st_dev,
                             .inode = is.st_ino,
                             .length_bytes = (uint64_t)is.st_size,
                             .changed = is.st_mtim,
                             .status_changed = is.st_ctim };
  return true;
}

static bool
same_time (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool
shoal_file_stamp_equal (const ShoalFileStamp *a, const ShoalFileStamp *b)
{
  return a->device == b->device && a->inode == b->inode && a->length_bytes == b->length_bytes
         && same_time (&a->changed, &b->changed) && same_time (&a->status_changed, &b->status_changed);
}

bool
shoal_file_stamp_settled (const ShoalFileStamp *stamp)
{
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  const struct timespec *changed = &stamp->status_changed;
  ShoalTime age_ns = (now.tv_sec - changed->tv_sec) * SHOAL_SECOND + (now.tv_nsec - changed->tv_nsec);
  return age_ns > SHOAL_FILE_SETTLE_MS * SHOAL_MS;
}

void
shoal_file_stamp_settle (int fd)
{
  ShoalFileStamp stamp;
  if (shoal_file_stamp_read (fd, &stamp) && !shoal_file_stamp_settled (&stamp))
    g_usleep (SHOAL_FILE_SETTLE_MS * 1000);
}
