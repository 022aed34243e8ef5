/* What downloads wait for, in networks where the answer is known; and that it always adds up. */
#include "real/backend.h"
#include "src/peer-internal.h"
#include "tests/harness.h"
#include "tests/puppet.h"
#include "tests/recorded.h"

#define S SHOAL_SECOND

/* ---- it adds up ---- */

static int64_t
length_of (const ShoalTransferRow *transfer, unsigned i)
{
  const ShoalWaitRow *wait = &g_array_index (transfer->waits, ShoalWaitRow, i);
  return (i + 1 < transfer->waits->len ? wait[1].start_ns : transfer->waits_end_ns) - wait->start_ns;
}

static void
check_sum (const ShoalTransferRow *transfer)
{
  bool open = transfer->end_ns == SHOAL_ROW_NO_TIME;
  ck_assert (open || transfer->waits_end_ns == transfer->end_ns);
  if (transfer->start_ns == SHOAL_ROW_NO_TIME || transfer->waits_end_ns == transfer->start_ns)
    {
      ck_assert (transfer->waits == NULL || transfer->waits->len == 0);
      return;
    }
  ck_assert_ptr_nonnull (transfer->waits);
  ck_assert_uint_gt (transfer->waits->len, 0);
  ck_assert_int_eq (g_array_index (transfer->waits, ShoalWaitRow, 0).start_ns, transfer->start_ns);
  int64_t sum = 0;
  for (unsigned i = 0; i < transfer->waits->len; i++)
    {
      ck_assert_int_gt (length_of (transfer, i), 0);
      sum += length_of (transfer, i);
    }
  ck_assert_int_eq (sum, transfer->waits_end_ns - transfer->start_ns);
}

static void
check_all (const ShoalRunRow *row)
{
  for (unsigned i = 0; i < row->transfers->len; i++)
    check_sum (g_ptr_array_index (row->transfers, i));
}

/* Among them downloads that fail, are cancelled, crash, return, or are open when the run ends. */
static const char *const shipped[] = {
  "simple",         "speed",         "late-join",     "late-seeder",  "partition",
  "seeder-crashes", "lossy-5",       "several-files", "tracker-down", "churn",
  "leave",          "liars",         "polluters",     "free-riders",  "bandwidth-drop",
  "home-network",   "offered-again", "mixed",         "flooders",     "crash-and-return",
};

START_TEST (adds_up)
{
  g_autofree char *path = g_strdup_printf ("scenarios/%s.yaml", shipped[_i]);
  for (ShoalModel model = SHOAL_MODEL_P2P; model <= SHOAL_MODEL_SERVER_CLIENT; model++)
    {
      g_auto (Recorded) r = recorded_play_file (path, model, (uint64_t)_i);
      check_all (r.row);
    }
}
END_TEST

static const char ENDS[] = "time_limit: 20 s\nnodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"
                           "- {name: cancelled, actions: [{at: 1 s, download: F1}, {at: 3 s, cancel: F1}]}\n"
                           "- {name: crashed, actions: [{at: 1 s, download: F1}, {at: 4 s, crash: true}]}\n"
                           "- {name: closed, actions: [{at: 1 s, download: F1}, {at: 5 s, close: true}]}\n"
                           "- {name: limited, actions: [{at: 1 s, download: F1, time_limit: 6 s}]}\n"
                           "- {name: slow, download: 20 kB/s, actions: [{at: 1 s, download: F1}]}\n"
                           "- {name: late, actions: [{when: slow has F1, download: F1}]}\n";

START_TEST (ends)
{
  static const char *const names[] = { "cancelled", "crashed", "closed", "limited", "slow" };
  static const int64_t seconds[] = { 2, 3, 4, 6, 19 };
  g_auto (Recorded) r = recorded_play (ENDS, SHOAL_MODEL_P2P, (uint64_t)_i);
  check_all (r.row);
  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const ShoalTransferRow *transfer = recorded_transfer (&r, names[i], 0);
      ck_assert_str_ne (transfer->status, "done");
      ck_assert_int_eq (transfer->waits_end_ns - transfer->start_ns, seconds[i] * S);
    }
  ck_assert_int_eq (recorded_transfer (&r, "late", 0)->start_ns, SHOAL_ROW_NO_TIME);
}
END_TEST

/* The same run whether it is recorded or not: by the digest of its trace. */
START_TEST (changes_nothing)
{
  static const char *const names[] = { "twenty", "churn", "tracker-down", "crash-and-return" };
  g_autofree char *path = g_strdup_printf ("scenarios/%s.yaml", names[_i]);
  g_auto (Recorded) r = recorded_play_file (path, SHOAL_MODEL_P2P, 3);
  g_autofree char *plain = recorded_digest_without (&r, SHOAL_MODEL_P2P, 3);
  ck_assert_str_eq (plain, r.row->trace_sha256);
}
END_TEST

START_TEST (for_real)
{
  g_auto (Recorded) r =
      recorded_play_for_real ("nodes:\n- {name: A, upload: 2 MB/s, actions: [{at: 0 s, register: F1}]}\n"
                              "- {name: B, count: 3, upload: 2 MB/s, download: 2 MB/s,"
                              " actions: [{at: 0.1 s, download: F1}]}\n");
  ck_assert (r.row->completed);
  check_all (r.row);
  /* Each spends most of its time on its downlink, or waiting for others. */
  const ShoalTransferRow *transfer = recorded_transfer (&r, "B1", 0);
  ck_assert_int_gt (recorded_wait (&r, transfer, "downlink", NULL)
                        + recorded_wait (&r, transfer, "uplinks", NULL),
                    (transfer->end_ns - transfer->start_ns) * 9 / 10);
}
END_TEST

/* ---- known answers ---- */

/* Each of these is at least so many permille of the download's time. */
static void
check_share (const Recorded *r, const char *node, const char *cause, const char *peer, int64_t permille)
{
  const ShoalTransferRow *transfer = recorded_transfer (r, node, 0);
  int64_t all = transfer->waits_end_ns - transfer->start_ns, part = recorded_wait (r, transfer, cause, peer);
  ck_assert_msg (part * 1000 >= all * permille, "%s: %s of %s: %.3f of %.3f s", node, cause,
                 peer ? peer : "all", (double)part / 1e9, (double)all / 1e9);
}

#define REGISTERED "nodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"

START_TEST (slow_seeder)
{
  g_auto (Recorded) r =
      recorded_play ("nodes:\n- {name: A, upload: 10 kB/s, actions: [{at: 0 s, register: F1}]}\n"
                     "- {name: B, count: 3, actions: [{at: 1 s, download: F1}]}\n",
                     (ShoalModel)_i, 5);
  check_share (&r, "B1", "uplinks", "A", 940); /* the last hop is not A's */
  check_share (&r, "B2", "uplinks", "A", 940);
}
END_TEST

/* Nobody but A uploads: there is nobody else to wait for. */
START_TEST (slow_downlinks)
{
  g_auto (Recorded) r =
      recorded_play ("nodes:\n- {name: A, upload: 1 MB/s, actions: [{at: 0 s, register: F1}]}\n"
                     "- {name: B, count: 3, download: 20 kB/s, behaviour: free-rider,"
                     " actions: [{at: 1 s, download: F1}]}\n",
                     (ShoalModel)_i, 5);
  check_share (&r, "B1", "downlink", NULL, 950);
  check_share (&r, "B3", "downlink", NULL, 950);
}
END_TEST

/* One after the other: who comes second waits for the server until the first is served. */
START_TEST (queue_at_a_server)
{
  g_auto (Recorded) r = recorded_play (
      REGISTERED "- {name: B, count: 2, actions: [{at: 1 s, download: F1}]}\n", SHOAL_MODEL_SERVER_CLIENT, 1);
  const ShoalTransferRow *b1 = recorded_transfer (&r, "B1", 0), *b2 = recorded_transfer (&r, "B2", 0);
  const char *later = b1->end_ns > b2->end_ns ? "B1" : "B2", *sooner = b1->end_ns > b2->end_ns ? "B2" : "B1";
  check_share (&r, sooner, "downlink", NULL, 950);
  check_share (&r, later, "uplinks", "A", 450);
  check_share (&r, later, "downlink", NULL, 450);
}
END_TEST

/* Everybody has the same part of the file when its only holder goes, for 20 s. */
START_TEST (nothing_useful)
{
  g_auto (Recorded) r = recorded_play (
      "nodes:\n- {name: A, actions: [{at: 0 s, register: F1}, {at: 5 s, close: true},"
      " {at: 25 s, return: true}]}\n- {name: B, count: 3, actions: [{at: 1 s, download: F1}]}\n",
      SHOAL_MODEL_P2P, 1);
  for (unsigned i = 0; i < 3; i++)
    {
      static const char *const names[] = { "B1", "B2", "B3" };
      const ShoalTransferRow *transfer = recorded_transfer (&r, names[i], 0);
      ck_assert_int_gt (recorded_wait (&r, transfer, "nothing-useful", NULL), 14 * S);
      ck_assert_int_lt (recorded_wait (&r, transfer, "nothing-useful", NULL), 40 * S);
    }
}
END_TEST

/* All ride free, and the only one who gives serves four of twelve at a time: each is choked for two thirds of the
 * time. */
START_TEST (choked_by_turns)
{
  g_auto (Recorded) r = recorded_play ("strategy: {name: turns, turn: 2 s}\n" REGISTERED
                                       "- {name: free, count: 12, behaviour: free-rider,"
                                       " actions: [{at: 1 s, download: F1}]}\n",
                                       SHOAL_MODEL_P2P, (uint64_t)_i);
  for (unsigned i = 0; i < r.row->transfers->len; i++)
    {
      const ShoalTransferRow *transfer = g_ptr_array_index (r.row->transfers, i);
      int64_t all = transfer->end_ns - transfer->start_ns;
      ck_assert_int_gt (recorded_wait (&r, transfer, "choked", NULL), all * 60 / 100);
      ck_assert_int_lt (recorded_wait (&r, transfer, "choked", NULL), all * 70 / 100);
    }
}
END_TEST

/* Nobody has it yet, though many want it. */
START_TEST (late_seeder)
{
  g_auto (Recorded) r = recorded_play ("nodes:\n- {name: A, actions: [{at: 21 s, register: F1}]}\n"
                                       "- {name: B, count: 3, actions: [{at: 1 s, download: F1}]}\n",
                                       SHOAL_MODEL_P2P, 1);
  check_share (&r, "B1", "nothing-useful", NULL, 500);
}
END_TEST

/* The only source is out of reach from 5 s to 8 s. */
START_TEST (stalled)
{
  g_auto (Recorded) r =
      recorded_play (REGISTERED "- {name: B, actions: [{at: 1 s, download: F1}]}\n"
                                "actions: [{at: 5 s, partition: [B, rest]}, {at: 8 s, heal: true}]\n",
                     SHOAL_MODEL_P2P, 1);
  const ShoalTransferRow *transfer = recorded_transfer (&r, "B", 0);
  ck_assert_int_gt (recorded_wait (&r, transfer, "stall", "A"), 3 * S);
  ck_assert_int_lt (recorded_wait (&r, transfer, "stall", NULL), 7 * S);
  check_share (&r, "B", "downlink", NULL, 500);
}
END_TEST

/* Without loss nothing is taken for lost, however long it waits in queues. */
START_TEST (never_stalled)
{
  static const char *const names[] = { "speed", "late-join", "twenty", "low-upload-seeder", "flash-crowd" };
  g_autofree char *path = g_strdup_printf ("scenarios/%s.yaml", names[_i]);
  g_auto (Recorded) r = recorded_play_file (path, SHOAL_MODEL_P2P, 1);
  for (unsigned i = 0; i < r.row->transfers->len; i++)
    ck_assert_int_eq (recorded_wait (&r, g_ptr_array_index (r.row->transfers, i), "stall", NULL), 0);
}
END_TEST

START_TEST (no_tracker)
{
  g_auto (Recorded) r =
      recorded_play (REGISTERED "- {name: B, join: 2 s, actions: [{at: 3 s, download: F1}]}\n"
                                "actions: [{at: 1 s, tracker: stop}, {at: 11 s, tracker: "
                                "restart}]\n",
                     SHOAL_MODEL_P2P, 1);
  const ShoalTransferRow *transfer = recorded_transfer (&r, "B", 0);
  ck_assert_int_gt (recorded_wait (&r, transfer, "tracker", NULL), 8 * S);
}
END_TEST

/* The server is out of reach when it is called first. */
START_TEST (no_answer)
{
  g_auto (Recorded) r =
      recorded_play (REGISTERED "- {name: B, actions: [{at: 2 s, download: F1}]}\n"
                                "actions: [{at: 1 s, partition: [B, rest]}, {at: 12 s, heal: true}]\n",
                     SHOAL_MODEL_SERVER_CLIENT, 1);
  ck_assert_int_ge (recorded_wait (&r, recorded_transfer (&r, "B", 0), "handshake", NULL), 10 * S);
}
END_TEST

/* What survived a crash is proved first, while nothing else is asked for. */
START_TEST (proving)
{
  g_auto (Recorded) r =
      recorded_play ("network: {latency: 100 ms}\n" REGISTERED
                     "- {name: B, actions: [{at: 1 s, download: F1}, {at: 11 s, crash: true},"
                     " {at: 12 s, return: true, keeping: 100 %}, {on: return, download: F1}]}\n",
                     SHOAL_MODEL_P2P, 1);
  const ShoalTransferRow *again = recorded_transfer (&r, "B", 1);
  ck_assert_int_gt (recorded_wait (&r, again, "verification", NULL), 100 * SHOAL_MS);
  ck_assert_int_eq (recorded_wait (&r, recorded_transfer (&r, "B", 0), "verification", NULL), 0);
}
END_TEST

/* ---- one neighbour, played by hand ---- */

static ShoalCause
told (const PairWorld *w, unsigned node)
{
  const PairEvent *last = pair_last (w, node, SHOAL_EVENT_WAITING);
  return last ? (ShoalCause)last->event.value : SHOAL_CAUSES;
}

/* A holder that chokes, then serves, then chokes again. */
START_TEST (choked)
{
  PairWorld *w = pair_world_new (1);
  PairFile *file = pair_file_new ("file", 20 * SHOAL_BLOCK_BYTES, 1);
  Puppet puppet;
  const PairPeerOptions usual = { .tracker = -1 };
  ShoalPeerOptions options = pair_options (w, 0, "B", &usual);
  options.tells_waits = true;
  unsigned node = pair_add_machine (w, shoal_peer_machine_new (&options), 0);
  puppet_init (&puppet, w, node, &file->file.fid);
  ck_assert_int_eq (pair_download (w, node, file, (int)puppet.self, 0), SHOAL_OK);
  ck_assert_int_eq (told (w, node), SHOAL_CAUSE_HANDSHAKE);
  puppet_run (&puppet, w->now + 100 * SHOAL_MS);
  ck_assert (puppet.up);
  ck_assert_int_eq (told (w, node), SHOAL_CAUSE_HANDSHAKE); /* the dictionary is not there */
  puppet_say (&puppet, SHOAL_MESSAGE_INFO, file->file.dictionary, file->file.dictionary_bytes);
  puppet_run (&puppet, w->now + 10 * SHOAL_MS);
  ck_assert_int_eq (told (w, node), SHOAL_CAUSE_NOTHING_USEFUL);
  ShoalTime at = w->now;
  puppet_say (&puppet, SHOAL_MESSAGE_HAVE_ALL, NULL, 0);
  puppet_run (&puppet, at + 5 * S);
  ck_assert_int_eq (told (w, node), SHOAL_CAUSE_CHOKED);
  ck_assert_int_lt (pair_last (w, node, SHOAL_EVENT_WAITING)->event.since - at, 10 * SHOAL_MS);
  puppet_say (&puppet, SHOAL_MESSAGE_UNCHOKE, NULL, 0);
  puppet_run (&puppet, w->now + 10 * SHOAL_MS);
  ck_assert_int_eq (told (w, node), SHOAL_CAUSE_UPLINKS);
  ck_assert (shoal_addr_equal (&pair_last (w, node, SHOAL_EVENT_WAITING)->event.peer,
                               &pair_node (w, puppet.self)->addr));
  puppet_say (&puppet, SHOAL_MESSAGE_CHOKE, NULL, 0);
  puppet_run (&puppet, w->now + 10 * SHOAL_MS);
  ck_assert_int_eq (told (w, node), SHOAL_CAUSE_CHOKED);
  pair_world_free (w);
  pair_file_free (file);
}
END_TEST

static Suite *
waiting_suite (void)
{
  Suite *suite = suite_create ("waiting");
  TCase *sums = tcase_create ("sums"), *answers = tcase_create ("answers");
  tcase_add_loop_test (sums, adds_up, 0, G_N_ELEMENTS (shipped));
  tcase_add_loop_test (sums, ends, 1, 6);
  tcase_add_loop_test (sums, changes_nothing, 0, 4);
  tcase_add_test (sums, for_real);
  suite_add_tcase (suite, sums);
  tcase_add_loop_test (answers, slow_seeder, SHOAL_MODEL_P2P, SHOAL_MODEL_SERVER_CLIENT + 1);
  tcase_add_loop_test (answers, slow_downlinks, SHOAL_MODEL_P2P, SHOAL_MODEL_SERVER_CLIENT + 1);
  tcase_add_test (answers, queue_at_a_server);
  tcase_add_test (answers, nothing_useful);
  tcase_add_loop_test (answers, choked_by_turns, 1, 4);
  tcase_add_test (answers, late_seeder);
  tcase_add_test (answers, stalled);
  tcase_add_loop_test (answers, never_stalled, 0, 5);
  tcase_add_test (answers, no_tracker);
  tcase_add_test (answers, no_answer);
  tcase_add_test (answers, proving);
  tcase_add_test (answers, choked);
  suite_add_tcase (suite, answers);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (waiting_suite (), NULL);
}
