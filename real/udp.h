/* A UDP socket for one proxy: batched system calls, segmentation offload, kernel time stamps. It knows
 * nothing of rates. One thread may send while another receives. */
#pragma once

#include "src/types.h"

#include <gio/gio.h>

typedef struct ShoalUdp ShoalUdp;

/* Binds. bind NULL or family 0: all addresses of IPv4 and, where the system has it, IPv6, by one socket; what
 * goes to somebody then leaves from the address where he reached us last, if that was within two minutes.
 * Port 0: a free one of the system's choice. Large buffers and "do not fragment" are asked for.
 * NULL and error (G_IO_ERROR): port in use, no permission, no such address; the message says what to do. */
ShoalUdp *shoal_udp_new (const ShoalAddr *bind, GError **error);
void shoal_udp_free (ShoalUdp *udp);
int shoal_udp_fd (const ShoalUdp *udp);
/* Where it is bound; IPv4-mapped addresses are IPv4 here and everywhere else. */
ShoalAddr shoal_udp_address (const ShoalUdp *udp);
/* Bytes that the kernel keeps for us while we are busy. */
size_t shoal_udp_receive_buffer (const ShoalUdp *udp);

/* A datagram to send, in one piece. */
typedef struct {
  ShoalAddr to;
  const uint8_t *bytes; /* borrowed for the call */
  size_t length;
} ShoalUdpSend;

/* Sends in order, equal sizes to one address in one segmented call where the kernel can. Returns how many
 * it is done with: fewer than count when the socket is full (wait until it is writable). What the kernel
 * refuses (unreachable, too large for the path) counts as done, *errors says how many, and error_text
 * (may be NULL) the newest reason. */
unsigned shoal_udp_send (ShoalUdp *udp, const ShoalUdpSend *datagrams, unsigned count, unsigned *errors,
                         const char **error_text);
/* After a send that stopped early. True: the socket is full; it will be writable. False: the system is out of
 * buffers; try again in a millisecond. */
bool shoal_udp_full (const ShoalUdp *udp);

/* A datagram that came. */
typedef struct {
  ShoalAddr from;
  const uint8_t *bytes; /* the socket's, until the next receive */
  size_t length;
  ShoalTime arrived_at; /* monotonic clock: when the kernel got it */
} ShoalUdpReceived;

/* Takes what is there, at most `room` datagrams (those that the kernel joined are cut again). 0: nothing.
 * *lost: datagrams that the kernel had no room for since the last call; it tells with the next one that it
 * has room for, and takes those that it joined for one. */
unsigned shoal_udp_receive (ShoalUdp *udp, ShoalUdpReceived *into, unsigned room, uint64_t *lost);
/* Datagrams are taken from the kernel and not handed out yet: call again, the descriptor will not tell. */
bool shoal_udp_holds_more (const ShoalUdp *udp);
/* The kernel had no more when it was asked last: the descriptor will tell when there is. */
bool shoal_udp_drained (const ShoalUdp *udp);
