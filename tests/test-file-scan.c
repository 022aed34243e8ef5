/* Files are read and described; what is not a file, or changes meanwhile, is
 * refused. */
#define _GNU_SOURCE
#include "real/file-scan.h"
#include "tests/harness.h"
#include "tests/scratch.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SEED 7

static Scratch *scratch;

static void
setup (void)
{
  scratch = scratch_new ();
}

static void
teardown (void)
{
  scratch_free (scratch);
}

static void
refused (const ShoalFileScan *scan, int code, const char *words)
{
  ShoalFile file;
  ShoalMerkle *tree;
  GError *error = NULL;
  ck_assert (!shoal_file_scan (scan, &file, &tree, &error));
  ck_assert_ptr_null (tree);
  ck_assert_msg (g_error_matches (error, G_IO_ERROR, code), "%s", error->message);
  ck_assert_msg (strstr (error->message, words) != NULL, "%s", error->message);
  g_error_free (error);
}

START_TEST (sizes)
{
  static const uint64_t lengths[] = { 0, 1, 16383, 16384, 16385, 262144, 262145, 1000000, 9000001 };
  const char *path = scratch_path (scratch, "a file");
  ShoalFile file, expected;
  ShoalMerkle *tree;
  ShoalFileStamp stamp;
  scratch_write_seeded (path, SEED, lengths[_i]);
  scratch_describe ("a file", SEED, lengths[_i], &expected, NULL);
  const ShoalFileScan scan = { .path = path, .stamp = &stamp };
  ck_assert (shoal_file_scan (&scan, &file, &tree, NULL));
  ck_assert (shoal_fid_equal (&file.fid, &expected.fid));
  ck_assert_str_eq (file.info.name, "a file");
  ck_assert_uint_eq (file.dictionary_bytes, expected.dictionary_bytes);
  ck_assert_int_eq (tree == NULL, lengths[_i] == 0);
  ck_assert_uint_eq (stamp.length_bytes, lengths[_i]);
  ck_assert (shoal_file_stamp_settled (&stamp));
  shoal_merkle_unref (tree);
}
END_TEST

START_TEST (names)
{
  const char *path = scratch_path (scratch, "x");
  ShoalFile file;
  ShoalMerkle *tree;
  scratch_write_seeded (path, SEED, 10);
  ShoalFileScan scan = { .path = path,
                         .name = "W\303\266rter \360\237\220\237",
                         .piece_length_bytes = 65536 };
  ck_assert (shoal_file_scan (&scan, &file, &tree, NULL));
  ck_assert_str_eq (file.info.name, scan.name);
  ck_assert_uint_eq (file.info.piece_length_bytes, 65536);
  shoal_merkle_unref (tree);
  scan.name = "a/b";
  refused (&scan, G_IO_ERROR_FAILED, "has a name that cannot be shared");
  scan.name = "..";
  refused (&scan, G_IO_ERROR_FAILED, "has a name that cannot be shared");
  scan.name = "ok";
  scan.piece_length_bytes = 1000;
  refused (&scan, G_IO_ERROR_FAILED, "bad piece length");
  const char *latin = scratch_path (scratch, "caf\351");
  scratch_write_seeded (latin, SEED, 10);
  refused (&(ShoalFileScan){ .path = latin }, G_IO_ERROR_FAILED, "must be UTF-8");
}
END_TEST

START_TEST (no_files)
{
  const char *pipe = scratch_path (scratch, "pipe"), *bound = scratch_path (scratch, "s");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  ck_assert_int_eq (mkfifo (pipe, 0600), 0);
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);
  g_strlcpy (address.sun_path, bound, sizeof address.sun_path);
  ck_assert_int_eq (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
  refused (&(ShoalFileScan){ .path = scratch->path }, G_IO_ERROR_NOT_REGULAR_FILE, "is a folder");
  refused (&(ShoalFileScan){ .path = pipe }, G_IO_ERROR_NOT_REGULAR_FILE, "is a pipe");
  refused (&(ShoalFileScan){ .path = bound }, G_IO_ERROR_NOT_REGULAR_FILE, "is a socket");
  refused (&(ShoalFileScan){ .path = "/dev/zero" }, G_IO_ERROR_NOT_REGULAR_FILE, "is a device");
  refused (&(ShoalFileScan){ .path = scratch_path (scratch, "none") }, G_IO_ERROR_NOT_FOUND, "cannot read");
  refused (&(ShoalFileScan){ .path = "" }, G_IO_ERROR_NOT_FOUND, "cannot read");
  close (fd);
}
END_TEST

START_TEST (unreadable)
{
  const char *path = scratch_path (scratch, "x");
  bool root = geteuid () == 0;
  ck_assert_int_eq (chmod (scratch->path, 0755), 0);
  scratch_write_seeded (path, SEED, 10);
  ck_assert_int_eq (chmod (path, 0), 0);
  if (root)
    ck_assert_int_eq (seteuid (65534), 0);
  refused (&(ShoalFileScan){ .path = path }, G_IO_ERROR_PERMISSION_DENIED, "cannot read");
  if (root)
    ck_assert_int_eq (seteuid (0), 0);
}
END_TEST

/* What happens in the middle of reading. */
typedef struct {
  const char *path;
  GCancellable *cancellable;
  int what;
  uint64_t last_bytes;
  unsigned calls;
} Middle;

static void
interfere (void *context, uint64_t done_bytes, uint64_t all_bytes)
{
  Middle *middle = context;
  ck_assert_uint_gt (done_bytes, middle->last_bytes);
  ck_assert_uint_le (done_bytes, all_bytes);
  middle->last_bytes = done_bytes;
  if (middle->calls++ > 0)
    return;
  if (middle->what == 0)
    g_cancellable_cancel (middle->cancellable);
  else if (middle->what == 1)
    scratch_patch (middle->path, 5, "x", 1);
  else if (middle->what == 2)
    ck_assert_int_eq (truncate (middle->path, (off_t)all_bytes / 2), 0);
  else if (middle->what == 3)
    ck_assert_int_eq (truncate (middle->path, (off_t)all_bytes * 2), 0);
}

START_TEST (interfered)
{
  static const char *const words[] = { "cancelled", "was changed while it was read", "became shorter",
                                       "was changed while it was read" };
  const uint64_t length = 20000000;
  Middle middle = { .path = scratch_path (scratch, "x"), .cancellable = g_cancellable_new (), .what = _i };
  ShoalFileScan scan = {
    .path = middle.path, .cancellable = middle.cancellable, .on_progress = interfere, .context = &middle
  };
  scratch_write_seeded (middle.path, SEED, length);
  if (_i < 4)
    refused (&scan, _i == 0 ? G_IO_ERROR_CANCELLED : G_IO_ERROR_FAILED, words[_i]);
  else
    {
      ShoalFile file;
      ShoalMerkle *tree;
      ck_assert (shoal_file_scan (&scan, &file, &tree, NULL));
      ck_assert_uint_eq (middle.last_bytes, length);
      ck_assert_uint_gt (middle.calls, 2);
      shoal_merkle_unref (tree);
    }
  g_object_unref (middle.cancellable);
}
END_TEST

static Suite *
scan_suite (void)
{
  Suite *suite = suite_create ("file-scan");
  TCase *tcase = tcase_create ("scan");
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, sizes, 0, 9);
  tcase_add_test (tcase, names);
  tcase_add_test (tcase, no_files);
  tcase_add_test (tcase, unreadable);
  tcase_add_loop_test (tcase, interfered, 0, 5);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (scan_suite (), NULL);
}
