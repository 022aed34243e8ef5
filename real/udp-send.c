/* Sending in batches: one sendmmsg(), in which runs of equal datagrams to one address are one message that
 * the kernel cuts (UDP_SEGMENT). */
#define _GNU_SOURCE
#include "real/udp-internal.h"

#include <errno.h>

/* Of a message that is cut: the largest IPv4 datagram. */
#define RUN_MAX_BYTES 65507u

/* How many of the datagrams go as one message: all as long as the first, but the last may be shorter. */
static unsigned
run_length (const UdpOut *out, const ShoalUdpSend *datagrams, unsigned count)
{
  size_t size = datagrams[0].length, total = size;
  unsigned n = 1;
  if (!out->segments || out->singly > 0 || size == 0)
    return 1;
  while (n < count && datagrams[n - 1].length == size && datagrams[n].length <= size
         && datagrams[n].length > 0 && total + datagrams[n].length <= RUN_MAX_BYTES
         && shoal_addr_equal (&datagrams[n].to, &datagrams[0].to))
    total += datagrams[n++].length;
  return n;
}

/* ---- messages ---- */

static void
add_control (struct msghdr *header, UdpSendControl *control, int level, int type, const void *value,
             size_t size)
{
  struct cmsghdr *c = (struct cmsghdr *)(void *)(control->bytes + header->msg_controllen);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN (size);
  memcpy (CMSG_DATA (c), value, size);
  header->msg_control = control->bytes;
  header->msg_controllen += CMSG_SPACE (size);
}

static void
set_segment_size (struct msghdr *header, UdpSendControl *control, size_t size)
{
  uint16_t bytes = (uint16_t)size;
  add_control (header, control, SOL_UDP, UDP_SEGMENT, &bytes, sizeof bytes);
}

/* To IPv4 in the way of IPv4, also by a socket of both kinds. */
static void
set_source (struct msghdr *header, UdpSendControl *control, const UdpLocal *local)
{
  struct in_pktinfo v4 = { 0 };
  struct in6_pktinfo v6 = { .ipi6_ifindex = local->interface };
  memcpy (&v4.ipi_spec_dst, local->ip, sizeof v4.ipi_spec_dst);
  memcpy (&v6.ipi6_addr, local->ip, sizeof v6.ipi6_addr);
  if (local->family == 4)
    add_control (header, control, IPPROTO_IP, IP_PKTINFO, &v4, sizeof v4);
  else
    add_control (header, control, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof v6);
}

/* Message m: n datagrams, whose pieces begin at `taken`. */
static void
build_message (ShoalUdp *udp, unsigned m, unsigned taken, const ShoalUdpSend *first, unsigned n,
               ShoalTime now)
{
  UdpOut *out = &udp->out;
  struct msghdr *header = &out->messages[m].msg_hdr;
  UdpLocal local;
  *header = (struct msghdr){ .msg_name = &out->to[m], .msg_iov = &out->pieces[taken], .msg_iovlen = n };
  header->msg_namelen = shoal_udp_to_sockaddr (&first->to, udp->family, &out->to[m]);
  for (unsigned i = 0; i < n; i++) /* the kernel only reads it */
    out->pieces[taken + i] = (struct iovec){ (void *)(uintptr_t)first[i].bytes, first[i].length };
  if (n > 1)
    set_segment_size (header, &out->control[m], first->length);
  out->named[m] = udp->locals && shoal_udp_locals_find (udp->locals, &first->to, now, &local);
  if (out->named[m])
    set_source (header, &out->control[m], &local);
  out->run[m] = n;
}

/* Puts as many datagrams as fit into messages; returns the number of messages. */
static unsigned
build (ShoalUdp *udp, const ShoalUdpSend *datagrams, unsigned count)
{
  UdpOut *out = &udp->out;
  unsigned m = 0, taken = 0;
  ShoalTime now = g_get_monotonic_time () * SHOAL_US;
  count = MIN (count, out->singly > 0 ? MIN (out->singly, UDP_SEND_MESSAGES) : UDP_SEND_MESSAGES);
  while (taken < count)
    {
      unsigned n = run_length (out, &datagrams[taken], count - taken);
      build_message (udp, m++, taken, &datagrams[taken], n, now);
      taken += n;
    }
  return m;
}

/* ---- what came of them ---- */

/* The kernel refuses to cut: the device or a tunnel cannot, or each datagram is too large by itself. */
static bool
refuses_runs (int code)
{
  return code == EIO || code == EINVAL || code == EMSGSIZE || code == EOPNOTSUPP || code == ENOPROTOOPT;
}

/* The address is no longer ours, or there is no way from it to there. */
static bool
refuses_source (int code)
{
  return code == EINVAL || code == ENETUNREACH || code == EHOSTUNREACH || code == EADDRNOTAVAIL;
}

/* `sent` messages left: returns how many datagrams that was. */
static unsigned
account_sent (UdpOut *out, unsigned sent)
{
  unsigned done = 0;
  for (unsigned m = 0; m < sent; m++)
    done += out->run[m];
  if (out->doubted)
    out->segments = out->doubted = false; /* it goes by itself */
  out->singly -= MIN (out->singly, done);
  return done;
}

/* The first message of those built, to this address, was refused with this code: returns how many datagrams
 * are lost; 0: try again, one by one, or from the address that the kernel chooses. */
static unsigned
account_refused (ShoalUdp *udp, const ShoalAddr *to, int code)
{
  UdpOut *out = &udp->out;
  unsigned n = out->run[0];
  if (n > 1 && refuses_runs (code))
    {
      out->singly = n;
      out->doubted = true;
      return 0;
    }
  if (out->named[0] && refuses_source (code))
    {
      shoal_udp_locals_forget (udp->locals, to);
      out->doubted = false; /* it may have been this */
      return 0;
    }
  out->singly -= MIN (out->singly, n);
  out->doubted = false; /* it does not go by itself either */
  return n;
}

/* One call of the kernel: how many datagrams are done with, of which *errors are lost. *stop: the socket, or
 * the system, is full. */
static unsigned
send_some (ShoalUdp *udp, const ShoalUdpSend *datagrams, unsigned count, unsigned *errors,
           const char **error_text, bool *stop)
{
  int sent = sendmmsg (udp->fd, udp->out.messages, build (udp, datagrams, count), 0);
  int code = errno;
  if (sent > 0)
    return account_sent (&udp->out, (unsigned)sent);
  udp->out.full = code == EAGAIN;
  *stop = code == EAGAIN || code == ENOBUFS || code == ENOMEM;
  if (*stop || code == EINTR)
    return 0;
  unsigned lost = account_refused (udp, &datagrams[0].to, code);
  *errors += lost;
  if (lost > 0 && error_text)
    *error_text = g_strerror (code);
  return lost;
}

unsigned
shoal_udp_send (ShoalUdp *udp, const ShoalUdpSend *datagrams, unsigned count, unsigned *errors,
                const char **error_text)
{
  unsigned done = 0;
  bool stop = false;
  *errors = 0;
  while (done < count && !stop)
    done += send_some (udp, datagrams + done, count - done, errors, error_text, &stop);
  udp->out.singly = 0;
  udp->out.doubted = false;
  return done;
}

bool
shoal_udp_full (const ShoalUdp *udp)
{
  return udp->out.full;
}
