/* Made-up scenarios: their generator, the invariants that are looked at, and how a failing one is shrunk. Faults are
 * planted here behind the world's back, and each must be found. */
#include "scenarios/fuzz.h"
#include "scenarios/generate.h"
#include "scenarios/shrink.h"
#include "sim/node.h"
#include "src/peer-internal.h"
#include "src/sha256.h"
#include "tests/harness.h"

#define S SHOAL_SECOND

/* n1 offers, n2 and n3 download: nodes 1 to 3 of the world, after the tracker. */
static const char small[] = "name: small\n"
                            "time_limit: 1 h\n"
                            "files:\n"
                            "  - {name: F1, size: 200000 B}\n"
                            "nodes:\n"
                            "  - {name: n1, upload: 20 kB/s, download: 20 kB/s}\n"
                            "  - {name: n2, upload: 20 kB/s, download: 20 kB/s}\n"
                            "  - {name: n3, upload: 20 kB/s, download: 20 kB/s}\n"
                            "actions:\n"
                            "  - {at: 0 s, nodes: n1, register: F1}\n"
                            "  - {at: 1 s, nodes: n2, download: F1}\n"
                            "  - {at: 2 s, nodes: n3, download: F1, time_limit: 20 min}\n";

static ShoalFuzzOutcome outcome;

static void
tear_down (void)
{
  shoal_fuzz_outcome_clear (&outcome);
}

typedef void (*Meddler) (void *context, ShoalWorld *world);

static bool
play (const char *text, Meddler meddle)
{
  GError *error = NULL;
  g_autoptr (ShoalScenario) scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  const ShoalFuzzOptions options = { .seed = 1, .both_contents = meddle == NULL, .meddle = meddle };
  g_clear_error (&error);
  shoal_fuzz_outcome_clear (&outcome);
  return scenario != NULL && shoal_scenario_prepare (scenario, NULL)
         && shoal_fuzz_play (scenario, &options, &outcome, NULL);
}

static void
ck_breaks (const char *text, Meddler meddle, const char *invariant)
{
  ck_assert (play (text, meddle));
  ck_assert_msg (g_strcmp0 (outcome.invariant, invariant) == 0, "broke %s, not %s: %s",
                 outcome.invariant ? outcome.invariant : "nothing", invariant,
                 outcome.what ? outcome.what : "");
}

/* The swarm of F1 at a node; NULL: not there (yet). */
static ShoalSwarm *
swarm_at (ShoalWorld *world, unsigned number)
{
  const ShoalSimNode *node = number < world->nodes->len ? world->nodes->pdata[number] : NULL;
  const ShoalPeer *p = node ? (const ShoalPeer *)node->machine : NULL;
  ShoalSwarm *s = p && p->swarms->len > 0 ? p->swarms->pdata[0] : NULL;
  return s && s->has_info ? s : NULL;
}

/* ---- planted faults ---- */

START_TEST (nothing_planted)
{
  ck_assert (play (small, NULL));
  ck_assert_msg (outcome.invariant == NULL, "%s: %s", outcome.invariant, outcome.what);
  ck_assert_uint_eq (outcome.downloads, 2);
  ck_assert_uint_eq (outcome.done, 2);
}
END_TEST

static void
speed_up (void *context, ShoalWorld *world)
{
  (void)context;
  ((ShoalSimNode *)world->nodes->pdata[1])->uplink.rate_bytes_per_s = 20100; /* half a per cent too fast */
}

static void
speed_down_up (void *context, ShoalWorld *world)
{
  (void)context;
  ((ShoalSimNode *)world->nodes->pdata[2])->downlink.rate_bytes_per_s = 20100;
}

START_TEST (fast_lines)
{
  ck_breaks (small, speed_up, "uplink-rate");
  ck_breaks (small, speed_down_up, "downlink-rate");
}
END_TEST

/* A block is held that never came. */
static void
hold_too_much (void *context, ShoalWorld *world)
{
  ShoalSwarm *s = swarm_at (world, 2);
  (void)context;
  if (s && s->have.set == 3 && !shoal_bitmap_get (&s->have, 12))
    {
      shoal_partial_end (shoal_partial_find (s, 12) ? shoal_partial_find (s, 12) : shoal_partial_new (s, 12));
      shoal_bitmap_set (&s->taken, 12);
      shoal_swarm_block_held (s, world->now, 12);
    }
}

/* A byte changes after it was proved. */
static void
spoil_what_is_held (void *context, ShoalWorld *world)
{
  ShoalSwarm *s = swarm_at (world, 3);
  const uint8_t byte = 0;
  (void)context;
  for (uint32_t block = 0; s && s->downloading && block < s->blocks; block++)
    if (shoal_bitmap_get (&s->have, block))
      s->content->ops->write (s->content, (uint64_t)block * SHOAL_BLOCK_BYTES, &byte, 1, false);
}

START_TEST (bytes_that_are_not_the_files)
{
  ck_breaks (small, hold_too_much, "held-unverified");
  ck_breaks (small, spoil_what_is_held, "held-unverified");
}
END_TEST

/* Chokes without taking back what was asked for. */
static void
choke_half (void *context, ShoalWorld *world)
{
  ShoalSwarm *s = swarm_at (world, 1);
  (void)context;
  for (guint i = 0; s && world->now > 3 * S && i < s->neighbours->len; i++)
    ((ShoalNeighbour *)s->neighbours->pdata[i])->choked = true;
}

static void
miscount (void *context, ShoalWorld *world)
{
  ShoalSwarm *s = swarm_at (world, 2);
  (void)context;
  if (s && world->now > 5 * S && s->neighbours->len > 0)
    ((ShoalNeighbour *)s->neighbours->pdata[0])->useful++;
}

/* Asks as if it had credits without end, and nobody minds. */
static void
queue_up (void *context, ShoalWorld *world)
{
  ShoalSwarm *s = swarm_at (world, 1);
  (void)context;
  for (unsigned i = 0; s && i < 2 && s->neighbours->len > 0 && world->now > 2 * S; i++)
    for (unsigned k = 0; k < 64; k++)
      {
        ShoalNeighbour *n = s->neighbours->pdata[0];
        ShoalUpload *u = g_new0 (ShoalUpload, 1);
        *u = (ShoalUpload){ .to = n, .units = 1 };
        u->link.data = u;
        g_queue_push_tail_link (&s->peer->up.queue, &u->link);
        n->queued++;
      }
}

START_TEST (states_that_do_not_agree)
{
  ck_assert (play (small, choke_half));
  ck_assert_msg (g_strcmp0 (outcome.invariant, "state") == 0 || g_strcmp0 (outcome.invariant, "serves") == 0,
                 "broke %s", outcome.invariant);
  ck_breaks (small, miscount, "state");
  ck_breaks (small, queue_up, "state");
  ck_assert_ptr_nonnull (strstr (outcome.what, "too long"));
}
END_TEST

static void
never_invite (void *context, ShoalWorld *world)
{
  ShoalSwarm *s = swarm_at (world, 1);
  (void)context;
  if (s)
    s->peer->up.pipeline = 0;
  for (guint i = 0; s && i < s->neighbours->len; i++)
    ((ShoalNeighbour *)s->neighbours->pdata[i])->strays = 0;
}

static void
never_give_up (void *context, ShoalWorld *world)
{
  ShoalSwarm *s = swarm_at (world, 3);
  never_invite (context, world);
  if (s)
    s->give_up_at = SHOAL_NEVER;
}

static void
give_up_early (void *context, ShoalWorld *world)
{
  ShoalSwarm *s = swarm_at (world, 2);
  (void)context;
  if (s && s->downloading && world->now > 8 * S)
    s->give_up_at = world->now;
}

/* n2 has no holder then, and n3 has a time limit that passes before anything is called starvation. */
static const char limited[] = "name: limited\n"
                              "time_limit: 1 h\n"
                              "files: [{name: F1, size: 200000 B}]\n"
                              "nodes:\n"
                              "  - {name: n1, upload: 20 kB/s, download: 20 kB/s}\n"
                              "  - {name: n2, upload: 20 kB/s, download: 20 kB/s}\n"
                              "  - {name: n3, upload: 20 kB/s, download: 20 kB/s}\n"
                              "actions:\n"
                              "  - {at: 0 s, nodes: n1, register: F1}\n"
                              "  - {at: 2 s, nodes: n3, download: F1, time_limit: 1 min}\n";

START_TEST (downloads_that_end_wrongly_or_never)
{
  ck_breaks (small, never_invite, "starvation");
  ck_breaks (limited, never_give_up, "time-limit");
  ck_breaks (small, give_up_early, "outcome");
}
END_TEST

/* Wakes the farewells' machine up again: it is asked for datagrams though it is closed. */
static void
wake_the_closed (void *context, ShoalWorld *world)
{
  ShoalSimNode *node = world->nodes->len > 2 ? world->nodes->pdata[2] : NULL;
  (void)context;
  if (!node || !((ShoalPeer *)node->machine)->closed || node->sending || node->crashed)
    return;
  uint8_t bytes[4] = { SHOAL_DATAGRAM_RESET };
  ShoalWriter w = { .bytes = bytes, .room = sizeof bytes, .length = sizeof bytes };
  node->silent = ((ShoalPeer *)node->machine)->closed = false;
  shoal_peer_send_first ((ShoalPeer *)node->machine, &((ShoalSimNode *)world->nodes->pdata[1])->addr, &w);
  shoal_network_pump (node);
}

START_TEST (who_is_closed_sends)
{
  g_autofree char *text = g_strconcat (small, "  - {at: 5 s, nodes: n2, close: true}\n", NULL);
  ck_breaks (text, wake_the_closed, "closed-sends");
}
END_TEST

START_TEST (expectations_count)
{
  g_autofree char *text = g_strconcat (small, "expect:\n  - makespan <= 1 s\n", NULL);
  ck_breaks (text, NULL, "expect");
}
END_TEST

/* ---- the generator ---- */

/* Renewed where the generator is changed on purpose: seeds mean other scenarios then. */
#define TEXTS_SHA256 "0df8cf495c6d89a70418106697cb0244ac647937b8ef796415d4e34ada62331d"

START_TEST (same_seed_same_text)
{
  ShoalSha256 *sha = shoal_sha256_new ();
  uint8_t hash[SHOAL_HASH_BYTES];
  GString *hex = g_string_new (NULL);
  for (uint64_t seed = 1; seed <= 200; seed++)
    {
      g_autofree char *text = shoal_generate_scenario (seed), *again = shoal_generate_scenario (seed);
      ck_assert_str_eq (text, again);
      shoal_sha256_update (sha, text, strlen (text));
    }
  shoal_sha256_peek (sha, hash);
  shoal_sha256_free (sha);
  for (unsigned i = 0; i < sizeof hash; i++)
    g_string_append_printf (hex, "%02x", hash[i]);
  ck_assert_str_eq (hex->str, TEXTS_SHA256);
  g_string_free (hex, TRUE);
}
END_TEST

START_TEST (all_are_scenarios)
{
  unsigned kinds = 0, empty = 0;
  for (uint64_t seed = 1; seed <= 1000; seed++)
    {
      GError *error = NULL;
      g_autofree char *text = shoal_generate_scenario (seed);
      g_autoptr (ShoalScenario) scenario = shoal_scenario_parse (text, strlen (text), "made up", &error);
      ck_assert_msg (scenario != NULL, "seed %u: %s", (unsigned)seed, error ? error->message : "");
      for (unsigned i = 0; i < scenario->actions->len; i++)
        kinds |= 1u << shoal_scenario_action (scenario, i)->kind;
      for (unsigned i = 0; i < scenario->files->len; i++)
        empty += shoal_scenario_file (scenario, i)->size_bytes == 0;
    }
  /* All that can happen does somewhere; a join has a time of its own here. */
  unsigned all = (1u << SHOAL_ACTION_KINDS) - 1;
  all &= ~(1u << SHOAL_ACTION_JOIN | 1u << SHOAL_ACTION_LINE);
  ck_assert_uint_eq (kinds, all);
  ck_assert_uint_gt (empty, 0);
}
END_TEST

/* ---- shrinking ---- */

static bool
is_too_fast (void *context, const char *text)
{
  (void)context;
  return play (text, speed_up) && g_strcmp0 (outcome.invariant, "uplink-rate") == 0;
}

static unsigned
lines_of (const char *text)
{
  unsigned lines = 0;
  for (; *text; text++)
    lines += *text == '\n';
  return lines;
}

START_TEST (a_planted_fault_is_shrunk)
{
  const ShoalShrinkOptions options = { .test = is_too_fast, .max_attempts = 1000 };
  g_autofree char *text = NULL;
  uint64_t seed = 1;
  do
    {
      g_free (text);
      text = shoal_generate_scenario (seed++);
    }
  while (lines_of (text) < 30 || !is_too_fast (NULL, text));
  g_autofree char *less = shoal_shrink_scenario (text, &options);
  ck_assert (is_too_fast (NULL, less));
  /* A name, a file, a node that offers it, and whom it talks to is all that it takes. */
  ck_assert_msg (lines_of (less) <= 10, "%s", less);
}
END_TEST

/* Scenarios as others write them: in blocks, with groups. */
static bool
has_two_crashes (void *context, const char *text)
{
  g_autoptr (ShoalScenario) scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", NULL);
  unsigned crashes = 0;
  (void)context;
  for (unsigned i = 0; scenario != NULL && i < scenario->actions->len; i++)
    crashes += shoal_scenario_action (scenario, i)->kind == SHOAL_ACTION_CRASH;
  return crashes >= 2;
}

START_TEST (blocks_and_names_are_dropped)
{
  static const char text[] = "name: blocks\n"
                             "description: many lines\n"
                             "files:\n"
                             "  - name: F1\n"
                             "    size: 1 MB\n"
                             "  - name: F2\n"
                             "    size: 1 MB\n"
                             "defaults: {upload: 100 kB/s, download: 100 kB/s}\n"
                             "nodes:\n"
                             "  - name: A\n"
                             "    actions:\n"
                             "      - at: 0 s\n"
                             "        register: F1, F2\n"
                             "      - at: 8 s\n"
                             "        crash: true\n"
                             "  - name: B\n"
                             "    count: 4\n"
                             "    actions:\n"
                             "      - {at: 1 s, download: F1}\n"
                             "  - name: C\n"
                             "actions:\n"
                             "  - {at: 2 s, nodes: \"B, C\", crash: true}\n"
                             "  - {at: 3 s, partition: [\"A, C\", rest]}\n"
                             "expect:\n"
                             "  - B completes\n";
  const ShoalShrinkOptions options = { .test = has_two_crashes, .max_attempts = 1000 };
  ck_assert (has_two_crashes (NULL, text));
  g_autofree char *less = shoal_shrink_scenario (text, &options);
  ck_assert (has_two_crashes (NULL, less));
  ck_assert_ptr_null (strstr (less, "F1"));
  ck_assert_ptr_null (strstr (less, "partition"));
  ck_assert_ptr_null (strstr (less, "expect"));
  ck_assert_msg (lines_of (less) <= 10, "%s", less);
}
END_TEST

static bool
never (void *context, const char *text)
{
  (void)text;
  (*(unsigned *)context)++;
  return false;
}

START_TEST (shrinking_ends)
{
  unsigned asked = 0;
  const ShoalShrinkOptions options = { .test = never, .context = &asked, .max_attempts = 7 };
  g_autofree char *less = shoal_shrink_scenario (small, &options);
  ck_assert_str_eq (less, small);
  ck_assert_uint_eq (asked, 7);
}
END_TEST

static Suite *
fuzz_suite (void)
{
  Suite *suite = suite_create ("fuzz-scenarios");
  TCase *planted = tcase_create ("planted"), *made = tcase_create ("made"), *shrunk = tcase_create ("shrunk");
  TCase *cases[] = { planted, made, shrunk };
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      tcase_add_checked_fixture (cases[i], NULL, tear_down);
      tcase_set_timeout (cases[i], 180);
      suite_add_tcase (suite, cases[i]);
    }
  tcase_add_test (planted, nothing_planted);
  tcase_add_test (planted, fast_lines);
  tcase_add_test (planted, bytes_that_are_not_the_files);
  tcase_add_test (planted, states_that_do_not_agree);
  tcase_add_test (planted, downloads_that_end_wrongly_or_never);
  tcase_add_test (planted, who_is_closed_sends);
  tcase_add_test (planted, expectations_count);
  tcase_add_test (made, same_seed_same_text);
  tcase_add_test (made, all_are_scenarios);
  tcase_add_test (shrunk, a_planted_fault_is_shrunk);
  tcase_add_test (shrunk, blocks_and_names_are_dropped);
  tcase_add_test (shrunk, shrinking_ends);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (fuzz_suite (), NULL);
}
