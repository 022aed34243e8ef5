/* The real proxy: order, what is dropped and what is told. Rates by themselves are
 * in test-real-rates.c, commands in test-real-commands.c. */
#define _GNU_SOURCE
#include "real/node-internal.h"
#include "src/tracker.h"
#include "tests/harness.h"
#include "tests/real-play.h"

/* ---- datagrams ---- */

static bool
read_letters (ShoalContent *content, uint64_t offset, uint8_t *into, size_t length)
{
  for (size_t i = 0; i < length; i++)
    into[i] = (uint8_t)('a' + (offset + i) % 26);
  return content->is_virtual == false;
}

static const ShoalContentOps letters_ops = { .read = read_letters };

static void
check_letters (void *context, Hose *hose, ShoalTime now, const ShoalInput *input)
{
  (void)hose;
  (void)now;
  bool right = input->tail_bytes == 0;
  ck_assert_uint_eq (input->head_bytes, *(const size_t *)context);
  for (size_t i = 8; i < input->head_bytes; i++)
    right = right && input->head[i] == 'a' + (i - 8) % 26;
  ck_assert (right);
}

/* Head and payload come in one piece, in order, from and to either kind of address. */
START_TEST (delivers)
{
  static const size_t sizes[] = { 8, 1000, 1400, 16404, 17800, 60000 };
  ShoalContent letters = { .ops = &letters_ops };
  size_t size = sizes[_i % 6];
  const ShoalAddr *where = _i < 6 ? &REAL_LOCAL4 : &REAL_LOCAL6;
  ShoalRealNode *a = real_node_with (&(RealOptions){ .at = where });
  if (!a)
    return; /* no IPv6 here */
  ShoalRealNode *b = real_node_with (&(RealOptions){ 0 });
  ShoalAddr to = *where;
  to.port = shoal_real_node_address (b).port;
  Hose *sink = real_start_sink (b);
  sink->on_receive = check_letters;
  sink->context = &size;
  Hose *source = hose_new (&to, size, 100);
  source->content = &letters;
  real_start (a, source);
  real_run_to (&sink->got, 100);
  ck_assert_uint_eq (sink->out_of_order, 0);
  ck_assert_uint_eq (real_stats (a).sent_bytes, 100 * size);
  ck_assert_uint_eq (real_stats (b).received_bytes, 100 * size);
  ck_assert_uint_eq (real_stats (b).received_datagrams, 100);
  ck_assert_ptr_null (shoal_real_node_trouble (a));
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* What cannot be read is as if lost, and holds nothing up. */
START_TEST (unreadable)
{
  ShoalContent broken = { .ops = &letters_ops, .is_virtual = true };
  ShoalRealNode *a = real_node (0, 0), *b = real_node (0, 0);
  Hose *sink = real_start_sink (b), *source = real_start_source (a, b, 1000, 0);
  source->content = &broken;
  source->left = 200;
  shoal_real_node_settle (a);
  real_run_to (&source->given, 200);
  source->content = NULL;
  source->left = 1;
  shoal_real_node_settle (a);
  real_run_to (&sink->got, 1);
  ck_assert_uint_eq (real_stats (a).sent_datagrams, 1);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

START_TEST (silence_before_start)
{
  ShoalRealNode *a = real_node (0, 0), *b = real_node (0, 0);
  Hose *source = real_start_source (a, b, 1000, 10);
  real_run_to (&source->given, 10);
  real_run_for (20 * SHOAL_MS);
  ck_assert_ptr_null (shoal_real_node_machine (b));
  shoal_real_node_settle (b);
  shoal_real_node_set_rates (b, 0, 0);
  Hose *sink = real_start_sink (b);
  ck_assert_ptr_eq (shoal_real_node_machine (b), &sink->machine);
  source->left = 1;
  shoal_real_node_settle (a);
  real_run_to (&sink->got, 1);
  real_run_for (5 * SHOAL_MS);
  ck_assert_uint_eq (sink->got, 1);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* Nobody is there, too large for any path, no such network: counted, told, and the rest goes on. */
START_TEST (send_errors)
{
  ShoalRealNode *a = real_node (0, 0), *b = real_node (0, 0);
  Hose *sink = real_start_sink (b), *source = real_start_source (a, b, 1000, 0);
  source->to = (ShoalAddr){ .family = 4, .ip = { 255, 255, 255, 255 }, .port = 9 };
  source->left = 3;
  shoal_real_node_settle (a);
  real_run_to (&source->given, 3);
  ck_assert_uint_eq (real_stats (a).send_errors, 3);
  ck_assert_ptr_nonnull (shoal_real_node_trouble (a));
  source->to = shoal_real_node_address (b);
  source->left = 3;
  shoal_real_node_settle (a);
  real_run_to (&sink->got, 3);
  ck_assert_uint_eq (real_stats (a).send_errors, 3);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

static uint8_t garbage[65507];

/* A machine of ours is not troubled by what others send to its port. */
START_TEST (malformed)
{
  ShoalUdp *udp = shoal_udp_new (&REAL_LOCAL4, NULL);
  ShoalRealNode *node = real_node (0, 0);
  ShoalTrackerOptions options = { .seed = 1, .name = "tracker" };
  unsigned errors;
  shoal_real_node_start (node, shoal_tracker_machine_new (&options));
  for (unsigned i = 0; i < 50; i++)
    {
      ShoalUdpSend out = { shoal_real_node_address (node), garbage, i % 2 ? sizeof garbage : i };
      memset (garbage, (int)i * 37 + 1, sizeof garbage);
      shoal_udp_send (udp, &out, 1, &errors, NULL);
    }
  real_run_for (20 * SHOAL_MS);
  ck_assert_uint_eq (real_stats (node).received_datagrams, 50);
  ck_assert_uint_eq (real_stats (node).machine.malformed_datagrams, 50);
  ck_assert_uint_eq (real_stats (node).sent_datagrams, 0);
  shoal_real_node_free (node);
  shoal_udp_free (udp);
}
END_TEST

/* ---- the proxy ---- */

/* Asked when the uplink is free, and not before. */
START_TEST (pulls)
{
  ShoalRealNode *a = real_node (10000, 0), *b = real_node (0, 0);
  Hose *sink = real_start_sink (b), *source = real_start_source (a, b, 1000, HOSE_ENDLESS);
  for (unsigned i = 0; i < 40; i++)
    {
      real_run_for (10 * SHOAL_MS);
      ck_assert_uint_eq (source->given, real_stats (a).sent_datagrams + 1);
      ck_assert_uint_le (sink->got, real_stats (a).sent_datagrams);
    }
  ck_assert_uint_ge (source->given, 4);
  ck_assert_uint_le (
      sink->got,
      1 + (uint64_t)(shoal_loop_now (real_loop) - shoal_loop_origin (real_loop)) / (100 * SHOAL_MS));
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* Who was stopped does not send for all of that time at once: 1 s is made up for at this rate. */
START_TEST (debt_is_bounded)
{
  ShoalRealNode *a = real_node (100000, 0), *b = real_node (0, 0);
  Hose *source = real_start_source (a, b, 1000, HOSE_ENDLESS);
  real_run_for (50 * SHOAL_MS);
  uint64_t before = source->given;
  g_usleep (2500000);
  ShoalTime awake = shoal_loop_now (real_loop);
  real_run_for (5 * SHOAL_MS);
  uint64_t since = (uint64_t)(shoal_loop_now (real_loop) - awake) / (10 * SHOAL_MS);
  ck_assert_uint_ge (source->given - before, 95);
  ck_assert_uint_le (source->given - before, 102 + since);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

typedef struct {
  unsigned count;
  ShoalTime waited[16], at[16];
} Waits;

static void
note_wait (void *context, Hose *hose, ShoalTime now, const ShoalInput *input)
{
  Waits *waits = context;
  (void)hose;
  if (waits->count < G_N_ELEMENTS (waits->waited))
    {
      waits->waited[waits->count] = input->waited_ns;
      waits->at[waits->count++] = now;
    }
}

/* Ten come at once while the real_loop sleeps: each waited for those before it, by the kernel's time of arrival;
 * and those that are through by then are delivered at once. */
START_TEST (waits_are_told)
{
  ShoalRealNode *a = real_node (0, 0), *b = real_node (0, 50000);
  Waits waits = { 0 };
  Hose *sink = real_start_sink (b), *source = real_start_source (a, b, 1000, 0);
  sink->on_receive = note_wait;
  sink->context = &waits;
  source->left = 10;
  ShoalTime sent = shoal_loop_now (real_loop);
  shoal_real_node_settle (a);
  ShoalTime sent_end = shoal_loop_now (real_loop);
  ck_assert_uint_eq (real_stats (a).sent_datagrams, 10);
  g_usleep (110000);
  real_run_to (&sink->got, 10);
  for (unsigned i = 0; i < 10; i++)
    {
      ShoalTime wait = i * 20 * SHOAL_MS, end = wait + 20 * SHOAL_MS;
      ck_assert_int_le (ABS (waits.waited[i] - wait), sent_end - sent + SHOAL_MS);
      ck_assert_int_ge (waits.at[i], sent + end - SHOAL_MS);
    }
  ck_assert_int_lt (waits.at[4] - waits.at[0], 20 * SHOAL_MS); /* 20 … 100 ms: all after 110 */
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* Without a rate it is the time in the kernel's buffer. */
START_TEST (waits_without_rate)
{
  ShoalRealNode *a = real_node (0, 0), *b = real_node (0, 0);
  Waits waits = { 0 };
  Hose *sink = real_start_sink (b);
  sink->on_receive = note_wait;
  sink->context = &waits;
  real_start_source (a, b, 1000, 1);
  g_usleep (50000);
  real_run_to (&sink->got, 1);
  ck_assert_int_ge (waits.waited[0], 49 * SHOAL_MS);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* The download queue holds 4 MiB; a flood beyond it is dropped and counted. */
START_TEST (queue_is_bounded)
{
  ShoalRealNode *a = real_node (0, 0), *b = real_node (0, 10000);
  Hose *sink = real_start_sink (b), *source = real_start_source (a, b, 16404, 0);
  for (unsigned i = 0; i < 40; i++)
    {
      source->left = 10;
      shoal_real_node_settle (a);
      real_run_for (SHOAL_MS);
    }
  real_run_for (10 * SHOAL_MS);
  uint64_t queued = (4 << 20) / 16404;
  ck_assert_uint_eq (real_stats (b).dropped_datagrams, 400 - queued - sink->got);
  ck_assert_uint_eq (b->down.waiting.bytes, queued * 16404);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* What the kernel had no room for is in the same count. */
START_TEST (kernel_drops_are_counted)
{
  ShoalRealNode *a = real_node (0, 0), *b = real_node (0, 0);
  Hose *sink = real_start_sink (b), *source = real_start_source (a, b, 16404, 2000);
  while (source->left > 0)
    shoal_real_node_settle (a); /* 33 MB, and nobody reads */
  real_run_for (50 * SHOAL_MS);
  source->left = 1;
  shoal_real_node_settle (a);
  real_run_for (50 * SHOAL_MS);
  ck_assert_uint_lt (sink->got, 2001);
  ck_assert_uint_gt (real_stats (b).dropped_datagrams, 0);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* The one in service keeps its end; the next one has the new rate. */
START_TEST (rates_change)
{
  ShoalRealNode *a = real_node (10000, 0), *b = real_node (0, 0);
  Hose *sink = real_start_sink (b), *source = real_start_source (a, b, 1000, HOSE_ENDLESS);
  ShoalTime begin = source->last_given_at;
  shoal_real_node_set_rates (a, 0, 77);
  ck_assert_uint_eq (source->upload_bytes_per_s, 0);
  ck_assert_uint_eq (source->download_bytes_per_s, 77);
  ck_assert_uint_eq (source->given, 1);
  source->left = 99;
  real_run_to (&sink->got, 100);
  ck_assert_int_ge (sink->last_got_at, begin + 100 * SHOAL_MS);
  ck_assert_int_lt (sink->last_got_at, begin + 1000 * SHOAL_MS);
  shoal_real_node_set_rates (a, 5000, 0);
  source->left = 2;
  shoal_real_node_settle (a);
  begin = source->last_given_at;
  real_run_to (&sink->got, 102);
  ck_assert_int_ge (sink->last_got_at, begin + 400 * SHOAL_MS);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* What left before there was a rate is not made up for. */
START_TEST (rate_begins_when_set)
{
  ShoalRealNode *a = real_node (0, 0), *b = real_node (0, 0);
  real_start_sink (b);
  Hose *source = real_start_source (a, b, 1000, HOSE_ENDLESS);
  real_run_for (500 * SHOAL_MS);
  uint64_t before = source->given;
  gint64 start_us = g_get_monotonic_time ();
  shoal_real_node_set_rates (a, 20000, 0);
  real_run_for (100 * SHOAL_MS);
  uint64_t due = (uint64_t)(g_get_monotonic_time () - start_us) * 20 / 1000000;
  ck_assert_msg (source->given - before <= due + 2, "%u, not %u", (unsigned)(source->given - before),
                 (unsigned)due);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* On a network that is slower than the uplink (tests/real-network.sh makes one): the socket is full most of the
 * time, nothing is lost, and the machine is asked only for what the network takes. */
START_TEST (slow_network)
{
  const char *rate = g_getenv ("SHOAL_NETWORK_BYTES_PER_S");
  if (!rate)
    return;
  ShoalRealNode *a = real_node (0, 0), *b = real_node (0, 0);
  Hose *sink = real_start_sink (b), *source = real_start_source (a, b, 1400, HOSE_ENDLESS);
  unsigned full = 0;
  real_run_for (500 * SHOAL_MS);
  ShoalTime begin = shoal_loop_now (real_loop);
  uint64_t before = sink->got_bytes;
  for (unsigned i = 0; i < 100; i++)
    {
      real_run_for (10 * SHOAL_MS);
      full += a->up.blocked;
    }
  ShoalTime took = shoal_loop_now (real_loop) - begin;
  uint64_t passed = (sink->got_bytes - before) * 1000 / (uint64_t)(took / SHOAL_MS);
  uint64_t most = g_ascii_strtoull (rate, NULL, 10);
  ck_assert_uint_gt (full, 90);
  ck_assert_uint_gt (passed, most / 2);
  ck_assert_uint_lt (passed, most + most / 4);
  ck_assert_uint_eq (real_stats (a).send_errors, 0);
  source->left = 0;
  real_run_to (&sink->got, source->given);
  ck_assert_uint_eq (sink->out_of_order, 0);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

static void
add_sample (void *context, unsigned node, ShoalTime at, ShoalTime length, uint64_t sent, uint64_t received)
{
  uint64_t *sums = context;
  ck_assert_uint_eq (node, 7);
  ck_assert_int_ge (at, 5 * SHOAL_SECOND);
  ck_assert_int_gt (length, 0);
  sums[0] += sent;
  sums[1] += received;
}

START_TEST (samples)
{
  ShoalRealNode *a = real_node_with (&(RealOptions){ .at = &REAL_LOCAL4, .up = 100000, .samples = true });
  uint64_t sums[2] = { 0 };
  Hose *echo = real_start_source (a, a, 1000, 40); /* to itself */
  real_run_to (&echo->got, 40);
  shoal_real_node_for_each_sample (a, shoal_loop_origin (real_loop) - 5 * SHOAL_SECOND, 7, add_sample, sums);
  ck_assert_uint_eq (sums[0], 40000);
  ck_assert_uint_eq (sums[1], 40000);
  shoal_real_node_free (a);
}
END_TEST

START_TEST (alarms)
{
  ShoalRealNode *a = real_node (0, 0);
  Hose *hose = real_start_sink (a);
  ShoalTime begin = shoal_loop_now (real_loop);
  hose->alarm = begin + 10 * SHOAL_MS;
  hose->alarm_every_ns = 10 * SHOAL_MS;
  shoal_real_node_settle (a);
  shoal_loop_run (real_loop, begin + 105 * SHOAL_MS);
  ck_assert_uint_ge (hose->wakes, 9);
  ck_assert_uint_le (hose->wakes, (unsigned)((shoal_loop_now (real_loop) - begin) / (10 * SHOAL_MS)));
  shoal_real_node_free (a);
}
END_TEST

static Suite *
node_suite (void)
{
  Suite *suite = suite_create ("real-node");
  TCase *tests = tcase_create ("datagrams");
  tcase_add_checked_fixture (tests, real_set_up, real_tear_down);
  tcase_add_loop_test (tests, delivers, 0, 12);
  tcase_add_test (tests, unreadable);
  tcase_add_test (tests, silence_before_start);
  tcase_add_test (tests, send_errors);
  tcase_add_test (tests, malformed);
  suite_add_tcase (suite, tests);
  tests = tcase_create ("proxy");
  tcase_add_checked_fixture (tests, real_set_up, real_tear_down);
  tcase_add_test (tests, pulls);
  tcase_add_test (tests, debt_is_bounded);
  tcase_add_test (tests, waits_are_told);
  tcase_add_test (tests, waits_without_rate);
  tcase_add_test (tests, queue_is_bounded);
  tcase_add_test (tests, kernel_drops_are_counted);
  tcase_add_test (tests, rates_change);
  tcase_add_test (tests, rate_begins_when_set);
  tcase_add_test (tests, samples);
  tcase_add_test (tests, alarms);
  suite_add_tcase (suite, tests);
  tests = tcase_create ("network");
  tcase_add_checked_fixture (tests, real_set_up, real_tear_down);
  tcase_add_test (tests, slow_network);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (node_suite (), NULL);
}
