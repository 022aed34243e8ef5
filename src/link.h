/* One direction of a proxy: a FIFO that serves datagrams at a rate. The one place where the
 * bandwidth arithmetic stands; the virtual network and the real proxy both use it.
 *
 * Integer nanoseconds with the remainder carried from datagram to datagram, so that the average
 * rate over a busy period of any length is exact. */
#pragma once

#include "src/types.h"

typedef struct {
  uint64_t rate_bytes_per_s; /* 0: unlimited */
  ShoalTime free_at;         /* when the last accepted datagram ends its service */
  uint64_t remainder;        /* part of a nanosecond carried, in 1/rate ns */
} ShoalLink;

void shoal_link_init (ShoalLink *link, uint64_t rate_bytes_per_s);
/* Applies to the next datagram that starts service; the one in service keeps its end. */
void shoal_link_set_rate (ShoalLink *link, uint64_t rate_bytes_per_s);
/* Starts service of a datagram of length_bytes at max(now, free_at) and returns when it ends. */
ShoalTime shoal_link_serve (ShoalLink *link, ShoalTime now, size_t length_bytes);

static inline bool
shoal_link_idle (const ShoalLink *link, ShoalTime now)
{
  return link->free_at <= now;
}
