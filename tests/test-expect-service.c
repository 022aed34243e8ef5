/* Expectations about who serves whom, judged on logs written by hand. */
#include "scenarios/expect.h"
#include "tests/harness.h"

#include <stdio.h>

/* The action at 10 s marks a moment; numbers of rows: tracker 0, A 1, B 2, C 3. */
#define HEAD                                                                                                 \
  "name: test\n"                                                                                             \
  "nodes: [{name: A, upload: 0, download: 0}, {name: B, upload: 0, download: 0}, {name: C, upload: 0, "      \
  "download: 0}]\n"                                                                                          \
  "actions: [{at: 10 s, mark: drop, nodes: A, rates: {upload: 1 kB/s}},\n"                                   \
  "          {at: 99 s, mark: never, nodes: A, rates: {upload: 2 kB/s}}]\n"

static ShoalScenario *scenario;
static ShoalRunRow *row;

static void
set_up (void)
{
  static const char *const names[] = { "tracker", "A", "B", "C" };
  row = shoal_run_row_new ();
  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ShoalNodeRow *node = shoal_node_row_new ();
      node->name = g_strdup (names[i]);
      g_ptr_array_add (row->nodes, node);
    }
}

static void
tear_down (void)
{
  g_clear_pointer (&row, shoal_run_row_free);
  g_clear_pointer (&scenario, shoal_scenario_free);
}

static void
happens (int64_t at_s, unsigned node, const char *kind, int peer)
{
  ShoalEventRow *event = g_new0 (ShoalEventRow, 1);
  *event =
      (ShoalEventRow){ .at_ns = at_s * SHOAL_SECOND, .node = node, .kind = g_strdup (kind), .peer = peer };
  g_ptr_array_add (row->log, event);
}

/* A line of a log: B + A serves A, B - A chokes it, B ! crashes, * the moment comes. */
static void
happens_so (const char *line)
{
  static const char names[] = "tABC";
  int64_t at_s;
  char who = 't', what = 0, whom = 't';
  ck_assert_int_ge (sscanf (line, "%" G_GINT64_FORMAT " %c %c %c", &at_s, &who, &what, &whom), 2);
  if (who == '*')
    happens (at_s, 0, SHOAL_LOG_MARK, -1);
  else
    happens (at_s, (unsigned)(strchr (names, who) - names),
             what == '+'   ? "unchoked"
             : what == '-' ? "choked"
             : what == '!' ? "crash"
                           : "leave",
             what == '+' || what == '-' ? (int)(strchr (names, whom) - names) : -1);
}

typedef struct {
  const char *log, *expect;
  bool met;
  const char *measured;
} Case;

static const Case cases[] = {
  { "5 B + A,10 *,12 B - A", "A choked by B within 20 s of drop", true, "2.000 s after" },
  { "5 B + A,10 *,30 B - A", "A choked by B within 20 s of drop", true, "20.000 s after" },
  { "5 B + A,10 *,31 B - A", "A choked by B within 20 s of drop", false, "B went on to serve A" },
  { "5 B + A,10 *", "A choked by B within 20 s of drop", false, "B went on to serve A" },
  /* The other way round is something else. */
  { "5 A + B,10 *,12 A - B", "A choked by B within 20 s of drop", false, "B did not serve A" },
  { "5 C + A,10 *,12 C - A", "A choked by B within 20 s of drop", false, "B did not serve A" },
  /* It must have been served. */
  { "5 B + A,9 B - A,10 *", "A choked by B within 20 s of drop", false, "B did not serve A" },
  { "9 B - A,10 *,12 B + A,15 B - A,16 B + A", "A choked by B within 20 s of drop", true, "5.000 s after" },
  { "5 B + A,5 C + A,10 *,12 B - A,17 C - A", "A choked by B, C within 20 s of drop", true, "7.000 s after" },
  { "5 B + A,5 C + A,10 *,12 B - A", "A choked by B, C within 20 s of drop", false, "C went on to serve A" },
  { "5 C + A,5 C + B,10 *,11 C - A,12 C - B", "A, B choked by C within 5 s of drop", true, "2.000 s after" },
  { "5 B + A,10 *,12 B - A", "A choked by B within 1 s of drop + 2 s", false, "B did not serve A" },
  { "5 B + A,10 *,13 B - A", "A choked by B within 1 s of drop + 2 s", true, "1.000 s after" },
  { "5 B + A,7 B - A", "A choked by B within 1 s of 6 s", true, "1.000 s after" },
  { "5 B + A,12 B - A", "A choked by B within 20 s of drop", false, "'drop' did not come" },
  { "5 B + A,10 *,12 B - A", "A choked by B within 20 s of never", false, "'never' did not come" },
  { "5 B + A,5 C + A,10 *,12 B - A", "A choked by 1 of B, C within 20 s of drop", true,
    "1 of 2, 2.000 s after" },
  { "5 B + A,5 C + A,10 *", "A choked by 1 of B, C within 20 s of drop", false,
    "0 of 2, B went on to serve A" },
  { "5 B + A,5 C + A,10 *,12 B - A", "A choked by 2 of B, C within 20 s of drop", false,
    "1 of 2, C went on to serve A" },
  { "10 *,20 C + A", "1 of B, C serve A again within 40 s of drop", true, "1 of 2, 10.000 s after" },
  { "10 *,20 C + A", "2 of B, C serve A again within 40 s of drop", false, "1 of 2, B does not serve A" },
  /* Again: at the end of that time, too. */
  { "5 B + A,8 B - A,10 *,20 B + A", "B serves A again within 40 s of drop", true, "10.000 s after" },
  { "5 B + A,8 B - A,10 *,50 B + A", "B serves A again within 40 s of drop", true, "40.000 s after" },
  { "5 B + A,8 B - A,10 *,51 B + A", "B serves A again within 40 s of drop", false, "B does not serve A" },
  { "8 B - A,10 *,20 B + A,21 B - A", "B serves A again within 40 s of drop", false, "B does not serve A" },
  { "8 B - A,10 *,20 B + A,21 B - A,30 B + A,60 B - A", "B serves A again within 40 s of drop", true,
    "20.000 s after" },
  { "5 B + A,10 *", "B serves A again within 40 s of drop", true, "0.000 s after" },
  { "5 A + B,10 *,20 A + B", "B serves A again within 40 s of drop", false, "B does not serve A" },
  { "10 *,20 B + A,30 B !", "B serves A again within 40 s of drop", false, "B does not serve A" },
  { "10 *,20 B + A,30 A .", "B serves A again within 40 s of drop", false, "B does not serve A" },
  { "10 *,20 B + A,30 C !", "B serves A again within 40 s of drop", true, "10.000 s after" },
  { "10 *,20 B + A,22 B + C", "B serves A, C again within 40 s of drop", true, "12.000 s after" },
};

START_TEST (judged)
{
  const Case *c = &cases[_i];
  g_autofree char *text = g_strdup_printf (HEAD "expect: [\"%s\"]\n", c->expect);
  g_autoptr (GError) error = NULL;
  scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  ck_assert_msg (scenario != NULL, "%s", error ? error->message : "no error set");
  g_auto (GStrv) lines = g_strsplit (c->log, ",", -1);
  for (char **line = lines; *line != NULL; line++)
    happens_so (*line);
  shoal_expect_judge (scenario, SHOAL_MODEL_P2P, row);
  ck_assert_uint_eq (row->expectations->len, 1);
  const ShoalExpectationRow *judged_row = g_ptr_array_index (row->expectations, 0);
  ck_assert_str_eq (judged_row->measured, c->measured);
  ck_assert_int_eq (judged_row->met, c->met);
}
END_TEST

static Suite *
service_suite (void)
{
  Suite *suite = suite_create ("service");
  TCase *all = tcase_create ("judged");
  tcase_add_checked_fixture (all, set_up, tear_down);
  tcase_add_loop_test (all, judged, 0, G_N_ELEMENTS (cases));
  suite_add_tcase (suite, all);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (service_suite (), NULL);
}
