#include "real/shoal-inet.h"

#include <arpa/inet.h>

bool
shoal_inet_parse (const char *host, uint16_t port, ShoalAddr *addr)
{
  static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
  *addr = (ShoalAddr){ .port = port };
  if (inet_pton (AF_INET, host, addr->ip) == 1)
    addr->family = 4;
  else if (inet_pton (AF_INET6, host, addr->ip) == 1)
    addr->family = 6;
  if (addr->family != 6 || memcmp (addr->ip, mapped, sizeof mapped) != 0)
    return addr->family != 0;
  addr->family = 4;
  memmove (addr->ip, addr->ip + sizeof mapped, 4);
  memset (addr->ip + 4, 0, sizeof mapped);
  return true;
}

char *
shoal_inet_text (const ShoalAddr *addr)
{
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop (addr->family == 6 ? AF_INET6 : AF_INET, addr->ip, text, sizeof text);
  return g_strdup (text);
}
