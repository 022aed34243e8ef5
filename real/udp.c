/* Opens and binds the socket, and asks the kernel for what it can do. */
#define _GNU_SOURCE
#include "real/udp-internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

/* What the kernel keeps for us while we are busy: 80 ms at 100 MB/s. */
#define RECEIVE_BUFFER_BYTES (8 << 20)
/* What waits below us can no longer be reconsidered (a choke, a control message that should overtake), so
 * this is just enough to keep a fast link busy until we are woken: 0.8 ms at 10 Gbit/s. */
#define SEND_BUFFER_BYTES (1 << 20)

/* ---- addresses ---- */

static const uint8_t MAPPED[12] = { [10] = 0xff, [11] = 0xff }; /* ::ffff:a.b.c.d */

ShoalAddr
shoal_udp_from_sockaddr (const UdpSockaddr *from)
{
  ShoalAddr addr = { .family = 4 };
  if (from->any.sa_family == AF_INET)
    {
      addr.port = ntohs (from->v4.sin_port);
      memcpy (addr.ip, &from->v4.sin_addr, 4);
      return addr;
    }
  const uint8_t *ip = from->v6.sin6_addr.s6_addr;
  addr.port = ntohs (from->v6.sin6_port);
  if (memcmp (ip, MAPPED, sizeof MAPPED) == 0)
    memcpy (addr.ip, ip + sizeof MAPPED, 4);
  else
    {
      addr.family = 6;
      memcpy (addr.ip, ip, 16);
    }
  return addr;
}

socklen_t
shoal_udp_to_sockaddr (const ShoalAddr *addr, int family, UdpSockaddr *to)
{
  if (addr->family != 6 && family == AF_INET)
    {
      to->v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons (addr->port) };
      memcpy (&to->v4.sin_addr, addr->ip, 4);
      return sizeof to->v4;
    }
  to->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons (addr->port) };
  uint8_t *ip = to->v6.sin6_addr.s6_addr;
  if (addr->family == 6)
    memcpy (ip, addr->ip, 16);
  else
    {
      memcpy (ip, MAPPED, sizeof MAPPED);
      memcpy (ip + sizeof MAPPED, addr->ip, 4);
    }
  return sizeof to->v6;
}

/* ---- options ---- */

static bool
set (int fd, int level, int option, int value)
{
  return setsockopt (fd, level, option, &value, sizeof value) == 0;
}

/* As much as the system's limit allows, or all of it where we may pass the limit. */
static void
set_buffers (int fd)
{
  if (!set (fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES))
    set (fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
  if (!set (fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER_BYTES))
    set (fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES);
}

/* Bound to all addresses, what we send leaves from the one that the kernel prefers, which need not be the one that
 * was asked. So it is to tell the latter. With IPv4 on a socket of both kinds it would tell in two ways; that of
 * IPv4 is right for broadcasts, too. */
static void
ask_for_local_addresses (ShoalUdp *udp)
{
  static const uint8_t any[16];
  if (memcmp (udp->address.ip, any, sizeof any) != 0)
    return;
  bool v4 = set (udp->fd, IPPROTO_IP, IP_PKTINFO, 1);
  bool v6 = udp->family == AF_INET6 && set (udp->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  if (v4 || v6)
    udp->locals = shoal_udp_locals_new ();
}

/* Nothing here is needed, so nothing here fails. PROBE: never fragment, and do not remember smaller paths
 * either: the sender's sizes are small enough for any, but on the own host they may be large. */
static void
set_options (ShoalUdp *udp)
{
  int fd = udp->fd;
  set_buffers (fd);
  set (fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  if (udp->family == AF_INET6)
    set (fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
  set (fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  set (fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
  set (fd, SOL_UDP, UDP_GRO, 1);
  ask_for_local_addresses (udp);
  udp->out.segments = set (fd, SOL_UDP, UDP_SEGMENT, 0);
}

/* The kernel doubles what was asked for, for its own bookkeeping. */
static size_t
receive_buffer_of (int fd)
{
  int bytes = 0;
  socklen_t length = sizeof bytes;
  if (getsockopt (fd, SOL_SOCKET, SO_RCVBUF, &bytes, &length) != 0 || bytes < 0)
    return 0;
  return (size_t)bytes / 2;
}

/* ---- opening ---- */

/* Owned by the caller. */
static char *
ip_text (const ShoalAddr *addr)
{
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop (addr->family == 6 ? AF_INET6 : AF_INET, addr->ip, text, sizeof text);
  return g_strdup (text);
}

static void
set_bind_error (GError **error, const ShoalAddr *wanted, int code)
{
  g_autofree char *ip = ip_text (wanted);
  g_autofree char *what = NULL;
  if (code == EADDRINUSE)
    what = g_strdup_printf ("UDP port %u is in use; choose another, or 0 for a free one", wanted->port);
  else if (code == EACCES || code == EPERM)
    what = g_strdup_printf ("no permission to use UDP port %u; choose one from 1024 on, or 0 for a free one",
                            wanted->port);
  else if (code == EADDRNOTAVAIL)
    what = g_strdup_printf ("%s is not an address of this host; choose one that it has, or none for all", ip);
  else if (code == EMFILE || code == ENFILE)
    what = g_strdup ("too many open files; raise the limit (ulimit -n)");
  else
    what = g_strdup_printf ("cannot open a UDP socket: %s", g_strerror (code));
  g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (code), "%s", what);
}

/* What to bind to: this address, or all of the family. */
static socklen_t
bind_name (const ShoalAddr *wanted, int family, UdpSockaddr *name)
{
  if (wanted->family != 0)
    return shoal_udp_to_sockaddr (wanted, family, name);
  if (family == AF_INET6)
    name->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons (wanted->port) };
  else
    name->v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons (wanted->port) };
  return family == AF_INET6 ? sizeof name->v6 : sizeof name->v4;
}

/* 0, or what went wrong. */
static int
try_open (ShoalUdp *udp, const ShoalAddr *wanted, int family)
{
  UdpSockaddr name;
  socklen_t length = bind_name (wanted, family, &name);
  udp->family = family;
  udp->fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (udp->fd < 0)
    return errno;
  if (family == AF_INET6 && !set (udp->fd, IPPROTO_IPV6, IPV6_V6ONLY, wanted->family == 6))
    return errno;
  if (bind (udp->fd, &name.any, length) != 0 || getsockname (udp->fd, &name.any, &length) != 0)
    return errno;
  udp->address = shoal_udp_from_sockaddr (&name);
  return 0;
}

static void
close_socket (ShoalUdp *udp)
{
  if (udp->fd >= 0)
    close (udp->fd);
  udp->fd = -1;
}

/* One socket for both kinds of addresses, where the system has IPv6. */
static int
open_socket (ShoalUdp *udp, const ShoalAddr *wanted)
{
  if (wanted->family != 0)
    return try_open (udp, wanted, wanted->family == 6 ? AF_INET6 : AF_INET);
  int code = try_open (udp, wanted, AF_INET6);
  if (code != EAFNOSUPPORT && code != EADDRNOTAVAIL && code != EPROTONOSUPPORT)
    return code;
  close_socket (udp);
  return try_open (udp, wanted, AF_INET);
}

ShoalUdp *
shoal_udp_new (const ShoalAddr *bind_to, GError **error)
{
  ShoalAddr wanted = bind_to ? *bind_to : (ShoalAddr){ 0 };
  ShoalUdp *udp = g_new0 (ShoalUdp, 1);
  udp->fd = -1;
  int code = open_socket (udp, &wanted);
  if (code != 0)
    {
      set_bind_error (error, &wanted, code);
      shoal_udp_free (udp);
      return NULL;
    }
  set_options (udp);
  udp->receive_buffer_bytes = receive_buffer_of (udp->fd);
  shoal_udp_prepare_receive (udp);
  return udp;
}

void
shoal_udp_free (ShoalUdp *udp)
{
  if (!udp)
    return;
  close_socket (udp);
  shoal_udp_locals_free (udp->locals);
  g_free (udp->in.room);
  g_free (udp);
}

int
shoal_udp_fd (const ShoalUdp *udp)
{
  return udp->fd;
}

ShoalAddr
shoal_udp_address (const ShoalUdp *udp)
{
  return udp->address;
}

size_t
shoal_udp_receive_buffer (const ShoalUdp *udp)
{
  return udp->receive_buffer_bytes;
}
