/* How long a node waits for its tracker before it says things again. */
#include "src/announcer.h"
#include "src/bep15.h"
#include "tests/harness.h"

#define S SHOAL_SECOND

static const ShoalFid one = { { 1 } };

/* A tracker that takes its time is given it: four round trips, as BEP 15's 15 s at most. */
START_TEST (four_round_trips)
{
  static const int took_ms[] = { 10, 1000, 1400, 20000 }, patience_ms[] = { 2000, 4000, 5600, 15000 };
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

static Suite *
patience_suite (void)
{
  Suite *suite = suite_create ("announcer-patience");
  TCase *tests = tcase_create ("all");
  tcase_add_loop_test (tests, four_round_trips, 0, 4);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (patience_suite (), NULL);
}
