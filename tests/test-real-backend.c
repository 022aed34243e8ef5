/* The real world as a backend: scenarios over loopback, in wall-clock time, played by the runner that plays
 * them in virtual time. Limits of time are generous: the computer may be busy. */
#define _GNU_SOURCE
#include "real/backend.h"
#include "scenarios/run.h"
#include "tests/harness.h"

#include <glib/gstdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What every played text begins with: fast lines, and files of 3 blocks and of 13. */
#define HEAD                                                                                                 \
  "name: test\nfiles: [{name: F1, size: 40 kB}, {name: F2, size: 200 kB}]\n"                                 \
  "tracker: {upload: 1 MB/s, download: 1 MB/s}\ndefaults: {upload: 10 MB/s, download: 10 MB/s}\n"

static ShoalRunOptions options;
static ShoalRunRow *row;

static void
set_up (void)
{
  options = (ShoalRunOptions){ .seed = 1, .real_time = true, .detail = SHOAL_LOG_NORMAL };
}

static void
tear_down (void)
{
  g_clear_pointer (&row, shoal_run_row_free);
}

static ShoalScenario *
parse (const char *rest)
{
  GError *error = NULL;
  g_autofree char *text = g_strconcat (HEAD, rest, NULL);
  ShoalScenario *scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  ck_assert_msg (scenario && shoal_scenario_prepare (scenario, &error), "%s", error ? error->message : "");
  return scenario;
}

/* row is NULL on error. */
static void
play_or_fail (const char *rest, ShoalModel model, GError **error)
{
  const ShoalRealBackendOptions real = { .seed = options.seed };
  g_autoptr (ShoalScenario) scenario = parse (rest);
  ShoalBackend *backend = shoal_real_backend_new (&real, error);
  ck_assert_ptr_nonnull (backend);
  g_clear_pointer (&row, shoal_run_row_free);
  row = shoal_scenario_run (scenario, model, backend, &options, error);
  backend->ops->free (backend);
}

static void
play (const char *rest, ShoalModel model)
{
  GError *error = NULL;
  play_or_fail (rest, model, &error);
  ck_assert_msg (row != NULL, "%s", error ? error->message : "");
}

/* "B F1 done": what a transfer came to. */
static void
check_transfer (unsigned i, const char *wanted)
{
  ck_assert_uint_lt (i, row->transfers->len);
  const ShoalTransferRow *t = g_ptr_array_index (row->transfers, i);
  g_autofree char *text = g_strdup_printf ("%s %s %s%s%s", t->node, t->file, t->status, t->reason ? ": " : "",
                                           t->reason ? t->reason : "");
  ck_assert_str_eq (text, wanted);
}

static double
took_s (unsigned i)
{
  const ShoalTransferRow *t = g_ptr_array_index (row->transfers, i);
  return (double)(t->end_ns - t->start_ns) / 1e9;
}

static void
check_met (void)
{
  for (unsigned i = 0; i < row->expectations->len; i++)
    {
      const ShoalExpectationRow *e = g_ptr_array_index (row->expectations, i);
      ck_assert_msg (e->met, "%s: %s", e->text, e->measured);
    }
}

static const char SIMPLE[] = "nodes:\n"
                             "- {name: A, actions: [{at: 0 s, register: F1}, {when: B has F1, cancel: F1}]}\n"
                             "- {name: B, actions: [{at: 100 ms, download: F1}]}\n"
                             "- name: C\n"
                             "  actions:\n"
                             "  - {when: B has F1, after: 100 ms, join: true}\n"
                             "  - {when: B has F1, after: 200 ms, download: F1}\n"
                             "expect: [everybody completes in both models, B got all of F1 from A,"
                             " C got all of F1 from B]\n";

START_TEST (both_models)
{
  play (SIMPLE, _i == 0 ? SHOAL_MODEL_P2P : SHOAL_MODEL_SERVER_CLIENT);
  check_transfer (0, "B F1 done");
  check_transfer (1, "C F1 done");
  check_met ();
  ck_assert (row->completed);
  ck_assert_str_eq (row->backend, "real");
  ck_assert_ptr_null (row->trace_sha256);
  ck_assert_uint_eq (row->nodes->len, _i == 0 ? 4 : 3);
  ck_assert_uint_eq (row->blocks, 6);
  ck_assert_int_ge (row->makespan_ns, 200 * SHOAL_MS);
  ck_assert_uint_gt (row->events, 0);
}
END_TEST

static uint64_t
sampled_bytes (unsigned node)
{
  uint64_t bytes = 0;
  for (unsigned i = 0; i < row->samples->len; i++)
    {
      const ShoalSampleRow *sample = g_ptr_array_index (row->samples, i);
      if (sample->node != node)
        continue;
      ck_assert_int_ge (sample->start_ns, -SHOAL_SECOND);
      ck_assert_int_le (sample->start_ns, 60 * SHOAL_SECOND);
      bytes += sample->sent_bytes;
    }
  return bytes;
}

/* What a node row says is what its samples add up to, and what is known of the transfer. */
START_TEST (bytes_are_counted)
{
  play (SIMPLE, SHOAL_MODEL_P2P);
  for (unsigned i = 0; i < row->nodes->len; i++)
    {
      const ShoalNodeRow *node = g_ptr_array_index (row->nodes, i);
      ck_assert_uint_eq (sampled_bytes (i), node->sent_bytes);
      ck_assert_uint_eq (node->malformed_datagrams, 0);
    }
  const ShoalNodeRow *a = g_ptr_array_index (row->nodes, 1), *b = g_ptr_array_index (row->nodes, 2);
  ck_assert_str_eq (a->name, "A");
  ck_assert_uint_ge (a->payload_sent_bytes, 40000);
  ck_assert_uint_ge (b->payload_received_bytes, 40000);
}
END_TEST

/* 100 kB/s: 40 kB take 0.4 s at least. Faster lines in the middle of it: sooner done. */
START_TEST (rates)
{
  play ("nodes:\n"
        "- {name: A, upload: 100 kB/s, actions: [{at: 0 s, register: \"F1, F2\"}]}\n"
        "- {name: B, actions: [{at: 0 s, download: F1}]}\n"
        "- {name: C, download: 100 kB/s, actions: [{when: B has F1, download: F2},"
        " {when: C has 10 % of F2, rates: {download: 10 MB/s}}]}\n"
        "actions: [{nodes: A, when: C has 10 % of F2, rates: {upload: 10 MB/s}}]\n",
        SHOAL_MODEL_P2P);
  check_transfer (0, "B F1 done");
  check_transfer (1, "C F2 done");
  ck_assert_double_ge (took_s (0), 0.4);
  ck_assert_double_le (took_s (1), 1.5); /* it would be 2 s at 100 kB/s */
}
END_TEST

/* Who closes or gives up in the middle of a download, and a time limit of a download that nobody can serve. */
START_TEST (unhappy_ends)
{
  play ("nodes:\n"
        "- {name: A, upload: 100 kB/s, actions: [{at: 0 s, register: F2}]}\n"
        "- {name: B, actions: [{at: 0 s, download: F2}, {when: B has 10 % of F2, cancel: F2}]}\n"
        "- {name: C, actions: [{at: 0 s, download: F2}, {when: C has 10 % of F2, close: true}]}\n"
        "- {name: D, actions: [{at: 0 s, download: F1, time_limit: 200 ms}]}\n"
        "- {name: E, actions: [{when: D has F1, join: true}, {when: D has F1, download: F1}]}\n",
        SHOAL_MODEL_P2P);
  check_transfer (0, "B F2 cancelled: cancelled during the download");
  check_transfer (1, "C F2 failed: the node was closed during the download");
  check_transfer (2, "D F1 failed: time limit passed; no holder was reached");
  check_transfer (3, "E F1 unfinished: nothing more could happen while it waited for 'D has F1'");
  ck_assert (!row->completed);
}
END_TEST

START_TEST (time_limit_of_the_run)
{
  play ("time_limit: 300 ms\nnodes:\n"
        "- {name: A, upload: 10 kB/s, actions: [{at: 0 s, register: F2}]}\n"
        "- {name: B, actions: [{at: 0 s, download: F2}]}\n",
        SHOAL_MODEL_P2P);
  ck_assert (!row->completed);
  ck_assert_double_ge (row->wall_s, 0.3);
  ck_assert_double_le (row->wall_s, 10);
}
END_TEST

/* Bytes of a real file, and an empty one. */
START_TEST (real_files)
{
  GError *error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("shoal-real-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "data.bin", NULL);
  g_autofree char *bytes = g_strnfill (100000, 'x');
  ck_assert (g_file_set_contents (path, bytes, 100000, &error));
  g_autofree char *text = g_strdup_printf ("name: x\nfiles: [{name: F, path: %s}, {name: none, size: 0}]\n"
                                           "defaults: {upload: 0, download: 0}\n"
                                           "nodes: [{name: A, actions: [{at: 0 s, register: \"F, none\"}]},"
                                           " {name: B, actions: [{at: 0 s, download: \"F, none\"}]}]\n",
                                           path);
  g_autoptr (ShoalScenario) scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  ck_assert_msg (scenario && shoal_scenario_prepare (scenario, &error), "%s", error ? error->message : "");
  ShoalBackend *backend = shoal_real_backend_new (&(ShoalRealBackendOptions){ .seed = 1 }, &error);
  row = shoal_scenario_run (scenario, SHOAL_MODEL_P2P, backend, &options, &error);
  backend->ops->free (backend);
  check_transfer (0, "B F done");
  check_transfer (1, "B none done");
  g_unlink (path);
  g_rmdir (folder);
}
END_TEST

/* ---- time passes, and somebody waits ---- */

static unsigned reports;
static ShoalProgress latest;

static void
count_report (void *context, const ShoalProgress *progress)
{
  (void)context;
  reports++;
  latest = *progress;
}

static const char SLOW[] = "nodes:\n"
                           "- {name: A, upload: 20 kB/s, actions: [{at: 0 s, register: F1}]}\n"
                           "- {name: B, actions: [{at: 0 s, download: F1}]}\n";

START_TEST (progress)
{
  reports = 0;
  options.on_progress = count_report;
  play (SLOW, SHOAL_MODEL_P2P);
  ck_assert_uint_ge (reports, 5); /* 2 s, and five a second */
  ck_assert_uint_eq (latest.held_bytes, 40000);
  ck_assert_uint_eq (latest.done, 1);
}
END_TEST

static gint stop_now;

static void *
stop_soon (void *data)
{
  (void)data;
  g_usleep (200 * 1000);
  g_atomic_int_set (&stop_now, 1);
  return NULL;
}

/* Nothing happens in this run, but who breaks it off does not wait for its end. */
START_TEST (broken_off)
{
  GError *error = NULL;
  stop_now = 0;
  options.cancelled = &stop_now;
  int64_t start_us = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("stop", stop_soon, NULL);
  play_or_fail ("nodes: [{name: A, actions: [{at: 1 h, register: F1}]}]\n", SHOAL_MODEL_P2P, &error);
  g_thread_join (thread);
  ck_assert_ptr_null (row);
  ck_assert (g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_CANCELLED));
  ck_assert_int_le (g_get_monotonic_time () - start_us, 10 * G_USEC_PER_SEC);
  g_error_free (error);
}
END_TEST

/* ---- nodes and descriptors ---- */

static unsigned
open_descriptors (void)
{
  unsigned count = 0;
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  while (folder != NULL && g_dir_read_name (folder) != NULL)
    count++;
  return count;
}

START_TEST (one_after_the_other)
{
  play (SIMPLE, SHOAL_MODEL_P2P);
  unsigned before = open_descriptors ();
  for (unsigned i = 0; i < 3; i++)
    {
      options.seed++;
      play (SIMPLE, i == 1 ? SHOAL_MODEL_SERVER_CLIENT : SHOAL_MODEL_P2P);
      ck_assert (row->completed);
    }
  ck_assert_uint_eq (open_descriptors (), before);
}
END_TEST

/* 0: a backend that runs out of descriptors says so. */
static int
run_out_of_descriptors (void)
{
  struct rlimit limit = { .rlim_cur = 24, .rlim_max = 24 };
  GError *error = NULL;
  if (setrlimit (RLIMIT_NOFILE, &limit) != 0)
    return 1;
  play_or_fail ("nodes: [{name: N, count: 40}]\n", SHOAL_MODEL_P2P, &error);
  if (row != NULL || error == NULL || strstr (error->message, "test: node N") == NULL)
    return 2;
  return 0;
}

START_TEST (too_many_nodes)
{
  int status;
  pid_t child = fork (); /* the limit cannot be raised again */
  ck_assert_int_ge (child, 0);
  if (child == 0)
    _exit (run_out_of_descriptors ());
  ck_assert_int_eq (waitpid (child, &status, 0), child);
  ck_assert_int_eq (status, 0);
}
END_TEST

START_TEST (addresses)
{
  GError *error = NULL;
  ShoalBackend *b = shoal_real_backend_new (&(ShoalRealBackendOptions){ .seed = 1 }, &error);
  const ShoalNodeSpec spec = { .name = "A", .role = SHOAL_ROLE_PEER, .tracker = -1 };
  ck_assert_int_eq (b->ops->add_node (b, &spec, &error), 0);
  ck_assert_int_eq (b->ops->add_node (b, &spec, &error), 1);
  ShoalAddr addr = { .family = 4, .ip = { 127, 0, 0, 1 } };
  unsigned found = 0;
  for (unsigned port = 1; port < 65536; port++)
    {
      addr.port = (uint16_t)port;
      found += b->ops->node_of (b, &addr) >= 0;
    }
  ck_assert_uint_eq (found, 2);
  ck_assert_int_eq (b->ops->node_of (b, &(ShoalAddr){ .family = 4, .ip = { 10, 0, 0, 1 }, .port = 1 }), -1);
  ShoalNodeStats stats;
  b->ops->stats (b, 0, &stats); /* it never started */
  ck_assert_uint_eq (stats.sent_bytes, 0);
  b->ops->free (b);
}
END_TEST

/* ---- crashes ---- */

/* What a test without the runner hears. */
static unsigned blocks_heard, done_heard;

static void
on_event (void *context, ShoalTime now, unsigned node, const ShoalEvent *event)
{
  ShoalBackend *b = context;
  (void)now, (void)node;
  blocks_heard += event->kind == SHOAL_EVENT_BLOCK;
  done_heard += event->kind == SHOAL_EVENT_DOWNLOAD_DONE;
  if (event->kind == SHOAL_EVENT_BLOCK || event->kind == SHOAL_EVENT_DOWNLOAD_DONE)
    b->ops->stop (b);
}

/* At most 20 s. */
static void
run_until_blocks (ShoalBackend *b, unsigned blocks)
{
  ShoalTime end = b->ops->now (b) + 20 * SHOAL_SECOND;
  while (blocks_heard < blocks && b->ops->now (b) < end)
    b->ops->run (b, end);
  ck_assert_uint_ge (blocks_heard, blocks);
}

/* A tracker, A with the file and B, all behind lines of 200 kB/s: F2 takes a second. */
static ShoalBackend *
two_peers (const ShoalSharedFile *file)
{
  static const char *const names[] = { "tracker", "A", "B" };
  ShoalBackend *b = shoal_real_backend_new (&(ShoalRealBackendOptions){ .seed = 1 }, NULL);
  for (unsigned i = 0; i < 3; i++)
    {
      const ShoalNodeSpec spec = { .name = names[i],
                                   .role = i == 0 ? SHOAL_ROLE_TRACKER : SHOAL_ROLE_PEER,
                                   .tracker = i == 0 ? -1 : 0,
                                   .upload_bytes_per_s = 200000,
                                   .download_bytes_per_s = 200000 };
      ck_assert_int_eq (b->ops->add_node (b, &spec, NULL), (int)i);
      b->ops->start (b, i);
    }
  blocks_heard = done_heard = 0;
  b->on_event = on_event;
  b->context = b;
  ck_assert_int_eq (b->ops->register_file (b, 1, file), SHOAL_OK);
  ck_assert_int_eq (b->ops->download (b, 2, file, -1, 0), SHOAL_OK);
  return b;
}

static uint64_t
payload_received (ShoalBackend *b)
{
  ShoalNodeStats stats;
  b->ops->stats (b, 2, &stats);
  return stats.machine.payload_received_bytes;
}

/* Who comes back goes on with what it had proved: the file is not sent twice. */
START_TEST (crash_and_return)
{
  g_autoptr (ShoalScenario) scenario = parse ("nodes: [{name: A}]\n");
  const ShoalSharedFile *file = shoal_scenario_shared_file (scenario, 1, false);
  ShoalBackend *b = two_peers (file);
  run_until_blocks (b, 6);
  b->ops->crash (b, 2);
  unsigned heard = blocks_heard;
  uint64_t received = payload_received (b);
  b->ops->run (b, b->ops->now (b) + 300 * SHOAL_MS);
  ck_assert_uint_eq (blocks_heard, heard); /* silence */
  ck_assert_uint_eq (payload_received (b), received);
  b->ops->restart (b, 2, _i == 0 ? 1000000 : 0);
  ck_assert_int_eq (b->ops->download (b, 2, file, -1, 0), SHOAL_OK);
  run_until_blocks (b, heard + 13);
  ck_assert_uint_eq (done_heard, 1);
  if (_i == 0)
    ck_assert_uint_lt (payload_received (b), 200000 + 4 * SHOAL_BLOCK_BYTES);
  else
    ck_assert_uint_ge (payload_received (b), 200000 + 5 * SHOAL_BLOCK_BYTES);
  b->ops->free (b);
}
END_TEST

/* The only holder is gone and comes back; after a close, too. What it had counted stays counted. */
START_TEST (holder_returns)
{
  g_autoptr (ShoalScenario) scenario = parse ("nodes: [{name: A}]\n");
  const ShoalSharedFile *file = shoal_scenario_shared_file (scenario, 1, false);
  ShoalBackend *b = two_peers (file);
  ShoalNodeStats before, after;
  run_until_blocks (b, 4);
  if (_i == 0)
    b->ops->crash (b, 1);
  else
    b->ops->close (b, 1);
  b->ops->run (b, b->ops->now (b) + 300 * SHOAL_MS);
  b->ops->stats (b, 1, &before);
  b->ops->restart (b, 1, 1000000);
  ck_assert_int_eq (b->ops->register_file (b, 1, file), SHOAL_OK);
  run_until_blocks (b, 13);
  b->ops->stats (b, 1, &after);
  ck_assert_uint_ge (after.machine.payload_sent_bytes, before.machine.payload_sent_bytes + 100000);
  b->ops->free (b);
}
END_TEST

START_TEST (only_honest_ones)
{
  GError *error = NULL;
  ShoalBackend *b = shoal_real_backend_new (&(ShoalRealBackendOptions){ .seed = 1 }, NULL);
  ShoalNodeSpec spec = { .name = "P", .role = SHOAL_ROLE_PEER, .tracker = -1 };
  spec.behaviour = SHOAL_BEHAVIOUR_FREE_RIDER;
  ck_assert_int_eq (b->ops->add_node (b, &spec, &error), 0);
  spec.behaviour = SHOAL_BEHAVIOUR_POLLUTER;
  ck_assert_int_eq (b->ops->add_node (b, &spec, &error), -1);
  ck_assert_ptr_nonnull (strstr (error->message, "--backend sim"));
  g_error_free (error);
  b->ops->free (b);
}
END_TEST

static Suite *
real_backend_suite (void)
{
  Suite *suite = suite_create ("real backend");
  TCase *runs = tcase_create ("runs");
  tcase_add_checked_fixture (runs, set_up, tear_down);
  tcase_add_loop_test (runs, both_models, 0, 2);
  tcase_add_test (runs, bytes_are_counted);
  tcase_add_test (runs, rates);
  tcase_add_test (runs, unhappy_ends);
  tcase_add_test (runs, time_limit_of_the_run);
  tcase_add_test (runs, real_files);
  tcase_add_test (runs, progress);
  tcase_add_test (runs, broken_off);
  tcase_add_test (runs, one_after_the_other);
  tcase_add_test (runs, too_many_nodes);
  tcase_add_test (runs, addresses);
  tcase_add_loop_test (runs, crash_and_return, 0, 2);
  tcase_add_loop_test (runs, holder_returns, 0, 2);
  tcase_add_test (runs, only_honest_ones);
  suite_add_tcase (suite, runs);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (real_backend_suite (), NULL);
}
