/* What others may ask of a peer: how far a file is, and who its neighbours are. */
#include "src/peer-internal.h"

static ShoalSwarm *
swarm_of (const ShoalMachine *peer, const ShoalFid *fid)
{
  return shoal_peer_swarm ((const ShoalPeer *)peer, fid);
}

unsigned
shoal_peer_sources (const ShoalMachine *peer, const ShoalFid *fid, const ShoalSource **sources)
{
  ShoalSwarm *s = swarm_of (peer, fid);
  *sources = s ? (const ShoalSource *)s->sources->data : NULL;
  return s ? s->sources->len : 0;
}

bool
shoal_peer_file_info (const ShoalMachine *peer, const ShoalFid *fid, ShoalFileInfo *info)
{
  const ShoalSwarm *s = swarm_of (peer, fid);
  if (!s)
    return false;
  *info = (ShoalFileInfo){ .has_info = s->has_info,
                           .complete = s->complete,
                           .registered = s->registered,
                           .downloading = s->downloading,
                           .blocks = s->blocks,
                           .held = s->has_info ? s->have.set : 0 };
  for (guint i = 0; i < s->neighbours->len; i++)
    info->neighbours += ((ShoalNeighbour *)s->neighbours->pdata[i])->state == SHOAL_NEIGHBOUR_UP;
  return true;
}

const ShoalFile *
shoal_peer_file (const ShoalMachine *peer, const ShoalFid *fid)
{
  const ShoalSwarm *s = swarm_of (peer, fid);
  return s && s->has_info ? &s->file : NULL;
}

ShoalMerkle *
shoal_peer_tree (const ShoalMachine *peer, const ShoalFid *fid)
{
  const ShoalSwarm *s = swarm_of (peer, fid);
  return s && s->tree ? shoal_merkle_ref (s->tree) : NULL;
}

static ShoalNeighbourInfo
describe (const ShoalNeighbour *n)
{
  return (ShoalNeighbourInfo){ .addr = n->addr,
                               .received_bytes = n->received_bytes,
                               .sent_bytes = n->sent_bytes,
                               .blocks = n->have.set,
                               .interested = n->interested,
                               .choked = n->choked,
                               .choked_by = n->choked_by,
                               .round_trip_ns = n->channel.srtt_ns };
}

bool
shoal_peer_neighbour_info (const ShoalMachine *peer, const ShoalFid *fid, unsigned i,
                           ShoalNeighbourInfo *info)
{
  const ShoalSwarm *s = swarm_of (peer, fid);
  for (guint k = 0; s && k < s->neighbours->len; k++)
    {
      const ShoalNeighbour *n = s->neighbours->pdata[k];
      if (n->state != SHOAL_NEIGHBOUR_UP || i-- > 0)
        continue;
      *info = describe (n);
      return true;
    }
  return false;
}

static void
unhold (ShoalSwarm *s, uint32_t block)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->state != SHOAL_NEIGHBOUR_UP)
        continue;
      if (shoal_bitmap_get (&n->have, block))
        n->useful++;
      else
        n->wanting--;
      shoal_upload_reject (n, block);
      shoal_neighbour_say_block (n, SHOAL_MESSAGE_LOST, block);
    }
}

void
shoal_peer_block_lost (ShoalMachine *peer, ShoalTime now, const ShoalFid *fid, uint32_t block)
{
  ShoalSwarm *s = swarm_of (peer, fid);
  (void)now;
  if (s && s->complete && block < s->blocks && shoal_bitmap_unset (&s->have, block))
    unhold (s, block);
}
