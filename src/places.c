/* The places at a file: limited in number, and not for one host alone to fill. While some are free everybody gets one,
 * for many may share an address behind one router. When all are taken, hosts that hold many give one up for another. */
#include "src/peer-internal.h"

#define PLACES_DEFAULT 24u
#define PLACES_SHARE 4u /* a host that holds more than one in so many gives one up */
#define IPV6_HOST_BYTES 8u

static uint32_t
places (const ShoalSwarm *s)
{
  return s->peer->options.max_neighbours ? s->peer->options.max_neighbours : PLACES_DEFAULT;
}

/* In IPv6 one host has a whole /64 to choose from. */
static bool
same_host (const ShoalAddr *a, const ShoalAddr *b)
{
  return a->family == b->family
         && memcmp (a->ip, b->ip, a->family == 6 ? IPV6_HOST_BYTES : sizeof a->ip) == 0;
}

static uint32_t
held_by (const ShoalSwarm *s, const ShoalAddr *host)
{
  uint32_t count = 0;
  for (guint i = 0; i < s->neighbours->len; i++)
    count += same_host (&((const ShoalNeighbour *)s->neighbours->pdata[i])->addr, host);
  return count;
}

/* Of a host's sessions the one that gave us least, and came last. */
static ShoalNeighbour *
least_giving (const ShoalSwarm *s, const ShoalAddr *host)
{
  ShoalNeighbour *least = NULL;
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      if (same_host (&n->addr, host) && (!least || n->received_bytes <= least->received_bytes))
        least = n;
    }
  return least;
}

bool
shoal_places_make_room (ShoalSwarm *s, ShoalTime now, const ShoalAddr *newcomer)
{
  if (s->neighbours->len < places (s))
    return true;
  const ShoalAddr *host = NULL;
  uint32_t most = MAX (places (s) / PLACES_SHARE, held_by (s, newcomer) + 1);
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      const ShoalNeighbour *n = s->neighbours->pdata[i];
      uint32_t held = held_by (s, &n->addr);
      if (held <= most)
        continue;
      host = &n->addr;
      most = held;
    }
  if (!host)
    return false;
  shoal_neighbour_down (least_giving (s, host), now, SHOAL_DOWN_USELESS, true);
  return true;
}
