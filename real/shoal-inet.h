/* IP addresses as text, without ports and without looking up names. */
#pragma once

#include "src/types.h"

/* False: not an address of IPv4 or IPv6. IPv4-mapped ones become IPv4. */
bool shoal_inet_parse (const char *host, uint16_t port, ShoalAddr *addr);
/* "10.0.0.1", "::1". Owned by the caller. */
char *shoal_inet_text (const ShoalAddr *addr);
