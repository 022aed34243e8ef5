/* The runner on a backend without a protocol: a download gets a block every 0.1 s. */
#include "scenarios/expect.h"
#include "scenarios/run.h"
#include "tests/fake-backend.h"
#include "tests/harness.h"

/* 5 blocks: 0.5 s; 2 blocks: 0.2 s; none; 1 block. */
#define HEAD                                                                                                 \
  "name: test\nfiles: [{name: F1, size: 80 KiB}, {name: F2, size: 20 kB}, {name: none, size: 0}]\n"          \
  "defaults: {upload: 100 kB/s, download: 100 kB/s}\n"

static ShoalScenario *scenario;
static ShoalBackend *backend;
static ShoalRunRow *row;
static FakeOptions fake;
static ShoalRunOptions options;
/* What progress was told, and a wish to break off. */
static ShoalProgress last;
static unsigned reports;
static gint stop_now;

static void
set_up (void)
{
  fake = (FakeOptions){ 0 };
  last = (ShoalProgress){ 0 };
  reports = 0;
  stop_now = 0;
  options = (ShoalRunOptions){ .virtual_content = true, .detail = SHOAL_LOG_NORMAL };
}

static void
forget (void)
{
  g_clear_pointer (&row, shoal_run_row_free);
  if (backend != NULL)
    backend->ops->free (backend);
  backend = NULL;
  g_clear_pointer (&scenario, shoal_scenario_free);
}

/* Plays HEAD and this; the result is in row, which is NULL on error. */
static void
try_play (const char *rest, ShoalModel model, GError **error)
{
  GError *own = NULL;
  g_autofree char *text = g_strconcat (HEAD, rest, NULL);
  forget ();
  scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &own);
  ck_assert_msg (scenario != NULL, "%s", own ? own->message : "");
  ck_assert (shoal_scenario_prepare (scenario, NULL));
  backend = fake_backend_new (&fake);
  row = shoal_scenario_run (scenario, model, backend, &options, error);
  ck_assert_ptr_null (backend->on_event);
}

static void
play (const char *rest, ShoalModel model)
{
  GError *error = NULL;
  try_play (rest, model, &error);
  ck_assert_msg (row != NULL, "%s", error ? error->message : "");
}

/* The calls after the nodes were added, so that tests need not repeat these. */
static const char *
actions_called (void)
{
  const char *calls = fake_backend_calls (backend), *add;
  while ((add = strstr (calls, " add ")) != NULL)
    calls = strchr (add, '\n') + 1;
  return calls;
}

static const ShoalTransferRow *
transfer (unsigned i)
{
  ck_assert_uint_lt (i, row->transfers->len);
  return g_ptr_array_index (row->transfers, i);
}

/* "B F1 done 2.000-2.500 A:81920": what a transfer came to. */
static void
check_transfer (unsigned i, const char *wanted)
{
  const ShoalTransferRow *t = transfer (i);
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_printf (text, "%s %s %s", t->node, t->file, t->status);
  if (t->start_ns != SHOAL_ROW_NO_TIME)
    g_string_append_printf (text, " %.3f-", (double)t->start_ns / 1e9);
  if (t->end_ns != SHOAL_ROW_NO_TIME)
    g_string_append_printf (text, "%.3f", (double)t->end_ns / 1e9);
  for (unsigned k = 0; k < t->sources->len; k++)
    {
      const ShoalSourceRow *source = g_ptr_array_index (t->sources, k);
      g_string_append_printf (text, " %s:%" G_GUINT64_FORMAT, source->node, source->bytes);
    }
  if (t->reason != NULL)
    g_string_append_printf (text, " (%s)", t->reason);
  ck_assert_str_eq (text->str, wanted);
}

static char *
log_text (void)
{
  GString *text = g_string_new (NULL);
  for (unsigned i = 0; i < row->log->len; i++)
    {
      const ShoalEventRow *e = g_ptr_array_index (row->log, i);
      const ShoalNodeRow *node = g_ptr_array_index (row->nodes, e->node);
      g_string_append_printf (text, "%.3f %s %s", (double)e->at_ns / 1e9, node->name, e->kind);
      if (e->peer >= 0)
        g_string_append_printf (text, " %s", ((ShoalNodeRow *)g_ptr_array_index (row->nodes, e->peer))->name);
      g_string_append_printf (text, " %s %" G_GUINT64_FORMAT "\n", e->file ? e->file : "-", e->value);
    }
  return g_string_free (text, FALSE);
}

static const char SIMPLE[] = "nodes:\n"
                             "- {name: A, actions: [{at: 1 s, register: F1}, {when: B has F1, cancel: F1}]}\n"
                             "- {name: B, join: 500 ms, actions: [{at: 2 s, download: F1}]}\n"
                             "- name: C\n"
                             "  actions:\n"
                             "  - {when: B has F1, after: 1 s, join: true}\n"
                             "  - {when: B has F1, after: 1500 ms, download: F1}\n"
                             "expect: [everybody completes in both models, C got all of F1 from A]\n";

START_TEST (order_of_actions)
{
  play (SIMPLE, SHOAL_MODEL_P2P);
  ck_assert_str_eq (fake_backend_calls (backend), "0.000 add tracker tracker 10000/10000 tracker -1 fair\n"
                                                  "0.000 start tracker\n"
                                                  "0.000 add peer A 100000/100000 tracker 0 fair\n"
                                                  "0.000 add peer B 100000/100000 tracker 0 fair\n"
                                                  "0.000 add peer C 100000/100000 tracker 0 fair\n"
                                                  "0.000 start A\n"
                                                  "0.500 start B\n"
                                                  "1.000 register A F1\n"
                                                  "2.000 download B F1 from tracker\n"
                                                  "2.500 cancel A F1\n"
                                                  "3.500 start C\n"
                                                  "4.000 download C F1 from tracker\n");
}
END_TEST

START_TEST (row_of_a_run)
{
  options.seed = 42;
  options.program_version = "1.2.3";
  play (SIMPLE, SHOAL_MODEL_P2P);
  check_transfer (0, "B F1 done 2.000-2.500 A:81920");
  check_transfer (1, "C F1 done 4.000-4.500 B:81920");
  ck_assert_int_eq (transfer (0)->first_byte_ns, 2100 * SHOAL_MS);
  ck_assert_uint_eq (transfer (0)->bytes, 81920);
  ck_assert_uint_eq (strlen (transfer (0)->fid), SHOAL_FID_HEX_LENGTH);
  ck_assert_str_eq (row->scenario, "test");
  ck_assert_str_eq (row->backend, "fake");
  ck_assert_str_eq (row->model, "p2p");
  ck_assert_str_eq (row->program_version, "1.2.3");
  ck_assert_uint_eq (row->seed, 42);
  ck_assert (row->completed);
  ck_assert_int_eq (row->makespan_ns, 2500 * SHOAL_MS);
  ck_assert_int_eq (row->mean_ns, 500 * SHOAL_MS);
  ck_assert_int_eq (row->bound_ns, 819200000);
  ck_assert_uint_eq (row->leechers, 2);
  ck_assert_uint_eq (row->blocks, 10);
  ck_assert_uint_gt (row->events, 0);
  ck_assert_uint_eq (strlen (row->trace_sha256), 64);
  ck_assert_uint_gt (row->max_rss_bytes, 0);
  ck_assert_int_gt (row->started_unix_s, 0);
  g_autofree char *resolved = shoal_scenario_resolve (scenario);
  ck_assert_str_eq (row->resolved, resolved);
}
END_TEST

START_TEST (nodes_and_samples)
{
  play (SIMPLE, SHOAL_MODEL_P2P);
  ck_assert_uint_eq (row->nodes->len, 4);
  const ShoalNodeRow *tracker = g_ptr_array_index (row->nodes, 0), *a = g_ptr_array_index (row->nodes, 1);
  ck_assert_str_eq (tracker->role, "tracker");
  ck_assert_uint_eq (tracker->upload_bytes_per_s, 10000);
  ck_assert_str_eq (a->name, "A");
  ck_assert_str_eq (a->role, "peer");
  ck_assert_uint_eq (a->sent_bytes, 81920 + 50);
  ck_assert_uint_eq (a->payload_sent_bytes, 81920);
  ck_assert_uint_eq (row->samples->len, 1);
  const ShoalSampleRow *sample = g_ptr_array_index (row->samples, 0);
  ck_assert_uint_eq (sample->node, 1);
  ck_assert_int_eq (sample->start_ns, SHOAL_SECOND);
  ck_assert_uint_eq (sample->received_bytes, 8);
}
END_TEST

START_TEST (log_of_a_run)
{
  play (SIMPLE, SHOAL_MODEL_P2P);
  g_autofree char *text = log_text ();
  ck_assert_str_eq (text, "0.000 A join - 0\n"
                          "0.500 B join - 0\n"
                          "1.000 A registered F1 0\n"
                          "2.000 B download-started F1 0\n"
                          "2.100 B first-byte A F1 0\n"
                          "2.500 B download-done F1 0\n"
                          "2.500 A cancelled F1 0\n"
                          "3.500 C join - 0\n"
                          "4.000 C download-started F1 0\n"
                          "4.100 C first-byte B F1 0\n"
                          "4.500 C download-done F1 0\n");
}
END_TEST

START_TEST (detail_of_a_log)
{
  static const char *const kinds[] = { "choked",         "unchoked",  "neighbour-up",
                                       "neighbour-down", "choked-by", "unchoked-by" };
  static const unsigned wanted[] = {
    [SHOAL_LOG_SPARSE] = 0, [SHOAL_LOG_NORMAL] = 2, [SHOAL_LOG_NEIGHBOURS] = 6
  };
  fake.gossips = true;
  options.detail = (ShoalLogDetail)_i;
  play (SIMPLE, SHOAL_MODEL_P2P);
  g_autofree char *text = log_text ();
  for (unsigned i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *line = g_strdup_printf ("2.000 B %s A F1 0\n", kinds[i]);
      ck_assert_msg ((strstr (text, line) != NULL) == (i < wanted[_i]), "%s", line);
    }
}
END_TEST

/* The backend's clock need not begin at 0; rows' times do. */
START_TEST (another_origin)
{
  fake.origin = 123456 * SHOAL_SECOND + 789;
  play (SIMPLE, SHOAL_MODEL_P2P);
  check_transfer (1, "C F1 done 4.000-4.500 B:81920");
  ck_assert_int_eq (((ShoalSampleRow *)g_ptr_array_index (row->samples, 0))->start_ns, SHOAL_SECOND);
}
END_TEST

/* --- the server-client model ------------------------------------------------------------------ */

START_TEST (traditional)
{
  play (SIMPLE, SHOAL_MODEL_SERVER_CLIENT);
  ck_assert_str_eq (fake_backend_calls (backend), "0.000 add server A 100000/100000 tracker -1 fifo\n"
                                                  "0.000 add client B 100000/100000 tracker -1 fifo\n"
                                                  "0.000 add client C 100000/100000 tracker -1 fifo\n"
                                                  "0.000 start A\n"
                                                  "0.500 start B\n"
                                                  "1.000 register A F1\n"
                                                  "2.000 download B F1 from A\n"
                                                  "3.500 start C\n"
                                                  "4.000 download C F1 from A\n"); /* no cancel */
  check_transfer (1, "C F1 done 4.000-4.500 A:81920");
  ck_assert_str_eq (row->model, "server-client");
  ck_assert_uint_eq (row->expectations->len, 1);
}
END_TEST

START_TEST (several_servers)
{
  play (
      "server_client: {service: fair}\nnodes:\n"
      "- {name: A, actions: [{at: 2 s, register: F1}, {at: 3 s, download: F2}, {at: 30 s, close: true}]}\n"
      "- {name: B, actions: [{at: 1 s, register: 'F1, F2'}]}\n"
      "- {name: C, actions: [{at: 3 s, download: F1}, {at: 9 s, close: true}, {at: 4 s, download: none}]}\n",
      SHOAL_MODEL_SERVER_CLIENT);
  ck_assert_ptr_nonnull (
      strstr (fake_backend_calls (backend), "add server A 100000/100000 tracker -1 fair\n"));
  ck_assert_ptr_nonnull (strstr (fake_backend_calls (backend), "add client C"));
  ck_assert_str_eq (actions_called (), "0.000 start A\n0.000 start B\n0.000 start C\n"
                                       "1.000 register B F1\n1.000 register B F2\n"
                                       "2.000 register A F1\n"
                                       "3.000 download A F2 from B\n"
                                       "3.000 download C F1 from B\n" /* B was the first */
                                       "9.000 close C\n");            /* a client may leave */
  check_transfer (2, "C none failed 4.000-4.000 (no server registers the file)");
  ck_assert (!row->completed);
}
END_TEST

/* --- conditions ------------------------------------------------------------------------------- */

/* When the action of W (a change of its rate) happens, in ms; -1: never. */
static int
fires_at (const char *when, const char *nodes)
{
  g_autofree char *text =
      g_strdup_printf ("%s- {name: W, actions: [{when: %s, rates: {upload: 1 kB/s}}]}\n", nodes, when);
  play (text, SHOAL_MODEL_P2P);
  const char *calls = fake_backend_calls (backend), *rates = strstr (calls, " rates W");
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
      fake.done_before_block = late;
      int at = fires_at (whens[_i].when, whens[_i].nodes);
      ck_assert_msg (at == whens[_i].at_ms, "'%s' at %d ms\n%s", whens[_i].when, at,
                     fake_backend_calls (backend));
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

/* Actions that one condition lets happen do so in the order of the document, and see each other. */
START_TEST (chains)
{
  play ("nodes:\n"
        "- {name: A, actions: [{at: 1 s, register: F1}]}\n"
        "- name: B\n"
        "  actions:\n"
        "  - {when: A has F1, download: F1}\n"
        "  - {when: B has F1, cancel: F1}\n"
        "  - {when: B has F1, register: F2}\n"
        "  - {when: B has F2, after: 1 s, close: true}\n"
        "actions: [{at: 1 s, nodes: A, rates: {download: 5 kB/s}}]\n",
        SHOAL_MODEL_P2P);
  ck_assert_str_eq (actions_called (), "0.000 start A\n0.000 start B\n"
                                       "1.000 register A F1\n1.000 rates A 100000/5000\n"
                                       "1.000 download B F1 from tracker\n"
                                       "1.500 cancel B F1\n1.500 register B F2\n"
                                       "2.500 close B\n");
}
END_TEST

/* --- how runs end ----------------------------------------------------------------------------- */

START_TEST (time_limit)
{
  play ("time_limit: 2300 ms\nnodes:\n"
        "- {name: A, actions: [{at: 1 s, register: F1}]}\n"
        "- {name: B, actions: [{at: 2 s, download: F1}, {when: B has F1, download: F2}]}\n"
        "- {name: C, actions: [{at: 5 s, download: F1}]}\n",
        SHOAL_MODEL_P2P);
  check_transfer (
      0, "B F1 unfinished 2.000- A:49152 (the time limit of the run (2.3 s) passed with 49152 of 81920 "
         "bytes)");
  check_transfer (
      1, "B F2 unfinished (the time limit of the run (2.3 s) passed while it waited for 'B has F1')");
  check_transfer (2, "C F1 unfinished (the time limit of the run (2.3 s) passed before it began)");
  ck_assert_uint_eq (transfer (0)->bytes, 49152);
  ck_assert_int_eq (row->makespan_ns, SHOAL_ROW_NO_TIME);
  ck_assert_int_eq (row->mean_ns, SHOAL_ROW_NO_TIME);
  ck_assert (!row->completed);
}
END_TEST

START_TEST (nothing_more)
{
  fake.forgets_time = _i;
  play ("nodes:\n- {name: B, actions: [{at: 2 s, download: F1}]}\n- {name: C, join: 9 s}\n", SHOAL_MODEL_P2P);
  check_transfer (0, "B F1 unfinished 2.000- (nothing more could happen with 0 of 81920 bytes)");
  const char *end = strrchr (fake_backend_calls (backend), ' ');
  ck_assert_str_eq (end, " C\n"); /* it did join */
}
END_TEST

START_TEST (never_begun)
{
  play ("nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n"
        "- {name: B, actions: [{at: 2 s, download: F1}, {when: A has F2, download: F2}]}\n",
        SHOAL_MODEL_P2P);
  check_transfer (0, "B F1 done 2.000-2.500 A:81920");
  check_transfer (1, "B F2 unfinished (nothing more could happen while it waited for 'A has F2')");
  ck_assert_int_eq (transfer (1)->start_ns, SHOAL_ROW_NO_TIME);
}
END_TEST

START_TEST (own_time_limit)
{
  play ("nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n"
        "- {name: B, actions: [{at: 2 s, download: F1, time_limit: 250 ms}, {at: 2 s, download: F2, "
        "time_limit: 3 s}]}\n",
        SHOAL_MODEL_P2P);
  check_transfer (0, "B F1 failed 2.000-2.250 A:32768 (time limit passed; part of the file was got)");
  check_transfer (1, "B F2 failed 2.000-5.000 (time limit passed; no holder was reached)");
}
END_TEST

START_TEST (cancelled_download)
{
  play (
      "nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n"
      "- {name: B, actions: [{at: 2 s, download: F1}, {at: 2250 ms, cancel: F1}, {at: 4 s, download: F1}]}\n",
      SHOAL_MODEL_P2P);
  ck_assert_str_eq (transfer (0)->status, "cancelled");
  ck_assert_uint_eq (transfer (0)->bytes, 32768);
  ck_assert_uint_eq (transfer (0)->sources->len, 1); /* asked before the machine forgot */
  check_transfer (1, "B F1 done 4.000-4.500 A:81920");
  ck_assert_int_eq (row->makespan_ns, SHOAL_ROW_NO_TIME);
}
END_TEST

START_TEST (closed_download)
{
  play ("nodes:\n- {name: A, actions: [{at: 1 s, register: F1}]}\n"
        "- {name: B, actions: [{at: 2 s, download: F1}, {at: 2250 ms, close: true}, {at: 3 s, download: "
        "F2}]}\n",
        SHOAL_MODEL_P2P);
  ck_assert_str_eq (transfer (0)->status, "failed");
  ck_assert_str_eq (transfer (0)->reason, shoal_failure_text (SHOAL_FAILURE_CLOSED));
  ck_assert_int_eq (transfer (0)->end_ns, 2250 * SHOAL_MS);
  check_transfer (1, "B F2 failed 3.000-3.000 (the node had left)");
  g_autofree char *text = log_text ();
  ck_assert_ptr_nonnull (strstr (text, "2.250 B leave - 0\n2.250 B closed - 0\n"));
  ck_assert_ptr_nonnull (strstr (text, "3.000 B download-refused - "));
}
END_TEST

START_TEST (refusals)
{
  play ("nodes:\n- {name: A, actions: [{at: 1 s, register: F1}, {at: 2 s, register: F1}, {at: 2 s, cancel: "
        "F2}]}\n"
        "- {name: B, actions: [{at: 2 s, download: F1}, {at: 2200 ms, download: F1}]}\n"
        "- {name: C, actions: [{when: B has F1, join: true}, {at: 2 s, download: F1}]}\n",
        SHOAL_MODEL_P2P);
  check_transfer (0, "B F1 done 2.000-2.500 A:81920");
  check_transfer (1, "B F1 failed 2.200-2.200 (the node holds the file, or gets it, already)");
  check_transfer (2, "C F1 failed 2.000-2.000 (the node had not joined)");
  g_autofree char *text = log_text ();
  ck_assert_ptr_nonnull (strstr (text, "2.000 A register-refused F1"));
  ck_assert_ptr_nonnull (strstr (text, "2.000 A cancel-refused F2"));
}
END_TEST

/* The run waits for farewells, but not for ever. */
START_TEST (grace)
{
  static const char text[] =
      "nodes:\n- {name: A, actions: [{at: 1 s, register: F1}, {at: 9 s, close: true}]}\n"
      "- {name: B, actions: [{at: 2 s, download: F1}]}\n";
  for (fake.never_closes = false;; fake.never_closes = true)
    {
      fake.forgets_time = _i;
      play (text, SHOAL_MODEL_P2P);
      ck_assert (row->completed);
      g_autofree char *log = log_text ();
      ck_assert_int_eq (strstr (log, "9.000 A closed") == NULL, fake.never_closes);
      if (fake.never_closes)
        break;
    }
}
END_TEST

START_TEST (empty_and_idle)
{
  play ("nodes:\n- {name: A, actions: [{at: 1 s, register: none}]}\n"
        "- {name: B, actions: [{at: 2 s, download: none}]}\n",
        SHOAL_MODEL_P2P);
  ck_assert_str_eq (transfer (0)->status, "done");
  ck_assert_uint_eq (transfer (0)->bytes, 0);
  play ("nodes: [{name: A}]\n", SHOAL_MODEL_P2P);
  ck_assert_uint_eq (row->transfers->len, 0);
  ck_assert_int_eq (row->makespan_ns, SHOAL_ROW_NO_TIME);
  ck_assert_int_eq (row->bound_ns, SHOAL_ROW_NO_TIME);
  ck_assert (row->completed);
}
END_TEST

/* --- options ---------------------------------------------------------------------------------- */

START_TEST (no_room)
{
  GError *error = NULL;
  fake.refuses_nodes = true;
  try_play (SIMPLE, SHOAL_MODEL_P2P, &error);
  ck_assert_ptr_null (row);
  ck_assert_str_eq (error->message, "test: node tracker: no room");
  g_error_free (error);
}
END_TEST

static void
on_progress (void *context, const ShoalProgress *progress)
{
  ck_assert_ptr_eq (context, &reports);
  ck_assert_int_ge (progress->now_ns, last.now_ns);
  ck_assert_uint_ge (progress->held_bytes, last.held_bytes);
  ck_assert_uint_le (progress->held_bytes, progress->wanted_bytes);
  last = *progress;
  reports++;
  if (progress->now_ns >= 3 * SHOAL_SECOND)
    g_atomic_int_set (&stop_now, 1);
}

START_TEST (progress)
{
  options.on_progress = on_progress;
  options.context = &reports;
  play (SIMPLE, SHOAL_MODEL_P2P);
  ck_assert_uint_ge (reports, 4);
  ck_assert_uint_eq (last.wanted_bytes, 2 * 81920);
  ck_assert_uint_eq (last.held_bytes, last.wanted_bytes);
  ck_assert_uint_eq (last.downloads, 2);
  ck_assert_uint_eq (last.done, 2);
}
END_TEST

START_TEST (broken_off)
{
  GError *error = NULL;
  options.on_progress = on_progress;
  options.context = &reports;
  options.cancelled = &stop_now;
  try_play (SIMPLE, SHOAL_MODEL_P2P, &error);
  ck_assert_ptr_null (row);
  ck_assert (g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_CANCELLED));
  ck_assert_str_eq (error->message, "test: broken off at 3.5 s");
  g_error_free (error);
}
END_TEST

START_TEST (broken_off_in_a_download)
{
  GError *error = NULL;
  gint at_once = 1;
  options.cancelled = &at_once;
  try_play ("nodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"
            "- {name: B, actions: [{at: 0 s, download: F1}]}\n",
            SHOAL_MODEL_P2P, &error);
  ck_assert_ptr_null (row);
  g_error_free (error);
}
END_TEST

/* --- expectations ----------------------------------------------------------------------------- */

/* B: 2.0-2.5 from A; C: 4.0-4.5 of F1 from A, 4.0-4.2 of F2 from A; D: F1 from 5.0, gives up. */
#define THREE                                                                                                \
  "nodes:\n- {name: A, actions: [{at: 1 s, register: 'F1, F2'}]}\n"                                          \
  "- {name: B, actions: [{at: 2 s, download: F1}]}\n"                                                        \
  "- {name: C, actions: [{at: 4 s, download: 'F1, F2'}]}\n"
#define FAILING THREE "- {name: D, actions: [{at: 5 s, download: F1, time_limit: 150 ms}]}\n"
/* A withdraws when B has two of five blocks; Z goes on. */
#define TWO_SOURCES                                                                                          \
  "nodes:\n- {name: A, actions: [{at: 1 s, register: F1}, {when: B has 40 % of F1, cancel: F1}]}\n"          \
  "- {name: Z, actions: [{at: 1 s, register: F1}]}\n"                                                        \
  "- {name: B, actions: [{at: 2 s, download: F1}]}\n"                                                        \
  "- {name: C, actions: [{at: 4 s, download: F1}]}\n"

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
};

START_TEST (judged)
{
  const Expectation *e = &expectations[_i];
  g_autofree char *text = g_strdup_printf ("%sexpect: [\"%s\"]\n", e->nodes, e->expect);
  play (text, SHOAL_MODEL_P2P);
  ck_assert_uint_eq (row->expectations->len, 1);
  const ShoalExpectationRow *judged_row = g_ptr_array_index (row->expectations, 0);
  ck_assert_str_eq (judged_row->text, e->expect);
  ck_assert_str_eq (judged_row->measured, e->measured);
  ck_assert_msg (judged_row->met == e->met, "'%s' with %s is %s", e->expect, e->measured,
                 e->met ? "unmet" : "met");
  ck_assert_int_eq (shoal_expect_all_met (row), e->met);
}
END_TEST

START_TEST (models_of_expectations)
{
  static const char text[] =
      THREE "expect:\n- makespan <= 1 h\n- mean <= 1 h in server-client\n"
            "- everybody completes in both models\n- everybody completes in p2p\n- speedup >= 1\n";
  play (text, SHOAL_MODEL_P2P);
  ck_assert_uint_eq (row->expectations->len, 3);
  play (text, SHOAL_MODEL_SERVER_CLIENT);
  ck_assert_uint_eq (row->expectations->len, 2);
  ck_assert_str_eq (((ShoalExpectationRow *)g_ptr_array_index (row->expectations, 0))->text,
                    "mean <= 1 h in server-client");
}
END_TEST

static void
check_speedup (const ShoalRunRow *other, bool met, const char *measured)
{
  g_ptr_array_set_size (row->expectations, 0);
  shoal_expect_judge_speedup (scenario, row, other);
  ck_assert_uint_eq (row->expectations->len, 1);
  const ShoalExpectationRow *judged_row = g_ptr_array_index (row->expectations, 0);
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
  row->makespan_ns = SHOAL_ROW_NO_TIME;
  check_speedup (other, false, "not everybody finished in p2p");
}
END_TEST

/* A group at once, and a condition on all of it. */
START_TEST (many)
{
  play ("nodes:\n- {name: A, actions: [{at: 1 s, register: F2}]}\n"
        "- {name: L, count: 300, actions: [{at: 2 s, download: F2}]}\n"
        "- {name: W, actions: [{when: all have F2, rates: {upload: 1 kB/s}}]}\n"
        "expect: [everybody completes, L got all of F2 from A]\n",
        SHOAL_MODEL_P2P);
  ck_assert (row->completed);
  ck_assert_uint_eq (row->blocks, 600);
  ck_assert_ptr_nonnull (strstr (fake_backend_calls (backend), "2.200 rates W"));
  ck_assert_uint_eq (((ShoalExpectationRow *)g_ptr_array_index (row->expectations, 0))->met, true);
}
END_TEST

static TCase *
tcase_new (const char *name)
{
  TCase *tc = tcase_create (name);
  tcase_add_checked_fixture (tc, set_up, forget);
  return tc;
}

static void
add_playing (Suite *suite)
{
  TCase *tc = tcase_new ("playing");
  tcase_add_test (tc, order_of_actions);
  tcase_add_test (tc, row_of_a_run);
  tcase_add_test (tc, nodes_and_samples);
  tcase_add_test (tc, log_of_a_run);
  tcase_add_loop_test (tc, detail_of_a_log, SHOAL_LOG_SPARSE, SHOAL_LOG_NEIGHBOURS + 1);
  tcase_add_test (tc, another_origin);
  tcase_add_test (tc, traditional);
  tcase_add_test (tc, several_servers);
  tcase_add_loop_test (tc, conditions, 0, G_N_ELEMENTS (whens));
  tcase_add_test (tc, out_and_back);
  tcase_add_test (tc, chains);
  tcase_add_test (tc, many);
  suite_add_tcase (suite, tc);
}

static void
add_ends (Suite *suite)
{
  TCase *tc = tcase_new ("ends");
  tcase_add_test (tc, time_limit);
  tcase_add_loop_test (tc, nothing_more, 0, 2);
  tcase_add_test (tc, never_begun);
  tcase_add_test (tc, own_time_limit);
  tcase_add_test (tc, cancelled_download);
  tcase_add_test (tc, closed_download);
  tcase_add_test (tc, refusals);
  tcase_add_loop_test (tc, grace, 0, 2);
  tcase_add_test (tc, empty_and_idle);
  tcase_add_test (tc, no_room);
  tcase_add_test (tc, progress);
  tcase_add_test (tc, broken_off);
  tcase_add_test (tc, broken_off_in_a_download);
  suite_add_tcase (suite, tc);
}

static Suite *
runner_suite (void)
{
  Suite *suite = suite_create ("runner");
  add_playing (suite);
  add_ends (suite);
  TCase *tc = tcase_new ("expectations");
  tcase_add_loop_test (tc, judged, 0, G_N_ELEMENTS (expectations));
  tcase_add_test (tc, models_of_expectations);
  tcase_add_test (tc, speedup);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (runner_suite (), NULL);
}
