/* Downloads into part files: what reaches the disk, what stays, and what goes
 * wrong. */
#define _GNU_SOURCE
#include "real/file-content.h"
#include "src/seeded.h"
#include "tests/filling.h"
#include "tests/harness.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEED 7
#define BLOCK SHOAL_BLOCK_BYTES
#define BLOCKS 20u
#define LENGTH ((uint64_t)BLOCK * (BLOCKS - 1) + 1234) /* the last block is short */

static Scratch *scratch;

static void
setup (void)
{
  scratch = scratch_new ();
  filling_start (SEED, LENGTH);
}

static void
teardown (void)
{
  scratch_free (scratch);
  filling_end ();
}

static ShoalContent *
create (const char *path)
{
  return filling_create (path, false);
}

static void
refused (const char *path, int code, const char *words)
{
  GError *error = NULL;
  ck_assert_ptr_null (shoal_file_content_create (path, filling_file (), false, &error));
  ck_assert_msg (g_error_matches (error, G_IO_ERROR, code), "%s", error->message);
  ck_assert_msg (strstr (error->message, words) != NULL, "%s", error->message);
  g_error_free (error);
}

static void
finish_fails (ShoalContent *content, int code, const char *words)
{
  GError *error = NULL;
  ck_assert (!shoal_file_content_finish (content, &error));
  ck_assert_msg (g_error_matches (error, G_IO_ERROR, code), "%s", error->message);
  ck_assert_msg (strstr (error->message, words) != NULL, "%s", error->message);
  g_error_free (error);
}

START_TEST (round_trip)
{
  const char *path = scratch_path (scratch, "x"), *part = scratch_path (scratch, "x.part");
  ShoalContent *content = create (path);
  ck_assert (!scratch_exists (path));
  for (uint32_t n = 0; n < BLOCKS; n++)
    {
      uint32_t i = (n * 7) % BLOCKS;
      size_t all = filling_block_bytes (i), cut = MIN (all, 1024);
      ck_assert (!filling_present (content, i));
      ck_assert (filling_write (content, i, cut, all, SEED)); /* last things first */
      ck_assert (filling_write (content, i, 0, cut, SEED));
      ck_assert (filling_proves (content, i));
      ck_assert (filling_keep (content, i));
    }
  filling_check (content);
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (shoal_file_content_finish (content, NULL)); /* once more: nothing to do */
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  ck_assert (!scratch_exists (part));
  filling_check (content);
  ck_assert_ptr_null (shoal_file_content_error (content));
  content->ops->free (content);
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
}
END_TEST

/* Nothing unproved ever reaches the disk, and what was proved does at once. */
START_TEST (only_what_is_proved)
{
  const char *part = scratch_path (scratch, "x.part");
  ShoalContent *content = create (scratch_path (scratch, "x"));
  uint8_t bytes[BLOCK], zeros[BLOCK] = { 0 };
  FILE *f = fopen (part, "r");
  ck_assert_ptr_nonnull (f);
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert (filling_write (content, i, 0, filling_block_bytes (i), SEED + 1));
  for (uint32_t i = 0; i < BLOCKS; i++)
    {
      ck_assert (!filling_proves (content, i));
      ck_assert_uint_eq (fread (bytes, 1, filling_block_bytes (i), f), filling_block_bytes (i));
      ck_assert_int_eq (memcmp (bytes, zeros, filling_block_bytes (i)), 0);
    }
  ck_assert (filling_put (content, 3)); /* the same buffer, other bytes */
  fseek (f, 3 * BLOCK, SEEK_SET);
  ck_assert_uint_eq (fread (bytes, 1, BLOCK, f), BLOCK);
  uint8_t expected[BLOCK];
  shoal_seeded_bytes (SEED, 3 * BLOCK, expected, BLOCK);
  ck_assert_int_eq (memcmp (bytes, expected, BLOCK), 0);
  struct stat is;
  ck_assert_int_eq (stat (part, &is), 0);
  ck_assert_int_eq (is.st_size, LENGTH);
  fclose (f);
  content->ops->free (content);
}
END_TEST

/* The room is taken at the start, as far as `fallocate` can here, and reserved room is no data. */
START_TEST (room_is_reserved)
{
  const char *path = scratch_path (scratch, "x"), *part = scratch_path (scratch, "x.part");
  struct stat is;
  ShoalContent *content = create (path);
  ck_assert (filling_put (content, 7));
  ck_assert_int_eq (stat (part, &is), 0);
  if ((uint64_t)is.st_blocks * 512 < LENGTH)
    printf ("# room_is_reserved: skipped in part: this file system does not reserve\n");
  content->ops->free (content);
  content = create (path);
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert_int_eq (filling_present (content, i), i == 7);
  content->ops->free (content);
}
END_TEST

/* What lies outside the file or over a block's edge is refused, not written
 * somewhere. */
START_TEST (out_of_bounds)
{
  ShoalContent *content = create (scratch_path (scratch, "x"));
  uint8_t bytes[2 * BLOCK] = { 0 }, hash[SHOAL_HASH_BYTES];
  bool whole;
  ck_assert (!content->ops->write (content, BLOCK / 2, bytes, BLOCK, false));
  ck_assert (!content->ops->write (content, LENGTH, bytes, 1, false));
  ck_assert (!content->ops->write (content, UINT64_MAX - 5, bytes, 10, false));
  ck_assert (!content->ops->read (content, LENGTH - 5, bytes, 6));
  ck_assert (!content->ops->read (content, UINT64_MAX - 5, bytes, 10));
  ck_assert (!content->ops->hash (content, UINT64_MAX - 5, 10, hash, &whole));
  content->ops->free (content);
}
END_TEST

START_TEST (resume)
{
  const char *path = scratch_path (scratch, "x"), *part = scratch_path (scratch, "x.part");
  ShoalContent *content = create (path);
  for (uint32_t i = 0; i < BLOCKS; i += 3)
    ck_assert (filling_put (content, i));
  ck_assert (filling_write (content, 1, 0, 1000, SEED)); /* in progress: is lost */
  content->ops->free (content);
  scratch_patch (part, 6 * BLOCK + 100, "spoilt", 6); /* what lies there is not believed */

  content = create (path);
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert_int_eq (filling_present (content, i), i % 3 == 0);
  for (uint32_t i = 0; i < BLOCKS; i += 3)
    ck_assert_int_eq (filling_proves (content, i), i != 6);
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert (i % 3 == 0 && i != 6 ? filling_keep (content, i) : filling_put (content, i));
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  content->ops->free (content);
}
END_TEST

/* A part file of another length is none of ours: it is refused, and nothing of it is touched. */
START_TEST (foreign_part)
{
  const char *path = scratch_path (scratch, "x"), *part = scratch_path (scratch, "x.part");
  const uint64_t lengths[] = { 1, LENGTH - 1, LENGTH + 1, LENGTH + 5 * BLOCK };
  char *words = g_strdup_printf ("(%" PRIu64 " bytes instead of %" PRIu64 ")", lengths[_i], LENGTH);
  scratch_write_seeded (part, SEED, lengths[_i]);
  refused (path, G_IO_ERROR_EXISTS, "x.part' is there already and is not a part of this file");
  refused (path, G_IO_ERROR_EXISTS, words);
  ck_assert (scratch_is_seeded (part, SEED, lengths[_i]));
  ck_assert (!scratch_exists (path));
  g_free (words);
}
END_TEST

/* Killed between making it and giving it its length, a process leaves an empty one. */
START_TEST (resume_empty)
{
  const char *path = scratch_path (scratch, "x"), *part = scratch_path (scratch, "x.part");
  struct stat is;
  scratch_write_seeded (part, SEED, 0);
  ShoalContent *content = create (path);
  ck_assert_int_eq (stat (part, &is), 0);
  ck_assert_int_eq (is.st_size, LENGTH);
  filling_put_all (content);
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  content->ops->free (content);
}
END_TEST

/* When it is asked for, a part file of another length is made to fit, whoever it belonged to. */
START_TEST (resume_other_length)
{
  const char *path = scratch_path (scratch, "x"), *part = scratch_path (scratch, "x.part");
  uint64_t length = _i == 0 ? 3 * BLOCK + 5 : LENGTH + 5 * BLOCK;
  scratch_write_seeded (part, SEED, length);
  ShoalContent *content = filling_create (path, true);
  for (uint32_t i = 0; i < BLOCKS; i++)
    {
      bool here = filling_present (content, i);
      ck_assert_int_eq (here, (uint64_t)i * BLOCK < length);
      if (!here || !filling_proves (content, i))
        ck_assert (filling_put (content, i));
    }
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  content->ops->free (content);
}
END_TEST

/* Written zeros are like holes: whether the file system tells of holes or not.
 */
START_TEST (zeros_are_not_present)
{
  const char *part = scratch_path (scratch, "x.part");
  static const uint8_t zeros[BLOCK];
  scratch_write_seeded (part, SEED, LENGTH);
  scratch_patch (part, 2 * BLOCK, zeros, BLOCK);
  ShoalContent *content = create (scratch_path (scratch, "x"));
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert_int_eq (filling_present (content, i), i != 2);
  content->ops->free (content);
  ck_assert (scratch_exists (part)); /* it was there before us */
}
END_TEST

START_TEST (nothing_left_of_nothing)
{
  const char *path = scratch_path (scratch, "x"), *part = scratch_path (scratch, "x.part");
  ShoalContent *content = create (path);
  ck_assert (filling_write (content, 1, 0, 1000, SEED));
  ck_assert (scratch_exists (part));
  content->ops->free (content);
  ck_assert (!scratch_exists (part));
  content = create (path);
  ck_assert (filling_put (content, 1));
  content->ops->free (content);
  ck_assert (scratch_exists (part));
}
END_TEST

START_TEST (bad_places)
{
  const char *folder = scratch_path (scratch, "folder"), *linked = scratch_path (scratch, "linked");
  const char *target = scratch_path (scratch, "target"), *pipe = scratch_path (scratch, "pipe");
  scratch_write_seeded (target, 99, 5000);
  ck_assert_int_eq (mkdir (folder, 0700), 0);
  ck_assert_int_eq (symlink (target, scratch_path (scratch, "linked.part")), 0);
  ck_assert_int_eq (mkfifo (scratch_path (scratch, "pipe.part"), 0600), 0);
  refused (folder, G_IO_ERROR_IS_DIRECTORY, "is a folder");
  refused (scratch_path (scratch, "none/x"), G_IO_ERROR_NOT_FOUND, "make the folder first");
  refused (scratch_path (scratch, "target/x"), G_IO_ERROR_NOT_DIRECTORY, "target");
  refused (linked, G_IO_ERROR_NOT_REGULAR_FILE, "is a link");
  refused (pipe, G_IO_ERROR_NOT_REGULAR_FILE, "it is no file");
  ck_assert (scratch_is_seeded (target, 99, 5000));
  ck_assert_int_eq (mkdir (scratch_path (scratch, "d.part"), 0700), 0);
  refused (scratch_path (scratch, "d"), G_IO_ERROR_IS_DIRECTORY, "d.part");
}
END_TEST

START_TEST (unwritable_folder)
{
  const char *path = scratch_path (scratch, "sealed/x");
  bool root = geteuid () == 0;
  ck_assert_int_eq (chmod (scratch->path, 0755), 0);
  ck_assert_int_eq (mkdir (scratch_path (scratch, "sealed"), 0555), 0);
  scratch_write_seeded (scratch_path (scratch, "y"), SEED, 10);
  if (root) /* who may write everywhere */
    ck_assert_int_eq (seteuid (65534), 0);
  refused (path, G_IO_ERROR_PERMISSION_DENIED, "choose a place where you may write");
  if (root)
    ck_assert_int_eq (seteuid (0), 0);
}
END_TEST

START_TEST (one_at_a_time)
{
  const char *path = scratch_path (scratch, "x");
  ShoalContent *content = create (path);
  refused (path, G_IO_ERROR_BUSY, "by another process already");
  filling_put_all (content);
  ck_assert (shoal_file_content_finish (content, NULL));
  int fd = open (path, O_RDONLY);
  ck_assert_int_eq (flock (fd, LOCK_EX | LOCK_NB), 0);
  close (fd);
  ShoalContent *other = create (path); /* the finished one is out of the way */
  other->ops->free (other);
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  content->ops->free (content);
}
END_TEST

START_TEST (taken_away)
{
  const char *path = scratch_path (scratch, "x"), *part = scratch_path (scratch, "x.part");
  ShoalContent *content = create (path);
  filling_put_all (content);
  if (_i < 2)
    ck_assert_int_eq (unlink (part), 0);
  else
    ck_assert_int_eq (rename (part, scratch_path (scratch, "elsewhere")), 0);
  if (_i > 0)
    scratch_write_seeded (part, 99, 5000); /* another's: it does not become our file */
  finish_fails (content, G_IO_ERROR_NOT_FOUND, "was removed");
  ck_assert (!scratch_exists (path));
  content->ops->free (content);
  ck_assert_int_eq (scratch_is_seeded (part, 99, 5000), _i > 0);
}
END_TEST

/* It is noticed while the download goes on, too, not after hours. */
START_TEST (taken_away_early)
{
  ShoalContent *content = create (scratch_path (scratch, "x"));
  bool noticed = false;
  ck_assert_int_eq (unlink (scratch_path (scratch, "x.part")), 0);
  for (uint32_t i = 0; i < 1000 && !noticed; i++)
    noticed = !filling_put (content, i % BLOCKS);
  ck_assert (noticed);
  ck_assert_ptr_nonnull (strstr (shoal_file_content_error (content)->message, "was removed"));
  content->ops->free (content);
}
END_TEST

/* The longest names leave no room for ".part". */
START_TEST (long_names)
{
  static const char *const units[] = { "n", "\303\244", "\360\237\220\237" };
  GString *name = g_string_new (NULL);
  while (name->len + strlen (units[_i]) <= 255)
    g_string_append (name, units[_i]);
  const char *path = scratch_path (scratch, name->str);
  ShoalContent *content = create (path);
  filling_put_all (content);
  content->ops->free (content);
  content = create (path);
  ck_assert (filling_present (content, 3));
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  content->ops->free (content);
  GDir *left = g_dir_open (scratch->path, 0, NULL);
  ck_assert_str_eq (g_dir_read_name (left), name->str);
  ck_assert_ptr_null (g_dir_read_name (left));
  g_dir_close (left);
  g_string_free (name, TRUE);
}
END_TEST

START_TEST (empty_file)
{
  const char *path = scratch_path (scratch, "empty");
  ShoalFile empty;
  scratch_describe ("empty", SEED, 0, &empty, NULL);
  ShoalContent *content = shoal_file_content_create (path, &empty, false, NULL);
  ck_assert_ptr_nonnull (content);
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, 0));
  content->ops->free (content);
  ck_assert (scratch_is_seeded (path, SEED, 0));
}
END_TEST

/* A relative path stays what it was when the process goes elsewhere. */
START_TEST (relative_path)
{
  char *before = g_get_current_dir ();
  ck_assert_int_eq (chdir (scratch->path), 0);
  ShoalContent *content = create ("x");
  ck_assert_int_eq (chdir ("/"), 0);
  filling_put_all (content);
  ck_assert (shoal_file_content_finish (content, NULL));
  content->ops->free (content);
  ck_assert_int_eq (chdir (before), 0);
  ck_assert (scratch_is_seeded (scratch_path (scratch, "x"), SEED, LENGTH));
  g_free (before);
}
END_TEST

START_TEST (size_limit)
{
  struct rlimit before, limit;
  const char *path = scratch_path (scratch, "x");
  signal (SIGXFSZ, SIG_IGN);
  ck_assert_int_eq (getrlimit (RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = 5 * BLOCK;
  ck_assert_int_eq (setrlimit (RLIMIT_FSIZE, &limit), 0);
  refused (path, G_IO_ERROR_FAILED, "does not take files of this size");
  ck_assert_int_eq (setrlimit (RLIMIT_FSIZE, &before), 0);
  ck_assert (!scratch_exists (scratch_path (scratch, "x.part")));
  ShoalContent *content = create (path);
  ck_assert_int_eq (setrlimit (RLIMIT_FSIZE, &limit), 0);
  ck_assert (filling_put (content, 4));
  ck_assert (!filling_put (content, 10));
  ck_assert_ptr_nonnull (strstr (shoal_file_content_error (content)->message, "x.part"));
  ck_assert_int_eq (setrlimit (RLIMIT_FSIZE, &before), 0);
  content->ops->free (content);
  ck_assert (scratch_exists (scratch_path (scratch, "x.part")));
}
END_TEST

/* On a file system of a few blocks: refused at first, or, when others fill it
 * meanwhile, with the first block that finds no room. Afterwards it goes on
 * where it was. */
START_TEST (disk_full)
{
  const char *disk = scratch_path (scratch, "disk"), *path = scratch_path (scratch, "disk/x");
  const char *ballast = scratch_path (scratch, "disk/ballast");
  ck_assert_int_eq (mkdir (disk, 0755), 0);
  if (geteuid () != 0 || mount ("tmpfs", disk, "tmpfs", 0, "size=400k") != 0)
    {
      printf ("# disk_full: skipped: no small file system can be mounted here "
              "(needs root)\n");
      return;
    }
  scratch_write_seeded (ballast, 1, 200000);
  refused (path, G_IO_ERROR_NO_SPACE, "not enough room");
  ck_assert (!scratch_exists (scratch_path (scratch, "disk/x.part")));
  ck_assert_int_eq (unlink (ballast), 0);
  ShoalContent *content = create (path);
  scratch_write_seeded (ballast, 1, 200000);
  uint32_t kept = 0;
  while (kept < BLOCKS && filling_put (content, kept))
    kept++;
  ck_assert_uint_lt (kept, BLOCKS);
  ck_assert_uint_gt (kept, 5);
  ck_assert (g_error_matches (shoal_file_content_error (content), G_IO_ERROR, G_IO_ERROR_NO_SPACE));
  content->ops->free (content);
  refused (path, G_IO_ERROR_NO_SPACE, "not enough room"); /* and what is there stays */
  ck_assert_int_eq (unlink (ballast), 0);
  content = create (path);
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert (i < kept ? filling_present (content, i) && filling_proves (content, i)
                        : filling_put (content, i));
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  content->ops->free (content);
  ck_assert_int_eq (umount (disk), 0);
}
END_TEST

/* 300,000 blocks: what is asked of the file stays cheap, and nothing of it is
 * in memory. */
START_TEST (large_file)
{
  ShoalFile large = *filling_file ();
  GError *error = NULL;
  large.info.length_bytes = (uint64_t)300000 * BLOCK;
  ShoalContent *content = shoal_file_content_create (scratch_path (scratch, "x"), &large, false, &error);
  if (!content && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    {
      printf ("# large_file: skipped: %s\n", error->message);
      g_error_free (error);
      return;
    }
  ck_assert_ptr_nonnull (content);
  uint8_t bytes[BLOCK];
  for (uint32_t i = 0; i < 300000; i += 30000)
    {
      memset (bytes, 'a', sizeof bytes);
      ck_assert (content->ops->write (content, (uint64_t)i * BLOCK, bytes, BLOCK, false));
      ck_assert (content->ops->keep (content, (uint64_t)i * BLOCK, BLOCK));
    }
  content->ops->free (content);
  content = shoal_file_content_create (scratch_path (scratch, "x"), &large, false, NULL);
  for (uint32_t i = 0; i < 300000; i++)
    ck_assert_int_eq (content->ops->present (content, (uint64_t)i * BLOCK, BLOCK), i % 30000 == 0);
  content->ops->free (content);
}
END_TEST

START_TEST (references)
{
  ShoalContent *content = create (scratch_path (scratch, "x"));
  filling_put_all (content);
  ck_assert_ptr_eq (shoal_file_content_ref (content), content);
  content->ops->free (content); /* the machine lets go of it */
  ck_assert (shoal_file_content_finish (content, NULL));
  filling_check (content);
  shoal_file_content_unref (content);
  ck_assert (scratch_is_seeded (scratch_path (scratch, "x"), SEED, LENGTH));
}
END_TEST

static Suite *
content_suite (void)
{
  Suite *suite = suite_create ("file-content");
  TCase *good = tcase_create ("download"), *bad = tcase_create ("trouble");
  tcase_add_checked_fixture (good, setup, teardown);
  tcase_add_checked_fixture (bad, setup, teardown);
  tcase_add_test (good, round_trip);
  tcase_add_test (good, only_what_is_proved);
  tcase_add_test (good, room_is_reserved);
  tcase_add_test (good, resume);
  tcase_add_loop_test (good, resume_other_length, 0, 2);
  tcase_add_test (good, resume_empty);
  tcase_add_test (good, zeros_are_not_present);
  tcase_add_test (good, nothing_left_of_nothing);
  tcase_add_loop_test (good, long_names, 0, 3);
  tcase_add_test (good, empty_file);
  tcase_add_test (good, relative_path);
  tcase_add_test (good, large_file);
  tcase_add_test (good, references);
  tcase_add_test (bad, out_of_bounds);
  tcase_add_test (bad, bad_places);
  tcase_add_loop_test (bad, foreign_part, 0, 4);
  tcase_add_test (bad, unwritable_folder);
  tcase_add_test (bad, one_at_a_time);
  tcase_add_loop_test (bad, taken_away, 0, 3);
  tcase_add_test (bad, taken_away_early);
  tcase_add_test (bad, size_limit);
  tcase_add_test (bad, disk_full);
  suite_add_tcase (suite, good);
  suite_add_tcase (suite, bad);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (content_suite (), NULL);
}
