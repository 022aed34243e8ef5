#include "src/peer-internal.h"

/* Everybody who is interested is served: whose turn it is falls to the credits (upload.c). */
static bool
serves (const ShoalNeighbour *n)
{
  return n->interested && shoal_swarm_serves (n->swarm);
}

static void
set_choked (ShoalNeighbour *n, bool choked)
{
  if (n->choked == choked)
    return;
  n->choked = choked;
  shoal_neighbour_say (n, choked ? SHOAL_MESSAGE_CHOKE : SHOAL_MESSAGE_UNCHOKE);
  shoal_peer_emit (n->swarm->peer, choked ? SHOAL_EVENT_CHOKED : SHOAL_EVENT_UNCHOKED, n->swarm, &n->addr, 0);
  if (choked)
    shoal_upload_withdraw (n);
  n->swarm->peer->up.look = true;
}

void
shoal_strategy_apply (ShoalNeighbour *n, ShoalTime now)
{
  (void)now;
  if (n->state == SHOAL_NEIGHBOUR_UP)
    set_choked (n, !serves (n));
}
