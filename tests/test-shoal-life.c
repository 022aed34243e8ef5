/* The life of libshoal's objects: closing, giving up, and that nothing is left of them. */
#include "tests/clients.h"
#include "tests/harness.h"

#include <dirent.h>

#define CYCLES 1000
#define UNCLOSED 200
#define SLOW 5000u
#define BIG 200000u

static unsigned
count_entries (const char *folder)
{
  unsigned count = 0;
  DIR *dir = opendir (folder);
  while (readdir (dir))
    count++;
  closedir (dir);
  return count;
}

static unsigned
count_threads (void)
{
  return count_entries ("/proc/self/task");
}

static unsigned
count_descriptors (void)
{
  return count_entries ("/proc/self/fd");
}

/* ---- nothing is left ---- */

static void
live_once (const char *tracker, const char *path)
{
  g_autoptr (ShoalClient) client = shoal_client_new (tracker, NULL, 0, 0, 0, NULL);
  g_autofree char *fid = shoal_client_register (client, path, NULL, NULL);
  ck_assert_ptr_nonnull (fid);
  ck_assert (shoal_node_close (SHOAL_NODE (client), NULL, NULL));
}

START_TEST (leaves_nothing_behind)
{
  const char *tracker = clients_tracker_address (), *path = scratch_path (clients_folder (), "a");
  scratch_write_seeded (path, 1, 1000);
  live_once (tracker, path);
  unsigned threads = count_threads (), descriptors = count_descriptors ();
  for (unsigned i = 0; i < CYCLES; i++)
    live_once (tracker, path);
  ck_assert_uint_eq (count_descriptors (), descriptors);
  ck_assert_uint_le (count_threads (), threads);
}
END_TEST

static bool
few_threads (gpointer most)
{
  return count_threads () <= *(unsigned *)most;
}

START_TEST (leaves_by_itself)
{
  unsigned threads = count_threads (), descriptors = count_descriptors ();
  for (unsigned i = 0; i < UNCLOSED; i++)
    {
      g_autoptr (ShoalClient) client = shoal_client_new (clients_tracker_address (), NULL, 0, 0, 0, NULL);
      ck_assert_ptr_nonnull (client);
    }
  clients_wait (few_threads, &threads);
  ck_assert_uint_le (count_descriptors (), descriptors);
  g_autoptr (ShoalTrackerStatus) status = shoal_tracker_get_tracker_status (clients_tracker ());
  ck_assert_uint_eq (status->peers, 0); /* they said so */
}
END_TEST

START_TEST (needs_no_start)
{
  g_autoptr (ShoalClient) client = g_object_new (SHOAL_TYPE_CLIENT, "port", 12345, NULL);
  GError *error = NULL;
  ck_assert_uint_eq (shoal_node_get_port (SHOAL_NODE (client)), 12345);
  ck_assert (shoal_node_is_closed (SHOAL_NODE (client)));
  ck_assert_ptr_null (shoal_client_download (client, clients_fid ("a", 1, 1), NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (SHOAL_NODE (client));
  ck_assert_uint_eq (status->sent_bytes, 0);
  ck_assert (shoal_node_close (SHOAL_NODE (client), NULL, NULL));
}
END_TEST

/* ---- closing ---- */

START_TEST (everything_fails_when_closed)
{
  ShoalClient *client = clients_add (0);
  const char *fid = clients_share (client, "a", 1, BIG);
  GError *error = NULL;
  ck_assert (!shoal_node_is_closed (SHOAL_NODE (client)));
  for (unsigned i = 0; i < 2; i++)
    ck_assert (shoal_node_close (SHOAL_NODE (client), NULL, NULL));
  ck_assert (shoal_node_is_closed (SHOAL_NODE (client)));
  ck_assert_ptr_null (shoal_client_download (client, fid, NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);
  ck_assert_ptr_null (shoal_client_register (client, scratch_path (clients_folder (), "a"), NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);
  ck_assert (!shoal_client_cancel (client, fid, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);
  ck_assert_ptr_null (shoal_client_get_file (client, fid, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);
  g_autoptr (GPtrArray) files = shoal_client_list_files (client);
  ck_assert_uint_eq (files->len, 0);
  shoal_node_set_upload_rate (SHOAL_NODE (client), 7);
  ck_assert_uint_eq (shoal_node_get_upload_rate (SHOAL_NODE (client)), 7);
}
END_TEST

typedef struct {
  ShoalClient *client;
  const char *fid;
  GError *error;
} Get;

static gpointer
run_get (gpointer data)
{
  Get *get = data;
  g_autoptr (GBytes) bytes = shoal_client_download (get->client, get->fid, NULL, &get->error);
  ck_assert_ptr_null (bytes);
  return NULL;
}

static bool
has_begun (gpointer data)
{
  Get *get = data;
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (get->client, get->fid, NULL);
  return file && file->state == SHOAL_FILE_STATE_DOWNLOADING;
}

START_TEST (closing_ends_downloads)
{
  ShoalClient *holder = clients_add (SLOW);
  Get get = { .client = clients_add (0), .fid = clients_share (holder, "a", 1, BIG) };
  GThread *thread = g_thread_new (NULL, run_get, &get);
  clients_wait (has_begun, &get);
  gint64 start_us = g_get_monotonic_time ();
  ck_assert (shoal_node_close (SHOAL_NODE (get.client), NULL, NULL));
  g_thread_join (thread);
  ck_assert_int_lt (g_get_monotonic_time () - start_us, 10 * G_USEC_PER_SEC); /* the file takes 40 s */
  ck_assert_error (get.error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);
}
END_TEST

static gpointer
close_it (gpointer client)
{
  ck_assert (shoal_node_close (client, NULL, NULL));
  ck_assert (shoal_node_is_closed (client));
  return NULL;
}

START_TEST (several_threads_close)
{
  ShoalClient *client = clients_add (0);
  GThread *threads[4];
  clients_share (client, "a", 1, BIG);
  for (unsigned i = 0; i < 4; i++)
    threads[i] = g_thread_new (NULL, close_it, client);
  for (unsigned i = 0; i < 4; i++)
    g_thread_join (threads[i]);
}
END_TEST

/* The tracker is gone: nobody answers the farewell. */
START_TEST (closing_can_be_hurried)
{
  ShoalClient *client = clients_add (0);
  clients_share (client, "a", 1, BIG);
  g_usleep (100000); /* it is known to the tracker, and has something to say goodbye to */
  ck_assert (shoal_node_close (SHOAL_NODE (clients_tracker ()), NULL, NULL));
  GError *error = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  gint64 start_us = g_get_monotonic_time ();
  ck_assert (!shoal_node_close (SHOAL_NODE (client), cancelled, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ck_assert_int_lt (g_get_monotonic_time () - start_us, 2 * G_USEC_PER_SEC);
  ck_assert (shoal_node_is_closed (SHOAL_NODE (client)));
}
END_TEST

static bool
is_closed (gpointer client)
{
  return shoal_node_is_closed (client);
}

/* The tracker is gone, so that closing takes a while: the files are gone at once. */
START_TEST (closing_withdraws_files)
{
  ShoalClient *client = clients_add (0);
  clients_share (client, "a", 1, BIG);
  g_usleep (100000);
  ck_assert (shoal_node_close (SHOAL_NODE (clients_tracker ()), NULL, NULL));
  GThread *thread = g_thread_new (NULL, close_it, client);
  clients_wait (is_closed, client);
  gint64 start_us = g_get_monotonic_time ();
  g_autoptr (GPtrArray) files = shoal_client_list_files (client);
  ck_assert_uint_eq (files->len, 0);
  ck_assert_int_lt (g_get_monotonic_time () - start_us, G_USEC_PER_SEC);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  ck_assert (!shoal_node_close (SHOAL_NODE (client), cancelled, NULL));
  g_thread_join (thread);
}
END_TEST

/* Calls from several threads while another closes: each does what it should or says that it is closed. */
static gpointer
use_it (gpointer data)
{
  Get *get = data;
  GError *error = NULL;
  for (unsigned i = 0; !error; i++)
    {
      g_autoptr (GPtrArray) files = shoal_client_list_files (get->client);
      g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (SHOAL_NODE (get->client));
      g_autoptr (GBytes) bytes = shoal_client_download (get->client, get->fid, NULL, &error);
      ck_assert (files && status && (bytes == NULL) == (error != NULL));
      shoal_node_set_upload_rate (SHOAL_NODE (get->client), i % 2 ? 0 : 100000000);
    }
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);
  return NULL;
}

START_TEST (is_used_while_it_closes)
{
  Get get = { .client = clients_add (0) };
  GThread *threads[4];
  get.fid = clients_share (get.client, "a", 1, BIG);
  for (unsigned i = 0; i < 4; i++)
    threads[i] = g_thread_new (NULL, use_it, &get);
  g_usleep (50000);
  ck_assert (shoal_node_close (SHOAL_NODE (get.client), NULL, NULL));
  for (unsigned i = 0; i < 4; i++)
    g_thread_join (threads[i]);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("shoal-life");
  TCase *tests = tcase_create ("life");
  tcase_add_checked_fixture (tests, clients_set_up, clients_tear_down);
  tcase_set_timeout (tests, 300);
  tcase_add_test (tests, leaves_nothing_behind);
  tcase_add_test (tests, leaves_by_itself);
  tcase_add_test (tests, needs_no_start);
  tcase_add_test (tests, everything_fails_when_closed);
  tcase_add_test (tests, closing_ends_downloads);
  tcase_add_test (tests, several_threads_close);
  tcase_add_test (tests, closing_can_be_hurried);
  tcase_add_test (tests, closing_withdraws_files);
  tcase_add_test (tests, is_used_while_it_closes);
  suite_add_tcase (suite, tests);
  return shoal_run_suites (suite, NULL);
}
