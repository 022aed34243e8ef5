/* What clients need of a ShoalUdpProxy beyond shoal.h. */
#pragma once

#include "real/shoal.h"
#include "real/udp.h"

/* Takes the socket out of the proxy, which from then on is a name for the
 * node's rates (the node is kept weakly). Waits until those who send or receive
 * are out. Owned by the caller. NULL and error: it was taken or closed before.
 */
ShoalUdp *shoal_udp_proxy_take (ShoalUdpProxy *proxy, ShoalNode *node, GError **error);
