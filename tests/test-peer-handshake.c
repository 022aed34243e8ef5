/* How two peers become neighbours, and that nobody becomes one who should not. */
#include "src/peer-internal.h"
#include "tests/harness.h"
#include "tests/puppet.h"

#define S SHOAL_SECOND
#define MINUTE (60 * S)

static PairWorld *w;
static PairFile *file;
static unsigned node;
static Puppet puppet;

static void
set_up (void)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 1000000 };
  w = pair_world_new (1);
  file = pair_file_new ("file", 100000, 1);
  node = pair_add_peer (w, "A", &options);
  puppet_init (&puppet, w, node, &file->file.fid);
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
}

static unsigned
neighbours (void)
{
  return pair_neighbours (w, node);
}

static void
brief (void)
{
  puppet_run (&puppet, w->now + 20 * SHOAL_MS);
}

START_TEST (caller_is_let_in)
{
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, SHOAL_HELLO_NEEDS_INFO | SHOAL_HELLO_INTERESTED));
  brief ();
  ck_assert_uint_eq (neighbours (), 1);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_NEIGHBOUR_UP, NULL), 1);
  ck_assert_uint_eq (puppet.counts[SHOAL_MESSAGE_INFO], 1);
  ck_assert_uint_eq (puppet.counts[SHOAL_MESSAGE_HAVE_ALL], 1);
  ck_assert_uint_eq (puppet.counts[SHOAL_MESSAGE_UNCHOKE], 1);
  ck_assert_uint_ge (puppet.counts[SHOAL_MESSAGE_CREDIT], 1);
}
END_TEST

START_TEST (not_interested_is_not_served)
{
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, 0));
  brief ();
  ck_assert_uint_eq (puppet.counts[SHOAL_MESSAGE_INFO], 0);
  ck_assert_uint_eq (puppet.counts[SHOAL_MESSAGE_UNCHOKE], 0);
  puppet_say (&puppet, SHOAL_MESSAGE_INTEREST, "\1", 1);
  brief ();
  ck_assert_uint_eq (puppet.counts[SHOAL_MESSAGE_UNCHOKE], 1);
}
END_TEST

/* Nothing is kept for who has no cookie, and it gets less than it sent. */
START_TEST (no_cookie_no_state)
{
  pair_register (w, node, file);
  puppet_hello (&puppet, 1, 3, false);
  brief ();
  ck_assert (puppet.has_cookie);
  ck_assert_uint_eq (puppet.datagrams, 1);
  ck_assert_uint_eq (puppet.largest, 13);
  ck_assert_uint_eq (neighbours (), 0);
  puppet.cookie[3] ^= 1;
  puppet_hello (&puppet, 1, 3, true);
  brief ();
  ck_assert_uint_eq (puppet.datagrams, 2);
  ck_assert_uint_eq (puppet.largest, 13);
  ck_assert_uint_eq (neighbours (), 0);
  ck_assert (!puppet.up);
}
END_TEST

START_TEST (cookie_of_another_address)
{
  Puppet thief;
  pair_register (w, node, file);
  puppet_init (&thief, w, node, &file->file.fid);
  puppet_hello (&puppet, 1, 3, false);
  brief ();
  memcpy (thief.cookie, puppet.cookie, sizeof thief.cookie);
  puppet_hello (&thief, 1, 3, true);
  puppet_run (&thief, w->now + 20 * SHOAL_MS);
  ck_assert (!thief.up);
  ck_assert (thief.has_cookie); /* its own */
  ck_assert_uint_eq (neighbours (), 0);
}
END_TEST

START_TEST (cookies_age)
{
  pair_register (w, node, file);
  puppet_hello (&puppet, 1, 3, false);
  brief ();
  puppet_run (&puppet, w->now + 3 * MINUTE);
  puppet_hello (&puppet, 1, 3, true);
  brief ();
  ck_assert (!puppet.up);
  puppet_run (&puppet, w->now + 50 * S); /* the new one is young enough */
  puppet_hello (&puppet, 1, 3, true);
  brief ();
  ck_assert (puppet.up);
}
END_TEST

START_TEST (wrong_version)
{
  pair_register (w, node, file);
  for (unsigned version = 0; version < 256; version++)
    {
      if (version == SHOAL_PROTOCOL_VERSION)
        continue;
      puppet.refusal = 0;
      puppet_hello (&puppet, (uint8_t)version, 3, false);
      brief ();
      ck_assert_uint_eq (puppet.refusal, SHOAL_REFUSE_VERSION);
    }
  ck_assert_uint_eq (puppet.largest, 6);
  ck_assert_uint_eq (neighbours (), 0);
}
END_TEST

START_TEST (unknown_file)
{
  ck_assert (!puppet_call (&puppet, 3));
  ck_assert_uint_eq (puppet.refusal, SHOAL_REFUSE_NOT_HERE);
  ck_assert_uint_eq (neighbours (), 0);
}
END_TEST

START_TEST (full)
{
  PairPeerOptions options = { .tracker = -1, .max_neighbours = 2 };
  Puppet more[3];
  node = pair_add_peer (w, "small", &options);
  pair_register (w, node, file);
  for (unsigned i = 0; i < 3; i++)
    {
      puppet_init (&more[i], w, node, &file->file.fid);
      ck_assert_int_eq (puppet_call (&more[i], 3), i < 2);
    }
  ck_assert_uint_eq (more[2].refusal, SHOAL_REFUSE_FULL);
  ck_assert_uint_eq (neighbours (), 2);
}
END_TEST

START_TEST (replayed_hello)
{
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, 3));
  uint32_t cid = puppet.tx_cid;
  for (unsigned i = 0; i < 10; i++)
    {
      puppet_hello (&puppet, 1, 3, true);
      brief ();
    }
  ck_assert_uint_eq (puppet.tx_cid, cid);
  ck_assert_uint_eq (neighbours (), 1);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_NEIGHBOUR_UP, NULL), 1);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_NEIGHBOUR_DOWN, NULL), 0);
}
END_TEST

/* Under the same address, but it has forgotten everything. */
START_TEST (restart)
{
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, 3));
  puppet.rx_cid++;
  ck_assert (puppet_call (&puppet, 3));
  ck_assert_uint_eq (neighbours (), 1);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_NEIGHBOUR_UP, NULL), 2);
  const PairEvent *down = pair_last (w, node, SHOAL_EVENT_NEIGHBOUR_DOWN);
  ck_assert_ptr_nonnull (down);
  ck_assert_uint_eq (down->event.value, SHOAL_DOWN_RESET);
}
END_TEST

START_TEST (restart_of_a_machine)
{
  PairFile *large = pair_file_new ("large", 1000000, 2);
  pair_add_peers (w, 2, 100000);
  unsigned a = w->nodes->len - 2, b = a + 1;
  pair_register (w, a, large);
  pair_download (w, b, large, -1, 0);
  pair_run (w, w->now + 4 * S);
  ck_assert_uint_gt (pair_count (w, b, SHOAL_EVENT_BLOCK, NULL), 5);
  PairPeerOptions options = { .tracker = (int)a - 1, .upload_bytes_per_s = 100000 };
  ShoalPeerOptions anew = pair_options (w, b, "B again", &options);
  pair_replace (w, b, shoal_peer_machine_new (&anew));
  ck_assert_int_eq (pair_download (w, b, large, -1, 0), SHOAL_OK);
  ck_assert (pair_run_done (w, b, 1, large, w->now + MINUTE));
  ck_assert (pair_right (w, b, large));
  pair_file_free (large);
}
END_TEST

static unsigned lose_number, sent_so_far;

static bool
lose_one (void *context, PairDatagram *d)
{
  (void)context;
  (void)d;
  return sent_so_far++ != lose_number;
}

/* Whichever single datagram is lost. */
START_TEST (any_one_lost)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 1000000 };
  unsigned b = pair_add_peer (w, "B", &options);
  pair_register (w, node, file);
  w->on_sent = lose_one;
  lose_number = (unsigned)_i;
  sent_so_far = 0;
  pair_download (w, b, file, (int)node, 0);
  ck_assert (pair_run_done (w, b, 1, file, w->now + MINUTE));
  ck_assert (pair_right (w, b, file));
  ck_assert_uint_gt (sent_so_far, lose_number);
}
END_TEST

/* Two who want the same call each other at the same moment: one session comes of it. */
START_TEST (both_call)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 1000000 };
  unsigned a = pair_add_peer (w, "X", &options), b = pair_add_peer (w, "Y", &options);
  w->jitter_ns = _i * SHOAL_MS;
  shoal_random_init (&w->random, (uint64_t)_i, "both");
  pair_download (w, a, file, (int)b, 0);
  pair_download (w, b, file, (int)a, 0);
  pair_run (w, w->now + 10 * S);
  for (unsigned i = a; i <= b; i++)
    {
      ck_assert_uint_eq (pair_count (w, i, SHOAL_EVENT_NEIGHBOUR_UP, NULL), 1);
      ck_assert_uint_eq (pair_count (w, i, SHOAL_EVENT_NEIGHBOUR_DOWN, NULL), 0);
      ck_assert_uint_eq (pair_neighbours (w, i), 1);
    }
}
END_TEST

/* ---- RESET and REFUSE ---- */

START_TEST (unknown_session)
{
  static const uint8_t bytes[] = { 0x60, 1, 2, 3, 4, 0, 0, 2, 0 };
  puppet_raw (&puppet, bytes, sizeof bytes);
  brief ();
  ck_assert_uint_eq (puppet.reset_cid, 0x01020304);
  ck_assert_uint_eq (puppet.largest, 5);
  ck_assert_uint_eq (pair_node (w, node)->machine->counters.unknown_datagrams, 1);
}
END_TEST

static void
send_reset (const ShoalAddr *from, uint32_t cid)
{
  uint8_t bytes[8];
  ShoalWriter writer = shoal_writer (bytes, sizeof bytes);
  shoal_write_reset (&writer, cid);
  pair_inject (w, from, node, bytes, writer.length);
  brief ();
}

START_TEST (reset)
{
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, 3));
  const ShoalAddr *addr = &pair_node (w, puppet.self)->addr;
  ShoalAddr other = *addr;
  other.port++;
  send_reset (addr, puppet.rx_cid + 1); /* a guess */
  send_reset (&other, puppet.rx_cid);   /* from elsewhere */
  ck_assert_uint_eq (neighbours (), 1);
  send_reset (addr, puppet.rx_cid);
  ck_assert_uint_eq (neighbours (), 0);
  ck_assert_uint_eq (pair_last (w, node, SHOAL_EVENT_NEIGHBOUR_DOWN)->event.value, SHOAL_DOWN_RESET);
}
END_TEST

/* A stranger can neither welcome, nor refuse, nor speak for who was called. */
START_TEST (answers_from_elsewhere)
{
  Puppet stranger;
  puppet_init (&stranger, w, node, &file->file.fid);
  pair_download (w, node, file, (int)puppet.self, 0);
  pair_run (w, w->now + 10 * SHOAL_MS);
  PairDatagram *d = pair_take (w, puppet.self);
  ck_assert_ptr_nonnull (d);
  ShoalHello hello;
  ShoalReader r = shoal_reader (d->bytes, d->length);
  ck_assert (shoal_read_hello (&r, &hello));
  pair_datagram_free (d);
  uint8_t bytes[32];
  ShoalWriter writer = shoal_writer (bytes, sizeof bytes);
  ShoalWelcome welcome = { .version = 1, .to_cid = hello.cid, .cid = 5 };
  shoal_write_welcome (&writer, &welcome);
  puppet_raw (&stranger, bytes, writer.length);
  puppet_raw (&puppet, bytes, writer.length); /* nor does it answer a HELLO without a cookie */
  writer = shoal_writer (bytes, sizeof bytes);
  shoal_write_refuse (&writer, hello.cid, SHOAL_REFUSE_FULL);
  puppet_raw (&stranger, bytes, writer.length);
  pair_run (w, w->now + 10 * SHOAL_MS);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_NEIGHBOUR_UP, NULL), 0);
  ck_assert_uint_eq (neighbours (), 1); /* is still calling */
  puppet_run (&puppet, w->now + 3 * S);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_NEIGHBOUR_UP, NULL), 1);
}
END_TEST

/* Replies to strangers that wait for the uplink are few, however many ask. */
START_TEST (replies_are_bounded)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 10 };
  node = pair_add_peer (w, "slow", &options);
  uint8_t hello[39] = { SHOAL_DATAGRAM_HELLO, 1 };
  for (unsigned i = 0; i < 5000; i++)
    {
      ShoalAddr from = { .family = 4, .ip = { 203, 0, (uint8_t)(i >> 8), (uint8_t)i }, .port = 9 };
      pair_inject (w, &from, node, hello, sizeof hello);
    }
  pair_run (w, w->now + S);
  const ShoalPeer *p = (ShoalPeer *)pair_node (w, node)->machine;
  ck_assert_uint_le (p->raw->len, SHOAL_RAW_MAX + 1);
  ck_assert_uint_eq (neighbours (), 0);
}
END_TEST

static Suite *
handshake_suite (void)
{
  Suite *suite = suite_create ("peer-handshake");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, caller_is_let_in);
  tcase_add_test (tests, not_interested_is_not_served);
  tcase_add_test (tests, no_cookie_no_state);
  tcase_add_test (tests, cookie_of_another_address);
  tcase_add_test (tests, cookies_age);
  tcase_add_test (tests, wrong_version);
  tcase_add_test (tests, unknown_file);
  tcase_add_test (tests, full);
  tcase_add_test (tests, replayed_hello);
  tcase_add_test (tests, restart);
  tcase_add_test (tests, restart_of_a_machine);
  tcase_add_loop_test (tests, any_one_lost, 0, 15);
  tcase_add_loop_test (tests, both_call, 0, 20);
  tcase_add_test (tests, unknown_session);
  tcase_add_test (tests, reset);
  tcase_add_test (tests, answers_from_elsewhere);
  tcase_add_test (tests, replies_are_bounded);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (handshake_suite (), NULL);
}
