/* A proxy of the caller's (ShoalProxy, in C or by introspection in any
 * language) as a transport of a node. */
#pragma once

#include "real/node.h"
#include "real/shoal.h"

typedef struct ShoalTransportProxy ShoalTransportProxy;

typedef struct {
  ShoalProxy *proxy; /* a reference is taken */
  /* Called in a thread of the transport's: the proxy was closed, by somebody
   * else; its rates were changed. */
  void (*on_closed) (gpointer data);
  void (*on_rates) (gpointer data, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s);
  gpointer data;
} ShoalTransportProxyOptions;

/* Owned by the caller, who frees it after the node. */
ShoalTransportProxy *shoal_transport_proxy_new (const ShoalTransportProxyOptions *options);
void shoal_transport_proxy_free (ShoalTransportProxy *carrier);
/* Borrowed from the carrier. */
ShoalTransport shoal_transport_proxy_transport (ShoalTransportProxy *carrier);
/* Closes the proxy, so that its threads come back soon. Any thread. */
void shoal_transport_proxy_close (ShoalTransportProxy *carrier);
/* Sets the proxy's own rates. Any thread. */
void shoal_transport_proxy_set_upload_rate (ShoalTransportProxy *carrier, uint64_t bytes_per_s);
void shoal_transport_proxy_set_download_rate (ShoalTransportProxy *carrier, uint64_t bytes_per_s);
