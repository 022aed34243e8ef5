/* Blocks that are told of before they are here. A block that nobody but its source holds comes to its first receiver, is
 * verified, told of, and asked for; each of these takes a while in which those who will get it from there know of nothing
 * to ask for. So who asks the source for a block tells its neighbours at once, they ask for it as if it were there, and
 * their requests wait for it. Only the first receiver does so, and nobody who told of a block waits for another who did:
 * no two can wait for each other. */
#include "src/peer-internal.h"

/* It holds everything, and does not only expect to; and it gives, for anybody can say so: what a liar is asked for is
 * not promised to others, and what others were promised soon comes (eight leechers and a liar: 50 s if it were, 44 s). */
static bool
is_source (const ShoalNeighbour *n)
{
  return shoal_bitmap_full (&n->have) && n->soon.set == 0 && n->received_bytes > 0;
}

void
shoal_soon_asked (ShoalNeighbour *from, ShoalTime now, const ShoalPartial *partial)
{
  ShoalSwarm *s = from->swarm;
  uint32_t block = partial->block;
  bool whole = partial->asked == shoal_partial_all_units (s, block), first = s->availability[block] == 1;
  if (!whole || !first || !is_source (from) || !shoal_swarm_serves (s)
      || shoal_availability_is_fast (s->peer))
    return;
  shoal_bitmap_set (&s->soon, block);
  shoal_swarm_offer (s, block);
  shoal_availability_offered (s, now, block);
}

/* It is not news any more. */
static void
strike_out (ShoalSwarm *s, uint32_t block)
{
  uint32_t i = s->log_length;
  while (i > 0 && s->log[i - 1] != block)
    i--;
  g_assert (i > 0);
  s->log[i - 1] = SHOAL_LOG_STRUCK_OUT;
}

void
shoal_soon_not (ShoalSwarm *s, uint32_t block)
{
  if (!shoal_bitmap_unset (&s->soon, block))
    return;
  strike_out (s, block);
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->state != SHOAL_NEIGHBOUR_UP)
        continue;
      n->wanting -= !shoal_bitmap_get (&n->have, block);
      shoal_neighbour_say_block (n, SHOAL_MESSAGE_LOST, block);
      shoal_upload_reject (n, block);
    }
}

/* Who has not heard the old news yet need not hear both. */
void
shoal_soon_held (ShoalSwarm *s, uint32_t block)
{
  strike_out (s, block);
  shoal_bitmap_unset (&s->soon, block);
  shoal_upload_held (s, block);
}

void
shoal_soon_heard (ShoalNeighbour *n, uint32_t block)
{
  if (shoal_bitmap_get (&n->have, block))
    return;
  shoal_bitmap_set (&n->soon, block);
  shoal_availability_learn (n, block);
}

void
shoal_soon_came (ShoalNeighbour *n, uint32_t block)
{
  if (n->soon.set > 0 && shoal_bitmap_unset (&n->soon, block))
    shoal_download_news (n); /* it may be asked for what it only expected */
}

bool
shoal_soon_may_ask (const ShoalNeighbour *n, uint32_t block)
{
  return shoal_soon_is_held_by (n, block)
         || (shoal_bitmap_get (&n->soon, block) && !shoal_bitmap_get (&n->swarm->soon, block));
}
