/* Neighbours that break the rules: with bad data, bad descriptions, bad numbers. */
#include "src/peer-internal.h"
#include "tests/harness.h"
#include "tests/puppet.h"

#define S SHOAL_SECOND
#define MINUTE (60 * S)
#define FLAGS (SHOAL_HELLO_NEEDS_INFO | SHOAL_HELLO_INTERESTED)

static PairWorld *w;
static PairFile *file; /* 20 blocks */
static unsigned node;
static Puppet puppet;

static void
set_up (void)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 1000000 };
  w = pair_world_new (1);
  file = pair_file_new ("file", 20 * SHOAL_BLOCK_BYTES - 1, 1);
  node = pair_add_peer (w, "A", &options);
  puppet_init (&puppet, w, node, &file->file.fid);
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
}

static void
brief (void)
{
  puppet_run (&puppet, w->now + 50 * SHOAL_MS);
}

/* The puppet as the only holder of the node's download. */
static void
puppet_seeds (void)
{
  puppet.serves = file;
  ck_assert_int_eq (pair_download (w, node, file, (int)puppet.self, 0), SHOAL_OK);
}

/* Another holder, a good one. */
static void
good_seeds (void)
{
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 200000 };
  unsigned good = pair_add_peer (w, "good", &options);
  ck_assert_int_eq (pair_register (w, good, file), SHOAL_OK);
  ShoalWriter writer;
  uint8_t body[32];
  writer = shoal_writer (body, sizeof body);
  shoal_write_addr (&writer, &pair_node (w, good)->addr);
  puppet_say (&puppet, SHOAL_MESSAGE_PEERS, body, writer.length);
}

static ShoalDownReason
down_reason (void)
{
  const PairEvent *down = pair_last (w, node, SHOAL_EVENT_NEIGHBOUR_DOWN);
  return down ? (ShoalDownReason)down->event.value : 0;
}

/* ---- what the puppet does as a seeder ---- */

START_TEST (good_puppet)
{
  puppet_seeds ();
  puppet_run (&puppet, w->now + 5 * S);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 1);
  ck_assert (pair_right (w, node, file));
  ck_assert_uint_eq (pair_got_from (w, node, file, puppet.self), file->length);
}
END_TEST

static void
bad_puppet_is_dropped (void)
{
  puppet_seeds ();
  puppet_run (&puppet, w->now + 500 * SHOAL_MS);
  ck_assert (puppet.gone);
  ck_assert_uint_eq (puppet.goodbye, SHOAL_DOWN_BAD_DATA);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_BLOCK_BAD, NULL), 1);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_BLOCK, NULL), 0);
  ck_assert_int_eq (down_reason (), SHOAL_DOWN_BAD_DATA);
  ck_assert_uint_eq (pair_node (w, node)->machine->counters.blocks_bad, 1);
  /* It is neither called nor let in again for a minute. */
  unsigned before = puppet.datagrams;
  puppet_run (&puppet, w->now + 55 * S);
  ck_assert_uint_eq (puppet.datagrams, before);
  ck_assert (!puppet_call (&puppet, 0));
  ck_assert_uint_ne (puppet.refusal, 0);
  /* After that it has another chance, and wastes it; the third comes after twice as long. */
  puppet_run (&puppet, w->now + MINUTE);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_BLOCK_BAD, NULL), 2);
  puppet_run (&puppet, w->now + 45 * S);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_BLOCK_BAD, NULL), 2);
}

START_TEST (bad_data)
{
  puppet.spoil_data = true;
  bad_puppet_is_dropped ();
}
END_TEST

START_TEST (bad_proof)
{
  puppet.spoil_proof = true;
  bad_puppet_is_dropped ();
}
END_TEST

/* The same with somebody else to get the file from. */
START_TEST (bad_data_and_a_good_holder)
{
  puppet.spoil_data = puppet.mute = true;
  puppet_seeds ();
  brief ();
  good_seeds ();
  puppet.mute = false;
  puppet_run (&puppet, w->now + 30 * S);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 1);
  ck_assert (pair_right (w, node, file));
}
END_TEST

/* It may have been spoilt on its way: who sent it is called again after a while, and nobody waits for another one from
 * the same session, which would never come. */
START_TEST (bad_dictionary)
{
  puppet.spoil_info = true;
  puppet_seeds ();
  brief ();
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_INFO, NULL), 0);
  ck_assert_uint_eq (pair_node (w, node)->contents->len, 0);
  ck_assert (puppet.gone);
  ck_assert_uint_eq (puppet.goodbye, SHOAL_DOWN_BAD_DATA);
  puppet.spoil_info = false;
  puppet_run (&puppet, w->now + 2 * MINUTE);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_INFO, NULL), 1);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 1);
  ck_assert (pair_right (w, node, file));
}
END_TEST

/* Takes requests and never answers them: others get them in the end. */
START_TEST (mute_holder)
{
  puppet.mute = true;
  puppet_seeds ();
  brief ();
  ck_assert_uint_gt (puppet.request_count, 0);
  good_seeds ();
  puppet_run (&puppet, w->now + 5 * MINUTE);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 1);
  ck_assert (pair_right (w, node, file));
}
END_TEST

START_TEST (unasked_data)
{
  puppet.mute = true;
  puppet_seeds ();
  brief ();
  uint64_t blocks = pair_count (w, node, SHOAL_EVENT_BLOCK, NULL);
  ShoalRequest asked = puppet.requests[0];
  for (uint32_t block = 0; block < 20; block++)
    {
      bool wanted = false;
      for (unsigned i = 0; i < puppet.request_count; i++)
        wanted |= puppet.requests[i].block == block;
      ShoalData data = { .block = block };
      if (!wanted)
        puppet_data (&puppet, &data, file->bytes, 1024);
    }
  ShoalData data = { .block = asked.block };
  puppet_data (&puppet, &data, file->bytes, 1000); /* neither whole units nor the end */
  puppet_data (&puppet, &data, file->bytes, SHOAL_BLOCK_BYTES + 1);
  puppet_data (&puppet, &data, file->bytes, 0);
  data.block = 20;
  puppet_data (&puppet, &data, file->bytes, 1024);
  data = (ShoalData){ .block = asked.block, .first_unit = 15 };
  puppet_data (&puppet, &data, file->bytes, 2048);
  brief ();
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_BLOCK, NULL), blocks);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_FIRST_BYTE, NULL), 0);
  ck_assert_uint_ge (pair_node (w, node)->machine->counters.malformed_datagrams, 5);
  ck_assert_uint_gt (pair_node (w, node)->machine->counters.duplicate_bytes, 0);
}
END_TEST

/* ---- numbers out of range ---- */

typedef struct {
  uint8_t type;
  uint8_t body[16];
  size_t length;
} BadMessage;

static const BadMessage bad_availability[] = {
  { SHOAL_MESSAGE_HAVE, { 20 }, 1 },
  { SHOAL_MESSAGE_HAVE, { 0, 1, 1, 18 }, 4 },
  { SHOAL_MESSAGE_HAVE, { 0xff, 0xff, 0xff, 0xff, 0x0f }, 5 },
  { SHOAL_MESSAGE_HAVE, { 19, 0xff, 0xff, 0xff, 0xff, 0x0f }, 6 }, /* would come round */
  { SHOAL_MESSAGE_HAVE, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, 6 },
  { SHOAL_MESSAGE_HAVE, { 0x80 }, 1 },
  { SHOAL_MESSAGE_BITFIELD, { 0, 0xff, 0xff, 0xf8 }, 4 }, /* a spare bit is set */
  { SHOAL_MESSAGE_BITFIELD, { 0, 0xff, 0xff, 0xf0, 0 }, 5 },
  { SHOAL_MESSAGE_BITFIELD, { 3, 0x80 }, 2 },
  { SHOAL_MESSAGE_BITFIELD, { 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff }, 6 },
  { SHOAL_MESSAGE_BITFIELD, { 0 }, 0 },
};

START_TEST (availability_out_of_range)
{
  const BadMessage *bad = &bad_availability[_i];
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, FLAGS));
  puppet_say (&puppet, bad->type, bad->body, bad->length);
  brief ();
  ck_assert (puppet.gone);
  ck_assert_uint_eq (puppet.goodbye, SHOAL_DOWN_PROTOCOL);
  ck_assert_int_eq (down_reason (), SHOAL_DOWN_PROTOCOL);
}
END_TEST

/* What is just within range is fine. */
START_TEST (availability_in_range)
{
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, FLAGS));
  puppet_say (&puppet, SHOAL_MESSAGE_HAVE, "\x00\x00\x13", 3); /* 0 twice, 19 */
  puppet_say (&puppet, SHOAL_MESSAGE_BITFIELD, "\x02\x10", 2);
  puppet_say (&puppet, SHOAL_MESSAGE_BITFIELD, "\x00\xff\xff\xf0", 4);
  puppet_say (&puppet, SHOAL_MESSAGE_HAVE, NULL, 0);
  brief ();
  ck_assert (!puppet.gone);
}
END_TEST

static void
rejected (uint32_t block, uint16_t units, uint8_t levels)
{
  unsigned before = puppet.counts[SHOAL_MESSAGE_REJECT];
  puppet_request (&puppet, block, units, levels);
  brief ();
  ck_assert_msg (puppet.counts[SHOAL_MESSAGE_REJECT] == before + 1, "block %u", block);
  ck_assert_uint_eq (puppet.data_bytes, 0);
}

START_TEST (requests_out_of_range)
{
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, FLAGS));
  rejected (20, SHOAL_UNITS_ALL, 0);
  rejected (UINT32_MAX, SHOAL_UNITS_ALL, 0);
  rejected (UINT32_MAX, 1, 255);
  rejected (0, SHOAL_UNITS_ALL, 33);
  rejected (0, SHOAL_UNITS_ALL, 255);
  puppet_request (&puppet, 19, SHOAL_UNITS_ALL, 5);
  brief ();
  ck_assert_uint_eq (puppet.data_bytes, SHOAL_BLOCK_BYTES - 1);
  puppet_request (&puppet, 3, 0x0005, 0); /* units 0 and 2 */
  brief ();
  ck_assert_uint_eq (puppet.data_bytes, SHOAL_BLOCK_BYTES - 1 + 2048);
  ck_assert (!puppet.gone);
}
END_TEST

START_TEST (request_for_what_is_not_held)
{
  ck_assert_int_eq (pair_download (w, node, file, (int)puppet.self, 0), SHOAL_OK);
  puppet.serves = file;
  puppet.mute = true;
  brief ();
  puppet_say (&puppet, SHOAL_MESSAGE_INTEREST, "\1", 1);
  brief ();
  for (uint32_t block = 0; block < 20; block++)
    rejected (block, SHOAL_UNITS_ALL, 0);
}
END_TEST

/* The puppet holds nothing and asks while it is choked. */
START_TEST (request_while_choked)
{
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, SHOAL_HELLO_NEEDS_INFO));
  puppet_request (&puppet, 0, SHOAL_UNITS_ALL, 0);
  brief ();
  ck_assert_uint_eq (puppet.data_bytes, 0);
}
END_TEST

START_TEST (no_more_after_cancel)
{
  PairPeerOptions slow = { .tracker = -1, .upload_bytes_per_s = 20000 };
  node = puppet.other = pair_add_peer (w, "slow", &slow);
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, FLAGS));
  for (uint32_t block = 0; block < 8; block++)
    puppet_request (&puppet, block, SHOAL_UNITS_ALL, 0);
  puppet_run (&puppet, w->now + 200 * SHOAL_MS);
  for (uint32_t block = 0; block < 8; block++)
    puppet_say_number (&puppet, SHOAL_MESSAGE_CANCEL, block);
  puppet_run (&puppet, w->now + 300 * SHOAL_MS);
  uint64_t before = puppet.data_bytes;
  ck_assert_uint_lt (before, SHOAL_BLOCK_BYTES);
  puppet_run (&puppet, w->now + 5 * S);
  ck_assert_uint_eq (puppet.data_bytes, before);
  ck_assert (!puppet.gone);
}
END_TEST

/* Numbers and flags that mean nothing, in messages of either side. Nothing comes of them. */
START_TEST (meaningless)
{
  static const uint8_t types[] = { SHOAL_MESSAGE_PING,
                                   SHOAL_MESSAGE_CREDIT,
                                   SHOAL_MESSAGE_CANCEL,
                                   SHOAL_MESSAGE_SENT,
                                   SHOAL_MESSAGE_REJECT,
                                   SHOAL_MESSAGE_CHOKE,
                                   SHOAL_MESSAGE_UNCHOKE,
                                   SHOAL_MESSAGE_INTEREST,
                                   SHOAL_MESSAGE_INFO,
                                   SHOAL_MESSAGE_PEERS,
                                   SHOAL_MESSAGE_REQUEST,
                                   SHOAL_MESSAGE_LOST,
                                   0x42,
                                   0x7f,
                                   0 };
  static const uint32_t numbers[] = { 0, 19, 20, 127, 128, 65536, UINT32_MAX };
  puppet.serves = file;
  puppet.mute = true;
  pair_download (w, node, file, (int)puppet.self, 0);
  brief ();
  for (unsigned i = 0; i < G_N_ELEMENTS (types); i++)
    {
      puppet_say (&puppet, types[i], NULL, 0);
      puppet_say (&puppet, types[i], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10);
      for (unsigned k = 0; k < G_N_ELEMENTS (numbers); k++)
        puppet_say_number (&puppet, types[i], numbers[k]);
      brief ();
    }
  ck_assert (!puppet.gone);
  /* The session is sound, and the download goes on with it. */
  puppet.mute = false;
  puppet_say (&puppet, SHOAL_MESSAGE_HAVE_ALL, NULL, 0);
  puppet_say (&puppet, SHOAL_MESSAGE_CHOKE, NULL, 0);
  puppet_say (&puppet, SHOAL_MESSAGE_UNCHOKE, NULL, 0);
  for (unsigned i = 0; i < 4; i++)
    puppet_say (&puppet, SHOAL_MESSAGE_CREDIT, NULL, 0);
  puppet_run (&puppet, w->now + 10 * S);
  ck_assert_uint_eq (pair_count (w, node, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 1);
  ck_assert (pair_right (w, node, file));
}
END_TEST

/* A block that we lost and it still has is one that it has and we lack, until it loses it, too. */
START_TEST (lost_by_both)
{
  ck_assert_int_eq (pair_register (w, node, file), SHOAL_OK);
  ck_assert (puppet_call (&puppet, FLAGS));
  puppet_say_number (&puppet, SHOAL_MESSAGE_HAVE, 3);
  brief ();
  const ShoalPeer *peer = (const ShoalPeer *)pair_node (w, node)->machine;
  const ShoalSwarm *swarm = peer->swarms->pdata[0];
  const ShoalNeighbour *neighbour = swarm->neighbours->pdata[0];
  ck_assert_uint_eq (neighbour->useful, 0);
  ck_assert_uint_eq (neighbour->wanting, 19);
  shoal_peer_block_lost (pair_node (w, node)->machine, w->now, &file->file.fid, 3);
  ck_assert_uint_eq (neighbour->useful, 1);
  puppet_say_number (&puppet, SHOAL_MESSAGE_LOST, 3);
  brief ();
  ck_assert_uint_eq (neighbour->useful, 0);
  ck_assert_uint_eq (neighbour->wanting, 19);
}
END_TEST

/* Unknown messages between known ones, in one chunk, are skipped. */
START_TEST (unknown_messages)
{
  uint8_t bytes[600];
  ShoalWriter writer = shoal_writer (bytes, sizeof bytes);
  pair_register (w, node, file);
  ck_assert (puppet_call (&puppet, SHOAL_HELLO_NEEDS_INFO));
  ShoalSession head = {
    .cid = puppet.tx_cid, .ack = puppet.expected, .has_chunk = true, .chunk = puppet.next++
  };
  shoal_write_session (&writer, &head);
  shoal_write_message (&writer, 0x6b, 300);
  for (unsigned i = 0; i < 300; i++)
    shoal_write_u8 (&writer, (uint8_t)i);
  shoal_write_message (&writer, SHOAL_MESSAGE_INTEREST, 1);
  shoal_write_u8 (&writer, 1);
  shoal_write_message (&writer, 0x10, 0);
  puppet_raw (&puppet, bytes, writer.length);
  brief ();
  ck_assert_uint_eq (puppet.counts[SHOAL_MESSAGE_UNCHOKE], 1);
}
END_TEST

/* The largest dictionary that is allowed is passed on like any other. */
START_TEST (largest_dictionary)
{
  PairFile large = *file;
  ShoalFile *f = &large.file;
  static const char key[] = "6:source";
  size_t more = SHOAL_INFODICT_MAX_BYTES - (f->dictionary_bytes + sizeof key - 1 + 4);
  g_autofree char *text = g_strdup_printf ("%s%zu:", key, more), *filler = g_strnfill (more, 'x');
  size_t at = f->dictionary_bytes - 1;
  memcpy (f->dictionary + at, text, strlen (text));
  memcpy (f->dictionary + at + strlen (text), filler, more);
  f->dictionary[SHOAL_INFODICT_MAX_BYTES - 1] = 'e';
  f->dictionary_bytes = SHOAL_INFODICT_MAX_BYTES;
  ck_assert_uint_eq (at + strlen (text) + more + 1, SHOAL_INFODICT_MAX_BYTES);
  ShoalInfo info;
  ck_assert_int_eq (shoal_infodict_read (f->dictionary, f->dictionary_bytes, &info), SHOAL_OK);
  shoal_infodict_fid (f->dictionary, f->dictionary_bytes, &f->fid);
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 1000000 };
  unsigned b = pair_add_peer (w, "B", &options);
  pair_register (w, node, &large);
  pair_download (w, b, &large, (int)node, 0);
  ck_assert (pair_run_done (w, b, 1, &large, w->now + MINUTE));
  ck_assert (pair_right (w, b, &large));
}
END_TEST

static Suite *
rules_suite (void)
{
  Suite *suite = suite_create ("peer-rules");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, good_puppet);
  tcase_add_test (tests, bad_data);
  tcase_add_test (tests, bad_proof);
  tcase_add_test (tests, bad_data_and_a_good_holder);
  tcase_add_test (tests, bad_dictionary);
  tcase_add_test (tests, mute_holder);
  tcase_add_test (tests, unasked_data);
  tcase_add_loop_test (tests, availability_out_of_range, 0, G_N_ELEMENTS (bad_availability));
  tcase_add_test (tests, availability_in_range);
  tcase_add_test (tests, requests_out_of_range);
  tcase_add_test (tests, request_for_what_is_not_held);
  tcase_add_test (tests, request_while_choked);
  tcase_add_test (tests, no_more_after_cancel);
  tcase_add_test (tests, meaningless);
  tcase_add_test (tests, lost_by_both);
  tcase_add_test (tests, unknown_messages);
  tcase_add_test (tests, largest_dictionary);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (rules_suite (), NULL);
}
