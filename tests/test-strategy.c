/* Whom strategies choose, from plain figures. */
#include "src/strategy.h"
#include "tests/harness.h"

#define MANY 10

static ShoalSuitor suitors[MANY];
static ShoalTurn turn;

static void
set_up (void)
{
  turn = (ShoalTurn){ .slots = 4, .trial_turns = SHOAL_TRIAL_TURNS };
  for (unsigned i = 0; i < MANY; i++)
    suitors[i] = (ShoalSuitor){ .turns_known = 10, .turns_waited = 10, .order = i };
}

/* A turn passes: who was not served waits. */
static void
choose (const ShoalStrategy *strategy)
{
  strategy->choose (&turn, suitors, MANY);
  turn.number++;
  for (unsigned i = 0; i < MANY; i++)
    {
      suitors[i].turns_known++;
      suitors[i].turns_waited = suitors[i].served ? 0 : suitors[i].turns_waited + 1;
      ck_assert_uint_eq (suitors[i].order, i);
    }
}

static unsigned
served (void)
{
  unsigned count = 0;
  for (unsigned i = 0; i < MANY; i++)
    count += suitors[i].served;
  return count;
}

START_TEST (names)
{
  unsigned count = 0;
  for (const ShoalStrategy *strategy; (strategy = shoal_strategy (count)); count++)
    {
      ck_assert_ptr_eq (shoal_strategy_by_name (strategy->name), strategy);
      ck_assert_uint_gt (strlen (strategy->meaning), 0);
    }
  ck_assert_uint_eq (count, 3);
  ck_assert_ptr_null (shoal_strategy_by_name ("tit"));
}
END_TEST

START_TEST (none_serves_everybody)
{
  choose (&shoal_strategy_none);
  ck_assert_uint_eq (served (), MANY);
}
END_TEST

/* The best four, and one on trial. */
START_TEST (givers_are_preferred)
{
  for (unsigned i = 0; i < MANY; i++)
    suitors[i].gives_bytes_per_s = i < 4 ? 100000 + i : 1000;
  choose (&shoal_strategy_tit_for_tat);
  for (unsigned i = 0; i < 4; i++)
    ck_assert (suitors[i].served && !suitors[i].on_trial);
  ck_assert_uint_eq (served (), 5);
}
END_TEST

/* Among equals nobody is choked: that would only make the swarm sparse. */
START_TEST (equals_are_served)
{
  for (unsigned i = 0; i < MANY; i++)
    suitors[i].gives_bytes_per_s = 40000 + 7000 * (i % 3);
  choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), MANY);
}
END_TEST

/* Who drops to a tenth is choked at the next turn, is not on trial at once, and is chosen again when it is fast. */
START_TEST (drop_and_return)
{
  for (unsigned i = 0; i < MANY; i++)
    suitors[i].gives_bytes_per_s = 50000;
  choose (&shoal_strategy_tit_for_tat);
  suitors[3].gives_bytes_per_s = 5000;
  suitors[7].gives_bytes_per_s = 5000;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert (!suitors[3].served && !suitors[7].served);
  ck_assert_uint_eq (served (), MANY - 2);
  for (unsigned n = 0; n < 2 * SHOAL_TRIAL_TURNS; n++)
    choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), MANY - 1); /* one of the two is on trial */
  suitors[3].gives_bytes_per_s = 50000;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert (suitors[3].served && !suitors[3].on_trial);
}
END_TEST

/* Those who give nothing have one trial at a time, each in its turn, for three turns. */
START_TEST (trials_go_round)
{
  unsigned trials[MANY] = { 0 };
  for (unsigned i = 0; i < 4; i++)
    suitors[i].gives_bytes_per_s = 100000;
  for (unsigned n = 0; n < 6 * SHOAL_TRIAL_TURNS; n++)
    {
      choose (&shoal_strategy_tit_for_tat);
      ck_assert_uint_eq (served (), 5);
      for (unsigned i = 0; i < MANY; i++)
        trials[i] += suitors[i].on_trial;
    }
  for (unsigned i = 0; i < MANY; i++)
    ck_assert_uint_eq (trials[i], i < 4 ? 0 : SHOAL_TRIAL_TURNS);
}
END_TEST

START_TEST (newcomers_get_started)
{
  for (unsigned i = 0; i < 4; i++)
    suitors[i].gives_bytes_per_s = 100000;
  suitors[8].turns_known = 0;
  suitors[9].turns_known = SHOAL_NEWCOMER_TURNS - 1;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert (suitors[8].served && suitors[9].served);
  ck_assert_uint_eq (served (), 7);
  choose (&shoal_strategy_tit_for_tat);
  choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), 5); /* they gave nothing */
}
END_TEST

/* Who holds everything has nothing to be given. */
START_TEST (seeders_serve_all)
{
  turn.complete = true;
  suitors[0].gives_bytes_per_s = 100000;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), MANY);
}
END_TEST

/* A small lead does not turn out who is served. */
START_TEST (small_leads_change_nothing)
{
  turn.slots = 1;
  suitors[0].gives_bytes_per_s = 100000;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert (suitors[0].served && !suitors[0].on_trial);
  suitors[1].gives_bytes_per_s = 105000;
  suitors[2].gives_bytes_per_s = 16000; /* less than a sixth of both */
  choose (&shoal_strategy_tit_for_tat);
  ck_assert (suitors[0].served && suitors[1].served);
  ck_assert (!suitors[0].on_trial);
}
END_TEST

START_TEST (turns_go_round)
{
  unsigned times[MANY] = { 0 };
  for (unsigned n = 0; n < 5; n++) /* 5 turns of 4 places are twice around 10 */
    {
      choose (&shoal_strategy_turns);
      ck_assert_uint_eq (served (), 4);
      for (unsigned i = 0; i < MANY; i++)
        times[i] += suitors[i].served;
    }
  for (unsigned i = 0; i < MANY; i++)
    ck_assert_uint_eq (times[i], 2);
}
END_TEST

/* A seeder of which some blocks nobody else has: who keeps them gets no more, but the slots stay filled. */
START_TEST (who_passes_on_is_preferred)
{
  turn.complete = turn.scarce = true;
  for (unsigned i = 0; i < MANY; i++)
    suitors[i] = (ShoalSuitor){ .order = i, .passed_blocks = i < 7 ? 20 : 0, .kept_blocks = i < 7 ? 20 : 5 };
  choose (&shoal_strategy_tit_for_tat);
  for (unsigned i = 0; i < MANY; i++)
    ck_assert (suitors[i].served == (i < 7));
  turn.slots = 8;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), 8);
}
END_TEST

/* Where nobody tells what was passed on, or each block is with somebody else, everybody is served. */
START_TEST (keepers_are_served_where_it_matters_not)
{
  turn.complete = turn.scarce = true;
  for (unsigned i = 0; i < MANY; i++)
    suitors[i].kept_blocks = 50;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), MANY);
  turn.scarce = false;
  suitors[0].passed_blocks = 60;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), MANY);
}
END_TEST

/* Where the uplink has room, more are served than merit it. */
START_TEST (spare_uplink_is_used)
{
  for (unsigned i = 0; i < MANY; i++)
    suitors[i].gives_bytes_per_s = i < 4 ? 100000 : 0;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), 5); /* one is on trial */
  turn.spare = 3;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), 8);
  turn.spare = 99;
  choose (&shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (served (), MANY);
}
END_TEST

static Suite *
strategy_suite (void)
{
  Suite *suite = suite_create ("strategy");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, NULL);
  tcase_add_test (tests, names);
  tcase_add_test (tests, none_serves_everybody);
  tcase_add_test (tests, givers_are_preferred);
  tcase_add_test (tests, equals_are_served);
  tcase_add_test (tests, drop_and_return);
  tcase_add_test (tests, trials_go_round);
  tcase_add_test (tests, newcomers_get_started);
  tcase_add_test (tests, seeders_serve_all);
  tcase_add_test (tests, small_leads_change_nothing);
  tcase_add_test (tests, turns_go_round);
  tcase_add_test (tests, who_passes_on_is_preferred);
  tcase_add_test (tests, keepers_are_served_where_it_matters_not);
  tcase_add_test (tests, spare_uplink_is_used);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (strategy_suite (), NULL);
}
