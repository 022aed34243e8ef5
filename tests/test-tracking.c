/* The tracker and the nodes' side of its protocol together, over a network that loses. */
#include "src/announcer.h"
#include "src/tracker.h"
#include "tests/harness.h"

#define S SHOAL_SECOND

static const ShoalFid one = { { 1 } };
static const ShoalAddr tracker_addr = { .family = 4, .ip = { 10, 0, 0, 1 }, .port = 6969 };

/* With the real tracker, over a network that loses a third each way for five minutes: all come through. */
START_TEST (with_a_tracker)
{
  enum {
    NODES = 40
  };
  ShoalTrackerOptions tracker_options = { .seed = 2, .name = "tracker", .interval_s = 30 };
  ShoalMachine *tracker = shoal_tracker_machine_new (&tracker_options);
  ShoalAnnouncer *nodes[NODES];
  ShoalRandom randoms[NODES], loss;
  unsigned last[NODES] = { 0 };
  shoal_random_init (&loss, 1, "loss");
  for (unsigned i = 0; i < NODES; i++)
    {
      shoal_random_init (&randoms[i], i, "node");
      ShoalAnnouncerOptions options = {
        .tracker = tracker_addr, .port = (uint16_t)(8000 + i), .num_want = 30, .random = &randoms[i]
      };
      nodes[i] = shoal_announcer_new (&options);
      shoal_announcer_add (nodes[i], 0, &one, i == 0 ? 0 : 1);
    }
  for (ShoalTime now = 0; now < 1800 * S; now += S)
    {
      ShoalDatagram d;
      ShoalAnnounceResult result;
      for (unsigned i = 0; i < NODES; i++)
        {
          if (shoal_announcer_deadline (nodes[i]) <= now)
            shoal_announcer_wake (nodes[i], now);
          ck_assert_int_gt (shoal_announcer_deadline (nodes[i]), now);
          while (shoal_announcer_next_datagram (nodes[i], now, &d))
            if (now > 300 * S || shoal_random_below (&loss, 3) > 0)
              {
                ShoalInput in = { .from = { .family = 4, .ip = { 10, 9 }, .port = (uint16_t)(8000 + i) },
                                  .head = d.head,
                                  .head_bytes = d.head_bytes };
                tracker->ops->receive (tracker, now, &in);
              }
        }
      while (tracker->ops->next_datagram (tracker, now, &d))
        if (now > 300 * S || shoal_random_below (&loss, 3) > 0)
          shoal_announcer_receive (nodes[d.to.port - 8000], now, d.head, d.head_bytes);
      for (unsigned i = 0; i < NODES; i++)
        while (shoal_announcer_next_result (nodes[i], &result))
          {
            ck_assert_ptr_null (result.error);
            last[i] = result.peer_count;
          }
    }
  for (unsigned i = 0; i < NODES; i++)
    {
      ck_assert_msg (last[i] == 30, "node %u: %u", i, last[i]);
      shoal_announcer_free (nodes[i]);
    }
  tracker->ops->free (tracker);
}
END_TEST

static Suite *
tracking_suite (void)
{
  Suite *suite = suite_create ("tracking");
  TCase *tests = tcase_create ("all");
  tcase_add_test (tests, with_a_tracker);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (tracking_suite (), NULL);
}
