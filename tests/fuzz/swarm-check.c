/* What must be true inside a peer between two steps. */
#include "src/peer-internal.h"
#include "tests/fuzz/swarm.h"

/* What a peer may keep for one neighbour, and for all. */
#define KEPT_BYTES_MAX (128u << 10)
#define QUEUED_MAX 4096u
#define NEIGHBOURS_MAX 64u

static uint32_t
count_lacking (const ShoalBitmap *here, const ShoalBitmap *there, uint32_t blocks)
{
  uint32_t count = 0;
  for (uint32_t block = 0; block < blocks; block++)
    count += shoal_bitmap_get (here, block) && !shoal_bitmap_get (there, block);
  return count;
}

static void
require_neighbour (const ShoalSwarm *s, const ShoalNeighbour *n)
{
  fuzz_require (n->swarm == s && n->state != SHOAL_NEIGHBOUR_GONE);
  fuzz_require (n->channel.length <= KEPT_BYTES_MAX && n->channel.room <= 4 * KEPT_BYTES_MAX);
  if (n->state != SHOAL_NEIGHBOUR_UP || !s->has_info)
    return;
  fuzz_require (n->useful == count_lacking (&n->have, &s->have, s->blocks));
  fuzz_require (n->wanting
                == count_lacking (&s->have, &n->have, s->blocks)
                       + count_lacking (&s->soon, &n->have, s->blocks));
  fuzz_require (count_lacking (&n->soon, &n->have, s->blocks) == 0);
}

static void
require_swarm (const ShoalPeer *p, const ShoalSwarm *s)
{
  fuzz_require (s->peer == p && s->neighbours->len <= NEIGHBOURS_MAX && s->candidates->len <= 1024);
  for (guint i = 0; i < s->neighbours->len; i++)
    require_neighbour (s, s->neighbours->pdata[i]);
  for (uint32_t block = 0; s->has_info && block < s->blocks; block++)
    fuzz_require (!shoal_bitmap_get (&s->have, block) || shoal_bitmap_get (&s->taken, block) || s->complete);
}

void
swarm_check_peer (const ShoalMachine *machine)
{
  const ShoalPeer *p = (const ShoalPeer *)machine;
  uint32_t sessions = 0;
  fuzz_require (p->up.queue.length <= QUEUED_MAX && p->gone->len == 0);
  for (guint i = 0; i < p->swarms->len; i++)
    {
      const ShoalSwarm *s = p->swarms->pdata[i];
      require_swarm (p, s);
      sessions += s->neighbours->len;
    }
  fuzz_require (p->sessions == sessions);
}
