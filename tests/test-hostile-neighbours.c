/* Neighbours that flood, poison and frame: none of it may cost more than its own session. */
#include "src/peer-internal.h"
#include "tests/harness.h"
#include "tests/puppet.h"

#define S SHOAL_SECOND
#define MINUTE (60 * S)

static PairWorld *w;
static PairFile *file;
static ShoalRandom dice;

static void
set_up (void)
{
  file = pair_file_new ("file", 400000, 1);
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
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

static Puppet puppet;
static ShoalNeighbour *
let_puppet_in (void)
{
  start_download ();
  puppet_init (&puppet, w, 1, &file->file.fid);
  ck_assert (puppet_call (&puppet, SHOAL_HELLO_NEEDS_INFO | SHOAL_HELLO_INTERESTED));
  const ShoalPeer *p = (const ShoalPeer *)pair_node (w, 1)->machine;
  const ShoalSwarm *s = p->swarms->pdata[0];
  return s->neighbours->pdata[s->neighbours->len - 1];
}

/* Requests without end, of which each would be refused with some bytes. */
START_TEST (flood_of_requests)
{
  ShoalNeighbour *n = let_puppet_in ();
  uint32_t order = n->order;
  for (unsigned i = 0; i < 2000; i++)
    {
      uint8_t bytes[1400];
      ShoalWriter writer = shoal_writer (bytes, sizeof bytes);
      ShoalSession head = { .cid = puppet.tx_cid, .ack = (uint16_t)(puppet.expected) };
      ShoalRequest request = { .block = 100, .units = 0xffff };
      shoal_write_session (&writer, &head);
      while (writer.room - writer.length >= 3)
        {
          shoal_write_message (&writer, SHOAL_MESSAGE_REQUEST, 1);
          shoal_write_request (&writer, &request);
        }
      puppet_raw (&puppet, bytes, writer.length);
      pair_run (w, w->now + SHOAL_MS);
      const ShoalSwarm *s = ((const ShoalPeer *)pair_node (w, 1)->machine)->swarms->pdata[0];
      n = s->neighbours->pdata[s->neighbours->len - 1];
      if (n->order != order)
        break; /* it was shown the door: fine */
      ck_assert_msg (n->channel.length < 256 * 1024, "%zu bytes wait for who does not listen",
                     n->channel.length);
    }
  ck_assert (pair_run_done (w, 2, 1, file, w->now + 2 * MINUTE));
  ck_assert (pair_right (w, 2, file));
}
END_TEST

/* Says and unsays that it is interested, without end. */
START_TEST (flood_of_interest)
{
  ShoalNeighbour *n = let_puppet_in ();
  uint32_t order = n->order;
  for (unsigned i = 0; i < 1000; i++)
    {
      uint8_t bytes[1400];
      ShoalWriter writer = shoal_writer (bytes, sizeof bytes);
      ShoalSession head = { .cid = puppet.tx_cid, .ack = (uint16_t)(puppet.expected) };
      shoal_write_session (&writer, &head);
      for (uint8_t on = 0; writer.room - writer.length >= 3; on ^= 1)
        {
          shoal_write_message (&writer, SHOAL_MESSAGE_INTEREST, 1);
          shoal_write_u8 (&writer, on);
        }
      puppet_raw (&puppet, bytes, writer.length);
      pair_run (w, w->now + SHOAL_MS);
      const ShoalSwarm *s = ((const ShoalPeer *)pair_node (w, 1)->machine)->swarms->pdata[0];
      n = s->neighbours->pdata[s->neighbours->len - 1];
      if (n->order != order)
        break;
      ck_assert_msg (n->channel.length < 256 * 1024, "%zu bytes wait for who does not listen",
                     n->channel.length);
    }
  ck_assert (pair_run_done (w, 2, 1, file, w->now + 2 * MINUTE));
  ck_assert (pair_right (w, 2, file));
}
END_TEST

/* Spoilt parts of every block, unasked, again and again: who was not asked does no harm. */
START_TEST (poison)
{
  start_download ();
  puppet_init (&puppet, w, 2, &file->file.fid);
  ck_assert (puppet_call (&puppet, 0));
  uint8_t junk[1024] = { 1, 2, 3 };
  for (unsigned i = 0; i < 60 * 50 && pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_DONE, NULL) == 0; i++)
    {
      for (uint32_t block = 0; block < 24; block++)
        {
          ShoalData data = { .block = block, .first_unit = (uint8_t)shoal_random_below (&dice, 16) };
          if (puppet.up && !puppet.gone)
            puppet_data (&puppet, &data, junk, sizeof junk);
        }
      puppet_run (&puppet, w->now + 20 * SHOAL_MS);
    }
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 1);
  ck_assert (pair_right (w, 2, file));
}
END_TEST

/* Hashes that nobody asked for, spoilt: they must not make an honest sender look like a liar. */
START_TEST (framing)
{
  start_download ();
  puppet_init (&puppet, w, 2, &file->file.fid);
  ck_assert (puppet_call (&puppet, 0));
  uint8_t proof[5 * SHOAL_HASH_BYTES] = { 0 };
  while (w->now < 1010 * S && pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_DONE, NULL) == 0)
    {
      for (uint32_t block = 0; block < 24 && !puppet.gone; block++)
        {
          /* Only units that have come already: of unit 0, a copy. */
          ShoalData data = { .block = block, .levels = 5, .proof = proof };
          puppet_data (&puppet, &data, file->bytes + block * SHOAL_BLOCK_BYTES, 1024);
        }
      puppet_run (&puppet, w->now + 20 * SHOAL_MS);
    }
  const PairEvent *down = pair_last (w, 2, SHOAL_EVENT_NEIGHBOUR_DOWN);
  if (down && down->event.value == SHOAL_DOWN_BAD_DATA)
    ck_assert_msg (!shoal_addr_equal (&down->event.peer, &pair_node (w, 1)->addr),
                   "the honest holder was banned");
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 1);
  ck_assert (pair_right (w, 2, file));
}
END_TEST

/* A neighbour whose bad data is found out is not let in again, however many candidates there are. */
START_TEST (banned_though_candidates_are_full)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 1000000 };
  w = pair_world_new (1);
  shoal_random_init (&dice, 9, "hostile");
  unsigned node = pair_add_peer (w, "A", &options);
  Puppet first;
  puppet_init (&puppet, w, node, &file->file.fid);
  puppet_init (&first, w, node, &file->file.fid);
  ck_assert_int_eq (pair_download (w, node, file, (int)first.self, 0), SHOAL_OK);
  puppet_run (&first, w->now + S);
  for (unsigned i = 0; i < 1000; i++)
    {
      uint8_t body[8];
      ShoalWriter writer = shoal_writer (body, sizeof body);
      ShoalAddr addr = { .family = 4, .ip = { 203, 0, (uint8_t)(i / 100), (uint8_t)(i % 100) }, .port = 1 };
      shoal_write_addr (&writer, &addr);
      puppet_say (&first, SHOAL_MESSAGE_PEERS, body, writer.length);
    }
  puppet_run (&first, w->now + 30 * S);
  puppet.serves = file;
  puppet.spoil_data = true;
  ck_assert (puppet_call (&puppet, 0));
  puppet_say (&puppet, SHOAL_MESSAGE_INFO, file->file.dictionary, file->file.dictionary_bytes);
  puppet_say (&puppet, SHOAL_MESSAGE_HAVE_ALL, NULL, 0);
  puppet_say (&puppet, SHOAL_MESSAGE_UNCHOKE, NULL, 0);
  puppet_say (&puppet, SHOAL_MESSAGE_CREDIT, NULL, 0);
  puppet_run (&puppet, w->now + 2 * S);
  ck_assert (puppet.gone);
  ck_assert_msg (!puppet_call (&puppet, 0), "let in again after bad data");
}
END_TEST

/* A puppet behind an address of the first one's host, if it is of the crowd. */
static bool
let_in (Puppet *p, unsigned node, const ShoalAddr *crowd)
{
  puppet_init (p, w, node, &file->file.fid);
  if (crowd)
    memcpy (pair_node (w, p->self)->addr.ip, crowd->ip, sizeof crowd->ip);
  return puppet_call (p, SHOAL_HELLO_INTERESTED);
}

/* How many neighbours of the node are of this host. */
static unsigned
count_of_host (unsigned node, const ShoalAddr *host)
{
  const ShoalSwarm *s = ((const ShoalPeer *)pair_node (w, node)->machine)->swarms->pdata[0];
  unsigned count = 0;
  for (guint i = 0; i < s->neighbours->len; i++)
    count += memcmp (((ShoalNeighbour *)s->neighbours->pdata[i])->addr.ip, host->ip, sizeof host->ip) == 0;
  return count;
}

/* One host takes all places: it may while nobody else wants one, and makes room for others until it has a fair part. */
START_TEST (crowd_of_one_host)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 1000000, .max_neighbours = 8 };
  static Puppet crowd[9], others[8];
  w = pair_world_new (1);
  unsigned node = pair_add_peer (w, "A", &options);
  pair_register (w, node, file);
  ck_assert (let_in (&crowd[0], node, NULL));
  const ShoalAddr host = pair_node (w, crowd[0].self)->addr;
  for (unsigned i = 1; i < 8; i++)
    ck_assert_msg (let_in (&crowd[i], node, &host), "session %u was not let in", i);
  ck_assert_uint_eq (count_of_host (node, &host), 8);
  ck_assert_msg (!let_in (&crowd[8], node, &host), "more sessions than places");
  for (unsigned i = 0; i < 6; i++)
    {
      ck_assert_msg (let_in (&others[i], node, NULL), "caller %u was not let in", i);
      ck_assert_uint_eq (count_of_host (node, &host), 7 - i);
    }
  ck_assert_msg (!let_in (&others[6], node, NULL), "a fair part was taken away");
  ck_assert_uint_eq (count_of_host (node, &host), 2);
  ck_assert_msg (!let_in (&crowd[8], node, &host), "the crowd drove others out");
}
END_TEST

/* Where the path takes little, chunk and data together keep to it. */
static size_t largest;

static bool
measure (void *context, PairDatagram *d)
{
  (void)context;
  largest = MAX (largest, d->length);
  return true;
}

START_TEST (path_limit)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 100000, .max_datagram_bytes = 1400 };
  w = pair_world_new (1);
  unsigned node = pair_add_peer (w, "A", &options);
  largest = 0;
  w->on_sent = measure;
  pair_register (w, node, file);
  puppet_init (&puppet, w, node, &file->file.fid);
  ck_assert (puppet_call (&puppet, SHOAL_HELLO_INTERESTED));
  for (unsigned i = 0; i < 6; i++)
    puppet_request (&puppet, i, SHOAL_UNITS_ALL, 0);
  for (unsigned i = 0; i < 600; i++)
    puppet_request (&puppet, 1000000 + i, SHOAL_UNITS_ALL, 0); /* of which each is refused */
  puppet_run (&puppet, w->now + 5 * S);
  ck_assert_msg (largest <= 1400, "a datagram has %zu bytes", largest);
}
END_TEST

static Suite *
hostile_suite (void)
{
  Suite *suite = suite_create ("hostile-neighbours");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_set_timeout (tests, 180);
  tcase_add_test (tests, flood_of_requests);
  tcase_add_test (tests, flood_of_interest);
  tcase_add_test (tests, poison);
  tcase_add_test (tests, framing);
  tcase_add_test (tests, banned_though_candidates_are_full);
  tcase_add_test (tests, crowd_of_one_host);
  tcase_add_test (tests, path_limit);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (hostile_suite (), NULL);
}
