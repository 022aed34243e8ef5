/* How long a node waits for its tracker before it says things again. */
#include "src/announcer.h"
#include "src/bep15.h"
#include "src/patience.h"
#include "tests/harness.h"

#define S SHOAL_SECOND

static const ShoalFid one = { { 1 } };

/* A tracker that takes its time is given it: four round trips, from two seconds to a minute. */
START_TEST (four_round_trips)
{
  static const int took_ms[] = { 10, 1000, 1400, 20000 }, patience_ms[] = { 2000, 4000, 5600, 60000 };
  ShoalRandom random;
  ShoalBep15Request request;
  ShoalDatagram out;
  uint8_t bytes[32];
  shoal_random_init (&random, 1, "patient");
  ShoalAnnouncerOptions options = { .tracker = { .family = 4, .port = 6969 }, .port = 1, .random = &random };
  ShoalAnnouncer *a = shoal_announcer_new (&options);
  shoal_announcer_add (a, 0, &one, 1);
  ck_assert (shoal_announcer_next_datagram (a, 0, &out));
  ck_assert_int_eq (shoal_announcer_deadline (a), 3 * S / 2); /* nothing is known yet */
  ck_assert_int_eq (shoal_bep15_read_request (out.head, out.head_bytes, &request), SHOAL_OK);
  ShoalTime now = took_ms[_i] * SHOAL_MS;
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_connect_reply (&w, request.transaction_id, 7);
  ck_assert (shoal_announcer_receive (a, now, bytes, w.length));
  ck_assert (shoal_announcer_next_datagram (a, now, &out));
  ck_assert_int_eq (shoal_announcer_deadline (a) - now, patience_ms[_i] * SHOAL_MS);
  shoal_announcer_free (a);
}
END_TEST

static ShoalRandom lots;
static ShoalTries tries;
static ShoalPatience patience;

static void
set_up (void)
{
  shoal_random_init (&lots, 1, "tries");
  shoal_tries_begin (&tries, &lots);
  patience = (ShoalPatience){ 0 };
}

/* Whichever try is answered, the time is that since it was sent: a tracker that is slower than the first wait is known to
 * be, and one that did not get the first try is not taken to be slow. */
START_TEST (repeated_and_measured)
{
  uint32_t first = shoal_tries_send (&tries, 0), second = shoal_tries_send (&tries, 2 * S),
           third = shoal_tries_send (&tries, 6 * S);
  const uint32_t answered[] = { first, second, third };
  const ShoalTime wait[] = { 28 * S, 20 * S, 4 * S };
  ck_assert (shoal_tries_answered (&tries, answered[_i]));
  shoal_patience_measure (&patience, &tries, 7 * S, answered[_i]);
  ck_assert_int_eq (shoal_patience_wait_ns (&patience, 1), wait[_i]);
  ck_assert_int_eq (shoal_patience_wait_ns (&patience, 3), wait[_i] * 4);
}
END_TEST

/* Answers to what was not sent, or is over, are none. */
START_TEST (no_answers)
{
  uint32_t first = shoal_tries_send (&tries, 0);
  ck_assert (shoal_tries_answered (&tries, first));
  ck_assert (!shoal_tries_answered (&tries, first + 1));
  ck_assert (!shoal_tries_answered (&tries, first + SHOAL_TRIES_TOLD_APART));
  shoal_tries_begin (&tries, &lots);
  ck_assert (!shoal_tries_answered (&tries, first));
  ck_assert (!shoal_tries_answered (&tries, tries.id)); /* it was not sent */
}
END_TEST

/* One answer that took a quarter of an hour is forgotten as soon as one that took a quarter of a minute. */
START_TEST (patience_has_an_end)
{
  uint32_t id = shoal_tries_send (&tries, 0);
  shoal_patience_measure (&patience, &tries, 900 * S, id);
  ck_assert_int_eq (shoal_patience_wait_ns (&patience, 1), 60 * S);
  shoal_patience_measure (&patience, &tries, 1 * S, id);
  ck_assert_int_lt (shoal_patience_wait_ns (&patience, 1), 60 * S);
}
END_TEST

static Suite *
patience_suite (void)
{
  Suite *suite = suite_create ("announcer-patience");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, NULL);
  tcase_add_loop_test (tests, four_round_trips, 0, 4);
  tcase_add_loop_test (tests, repeated_and_measured, 0, 3);
  tcase_add_test (tests, no_answers);
  tcase_add_test (tests, patience_has_an_end);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (patience_suite (), NULL);
}
