/* Explanations out of a store: they add up, name the bound that holds, and say so where there is nothing. */
#include "results/explain.h"
#include "results/store-internal.h"
#include "tests/harness.h"
#include "tests/recorded.h"
#include "tests/scratch.h"

#include <string.h>

#define S INT64_C (1000000000)

static Scratch *folder;
static ShoalStore *store;

static void
set_up (void)
{
  folder = scratch_new ();
  store = shoal_store_open (scratch_path (folder, "runs.db"), SHOAL_STORE_WRITE, NULL);
  ck_assert_ptr_nonnull (store);
}

static void
tear_down (void)
{
  shoal_store_close (store);
  scratch_free (folder);
}

static void
keep (const char *rest, ShoalModel model)
{
  g_auto (Recorded) r = recorded_play (rest, model, 1);
  ck_assert (shoal_store_add_run (store, r.row, NULL));
}

static ShoalRunHead *
find (const char *word)
{
  g_autoptr (GError) error = NULL;
  ShoalRunHead *run = shoal_store_look_up_run (store, word, &error);
  ck_assert_msg (run != NULL, "%s", error ? error->message : "no error set");
  return run;
}

/* Of the run `test`, or of one of its nodes. */
static GPtrArray *
explain (const char *node)
{
  g_autoptr (ShoalRunHead) run = find ("test");
  g_autoptr (GError) error = NULL;
  GPtrArray *list = shoal_store_explain (store, run, node, &error);
  ck_assert_msg (list != NULL, "%s", error ? error->message : "no error set");
  return list;
}

static void
check_sentence (const ShoalExplanation *e, const char *part)
{
  g_autofree char *sentence = shoal_explanation_sentence (e);
  ck_assert_msg (strstr (sentence, part) != NULL, "'%s' lacks '%s'", sentence, part);
}

static const char SLOW[] = "nodes:\n- {name: A, upload: 10 kB/s, actions: [{at: 0 s, register: F1}]}\n"
                           "- {name: B, actions: [{at: 1 s, download: F1}]}\n"
                           "- {name: C, actions: [{at: 21 s, download: F1}]}\n";

/* 1,000,000 bytes at 10 kB/s are 100 s from the first request on. */
START_TEST (slow_holder)
{
  keep (SLOW, SHOAL_MODEL_P2P);
  g_autoptr (GPtrArray) list = explain (NULL);
  ck_assert_uint_eq (list->len, 2);
  for (unsigned i = 0; i < 2; i++)
    {
      const ShoalExplanation *e = g_ptr_array_index (list, i);
      ck_assert_int_eq (e->bound_ns, (i == 0 ? 100 : 80) * S);
      ck_assert_int_eq (e->limit, SHOAL_LIMIT_HOLDERS);
      ck_assert_int_gt (e->took_ns, e->bound_ns);
      check_sentence (e, i == 0 ? "B was limited by A's uplink for " : "C was limited by A's uplink for ");
      check_sentence (e, i == 0 ? " (the offerers' uplinks need 100.000 s)" : " need 80.000 s)");
    }
}
END_TEST

START_TEST (slow_downlink)
{
  keep ("nodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"
        "- {name: B, download: 20 kB/s, actions: [{at: 1 s, download: F1}]}\n",
        (ShoalModel)_i);
  g_autoptr (GPtrArray) list = explain ("B");
  ck_assert_uint_eq (list->len, 1);
  const ShoalExplanation *e = g_ptr_array_index (list, 0);
  ck_assert_int_eq (e->bound_ns, 50 * S);
  ck_assert_int_eq (e->limit, SHOAL_LIMIT_DOWNLINK);
  check_sentence (e, "B was limited by its own downlink for ");
  check_sentence (e, " (its downlink needs 50.000 s)");
}
END_TEST

START_TEST (adds_up)
{
  keep ("time_limit: 8 s\nnodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"
        "- {name: B, count: 3, actions: [{at: 1 s, download: F1}]}\n"
        "- {name: C, actions: [{at: 1 s, download: F1}, {at: 3 s, crash: true}]}\n"
        "- {name: D, actions: [{at: 9 s, download: F1}]}\n",
        SHOAL_MODEL_P2P);
  g_autoptr (GPtrArray) list = explain (NULL);
  ck_assert_uint_eq (list->len, 4); /* D's did not begin */
  for (unsigned i = 0; i < list->len; i++)
    {
      const ShoalExplanation *e = g_ptr_array_index (list, i);
      int64_t sum = 0;
      for (unsigned k = 0; k < e->shares->len; k++)
        {
          const ShoalShare *share = g_ptr_array_index (e->shares, k);
          ck_assert (k == 0 || share->ns <= ((const ShoalShare *)g_ptr_array_index (e->shares, k - 1))->ns);
          sum += share->ns;
        }
      ck_assert_int_eq (sum, e->took_ns);
      ck_assert_int_eq (e->took_ns, g_str_equal (e->node, "C") ? 2 * S : 7 * S);
      ck_assert (e->is_open == !g_str_equal (e->node, "C"));
      ck_assert_int_eq (e->bound_ns, SHOAL_ROW_NO_TIME);
    }
}
END_TEST

/* Where rates change, and where part of the file is there, no bound is claimed. */
START_TEST (no_bound)
{
  static const char *const twists[] = {
    "{at: 3 s, rates: {download: 50 kB/s}}",
    "{at: 3 s, crash: true}, {at: 4 s, return: true, keeping: 100 %}, {on: return, download: F1}",
  };
  g_autofree char *text = g_strdup_printf ("nodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"
                                           "- {name: B, actions: [{at: 1 s, download: F1}, %s]}\n",
                                           twists[_i]);
  keep (text, SHOAL_MODEL_P2P);
  g_autoptr (GPtrArray) list = explain ("B");
  const ShoalExplanation *last = g_ptr_array_index (list, list->len - 1);
  ck_assert_str_eq (last->status, "done");
  ck_assert_int_eq (last->bound_ns, SHOAL_ROW_NO_TIME);
  g_autofree char *sentence = shoal_explanation_sentence (last);
  ck_assert_ptr_null (strstr (sentence, "no protocol"));
}
END_TEST

static void
check_refused (ShoalStoreError code, const char *word, const char *node, const char *part)
{
  GError *error = NULL;
  g_autoptr (ShoalRunHead) run = shoal_store_look_up_run (store, word, &error);
  GPtrArray *list = run != NULL ? shoal_store_explain (store, run, node, &error) : NULL;
  ck_assert_ptr_null (list);
  ck_assert (g_error_matches (error, SHOAL_STORE_ERROR, (int)code));
  ck_assert_msg (strstr (error->message, part) != NULL, "'%s' lacks '%s'", error->message, part);
  g_error_free (error);
}

static void
check_unknown (const char *word, const char *node, const char *part)
{
  check_refused (SHOAL_STORE_ERROR_UNKNOWN, word, node, part);
}

START_TEST (unknown)
{
  check_unknown ("1", NULL, "has no runs yet");
  keep (SLOW, SHOAL_MODEL_P2P);
  check_unknown ("7", NULL, "it has 1 (test, p2p, seed 1)");
  check_unknown ("tset", NULL, "no run 'tset'");
  check_unknown ("'; DROP TABLE runs", NULL, "no run");
  check_unknown ("-1", NULL, "no run");
  check_unknown ("test", "X", "these are: B, C");
  check_unknown ("test", "A", "these are: B, C");
  for (unsigned i = 0; i < 13; i++)
    keep ("nodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n", SHOAL_MODEL_P2P);
  check_unknown ("99", NULL, ", and older ones");
  check_unknown ("test", "A", "no download began in it");
}
END_TEST

/* By its scenario the newest P2P run is meant, though one of the other model is newer. */
START_TEST (by_name)
{
  keep (SLOW, SHOAL_MODEL_P2P);
  keep (SLOW, SHOAL_MODEL_P2P);
  keep (SLOW, SHOAL_MODEL_SERVER_CLIENT);
  g_autoptr (ShoalRunHead) named = find ("test"), third = find ("3");
  ck_assert_int_eq (named->id, 2);
  ck_assert (named->recorded && named->completed);
  ck_assert_str_eq (third->model, "server-client");
  g_autofree char *name = shoal_run_head_name (third);
  ck_assert_str_eq (name, "run 3 (test, server-client, seed 1)");
}
END_TEST

/* What is wished beside the name leaves runs out, and is told where none is left. */
START_TEST (by_wish)
{
  static const uint64_t one = 1, two = 2;
  GError *error = NULL;
  keep (SLOW, SHOAL_MODEL_P2P);
  keep (SLOW, SHOAL_MODEL_P2P);
  keep (SLOW, SHOAL_MODEL_SERVER_CLIENT);
  ck_assert_int_eq (sqlite3_exec (store->db,
                                  "UPDATE runs SET strategy = 'turns' WHERE id = 1;"
                                  "UPDATE runs SET seed = 2 WHERE id = 2",
                                  NULL, NULL, NULL),
                    SQLITE_OK);
  g_autoptr (ShoalRunHead) served =
      shoal_store_choose_run (store, &(ShoalRunWish){ .word = "test", .model = "server-client" }, NULL);
  g_autoptr (ShoalRunHead) seeded =
      shoal_store_choose_run (store, &(ShoalRunWish){ .word = "test", .seed = &one }, NULL);
  g_autoptr (ShoalRunHead) named =
      shoal_store_choose_run (store, &(ShoalRunWish){ .word = "2", .seed = &two }, NULL);
  ck_assert_int_eq (served->id, 3);
  ck_assert_int_eq (seeded->id, 1);
  ck_assert_int_eq (named->id, 2);
  g_autofree char *name = shoal_run_head_name (seeded);
  ck_assert_str_eq (name, "run 1 (test, p2p, turns, seed 1)");
  ShoalRunWish none = { .word = "test", .model = "p2p", .strategy = "turns", .seed = &two };
  ck_assert_ptr_null (shoal_store_choose_run (store, &none, &error));
  ck_assert_msg (strstr (error->message, "no run 'test' (p2p, turns, seed 2)") != NULL
                     && strstr (error->message, "1 (test, p2p, turns, seed 1)") != NULL,
                 "%s", error->message);
  g_error_free (error);
}
END_TEST

/* A run of an older schema, or that was not recorded. */
START_TEST (not_recorded)
{
  keep (SLOW, SHOAL_MODEL_P2P);
  ck_assert_int_eq (
      sqlite3_exec (store->db, "DELETE FROM waits; UPDATE runs SET recorded = 0", NULL, NULL, NULL),
      SQLITE_OK);
  check_refused (SHOAL_STORE_ERROR_UNRECORDED, "test", NULL, "was not recorded");
}
END_TEST

static Suite *
explain_suite (void)
{
  Suite *suite = suite_create ("explain");
  TCase *tc = tcase_create ("all");
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, slow_holder);
  tcase_add_loop_test (tc, slow_downlink, SHOAL_MODEL_P2P, SHOAL_MODEL_SERVER_CLIENT + 1);
  tcase_add_test (tc, adds_up);
  tcase_add_loop_test (tc, no_bound, 0, 2);
  tcase_add_test (tc, unknown);
  tcase_add_test (tc, by_name);
  tcase_add_test (tc, by_wish);
  tcase_add_test (tc, not_recorded);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (explain_suite (), NULL);
}
