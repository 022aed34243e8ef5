/* A bad network: datagrams are lost, repeated, overtaken and changed, and the right bytes arrive. */
#include "tests/harness.h"
#include "tests/pair.h"

#define S SHOAL_SECOND
#define MINUTE (60 * S)

static PairWorld *w;

static void
tear_down (void)
{
  g_clear_pointer (&w, pair_world_free);
}

static void
make_world (uint64_t seed, unsigned nodes, uint64_t rate)
{
  w = pair_world_new (seed);
  pair_add_peers (w, nodes, rate);
  pair_run (w, w->now + S); /* all know the tracker: that is not what is tried here */
}

static void
seed_and_download (unsigned nodes, const PairFile *file)
{
  ck_assert_int_eq (pair_register (w, 1, file), SHOAL_OK);
  for (unsigned i = 2; i <= nodes; i++)
    ck_assert_int_eq (pair_download (w, i, file, -1, 0), SHOAL_OK);
}

static void
all_right (unsigned nodes, const PairFile *file, ShoalTime limit, const char *what, uint64_t seed)
{
  bool done = pair_run_done (w, 2, nodes - 1, file, w->now + limit);
  for (unsigned i = 2; i <= nodes; i++)
    {
      unsigned blocks = pair_count (w, i, SHOAL_EVENT_BLOCK, NULL);
      ck_assert_msg (done, "%s, seed %" G_GUINT64_FORMAT ": node %u has %u blocks of %zu bytes", what, seed,
                     i, blocks, file->length);
      ck_assert_msg (pair_right (w, i, file), "%s, seed %" G_GUINT64_FORMAT ": node %u has wrong bytes", what,
                     seed, i);
    }
}

/* A fifth of all datagrams, in both directions. */
START_TEST (a_fifth_lost)
{
  PairFile *file = pair_file_new ("file", 1000000, 1);
  make_world ((uint64_t)_i, 2, 200000);
  w->loss_permille = 200;
  seed_and_download (2, file);
  all_right (2, file, 5 * MINUTE, "a fifth lost", (uint64_t)_i);
  pair_file_free (file);
}
END_TEST

START_TEST (repeated_and_overtaken)
{
  PairFile *file = pair_file_new ("file", 1000000, 1);
  make_world ((uint64_t)_i, 3, 500000);
  w->duplicate_permille = 300;
  w->jitter_ns = 300 * SHOAL_MS;
  seed_and_download (3, file);
  all_right (3, file, 5 * MINUTE, "repeated and overtaken", (uint64_t)_i);
  pair_file_free (file);
}
END_TEST

START_TEST (long_way)
{
  PairFile *file = pair_file_new ("file", 2000000, 1);
  make_world ((uint64_t)_i, 2, 1000000);
  w->latency_ns = 400 * SHOAL_MS;
  w->loss_permille = 20;
  seed_and_download (2, file);
  all_right (2, file, 5 * MINUTE, "long way", (uint64_t)_i);
  pair_file_free (file);
}
END_TEST

/* Nothing gets through for half a minute. */
static ShoalTime cut_from, cut_until;

static bool
cut (void *context, PairDatagram *d)
{
  const PairWorld *world = context;
  (void)d;
  return world->now < cut_from || world->now >= cut_until;
}

START_TEST (cut_for_a_while)
{
  static const ShoalTime lengths[] = { 1 * S, 10 * S, 40 * S, 200 * S };
  PairFile *file = pair_file_new ("file", 1000000, 1);
  make_world (1, 3, 100000);
  seed_and_download (3, file);
  cut_from = w->now + 4 * S;
  cut_until = cut_from + lengths[_i];
  w->on_sent = cut;
  w->context = w;
  all_right (3, file, cut_until + 5 * MINUTE - w->now, "cut", (uint64_t)_i);
  ck_assert_int_ge (w->now, cut_until);
  pair_file_free (file);
}
END_TEST

/* ---- spoilt payload ---- */

static unsigned spoil_one_in, spoilt, spoiler;

/* Changes payload of large datagrams of one node. */
static bool
spoil (void *context, PairDatagram *d)
{
  PairWorld *world = context;
  if (d->sender != (int)spoiler || d->length < 800 || shoal_random_below (&world->random, spoil_one_in) > 0)
    return true;
  d->bytes[d->length - 1 - shoal_random_below (&world->random, 500)] ^= 0x20;
  spoilt++;
  return true;
}

/* One holder's data is spoilt on its way; it is dropped, and the other one does. */
START_TEST (spoilt_holder)
{
  PairFile *file = pair_file_new ("file", 1000000, 1);
  make_world ((uint64_t)_i, 3, 100000);
  pair_register (w, 1, file);
  pair_register (w, 2, file);
  spoil_one_in = 3;
  spoiler = 1;
  spoilt = 0;
  w->on_sent = spoil;
  w->context = w;
  pair_download (w, 3, file, -1, 0);
  ck_assert (pair_run_done (w, 3, 1, file, w->now + 5 * MINUTE));
  ck_assert (pair_right (w, 3, file));
  ck_assert_uint_gt (spoilt, 0);
  ck_assert_uint_gt (pair_count (w, 3, SHOAL_EVENT_BLOCK_BAD, NULL), 0);
  ck_assert_uint_gt (pair_got_from (w, 3, file, 2), file->length * 3 / 4);
  pair_file_free (file);
}
END_TEST

/* ---- datagrams stay within what the path takes ---- */

static size_t largest;

static bool
measure (void *context, PairDatagram *d)
{
  (void)context;
  largest = MAX (largest, d->length);
  return true;
}

START_TEST (without_limit_datagrams_are_large)
{
  PairFile *file = pair_file_new ("file", 2000000, 1);
  make_world (1, 2, 0);
  largest = 0;
  w->on_sent = measure;
  seed_and_download (2, file);
  all_right (2, file, MINUTE, "unlimited", 1);
  ck_assert_uint_gt (largest, 16384);
  ck_assert_uint_lt (largest, 16384 + SHOAL_HEAD_MAX_BYTES);
  pair_file_free (file);
}
END_TEST

/* A slow uplink is not held for long by one datagram. */
START_TEST (slow_uplink_small_datagrams)
{
  PairFile *file = pair_file_new ("file", 100000, 1);
  make_world (1, 2, 5000);
  largest = 0;
  w->on_sent = measure;
  seed_and_download (2, file);
  all_right (2, file, 5 * MINUTE, "slow", 1);
  ck_assert_uint_lt (largest, 1400);
  pair_file_free (file);
}
END_TEST

/* ---- always ---- */

/* Files, peers, rates and loss by lot. */
START_TEST (always)
{
  uint64_t seed = (uint64_t)_i;
  ShoalRandom lot;
  shoal_random_init (&lot, seed, "always");
  unsigned nodes = 2 + shoal_random_below (&lot, 4);
  size_t length = shoal_random_below (&lot, 1u << (8 + shoal_random_below (&lot, 13)));
  uint64_t rate = 20000u << shoal_random_below (&lot, 8);
  PairFile *file = pair_file_new ("file", length, seed);
  make_world (seed, nodes, shoal_random_below (&lot, 8) == 0 ? 0 : rate);
  w->loss_permille = shoal_random_below (&lot, 101);
  w->duplicate_permille = shoal_random_below (&lot, 50);
  w->latency_ns = shoal_random_below (&lot, 100) * SHOAL_MS;
  w->jitter_ns = shoal_random_below (&lot, 50) * SHOAL_MS;
  seed_and_download (nodes, file);
  all_right (nodes, file, 20 * MINUTE, "always", seed);
  /* … and afterwards there is peace. */
  pair_run (w, w->now + 2 * MINUTE);
  uint64_t sent[6];
  for (unsigned i = 1; i <= nodes; i++)
    sent[i] = pair_node (w, i)->sent_datagrams;
  pair_run (w, w->now + 4 * MINUTE);
  for (unsigned i = 1; i <= nodes; i++)
    ck_assert_uint_lt (pair_node (w, i)->sent_datagrams - sent[i], 100);
  pair_file_free (file);
}
END_TEST

/* Twice the same: every event, at the same time. */
START_TEST (same_again)
{
  GArray *before = NULL;
  for (unsigned run = 0; run < 2; run++)
    {
      PairFile *file = pair_file_new ("file", 500000, 1);
      make_world (5, 4, 100000);
      w->loss_permille = 50;
      w->jitter_ns = 30 * SHOAL_MS;
      seed_and_download (4, file);
      all_right (4, file, 5 * MINUTE, "same again", 5);
      GArray *events = pair_node (w, 3)->events;
      if (!before)
        before = g_array_copy (events);
      else
        {
          ck_assert_uint_eq (events->len, before->len);
          for (guint i = 0; i < events->len; i++)
            {
              const PairEvent *x = &g_array_index (before, PairEvent, i),
                              *y = &g_array_index (events, PairEvent, i);
              ck_assert (x->at == y->at && x->event.kind == y->event.kind && x->event.value == y->event.value
                         && shoal_addr_equal (&x->event.peer, &y->event.peer));
            }
        }
      pair_world_free (g_steal_pointer (&w));
      pair_file_free (file);
    }
  g_array_free (before, TRUE);
}
END_TEST

/* Blocks are lost, move to others, and those leave: nobody believes any more that they are wanted, and
 * they arrive all the same from who is left. */
START_TEST (movers_leave)
{
  PairPeerOptions quick = { .tracker = 0, .upload_bytes_per_s = 20000 };
  PairPeerOptions slow = { .tracker = 0, .upload_bytes_per_s = 3000 };
  PairFile *file = pair_file_new ("file", 300000, 1);
  w = pair_world_new ((uint64_t)_i + 1);
  pair_add_tracker (w);
  unsigned a = pair_add_peer (w, "A", &quick), b = pair_add_peer (w, "B", &slow);
  unsigned r = pair_add_peer (w, "R", &quick), c = pair_add_peer (w, "C", &slow);
  pair_register (w, a, file);
  pair_register (w, b, file);
  pair_register (w, c, file);
  w->loss_permille = _i % 2 ? 50 : 150;
  w->latency_ns = 50 * SHOAL_MS;
  w->jitter_ns = (_i % 3) * 100 * SHOAL_MS;
  pair_run (w, w->now + S);
  ck_assert_int_eq (pair_download (w, r, file, -1, 0), SHOAL_OK);
  pair_run (w, w->now + (8 + _i % 16) * S);
  pair_close (w, b);
  pair_close (w, c);
  pair_run (w, w->now + 5 * MINUTE);
  ck_assert (pair_right (w, r, file));
  pair_file_free (file);
}
END_TEST

static Suite *
loss_suite (void)
{
  Suite *suite = suite_create ("peer-loss");
  TCase *bad = tcase_create ("bad-network"), *lots = tcase_create ("properties");
  tcase_add_checked_fixture (bad, NULL, tear_down);
  tcase_add_checked_fixture (lots, NULL, tear_down);
  tcase_add_loop_test (bad, a_fifth_lost, 0, 10);
  tcase_add_loop_test (bad, repeated_and_overtaken, 0, 10);
  tcase_add_loop_test (bad, long_way, 0, 3);
  tcase_add_loop_test (bad, cut_for_a_while, 0, 4);
  tcase_add_loop_test (bad, spoilt_holder, 0, 5);
  tcase_add_test (bad, without_limit_datagrams_are_large);
  tcase_add_test (bad, slow_uplink_small_datagrams);
  tcase_add_loop_test (lots, always, 0, 60);
  tcase_add_test (lots, same_again);
  tcase_add_loop_test (lots, movers_leave, 0, 40);
  suite_add_tcase (suite, bad);
  suite_add_tcase (suite, lots);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (loss_suite (), NULL);
}
