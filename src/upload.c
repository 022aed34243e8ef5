/* The sending side. The uplink is kept busy by just enough requests: a credit invites a neighbour to
 * ask for one block, and credits go out so that queue and credits together cover the time that a
 * credit takes to come back as a request. So the receiver is chosen by the sender at the last moment,
 * and the block by the receiver, who alone knows what is on its way to it. */
#include "src/peer-internal.h"

#define PART_NS (45 * SHOAL_MS) /* one datagram holds the uplink for about this long */
#define PART_UNITS_MAX                                                                                       \
  8u /* … and is half a block at most: nobody can pass a block on before its end is here */
#define PIPELINE_SPARE 4u /* some to choose from beyond what covers the turn-around */
#define PIPELINE_MAX 256u
#define PIPELINE_UNLIMITED 128u
#define TURN_FIRST_NS (200 * SHOAL_MS)
#define STRAY_REQUESTS                                                                                       \
  128u /* without a credit, after losses: as many as credits were used, and one in some time */
#define STRAY_BLOCKS 8u
#define STRAY_MIN_NS (100 * SHOAL_MS)
#define QUEUE_MAX 4096u
#define LOST_CREDIT_NS (20 * SHOAL_SECOND)
#define CREDITS_EACH 2u   /* promised to one neighbour at a time, where there are many */
#define PARTS_MIN 32u     /* a file goes out in at least so many parts */
#define DATAGRAM_HEAD 24u /* bytes before proof and payload, at most */
#define INTERLEAVED 8u    /* common blocks under way at the same time */

void
shoal_upload_init (ShoalPeer *p)
{
  g_queue_init (&p->up.queue);
  p->up.candidates = g_ptr_array_new ();
  p->up.turn_ns = TURN_FIRST_NS;
  shoal_upload_set_rate (p);
}

/* Requests that cover the turn-around with all its ups and downs, and some more to choose from. What is promised too
 * early is chosen with stale knowledge, and what is promised too late leaves the uplink idle. */
static void
set_pipeline (ShoalPeer *p)
{
  uint64_t rate = p->options.upload_bytes_per_s;
  if (rate == 0)
    {
      p->up.pipeline = PIPELINE_UNLIMITED;
      return;
    }
  uint64_t turn_bytes = (uint64_t)((p->up.turn_ns + 2 * p->up.turn_dev_ns) / SHOAL_US) * rate / 1000000;
  uint64_t blocks = PIPELINE_SPARE + (turn_bytes + SHOAL_BLOCK_BYTES - 1) / SHOAL_BLOCK_BYTES;
  p->up.pipeline = (uint32_t)MIN (blocks, PIPELINE_MAX);
}

void
shoal_upload_set_rate (ShoalPeer *p)
{
  uint64_t rate = p->options.upload_bytes_per_s, units = SHOAL_UNITS_PER_BLOCK;
  if (rate > 0)
    units = MIN (PART_UNITS_MAX, rate * (uint64_t)(PART_NS / SHOAL_MS) / 1000 / SHOAL_UNIT_BYTES);
  p->up.part_units = 1;
  while (p->up.part_units * 2 <= units)
    p->up.part_units *= 2;
  set_pipeline (p);
}

/* ---- whom to invite ---- */

/* Nobody gets all credits just for being there first, unless that is the order of service, nor more than it uses:
 * credits that a slow downlink cannot use are only in its way. */
static uint32_t
share (const ShoalNeighbour *n)
{
  if (n->swarm->peer->options.service == SHOAL_SERVICE_FIFO)
    return MAX (CREDITS_EACH, n->credit_limit);
  uint32_t even = n->swarm->peer->up.pipeline / MAX (n->swarm->neighbours->len, 1) + 1;
  return MAX (CREDITS_EACH, MIN (even, n->credit_limit));
}

static bool
eligible (const ShoalNeighbour *n)
{
  return n->state == SHOAL_NEIGHBOUR_UP && !n->choked && n->wanting > shoal_upload_promises (n)
         && !(n->credits_out > 0 && n->credits_stale) && shoal_upload_promises (n) < share (n);
}

static ShoalNeighbour *
choose (ShoalPeer *p)
{
  ShoalNeighbour *best = NULL;
  for (guint i = 0; i < p->swarms->len; i++)
    {
      GPtrArray *all = ((ShoalSwarm *)p->swarms->pdata[i])->neighbours;
      g_ptr_array_set_size (p->up.candidates, 0);
      for (guint k = 0; k < all->len; k++)
        if (eligible (all->pdata[k]))
          g_ptr_array_add (p->up.candidates, all->pdata[k]);
      ShoalNeighbour *first = shoal_precedence_first (p->up.candidates);
      if (first && (!best || shoal_precedence_invites (first, best)))
        best = first;
    }
  return best;
}

/* Who holds everything suggests what it has given out least, so that nothing goes out twice before
 * all went out once. Others leave the choice to the receiver. */
static uint32_t
suggestion (ShoalNeighbour *n)
{
  ShoalSwarm *s = n->swarm;
  if (!s->complete)
    return UINT32_MAX;
  return shoal_pick (&s->have, &n->have, s->given, s->availability, &s->peer->random);
}

static void
give_credit (ShoalNeighbour *n, ShoalTime now)
{
  ShoalSwarm *s = n->swarm;
  uint32_t block = suggestion (n);
  if (block != UINT32_MAX && s->given[block] < UINT16_MAX)
    s->given[block]++;
  n->promised = block;
  size_t body = block == UINT32_MAX ? 0 : shoal_varint_bytes (block);
  ShoalWriter w = shoal_channel_message (&n->channel, SHOAL_MESSAGE_CREDIT, body);
  if (block != UINT32_MAX)
    shoal_write_varint (&w, block);
  n->credits_out++;
  n->credits_stale = false;
  n->credit_at = n->served_at = now;
  n->credit_number = ++s->peer->up.credits_made;
  s->peer->up.live_credits++;
  shoal_peer_mark_dirty (s->peer, n);
}

void
shoal_upload_fill (ShoalPeer *p, ShoalTime now)
{
  if (!p->up.look || p->options.never_upload)
    return;
  while (p->up.queue.length - p->up.waiting + p->up.live_credits < p->up.pipeline)
    {
      ShoalNeighbour *n = choose (p);
      if (!n)
        {
          p->up.look = false;
          return;
        }
      give_credit (n, now);
      shoal_peer_arm (p, now);
    }
}

/* ---- requests ---- */

static ShoalUpload *
find (ShoalNeighbour *n, uint32_t block)
{
  for (GList *l = n->queued ? n->swarm->peer->up.queue.head : NULL; l; l = l->next)
    {
      ShoalUpload *u = l->data;
      if (u->to == n && u->block == block)
        return u;
    }
  return NULL;
}

/* Mean and mean deviation, as RFC 6298 smooths round trips. */
static void
measure_turn (ShoalPeer *p, ShoalTime took)
{
  ShoalTime error = took - p->up.turn_ns;
  p->up.turn_dev_ns += (ABS (error) - p->up.turn_dev_ns) / 8;
  p->up.turn_ns += error / 8;
  set_pipeline (p);
}

static void
use_credit (ShoalNeighbour *n, ShoalTime now, uint32_t block)
{
  ShoalPeer *p = n->swarm->peer;
  uint16_t *given = n->swarm->given;
  if (n->promised != block)
    {
      if (n->promised != UINT32_MAX && given[n->promised] > 0)
        given[n->promised]--;
      if (given[block] < UINT16_MAX)
        given[block]++;
    }
  n->promised = UINT32_MAX;
  n->strays = MIN (n->strays + 1, STRAY_REQUESTS);
  if (shoal_upload_promises (n) >= n->credit_limit)
    n->credit_limit++; /* it uses all that it gets: as many again in a turn */
  n->credits_out--;
  if (n->credits_stale)
    return;
  p->up.live_credits--;
  measure_turn (p, now - n->credit_at);
}

/* It is here, or comes to us before it comes to the neighbour. */
static bool
may_wait_for (const ShoalNeighbour *n, uint32_t block)
{
  const ShoalSwarm *s = n->swarm;
  return shoal_bitmap_get (&s->have, block)
         || (shoal_bitmap_get (&s->soon, block) && !shoal_bitmap_get (&n->have, block));
}

static bool
acceptable (const ShoalNeighbour *n, const ShoalRequest *request)
{
  const ShoalSwarm *s = n->swarm;
  return request->block < s->blocks && may_wait_for (n, request->block)
         && request->levels <= SHOAL_MERKLE_MAX_LEVELS && (n->credits_out > 0 || n->strays > 0)
         && s->peer->up.queue.length < QUEUE_MAX;
}

void
shoal_upload_request (ShoalNeighbour *n, ShoalTime now, const ShoalRequest *request)
{
  ShoalPeer *p = n->swarm->peer;
  if (n->choked)
    return; /* it will see our CHOKE and ask others */
  bool good = acceptable (n, request);
  n->strays -= good && n->credits_out == 0;
  if (n->credits_out > 0 && request->block < n->swarm->blocks)
    use_credit (n, now, request->block);
  if (!good)
    {
      if (request->block < n->swarm->blocks && !shoal_bitmap_get (&n->swarm->have, request->block))
        shoal_neighbour_say_block (n, SHOAL_MESSAGE_LOST, request->block); /* it believes so */
      shoal_neighbour_say_block (n, SHOAL_MESSAGE_REJECT, request->block);
      return;
    }
  p->up.look = true;
  uint16_t all = shoal_partial_all_units (n->swarm, request->block), units = request->units & all;
  bool to_end = units > all >> 1;
  ShoalUpload *u = find (n, request->block);
  if (u)
    {
      u->units |= units;
      u->to_end |= to_end;
      u->levels = MAX (u->levels, request->levels);
      return;
    }
  if (units == 0 && request->levels == 0)
    return;
  u = g_new (ShoalUpload, 1);
  *u = (ShoalUpload){ .to = n,
                      .block = request->block,
                      .units = units,
                      .to_end = to_end,
                      .levels = request->levels,
                      .credit_number = p->up.credits_made,
                      .waits = !shoal_bitmap_get (&n->swarm->have, request->block) };
  u->link.data = u;
  g_queue_push_tail_link (&p->up.queue, &u->link);
  p->up.waiting += u->waits;
  n->queued++;
}

void
shoal_upload_held (ShoalSwarm *s, uint32_t block)
{
  ShoalPeer *p = s->peer;
  for (GList *l = p->up.waiting ? p->up.queue.head : NULL; l; l = l->next)
    {
      ShoalUpload *u = l->data;
      if (!u->waits || u->to->swarm != s || u->block != block)
        continue;
      u->waits = false;
      u->credit_number = p->up.credits_made;
      p->up.waiting--;
    }
}

bool
shoal_upload_says_it_holds (ShoalNeighbour *n, uint32_t block)
{
  ShoalUpload *u = find (n, block);
  if (u)
    u->is_untold = true;
  return u != NULL;
}

static void
withdraw (ShoalUpload *u)
{
  ShoalPeer *p = u->to->swarm->peer;
  g_queue_unlink (&p->up.queue, &u->link);
  p->up.waiting -= u->waits;
  u->to->queued--;
  if (u->is_untold && !u->started)
    shoal_availability_tell_held (u->to, u->block);
  g_free (u);
}

void
shoal_upload_cancel (ShoalNeighbour *n, uint32_t block)
{
  ShoalUpload *u = find (n, block);
  if (u)
    withdraw (u);
  n->swarm->peer->up.look = true;
}

void
shoal_upload_reject (ShoalNeighbour *n, uint32_t block)
{
  if (!find (n, block))
    return;
  shoal_upload_cancel (n, block);
  shoal_neighbour_say_block (n, SHOAL_MESSAGE_REJECT, block);
}

void
shoal_upload_withdraw (ShoalNeighbour *n)
{
  ShoalPeer *p = n->swarm->peer;
  for (GList *l = n->queued ? p->up.queue.head : NULL, *next; l; l = next)
    {
      ShoalUpload *u = l->data;
      next = l->next;
      if (u->to == n)
        withdraw (u);
    }
  if (!n->credits_stale)
    p->up.live_credits -= n->credits_out;
  n->credits_out = 0;
  n->credits_stale = false;
  p->up.look = true;
}

/* ---- data ---- */

typedef struct {
  GList *rare;      /* a rare block of which some is out */
  GList *common;    /* of the other blocks of which some is out, the one that waited longest */
  unsigned commons; /* how many those are */
  GList *unstarted; /* the most urgent of which nothing is out */
} QueueView;

static QueueView
view_queue (ShoalPeer *p)
{
  QueueView v = { 0 };
  for (GList *l = p->up.queue.head; l && !v.rare; l = l->next)
    {
      const ShoalUpload *u = l->data;
      if (u->waits)
        continue;
      if (!u->started)
        {
          if (!v.unstarted || shoal_precedence_serves (u, v.unstarted->data))
            v.unstarted = l;
        }
      else if (shoal_precedence_is_urgent (u))
        v.rare = l;
      else if (v.commons++ == 0)
        v.common = l;
    }
  return v;
}

/* A rare block goes out in one piece: its receiver can pass it on the sooner. Common ones go out by
 * turns, some at a time, so that each receiver gets a steady trickle from many instead of bursts:
 * bursts leave downlinks idle in between. */
ShoalNeighbour *
shoal_upload_next (ShoalPeer *p)
{
  if (!shoal_upload_has_data (p))
    return NULL;
  if (p->up.queue.length < 2)
    return ((ShoalUpload *)p->up.queue.head->data)->to;
  QueueView v = view_queue (p);
  GList *best = v.rare;
  if (!best && v.unstarted && (v.commons < INTERLEAVED || shoal_precedence_is_urgent (v.unstarted->data)))
    best = v.unstarted;
  if (!best)
    best = v.common;
  if (!best)
    return NULL;
  g_queue_unlink (&p->up.queue, best);
  g_queue_push_head_link (&p->up.queue, best);
  return ((ShoalUpload *)best->data)->to;
}

/* All parts that were asked for are out, and the receiver can tell what got lost. It asks for a block from its
 * beginning on: who asked for the end will hold it. */
static void
finish (ShoalPeer *p, ShoalUpload *u)
{
  ShoalNeighbour *n = u->to;
  ShoalWriter w = shoal_channel_message (&n->channel, SHOAL_MESSAGE_SENT, shoal_varint_bytes (u->block));
  shoal_write_varint (&w, u->block);
  if (u->to_end)
    {
      shoal_availability_learn (n, u->block);
      shoal_lending_gave (n, u->block);
    }
  withdraw (u);
  p->up.look = true;
}

/* A part is on the uplink first and on the downlink then, so the last one delays the whole file by the
 * time that it takes: for a small file it must be small too. */
static unsigned
part_units (const ShoalNeighbour *n)
{
  const ShoalSwarm *s = n->swarm;
  uint64_t share = s->file.info.length_bytes / PARTS_MIN / SHOAL_UNIT_BYTES;
  uint64_t path = n->path_bytes ? n->path_bytes / SHOAL_UNIT_BYTES : SHOAL_UNITS_PER_BLOCK;
  unsigned most = (unsigned)CLAMP (share, 1, s->peer->up.part_units), units = 1;
  while (units * 2 <= MIN (most, path))
    units *= 2;
  return path < most ? units : most;
}

/* Where the path takes only small datagrams, a long proof travels without data. */
static bool
proof_alone (const ShoalNeighbour *n, const ShoalUpload *u)
{
  if (u->units == 0)
    return true;
  size_t bytes = DATAGRAM_HEAD + u->levels * SHOAL_HASH_BYTES + SHOAL_UNIT_BYTES;
  return u->levels > 0 && n->path_bytes > 0 && bytes > n->path_bytes;
}

/* Takes the next units of a request; returns what of the content they are. */
static ShoalPayload
take_units (ShoalUpload *u, unsigned first)
{
  const ShoalSwarm *s = u->to->swarm;
  unsigned count = 1, most = part_units (u->to);
  while (count < most && (u->units >> (first + count)) & 1)
    count++;
  u->units &= (uint16_t) ~(((1u << count) - 1) << first);
  uint32_t from = first * SHOAL_UNIT_BYTES, to = (first + count) * SHOAL_UNIT_BYTES;
  to = MIN (to, shoal_info_block_bytes (&s->file.info, u->block));
  return (ShoalPayload){ s->content, (uint64_t)u->block * SHOAL_BLOCK_BYTES + from, to - from };
}

static void
write_data (ShoalUpload *u, unsigned first, ShoalWriter *w)
{
  const ShoalSwarm *s = u->to->swarm;
  uint8_t proof[SHOAL_MERKLE_MAX_LEVELS * SHOAL_HASH_BYTES];
  bool proven = u->levels > 0 && shoal_merkle_proof (s->tree, u->block, u->levels, proof);
  ShoalData data = {
    .block = u->block, .first_unit = (uint8_t)first, .levels = proven ? u->levels : 0, .proof = proof
  };
  shoal_write_data (w, &data);
  u->levels = 0;
}

void
shoal_upload_write (ShoalPeer *p, ShoalTime now, ShoalWriter *w, ShoalPayload *payload)
{
  ShoalUpload *u = g_queue_peek_head (&p->up.queue);
  unsigned first = u->units ? (unsigned)__builtin_ctz (u->units) : 0;
  if (!proof_alone (u->to, u))
    *payload = take_units (u, first);
  write_data (u, first, w);
  u->started = true;
  g_queue_push_tail_link (&p->up.queue, g_queue_pop_head_link (&p->up.queue));
  u->to->served_at = now;
  u->to->sent_bytes += payload->length_bytes;
  p->machine.counters.payload_sent_bytes += payload->length_bytes;
  if (u->units == 0)
    {
      finish (p, u);
      shoal_upload_fill (p, now);
    }
}

/* The time of some blocks: a neighbour gets no more of a slow uplink uninvited. */
static ShoalTime
stray_ns (const ShoalPeer *p)
{
  uint64_t rate = p->options.upload_bytes_per_s, bytes = STRAY_BLOCKS * SHOAL_BLOCK_BYTES;
  return MAX (rate ? (ShoalTime)(bytes * (uint64_t)SHOAL_SECOND / rate) : 0, STRAY_MIN_NS);
}

/* A credit that was not used within the usual time stays good, but is not counted on any more; after a long
 * time it is taken for lost. */
void
shoal_upload_tick (ShoalNeighbour *n, ShoalTime now)
{
  ShoalPeer *p = n->swarm->peer;
  ShoalTime age = now - n->credit_at;
  if (n->strays < STRAY_REQUESTS && now - n->stray_at >= stray_ns (p))
    {
      n->strays++;
      n->stray_at = now;
    }
  if (n->credits_out == 0 || age < 2 * p->up.turn_ns + p->tick_ns)
    return;
  if (!n->credits_stale)
    {
      p->up.live_credits -= n->credits_out;
      n->credit_limit = MAX (n->credit_limit / 2, CREDITS_EACH);
    }
  n->credits_stale = age < LOST_CREDIT_NS;
  if (!n->credits_stale)
    n->credits_out = 0;
  p->up.look = true;
}
