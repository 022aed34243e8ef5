/* Who comes first: whom a sender invites next, and whose request it serves next. */
#include "src/peer-internal.h"

#define RARE_SHARE 6u   /* rare: less than one in so many neighbours has it */
#define LAG_BLOCKS 16u  /* near those who have least: no more than so many more */
#define MERIT_BLOCKS 8u /* less that a neighbour gave us does not count yet */
#define ROUNDS 4u       /* of credits, one a neighbour: no neighbour and no request waits longer */

/* What it gave us, in doublings: smaller differences are chance, and to go by them splits a swarm of equals (20 leechers:
 * 1.094 of the bound instead of 1.082). */
static unsigned
merit (const ShoalNeighbour *n)
{
  gulong gifts = (gulong)(n->received_bytes / (MERIT_BLOCKS * SHOAL_BLOCK_BYTES));
  return gifts > 0 ? g_bit_storage (gifts) : 0;
}

static uint32_t
progress (const ShoalNeighbour *n)
{
  return MAX (n->progress, n->have.set);
}

/* Where everybody is served, those come first who have least, if others have clearly more. Each gets the same share of
 * every uplink otherwise, and who has fewer or slower neighbours than others falls behind all the time. A strategy has its
 * own idea of who deserves what, and does not take a neighbour's word for it. */
static void
find_laggards (const GPtrArray *candidates)
{
  uint32_t least = UINT32_MAX, most = 0;
  for (guint i = 0; i < candidates->len; i++)
    {
      least = MIN (least, progress (candidates->pdata[i]));
      most = MAX (most, progress (candidates->pdata[i]));
    }
  for (guint i = 0; i < candidates->len; i++)
    {
      ShoalNeighbour *n = candidates->pdata[i];
      bool equal_rights = n->swarm->peer->options.serving.strategy == &shoal_strategy_none;
      n->lags = equal_rights && most - least > LAG_BLOCKS && progress (n) - least <= LAG_BLOCKS;
    }
}

ShoalNeighbour *
shoal_precedence_first (const GPtrArray *candidates)
{
  ShoalNeighbour *first = NULL;
  find_laggards (candidates);
  for (guint i = 0; i < candidates->len; i++)
    if (!first || shoal_precedence_invites (candidates->pdata[i], first))
      first = candidates->pdata[i];
  return first;
}

static bool
is_overdue (const ShoalSwarm *s, uint32_t credit_number)
{
  return s->peer->up.credits_made - credit_number > ROUNDS * s->neighbours->len;
}

/* Nobody is passed over for long, whatever others have given. */
static bool
waits (const ShoalNeighbour *n)
{
  return is_overdue (n->swarm, n->credit_number);
}

/* Among those who were promised equally much, who gave us most passes things on fastest; and then the one for whom we
 * have most. */
bool
shoal_precedence_invites (const ShoalNeighbour *a, const ShoalNeighbour *b)
{
  bool comparable = a->swarm == b->swarm && a->on_trial == b->on_trial;
  if (a->swarm->peer->options.service == SHOAL_SERVICE_FIFO)
    return a->order < b->order;
  if (waits (a) != waits (b))
    return waits (a);
  if (a->swarm == b->swarm && a->lags != b->lags)
    return a->lags;
  if (shoal_upload_promises (a) != shoal_upload_promises (b))
    return shoal_upload_promises (a) < shoal_upload_promises (b);
  if (comparable && merit (a) != merit (b))
    return merit (a) > merit (b);
  if (comparable && a->wanting != b->wanting)
    return a->wanting > b->wanting;
  if (a->served_at != b->served_at)
    return a->served_at < b->served_at;
  return a->order < b->order;
}

static bool
is_rare (const ShoalUpload *u)
{
  const ShoalSwarm *s = u->to->swarm;
  return s->availability[u->block] * RARE_SHARE <= s->neighbours->len;
}

/* At a source there is always something rarer than what somebody failed to get elsewhere. */
bool
shoal_precedence_is_urgent (const ShoalUpload *u)
{
  return is_rare (u) || is_overdue (u->to->swarm, u->credit_number);
}

/* Rare blocks first, the rarest before others, and to those first who gave us most, so that their receivers can soon pass
 * them on; then those of whose blocks we know least (to go by what they say they have cost 1 % with four leechers):
 * otherwise one unlucky receiver keeps everybody waiting in the end. */
bool
shoal_precedence_serves (const ShoalUpload *a, const ShoalUpload *b)
{
  const ShoalNeighbour *x = a->to, *y = b->to;
  if (x->swarm->peer->options.service == SHOAL_SERVICE_FIFO)
    return x->order < y->order;
  uint16_t copies_a = x->swarm->availability[a->block], copies_b = y->swarm->availability[b->block];
  bool rare = is_rare (a), overdue = is_overdue (x->swarm, a->credit_number);
  if (overdue != is_overdue (y->swarm, b->credit_number))
    return overdue;
  if (rare != is_rare (b))
    return rare;
  if (rare && x->swarm == y->swarm && copies_a != copies_b)
    return copies_a < copies_b;
  if (rare && x->swarm == y->swarm && merit (x) != merit (y))
    return merit (x) > merit (y);
  return x->have.set < y->have.set && x->on_trial == y->on_trial; /* who is on trial goes not before others */
}
