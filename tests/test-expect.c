/* Expectations, judged on runs of a backend without a protocol. */
#include "scenarios/expect.h"

#include "tests/harness.h"
#include "tests/playing.h"

/* B: 2.0-2.5 from A; C: 4.0-4.5 of F1 from A, 4.0-4.2 of F2 from A; D: F1 from 5.0, gives up. */
#define THREE                                                                                                \
  "nodes:\n- {name: A, actions: [{at: 1 s, register: 'F1, F2'}]}\n"                                          \
  "- {name: B, actions: [{at: 2 s, download: F1}]}\n"                                                        \
  "- {name: C, actions: [{at: 4 s, download: 'F1, F2'}]}\n"
#define FAILING THREE "- {name: D, actions: [{at: 5 s, download: F1, time_limit: 150 ms}]}\n"
/* B crashes with two of five blocks, and C after it has all; B comes back and begins again. */
#define CRASHING                                                                                             \
  "nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n"                                                \
  "- {name: B, actions: [{at: 2 s, download: F1}, {at: 2250 ms, crash: true}, {at: 5 s, return: true},\n"    \
  "                      {on: return, download: F1}]}\n"                                                     \
  "- {name: C, actions: [{at: 2 s, download: F1}, {at: 3 s, crash: true}]}\n"                                \
  "- {name: D, actions: [{at: 2 s, download: F1}, {at: 2250 ms, crash: true}]}\n"
/* A withdraws when B has two of five blocks; Z goes on. */
#define TWO_SOURCES                                                                                          \
  "nodes:\n- {name: A, actions: [{at: 1 s, register: F1}, {when: B has 40 % of F1, cancel: F1}]}\n"          \
  "- {name: Z, actions: [{at: 1 s, register: F1}]}\n"                                                        \
  "- {name: B, actions: [{at: 2 s, download: F1}]}\n"                                                        \
  "- {name: C, actions: [{at: 4 s, download: F1}]}\n"

/* The same, and moments have names; the last does not come. */
#define MARKED                                                                                               \
  "nodes:\n- {name: A, actions: [{at: 1 s, register: F1}, {when: B has 40 % of F1, cancel: F1}]}\n"          \
  "- {name: Z, actions: [{at: 1 s, register: F1}]}\n"                                                        \
  "- {name: B, actions: [{at: 2 s, mark: wanted, download: F1}]}\n"                                          \
  "- {name: C, actions: [{when: Z has F2, mark: unwanted, close: true}]}\n"

typedef struct {
  const char *nodes, *expect;
  bool met;
  const char *measured;
} Expectation;

static const Expectation expectations[] = {
  { THREE, "everybody completes", true, "3 of 3 done, the last at 4.500 s" },
  { THREE, "everybody completes by 4.5 s", true, "3 of 3 done, the last at 4.500 s" },
  { THREE, "everybody completes by 4.4 s", false, "3 of 3 done, the last at 4.500 s" },
  { THREE, "B completes by 2.5 s", true, "1 of 1 done, the last at 2.500 s" },
  { THREE, "C completes F2 by 4.2 s", true, "1 of 1 done, the last at 4.200 s" },
  { THREE, "B, C complete F2", true, "1 of 1 done, the last at 4.200 s" },
  { THREE, "B completes F2", false, "no such download" },
  { FAILING, "everybody completes", false,
    "3 of 4 done; F1 of D is failed: time limit passed; part of the file was got" },
  { FAILING, "B, C complete", true, "3 of 3 done, the last at 4.500 s" },
  { THREE, "makespan <= 2.5 s", true, "2.500 s" },
  { THREE, "makespan <= 2.499 s", false, "2.500 s" },
  { THREE, "makespan >= 2.6 s", false, "2.500 s" },
  { THREE, "makespan between 2 s and 3 s", true, "2.500 s" },
  { THREE, "makespan <= 3.0 x F1 / 100 kB/s", false, "2.500 s" }, /* 2.4576 s */
  { THREE, "makespan <= 3.1 x F1 / 100 kB/s", true, "2.500 s" },
  { FAILING, "makespan <= 9 s", false, "not everybody finished" },
  { THREE, "mean <= 0.4 s", true, "0.400 s" },
  { THREE, "mean <= 399 ms", false, "0.400 s" },
  { THREE, "stretch <= 0.829", true, "0.828" }, /* 2.5 s over 3.0192 s: this backend knows no rates */
  { THREE, "stretch >= 0.829", false, "0.828" },
  { FAILING, "stretch <= 9", false, "not everybody finished" },
  { "nodes: [{name: A}]\n", "stretch <= 9", false, "there is no bound" },
  { THREE, "overhead <= 0.07 %", true, "0.07 %" }, /* 120 of 183960 */
  { THREE, "overhead <= 0.06 %", false, "0.07 %" },
  { "nodes: [{name: A}]\n", "overhead <= 9 %", false, "nothing was sent" },
  { THREE, "each download <= 0.5 s", true, "0.200 s to 0.500 s" },
  { THREE, "each download >= 0.5 s", false, "0.200 s to 0.500 s" },
  { THREE, "each download of F1 between 499 ms and 501 ms", true, "0.500 s to 0.500 s" },
  { THREE, "each download by C <= 0.4 s", false, "0.200 s to 0.500 s" },
  { THREE, "each download of F2 by C <= 0.4 s", true, "0.200 s to 0.200 s" },
  { THREE, "each download of F2 by B <= 0.4 s", false, "no such download" },
  { THREE, "spread of F1 <= 2 s", true, "2.000 s" },
  { THREE, "spread of F1 <= 1.9 s", false, "2.000 s" },
  { FAILING, "spread of F1 <= 9 s", false,
    "2 of 3 done; F1 of D is failed: time limit passed; part of the file was got" },
  { THREE, "B finishes before C", true, "2.500 s, 4.200 s" },
  { THREE, "C finishes before B", false, "4.500 s, 2.500 s" },
  { THREE, "B finishes F1 before C", true, "2.500 s, 4.500 s" },
  { THREE, "B finishes before B", false, "2.500 s, 2.500 s" },
  { FAILING, "B finishes before D", false,
    "0 of 1 done; F1 of D is failed: time limit passed; part of the file was got" },
  { THREE, "B got all of F1 from A", true, "100.00 %" },
  { THREE, "C got all of F1 from B", false, "0.00 %" },
  { THREE, "B, C got >= 50 % of F1 from A, B", true, "100.00 %" },
  { THREE, "C got nothing of F1 from B", true, "0.00 %" },
  { THREE, "C got between 10 % and 90 % of F1 from A", false, "100.00 %" },
  { THREE, "B got all of F2 from A", false, "no such download" },
  { TWO_SOURCES, "B got between 59 % and 61 % of F1 from Z", true, "60.00 %" },
  { TWO_SOURCES, "B, C got >= 60 % of F1 from Z", true, "60.00 % to 100.00 %" },
  { TWO_SOURCES, "B, C got <= 60 % of F1 from Z", false, "60.00 % to 100.00 %" },
  /* B has its blocks at 2.1, 2.2 (from A), 2.3, 2.4, 2.5 (from Z). */
  { TWO_SOURCES, "B got all of F1 from A between 2.05 s and 2.25 s", true, "100.00 %" },
  { TWO_SOURCES, "B got >= 50 % of F1 from A between 2.15 s and 2.35 s", true, "50.00 %" },
  { TWO_SOURCES, "B got all of F1 from Z between 2.25 s and 60 s", true, "100.00 %" },
  { TWO_SOURCES, "B got nothing of F1 from A between 3 s and 3.5 s", true, "0.00 %" },
  { TWO_SOURCES, "B, C got >= 60 % of F1 from Z between 2.15 s and 9 s", true, "75.00 % to 100.00 %" },
  { TWO_SOURCES, "B got nothing of F1 from A between 90 s and 95 s", true, "0.00 %" },
  /* The same from a moment that an action marks: B begins at 2 s. */
  { MARKED, "B got all of F1 from A between wanted and wanted + 250 ms", true, "100.00 %" },
  { MARKED, "B got >= 50 % of F1 from A between wanted + 150 ms and 2.35 s", true, "50.00 %" },
  { MARKED, "B got all of F1 from A between 2 s and wanted + 350 ms", false, "66.67 %" },
  { MARKED, "B got nothing of F1 from A between wanted + 1 s and 2 s", false,
    "it ends at 2.000 s, before it begins at 3.000 s" },
  { MARKED, "B got nothing of F1 from A between unwanted and unwanted + 9 s", false,
    "'unwanted' did not come" },
  { THREE, "B takes >= 1.2 times as long as C", true, "1.429: 0.500 s, 0.350 s" },
  { THREE, "C take <= 0.69 times as long as B", false, "0.700: 0.350 s, 0.500 s" },
  { THREE, "C takes between 0.9 and 1.1 times as long as B for F1", true, "1.000: 0.500 s, 0.500 s" },
  { THREE, "B takes <= 2 times as long as C for F2", false, "no such download" },
  { FAILING, "B takes <= 2 times as long as D", false,
    "0 of 1 done; F1 of D is failed: time limit passed; part of the file was got" },
  { THREE, "B got no bad blocks", true, "0" },
  { CRASHING, "C completes F1", true, "1 of 1 done, the last at 2.500 s" },
  { CRASHING, "B completes F1 by 5.5 s", true, "1 of 1 done, the last at 5.500 s" },
  { CRASHING, "B, C complete", true, "2 of 2 done, the last at 5.500 s" },
  { CRASHING, "everybody completes", false, "2 of 3 done; F1 of D is failed: the node crashed" },
  { CRASHING, "D fails", true, "1 of 1" },
  { CRASHING, "B, D fail F1 because the node crashed", true, "2 of 2" },
  { CRASHING, "B, D fail because the node crashed in both models", true, "2 of 2" },
  { CRASHING, "D fails because time limit passed", false, "0 of 1; F1 of D is failed: the node crashed" },
  { CRASHING, "C, D fail F1", false, "1 of 2; F1 of C is done" },
  { CRASHING, "D fails F2", false, "0 of 1" },
  { FAILING, "D fails F1 because no holder was reached", false,
    "0 of 1; F1 of D is failed: time limit passed; part of the file was got" },
  { FAILING, "D fails because time limit passed; part of the file", true, "1 of 1" },
};

START_TEST (judged)
{
  const Expectation *e = &expectations[_i];
  g_autofree char *text = g_strdup_printf ("%sexpect: [\"%s\"]\n", e->nodes, e->expect);
  play (text, SHOAL_MODEL_P2P);
  ck_assert_uint_eq (played.row->expectations->len, 1);
  const ShoalExpectationRow *judged_row = g_ptr_array_index (played.row->expectations, 0);
  ck_assert_str_eq (judged_row->text, e->expect);
  ck_assert_str_eq (judged_row->measured, e->measured);
  ck_assert_msg (judged_row->met == e->met, "'%s' with %s is %s", e->expect, e->measured,
                 e->met ? "unmet" : "met");
  ck_assert_int_eq (shoal_expect_all_met (played.row), e->met);
}
END_TEST

START_TEST (models_of_expectations)
{
  static const char text[] =
      THREE "expect:\n- makespan <= 1 h\n- mean <= 1 h in server-client\n"
            "- everybody completes in both models\n- everybody completes in p2p\n- speedup >= 1\n";
  play (text, SHOAL_MODEL_P2P);
  ck_assert_uint_eq (played.row->expectations->len, 3);
  play (text, SHOAL_MODEL_SERVER_CLIENT);
  ck_assert_uint_eq (played.row->expectations->len, 2);
  ck_assert_str_eq (((ShoalExpectationRow *)g_ptr_array_index (played.row->expectations, 0))->text,
                    "mean <= 1 h in server-client");
}
END_TEST

/* What is expected with one strategy is not asked of another. */
START_TEST (strategies_of_expectations)
{
  static const char text[] =
      THREE "expect:\n- makespan <= 1 h with turns\n- mean <= 1 h with tit-for-tat\n"
            "- everybody completes in p2p with tit-for-tat\n- speedup >= 1 with turns\n"
            "- everybody completes\n";
  played.options.strategy = &shoal_strategy_tit_for_tat;
  play (text, SHOAL_MODEL_P2P);
  ck_assert_uint_eq (played.row->expectations->len, 3);
  ck_assert_str_eq (((ShoalExpectationRow *)g_ptr_array_index (played.row->expectations, 0))->text,
                    "mean <= 1 h with tit-for-tat");
  shoal_expect_judge_speedup (played.scenario, played.row, NULL);
  ck_assert_uint_eq (played.row->expectations->len, 3);
  play (text, SHOAL_MODEL_SERVER_CLIENT);
  ck_assert_uint_eq (played.row->expectations->len, 0);
}
END_TEST

static void
check_speedup (const ShoalRunRow *other, bool met, const char *measured)
{
  g_ptr_array_set_size (played.row->expectations, 0);
  shoal_expect_judge_speedup (played.scenario, played.row, other);
  ck_assert_uint_eq (played.row->expectations->len, 1);
  const ShoalExpectationRow *judged_row = g_ptr_array_index (played.row->expectations, 0);
  ck_assert_str_eq (judged_row->measured, measured);
  ck_assert_int_eq (judged_row->met, met);
}

START_TEST (speedup)
{
  g_autoptr (ShoalRunRow) other = shoal_run_row_new ();
  play (THREE "expect: [speedup >= 3.8, everybody completes]\n", SHOAL_MODEL_P2P); /* makespan 2.5 s */
  check_speedup (NULL, false, "server-client was not played");
  check_speedup (other, false, "not everybody finished in server-client");
  other->makespan_ns = 10 * SHOAL_SECOND;
  check_speedup (other, true, "4.000");
  other->makespan_ns = 9 * SHOAL_SECOND;
  check_speedup (other, false, "3.600");
  played.row->makespan_ns = SHOAL_ROW_NO_TIME;
  check_speedup (other, false, "not everybody finished in p2p");
}
END_TEST

/* Each download gets its first two blocks bad at first. */
START_TEST (bad_blocks)
{
  static const Expectation cases[] = {
    { THREE, "B got <= 2 bad blocks", true, "2" },
    { THREE, "B got no bad blocks", false, "2" },
    { THREE, "B, C got between 2 and 4 bad blocks", true, "2 to 4" },
    { THREE, "B, C got <= 3 bad blocks", false, "2 to 4" },
    { THREE, "C got <= 2 bad blocks of F2", true, "2" },
    { THREE, "C got >= 1 bad blocks of F2 from A", true, "2" },
    { THREE, "C got no bad blocks from B in both models", true, "0" },
    { THREE, "A got no bad blocks", true, "0" },
  };
  const Expectation *e = &cases[_i];
  g_autofree char *text = g_strdup_printf ("%sexpect: [\"%s\"]\n", e->nodes, e->expect);
  played.fake.bad_blocks = 2;
  play (text, SHOAL_MODEL_P2P);
  const ShoalExpectationRow *judged_row = g_ptr_array_index (played.row->expectations, 0);
  ck_assert_str_eq (judged_row->measured, e->measured);
  ck_assert_int_eq (judged_row->met, e->met);
}
END_TEST

static Suite *
expect_suite (void)
{
  Suite *suite = suite_create ("expect");
  TCase *tc = tcase_create ("judged");
  tcase_add_checked_fixture (tc, play_set_up, play_forget);
  tcase_add_loop_test (tc, judged, 0, G_N_ELEMENTS (expectations));
  tcase_add_test (tc, models_of_expectations);
  tcase_add_test (tc, strategies_of_expectations);
  tcase_add_test (tc, speedup);
  tcase_add_loop_test (tc, bad_blocks, 0, 8);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (expect_suite (), NULL);
}
