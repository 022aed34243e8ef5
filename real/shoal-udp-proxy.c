/* The proxy by itself, in its callers' threads. Senders take turns: each waits
 * for the service of its datagram to end, and only the first of them sleeps
 * until a time. One receiver at a time takes from the socket; the kernel's time
 * stamps say when a datagram came, so that nobody need be there when it does.
 */
#define _GNU_SOURCE
#include "real/shoal-udp-proxy.h"

#include "real/node-internal.h"
#include "real/shoal-inet.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Who comes this soon after the last one was let go, comes at once: nobody can be there sooner, and the uplink
 * counts as busy. */
#define AT_ONCE_NS SHOAL_MS

struct _ShoalUdpProxy {
  GObject parent_instance;
  GMutex lock;
  GCond changed;
  ShoalUdp *udp;       /* owned; NULL: closed or taken */
  int wake_fd;         /* owned, with the socket; readable when it goes: wakes who polls
                */
  bool leaving, taken; /* the socket goes, and went to a client */
  GWeakRef node;       /* who took it */
  guint16 port;
  guint inside; /* senders and receivers that may use the socket */
  ShoalLink up, down;
  guint64 next_ticket, serving_ticket; /* of senders */
  ShoalTime let_go_at;                 /* the last of them */
  bool receiving;                      /* somebody has the receiver's place */
  bool pending;                        /* a datagram whose service on the downlink ends at
                   down.free_at: */
  GBytes *datagram;
  ShoalAddr from;
};

static void proxy_interface_init (ShoalProxyInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ShoalUdpProxy, shoal_udp_proxy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SHOAL_TYPE_PROXY, proxy_interface_init))

static ShoalTime
monotonic_now (void)
{
  return g_get_monotonic_time () * SHOAL_US;
}

/* ---- who is inside ---- */

/* With the lock. False and error: there is no socket to use. */
static bool
usable (const ShoalUdpProxy *proxy, GError **error)
{
  if (!proxy->leaving)
    return true;
  if (proxy->taken)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "the proxy belongs to a client");
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the proxy is closed");
  return false;
}

static bool
enter (ShoalUdpProxy *proxy, GError **error)
{
  g_mutex_lock (&proxy->lock);
  if (usable (proxy, error))
    {
      proxy->inside++;
      return true;
    }
  g_mutex_unlock (&proxy->lock);
  return false;
}

static void
leave (ShoalUdpProxy *proxy)
{
  proxy->inside--;
  g_cond_broadcast (&proxy->changed);
  g_mutex_unlock (&proxy->lock);
}

/* With the lock: nobody uses the socket any more when this returns. NULL:
 * somebody else did so before. */
static ShoalUdp *
take_out (ShoalUdpProxy *proxy)
{
  if (!proxy->leaving)
    eventfd_write (proxy->wake_fd, 1);
  proxy->leaving = true;
  g_cond_broadcast (&proxy->changed);
  while (proxy->inside > 0)
    g_cond_wait (&proxy->changed, &proxy->lock);
  if (proxy->wake_fd >= 0)
    close (proxy->wake_fd);
  proxy->wake_fd = -1;
  return g_steal_pointer (&proxy->udp);
}

/* With the lock. Until a time, or until something changed. */
static void
wait_until (ShoalUdpProxy *proxy, ShoalTime until)
{
  if (until == SHOAL_NEVER)
    g_cond_wait (&proxy->changed, &proxy->lock);
  else
    g_cond_wait_until (&proxy->changed, &proxy->lock, (until + SHOAL_US - 1) / SHOAL_US);
}

/* Lets go of the lock until the socket is ready, the time has come, or the
 * socket goes. */
static void
poll_socket (ShoalUdpProxy *proxy, short events, ShoalTime until)
{
  struct timespec timeout = { 0 };
  ShoalTime left = until == SHOAL_NEVER ? SHOAL_NEVER : until - monotonic_now ();
  if (left > 0)
    timeout = (struct timespec){ .tv_sec = left / SHOAL_SECOND, .tv_nsec = left % SHOAL_SECOND };
  struct pollfd fds[] = { { .fd = shoal_udp_fd (proxy->udp), .events = events },
                          { .fd = proxy->wake_fd, .events = POLLIN } };
  g_mutex_unlock (&proxy->lock);
  ppoll (fds, G_N_ELEMENTS (fds), until == SHOAL_NEVER ? NULL : &timeout, NULL);
  g_mutex_lock (&proxy->lock);
}

/* ---- sending ---- */

/* The turn of who came then: when the service of the datagram ends. We wake late, but the next of a busy uplink
 * starts where the last one ended, so that the average rate is exact. */
static ShoalTime
serve (ShoalUdpProxy *proxy, ShoalTime came_at, size_t length)
{
  bool busy = came_at - proxy->let_go_at <= AT_ONCE_NS;
  ShoalTime earliest = busy ? shoal_uplink_earliest (&proxy->up, monotonic_now ()) : came_at;
  return shoal_link_serve (&proxy->up, earliest, length);
}

/* With the lock: our turn has come and the datagram's service has ended. */
static bool
wait_for_service (ShoalUdpProxy *proxy, size_t length, GError **error)
{
  ShoalTime came_at = monotonic_now ();
  guint64 ticket = proxy->next_ticket++;
  while (ticket != proxy->serving_ticket && !proxy->leaving)
    wait_until (proxy, SHOAL_NEVER);
  ShoalTime done_at = proxy->leaving ? 0 : serve (proxy, came_at, length);
  while (!proxy->leaving && done_at > monotonic_now ())
    wait_until (proxy, done_at);
  return usable (proxy, error);
}

/* Ours is the turn: nobody else sends. */
static bool
send_now (ShoalUdpProxy *proxy, const ShoalUdpSend *datagram, GError **error)
{
  unsigned errors = 0;
  const char *reason = "?";
  while (!proxy->leaving && shoal_udp_send (proxy->udp, datagram, 1, &errors, &reason) == 0)
    poll_socket (proxy, POLLOUT, monotonic_now () + SHOAL_MS);
  if (errors > 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot send: %s", reason);
  return errors == 0 && usable (proxy, error);
}

static gboolean
udp_proxy_send_to (ShoalProxy *self, GBytes *data, const char *host, guint16 port, GError **error)
{
  ShoalUdpProxy *proxy = SHOAL_UDP_PROXY (self);
  ShoalUdpSend datagram;
  datagram.bytes = g_bytes_get_data (data, &datagram.length);
  if (!shoal_inet_parse (host, port, &datagram.to))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' is not an IP address", host);
      return FALSE;
    }
  if (!enter (proxy, error))
    return FALSE;
  bool sent = wait_for_service (proxy, datagram.length, error) && send_now (proxy, &datagram, error);
  proxy->serving_ticket++;
  proxy->let_go_at = monotonic_now ();
  leave (proxy);
  return sent;
}

/* ---- receiving ---- */

/* Ours is the receiver's place. Takes a datagram from the socket, if there is
 * none in service yet. */
static bool
begin_service (ShoalUdpProxy *proxy)
{
  ShoalUdpReceived came;
  uint64_t lost;
  if (proxy->pending || shoal_udp_receive (proxy->udp, &came, 1, &lost) == 0)
    return proxy->pending;
  proxy->datagram = g_bytes_new (came.bytes, came.length);
  proxy->from = came.from;
  proxy->pending = true;
  shoal_link_serve (&proxy->down, came.arrived_at, came.length);
  return true;
}

/* With the lock. Whether a datagram is through. */
static bool
receive_until (ShoalUdpProxy *proxy, ShoalTime until)
{
  while (!proxy->leaving)
    {
      bool some = begin_service (proxy);
      ShoalTime now = monotonic_now ();
      if (some && proxy->down.free_at <= now)
        return true;
      if (until <= now)
        return false;
      if (some)
        {
          wait_until (proxy, MIN (until, proxy->down.free_at));
          continue;
        }
      poll_socket (proxy, POLLIN, until);
    }
  return false;
}

static GBytes *
take_datagram (ShoalUdpProxy *proxy, char **host, guint16 *port)
{
  *host = shoal_inet_text (&proxy->from);
  *port = proxy->from.port;
  proxy->pending = false;
  return g_steal_pointer (&proxy->datagram);
}

static GBytes *
udp_proxy_receive_from (ShoalProxy *self, gint64 timeout_us, char **host, guint16 *port, GError **error)
{
  ShoalUdpProxy *proxy = SHOAL_UDP_PROXY (self);
  GBytes *data = NULL;
  bool limited = timeout_us >= 0 && timeout_us < SHOAL_NEVER / SHOAL_US / 2;
  ShoalTime until = limited ? monotonic_now () + timeout_us * SHOAL_US : SHOAL_NEVER;
  if (!enter (proxy, error))
    return NULL;
  while (proxy->receiving && !proxy->leaving && until > monotonic_now ())
    wait_until (proxy, until);
  if (!proxy->receiving)
    {
      proxy->receiving = true;
      if (receive_until (proxy, until))
        data = take_datagram (proxy, host, port);
      proxy->receiving = false;
    }
  if (!data)
    usable (proxy, error);
  leave (proxy);
  return data;
}

/* ---- rates ---- */

/* The node that took the socket, if it is still there. Owned by the caller. */
static ShoalNode *
taker (ShoalUdpProxy *proxy)
{
  return g_weak_ref_get (&proxy->node);
}

static guint16
udp_proxy_get_port (ShoalProxy *self)
{
  return SHOAL_UDP_PROXY (self)->port;
}

static guint64
rate_of (ShoalUdpProxy *proxy, const ShoalLink *link)
{
  g_mutex_lock (&proxy->lock);
  guint64 rate = link->rate_bytes_per_s;
  g_mutex_unlock (&proxy->lock);
  return rate;
}

static void
set_rate_of (ShoalUdpProxy *proxy, ShoalLink *link, guint64 bytes_per_s)
{
  g_mutex_lock (&proxy->lock);
  shoal_link_set_rate (link, bytes_per_s);
  g_mutex_unlock (&proxy->lock);
}

static guint64
udp_proxy_get_upload_rate (ShoalProxy *self)
{
  ShoalUdpProxy *proxy = SHOAL_UDP_PROXY (self);
  g_autoptr (ShoalNode) node = taker (proxy);
  return node ? shoal_node_get_upload_rate (node) : rate_of (proxy, &proxy->up);
}

static void
udp_proxy_set_upload_rate (ShoalProxy *self, guint64 bytes_per_s)
{
  ShoalUdpProxy *proxy = SHOAL_UDP_PROXY (self);
  g_autoptr (ShoalNode) node = taker (proxy);
  set_rate_of (proxy, &proxy->up, bytes_per_s);
  if (node)
    shoal_node_set_upload_rate (node, bytes_per_s);
}

static guint64
udp_proxy_get_download_rate (ShoalProxy *self)
{
  ShoalUdpProxy *proxy = SHOAL_UDP_PROXY (self);
  g_autoptr (ShoalNode) node = taker (proxy);
  return node ? shoal_node_get_download_rate (node) : rate_of (proxy, &proxy->down);
}

static void
udp_proxy_set_download_rate (ShoalProxy *self, guint64 bytes_per_s)
{
  ShoalUdpProxy *proxy = SHOAL_UDP_PROXY (self);
  g_autoptr (ShoalNode) node = taker (proxy);
  set_rate_of (proxy, &proxy->down, bytes_per_s);
  if (node)
    shoal_node_set_download_rate (node, bytes_per_s);
}

/* ---- life ---- */

static void
udp_proxy_close (ShoalProxy *self)
{
  ShoalUdpProxy *proxy = SHOAL_UDP_PROXY (self);
  g_mutex_lock (&proxy->lock);
  ShoalUdp *udp = take_out (proxy);
  g_mutex_unlock (&proxy->lock);
  shoal_udp_free (udp);
}

ShoalUdp *
shoal_udp_proxy_take (ShoalUdpProxy *proxy, ShoalNode *node, GError **error)
{
  ShoalUdp *udp = NULL;
  g_mutex_lock (&proxy->lock);
  if (usable (proxy, error))
    {
      proxy->taken = true;
      udp = take_out (proxy);
      g_weak_ref_set (&proxy->node, node);
    }
  g_mutex_unlock (&proxy->lock);
  return udp;
}

static void
shoal_udp_proxy_init (ShoalUdpProxy *proxy)
{
  g_mutex_init (&proxy->lock);
  g_cond_init (&proxy->changed);
  g_weak_ref_init (&proxy->node, NULL);
  proxy->wake_fd = -1;
}

static void
shoal_udp_proxy_finalize (GObject *object)
{
  ShoalUdpProxy *proxy = SHOAL_UDP_PROXY (object);
  shoal_udp_free (proxy->udp);
  if (proxy->wake_fd >= 0)
    close (proxy->wake_fd);
  g_clear_pointer (&proxy->datagram, g_bytes_unref);
  g_weak_ref_clear (&proxy->node);
  g_mutex_clear (&proxy->lock);
  g_cond_clear (&proxy->changed);
  G_OBJECT_CLASS (shoal_udp_proxy_parent_class)->finalize (object);
}

static void
shoal_udp_proxy_class_init (ShoalUdpProxyClass *class)
{
  G_OBJECT_CLASS (class)->finalize = shoal_udp_proxy_finalize;
}

static void
proxy_interface_init (ShoalProxyInterface *interface)
{
  interface->send_to = udp_proxy_send_to;
  interface->receive_from = udp_proxy_receive_from;
  interface->close = udp_proxy_close;
  interface->get_port = udp_proxy_get_port;
  interface->get_upload_rate = udp_proxy_get_upload_rate;
  interface->set_upload_rate = udp_proxy_set_upload_rate;
  interface->get_download_rate = udp_proxy_get_download_rate;
  interface->set_download_rate = udp_proxy_set_download_rate;
}

ShoalUdpProxy *
shoal_udp_proxy_new (guint16 port, guint64 upload_rate, guint64 download_rate, GError **error)
{
  const ShoalAddr bind = { .port = port };
  int wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  ShoalUdp *udp = shoal_udp_new (&bind, error); /* says so when there are no descriptors left */
  if (!udp)
    {
      if (wake_fd >= 0)
        close (wake_fd);
      return NULL;
    }
  ShoalUdpProxy *proxy = g_object_new (SHOAL_TYPE_UDP_PROXY, NULL);
  proxy->udp = udp;
  proxy->wake_fd = wake_fd;
  proxy->port = shoal_udp_address (udp).port;
  shoal_link_init (&proxy->up, upload_rate);
  shoal_link_init (&proxy->down, download_rate);
  return proxy;
}
