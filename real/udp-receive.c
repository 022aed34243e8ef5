/* Receiving in batches: one recvmmsg(), whose messages may each be a run of datagrams that the kernel joined
 * (UDP_GRO) and that is cut again here. */
#define _GNU_SOURCE
#include "real/udp-internal.h"

#include <errno.h>

static ShoalTime
clock_ns (clockid_t clock)
{
  struct timespec t;
  clock_gettime (clock, &t);
  return t.tv_sec * SHOAL_SECOND + t.tv_nsec;
}

void
shoal_udp_prepare_receive (ShoalUdp *udp)
{
  UdpIn *in = &udp->in;
  in->room =
      g_malloc ((size_t)UDP_RECEIVE_MESSAGES * UDP_RECEIVE_BYTES); /* the system gives pages when used */
  in->empty_at = clock_ns (CLOCK_MONOTONIC);
  for (unsigned i = 0; i < UDP_RECEIVE_MESSAGES; i++)
    {
      in->pieces[i] = (struct iovec){ in->room + (size_t)i * UDP_RECEIVE_BYTES, UDP_RECEIVE_BYTES };
      in->messages[i].msg_hdr = (struct msghdr){ .msg_name = &in->from[i],
                                                 .msg_iov = &in->pieces[i],
                                                 .msg_iovlen = 1,
                                                 .msg_control = in->control[i].bytes };
    }
}

/* ---- from the kernel ---- */

/* An error that waits on the socket (somebody's "port unreachable") is given once, instead of data. */
static int
take_messages (ShoalUdp *udp, unsigned wanted)
{
  for (unsigned i = 0; i < wanted; i++)
    {
      udp->in.messages[i].msg_hdr.msg_namelen = sizeof udp->in.from[i];
      udp->in.messages[i].msg_hdr.msg_controllen = sizeof udp->in.control[i].bytes;
    }
  for (unsigned attempt = 0; attempt < 8; attempt++)
    {
      int n = recvmmsg (udp->fd, udp->in.messages, wanted, MSG_DONTWAIT, NULL);
      if (n >= 0)
        return n;
      if (errno == EAGAIN)
        return 0;
    }
  return 0;
}

static void
refill (ShoalUdp *udp, unsigned wanted)
{
  UdpIn *in = &udp->in;
  ShoalTime before = clock_ns (CLOCK_MONOTONIC);
  in->count = (unsigned)take_messages (udp, wanted);
  in->next = 0;
  in->offset = 0;
  in->earliest = in->empty_at;
  in->drained = in->count < wanted;
  if (in->drained)
    in->empty_at = before;
  if (in->count > 0)
    {
      ShoalTime real = clock_ns (CLOCK_REALTIME);
      in->now = clock_ns (CLOCK_MONOTONIC);
      in->ahead_ns = in->now - real;
    }
}

/* ---- what the kernel says about a message ---- */

static void
count_lost (UdpIn *in, uint32_t kernel_lost)
{
  in->lost += (uint32_t)(kernel_lost - in->kernel_lost); /* its count wraps */
  in->kernel_lost = kernel_lost;
}

/* spec_dst: of a broadcast, our own address on that network. 0: unknown. */
static void
read_local4 (UdpIn *in, const struct cmsghdr *c)
{
  struct in_pktinfo info;
  memcpy (&info, CMSG_DATA (c), sizeof info);
  if (info.ipi_spec_dst.s_addr == INADDR_ANY)
    return;
  in->local = (UdpLocal){ .family = 4 };
  memcpy (in->local.ip, &info.ipi_spec_dst, sizeof info.ipi_spec_dst);
}

/* Nothing can leave from a group's address. */
static void
read_local6 (UdpIn *in, const struct cmsghdr *c)
{
  struct in6_pktinfo info;
  memcpy (&info, CMSG_DATA (c), sizeof info);
  if (IN6_IS_ADDR_V4MAPPED (&info.ipi6_addr) || IN6_IS_ADDR_MULTICAST (&info.ipi6_addr))
    return;
  in->local = (UdpLocal){ .family = 6 };
  memcpy (in->local.ip, &info.ipi6_addr, sizeof in->local.ip);
  if (IN6_IS_ADDR_LINKLOCAL (&info.ipi6_addr))
    in->local.interface = info.ipi6_ifindex;
}

static void
read_control (UdpIn *in, const struct cmsghdr *c)
{
  struct timespec stamp;
  uint32_t lost;
  int size;
  if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
    read_local4 (in, c);
  else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
    read_local6 (in, c);
  else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
    {
      memcpy (&stamp, CMSG_DATA (c), sizeof stamp);
      in->arrived_at = stamp.tv_sec * SHOAL_SECOND + stamp.tv_nsec + in->ahead_ns;
    }
  else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
    {
      memcpy (&lost, CMSG_DATA (c), sizeof lost);
      count_lost (in, lost);
    }
  else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
    {
      memcpy (&size, CMSG_DATA (c), sizeof size);
      in->step = size > 0 ? (size_t)size : in->step;
    }
}

/* The real-time clock may have been set meanwhile; the stamp then says nothing. */
static void
begin_message (ShoalUdp *udp)
{
  UdpIn *in = &udp->in;
  struct msghdr *header = &in->messages[in->next].msg_hdr;
  in->sender = shoal_udp_from_sockaddr (&in->from[in->next]);
  in->local.family = 0;
  in->arrived_at = in->now;
  in->step = UDP_RECEIVE_BYTES;
  for (struct cmsghdr *c = CMSG_FIRSTHDR (header); c; c = CMSG_NXTHDR (header, c))
    read_control (in, c);
  in->arrived_at = CLAMP (in->arrived_at, in->earliest, in->now);
  if (udp->locals && in->local.family == in->sender.family)
    shoal_udp_locals_note (udp->locals, &in->sender, &in->local, in->now);
}

static bool
hand_out (ShoalUdp *udp, ShoalUdpReceived *into)
{
  UdpIn *in = &udp->in;
  if (in->next >= in->count)
    return false;
  if (in->offset == 0)
    begin_message (udp);
  size_t size = in->messages[in->next].msg_len;
  *into = (ShoalUdpReceived){ .from = in->sender,
                              .bytes = (const uint8_t *)in->pieces[in->next].iov_base + in->offset,
                              .length = MIN (in->step, size - in->offset),
                              .arrived_at = in->arrived_at };
  in->offset += into->length;
  if (in->offset >= size)
    {
      in->next++;
      in->offset = 0;
    }
  return true;
}

unsigned
shoal_udp_receive (ShoalUdp *udp, ShoalUdpReceived *into, unsigned room, uint64_t *lost)
{
  UdpIn *in = &udp->in;
  unsigned n = 0;
  if (!shoal_udp_holds_more (udp))
    refill (udp, MIN (room, UDP_RECEIVE_MESSAGES));
  while (n < room && hand_out (udp, &into[n]))
    n++;
  *lost = in->lost;
  in->lost = 0;
  return n;
}

bool
shoal_udp_holds_more (const ShoalUdp *udp)
{
  return udp->in.next < udp->in.count;
}

bool
shoal_udp_drained (const ShoalUdp *udp)
{
  return udp->in.drained && !shoal_udp_holds_more (udp);
}
