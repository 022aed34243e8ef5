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

static void
set_segment_size (struct msghdr *header, UdpSendControl *control, size_t size)
{
  uint16_t bytes = (uint16_t)size;
  header->msg_control = control->bytes;
  header->msg_controllen = sizeof control->bytes;
  struct cmsghdr *c = CMSG_FIRSTHDR (header);
  c->cmsg_level = SOL_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN (sizeof bytes);
  memcpy (CMSG_DATA (c), &bytes, sizeof bytes);
}

/* Puts as many datagrams as fit into messages; returns the number of messages. */
static unsigned
build (ShoalUdp *udp, const ShoalUdpSend *datagrams, unsigned count)
{
  UdpOut *out = &udp->out;
  unsigned m = 0, taken = 0;
  count = MIN (count, out->singly > 0 ? MIN (out->singly, UDP_SEND_MESSAGES) : UDP_SEND_MESSAGES);
  while (taken < count)
    {
      const ShoalUdpSend *first = &datagrams[taken];
      unsigned n = run_length (out, first, count - taken);
      struct msghdr *header = &out->messages[m].msg_hdr;
      *header = (struct msghdr){ .msg_name = &out->to[m], .msg_iov = &out->pieces[taken], .msg_iovlen = n };
      header->msg_namelen = shoal_udp_to_sockaddr (&first->to, udp->family, &out->to[m]);
      for (unsigned i = 0; i < n; i++) /* the kernel only reads it */
        out->pieces[taken + i] = (struct iovec){ (void *)(uintptr_t)first[i].bytes, first[i].length };
      if (n > 1)
        set_segment_size (header, &out->control[m], first->length);
      out->run[m++] = n;
      taken += n;
    }
  return m;
}

/* The kernel refuses to cut: the device or a tunnel cannot, or each datagram is too large by itself. */
static bool
refuses_runs (int code)
{
  return code == EIO || code == EINVAL || code == EMSGSIZE || code == EOPNOTSUPP || code == ENOPROTOOPT;
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

/* The first message of those built was refused with this code: returns how many datagrams are lost;
 * 0: try again, one by one. */
static unsigned
account_refused (UdpOut *out, int code)
{
  unsigned n = out->run[0];
  if (n > 1 && refuses_runs (code))
    {
      out->singly = n;
      out->doubted = true;
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
  unsigned lost = account_refused (&udp->out, code);
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
