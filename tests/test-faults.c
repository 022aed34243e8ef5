/* Faults in the virtual network, to the datagram: what the trace says of each that was sent. */
#include "tests/faulty.h"
#include "tests/harness.h"

#define S SHOAL_SECOND
#define MS SHOAL_MS

/* Matches each delivery with the first sending of the same length between the same two that is open yet, and tells
 * how long it took at least and at most, and how many were overtaken. */
typedef struct {
  ShoalTime least, most;
  unsigned overtaken, matched;
} Delays;

static Delays
measure_delays (void)
{
  Delays delays = { .least = SHOAL_NEVER };
  GQueue open[NODES][NODES] = { 0 };
  const char *at = faulty.text;
  for (FaultyLine line; faulty_read_line (&at, &line);)
    if (strcmp (line.what, "sent") == 0)
      {
        g_queue_push_tail (&open[line.node][line.peer], g_memdup2 (&line, sizeof line));
      }
    else if (strcmp (line.what, "delivered") == 0)
      {
        GQueue *q = &open[line.peer][line.node];
        GList *l = q->head;
        while (l && ((FaultyLine *)l->data)->value != line.value)
          l = l->next;
        ck_assert_ptr_nonnull (l);
        delays.overtaken += l != q->head;
        delays.least = MIN (delays.least, line.at - ((FaultyLine *)l->data)->at);
        delays.most = MAX (delays.most, line.at - ((FaultyLine *)l->data)->at);
        delays.matched++;
        g_free (l->data);
        g_queue_delete_link (q, l);
      }
  for (unsigned i = 0; i < NODES * NODES; i++)
    g_queue_clear_full (&open[i / NODES][i % NODES], g_free);
  return delays;
}

/* ---- conditions ---- */

/* Without rates a datagram takes the latency, to the nanosecond. */
START_TEST (latency)
{
  faulty.rate_bytes_per_s = 0;
  faulty_make (1, false);
  faulty_set_network (SHOAL_IMPAIR_LATENCY, 20 * MS + 7);
  faulty_play (60 * S);
  Delays delays = measure_delays ();
  ck_assert_uint_gt (delays.matched, 100);
  ck_assert_int_eq (delays.least, 20 * MS + 7);
  ck_assert_int_eq (delays.most, 20 * MS + 7);
  ck_assert (faulty_done (B) && faulty_done (C));
}
END_TEST

/* It varies from nothing to all of it, and nothing is overtaken. */
START_TEST (jitter)
{
  faulty.rate_bytes_per_s = 0;
  faulty_make (1, false);
  faulty_set_network (SHOAL_IMPAIR_JITTER, 50 * MS);
  faulty_play (60 * S);
  Delays delays = measure_delays ();
  ck_assert_int_lt (delays.least, 5 * MS);
  ck_assert_int_gt (delays.most, 45 * MS);
  ck_assert_int_le (delays.most, 50 * MS);
  ck_assert_uint_eq (delays.overtaken, 0);
  ck_assert (faulty_done (B) && faulty_done (C));
}
END_TEST

START_TEST (reordering)
{
  faulty_make (1, false);
  faulty_set_network (SHOAL_IMPAIR_LATENCY, 5 * MS);
  faulty_set_network (SHOAL_IMPAIR_REORDERING, FAULTY_ALL / 10);
  faulty_set_network (SHOAL_IMPAIR_HOLD, 300 * MS);
  faulty_play (120 * S);
  Delays delays = measure_delays ();
  ck_assert_uint_gt (delays.overtaken, 0);
  ck_assert_int_ge (delays.most, 305 * MS);
  ck_assert (faulty_done (B) && faulty_done (C));
}
END_TEST

START_TEST (loss)
{
  faulty_make (1, false);
  faulty_set_network (SHOAL_IMPAIR_LOSS, FAULTY_ALL / 10);
  faulty_play (120 * S);
  Fate fate = faulty_fate (-1, -1, 0, SHOAL_NEVER);
  ck_assert_uint_le (fate.sent - fate.delivered - fate.dropped, 4); /* under way at the end */
  faulty_assert_share (fate.dropped, fate.sent, 0.07, 0.13);
  ck_assert (faulty_done (B) && faulty_done (C));
}
END_TEST

START_TEST (all_is_lost)
{
  faulty_make (1, false);
  faulty_set_network (SHOAL_IMPAIR_LOSS, FAULTY_ALL);
  faulty_play (60 * S);
  Fate fate = faulty_fate (-1, -1, 0, SHOAL_NEVER);
  ck_assert_uint_gt (fate.sent, 0);
  ck_assert_uint_eq (fate.delivered, 0);
}
END_TEST

START_TEST (duplication)
{
  faulty_make (1, false);
  faulty_set_network (SHOAL_IMPAIR_DUPLICATION, FAULTY_ALL / 5);
  faulty_play (120 * S);
  Fate fate = faulty_fate (-1, -1, 0, SHOAL_NEVER);
  faulty_assert_share (fate.delivered, fate.sent, 1.15, 1.25);
  ck_assert (faulty_done (B) && faulty_done (C));
}
END_TEST

/* Data is spoilt in proportion to its length, heads too; both kinds of content suffer the same. */
START_TEST (corruption)
{
  char digests[2][65];
  for (unsigned real = 0; real < 2; real++)
    {
      faulty.rate_bytes_per_s = 5000; /* parts are small: a good share of them is hashes */
      faulty_make ((uint64_t)_i, real);
      faulty_set_network (SHOAL_IMPAIR_CORRUPTION, FAULTY_ALL / 20);
      faulty_play (100 * S);
      ck_assert_uint_gt (FAULTY_SUM (blocks_bad), 0);
      ck_assert_uint_gt (FAULTY_SUM (malformed_datagrams) + FAULTY_SUM (unknown_datagrams), 0);
      faulty.world->ops->trace_digest (faulty.world, digests[real]);
      faulty_free ();
    }
  ck_assert_str_eq (digests[0], digests[1]);
}
END_TEST

/* ---- where ---- */

/* A node's line delays what it sends and what it gets; others are not concerned. */
START_TEST (line)
{
  ShoalImpairments slow = faulty_with (SHOAL_IMPAIR_LATENCY, 400 * MS);
  faulty.rate_bytes_per_s = 0;
  faulty_make (1, false);
  faulty.world->ops->set_line (faulty.world, B, &slow);
  faulty_join ();
  faulty_run (10 * S);
  ck_assert_int_eq (faulty_fate (TRACKER, A, 0, SHOAL_NEVER).first, 0);
  ck_assert_int_eq (faulty_fate (B, TRACKER, 0, SHOAL_NEVER).first, 400 * MS);
  ck_assert_int_eq (faulty_fate (TRACKER, B, 0, SHOAL_NEVER).first, 800 * MS);
}
END_TEST

/* A link is one way, adds nothing to the network but stands in its place, and of two the newest counts; it
 * does so too when the network changes. */
START_TEST (link_in_place_of_network)
{
  faulty.rate_bytes_per_s = 0;
  faulty_make (1, false);
  faulty_set_network (SHOAL_IMPAIR_LATENCY, 100 * MS);
  faulty_set_link (B, TRACKER, SHOAL_IMPAIR_LATENCY, 900 * MS);
  faulty_set_link (B, TRACKER, SHOAL_IMPAIR_LATENCY, 30 * MS);
  faulty_set_link (B, TRACKER, SHOAL_IMPAIR_JITTER, 0);
  faulty_join ();
  faulty_run (20 * MS);
  faulty_set_network (SHOAL_IMPAIR_LATENCY, 200 * MS);
  faulty_run (10 * S);
  ck_assert_int_eq (faulty_fate (A, TRACKER, 0, SHOAL_NEVER).first, 100 * MS);
  ck_assert_int_eq (faulty_fate (B, TRACKER, 0, SHOAL_NEVER).first, 30 * MS);
  ck_assert_int_eq (faulty_fate (TRACKER, B, 0, SHOAL_NEVER).first, 230 * MS);
}
END_TEST

START_TEST (partition)
{
  faulty_make (1, false);
  faulty.world->ops->set_side (faulty.world, A, 1);
  faulty.world->ops->set_side (faulty.world, B, 2);
  faulty_play (20 * S);
  ck_assert_uint_gt (faulty_fate (A, B, 0, SHOAL_NEVER).sent + faulty_fate (B, A, 0, SHOAL_NEVER).sent, 0);
  ck_assert_uint_eq (faulty_fate (A, B, 0, SHOAL_NEVER).delivered, 0);
  ck_assert_uint_eq (faulty_fate (B, A, 0, SHOAL_NEVER).delivered, 0);
  ck_assert (faulty_done (B) && faulty_done (C)); /* B has it from C, who is on neither side */
}
END_TEST

START_TEST (partition_heals)
{
  faulty_make (1, false);
  for (unsigned i = B; i <= C; i++)
    faulty.world->ops->set_side (faulty.world, i, 1);
  faulty.world->ops->set_side (faulty.world, A, 2);
  faulty_play (20 * S);
  ck_assert (!faulty_done (B) && !faulty_done (C));
  faulty.world->ops->set_side (faulty.world, A, 0);
  faulty_run (120 * S);
  ck_assert (faulty_done (B) && faulty_done (C));
}
END_TEST

/* ---- all together ---- */

static void
play_everything (uint64_t seed, bool real, char digest[65])
{
  faulty_make (seed, real);
  faulty_set_network (SHOAL_IMPAIR_LATENCY, 10 * MS);
  faulty_set_network (SHOAL_IMPAIR_JITTER, 5 * MS);
  faulty_set_network (SHOAL_IMPAIR_LOSS, FAULTY_ALL / 50);
  faulty_set_network (SHOAL_IMPAIR_DUPLICATION, FAULTY_ALL / 50);
  faulty_set_network (SHOAL_IMPAIR_REORDERING, FAULTY_ALL / 50);
  faulty_set_link (A, B, SHOAL_IMPAIR_LATENCY, 30 * MS);
  faulty_play (3 * S);
  faulty.world->ops->crash (faulty.world, C);
  faulty_run (4 * S);
  faulty.world->ops->restart (faulty.world, C, FAULTY_ALL / 2);
  faulty_download (C);
  faulty_run (120 * S);
  faulty.world->ops->trace_digest (faulty.world, digest);
  faulty_free ();
}

START_TEST (same_seed_same_trace)
{
  char first[65], again[65], real[65], other[65];
  play_everything (1, false, first);
  play_everything (1, false, again);
  play_everything (1, true, real);
  play_everything (2, false, other);
  ck_assert_str_eq (first, again);
  ck_assert_str_eq (first, real);
  ck_assert_str_ne (first, other);
}
END_TEST

/* Conditions that do nothing change nothing: the trace is that of a perfect network. */
START_TEST (nothing_given)
{
  char perfect[65], idle[65];
  faulty_make (1, false);
  faulty_play (60 * S);
  faulty.world->ops->trace_digest (faulty.world, perfect);
  faulty_free ();
  faulty_make (1, false);
  for (unsigned key = 0; key < SHOAL_IMPAIRMENTS; key++)
    faulty_set_network (key, 0);
  faulty.world->ops->set_side (faulty.world, A, 0);
  faulty_play (60 * S);
  faulty.world->ops->trace_digest (faulty.world, idle);
  ck_assert_str_eq (perfect, idle);
}
END_TEST

static Suite *
faults_suite (void)
{
  Suite *suite = suite_create ("faults");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, faulty_set_up, faulty_tear_down);
  tcase_add_test (tests, latency);
  tcase_add_test (tests, jitter);
  tcase_add_test (tests, reordering);
  tcase_add_test (tests, loss);
  tcase_add_test (tests, all_is_lost);
  tcase_add_test (tests, duplication);
  tcase_add_loop_test (tests, corruption, 1, 31);
  tcase_add_test (tests, line);
  tcase_add_test (tests, link_in_place_of_network);
  tcase_add_test (tests, partition);
  tcase_add_test (tests, partition_heals);
  tcase_add_test (tests, same_seed_same_trace);
  tcase_add_test (tests, nothing_given);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (faults_suite (), NULL);
}
