/* Data as it comes: stored, and verified when a block is whole. */
#include "src/peer-internal.h"

#define TRUSTED_BLOCKS 20u /* a sender of so many good blocks for each bad one is kept */

static void
credit_source (ShoalNeighbour *n, ShoalTime now, uint32_t bytes)
{
  ShoalSwarm *s = n->swarm;
  for (guint i = 0; n->source == UINT32_MAX && i < s->sources->len; i++)
    if (shoal_addr_equal (&g_array_index (s->sources, ShoalSource, i).peer, &n->addr))
      n->source = i;
  if (n->source == UINT32_MAX)
    {
      ShoalSource source = { .peer = n->addr };
      n->source = s->sources->len;
      g_array_append_val (s->sources, source);
    }
  g_array_index (s->sources, ShoalSource, n->source).bytes += bytes;
  n->received_bytes += bytes;
  n->waiting_since = now;
  n->failures = 0;
  if (s->first_byte_seen)
    return;
  s->first_byte_seen = true;
  shoal_peer_emit (s->peer, SHOAL_EVENT_FIRST_BYTE, s, &n->addr, 0);
}

typedef enum {
  GOOD,
  BAD,
  UNREADABLE
} Verdict;

static Verdict
judge (const ShoalPartial *partial, const uint8_t leaf[SHOAL_HASH_BYTES])
{
  ShoalMerkle *tree = partial->swarm->tree;
  return shoal_merkle_accept (tree, partial->block, leaf, partial->proof, partial->levels) ? GOOD : BAD;
}

static Verdict
verify (const ShoalPartial *partial)
{
  const ShoalSwarm *s = partial->swarm;
  uint8_t leaf[SHOAL_HASH_BYTES] = { 0 };
  bool whole = true;
  uint64_t offset = (uint64_t)partial->block * SHOAL_BLOCK_BYTES;
  uint32_t length = shoal_info_block_bytes (&s->file.info, partial->block);
  if (!s->content->ops->hash (s->content, offset, length, leaf, &whole))
    return UNREADABLE;
  if (!whole || partial->corrupt || shoal_merkle_missing (s->tree, partial->block) > partial->good_levels)
    return BAD;
  return judge (partial, leaf);
}

/* It gave so much that a spoilt block now and then will be the network's fault. */
static bool
trusted (const ShoalNeighbour *n)
{
  const ShoalCandidate *c = shoal_swarm_candidate (n->swarm, &n->addr);
  uint64_t good =
      n->source == UINT32_MAX ? 0 : g_array_index (n->swarm->sources, ShoalSource, n->source).bytes;
  return c && good > ((uint64_t)c->offences + 1) * TRUSTED_BLOCKS * SHOAL_BLOCK_BYTES;
}

static void
restart (ShoalPartial *partial)
{
  partial->is_test |= partial->mixed;
  shoal_partial_orphan (partial);
  shoal_partial_restart (partial);
}

/* A bad block costs that block and, where it is clear who sent it, its sender. n: who sent the last of it. */
static void
block_bad (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  s->peer->machine.counters.blocks_bad++;
  shoal_peer_emit (s->peer, SHOAL_EVENT_BLOCK_BAD, s, &n->addr, partial->block);
  bool was_here = partial->source == UINT32_MAX, culprit = !partial->mixed && !was_here;
  restart (partial);
  shoal_download_consider_all (s);
  if (was_here)
    shoal_download_ask (n, now, partial); /* who told the hashes has the block */
  if (!culprit)
    return;
  bool forgiven = trusted (n);
  shoal_swarm_avoid (s, now, &n->addr);
  if (!forgiven)
    shoal_neighbour_down (n, now, SHOAL_DOWN_BAD_DATA, true);
}

static void
smooth (ShoalTime *usual, ShoalTime took)
{
  *usual = *usual ? *usual + (took - *usual) / 8 : took;
}

static bool
keep (const ShoalSwarm *s, uint32_t block)
{
  ShoalContent *content = s->content;
  return !content->ops->keep
         || content->ops->keep (content, (uint64_t)block * SHOAL_BLOCK_BYTES,
                                shoal_info_block_bytes (&s->file.info, block));
}

static void
block_good (ShoalSwarm *s, ShoalTime now, ShoalPartial *partial, const ShoalAddr *from)
{
  uint32_t block = partial->block;
  const ShoalEvent held = { .kind = SHOAL_EVENT_BLOCK,
                            .fid = s->file.fid,
                            .peer = *from,
                            .value = block,
                            .since = partial->since,
                            .first = partial->first_at,
                            .mixed = partial->mixed || partial->source == UINT32_MAX };
  shoal_partial_end (partial);
  if (!keep (s, block))
    {
      s->failing = true;
      return;
    }
  s->peer->machine.counters.blocks_verified++;
  shoal_peer_emit_event (s->peer, &held);
  shoal_swarm_block_held (s, now, block);
}

/* All that n was asked for of the block is here. */
static void
fulfilled (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial)
{
  if (partial->from == n)
    {
      smooth (&n->swarm->peer->down.service_ns, now - partial->asked_at);
      smooth (&n->took_ns, now - partial->asked_at);
    }
  if (n->asked.length == (partial->from == n))
    n->waiting_since = 0;
}

/* Hashing is half of the work of a fast receiver: where the content can, another thread does it. */
static bool
hash_later (ShoalPartial *partial)
{
  ShoalContent *content = partial->swarm->content;
  uint32_t length = shoal_info_block_bytes (&partial->swarm->file.info, partial->block);
  return content->ops->hash_later && partial->source != UINT32_MAX
         && content->ops->hash_later (content, (uint64_t)partial->block * SHOAL_BLOCK_BYTES, length);
}

/* All units are here. */
void
shoal_download_block_whole (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  unsigned missing = shoal_merkle_missing (s->tree, partial->block);
  if (missing > (partial->proof_here ? partial->levels : 0))
    {
      partial->proof_here = false;
      shoal_download_ask (n, now, partial); /* the hashes got lost */
      return;
    }
  fulfilled (n, now, partial);
  if (hash_later (partial))
    {
      shoal_partial_set_hashing (partial, true);
      return;
    }
  Verdict verdict = verify (partial);
  if (verdict == UNREADABLE)
    s->failing = true;
  else if (verdict == BAD)
    block_bad (n, now, partial);
  else
    block_good (s, now, partial, &n->addr);
}

static ShoalNeighbour *
neighbour_of_source (const ShoalSwarm *s, uint32_t source)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    if (((ShoalNeighbour *)s->neighbours->pdata[i])->source == source)
      return s->neighbours->pdata[i];
  return NULL;
}

/* A bad block of somebody who has left meanwhile. */
static void
bad_of_absent (ShoalSwarm *s, ShoalTime now, ShoalPartial *partial, const ShoalAddr *from)
{
  s->peer->machine.counters.blocks_bad++;
  shoal_peer_emit (s->peer, SHOAL_EVENT_BLOCK_BAD, s, from, partial->block);
  if (!partial->mixed)
    shoal_swarm_avoid (s, now, from);
  restart (partial);
  shoal_download_consider_all (s);
}

void
shoal_download_block_hashed (ShoalSwarm *s, ShoalTime now, uint32_t block, const uint8_t *hash)
{
  ShoalPartial *partial = shoal_partial_find (s, block);
  if (!partial || !partial->hashing)
    return;
  ShoalAddr from = g_array_index (s->sources, ShoalSource, partial->source).peer;
  ShoalNeighbour *n = neighbour_of_source (s, partial->source);
  shoal_partial_set_hashing (partial, false);
  s->peer->down.look = true;
  if (!hash)
    s->failing = true;
  else if (judge (partial, hash) == GOOD)
    block_good (s, now, partial, &from);
  else if (n)
    block_bad (n, now, partial);
  else
    bad_of_absent (s, now, partial, &from);
}

/* How many of the hashes came unspoilt, from the leaf's sibling up. With virtual content all are zeros, so that
 * what the network did to them can be seen. */
static unsigned
unspoilt (const ShoalData *data)
{
  size_t bytes = (size_t)data->levels * SHOAL_HASH_BYTES, good = 0;
  while (good < bytes && data->proof[good] == 0)
    good++;
  return (unsigned)(good / SHOAL_HASH_BYTES);
}

static void
keep_proof (ShoalPartial *partial, const ShoalData *data)
{
  size_t bytes = (size_t)data->levels * SHOAL_HASH_BYTES;
  if (data->levels == 0)
    return;
  bool is_virtual = partial->swarm->content->is_virtual;
  g_free (partial->proof);
  partial->proof = is_virtual ? NULL : g_memdup2 (data->proof, bytes);
  partial->good_levels = (uint8_t)(is_virtual ? unspoilt (data) : data->levels);
  partial->levels = data->levels;
  partial->proof_here = true;
}

static void
account (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial, uint16_t fresh)
{
  ShoalSwarm *s = n->swarm;
  if (partial->from)
    {
      s->peer->down.look |= s->peer->down.outstanding_bytes >= s->peer->down.window_bytes;
      shoal_partial_owed (partial,
                          -(int64_t)shoal_partial_units_bytes (s, partial->block, partial->asked & fresh));
      if (partial->from->path.full)
        shoal_download_news (partial->from);
    }
  partial->asked &= (uint16_t)~fresh;
  partial->got |= fresh;
  partial->first_at = MIN (partial->first_at, now);
  shoal_soon_came (n, partial->block);
  if (partial->is_soon && partial->from == n)
    {
      partial->is_soon = false;
      partial->asked_at = now; /* it has it now: how long that took says nothing of how fast it is */
    }
  credit_source (n, now, shoal_partial_units_bytes (s, partial->block, fresh));
  if (partial->source != UINT32_MAX && partial->source != n->source)
    partial->mixed = true;
  partial->source = n->source;
}

/* Units that a payload of this length from this unit on is; 0: not whole ones of the block. */
static uint16_t
units_of_payload (const ShoalSwarm *s, const ShoalData *data, size_t length)
{
  uint32_t block_bytes = shoal_info_block_bytes (&s->file.info, data->block);
  uint32_t from = data->first_unit * SHOAL_UNIT_BYTES;
  if (length == 0 || from >= block_bytes || length > block_bytes - from)
    return 0;
  if (length % SHOAL_UNIT_BYTES != 0 && from + length != block_bytes)
    return 0;
  uint32_t units = ((uint32_t)length + SHOAL_UNIT_BYTES - 1) / SHOAL_UNIT_BYTES;
  return (uint16_t)(((1u << units) - 1) << data->first_unit);
}

static uint64_t
offset_of (const ShoalData *data)
{
  return (uint64_t)data->block * SHOAL_BLOCK_BYTES + data->first_unit * SHOAL_UNIT_BYTES;
}

static bool
store (ShoalPartial *partial, const ShoalData *data, const uint8_t *bytes, size_t length, bool corrupt)
{
  ShoalContent *content = partial->swarm->content;
  uint16_t units = units_of_payload (partial->swarm, data, length);
  partial->corrupt = corrupt ? partial->corrupt | units : partial->corrupt & (uint16_t)~units;
  return content->ops->write (content, offset_of (data), bytes, length, corrupt);
}

/* It was asked for this block, now or before the block moved to another. */
static bool
invited (const ShoalPartial *partial, const ShoalNeighbour *n)
{
  return partial->from == n || partial->before_cid == n->rx_cid;
}

/* Where a datagram's data belongs; NULL: nobody asked this neighbour for it, and it may not spoil what
 * another was asked for. */
static ShoalPartial *
awaited (const ShoalNeighbour *n, const ShoalData *data)
{
  ShoalPartial *partial = shoal_partial_find (n->swarm, data->block);
  return partial && !partial->hashing && invited (partial, n) ? partial : NULL;
}

/* Virtual bytes cannot show that they are in the wrong place: their offset does. */
static bool
corrupt (const ShoalSwarm *s, const ShoalData *data, const ShoalInput *input)
{
  return s->content->is_virtual && (input->tail_corrupt || input->tail_at != offset_of (data));
}

static void
take (ShoalNeighbour *n, ShoalTime now, const ShoalData *data, const uint8_t *bytes, size_t length,
      uint16_t units, bool corrupt)
{
  ShoalSwarm *s = n->swarm;
  ShoalPartial *partial = awaited (n, data);
  uint16_t fresh = partial ? units & (uint16_t)~partial->got : 0;
  s->peer->machine.counters.duplicate_bytes +=
      length - (fresh ? shoal_partial_units_bytes (s, data->block, fresh) : 0);
  if (!partial)
    return;
  if (fresh != 0 || !partial->proof_here)
    keep_proof (partial, data);
  if (fresh != 0)
    {
      if (!store (partial, data, bytes, length, corrupt))
        {
          s->failing = true;
          return;
        }
      account (n, now, partial, fresh);
    }
  if (partial->got == partial->wanted)
    shoal_download_block_whole (n, now, partial);
  else if (partial->from && partial->asked == 0)
    {
      shoal_partial_orphan (partial); /* the rest is asked for with the next credit */
      shoal_download_consider_all (s);
    }
}

void
shoal_download_data (ShoalNeighbour *n, ShoalTime now, ShoalReader r, const ShoalInput *input)
{
  ShoalSwarm *s = n->swarm;
  ShoalPeer *p = s->peer;
  ShoalData data;
  bool readable = shoal_read_data (&r, &data) && s->has_info && data.block < s->blocks
                  && (r.left == 0 || input->tail_bytes == 0);
  size_t length = r.left + input->tail_bytes;
  uint16_t units = readable ? units_of_payload (s, &data, length) : 0;
  bool hashes_alone = readable && length == 0 && data.levels > 0;
  if (units == 0 && !hashes_alone)
    {
      p->machine.counters.malformed_datagrams++;
      return;
    }
  p->machine.counters.payload_received_bytes += length;
  shoal_download_adapt_window (p, input->waited_ns, (uint32_t)length);
  shoal_waiting_data (s, now, input);
  bool spoilt_on_its_way = !hashes_alone && corrupt (s, &data, input);
  take (n, now, &data, input->tail_bytes ? input->tail : r.at, length, units, spoilt_on_its_way);
}
