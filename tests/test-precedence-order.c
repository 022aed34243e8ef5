/* Who comes first: the order as such, on neighbours that no network has made (test-precedence.c: with one). */
#include "src/peer-internal.h"
#include "tests/harness.h"

#define BLOCKS 64u
#define MANY 12u

/* Two files at one peer, and neighbours of either. */
static ShoalPeer peer;
static ShoalSwarm swarms[2];
static ShoalNeighbour neighbours[MANY];
static uint16_t copies[BLOCKS];

static void
set_up_structs (void)
{
  peer = (ShoalPeer){ .options.serving.strategy = &shoal_strategy_none };
  memset (copies, 0, sizeof copies);
  for (unsigned i = 0; i < 2; i++)
    {
      swarms[i] = (ShoalSwarm){ .peer = &peer, .blocks = BLOCKS, .availability = copies };
      swarms[i].neighbours = g_ptr_array_new ();
      g_ptr_array_set_size (swarms[i].neighbours, MANY / 2);
    }
  for (uint32_t i = 0; i < MANY; i++)
    neighbours[i] = (ShoalNeighbour){ .swarm = &swarms[0], .order = i };
}

static void
tear_down_structs (void)
{
  for (unsigned i = 0; i < 2; i++)
    g_ptr_array_free (swarms[i].neighbours, TRUE);
}

static const uint64_t much_bytes = 100 * SHOAL_BLOCK_BYTES;

/* How far one is, what it gave and what it lacks say nothing where it is about another file, or where one of the two is
 * on trial. */
START_TEST (only_like_is_compared)
{
  ShoalNeighbour *x = &neighbours[0], *y = &neighbours[1];
  x->progress = 60;
  y->received_bytes = much_bytes;
  y->wanting = 9;
  ck_assert (shoal_precedence_invites (y, x));
  y->swarm = &swarms[1];
  ck_assert (shoal_precedence_invites (x, y));
  y->swarm = x->swarm;
  peer.options.serving.strategy = &shoal_strategy_tit_for_tat;
  ck_assert (shoal_precedence_invites (y, x));
  y->on_trial = true;
  ck_assert (shoal_precedence_invites (x, y));
}
END_TEST

/* Among equals: by promises, by what they lack, by who waited longest, by who came first. */
START_TEST (ties_are_broken)
{
  ShoalNeighbour *x = &neighbours[0], *y = &neighbours[1];
  ck_assert (shoal_precedence_invites (x, y));
  x->served_at = 1;
  ck_assert (shoal_precedence_invites (y, x));
  x->wanting = 1;
  ck_assert (shoal_precedence_invites (x, y));
  y->received_bytes = much_bytes;
  ck_assert (shoal_precedence_invites (y, x));
  y->credits_out = 1;
  ck_assert (shoal_precedence_invites (x, y));
  x->queued = 2;
  ck_assert (shoal_precedence_invites (y, x));
}
END_TEST

static bool
serves (unsigned x, uint32_t of_x, unsigned y, uint32_t of_y)
{
  ShoalUpload u = { .to = &neighbours[x], .block = of_x }, v = { .to = &neighbours[y], .block = of_y };
  bool before = shoal_precedence_serves (&u, &v);
  ck_assert (!before || !shoal_precedence_serves (&v, &u));
  return before;
}

/* Of rare blocks the rarest; of equally rare ones, that of the greater giver; and then who has least. */
START_TEST (the_rarest_is_served)
{
  copies[1] = 1; /* of six: still rare */
  copies[2] = 2;
  copies[3] = 3;
  neighbours[1].have.set = 20;
  ck_assert (serves (0, 0, 1, 0));
  neighbours[1].received_bytes = much_bytes;
  ck_assert (serves (1, 0, 0, 0));
  ck_assert (serves (0, 0, 1, 1));
  ck_assert (serves (1, 1, 0, 2));
  ck_assert (serves (0, 3, 1, 2)); /* common ones: neither counts */
  neighbours[0].on_trial = true;
  ck_assert (!serves (0, 3, 1, 2) && !serves (1, 2, 0, 3));
}
END_TEST

static ShoalNeighbour
any_neighbour (ShoalRandom *dice, uint32_t order)
{
  ShoalNeighbour n = { .order = order };
  n.swarm = &swarms[shoal_random_below (dice, 2)];
  n.have.set = shoal_random_below (dice, BLOCKS);
  n.progress = shoal_random_below (dice, BLOCKS);
  n.wanting = shoal_random_below (dice, 3);
  n.queued = shoal_random_below (dice, 2);
  n.credits_out = shoal_random_below (dice, 2);
  n.served_at = shoal_random_below (dice, 3);
  n.on_trial = shoal_random_below (dice, 4) == 0;
  n.received_bytes = shoal_random_below (dice, BLOCKS * SHOAL_BLOCK_BYTES);
  return n;
}

static void
check_order (void)
{
  for (unsigned i = 0; i < MANY; i++)
    for (unsigned k = 0; k < i; k++)
      {
        ShoalNeighbour copied[] = { neighbours[i], neighbours[k] }; /* the other way round */
        bool before = shoal_precedence_invites (&neighbours[i], &neighbours[k]);
        ck_assert (before != shoal_precedence_invites (&neighbours[k], &neighbours[i]));
        ck_assert (before == shoal_precedence_invites (&copied[0], &copied[1]));
        serves (i, i * k % BLOCKS, k, (i + k) % BLOCKS); /* not both */
      }
}

/* Of any two one comes before the other, and not the other way round, wherever they are in memory. */
START_TEST (one_comes_before_the_other)
{
  ShoalRandom dice;
  shoal_random_init (&dice, (uint64_t)_i, "precedence");
  for (unsigned n = 0; n < 200; n++)
    {
      peer.options.service = shoal_random_below (&dice, 4) ? SHOAL_SERVICE_FAIR : SHOAL_SERVICE_FIFO;
      peer.options.serving.strategy = shoal_strategy (shoal_random_below (&dice, 2));
      for (uint32_t i = 0; i < MANY; i++)
        neighbours[i] = any_neighbour (&dice, i);
      for (uint32_t i = 0; i < BLOCKS; i++)
        copies[i] = (uint16_t)shoal_random_below (&dice, 4);
      check_order ();
    }
}
END_TEST

/* Whoever is chosen of some is chosen in whatever order they are looked at, unless some are on trial, who are compared
 * with the others by less. */
START_TEST (the_first_is_the_same_from_any_side)
{
  ShoalRandom dice;
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  shoal_random_init (&dice, (uint64_t)_i, "candidates");
  for (unsigned n = 0; n < 500; n++)
    {
      g_ptr_array_set_size (candidates, 0);
      for (uint32_t i = 0; i < MANY; i++)
        {
          neighbours[i] = any_neighbour (&dice, i);
          neighbours[i].swarm = &swarms[0];
          neighbours[i].on_trial = false;
          neighbours[i].credit_number = 0u - shoal_random_below (&dice, 40);
          g_ptr_array_add (candidates, &neighbours[i]);
        }
      const ShoalNeighbour *first = shoal_precedence_first (candidates);
      for (guint i = MANY; i > 1; i--)
        {
          guint k = shoal_random_below (&dice, i);
          gpointer swapped = candidates->pdata[i - 1];
          candidates->pdata[i - 1] = candidates->pdata[k];
          candidates->pdata[k] = swapped;
        }
      ck_assert_ptr_eq (shoal_precedence_first (candidates), first);
    }
  g_ptr_array_set_size (candidates, 0);
  ck_assert_ptr_null (shoal_precedence_first (candidates));
}
END_TEST

static ShoalNeighbour *
first_of_three (uint32_t x, uint32_t y, uint32_t z)
{
  const uint32_t progress[] = { x, y, z };
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  for (unsigned i = 0; i < 3; i++)
    {
      neighbours[i].progress = progress[i];
      g_ptr_array_add (candidates, &neighbours[i]);
    }
  return shoal_precedence_first (candidates);
}

/* Those near the one that has least come before the rest, among themselves as always. */
START_TEST (least_and_nearly_least)
{
  neighbours[0].queued = 1;
  ck_assert_ptr_eq (first_of_three (0, 17, 20), &neighbours[0]);
  ck_assert_ptr_eq (first_of_three (0, 16, 20), &neighbours[1]);
  ck_assert_ptr_eq (first_of_three (0, 10, 16), &neighbours[1]); /* nobody is far ahead */
  ck_assert_ptr_eq (first_of_three (17, 17, 0), &neighbours[2]);
}
END_TEST

/* Others may give more and lag behind: after four rounds it is its turn. */
START_TEST (nobody_is_passed_over_for_long)
{
  neighbours[0].progress = 60;
  neighbours[1].received_bytes = neighbours[2].received_bytes = much_bytes;
  peer.up.credits_made = 4 * MANY / 2;
  neighbours[1].credit_number = neighbours[2].credit_number = peer.up.credits_made;
  ck_assert_ptr_eq (first_of_three (60, 0, 0), &neighbours[1]);
  peer.up.credits_made++;
  ck_assert_ptr_eq (first_of_three (60, 0, 0), &neighbours[0]);
}
END_TEST

/* There may always be something rarer: after four rounds of credits a request is served all the same, as a whole, like a
 * rare one. Its age counts across the wrap of the number. */
START_TEST (no_request_waits_for_long)
{
  copies[3] = 3; /* of six: common */
  ShoalUpload old = { .to = &neighbours[0], .block = 3, .credit_number = 0u - (uint32_t)_i },
              rare = { .to = &neighbours[1], .block = 0 };
  peer.up.credits_made = rare.credit_number = old.credit_number + 4 * MANY / 2;
  ck_assert (shoal_precedence_serves (&rare, &old) && !shoal_precedence_serves (&old, &rare));
  ck_assert (shoal_precedence_is_urgent (&rare) && !shoal_precedence_is_urgent (&old));
  peer.up.credits_made++;
  ck_assert (shoal_precedence_serves (&old, &rare) && !shoal_precedence_serves (&rare, &old));
  ck_assert (shoal_precedence_is_urgent (&old));
}
END_TEST

static Suite *
order_suite (void)
{
  Suite *suite = suite_create ("precedence-order");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up_structs, tear_down_structs);
  tcase_add_test (tests, only_like_is_compared);
  tcase_add_test (tests, ties_are_broken);
  tcase_add_test (tests, the_rarest_is_served);
  tcase_add_loop_test (tests, one_comes_before_the_other, 1, 6);
  tcase_add_loop_test (tests, the_first_is_the_same_from_any_side, 1, 6);
  tcase_add_test (tests, least_and_nearly_least);
  tcase_add_test (tests, nobody_is_passed_over_for_long);
  tcase_add_loop_test (tests, no_request_waits_for_long, 0, 3);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (order_suite (), NULL);
}
