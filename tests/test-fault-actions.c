/* Faults in scenarios: what they say is read and written back, and the runner does it, on a backend without a
 * protocol. */
#include "scenarios/units.h"
#include "tests/harness.h"
#include "tests/playing.h"

#define AB                                                                                                   \
  "nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n"                                                \
  "- {name: B, actions: [{at: 2 s, download: F1}]}\n"

/* The calls after the nodes were added, from the first that contains this on. */
static const char *
calls_from (const char *what)
{
  const char *calls = fake_backend_calls (played.backend), *at = strstr (calls, what);
  ck_assert_msg (at != NULL, "no '%s' in:\n%s", what, calls);
  while (at > calls && at[-1] != '\n')
    at--;
  return at;
}

static void
check_calls (const char *from, const char *wanted)
{
  const char *calls = calls_from (from);
  ck_assert_msg (g_str_has_prefix (calls, wanted), "wanted:\n%s\ncalls:\n%s", wanted, calls);
}

static unsigned
count_calls (const char *what)
{
  unsigned count = 0;
  for (const char *at = fake_backend_calls (played.backend); (at = strstr (at, what)) != NULL; at++)
    count++;
  return count;
}

/* "B failed 2.000-2.250 (the node crashed)" */
static void
check_transfer (unsigned i, const char *wanted)
{
  ck_assert_uint_lt (i, played.row->transfers->len);
  const ShoalTransferRow *t = g_ptr_array_index (played.row->transfers, i);
  g_autofree char *text = g_strdup_printf (
      "%s %s %.3f-%.3f%s%s%s", t->node, t->status, (double)t->start_ns / 1e9, (double)t->end_ns / 1e9,
      t->reason ? " (" : "", t->reason ? t->reason : "", t->reason ? ")" : "");
  ck_assert_str_eq (text, wanted);
}

static bool
is_logged (const char *kind)
{
  for (unsigned i = 0; i < played.row->log->len; i++)
    if (strcmp (((const ShoalEventRow *)g_ptr_array_index (played.row->log, i))->kind, kind) == 0)
      return true;
  return false;
}

/* ---- what a scenario says ---- */

static const char ALL[] =
    "name: all\nfiles: [{name: F1, size: 80 KiB}]\ndefaults: {upload: 100 kB/s, download: 100 kB/s}\n"
    "network: {latency: 20 ms, jitter: 5 ms, loss: 1 %, duplication: 0.5 %, corruption: 0.0001 %, "
    "reordering: 2 %, reordering_delay: 30 ms}\n"
    "links:\n- {from: A, to: 'B, tracker', both_ways: true, latency: 80 ms}\n"
    "- {from: everybody, to: L, loss: 0}\n"
    "nodes:\n- {name: A, line: {latency: 5 ms, loss: 2 %}, actions: [{at: 1 s, register: F1}]}\n"
    "- {name: B, behaviour: free-rider, actions: [{on: 'join, return', after: 2 s, download: F1}]}\n"
    "- {name: C, behaviour: polluter of 10 %}\n- {name: D, behaviour: polluter}\n- {name: E, behaviour: "
    "liar}\n"
    "- {name: U, behaviour: understater}\n"
    "- {name: L, count: 3, behaviour: flooder, actions: [{at: 2 s, pick: 2, crash: true}]}\n"
    "actions:\n"
    "- {at: 5 s, every: 2 s, until: 9 s, nodes: 'B, L', pick: 10 %, close: true}\n"
    "- {at: 6 s, every: 2 s, nodes: L, return: true, keeping: 50 %}\n"
    "- {at: 6 s, nodes: A, return: true, keeping: nothing}\n"
    "- {at: 7 s, nodes: A, return: true}\n"
    "- {at: 1 s, nodes: A, rates: {upload: 10 kB/s, download: 20 kB/s, over: 10 s}}\n"
    "- {at: 1 s, nodes: B, rates: {trace: [{after: 0 s, upload: 1 kB/s}, {after: 2 s, download: 0}], "
    "repeat_every: 4 s}}\n"
    "- {when: B has F1, after: 1 s, network: {loss: 5 %}}\n"
    "- {at: 3 s, nodes: A, line: {jitter: 1 ms}}\n"
    "- {at: 3 s, link: {from: A, to: B, latency: 1 s}}\n"
    "- {at: 3 s, partition: ['A, B', rest, 'L1']}\n- {at: 4 s, heal: true}\n"
    "- {at: 3 s, tracker: stop}\n- {at: 4 s, tracker: restart}\n"
    "expect:\n- B fails F1 because the node crashed\n- A got <= 1 bad blocks of F1 from C\n"
    "- B got >= 50 % of F1 from A between 10 s and 20 s\n";

static ShoalScenario *
parse (const char *text)
{
  GError *error = NULL;
  ShoalScenario *scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  ck_assert_msg (scenario != NULL, "%s", error ? error->message : "no error");
  return scenario;
}

static const ShoalScenarioGroup *
group (const ShoalScenario *s, unsigned i)
{
  return &g_array_index (s->groups, ShoalScenarioGroup, i);
}

START_TEST (conditions_read)
{
  g_autoptr (ShoalScenario) s = parse (ALL);
  ck_assert_uint_eq (s->network.given, (1u << SHOAL_IMPAIRMENTS) - 1);
  ck_assert_int_eq (s->network.value[SHOAL_IMPAIR_LATENCY], 20 * SHOAL_MS);
  ck_assert_int_eq (s->network.value[SHOAL_IMPAIR_DUPLICATION], 5000);
  ck_assert_int_eq (s->network.value[SHOAL_IMPAIR_CORRUPTION], 1);
  ck_assert_int_eq (s->network.value[SHOAL_IMPAIR_HOLD], 30 * SHOAL_MS);
  ck_assert_uint_eq (s->links->len, 2);
  const ShoalScenarioLink *link = &g_array_index (s->links, ShoalScenarioLink, 0);
  ck_assert (link->both_ways);
  ck_assert_uint_eq (link->to->len, 2);
  ck_assert_uint_eq (g_array_index (link->to, unsigned, 1), SHOAL_TRACKER_INDEX);
  ck_assert_uint_eq (link->impairments.given, 1u << SHOAL_IMPAIR_LATENCY);
  link = &g_array_index (s->links, ShoalScenarioLink, 1);
  ck_assert_uint_eq (link->from->len, s->nodes->len + 1);
  ck_assert_uint_eq (link->impairments.given, 1u << SHOAL_IMPAIR_LOSS);
  ck_assert_int_eq (group (s, 0)->line.value[SHOAL_IMPAIR_LOSS], 20000);
  ck_assert_int_eq (group (s, 0)->behaviour, SHOAL_BEHAVIOUR_HONEST);
  ck_assert_int_eq (group (s, 1)->behaviour, SHOAL_BEHAVIOUR_FREE_RIDER);
  ck_assert_uint_eq (group (s, 2)->bad_millionths, 100000);
  ck_assert_uint_eq (group (s, 3)->bad_millionths, 1000000);
  ck_assert_int_eq (group (s, 4)->behaviour, SHOAL_BEHAVIOUR_LIAR);
  ck_assert_int_eq (group (s, 5)->behaviour, SHOAL_BEHAVIOUR_UNDERSTATER);
  ck_assert_int_eq (group (s, 6)->behaviour, SHOAL_BEHAVIOUR_FLOODER);
}
END_TEST

START_TEST (actions_read)
{
  g_autoptr (ShoalScenario) s = parse (ALL);
  ck_assert_uint_eq (shoal_scenario_action (s, 1)->on, SHOAL_ON_JOIN | SHOAL_ON_RETURN);
  ck_assert_int_eq (shoal_scenario_action (s, 1)->after_ns, 2 * SHOAL_SECOND);
  ck_assert_uint_eq (shoal_scenario_action (s, 2)->pick, 2);
  const ShoalAction *a = shoal_scenario_action (s, 3);
  ck_assert_int_eq (a->every_ns, 2 * SHOAL_SECOND);
  ck_assert_int_eq (a->until_ns, 9 * SHOAL_SECOND);
  ck_assert_int_eq (a->pick_share_millionths, 100000);
  ck_assert_int_eq (shoal_scenario_action (s, 4)->until_ns, SHOAL_NEVER);
  ck_assert_int_eq (shoal_scenario_action (s, 4)->kept_millionths, 500000);
  ck_assert_int_eq (shoal_scenario_action (s, 5)->kept_millionths, 0);
  ck_assert_int_eq (shoal_scenario_action (s, 6)->kept_millionths, SHOAL_ONE);
  ck_assert_int_eq (shoal_scenario_action (s, 7)->over_ns, 10 * SHOAL_SECOND);
  a = shoal_scenario_action (s, 8);
  ck_assert_uint_eq (a->trace->len, 2);
  ck_assert (!g_array_index (a->trace, ShoalRatePoint, 1).has_upload);
  ck_assert_int_eq (g_array_index (a->trace, ShoalRatePoint, 1).after_ns, 2 * SHOAL_SECOND);
  ck_assert_int_eq (a->repeat_ns, 4 * SHOAL_SECOND);
  a = shoal_scenario_action (s, 12);
  ck_assert_uint_eq (a->sides->len, 3);
  const GArray *rest = g_array_index (a->sides, ShoalScenarioSide, 1).nodes;
  ck_assert_uint_eq (rest->len, 7); /* C, D, E, U, L2, L3, the tracker */
  ck_assert (shoal_index_in (rest, SHOAL_TRACKER_INDEX));
  ck_assert (shoal_scenario_action (s, 14)->stops);
  ck_assert (!shoal_scenario_action (s, 15)->stops);
}
END_TEST

START_TEST (written_back)
{
  g_autoptr (ShoalScenario) s = parse (ALL);
  g_autofree char *text = shoal_scenario_resolve (s, NULL);
  g_autoptr (ShoalScenario) again = parse (text);
  g_autofree char *twice = shoal_scenario_resolve (again, NULL);
  ck_assert_str_eq (text, twice);
  ck_assert_uint_eq (again->actions->len, s->actions->len);
  for (unsigned i = 0; i < s->actions->len; i++)
    {
      const ShoalAction *a = shoal_scenario_action (s, i), *b = shoal_scenario_action (again, i);
      ck_assert_int_eq (a->kind, b->kind);
      ck_assert_int_eq (a->every_ns, b->every_ns);
      ck_assert_int_eq (a->until_ns, b->until_ns);
      ck_assert_int_eq (a->after_ns, b->after_ns);
      ck_assert_int_eq (a->pick_share_millionths, b->pick_share_millionths);
      ck_assert_int_eq (a->kept_millionths, b->kept_millionths);
      ck_assert_mem_eq (&a->impairments, &b->impairments, sizeof a->impairments);
      ck_assert_uint_eq (a->on, b->on);
      ck_assert_uint_eq (a->pick, b->pick);
    }
  ck_assert_mem_eq (&s->network, &again->network, sizeof s->network);
  ck_assert_uint_eq (group (again, 2)->bad_millionths, 100000);
}
END_TEST

/* ---- crash and return ---- */

START_TEST (crash)
{
  play (AB "actions: [{at: 2250 ms, nodes: B, crash: true}, {at: 3 s, nodes: B, download: F1}]\n",
        SHOAL_MODEL_P2P);
  check_transfer (0, "B failed 2.000-2.250 (the node crashed)");
  check_transfer (1, "B failed 3.000-3.000 (the node had crashed)");
  const ShoalTransferRow *t = g_ptr_array_index (played.row->transfers, 0);
  ck_assert_uint_eq (t->bytes, 32768);
  ck_assert_uint_eq (t->sources->len, 1); /* asked before the machine forgot */
  check_calls ("crash", "2.250 crash B\n");
  ck_assert (is_logged ("crash") && is_logged ("download-refused"));
  ck_assert (!played.row->completed);
}
END_TEST

/* Who had all of a file offers it again; who had a part begins a download that makes use of it. */
START_TEST (returns)
{
  play (
      AB
      "- {name: C, actions: [{at: 2 s, download: F1}, {at: 2250 ms, crash: true}, {at: 4 s, return: true},\n"
      "                      {on: return, download: F1}]}\n"
      "actions:\n- {at: 3 s, nodes: 'A, B', crash: true}\n- {at: 5 s, nodes: B, return: true}\n"
      "- {when: B has F1, after: 3 s, nodes: B, close: true}\n",
      SHOAL_MODEL_P2P);
  check_calls ("3.000 crash A",
               "3.000 crash A\n3.000 crash B\n4.000 restart C 1000000\n4.000 rates C 100000/100000\n"
               "4.000 download C F1 from tracker\n5.000 restart B 1000000\n"
               "5.000 rates B 100000/100000\n5.000 register B F1\n5.500 close B\n");
  check_transfer (0, "B done 2.000-2.500");
  check_transfer (1, "C failed 2.000-2.250 (the node crashed)");
  check_transfer (2, "C done 4.000-5.500");
  ck_assert (played.row->completed);
  ck_assert_uint_eq (played.row->leechers, 2);
  ck_assert_int_eq (played.row->makespan_ns, 3500 * SHOAL_MS);
  ck_assert_int_eq (played.row->mean_ns, 1000 * SHOAL_MS); /* of what went well */
  ck_assert (is_logged ("return"));
}
END_TEST

/* With less than all, what was whole is so no more, and is downloaded again; who comes back with all of it does
 * not try. */
START_TEST (returns_with_a_share)
{
  play ("nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n"
        "- {name: B, count: 2, actions: [{at: 2 s, download: F1}, {on: return, download: F1}]}\n"
        "actions:\n- {at: 3 s, nodes: B, close: true}\n- {at: 4 s, nodes: B1, return: true, keeping: 50 %}\n"
        "- {at: 5 s, nodes: B2, return: true}\n",
        SHOAL_MODEL_P2P);
  ck_assert_uint_eq (count_calls ("restart B1 500000"), 1);
  ck_assert_uint_eq (count_calls ("register B1"), 0);
  ck_assert_uint_eq (count_calls ("register B2"), 1);
  ck_assert_uint_eq (count_calls ("download B1"), 2);
  ck_assert_uint_eq (count_calls ("download B2"), 2); /* the second is refused: it is being registered */
}
END_TEST

/* What is not there cannot crash, and what is there cannot return; farewells that will not come are not waited
 * for. */
START_TEST (out_of_turn)
{
  played.fake.never_closes = true;
  play (AB "- {name: C, join: 4 s}\n"
           "actions:\n- {at: 1 s, nodes: B, return: true}\n- {at: 3 s, nodes: B, close: true}\n"
           "- {at: 3 s, nodes: B, crash: true}\n- {at: 4 s, nodes: B, return: true}\n"
           "- {at: 5 s, nodes: C, crash: true}\n- {at: 6 s, nodes: C, crash: true}\n",
        SHOAL_MODEL_P2P);
  ck_assert_uint_eq (count_calls ("restart"), 1);
  ck_assert_uint_eq (count_calls ("crash B"), 0);
  ck_assert_uint_eq (count_calls ("crash C"), 1);
  ck_assert (is_logged ("return-refused") && is_logged ("crash-refused"));
  ck_assert_int_eq (played.backend->ops->now (played.backend), 6 * SHOAL_SECOND);
  play ("nodes: [{name: A, actions: [{at: 1 s, register: F1}, {at: 1 s, crash: true}]}]\n", SHOAL_MODEL_P2P);
  ck_assert_int_eq (played.backend->ops->now (played.backend), 1 * SHOAL_SECOND);
}
END_TEST

START_TEST (tracker_stops)
{
  static const char text[] = AB "actions: [{at: 1 s, tracker: stop}, {at: 2 s, tracker: stop},\n"
                                "          {when: B has F1, tracker: restart}]\n";
  play (text, SHOAL_MODEL_P2P);
  check_calls ("crash", "1.000 crash tracker\n2.000 download B F1 from tracker\n2.500 restart tracker 0\n");
  ck_assert_uint_eq (count_calls ("crash"), 1);
  ck_assert (is_logged ("tracker-stop") && is_logged ("tracker-restart"));
  play (text, SHOAL_MODEL_SERVER_CLIENT); /* it has none */
  ck_assert_uint_eq (count_calls ("crash"), 0);
}
END_TEST

/* ---- who and when ---- */

START_TEST (again_and_again)
{
  play (AB "- {name: L, count: 10, actions: [{on: return, download: F1}]}\n"
           "actions:\n- {at: 3 s, every: 2 s, until: 8 s, nodes: L, pick: 20 %, crash: true}\n"
           "- {at: 4 s, every: 2 s, until: 8 s, nodes: L, pick: 3, return: true, keeping: nothing}\n",
        SHOAL_MODEL_P2P);
  ck_assert_uint_eq (count_calls ("3.000 crash L"), 2);
  ck_assert_uint_eq (count_calls ("5.000 crash L"), 2);
  ck_assert_uint_eq (count_calls ("7.000 crash L"), 2);
  ck_assert_uint_eq (count_calls ("crash L"), 6);
  ck_assert_uint_eq (count_calls ("restart L"), 6); /* all who are away, when they are fewer than three */
  ck_assert_uint_eq (count_calls ("download L"), 6);
  ck_assert_uint_eq (played.row->transfers->len, 7);
}
END_TEST

static char *
crashes_with_seed (uint64_t seed)
{
  played.options.seed = seed;
  play ("nodes: [{name: L, count: 50}]\nactions: [{at: 1 s, nodes: L, pick: 10 %, crash: true}]\n",
        SHOAL_MODEL_P2P);
  ck_assert_uint_eq (count_calls ("crash"), 5);
  return g_strdup (calls_from ("crash"));
}

START_TEST (picked_by_the_seed)
{
  g_autofree char *first = crashes_with_seed (1), *again = crashes_with_seed (1),
                  *other = crashes_with_seed (2);
  ck_assert_str_eq (first, again);
  ck_assert_str_ne (first, other);
}
END_TEST

/* What goes on for ever does not keep a run from ending. */
START_TEST (no_end)
{
  play (AB "actions:\n- {at: 1 s, every: 1 s, nodes: A, rates: {upload: 5 kB/s}}\n"
           "- {at: 0, nodes: B, rates: {trace: [{after: 0, upload: 1 kB/s}], repeat_every: 1 s}}\n",
        SHOAL_MODEL_P2P);
  check_transfer (0, "B done 2.000-2.500");
  ck_assert_uint_eq (count_calls ("rates A"), 2);
  ck_assert_uint_eq (count_calls ("rates B"), 3);
}
END_TEST

/* Each when it joins, not all when one does; who has gone by then fails. */
START_TEST (on_join)
{
  play ("nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n"
        "- {name: L, count: 2, actions: [{on: join, after: 1 s, download: F1}]}\n"
        "- {name: M, join: 5 s, actions: [{on: join, download: F1}]}\n"
        "actions: [{at: 1500 ms, nodes: L1, join: true}, {at: 2 s, nodes: L1, crash: true}]\n",
        SHOAL_MODEL_P2P);
  check_transfer (0, "L2 done 1.000-1.500");
  check_transfer (1, "L1 failed 2.500-2.500 (the node had crashed)");
  check_transfer (2, "M done 5.000-5.500");
  play ("nodes: [{name: L, count: 3, actions: [{on: join, after: 1 s, rates: {upload: 1 kB/s}}]}]\n",
        SHOAL_MODEL_P2P);
  check_calls ("1.000",
               "1.000 rates L1 1000/100000\n1.000 rates L2 1000/100000\n1.000 rates L3 1000/100000\n");
}
END_TEST

/* Who never joins is not waited for. */
START_TEST (spare)
{
  play (AB "- {name: S, count: 4, actions: [{on: join, download: F1}]}\n"
           "actions: [{at: 3 s, nodes: S, pick: 1, join: true}]\n"
           "expect: [everybody completes]\n",
        SHOAL_MODEL_P2P);
  ck_assert_uint_eq (played.row->transfers->len, 2);
  ck_assert (played.row->completed);
}
END_TEST

/* ---- rates ---- */

static const char STAIR[] = "3.100 rates A 90000/100000\n3.200 rates A 80000/100000\n"
                            "3.300 rates A 70000/100000\n3.400 rates A 60000/100000\n"
                            "3.500 rates A 50000/100000\n";

START_TEST (ramps)
{
  play (AB "- {name: C, actions: [{at: 9 s, register: F1}]}\n"
           "actions: [{at: 3 s, nodes: A, rates: {upload: 50 kB/s, over: 500 ms}},\n"
           "          {at: 5 s, nodes: A, rates: {upload: 100 kB/s, over: 400 ms}},\n"
           "          {at: 5250 ms, nodes: A, rates: {download: 7 kB/s}}]\n",
        SHOAL_MODEL_P2P);
  check_calls ("3.100", STAIR);
  check_calls ("5.100", "5.100 rates A 62500/100000\n5.200 rates A 75000/100000\n5.250 rates A 75000/7000\n"
                        "9.000 register C");
}
END_TEST

START_TEST (trace)
{
  play (AB "- {name: C, actions: [{at: 9 s, register: F1}]}\n"
           "actions: [{at: 3 s, nodes: A, rates: {trace: [{after: 500 ms, upload: 1 kB/s}, {after: 1 s, "
           "download: 2 kB/s}],\n"
           "                                      repeat_every: 2 s}},\n"
           "          {at: 4500 ms, nodes: A, crash: true}, {at: 6 s, nodes: A, return: true},\n"
           "          {at: 7400 ms, nodes: A, rates: {upload: 0}}]\n",
        SHOAL_MODEL_P2P);
  check_calls ("3.500", "3.500 rates A 1000/100000\n4.000 rates A 1000/2000\n4.500 crash A\n"
                        "6.000 restart A 1000000\n6.000 rates A 1000/2000\n6.000 register A F1\n"
                        "7.400 rates A 0/2000\n9.000 register C F1\n");
}
END_TEST

/* ---- network ---- */

START_TEST (network)
{
  play ("network: {latency: 20 ms, loss: 1 %}\nlinks: [{from: A, to: B, both_ways: true, latency: 5 ms}]\n" AB
        "- {name: C, line: {jitter: 2 ms}}\n- {name: D, behaviour: polluter of 10 %}\n"
        "actions: [{at: 3 s, network: {loss: 0}}, {at: 4 s, nodes: 'A, C', line: {latency: 3 ms}},\n"
        "          {at: 5 s, link: {from: everybody, to: tracker, loss: 50 %}}]\n",
        SHOAL_MODEL_P2P);
  check_calls ("D behaves", "0.000 D behaves 2 100000\n0.000 network latency 20000000 loss 10000\n"
                            "0.000 link A > B latency 5000000\n0.000 link B > A latency 5000000\n"
                            "0.000 line C jitter 2000000\n0.000 start A\n");
  check_calls ("3.000", "3.000 network loss 0\n4.000 line A latency 3000000\n4.000 line C latency 3000000\n"
                        "5.000 link A B C D tracker > tracker loss 500000\n");
  ck_assert (is_logged ("network") && is_logged ("line") && is_logged ("link"));
}
END_TEST

/* In the server-client model nobody misbehaves, and there is no tracker to lose datagrams to. */
START_TEST (network_of_servers)
{
  play ("network: {latency: 20 ms}\nlinks: [{from: A, to: tracker, loss: 1 %}, {from: A, to: 'tracker, B', "
        "loss: 2 %}]\n" AB "- {name: D, behaviour: liar}\nactions: [{at: 1 s, partition: [A, rest]}]\n",
        SHOAL_MODEL_SERVER_CLIENT);
  ck_assert_uint_eq (count_calls ("behaves"), 0);
  ck_assert_uint_eq (count_calls ("link"), 1);
  check_calls ("link", "0.000 link A > B loss 20000\n");
  check_calls ("1.000 sides", "1.000 sides end\n1.000 side A 1\n1.000 side B 2\n1.000 side D 2\n");
}
END_TEST

START_TEST (partitions)
{
  play (AB "- {name: C}\nactions: [{at: 3 s, partition: [A, 'B, tracker']}, {at: 4 s, partition: [C, rest]}, "
           "{at: 5 s, heal: true}]\n",
        SHOAL_MODEL_P2P);
  check_calls ("3.000", "3.000 sides end\n3.000 side A 1\n3.000 side B 2\n3.000 side tracker 2\n"
                        "4.000 sides end\n4.000 side C 1\n4.000 side A 2\n4.000 side B 2\n"
                        "4.000 side tracker 2\n5.000 sides end\n");
  ck_assert (is_logged ("partition") && is_logged ("heal"));
}
END_TEST

/* A backend that cannot do it says so before it begins. */
START_TEST (infallible)
{
  static const char *const texts[] = {
    "network: {loss: 1 %}\n" AB,
    "links: [{from: A, to: B, loss: 1 %}]\n" AB,
    AB "- {name: C, line: {loss: 1 %}}\n",
    AB "actions: [{at: 1 s, nodes: A, crash: true}]\n",
    AB "actions: [{at: 1 s, nodes: A, return: true}]\n",
    AB "actions: [{at: 1 s, nodes: A, line: {loss: 1 %}}]\n",
    AB "actions: [{at: 1 s, network: {loss: 1 %}}]\n",
    AB "actions: [{at: 1 s, link: {from: A, to: B, loss: 1 %}}]\n",
    AB "actions: [{at: 1 s, partition: [A, rest]}]\n",
    AB "actions: [{at: 1 s, heal: true}]\n",
    AB "actions: [{at: 1 s, tracker: stop}]\n",
  };
  GError *error = NULL;
  played.fake.infallible = true;
  play_or_fail (texts[_i], SHOAL_MODEL_P2P, &error);
  ck_assert_ptr_null (played.row);
  ck_assert (g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_BACKEND));
  ck_assert_ptr_nonnull (strstr (error->message, "cannot be had in the fake world; play it in virtual time"));
  g_error_free (error);
}
END_TEST

static Suite *
fault_actions_suite (void)
{
  Suite *suite = suite_create ("fault-actions");
  TCase *said = tcase_create ("said"), *done = tcase_create ("done");
  tcase_add_test (said, conditions_read);
  tcase_add_test (said, actions_read);
  tcase_add_test (said, written_back);
  tcase_add_checked_fixture (done, play_set_up, play_forget);
  tcase_add_test (done, crash);
  tcase_add_test (done, returns);
  tcase_add_test (done, returns_with_a_share);
  tcase_add_test (done, out_of_turn);
  tcase_add_test (done, tracker_stops);
  tcase_add_test (done, again_and_again);
  tcase_add_test (done, picked_by_the_seed);
  tcase_add_test (done, no_end);
  tcase_add_test (done, on_join);
  tcase_add_test (done, spare);
  tcase_add_test (done, ramps);
  tcase_add_test (done, trace);
  tcase_add_test (done, network);
  tcase_add_test (done, network_of_servers);
  tcase_add_test (done, partitions);
  tcase_add_loop_test (done, infallible, 0, 11);
  suite_add_tcase (suite, said);
  suite_add_tcase (suite, done);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (fault_actions_suite (), NULL);
}
