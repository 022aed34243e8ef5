/* The runner on a backend without a protocol: a download gets a block every 0.1 s. */
#include "tests/harness.h"
#include "tests/playing.h"

/* What progress was told, and a wish to break off. */
static ShoalProgress last;
static unsigned reports;
static gint stop_now;

static void
set_up (void)
{
  last = (ShoalProgress){ 0 };
  reports = 0;
  stop_now = 0;
  play_set_up ();
}

/* The calls after the nodes were added, so that tests need not repeat these. */
static const char *
actions_called (void)
{
  const char *calls = fake_backend_calls (played.backend), *add;
  while ((add = strstr (calls, " add ")) != NULL)
    calls = strchr (add, '\n') + 1;
  return calls;
}

static const ShoalTransferRow *
transfer (unsigned i)
{
  ck_assert_uint_lt (i, played.row->transfers->len);
  return g_ptr_array_index (played.row->transfers, i);
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
  for (unsigned i = 0; i < played.row->log->len; i++)
    {
      const ShoalEventRow *e = g_ptr_array_index (played.row->log, i);
      const ShoalNodeRow *node = g_ptr_array_index (played.row->nodes, e->node);
      g_string_append_printf (text, "%.3f %s %s", (double)e->at_ns / 1e9, node->name, e->kind);
      if (e->peer >= 0)
        g_string_append_printf (text, " %s",
                                ((ShoalNodeRow *)g_ptr_array_index (played.row->nodes, e->peer))->name);
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
  ck_assert_str_eq (fake_backend_calls (played.backend),
                    "0.000 add tracker tracker 10000/10000 tracker -1 fair\n"
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
  played.options.seed = 42;
  played.options.program_version = "1.2.3";
  play (SIMPLE, SHOAL_MODEL_P2P);
  check_transfer (0, "B F1 done 2.000-2.500 A:81920");
  check_transfer (1, "C F1 done 4.000-4.500 B:81920");
  ck_assert_int_eq (transfer (0)->first_byte_ns, 2100 * SHOAL_MS);
  ck_assert_uint_eq (transfer (0)->bytes, 81920);
  ck_assert_uint_eq (strlen (transfer (0)->fid), SHOAL_FID_HEX_LENGTH);
  ck_assert_str_eq (played.row->scenario, "test");
  ck_assert_str_eq (played.row->backend, "fake");
  ck_assert_str_eq (played.row->model, "p2p");
  ck_assert_str_eq (played.row->program_version, "1.2.3");
  ck_assert_uint_eq (played.row->seed, 42);
  ck_assert (played.row->completed);
  ck_assert_int_eq (played.row->makespan_ns, 2500 * SHOAL_MS);
  ck_assert_int_eq (played.row->mean_ns, 500 * SHOAL_MS);
  ck_assert_int_eq (played.row->bound_ns, 819200000);
  ck_assert_uint_eq (played.row->leechers, 2);
  ck_assert_uint_eq (played.row->blocks, 10);
  ck_assert_uint_gt (played.row->events, 0);
  ck_assert_uint_eq (strlen (played.row->trace_sha256), 64);
  ck_assert_uint_gt (played.row->max_rss_bytes, 0);
  ck_assert_int_gt (played.row->started_unix_s, 0);
  g_autofree char *resolved = shoal_scenario_resolve (played.scenario, NULL);
  ck_assert_str_eq (played.row->resolved, resolved);
}
END_TEST

/* The backend is told, and the row says it; another one may be chosen for a run. */
START_TEST (strategy_of_a_run)
{
  static const ShoalStrategy *const chosen[] = { NULL, &shoal_strategy_turns };
  const char *name = _i == 0 ? "tit-for-tat" : "turns";
  g_autofree char *text = g_strconcat ("strategy: {name: tit-for-tat, slots: 2}\n", SIMPLE, NULL);
  g_autofree char *told = g_strdup_printf ("A serves %s 2 3 0\n", name);
  g_autofree char *said = g_strdup_printf ("strategy: {name: %s, slots: 2,", name);
  played.options.strategy = chosen[_i];
  play (text, SHOAL_MODEL_P2P);
  ck_assert_str_eq (played.row->strategy, name);
  ck_assert_ptr_nonnull (strstr (fake_backend_calls (played.backend), told));
  ck_assert_ptr_nonnull (strstr (played.row->resolved, said));
  ck_assert_ptr_null (strstr (played.row->setting, "strategy"));
}
END_TEST

START_TEST (no_strategy_of_the_other_model)
{
  play (SIMPLE, SHOAL_MODEL_SERVER_CLIENT);
  ck_assert_ptr_null (played.row->strategy);
}
END_TEST

START_TEST (nodes_and_samples)
{
  play (SIMPLE, SHOAL_MODEL_P2P);
  ck_assert_uint_eq (played.row->nodes->len, 4);
  const ShoalNodeRow *tracker = g_ptr_array_index (played.row->nodes, 0),
                     *a = g_ptr_array_index (played.row->nodes, 1);
  ck_assert_str_eq (tracker->role, "tracker");
  ck_assert_uint_eq (tracker->upload_bytes_per_s, 10000);
  ck_assert_str_eq (a->name, "A");
  ck_assert_str_eq (a->role, "peer");
  ck_assert_uint_eq (a->sent_bytes, 81920 + 50);
  ck_assert_uint_eq (a->payload_sent_bytes, 81920);
  ck_assert_uint_eq (played.row->samples->len, 1);
  const ShoalSampleRow *sample = g_ptr_array_index (played.row->samples, 0);
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
  played.fake.gossips = true;
  played.options.detail = (ShoalLogDetail)_i;
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
  played.fake.origin = 123456 * SHOAL_SECOND + 789;
  play (SIMPLE, SHOAL_MODEL_P2P);
  check_transfer (1, "C F1 done 4.000-4.500 B:81920");
  ck_assert_int_eq (((ShoalSampleRow *)g_ptr_array_index (played.row->samples, 0))->start_ns, SHOAL_SECOND);
}
END_TEST

/* --- the server-client model ------------------------------------------------------------------ */

START_TEST (traditional)
{
  play (SIMPLE, SHOAL_MODEL_SERVER_CLIENT);
  ck_assert_str_eq (fake_backend_calls (played.backend), "0.000 add server A 100000/100000 tracker -1 fifo\n"
                                                         "0.000 add client B 100000/100000 tracker -1 fifo\n"
                                                         "0.000 add client C 100000/100000 tracker -1 fifo\n"
                                                         "0.000 start A\n"
                                                         "0.500 start B\n"
                                                         "1.000 register A F1\n"
                                                         "2.000 download B F1 from A\n"
                                                         "3.500 start C\n"
                                                         "4.000 download C F1 from A\n"); /* no cancel */
  check_transfer (1, "C F1 done 4.000-4.500 A:81920");
  ck_assert_str_eq (played.row->model, "server-client");
  ck_assert_uint_eq (played.row->expectations->len, 1);
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
      strstr (fake_backend_calls (played.backend), "add server A 100000/100000 tracker -1 fair\n"));
  ck_assert_ptr_nonnull (strstr (fake_backend_calls (played.backend), "add client C"));
  ck_assert_str_eq (actions_called (), "0.000 start A\n0.000 start B\n0.000 start C\n"
                                       "1.000 register B F1\n1.000 register B F2\n"
                                       "2.000 register A F1\n"
                                       "3.000 download A F2 from B\n"
                                       "3.000 download C F1 from B\n" /* B was the first */
                                       "9.000 close C\n");            /* a client may leave */
  check_transfer (2, "C none failed 4.000-4.000 (no server registers the file)");
  ck_assert (!played.row->completed);
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
  ck_assert_int_eq (played.row->makespan_ns, SHOAL_ROW_NO_TIME);
  ck_assert_int_eq (played.row->mean_ns, SHOAL_ROW_NO_TIME);
  ck_assert (!played.row->completed);
}
END_TEST

START_TEST (nothing_more)
{
  played.fake.forgets_time = _i;
  play ("nodes:\n- {name: B, actions: [{at: 2 s, download: F1}]}\n- {name: C, join: 9 s}\n", SHOAL_MODEL_P2P);
  check_transfer (0, "B F1 unfinished 2.000- (nothing more could happen with 0 of 81920 bytes)");
  const char *end = strrchr (fake_backend_calls (played.backend), ' ');
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
  ck_assert (played.row->completed); /* it tried again, and that went well */
  ck_assert_int_eq (played.row->makespan_ns, 2500 * SHOAL_MS);
  ck_assert_uint_eq (played.row->leechers, 1);
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
  for (played.fake.never_closes = false;; played.fake.never_closes = true)
    {
      played.fake.forgets_time = _i;
      play (text, SHOAL_MODEL_P2P);
      ck_assert (played.row->completed);
      g_autofree char *log = log_text ();
      ck_assert_int_eq (strstr (log, "9.000 A closed") == NULL, played.fake.never_closes);
      if (played.fake.never_closes)
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
  ck_assert_uint_eq (played.row->transfers->len, 0);
  ck_assert_int_eq (played.row->makespan_ns, SHOAL_ROW_NO_TIME);
  ck_assert_int_eq (played.row->bound_ns, SHOAL_ROW_NO_TIME);
  ck_assert (played.row->completed);
}
END_TEST

/* --- options ---------------------------------------------------------------------------------- */

START_TEST (no_room)
{
  GError *error = NULL;
  played.fake.refuses_nodes = true;
  play_or_fail (SIMPLE, SHOAL_MODEL_P2P, &error);
  ck_assert_ptr_null (played.row);
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
  played.options.on_progress = on_progress;
  played.options.context = &reports;
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
  played.options.on_progress = on_progress;
  played.options.context = &reports;
  played.options.cancelled = &stop_now;
  play_or_fail (SIMPLE, SHOAL_MODEL_P2P, &error);
  ck_assert_ptr_null (played.row);
  ck_assert (g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_CANCELLED));
  ck_assert_str_eq (error->message, "test: broken off at 3.5 s");
  g_error_free (error);
}
END_TEST

START_TEST (broken_off_in_a_download)
{
  GError *error = NULL;
  gint at_once = 1;
  played.options.cancelled = &at_once;
  play_or_fail ("nodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"
                "- {name: B, actions: [{at: 0 s, download: F1}]}\n",
                SHOAL_MODEL_P2P, &error);
  ck_assert_ptr_null (played.row);
  g_error_free (error);
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
  ck_assert (played.row->completed);
  ck_assert_uint_eq (played.row->blocks, 600);
  ck_assert_ptr_nonnull (strstr (fake_backend_calls (played.backend), "2.200 rates W"));
  ck_assert_uint_eq (((ShoalExpectationRow *)g_ptr_array_index (played.row->expectations, 0))->met, true);
}
END_TEST

static TCase *
tcase_new (const char *name)
{
  TCase *tc = tcase_create (name);
  tcase_add_checked_fixture (tc, set_up, play_forget);
  return tc;
}

static void
add_playing (Suite *suite)
{
  TCase *tc = tcase_new ("playing");
  tcase_add_test (tc, order_of_actions);
  tcase_add_test (tc, row_of_a_run);
  tcase_add_loop_test (tc, strategy_of_a_run, 0, 2);
  tcase_add_test (tc, no_strategy_of_the_other_model);
  tcase_add_test (tc, nodes_and_samples);
  tcase_add_test (tc, log_of_a_run);
  tcase_add_loop_test (tc, detail_of_a_log, SHOAL_LOG_SPARSE, SHOAL_LOG_NEIGHBOURS + 1);
  tcase_add_test (tc, another_origin);
  tcase_add_test (tc, traditional);
  tcase_add_test (tc, several_servers);
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
  return suite;
}

int
main (void)
{
  return shoal_run_suites (runner_suite (), NULL);
}
