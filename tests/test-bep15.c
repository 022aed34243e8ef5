/* The tracker protocol's codec: bytes as BEP 15 gives them, round trips, and damage of every kind. */
#include "src/bep15.h"
#include "src/random.h"
#include "tests/harness.h"

enum {
  ROOM = 2000
};

typedef struct {
  uint8_t bytes[ROOM];
  ShoalWriter w;
} Message;

static Message *
message (void)
{
  Message *m = g_new0 (Message, 1);
  m->w = shoal_writer (m->bytes, sizeof m->bytes);
  return m;
}

static const ShoalBep15Announce sample = {
  .info_hash = { 1, 2, 3, 20 },
  .peer_id = { '-', 'S', 'H' },
  .downloaded_bytes = 5,
  .left_bytes = 1 << 20,
  .uploaded_bytes = UINT64_C (1) << 40,
  .event = SHOAL_BEP15_STARTED,
  .key = 0xdeadbeef,
  .num_want = -1,
  .port = 6881,
};

START_TEST (connect_bytes)
{
  static const uint8_t request[] = { 0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80, 0, 0, 0, 0, 1, 2, 3, 4 };
  static const uint8_t reply[] = { 0, 0, 0, 0, 1, 2, 3, 4, 8, 7, 6, 5, 4, 3, 2, 1 };
  Message *m = message ();
  shoal_bep15_write_connect (&m->w, 0x01020304);
  ck_assert_uint_eq (m->w.length, SHOAL_BEP15_CONNECT_BYTES);
  ck_assert_mem_eq (m->bytes, request, sizeof request);
  ShoalBep15Request read;
  ck_assert_int_eq (shoal_bep15_read_request (m->bytes, m->w.length, &read), SHOAL_OK);
  ck_assert_int_eq (read.action, SHOAL_BEP15_CONNECT);
  ck_assert_uint_eq (read.transaction_id, 0x01020304);
  ck_assert_uint_eq (read.connection_id, 0);
  m->w.length = 0;
  shoal_bep15_write_connect_reply (&m->w, 0x01020304, UINT64_C (0x0807060504030201));
  ck_assert_uint_eq (m->w.length, sizeof reply);
  ck_assert_mem_eq (m->bytes, reply, sizeof reply);
  ShoalBep15Reply got;
  ck_assert_int_eq (shoal_bep15_read_reply (reply, sizeof reply, 4, &got), SHOAL_OK);
  ck_assert_uint_eq (got.connection_id, UINT64_C (0x0807060504030201));
  ck_assert_uint_eq (got.transaction_id, 0x01020304);
  g_free (m);
}
END_TEST

/* Offsets are BEP 15's. */
START_TEST (announce_bytes)
{
  Message *m = message ();
  shoal_bep15_write_announce (&m->w, 7, 9, &sample);
  ck_assert_uint_eq (m->w.length, SHOAL_BEP15_ANNOUNCE_BYTES);
  ck_assert_uint_eq (m->bytes[7], 7);
  ck_assert_uint_eq (m->bytes[11], SHOAL_BEP15_ANNOUNCE);
  ck_assert_uint_eq (m->bytes[15], 9);
  ck_assert_mem_eq (m->bytes + 16, sample.info_hash, 20);
  ck_assert_mem_eq (m->bytes + 36, sample.peer_id, 20);
  ck_assert_uint_eq (m->bytes[63], 5);
  ck_assert_uint_eq (m->bytes[69], 0x10);
  ck_assert_uint_eq (m->bytes[74], 1);
  ck_assert_uint_eq (m->bytes[83], SHOAL_BEP15_STARTED);
  ck_assert_uint_eq (m->bytes[88], 0xde);
  ck_assert_uint_eq (m->bytes[92], 0xff);
  ck_assert_uint_eq (m->bytes[96] << 8 | m->bytes[97], 6881);
  g_free (m);
}
END_TEST

START_TEST (announce_round_trip)
{
  Message *m = message ();
  ShoalBep15Request read;
  shoal_bep15_write_announce (&m->w, UINT64_MAX, 9, &sample);
  shoal_write_bytes (&m->w, "\x02\x0c/announce?a", 14); /* BEP 41 */
  ck_assert_int_eq (shoal_bep15_read_request (m->bytes, m->w.length, &read), SHOAL_OK);
  ck_assert_int_eq (read.action, SHOAL_BEP15_ANNOUNCE);
  ck_assert_uint_eq (read.connection_id, UINT64_MAX);
  ck_assert_mem_eq (read.announce.info_hash, sample.info_hash, 20);
  ck_assert_mem_eq (read.announce.peer_id, sample.peer_id, 20);
  ck_assert_uint_eq (read.announce.downloaded_bytes, sample.downloaded_bytes);
  ck_assert_uint_eq (read.announce.left_bytes, sample.left_bytes);
  ck_assert_uint_eq (read.announce.uploaded_bytes, sample.uploaded_bytes);
  ck_assert_uint_eq (read.announce.event, SHOAL_BEP15_STARTED);
  ck_assert_uint_eq (read.announce.key, sample.key);
  ck_assert_int_eq (read.announce.num_want, -1);
  ck_assert_uint_eq (read.announce.port, 6881);
  m->bytes[83] = 4;
  ck_assert_int_eq (shoal_bep15_read_request (m->bytes, m->w.length, &read), SHOAL_OK);
  ck_assert_uint_eq (read.announce.event, SHOAL_BEP15_NONE);
  g_free (m);
}
END_TEST

static void
announce_reply (uint8_t family)
{
  enum {
    PEERS = 50
  };
  Message *m = message ();
  ShoalAddr peers[PEERS];
  memset (peers, 0, sizeof peers);
  shoal_bep15_write_announce_reply (&m->w, 11, 120, 3, 4);
  for (unsigned i = 0; i < PEERS; i++)
    {
      peers[i].family = family;
      peers[i].port = (uint16_t)(1000 + 257 * i);
      memset (peers[i].ip, (int)i + 1, family == 6 ? 16 : 4);
      shoal_bep15_write_peer (&m->w, &peers[i]);
    }
  ck_assert_uint_eq (m->w.length, 20 + PEERS * (family == 6 ? 18 : 6));
  ShoalBep15Reply read;
  ck_assert_int_eq (shoal_bep15_read_reply (m->bytes, m->w.length, family, &read), SHOAL_OK);
  ck_assert_uint_eq (read.transaction_id, 11);
  ck_assert_uint_eq (read.interval_s, 120);
  ck_assert_uint_eq (read.leechers, 3);
  ck_assert_uint_eq (read.seeders, 4);
  ck_assert_uint_eq (read.peer_count, PEERS);
  for (unsigned i = 0; i < PEERS; i++)
    {
      ShoalAddr peer = shoal_bep15_peer (&read, family, i);
      ck_assert (shoal_addr_equal (&peer, &peers[i]));
    }
  g_free (m);
}

START_TEST (announce_replies)
{
  announce_reply (4);
  announce_reply (6);
}
END_TEST

START_TEST (scrapes)
{
  uint8_t hashes[(SHOAL_BEP15_SCRAPE_MAX_HASHES + 1) * SHOAL_BEP15_HASH_BYTES];
  ShoalBep15Request read;
  for (unsigned i = 0; i < sizeof hashes; i++)
    hashes[i] = (uint8_t)(i * 31);
  for (unsigned count = 0; count <= SHOAL_BEP15_SCRAPE_MAX_HASHES + 1; count++)
    {
      Message *m = message ();
      shoal_bep15_write_scrape (&m->w, 5, 6, hashes, count);
      bool good = count > 0 && count <= SHOAL_BEP15_SCRAPE_MAX_HASHES;
      ck_assert_int_eq (shoal_bep15_read_request (m->bytes, m->w.length, &read),
                        good ? SHOAL_OK : SHOAL_MALFORMED);
      if (good)
        {
          ck_assert_uint_eq (read.hashes, count);
          ck_assert_mem_eq (read.scrape_hashes, hashes, count * SHOAL_BEP15_HASH_BYTES);
        }
      g_free (m);
    }
}
END_TEST

START_TEST (scrape_reply)
{
  static const ShoalBep15ScrapeEntry entries[] = { { 1, 2, 3 }, { 256, 0, UINT32_MAX } };
  static const uint8_t expected[] = { 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 1, 0,   0,   0,   2,
                                      0, 0, 0, 3, 0, 0, 1, 0, 0, 0, 0, 0, 255, 255, 255, 255 };
  Message *m = message ();
  ShoalBep15Reply read;
  shoal_bep15_write_scrape_reply (&m->w, 8, entries, 2);
  ck_assert_uint_eq (m->w.length, sizeof expected);
  ck_assert_mem_eq (m->bytes, expected, sizeof expected);
  ck_assert_int_eq (shoal_bep15_read_reply (m->bytes, m->w.length, 4, &read), SHOAL_OK);
  ck_assert_uint_eq (read.scrape_count, 2);
  ck_assert_mem_eq (read.scrape, expected + 8, 24);
  g_free (m);
}
END_TEST

START_TEST (errors)
{
  Message *m = message ();
  ShoalBep15Reply read;
  shoal_bep15_write_error (&m->w, 8, "no");
  ck_assert_uint_eq (m->w.length, 10);
  ck_assert_int_eq (shoal_bep15_read_reply (m->bytes, 10, 4, &read), SHOAL_OK);
  ck_assert_int_eq (read.action, SHOAL_BEP15_ERROR);
  ck_assert_uint_eq (read.error_length, 2);
  ck_assert_mem_eq (read.error, "no", 2);
  ck_assert_int_eq (shoal_bep15_read_reply (m->bytes, 8, 4, &read), SHOAL_OK);
  ck_assert_uint_eq (read.error_length, 0);
  m->bytes[3] = 4;
  ck_assert_int_eq (shoal_bep15_read_reply (m->bytes, 10, 4, &read), SHOAL_MALFORMED);
  g_free (m);
}
END_TEST

/* Reads a copy of exactly this size, so that a sanitizer sees every byte read too far. */
static ShoalResult
read_exact (const uint8_t *bytes, size_t length, bool request, uint8_t family)
{
  uint8_t *exact = g_malloc (MAX (length, 1));
  uint8_t *at = exact + (length == 0);
  memcpy (at, bytes, length);
  ShoalBep15Request in;
  ShoalBep15Reply out;
  ShoalResult result = request ? shoal_bep15_read_request (at, length, &in)
                               : shoal_bep15_read_reply (at, length, family, &out);
  for (unsigned i = 0; !request && result == SHOAL_OK && i < out.peer_count; i++)
    shoal_bep15_peer (&out, family, i);
  volatile uint8_t last = 0; /* what a result borrows must be there */
  if (request && result == SHOAL_OK && in.hashes > 0)
    last = in.scrape_hashes[in.hashes * SHOAL_BEP15_HASH_BYTES - 1];
  if (!request && result == SHOAL_OK && out.scrape_count > 0)
    last = out.scrape[out.scrape_count * 12 - 1];
  if (!request && result == SHOAL_OK && out.error_length > 0)
    last = (uint8_t)out.error[out.error_length - 1];
  (void)last;
  g_free (exact);
  return result;
}

/* Which lengths of a message are whole ones: the first, and steps from there on. */
static void
check_damage (const Message *m, bool request, uint8_t family, size_t least, size_t step)
{
  for (size_t length = 0; length <= m->w.length; length++)
    {
      bool whole = length >= least && (length - least) % step == 0;
      ck_assert_int_eq (read_exact (m->bytes, length, request, family), whole ? SHOAL_OK : SHOAL_MALFORMED);
    }
  for (size_t i = 0; i < m->w.length; i++)
    for (unsigned value = 0; value < 256; value++)
      {
        Message copy = *m;
        copy.bytes[i] = (uint8_t)value;
        read_exact (copy.bytes, m->w.length, request, family);
      }
}

START_TEST (damaged_requests)
{
  Message *connect = message (), *announce = message (), *scrape = message ();
  uint8_t hashes[60] = { 0 };
  shoal_bep15_write_connect (&connect->w, 1);
  check_damage (connect, true, 4, 16, 1);
  shoal_bep15_write_announce (&announce->w, 1, 1, &sample);
  check_damage (announce, true, 4, 98, 1);
  shoal_bep15_write_scrape (&scrape->w, 1, 1, hashes, 3);
  check_damage (scrape, true, 4, 36, 20);
  connect->bytes[7] ^= 1; /* not the protocol's number */
  ck_assert_int_eq (read_exact (connect->bytes, 16, true, 4), SHOAL_MALFORMED);
  scrape->bytes[11] = SHOAL_BEP15_ERROR;
  ck_assert_int_eq (read_exact (scrape->bytes, 76, true, 4), SHOAL_MALFORMED);
  g_free (connect);
  g_free (announce);
  g_free (scrape);
}
END_TEST

START_TEST (damaged_replies)
{
  static const ShoalBep15ScrapeEntry entries[3];
  Message *connect = message (), *scrape = message (), *error = message ();
  shoal_bep15_write_connect_reply (&connect->w, 1, 2);
  check_damage (connect, false, 4, 16, 1);
  shoal_bep15_write_scrape_reply (&scrape->w, 1, entries, 3);
  check_damage (scrape, false, 4, 8, 12);
  shoal_bep15_write_error (&error->w, 1, "what");
  check_damage (error, false, 4, 8, 1);
  for (uint8_t family = 4; family <= 6; family += 2)
    {
      Message *announce = message ();
      ShoalAddr peer = { .family = family, .port = 1 };
      shoal_bep15_write_announce_reply (&announce->w, 1, 2, 3, 4);
      shoal_bep15_write_peer (&announce->w, &peer);
      shoal_bep15_write_peer (&announce->w, &peer);
      check_damage (announce, false, family, 20, family == 6 ? 18 : 6);
      g_free (announce);
    }
  g_free (connect);
  g_free (scrape);
  g_free (error);
}
END_TEST

START_TEST (noise)
{
  ShoalRandom random;
  uint8_t bytes[200];
  shoal_random_init (&random, 1, "noise");
  for (unsigned i = 0; i < 20000; i++)
    {
      size_t length = shoal_random_below (&random, sizeof bytes);
      shoal_random_bytes (&random, bytes, length);
      if (length > 12) /* else the action would hardly ever be one */
        {
          memset (bytes, 0, 3);
          bytes[3] = (uint8_t)shoal_random_below (&random, 4);
          memset (bytes + 8, 0, 3);
          bytes[11] = (uint8_t)shoal_random_below (&random, 4);
        }
      read_exact (bytes, length, true, 4);
      read_exact (bytes, length, false, i % 2 ? 4 : 6);
    }
}
END_TEST

static Suite *
bep15_suite (void)
{
  Suite *suite = suite_create ("bep15");
  TCase *tests = tcase_create ("all");
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, connect_bytes);
  tcase_add_test (tests, announce_bytes);
  tcase_add_test (tests, announce_round_trip);
  tcase_add_test (tests, announce_replies);
  tcase_add_test (tests, scrapes);
  tcase_add_test (tests, scrape_reply);
  tcase_add_test (tests, errors);
  tcase_add_test (tests, damaged_requests);
  tcase_add_test (tests, damaged_replies);
  tcase_add_test (tests, noise);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (bep15_suite (), NULL);
}
