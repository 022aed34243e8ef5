/* The tracker, driven as a backend drives it. */
#include "src/bep15.h"
#include "src/tracker.h"
#include "tests/harness.h"

#define S SHOAL_SECOND

typedef struct {
  ShoalMachine *machine;
  ShoalTime now;
  ShoalDatagram out;
  ShoalBep15Reply reply; /* of the last request, read from out */
  uint32_t transactions;
} Fixture;

static Fixture f;

static void
setup_with (const ShoalTrackerOptions *options)
{
  memset (&f, 0, sizeof f);
  f.machine = shoal_tracker_machine_new (options);
}

static void
setup (void)
{
  setup_with (&(ShoalTrackerOptions){ .seed = 1, .name = "tracker" });
}

static void
setup_slow (void)
{
  setup_with (&(ShoalTrackerOptions){ .seed = 1, .name = "tracker", .upload_bytes_per_s = 10000 });
}

static void
teardown (void)
{
  f.machine->ops->free (f.machine);
}

static ShoalAddr
v4 (uint32_t i)
{
  return (ShoalAddr){ .family = 4,
                      .port = 7000,
                      .ip = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };
}

static ShoalAddr
v6 (uint32_t i)
{
  return (ShoalAddr){ .family = 6,
                      .port = 7000,
                      .ip = { 0x20, 1, [13] = (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };
}

static void
deliver (const ShoalAddr *from, const uint8_t *bytes, size_t length)
{
  ShoalInput input = { .from = *from, .head = bytes, .head_bytes = length };
  f.machine->ops->receive (f.machine, f.now, &input);
}

static bool
next (void)
{
  return f.machine->ops->next_datagram (f.machine, f.now, &f.out);
}

/* Sends a request and reads the one reply to it, which goes where the request came from. */
static void
exchange (const ShoalAddr *from, const ShoalWriter *w)
{
  deliver (from, w->bytes, w->length);
  ck_assert (next ());
  ck_assert (shoal_addr_equal (&f.out.to, from));
  ck_assert_uint_eq (f.out.payload.length_bytes, 0);
  ck_assert_int_eq (shoal_bep15_read_reply (f.out.head, f.out.head_bytes, from->family, &f.reply), SHOAL_OK);
  ck_assert_uint_eq (f.reply.transaction_id, f.transactions);
  static ShoalDatagram other;
  ck_assert (!f.machine->ops->next_datagram (f.machine, f.now, &other));
  if (f.reply.action != SHOAL_BEP15_ANNOUNCE)
    ck_assert_uint_le (f.out.head_bytes, w->length);
}

static uint64_t
connect_from (const ShoalAddr *from)
{
  uint8_t bytes[16];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_connect (&w, ++f.transactions);
  exchange (from, &w);
  ck_assert_int_eq (f.reply.action, SHOAL_BEP15_CONNECT);
  ck_assert_uint_eq (f.out.head_bytes, 16);
  return f.reply.connection_id;
}

/* Its port is 0: that from which it comes. */
static ShoalBep15Announce
about (uint8_t swarm, uint64_t left_bytes, ShoalBep15Event event)
{
  return (
      ShoalBep15Announce){ .info_hash = { swarm }, .left_bytes = left_bytes, .event = event, .num_want = -1 };
}

static void
announce_under (uint64_t id, const ShoalAddr *from, ShoalBep15Announce announce)
{
  uint8_t bytes[SHOAL_BEP15_ANNOUNCE_BYTES];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_announce (&w, id, ++f.transactions, &announce);
  exchange (from, &w);
}

static void
announce (const ShoalAddr *from, ShoalBep15Announce what)
{
  announce_under (connect_from (from), from, what);
  ck_assert_int_eq (f.reply.action, SHOAL_BEP15_ANNOUNCE);
}

static void
expect_error (const char *text)
{
  ck_assert_int_eq (f.reply.action, SHOAL_BEP15_ERROR);
  ck_assert_uint_eq (f.reply.error_length, strlen (text));
  ck_assert_mem_eq (f.reply.error, text, strlen (text));
}

static bool
reply_has (const ShoalAddr *peer)
{
  unsigned times = 0;
  for (unsigned i = 0; i < f.reply.peer_count; i++)
    {
      ShoalAddr other = shoal_bep15_peer (&f.reply, peer->family, i);
      times += shoal_addr_equal (&other, peer);
    }
  ck_assert_uint_le (times, 1);
  return times == 1;
}

static ShoalBep15ScrapeEntry
scrape (uint8_t swarm)
{
  ShoalAddr from = v4 (9999);
  uint64_t id = connect_from (&from);
  uint8_t bytes[36], hash[SHOAL_BEP15_HASH_BYTES] = { swarm };
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_scrape (&w, id, ++f.transactions, hash, 1);
  exchange (&from, &w);
  ck_assert_int_eq (f.reply.action, SHOAL_BEP15_SCRAPE);
  ck_assert_uint_eq (f.reply.scrape_count, 1);
  ShoalReader r = shoal_reader (f.reply.scrape, 12);
  ShoalBep15ScrapeEntry entry = { .seeders = shoal_read_u32 (&r) };
  entry.completed = shoal_read_u32 (&r);
  entry.leechers = shoal_read_u32 (&r);
  return entry;
}

static void
expect_scrape (uint8_t swarm, uint32_t seeders, uint32_t completed, uint32_t leechers)
{
  ShoalBep15ScrapeEntry entry = scrape (swarm);
  ck_assert_uint_eq (entry.seeders, seeders);
  ck_assert_uint_eq (entry.completed, completed);
  ck_assert_uint_eq (entry.leechers, leechers);
}

START_TEST (finds_a_holder)
{
  ShoalAddr a = v4 (1), b = v4 (2), c = v4 (3);
  announce (&a, about (1, 0, SHOAL_BEP15_STARTED));
  ck_assert_uint_eq (f.reply.peer_count, 0);
  ck_assert_uint_eq (f.reply.interval_s, 120);
  ck_assert_uint_eq (f.reply.seeders, 1);
  announce (&b, about (1, 5, SHOAL_BEP15_STARTED));
  ck_assert_uint_eq (f.reply.peer_count, 1);
  ck_assert (reply_has (&a));
  announce (&c, about (2, 5, SHOAL_BEP15_STARTED)); /* another file */
  ck_assert_uint_eq (f.reply.peer_count, 0);
  announce (&a, about (1, 0, SHOAL_BEP15_NONE));
  ck_assert_uint_eq (f.reply.peer_count, 1);
  ck_assert (reply_has (&b));
  ck_assert_uint_eq (f.reply.seeders, 1);
  ck_assert_uint_eq (f.reply.leechers, 1);
  ShoalTrackerCounters counters = shoal_tracker_machine_counters (f.machine);
  ck_assert_uint_eq (counters.swarms, 2);
  ck_assert_uint_eq (counters.peers, 3);
  ck_assert_uint_eq (counters.announces, 4);
  ck_assert_uint_eq (counters.connects, 4);
}
END_TEST

START_TEST (counts_and_completions)
{
  ShoalAddr a = v4 (1), b = v4 (2);
  expect_scrape (1, 0, 0, 0);
  announce (&a, about (1, 0, SHOAL_BEP15_STARTED));
  announce (&b, about (1, 5, SHOAL_BEP15_STARTED));
  expect_scrape (1, 1, 0, 1);
  announce (&b, about (1, 0, SHOAL_BEP15_COMPLETED));
  announce (&b, about (1, 0, SHOAL_BEP15_COMPLETED)); /* a retransmission counts once */
  expect_scrape (1, 2, 1, 0);
  announce (&b, about (1, 5, SHOAL_BEP15_NONE)); /* it lost its file */
  expect_scrape (1, 1, 1, 1);
  announce (&a, about (1, 0, SHOAL_BEP15_STOPPED));
  ck_assert_uint_eq (f.reply.peer_count, 0);
  expect_scrape (1, 0, 1, 1);
  announce (&a, about (1, 0, SHOAL_BEP15_STOPPED)); /* again: no harm */
  expect_scrape (1, 0, 1, 1);
  announce (&b, about (1, 5, SHOAL_BEP15_STOPPED));
  ck_assert_uint_eq (shoal_tracker_machine_counters (f.machine).swarms, 0);
  ck_assert_int_eq (f.machine->ops->deadline (f.machine), SHOAL_NEVER);
}
END_TEST

START_TEST (seeders_get_leechers_only)
{
  ShoalAddr a = v4 (1), b = v4 (2), c = v4 (3);
  announce (&a, about (1, 0, SHOAL_BEP15_STARTED));
  announce (&b, about (1, 0, SHOAL_BEP15_STARTED));
  ck_assert_uint_eq (f.reply.peer_count, 0);
  announce (&c, about (1, 1, SHOAL_BEP15_STARTED));
  ck_assert_uint_eq (f.reply.peer_count, 2);
  announce (&b, about (1, 0, SHOAL_BEP15_NONE));
  ck_assert_uint_eq (f.reply.peer_count, 1);
  ck_assert (reply_has (&c));
}
END_TEST

/* Two minutes at least, three at most, and only for the address that it was given to. */
START_TEST (connection_ids)
{
  ShoalAddr a = v4 (1), b = v4 (2), other_port = a;
  other_port.port++;
  for (ShoalTime start = 0; start < 60 * S; start += 59 * S)
    {
      f.now = 600 * S + start;
      uint64_t id = connect_from (&a);
      announce_under (id, &b, about (1, 0, SHOAL_BEP15_STARTED));
      expect_error ("connection id expired");
      announce_under (id, &other_port, about (1, 0, SHOAL_BEP15_STARTED));
      expect_error ("connection id expired");
      announce_under (id ^ 1, &a, about (1, 0, SHOAL_BEP15_STARTED));
      expect_error ("connection id expired");
      f.now += 120 * S;
      announce_under (id, &a, about (1, 0, SHOAL_BEP15_STARTED));
      ck_assert_int_eq (f.reply.action, SHOAL_BEP15_ANNOUNCE);
      f.now += 60 * S;
      announce_under (id, &a, about (1, 0, SHOAL_BEP15_STARTED));
      expect_error ("connection id expired");
    }
  ck_assert_uint_eq (shoal_tracker_machine_counters (f.machine).peers, 1);
  ck_assert_uint_eq (shoal_tracker_machine_counters (f.machine).errors, 8);
}
END_TEST

START_TEST (unproven_scrape)
{
  ShoalAddr a = v4 (1);
  uint8_t bytes[36], hash[SHOAL_BEP15_HASH_BYTES] = { 1 };
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_scrape (&w, 12345, ++f.transactions, hash, 1);
  exchange (&a, &w); /* which checks that the error is not larger */
  expect_error ("connection id expired");
}
END_TEST

START_TEST (silent_peers_expire)
{
  ShoalAddr a = v4 (1), b = v4 (2);
  announce (&a, about (1, 0, SHOAL_BEP15_STARTED));
  ck_assert_int_eq (f.machine->ops->deadline (f.machine), 300 * S);
  f.now = 100 * S;
  announce (&b, about (1, 5, SHOAL_BEP15_STARTED));
  f.now = 200 * S;
  announce (&a, about (1, 0, SHOAL_BEP15_NONE));
  ck_assert_int_eq (f.machine->ops->deadline (f.machine), 400 * S);
  f.now = 400 * S - 1;
  f.machine->ops->wake (f.machine, f.now);
  ck_assert_uint_eq (shoal_tracker_machine_counters (f.machine).peers, 2);
  f.now = 400 * S;
  f.machine->ops->wake (f.machine, f.now);
  ck_assert_uint_eq (shoal_tracker_machine_counters (f.machine).peers, 1);
  expect_scrape (1, 1, 0, 0);
  f.now = 500 * S;
  f.machine->ops->wake (f.machine, f.now);
  ck_assert_uint_eq (shoal_tracker_machine_counters (f.machine).swarms, 0);
  ck_assert_int_eq (f.machine->ops->deadline (f.machine), SHOAL_NEVER);
}
END_TEST

/* Nobody wakes the tracker, but a request shows that time has passed. */
START_TEST (expiry_without_wake)
{
  ShoalAddr a = v4 (1), b = v4 (2);
  announce (&a, about (1, 0, SHOAL_BEP15_STARTED));
  f.now = 301 * S;
  announce (&b, about (1, 5, SHOAL_BEP15_STARTED));
  ck_assert_uint_eq (f.reply.peer_count, 0);
}
END_TEST

/* Samples: never the asker, nobody twice, everybody as often as others. */
START_TEST (samples)
{
  enum {
    PEERS = 100,
    DRAWS = 3000,
    WANT = 10
  };
  unsigned seen[PEERS] = { 0 };
  for (uint32_t i = 0; i < PEERS; i++)
    {
      ShoalAddr peer = v4 (i);
      announce (&peer, about (1, 1, SHOAL_BEP15_STARTED));
      ck_assert_uint_eq (f.reply.peer_count, MIN (i, 30));
    }
  ShoalAddr asker = v4 (0);
  uint64_t id = connect_from (&asker);
  ShoalBep15Announce ask = about (1, 1, SHOAL_BEP15_NONE);
  ask.num_want = WANT;
  for (unsigned n = 0; n < DRAWS; n++)
    {
      announce_under (id, &asker, ask);
      ck_assert_uint_eq (f.reply.peer_count, WANT);
      ck_assert (!reply_has (&asker));
      for (uint32_t i = 0; i < PEERS; i++)
        {
          ShoalAddr peer = v4 (i);
          seen[i] += reply_has (&peer);
        }
    }
  ck_assert_uint_eq (seen[0], 0);
  for (unsigned i = 1; i < PEERS; i++) /* 303 expected, deviation 17 */
    ck_assert_msg (seen[i] > 220 && seen[i] < 390, "peer %u: %u times", i, seen[i]);
  ask.num_want = 0;
  announce_under (id, &asker, ask);
  ck_assert_uint_eq (f.reply.peer_count, 0);
  ask.num_want = 1000;
  announce_under (id, &asker, ask);
  ck_assert_uint_eq (f.reply.peer_count, 30);
}
END_TEST

/* One seeder among many: those who come learn of it, but not all of them when they are very many. */
START_TEST (seeders_are_introduced)
{
  ShoalAddr seeder = v4 (0);
  unsigned first = 0, all = 0;
  announce (&seeder, about (1, 0, SHOAL_BEP15_STARTED));
  for (uint32_t i = 1; i <= 2000; i++)
    {
      ShoalAddr peer = v4 (i);
      announce (&peer, about (1, 1, SHOAL_BEP15_STARTED));
      bool known = reply_has (&seeder);
      first += known && i < 60;
      all += known;
    }
  ck_assert_uint_eq (first, 59);
  ck_assert_msg (all > 200 && all < 700, "%u", all);
}
END_TEST

START_TEST (families_apart)
{
  ShoalAddr a4 = v4 (1), b4 = v4 (2), a6 = v6 (1), b6 = v6 (2);
  announce (&a4, about (1, 1, SHOAL_BEP15_STARTED));
  announce (&a6, about (1, 1, SHOAL_BEP15_STARTED));
  ck_assert_uint_eq (f.reply.peer_count, 0);
  announce (&b6, about (1, 1, SHOAL_BEP15_STARTED));
  ck_assert_uint_eq (f.reply.peer_count, 1);
  ck_assert (reply_has (&a6));
  announce (&b4, about (1, 1, SHOAL_BEP15_STARTED));
  ck_assert_uint_eq (f.reply.peer_count, 1);
  ck_assert (reply_has (&a4));
  ck_assert_uint_eq (f.reply.leechers, 4);
}
END_TEST

START_TEST (port_of_the_announce)
{
  ShoalAddr a = v4 (1), b = v4 (2), expected = v4 (1);
  ShoalBep15Announce what = about (1, 1, SHOAL_BEP15_STARTED);
  what.port = expected.port = 1234;
  announce (&a, what);
  announce (&b, about (1, 1, SHOAL_BEP15_STARTED));
  ck_assert_uint_eq (f.reply.peer_count, 1);
  ck_assert (reply_has (&expected));
}
END_TEST

START_TEST (malformed_gets_nothing)
{
  ShoalAddr a = v4 (1), nobody = { 0 };
  uint8_t bytes[98] = { 0 }, connect[16];
  ShoalWriter w = shoal_writer (connect, sizeof connect);
  shoal_bep15_write_connect (&w, 1);
  for (size_t length = 0; length < sizeof connect; length++)
    deliver (&a, connect, length);
  deliver (&a, bytes, sizeof bytes);
  deliver (&nobody, connect, sizeof connect);
  ShoalInput with_tail = { .from = a, .head = connect, .head_bytes = 16, .tail_bytes = 5 };
  f.machine->ops->receive (f.machine, f.now, &with_tail);
  ck_assert (!next ());
  ck_assert_uint_eq (f.machine->counters.malformed_datagrams, 19);
}
END_TEST

START_TEST (interval_grows)
{
  enum {
    PEERS = 3000
  };
  for (uint32_t i = 0; i < PEERS; i++)
    {
      ShoalAddr peer = v4 (i);
      announce (&peer, about (1, 1, SHOAL_BEP15_STARTED));
      if (i < 100)
        ck_assert_uint_eq (f.reply.interval_s, 120);
    }
  /* A connect reply and an announce reply of 30 peers each, at 2500 bytes/s. */
  uint32_t expected = (PEERS * (16 + 20 + 30 * 6) + 2499) / 2500;
  ck_assert_uint_ge (f.reply.interval_s, expected - 1);
  ck_assert_uint_le (f.reply.interval_s, expected);
  /* Who announces that seldom is kept that long. */
  f.now = 300 * S;
  f.machine->ops->wake (f.machine, f.now);
  ck_assert_uint_gt (shoal_tracker_machine_counters (f.machine).peers, PEERS / 3);
  f.machine->ops->set_rates (f.machine, f.now, 0, 0);
  ShoalAddr peer = v4 (PEERS - 1);
  announce (&peer, about (1, 1, SHOAL_BEP15_NONE));
  ck_assert_uint_eq (f.reply.interval_s, 120);
}
END_TEST

/* A thousand at once: the replies, with 10 kB/s, are out in the time that their requests take to come
 * in, and each has some peers. */
START_TEST (crowd_is_served_fast)
{
  enum {
    PEERS = 1000
  };
  uint64_t ids[PEERS], bytes_out = PEERS * 16;
  for (uint32_t i = 0; i < PEERS; i++)
    {
      ShoalAddr peer = v4 (i);
      ids[i] = connect_from (&peer);
    }
  for (uint32_t i = 0; i < PEERS; i++)
    {
      ShoalAddr peer = v4 (i);
      uint8_t bytes[98];
      ShoalWriter w = shoal_writer (bytes, sizeof bytes);
      ShoalBep15Announce what = about (1, 1, SHOAL_BEP15_STARTED);
      what.port = peer.port;
      shoal_bep15_write_announce (&w, ids[i], i, &what);
      deliver (&peer, bytes, w.length);
    }
  unsigned replies = 0;
  for (; next (); replies++)
    {
      bytes_out += f.out.head_bytes;
      ck_assert_int_eq (shoal_bep15_read_reply (f.out.head, f.out.head_bytes, 4, &f.reply), SHOAL_OK);
      ck_assert_uint_ge (f.reply.peer_count, 6);
    }
  ck_assert_uint_eq (replies, PEERS);
  ck_assert_uint_lt (bytes_out, PEERS * (16 + 98));
}
END_TEST

START_TEST (floods_are_bounded)
{
  uint8_t connect[16];
  ShoalWriter w = shoal_writer (connect, sizeof connect);
  shoal_bep15_write_connect (&w, 1);
  for (uint32_t i = 0; i < 10000; i++)
    {
      ShoalAddr from = v4 (i);
      deliver (&from, connect, sizeof connect);
    }
  unsigned replies = 0;
  for (; next (); replies++)
    {
      ShoalAddr expected = v4 (replies); /* the oldest were kept */
      ck_assert (shoal_addr_equal (&f.out.to, &expected));
    }
  ck_assert_uint_eq (replies, 4096);
}
END_TEST

START_TEST (closed_is_silent)
{
  ShoalAddr a = v4 (1);
  ShoalEvent event;
  uint8_t connect[16];
  ShoalWriter w = shoal_writer (connect, sizeof connect);
  announce (&a, about (1, 1, SHOAL_BEP15_STARTED));
  shoal_bep15_write_connect (&w, 1);
  deliver (&a, connect, sizeof connect);
  ck_assert (!f.machine->ops->next_event (f.machine, &event));
  f.machine->ops->close (f.machine, f.now);
  ck_assert (f.machine->ops->next_event (f.machine, &event));
  ck_assert_int_eq (event.kind, SHOAL_EVENT_CLOSED);
  ck_assert (!f.machine->ops->next_event (f.machine, &event));
  f.machine->ops->close (f.machine, f.now);
  ck_assert (!f.machine->ops->next_event (f.machine, &event));
  deliver (&a, connect, sizeof connect);
  ck_assert (!next ());
  ck_assert_int_eq (f.machine->ops->deadline (f.machine), SHOAL_NEVER);
  f.machine->ops->wake (f.machine, 1000 * S);
}
END_TEST

static uint64_t
fingerprint (uint64_t seed, const char *name)
{
  uint64_t sum = 0;
  setup_with (&(ShoalTrackerOptions){ .seed = seed, .name = name });
  for (uint32_t i = 0; i < 200; i++)
    {
      ShoalAddr peer = v4 (i);
      announce (&peer, about (1, 1, SHOAL_BEP15_STARTED));
      for (unsigned k = 0; k < f.out.head_bytes; k++)
        sum = sum * 31 + f.out.head[k];
    }
  teardown ();
  return sum;
}

START_TEST (same_seed_same_bytes)
{
  ck_assert_uint_eq (fingerprint (1, "t"), fingerprint (1, "t"));
  ck_assert_uint_ne (fingerprint (1, "t"), fingerprint (2, "t"));
  ck_assert_uint_ne (fingerprint (1, "t"), fingerprint (1, "u"));
}
END_TEST

static Suite *
tracker_suite (void)
{
  Suite *suite = suite_create ("tracker");
  TCase *tests = tcase_create ("fast"), *slow = tcase_create ("10 kB/s"),
        *free_tests = tcase_create ("no fixture");
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, finds_a_holder);
  tcase_add_test (tests, counts_and_completions);
  tcase_add_test (tests, seeders_get_leechers_only);
  tcase_add_test (tests, connection_ids);
  tcase_add_test (tests, unproven_scrape);
  tcase_add_test (tests, silent_peers_expire);
  tcase_add_test (tests, expiry_without_wake);
  tcase_add_test (tests, samples);
  tcase_add_test (tests, seeders_are_introduced);
  tcase_add_test (tests, families_apart);
  tcase_add_test (tests, port_of_the_announce);
  tcase_add_test (tests, malformed_gets_nothing);
  tcase_add_test (tests, floods_are_bounded);
  tcase_add_test (tests, closed_is_silent);
  tcase_add_checked_fixture (slow, setup_slow, teardown);
  tcase_add_test (slow, interval_grows);
  tcase_add_test (slow, crowd_is_served_fast);
  tcase_add_test (free_tests, same_seed_same_bytes);
  suite_add_tcase (suite, tests);
  suite_add_tcase (suite, slow);
  suite_add_tcase (suite, free_tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (tracker_suite (), NULL);
}
