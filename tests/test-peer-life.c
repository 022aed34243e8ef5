/* What peers do on command: register, download, cancel, close. */
#include "tests/harness.h"
#include "tests/pair.h"
#include "tests/puppet.h"

#define S SHOAL_SECOND
#define MINUTE (60 * S)
#define RATE 1000000u

static PairWorld *w;
static PairFile *file;

static void
set_up (void)
{
  w = pair_world_new (1);
  file = pair_file_new ("file", 300001, 1);
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
}

/* Nodes A (1) and B (2) with a tracker (0), A holds the file. */
static void
two_nodes (void)
{
  pair_add_peers (w, 2, RATE);
  ck_assert_int_eq (pair_register (w, 1, file), SHOAL_OK);
}

/* The lengths at which blocks, units and trees begin and end. */
static const size_t lengths[] = { 0,     1,     1023,  1024,  1025,   16383,          16384,
                                  16385, 32767, 32768, 32769, 49152,  65536,          81920,
                                  81921, 98303, 98304, 65537, 131072, 16 * 16384 - 1, 16 * 16384 + 1 };

START_TEST (every_length)
{
  PairFile *odd = pair_file_new ("odd", lengths[_i], 7);
  pair_add_peers (w, 3, RATE);
  ck_assert_int_eq (pair_register (w, 1, odd), SHOAL_OK);
  ck_assert_int_eq (pair_download (w, 2, odd, -1, 0), SHOAL_OK);
  ck_assert_int_eq (pair_download (w, 3, odd, -1, 0), SHOAL_OK);
  ck_assert (pair_run_done (w, 2, 2, odd, w->now + MINUTE));
  for (unsigned node = 2; node <= 3; node++)
    {
      uint32_t blocks = (uint32_t)((lengths[_i] + SHOAL_BLOCK_BYTES - 1) / SHOAL_BLOCK_BYTES);
      ck_assert (pair_right (w, node, odd));
      ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_BLOCK, NULL), blocks);
      ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_INFO, NULL), 1);
      ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_FIRST_BYTE, NULL), lengths[_i] > 0);
      ck_assert_uint_eq (pair_node (w, node)->machine->counters.blocks_verified, blocks);
      ck_assert_uint_eq (pair_node (w, node)->machine->counters.blocks_bad, 0);
    }
  pair_run (w, w->now + MINUTE);
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 1);
  pair_file_free (odd);
}
END_TEST

START_TEST (sources_add_up)
{
  pair_add_peers (w, 3, RATE);
  pair_register (w, 1, file);
  pair_download (w, 2, file, -1, 0);
  pair_download (w, 3, file, -1, 0);
  ck_assert (pair_run_done (w, 2, 2, file, w->now + MINUTE));
  ck_assert_uint_eq (pair_got_from (w, 2, file, 1) + pair_got_from (w, 2, file, 3), file->length);
  ck_assert_uint_gt (pair_got_from (w, 2, file, 3), 0);
  ck_assert_uint_gt (pair_got_from (w, 3, file, 2), 0);
}
END_TEST

/* Each has a file that the other wants: both at once, over the same two addresses. */
START_TEST (both_directions)
{
  PairFile *other = pair_file_new ("other", 200000, 2);
  two_nodes ();
  pair_register (w, 2, other);
  ck_assert_int_eq (pair_download (w, 2, file, -1, 0), SHOAL_OK);
  ck_assert_int_eq (pair_download (w, 1, other, -1, 0), SHOAL_OK);
  ck_assert (pair_run_done (w, 2, 1, file, w->now + MINUTE));
  ck_assert (pair_run_done (w, 1, 1, other, w->now + MINUTE));
  ck_assert (pair_right (w, 2, file) && pair_right (w, 1, other));
  pair_file_free (other);
}
END_TEST

START_TEST (two_holders)
{
  pair_add_peers (w, 3, 100000);
  pair_register (w, 1, file);
  pair_register (w, 2, file);
  pair_download (w, 3, file, -1, 0);
  ck_assert (pair_run_done (w, 3, 1, file, w->now + MINUTE));
  ck_assert (pair_right (w, 3, file));
  ck_assert_uint_gt (pair_got_from (w, 3, file, 1), file->length / 4);
  ck_assert_uint_gt (pair_got_from (w, 3, file, 2), file->length / 4);
}
END_TEST

START_TEST (duplicates)
{
  two_nodes ();
  ck_assert_int_eq (pair_register (w, 1, file), SHOAL_DUPLICATE);
  ck_assert_int_eq (pair_download (w, 1, file, -1, 0), SHOAL_DUPLICATE);
  ck_assert_int_eq (pair_download (w, 2, file, -1, 0), SHOAL_OK);
  ck_assert_int_eq (pair_download (w, 2, file, -1, 0), SHOAL_DUPLICATE);
  ck_assert_int_eq (pair_register (w, 2, file), SHOAL_DUPLICATE);
  ck_assert (pair_run_done (w, 2, 1, file, w->now + MINUTE));
  ck_assert_int_eq (pair_download (w, 2, file, -1, 0), SHOAL_DUPLICATE);
  ck_assert_uint_eq (pair_count (w, 1, SHOAL_EVENT_REGISTERED, NULL), 1);
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_STARTED, NULL), 1);
}
END_TEST

/* Who has got a file serves it when the first holder is gone. */
START_TEST (passed_on)
{
  pair_add_peers (w, 3, RATE);
  pair_register (w, 1, file);
  pair_download (w, 2, file, -1, 0);
  ck_assert (pair_run_done (w, 2, 1, file, w->now + MINUTE));
  ck_assert_int_eq (pair_cancel (w, 1, file), SHOAL_OK);
  pair_run (w, w->now + S);
  pair_download (w, 3, file, -1, 0);
  ck_assert (pair_run_done (w, 3, 1, file, w->now + MINUTE));
  ck_assert_uint_eq (pair_got_from (w, 3, file, 2), file->length);
}
END_TEST

/* ---- cancel ---- */

START_TEST (cancel_serves_no_more)
{
  PairFile *large = pair_file_new ("large", 3000000, 3);
  pair_add_peers (w, 2, 100000);
  pair_register (w, 1, large);
  pair_download (w, 2, large, -1, 0);
  pair_run (w, w->now + 5 * S);
  uint64_t before = pair_node (w, 1)->payload_bytes;
  ck_assert_uint_gt (before, 100000);
  ck_assert_int_eq (pair_cancel (w, 1, large), SHOAL_OK);
  pair_run (w, w->now + 5 * MINUTE);
  ck_assert_uint_eq (pair_node (w, 1)->payload_bytes, before);
  ck_assert_uint_eq (pair_count (w, 1, SHOAL_EVENT_CANCELLED, &large->file.fid), 1);
  ck_assert_uint_eq (pair_count (w, 1, SHOAL_EVENT_DOWNLOAD_FAILED, NULL), 0);
  ck_assert_uint_ge (pair_count (w, 2, SHOAL_EVENT_NEIGHBOUR_DOWN, NULL), 1);
  ck_assert_int_eq (pair_cancel (w, 1, large), SHOAL_UNKNOWN);
  /* … and after all it may offer it again. */
  ck_assert_int_eq (pair_register (w, 1, large), SHOAL_OK);
  ck_assert (pair_run_done (w, 2, 1, large, w->now + 5 * MINUTE));
  ck_assert (pair_right (w, 2, large));
  pair_file_free (large);
}
END_TEST

START_TEST (cancel_of_a_download)
{
  pair_add_peers (w, 3, 50000);
  pair_register (w, 1, file);
  pair_download (w, 2, file, -1, 0);
  pair_run (w, w->now + 3 * S);
  ck_assert_int_eq (pair_cancel (w, 2, file), SHOAL_OK);
  const PairEvent *failed = pair_last (w, 2, SHOAL_EVENT_DOWNLOAD_FAILED);
  ck_assert_ptr_nonnull (failed);
  ck_assert_uint_eq (failed->event.value, SHOAL_FAILURE_CANCELLED);
  uint64_t blocks = pair_count (w, 2, SHOAL_EVENT_BLOCK, NULL), payload = pair_node (w, 2)->payload_bytes;
  pair_run (w, w->now + MINUTE);
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_BLOCK, NULL), blocks);
  ck_assert_uint_eq (pair_node (w, 2)->payload_bytes, payload);
  /* The holder does not go on sending to it. */
  payload = pair_node (w, 1)->payload_bytes;
  pair_run (w, w->now + MINUTE);
  ck_assert_uint_eq (pair_node (w, 1)->payload_bytes, payload);
  /* Again from the start. */
  ck_assert_int_eq (pair_download (w, 2, file, -1, 0), SHOAL_OK);
  ck_assert (pair_run_done (w, 2, 1, file, w->now + 5 * MINUTE));
  ck_assert (pair_right (w, 2, file));
}
END_TEST

/* One file is withdrawn while another is served: that one goes on. */
START_TEST (cancel_of_one_of_two)
{
  PairFile *other = pair_file_new ("other", 500000, 2);
  pair_add_peers (w, 2, 100000);
  pair_register (w, 1, file);
  pair_register (w, 1, other);
  pair_download (w, 2, file, -1, 0);
  pair_download (w, 2, other, -1, 0);
  pair_run (w, w->now + 2 * S);
  pair_cancel (w, 1, file);
  ck_assert (pair_run_done (w, 2, 1, other, w->now + MINUTE));
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_DONE, &file->file.fid), 0);
  pair_file_free (other);
}
END_TEST

START_TEST (unknown_file)
{
  pair_add_peers (w, 1, RATE);
  ck_assert_int_eq (pair_cancel (w, 1, file), SHOAL_UNKNOWN);
  const ShoalSource *sources;
  ck_assert_uint_eq (shoal_peer_sources (pair_node (w, 1)->machine, &file->file.fid, &sources), 0);
}
END_TEST

/* ---- close ---- */

START_TEST (close_says_goodbye_and_is_silent)
{
  two_nodes ();
  pair_download (w, 2, file, -1, 0);
  ck_assert (pair_run_done (w, 2, 1, file, w->now + MINUTE));
  pair_close (w, 1);
  pair_run (w, w->now + 4 * S);
  ck_assert_uint_eq (pair_count (w, 1, SHOAL_EVENT_CLOSED, NULL), 1);
  uint64_t sent = pair_node (w, 1)->sent_datagrams;
  /* Whatever comes, and however long: nothing goes out (pair.c asserts it too). */
  uint8_t hello[39] = { 0x51, 1 };
  for (unsigned i = 0; i < 20; i++)
    {
      pair_inject (w, &pair_node (w, 2)->addr, 1, hello, sizeof hello);
      pair_run (w, w->now + 30 * S);
    }
  ck_assert_uint_eq (pair_node (w, 1)->sent_datagrams, sent);
  ck_assert_int_eq (pair_node (w, 1)->machine->ops->deadline (pair_node (w, 1)->machine), SHOAL_NEVER);
  ck_assert_int_eq (pair_register (w, 1, file), SHOAL_CLOSED);
  ck_assert_int_eq (pair_download (w, 1, file, -1, 0), SHOAL_CLOSED);
  ck_assert_int_eq (pair_cancel (w, 1, file), SHOAL_UNKNOWN);
}
END_TEST

START_TEST (close_in_the_middle)
{
  PairFile *large = pair_file_new ("large", 2000000, 3);
  pair_add_peers (w, 3, 100000);
  pair_register (w, 1, large);
  pair_download (w, 2, large, -1, 0);
  pair_download (w, 3, large, -1, 0);
  pair_run (w, w->now + 5 * S);
  pair_close (w, 2);
  const PairEvent *failed = pair_last (w, 2, SHOAL_EVENT_DOWNLOAD_FAILED);
  ck_assert_ptr_nonnull (failed);
  ck_assert_uint_eq (failed->event.value, SHOAL_FAILURE_CLOSED);
  ShoalTime closing = w->now;
  ck_assert (pair_run_done (w, 3, 1, large, w->now + 5 * MINUTE));
  ck_assert (pair_right (w, 3, large));
  ck_assert_int_le (pair_last (w, 2, SHOAL_EVENT_CLOSED)->at, closing + 4 * S);
  pair_file_free (large);
}
END_TEST

/* The tracker is gone: its answer to the farewell is not waited for without end. */
START_TEST (close_without_answer)
{
  two_nodes ();
  pair_run (w, w->now + 5 * S);
  pair_replace (w, 0, NULL);
  pair_close (w, 1);
  ShoalTime closing = w->now;
  pair_run (w, w->now + MINUTE);
  const PairEvent *closed = pair_last (w, 1, SHOAL_EVENT_CLOSED);
  ck_assert_ptr_nonnull (closed);
  ck_assert_int_gt (closed->at, closing);
  ck_assert_int_le (closed->at, closing + 3 * S);
}
END_TEST

/* With nobody to take leave of, and with nobody who answers. */
START_TEST (close_of_the_lonely)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = RATE };
  unsigned alone = pair_add_peer (w, "alone", &options);
  options.tracker = (int)pair_add_puppet (w);
  unsigned deaf = pair_add_peer (w, "deaf", &options);
  pair_register (w, deaf, file);
  pair_close (w, alone);
  ck_assert_uint_eq (pair_count (w, alone, SHOAL_EVENT_CLOSED, NULL), 1);
  pair_run (w, w->now + S);
  pair_close (w, deaf);
  pair_run (w, w->now + 4 * S);
  ck_assert_uint_eq (pair_count (w, deaf, SHOAL_EVENT_CLOSED, NULL), 1);
  pair_close (w, deaf); /* twice is once */
  pair_run (w, w->now + 4 * S);
  ck_assert_uint_eq (pair_count (w, deaf, SHOAL_EVENT_CLOSED, NULL), 1);
}
END_TEST

/* ---- nobody there ---- */

START_TEST (time_limit_without_holder)
{
  pair_add_peers (w, 2, RATE);
  ShoalTime start = w->now;
  ck_assert_int_eq (pair_download (w, 2, file, -1, 10 * S), SHOAL_OK);
  pair_run (w, start + 30 * S);
  const PairEvent *failed = pair_last (w, 2, SHOAL_EVENT_DOWNLOAD_FAILED);
  ck_assert_ptr_nonnull (failed);
  ck_assert_uint_eq (failed->event.value, SHOAL_FAILURE_TIME_LIMIT_NO_HOLDER);
  ck_assert_int_ge (failed->at, start + 10 * S);
  ck_assert_int_le (failed->at, start + 11 * S);
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_FAILED, NULL), 1);
  ck_assert_int_eq (pair_cancel (w, 2, file), SHOAL_UNKNOWN); /* it is over */
}
END_TEST

/* Who is told that all places are taken was not alone. */
START_TEST (time_limit_without_a_place)
{
  PairPeerOptions crowded = { .tracker = -1, .upload_bytes_per_s = RATE, .max_neighbours = 1 };
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = RATE };
  unsigned holder = pair_add_peer (w, "holder", &crowded), late = pair_add_peer (w, "late", &options);
  Puppet first;
  pair_register (w, holder, file);
  puppet_init (&first, w, holder, &file->file.fid);
  ck_assert (puppet_call (&first, SHOAL_HELLO_INTERESTED));
  ck_assert_int_eq (pair_download (w, late, file, (int)holder, 5 * S), SHOAL_OK);
  puppet_run (&first, w->now + 6 * S);
  const PairEvent *failed = pair_last (w, late, SHOAL_EVENT_DOWNLOAD_FAILED);
  ck_assert_ptr_nonnull (failed);
  ck_assert_uint_eq (failed->event.value, SHOAL_FAILURE_TIME_LIMIT_REFUSED);
}
END_TEST

START_TEST (time_limit_with_a_part)
{
  pair_add_peers (w, 2, 20000);
  pair_register (w, 1, file); /* 15 s */
  pair_download (w, 2, file, -1, 8 * S);
  pair_run (w, w->now + MINUTE);
  const PairEvent *failed = pair_last (w, 2, SHOAL_EVENT_DOWNLOAD_FAILED);
  ck_assert_ptr_nonnull (failed);
  ck_assert_uint_eq (failed->event.value, SHOAL_FAILURE_TIME_LIMIT_PARTIAL);
  ck_assert_uint_gt (pair_count (w, 2, SHOAL_EVENT_BLOCK, NULL), 0);
}
END_TEST

/* Asks the tracker again, less and less often, and finds who comes late. */
START_TEST (back_off)
{
  pair_add_peers (w, 2, RATE);
  pair_download (w, 2, file, -1, 0);
  pair_run (w, w->now + 10 * MINUTE);
  uint64_t sent = pair_node (w, 2)->sent_datagrams;
  ck_assert_uint_gt (sent, 10);
  ck_assert_uint_lt (sent, 60);
  pair_run (w, w->now + 10 * MINUTE);
  ck_assert_uint_lt (pair_node (w, 2)->sent_datagrams - sent, 40);
  ck_assert_uint_gt (pair_node (w, 2)->sent_datagrams - sent, 5);
  pair_register (w, 1, file);
  ck_assert (pair_run_done (w, 2, 1, file, w->now + 2 * MINUTE));
  ck_assert (pair_right (w, 2, file));
}
END_TEST

/* A silent address is called some times, then left alone for longer and longer. */
START_TEST (silent_holder)
{
  unsigned puppet = pair_add_puppet (w);
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = RATE };
  unsigned node = pair_add_peer (w, "A", &options);
  pair_download (w, node, file, (int)puppet, 20 * MINUTE);
  pair_run (w, w->now + 10 * MINUTE);
  uint64_t sent = pair_node (w, node)->sent_datagrams;
  ck_assert_uint_ge (sent, 4);
  ck_assert_uint_lt (sent, 60);
  pair_run (w, w->now + 10 * MINUTE + S);
  const PairEvent *failed = pair_last (w, node, SHOAL_EVENT_DOWNLOAD_FAILED);
  ck_assert_ptr_nonnull (failed);
  ck_assert_uint_eq (failed->event.value, SHOAL_FAILURE_TIME_LIMIT_NO_HOLDER);
}
END_TEST

START_TEST (storage_fails)
{
  two_nodes ();
  pair_node (w, 2)->fail_writes = true;
  pair_download (w, 2, file, -1, 0);
  pair_run (w, w->now + MINUTE);
  const PairEvent *failed = pair_last (w, 2, SHOAL_EVENT_DOWNLOAD_FAILED);
  ck_assert_ptr_nonnull (failed);
  ck_assert_uint_eq (failed->event.value, SHOAL_FAILURE_STORAGE);
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_BLOCK, NULL), 0);
}
END_TEST

/* The holder vanishes without a word in the middle; another one has the file. */
START_TEST (holder_vanishes)
{
  PairFile *large = pair_file_new ("large", 2000000, 3);
  pair_add_peers (w, 3, 100000);
  pair_register (w, 1, large);
  pair_register (w, 3, large);
  pair_download (w, 2, large, -1, 0);
  pair_run (w, w->now + 5 * S);
  pair_replace (w, 1, NULL);
  ck_assert (pair_run_done (w, 2, 1, large, w->now + 10 * MINUTE));
  ck_assert (pair_right (w, 2, large));
  ck_assert_uint_gt (pair_got_from (w, 2, large, 1), 0);
  pair_file_free (large);
}
END_TEST

START_TEST (rates_change)
{
  two_nodes ();
  pair_download (w, 2, file, -1, 0);
  for (uint64_t rate = 1; rate < 1000000000; rate *= 10)
    {
      ShoalMachine *machine = pair_node (w, 1)->machine;
      machine->ops->set_rates (machine, w->now, rate, rate / 2);
      shoal_link_set_rate (&pair_node (w, 1)->uplink, rate);
      pair_run (w, w->now + 50 * SHOAL_MS);
    }
  ck_assert (pair_run_done (w, 2, 1, file, w->now + 2000 * MINUTE));
  ck_assert (pair_right (w, 2, file));
}
END_TEST

static Suite *
life_suite (void)
{
  Suite *suite = suite_create ("peer-life");
  TCase *got = tcase_create ("download"), *left = tcase_create ("leave"), *lonely = tcase_create ("nobody");
  TCase *cases[] = { got, left, lonely };
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      tcase_add_checked_fixture (cases[i], set_up, tear_down);
      suite_add_tcase (suite, cases[i]);
    }
  tcase_add_loop_test (got, every_length, 0, G_N_ELEMENTS (lengths));
  tcase_add_test (got, sources_add_up);
  tcase_add_test (got, both_directions);
  tcase_add_test (got, two_holders);
  tcase_add_test (got, duplicates);
  tcase_add_test (got, passed_on);
  tcase_add_test (got, rates_change);
  tcase_add_test (left, cancel_serves_no_more);
  tcase_add_test (left, cancel_of_a_download);
  tcase_add_test (left, cancel_of_one_of_two);
  tcase_add_test (left, unknown_file);
  tcase_add_test (left, close_says_goodbye_and_is_silent);
  tcase_add_test (left, close_in_the_middle);
  tcase_add_test (left, close_without_answer);
  tcase_add_test (left, close_of_the_lonely);
  tcase_add_test (lonely, time_limit_without_holder);
  tcase_add_test (lonely, time_limit_without_a_place);
  tcase_add_test (lonely, time_limit_with_a_part);
  tcase_add_test (lonely, back_off);
  tcase_add_test (lonely, silent_holder);
  tcase_add_test (lonely, storage_fails);
  tcase_add_test (lonely, holder_vanishes);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (life_suite (), NULL);
}
