/* Nodes of the virtual world that crash and come back, and such as break the rules. */
#include "tests/faulty.h"
#include "tests/harness.h"

#define S SHOAL_SECOND
#define MS SHOAL_MS

/* ---- crash and return ---- */

/* From that moment nothing leaves it and nothing reaches it, what is in service at its proxy neither. */
START_TEST (crash)
{
  faulty_make (1, false);
  faulty_play (4 * S + 1);
  faulty.world->ops->crash (faulty.world, A);
  faulty_run (120 * S);
  ck_assert_uint_gt (faulty_fate (A, -1, 0, 4 * S).sent, 0);
  ck_assert_uint_eq (faulty_fate (A, -1, 4 * S + 1, SHOAL_NEVER).sent, 0);
  ck_assert_uint_eq (faulty_fate (-1, A, 4 * S + 1, SHOAL_NEVER).delivered, 0);
  ck_assert_uint_gt (faulty_fate (-1, A, 4 * S + 1, SHOAL_NEVER).dropped, 0);
  ck_assert (!faulty_done (B) && !faulty_done (C));
}
END_TEST

/* What a node sends after this moment takes its time on the uplink, from that moment on. */
static void
assert_uplink_exact (unsigned node, ShoalTime since)
{
  const char *at = faulty.text;
  unsigned sent = 0;
  for (FaultyLine line; faulty_read_line (&at, &line);)
    {
      if (line.at <= since || line.node != node || strcmp (line.what, "sent") != 0)
        continue;
      ShoalTime took = (ShoalTime)(line.value * (uint64_t)S / faulty.rate_bytes_per_s);
      ck_assert_int_ge (line.at - took, since);
      if (sent++ == 0)
        ck_assert_int_eq (line.at - took, since);
      since = line.at;
    }
  ck_assert_uint_gt (sent, 0);
}

/* The new machine sends at once, whatever the old one had in service, and counters go on. */
START_TEST (returns)
{
  ShoalNodeStats before, after;
  faulty_make (1, false);
  faulty_play (4 * S + 1);
  faulty.world->ops->stats (faulty.world, A, &before);
  faulty.world->ops->crash (faulty.world, A);
  faulty.world->ops->restart (faulty.world, A, FAULTY_ALL);
  ck_assert_int_eq (faulty.world->ops->register_file (faulty.world, A, &faulty.shared), SHOAL_OK);
  faulty_run (240 * S);
  Fate fate = faulty_fate (A, TRACKER, 4 * S + 1, SHOAL_NEVER);
  ck_assert_uint_gt (fate.sent, 0);
  ck_assert_int_lt (fate.first, 5 * S);
  assert_uplink_exact (A, 4 * S + 1);
  ck_assert (faulty_done (B) && faulty_done (C));
  faulty.world->ops->stats (faulty.world, A, &after);
  ck_assert_uint_ge (after.machine.payload_sent_bytes, before.machine.payload_sent_bytes);
  ck_assert_uint_gt (before.machine.payload_sent_bytes, 0);
}
END_TEST

/* The old machine's datagram ends its service while one of the new machine's is in service. */
START_TEST (returns_at_any_moment)
{
  ShoalTime then = 4 * S + 1 + _i * 31 * MS;
  faulty_make (1, false);
  faulty_play (then);
  faulty.world->ops->crash (faulty.world, B);
  faulty.world->ops->restart (faulty.world, B, FAULTY_ALL);
  ck_assert_int_eq (faulty.world->ops->register_file (faulty.world, B, &faulty.shared), SHOAL_OK);
  faulty_run (then + 10 * S);
  assert_uplink_exact (B, then);
}
END_TEST

/* Payload that B gets in its second life, when it comes back with this share of its blocks. */
static uint64_t
second_life_bytes (bool real, uint32_t kept_millionths, char digest[65])
{
  ShoalNodeStats before, after;
  faulty_make (1, real);
  faulty_play (6 * S);
  faulty.world->ops->stats (faulty.world, B, &before);
  ck_assert_uint_gt (before.machine.blocks_verified, 10);
  faulty.world->ops->crash (faulty.world, B);
  faulty_run (8 * S);
  faulty.world->ops->restart (faulty.world, B, kept_millionths);
  faulty_download (B);
  faulty_run (240 * S);
  ck_assert (faulty_done (B));
  ck_assert_uint_eq (FAULTY_SUM (blocks_bad), 0);
  faulty.world->ops->stats (faulty.world, B, &after);
  faulty.world->ops->trace_digest (faulty.world, digest);
  faulty_free ();
  uint64_t first = before.machine.blocks_verified * SHOAL_BLOCK_BYTES;
  uint64_t second = after.machine.payload_received_bytes - before.machine.payload_received_bytes;
  if (kept_millionths == FAULTY_ALL)
    ck_assert_uint_le (second, faulty.shared.file.info.length_bytes - first + 4 * SHOAL_BLOCK_BYTES);
  return second;
}

START_TEST (keeps_blocks)
{
  char digests[2][65];
  for (unsigned real = 0; real < 2; real++)
    {
      uint64_t with_all = second_life_bytes (real, FAULTY_ALL, digests[real]);
      uint64_t with_half = second_life_bytes (real, FAULTY_ALL / 2, digests[real]);
      uint64_t with_none = second_life_bytes (real, 0, digests[real]);
      ck_assert_uint_ge (with_none, faulty.shared.file.info.length_bytes);
      ck_assert_uint_gt (with_none, with_half + 4 * SHOAL_BLOCK_BYTES);
      ck_assert_uint_gt (with_half, with_all + 4 * SHOAL_BLOCK_BYTES);
    }
  ck_assert_str_eq (digests[0], digests[1]);
}
END_TEST

/* Who held all of it, and comes back with half, gets the other half only. */
START_TEST (keeps_half_of_what_it_offered)
{
  char digests[2][65];
  for (unsigned real = 0; real < 2; real++)
    {
      faulty_make (1, real);
      faulty_play (60 * S);
      ck_assert (faulty_done (B) && faulty_done (C));
      faulty.world->ops->crash (faulty.world, A);
      faulty.world->ops->restart (faulty.world, A, FAULTY_ALL / 2);
      faulty_download (A);
      faulty_run (240 * S);
      ShoalNodeStats stats;
      faulty.world->ops->stats (faulty.world, A, &stats);
      ck_assert (faulty_done (A));
      faulty_assert_share (stats.machine.payload_received_bytes, faulty.shared.file.info.length_bytes, 0.2,
                           0.8);
      faulty.world->ops->trace_digest (faulty.world, digests[real]);
      faulty_free ();
    }
  ck_assert_str_eq (digests[0], digests[1]);
}
END_TEST

START_TEST (tracker_restarts)
{
  faulty_make (1, false);
  faulty_join ();
  faulty.world->ops->register_file (faulty.world, A, &faulty.shared);
  faulty_run (10 * S);
  faulty.world->ops->crash (faulty.world, TRACKER);
  faulty_download (B);
  faulty_run (20 * S);
  faulty.world->ops->restart (faulty.world, TRACKER, 0);
  faulty_run (21 * S);
  ck_assert_uint_eq (faulty_fate (-1, TRACKER, 10 * S, 20 * S).delivered, 0);
  ck_assert_uint_eq (faulty_fate (TRACKER, -1, 10 * S, 20 * S).sent, 0);
  faulty_run (600 * S);
  ck_assert_uint_gt (faulty_fate (TRACKER, -1, 20 * S, SHOAL_NEVER).sent, 0);
  ck_assert (faulty_done (B));
}
END_TEST

/* ---- behaviours ---- */

START_TEST (free_rider)
{
  ShoalNodeStats stats;
  faulty.behaviours[B] = SHOAL_BEHAVIOUR_FREE_RIDER;
  faulty_make (1, false);
  faulty_play (120 * S);
  faulty.world->ops->stats (faulty.world, B, &stats);
  ck_assert (faulty_done (B) && faulty_done (C));
  ck_assert_uint_eq (stats.machine.payload_sent_bytes, 0);
}
END_TEST

START_TEST (polluter)
{
  char digests[2][65];
  faulty.behaviours[A] = SHOAL_BEHAVIOUR_POLLUTER;
  for (unsigned real = 0; real < 2; real++)
    {
      faulty_make (1, real);
      faulty_play (60 * S);
      ck_assert_uint_gt (FAULTY_SUM (blocks_bad), 0);
      ck_assert_uint_eq (FAULTY_SUM (blocks_verified), 0);
      faulty.world->ops->trace_digest (faulty.world, digests[real]);
      faulty_free ();
    }
  ck_assert_str_eq (digests[0], digests[1]);
}
END_TEST

START_TEST (liar)
{
  ShoalNodeStats stats;
  faulty.behaviours[A] = SHOAL_BEHAVIOUR_LIAR;
  faulty_make (1, false);
  faulty_play (60 * S);
  faulty.world->ops->stats (faulty.world, B, &stats);
  ck_assert_ptr_nonnull (strstr (faulty.text, " 2 neighbour-up 1 "));
  ck_assert_ptr_nonnull (strstr (faulty.text, " 2 unchoked-by 1 "));
  ck_assert_uint_eq (stats.machine.payload_received_bytes, 0);
  ck_assert_uint_eq (FAULTY_SUM (malformed_datagrams), 0);
}
END_TEST

START_TEST (flooder)
{
  faulty.behaviours[B] = SHOAL_BEHAVIOUR_FLOODER;
  faulty_make (1, false);
  faulty_play (20 * S);
  Fate flood = faulty_fate (B, -1, 0, SHOAL_NEVER), calm = faulty_fate (C, -1, 0, SHOAL_NEVER);
  ck_assert_uint_gt (flood.sent, 3 * calm.sent);
  ck_assert_uint_eq (FAULTY_SUM (malformed_datagrams), 0);
  ck_assert (faulty_done (C));
}
END_TEST

static Suite *
crash_suite (void)
{
  Suite *suite = suite_create ("crash");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, faulty_set_up, faulty_tear_down);
  tcase_add_test (tests, crash);
  tcase_add_test (tests, returns);
  tcase_add_loop_test (tests, returns_at_any_moment, 0, 10);
  tcase_add_test (tests, keeps_blocks);
  tcase_add_test (tests, keeps_half_of_what_it_offered);
  tcase_add_test (tests, tracker_restarts);
  tcase_add_test (tests, free_rider);
  tcase_add_test (tests, polluter);
  tcase_add_test (tests, liar);
  tcase_add_test (tests, flooder);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (crash_suite (), NULL);
}
