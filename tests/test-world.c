/* The virtual world: order of events, samples, and the network of proxies to the nanosecond. */
#define _POSIX_C_SOURCE 200809L /* open_memstream() */

#include "sim/event-queue.h"
#include "sim/world.h"
#include "src/link.h"
#include "src/samples.h"
#include "tests/harness.h"
#include "tests/pair.h"

#include <inttypes.h>

#define S SHOAL_SECOND

/* ---- event queue ---- */

START_TEST (queue_order)
{
  ShoalEventQueue q;
  ShoalRandom dice;
  shoal_event_queue_init (&q);
  shoal_random_init (&dice, 1, "queue");
  ck_assert_ptr_null (shoal_event_queue_first (&q));
  ShoalTime last_at = -1;
  uint32_t last_node = 0, next_node = 0;
  for (unsigned round = 0; round < 20000; round++)
    {
      bool push = q.length == 0 || shoal_random_below (&dice, 5) < (round < 10000 ? 3u : 1u);
      if (push)
        {
          ShoalTime at = MAX (last_at, 0) + shoal_random_below (&dice, 20); /* many ties */
          shoal_event_queue_push (&q, at, next_node++, SHOAL_SIM_WAKE);
          continue;
        }
      const ShoalSimEvent first = *shoal_event_queue_first (&q);
      ShoalSimEvent event = shoal_event_queue_pop (&q);
      ck_assert (first.at == event.at && first.node == event.node);
      ck_assert_int_ge (event.at, last_at);
      if (event.at == last_at)
        ck_assert_uint_gt (event.node, last_node); /* first in, first out */
      last_at = event.at;
      last_node = event.node;
    }
  shoal_event_queue_clear (&q);
}
END_TEST

START_TEST (queue_extremes)
{
  ShoalEventQueue q;
  shoal_event_queue_init (&q);
  shoal_event_queue_push (&q, SHOAL_NEVER, 1, SHOAL_SIM_WAKE);
  shoal_event_queue_push (&q, 0, 2, SHOAL_SIM_UPLINK);
  ShoalSimEvent event = shoal_event_queue_pop (&q);
  ck_assert (event.node == 2 && event.kind == SHOAL_SIM_UPLINK && event.at == 0);
  event = shoal_event_queue_pop (&q);
  ck_assert (event.node == 1 && event.at == SHOAL_NEVER);
  ck_assert_ptr_null (shoal_event_queue_first (&q));
  shoal_event_queue_clear (&q);
}
END_TEST

/* ---- samples ---- */

/* However long it lasts, nothing is lost, and every bucket keeps what fell into its time. */
START_TEST (samples_merge)
{
  ShoalSamples samples = { 0 };
  uint64_t sent = 0;
  for (unsigned i = 0; i < 5000; i++)
    {
      shoal_samples_add (&samples, i * S, i, 2 * i);
      sent += i;
    }
  uint64_t sums[2] = { 0 };
  ck_assert_uint_le (samples.used, SHOAL_SAMPLE_BUCKETS);
  ck_assert_int_eq (samples.width_ns, 32 * S); /* 256 × 16 s is too short */
  for (uint32_t i = 0; i < samples.used; i++)
    {
      uint64_t here = 0;
      for (unsigned second = i * 32; second < MIN (i * 32 + 32, 5000); second++)
        here += second;
      ck_assert_uint_eq (samples.buckets[i][0], here);
      ck_assert_uint_eq (samples.buckets[i][1], 2 * here);
      sums[0] += samples.buckets[i][0];
      sums[1] += samples.buckets[i][1];
    }
  ck_assert_uint_eq (sums[0], sent);
  ck_assert_uint_eq (sums[1], 2 * sent);
  shoal_samples_clear (&samples);
  ck_assert_ptr_null (samples.buckets);
}
END_TEST

START_TEST (samples_far_away)
{
  ShoalSamples samples = { 0 };
  shoal_samples_add (&samples, 0, 1, 0);
  shoal_samples_add (&samples, 365 * 24 * 3600 * S, 0, 1);
  ck_assert_uint_eq (samples.buckets[0][0], 1);
  ck_assert_uint_eq (samples.buckets[samples.used - 1][1], 1);
  shoal_samples_clear (&samples);
}
END_TEST

/* ---- a whole world ---- */

static ShoalBackend *world;
static PairFile *file;
static ShoalMerkle *structural; /* the file's tree where content is virtual */
static ShoalSharedFile shared;
static char *text; /* of the trace */
static size_t text_length;
static FILE *trace;

static void
make_world (uint64_t seed, bool real)
{
  trace = open_memstream (&text, &text_length);
  ShoalWorldOptions options = { .seed = seed, .real_content = real, .trace = trace };
  world = shoal_world_new (&options);
  shared.tree = real ? file->tree : structural;
}

static void
free_world (void)
{
  world->ops->free (world);
  world = NULL;
  fclose (trace);
  g_clear_pointer (&text, free);
}

static void
set_up (void)
{
  file = pair_file_new ("file", 600001, 3);
  structural = shoal_merkle_new_full (shoal_info_blocks (&file->file.info), NULL);
  shared = (ShoalSharedFile){ .name = (char *)"file", .file = file->file, .content_seed = 3 };
}

static void
tear_down (void)
{
  if (world)
    free_world ();
  shoal_merkle_unref (structural);
  pair_file_free (file);
}

static unsigned
add (const char *name, ShoalRole role, uint64_t up, uint64_t down)
{
  ShoalNodeSpec spec = { .name = name, .role = role, .upload_bytes_per_s = up, .download_bytes_per_s = down };
  spec.tracker = role == SHOAL_ROLE_TRACKER ? -1 : 0;
  int number = world->ops->add_node (world, &spec, NULL);
  ck_assert_int_ge (number, 0);
  return (unsigned)number;
}

static const uint64_t rates[][2] = { { 10000, 10000 }, { 100000, 50000 }, { 33333, 77777 }, { 0, 0 } };

/* A tracker and three peers of odd rates; the first holds the file, the others get it. */
static void
play (uint64_t seed, bool real)
{
  static const char *const names[] = { "tracker", "A", "B", "C" };
  make_world (seed, real);
  for (unsigned i = 0; i < 4; i++)
    {
      add (names[i], i == 0 ? SHOAL_ROLE_TRACKER : SHOAL_ROLE_PEER, rates[i][0], rates[i][1]);
      world->ops->start (world, i);
    }
  ck_assert_int_eq (world->ops->register_file (world, 1, &shared), SHOAL_OK);
  world->ops->run (world, S);
  ck_assert_int_eq (world->ops->now (world), S);
  for (unsigned i = 2; i < 4; i++)
    ck_assert_int_eq (world->ops->download (world, i, &shared, -1, 0), SHOAL_OK);
  world->ops->run (world, 120 * S);
  fflush (trace);
}

static unsigned
count_lines (const char *what)
{
  unsigned count = 0;
  for (const char *at = text; (at = strstr (at, what)) != NULL; at++)
    count++;
  return count;
}

START_TEST (plays)
{
  play (1, _i == 1);
  ck_assert_uint_eq (count_lines (" download-done "), 2);
  ck_assert_uint_eq (count_lines (" block "), 2 * 37);
  ck_assert_uint_eq (count_lines (" dropped "), 0);
  ShoalNodeStats a, b, c;
  world->ops->stats (world, 1, &a);
  world->ops->stats (world, 2, &b);
  world->ops->stats (world, 3, &c);
  ck_assert_uint_eq (b.machine.blocks_verified, 37);
  ck_assert_uint_ge (a.machine.payload_sent_bytes + b.machine.payload_sent_bytes
                         + c.machine.payload_sent_bytes,
                     2 * file->length);
  ck_assert_uint_ge (a.sent_bytes, a.machine.payload_sent_bytes);
  const ShoalSource *sources;
  unsigned count = world->ops->sources (world, 3, &file->file.fid, &sources);
  uint64_t bytes = 0;
  for (unsigned i = 0; i < count; i++)
    {
      ck_assert_int_ge (world->ops->node_of (world, &sources[i].peer), 1);
      bytes += sources[i].bytes;
    }
  ck_assert_uint_eq (bytes, file->length);
}
END_TEST

typedef struct {
  ShoalTime at;
  unsigned node;
  char what[32];
  int peer;
  uint64_t value;
} Line;

/* Next line of the trace; false at its end. */
static bool
read_line (const char **at, Line *out)
{
  int64_t seconds, rest;
  int length = 0;
  if (sscanf (*at, "%" SCNd64 ".%" SCNd64 " %u %31s %d %" SCNu64 "\n%n", &seconds, &rest, &out->node,
              out->what, &out->peer, &out->value, &length)
      < 6)
    return false;
  out->at = seconds * S + rest;
  *at += length;
  return true;
}

/* Each datagram's times are what the proxies' arithmetic says, in each FIFO's order. */
START_TEST (exact_times)
{
  play (1, false);
  ShoalLink downlinks[4];
  GQueue waiting[4] = { G_QUEUE_INIT, G_QUEUE_INIT, G_QUEUE_INIT, G_QUEUE_INIT };
  ShoalTime free_at[4] = { 0 };
  uint64_t sent[4] = { 0 }, received[4] = { 0 };
  for (unsigned i = 0; i < 4; i++)
    shoal_link_init (&downlinks[i], rates[i][1]);
  unsigned lines = 0;
  const char *at = text;
  for (Line line; read_line (&at, &line); lines++)
    if (strcmp (line.what, "sent") == 0)
      {
        /* It left at the end of its service, which began no earlier than the one before it ended. */
        uint64_t rate = rates[line.node][0];
        ShoalTime took = rate ? (ShoalTime)(line.value * (uint64_t)S / rate) : 0;
        ck_assert_int_ge (line.at - took, free_at[line.node] - 1);
        free_at[line.node] = line.at;
        sent[line.node] += line.value;
        Line *due = g_memdup2 (&line, sizeof line);
        due->at = shoal_link_serve (&downlinks[line.peer], line.at, line.value);
        g_queue_push_tail (&waiting[line.peer], due);
      }
    else if (strcmp (line.what, "delivered") == 0)
      {
        g_autofree Line *due = g_queue_pop_head (&waiting[line.node]);
        ck_assert_ptr_nonnull (due);
        ck_assert_int_eq (line.at, due->at);
        ck_assert_int_eq (line.peer, (int)due->node);
        ck_assert_uint_eq (line.value, due->value);
        received[line.node] += line.value;
      }
  ck_assert_uint_gt (lines, 200);
  for (unsigned i = 0; i < 4; i++)
    {
      ShoalNodeStats stats;
      world->ops->stats (world, i, &stats);
      ck_assert_uint_eq (stats.sent_bytes, sent[i]);
      ck_assert_uint_eq (stats.received_bytes, received[i]);
      g_queue_clear_full (&waiting[i], g_free);
    }
}
END_TEST

static uint64_t sampled[4][2];

static void
on_sample (void *context, unsigned node, ShoalTime start, ShoalTime length, uint64_t sent, uint64_t received)
{
  (void)context;
  ck_assert_int_ge (start, 0);
  /* No more than the rate allows, and what ended in this span but began before it. */
  if (rates[node][0] > 0)
    ck_assert_uint_le (sent, (uint64_t)(length / SHOAL_MS) * rates[node][0] / 1000 + 18000);
  sampled[node][0] += sent;
  sampled[node][1] += received;
}

START_TEST (samples_of_a_run)
{
  play (1, false);
  memset (sampled, 0, sizeof sampled);
  world->ops->for_each_sample (world, on_sample, NULL);
  for (unsigned i = 0; i < 4; i++)
    {
      ShoalNodeStats stats;
      world->ops->stats (world, i, &stats);
      ck_assert_uint_eq (sampled[i][0], stats.sent_bytes);
      ck_assert_uint_eq (sampled[i][1], stats.received_bytes);
    }
}
END_TEST

START_TEST (same_seed_same_trace)
{
  char first[65], again[65], real[65], other[65];
  play (1, false);
  world->ops->trace_digest (world, first);
  g_autofree char *first_text = g_strdup (text);
  free_world ();
  play (1, false);
  world->ops->trace_digest (world, again);
  ck_assert_str_eq (text, first_text);
  free_world ();
  play (1, true);
  world->ops->trace_digest (world, real);
  ck_assert_str_eq (text, first_text);
  free_world ();
  play (2, false);
  world->ops->trace_digest (world, other);
  ck_assert_str_eq (first, again);
  ck_assert_str_eq (first, real);
  ck_assert_str_ne (first, other);
}
END_TEST

/* A node that has not started hears nothing, and one that has closed neither. */
START_TEST (not_there)
{
  make_world (1, false);
  add ("tracker", SHOAL_ROLE_TRACKER, 0, 0);
  add ("A", SHOAL_ROLE_PEER, 100000, 100000);
  world->ops->start (world, 1);
  world->ops->run (world, 30 * S);
  fflush (trace);
  ck_assert_uint_gt (count_lines (" dropped "), 0);
  ck_assert_uint_eq (count_lines (" delivered "), 0);
  world->ops->close (world, 1);
  world->ops->run (world, 40 * S);
  ShoalNodeStats before, after;
  world->ops->stats (world, 1, &before);
  world->ops->start (world, 0);
  ck_assert (!world->ops->run (world, 1000 * S)); /* nothing is left to happen */
  world->ops->stats (world, 1, &after);
  ck_assert_uint_eq (before.sent_bytes, after.sent_bytes);
  ck_assert_int_eq (world->ops->now (world), 1000 * S);
}
END_TEST

static unsigned blocks_seen;

static void
stop_at_third (void *context, ShoalTime now, unsigned node, const ShoalEvent *event)
{
  (void)now;
  (void)node;
  if (event->kind == SHOAL_EVENT_BLOCK && ++blocks_seen == 3)
    ((ShoalBackend *)context)->ops->stop (context);
}

START_TEST (stop)
{
  make_world (1, false);
  add ("server", SHOAL_ROLE_SERVER, 100000, 100000);
  add ("client", SHOAL_ROLE_CLIENT, 100000, 100000);
  world->on_event = stop_at_third;
  world->context = world;
  blocks_seen = 0;
  world->ops->start (world, 0);
  world->ops->start (world, 1);
  world->ops->register_file (world, 0, &shared);
  world->ops->download (world, 1, &shared, 0, 0);
  ck_assert (world->ops->run (world, 100 * S));
  ck_assert_uint_eq (blocks_seen, 3);
  ck_assert_int_lt (world->ops->now (world), 2 * S);
  world->ops->run (world, 100 * S);
  ck_assert_uint_eq (blocks_seen, 37);
}
END_TEST

/* From the next datagram on: the rest takes as long as the new rate says. */
START_TEST (rates_change)
{
  make_world (1, false);
  add ("server", SHOAL_ROLE_SERVER, 100000, 0);
  add ("client", SHOAL_ROLE_CLIENT, 0, 0);
  world->ops->start (world, 0);
  world->ops->start (world, 1);
  world->ops->register_file (world, 0, &shared);
  world->ops->download (world, 1, &shared, 0, 0);
  world->ops->run (world, 3 * S);
  world->ops->set_rates (world, 0, 10000, 0);
  ShoalNodeStats before, after;
  world->ops->stats (world, 0, &before);
  world->ops->run (world, 13 * S);
  world->ops->stats (world, 0, &after);
  ck_assert_uint_ge (before.sent_bytes, 280000);
  ck_assert_uint_le (before.sent_bytes, 300000);
  uint64_t then = after.sent_bytes - before.sent_bytes;
  ck_assert_msg (then >= 90000 && then <= 110000, "%" PRIu64 " bytes in 10 s at 10 kB/s", then);
}
END_TEST

static Suite *
world_suite (void)
{
  Suite *suite = suite_create ("world");
  TCase *parts = tcase_create ("parts"), *whole = tcase_create ("whole");
  tcase_add_test (parts, queue_order);
  tcase_add_test (parts, queue_extremes);
  tcase_add_test (parts, samples_merge);
  tcase_add_test (parts, samples_far_away);
  tcase_add_checked_fixture (whole, set_up, tear_down);
  tcase_add_loop_test (whole, plays, 0, 2);
  tcase_add_test (whole, exact_times);
  tcase_add_test (whole, samples_of_a_run);
  tcase_add_test (whole, same_seed_same_trace);
  tcase_add_test (whole, not_there);
  tcase_add_test (whole, stop);
  tcase_add_test (whole, rates_change);
  suite_add_tcase (suite, parts);
  suite_add_tcase (suite, whole);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (world_suite (), NULL);
}
