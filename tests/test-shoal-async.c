/* libshoal with a main loop: asynchronous calls and signals. */
#include "tests/clients.h"
#include "tests/harness.h"

#define SIZE 400000u
#define RATE 400000u /* 1 s: time for some signals */

/* ---- asynchronous calls ---- */

typedef struct {
  GAsyncResult *result;
  GMainLoop *loop;
} Wait;

static void
on_result (GObject *object, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;
  (void)object;
  wait->result = g_object_ref (result);
  g_main_loop_quit (wait->loop);
}

/* Runs the thread-default context until the callback was called. Owned by the caller. */
static GAsyncResult *
wait_for (Wait *wait)
{
  wait->loop = g_main_loop_new (g_main_context_get_thread_default (), FALSE);
  g_main_loop_run (wait->loop);
  g_main_loop_unref (wait->loop);
  return wait->result;
}

START_TEST (calls_back)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *from = scratch_path (clients_folder (), "a"), *to = scratch_path (clients_folder (), "b");
  Wait wait = { 0 };
  scratch_write_seeded (from, 1, SIZE);
  shoal_client_register_async (holder, from, NULL, on_result, &wait);
  g_autoptr (GAsyncResult) registered = wait_for (&wait);
  g_autofree char *fid = shoal_client_register_finish (holder, registered, NULL);
  ck_assert_str_eq (fid, clients_fid ("a", 1, SIZE));

  shoal_client_download_to_file_async (other, fid, to, SHOAL_DOWNLOAD_NONE, NULL, on_result, &wait);
  g_autoptr (GAsyncResult) stored = wait_for (&wait);
  g_autofree char *path = shoal_client_download_to_file_finish (other, stored, NULL);
  ck_assert_str_eq (path, to);
  ck_assert (scratch_is_seeded (to, 1, SIZE));

  shoal_client_download_async (other, fid, NULL, on_result, &wait);
  g_autoptr (GAsyncResult) got = wait_for (&wait);
  g_autoptr (GBytes) bytes = shoal_client_download_finish (other, got, NULL);
  ck_assert (clients_bytes_are (bytes, 1, SIZE));

  shoal_node_close_async (SHOAL_NODE (other), NULL, on_result, &wait);
  g_autoptr (GAsyncResult) closed = wait_for (&wait);
  ck_assert (shoal_node_close_finish (SHOAL_NODE (other), closed, NULL));
}
END_TEST

START_TEST (calls_back_with_errors)
{
  ShoalClient *client = clients_add (0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GError *error = NULL;
  Wait wait = { 0 };
  shoal_client_download_async (client, "no fid", NULL, on_result, &wait);
  g_autoptr (GAsyncResult) invalid = wait_for (&wait);
  ck_assert_ptr_null (shoal_client_download_finish (client, invalid, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_INVALID_FID);

  shoal_client_download_async (client, clients_fid ("a", 1, SIZE), cancellable, on_result, &wait);
  g_cancellable_cancel (cancellable);
  g_autoptr (GAsyncResult) cancelled = wait_for (&wait);
  ck_assert_ptr_null (shoal_client_download_finish (client, cancelled, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  shoal_client_download_async (client, clients_fid ("a", 1, SIZE), NULL, on_result, &wait);
  ck_assert (shoal_node_close (SHOAL_NODE (client), NULL, NULL));
  g_autoptr (GAsyncResult) ended = wait_for (&wait);
  ck_assert_ptr_null (shoal_client_download_finish (client, ended, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);

  shoal_client_register_async (client, "/nowhere", NULL, on_result, &wait);
  g_autoptr (GAsyncResult) closed = wait_for (&wait);
  ck_assert_ptr_null (shoal_client_register_finish (client, closed, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);
}
END_TEST

START_TEST (is_made_asynchronously)
{
  Wait wait = { 0 };
  g_async_initable_new_async (SHOAL_TYPE_CLIENT, G_PRIORITY_DEFAULT, NULL, on_result, &wait, "tracker",
                              "127.0.0.1:6969", NULL);
  g_autoptr (GAsyncResult) result = wait_for (&wait);
  g_autoptr (GObject) source = g_async_result_get_source_object (result);
  ShoalClient *client = SHOAL_CLIENT (g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, NULL));
  clients_adopt (client);
  ck_assert_uint_gt (shoal_node_get_port (SHOAL_NODE (client)), 0);
}
END_TEST

static bool
is_gone (gpointer data)
{
  g_autoptr (GObject) object = g_weak_ref_get (data);
  return object == NULL;
}

/* The last reference is the task's, which may go in any thread. */
START_TEST (may_be_given_up_meanwhile)
{
  ShoalClient *client = shoal_client_new (clients_tracker_address (), NULL, 0, 0, 0, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Wait wait = { 0 };
  GWeakRef left;
  g_weak_ref_init (&left, client);
  shoal_client_download_async (client, clients_fid ("a", 1, SIZE), cancellable, on_result, &wait);
  g_object_unref (client);
  ck_assert (!is_gone (&left));
  g_cancellable_cancel (cancellable);
  g_clear_object (&cancellable);
  g_object_unref (wait_for (&wait));
  clients_wait (is_gone, &left);
  g_weak_ref_clear (&left);
}
END_TEST

/* ---- signals ---- */

typedef struct {
  const char *fid;
  GThread *thread;
  unsigned progress, hashing, changed;
  guint64 held;
  ShoalFileState states[8];
  unsigned state_count;
  guint lost_blocks;
} Told;

static void
on_progress (ShoalClient *client, const char *fid, guint64 held, guint64 size, Told *told)
{
  (void)client;
  ck_assert_ptr_eq (g_thread_self (), told->thread);
  ck_assert_str_eq (fid, told->fid);
  ck_assert_uint_eq (size, SIZE);
  ck_assert_uint_ge (held, told->held);
  told->held = held;
  told->progress++;
}

static void
on_hashing (ShoalClient *client, const char *path, guint64 done, guint64 size, Told *told)
{
  (void)client;
  ck_assert_str_eq (path, scratch_path (clients_folder (), "a"));
  ck_assert_uint_le (done, size);
  told->hashing++;
}

static void
on_state (ShoalClient *client, const char *fid, ShoalFileState state, Told *told)
{
  (void)client;
  ck_assert_str_eq (fid, told->fid);
  ck_assert_uint_lt (told->state_count, G_N_ELEMENTS (told->states));
  told->states[told->state_count++] = state;
}

static void
on_file_changed (ShoalClient *client, const char *fid, const char *path, guint lost_blocks, Told *told)
{
  (void)client;
  ck_assert_str_eq (fid, told->fid);
  ck_assert_str_eq (path, scratch_path (clients_folder (), "a"));
  told->lost_blocks = lost_blocks;
  told->changed++;
}

static void
connect (ShoalClient *client, Told *told)
{
  told->thread = g_thread_self ();
  g_signal_connect (client, "progress", G_CALLBACK (on_progress), told);
  g_signal_connect (client, "hashing", G_CALLBACK (on_hashing), told);
  g_signal_connect (client, "state-changed", G_CALLBACK (on_state), told);
  g_signal_connect (client, "file-changed", G_CALLBACK (on_file_changed), told);
}

static void
iterate (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    ;
}

static void
check_download_signals (void)
{
  ShoalClient *holder = clients_add (RATE), *other = clients_add (0);
  Told told = { .fid = clients_share (holder, "a", 1, SIZE) };
  Wait wait = { 0 };
  connect (other, &told);
  gint64 start_us = g_get_monotonic_time ();
  shoal_client_download_async (other, told.fid, NULL, on_result, &wait);
  g_autoptr (GAsyncResult) result = wait_for (&wait);
  double took_s = (double)(g_get_monotonic_time () - start_us) / G_USEC_PER_SEC;
  g_autoptr (GBytes) bytes = shoal_client_download_finish (other, result, NULL);
  ck_assert (bytes != NULL);
  iterate (g_main_context_get_thread_default ());
  ck_assert_uint_eq (told.held, SIZE);
  ck_assert_uint_ge (told.progress, 2);
  ck_assert_msg (told.progress <= took_s * 10 + 2, "%u in %g s", told.progress, took_s);
  ck_assert_uint_ge (told.state_count, 2);
  ck_assert_int_eq (told.states[told.state_count - 1], SHOAL_FILE_STATE_HELD);
  ck_assert (shoal_client_cancel (other, told.fid, NULL));
  iterate (g_main_context_get_thread_default ());
  ck_assert_int_eq (told.states[told.state_count - 1], SHOAL_FILE_STATE_GONE);
}

START_TEST (tells_of_downloads)
{
  check_download_signals ();
}
END_TEST

static gpointer
with_a_context (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  (void)data;
  g_main_context_push_thread_default (context);
  check_download_signals ();
  g_main_context_pop_thread_default (context);
  return NULL;
}

START_TEST (tells_in_the_makers_context)
{
  g_thread_join (g_thread_new (NULL, with_a_context, NULL));
}
END_TEST

static bool
has_lost (gpointer data)
{
  Told *told = data;
  iterate (NULL);
  return told->lost_blocks > 0;
}

/* The holder's file is changed: it does not send what is wrong, tells of it, and is well again when the file is
 * registered as it was. */
START_TEST (tells_of_changed_files)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *path = scratch_path (clients_folder (), "a");
  Told told = { .fid = clients_share (holder, "a", 1, SIZE) };
  Wait wait = { 0 };
  connect (holder, &told);
  scratch_patch (path, 100000, "changed", 7);
  shoal_client_set_download_timeout (other, 1500);
  shoal_client_download_async (other, told.fid, NULL, on_result, &wait);
  clients_wait (has_lost, &told);
  ck_assert_uint_eq (told.lost_blocks, 1);
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (holder, told.fid, NULL);
  ck_assert_uint_eq (file->lost_blocks, 1);
  g_autoptr (GAsyncResult) result = wait_for (&wait);
  GError *error = NULL;
  ck_assert_ptr_null (shoal_client_download_finish (other, result, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_TIMED_OUT);
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (SHOAL_NODE (other));
  ck_assert_uint_eq (status->blocks_bad, 0);

  ck_assert_str_eq (clients_share (holder, "a", 1, SIZE), told.fid);
  g_autoptr (ShoalFileStatus) mended = shoal_client_get_file (holder, told.fid, NULL);
  ck_assert_uint_eq (mended->lost_blocks, 0);
  shoal_client_set_download_timeout (other, 0);
  clients_check_download (other, told.fid, 1, SIZE);
  iterate (NULL);
  ck_assert_uint_ge (told.hashing, 1);
}
END_TEST

/* What was downloaded to a file is watched like what was registered. */
START_TEST (tells_of_changed_downloads)
{
  ShoalClient *holder = clients_add (0), *middle = clients_add (0), *last = clients_add (0);
  const char *path = scratch_path (clients_folder (), "b");
  const char *fid = clients_share (holder, "a", 1, SIZE);
  g_autofree char *at = shoal_client_download_to_file (middle, fid, path, SHOAL_DOWNLOAD_NONE, NULL, NULL);
  ck_assert_str_eq (at, path);
  ck_assert (shoal_node_close (SHOAL_NODE (holder), NULL, NULL));
  g_usleep (50000);
  scratch_patch (path, 100000, "changed", 7);
  GError *error = NULL;
  shoal_client_set_download_timeout (last, 1500);
  ck_assert_ptr_null (shoal_client_download (last, fid, NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_TIMED_OUT);
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (middle, fid, NULL);
  ck_assert_uint_eq (file->lost_blocks, 1);
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (SHOAL_NODE (last));
  ck_assert_uint_eq (status->blocks_bad, 0);
  ck_assert_uint_ge (status->blocks_verified, SIZE / 16384 - 2);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("shoal-async");
  TCase *tests = tcase_create ("async");
  tcase_add_checked_fixture (tests, clients_set_up, clients_tear_down);
  tcase_add_test (tests, calls_back);
  tcase_add_test (tests, calls_back_with_errors);
  tcase_add_test (tests, is_made_asynchronously);
  tcase_add_test (tests, may_be_given_up_meanwhile);
  tcase_add_test (tests, tells_of_downloads);
  tcase_add_test (tests, tells_in_the_makers_context);
  tcase_add_test (tests, tells_of_changed_files);
  tcase_add_test (tests, tells_of_changed_downloads);
  suite_add_tcase (suite, tests);
  return shoal_run_suites (suite, NULL);
}
