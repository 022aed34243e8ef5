/* A node's side of the tracker protocol, against a tracker that the tests play. */
#include "src/announcer.h"
#include "src/bep15.h"
#include "src/patience.h"
#include "tests/harness.h"

#define S SHOAL_SECOND

typedef struct {
  ShoalAnnouncer *a;
  ShoalRandom random;
  ShoalTime now;
  ShoalDatagram out;
  ShoalBep15Request request; /* of the last datagram, read from out */
  ShoalAnnounceResult result;
} Fixture;

static Fixture f;
static const ShoalFid one = { { 1 } }, two = { { 2 } }, three = { { 3 } };
static const ShoalAddr tracker_addr = { .family = 4, .ip = { 10, 0, 0, 1 }, .port = 6969 };

static void
setup (void)
{
  memset (&f, 0, sizeof f);
  shoal_random_init (&f.random, 1, "node");
  ShoalAnnouncerOptions options = { .tracker = tracker_addr,
                                    .port = 7000,
                                    .peer_id = "-SH0001-abcdefghijk",
                                    .num_want = 25,
                                    .random = &f.random };
  f.a = shoal_announcer_new (&options);
}

static void
teardown (void)
{
  shoal_announcer_free (f.a);
}

static bool
next (void)
{
  if (!shoal_announcer_next_datagram (f.a, f.now, &f.out))
    return false;
  ck_assert (shoal_addr_equal (&f.out.to, &tracker_addr));
  ck_assert_int_eq (shoal_bep15_read_request (f.out.head, f.out.head_bytes, &f.request), SHOAL_OK);
  return true;
}

static void
expect_connect (void)
{
  ck_assert (next ());
  ck_assert_int_eq (f.request.action, SHOAL_BEP15_CONNECT);
}

static void
expect_announce (uint64_t connection_id, const ShoalFid *fid, ShoalBep15Event event, uint64_t left_bytes)
{
  ck_assert (next ());
  ck_assert_int_eq (f.request.action, SHOAL_BEP15_ANNOUNCE);
  ck_assert_uint_eq (f.request.connection_id, connection_id);
  ck_assert_mem_eq (f.request.announce.info_hash, fid->bytes, SHOAL_BEP15_HASH_BYTES);
  ck_assert_uint_eq (f.request.announce.event, event);
  ck_assert_uint_eq (f.request.announce.left_bytes, left_bytes);
  ck_assert_uint_eq (f.request.announce.port, 7000);
  ck_assert_mem_eq (f.request.announce.peer_id, "-SH0001-abcdefghijk", 20);
  ck_assert_int_eq (f.request.announce.num_want, event == SHOAL_BEP15_STOPPED ? 0 : 25);
}

static void
expect_nothing (void)
{
  ck_assert (!next ());
}

static bool
deliver (const ShoalWriter *w)
{
  return shoal_announcer_receive (f.a, f.now, w->bytes, w->length);
}

static void
answer_connect (uint64_t id)
{
  uint8_t bytes[16];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_connect_reply (&w, f.request.transaction_id, id);
  ck_assert (deliver (&w));
}

static bool
reply_to (uint32_t transaction_id, uint32_t interval_s, unsigned peers)
{
  uint8_t bytes[1400];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_announce_reply (&w, transaction_id, interval_s, 3, 4);
  for (unsigned i = 0; i < peers; i++)
    shoal_bep15_write_peer (&w,
                            &(ShoalAddr){ .family = 4, .ip = { 10, 1, 0, (uint8_t)i }, .port = (uint16_t)i });
  return deliver (&w);
}

static void
answer_announce (uint32_t interval_s, unsigned peers)
{
  ck_assert (reply_to (f.request.transaction_id, interval_s, peers));
}

static void
answer_error (const char *text)
{
  uint8_t bytes[100];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_error (&w, f.request.transaction_id, text);
  ck_assert (deliver (&w));
}

static ShoalTime
deadline (void)
{
  return shoal_announcer_deadline (f.a);
}

/* Lets time pass until the deadline, which must lie ahead, and be over then. */
static void
pass (void)
{
  ck_assert_int_gt (deadline (), f.now);
  ck_assert_int_lt (deadline (), SHOAL_NEVER);
  f.now = deadline ();
  shoal_announcer_wake (f.a, f.now);
  ck_assert_int_gt (deadline (), f.now);
}

static void
expect_result (const ShoalFid *fid, unsigned peers, const char *error)
{
  ck_assert (shoal_announcer_next_result (f.a, &f.result));
  ck_assert (shoal_fid_equal (&f.result.fid, fid));
  ck_assert_uint_eq (f.result.peer_count, peers);
  ck_assert_pstr_eq (f.result.error, error);
}

static void
expect_no_result (void)
{
  ck_assert (!shoal_announcer_next_result (f.a, &f.result));
}

/* The first announce of `one` is out. */
static void
announce_one (void)
{
  shoal_announcer_add (f.a, f.now, &one, 1);
  expect_connect ();
  answer_connect (1);
  expect_announce (1, &one, SHOAL_BEP15_STARTED, 1);
}

/* Joins `one` with an answered announce. */
static void
join (uint32_t interval_s)
{
  shoal_announcer_add (f.a, f.now, &one, 50);
  expect_connect ();
  answer_connect (77);
  expect_announce (77, &one, SHOAL_BEP15_STARTED, 50);
  answer_announce (interval_s, 0);
  expect_result (&one, 0, NULL);
}

START_TEST (first_announce)
{
  ck_assert_int_eq (deadline (), SHOAL_NEVER);
  ck_assert (shoal_announcer_idle (f.a));
  expect_nothing ();
  shoal_announcer_add (f.a, f.now, &one, 50);
  ck_assert (!shoal_announcer_idle (f.a));
  expect_connect ();
  expect_nothing ();
  answer_connect (77);
  expect_announce (77, &one, SHOAL_BEP15_STARTED, 50);
  expect_nothing ();
  answer_announce (100, 4);
  ck_assert (shoal_announcer_idle (f.a));
  expect_result (&one, 3, NULL); /* that of port 0 is left out */
  ck_assert_uint_eq (f.result.leechers, 3);
  ck_assert_uint_eq (f.result.seeders, 4);
  ShoalAddr expected = { .family = 4, .ip = { 10, 1, 0, 3 }, .port = 3 };
  ck_assert (shoal_addr_equal (&f.result.peers[2], &expected));
  expect_no_result ();
  expect_nothing ();
}
END_TEST

START_TEST (connect_ahead)
{
  shoal_announcer_connect (f.a, f.now);
  ck_assert (shoal_announcer_idle (f.a));
  expect_connect ();
  answer_connect (5);
  ck_assert_int_eq (deadline (), SHOAL_NEVER);
  shoal_announcer_connect (f.a, f.now); /* there is one */
  expect_nothing ();
  f.now = 60 * S - 1;
  shoal_announcer_add (f.a, f.now, &one, 1);
  expect_announce (5, &one, SHOAL_BEP15_STARTED, 1);
  f.now = 60 * S; /* its minute is over */
  shoal_announcer_add (f.a, f.now, &two, 1);
  expect_connect ();
}
END_TEST

/* Unanswered and needed by nobody: not asked again, until somebody needs it. */
START_TEST (connect_ahead_is_lost)
{
  shoal_announcer_connect (f.a, f.now);
  expect_connect ();
  pass ();
  expect_nothing ();
  ck_assert_int_eq (deadline (), SHOAL_NEVER);
  shoal_announcer_add (f.a, f.now, &one, 1);
  expect_connect ();
}
END_TEST

START_TEST (many_share_a_connection)
{
  shoal_announcer_add (f.a, f.now, &one, 1);
  shoal_announcer_add (f.a, f.now, &two, 2);
  expect_connect ();
  shoal_announcer_add (f.a, f.now, &three, 0);
  expect_nothing ();
  answer_connect (9);
  uint32_t transactions[3];
  const ShoalFid *fids[] = { &one, &two, &three };
  for (unsigned i = 0; i < 3; i++)
    {
      expect_announce (9, fids[i], SHOAL_BEP15_STARTED, (i + 1) % 3);
      transactions[i] = f.request.transaction_id;
    }
  expect_nothing ();
  for (unsigned i = 3; i > 0; i--) /* answers in another order */
    {
      ck_assert (reply_to (transactions[i - 1], 120, i + 1));
      expect_result (fids[i - 1], i, NULL);
    }
  ck_assert (!reply_to (transactions[0], 120, 1)); /* a duplicate */
  expect_no_result ();
}
END_TEST

START_TEST (connect_retransmission)
{
  shoal_announcer_add (f.a, f.now, &one, 1);
  expect_connect ();
  uint32_t transaction = f.request.transaction_id;
  for (unsigned n = 0; n < 11; n++)
    {
      ShoalTime before = f.now;
      pass ();
      ck_assert_int_eq (f.now - before, MIN ((3 * S / 2) << MIN (n, 8), 60 * S));
      expect_connect ();
      ck_assert_uint_eq (f.request.transaction_id, transaction + (n + 1) % SHOAL_TRIES_TOLD_APART);
      expect_nothing ();
    }
  answer_connect (1);
  expect_announce (1, &one, SHOAL_BEP15_STARTED, 1);
}
END_TEST

/* An announce that is not answered goes on, less and less often, under a new id once the old one's minute is over. */
START_TEST (announce_retransmission)
{
  announce_one ();
  uint32_t transaction = f.request.transaction_id;
  for (unsigned n = 0; n < 11; n++)
    {
      ShoalTime before = f.now;
      pass ();
      ck_assert_int_eq (f.now - before, (2 * S) << MIN (n, 8));
      uint64_t id = f.now < 60 * S ? 1 : n + 2;
      if (f.now >= 60 * S)
        {
          expect_connect ();
          answer_connect (id);
        }
      expect_announce (id, &one, SHOAL_BEP15_STARTED, 1);
      ck_assert_uint_eq (f.request.transaction_id, transaction + (n + 1) % SHOAL_TRIES_TOLD_APART);
    }
  pass (); /* ready to be sent again: an answer counts, however late, and to whichever try */
  ck_assert (reply_to (transaction, 120, 2));
  expect_result (&one, 1, NULL);
  expect_nothing ();
}
END_TEST

/* The deadline must not stay in the past while the uplink does not ask. */
START_TEST (busy_uplink)
{
  join (20);
  pass ();
  ck_assert_int_eq (deadline (), SHOAL_NEVER);
  f.now += 1000 * S;
  expect_connect ();
  answer_connect (2);
  expect_announce (2, &one, SHOAL_BEP15_NONE, 50);
}
END_TEST

START_TEST (re_announce)
{
  ShoalTime least = SHOAL_NEVER, most = 0;
  join (100);
  for (unsigned n = 0; n < 200; n++)
    {
      ShoalTime before = f.now;
      pass ();
      least = MIN (least, f.now - before);
      most = MAX (most, f.now - before);
      expect_connect ();
      answer_connect (n);
      expect_announce (n, &one, SHOAL_BEP15_NONE, 50);
      answer_announce (100, 0);
      expect_result (&one, 0, NULL);
    }
  ck_assert_int_ge (least, 90 * S);
  ck_assert_int_lt (least, 92 * S);
  ck_assert_int_le (most, 110 * S);
  ck_assert_int_gt (most, 108 * S);
}
END_TEST

START_TEST (absurd_intervals)
{
  join (0);
  ck_assert_int_ge (deadline () - f.now, 4 * S);
  pass ();
  expect_announce (77, &one, SHOAL_BEP15_NONE, 50);
  answer_announce (UINT32_MAX, 0);
  ck_assert_int_le (deadline () - f.now, 27 * 3600 * S);
}
END_TEST

START_TEST (wants_more)
{
  join (100);
  shoal_announcer_again (f.a, &one, 20 * S);
  ck_assert_int_eq (deadline (), 20 * S);
  shoal_announcer_again (f.a, &one, 30 * S);  /* earlier holds */
  shoal_announcer_again (f.a, &two, 1 * S);   /* unknown */
  shoal_announcer_add (f.a, f.now, &one, 20); /* got some; no cause to announce */
  expect_nothing ();
  pass ();
  expect_announce (77, &one, SHOAL_BEP15_NONE, 20);
  shoal_announcer_again (f.a, &one, 21 * S); /* under way */
  expect_nothing ();
  ck_assert_int_eq (deadline (), 22 * S);
}
END_TEST

START_TEST (completes)
{
  join (100);
  shoal_announcer_complete (f.a, f.now, &two);
  expect_nothing ();
  shoal_announcer_complete (f.a, f.now, &one);
  expect_announce (77, &one, SHOAL_BEP15_COMPLETED, 0);
  answer_announce (100, 0);
  expect_result (&one, 0, NULL);
  shoal_announcer_complete (f.a, f.now, &one); /* known */
  expect_nothing ();
  shoal_announcer_add (f.a, f.now, &two, 0);
  expect_announce (77, &two, SHOAL_BEP15_STARTED, 0);
  answer_announce (100, 0);
  shoal_announcer_complete (f.a, f.now, &two); /* it was from the start */
  expect_nothing ();
}
END_TEST

/* While "started" is unanswered: "completed" takes its place, and the answer to the former is stale. */
START_TEST (completes_early)
{
  announce_one ();
  uint32_t stale = f.request.transaction_id;
  shoal_announcer_complete (f.a, f.now, &one);
  ck_assert (!reply_to (stale, 120, 2));
  expect_announce (1, &one, SHOAL_BEP15_COMPLETED, 0);
  ck_assert (!reply_to (stale, 120, 2));
  answer_announce (100, 2);
  expect_result (&one, 1, NULL);
  expect_no_result ();
}
END_TEST

START_TEST (stops)
{
  join (100);
  shoal_announcer_remove (f.a, f.now, &one);
  ck_assert (!shoal_announcer_idle (f.a));
  shoal_announcer_remove (f.a, f.now, &one); /* under way */
  expect_announce (77, &one, SHOAL_BEP15_STOPPED, 50);
  expect_nothing ();
  answer_announce (100, 0);
  ck_assert (shoal_announcer_idle (f.a));
  expect_no_result ();
  ck_assert_int_eq (deadline (), SHOAL_NEVER);
}
END_TEST

START_TEST (stop_is_given_up)
{
  join (100);
  shoal_announcer_remove (f.a, f.now, &one);
  expect_announce (77, &one, SHOAL_BEP15_STOPPED, 50);
  pass ();
  expect_announce (77, &one, SHOAL_BEP15_STOPPED, 50);
  pass ();
  expect_announce (77, &one, SHOAL_BEP15_STOPPED, 50);
  ck_assert (!shoal_announcer_idle (f.a));
  f.now = deadline ();
  ck_assert_int_eq (f.now, 14 * S); /* three tries: 2, 4 and 8 s */
  shoal_announcer_wake (f.a, f.now);
  expect_nothing ();
  ck_assert (shoal_announcer_idle (f.a));
  ck_assert_int_eq (deadline (), SHOAL_NEVER);
}
END_TEST

/* The tracker is gone altogether: not even a connection id is to be had. */
START_TEST (stop_without_connection)
{
  join (1000);
  f.now = 100 * S;
  shoal_announcer_remove (f.a, f.now, &one);
  expect_connect ();
  while (deadline () < SHOAL_NEVER)
    {
      ck_assert_int_gt (deadline (), f.now);
      f.now = deadline ();
      shoal_announcer_wake (f.a, f.now);
      next ();
      ck_assert_int_le (f.now, 400 * S);
    }
  ck_assert (shoal_announcer_idle (f.a));
  ck_assert_int_ge (f.now, 205 * S);
}
END_TEST

START_TEST (stop_before_start)
{
  shoal_announcer_add (f.a, f.now, &one, 1);
  shoal_announcer_remove (f.a, f.now, &one);
  ck_assert (shoal_announcer_idle (f.a));
  shoal_announcer_remove (f.a, f.now, &two);
  join (100);
}
END_TEST

START_TEST (joins_again_while_stopping)
{
  join (100);
  shoal_announcer_remove (f.a, f.now, &one);
  expect_announce (77, &one, SHOAL_BEP15_STOPPED, 50);
  uint32_t stale = f.request.transaction_id;
  shoal_announcer_add (f.a, f.now, &one, 30);
  expect_announce (77, &one, SHOAL_BEP15_STARTED, 30);
  ck_assert (!reply_to (stale, 100, 0));
  answer_announce (100, 2);
  expect_result (&one, 1, NULL);
  ck_assert_int_lt (deadline (), 111 * S);
  shoal_announcer_complete (f.a, f.now, &one);
  expect_announce (77, &one, SHOAL_BEP15_COMPLETED, 0);
}
END_TEST

START_TEST (errors_surface)
{
  announce_one ();
  uint32_t transaction = f.request.transaction_id;
  answer_error ("tracker full");
  expect_result (&one, 0, "tracker full");
  ck_assert_int_eq (deadline (), 15 * S);
  pass ();
  expect_announce (1, &one, SHOAL_BEP15_STARTED, 1);
  ck_assert_uint_ne (f.request.transaction_id, transaction);
  answer_error ("bad \xff text");
  expect_result (&one, 0, "bad \xef\xbf\xbd text");
  ck_assert_int_eq (deadline (), 45 * S);
}
END_TEST

START_TEST (expired_connection)
{
  shoal_announcer_add (f.a, f.now, &one, 1);
  shoal_announcer_add (f.a, f.now, &two, 2);
  expect_connect ();
  answer_connect (1);
  expect_announce (1, &one, SHOAL_BEP15_STARTED, 1);
  ShoalBep15Request first = f.request;
  expect_announce (1, &two, SHOAL_BEP15_STARTED, 2);
  ShoalBep15Request second = f.request;
  f.request = first;
  answer_error ("Connection ID missmatch.");
  expect_no_result ();
  expect_connect ();
  answer_connect (2);
  f.request = second;
  answer_error ("connection id expired"); /* of the former id: the new one is not doubted */
  expect_announce (2, &one, SHOAL_BEP15_STARTED, 1);
  answer_error ("connection id expired"); /* once only */
  expect_result (&one, 0, "connection id expired");
  expect_announce (2, &two, SHOAL_BEP15_STARTED, 2);
  expect_nothing ();
}
END_TEST

START_TEST (connect_is_refused)
{
  shoal_announcer_add (f.a, f.now, &one, 1);
  shoal_announcer_add (f.a, f.now, &two, 1);
  expect_connect ();
  answer_error ("go away");
  expect_result (&one, 0, "go away");
  expect_result (&two, 0, "go away");
  expect_nothing ();
  pass ();
  ck_assert_int_eq (f.now, 15 * S);
  expect_connect ();
}
END_TEST

START_TEST (strangers)
{
  uint8_t bytes[64] = { 0 };
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ck_assert (!deliver (&w));
  shoal_bep15_write_connect_reply (&w, 1, 2);
  ck_assert (!deliver (&w));
  shoal_announcer_add (f.a, f.now, &one, 1);
  expect_connect ();
  w.length = 0;
  shoal_bep15_write_connect_reply (&w, f.request.transaction_id + 1, 2);
  ck_assert (!deliver (&w));
  answer_connect (1);
  expect_announce (1, &one, SHOAL_BEP15_STARTED, 1);
  ck_assert (!reply_to (f.request.transaction_id + 1, 1, 1));
  w.length = 0;
  shoal_bep15_write_error (&w, f.request.transaction_id + 1, "x");
  ck_assert (!deliver (&w));
  w.length = 0;
  shoal_bep15_write_scrape_reply (&w, f.request.transaction_id, NULL, 0);
  ck_assert (!deliver (&w));
  answer_announce (100, 2);
}
END_TEST

static Suite *
announcer_suite (void)
{
  Suite *suite = suite_create ("announcer");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, first_announce);
  tcase_add_test (tests, connect_ahead);
  tcase_add_test (tests, connect_ahead_is_lost);
  tcase_add_test (tests, many_share_a_connection);
  tcase_add_test (tests, connect_retransmission);
  tcase_add_test (tests, announce_retransmission);
  tcase_add_test (tests, busy_uplink);
  tcase_add_test (tests, re_announce);
  tcase_add_test (tests, absurd_intervals);
  tcase_add_test (tests, wants_more);
  tcase_add_test (tests, completes);
  tcase_add_test (tests, completes_early);
  tcase_add_test (tests, stops);
  tcase_add_test (tests, stop_is_given_up);
  tcase_add_test (tests, stop_without_connection);
  tcase_add_test (tests, stop_before_start);
  tcase_add_test (tests, joins_again_while_stopping);
  tcase_add_test (tests, errors_surface);
  tcase_add_test (tests, expired_connection);
  tcase_add_test (tests, connect_is_refused);
  tcase_add_test (tests, strangers);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (announcer_suite (), NULL);
}
