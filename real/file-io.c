#define _GNU_SOURCE
#include "real/file-io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool
shoal_file_read_at (int fd, uint64_t offset_bytes, uint8_t *into, size_t length_bytes)
{
  while (length_bytes > 0)
    {
      ssize_t got = pread (fd, into, length_bytes, (off_t)offset_bytes);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        {
          errno = got < 0 ? errno : 0;
          return false;
        }
      into += got;
      offset_bytes += (uint64_t)got;
      length_bytes -= (size_t)got;
    }
  return true;
}

bool
shoal_file_write_at (int fd, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes)
{
  while (length_bytes > 0)
    {
      ssize_t done = pwrite (fd, bytes, length_bytes, (off_t)offset_bytes);
      if (done < 0 && errno == EINTR)
        continue;
      if (done <= 0)
        {
          errno = done < 0 ? errno : ENOSPC;
          return false;
        }
      bytes += done;
      offset_bytes += (uint64_t)done;
      length_bytes -= (size_t)done;
    }
  return true;
}

static const char *
advice (int number)
{
  switch (number)
    {
    case ENOSPC:
    case EDQUOT:
      return "; make room and start again: what is there already is kept";
    case EFBIG:
      return "; the file system, or a limit (ulimit -f), does not take files of this size";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; choose a place where you may write";
    case ENOENT:
    case ENOTDIR:
      return "; make the folder first";
    case EMFILE:
    case ENFILE:
      return "; allow more open files (ulimit -n)";
    default:
      return "";
    }
}

void
shoal_file_set_error (GError **error, int number, const char *action, const char *path)
{
  bool reading = g_str_equal (action, "read");
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "cannot %s '%s': %s%s", action, name,
               g_strerror (number), reading && number != EMFILE && number != ENFILE ? "" : advice (number));
}

static const char *
kind_text (mode_t mode)
{
  if (S_ISDIR (mode))
    return "is a folder, and shoal shares single files: pack it first (tar), or name the files in it";
  if (S_ISFIFO (mode))
    return "is a pipe; save what comes out of it to a file first";
  if (S_ISSOCK (mode))
    return "is a socket, not a file";
  return "is a device, not a file";
}

int
shoal_file_open (const char *path, GError **error)
{
  struct stat is = { 0 };
  int fd = -1;
  /* Looked at before it is opened: opening a device can do something, and a socket cannot be opened. After
   * that it may have become a pipe, which must not hang us (O_NONBLOCK). */
  if (stat (path, &is) != 0
      || (S_ISREG (is.st_mode) && (fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) < 0)
      || (fd >= 0 && fstat (fd, &is) != 0))
    shoal_file_set_error (error, errno, "read", path);
  else if (S_ISREG (is.st_mode))
    return fd;
  else
    {
      g_autofree char *name = g_filename_display_name (path);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "'%s' %s", name, kind_text (is.st_mode));
    }
  if (fd >= 0)
    close (fd);
  return -1;
}
