#define _GNU_SOURCE
#include "real/part-file.h"

#include "real/file-io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SUFFIX ".part"
#define NAME_ROOM (SHOAL_NAME_MAX_BYTES - strlen (SUFFIX))
#define FID_DIGITS 8
#define OPEN_TRIES 10u

/* A name too long for the suffix loses its end, and gets some of the fid instead. */
static char *
part_path (const char *path, const ShoalFid *fid)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  if (strlen (name) <= NAME_ROOM)
    return g_strconcat (path, SUFFIX, NULL);
  shoal_fid_to_hex (fid, hex);
  hex[FID_DIGITS] = '\0';
  const char *end = g_utf8_find_prev_char (name, name + NAME_ROOM - FID_DIGITS);
  name[end ? end - name : (long)(NAME_ROOM - FID_DIGITS - 1)] = '\0';
  g_autofree char *short_name = g_strconcat (name, "~", hex, SUFFIX, NULL);
  return g_build_filename (folder, short_name, NULL);
}

static bool
complain (GError **error, GIOErrorEnum code, const char *path, const char *what)
{
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, G_IO_ERROR, code, "'%s' %s", name, what);
  return false;
}

/* Said before anything is fetched, not when it is all here. */
static bool
place_usable (const char *path, GError **error)
{
  struct stat is;
  g_autofree char *folder = g_path_get_dirname (path);
  if (stat (path, &is) == 0 && S_ISDIR (is.st_mode))
    return complain (error, G_IO_ERROR_IS_DIRECTORY, path, "is a folder; name a file in it");
  if (stat (folder, &is) == 0 && !S_ISDIR (is.st_mode))
    return complain (error, G_IO_ERROR_NOT_DIRECTORY, folder, "is no folder, so no file can be made in it");
  if (stat (folder, &is) != 0 || faccessat (AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)
    {
      shoal_file_set_error (error, errno, "write into", folder);
      return false;
    }
  return true;
}

static bool
is_at (int fd, const char *path)
{
  struct stat here, there;
  return fstat (fd, &here) == 0 && lstat (path, &there) == 0 && here.st_dev == there.st_dev
         && here.st_ino == there.st_ino;
}

static bool
open_part (ShoalPartFile *part, GError **error)
{
  const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
  struct stat is;
  part->found = true;
  part->fd = open (part->part, flags);
  if (part->fd < 0 && errno == ENOENT)
    {
      part->found = false;
      part->fd = open (part->part, flags | O_CREAT, 0666);
    }
  if (part->fd < 0 && errno == ELOOP)
    return complain (error, G_IO_ERROR_NOT_REGULAR_FILE, part->part, "is a link; remove it first");
  if (part->fd < 0 || fstat (part->fd, &is) != 0)
    {
      shoal_file_set_error (error, errno, "write", part->part);
      return false;
    }
  return S_ISREG (is.st_mode)
         || complain (error, G_IO_ERROR_NOT_REGULAR_FILE, part->part,
                      "is where the download has to grow, and it is no file; remove it first");
}

/* One process at a time. Who held it before may have renamed it since we opened it: then it is opened anew. */
static bool
open_locked (ShoalPartFile *part, GError **error)
{
  for (unsigned i = 0; i < OPEN_TRIES; i++)
    {
      if (part->fd >= 0)
        close (part->fd);
      if (!open_part (part, error))
        return false;
      if (flock (part->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        break;
      if (is_at (part->fd, part->part))
        return true;
    }
  return complain (error, G_IO_ERROR_BUSY, part->path,
                   "is being downloaded by another process already; wait for it, or name another file");
}

/* Ours have the file's length from the start, or none when the process was killed before it could say so. What
 * has another is somebody else's, and would be cut off or made longer. */
static bool
may_be_ours (const ShoalPartFile *part, uint64_t length_bytes, GError **error)
{
  struct stat is;
  if (fstat (part->fd, &is) != 0)
    {
      shoal_file_set_error (error, errno, "read", part->part);
      return false;
    }
  if (is.st_size == 0 || (uint64_t)is.st_size == length_bytes)
    return true;
  g_autofree char *name = g_filename_display_name (part->part);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               "'%s' is there already and is not a part of this file (%" G_GUINT64_FORMAT
               " bytes instead of %" G_GUINT64_FORMAT "); remove it, or name another place",
               name, (guint64)is.st_size, length_bytes);
  return false;
}

static bool
enough_room (const ShoalPartFile *part, uint64_t length_bytes, GError **error)
{
  struct stat is;
  struct statvfs disk;
  if (fstat (part->fd, &is) != 0 || fstatvfs (part->fd, &disk) != 0 || disk.f_blocks == 0)
    return true; /* it does not tell; writing will */
  uint64_t have = (uint64_t)is.st_blocks * 512, free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
  if (have >= length_bytes || length_bytes - have <= free_bytes)
    return true;
  g_autofree char *name = g_filename_display_name (part->path);
  g_autofree char *needed = g_format_size (length_bytes - have);
  g_autofree char *left = g_format_size (free_bytes);
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
      "not enough room for '%s': it needs %s, and the disk has %s; make room or choose another place", name,
      needed, left);
  return false;
}

/* Whether what the file system says is worth more than a file without reserved room. */
static bool
is_refusal (int number)
{
  return number == ENOSPC || number == EDQUOT || number == EFBIG || number == EIO || number == EROFS;
}

/* Takes the room at once where that is done in no time, so that the download does not end for want of it
 * after hours; blocks that come in any order are then written a third faster (ext4), too, and lie together.
 * What is reserved still counts as a hole. In memory (tmpfs) it would be memory that is taken. */
static bool
reserve (ShoalPartFile *part, off_t length, GError **error)
{
  struct statfs disk;
  int result = ftruncate (part->fd, length);
  if (result == 0 && length > 0 && fstatfs (part->fd, &disk) == 0 && disk.f_type != TMPFS_MAGIC)
    {
      while ((result = fallocate (part->fd, 0, 0, length)) != 0 && errno == EINTR)
        ;
      if (result != 0 && !is_refusal (errno))
        result = 0; /* it cannot: the file is sparse then */
    }
  if (result != 0)
    shoal_file_set_error (error, errno, "make", part->part);
  return result == 0;
}

ShoalPartFile *
shoal_part_file_open (const char *path, const ShoalFile *file, bool replace, GError **error)
{
  ShoalPartFile *part = g_new0 (ShoalPartFile, 1);
  part->fd = -1;
  part->path = g_canonicalize_filename (path, NULL);
  part->part = part_path (part->path, &file->fid);
  bool ours = place_usable (part->path, error) && open_locked (part, error);
  bool ready = ours && (replace || may_be_ours (part, file->info.length_bytes, error))
               && enough_room (part, file->info.length_bytes, error)
               && reserve (part, (off_t)file->info.length_bytes, error);
  if (ready)
    return part;
  shoal_part_file_close (part, ours && !part->found);
  return NULL;
}

bool
shoal_part_file_check (const ShoalPartFile *part, GError **error)
{
  struct stat is;
  if (fstat (part->fd, &is) == 0 && is.st_nlink > 0)
    return true;
  return complain (error, G_IO_ERROR_NOT_FOUND, part->finished ? part->path : part->part,
                   "was removed while the download went on; start again");
}

/* Without replacing, and without a moment between looking and renaming in which something could appear there,
 * as far as the file system can. */
static bool
rename_new (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS)
    return false;
  if (link (from, to) == 0)
    return unlink (from) == 0;
  if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS)
    return false;
  if (access (to, F_OK) == 0)
    {
      errno = EEXIST;
      return false;
    }
  return rename (from, to) == 0;
}

static bool
put_in_place (ShoalPartFile *part, bool replace, GError **error)
{
  if (!is_at (part->fd, part->part))
    return complain (error, G_IO_ERROR_NOT_FOUND, part->part,
                     "was removed or replaced while the download went on; start again");
  if (replace ? rename (part->part, part->path) == 0 : rename_new (part->part, part->path))
    return true;
  if (errno == EEXIST)
    return complain (error, G_IO_ERROR_EXISTS, part->path,
                     "is there already, and is kept; the download is beside it, with '" SUFFIX "'");
  shoal_file_set_error (error, errno, "write", part->path);
  return false;
}

/* The new name is on the disk, too. Some file systems do not do this for folders; nothing is lost then but the
 * certainty. */
static void
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  (void)!fsync (fd);
  close (fd);
}

bool
shoal_part_file_finish (ShoalPartFile *part, bool replace, GError **error)
{
  if (part->finished)
    return true;
  if (!shoal_part_file_check (part, error))
    return false;
  if (fsync (part->fd) != 0)
    {
      shoal_file_set_error (error, errno, "write", part->part);
      return false;
    }
  if (!put_in_place (part, replace, error))
    return false;
  part->finished = true;
  flock (part->fd, LOCK_UN);
  sync_folder (part->path);
  return true;
}

void
shoal_part_file_close (ShoalPartFile *part, bool remove)
{
  if (!part)
    return;
  if (remove && !part->finished && part->fd >= 0 && is_at (part->fd, part->part))
    unlink (part->part);
  if (part->fd >= 0)
    close (part->fd);
  g_free (part->path);
  g_free (part->part);
  g_free (part);
}
