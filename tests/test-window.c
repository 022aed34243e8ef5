/* When a full receive window opens: others may be asked while those who were asked are slow, and only then. */
#include "src/peer-internal.h"
#include "tests/harness.h"

#define S SHOAL_SECOND
#define RATE 22000u /* bytes per second: the usual limit is 55,000 bytes */
#define LIMIT 55000u

static ShoalPeer peer;

static void
set_up (void)
{
  peer = (ShoalPeer){ .options.download_bytes_per_s = RATE, .swarms = g_ptr_array_new () };
  peer.down.window_bytes = peer.down.outstanding_bytes = LIMIT;
}

static void
tear_down (void)
{
  g_ptr_array_free (peer.swarms, TRUE);
}

/* A tick at this time, before which data came or did not; returns by how much the window opened. */
static uint64_t
opened (ShoalTime now, bool fed, bool ran_dry)
{
  uint64_t before = peer.down.window_bytes;
  peer.down.fed = fed;
  peer.down.ran_dry = ran_dry;
  shoal_download_tick_all (&peer, now);
  return peer.down.window_bytes - before;
}

/* What came waited, and more waits: the downlink is busy, however many ticks pass without data. */
START_TEST (busy_downlink)
{
  peer.down.delivered_at = 10 * S;
  ck_assert_uint_eq (opened (10 * S, true, false), 0);
  ck_assert_uint_eq (opened (10 * S + S / 2, false, false), 0);
}
END_TEST

/* To twice the limit, a block at a time; and no further. */
START_TEST (idle_downlink)
{
  peer.down.delivered_at = 10 * S;
  ck_assert_uint_eq (opened (10 * S, true, true), SHOAL_BLOCK_BYTES);
  ck_assert_uint_eq (opened (10 * S, true, true), 0); /* it is not full */
  for (unsigned i = 0; i < 5; i++)
    {
      peer.down.outstanding_bytes = peer.down.window_bytes;
      opened (20 * S, false, false); /* nothing came for long */
    }
  ck_assert_uint_eq (peer.down.window_bytes, 2 * LIMIT);
}
END_TEST

/* Without a rate nobody knows whether the downlink idles, and what is asked for too early is lost in the system's queue:
 * 2 GiB over loopback went at 340 to 480 MB/s instead of 1,040. */
START_TEST (no_rate)
{
  peer.options.download_bytes_per_s = 0;
  ck_assert_uint_eq (opened (10 * S, true, true), 0);
  ck_assert_uint_eq (opened (10 * S, false, false), SHOAL_BLOCK_BYTES); /* nothing came at all */
}
END_TEST

static Suite *
window_suite (void)
{
  Suite *suite = suite_create ("window");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, busy_downlink);
  tcase_add_test (tests, idle_downlink);
  tcase_add_test (tests, no_rate);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (window_suite (), NULL);
}
