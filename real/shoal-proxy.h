/* What carries datagrams: the interface, and a UDP socket with rates. Part of shoal.h. */
#pragma once

#include "shoal-types.h"

G_BEGIN_DECLS

#define SHOAL_TYPE_PROXY (shoal_proxy_get_type ())
SHOAL_EXTERN
G_DECLARE_INTERFACE (ShoalProxy, shoal_proxy, SHOAL, PROXY, GObject)

/**
 * ShoalProxyInterface:
 * @send_to: see shoal_proxy_send_to()
 * @receive_from: see shoal_proxy_receive_from()
 * @close: see shoal_proxy_close()
 * @get_port: see shoal_proxy_get_port()
 * @get_upload_rate: see shoal_proxy_get_upload_rate(); without it the rate is 0
 * @set_upload_rate: see shoal_proxy_set_upload_rate(); without it nothing happens
 * @get_download_rate: see shoal_proxy_get_download_rate(); without it the rate is 0
 * @set_download_rate: see shoal_proxy_set_download_rate(); without it nothing happens
 *
 * What carries a client's datagrams. @send_to and @receive_from are called in two threads of the client's,
 * never more than one call of each at a time; the others in any thread.
 */
struct _ShoalProxyInterface {
  GTypeInterface parent_interface;

  gboolean (*send_to) (ShoalProxy *proxy, GBytes *data, const char *host, guint16 port, GError **error);
  GBytes *(*receive_from) (ShoalProxy *proxy, gint64 timeout_us, char **host, guint16 *port, GError **error);
  void (*close) (ShoalProxy *proxy);
  guint16 (*get_port) (ShoalProxy *proxy);
  guint64 (*get_upload_rate) (ShoalProxy *proxy);
  void (*set_upload_rate) (ShoalProxy *proxy, guint64 bytes_per_s);
  guint64 (*get_download_rate) (ShoalProxy *proxy);
  void (*set_download_rate) (ShoalProxy *proxy, guint64 bytes_per_s);
};

/**
 * shoal_proxy_send_to: (virtual send_to)
 * @proxy: a proxy
 * @data: one datagram
 * @host: an IP address
 * @port: a UDP port
 * @error: where to put what went wrong
 *
 * Sends a datagram. Blocks for as long as it waits for, and occupies, the uplink.
 *
 * Returns: whether it was sent; one that was not is lost, which does no harm
 */
SHOAL_EXTERN gboolean shoal_proxy_send_to (ShoalProxy *proxy, GBytes *data, const char *host, guint16 port,
                                           GError **error);
/**
 * shoal_proxy_receive_from: (virtual receive_from)
 * @proxy: a proxy
 * @timeout_us: how long to wait at most, microseconds; 0: not at all, -1: without limit
 * @host: (out) (optional) (transfer full) (nullable): who sent it: an IP address
 * @port: (out) (optional): and its UDP port
 * @error: where to put what went wrong
 *
 * Waits for a datagram and for the end of its time on the downlink.
 *
 * Returns: (nullable) (transfer full): the datagram. %NULL without an error: none came in time; with
 *   %G_IO_ERROR_CLOSED: the proxy was closed
 */
SHOAL_EXTERN GBytes *shoal_proxy_receive_from (ShoalProxy *proxy, gint64 timeout_us, char **host,
                                               guint16 *port, GError **error);
/**
 * shoal_proxy_close: (virtual close)
 * @proxy: a proxy
 *
 * Gives the socket back. Who waits in shoal_proxy_send_to() or shoal_proxy_receive_from() gets
 * %G_IO_ERROR_CLOSED soon. Closing twice does no harm.
 */
SHOAL_EXTERN void shoal_proxy_close (ShoalProxy *proxy);
/**
 * shoal_proxy_get_port: (virtual get_port)
 * @proxy: a proxy
 *
 * Returns: the UDP port where others reach it
 */
SHOAL_EXTERN guint16 shoal_proxy_get_port (ShoalProxy *proxy);
/**
 * shoal_proxy_get_upload_rate: (virtual get_upload_rate)
 * @proxy: a proxy
 *
 * Returns: bytes per second, 0: unlimited
 */
SHOAL_EXTERN guint64 shoal_proxy_get_upload_rate (ShoalProxy *proxy);
/**
 * shoal_proxy_set_upload_rate: (virtual set_upload_rate)
 * @proxy: a proxy
 * @bytes_per_s: bytes per second, 0: unlimited; from the next datagram on
 */
SHOAL_EXTERN void shoal_proxy_set_upload_rate (ShoalProxy *proxy, guint64 bytes_per_s);
/**
 * shoal_proxy_get_download_rate: (virtual get_download_rate)
 * @proxy: a proxy
 *
 * Returns: bytes per second, 0: unlimited
 */
SHOAL_EXTERN guint64 shoal_proxy_get_download_rate (ShoalProxy *proxy);
/**
 * shoal_proxy_set_download_rate: (virtual set_download_rate)
 * @proxy: a proxy
 * @bytes_per_s: bytes per second, 0: unlimited; from the next datagram on
 */
SHOAL_EXTERN void shoal_proxy_set_download_rate (ShoalProxy *proxy, guint64 bytes_per_s);

/**
 * ShoalUdpProxy:
 *
 * A UDP socket with an upload FIFO and a download FIFO at exact rates. By itself it works in the threads of
 * its callers, who take turns in the order in which they came. A client that is given one takes over its
 * socket: sending and receiving by others is %G_IO_ERROR_BUSY from then on, rates can still be set, and
 * closing is left to the client.
 */
#define SHOAL_TYPE_UDP_PROXY (shoal_udp_proxy_get_type ())
SHOAL_EXTERN
G_DECLARE_FINAL_TYPE (ShoalUdpProxy, shoal_udp_proxy, SHOAL, UDP_PROXY, GObject)

/**
 * shoal_udp_proxy_new:
 * @port: where to bind, at all addresses of IPv4 and IPv6; 0: a free port
 * @upload_rate: bytes per second, 0: unlimited
 * @download_rate: bytes per second, 0: unlimited
 * @error: where to put what went wrong
 *
 * Returns: (transfer full): a proxy with a bound socket
 */
SHOAL_EXTERN ShoalUdpProxy *shoal_udp_proxy_new (guint16 port, guint64 upload_rate, guint64 download_rate,
                                                 GError **error);

G_END_DECLS
