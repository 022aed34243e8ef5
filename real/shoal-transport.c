#include "real/shoal-transport.h"

#include "real/shoal-inet.h"

/* So often it is looked whether somebody gave the proxy other rates. */
#define LOOK_EVERY_US (G_USEC_PER_SEC / 2)
/* After an error that may pass, so that a proxy that fails at once every time
 * does not spin. */
#define PAUSE_AFTER_ERROR_US (10 * 1000)

struct ShoalTransportProxy {
  ShoalTransportProxyOptions options; /* proxy: a reference */
  gint closing;                       /* atomic */
  /* In the sender's thread: */
  gint64 looked_at_us;
  uint64_t upload_bytes_per_s, download_bytes_per_s;
};

ShoalTransportProxy *
shoal_transport_proxy_new (const ShoalTransportProxyOptions *options)
{
  ShoalTransportProxy *carrier = g_new0 (ShoalTransportProxy, 1);
  carrier->options = *options;
  g_object_ref (options->proxy);
  carrier->upload_bytes_per_s = shoal_proxy_get_upload_rate (options->proxy);
  carrier->download_bytes_per_s = shoal_proxy_get_download_rate (options->proxy);
  return carrier;
}

void
shoal_transport_proxy_free (ShoalTransportProxy *carrier)
{
  g_object_unref (carrier->options.proxy);
  g_free (carrier);
}

void
shoal_transport_proxy_close (ShoalTransportProxy *carrier)
{
  g_atomic_int_set (&carrier->closing, 1);
  shoal_proxy_close (carrier->options.proxy);
}

void
shoal_transport_proxy_set_upload_rate (ShoalTransportProxy *carrier, uint64_t bytes_per_s)
{
  shoal_proxy_set_upload_rate (carrier->options.proxy, bytes_per_s);
}

void
shoal_transport_proxy_set_download_rate (ShoalTransportProxy *carrier, uint64_t bytes_per_s)
{
  shoal_proxy_set_download_rate (carrier->options.proxy, bytes_per_s);
}

static void
look_at_rates (ShoalTransportProxy *carrier)
{
  gint64 now_us = g_get_monotonic_time ();
  if (now_us - carrier->looked_at_us < LOOK_EVERY_US)
    return;
  carrier->looked_at_us = now_us;
  uint64_t up = shoal_proxy_get_upload_rate (carrier->options.proxy);
  uint64_t down = shoal_proxy_get_download_rate (carrier->options.proxy);
  if (up == carrier->upload_bytes_per_s && down == carrier->download_bytes_per_s)
    return;
  carrier->upload_bytes_per_s = up;
  carrier->download_bytes_per_s = down;
  carrier->options.on_rates (carrier->options.data, up, down);
}

static bool
carrier_send (void *context, const ShoalAddr *to, const uint8_t *bytes, size_t length)
{
  ShoalTransportProxy *carrier = context;
  g_autofree char *host = shoal_inet_text (to);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) data = g_bytes_new (bytes, length);
  look_at_rates (carrier);
  bool sent = shoal_proxy_send_to (carrier->options.proxy, data, host, to->port, &error);
  if (error)
    g_debug ("a proxy did not send: %s", error->message);
  return sent;
}

/* Closed for good, or something that may pass. */
static ssize_t
receive_failed (ShoalTransportProxy *carrier, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) || g_atomic_int_get (&carrier->closing))
    {
      carrier->options.on_closed (carrier->options.data);
      return -1;
    }
  g_debug ("a proxy did not receive: %s", error->message);
  g_usleep (PAUSE_AFTER_ERROR_US);
  return 0;
}

static ssize_t
carrier_receive (void *context, uint8_t *bytes, size_t room, ShoalAddr *from, ShoalTime timeout_ns)
{
  ShoalTransportProxy *carrier = context;
  g_autoptr (GError) error = NULL;
  g_autofree char *host = NULL;
  guint16 port = 0;
  gsize length = 0;
  g_autoptr (GBytes) data =
      shoal_proxy_receive_from (carrier->options.proxy, timeout_ns / SHOAL_US, &host, &port, &error);
  if (error)
    return receive_failed (carrier, error);
  const void *came = data ? g_bytes_get_data (data, &length) : NULL;
  if (length == 0 || length > room || !host || !shoal_inet_parse (host, port, from))
    return 0;
  memcpy (bytes, came, length);
  return (ssize_t)length;
}

ShoalTransport
shoal_transport_proxy_transport (ShoalTransportProxy *carrier)
{
  return (ShoalTransport){ .send = carrier_send, .receive = carrier_receive, .context = carrier };
}
