/* One file at one node: what we hold of it, and who else is there. */
#include "src/peer-internal.h"

#define NEIGHBOURS_TARGET 12u /* we call others until we have so many */
#define CANDIDATES_MAX 512u
#define BLOCKS_MAX (1u << 26) /* 1 TiB: more would not fit into memory here */
#define RETRY_NS (2 * SHOAL_SECOND)
#define RETRY_DOUBLINGS 6 /* at least every two minutes: a partition may be over */
#define AVOID_NS (60 * SHOAL_SECOND)
#define EXCHANGE_NS (3 * SHOAL_SECOND)
#define MORE_PEERS_FIRST_NS (2 * SHOAL_SECOND)
#define MORE_PEERS_ALONE_NS (250 * SHOAL_MS) /* nobody at all is known: the holder may be just late */
#define MORE_PEERS_MAX_NS (60 * SHOAL_SECOND)

ShoalSwarm *
shoal_swarm_new (ShoalPeer *p, const ShoalFid *fid)
{
  ShoalSwarm *s = g_new0 (ShoalSwarm, 1);
  s->peer = p;
  s->file.fid = *fid;
  s->give_up_at = SHOAL_NEVER;
  s->more_peers_at = SHOAL_NEVER;
  s->neighbours = g_ptr_array_new ();
  s->candidates = g_array_new (FALSE, TRUE, sizeof (ShoalCandidate));
  s->sources = g_array_new (FALSE, TRUE, sizeof (ShoalSource));
  g_queue_init (&s->orphans);
  g_queue_init (&s->hashing);
  g_ptr_array_add (p->swarms, s);
  return s;
}

void
shoal_swarm_free (ShoalSwarm *s)
{
  shoal_download_drop_partials (s);
  shoal_lending_free (s);
  g_clear_pointer (&s->partials, g_hash_table_destroy);
  shoal_bitmap_clear (&s->have);
  shoal_bitmap_clear (&s->taken);
  shoal_bitmap_clear (&s->soon);
  g_free (s->availability);
  g_free (s->given);
  g_free (s->log);
  g_ptr_array_free (s->neighbours, TRUE);
  g_array_free (s->candidates, TRUE);
  g_array_free (s->sources, TRUE);
  g_clear_pointer (&s->tree, shoal_merkle_unref);
  if (s->content)
    s->content->ops->free (s->content);
  g_free (s);
}

void
shoal_swarm_set_info (ShoalSwarm *s, const ShoalFile *file)
{
  s->file = *file;
  s->has_info = true;
  s->blocks = shoal_info_blocks (&file->info);
  shoal_bitmap_init (&s->have, s->blocks);
  shoal_bitmap_init (&s->taken, s->blocks);
  shoal_bitmap_init (&s->soon, s->blocks);
  s->availability = g_new0 (uint16_t, s->blocks);
  s->given = g_new0 (uint16_t, s->blocks);
  s->log = g_new (uint32_t, 2 * (size_t)s->blocks); /* each may come soon, and then come */
  s->partials = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      shoal_bitmap_init (&n->have, s->blocks);
      shoal_bitmap_init (&n->soon, s->blocks);
      if (n->state == SHOAL_NEIGHBOUR_UP && n->needs_info)
        shoal_neighbour_send_info (n);
    }
}

bool
shoal_swarm_info_received (ShoalSwarm *s, ShoalTime now, const uint8_t *bytes, size_t length)
{
  ShoalFile file = { .fid = s->file.fid, .dictionary_bytes = length };
  ShoalFid fid;
  if (s->has_info || !s->downloading)
    return true;
  if (length > sizeof file.dictionary)
    return false;
  shoal_infodict_fid (bytes, length, &fid);
  if (!shoal_fid_equal (&fid, &s->file.fid) || shoal_infodict_read (bytes, length, &file.info) != SHOAL_OK)
    return false;
  memcpy (file.dictionary, bytes, length);
  uint32_t blocks = shoal_info_blocks (&file.info);
  s->content = blocks > BLOCKS_MAX ? NULL : s->options.make_content (s->options.context, &file);
  if (s->content && blocks > 0)
    s->tree = shoal_merkle_new (blocks, s->content->is_virtual ? NULL : file.info.root);
  if (!s->content || (blocks > 0 && !s->tree))
    {
      s->failing = true;
      return true;
    }
  shoal_swarm_set_info (s, &file);
  shoal_peer_emit (s->peer, SHOAL_EVENT_INFO, s, NULL, 0);
  if (s->blocks == 0)
    shoal_swarm_complete (s, now);
  return true;
}

/* ---- who else is there ---- */

ShoalNeighbour *
shoal_swarm_neighbour (const ShoalSwarm *s, const ShoalAddr *addr)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      if (shoal_addr_equal (&n->addr, addr))
        return n;
    }
  return NULL;
}

ShoalCandidate *
shoal_swarm_candidate (const ShoalSwarm *s, const ShoalAddr *addr)
{
  for (guint i = 0; i < s->candidates->len; i++)
    {
      ShoalCandidate *c = &g_array_index (s->candidates, ShoalCandidate, i);
      if (shoal_addr_equal (&c->addr, addr))
        return c;
    }
  return NULL;
}

/* Where a new address may stand: the place of the one that failed most often, when all are taken. */
static ShoalCandidate *
worst_candidate (ShoalSwarm *s)
{
  ShoalCandidate *worst = NULL;
  for (guint i = 0; i < s->candidates->len; i++)
    {
      ShoalCandidate *c = &g_array_index (s->candidates, ShoalCandidate, i);
      if (c->offences == 0 && c->tries > 0 && (!worst || c->tries > worst->tries)
          && !shoal_swarm_neighbour (s, &c->addr))
        worst = c;
    }
  return worst;
}

void
shoal_swarm_add_candidate (ShoalSwarm *s, const ShoalAddr *addr)
{
  ShoalCandidate candidate = { .addr = *addr, .met_turn = UINT32_MAX };
  bool usable = addr->port != 0 && (addr->family == 4 || addr->family == 6);
  if (!usable || shoal_addr_equal (addr, &s->peer->options.self) || shoal_swarm_candidate (s, addr))
    return;
  if (s->candidates->len < CANDIDATES_MAX)
    {
      g_array_append_val (s->candidates, candidate);
      return;
    }
  ShoalCandidate *worst = worst_candidate (s);
  if (worst)
    *worst = candidate;
}

/* Somebody else has what we lack. */
static bool
has_others (const ShoalSwarm *s, const ShoalAddr *addr)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      const ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->useful > 0 && !shoal_addr_equal (&n->addr, addr))
        return true;
    }
  return false;
}

/* The only one who has anything, and gave something good before, is worth another try soon: it may have been the
 * network that spoilt the data. */
void
shoal_swarm_avoid (ShoalSwarm *s, ShoalTime now, const ShoalAddr *addr)
{
  shoal_swarm_add_candidate (s, addr);
  ShoalCandidate *c = shoal_swarm_candidate (s, addr);
  if (!c)
    return;
  bool is_needed = s->has_info && s->have.set > 0 && !has_others (s, addr);
  c->next_try = now + (AVOID_NS << (is_needed ? 0 : MIN (c->offences, 8)));
  c->offences = (uint8_t)MIN (c->offences + 1, 100);
}

static uint32_t
wanted_neighbours (const ShoalSwarm *s)
{
  uint32_t most = s->peer->options.max_neighbours;
  return most ? MIN (NEIGHBOURS_TARGET, most) : NEIGHBOURS_TARGET;
}

/* Nobody here has anything that we lack. */
static bool
starving (const ShoalSwarm *s)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    if (((ShoalNeighbour *)s->neighbours->pdata[i])->useful > 0)
      return false;
  return s->downloading;
}

/* Of those that may be called now, the one that was not for longest. NULL: none. */
static ShoalCandidate *
next_candidate (ShoalSwarm *s, ShoalTime now)
{
  ShoalCandidate *best = NULL;
  for (guint i = 0; i < s->candidates->len; i++)
    {
      ShoalCandidate *c = &g_array_index (s->candidates, ShoalCandidate, i);
      bool due = now >= c->next_try && (!best || c->next_try < best->next_try);
      if (due && !shoal_swarm_neighbour (s, &c->addr))
        best = c;
    }
  return best;
}

/* Makes room for somebody else when all who are here have nothing for us. */
static void
drop_one_for_another (ShoalSwarm *s, ShoalTime now)
{
  if (!starving (s) || s->neighbours->len < wanted_neighbours (s) || now < s->exchange_at
      || !next_candidate (s, now))
    return;
  s->exchange_at = now + EXCHANGE_NS;
  ShoalNeighbour *n = s->neighbours->pdata[shoal_random_below (&s->peer->random, s->neighbours->len)];
  if (n->state != SHOAL_NEIGHBOUR_UP)
    return;
  ShoalCandidate *c = shoal_swarm_candidate (s, &n->addr);
  if (c)
    c->next_try = now + 20 * EXCHANGE_NS;
  shoal_neighbour_down (n, now, SHOAL_DOWN_USELESS, true);
}

/* Those who hold everything wait to be called. */
void
shoal_swarm_connect (ShoalSwarm *s, ShoalTime now)
{
  if (!s->downloading)
    return;
  drop_one_for_another (s, now);
  while (s->neighbours->len < wanted_neighbours (s) && s->peer->sessions <= SHOAL_SLOT_MASK)
    {
      ShoalCandidate *c = next_candidate (s, now);
      if (!c)
        return;
      c->next_try = now + (RETRY_NS << MIN (c->tries, RETRY_DOUBLINGS));
      c->tries = (uint8_t)MIN (c->tries + 1, 100);
      shoal_handshake_call (s, now, c);
    }
}

/* While nobody here has anything for us, asks the tracker again, less and less often. */
static void
ask_for_more (ShoalSwarm *s, ShoalTime now)
{
  if (!s->peer->announcer || !s->downloading || now < s->more_peers_at)
    return;
  if (!starving (s))
    {
      s->asked_more = 0;
      s->more_peers_at = now + MORE_PEERS_FIRST_NS;
      s->exchange_at = now + EXCHANGE_NS;
      return;
    }
  if (s->asked_more > 0)
    shoal_announcer_again (shoal_peer_announcer (s->peer), &s->file.fid, now);
  ShoalTime first = s->candidates->len == 0 ? MORE_PEERS_ALONE_NS : MORE_PEERS_FIRST_NS;
  s->more_peers_at = now + MIN (first << MIN (s->asked_more, 8), MORE_PEERS_MAX_NS);
  s->asked_more++;
}

static ShoalFailure
late_because (const ShoalSwarm *s)
{
  if (s->reached_holder || s->has_info)
    return SHOAL_FAILURE_TIME_LIMIT_PARTIAL;
  return s->refused ? SHOAL_FAILURE_TIME_LIMIT_REFUSED : SHOAL_FAILURE_TIME_LIMIT_NO_HOLDER;
}

void
shoal_swarm_tick (ShoalSwarm *s, ShoalTime now)
{
  if (s->failing)
    {
      shoal_swarm_fail (s, now, SHOAL_FAILURE_STORAGE);
      return;
    }
  if (s->downloading && now >= s->give_up_at)
    {
      shoal_swarm_fail (s, now, late_because (s));
      return;
    }
  shoal_swarm_connect (s, now);
  shoal_choking_tick (s, now);
  ask_for_more (s, now);
  shoal_swarm_drop_useless (s, now);
}

bool
shoal_swarm_busy (const ShoalSwarm *s)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    if (shoal_neighbour_busy (s->neighbours->pdata[i]))
      return true;
  return s->failing;
}

ShoalTime
shoal_swarm_deadline (const ShoalSwarm *s)
{
  if (!s->downloading)
    return SHOAL_NEVER;
  return starving (s) ? MIN (s->give_up_at, s->more_peers_at) : s->give_up_at;
}

/* ---- what we hold ---- */

/* Who lacks the block wants it of us when it is offered; who has it is of no use for it when it is held. */
static void
count_block (ShoalSwarm *s, uint32_t block, bool is_offered, bool is_held)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->state != SHOAL_NEIGHBOUR_UP)
        continue;
      bool it_has = shoal_bitmap_get (&n->have, block);
      n->wanting += is_offered && !it_has;
      n->useful -= is_held && it_has;
    }
  s->peer->up.look = true;
}

void
shoal_swarm_offer (ShoalSwarm *s, uint32_t block)
{
  g_assert (s->log_length < 2 * (uint64_t)s->blocks);
  s->log[s->log_length++] = block;
  count_block (s, block, true, false);
}

void
shoal_swarm_block_held (ShoalSwarm *s, ShoalTime now, uint32_t block)
{
  bool was_told = shoal_bitmap_get (&s->soon, block);
  shoal_bitmap_set (&s->have, block);
  if (was_told)
    shoal_soon_held (s, block);
  s->log[s->log_length++] = block;
  count_block (s, block, !was_told, true);
  if (shoal_bitmap_full (&s->have))
    shoal_swarm_complete (s, now);
  if (!was_told)
    shoal_availability_offered (s, now, block);
}

void
shoal_swarm_complete (ShoalSwarm *s, ShoalTime now)
{
  s->downloading = false;
  s->complete = true;
  s->give_up_at = SHOAL_NEVER;
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->state != SHOAL_NEIGHBOUR_UP)
        continue;
      shoal_download_withdraw (n);
      shoal_neighbour_say_interest (n, false);
    }
  if (s->peer->announcer)
    shoal_announcer_complete (shoal_peer_announcer (s->peer), now, &s->file.fid);
  shoal_peer_emit (s->peer, SHOAL_EVENT_DOWNLOAD_DONE, s, NULL, 0);
}

/* Two who hold everything have nothing for each other. */
void
shoal_swarm_drop_useless (ShoalSwarm *s, ShoalTime now)
{
  if (!s->complete)
    return;
  for (guint i = s->neighbours->len; i-- > 0;)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      bool waiting = shoal_channel_can_send (&n->channel) || n->channel.count > 0;
      if (n->state == SHOAL_NEIGHBOUR_UP && !n->interested && shoal_bitmap_full (&n->have) && !waiting)
        shoal_neighbour_down (n, now, SHOAL_DOWN_USELESS, true);
    }
}

void
shoal_swarm_leave (ShoalSwarm *s, ShoalTime now)
{
  s->downloading = false;
  while (s->neighbours->len > 0)
    shoal_neighbour_down (s->neighbours->pdata[s->neighbours->len - 1], now, SHOAL_DOWN_OURS, true);
  if (s->peer->announcer)
    shoal_announcer_remove (shoal_peer_announcer (s->peer), now, &s->file.fid);
  g_ptr_array_remove (s->peer->swarms, s);
}

void
shoal_swarm_fail (ShoalSwarm *s, ShoalTime now, ShoalFailure failure)
{
  shoal_peer_emit (s->peer, SHOAL_EVENT_DOWNLOAD_FAILED, s, NULL, failure);
  shoal_swarm_leave (s, now);
}
