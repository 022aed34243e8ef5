/* Clients of libshoal: registering, downloading, cancelling, asking. */
#include "tests/clients.h"
#include "tests/harness.h"

#include <glib/gstdio.h>

#define SMALL 100000u
/* At SLOW, SMALL takes 20 s: no test waits for its end. */
#define SLOW 5000u

/* ---- bytes come ---- */

START_TEST (downloads_any_size)
{
  static const uint64_t sizes[] = { 0, 1, 16383, 16384, 16385, 32768, 200001, 3 << 20 };
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  g_autofree char *name = g_strdup_printf ("%d", _i);
  const char *fid = clients_share (holder, name, (uint64_t)_i, sizes[_i]);
  clients_check_download (other, fid, (uint64_t)_i, sizes[_i]);
}
END_TEST

START_TEST (downloads_from_who_downloaded)
{
  ShoalClient *holder = clients_add (0), *second = clients_add (0), *third = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, SMALL);
  clients_check_download (second, fid, 1, SMALL);
  ck_assert (shoal_node_close (SHOAL_NODE (holder), NULL, NULL));
  clients_check_download (third, fid, 1, SMALL);
}
END_TEST

START_TEST (takes_magnet_links)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *fid = clients_share (holder, "a b", 1, SMALL);
  g_autofree char *magnet = shoal_client_dup_magnet (holder, fid, NULL);
  g_autofree char *wanted =
      g_strdup_printf ("magnet:?xt=urn:btmh:1220%s&dn=a%%20b&xl=%u&tr=udp%%3A%%2F%%2F127.0.0.1%%3A%u", fid,
                       SMALL, shoal_node_get_port (SHOAL_NODE (clients_tracker ())));
  ck_assert_str_eq (magnet, wanted);
  clients_check_download (other, magnet, 1, SMALL);
}
END_TEST

/* ---- onto the disk ---- */

static char *
get (ShoalClient *client, const char *fid, const char *path, ShoalDownloadFlags flags, GError **error)
{
  return shoal_client_download_to_file (client, fid, path, flags, NULL, error);
}

START_TEST (downloads_to_a_file)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, SMALL);
  const char *path = scratch_path (clients_folder (), "b");
  g_autofree char *at = get (other, fid, path, SHOAL_DOWNLOAD_NONE, NULL);
  ck_assert_str_eq (at, path);
  ck_assert (scratch_is_seeded (path, 1, SMALL));
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (other, fid, NULL);
  ck_assert_str_eq (file->path, path);
  ck_assert_str_eq (file->name, "a");
  ck_assert_int_eq (file->state, SHOAL_FILE_STATE_HELD);
  ck_assert_uint_eq (file->size_bytes, SMALL);
  ck_assert_uint_eq (file->held_bytes, SMALL);
}
END_TEST

START_TEST (leaves_files_alone)
{
  ShoalClient *holder = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, SMALL);
  const char *path = scratch_path (clients_folder (), "b");
  GError *error = NULL;
  scratch_write_seeded (path, 2, SMALL);
  ck_assert_ptr_null (get (clients_add (0), fid, path, SHOAL_DOWNLOAD_NONE, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  ck_assert (scratch_is_seeded (path, 2, SMALL));
  g_autofree char *replaced = get (clients_add (0), fid, path, SHOAL_DOWNLOAD_REPLACE, &error);
  ck_assert_no_error (error);
  ck_assert_str_eq (replaced, path);
  ck_assert (scratch_is_seeded (path, 1, SMALL));
  g_autofree char *there = get (clients_add (0), fid, path, SHOAL_DOWNLOAD_NONE, &error);
  ck_assert_no_error (error);
  ck_assert_str_eq (there, path);
}
END_TEST

START_TEST (downloads_into_a_directory)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *fid = clients_share (holder, "name", 1, SMALL);
  const char *folder = scratch_path (clients_folder (), "folder");
  ck_assert_int_eq (g_mkdir (folder, 0700), 0);
  g_autofree char *path = get (other, fid, folder, SHOAL_DOWNLOAD_INTO_DIRECTORY, NULL);
  ck_assert_str_eq (path, scratch_path (clients_folder (), "folder/name"));
  ck_assert (scratch_is_seeded (path, 1, SMALL));
}
END_TEST

START_TEST (tells_when_it_cannot_be_stored)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, SMALL);
  GError *error = NULL;
  ck_assert_ptr_null (
      get (other, fid, scratch_path (clients_folder (), "nowhere/b"), SHOAL_DOWNLOAD_NONE, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_STORAGE);
  clients_check_download (other, fid, 1, SMALL);
}
END_TEST

/* ---- what is held already ---- */

static guint64
inode_of (const char *path)
{
  GStatBuf is;
  ck_assert_int_eq (g_stat (path, &is), 0);
  return is.st_ino;
}

START_TEST (gives_what_it_registered)
{
  ShoalClient *holder = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, SMALL);
  const char *path = scratch_path (clients_folder (), "a");
  clients_check_download (holder, fid, 1, SMALL);
  guint64 inode = inode_of (path);
  g_autofree char *same = get (holder, fid, path, SHOAL_DOWNLOAD_NONE, NULL);
  g_autofree char *replaced = get (holder, fid, path, SHOAL_DOWNLOAD_REPLACE, NULL);
  ck_assert_str_eq (same, path);
  ck_assert_str_eq (replaced, path);
  ck_assert_uint_eq (inode_of (path), inode); /* it is there already: nothing was written */
  g_autofree char *copy = get (holder, fid, scratch_path (clients_folder (), "b"), SHOAL_DOWNLOAD_NONE, NULL);
  ck_assert (scratch_is_seeded (copy, 1, SMALL));
  scratch_patch (path, 20000, "changed", 7);
  g_usleep (50000); /* its time does not look new any more */
  GError *error = NULL;
  ck_assert_ptr_null (shoal_client_download (holder, fid, NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_STORAGE);
  ck_assert_ptr_null (get (holder, fid, path, SHOAL_DOWNLOAD_NONE, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_STORAGE);
}
END_TEST

START_TEST (gives_what_it_downloaded)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, SMALL);
  clients_check_download (other, fid, 1, SMALL);
  ck_assert (shoal_node_close (SHOAL_NODE (holder), NULL, NULL));
  clients_check_download (other, fid, 1, SMALL);
  const char *paths[] = { scratch_path (clients_folder (), "b"), scratch_path (clients_folder (), "c") };
  for (unsigned i = 0; i < 2; i++)
    {
      g_autofree char *path = get (other, fid, paths[i], SHOAL_DOWNLOAD_NONE, NULL);
      ck_assert_str_eq (path, paths[i]);
      ck_assert (scratch_is_seeded (path, 1, SMALL));
    }
}
END_TEST

START_TEST (registers_once)
{
  ShoalClient *holder = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, SMALL);
  ck_assert_str_eq (fid, clients_fid ("a", 1, SMALL));
  ck_assert_str_eq (clients_share (holder, "a", 1, SMALL), fid);
  g_autoptr (GPtrArray) files = shoal_client_list_files (holder);
  ck_assert_uint_eq (files->len, 1);
}
END_TEST

START_TEST (tells_when_it_cannot_register)
{
  ShoalClient *holder = clients_add (0);
  GError *error = NULL;
  ck_assert_ptr_null (shoal_client_register (holder, scratch_path (clients_folder (), "none"), NULL, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  const char *path = scratch_path (clients_folder (), "a");
  scratch_write_seeded (path, 1, SMALL);
  ck_assert_ptr_null (shoal_client_register (holder, path, cancelled, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}
END_TEST

/* ---- several at once ---- */

typedef struct {
  ShoalClient *client;
  const char *fid, *path;
  GCancellable *cancellable;
  GBytes *bytes;
  char *at;
  GError *error;
} Get;

static gpointer
run_get (gpointer data)
{
  Get *g = data;
  if (g->path)
    g->at = get (g->client, g->fid, g->path, SHOAL_DOWNLOAD_NONE, &g->error);
  else
    g->bytes = shoal_client_download (g->client, g->fid, g->cancellable, &g->error);
  return NULL;
}

static void
clear_get (Get *g)
{
  g_clear_pointer (&g->bytes, g_bytes_unref);
  g_clear_pointer (&g->at, g_free);
  g_clear_error (&g->error);
  g_clear_object (&g->cancellable);
}

static bool
is_searching (gpointer data)
{
  Get *g = data;
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (g->client, g->fid, NULL);
  return file != NULL;
}

static bool
has_begun (gpointer data)
{
  Get *g = data;
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (g->client, g->fid, NULL);
  return file && file->state == SHOAL_FILE_STATE_DOWNLOADING;
}

START_TEST (several_threads_get_one_file)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, 2 << 20);
  Get gets[6];
  GThread *threads[6];
  for (unsigned i = 0; i < 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("out%u", i);
      const char *path = i % 2 ? NULL : scratch_path (clients_folder (), name);
      gets[i] = (Get){ .client = other, .fid = fid, .path = path };
      threads[i] = g_thread_new (NULL, run_get, &gets[i]);
    }
  for (unsigned i = 0; i < 6; i++)
    {
      g_thread_join (threads[i]);
      ck_assert_no_error (gets[i].error);
      if (gets[i].path)
        ck_assert (scratch_is_seeded (gets[i].at, 1, 2 << 20));
      else
        ck_assert (clients_bytes_are (gets[i].bytes, 1, 2 << 20));
      clear_get (&gets[i]);
    }
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (SHOAL_NODE (other));
  ck_assert_uint_lt (status->payload_received_bytes, 2 * (2 << 20));
}
END_TEST

START_TEST (a_bad_place_is_one_callers_trouble)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *fid = clients_fid ("a", 1, SMALL);
  Get bad = { .client = other, .fid = fid, .path = scratch_path (clients_folder (), "nowhere/b") };
  Get good = { .client = other, .fid = fid };
  GThread *first = g_thread_new (NULL, run_get, &bad);
  clients_wait (is_searching, &bad);
  GThread *second = g_thread_new (NULL, run_get, &good);
  g_usleep (50000); /* both wait, in this order, before there is a holder */
  clients_share (holder, "a", 1, SMALL);
  g_thread_join (first);
  g_thread_join (second);
  ck_assert_error (bad.error, SHOAL_ERROR, SHOAL_ERROR_STORAGE);
  ck_assert_no_error (good.error);
  ck_assert (clients_bytes_are (good.bytes, 1, SMALL));
  clear_get (&good);
}
END_TEST

START_TEST (registering_ends_a_download)
{
  ShoalClient *other = clients_add (0);
  const char *fid = clients_fid ("a", 1, SMALL);
  Get g = { .client = other, .fid = fid };
  GThread *thread = g_thread_new (NULL, run_get, &g);
  clients_wait (is_searching, &g);
  ck_assert_str_eq (clients_share (other, "a", 1, SMALL), fid);
  g_thread_join (thread);
  ck_assert_no_error (g.error);
  ck_assert (clients_bytes_are (g.bytes, 1, SMALL));
  clear_get (&g);
}
END_TEST

START_TEST (several_files_at_once)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  Get gets[8];
  GThread *threads[8];
  for (unsigned i = 0; i < 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("f%u", i);
      gets[i] = (Get){ .client = other, .fid = clients_share (holder, name, i, SMALL + i) };
    }
  for (unsigned i = 0; i < 8; i++)
    threads[i] = g_thread_new (NULL, run_get, &gets[i]);
  for (unsigned i = 0; i < 8; i++)
    {
      g_thread_join (threads[i]);
      ck_assert_no_error (gets[i].error);
      ck_assert (clients_bytes_are (gets[i].bytes, i, SMALL + i));
      clear_get (&gets[i]);
    }
}
END_TEST

/* ---- giving up ---- */

START_TEST (cancels_a_download)
{
  ShoalClient *holder = clients_add (SLOW), *other = clients_add (0);
  Get g = { .client = other, .fid = clients_share (holder, "a", 1, SMALL) };
  GThread *thread = g_thread_new (NULL, run_get, &g);
  clients_wait (has_begun, &g);
  ck_assert (shoal_client_cancel (other, g.fid, NULL));
  g_thread_join (thread);
  ck_assert_error (g.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ck_assert_ptr_null (shoal_client_get_file (other, g.fid, &g.error));
  ck_assert_error (g.error, SHOAL_ERROR, SHOAL_ERROR_NOT_FOUND);
}
END_TEST

START_TEST (cancels_what_it_holds)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  GError *error = NULL;
  const char *fid = clients_share (holder, "a", 1, SMALL);
  ck_assert (shoal_client_cancel (holder, fid, NULL));
  ck_assert (!shoal_client_cancel (holder, fid, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_NOT_FOUND);
  shoal_client_set_download_timeout (other, 300);
  ck_assert_ptr_null (shoal_client_download (other, fid, NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_NO_HOLDER);
}
END_TEST

/* Of two who wait, one gives up, then the other: only then is the file given up. */
START_TEST (callers_give_up)
{
  ShoalClient *other = clients_add (0);
  Get gets[2];
  GThread *threads[2];
  for (unsigned i = 0; i < 2; i++)
    {
      gets[i] = (Get){ .client = other, .fid = clients_fid ("a", 1, SMALL) };
      gets[i].cancellable = g_cancellable_new ();
      threads[i] = g_thread_new (NULL, run_get, &gets[i]);
    }
  for (unsigned i = 0; i < 2; i++)
    {
      clients_wait (is_searching, &gets[i]);
      g_usleep (20000); /* the other waits, too */
      g_cancellable_cancel (gets[i].cancellable);
      g_thread_join (threads[i]);
      ck_assert_error (gets[i].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      clear_get (&gets[i]);
    }
  g_autoptr (GPtrArray) files = shoal_client_list_files (other);
  ck_assert_uint_eq (files->len, 0);
}
END_TEST

START_TEST (gives_up_before_it_begins)
{
  ShoalClient *other = clients_add (0);
  GError *error = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  ck_assert_ptr_null (shoal_client_download (other, clients_fid ("a", 1, SMALL), cancelled, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autoptr (GPtrArray) files = shoal_client_list_files (other);
  ck_assert_uint_eq (files->len, 0);
}
END_TEST

START_TEST (keeps_time_limits)
{
  ShoalClient *holder = clients_add (SLOW), *other = clients_add (0);
  GError *error = NULL;
  const char *fid = clients_share (holder, "a", 1, SMALL);
  g_object_set (other, "download-timeout", 1500u, NULL);
  ck_assert_ptr_null (shoal_client_download (other, clients_fid ("b", 2, SMALL), NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_NO_HOLDER);
  ck_assert_ptr_null (shoal_client_download (other, fid, NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_TIMED_OUT);
}
END_TEST

/* ---- what cannot be ---- */

START_TEST (refuses_what_is_no_fid)
{
  static const char *const bad[] = { "", "x", "0123",
                                     "magnet:?xt=urn:btih:0123456789012345678901234567890123456789",
                                     "zz23456789012345678901234567890123456789012345678901234567890123" };
  ShoalClient *client = clients_add (0);
  GError *error = NULL;
  ck_assert_ptr_null (shoal_client_download (client, bad[_i], NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_INVALID_FID);
  ck_assert (!shoal_client_cancel (client, bad[_i], &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_INVALID_FID);
  ck_assert_ptr_null (shoal_client_list_neighbours (client, bad[_i], &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_INVALID_FID);
}
END_TEST

START_TEST (tells_when_it_cannot_be_made)
{
  GError *error = NULL;
  guint16 taken = shoal_node_get_port (SHOAL_NODE (clients_tracker ()));
  ck_assert_ptr_null (shoal_client_new ("127.0.0.1", NULL, 0, 0, 0, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  ck_assert_ptr_null (shoal_client_new (NULL, NULL, taken, 0, 0, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  ck_assert_ptr_null (g_initable_new (SHOAL_TYPE_CLIENT, NULL, &error, "strategy", "tat", NULL));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  ck_assert_ptr_null (g_initable_new (SHOAL_TYPE_TRACKER, NULL, &error, "bind-address", "example", NULL));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}
END_TEST

/* ---- asking ---- */

START_TEST (tells_of_neighbours)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, SMALL);
  GError *error = NULL;
  clients_check_download (other, fid, 1, SMALL);
  g_autoptr (GPtrArray) neighbours = shoal_client_list_neighbours (other, fid, NULL);
  ck_assert_uint_eq (neighbours->len, 1);
  const ShoalNeighbourStatus *neighbour = neighbours->pdata[0];
  ck_assert_str_eq (neighbour->address, clients_address (SHOAL_NODE (holder)));
  ck_assert_uint_eq (neighbour->received_bytes, SMALL);
  ck_assert_uint_eq (neighbour->held_blocks, 7);
  ck_assert_uint_gt (neighbour->round_trip_us, 0);
  g_autoptr (ShoalNeighbourStatus) copy = shoal_neighbour_status_copy (neighbour);
  ck_assert_str_eq (copy->address, neighbour->address);
  ck_assert_ptr_null (shoal_client_list_neighbours (other, clients_fid ("b", 1, 1), &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_NOT_FOUND);
}
END_TEST

START_TEST (counts)
{
  ShoalClient *holder = clients_add (0), *other = clients_add (0);
  const char *fid = clients_share (holder, "a", 1, SMALL);
  clients_check_download (other, fid, 1, SMALL);
  ck_assert (shoal_node_close (SHOAL_NODE (other), NULL, NULL));
  g_autoptr (ShoalNodeStatus) to = shoal_node_get_status (SHOAL_NODE (other));
  g_autoptr (ShoalNodeStatus) from = shoal_node_get_status (SHOAL_NODE (holder));
  ck_assert_uint_eq (to->payload_received_bytes, SMALL);
  ck_assert_uint_eq (to->blocks_verified, 7);
  ck_assert_uint_eq (from->payload_sent_bytes, SMALL);
  ck_assert_uint_gt (to->received_bytes, SMALL);
  g_autoptr (ShoalTrackerStatus) tracker = shoal_tracker_get_tracker_status (clients_tracker ());
  ck_assert_uint_ge (tracker->announces, 3);
  ck_assert_uint_eq (tracker->errors, 0);
  ck_assert (shoal_node_close (SHOAL_NODE (clients_tracker ()), NULL, NULL));
  g_autoptr (ShoalTrackerStatus) last = shoal_tracker_get_tracker_status (clients_tracker ());
  ck_assert_uint_ge (last->announces, tracker->announces);
}
END_TEST

static void
add_tests (TCase *tests)
{
  tcase_add_loop_test (tests, downloads_any_size, 0, 8);
  tcase_add_test (tests, downloads_from_who_downloaded);
  tcase_add_test (tests, takes_magnet_links);
  tcase_add_test (tests, downloads_to_a_file);
  tcase_add_test (tests, leaves_files_alone);
  tcase_add_test (tests, downloads_into_a_directory);
  tcase_add_test (tests, tells_when_it_cannot_be_stored);
  tcase_add_test (tests, gives_what_it_registered);
  tcase_add_test (tests, gives_what_it_downloaded);
  tcase_add_test (tests, registers_once);
  tcase_add_test (tests, tells_when_it_cannot_register);
  tcase_add_test (tests, several_threads_get_one_file);
  tcase_add_test (tests, a_bad_place_is_one_callers_trouble);
  tcase_add_test (tests, registering_ends_a_download);
  tcase_add_test (tests, several_files_at_once);
  tcase_add_test (tests, cancels_a_download);
  tcase_add_test (tests, cancels_what_it_holds);
  tcase_add_test (tests, callers_give_up);
  tcase_add_test (tests, gives_up_before_it_begins);
  tcase_add_test (tests, keeps_time_limits);
  tcase_add_loop_test (tests, refuses_what_is_no_fid, 0, 5);
  tcase_add_test (tests, tells_when_it_cannot_be_made);
  tcase_add_test (tests, tells_of_neighbours);
  tcase_add_test (tests, counts);
}

int
main (void)
{
  Suite *suite = suite_create ("shoal-client");
  TCase *tests = tcase_create ("client");
  tcase_add_checked_fixture (tests, clients_set_up, clients_tear_down);
  add_tests (tests);
  suite_add_tcase (suite, tests);
  return shoal_run_suites (suite, NULL);
}
