/* What is outstanding at one neighbour follows the path to it. A proxy's rate is known; what lies between
 * two proxies is not: a window per neighbour grows while data comes undelayed and whole, shrinks when the
 * path's queue holds data for longer than a target (RFC 6817), and is cut when data is lost (RFC 9002,
 * section 7), at most once a round trip.
 *
 * Data carries the time at which its sender's uplink had put it on the network. The two clocks differ by an unknown constant,
 * so only the excess over the smallest difference seen counts: the time in queues on the way. */
#include "src/peer-internal.h"

#define WINDOW_FIRST (8u * SHOAL_BLOCK_BYTES)
#define WINDOW_MIN ((uint64_t)SHOAL_BLOCK_BYTES)
#define WINDOW_MAX ((uint64_t)64 << 20)
#define TARGET_US 50000             /* RFC 6817 allows up to 100 ms */
#define BASE_NS (60 * SHOAL_SECOND) /* clocks drift: older differences are forgotten */
#define ROUND_TRIP_MIN_NS (10 * SHOAL_MS)

void
shoal_path_init (ShoalPath *path, ShoalTime now)
{
  *path =
      (ShoalPath){ .window_bytes = WINDOW_FIRST, .starting = true, .cut_at = now, .base_at = SHOAL_NEVER };
}

/* The smallest difference of this minute and the last one. Differences wrap, as their clocks do. */
static int32_t
excess_us (ShoalPath *path, ShoalTime now, uint32_t difference_us)
{
  if (path->base_at == SHOAL_NEVER || now - path->base_at >= BASE_NS)
    {
      path->base_before_us = path->base_at == SHOAL_NEVER ? difference_us : path->base_us;
      path->base_us = difference_us;
      path->base_at = now;
    }
  if ((int32_t)(difference_us - path->base_us) < 0)
    path->base_us = difference_us;
  int32_t one = (int32_t)(difference_us - path->base_us),
          other = (int32_t)(difference_us - path->base_before_us);
  return MAX (MAX (one, other), 0);
}

/* Without a queue the window doubles in a round trip at first, and grows by a block in one later. */
static void
grow (ShoalPath *path, int32_t off_us, uint32_t bytes)
{
  if (off_us < TARGET_US / 2)
    path->starting = false;
  if (path->starting)
    path->window_bytes += bytes;
  else
    path->window_bytes += (uint64_t)bytes * SHOAL_BLOCK_BYTES / path->window_bytes;
  path->window_bytes = MIN (path->window_bytes, WINDOW_MAX);
}

void
shoal_path_data (ShoalNeighbour *n, ShoalTime arrived_at, uint32_t sent_us, uint32_t bytes)
{
  ShoalPath *path = &n->path;
  uint32_t difference = (uint32_t)(arrived_at / SHOAL_US) - sent_us;
  int32_t off = TARGET_US - excess_us (path, arrived_at, difference);
  bool used = n->outstanding_bytes + 2 * SHOAL_BLOCK_BYTES >= path->window_bytes;
  if (off > 0 && used)
    grow (path, off, bytes);
  if (off >= 0)
    return;
  path->starting = false;
  uint64_t less = (uint64_t)MIN (-off, TARGET_US) * bytes / TARGET_US;
  path->window_bytes = MAX (path->window_bytes - MIN (less, path->window_bytes), WINDOW_MIN);
}

void
shoal_path_loss (ShoalNeighbour *n, ShoalTime now)
{
  ShoalPath *path = &n->path;
  if (now - path->cut_at < MAX (n->channel.srtt_ns, ROUND_TRIP_MIN_NS))
    return;
  path->cut_at = now;
  path->starting = false;
  path->window_bytes = MAX (path->window_bytes / 10 * 7, WINDOW_MIN);
}
