#include "src/link.h"

/* Above this the arithmetic would need more than 64 bits; it is far beyond any link. */
#define RATE_MAX_BYTES_PER_S ((uint64_t)1 << 62)

static uint64_t
clamped (uint64_t rate_bytes_per_s)
{
  return MIN (rate_bytes_per_s, RATE_MAX_BYTES_PER_S);
}

void
shoal_link_init (ShoalLink *link, uint64_t rate_bytes_per_s)
{
  *link = (ShoalLink){ .rate_bytes_per_s = clamped (rate_bytes_per_s) };
}

void
shoal_link_set_rate (ShoalLink *link, uint64_t rate_bytes_per_s)
{
  rate_bytes_per_s = clamped (rate_bytes_per_s);
  if (link->rate_bytes_per_s == rate_bytes_per_s)
    return;
  link->rate_bytes_per_s = rate_bytes_per_s;
  link->remainder = 0; /* less than 1 ns a change */
}

/* Nanoseconds that length bytes take, with the part of one left over for the next. */
static uint64_t
service_ns (ShoalLink *link, size_t length_bytes)
{
  if (link->rate_bytes_per_s == 0)
    return 0;
  g_assert (length_bytes <= UINT32_MAX);
  uint64_t work = (uint64_t)length_bytes * (uint64_t)SHOAL_SECOND + link->remainder;
  link->remainder = work % link->rate_bytes_per_s;
  return work / link->rate_bytes_per_s;
}

ShoalTime
shoal_link_serve (ShoalLink *link, ShoalTime now, size_t length_bytes)
{
  if (link->free_at < now)
    {
      link->free_at = now; /* a new busy period: what was left over has passed */
      link->remainder = 0;
    }
  uint64_t took = service_ns (link, length_bytes);
  uint64_t room = (uint64_t)(SHOAL_NEVER - link->free_at);
  link->free_at = took < room ? link->free_at + (ShoalTime)took : SHOAL_NEVER;
  return link->free_at;
}
