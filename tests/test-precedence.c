/* Who comes first: what a downloader tells of how far it is, whom a sender invites, and whose request it begins. */
#include "src/peer-internal.h"
#include "tests/harness.h"
#include "tests/puppet.h"

#define S SHOAL_SECOND
#define BLOCKS 64u
#define CROWD 10u    /* requests that leave no room for credits */
#define RATE 100000u /* bytes per second: a block takes 164 ms */

static PairWorld *w;
static PairFile *file;
static unsigned node;
/* They appear at the node in this order, if at all: two to choose from, one that gives the rest, and one that keeps the
 * uplink busy. */
static Puppet a, b, source, hog;
static Puppet *const puppets[] = { &a, &b, &source, &hog };

static void
set_up (void)
{
  w = pair_world_new (1);
  file = pair_file_new ("file", BLOCKS * SHOAL_BLOCK_BYTES, 1);
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
}

static void
start (const ShoalStrategy *strategy, ShoalService service)
{
  PairPeerOptions usual = { .tracker = -1, .upload_bytes_per_s = RATE };
  ShoalPeerOptions options = pair_options (w, 0, "N", &usual);
  options.service = service;
  options.serving = (ShoalStrategyOptions){ .strategy = strategy, .turn_ns = 3600 * S };
  node = pair_add_machine (w, shoal_peer_machine_new (&options), RATE);
  for (unsigned i = 0; i < G_N_ELEMENTS (puppets); i++)
    puppet_init (puppets[i], w, node, &file->file.fid);
}

/* For all puppets at once: who is not there yet has nothing to do. */
static void
let_pass (ShoalTime time_ns)
{
  for (ShoalTime end = w->now + time_ns; w->now < end;)
    for (unsigned i = 0; i < G_N_ELEMENTS (puppets); i++)
      puppet_run (puppets[i], w->now + 5 * SHOAL_MS);
}

static void
want (Puppet *p, bool wants)
{
  puppet_say_number (p, SHOAL_MESSAGE_INTEREST, wants);
  let_pass (100 * SHOAL_MS);
}

static void
say_has (Puppet *p, uint32_t first, uint32_t count)
{
  uint8_t body[BLOCKS] = { (uint8_t)first };
  memset (body + 1, 1, sizeof body - 1);
  puppet_say (p, SHOAL_MESSAGE_HAVE, body, count);
}

static uint32_t
held (void)
{
  ShoalFileInfo info;
  ck_assert (shoal_peer_file_info (pair_node (w, node)->machine, &file->file.fid, &info));
  return info.held;
}

/* The node gets these blocks, of nobody else. */
static void
give (Puppet *p, uint32_t first, uint32_t count)
{
  uint32_t before = held ();
  p->serves = file;
  say_has (p, first, count);
  puppet_say (p, SHOAL_MESSAGE_UNCHOKE, NULL, 0);
  for (unsigned i = 0; i < 4; i++)
    puppet_say (p, SHOAL_MESSAGE_CREDIT, NULL, 0);
  let_pass (5 * S); /* news that are few wait for up to four */
  ck_assert_uint_eq (held (), before + count);
}

/* The node gets the file, and knows A, and what the file is. */
static void
start_download (void)
{
  start (NULL, SHOAL_SERVICE_FAIR);
  ck_assert_int_eq (pair_download (w, node, file, (int)a.self, 0), SHOAL_OK);
  let_pass (100 * SHOAL_MS);
  puppet_say (&a, SHOAL_MESSAGE_INFO, file->file.dictionary, file->file.dictionary_bytes);
  let_pass (100 * SHOAL_MS);
}

/* The node holds everything, and A and B are its neighbours. */
static void
start_seeding (const ShoalStrategy *strategy, ShoalService service)
{
  start (strategy, service);
  ck_assert_int_eq (pair_register (w, node, file), SHOAL_OK);
  ck_assert (puppet_call (&a, 0) && puppet_call (&b, 0));
}

/* The same, but it got the first blocks from the two. */
static void
start_with_gifts (uint32_t of_a, uint32_t of_b)
{
  start_download ();
  ck_assert (puppet_call (&b, 0));
  give (&a, 0, of_a);
  give (&b, of_a, of_b);
  ck_assert (puppet_call (&source, 0));
  give (&source, of_a + of_b, BLOCKS - of_a - of_b);
  puppet_say (&source, SHOAL_MESSAGE_GOODBYE, "\7", 1);
  let_pass (S);
}

/* ---- how far a downloader is ---- */

/* Multiples of the step, as long as something is missing: then it says that it has everything. */
static void
was_told (const Puppet *p, uint32_t step)
{
  ck_assert_uint_eq (p->progress_count, (BLOCKS - 1) / step);
  for (unsigned i = 0; i < p->progress_count; i++)
    ck_assert_uint_eq (p->progress[i], (i + 1) * step);
}

/* To who gives, to who holds nothing and to who holds everything: whenever there are eight more, or as soon after that
 * as there are any. */
START_TEST (progress_is_told_to_all)
{
  uint32_t at_once = (uint32_t)_i, step = (8 + at_once - 1) / at_once * at_once;
  start_download ();
  ck_assert (puppet_call (&b, 0) && puppet_call (&source, 0));
  puppet_say (&source, SHOAL_MESSAGE_HAVE_ALL, NULL, 0);
  for (uint32_t block = 0; block < BLOCKS; block += at_once)
    give (&a, block, MIN (at_once, BLOCKS - block));
  was_told (&a, step);
  was_told (&b, step);
  was_told (&source, step);
}
END_TEST

/* Who comes late is told what is held, and the number of blocks when there are eight more. */
START_TEST (progress_goes_by_eights)
{
  start_download ();
  give (&a, 0, 7);
  ck_assert_uint_eq (a.progress_count, 0);
  ck_assert (puppet_call (&b, 0));
  give (&a, 7, 1);
  ck_assert_uint_eq (a.progress_count, 1);
  ck_assert_uint_eq (a.progress[0], 8);
  give (&a, 8, 6);
  ck_assert_uint_eq (b.progress_count, 0);
  give (&a, 14, 1);
  ck_assert_uint_eq (a.progress_count, 1);
  ck_assert_uint_eq (b.progress_count, 1);
  ck_assert_uint_eq (b.progress[0], 15);
}
END_TEST

START_TEST (holders_tell_no_progress)
{
  start_seeding (NULL, SHOAL_SERVICE_FAIR);
  want (&a, true);
  for (uint32_t block = 0; block < 4; block++)
    puppet_request (&a, block, SHOAL_UNITS_ALL, 0);
  let_pass (5 * S);
  ck_assert_uint_eq (a.data_bytes, 4 * SHOAL_BLOCK_BYTES);
  ck_assert_uint_eq (a.progress_count + b.progress_count, 0);
}
END_TEST

/* ---- whom to invite ---- */

/* The hog asks for so much that nobody gets a credit. */
static void
crowd_out (void)
{
  ck_assert (puppet_call (&hog, SHOAL_HELLO_INTERESTED));
  for (uint32_t block = 0; block < CROWD; block++)
    puppet_request (&hog, block, SHOAL_UNITS_ALL, 0);
  let_pass (50 * SHOAL_MS);
  unsigned before = a.counts[SHOAL_MESSAGE_CREDIT] + b.counts[SHOAL_MESSAGE_CREDIT];
  want (&a, true);
  want (&b, true);
  ck_assert_uint_eq (a.counts[SHOAL_MESSAGE_CREDIT] + b.counts[SHOAL_MESSAGE_CREDIT], before);
}

/* The hog makes room, by a request at a time; returns who got the credits, such as "ABA". */
static const char *
invited (unsigned count)
{
  static char names[CROWD + 1];
  unsigned got = 0;
  memset (names, 0, sizeof names);
  for (uint32_t block = CROWD; got < count && block-- > 0;)
    {
      unsigned of_a = a.counts[SHOAL_MESSAGE_CREDIT], of_b = b.counts[SHOAL_MESSAGE_CREDIT];
      puppet_say_number (&hog, SHOAL_MESSAGE_CANCEL, block);
      let_pass (60 * SHOAL_MS);
      of_a = a.counts[SHOAL_MESSAGE_CREDIT] - of_a;
      of_b = b.counts[SHOAL_MESSAGE_CREDIT] - of_b;
      ck_assert_uint_le (of_a + of_b, 1);
      if (of_a + of_b > 0)
        names[got++] = of_a ? 'A' : 'B';
    }
  return names;
}

typedef struct {
  uint32_t a_says, b_says, b_has; /* numbers of blocks; b_has: by its HAVEs */
  const char *invited;
} Told;

/* Where neither lags they come in turn, A first. B is not believed less than is known of it, and a number beyond the file
 * is all of it. */
static const Told told[] = {
  { 0, 0, 0, "AB" },   { 16, 0, 0, "AB" },  { 17, 0, 0, "BB" },          { 0, 17, 0, "AA" },
  { 64, 47, 0, "BB" }, { 64, 48, 0, "AB" }, { 26, 1, 9, "BB" },          { 25, 1, 9, "AB" },
  { 27, 10, 9, "BB" }, { 26, 10, 9, "AB" }, { UINT32_MAX, 47, 0, "BB" }, { UINT32_MAX, 48, 0, "AB" },
};

static void
say_progress (uint32_t of_a, uint32_t of_b)
{
  puppet_say_number (&a, SHOAL_MESSAGE_PROGRESS, of_a);
  puppet_say_number (&b, SHOAL_MESSAGE_PROGRESS, of_b);
}

START_TEST (who_has_clearly_less_is_invited)
{
  start_seeding (NULL, SHOAL_SERVICE_FAIR);
  say_has (&b, 0, told[_i].b_has);
  say_progress (told[_i].a_says, told[_i].b_says);
  crowd_out ();
  ck_assert_str_eq (invited (2), told[_i].invited);
}
END_TEST

typedef struct {
  uint32_t before; /* what B said before */
  const char *body;
  size_t length;
  const char *invited;
} OddBody;

static const OddBody odd_bodies[] = {
  { 10, "", 0, "BB" },
  { 50, "", 0, "AB" },
  { 50, "\x80", 1, "AB" },
  { 10, "\x30\x80\x80", 3, "AB" }, /* what follows the number is skipped */
  { 10, "\xff\xff\xff\xff\x0f", 5, "AB" },
  { 10, "\xff\xff\xff\xff\x1f", 5, "BB" }, /* more than 32 bits */
  { 50, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, "AB" },
};

START_TEST (odd_progress_does_no_harm)
{
  start_seeding (NULL, SHOAL_SERVICE_FAIR);
  say_progress (BLOCKS, odd_bodies[_i].before);
  puppet_say (&b, SHOAL_MESSAGE_PROGRESS, odd_bodies[_i].body, odd_bodies[_i].length);
  crowd_out ();
  ck_assert_str_eq (invited (2), odd_bodies[_i].invited);
  ck_assert (!b.gone);
}
END_TEST

/* What one has of a file that is not known here is ignored. */
START_TEST (progress_before_the_dictionary)
{
  start (NULL, SHOAL_SERVICE_FAIR);
  ck_assert_int_eq (pair_download (w, node, file, (int)source.self, 0), SHOAL_OK);
  ck_assert (puppet_call (&a, 0) && puppet_call (&b, 0));
  say_progress (0, 40);
  let_pass (S);
  puppet_say (&source, SHOAL_MESSAGE_INFO, file->file.dictionary, file->file.dictionary_bytes);
  give (&source, 0, BLOCKS);
  puppet_say_number (&a, SHOAL_MESSAGE_PROGRESS, 17);
  crowd_out ();
  ck_assert_str_eq (invited (2), "BB");
}
END_TEST

START_TEST (strategies_do_not_take_its_word)
{
  const ShoalStrategy *strategy = shoal_strategy ((unsigned)_i);
  start_seeding (strategy, SHOAL_SERVICE_FAIR);
  say_progress (BLOCKS, 0);
  crowd_out ();
  ck_assert_str_eq (invited (2), strategy == &shoal_strategy_none ? "BB" : "AB");
}
END_TEST

START_TEST (first_come_first_invited)
{
  start_seeding (NULL, SHOAL_SERVICE_FIFO);
  say_progress (BLOCKS, 0);
  crowd_out ();
  ck_assert_str_eq (invited (2), "AA");
}
END_TEST

typedef struct {
  uint32_t of_a, of_b; /* blocks that the node had from them */
  const char *invited, *served;
} Gifts;

/* Who gave less lacks more: that would give it precedence. */
static const Gifts gifts[] = {
  { 0, 3, "AB", "A" }, { 0, 8, "BA", "B" }, { 8, 15, "AB", "A" }, { 8, 16, "BA", "B" }, { 16, 8, "AB", "A" },
};

START_TEST (who_gave_clearly_more_is_invited)
{
  start_with_gifts (gifts[_i].of_a, gifts[_i].of_b);
  crowd_out ();
  ck_assert_str_eq (invited (2), gifts[_i].invited);
}
END_TEST

/* ---- whose request to begin ---- */

/* A and B ask for a block each while the uplink is busy, A first; returns who gets data first. */
static const char *
served (uint32_t of_a, uint32_t of_b)
{
  want (&a, true);
  want (&b, true);
  ck_assert (puppet_call (&hog, SHOAL_HELLO_INTERESTED));
  puppet_request (&hog, BLOCKS - 1, SHOAL_UNITS_ALL, 0);
  let_pass (20 * SHOAL_MS);
  puppet_request (&a, of_a, SHOAL_UNITS_ALL, 0);
  puppet_request (&b, of_b, SHOAL_UNITS_ALL, 0);
  while (a.data_bytes + b.data_bytes == 0)
    let_pass (5 * SHOAL_MS);
  ck_assert_uint_eq (hog.data_bytes, SHOAL_BLOCK_BYTES);
  return a.data_bytes > 0 ? "A" : "B";
}

START_TEST (who_gave_clearly_more_is_served)
{
  start_with_gifts (gifts[_i].of_a, gifts[_i].of_b);
  ck_assert_str_eq (served (40, 41), gifts[_i].served);
}
END_TEST

START_TEST (who_has_least_is_served)
{
  start_seeding (NULL, (ShoalService)_i);
  say_has (&a, 10, 5);
  ck_assert_str_eq (served (40, 41), _i == SHOAL_SERVICE_FIFO ? "A" : "B");
}
END_TEST

START_TEST (common_blocks_are_served_last)
{
  start_seeding (NULL, (ShoalService)_i);
  ck_assert (puppet_call (&source, 0));
  say_has (&source, 10, 5);
  ck_assert_str_eq (served (10, 40), _i == SHOAL_SERVICE_FIFO ? "A" : "B");
}
END_TEST

static Suite *
precedence_suite (void)
{
  Suite *suite = suite_create ("precedence");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_loop_test (tests, progress_is_told_to_all, 1, 6);
  tcase_add_test (tests, progress_goes_by_eights);
  tcase_add_test (tests, holders_tell_no_progress);
  tcase_add_loop_test (tests, who_has_clearly_less_is_invited, 0, G_N_ELEMENTS (told));
  tcase_add_loop_test (tests, odd_progress_does_no_harm, 0, G_N_ELEMENTS (odd_bodies));
  tcase_add_test (tests, progress_before_the_dictionary);
  tcase_add_loop_test (tests, strategies_do_not_take_its_word, 0, 3);
  tcase_add_test (tests, first_come_first_invited);
  tcase_add_loop_test (tests, who_gave_clearly_more_is_invited, 0, G_N_ELEMENTS (gifts));
  tcase_add_loop_test (tests, who_gave_clearly_more_is_served, 0, G_N_ELEMENTS (gifts));
  tcase_add_loop_test (tests, who_has_least_is_served, 0, 2);
  tcase_add_loop_test (tests, common_blocks_are_served_last, 0, 2);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (precedence_suite (), NULL);
}
