/* Lines that differ, and runs whose downloads differ. */
#include "results/diff.h"
#include "tests/harness.h"
#include "tests/recorded.h"
#include "tests/scratch.h"

#include <string.h>

static void
check_lines (const char *a, const char *b, const char *wanted)
{
  g_autoptr (GPtrArray) lines = shoal_diff_lines (a, b);
  g_ptr_array_add (lines, NULL);
  g_autofree char *text = g_strjoinv (",", (char **)lines->pdata);
  ck_assert_str_eq (text, wanted);
}

START_TEST (lines)
{
  check_lines ("", "", "");
  check_lines ("a\nb\nc", "a\nb\nc", "");
  check_lines ("a\nb\nc", "a\nx\nc", "-b,+x");
  check_lines ("a\nb\nc", "b\nc", "-a");
  check_lines ("b\nc", "b\nc\nd", "+d");
  check_lines ("a\nb\nc\nd\ne", "x\nb\nc\nd\ny", "-a,+x,-e,+y");
  check_lines ("a\na", "a\na\na", "+a");
}
END_TEST

/* Too long for a table: all in between is told, and none of it twice. */
START_TEST (long_texts)
{
  g_autoptr (GString) a = g_string_new ("first\n"), b = g_string_new ("first\n");
  for (unsigned i = 0; i < 3000; i++)
    {
      g_string_append_printf (a, "a%u\n", i);
      g_string_append_printf (b, "b%u\n", i);
    }
  g_autoptr (GPtrArray) found = shoal_diff_lines (a->str, b->str);
  ck_assert_uint_eq (found->len, 6000);
}
END_TEST

#define PLAY "nodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"

static Scratch *folder;
static ShoalStore *store;

static void
set_up (void)
{
  folder = scratch_new ();
  store = shoal_store_open (scratch_path (folder, "runs.db"), SHOAL_STORE_WRITE, NULL);
}

static void
tear_down (void)
{
  shoal_store_close (store);
  scratch_free (folder);
}

static ShoalRunDiff *
diff (const char *a_text, const char *b_text, uint64_t b_seed)
{
  g_auto (Recorded) a = recorded_play (a_text, SHOAL_MODEL_P2P, 1),
                    b = recorded_play (b_text, SHOAL_MODEL_P2P, b_seed);
  ck_assert (shoal_store_add_run (store, a.row, NULL));
  ck_assert (shoal_store_add_run (store, b.row, NULL));
  g_autoptr (ShoalRunHead) first = shoal_store_look_up_run (store, "1", NULL);
  g_autoptr (ShoalRunHead) second = shoal_store_look_up_run (store, "2", NULL);
  ShoalRunDiff *found = shoal_store_diff (store, first, second, NULL);
  ck_assert_ptr_nonnull (found);
  return found;
}

START_TEST (the_same)
{
  static const char text[] = PLAY "- {name: B, count: 3, actions: [{at: 1 s, download: F1}]}\n";
  g_autoptr (ShoalRunDiff) found = diff (text, text, 1);
  ck_assert_uint_eq (found->parameters->len + found->lines->len + found->changed, 0);
  ck_assert_uint_eq (found->downloads->len, 3);
  ck_assert (!found->parts);
}
END_TEST

/* B is slower, C gives up, and D is not there. */
START_TEST (downloads)
{
  g_autoptr (ShoalRunDiff) found = diff (
      PLAY
      "- {name: B, actions: [{at: 1 s, download: F1}]}\n- {name: C, actions: [{at: 1 s, download: F1}]}\n"
      "- {name: D, actions: [{at: 1 s, download: F1}]}\n",
      PLAY "- {name: B, download: 50 kB/s, actions: [{at: 1 s, download: F1}]}\n"
           "- {name: C, actions: [{at: 1 s, download: F1}, {at: 2 s, cancel: F1}]}\n",
      2);
  ck_assert_uint_eq (found->parameters->len, 1); /* the seed */
  ck_assert_uint_eq (found->downloads->len, 3);
  ck_assert_uint_eq (found->changed, 3);
  ck_assert (found->parts);
  ck_assert_int_le (found->at_ns, 1000000000);
  for (unsigned i = 0; i < 3; i++)
    {
      const ShoalDownloadChange *change = g_ptr_array_index (found->downloads, i);
      bool b = g_str_equal (change->node, "B"), c = g_str_equal (change->node, "C");
      ck_assert_str_eq (change->a_status, "done");
      ck_assert_pstr_eq (change->b_status, b ? "done" : c ? "cancelled" : NULL);
      ck_assert (b == (shoal_download_change_ns (change) > 0));
      ck_assert_int_eq (change->attempt, 1);
      ck_assert (!b || i == 2); /* those with another outcome come first */
    }
}
END_TEST

/* One run goes on after the other has ended. */
START_TEST (longer)
{
  static const char text[] = PLAY "- {name: B, actions: [{at: 1 s, download: F1}]}\n";
  g_autofree char *more =
      g_strconcat (text, "- {name: C, join: 0 s, actions: [{at: 30 s, download: F1}]}\n", NULL);
  g_autofree char *less = g_strconcat (text, "- {name: C, join: 0 s}\n", NULL);
  g_autoptr (ShoalRunDiff) found = diff (less, more, 1);
  ck_assert (found->parts);
  ck_assert_int_gt (found->at_ns, INT64_C (10000000000)); /* B has it, and is choked from then on */
  ck_assert_ptr_null (found->a_is);
  ck_assert_ptr_nonnull (strstr (found->b_is, " s: A choked B F1"));
}
END_TEST

static Suite *
diff_suite (void)
{
  Suite *suite = suite_create ("diff");
  TCase *texts = tcase_create ("texts"), *runs = tcase_create ("runs");
  tcase_add_test (texts, lines);
  tcase_add_test (texts, long_texts);
  suite_add_tcase (suite, texts);
  tcase_add_checked_fixture (runs, set_up, tear_down);
  tcase_add_test (runs, the_same);
  tcase_add_test (runs, downloads);
  tcase_add_test (runs, longer);
  suite_add_tcase (suite, runs);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (diff_suite (), NULL);
}
