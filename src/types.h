/* Basic types of the protocol core. Everything here is plain data.
 *
 * Units stand last in names: _ns, _bytes, _bytes_per_s. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A point in time or a duration, nanoseconds. The origin is the backend's choice. */
typedef int64_t ShoalTime;

#define SHOAL_NEVER INT64_MAX
#define SHOAL_US ((ShoalTime)1000)
#define SHOAL_MS ((ShoalTime)1000000)
#define SHOAL_SECOND ((ShoalTime)1000000000)

/* The unit that is verified and announced as held (BEP 52). */
#define SHOAL_BLOCK_BYTES 16384u
/* The unit in which parts of a block are requested: a request names any set of the 16 units. */
#define SHOAL_UNIT_BYTES 1024u
#define SHOAL_UNITS_PER_BLOCK 16u

#define SHOAL_HASH_BYTES 32u
#define SHOAL_FID_HEX_LENGTH 64u

/* What a call of the core can come to. */
typedef enum {
  SHOAL_OK = 0,
  SHOAL_MALFORMED, /* bytes that are not what they should be */
  SHOAL_TOO_LARGE, /* over a limit of the format or of this implementation */
  SHOAL_UNKNOWN,   /* no such file, swarm or peer */
  SHOAL_DUPLICATE, /* it is so already */
  SHOAL_CLOSED,    /* the machine was closed */
  SHOAL_REFUSED,   /* the machine's role does not do this */
} ShoalResult;

/* File identifier: the BitTorrent v2 info-hash (BEP 52), SHA-256 of the info dictionary. */
typedef struct {
  uint8_t bytes[SHOAL_HASH_BYTES];
} ShoalFid;

/* Where a node is reached: an IP address and a UDP port. IPv4 uses ip[0..3], the rest is 0. */
typedef struct {
  uint8_t ip[16];
  uint16_t port;  /* host byte order */
  uint8_t family; /* 4 or 6; 0: no address */
} ShoalAddr;

static inline bool
shoal_fid_equal (const ShoalFid *a, const ShoalFid *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static inline bool
shoal_addr_equal (const ShoalAddr *a, const ShoalAddr *b)
{
  return a->port == b->port && a->family == b->family && memcmp (a->ip, b->ip, sizeof a->ip) == 0;
}

/* The host's own address: a path that takes datagrams of any size. */
static inline bool
shoal_addr_loopback (const ShoalAddr *a)
{
  static const uint8_t v6[16] = { [15] = 1 };
  return a->family == 4 ? a->ip[0] == 127 : a->family == 6 && memcmp (a->ip, v6, sizeof v6) == 0;
}
