#include "src/peer-check.h"
#include "src/peer-internal.h"

/* What is checked against is counted anew here, or said once more: these limits are not those of the code that keeps
 * them, so that a mistake there is seen. */
#define UPLOADS_MAX 4096u
#define CANDIDATES_MAX 512u
#define FAREWELLS_MAX 16384u
#define EVENTS_MAX (1u << 16)
#define UNSENT_MAX (256u << 10)

/* ---- blocks ---- */

static uint32_t
counted (const ShoalBitmap *map)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < shoal_bitmap_words (map); i++)
    count += (uint32_t)__builtin_popcountll (map->words[i]);
  return count;
}

static const char *
check_blocks (const ShoalSwarm *s)
{
  if (counted (&s->have) != s->have.set)
    return "the number of blocks held is not that of the blocks held";
  if (s->complete && !shoal_bitmap_full (&s->have))
    return "a file is complete that lacks blocks";
  if (s->complete && s->downloading)
    return "a complete file is being downloaded";
  if (s->downloading && shoal_bitmap_count_without (&s->have, &s->taken) > 0)
    return "a block is held and not taken";
  if (shoal_bitmap_count_without (&s->soon, &s->have) != s->soon.set)
    return "a block is held, and expected";
  return NULL;
}

static const char *
check_availability (const ShoalSwarm *s)
{
  for (uint32_t block = 0; block < s->blocks; block++)
    {
      uint32_t holders = 0;
      for (guint i = 0; i < s->neighbours->len; i++)
        holders += shoal_bitmap_get (&((ShoalNeighbour *)s->neighbours->pdata[i])->have, block);
      if (holders != s->availability[block])
        return "a block's availability is not the number of neighbours that have it";
    }
  return NULL;
}

/* ---- blocks in progress ---- */

static const char *
check_partial (const ShoalSwarm *s, const ShoalPartial *partial)
{
  if (partial->swarm != s || shoal_partial_find (s, partial->block) != partial)
    return "a block in progress is not where it is looked for";
  if (shoal_bitmap_get (&s->have, partial->block) || !shoal_bitmap_get (&s->taken, partial->block))
    return "a block in progress is held, or not taken";
  if (partial->got & ~partial->wanted || partial->asked & ~partial->wanted || partial->asked & partial->got)
    return "of a block in progress something is asked for that is not wanted, or is here";
  return NULL;
}

/* Others wait for it. */
static const char *
check_soon (const ShoalSwarm *s)
{
  for (uint32_t block = 0; s->soon.set > 0 && block < s->blocks; block++)
    {
      const ShoalPartial *partial = shoal_bitmap_get (&s->soon, block) ? shoal_partial_find (s, block) : NULL;
      if (shoal_bitmap_get (&s->soon, block) && (!partial || (!partial->from && !partial->hashing)))
        return "others were told that a block will be here, and nobody was asked for it";
    }
  return NULL;
}

static const char *
check_asked (const ShoalNeighbour *n)
{
  uint64_t owed = 0, lost = 0;
  for (const GList *l = n->asked.head; l; l = l->next)
    {
      const ShoalPartial *partial = l->data;
      const char *wrong = check_partial (n->swarm, partial);
      if (wrong)
        return wrong;
      if (partial->from != n)
        return "a block that was asked of one is counted with another";
      owed += shoal_partial_units_bytes (n->swarm, partial->block, partial->asked);
      lost += partial->lost;
    }
  if (owed != n->outstanding_bytes || lost != n->incomplete)
    return "what a neighbour owes is not what it was asked for";
  if (n->asked.head && n->state != SHOAL_NEIGHBOUR_UP)
    return "somebody is asked who is no neighbour";
  return n->asked.head && n->waiting_since == 0 ? "nobody waits for what was asked for" : NULL;
}

static const char *
check_orphans (const ShoalSwarm *s)
{
  uint32_t in_progress = s->orphans.length + s->hashing.length;
  for (guint i = 0; i < s->neighbours->len; i++)
    in_progress += ((ShoalNeighbour *)s->neighbours->pdata[i])->asked.length;
  if (in_progress != g_hash_table_size (s->partials))
    return "a block in progress is in no queue";
  for (const GList *l = s->orphans.head; l; l = l->next)
    {
      const ShoalPartial *partial = l->data;
      const char *wrong = check_partial (s, partial);
      if (wrong)
        return wrong;
      if (partial->from || partial->asked)
        return "a block that is open is asked of somebody";
    }
  return NULL;
}

/* ---- neighbours ---- */

static const char *
check_neighbour (const ShoalNeighbour *n)
{
  const ShoalSwarm *s = n->swarm;
  if (n->state == SHOAL_NEIGHBOUR_GONE)
    return "who is gone is still a neighbour";
  if (n->queued > 0 && n->choked)
    return "requests of a choked neighbour wait";
  if (shoal_channel_waiting (&n->channel) > UNSENT_MAX)
    return "messages for a neighbour pile up";
  if (!s->has_info || n->state != SHOAL_NEIGHBOUR_UP)
    return NULL;
  if (counted (&n->have) != n->have.set)
    return "the number of a neighbour's blocks is not that of its blocks";
  if (shoal_bitmap_count_without (&n->soon, &n->have) > 0)
    return "a neighbour's expected blocks are not among its blocks";
  if (n->useful != shoal_bitmap_count_without (&n->have, &s->have))
    return "a neighbour's useful blocks are miscounted";
  if (n->wanting
      != shoal_bitmap_count_without (&s->have, &n->have) + shoal_bitmap_count_without (&s->soon, &n->have))
    return "the blocks that a neighbour wants are miscounted";
  return check_asked (n);
}

static const char *
check_swarm (const ShoalSwarm *s)
{
  const char *wrong = NULL;
  for (guint i = 0; i < s->neighbours->len && !wrong; i++)
    wrong = check_neighbour (s->neighbours->pdata[i]);
  if (wrong || s->candidates->len > CANDIDATES_MAX)
    return wrong ? wrong : "there are too many candidates";
  if (!s->has_info)
    return NULL;
  wrong = check_blocks (s);
  wrong = wrong ? wrong : check_availability (s);
  wrong = wrong ? wrong : check_soon (s);
  return wrong ? wrong : check_orphans (s);
}

/* ---- the peer ---- */

static const char *
check_uploads (const ShoalPeer *p)
{
  uint32_t waiting = 0;
  if (p->up.queue.length > UPLOADS_MAX)
    return "the upload queue is too long";
  for (const GList *l = p->up.queue.head; l; l = l->next)
    {
      const ShoalUpload *u = l->data;
      const ShoalSwarm *s = u->to->swarm;
      if (u->to->state != SHOAL_NEIGHBOUR_UP || u->to->choked)
        return "a request waits of somebody who is not served";
      if (u->block >= s->blocks || !shoal_soon_or_held (s, u->block))
        return "a request waits for a block that is neither held nor expected";
      if (u->waits == shoal_bitmap_get (&s->have, u->block))
        return "a request waits for a block that is here, or does not wait for one that is not";
      waiting += u->waits;
    }
  return waiting == p->up.waiting ? NULL : "requests that wait for blocks are miscounted";
}

/* Figures that are sums over all neighbours. */
static const char *
check_sums (const ShoalPeer *p)
{
  uint64_t queued = 0, credits = 0, owed = 0, sessions = 0;
  for (guint i = 0; i < p->swarms->len; i++)
    {
      const GPtrArray *all = ((ShoalSwarm *)p->swarms->pdata[i])->neighbours;
      sessions += all->len;
      for (guint k = 0; k < all->len; k++)
        {
          const ShoalNeighbour *n = all->pdata[k];
          queued += n->queued;
          credits += n->credits_stale ? 0 : n->credits_out;
          owed += n->outstanding_bytes;
        }
    }
  if (queued != p->up.queue.length)
    return "the upload queue is not the sum of the neighbours' requests";
  if (credits != p->up.live_credits)
    return "the credits are not the sum of the neighbours' credits";
  if (owed != p->down.outstanding_bytes)
    return "what is outstanding is not the sum of what the neighbours owe";
  return sessions != p->sessions ? "sessions are miscounted" : NULL;
}

static const char *
check_queues (const ShoalPeer *p)
{
  if (p->raw_made - p->raw_taken > FAREWELLS_MAX || p->replies_count > SHOAL_RAW_MAX)
    return "datagrams outside sessions pile up";
  return p->events_made - p->events_taken > EVENTS_MAX ? "events pile up" : NULL;
}

const char *
shoal_peer_check (const ShoalMachine *peer)
{
  const ShoalPeer *p = (const ShoalPeer *)peer;
  const char *wrong = check_sums (p);
  wrong = wrong ? wrong : check_uploads (p);
  wrong = wrong ? wrong : check_queues (p);
  for (guint i = 0; i < p->swarms->len && !wrong; i++)
    wrong = check_swarm (p->swarms->pdata[i]);
  return wrong;
}

/* ---- what leaves ---- */

/* The neighbour to whom a datagram of a session goes; NULL: none. */
static const ShoalNeighbour *
addressee (const ShoalPeer *p, const ShoalDatagram *datagram, uint32_t cid)
{
  for (guint i = 0; i < p->swarms->len; i++)
    {
      const ShoalNeighbour *n = shoal_swarm_neighbour (p->swarms->pdata[i], &datagram->to);
      if (n && n->tx_cid == cid)
        return n;
    }
  return NULL;
}

const char *
shoal_peer_check_datagram (const ShoalMachine *peer, const ShoalDatagram *datagram)
{
  const ShoalPayload *payload = &datagram->payload;
  ShoalReader r = shoal_reader (datagram->head, datagram->head_bytes);
  ShoalSession session;
  if (payload->length_bytes == 0)
    return NULL;
  if (!shoal_read_session (&r, &session))
    return "data is sent outside any session";
  const ShoalNeighbour *n = addressee ((const ShoalPeer *)peer, datagram, session.cid);
  if (!n || n->state != SHOAL_NEIGHBOUR_UP)
    return "data is sent to somebody who is no neighbour";
  if (n->choked)
    return "data is sent to a choked neighbour";
  if (!shoal_swarm_serves (n->swarm))
    return "data is sent by one who never uploads";
  if (payload->content != n->swarm->content)
    return "data of another file is sent";
  uint64_t block = payload->offset_bytes / SHOAL_BLOCK_BYTES;
  bool held = block < n->swarm->blocks && shoal_bitmap_get (&n->swarm->have, (uint32_t)block);
  return held ? NULL : "data of a block is sent that is not held";
}

/* ---- what is held ---- */

const ShoalBitmap *
shoal_peer_held (const ShoalMachine *peer, const ShoalFid *fid)
{
  const ShoalSwarm *s = shoal_peer_swarm ((const ShoalPeer *)peer, fid);
  return s && s->has_info ? &s->have : NULL;
}

ShoalContent *
shoal_peer_content (const ShoalMachine *peer, const ShoalFid *fid)
{
  const ShoalSwarm *s = shoal_peer_swarm ((const ShoalPeer *)peer, fid);
  return s ? s->content : NULL;
}
