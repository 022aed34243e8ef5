#include "tests/sockets.h"

#include <check.h>
#include <poll.h>

const ShoalAddr SOCKETS_LOCAL4 = { .family = 4, .ip = { 127, 0, 0, 1 } };
const ShoalAddr SOCKETS_LOCAL6 = { .family = 6, .ip = { [15] = 1 } };

ShoalUdp *
sockets_open (const ShoalAddr *addr)
{
  GError *error = NULL;
  ShoalUdp *udp = shoal_udp_new (addr, &error);
  ck_assert_msg (udp != NULL, "%s", error ? error->message : "");
  return udp;
}

ShoalAddr
sockets_with_port (ShoalAddr addr, const ShoalUdp *udp)
{
  addr.port = shoal_udp_address (udp).port;
  return addr;
}

bool
sockets_have_ipv6 (void)
{
  ShoalUdp *udp = shoal_udp_new (&SOCKETS_LOCAL6, NULL);
  shoal_udp_free (udp);
  return udp != NULL;
}

void
sockets_send (ShoalUdp *udp, const ShoalUdpSend *datagrams, unsigned count)
{
  unsigned errors;
  const char *text = NULL;
  ck_assert_uint_eq (shoal_udp_send (udp, datagrams, count, &errors, &text), count);
  ck_assert_msg (errors == 0, "%u errors: %s", errors, text);
}

void
sockets_send_text (ShoalUdp *udp, ShoalAddr to, const char *text)
{
  ShoalUdpSend datagram = { .to = to, .bytes = (const uint8_t *)text, .length = strlen (text) };
  sockets_send (udp, &datagram, 1);
}

void
sockets_receive (ShoalUdp *udp, ShoalUdpReceived *into)
{
  uint64_t lost;
  struct pollfd poll_fd = { .fd = shoal_udp_fd (udp), .events = POLLIN };
  ck_assert (shoal_udp_holds_more (udp) || poll (&poll_fd, 1, 5000) == 1);
  ck_assert_uint_eq (shoal_udp_receive (udp, into, 1, &lost), 1);
}

void
sockets_expect_text (ShoalUdp *udp, const char *text, const ShoalAddr *from)
{
  ShoalUdpReceived got;
  sockets_receive (udp, &got);
  ck_assert_uint_eq (got.length, strlen (text));
  ck_assert_mem_eq (got.bytes, text, got.length);
  ck_assert_uint_eq (got.from.family, from->family);
  ck_assert (shoal_addr_equal (&got.from, from));
}
