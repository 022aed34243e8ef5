/* Offered files that others change: what was hashed leaves, or nothing. */
#define _GNU_SOURCE
#include "real/file-content.h"
#include "real/file-scan.h"
#include "src/seeded.h"
#include "tests/harness.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEED 7
#define BLOCK SHOAL_BLOCK_BYTES
#define BLOCKS 12u
#define LENGTH ((uint64_t)BLOCK * (BLOCKS - 1) + 1234)

static Scratch *scratch;
static const char *path;
static ShoalFile file;
static ShoalMerkle *tree;
static ShoalFileStamp stamp;
static unsigned told[BLOCKS]; /* how often on_bad told of a block */

static void
note_bad (void *context, uint32_t block)
{
  ck_assert_ptr_eq (context, told);
  ck_assert_uint_lt (block, BLOCKS);
  told[block]++;
}

static void
scan (void)
{
  const ShoalFileScan options = { .path = path, .stamp = &stamp };
  g_clear_pointer (&tree, shoal_merkle_unref);
  ck_assert (shoal_file_scan (&options, &file, &tree, NULL));
}

static void
setup (void)
{
  scratch = scratch_new ();
  path = scratch_path (scratch, "x");
  scratch_write_seeded (path, SEED, LENGTH);
  scan ();
  memset (told, 0, sizeof told);
}

static void
teardown (void)
{
  scratch_free (scratch);
  g_clear_pointer (&tree, shoal_merkle_unref);
}

static ShoalContent *
offer (void)
{
  const ShoalFileOffer options = {
    .path = path, .file = &file, .tree = tree, .stamp = &stamp, .on_bad = note_bad, .context = told
  };
  GError *error = NULL;
  ShoalContent *content = shoal_file_content_offer (&options, &error);
  ck_assert_msg (content != NULL, "%s", error ? error->message : "?");
  return content;
}

/* Reads part of a block; what is read must be what was hashed. */
static bool
serves (ShoalContent *content, uint32_t block)
{
  uint8_t got[BLOCK], expected[BLOCK];
  size_t from = block * 101 % 1000, length = MIN (shoal_info_block_bytes (&file.info, block) - from, 5000);
  uint64_t at = (uint64_t)block * BLOCK + from;
  if (!content->ops->read (content, at, got, length))
    return false;
  shoal_seeded_bytes (SEED, at, expected, length);
  ck_assert_int_eq (memcmp (got, expected, length), 0);
  return true;
}

/* All but these blocks are served, again and again, and those were told of
 * once. */
static void
serves_all_but (ShoalContent *content, uint32_t from, uint32_t to)
{
  for (unsigned round = 0; round < 3; round++)
    for (uint32_t i = 0; i < BLOCKS; i++)
      ck_assert_int_eq (serves (content, i), i < from || i >= to);
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert_uint_eq (told[i], i >= from && i < to);
}

START_TEST (unchanged)
{
  ShoalContent *content = offer ();
  serves_all_but (content, 0, 0);
  uint8_t all[LENGTH], expected[LENGTH];
  ck_assert (content->ops->read (content, 0, all, LENGTH)); /* over blocks' edges */
  shoal_seeded_bytes (SEED, 0, expected, LENGTH);
  ck_assert_int_eq (memcmp (all, expected, LENGTH), 0);
  ck_assert (!content->ops->read (content, 1, all, LENGTH));
  ck_assert (!content->ops->write (content, 0, expected, 10, false)); /* an offer is never written to */
  content->ops->free (content);
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
}
END_TEST

START_TEST (touched)
{
  ShoalContent *content = offer ();
  ck_assert_int_eq (utimensat (AT_FDCWD, path, NULL, 0), 0);
  ck_assert_int_eq (chmod (path, 0400), 0);
  serves_all_but (content, 0, 0);
  g_usleep (2000 * SHOAL_FILE_SETTLE_MS);
  serves_all_but (content, 0, 0);
  content->ops->free (content);
}
END_TEST

START_TEST (changed)
{
  ShoalContent *content = offer ();
  ck_assert (serves (content, 3));
  scratch_patch (path, 3 * BLOCK + 9000, "x", 1);
  scratch_patch (path, 4 * BLOCK + 1, "y", 1);
  serves_all_but (content, 3, 5);
  g_usleep (2000 * SHOAL_FILE_SETTLE_MS); /* from now on verdicts are remembered */
  serves_all_but (content, 3, 5);
  scratch_patch (path, 0, "z", 1);
  ck_assert (!serves (content, 0));
  ck_assert (!serves (content, 3));
  ck_assert_uint_eq (told[0], 1);
  ck_assert_uint_eq (told[3], 1);
  content->ops->free (content);
}
END_TEST

/* A change whose author set the time of change back. */
START_TEST (changed_in_secret)
{
  struct stat is;
  ck_assert_int_eq (stat (path, &is), 0);
  const struct timespec times[] = { is.st_atim, is.st_mtim };
  ShoalContent *content = offer ();
  scratch_patch (path, 3 * BLOCK + 9000, "x", 1);
  ck_assert_int_eq (utimensat (AT_FDCWD, path, times, 0), 0);
  serves_all_but (content, 3, 4);
  content->ops->free (content);
}
END_TEST

/* A change in the same tick of the file system's clock as the one before. */
START_TEST (changed_at_once)
{
  for (unsigned i = 0; i < 50; i++)
    {
      uint8_t old;
      scratch_write_seeded (path, SEED, LENGTH);
      scan ();
      memset (told, 0, sizeof told);
      ShoalContent *content = offer ();
      ck_assert (serves (content, 1));
      shoal_seeded_bytes (SEED, 3 * BLOCK, &old, 1);
      old ^= 1;
      scratch_patch (path, 3 * BLOCK, &old, 1);
      ck_assert (serves (content, 1));
      ck_assert (!content->ops->read (content, 3 * BLOCK, &old, 1));
      shoal_seeded_bytes (SEED, 3 * BLOCK, &old, 1);
      scratch_patch (path, 3 * BLOCK, &old, 1);
      ck_assert (content->ops->read (content, 3 * BLOCK, &old, 1)); /* it is right again */
      shoal_seeded_bytes (SEED, BLOCK, &old, 1);
      old ^= 1;
      scratch_patch (path, BLOCK, &old, 1);
      ck_assert (!content->ops->read (content, BLOCK, &old, 1));
      content->ops->free (content);
    }
}
END_TEST

/* Between scan and offer. */
START_TEST (changed_before)
{
  scratch_patch (path, 3 * BLOCK + 9000, "x", 1);
  ShoalContent *content = offer ();
  serves_all_but (content, 3, 4);
  content->ops->free (content);
}
END_TEST

START_TEST (length_changed_before)
{
  const ShoalFileOffer options = { .path = path, .file = &file, .tree = tree, .stamp = &stamp };
  GError *error = NULL;
  ck_assert_int_eq (truncate (path, LENGTH + (_i == 0 ? 1 : -1)), 0);
  ck_assert_ptr_null (shoal_file_content_offer (&options, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "was changed after it was hashed"));
  g_error_free (error);
}
END_TEST

START_TEST (truncated)
{
  ShoalContent *content = offer ();
  ck_assert_int_eq (truncate (path, 5 * BLOCK + 20), 0);
  serves_all_but (content, 5, BLOCKS);
  content->ops->free (content);
}
END_TEST

START_TEST (grown)
{
  ShoalContent *content = offer ();
  ck_assert_int_eq (truncate (path, LENGTH + 12345), 0);
  serves_all_but (content, 0, 0);
  content->ops->free (content);
}
END_TEST

/* As most programs save: the old content has no name any more, and is served.
 */
START_TEST (replaced)
{
  const char *other = scratch_path (scratch, "other");
  ShoalContent *content = offer ();
  scratch_write_seeded (other, 99, LENGTH);
  ck_assert_int_eq (_i == 0 ? rename (other, path) : unlink (path), 0);
  serves_all_but (content, 0, 0);
  content->ops->free (content);
}
END_TEST

START_TEST (written_anew)
{
  ShoalContent *content = offer ();
  scratch_write_seeded (path, SEED, LENGTH);
  serves_all_but (content, 0, 0);
  scratch_write_seeded (path, 99, LENGTH);
  serves_all_but (content, 0, BLOCKS);
  content->ops->free (content);
}
END_TEST

/* A download that is shared on is watched in the same way. */
START_TEST (finished_download)
{
  const char *got = scratch_path (scratch, "got");
  ShoalContent *content = shoal_file_content_create (got, &file, false, NULL);
  uint8_t bytes[BLOCK];
  for (uint32_t i = 0; i < BLOCKS; i++)
    {
      size_t length = shoal_info_block_bytes (&file.info, i);
      shoal_seeded_bytes (SEED, (uint64_t)i * BLOCK, bytes, length);
      ck_assert (content->ops->write (content, (uint64_t)i * BLOCK, bytes, length, false));
      ck_assert (content->ops->keep (content, (uint64_t)i * BLOCK, length));
    }
  if (_i == 0)
    shoal_file_content_watch (content, tree, note_bad, told); /* renaming changes the file's times */
  ck_assert (shoal_file_content_finish (content, NULL));
  if (_i == 1)
    shoal_file_content_watch (content, tree, note_bad, told);
  serves_all_but (content, 0, 0);
  scratch_patch (got, 2 * BLOCK, "x", 1);
  serves_all_but (content, 2, 3);
  content->ops->free (content);
}
END_TEST

START_TEST (empty)
{
  scratch_write_seeded (path, SEED, 0);
  scan ();
  ShoalContent *content = offer ();
  uint8_t byte;
  ck_assert (content->ops->read (content, 0, &byte, 0));
  ck_assert (!content->ops->read (content, 0, &byte, 1));
  content->ops->free (content);
}
END_TEST

static Suite *
watch_suite (void)
{
  Suite *suite = suite_create ("file-watch");
  TCase *tcase = tcase_create ("offer");
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, unchanged);
  tcase_add_test (tcase, touched);
  tcase_add_test (tcase, changed);
  tcase_add_test (tcase, changed_in_secret);
  tcase_add_test (tcase, changed_at_once);
  tcase_add_test (tcase, changed_before);
  tcase_add_loop_test (tcase, length_changed_before, 0, 2);
  tcase_add_test (tcase, truncated);
  tcase_add_test (tcase, grown);
  tcase_add_loop_test (tcase, replaced, 0, 2);
  tcase_add_test (tcase, written_anew);
  tcase_add_loop_test (tcase, finished_download, 0, 2);
  tcase_add_test (tcase, empty);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (watch_suite (), NULL);
}
