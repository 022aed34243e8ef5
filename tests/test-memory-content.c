/* Downloads into memory: the bytes are right, and stay when the content goes. */
#include "real/file-content.h"
#include "src/seeded.h"
#include "src/sha256.h"
#include "tests/harness.h"

#define SEED 7
#define BLOCK SHOAL_BLOCK_BYTES
#define LENGTH ((size_t)BLOCK * 5 + 1234)

static uint8_t expected[LENGTH];

static void
check_part (ShoalContent *content, size_t at, size_t length)
{
  uint8_t got[BLOCK], hash[SHOAL_HASH_BYTES], expected_hash[SHOAL_HASH_BYTES];
  bool whole = false;
  ck_assert (content->ops->hash (content, at, length, hash, &whole));
  ck_assert (whole);
  shoal_sha256 (expected + at, length, expected_hash);
  ck_assert_int_eq (memcmp (hash, expected_hash, sizeof hash), 0);
  ck_assert (content->ops->read (content, at, got, length));
  ck_assert_int_eq (memcmp (got, expected + at, length), 0);
}

START_TEST (download)
{
  const ShoalFile file = { .info = { .length_bytes = LENGTH } };
  ShoalContent *content = shoal_memory_content_create (&file, NULL);
  ck_assert_ptr_nonnull (content);
  shoal_seeded_bytes (SEED, 0, expected, LENGTH);
  for (size_t at = 0; at < LENGTH; at += BLOCK)
    {
      size_t length = MIN (BLOCK, LENGTH - at);
      ck_assert (content->ops->write (content, at + 1000, expected + at + 1000, length - 1000, false));
      ck_assert (content->ops->write (content, at, expected + at, 1000, false));
      check_part (content, at, length);
    }
  GBytes *bytes = shoal_memory_content_bytes (content);
  content->ops->free (content);
  ck_assert_uint_eq (g_bytes_get_size (bytes), LENGTH);
  ck_assert_int_eq (memcmp (g_bytes_get_data (bytes, NULL), expected, LENGTH), 0);
  g_bytes_unref (bytes);
}
END_TEST

START_TEST (empty)
{
  const ShoalFile file = { .info = { .length_bytes = 0 } };
  ShoalContent *content = shoal_memory_content_create (&file, NULL);
  GBytes *bytes = shoal_memory_content_bytes (content);
  ck_assert_uint_eq (g_bytes_get_size (bytes), 0);
  g_bytes_unref (bytes);
  content->ops->free (content);
}
END_TEST

START_TEST (too_large)
{
#ifndef __SANITIZE_ADDRESS__ /* which takes such a wish for a mistake */
  const ShoalFile file = { .info = { .length_bytes = SHOAL_LENGTH_MAX_BYTES } };
  GError *error = NULL;
  ck_assert_ptr_null (shoal_memory_content_create (&file, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
  g_error_free (error);
#endif
}
END_TEST

static Suite *
memory_suite (void)
{
  Suite *suite = suite_create ("memory-content");
  TCase *tcase = tcase_create ("memory");
  tcase_add_test (tcase, download);
  tcase_add_test (tcase, empty);
  tcase_add_test (tcase, too_large);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (memory_suite (), NULL);
}
