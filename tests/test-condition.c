/* Conditions: when, in a run, they come to hold. */
#include "tests/harness.h"
#include "tests/playing.h"

/* When the action of W (a change of its rate) happens, in ms; -1: never. */
static int
fires_at (const char *when, const char *nodes)
{
  g_autofree char *text =
      g_strdup_printf ("%s- {name: W, actions: [{when: %s, rates: {upload: 1 kB/s}}]}\n", nodes, when);
  play (text, SHOAL_MODEL_P2P);
  const char *calls = fake_backend_calls (played.backend), *rates = strstr (calls, " rates W");
  if (rates == NULL)
    return -1;
  while (rates > calls && rates[-1] != '\n')
    rates--;
  return (int)(g_ascii_strtod (rates, NULL) * 1000 + 0.5);
}

#define PAIR                                                                                                 \
  "nodes:\n- {name: A, actions: [{at: 1 s, register: 'F1, F2'}]}\n"                                          \
  "- {name: L, count: 2, actions: [{at: 2 s, download: F1}]}\n"                                              \
  "- {name: B, actions: [{at: 4 s, download: 'F1, F2'}]}\n"
/* One gets a part of the file and leaves. */
#define LEAVER                                                                                               \
  "nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n"                                                \
  "- {name: L, actions: [{at: 2 s, download: F1}, {at: 2450 ms, close: true}]}\n"                            \
  "- {name: M, actions: [{at: 3 s, download: F1}]}\n"

typedef struct {
  const char *when, *nodes;
  int at_ms;
} When;

static const When whens[] = {
  { "A has F1", PAIR, 1000 },
  { "L1 has F1", PAIR, 2500 },
  { "L has F1", PAIR, 2500 },
  { "all have F1", PAIR, 4500 },
  { "all have F2", PAIR, 4200 },
  { "B has F1 and A has F2", PAIR, 4500 },
  { "B has F2", PAIR, 4200 },
  { "F1 is out", PAIR, 2500 },
  { "none is out", PAIR, 0 },
  { "L1 has 20 % of F1", PAIR, 2100 },
  { "L1 has 21 % of F1", PAIR, 2200 },
  { "L has 100 % of F1 and F2 is out", PAIR, 4200 },
  { "A has 50 % of F1", PAIR, 1000 },
  { "L1 has F2", PAIR, -1 },
  { "B has none", PAIR, -1 },
  { "F1 is out", LEAVER, 3500 }, /* and not when M has the last block that L lacked */
  { "L has F1", LEAVER, -1 },
  { "F1 is out", "nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n",
    -1 }, /* held by its registrant */
};

START_TEST (conditions)
{
  for (int late = 0; late < 2; late++)
    {
      played.fake.done_before_block = late;
      int at = fires_at (whens[_i].when, whens[_i].nodes);
      ck_assert_msg (at == whens[_i].at_ms, "'%s' at %d ms\n%s", whens[_i].when, at,
                     fake_backend_calls (played.backend));
    }
}
END_TEST

/* A cancel takes blocks back that were out. */
START_TEST (out_and_back)
{
  int at = fires_at ("F1 is out and B has F2",
                     "nodes:\n- {name: A, actions: [{at: 1 s, register: 'F1, F2'}]}\n"
                     "- {name: L, actions: [{at: 1 s, download: F1}, {when: L has F1, cancel: F1}]}\n"
                     "- {name: B, actions: [{at: 3 s, download: F2}, {at: 5 s, download: F1}]}\n");
  ck_assert_int_eq (at, 5500);
}
END_TEST

static Suite *
condition_suite (void)
{
  Suite *suite = suite_create ("condition");
  TCase *tc = tcase_create ("holds");
  tcase_add_checked_fixture (tc, play_set_up, play_forget);
  tcase_add_loop_test (tc, conditions, 0, G_N_ELEMENTS (whens));
  tcase_add_test (tc, out_and_back);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (condition_suite (), NULL);
}
