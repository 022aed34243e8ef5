/* Inside of the UDP socket: shared by opening (udp.c), sending (udp-send.c), receiving (udp-receive.c) and
 * what is remembered in between (udp-local.c). */
#pragma once

#include "real/udp.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#ifndef UDP_SEGMENT /* headers older than Linux 4.18 and 5.0; the kernel is asked when we run */
#  define UDP_SEGMENT 103
#  define UDP_GRO 104
#endif

#define UDP_SEND_MESSAGES 64u    /* of one sendmmsg() */
#define UDP_RECEIVE_MESSAGES 16u /* of one recvmmsg() */
#define UDP_RECEIVE_BYTES 65536u /* room of each: the largest datagram, or a run of them that were joined */

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} UdpSockaddr;

typedef union {
  struct cmsghdr header; /* for its alignment */
  char bytes[CMSG_SPACE (sizeof (uint16_t)) + CMSG_SPACE (sizeof (struct in6_pktinfo))];
} UdpSendControl;

typedef union {
  struct cmsghdr header;
  char bytes[CMSG_SPACE (sizeof (struct timespec)) + CMSG_SPACE (sizeof (uint32_t))
             + CMSG_SPACE (sizeof (int)) + CMSG_SPACE (sizeof (struct in_pktinfo))
             + CMSG_SPACE (sizeof (struct in6_pktinfo))];
} UdpReceiveControl;

/* An address of this host. */
typedef struct {
  uint8_t ip[16];
  unsigned interface; /* a link-local address is none without; else 0: any */
  uint8_t family;     /* as of ShoalAddr; 0: not known */
} UdpLocal;

typedef struct UdpLocals UdpLocals;

typedef struct {
  bool segments;   /* the kernel cuts runs of datagrams (UDP_SEGMENT) */
  unsigned singly; /* so many of the next datagrams go one by one: their run was refused */
  bool doubted;    /* whether it was refused for being a run: the first of these will tell */
  bool full;       /* the last send stopped because the socket was full */
  struct mmsghdr messages[UDP_SEND_MESSAGES];
  struct iovec pieces[UDP_SEND_MESSAGES];
  UdpSockaddr to[UDP_SEND_MESSAGES];
  UdpSendControl control[UDP_SEND_MESSAGES];
  unsigned run[UDP_SEND_MESSAGES]; /* datagrams of each message */
  bool named[UDP_SEND_MESSAGES];   /* it says from which address it is to leave */
} UdpOut;

typedef struct {
  uint8_t *room; /* UDP_RECEIVE_MESSAGES times UDP_RECEIVE_BYTES; owned */
  struct mmsghdr messages[UDP_RECEIVE_MESSAGES];
  struct iovec pieces[UDP_RECEIVE_MESSAGES];
  UdpSockaddr from[UDP_RECEIVE_MESSAGES];
  UdpReceiveControl control[UDP_RECEIVE_MESSAGES];
  bool drained;         /* fewer messages came than were asked for */
  unsigned count, next; /* messages taken from the kernel; the one that is handed out now */
  size_t offset;        /* of it, how much was handed out */
  ShoalAddr sender;     /* of the one that is handed out now, and the like */
  UdpLocal local;       /* whom it addressed */
  ShoalTime arrived_at;
  size_t step;
  ShoalTime ahead_ns;   /* the monotonic clock's lead over the real-time clock */
  ShoalTime now;        /* when the messages were taken */
  ShoalTime empty_at;   /* the kernel's buffer was empty then: what came later arrived later */
  ShoalTime earliest;   /* none of these messages arrived before */
  uint32_t kernel_lost; /* the kernel's count */
  uint64_t lost;        /* not told yet */
} UdpIn;

struct ShoalUdp {
  int fd;
  int family; /* AF_INET6 with both kinds of addresses, or AF_INET */
  ShoalAddr address;
  size_t receive_buffer_bytes;
  UdpLocals *locals; /* owned; NULL: bound to one address, or the kernel does not tell */
  UdpOut out;
  UdpIn in;
};

ShoalAddr shoal_udp_from_sockaddr (const UdpSockaddr *from);
/* Fills *to for a socket of this family; returns its length. */
socklen_t shoal_udp_to_sockaddr (const ShoalAddr *addr, int family, UdpSockaddr *to);
void shoal_udp_prepare_receive (ShoalUdp *udp);

/* udp-local.c: any thread. It forgets: who was silent for long, and of too many those longest silent. */
UdpLocals *shoal_udp_locals_new (void);
void shoal_udp_locals_free (UdpLocals *locals);
/* This one addressed us there; both of one family. */
void shoal_udp_locals_note (UdpLocals *locals, const ShoalAddr *remote, const UdpLocal *local, ShoalTime now);
/* False: not known, the system shall choose. */
bool shoal_udp_locals_find (UdpLocals *locals, const ShoalAddr *remote, ShoalTime now, UdpLocal *local);
void shoal_udp_locals_forget (UdpLocals *locals, const ShoalAddr *remote);
