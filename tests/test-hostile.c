/* Whatever comes from the network: no crash, nothing for strangers beyond what they sent, and downloads
 * that go on meanwhile end with the right bytes. Run with the sanitizers, too. */
#include "src/peer-internal.h"
#include "src/tracker.h"
#include "tests/harness.h"
#include "tests/puppet.h"

#define S SHOAL_SECOND
#define MINUTE (60 * S)
#define STRANGERS 20000u

static PairWorld *w;
static PairFile *file;
static ShoalRandom dice;

/* What each stranger (an address of its own for each datagram) sent, and got back. */
static uint16_t stranger_sent[STRANGERS], stranger_got[STRANGERS];
static unsigned strangers;

/* Datagrams of an undisturbed run, by determinism the same in the next one. */
static GPtrArray *recorded;

static void
set_up (void)
{
  file = pair_file_new ("file", 400000, 1);
  recorded = g_ptr_array_new_with_free_func ((GDestroyNotify)pair_datagram_free);
  strangers = 0;
  memset (stranger_got, 0, sizeof stranger_got);
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
  g_ptr_array_free (recorded, TRUE);
}

/* Tracker 0, A is 1 and holds the file, B is 2 and gets it. */
static void
start_download (void)
{
  w = pair_world_new (9);
  shoal_random_init (&dice, 9, "hostile");
  pair_add_peers (w, 2, 100000);
  ck_assert_int_eq (pair_register (w, 1, file), SHOAL_OK);
  ck_assert_int_eq (pair_download (w, 2, file, -1, 0), SHOAL_OK);
}

static bool
record (void *context, PairDatagram *d)
{
  (void)context;
  PairDatagram *copy = g_memdup2 (d, sizeof *d);
  copy->bytes = g_memdup2 (d->bytes, d->length);
  g_ptr_array_add (recorded, copy);
  return true;
}

static void
record_a_download (void)
{
  start_download ();
  w->on_sent = record;
  ck_assert (pair_run_done (w, 2, 1, file, w->now + MINUTE));
  pair_run (w, w->now + 5 * S);
  pair_close (w, 2);
  pair_run (w, w->now + 5 * S);
  ck_assert_uint_gt (recorded->len, 50);
  pair_world_free (w);
}

/* ---- strangers ---- */

static ShoalAddr
stranger_address (unsigned i)
{
  return (ShoalAddr){ .family = 4,
                      .ip = { 203, 0, 113, (uint8_t)(i / 10000) },
                      .port = (uint16_t)(10000 + i % 10000) };
}

static bool
watch (void *context, PairDatagram *d)
{
  (void)context;
  if (d->to.ip[0] != 203)
    return true;
  unsigned i = d->to.ip[3] * 10000u + d->to.port - 10000u;
  ck_assert_uint_lt (i, strangers);
  stranger_got[i] += (uint16_t)d->length;
  ck_assert_msg (stranger_got[i] <= stranger_sent[i], "a stranger sent %u bytes and got %u", stranger_sent[i],
                 stranger_got[i]);
  return true;
}

static void
as_stranger (unsigned to, const uint8_t *bytes, size_t length)
{
  ck_assert_uint_lt (strangers, STRANGERS);
  ShoalAddr from = stranger_address (strangers);
  stranger_sent[strangers++] = (uint16_t)length;
  pair_inject (w, &from, to, bytes, length);
}

/* Nothing was made for any of them. */
static void
no_state (void)
{
  for (unsigned node = 1; node <= 2; node++)
    {
      const ShoalPeer *p = (const ShoalPeer *)pair_node (w, node)->machine;
      ck_assert_uint_le (pair_neighbours (w, node), 1);
      ck_assert_uint_le (p->raw->len, SHOAL_RAW_MAX + 1);
      ck_assert_uint_le (p->acquaintances->len, 2);
    }
  ShoalTrackerCounters tracker = shoal_tracker_machine_counters (pair_node (w, 0)->machine);
  ck_assert_uint_le (tracker.peers, 4); /* two nodes, in the lobby and in the swarm */
}

static void
still_ends_well (void)
{
  w->on_sent = NULL;
  ck_assert (pair_run_done (w, 2, 1, file, w->now + 2 * MINUTE));
  ck_assert (pair_right (w, 2, file));
}

/* Random bytes, most of them with a first byte that means something. */
static size_t
garbage (uint8_t *bytes, size_t room)
{
  static const uint8_t firsts[] = { 0x51, 0x52, 0x53, 0x54, 0x55, 0x60, 0x61, 0x00 };
  size_t length = 1 + shoal_random_below (&dice, (uint32_t)(shoal_random_below (&dice, 2) ? 60 : room - 1));
  shoal_random_bytes (&dice, bytes, length);
  if (shoal_random_below (&dice, 8) > 0)
    bytes[0] = firsts[shoal_random_below (&dice, G_N_ELEMENTS (firsts))];
  if (length > 1 && shoal_random_below (&dice, 2))
    bytes[1] = 1; /* a version that is known */
  if (length > 16 && shoal_random_below (&dice, 4) == 0)
    memcpy (bytes, "\x00\x00\x04\x17\x27\x10\x19\x80\x00\x00\x00", 11); /* BEP 15 */
  return length;
}

START_TEST (garbage_from_strangers)
{
  uint8_t bytes[1500];
  start_download ();
  w->on_sent = watch;
  for (unsigned i = 0; i < 6000; i++)
    {
      size_t length = garbage (bytes, sizeof bytes);
      as_stranger (i % 3, bytes, length);
      if (i % 3 == 2)
        pair_run (w, w->now + SHOAL_MS / 2);
    }
  no_state ();
  still_ends_well ();
}
END_TEST

/* From the addresses of those who are really there. Without their connection ids it does no harm. */
START_TEST (garbage_from_spoofed_addresses)
{
  uint8_t bytes[1500];
  start_download ();
  for (unsigned i = 0; i < 6000; i++)
    {
      size_t length = garbage (bytes, sizeof bytes);
      pair_inject (w, &pair_node (w, i % 3)->addr, (i + 1 + i % 2) % 3, bytes, length);
      if (i % 3 == 2)
        pair_run (w, w->now + SHOAL_MS / 2);
    }
  no_state ();
  still_ends_well ();
}
END_TEST

START_TEST (truncations_from_strangers)
{
  record_a_download ();
  start_download ();
  w->on_sent = watch;
  for (guint i = 0; i < recorded->len; i += 3)
    {
      const PairDatagram *d = recorded->pdata[i];
      for (size_t cut = 1; cut <= MIN (d->length, 120); cut++)
        as_stranger (shoal_random_below (&dice, 3), d->bytes, cut);
      pair_run (w, w->now + 10 * SHOAL_MS);
    }
  no_state ();
  still_ends_well ();
}
END_TEST

START_TEST (flips_from_strangers)
{
  record_a_download ();
  start_download ();
  w->on_sent = watch;
  for (guint i = 0; i < recorded->len; i += 3)
    {
      const PairDatagram *d = recorded->pdata[i];
      for (size_t at = 0; at < MIN (d->length, 100); at++)
        {
          uint8_t flip = (uint8_t)(1 + shoal_random_below (&dice, 255));
          d->bytes[at] ^= flip;
          as_stranger (shoal_random_below (&dice, 3), d->bytes, MIN (d->length, 1400));
          d->bytes[at] ^= flip;
        }
      pair_run (w, w->now + 10 * SHOAL_MS);
    }
  no_state ();
  still_ends_well ();
}
END_TEST

/* The cookie of one address is of no use to another, nor is anything else that was overheard. */
START_TEST (overheard_from_strangers)
{
  record_a_download ();
  start_download ();
  w->on_sent = watch;
  for (guint i = 0; i < recorded->len; i++)
    {
      const PairDatagram *d = recorded->pdata[i];
      for (unsigned to = 0; to < 3; to++)
        as_stranger (to, d->bytes, d->length);
      pair_run (w, w->now + 10 * SHOAL_MS);
    }
  no_state ();
  still_ends_well ();
}
END_TEST

/* ---- who overhears everything and forges addresses ---- */

/* A copy of each datagram comes again, sooner or later, in any order: all are repetitions. */
START_TEST (replays)
{
  record_a_download ();
  start_download ();
  pair_run (w, w->now + S);
  unsigned rounds = recorded->len * 2 / 3; /* without the farewells: what they say would be believed */
  for (unsigned i = 0; i < rounds; i++)
    {
      const PairDatagram *d = recorded->pdata[shoal_random_below (&dice, i + 1)];
      bool hello = d->bytes[0] == SHOAL_DATAGRAM_HELLO;
      for (unsigned node = 0; node < 3 && !hello; node++)
        if (shoal_addr_equal (&pair_node (w, node)->addr, &d->to))
          pair_inject (w, &d->from, node, d->bytes, d->length);
      pair_run (w, w->now + 5 * SHOAL_MS);
    }
  still_ends_well ();
}
END_TEST

/* With true addresses, true connection ids and any byte changed. That can stop a download, for nothing
 * is signed; it cannot crash a node, nor give it wrong bytes, and when it ends all is well again. */
START_TEST (flips_in_sessions)
{
  record_a_download ();
  start_download ();
  for (guint i = (guint)_i; i < recorded->len; i += 8)
    {
      const PairDatagram *d = recorded->pdata[i];
      unsigned to = 0;
      while (to < 2 && !shoal_addr_equal (&pair_node (w, to)->addr, &d->to))
        to++;
      for (size_t at = 0; at < MIN (d->length, 80); at++)
        {
          uint8_t flip = (uint8_t)(1u << shoal_random_below (&dice, 8));
          d->bytes[at] ^= flip;
          pair_inject (w, &d->from, to, d->bytes, d->length);
          d->bytes[at] ^= flip;
        }
      pair_run (w, w->now + 40 * SHOAL_MS);
    }
  if (pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_DONE, NULL) == 0)
    {
      pair_cancel (w, 2, file);
      pair_run (w, w->now + 5 * MINUTE); /* whoever was talked into something forgets it */
      ck_assert_int_eq (pair_download (w, 2, file, -1, 0), SHOAL_OK);
    }
  still_ends_well ();
}
END_TEST

/* ---- a neighbour that floods ---- */

static Puppet puppet;

/* Addresses without end: few are kept, and they do not keep out who is really there. */
START_TEST (flood_of_addresses)
{
  start_download ();
  puppet_init (&puppet, w, 2, &file->file.fid);
  ck_assert (puppet_call (&puppet, 0));
  for (unsigned i = 0; i < 500; i++)
    {
      uint8_t body[1024];
      ShoalWriter writer = shoal_writer (body, sizeof body);
      while (writer.room - writer.length >= 7)
        {
          ShoalAddr addr = { .family = 4, .ip = { 203, 0, 113, 77 }, .port = 1 };
          shoal_random_bytes (&dice, addr.ip + 1, 3);
          shoal_write_addr (&writer, &addr);
        }
      puppet_say (&puppet, SHOAL_MESSAGE_PEERS, body, writer.length);
      puppet_run (&puppet, w->now + 5 * SHOAL_MS);
    }
  const ShoalPeer *p = (const ShoalPeer *)pair_node (w, 2)->machine;
  const ShoalSwarm *s = p->swarms->pdata[0];
  ck_assert_uint_le (s->candidates->len, 512);
  ck_assert_uint_le (s->neighbours->len, 16);
  still_ends_well ();
}
END_TEST

static Suite *
hostile_suite (void)
{
  Suite *suite = suite_create ("hostile");
  TCase *strange = tcase_create ("strangers"), *near = tcase_create ("on-the-path"),
        *in = tcase_create ("neighbours");
  TCase *cases[] = { strange, near, in };
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      tcase_add_checked_fixture (cases[i], set_up, tear_down);
      tcase_set_timeout (cases[i], 180);
      suite_add_tcase (suite, cases[i]);
    }
  tcase_add_test (strange, garbage_from_strangers);
  tcase_add_test (strange, garbage_from_spoofed_addresses);
  tcase_add_test (strange, truncations_from_strangers);
  tcase_add_test (strange, flips_from_strangers);
  tcase_add_test (strange, overheard_from_strangers);
  tcase_add_test (near, replays);
  tcase_add_loop_test (near, flips_in_sessions, 0, 8);
  tcase_add_test (in, flood_of_addresses);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (hostile_suite (), NULL);
}
