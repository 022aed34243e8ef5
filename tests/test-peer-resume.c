/* Downloads that find blocks of an earlier attempt: only their hashes are fetched. */
#include "tests/harness.h"
#include "tests/pair.h"

#define S SHOAL_SECOND
#define RATE 10000000u
#define BLOCKS 200u
#define LENGTH ((size_t)BLOCKS * SHOAL_BLOCK_BYTES - 5000)

/* Which blocks an earlier attempt left, and which of these are not right. */
typedef struct {
  bool here[BLOCKS], spoilt[BLOCKS];
} Left;

static PairWorld *w;
static PairFile *file;
static Left left;
static ShoalContentOps ops;

static void
set_up (void)
{
  w = pair_world_new (1);
  file = pair_file_new ("file", LENGTH, 1);
  memset (&left, 0, sizeof left);
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
}

static bool
present (ShoalContent *content, uint64_t offset_bytes, size_t length_bytes)
{
  (void)content;
  ck_assert_uint_eq (length_bytes,
                     shoal_info_block_bytes (&file->file.info, (uint32_t)(offset_bytes / SHOAL_BLOCK_BYTES)));
  return left.here[offset_bytes / SHOAL_BLOCK_BYTES];
}

static ShoalContent *
make_content (void *context, const ShoalFile *description)
{
  uint8_t *bytes = g_malloc0 (LENGTH);
  (void)context;
  ck_assert (shoal_fid_equal (&description->fid, &file->file.fid));
  for (uint32_t i = 0; i < BLOCKS; i++)
    if (left.here[i])
      memcpy (bytes + (size_t)i * SHOAL_BLOCK_BYTES, file->bytes + (size_t)i * SHOAL_BLOCK_BYTES,
              shoal_info_block_bytes (&file->file.info, i) - left.spoilt[i]); /* its last byte lacks */
  ShoalContent *content = pair_content_new (bytes, LENGTH);
  g_free (bytes);
  ops = *content->ops;
  ops.present = present;
  content->ops = &ops;
  return content;
}

/* Bytes that cannot be taken over. */
static uint64_t
missing_bytes (void)
{
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < BLOCKS; i++)
    if (!left.here[i] || left.spoilt[i])
      bytes += shoal_info_block_bytes (&file->file.info, i);
  return bytes;
}

/* Credits that need no request must not be lost: nodes would wait for each other until the timers help, seconds
 * for each block. */
START_TEST (resume)
{
  pair_add_peers (w, 2, RATE);
  ck_assert_int_eq (pair_register (w, 1, file), SHOAL_OK);
  for (uint32_t i = 0; i < BLOCKS; i++)
    {
      static const unsigned every[] = { 1, 2, 3, 10 };
      left.here[i] = _i < 4 ? i % every[_i] == 0 : i < BLOCKS / 2;
      left.spoilt[i] = _i == 2 && i % 30 == 0;
    }
  const ShoalDownloadOptions options = { .holders = &pair_node (w, 1)->addr,
                                         .holder_count = 1,
                                         .make_content = make_content };
  ShoalMachine *machine = pair_node (w, 2)->machine;
  ck_assert_int_eq (shoal_peer_download (machine, w->now, &file->file.fid, &options), SHOAL_OK);
  ck_assert (pair_run_done (w, 2, 1, file, w->now + 5 * S));
  ck_assert_uint_eq (machine->counters.payload_received_bytes, missing_bytes ());
  ck_assert_uint_eq (machine->counters.blocks_verified, BLOCKS);
  ck_assert_uint_eq (machine->counters.blocks_bad, _i == 2 ? (BLOCKS + 29) / 30 : 0);
}
END_TEST

static Suite *
resume_suite (void)
{
  Suite *suite = suite_create ("peer-resume");
  TCase *tcase = tcase_create ("resume");
  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_loop_test (tcase, resume, 0, 5);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (resume_suite (), NULL);
}
