/* The server-client model with libshoal. */
#include "tests/clients.h"
#include "tests/harness.h"

#define SIZE 100000u

static ShoalServer *
add_server (uint64_t upload_rate, ShoalServerOrder order)
{
  g_autoptr (GError) error = NULL;
  ShoalServer *server = shoal_server_new (0, upload_rate, 0, order, &error);
  ck_assert_msg (server != NULL, "%s", error ? error->message : "");
  clients_adopt (server);
  return server;
}

static ShoalClient *
add_client (ShoalServer *server)
{
  g_autoptr (GError) error = NULL;
  ShoalClient *client =
      shoal_client_new_for_server (clients_address (SHOAL_NODE (server)), NULL, 0, 0, 0, &error);
  ck_assert_msg (client != NULL, "%s", error ? error->message : "");
  clients_adopt (client);
  return client;
}

static char *
offer (ShoalServer *server, const char *name, uint64_t seed, uint64_t length)
{
  const char *path = scratch_path (clients_folder (), name);
  scratch_write_seeded (path, seed, length);
  return shoal_server_register (server, path, NULL, NULL);
}

START_TEST (serves)
{
  ShoalServer *server = add_server (0, SHOAL_SERVER_ORDER_FAIR);
  ShoalClient *client = add_client (server);
  g_autofree char *fid = offer (server, "a", 1, SIZE);
  clients_check_download (client, fid, 1, SIZE);
  g_autoptr (GPtrArray) files = shoal_server_list_files (server);
  ck_assert_uint_eq (files->len, 1);
  ck_assert_str_eq (((ShoalFileStatus *)files->pdata[0])->fid, fid);
  g_autoptr (GPtrArray) neighbours = shoal_server_list_neighbours (server, fid, NULL);
  ck_assert_uint_eq (neighbours->len, 1);
  ck_assert_str_eq (((ShoalNeighbourStatus *)neighbours->pdata[0])->address,
                    clients_address (SHOAL_NODE (client)));
  ck_assert (shoal_server_cancel (server, fid, NULL));
  ck_assert (!shoal_server_cancel (server, fid, NULL));
}
END_TEST

START_TEST (its_clients_upload_nothing)
{
  ShoalServer *server = add_server (0, SHOAL_SERVER_ORDER_FAIR);
  ShoalClient *client = add_client (server);
  g_autofree char *fid = offer (server, "a", 1, SIZE);
  clients_check_download (client, fid, 1, SIZE);
  GError *error = NULL;
  ck_assert_ptr_null (shoal_client_register (client, scratch_path (clients_folder (), "a"), NULL, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_autoptr (ShoalClient) other =
      shoal_client_new_for_server (clients_address (SHOAL_NODE (client)), NULL, 0, 0, 0, NULL);
  shoal_client_set_download_timeout (other, 500);
  g_autoptr (GBytes) bytes = shoal_client_download (other, fid, NULL, NULL);
  ck_assert (!bytes || clients_bytes_are (bytes, 1, SIZE)); /* from that one it did not come */
  ck_assert (shoal_node_close (SHOAL_NODE (other), NULL, NULL));
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (SHOAL_NODE (client));
  ck_assert_uint_eq (status->payload_sent_bytes, 0);
}
END_TEST

typedef struct {
  ShoalClient *client;
  const char *fid;
  gint64 done_us;
} Get;

static gpointer
run_get (gpointer data)
{
  Get *get = data;
  clients_check_download (get->client, get->fid, 1, SIZE);
  get->done_us = g_get_monotonic_time ();
  return NULL;
}

/* One after the other, or both at the end: the first one's share of the time tells. */
static double
first_of_two (ShoalServerOrder order)
{
  ShoalServer *server = add_server (SIZE, order);
  g_autofree char *fid = offer (server, "a", 1, SIZE);
  Get gets[2];
  GThread *threads[2];
  gint64 start_us = g_get_monotonic_time ();
  for (unsigned i = 0; i < 2; i++)
    {
      gets[i] = (Get){ .client = add_client (server), .fid = fid };
      threads[i] = g_thread_new (NULL, run_get, &gets[i]);
    }
  for (unsigned i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  gint64 first_us = MIN (gets[0].done_us, gets[1].done_us), last_us = MAX (gets[0].done_us, gets[1].done_us);
  return (double)(first_us - start_us) / (double)(last_us - start_us);
}

START_TEST (serves_in_order)
{
  double fifo = first_of_two (SHOAL_SERVER_ORDER_FIFO), fair = first_of_two (SHOAL_SERVER_ORDER_FAIR);
  ck_assert_msg (fifo < 0.65, "%g", fifo);
  ck_assert_msg (fair > 0.8, "%g", fair);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("shoal-server");
  TCase *tests = tcase_create ("server");
  tcase_add_checked_fixture (tests, clients_set_up, clients_tear_down);
  tcase_add_test (tests, serves);
  tcase_add_test (tests, its_clients_upload_nothing);
  tcase_add_test (tests, serves_in_order);
  suite_add_tcase (suite, tests);
  return shoal_run_suites (suite, NULL);
}
