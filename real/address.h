/* Addresses and magnet links as people write them. */
#pragma once

#include "src/types.h"

#include <gio/gio.h>

/* "HOST:PORT", "[V6]:PORT" or "HOST" with default_port (0: a port is needed); HOST is looked up, which may take
 * seconds. False and error: says what is wrong with it. */
bool shoal_address_parse (const char *text, uint16_t default_port, ShoalAddr *addr, GError **error);
/* "10.0.0.1:6881", "[::1]:6881". Owned by the caller. */
char *shoal_address_text (const ShoalAddr *addr);
/* The UDP trackers that a magnet link names ("HOST:PORT"); empty when it names none or is no magnet link.
 * Owned by the caller: g_strfreev(). (The fid: shoal_fid_parse() in src/infodict.h.) */
char **shoal_magnet_trackers (const char *text);
/* magnet:?xt=urn:btmh:1220…&dn=…&xl=…&tr=udp://… ; name NULL, length 0, tracker NULL: left out. Owned by
 * the caller. */
char *shoal_magnet_text (const ShoalFid *fid, const char *name, uint64_t length_bytes, const char *tracker);
