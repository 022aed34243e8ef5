/* What became of the blocks that a holder of the whole file gave away: whether who got one passed it on.
 * Leechers whose strategy is not `none` tell holders, too, what they got; a block that anybody tells of but who
 * had it from us was passed on. What somebody keeps to itself is given to another as if it had not gone out. */
#include "src/peer-internal.h"

#define FORGIVEN_TURNS 4u /* one kept block is forgiven each time */

struct ShoalLending {
  ShoalBitmap seen; /* blocks that somebody passed on, or had from elsewhere */
  uint32_t *taker;  /* per block: order of who had it from us, and nobody else; UINT32_MAX: nobody */
  bool over;        /* a leecher has everything: no block is only ours any more */
};

static bool
is_tracked (const ShoalSwarm *s)
{
  return s->complete && s->blocks > 0 && s->peer->options.serving.strategy != &shoal_strategy_none;
}

/* What is known of the neighbours when the last block came is where it begins. */
static ShoalLending *
lending (ShoalSwarm *s)
{
  if (s->lending)
    return s->lending;
  ShoalLending *l = s->lending = g_new0 (ShoalLending, 1);
  shoal_bitmap_init (&l->seen, s->blocks);
  l->taker = g_new (uint32_t, s->blocks);
  memset (l->taker, 0xff, s->blocks * sizeof *l->taker);
  for (uint32_t block = 0; block < s->blocks; block++)
    if (s->availability[block] > 0)
      shoal_bitmap_set (&l->seen, block);
  return l;
}

void
shoal_lending_free (ShoalSwarm *s)
{
  if (!s->lending)
    return;
  shoal_bitmap_clear (&s->lending->seen);
  g_free (s->lending->taker);
  g_clear_pointer (&s->lending, g_free);
}

bool
shoal_lending_tells (const ShoalNeighbour *n)
{
  return n->swarm->peer->options.serving.strategy != &shoal_strategy_none && !n->swarm->complete
         && shoal_bitmap_full (&n->have);
}

bool
shoal_lending_heard (ShoalNeighbour *n, uint32_t block)
{
  if (!is_tracked (n->swarm))
    return false;
  ShoalLending *l = lending (n->swarm);
  if (l->taker[block] != n->order)
    shoal_bitmap_set (&l->seen, block);
  return true;
}

void
shoal_lending_heard_all (ShoalNeighbour *n)
{
  if (is_tracked (n->swarm) && n->have.set > 0 && !shoal_bitmap_full (&n->have))
    lending (n->swarm)->over = true;
}

void
shoal_lending_gave (ShoalNeighbour *n, uint32_t block)
{
  if (!is_tracked (n->swarm))
    return;
  ShoalLending *l = lending (n->swarm);
  if (shoal_bitmap_get (&l->seen, block) || l->taker[block] != UINT32_MAX)
    return;
  l->taker[block] = n->order;
  if (!n->lent)
    n->lent = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_array_append_val (n->lent, block);
}

bool
shoal_lending_scarce (ShoalSwarm *s)
{
  return is_tracked (s) && !lending (s)->over && !shoal_bitmap_full (&lending (s)->seen);
}

void
shoal_lending_settle (ShoalNeighbour *n)
{
  guint open = 0;
  n->kept_blocks -= n->kept_blocks > 0 && n->swarm->turn % FORGIVEN_TURNS == 0;
  for (guint i = 0; n->lent && i < n->lent->len; i++)
    {
      uint32_t block = g_array_index (n->lent, uint32_t, i);
      if (!shoal_bitmap_get (&n->swarm->lending->seen, block))
        g_array_index (n->lent, uint32_t, open++) = block;
    }
  if (!n->lent)
    return;
  n->passed_blocks += n->lent->len - open;
  g_array_set_size (n->lent, open);
}

void
shoal_lending_give_up (ShoalNeighbour *n)
{
  for (guint i = 0; n->lent && i < n->lent->len; i++)
    {
      uint32_t block = g_array_index (n->lent, uint32_t, i);
      n->swarm->lending->taker[block] = UINT32_MAX;
      n->swarm->given[block] = 0;
      n->kept_blocks++;
    }
  g_clear_pointer (&n->lent, g_array_unref);
}
