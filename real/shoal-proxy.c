#include "real/shoal-proxy.h"

G_DEFINE_INTERFACE (ShoalProxy, shoal_proxy, G_TYPE_OBJECT)

static void
shoal_proxy_default_init (ShoalProxyInterface *interface)
{
  (void)interface;
}

gboolean
shoal_proxy_send_to (ShoalProxy *proxy, GBytes *data, const char *host, guint16 port, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_PROXY (proxy), FALSE);
  return SHOAL_PROXY_GET_IFACE (proxy)->send_to (proxy, data, host, port, error);
}

/* What an implementation in another language leaves alone is then as the
 * documentation says. */
GBytes *
shoal_proxy_receive_from (ShoalProxy *proxy, gint64 timeout_us, char **host, guint16 *port, GError **error)
{
  char *from = NULL;
  guint16 from_port = 0;
  g_return_val_if_fail (SHOAL_IS_PROXY (proxy), NULL);
  GBytes *data = SHOAL_PROXY_GET_IFACE (proxy)->receive_from (proxy, timeout_us, &from, &from_port, error);
  if (host)
    *host = g_steal_pointer (&from);
  if (port)
    *port = from_port;
  g_free (from);
  return data;
}

void
shoal_proxy_close (ShoalProxy *proxy)
{
  g_return_if_fail (SHOAL_IS_PROXY (proxy));
  SHOAL_PROXY_GET_IFACE (proxy)->close (proxy);
}

guint16
shoal_proxy_get_port (ShoalProxy *proxy)
{
  g_return_val_if_fail (SHOAL_IS_PROXY (proxy), 0);
  return SHOAL_PROXY_GET_IFACE (proxy)->get_port (proxy);
}

guint64
shoal_proxy_get_upload_rate (ShoalProxy *proxy)
{
  g_return_val_if_fail (SHOAL_IS_PROXY (proxy), 0);
  ShoalProxyInterface *interface = SHOAL_PROXY_GET_IFACE (proxy);
  return interface->get_upload_rate ? interface->get_upload_rate (proxy) : 0;
}

void
shoal_proxy_set_upload_rate (ShoalProxy *proxy, guint64 bytes_per_s)
{
  g_return_if_fail (SHOAL_IS_PROXY (proxy));
  ShoalProxyInterface *interface = SHOAL_PROXY_GET_IFACE (proxy);
  if (interface->set_upload_rate)
    interface->set_upload_rate (proxy, bytes_per_s);
}

guint64
shoal_proxy_get_download_rate (ShoalProxy *proxy)
{
  g_return_val_if_fail (SHOAL_IS_PROXY (proxy), 0);
  ShoalProxyInterface *interface = SHOAL_PROXY_GET_IFACE (proxy);
  return interface->get_download_rate ? interface->get_download_rate (proxy) : 0;
}

void
shoal_proxy_set_download_rate (ShoalProxy *proxy, guint64 bytes_per_s)
{
  g_return_if_fail (SHOAL_IS_PROXY (proxy));
  ShoalProxyInterface *interface = SHOAL_PROXY_GET_IFACE (proxy);
  if (interface->set_download_rate)
    interface->set_download_rate (proxy, bytes_per_s);
}
