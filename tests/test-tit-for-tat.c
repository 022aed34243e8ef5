/* Tit-for-tat in whole swarms, in virtual time: what the log says of who served whom. */
#include "tests/harness.h"
#include "tests/recorded.h"

#include <string.h>

/* 62 blocks are few to tell by: who is slow to pass the first on may be choked for a turn. */
#define RIDERS                                                                                               \
  "nodes:\n"                                                                                                 \
  "- {name: S, actions: [{at: 0 s, register: F1}]}\n"                                                        \
  "- {name: L, count: 5, actions: &want [{at: 1 s, download: F1}]}\n"                                        \
  "- {name: rider, count: 2, behaviour: free-rider, actions: *want}\n"

/* How often the one began to choke the other, before the other had everything. */
static unsigned
chokes (const Recorded *r, const char *who, const char *whom)
{
  int64_t end_ns = recorded_transfer (r, whom, 0)->end_ns;
  unsigned count = 0;
  for (unsigned i = 0; i < r->row->log->len; i++)
    {
      const ShoalEventRow *event = g_ptr_array_index (r->row->log, i);
      count += strcmp (event->kind, "choked") == 0 && event->at_ns < end_ns
               && (int)event->node == recorded_node (r, who) && event->peer == recorded_node (r, whom);
    }
  return count;
}

static int64_t
took_ns (const Recorded *r, const char *node)
{
  const ShoalTransferRow *transfer = recorded_transfer (r, node, 0);
  ck_assert_str_eq (transfer->status, "done");
  return transfer->end_ns - transfer->start_ns;
}

/* Blocks of the file are what the others lack, and riders keep what they get: the seeder notices, though they tell
 * nothing, and gives to the others what it gave to them. */
START_TEST (seeder_chokes_keepers)
{
  g_auto (Recorded) r = recorded_play_text ("name: test\nfiles: [{name: F1, size: 3 MB}]\n"
                                            "tracker: {upload: 10 kB/s, download: 10 kB/s}\n"
                                            "defaults: {upload: 100 kB/s, download: 100 kB/s}\n"
                                            "strategy: {name: tit-for-tat, turn: 1 s}\n" RIDERS,
                                            SHOAL_MODEL_P2P, (uint64_t)_i);
  for (unsigned i = 1; i <= 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("L%u", i);
      ck_assert_uint_eq (chokes (&r, "S", name), 0);
    }
  ck_assert_uint_ge (chokes (&r, "S", "rider1"), 2);
  ck_assert_uint_ge (chokes (&r, "S", "rider2"), 2);
}
END_TEST

START_TEST (nobody_is_choked_without_it)
{
  g_auto (Recorded) r = recorded_play (RIDERS, SHOAL_MODEL_P2P, 1);
  ck_assert_uint_eq (chokes (&r, "S", "rider1"), 0);
  ck_assert_uint_eq (chokes (&r, "L1", "rider1"), 0);
}
END_TEST

/* Leechers that serve everybody tell a seeder nothing: it has nobody to prefer. */
START_TEST (seeder_that_is_told_nothing)
{
  g_auto (Recorded) r = recorded_play (
      "nodes:\n"
      "- {name: S, strategy: {name: tit-for-tat, turn: 1 s}, actions: [{at: 0 s, register: F1}]}\n"
      "- {name: L, count: 6, actions: [{at: 1 s, download: F1}]}\n",
      SHOAL_MODEL_P2P, 1);
  ck_assert_uint_eq (chokes (&r, "S", "L1") + chokes (&r, "S", "L6"), 0);
  ck_assert (r.row->completed);
}
END_TEST

/* Who leaves with blocks that nobody else has is not waited for. */
START_TEST (keeper_leaves)
{
  g_auto (Recorded) r =
      recorded_play ("strategy: {name: tit-for-tat, turn: 1 s}\n"
                     "nodes:\n"
                     "- {name: S, actions: [{at: 0 s, register: F1}]}\n"
                     "- {name: L, count: 4, actions: &want [{at: 1 s, download: F1}]}\n"
                     "- {name: rider, count: 2, behaviour: free-rider, actions: [{at: 1 s, download: F1}, "
                     "{at: 4 s, crash: true}]}\n"
                     "- {name: quitter, actions: [{at: 1 s, download: F1}, {at: 5 s, close: true}]}\n",
                     SHOAL_MODEL_P2P, 1);
  for (unsigned i = 1; i <= 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("L%u", i);
      ck_assert_int_lt (took_ns (&r, name), 20 * SHOAL_SECOND);
    }
}
END_TEST

static Suite *
tit_for_tat_suite (void)
{
  Suite *suite = suite_create ("tit-for-tat");
  TCase *all = tcase_create ("swarms");
  tcase_add_loop_test (all, seeder_chokes_keepers, 1, 6);
  tcase_add_test (all, nobody_is_choked_without_it);
  tcase_add_test (all, seeder_that_is_told_nothing);
  tcase_add_test (all, keeper_leaves);
  suite_add_tcase (suite, all);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (tit_for_tat_suite (), NULL);
}
