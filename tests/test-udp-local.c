/* A host has several addresses: what a socket of all of them sends leaves from the one that was addressed. On
 * loopback IPv4 has 127.0.0.2 and all the others; of IPv6 it takes what the host has, so tests/real-network.sh runs
 * this where it has several. */
#define _GNU_SOURCE
#include "real/udp-internal.h"
#include "tests/harness.h"
#include "tests/sockets.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <unistd.h>

#define ADDRESSES_MAX 10u
#define RUN 10u
#define SIZE 1400u

typedef struct {
  ShoalAddr addr[ADDRESSES_MAX];
  unsigned interface[ADDRESSES_MAX];
  unsigned count;
} Addresses;

static uint8_t pattern[RUN + SIZE];

static void
make_pattern (void)
{
  for (size_t i = 0; i < sizeof pattern; i++)
    pattern[i] = (uint8_t)(i * 7 + i / 251);
}

static bool
is_link_local (const ShoalAddr *addr)
{
  return addr->family == 6 && addr->ip[0] == 0xfe && (addr->ip[1] & 0xc0) == 0x80;
}

static bool
can_bind (const ShoalAddr *addr)
{
  ShoalUdp *udp = shoal_udp_new (addr, NULL);
  shoal_udp_free (udp);
  return udp != NULL;
}

static void
add_address (Addresses *into, const ShoalAddr *addr, const char *interface)
{
  if (into->count == ADDRESSES_MAX)
    return;
  into->addr[into->count] = *addr;
  into->interface[into->count++] = if_nametoindex (interface);
}

/* Of a family, those of a link or the others. */
static void
find_addresses (Addresses *into, uint8_t family, bool link_local)
{
  struct ifaddrs *list;
  ck_assert_int_eq (getifaddrs (&list), 0);
  into->count = 0;
  for (struct ifaddrs *i = list; i; i = i->ifa_next)
    {
      if (!i->ifa_addr || i->ifa_addr->sa_family != (family == 4 ? AF_INET : AF_INET6))
        continue;
      UdpSockaddr name = { .v4.sin_family = 0 };
      memcpy (&name, i->ifa_addr, family == 4 ? sizeof name.v4 : sizeof name.v6);
      ShoalAddr addr = shoal_udp_from_sockaddr (&name);
      if (is_link_local (&addr) == link_local && (link_local || can_bind (&addr)))
        add_address (into, &addr, i->ifa_name);
    }
  for (uint8_t last = 5; family == 4 && last < 7; last++)
    add_address (into, &(ShoalAddr){ .family = 4, .ip = { 127, 0, 0, last } }, "lo");
  freeifaddrs (list);
}

/* ---- over the network ---- */

/* One, and a run that the kernel cuts. */
static void
answer (ShoalUdp *at, const ShoalAddr *to)
{
  ShoalUdpSend out[RUN];
  sockets_send_text (at, *to, "answer");
  for (unsigned i = 0; i < RUN; i++)
    out[i] = (ShoalUdpSend){ *to, pattern + i, SIZE };
  sockets_send (at, out, RUN);
}

static void
expect_answer (ShoalUdp *at, const ShoalAddr *from)
{
  sockets_expect_text (at, "answer", from);
  for (unsigned i = 0; i < RUN; i++)
    {
      ShoalUdpReceived got;
      sockets_receive (at, &got);
      ck_assert (shoal_addr_equal (&got.from, from));
      ck_assert_uint_eq (got.length, SIZE);
      ck_assert_mem_eq (got.bytes, pattern + i, SIZE);
    }
}

/* Who asks there, is answered from there, although he has asked elsewhere before. */
static void
ask_everywhere (ShoalUdp *server, const ShoalAddr *client_at, const Addresses *addresses)
{
  ShoalUdp *client = sockets_open (client_at);
  ShoalAddr me = shoal_udp_address (client);
  for (unsigned i = 0; i < addresses->count; i++)
    {
      ShoalAddr there = sockets_with_port (addresses->addr[i], server);
      sockets_send_text (client, there, "ask");
      sockets_expect_text (server, "ask", &me);
      answer (server, &me);
      expect_answer (client, &there);
    }
  shoal_udp_free (client);
}

/* The addresses of sockets that are bound to all, of the host's own choice and of one family, and the family of who
 * asks there. */
static const struct {
  ShoalAddr bind;
  uint8_t family;
} KINDS[] = {
  { .family = 4 }, { .family = 6 }, { .bind.family = 4, .family = 4 }, { .bind.family = 6, .family = 6 }
};

START_TEST (from_where_it_was_asked)
{
  Addresses addresses;
  if (KINDS[_i].family == 6 && !sockets_have_ipv6 ())
    return;
  ShoalUdp *server = sockets_open (&KINDS[_i].bind);
  find_addresses (&addresses, KINDS[_i].family, false);
  ck_assert_uint_gt (addresses.count, 0);
  for (unsigned i = 0; i < addresses.count; i++)
    ask_everywhere (server, &addresses.addr[i], &addresses);
  shoal_udp_free (server);
}
END_TEST

/* Answers to several at once, each asked elsewhere. */
START_TEST (several_at_once)
{
  Addresses addresses;
  ShoalUdp *server = sockets_open (NULL), *clients[ADDRESSES_MAX];
  ShoalUdpSend out[ADDRESSES_MAX * 3];
  find_addresses (&addresses, 4, false);
  unsigned n = addresses.count;
  for (unsigned i = 0; i < n; i++)
    {
      clients[i] = sockets_open (&SOCKETS_LOCAL4);
      ShoalAddr me = shoal_udp_address (clients[i]);
      sockets_send_text (clients[i], sockets_with_port (addresses.addr[i], server), "ask");
      sockets_expect_text (server, "ask", &me);
      for (unsigned k = 0; k < 3; k++)
        out[3 * i + k] = (ShoalUdpSend){ me, (const uint8_t *)"answer", 6 };
    }
  sockets_send (server, out, 3 * n);
  for (unsigned i = 0; i < 3 * n; i++)
    {
      ShoalAddr there = sockets_with_port (addresses.addr[i / 3], server);
      sockets_expect_text (clients[i / 3], "answer", &there);
    }
  for (unsigned i = 0; i < n; i++)
    shoal_udp_free (clients[i]);
  shoal_udp_free (server);
}
END_TEST

/* Nothing can leave from a broadcast's address: the one of that network is right. _i: of IPv4 only. */
START_TEST (broadcast)
{
  ShoalUdp *server = sockets_open (&KINDS[_i ? 2 : 0].bind), *client = sockets_open (&SOCKETS_LOCAL4);
  ShoalAddr all = { .family = 4, .ip = { 127, 255, 255, 255 } }, me = shoal_udp_address (client);
  ShoalAddr there = sockets_with_port (SOCKETS_LOCAL4, server);
  UdpLocal local;
  int on = 1;
  ck_assert_int_eq (setsockopt (shoal_udp_fd (client), SOL_SOCKET, SO_BROADCAST, &on, sizeof on), 0);
  sockets_send_text (client, sockets_with_port (all, server), "ask");
  sockets_expect_text (server, "ask", &me);
  ck_assert (shoal_udp_locals_find (server->locals, &me, g_get_monotonic_time () * SHOAL_US, &local));
  ck_assert_mem_eq (local.ip, SOCKETS_LOCAL4.ip, sizeof local.ip);
  answer (server, &me);
  expect_answer (client, &there);
  shoal_udp_free (client);
  shoal_udp_free (server);
}
END_TEST

/* A host's own address where there are groups; family 0: none. */
static ShoalAddr
address_among_groups (unsigned *interface)
{
  Addresses addresses;
  find_addresses (&addresses, 6, false);
  for (unsigned i = 0; i < addresses.count; i++)
    {
      *interface = addresses.interface[i];
      if (*interface != if_nametoindex ("lo"))
        return addresses.addr[i];
    }
  return (ShoalAddr){ 0 };
}

/* Does not leave the host. False: there are no groups there either. */
static bool
can_send_to_group (ShoalUdp *udp, ShoalAddr to, unsigned interface)
{
  int fd = shoal_udp_fd (udp), hops = 0;
  unsigned errors;
  ShoalUdpSend datagram = { .to = to };
  return setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface, sizeof interface) == 0
         && setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) == 0
         && shoal_udp_send (udp, &datagram, 1, &errors, NULL) == 1 && errors == 0;
}

static void
ask_group (ShoalUdp *server, ShoalUdp *client, const ShoalAddr *all, bool expected)
{
  ShoalAddr me = shoal_udp_address (client);
  UdpLocal local;
  sockets_send_text (client, *all, "ask all");
  sockets_expect_text (server, "ask all", &me);
  bool known = shoal_udp_locals_find (server->locals, &me, g_get_monotonic_time () * SHOAL_US, &local);
  ck_assert (known == expected);
  ck_assert (!known || memcmp (local.ip, me.ip, sizeof me.ip) == 0);
}

/* What the kernel told of this one does not count for the next. */
static void
ask_from_elsewhere (ShoalUdp *server)
{
  ShoalUdp *other = sockets_open (&SOCKETS_LOCAL6);
  ShoalAddr from = shoal_udp_address (other);
  sockets_send_text (other, sockets_with_port (SOCKETS_LOCAL6, server), "ask");
  sockets_expect_text (server, "ask", &from);
  shoal_udp_free (other);
}

/* Nor from a group's: it leaves from where that one reached us before. */
START_TEST (multicast)
{
  unsigned interface = 0;
  ShoalAddr own = address_among_groups (&interface);
  if (own.family == 0)
    return;
  ShoalUdp *server = sockets_open (NULL), *client = sockets_open (&own);
  ShoalAddr me = shoal_udp_address (client);
  ShoalAddr all = sockets_with_port ((ShoalAddr){ .family = 6, .ip = { 0xff, 2, [15] = 1 } }, server);
  ask_from_elsewhere (server);
  if (can_send_to_group (client, all, interface))
    {
      sockets_expect_text (server, "", &me);
      ask_group (server, client, &all, false);
      sockets_send_text (client, sockets_with_port (own, server), "ask");
      sockets_expect_text (server, "ask", &me);
      ask_group (server, client, &all, true);
    }
  shoal_udp_free (client);
  shoal_udp_free (server);
}
END_TEST

/* A socket on a link: shoal's own has no name for those. Its port. */
static int
open_on_link (const ShoalAddr *addr, unsigned interface, uint16_t *port)
{
  int fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  UdpSockaddr name;
  socklen_t length = shoal_udp_to_sockaddr (addr, AF_INET6, &name);
  name.v6.sin6_scope_id = interface;
  ck_assert_int_eq (bind (fd, &name.any, length), 0);
  ck_assert_int_eq (getsockname (fd, &name.any, &length), 0);
  *port = ntohs (name.v6.sin6_port);
  return fd;
}

static void
send_on_link (int fd, const ShoalAddr *to, unsigned interface)
{
  UdpSockaddr name;
  socklen_t length = shoal_udp_to_sockaddr (to, AF_INET6, &name);
  name.v6.sin6_scope_id = interface;
  ck_assert_int_eq (sendto (fd, "ask", 3, 0, &name.any, length), 3);
}

static void
expect_on_link (int fd, const ShoalAddr *from)
{
  char text[16];
  UdpSockaddr name;
  socklen_t length = sizeof name;
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
  ck_assert_int_eq (poll (&poll_fd, 1, 5000), 1);
  ck_assert_int_eq (recvfrom (fd, text, sizeof text, 0, &name.any, &length), 6);
  ck_assert_mem_eq (text, "answer", 6);
  ShoalAddr got = shoal_udp_from_sockaddr (&name);
  ck_assert (shoal_addr_equal (&got, from));
}

/* An address of a link means nothing without its interface. */
START_TEST (link_local)
{
  Addresses addresses;
  find_addresses (&addresses, 6, true);
  ShoalUdp *server = sockets_open (NULL);
  for (unsigned i = 0; i < addresses.count; i++)
    {
      ShoalAddr there = sockets_with_port (addresses.addr[i], server), me = addresses.addr[0];
      if (addresses.interface[i] != addresses.interface[0])
        continue;
      int fd = open_on_link (&me, addresses.interface[0], &me.port);
      send_on_link (fd, &there, addresses.interface[0]);
      sockets_expect_text (server, "ask", &me);
      sockets_send_text (server, me, "answer");
      expect_on_link (fd, &there);
      close (fd);
    }
  shoal_udp_free (server);
}
END_TEST

/* An address that the host has no longer. _i: bit 0: a run, bit 1: of IPv6. */
START_TEST (gone)
{
  bool run = _i & 1, v6 = _i & 2;
  if (v6 && !sockets_have_ipv6 ())
    return;
  ShoalUdp *server = sockets_open (NULL), *client = sockets_open (v6 ? &SOCKETS_LOCAL6 : &SOCKETS_LOCAL4);
  ShoalAddr me = shoal_udp_address (client);
  ShoalAddr there = sockets_with_port (v6 ? SOCKETS_LOCAL6 : SOCKETS_LOCAL4, server);
  UdpLocal local = { .family = me.family, .ip = { 198, 51, 100, 7 } }; /* of documentation, nobody has it */
  ShoalTime now = g_get_monotonic_time () * SHOAL_US;
  bool segments = server->out.segments;
  memcpy (local.ip, v6 ? (const uint8_t[4]){ 0x20, 1, 0xd, 0xb8 } : local.ip, 4);
  shoal_udp_locals_note (server->locals, &me, &local, now);
  if (run)
    {
      ShoalUdpSend out[2] = { { me, pattern, SIZE }, { me, pattern, SIZE } };
      ShoalUdpReceived got;
      sockets_send (server, out, 2);
      sockets_receive (client, &got);
      sockets_receive (client, &got);
    }
  answer (server, &me);
  expect_answer (client, &there);
  ck_assert (!shoal_udp_locals_find (server->locals, &me, now, &local));
  ck_assert (server->out.segments == segments);
  shoal_udp_free (client);
  shoal_udp_free (server);
}
END_TEST

typedef struct {
  ShoalUdp *from;
  ShoalAddr to;
} Stream;

static gpointer
send_many (gpointer data)
{
  const Stream *stream = data;
  for (unsigned i = 0; i < 1000; i++)
    sockets_send_text (stream->from, stream->to, "answer");
  return NULL;
}

/* One thread may send while another receives: ThreadSanitizer would tell. */
START_TEST (two_threads)
{
  ShoalUdp *server = sockets_open (NULL), *client = sockets_open (&SOCKETS_LOCAL4);
  Stream stream = { server, shoal_udp_address (client) };
  ShoalUdpReceived got;
  GThread *thread = g_thread_new (NULL, send_many, &stream);
  for (unsigned i = 0; i < 1000; i++)
    {
      ShoalAddr there = { .family = 4, .ip = { 127, 0, 0, (uint8_t)(1 + i % 5) } };
      sockets_send_text (client, sockets_with_port (there, server), "ask");
      sockets_expect_text (server, "ask", &stream.to);
      sockets_receive (client, &got);
    }
  g_thread_join (thread);
  shoal_udp_free (client);
  shoal_udp_free (server);
}
END_TEST

START_TEST (bound_to_one)
{
  ShoalUdp *udp = sockets_open (&SOCKETS_LOCAL4);
  ShoalAddr me = shoal_udp_address (udp);
  ck_assert_ptr_null (udp->locals);
  sockets_send_text (udp, me, "me");
  sockets_expect_text (udp, "me", &me);
  shoal_udp_free (udp);
}
END_TEST

/* ---- what is remembered ---- */

static ShoalAddr
somebody (uint32_t number)
{
  ShoalAddr addr = { .family = 4, .port = 6881 };
  memcpy (addr.ip, &number, sizeof number);
  return addr;
}

static bool
is_known (UdpLocals *locals, ShoalAddr remote, ShoalTime now, uint8_t last)
{
  UdpLocal local;
  return shoal_udp_locals_find (locals, &remote, now, &local) && local.family == 4 && local.ip[3] == last;
}

static void
note (UdpLocals *locals, ShoalAddr remote, ShoalTime now, uint8_t last)
{
  shoal_udp_locals_note (locals, &remote, &(UdpLocal){ .family = 4, .ip = { 10, 0, 0, last } }, now);
}

START_TEST (remembers_the_newest)
{
  UdpLocals *locals = shoal_udp_locals_new ();
  ShoalAddr one = somebody (1), other_port = one, other_family = one;
  other_port.port++;
  other_family.family = 6;
  note (locals, one, SHOAL_SECOND, 1);
  note (locals, one, SHOAL_SECOND, 2);
  ck_assert (is_known (locals, one, SHOAL_SECOND, 2));
  ck_assert (!is_known (locals, other_port, SHOAL_SECOND, 2));
  ck_assert (!is_known (locals, other_family, SHOAL_SECOND, 2));
  note (locals, other_port, SHOAL_SECOND, 3);
  ck_assert (is_known (locals, one, SHOAL_SECOND, 2));
  shoal_udp_locals_forget (locals, &one);
  ck_assert (!is_known (locals, one, SHOAL_SECOND, 2));
  ck_assert (is_known (locals, other_port, SHOAL_SECOND, 3));
  shoal_udp_locals_free (locals);
}
END_TEST

START_TEST (forgets_the_silent)
{
  UdpLocals *locals = shoal_udp_locals_new ();
  note (locals, somebody (1), SHOAL_SECOND, 1);
  ck_assert (is_known (locals, somebody (1), 100 * SHOAL_SECOND, 1));
  ck_assert (!is_known (locals, somebody (1), 122 * SHOAL_SECOND, 1));
  note (locals, somebody (1), 122 * SHOAL_SECOND, 1);
  ck_assert (is_known (locals, somebody (1), 200 * SHOAL_SECOND, 1));
  shoal_udp_locals_free (locals);
}
END_TEST

/* A hundred that talk are known among ten thousand others; of a flood none but the last few. */
START_TEST (bounded)
{
  UdpLocals *locals = shoal_udp_locals_new ();
  unsigned known = 0;
  for (uint32_t i = 0; i < 100000; i++)
    {
      ShoalTime now = SHOAL_SECOND + i * SHOAL_US;
      note (locals, somebody (i + 100), now, 2);
      ck_assert (is_known (locals, somebody (i + 100), now, 2));
      if (i % 1000 == 0)
        for (uint32_t k = 0; k < 100; k++)
          note (locals, somebody (k), now, 1);
    }
  for (uint32_t i = 0; i < 100000; i++)
    known += is_known (locals, somebody (i + 100), SHOAL_SECOND, 2);
  ck_assert_msg (known > 3000 && known <= 4096, "%u", known);
  known = 0;
  for (uint32_t k = 0; k < 100; k++)
    known += is_known (locals, somebody (k), SHOAL_SECOND, 1);
  ck_assert_msg (known >= 90, "%u", known);
  shoal_udp_locals_free (locals);
}
END_TEST

static Suite *
local_suite (void)
{
  Suite *suite = suite_create ("udp-local");
  TCase *tests = tcase_create ("network");
  tcase_add_loop_test (tests, from_where_it_was_asked, 0, G_N_ELEMENTS (KINDS));
  tcase_add_test (tests, several_at_once);
  tcase_add_loop_test (tests, broadcast, 0, 2);
  tcase_add_test (tests, multicast);
  tcase_add_test (tests, link_local);
  tcase_add_loop_test (tests, gone, 0, 4);
  tcase_add_test (tests, two_threads);
  tcase_add_test (tests, bound_to_one);
  suite_add_tcase (suite, tests);
  tests = tcase_create ("memory");
  tcase_add_test (tests, remembers_the_newest);
  tcase_add_test (tests, forgets_the_silent);
  tcase_add_test (tests, bounded);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  make_pattern ();
  return shoal_run_suites (local_suite (), NULL);
}
