/* Reliable, ordered messages over a network that is anything but. */
#include "src/channel.h"
#include "src/random.h"
#include "src/wire.h"
#include "tests/harness.h"

#define S SHOAL_SECOND

static ShoalChannel a, b;

static void
set_up (void)
{
  shoal_channel_init (&a);
  shoal_channel_init (&b);
}

static void
tear_down (void)
{
  shoal_channel_clear (&a);
  shoal_channel_clear (&b);
}

/* A message whose body is a number of 4 bytes and some more. */
static void
say (ShoalChannel *c, uint32_t number, size_t more)
{
  uint8_t rest[SHOAL_CHANNEL_CHUNK_BYTES] = { 0 };
  ShoalWriter w = shoal_channel_message (c, 0x7e, 4 + more);
  shoal_write_u32 (&w, number);
  shoal_write_bytes (&w, rest, more);
  ck_assert (!w.failed);
  ck_assert_uint_eq (w.length, w.room);
}

typedef struct {
  uint16_t number, ack, sack;
  size_t length;
  uint8_t bytes[SHOAL_CHANNEL_CHUNK_BYTES];
} Sent;

static bool
take (ShoalChannel *c, ShoalTime now, size_t room, Sent *out)
{
  const uint8_t *bytes = shoal_channel_take (c, now, room, &out->number, &out->length);
  out->ack = c->expected;
  if (bytes == NULL)
    return false;
  ck_assert_uint_le (out->length, room);
  ck_assert_uint_le (out->length, SHOAL_CHANNEL_CHUNK_BYTES);
  memcpy (out->bytes, bytes, out->length);
  return true;
}

/* Reads the numbers that a chunk holds; they must follow each other from *next on. */
static void
read_chunk (const Sent *chunk, uint32_t *next)
{
  ShoalReader r = shoal_reader (chunk->bytes, chunk->length);
  ShoalMessage m;
  while (shoal_read_message (&r, &m))
    {
      ck_assert_uint_eq (shoal_read_u32 (&m.body), *next);
      (*next)++;
    }
  ck_assert (!r.failed);
  ck_assert_uint_eq (r.left, 0); /* whole messages only */
}

START_TEST (in_order)
{
  Sent chunk;
  uint32_t next = 0;
  ck_assert (!shoal_channel_can_send (&a));
  ck_assert (!take (&a, 0, 1000, &chunk));
  for (uint32_t i = 0; i < 10; i++)
    say (&a, i, 0);
  ck_assert (take (&a, 0, 1000, &chunk));
  ck_assert_uint_eq (chunk.number, 0);
  ck_assert (shoal_channel_received (&b, 5, chunk.number, chunk.bytes, chunk.length));
  ck_assert (b.ack_due);
  read_chunk (&chunk, &next);
  ck_assert_uint_eq (next, 10);
  ck_assert_uint_eq (shoal_channel_waiting (&a), 0);
  ck_assert_uint_eq (a.count, 1);
  ck_assert (shoal_channel_acked (&a, 10, b.expected, 0));
  ck_assert_uint_eq (a.count, 0);
  ck_assert_uint_eq (a.length, 0);
}
END_TEST

/* Messages are never cut: what does not fit waits. */
START_TEST (room)
{
  Sent chunk;
  uint32_t next = 0;
  for (uint32_t i = 0; i < 4; i++)
    say (&a, i, 94); /* 100 bytes each */
  ck_assert (!take (&a, 0, 99, &chunk));
  ck_assert (take (&a, 0, 250, &chunk));
  ck_assert_uint_eq (chunk.length, 200);
  read_chunk (&chunk, &next);
  ck_assert (take (&a, 0, 100000, &chunk));
  ck_assert_uint_eq (chunk.length, 200);
  read_chunk (&chunk, &next);
  ck_assert_uint_eq (next, 4);
}
END_TEST

static bool
came (uint16_t number)
{
  uint8_t bytes[2] = { (uint8_t)(number >> 8), (uint8_t)number };
  return shoal_channel_received (&b, 0, number, bytes, sizeof bytes);
}

/* The number in the held chunk whose turn it is; -1: none. */
static int
next_held (void)
{
  size_t length = 0;
  uint8_t *bytes = shoal_channel_next_held (&b, &length);
  int number = bytes && length == 2 ? bytes[0] << 8 | bytes[1] : -1;
  g_free (bytes);
  return number;
}

START_TEST (duplicates_and_gaps)
{
  ck_assert (came (0));
  ck_assert (!b.ack_now);
  ck_assert_int_eq (next_held (), -1);
  ck_assert (!came (0));
  ck_assert (b.ack_now); /* it missed our acknowledgement */
  ck_assert (!came (2)); /* 1 is missing */
  ck_assert (!came (4));
  ck_assert (!came (4));
  ck_assert_uint_eq (shoal_channel_sack (&b), 1u << 0 | 1u << 2);
  ck_assert_int_eq (next_held (), -1);
  ck_assert (came (1));
  ck_assert_int_eq (next_held (), 2);
  ck_assert_int_eq (next_held (), -1);
  ck_assert_uint_eq (shoal_channel_sack (&b), 1u << 0);
  ck_assert (came (3));
  ck_assert_int_eq (next_held (), 4);
  ck_assert_uint_eq (shoal_channel_sack (&b), 0);
  ck_assert (!came (65535));
  ck_assert (!came (5 + SHOAL_CHANNEL_WINDOW)); /* nobody may send that yet */
  ck_assert_uint_eq (shoal_channel_sack (&b), 0);
  ck_assert_uint_eq (b.expected, 5);
}
END_TEST

/* What came after a lost chunk tells of the loss within a round trip, and only the lost one goes again. */
START_TEST (overtaken)
{
  Sent chunk;
  a.srtt_ns = 40 * SHOAL_MS;
  for (uint32_t i = 0; i < 4; i++)
    {
      say (&a, i, 900);
      ck_assert (take (&a, (ShoalTime)i * SHOAL_MS, 1024, &chunk));
    }
  ck_assert (shoal_channel_acked (&a, 30 * SHOAL_MS, 0, 1u << 1)); /* 2 came; 0 and 1 may be on their way */
  ck_assert_uint_eq (a.lost, 0);
  ck_assert (!shoal_channel_check (&a, 31 * SHOAL_MS));
  ck_assert (shoal_channel_check (&a, 50 * SHOAL_MS)); /* not any more */
  ck_assert (take (&a, 50 * SHOAL_MS, 1024, &chunk));
  ck_assert_uint_eq (chunk.number, 0);
  ck_assert (take (&a, 50 * SHOAL_MS, 1024, &chunk));
  ck_assert_uint_eq (chunk.number, 1);
  ck_assert (!shoal_channel_can_send (&a));
  ck_assert (shoal_channel_acked (&a, 90 * SHOAL_MS, 4, 0));
  ck_assert_uint_eq (a.count, 0);
  ck_assert_uint_eq (a.timeouts, 0);
}
END_TEST

/* Bits of what was never sent do no harm. */
START_TEST (impossible_sacks)
{
  Sent chunk;
  say (&a, 0, 0);
  ck_assert (take (&a, 0, 1000, &chunk));
  ck_assert (shoal_channel_acked (&a, 1, 0, 0xffff));
  ck_assert_uint_eq (a.count, 1);
  ck_assert_uint_eq (a.lost, 0);
  ck_assert (shoal_channel_acked (&a, 1, 1, 0xffff));
  ck_assert_uint_eq (a.count, 0);
}
END_TEST

START_TEST (window)
{
  Sent chunk;
  unsigned sent = 0;
  for (uint32_t i = 0; i < 40; i++)
    say (&a, i, 900);
  while (shoal_channel_can_send (&a) && take (&a, 0, 1024, &chunk))
    sent++;
  ck_assert_uint_eq (sent, SHOAL_CHANNEL_WINDOW);
  ck_assert (!take (&a, 0, 1024, &chunk));
  ck_assert (shoal_channel_acked (&a, 1, 1, 0)); /* one out, one in */
  ck_assert (take (&a, 1, 1024, &chunk));
  ck_assert_uint_eq (chunk.number, SHOAL_CHANNEL_WINDOW);
  ck_assert (!take (&a, 1, 1024, &chunk));
}
END_TEST

START_TEST (impossible_acks)
{
  Sent chunk;
  say (&a, 0, 0);
  ck_assert (take (&a, 0, 1000, &chunk));
  ck_assert (!shoal_channel_acked (&a, 1, 2, 0)); /* of the future */
  ck_assert (!shoal_channel_acked (&a, 1, 0x7fff, 0));
  ck_assert_uint_eq (a.count, 1);
  ck_assert (shoal_channel_acked (&a, 1, 0, 0));     /* nothing new */
  ck_assert (shoal_channel_acked (&a, 1, 65535, 0)); /* old: was overtaken on its way */
  ck_assert (shoal_channel_acked (&a, 1, (uint16_t)-255, 0));
  ck_assert (!shoal_channel_acked (&a, 1, (uint16_t)-256, 0)); /* older than that: a guess */
  ck_assert_uint_eq (a.count, 1);
  ck_assert (shoal_channel_acked (&a, 1, 1, 0));
  ck_assert_uint_eq (a.count, 0);
}
END_TEST

START_TEST (resends_all_that_is_open)
{
  Sent first[3], again;
  for (uint32_t i = 0; i < 3; i++)
    {
      say (&a, i, 900);
      ck_assert (take (&a, 0, 1024, &first[i]));
    }
  ck_assert (!shoal_channel_check (&a, S - 1));
  ck_assert (!shoal_channel_can_send (&a));
  ck_assert (shoal_channel_check (&a, S));
  ck_assert (shoal_channel_check (&a, S));
  ck_assert_uint_eq (a.timeouts, 1); /* noticed once */
  for (uint32_t i = 0; i < 3; i++)
    {
      ck_assert (!take (&a, S, first[i].length - 1, &again)); /* a chunk keeps its size */
      ck_assert (take (&a, S, 1024, &again));
      ck_assert_uint_eq (again.number, i);
      ck_assert_uint_eq (again.length, first[i].length);
      ck_assert_mem_eq (again.bytes, first[i].bytes, again.length);
    }
  ck_assert (!shoal_channel_can_send (&a));
  ck_assert_uint_eq (a.timeouts, 1);
}
END_TEST

/* An acknowledgement in the middle of sending again: what it covers is not sent. */
START_TEST (ack_while_resending)
{
  Sent chunk;
  for (uint32_t i = 0; i < 4; i++)
    {
      say (&a, i, 900);
      ck_assert (take (&a, 0, 1024, &chunk));
    }
  ck_assert (shoal_channel_check (&a, S));
  ck_assert (take (&a, S, 1024, &chunk));
  ck_assert_uint_eq (chunk.number, 0);
  ck_assert (shoal_channel_acked (&a, S, 2, 0));
  ck_assert (take (&a, S, 1024, &chunk));
  ck_assert_uint_eq (chunk.number, 2);
  ck_assert (take (&a, S, 1024, &chunk));
  ck_assert_uint_eq (chunk.number, 3);
  ck_assert (!shoal_channel_can_send (&a));
  ck_assert_uint_eq (a.timeouts, 0);
}
END_TEST

/* Answers take longer than the timer: unless it stays long until one is measured, none ever is. */
START_TEST (backs_off_until_measured)
{
  Sent chunk;
  say (&a, 0, 0);
  ck_assert (take (&a, 0, 1024, &chunk));
  ck_assert (shoal_channel_check (&a, S));
  ck_assert (take (&a, S, 1024, &chunk));
  ck_assert (shoal_channel_acked (&a, 2 * S, 1, 0)); /* of which sending nobody knows */
  ck_assert_uint_eq (a.timeouts, 0);
  ck_assert_int_eq (shoal_channel_rto (&a), 2 * S);
  ck_assert_int_eq (shoal_channel_usual_ns (&a), S);
  say (&a, 1, 0);
  ck_assert (take (&a, 3 * S, 1024, &chunk));
  ck_assert (!shoal_channel_check (&a, 5 * S - 1));
  ck_assert (shoal_channel_acked (&a, 5 * S - 1, 2, 0));
  ck_assert_int_gt (a.srtt_ns, S);
  ck_assert_int_eq (shoal_channel_rto (&a), shoal_channel_usual_ns (&a));
}
END_TEST

START_TEST (timer)
{
  Sent chunk;
  ck_assert_int_eq (shoal_channel_rto (&a), S);
  say (&a, 0, 0);
  take (&a, 0, 1000, &chunk);
  ck_assert (shoal_channel_acked (&a, 400 * SHOAL_MS, 1, 0)); /* RFC 6298: SRTT = R, RTTVAR = R/2 */
  ck_assert_int_eq (shoal_channel_rto (&a), 1200 * SHOAL_MS);
  for (uint16_t i = 1; i < 60; i++)
    {
      say (&a, i, 0);
      take (&a, i * S, 1000, &chunk);
      ck_assert (shoal_channel_acked (&a, i * S + 10 * SHOAL_MS, (uint16_t)(i + 1), 0));
    }
  ck_assert_int_eq (shoal_channel_rto (&a), 200 * SHOAL_MS); /* not below the least */
  /* Doubles at each time-out, and not without end. */
  say (&a, 60, 0);
  take (&a, 100 * S, 1000, &chunk);
  ShoalTime now = 100 * S, before = 0;
  for (unsigned i = 0; i < 10; i++)
    {
      ShoalTime rto = shoal_channel_rto (&a);
      ck_assert_int_ge (rto, before);
      ck_assert_int_le (rto, 8 * S);
      if (i > 0 && i < 4)
        ck_assert_int_eq (rto, 2 * before);
      before = rto;
      now += rto;
      ck_assert (!shoal_channel_check (&a, now - 1));
      ck_assert (shoal_channel_check (&a, now));
      ck_assert (take (&a, now, 1000, &chunk));
    }
  /* Karn: what was sent twice is not measured. */
  ShoalTime srtt = a.srtt_ns;
  ck_assert (shoal_channel_acked (&a, now + 100 * S, 61, 0));
  ck_assert_int_eq (a.srtt_ns, srtt);
}
END_TEST

/* The largest that fits goes through. */
START_TEST (largest_message)
{
  Sent chunk;
  uint32_t next = 5;
  say (&a, 5, SHOAL_CHANNEL_CHUNK_BYTES - 4 - 3);
  ck_assert (take (&a, 0, 1400, &chunk));
  ck_assert_uint_eq (chunk.length, SHOAL_CHANNEL_CHUNK_BYTES);
  read_chunk (&chunk, &next);
  ck_assert_uint_eq (next, 6);
}
END_TEST

/* ---- a lossy network, both ways ---- */

typedef struct {
  Sent sent;
  ShoalTime at;
  bool has_chunk, to_b, used;
} Flying;

typedef struct {
  ShoalRandom random;
  unsigned loss, duplicates;
  Flying flying[512];
  unsigned count;
  uint32_t said, heard;
} Net;

static void
put (Net *net, const Flying *f, ShoalTime now)
{
  if (shoal_random_below (&net->random, 100) < net->loss)
    return;
  unsigned copies = shoal_random_below (&net->random, 100) < net->duplicates ? 2 : 1;
  for (unsigned i = 0; i < copies && net->count < G_N_ELEMENTS (net->flying); i++)
    {
      net->flying[net->count] = *f;
      net->flying[net->count++].at =
          now + (1 + shoal_random_below (&net->random, 60)) * SHOAL_MS; /* reorders */
    }
}

static void
arrive (Net *net, Flying *f, ShoalTime now)
{
  ShoalChannel *to = f->to_b ? &b : &a;
  Sent held;
  uint8_t *bytes;
  ck_assert (shoal_channel_acked (to, now, f->sent.ack, f->sent.sack));
  if (!f->has_chunk || !shoal_channel_received (to, now, f->sent.number, f->sent.bytes, f->sent.length))
    return;
  read_chunk (&f->sent, &net->heard);
  while ((bytes = shoal_channel_next_held (to, &held.length)))
    {
      memcpy (held.bytes, bytes, held.length);
      read_chunk (&held, &net->heard);
      g_free (bytes);
    }
}

static void
deliver (Net *net, ShoalTime now)
{
  for (unsigned i = 0; i < net->count;)
    {
      if (net->flying[i].at > now)
        {
          i++;
          continue;
        }
      Flying f = net->flying[i];
      net->flying[i] = net->flying[--net->count];
      arrive (net, &f, now);
    }
}

static void
talk (Net *net, ShoalTime now, uint32_t total)
{
  Flying f = { .to_b = true };
  while (net->said < total && shoal_channel_waiting (&a) < 4000)
    {
      say (&a, net->said, shoal_random_below (&net->random, 500));
      net->said++;
    }
  shoal_channel_check (&a, now);
  while (take (&a, now, 1024, &f.sent))
    {
      f.has_chunk = true;
      put (net, &f, now);
    }
  if (b.ack_due)
    {
      f = (Flying){ .sent = { .ack = b.expected, .sack = shoal_channel_sack (&b) } };
      b.ack_due = false;
      put (net, &f, now);
    }
}

/* Messages enough for the chunks' numbers to come round: 70,000 chunks at the least. */
START_TEST (lossy)
{
  static const unsigned loss[] = { 0, 5, 20, 40 };
  Net *net = g_new0 (Net, 1);
  uint32_t total = _i < 2 ? 300000 : 3000;
  shoal_random_init (&net->random, (uint64_t)_i, "lossy");
  net->loss = loss[_i];
  net->duplicates = 10;
  if (_i >= 2) /* just before they come round */
    a.first_number = b.expected = 65500;
  ShoalTime now = 0;
  for (; net->heard < total && now < 100000 * S; now += 5 * SHOAL_MS)
    {
      deliver (net, now);
      talk (net, now, total);
    }
  ck_assert_uint_eq (net->heard, total);
  g_free (net);
}
END_TEST

static Suite *
channel_suite (void)
{
  Suite *suite = suite_create ("channel");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, in_order);
  tcase_add_test (tests, room);
  tcase_add_test (tests, duplicates_and_gaps);
  tcase_add_test (tests, overtaken);
  tcase_add_test (tests, impossible_sacks);
  tcase_add_test (tests, window);
  tcase_add_test (tests, impossible_acks);
  tcase_add_test (tests, resends_all_that_is_open);
  tcase_add_test (tests, ack_while_resending);
  tcase_add_test (tests, backs_off_until_measured);
  tcase_add_test (tests, timer);
  tcase_add_test (tests, largest_message);
  tcase_add_loop_test (tests, lossy, 0, 4);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (channel_suite (), NULL);
}
