/* Proxies of libshoal: by themselves, taken over by a client, and a caller's own. */
#include "tests/clients.h"
#include "tests/harness.h"

#include "real/shoal-inet.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PACKET 1000u
#define RATE 20000u /* a packet takes 50 ms */

static ShoalProxy *
new_proxy (uint64_t upload_rate, uint64_t download_rate)
{
  g_autoptr (GError) error = NULL;
  ShoalUdpProxy *proxy = shoal_udp_proxy_new (0, upload_rate, download_rate, &error);
  ck_assert_msg (proxy != NULL, "%s", error ? error->message : "");
  return SHOAL_PROXY (proxy);
}

static GBytes *
packet (uint8_t first)
{
  uint8_t *bytes = g_malloc0 (PACKET);
  bytes[0] = first;
  return g_bytes_new_take (bytes, PACKET);
}

static void
send_packet (ShoalProxy *from, ShoalProxy *to, uint8_t first)
{
  GError *error = NULL;
  g_autoptr (GBytes) data = packet (first);
  bool sent = shoal_proxy_send_to (from, data, "127.0.0.1", shoal_proxy_get_port (to), &error);
  ck_assert_no_error (error);
  ck_assert (sent);
}

/* The first byte of what comes; -1: nothing in time. */
static int
receive (ShoalProxy *at, gint64 timeout_us)
{
  GError *error = NULL;
  g_autoptr (GBytes) data = shoal_proxy_receive_from (at, timeout_us, NULL, NULL, &error);
  ck_assert_no_error (error);
  return data ? ((const uint8_t *)g_bytes_get_data (data, NULL))[0] : -1;
}

/* ---- by itself ---- */

START_TEST (carries)
{
  g_autoptr (ShoalProxy) a = new_proxy (0, 0), b = new_proxy (0, 0);
  g_autofree char *host = NULL;
  guint16 port;
  send_packet (a, b, 7);
  g_autoptr (GBytes) data = shoal_proxy_receive_from (b, G_USEC_PER_SEC, &host, &port, NULL);
  ck_assert_uint_eq (g_bytes_get_size (data), PACKET);
  ck_assert_str_eq (host, "127.0.0.1");
  ck_assert_uint_eq (port, shoal_proxy_get_port (a));
  ck_assert_int_eq (receive (b, 0), -1);
}
END_TEST

static double
seconds_since (gint64 start_us)
{
  return (double)(g_get_monotonic_time () - start_us) / G_USEC_PER_SEC;
}

START_TEST (sends_at_its_rate)
{
  g_autoptr (ShoalProxy) a = new_proxy (RATE, 0), b = new_proxy (0, 0);
  gint64 start_us = g_get_monotonic_time ();
  for (unsigned i = 0; i < 10; i++)
    send_packet (a, b, 0);
  double took_s = seconds_since (start_us); /* each waits until its service ends: 0.5 s in all */
  ck_assert_msg (took_s >= 0.499 && took_s < 2, "%g", took_s);
  shoal_proxy_set_upload_rate (a, 0);
  ck_assert_uint_eq (shoal_proxy_get_upload_rate (a), 0);
  start_us = g_get_monotonic_time ();
  for (unsigned i = 0; i < 10; i++)
    send_packet (a, b, 0);
  ck_assert (seconds_since (start_us) < 0.4);
}
END_TEST

/* Two seconds' worth, one after another. Each wakes late, but the next starts where it should have; only the last one's
 * lateness counts, for which a busy host gets several tries. */
START_TEST (average_rate_is_exact)
{
  g_autoptr (ShoalProxy) a = new_proxy (1000 * PACKET, 0), b = new_proxy (0, 0);
  double took_s = 0;
  for (unsigned attempt = 0; attempt < 5 && (attempt == 0 || took_s > 2.01); attempt++)
    {
      g_usleep (100000); /* what was idle is not made up for */
      gint64 start_us = g_get_monotonic_time ();
      for (unsigned i = 0; i < 2000; i++)
        send_packet (a, b, 0);
      took_s = seconds_since (start_us);
      ck_assert_msg (took_s >= 1.999, "%g", took_s);
    }
  ck_assert_msg (took_s <= 2.01, "%g", took_s);
}
END_TEST

/* Nor is what was sent without one. */
START_TEST (a_rate_begins_when_set)
{
  g_autoptr (ShoalProxy) a = new_proxy (0, 0), b = new_proxy (0, 0);
  gint64 start_us = g_get_monotonic_time ();
  while (seconds_since (start_us) < 0.4)
    send_packet (a, b, 0);
  shoal_proxy_set_upload_rate (a, RATE);
  start_us = g_get_monotonic_time ();
  for (unsigned i = 0; i < 4; i++)
    send_packet (a, b, 0);
  double took_s = seconds_since (start_us);
  ck_assert_msg (took_s >= 0.15, "%g", took_s);
}
END_TEST

/* What came while nobody looked was served meanwhile. */
START_TEST (receives_at_its_rate)
{
  g_autoptr (ShoalProxy) a = new_proxy (0, 0), b = new_proxy (0, RATE);
  gint64 start_us = g_get_monotonic_time ();
  for (unsigned i = 0; i < 10; i++)
    send_packet (a, b, (uint8_t)i);
  ck_assert_int_eq (receive (b, 10000), -1);
  g_usleep (300000);
  for (unsigned i = 0; i < 10; i++)
    ck_assert_int_eq (receive (b, -1), (int)i);
  double took_s = seconds_since (start_us);
  ck_assert_msg (took_s >= 0.499 && took_s < 2, "%g", took_s);
}
END_TEST

typedef struct {
  ShoalProxy *from, *to;
  uint8_t first;
  GError *error;
} Job;

static gpointer
run_send (gpointer data)
{
  Job *job = data;
  send_packet (job->from, job->to, job->first);
  return NULL;
}

START_TEST (senders_take_turns)
{
  g_autoptr (ShoalProxy) a = new_proxy (RATE, 0), b = new_proxy (0, 0);
  Job jobs[5];
  GThread *threads[5];
  for (unsigned i = 0; i < 5; i++)
    {
      jobs[i] = (Job){ .from = a, .to = b, .first = (uint8_t)i };
      threads[i] = g_thread_new (NULL, run_send, &jobs[i]);
      g_usleep (10000); /* in this order, all within the first one's service */
    }
  for (unsigned i = 0; i < 5; i++)
    {
      ck_assert_int_eq (receive (b, -1), (int)i);
      g_thread_join (threads[i]);
    }
}
END_TEST

/* A new rate is for all whose service has not begun. */
START_TEST (waiting_senders_get_the_new_rate)
{
  g_autoptr (ShoalProxy) a = new_proxy (PACKET, 0), b = new_proxy (0, 0);
  Job jobs[4];
  GThread *threads[4];
  gint64 start_us = g_get_monotonic_time ();
  for (unsigned i = 0; i < 4; i++)
    {
      jobs[i] = (Job){ .from = a, .to = b, .first = (uint8_t)i };
      threads[i] = g_thread_new (NULL, run_send, &jobs[i]);
    }
  g_usleep (100000);
  shoal_proxy_set_upload_rate (a, 0);
  for (unsigned i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  double took_s = seconds_since (start_us); /* the first one's second, and nothing for the others */
  ck_assert_msg (took_s >= 0.999 && took_s < 1.9, "%g", took_s);
}
END_TEST

static gpointer
run_receive (gpointer data)
{
  Job *job = data;
  g_autoptr (GBytes) none = shoal_proxy_receive_from (job->from, -1, NULL, NULL, &job->error);
  ck_assert_ptr_null (none);
  return NULL;
}

static gpointer
run_slow_send (gpointer data)
{
  Job *job = data;
  g_autoptr (GBytes) data_to_send = packet (0);
  ck_assert (!shoal_proxy_send_to (job->from, data_to_send, "127.0.0.1", 9, &job->error));
  return NULL;
}

START_TEST (closing_wakes)
{
  g_autoptr (ShoalProxy) a = new_proxy (1, 0); /* a packet takes 1,000 s */
  Job jobs[4] = { { .from = a }, { .from = a }, { .from = a }, { .from = a } };
  GThread *threads[4];
  for (unsigned i = 0; i < 4; i++)
    threads[i] = g_thread_new (NULL, i % 2 ? run_receive : run_slow_send, &jobs[i]);
  g_usleep (50000);
  shoal_proxy_close (a);
  for (unsigned i = 0; i < 4; i++)
    {
      g_thread_join (threads[i]);
      ck_assert_error (jobs[i].error, G_IO_ERROR, G_IO_ERROR_CLOSED);
    }
  shoal_proxy_close (a);
}
END_TEST

START_TEST (refuses_names)
{
  g_autoptr (ShoalProxy) a = new_proxy (0, 0);
  GError *error = NULL;
  g_autoptr (GBytes) data = packet (0);
  ck_assert (!shoal_proxy_send_to (a, data, "localhost", 9, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  ck_assert_ptr_null (shoal_udp_proxy_new (shoal_proxy_get_port (a), 0, 0, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}
END_TEST

/* ---- taken over by a client ---- */

static ShoalClient *
client_with (ShoalProxy *proxy)
{
  g_autoptr (GError) error = NULL;
  ShoalClient *client = shoal_client_new (clients_tracker_address (), proxy, 0, 0, 0, &error);
  ck_assert_msg (client != NULL, "%s", error ? error->message : "");
  clients_adopt (client);
  return client;
}

START_TEST (belongs_to_its_client)
{
  g_autoptr (ShoalProxy) proxy = new_proxy (50000, 60000);
  ShoalClient *client = client_with (proxy);
  GError *error = NULL;
  g_autoptr (GBytes) data = packet (0);
  ck_assert_ptr_eq (shoal_node_get_proxy (SHOAL_NODE (client)), proxy);
  ck_assert_uint_eq (shoal_node_get_port (SHOAL_NODE (client)), shoal_proxy_get_port (proxy));
  ck_assert_uint_eq (shoal_node_get_upload_rate (SHOAL_NODE (client)), 50000);
  ck_assert_uint_eq (shoal_node_get_download_rate (SHOAL_NODE (client)), 60000);
  ck_assert (!shoal_proxy_send_to (proxy, data, "127.0.0.1", 9, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  ck_assert_ptr_null (shoal_proxy_receive_from (proxy, 0, NULL, NULL, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  ck_assert_ptr_null (shoal_client_new (NULL, proxy, 0, 0, 0, &error));
  ck_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  shoal_proxy_close (proxy); /* is left to the client */
  clients_check_download (client, clients_share (clients_add (0), "a", 1, 1000), 1, 1000);
}
END_TEST

static double
download_seconds (ShoalClient *from, ShoalClient *to, const char *name, uint64_t length)
{
  const char *fid = clients_share (from, name, 1, length);
  gint64 start_us = g_get_monotonic_time ();
  clients_check_download (to, fid, 1, length);
  return seconds_since (start_us);
}

START_TEST (rates_of_the_proxy_hold)
{
  g_autoptr (ShoalProxy) proxy = new_proxy (0, 0);
  ShoalClient *holder = client_with (proxy), *other = clients_add (0);
  download_seconds (holder, other, "first", 1000);
  shoal_proxy_set_upload_rate (proxy, 200000);
  ck_assert_uint_eq (shoal_node_get_upload_rate (SHOAL_NODE (holder)), 200000);
  double took_s = download_seconds (holder, other, "second", 200000);
  ck_assert_msg (took_s > 0.9 && took_s < 5, "%g", took_s);
  shoal_node_set_upload_rate (SHOAL_NODE (holder), 0);
  ck_assert_uint_eq (shoal_proxy_get_upload_rate (proxy), 0);
  took_s = download_seconds (holder, other, "third", 200000);
  ck_assert_msg (took_s < 0.8, "%g", took_s);
}
END_TEST

/* ---- a caller's own: a socket, and nothing of shoal ---- */

#define OWN_TYPE_PROXY (own_proxy_get_type ())
G_DECLARE_FINAL_TYPE (OwnProxy, own_proxy, OWN, PROXY, GObject)

struct _OwnProxy {
  GObject parent_instance;
  int fd;
  gint closed, upload_rate, sent; /* atomic */
};

static gboolean
own_send_to (ShoalProxy *proxy, GBytes *data, const char *host, guint16 port, GError **error)
{
  OwnProxy *own = OWN_PROXY (proxy);
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (port) };
  gsize length;
  const void *bytes = g_bytes_get_data (data, &length);
  inet_pton (AF_INET, host, &to.sin_addr);
  gint rate = g_atomic_int_get (&own->upload_rate);
  if (rate > 0)
    g_usleep (length * G_USEC_PER_SEC / (guint)rate);
  g_atomic_int_add (&own->sent, (gint)length);
  if (sendto (own->fd, bytes, length, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)length)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "not sent");
  return FALSE;
}

static GBytes *
own_receive_from (ShoalProxy *proxy, gint64 timeout_us, char **host, guint16 *port, GError **error)
{
  OwnProxy *own = OWN_PROXY (proxy);
  uint8_t bytes[65536];
  struct sockaddr_in from;
  socklen_t room = sizeof from;
  char text[INET_ADDRSTRLEN];
  const struct timeval timeout = { .tv_sec = timeout_us / G_USEC_PER_SEC,
                                   .tv_usec = timeout_us % G_USEC_PER_SEC };
  setsockopt (own->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ssize_t length = recvfrom (own->fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &room);
  if (g_atomic_int_get (&own->closed))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "closed");
  if (length < 0 || g_atomic_int_get (&own->closed))
    return NULL;
  *host = g_strdup (inet_ntop (AF_INET, &from.sin_addr, text, sizeof text));
  *port = ntohs (from.sin_port);
  return g_bytes_new (bytes, (gsize)length);
}

static void
own_close (ShoalProxy *proxy)
{
  OwnProxy *own = OWN_PROXY (proxy);
  g_atomic_int_set (&own->closed, 1);
  shutdown (own->fd, SHUT_RDWR);
}

static guint16
own_get_port (ShoalProxy *proxy)
{
  struct sockaddr_in name;
  socklen_t room = sizeof name;
  getsockname (OWN_PROXY (proxy)->fd, (struct sockaddr *)&name, &room);
  return ntohs (name.sin_port);
}

static guint64
own_get_upload_rate (ShoalProxy *proxy)
{
  return (guint64)g_atomic_int_get (&OWN_PROXY (proxy)->upload_rate);
}

static void
own_set_upload_rate (ShoalProxy *proxy, guint64 bytes_per_s)
{
  g_atomic_int_set (&OWN_PROXY (proxy)->upload_rate, (gint)bytes_per_s);
}

static void
own_proxy_interface (ShoalProxyInterface *interface)
{
  interface->send_to = own_send_to;
  interface->receive_from = own_receive_from;
  interface->close = own_close;
  interface->get_port = own_get_port;
  interface->get_upload_rate = own_get_upload_rate;
  interface->set_upload_rate = own_set_upload_rate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (OwnProxy, own_proxy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SHOAL_TYPE_PROXY, own_proxy_interface))

static void
own_proxy_init (OwnProxy *own)
{
  struct sockaddr_in name = { .sin_family = AF_INET };
  own->fd = socket (AF_INET, SOCK_DGRAM, 0);
  name.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  ck_assert_int_eq (bind (own->fd, (struct sockaddr *)&name, sizeof name), 0);
}

static void
own_proxy_finalize (GObject *object)
{
  close (OWN_PROXY (object)->fd);
  G_OBJECT_CLASS (own_proxy_parent_class)->finalize (object);
}

static void
own_proxy_class_init (OwnProxyClass *class)
{
  G_OBJECT_CLASS (class)->finalize = own_proxy_finalize;
}

START_TEST (carries_a_client)
{
  g_autoptr (OwnProxy) first = g_object_new (OWN_TYPE_PROXY, NULL);
  g_autoptr (OwnProxy) second = g_object_new (OWN_TYPE_PROXY, NULL);
  ShoalClient *holder = client_with (SHOAL_PROXY (first)), *other = client_with (SHOAL_PROXY (second));
  ck_assert_uint_eq (shoal_node_get_port (SHOAL_NODE (holder)), own_get_port (SHOAL_PROXY (first)));
  download_seconds (holder, other, "a", 200000);
  ck_assert_int_ge (g_atomic_int_get (&first->sent), 200000);
  clients_check_download (other, clients_share (clients_add (0), "b", 2, 200000), 2, 200000);
  ck_assert (shoal_node_close (SHOAL_NODE (other), NULL, NULL));
  ck_assert_int_eq (g_atomic_int_get (&second->closed), 1);
}
END_TEST

static bool
knows_rate (gpointer client)
{
  return shoal_node_get_upload_rate (client) == 300000;
}

START_TEST (its_rates_are_told)
{
  g_autoptr (OwnProxy) own = g_object_new (OWN_TYPE_PROXY, NULL);
  own->upload_rate = 200000;
  ShoalClient *holder = client_with (SHOAL_PROXY (own)), *other = clients_add (0);
  ck_assert_uint_eq (shoal_node_get_upload_rate (SHOAL_NODE (holder)), 200000);
  ck_assert (download_seconds (holder, other, "a", 100000) > 0.4);
  shoal_node_set_upload_rate (SHOAL_NODE (holder), 250000);
  ck_assert_int_eq (g_atomic_int_get (&own->upload_rate), 250000);
  own_set_upload_rate (SHOAL_PROXY (own), 300000);
  download_seconds (holder, other, "b", 300000);
  clients_wait (knows_rate, holder);
}
END_TEST

static bool
is_closed (gpointer client)
{
  return shoal_node_is_closed (client);
}

START_TEST (a_client_ends_with_it)
{
  g_autoptr (OwnProxy) own = g_object_new (OWN_TYPE_PROXY, NULL);
  ShoalClient *client = client_with (SHOAL_PROXY (own));
  own_close (SHOAL_PROXY (own));
  clients_wait (is_closed, client);
  GError *error = NULL;
  ck_assert_ptr_null (shoal_client_download (client, clients_fid ("a", 1, 1), NULL, &error));
  ck_assert_error (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED);
}
END_TEST

START_TEST (reads_addresses)
{
  static const struct {
    const char *text;
    uint8_t family;
  } cases[] = { { "127.0.0.1", 4 }, { "::1", 6 }, { "::ffff:10.1.2.3", 4 }, { "", 0 }, { "localhost", 0 } };
  ShoalAddr addr;
  ck_assert (shoal_inet_parse (cases[_i].text, 7, &addr) == (cases[_i].family != 0));
  ck_assert_uint_eq (addr.family, cases[_i].family);
  g_autofree char *text = addr.family ? shoal_inet_text (&addr) : g_strdup (cases[_i].text);
  ck_assert_str_eq (text, _i == 2 ? "10.1.2.3" : cases[_i].text);
  ck_assert_uint_eq (addr.port, 7);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("shoal-proxy");
  TCase *tests = tcase_create ("proxy");
  tcase_add_checked_fixture (tests, clients_set_up, clients_tear_down);
  tcase_add_test (tests, carries);
  tcase_add_test (tests, sends_at_its_rate);
  tcase_add_test (tests, average_rate_is_exact);
  tcase_add_test (tests, a_rate_begins_when_set);
  tcase_add_test (tests, receives_at_its_rate);
  tcase_add_test (tests, senders_take_turns);
  tcase_add_test (tests, waiting_senders_get_the_new_rate);
  tcase_add_test (tests, closing_wakes);
  tcase_add_test (tests, refuses_names);
  tcase_add_test (tests, belongs_to_its_client);
  tcase_add_test (tests, rates_of_the_proxy_hold);
  tcase_add_test (tests, carries_a_client);
  tcase_add_test (tests, its_rates_are_told);
  tcase_add_test (tests, a_client_ends_with_it);
  tcase_add_loop_test (tests, reads_addresses, 0, 5);
  suite_add_tcase (suite, tests);
  return shoal_run_suites (suite, NULL);
}
