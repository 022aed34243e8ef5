/* Sockets of proxies, as tests of them use them: what goes wrong fails the test. */
#pragma once

#include "real/udp.h"

extern const ShoalAddr SOCKETS_LOCAL4, SOCKETS_LOCAL6; /* 127.0.0.1, ::1; port 0 */

/* As shoal_udp_new(). */
ShoalUdp *sockets_open (const ShoalAddr *addr);
/* The host has ::1. */
bool sockets_have_ipv6 (void);
/* The address, with the port of that socket. */
ShoalAddr sockets_with_port (ShoalAddr addr, const ShoalUdp *udp);
/* All of them go. */
void sockets_send (ShoalUdp *udp, const ShoalUdpSend *datagrams, unsigned count);
void sockets_send_text (ShoalUdp *udp, ShoalAddr to, const char *text);
/* Waits for one. */
void sockets_receive (ShoalUdp *udp, ShoalUdpReceived *into);
void sockets_expect_text (ShoalUdp *udp, const char *text, const ShoalAddr *from);
