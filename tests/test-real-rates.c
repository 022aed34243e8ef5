/* The real proxy's rates are exact, on an idle host and on one where every core is busy: four rates, upwards
 * and downwards, all at the same time in one loop.
 *
 * A datagram may come late, since the host wakes us late, but never early; and lateness must not add up. So
 * what is judged is the earliest there was in the first quarter of the time against the earliest in the last
 * quarter. SHOAL_RATE_SECONDS: how long to measure (4). */
#define _GNU_SOURCE
#include "tests/harness.h"
#include "tests/real-play.h"

#include <stdio.h>
#include <stdlib.h>

/* Before it is judged: both links are busy by then. */
#define SETTLING_NS (200 * SHOAL_MS)

typedef struct {
  uint64_t rate_bytes_per_s;
  size_t size;
  bool down;
} Case;

static const Case cases[] = {
  { 5000, 100, false },        { 5000, 100, true },        { 100000, 1000, false },
  { 100000, 1000, true },      { 10000000, 1400, false },  { 10000000, 1400, true },
  { 100000000, 16404, false }, { 100000000, 16404, true },
};

typedef struct {
  const Case *what;
  ShoalRealNode *from, *to;
  ShoalTime start, length;
  uint64_t bytes;              /* since the first that counts */
  ShoalTime first_at, last_at; /* the earliest of their quarters came then */
  ShoalTime first, last;       /* … and so long after it would have come at once */
  ShoalTime late_sum;
  unsigned count;
} Track;

/* bytes × 10⁹ / rate, without overflow for some hours. */
static ShoalTime
time_of (uint64_t bytes, uint64_t rate)
{
  return (ShoalTime)(bytes / rate * (uint64_t)SHOAL_SECOND + bytes % rate * (uint64_t)SHOAL_SECOND / rate);
}

static void
on_receive (void *context, Hose *hose, ShoalTime now, const ShoalInput *input)
{
  Track *t = context;
  ShoalTime since = now - t->start - SETTLING_NS;
  (void)hose;
  if (since < 0)
    return;
  t->bytes += input->head_bytes;
  ShoalTime after = now - time_of (t->bytes, t->what->rate_bytes_per_s);
  if (since < t->length / 4 && (t->first_at == 0 || after < t->first))
    {
      t->first = after;
      t->first_at = now;
    }
  if (since >= t->length * 3 / 4 && (t->last_at == 0 || after < t->last))
    {
      t->last = after;
      t->last_at = now;
    }
  t->late_sum += after - t->first;
  t->count++;
}

/* Downwards the sender is faster, so that the receiver's link is always busy, also when both were woken late;
 * at 100 MB/s only by a tenth, since that many datagrams cost a third of a processor. */
static void
start (Track *t, const Case *what, ShoalTime length)
{
  uint64_t rate = what->rate_bytes_per_s;
  *t = (Track){ .what = what, .length = length };
  t->from = real_node (what->down ? rate + rate / (rate < 50000000 ? 1 : 10) : rate, 0);
  t->to = real_node (0, what->down ? rate : 0);
  ShoalAddr to = shoal_real_node_address (t->to);
  Hose *source = hose_new (&to, what->size, HOSE_ENDLESS), *sink = hose_new (NULL, 8, 0);
  sink->on_receive = on_receive;
  sink->context = t;
  shoal_real_node_start (t->to, &sink->machine);
  t->start = shoal_loop_now (real_loop);
  shoal_real_node_start (t->from, &source->machine);
}

/* What this thread has used of a processor, and what it has waited for one. */
static ShoalTime
used_and_waited (void)
{
  long long used, waited;
  FILE *file = fopen ("/proc/thread-self/schedstat", "r");
  int fields = file ? fscanf (file, "%lld %lld", &used, &waited) : 0;
  if (file)
    fclose (file);
  return fields == 2 ? used + waited : 0;
}

/* Part of the rate. */
static double
error_of (const Track *t)
{
  ck_assert_int_gt (t->first_at, 0);
  ck_assert_int_gt (t->last_at, 0);
  return (double)(t->last - t->first) / (double)(t->last_at - t->first_at);
}

static bool
is_exact (const Track *t)
{
  double error = error_of (t);
  printf ("# %9" G_GUINT64_FORMAT " B/s %s: %+.4f %% off, on average %.3f ms late\n",
          t->what->rate_bytes_per_s, t->what->down ? "down" : "up  ", 100 * error,
          (double)t->late_sum / t->count / 1e6);
  return error < 0.005 && error > -0.005;
}

static void
run_tracks (Track *tracks, ShoalTime length)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    start (&tracks[i], &cases[i], length);
  shoal_loop_run (real_loop, shoal_loop_now (real_loop) + SETTLING_NS + length);
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      shoal_real_node_free (tracks[i].from);
      shoal_real_node_free (tracks[i].to);
    }
}

/* All rates are exact; the high ones need not be on a host that is too slow for them (under valgrind, say). */
static bool
measure (void)
{
  const char *seconds = g_getenv ("SHOAL_RATE_SECONDS");
  ShoalTime length = (seconds ? atoi (seconds) : 4) * SHOAL_SECOND;
  Track tracks[G_N_ELEMENTS (cases)];
  ShoalTime busy = used_and_waited ();
  bool exact = true;
  run_tracks (tracks, length);
  busy = used_and_waited () - busy;
  printf ("# used a processor or waited for one for %.0f %% of the time\n",
          100.0 * (double)busy / (double)(length + SETTLING_NS));
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    if (!is_exact (&tracks[i]) && (busy < length * 9 / 10 || cases[i].rate_bytes_per_s < 1000000))
      exact = false;
  return exact;
}

/* A host that stops for longer than is made up for spoils a measurement, but not three. */
static void
expect_exact (void)
{
  unsigned attempts = 1;
  while (!measure ())
    ck_assert_msg (attempts++ < 3, "rates are off, see above");
}

START_TEST (exact)
{
  expect_exact ();
}
END_TEST

static gint spinning;

static void *
spin (void *data)
{
  while (g_atomic_int_get (&spinning))
    continue;
  return data;
}

/* It runs one thread at a time, each for long. */
static bool
under_valgrind (void)
{
  const char *preloaded = g_getenv ("LD_PRELOAD");
  return preloaded && strstr (preloaded, "/vgpreload") != NULL;
}

START_TEST (exact_on_a_busy_host)
{
  if (under_valgrind ())
    return;
  unsigned count = MIN (g_get_num_processors (), 64);
  GThread *threads[64];
  g_atomic_int_set (&spinning, 1);
  for (unsigned i = 0; i < count; i++)
    threads[i] = g_thread_new ("spin", spin, NULL);
  expect_exact ();
  g_atomic_int_set (&spinning, 0);
  for (unsigned i = 0; i < count; i++)
    g_thread_join (threads[i]);
}
END_TEST

static Suite *
rates_suite (void)
{
  Suite *suite = suite_create ("real-rates");
  TCase *tests = tcase_create ("all");
  tcase_set_timeout (tests, 300);
  tcase_add_checked_fixture (tests, real_set_up, real_tear_down);
  tcase_add_test (tests, exact);
  tcase_add_test (tests, exact_on_a_busy_host);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (rates_suite (), NULL);
}
