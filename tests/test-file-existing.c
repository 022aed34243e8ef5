/* Downloads to where a file stands already: it is left alone, or replaced, and what is right in it is used. */
#define _GNU_SOURCE
#include "tests/filling.h"
#include "tests/harness.h"
#include "tests/scratch.h"

#include <sys/stat.h>
#include <unistd.h>

#define SEED 7
#define BLOCK SHOAL_BLOCK_BYTES
#define BLOCKS 20u
#define LENGTH ((uint64_t)BLOCK * (BLOCKS - 1) + 1234)

static Scratch *scratch;
static const char *path, *part;

static void
setup (void)
{
  scratch = scratch_new ();
  path = scratch_path (scratch, "x");
  part = scratch_path (scratch, "x.part");
  filling_start (SEED, LENGTH);
}

static void
teardown (void)
{
  scratch_free (scratch);
  filling_end ();
}

static void
check_kept (const GError *error, uint64_t seed, uint64_t length)
{
  ck_assert_msg (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS), "%s", error->message);
  ck_assert_ptr_nonnull (strstr (error->message, "is there already"));
  ck_assert (scratch_is_seeded (path, seed, length));
  ck_assert (!scratch_exists (part));
}

START_TEST (other_length)
{
  uint64_t length = _i == 0 ? 5000 : LENGTH + 1;
  GError *error = NULL;
  scratch_write_seeded (path, SEED, length);
  ck_assert_ptr_null (shoal_file_content_create (path, filling_file (), false, &error));
  check_kept (error, SEED, length);
  g_error_free (error);
}
END_TEST

START_TEST (the_same)
{
  scratch_write_seeded (path, SEED, LENGTH);
  ck_assert_int_eq (chmod (path, 0400), 0);
  ShoalContent *content = filling_create (path, false);
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert (filling_present (content, i) && filling_proves (content, i) && filling_keep (content, i));
  filling_check (content);
  ck_assert (shoal_file_content_finish (content, NULL));
  filling_check (content);
  content->ops->free (content);
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  ck_assert (!scratch_exists (part));
}
END_TEST

/* Nothing is fetched for it: with the first block that would have to be written, it is over. */
START_TEST (one_block_differs)
{
  scratch_write_seeded (path, 99, LENGTH);
  ShoalContent *content = filling_create (path, false);
  ck_assert (filling_present (content, 5));
  ck_assert (!filling_proves (content, 5));
  ck_assert (!filling_write (content, 5, 0, 1024, SEED));
  check_kept (shoal_file_content_error (content), 99, LENGTH);
  content->ops->free (content);
  ck_assert (scratch_is_seeded (path, 99, LENGTH));
}
END_TEST

START_TEST (changed_after_proof)
{
  GError *error = NULL;
  scratch_write_seeded (path, SEED, LENGTH);
  ShoalContent *content = filling_create (path, false);
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert (filling_present (content, i) && filling_proves (content, i) && filling_keep (content, i));
  scratch_patch (path, 5, "x", 1);
  ck_assert (!shoal_file_content_finish (content, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS));
  g_error_free (error);
  content->ops->free (content);
}
END_TEST

/* What is right in the old one is not fetched again, and the old one is whole until it is replaced. */
START_TEST (replaced)
{
  scratch_write_seeded (path, SEED, _i == 0 ? LENGTH : LENGTH + 9999);
  scratch_patch (path, 6 * BLOCK + 100, "other", 5);
  ShoalContent *content = filling_create (path, true);
  for (uint32_t i = 0; i < BLOCKS; i++)
    {
      ck_assert (filling_present (content, i));
      ck_assert_int_eq (filling_proves (content, i), i != 6);
      ck_assert (i == 6 ? filling_put (content, i) : filling_keep (content, i));
    }
  ck_assert (!scratch_is_seeded (path, SEED, LENGTH));
  ck_assert (scratch_is_seeded (part, SEED, LENGTH));
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  ck_assert (!scratch_exists (part));
  filling_check (content);
  content->ops->free (content);
}
END_TEST

/* The part file knows better than the old file. */
START_TEST (replaced_after_resuming)
{
  scratch_write_seeded (path, 99, 7 * BLOCK);
  scratch_write_seeded (part, SEED, 3 * BLOCK);
  ShoalContent *content = filling_create (path, true);
  for (uint32_t i = 0; i < BLOCKS; i++)
    {
      ck_assert_int_eq (filling_present (content, i), i < 7);
      if (i < 7)
        ck_assert_int_eq (filling_proves (content, i), i < 3);
      ck_assert (i < 3 ? filling_keep (content, i) : filling_put (content, i));
    }
  ck_assert (scratch_is_seeded (path, 99, 7 * BLOCK));
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  content->ops->free (content);
}
END_TEST

START_TEST (appeared_meanwhile)
{
  GError *error = NULL;
  ShoalContent *content = filling_create (path, false);
  filling_put_all (content);
  scratch_write_seeded (path, 99, 5000);
  ck_assert (!shoal_file_content_finish (content, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS));
  g_error_free (error);
  ck_assert (scratch_is_seeded (path, 99, 5000));
  ck_assert (scratch_is_seeded (part, SEED, LENGTH));
  content->ops->free (content);
  content = filling_create (path, true); /* nothing is lost */
  for (uint32_t i = 0; i < BLOCKS; i++)
    ck_assert (filling_present (content, i) && filling_proves (content, i) && filling_keep (content, i));
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  content->ops->free (content);
}
END_TEST

/* A link is replaced, not what it leads to. */
START_TEST (link_replaced)
{
  const char *other = scratch_path (scratch, "other");
  scratch_write_seeded (other, 99, 5000);
  ck_assert_int_eq (symlink (other, path), 0);
  ShoalContent *content = filling_create (path, true);
  filling_put_all (content);
  ck_assert (shoal_file_content_finish (content, NULL));
  ck_assert (scratch_is_seeded (path, SEED, LENGTH));
  ck_assert (scratch_is_seeded (other, 99, 5000));
  content->ops->free (content);
}
END_TEST

START_TEST (no_file)
{
  GError *error = NULL;
  if (_i == 0)
    ck_assert_int_eq (mkfifo (path, 0600), 0);
  else
    ck_assert_int_eq (symlink ("nowhere", path), 0);
  ck_assert_ptr_null (shoal_file_content_create (path, filling_file (), false, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS));
  g_error_free (error);
  ck_assert (scratch_exists (path));
}
END_TEST

static Suite *
existing_suite (void)
{
  Suite *suite = suite_create ("file-existing");
  TCase *tcase = tcase_create ("existing");
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, other_length, 0, 2);
  tcase_add_test (tcase, the_same);
  tcase_add_test (tcase, one_block_differs);
  tcase_add_test (tcase, changed_after_proof);
  tcase_add_loop_test (tcase, replaced, 0, 2);
  tcase_add_test (tcase, replaced_after_resuming);
  tcase_add_test (tcase, appeared_meanwhile);
  tcase_add_test (tcase, link_replaced);
  tcase_add_loop_test (tcase, no_file, 0, 2);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (existing_suite (), NULL);
}
