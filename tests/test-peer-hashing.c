/* Downloads whose blocks are hashed elsewhere: the machine goes on meanwhile, and takes what comes of it. */
#include "src/sha256.h"
#include "tests/harness.h"
#include "tests/pair.h"

#define S SHOAL_SECOND
#define RATE 10000000u
#define BLOCKS 60u
#define LENGTH ((size_t)BLOCKS * SHOAL_BLOCK_BYTES - 5000)

static PairWorld *w;
static PairFile *file;
static ShoalContentOps ops;
static ShoalContent *download; /* borrowed from the machine */
static GArray *waiting;        /* of uint32_t: blocks to be hashed */

static void
set_up (void)
{
  w = pair_world_new (1);
  file = pair_file_new ("file", LENGTH, 1);
  waiting = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  pair_add_peers (w, 2, RATE);
  ck_assert_int_eq (pair_register (w, 1, file), SHOAL_OK);
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
  g_array_unref (waiting);
}

static bool
hash_later (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes)
{
  uint32_t block = (uint32_t)(offset_bytes / SHOAL_BLOCK_BYTES);
  (void)content;
  ck_assert_uint_eq (length_bytes, shoal_info_block_bytes (&file->file.info, block));
  g_array_append_val (waiting, block);
  return true;
}

static ShoalContent *
make_content (void *context, const ShoalFile *description)
{
  (void)context, (void)description;
  download = pair_content_new (NULL, LENGTH);
  ops = *download->ops;
  ops.hash_later = hash_later;
  download->ops = &ops;
  return download;
}

static void
begin (void)
{
  ShoalAddr holder = pair_node (w, 1)->addr;
  ShoalDownloadOptions options = { .holders = &holder, .holder_count = 1, .make_content = make_content };
  ck_assert_int_eq (shoal_peer_download (pair_node (w, 2)->machine, w->now, &file->file.fid, &options),
                    SHOAL_OK);
}

static void
hashed (const ShoalFid *fid, uint32_t block, const uint8_t *hash)
{
  ShoalBlockHash it = { .fid = *fid, .content = download, .block = block, .hash = hash };
  shoal_peer_block_hashed (pair_node (w, 2)->machine, w->now, &it);
}

/* Tells the machine the hash of a block that waits for it; spoilt: of something else. */
static void
tell (guint i, bool spoilt)
{
  uint8_t hash[SHOAL_HASH_BYTES];
  bool whole;
  uint32_t block = g_array_index (waiting, uint32_t, i);
  ck_assert (download->ops->hash (download, (uint64_t)block * SHOAL_BLOCK_BYTES,
                                  shoal_info_block_bytes (&file->file.info, block), hash, &whole));
  hash[0] ^= spoilt;
  g_array_remove_index (waiting, i);
  hashed (&file->file.fid, block, hash);
}

static unsigned
count (ShoalEventKind kind)
{
  return pair_count (w, 2, kind, &file->file.fid);
}

/* All arrives before anything is hashed; then it is, the last first. */
START_TEST (in_any_order)
{
  begin ();
  pair_run (w, w->now + 5 * S);
  ck_assert_uint_eq (waiting->len, BLOCKS);
  ck_assert_uint_eq (count (SHOAL_EVENT_BLOCK), 0);
  while (waiting->len > 0)
    {
      tell (waiting->len - 1, false);
      pair_run (w, w->now + SHOAL_MS);
    }
  pair_run (w, w->now + S);
  ck_assert_uint_eq (count (SHOAL_EVENT_BLOCK), BLOCKS);
  ck_assert_uint_eq (count (SHOAL_EVENT_DOWNLOAD_DONE), 1);
  ck_assert_uint_eq (pair_node (w, 2)->machine->counters.duplicate_bytes, 0);
}
END_TEST

/* A bad one is asked for again, here of the same sender: it sent many good ones. */
START_TEST (bad_block)
{
  begin ();
  pair_run (w, w->now + 5 * S);
  tell (0, true);
  while (waiting->len > 0)
    tell (0, false);
  pair_run (w, w->now + 5 * S);
  ck_assert_uint_eq (count (SHOAL_EVENT_BLOCK_BAD), 1);
  ck_assert_uint_eq (count (SHOAL_EVENT_BLOCK), BLOCKS - 1);
  ck_assert_uint_eq (count (SHOAL_EVENT_DOWNLOAD_DONE), 0);
  ck_assert_uint_eq (waiting->len, 1);
  tell (0, false);
  pair_run (w, w->now + S);
  ck_assert_uint_eq (count (SHOAL_EVENT_DOWNLOAD_DONE), 1);
}
END_TEST

/* The sender has left when its blocks turn out good, and bad. */
START_TEST (sender_left)
{
  begin ();
  pair_run (w, w->now + 5 * S);
  pair_close (w, 1);
  pair_run (w, w->now + 5 * S);
  tell (0, false);
  tell (0, true);
  pair_run (w, w->now + S);
  ck_assert_uint_eq (count (SHOAL_EVENT_BLOCK), 1);
  ck_assert_uint_eq (count (SHOAL_EVENT_BLOCK_BAD), 1);
}
END_TEST

/* What is not waited for is ignored: other blocks, other files, and all after the end. */
START_TEST (not_waited_for)
{
  uint8_t hash[SHOAL_HASH_BYTES] = { 0 };
  ShoalFid other = { { 1 } };
  begin ();
  hashed (&file->file.fid, 0, hash); /* not even the dictionary is here */
  pair_run (w, w->now + 5 * S);
  uint32_t block = g_array_index (waiting, uint32_t, 0);
  tell (0, false);
  hashed (&file->file.fid, block, hash);
  hashed (&file->file.fid, UINT32_MAX, hash);
  hashed (&other, 1, hash);
  pair_run (w, w->now + S);
  ck_assert_uint_eq (count (SHOAL_EVENT_BLOCK), 1);
  ck_assert_uint_eq (count (SHOAL_EVENT_BLOCK_BAD), 0);
  block = g_array_index (waiting, uint32_t, 0);
  pair_cancel (w, 2, file);
  hashed (&file->file.fid, block, hash);
  pair_run (w, w->now + S);
  ck_assert_uint_eq (count (SHOAL_EVENT_BLOCK_BAD), 0);
}
END_TEST

START_TEST (cannot_be_read)
{
  begin ();
  pair_run (w, w->now + 5 * S);
  hashed (&file->file.fid, g_array_index (waiting, uint32_t, 0), NULL);
  pair_run (w, w->now + S);
  ck_assert_uint_eq (count (SHOAL_EVENT_DOWNLOAD_FAILED), 1);
}
END_TEST

static Suite *
hashing_suite (void)
{
  Suite *suite = suite_create ("peer-hashing");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, in_any_order);
  tcase_add_test (tests, bad_block);
  tcase_add_test (tests, sender_left);
  tcase_add_test (tests, not_waited_for);
  tcase_add_test (tests, cannot_be_read);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (hashing_suite (), NULL);
}
