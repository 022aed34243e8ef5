/* Reading and writing files at a place, whole or not at all. */
#pragma once

#include "src/types.h"

#include <gio/gio.h>

/* As pread() and pwrite(), but goes on after a part and after a signal. False: errno tells why; 0: the file
 * ended. */
bool shoal_file_read_at (int fd, uint64_t offset_bytes, uint8_t *into, size_t length_bytes);
bool shoal_file_write_at (int fd, uint64_t offset_bytes, const uint8_t *bytes, size_t length_bytes);
/* Opens a regular file to be read; a pipe or device does not hang. -1 and error: says what it is instead. */
int shoal_file_open (const char *path, GError **error);
/* Sets a G_IO_ERROR: "cannot DO 'PATH': reason; advice". Advice goes with the reason, if there is any. */
void shoal_file_set_error (GError **error, int number, const char *action, const char *path);
