/* Blocks that are told of before they are here: who says so of what and to whom, and what becomes of the requests that
 * wait for them. What the node says is read off the wire, and after each step its state must agree with itself. */
#include "src/peer-check.h"
#include "src/peer-internal.h"
#include "tests/harness.h"
#include "tests/heard.h"

#define S SHOAL_SECOND
#define BLOCKS 16u
#define HELD 0u /* the first block that comes: nobody is told of it before */
#define LAST (BLOCKS - 1)
#define X 3u           /* the one that is on its way */
#define RATE 200000u   /* bytes per second: a block takes 82 ms, and timers are looked at in 164 ms */
#define SLOW 5000u     /* 3.3 s, and a part of it 0.2 s */
#define NARROW 8000u   /* a downlink so slow that a block is asked for in several parts */
#define QUICK 1000000u /* a downlink that nothing has to wait for */
#define BRIEF (30 * SHOAL_MS)

static PairWorld *w;
static PairFile *file;
static unsigned node;
static Puppet source, a, b, c;
static Puppet *const puppets[] = { &source, &a, &b, &c };
static bool source_is_deaf;
static Heard heard;

#define ck_story(puppet, expected) ck_assert_str_eq (heard_story (&heard, &puppet, X), expected)

/* ---- the world ---- */

static void
set_up (void)
{
  w = pair_world_new (1);
  source_is_deaf = false;
  file = pair_file_new ("file", BLOCKS * SHOAL_BLOCK_BYTES, 1);
  heard_listen (&heard, w, file, puppets, G_N_ELEMENTS (puppets));
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
}

static const ShoalPeer *
peer (void)
{
  return (const ShoalPeer *)pair_node (w, node)->machine;
}

static void
let_pass (ShoalTime time_ns)
{
  for (ShoalTime end = w->now + time_ns; w->now < end;)
    {
      pair_run (w, MIN (end, w->now + 5 * SHOAL_MS));
      for (unsigned i = source_is_deaf; i < G_N_ELEMENTS (puppets); i++)
        puppet_run (puppets[i], w->now);
      const char *wrong = shoal_peer_check (pair_node (w, node)->machine);
      ck_assert_msg (!wrong, "%s", wrong);
    }
}

static void
say (Puppet *p, ShoalMessageType type, uint32_t number)
{
  puppet_say_number (p, (uint8_t)type, number);
  let_pass (BRIEF);
}

static void
say_plainly (Puppet *p, ShoalMessageType type)
{
  puppet_say (p, (uint8_t)type, NULL, 0);
  let_pass (BRIEF);
}

static void
request (Puppet *p, uint32_t block)
{
  puppet_request (p, block, SHOAL_UNITS_ALL, 0);
  let_pass (BRIEF);
}

/* The node uses this credit for what it suggests. */
static void
invite (Puppet *p, uint32_t block)
{
  unsigned before = p->request_count;
  say (p, SHOAL_MESSAGE_CREDIT, block);
  ck_assert_uint_eq (p->request_count, before + 1);
  ck_assert_uint_eq (p->requests[before].block, block);
}

static void
answer (Puppet *p, uint32_t block)
{
  heard_serve (&heard, p, block, false);
  say (p, SHOAL_MESSAGE_SENT, block);
}

static bool
holds (uint32_t block)
{
  return shoal_bitmap_get (shoal_peer_held (pair_node (w, node)->machine, &file->file.fid), block);
}

static void
give (Puppet *p, uint32_t block)
{
  for (unsigned parts = 0; parts < 3 && !holds (block); parts++)
    {
      invite (p, block);
      answer (p, block);
    }
  ck_assert (holds (block));
}

static void
come (Puppet *p)
{
  ck_assert (puppet_call (p, SHOAL_HELLO_INTERESTED));
  let_pass (BRIEF);
}

static ShoalPeerOptions
options_of (uint64_t upload, uint64_t download)
{
  PairPeerOptions usual = { .tracker = -1, .upload_bytes_per_s = upload };
  ShoalPeerOptions options = pair_options (w, 0, "N", &usual);
  options.download_bytes_per_s = download;
  return options;
}

/* The node wants the file, and knows what it is; A and B are there, and the source has said nothing more. */
static void
start_with (const ShoalPeerOptions *options)
{
  node = pair_add_machine (w, shoal_peer_machine_new (options), options->upload_bytes_per_s);
  for (unsigned i = 0; i < G_N_ELEMENTS (puppets); i++)
    puppet_init (puppets[i], w, node, &file->file.fid);
  ck_assert_int_eq (pair_download (w, node, file, (int)source.self, 0), SHOAL_OK);
  let_pass (BRIEF);
  puppet_say (&source, SHOAL_MESSAGE_INFO, file->file.dictionary, file->file.dictionary_bytes);
  come (&a);
  come (&b);
}

/* The source has everything, and shows it: it gives a block. */
static void
start (uint64_t upload, uint64_t download)
{
  ShoalPeerOptions options = options_of (upload, download);
  start_with (&options);
  say_plainly (&source, SHOAL_MESSAGE_HAVE_ALL);
  give (&source, HELD);
  let_pass (S); /* nothing is on its way that news could go with */
}

/* ---- who tells what, and whom ---- */

/* At once, and not with the next credit; and not who has it: the source. Nor when it is asked for again, as what was sent
 * got lost, or as the source takes it back for a time. */
START_TEST (told_once_to_others)
{
  start (RATE, RATE);
  for (uint32_t block = X + 4; block-- > X;)
    invite (&source, block);
  ck_story (a, "S");
  say (&source, SHOAL_MESSAGE_SENT, X);
  let_pass (2 * S);
  ck_story (source, "QQ");
  say (&source, SHOAL_MESSAGE_REJECT, X);
  invite (&source, X);
  let_pass (2 * S);
  ck_story (source, "QQLQ");
  ck_story (a, "SL");
  ck_story (b, "SL");
}
END_TEST

/* Who gave nothing yet may lie. */
START_TEST (not_before_it_gives)
{
  ShoalPeerOptions options = options_of (RATE, RATE);
  start_with (&options);
  say_plainly (&source, SHOAL_MESSAGE_HAVE_ALL);
  invite (&source, X);
  let_pass (2 * S);
  ck_story (a, "");
  answer (&source, X);
  invite (&source, X + 1);
  let_pass (2 * S);
  ck_story (a, "H");
  ck_assert_str_eq (heard_story (&heard, &a, X + 1), "S");
}
END_TEST

/* Nor what others have, or will have soon; nor what comes in parts, for which requests would wait for too long. Who has
 * it or will have it does not hear that it is here, unless it says that it has lost it. */
START_TEST (not_all_is_told)
{
  start (RATE, _i == 2 ? NARROW : RATE);
  if (_i < 2)
    say (&b, _i == 0 ? SHOAL_MESSAGE_HAVE : SHOAL_MESSAGE_SOON, X);
  invite (&source, X);
  let_pass (S);
  ck_story (a, "");
  answer (&source, X);
  ck_assert_uint_eq (holds (X), _i < 2);
  give (&source, X);
  let_pass (4 * S);
  ck_story (a, "H");
  ck_story (b, _i < 2 ? "" : "H");
  if (_i < 2)
    say (&b, SHOAL_MESSAGE_LOST, X);
  ck_story (b, "H");
}
END_TEST

typedef struct {
  uint64_t upload;
  bool never, registered_only, tells;
} Teller;

static const Teller tellers[] = {
  { 0, false, false, false },   { 16000000, false, false, true }, { 16000001, false, false, false },
  { RATE, false, false, true }, { RATE, true, false, false },     { RATE, false, true, false },
};

START_TEST (who_tells)
{
  const Teller *teller = &tellers[_i];
  ShoalPeerOptions options = options_of (teller->upload, RATE);
  options.never_upload = teller->never;
  options.serve_registered_only = teller->registered_only;
  start_with (&options);
  say_plainly (&source, SHOAL_MESSAGE_HAVE_ALL);
  give (&source, HELD);
  invite (&source, X);
  come (&c);
  request (&a, X);
  let_pass (2 * S);
  ck_assert_uint_eq (heard_story (&heard, &a, X)[0] == 'S', teller->tells);
  ck_assert_uint_eq (heard_story (&heard, &c, X)[0] == 'S', teller->tells);
  ck_assert_uint_eq (peer ()->up.waiting, teller->tells);
}
END_TEST

/* B holds all blocks but the last, which it will have soon; and then it shows in some way that it has it. */
START_TEST (only_sources_count)
{
  ShoalPeerOptions options = options_of (RATE, QUICK);
  start_with (&options);
  say (&b, SHOAL_MESSAGE_HAVE, HELD);
  give (&b, HELD);
  say (&b, SHOAL_MESSAGE_SOON, LAST);
  if (_i > 0)
    say_plainly (&b, SHOAL_MESSAGE_CREDIT); /* for the last one: there is no other */
  puppet_say (&b, SHOAL_MESSAGE_BITFIELD, "\0\xff\xfe", 3);
  invite (&b, 1);
  let_pass (S);
  ck_assert_str_eq (heard_story (&heard, &a, 1), "");
  if (_i == 0)
    invite (&b, LAST);
  else if (_i == 1)
    say_plainly (&b, SHOAL_MESSAGE_HAVE_ALL);
  else if (_i == 4)
    puppet_say (&b, SHOAL_MESSAGE_BITFIELD, "\1\1", 2);
  else if (_i == 5)
    heard_serve (&heard, &b, LAST, false);
  else
    say (&b, _i == 2 ? SHOAL_MESSAGE_HAVE : SHOAL_MESSAGE_SENT, LAST);
  invite (&b, X);
  ck_story (a, "S");
}
END_TEST

/* Who comes while it is on its way hears of it, and is invited to ask for it; who comes later does not. */
START_TEST (newcomers_are_told)
{
  start (RATE, RATE);
  invite (&source, X);
  ck_assert (puppet_call (&c, 0));
  say (&c, SHOAL_MESSAGE_HAVE, HELD);
  ck_story (c, "S");
  say (&c, SHOAL_MESSAGE_INTEREST, 1);
  ck_assert_uint_gt (c.counts[SHOAL_MESSAGE_CREDIT], 0);
  answer (&source, X);
  let_pass (3 * S);
  ck_story (c, "SH");
  puppet_say (&c, SHOAL_MESSAGE_GOODBYE, "\7", 1);
  let_pass (BRIEF);
  come (&c);
  let_pass (3 * S);
  ck_story (c, "SH");
}
END_TEST

/* Who wants nothing is not told at once; and when it is here, that it will be is no news. */
START_TEST (old_news)
{
  start (RATE, RATE);
  say (&a, SHOAL_MESSAGE_INTEREST, 0);
  give (&source, X);
  let_pass (4 * S);
  ck_story (a, "H");
  ck_story (b, "SH");
}
END_TEST

/* ---- requests that wait ---- */

/* Others do not wait for them. */
START_TEST (served_when_it_is_here)
{
  start (RATE, RATE);
  invite (&source, X);
  invite (&source, X + 1);
  request (&a, X);
  request (&a, X + 1);
  let_pass (2 * S);
  ck_story (a, "S");
  request (&a, HELD);
  request (&b, HELD);
  let_pass (S);
  ck_assert_str_eq (heard_story (&heard, &a, HELD), "HdD");
  ck_assert_str_eq (heard_story (&heard, &b, HELD), "HdD");
  answer (&source, X);
  let_pass (4 * S);
  ck_story (a, "SdD");
  ck_story (b, "SH");
  ck_assert_str_eq (heard_story (&heard, &a, X + 1), "S");
}
END_TEST

/* So many wait that they would take up all credits. */
START_TEST (credits_go_out_all_the_same)
{
  start (RATE, QUICK);
  for (uint32_t block = X; block < X + 4; block++)
    {
      invite (&source, block);
      request (&a, block);
      request (&b, block);
    }
  ck_assert_uint_eq (peer ()->up.waiting, 8);
  ck_assert_uint_ge (peer ()->up.waiting, peer ()->up.pipeline);
  come (&c);
  ck_assert_uint_gt (c.counts[SHOAL_MESSAGE_CREDIT], 0);
}
END_TEST

/* Nor who will have it soon without us, unless it takes that back. */
START_TEST (holders_do_not_wait)
{
  start (RATE, RATE);
  say (&source, SHOAL_MESSAGE_INTEREST, 1);
  invite (&source, X);
  request (&source, X);
  ck_story (source, "QLR");
  say (&a, SHOAL_MESSAGE_SOON, X);
  request (&a, X);
  ck_story (a, "SLR");
  say (&a, SHOAL_MESSAGE_LOST, X);
  request (&a, X);
  answer (&source, X);
  let_pass (S);
  ck_story (a, "SLRdD");
}
END_TEST

/* A cancels before the block comes, as it comes, and when it was to learn that from the data. */
START_TEST (who_cancels_needs_news)
{
  start (SLOW, QUICK);
  invite (&source, X);
  request (&b, HELD); /* keeps the uplink busy: nothing of X goes out yet */
  request (&a, X);
  if (_i > 0)
    heard_serve (&heard, &source, X, false);
  let_pass (_i > 1 ? 100 * SHOAL_MS : 0);
  say (&a, SHOAL_MESSAGE_CANCEL, X);
  if (_i == 0)
    heard_serve (&heard, &source, X, false);
  let_pass (20 * S);
  ck_story (a, "SH");
  ck_story (b, "SH");
}
END_TEST

START_TEST (all_of_a_file)
{
  start (QUICK, QUICK);
  source.serves = file;
  for (uint32_t block = 0; block < BLOCKS; block++)
    {
      if (block != HELD)
        say (&source, SHOAL_MESSAGE_CREDIT, block);
      request (&a, block);
    }
  let_pass (5 * S);
  ck_assert (pair_right (w, node, file));
  ck_assert_uint_eq (a.data_bytes, file->length);
}
END_TEST

/* ---- when it does not come ---- */

typedef enum {
  LEAVES,
  CHOKES,
  REJECTS,
  SPOILS,
  IS_SILENT,
  WAYS
} Way;

static void
source_goes (Way way)
{
  static const uint8_t says[WAYS] = { SHOAL_MESSAGE_GOODBYE, SHOAL_MESSAGE_CHOKE, SHOAL_MESSAGE_REJECT };
  if (way == SPOILS)
    heard_serve (&heard, &source, X, true);
  else if (way != IS_SILENT)
    puppet_say_number (&source, says[way], X);
  source_is_deaf = way == IS_SILENT;
  let_pass (source_is_deaf ? 40 * S : 100 * SHOAL_MS);
}

/* All hear that it will not be, and who waits that it gets nothing; another source starts again, without a word. */
START_TEST (taken_back)
{
  start (RATE, RATE);
  invite (&source, X);
  request (&a, X);
  source_goes (_i);
  ck_story (a, "SLR");
  ck_story (b, "SL");
  request (&b, X);
  ck_story (b, "SLLR");
  come (&c);
  say_plainly (&c, SHOAL_MESSAGE_HAVE_ALL);
  say (&c, SHOAL_MESSAGE_CREDIT, X);
  answer (&c, X);
  let_pass (3 * S);
  ck_story (a, "SLRH");
  ck_story (b, "SLLRH");
}
END_TEST

/* ---- of whom to ask for what it will have ---- */

/* A has a credit for us, and the source is slow with what both wait for: A is asked as soon as it has it. */
START_TEST (no_two_wait_for_each_other)
{
  start (RATE, RATE);
  invite (&source, X);
  say (&a, SHOAL_MESSAGE_SOON, X);
  say_plainly (&a, SHOAL_MESSAGE_CREDIT);
  let_pass (5 * S);
  ck_story (a, "S");
  say (&a, SHOAL_MESSAGE_HAVE, X);
  say (&a, SHOAL_MESSAGE_SOON, X); /* who has it has it */
  let_pass (2 * S);
  ck_story (a, "SQ");
  ck_story (source, "QC");
}
END_TEST

/* Once the own word is taken back one may wait for the other, which hears the one before the other. */
START_TEST (one_may_wait)
{
  start (RATE, RATE);
  invite (&source, X);
  say (&a, SHOAL_MESSAGE_SOON, X);
  say_plainly (&a, SHOAL_MESSAGE_CREDIT);
  source_goes (CHOKES);
  let_pass (2 * S);
  ck_story (a, "SLQ");
}
END_TEST

/* A is asked for what it will have soon (or has), and then B, which has it, offers it. What is not there yet is not
 * slow for a second, and who waited for it is not slow when it comes. */
START_TEST (not_slow_at_once)
{
  start (RATE, RATE);
  source_goes (CHOKES);
  ShoalTime usual = peer ()->down.service_ns;
  say (&a, _i == 0 ? SHOAL_MESSAGE_HAVE : SHOAL_MESSAGE_SOON, X);
  say_plainly (&a, SHOAL_MESSAGE_CREDIT);
  say (&b, SHOAL_MESSAGE_HAVE, X);
  say_plainly (&b, SHOAL_MESSAGE_CREDIT);
  let_pass (850 * SHOAL_MS);
  ck_story (a, _i == 0 ? "QC" : "Q");
  ck_story (b, _i == 0 ? "Q" : "");
  if (_i == 2)
    answer (&a, X);
  let_pass (S);
  ck_story (a, _i < 2 ? "QC" : "Q");
  ck_assert (_i < 2 || (holds (X) && peer ()->down.service_ns <= usual));
}
END_TEST

/* Nor in the time of several blocks, where they take long. */
START_TEST (nor_sooner_than_is_usual)
{
  start (RATE, RATE);
  invite (&source, X + 1);
  let_pass (4 * S);
  answer (&source, X + 1);
  source_goes (CHOKES);
  ShoalTime usual = peer ()->down.service_ns;
  say (&a, SHOAL_MESSAGE_SOON, X);
  say_plainly (&a, SHOAL_MESSAGE_CREDIT);
  say (&b, SHOAL_MESSAGE_HAVE, X);
  say_plainly (&b, SHOAL_MESSAGE_CREDIT);
  let_pass (7 * usual);
  ck_story (a, "Q");
  let_pass (2 * usual);
  ck_story (a, "QC");
}
END_TEST

/* The source sends nothing, and says it did. It is taken to lie only if another has the block. */
START_TEST (no_replacement_yet)
{
  start (RATE, RATE);
  say (&b, _i == 0 ? SHOAL_MESSAGE_HAVE : SHOAL_MESSAGE_SOON, X);
  invite (&source, X);
  for (unsigned i = 0; i < 5; i++, let_pass (S))
    say (&source, SHOAL_MESSAGE_SENT, X);
  ck_assert_uint_eq (source.counts[SHOAL_MESSAGE_CANCEL], _i == 0);
}
END_TEST

START_TEST (lost_by_who_told)
{
  start (RATE, RATE);
  source_goes (CHOKES);
  say (&a, SHOAL_MESSAGE_SOON, X);
  say (&a, SHOAL_MESSAGE_LOST, X);
  say_plainly (&a, SHOAL_MESSAGE_CREDIT);
  let_pass (2 * S);
  ck_story (a, "");
  say (&a, _i == 0 ? SHOAL_MESSAGE_SOON : SHOAL_MESSAGE_HAVE, X);
  let_pass (S);
  ck_story (a, "Q");
}
END_TEST

START_TEST (out_of_range)
{
  start (RATE, RATE);
  say (&a, SHOAL_MESSAGE_SOON, LAST);
  ck_assert (!a.gone);
  say (&a, SHOAL_MESSAGE_SOON, BLOCKS);
  ck_assert_uint_eq (a.goodbye, SHOAL_DOWN_PROTOCOL);
}
END_TEST

static Suite *
soon_suite (void)
{
  Suite *suite = suite_create ("soon");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, told_once_to_others);
  tcase_add_test (tests, not_before_it_gives);
  tcase_add_loop_test (tests, not_all_is_told, 0, 3);
  tcase_add_loop_test (tests, who_tells, 0, G_N_ELEMENTS (tellers));
  tcase_add_loop_test (tests, only_sources_count, 0, 6);
  tcase_add_test (tests, newcomers_are_told);
  tcase_add_test (tests, old_news);
  tcase_add_test (tests, served_when_it_is_here);
  tcase_add_test (tests, credits_go_out_all_the_same);
  tcase_add_test (tests, holders_do_not_wait);
  tcase_add_loop_test (tests, who_cancels_needs_news, 0, 3);
  tcase_add_test (tests, all_of_a_file);
  tcase_add_loop_test (tests, taken_back, 0, WAYS);
  tcase_add_test (tests, no_two_wait_for_each_other);
  tcase_add_test (tests, one_may_wait);
  tcase_add_loop_test (tests, not_slow_at_once, 0, 3);
  tcase_add_test (tests, nor_sooner_than_is_usual);
  tcase_add_loop_test (tests, no_replacement_yet, 0, 2);
  tcase_add_loop_test (tests, lost_by_who_told, 0, 2);
  tcase_add_test (tests, out_of_range);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (soon_suite (), NULL);
}
