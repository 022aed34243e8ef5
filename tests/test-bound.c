/* The lower bound of a makespan: the fluid bound where it applies, and what still holds elsewhere. */
#include "scenarios/bound.h"
#include "tests/harness.h"

/* Files F (1 MB) and G (500 kB), and these nodes and actions. */
static ShoalTime
bound_of (const char *nodes)
{
  GError *error = NULL;
  g_autofree char *text = g_strconcat ("name: test\n"
                                       "files: [{name: F, size: 1 MB}, {name: G, size: 500 kB}]\n"
                                       "defaults: {upload: 100 kB/s, download: 100 kB/s}\n",
                                       nodes, NULL);
  g_autoptr (ShoalScenario) scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  ck_assert_msg (scenario != NULL, "%s", error ? error->message : "");
  return shoal_scenario_bound (scenario);
}

typedef struct {
  const char *what, *nodes;
  ShoalTime bound_ns;
} Case;

#define SEEDER(rates) "nodes:\n- {name: S, " rates ", actions: [{at: 0, register: F}]}\n"
#define MS(x) ((ShoalTime)(x)*SHOAL_MS)

static const Case cases[] = {
  { "the seeder's uplink",
    SEEDER ("upload: 10 kB/s") "- {name: L, count: 3, actions: [{at: 1 s, download: F}]}\n", MS (100000) },
  { "the slowest downlink",
    SEEDER ("upload: 1 MB/s") "- {name: L, count: 3, actions: [{at: 1 s, download: F}]}\n"
                              "- {name: slow, download: 20 kB/s, actions: [{at: 1 s, download: F}]}\n",
    MS (50000) },
  { "all uplinks: 4 MB over 100 + 4 × 10 kB/s",
    SEEDER ("download: 0") "- {name: L, count: 4, upload: 10 kB/s, download: 0, actions: [{at: 1 s, "
                           "download: F}]}\n",
    28571428571 },
  { "several seeders: their uplinks add up",
    SEEDER ("upload: 10 kB/s") "- {name: T, upload: 15 kB/s, actions: [{at: 0, register: F}]}\n"
                               "- {name: L, actions: [{at: 1 s, download: F}]}\n",
    MS (40000) },
  { "a seeder without limit leaves the downlink",
    SEEDER ("upload: unlimited") "- {name: L, count: 2, actions: [{at: 1 s, download: F}]}\n", MS (10000) },
  { "nothing limits", SEEDER ("upload: 0") "- {name: L, download: 0, actions: [{at: 1 s, download: F}]}\n",
    SHOAL_NO_BOUND },
  { "nobody downloads", SEEDER ("upload: 10 kB/s") "- {name: L}\n", SHOAL_NO_BOUND },
  { "who takes no part has no uplink to give",
    SEEDER ("download: 0") "- {name: L, count: 4, upload: 10 kB/s, download: 0, actions: [{at: 1 s, "
                           "download: F}]}\n"
                           "- {name: idle, upload: 1 GB/s}\n",
    28571428571 },
  { "one who registers the file does not want it",
    SEEDER ("upload: 100 kB/s") "- {name: T, actions: [{at: 0, register: F}, {at: 1 s, download: F}]}\n",
    SHOAL_NO_BOUND },
  { "a file wanted twice by a node is got once",
    SEEDER ("upload: 1 MB/s") "- {name: L, actions: [{at: 1 s, download: F}, {at: 9 s, download: F}]}\n",
    MS (10000) },
  { "who may never begin is not counted on, but its uplink is",
    SEEDER ("upload: 10 kB/s, download: 0") "- {name: L, download: 0, actions: [{at: 1 s, download: F}]}\n"
                                            "- {name: M, count: 9, upload: 1 kB/s, download: 1 B/s, actions: "
                                            "[{on: join, download: F}]}\n",
    MS (100000) },
  { "rates that climb, or come and go, count with the highest",
    SEEDER (
        "upload: 10 kB/s") "- {name: L, download: 20 kB/s, actions: [{at: 1 s, download: F}]}\n"
                           "actions:\n- {at: 9 s, nodes: L, rates: {download: 30 kB/s, over: 5 s}}\n"
                           "- {at: 2 s, nodes: S, rates: {trace: [{after: 1 s, upload: 1 kB/s}, {after: 2 s, "
                           "upload: 25 kB/s}]}}\n",
    MS (40000) },
  { "a late start counts from the first",
    SEEDER ("upload: 1 MB/s") "- {name: L, actions: [{at: 1 s, download: F}]}\n"
                              "- {name: M, actions: [{at: 31 s, download: F}]}\n",
    MS (40000) },
  { "a start that waits for a condition counts as the first",
    SEEDER ("upload: 1 MB/s") "- {name: L, actions: [{at: 1 s, download: F}]}\n"
                              "- {name: M, actions: [{when: L has F, after: 30 s, download: F}]}\n",
    MS (10000) },
  { "all starts wait", SEEDER ("upload: 20 kB/s") "- {name: L, actions: [{when: S has F, download: F}]}\n",
    MS (50000) },
  { "two files into one node",
    "nodes:\n- {name: S, upload: 1 MB/s, actions: [{at: 0, register: 'F, G'}]}\n"
    "- {name: L, actions: [{at: 1 s, download: 'F, G'}]}\n",
    MS (15000) },
  { "the later file's holder is slow",
    "nodes:\n- {name: S, upload: 1 MB/s, actions: [{at: 0, register: F}]}\n"
    "- {name: T, upload: 10 kB/s, actions: [{at: 0, register: G}]}\n"
    "- {name: L, actions: [{at: 1 s, download: F}, {at: 3 s, download: G}]}\n",
    MS (52000) },
  { "two files that one node alone registers",
    "nodes:\n- {name: S, download: 0, actions: [{at: 0, register: 'F, G'}]}\n"
    "- {name: L, count: 2, upload: 100 kB/s, download: 0, actions: [{at: 1 s, download: 'F, G'}]}\n",
    MS (15000) },
  { "all bytes of two files over all uplinks: 6 MB over 100 + 4 × 10 + 100 kB/s",
    "nodes:\n- {name: S, download: 0, actions: [{at: 0, register: F}]}\n"
    "- {name: T, download: 0, actions: [{at: 0, register: G}]}\n"
    "- {name: L, count: 4, upload: 10 kB/s, download: 0, actions: [{at: 1 s, download: 'F, G'}]}\n",
    MS (25000) },
  { "a rate that is raised counts with its highest",
    SEEDER ("upload: 10 kB/s") "- {name: L, actions: [{at: 1 s, download: F}]}\n"
                               "actions: [{at: 5 s, nodes: S, rates: {upload: 50 kB/s}}]\n",
    MS (20000) },
  { "a rate that is lowered counts with its first",
    SEEDER ("upload: 50 kB/s") "- {name: L, actions: [{at: 1 s, download: F}]}\n"
                               "actions: [{at: 5 s, nodes: S, rates: {upload: 1 kB/s}}]\n",
    MS (20000) },
  { "and without limit is the highest",
    SEEDER ("upload: 50 kB/s") "- {name: L, actions: [{at: 1 s, download: F}]}\n"
                               "actions: [{at: 5 s, nodes: S, rates: {upload: 0}}]\n",
    MS (10000) },
};

START_TEST (bounds)
{
  ShoalTime bound = bound_of (cases[_i].nodes);
  ck_assert_msg (bound == cases[_i].bound_ns, "%s: %" G_GINT64_FORMAT " ns", cases[_i].what, bound);
}
END_TEST

/* The largest file at the lowest rate does not overflow. */
START_TEST (huge)
{
  const char *text =
      "name: huge\nfiles: [{name: F, size: 63 TiB}]\ndefaults: {upload: 1 B/s, download: 1 B/s}\n"
      "nodes:\n- {name: S, actions: [{at: 0, register: F}]}\n"
      "- {name: L, count: 100000, actions: [{at: 0, download: F}]}\n";
  g_autoptr (ShoalScenario) scenario = shoal_scenario_parse (text, strlen (text), "huge.yaml", NULL);
  ck_assert_ptr_nonnull (scenario);
  ck_assert_int_gt (shoal_scenario_bound (scenario), SHOAL_NEVER / 8);
}
END_TEST

static Suite *
bound_suite (void)
{
  Suite *suite = suite_create ("bound");
  TCase *tc = tcase_create ("bound");
  tcase_add_loop_test (tc, bounds, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tc, huge);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (bound_suite (), NULL);
}
