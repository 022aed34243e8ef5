#define _GNU_SOURCE
#include "real/address.h"

#include "src/infodict.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#define MAGNET "magnet:?"
#define UDP "udp://"

static bool
complain (GError **error, const char *text, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s': %s", text, what);
  return false;
}

/* Splits "HOST:PORT", "[V6]:PORT", "V6" or "HOST", as a URL's middle is written. *host: owned by the caller. */
static bool
split (const char *text, uint16_t default_port, char **host, uint16_t *port, GError **error)
{
  const char *start = g_ascii_strncasecmp (text, UDP, strlen (UDP)) == 0 ? text + strlen (UDP) : text;
  size_t length =
      start != text ? strcspn (start, "/?#") : strlen (start); /* a URL's path means nothing here */
  g_autofree char *rest = g_strndup (start, length);
  char *end = rest, *digits = NULL;
  guint64 number = default_port;
  if (*rest == '[')
    {
      end = strchr (rest, ']');
      if (!end)
        return complain (error, text, "the ']' after the IPv6 address is missing");
      *end++ = '\0';
      digits = *end == ':' ? end + 1 : NULL;
      if (*end && !digits)
        return complain (error, text, "after ']' expected ':' and a port");
    }
  else if ((end = strchr (rest, ':')) != NULL && strchr (end + 1, ':') == NULL) /* two: a bare IPv6 address */
    {
      *end = '\0';
      digits = end + 1;
    }
  if (digits && !g_ascii_string_to_unsigned (digits, 10, 1, UINT16_MAX, &number, NULL))
    return complain (error, text, "the port must be a number from 1 to 65535");
  if (number == 0)
    return complain (error, text, "the port is missing; write HOST:PORT, or [IPV6]:PORT");
  *host = g_strdup (*rest == '[' ? rest + 1 : rest);
  *port = (uint16_t)number;
  return **host != '\0' || complain (error, text, "the host is missing; write HOST:PORT, or [IPV6]:PORT");
}

static bool
from_system (const struct sockaddr *from, ShoalAddr *addr)
{
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
  *addr = (ShoalAddr){ 0 };
  if (from->sa_family == AF_INET)
    {
      addr->family = 4;
      memcpy (addr->ip, &((const struct sockaddr_in *)from)->sin_addr, 4);
      return true;
    }
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
  if (from->sa_family != AF_INET6 || v6->sin6_scope_id != 0)
    return false;
  bool is_v4 = memcmp (&v6->sin6_addr, mapped, sizeof mapped) == 0;
  addr->family = is_v4 ? 4 : 6;
  memcpy (addr->ip, v6->sin6_addr.s6_addr + (is_v4 ? sizeof mapped : 0), is_v4 ? 4 : 16);
  return true;
}

/* The system's order is that of RFC 6724, but it calls this host ::1 where most bind 127.0.0.1. */
static bool
choose (const struct addrinfo *list, ShoalAddr *addr)
{
  ShoalAddr found;
  bool any = false;
  for (; list; list = list->ai_next)
    {
      if (!from_system (list->ai_addr, &found))
        continue;
      if (!any || (shoal_addr_loopback (addr) && shoal_addr_loopback (&found) && found.family == 4))
        *addr = found;
      any = true;
    }
  return any;
}

bool
shoal_address_parse (const char *text, uint16_t default_port, ShoalAddr *addr, GError **error)
{
  const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM };
  g_autofree char *host = NULL;
  uint16_t port;
  struct addrinfo *list = NULL;
  if (!split (text, default_port, &host, &port, error))
    return false;
  int failure = getaddrinfo (host, NULL, &hints, &list);
  if (failure != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND, "'%s': the host '%s' is not known: %s", text,
                   host, gai_strerror (failure));
      return false;
    }
  bool found = choose (list, addr);
  freeaddrinfo (list);
  addr->port = port;
  return found || complain (error, text, "a link-local address cannot be used; take another of that host");
}

char *
shoal_address_text (const ShoalAddr *addr)
{
  char text[INET6_ADDRSTRLEN] = "?";
  inet_ntop (addr->family == 4 ? AF_INET : AF_INET6, addr->ip, text, sizeof text);
  return g_strdup_printf (addr->family == 6 ? "[%s]:%u" : "%s:%u", text, addr->port);
}

/* ---- magnet links ---- */

/* "udp://host:port/announce" → "host:port"; NULL: not a UDP tracker. */
static char *
tracker_of (const char *parameter)
{
  const char *equals = strchr (parameter, '=');
  if (!equals || (!g_str_has_prefix (parameter, "tr=") && !g_str_has_prefix (parameter, "tr.")))
    return NULL;
  g_autofree char *url = g_uri_unescape_string (equals + 1, NULL);
  g_autofree char *host = NULL;
  uint16_t port;
  if (!url || g_ascii_strncasecmp (url, UDP, strlen (UDP)) != 0 || !split (url, 0, &host, &port, NULL))
    return NULL;
  return g_strdup_printf (strchr (host, ':') ? "[%s]:%u" : "%s:%u", host, port);
}

char **
shoal_magnet_trackers (const char *text)
{
  g_autoptr (GStrvBuilder) trackers = g_strv_builder_new ();
  bool is_magnet = g_ascii_strncasecmp (text, MAGNET, strlen (MAGNET)) == 0;
  g_auto (GStrv) parameters = g_strsplit (is_magnet ? text + strlen (MAGNET) : "", "&", -1);
  for (char **p = parameters; *p; p++)
    {
      g_autofree char *tracker = tracker_of (*p);
      if (tracker)
        g_strv_builder_add (trackers, tracker);
    }
  return g_strv_builder_end (trackers);
}

char *
shoal_magnet_text (const ShoalFid *fid, const char *name, uint64_t length_bytes, const char *tracker)
{
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  shoal_fid_to_hex (fid, hex);
  GString *text = g_string_new (MAGNET "xt=urn:btmh:1220");
  g_string_append (text, hex);
  if (name)
    {
      g_string_append (text, "&dn=");
      g_string_append_uri_escaped (text, name, NULL, FALSE);
    }
  if (length_bytes > 0)
    g_string_append_printf (text, "&xl=%" G_GUINT64_FORMAT, (guint64)length_bytes);
  if (tracker)
    {
      g_autofree char *url = g_strconcat (UDP, tracker, NULL);
      g_string_append (text, "&tr=");
      g_string_append_uri_escaped (text, url, NULL, FALSE);
    }
  return g_string_free (text, FALSE);
}
