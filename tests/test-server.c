/* The traditional model: one server, clients that never upload. */
#include "sim/world.h"
#include "src/client.h"
#include "src/server.h"
#include "tests/harness.h"
#include "tests/pair.h"

#define S SHOAL_SECOND
#define RATE 100000u

static PairWorld *w;
static PairFile *file;

static void
set_up (void)
{
  w = pair_world_new (1);
  file = pair_file_new ("file", 500000, 5);
}

static void
tear_down (void)
{
  pair_world_free (w);
  pair_file_free (file);
}

/* A server as node 0 and clients from 1 on. */
static void
server_and_clients (unsigned clients, ShoalService service)
{
  PairPeerOptions o = { .tracker = -1, .upload_bytes_per_s = RATE };
  ShoalPeerOptions options = pair_options (w, 0, "server", &o);
  options.service = service;
  pair_add_machine (w, shoal_server_machine_new (&options), RATE);
  for (unsigned i = 1; i <= clients; i++)
    {
      g_autofree char *name = g_strdup_printf ("client%u", i);
      options = pair_options (w, i, name, &o);
      pair_add_machine (w, shoal_client_machine_new (&options), RATE);
    }
  ck_assert_int_eq (pair_register (w, 0, file), SHOAL_OK);
}

static ShoalTime
done_at (unsigned node)
{
  const PairEvent *done = pair_last (w, node, SHOAL_EVENT_DOWNLOAD_DONE);
  ck_assert_ptr_nonnull (done);
  return done->at;
}

/* All from the server, whatever the clients could give each other. */
START_TEST (clients_never_upload)
{
  server_and_clients (4, SHOAL_SERVICE_FAIR);
  for (unsigned i = 1; i <= 4; i++)
    pair_download (w, i, file, 0, 0);
  ck_assert (pair_run_done (w, 1, 4, file, w->now + 60 * S));
  for (unsigned i = 1; i <= 4; i++)
    {
      ck_assert (pair_right (w, i, file));
      ck_assert_uint_eq (pair_node (w, i)->payload_bytes, 0);
      ck_assert_uint_eq (pair_got_from (w, i, file, 0), file->length);
    }
  ck_assert_uint_lt (pair_node (w, 0)->payload_bytes, 4 * file->length * 101 / 100);
}
END_TEST

/* Nor to who knows its address and asks it. */
START_TEST (client_refuses_to_serve)
{
  server_and_clients (2, SHOAL_SERVICE_FAIR);
  pair_download (w, 1, file, 0, 0);
  ck_assert (pair_run_done (w, 1, 1, file, w->now + 60 * S));
  pair_close (w, 0);
  pair_download (w, 2, file, 1, 30 * S);
  pair_run (w, w->now + 60 * S);
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 0);
  ck_assert_uint_eq (pair_count (w, 2, SHOAL_EVENT_DOWNLOAD_FAILED, NULL), 1);
  ck_assert_uint_eq (pair_node (w, 1)->payload_bytes, 0);
}
END_TEST

/* In order of arrival: each is served to its end, then the next. */
START_TEST (fifo)
{
  server_and_clients (4, SHOAL_SERVICE_FIFO);
  ShoalTime start = w->now, each = (ShoalTime)file->length * S / RATE;
  for (unsigned i = 1; i <= 4; i++)
    {
      pair_download (w, i, file, 0, 0);
      pair_run (w, w->now + 100 * SHOAL_MS);
    }
  ck_assert (pair_run_done (w, 1, 4, file, w->now + 60 * S));
  for (unsigned i = 1; i <= 4; i++)
    {
      ck_assert_int_ge (done_at (i), start + i * each);
      ck_assert_int_le (done_at (i), start + i * each * 105 / 100 + S / 2);
    }
}
END_TEST

/* In turns: all end at nearly the same time. */
START_TEST (fair)
{
  server_and_clients (4, SHOAL_SERVICE_FAIR);
  ShoalTime start = w->now, all = 4 * (ShoalTime)file->length * S / RATE;
  for (unsigned i = 1; i <= 4; i++)
    pair_download (w, i, file, 0, 0);
  ck_assert (pair_run_done (w, 1, 4, file, w->now + 60 * S));
  for (unsigned i = 1; i <= 4; i++)
    {
      ck_assert_int_ge (done_at (i), start + all * 85 / 100);
      ck_assert_int_le (done_at (i), start + all * 103 / 100);
    }
}
END_TEST

/* More than a peer takes for neighbours: there is nobody else to go to. */
START_TEST (many_clients)
{
  PairFile *small = pair_file_new ("small", 20000, 6);
  server_and_clients (40, SHOAL_SERVICE_FAIR);
  pair_register (w, 0, small);
  for (unsigned i = 1; i <= 40; i++)
    pair_download (w, i, small, 0, 0);
  ck_assert (pair_run_done (w, 1, 40, small, w->now + 60 * S));
  for (unsigned i = 1; i <= 40; i++)
    ck_assert (pair_right (w, i, small));
  pair_file_free (small);
}
END_TEST

START_TEST (losses)
{
  server_and_clients (3, _i == 0 ? SHOAL_SERVICE_FAIR : SHOAL_SERVICE_FIFO);
  w->loss_permille = 100;
  for (unsigned i = 1; i <= 3; i++)
    pair_download (w, i, file, 0, 0);
  ck_assert (pair_run_done (w, 1, 3, file, w->now + 120 * S));
  for (unsigned i = 1; i <= 3; i++)
    ck_assert (pair_right (w, i, file));
}
END_TEST

/* What a server downloads itself it keeps to itself. */
START_TEST (serves_what_it_registered)
{
  PairPeerOptions o = { .tracker = -1, .upload_bytes_per_s = RATE };
  server_and_clients (1, SHOAL_SERVICE_FAIR);
  ShoalPeerOptions options = pair_options (w, 2, "other server", &o);
  unsigned other = pair_add_machine (w, shoal_server_machine_new (&options), RATE);
  pair_download (w, other, file, 0, 0);
  ck_assert (pair_run_done (w, other, 1, file, w->now + 60 * S));
  pair_close (w, 0); /* or the client would find it through the other one */
  pair_run (w, w->now + 5 * S);
  pair_download (w, 1, file, (int)other, 20 * S);
  pair_run (w, w->now + 30 * S);
  ck_assert_uint_eq (pair_node (w, other)->payload_bytes, 0);
  ck_assert_uint_eq (pair_count (w, 1, SHOAL_EVENT_DOWNLOAD_DONE, NULL), 0);
}
END_TEST

/* ---- in the virtual world: N·F / u_s within 1 % ---- */

typedef struct {
  unsigned done, clients;
  ShoalTime first, last;
} Times;

static void
on_event (void *context, ShoalTime now, unsigned node, const ShoalEvent *event)
{
  Times *times = context;
  (void)node;
  if (event->kind != SHOAL_EVENT_DOWNLOAD_DONE)
    return;
  times->first = times->done++ == 0 ? now : times->first;
  times->last = now;
}

START_TEST (makespan)
{
  static const unsigned counts[] = { 1, 4, 20, 50 };
  ShoalService service = _i % 2 ? SHOAL_SERVICE_FIFO : SHOAL_SERVICE_FAIR;
  PairFile *large = pair_file_new ("large", 6219776, 7);
  ShoalSharedFile shared = { .file = large->file,
                             .tree = shoal_merkle_new_full (shoal_info_blocks (&large->file.info), NULL) };
  ShoalWorldOptions options = { .seed = 1 };
  ShoalBackend *world = shoal_world_new (&options);
  Times times = { .clients = counts[_i / 2] };
  world->on_event = on_event;
  world->context = &times;
  for (unsigned i = 0; i <= times.clients; i++)
    {
      g_autofree char *name = g_strdup_printf ("node%u", i);
      ShoalNodeSpec spec = { .name = name,
                             .role = i == 0 ? SHOAL_ROLE_SERVER : SHOAL_ROLE_CLIENT,
                             .tracker = -1 };
      spec.upload_bytes_per_s = spec.download_bytes_per_s = RATE;
      spec.service = service;
      world->ops->add_node (world, &spec, NULL);
      world->ops->start (world, i);
    }
  ck_assert_int_eq (world->ops->register_file (world, 0, &shared), SHOAL_OK);
  for (unsigned i = 1; i <= times.clients; i++)
    ck_assert_int_eq (world->ops->download (world, i, &shared, 0, 0), SHOAL_OK);
  world->ops->run (world, 10000 * S);
  ck_assert_uint_eq (times.done, times.clients);
  ShoalTime ideal = (ShoalTime)(times.clients * large->length * (uint64_t)S / RATE);
  ck_assert_int_ge (times.last, ideal);
  ck_assert_msg (times.last <= ideal * 101 / 100, "%u clients: %.4f of the ideal", times.clients,
                 (double)times.last / (double)ideal);
  if (service == SHOAL_SERVICE_FIFO)
    ck_assert_int_le (times.first, ideal / times.clients * 103 / 100);
  else
    ck_assert_int_ge (times.first, ideal * 90 / 100);
  world->ops->free (world);
  shoal_merkle_unref (shared.tree);
  pair_file_free (large);
}
END_TEST

static Suite *
server_suite (void)
{
  Suite *suite = suite_create ("server");
  TCase *tests = tcase_create ("all"), *slow = tcase_create ("makespan");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, clients_never_upload);
  tcase_add_test (tests, client_refuses_to_serve);
  tcase_add_test (tests, fifo);
  tcase_add_test (tests, fair);
  tcase_add_test (tests, many_clients);
  tcase_add_loop_test (tests, losses, 0, 2);
  tcase_add_test (tests, serves_what_it_registered);
  tcase_set_timeout (slow, 120);
  tcase_add_loop_test (slow, makespan, 0, 8);
  suite_add_tcase (suite, tests);
  suite_add_tcase (suite, slow);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (server_suite (), NULL);
}
