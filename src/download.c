/* The receiving side. What is outstanding is limited by a window that follows the wait in the own
 * download queue, as LEDBAT's follows the path's (RFC 6817): it grows while data comes without
 * waiting, and shrinks when it waits for longer than the target. Blocks are verified one by one, and
 * are ours to give at once. */
#include "src/peer-internal.h"

#define WINDOW_FIRST (4 * SHOAL_BLOCK_BYTES)
#define WINDOW_MIN (2 * SHOAL_BLOCK_BYTES)
#define WINDOW_MAX (64u << 20)
#define TARGET_MIN_NS (5 * SHOAL_MS)
#define TARGET_MAX_NS (2 * SHOAL_SECOND)
#define TARGET_BLOCKS 6u
#define MOVE_FACTOR 6      /* a block moves to a sender that is so many times quicker */
#define MOVE_FACTOR_LAST 2 /* the same when all blocks are under way: now the slowest counts */

void
shoal_download_init (ShoalPeer *p)
{
  g_queue_init (&p->down.held);
  p->down.window_bytes = WINDOW_FIRST;
  p->down.window_max_bytes = WINDOW_MAX;
  shoal_download_set_rate (p);
}

/* The target is what six blocks take: where up- and downlinks are equally fast, senders meet at a
 * receiver by chance, and a smaller one lets its downlink run dry in between (measured: one and a half
 * blocks cost a tenth of the downlink with 20 leechers). */
void
shoal_download_set_rate (ShoalPeer *p)
{
  uint64_t rate = p->options.download_bytes_per_s;
  ShoalTime target = TARGET_MIN_NS;
  if (rate > 0)
    target = (ShoalTime)(TARGET_BLOCKS * SHOAL_BLOCK_BYTES * (uint64_t)SHOAL_SECOND / rate);
  p->down.target_ns = CLAMP (target, TARGET_MIN_NS, TARGET_MAX_NS);
}

static void
adapt_window (ShoalPeer *p, ShoalTime waited, uint32_t bytes)
{
  ShoalTime off = p->down.target_ns - waited;
  p->down.fed = true;
  if (off > 0 && p->down.outstanding_bytes + SHOAL_BLOCK_BYTES < p->down.window_bytes)
    return; /* what is not used must not grow */
  int64_t percent = CLAMP (off * 100 / p->down.target_ns, -100, 100);
  int64_t window = (int64_t)p->down.window_bytes + percent * (int64_t)bytes / 100;
  p->down.window_bytes = (uint64_t)CLAMP (window, (int64_t)WINDOW_MIN, (int64_t)p->down.window_max_bytes);
}

/* ---- credits held ---- */

/* Only those are looked at that may be of use: looking at all of them at each step costs a tenth of a
 * large simulation. */
static void
consider (ShoalNeighbour *n)
{
  ShoalPeer *p = n->swarm->peer;
  p->down.look = true;
  if (n->in_held || n->credits_held == 0)
    return;
  n->in_held = true;
  n->held_link.data = n;
  g_queue_push_head_link (&p->down.held, &n->held_link);
}

static void
park (ShoalNeighbour *n)
{
  if (n->in_held)
    g_queue_unlink (&n->swarm->peer->down.held, &n->held_link);
  n->in_held = false;
}

void
shoal_download_news (ShoalNeighbour *n)
{
  if (n->credits_held > 0)
    consider (n);
}

static void
consider_all (ShoalSwarm *s)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    if (((ShoalNeighbour *)s->neighbours->pdata[i])->credits_held > 0)
      consider (s->neighbours->pdata[i]);
}

/* When nothing came though the window is full, those who were asked are slow: others may be asked too.
 * Slow blocks are looked for here and not at every step: it costs, and they are slow anyway. */
void
shoal_download_tick_all (ShoalPeer *p)
{
  if (!p->down.fed && p->down.outstanding_bytes >= p->down.window_bytes) {
    p->down.window_bytes = MIN (p->down.outstanding_bytes + SHOAL_BLOCK_BYTES, p->down.window_max_bytes);
    p->down.look = true;
  }
  p->down.fed = false;
  p->down.look = p->down.look_slow = true;
  for (guint i = 0; i < p->swarms->len; i++)
    consider_all (p->swarms->pdata[i]);
}

/* ---- blocks in progress ---- */

static uint32_t
units_bytes (const ShoalSwarm *s, uint32_t block, uint16_t units)
{
  uint32_t length = shoal_info_block_bytes (&s->file.info, block);
  uint32_t bytes = (uint32_t)__builtin_popcount (units) * SHOAL_UNIT_BYTES;
  uint32_t last = (length - 1) / SHOAL_UNIT_BYTES, short_by = (last + 1) * SHOAL_UNIT_BYTES - length;
  return (units >> last) & 1 ? bytes - short_by : bytes;
}

static uint16_t
all_units (const ShoalSwarm *s, uint32_t block)
{
  uint32_t units = (shoal_info_block_bytes (&s->file.info, block) + SHOAL_UNIT_BYTES - 1) / SHOAL_UNIT_BYTES;
  return (uint16_t)(SHOAL_UNITS_ALL >> (SHOAL_UNITS_PER_BLOCK - units));
}

static ShoalPartial *
partial_of (const ShoalSwarm *s, uint32_t block)
{
  return s->partials ? g_hash_table_lookup (s->partials, GUINT_TO_POINTER (block)) : NULL;
}

static ShoalPartial *
partial_new (ShoalSwarm *s, uint32_t block)
{
  ShoalPartial *partial = g_new0 (ShoalPartial, 1);
  partial->swarm = s;
  partial->block = block;
  partial->wanted = all_units (s, block);
  partial->source = UINT32_MAX;
  partial->link.data = partial;
  g_hash_table_insert (s->partials, GUINT_TO_POINTER (block), partial);
  return partial;
}

/* Takes the request back: the block is an orphan, to be asked of whoever has a credit for us next. */
static void
orphan (ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  if (!partial->from)
    return;
  s->peer->down.outstanding_bytes -= units_bytes (s, partial->block, partial->asked);
  g_queue_unlink (&partial->from->asked, &partial->link);
  g_queue_push_tail_link (&s->orphans, &partial->link);
  partial->from = NULL;
  partial->asked = 0;
  partial->lost = false;
}

static void
partial_end (ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  orphan (partial);
  g_queue_unlink (&s->orphans, &partial->link);
  g_hash_table_remove (s->partials, GUINT_TO_POINTER (partial->block));
  g_free (partial->proof);
  g_free (partial);
}

void
shoal_download_drop_partials (ShoalSwarm *s)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    shoal_download_withdraw (s->neighbours->pdata[i]);
  while (s->orphans.head)
    partial_end (s->orphans.head->data);
}

/* ---- asking ---- */

static void
ask (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial)
{
  ShoalSwarm *s = n->swarm;
  if (partial->from)
    orphan (partial);
  g_queue_unlink (&s->orphans, &partial->link);
  g_queue_push_tail_link (&n->asked, &partial->link);
  partial->from = n;
  partial->asked = partial->wanted & (uint16_t)~partial->got;
  partial->asked_at = now;
  unsigned levels = partial->proof_here ? 0 : shoal_merkle_missing (s->tree, partial->block);
  partial->proof_needed = levels > 0 || partial->proof_here;
  if (levels > 0 && partial->asked == 0)
    partial->asked = 1; /* everything is here but the hashes, which come with data */
  s->peer->down.outstanding_bytes += units_bytes (s, partial->block, partial->asked);
  uint16_t whole = all_units (s, partial->block);
  ShoalRequest request = { .block = partial->block, .levels = (uint8_t)levels,
                           .units = partial->asked == whole ? SHOAL_UNITS_ALL : partial->asked };
  ShoalWriter w = shoal_channel_message (&n->channel, SHOAL_MESSAGE_REQUEST, shoal_request_bytes (&request));
  shoal_write_request (&w, &request);
  shoal_peer_mark_dirty (s->peer, n);
}

static ShoalPartial *
orphan_for (ShoalNeighbour *n)
{
  for (GList *l = n->swarm->orphans.head; l; l = l->next) {
    ShoalPartial *partial = l->data;
    if (shoal_bitmap_get (&n->have, partial->block))
      return partial;
  }
  return NULL;
}

/* How long the block may still take where it is asked now. */
static ShoalTime
time_left (const ShoalPartial *partial, ShoalTime now)
{
  ShoalTime usual = partial->from->took_ns ? partial->from->took_ns : partial->swarm->peer->down.service_ns;
  ShoalTime elapsed = now - partial->asked_at;
  return elapsed < usual ? usual - elapsed : elapsed; /* overdue: it may take as long again */
}

/* With nothing else to ask for, a credit may move a block here that another is slow with. */
static ShoalPartial *
slow_for (ShoalNeighbour *n, ShoalTime now)
{
  ShoalSwarm *s = n->swarm;
  ShoalTime here = n->took_ns ? n->took_ns : s->peer->down.service_ns;
  ShoalTime longest = here * (shoal_bitmap_full (&s->taken) ? MOVE_FACTOR_LAST : MOVE_FACTOR);
  ShoalPartial *slowest = NULL;
  for (guint i = 0; i < s->neighbours->len; i++) {
    ShoalNeighbour *other = s->neighbours->pdata[i];
    ShoalPartial *partial = other->asked.head ? other->asked.head->data : NULL;
    if (other == n || !partial || !shoal_bitmap_get (&n->have, partial->block))
      continue;
    if (time_left (partial, now) > longest) {
      slowest = partial;
      longest = time_left (partial, now);
    }
  }
  return slowest;
}

static ShoalPartial *
choose (ShoalNeighbour *n, ShoalTime now)
{
  ShoalSwarm *s = n->swarm;
  ShoalPartial *partial = orphan_for (n);
  if (partial)
    return partial;
  uint32_t block = n->suggested;
  if (block == UINT32_MAX || shoal_bitmap_get (&s->taken, block))
    block = shoal_pick (&n->have, &s->taken, s->availability, NULL, &s->peer->random);
  if (block != UINT32_MAX) {
    shoal_bitmap_set (&s->taken, block);
    return partial_new (s, block);
  }
  partial = s->peer->down.look_slow ? slow_for (n, now) : NULL;
  if (partial)
    shoal_neighbour_say_block (partial->from, SHOAL_MESSAGE_CANCEL, partial->block);
  return partial;
}

static void
drop_credits (ShoalNeighbour *n)
{
  park (n);
  n->credits_held = 0;
}

static bool
use_credit (ShoalNeighbour *n, ShoalTime now)
{
  ShoalSwarm *s = n->swarm;
  bool nothing = shoal_bitmap_full (&s->taken) && !s->orphans.head && !s->peer->down.look_slow;
  if (!s->downloading || n->useful == 0 || nothing)
    return false;
  ShoalPartial *partial = choose (n, now);
  n->suggested = UINT32_MAX;
  if (!partial)
    return false;
  if (--n->credits_held == 0)
    park (n);
  ask (n, now, partial);
  return true;
}

static void
use_credits (ShoalPeer *p, ShoalTime now)
{
  for (GList *l = p->down.held.head, *next; l; l = next) {
    ShoalNeighbour *n = l->data;
    next = l->next;
    while (n->credits_held > 0) {
      if (p->down.outstanding_bytes >= p->down.window_bytes)
        return; /* looked at again when something has come */
      if (!use_credit (n, now)) {
        park (n);
        break;
      }
    }
  }
}

void
shoal_download_fill (ShoalPeer *p, ShoalTime now)
{
  if (!p->down.look)
    return;
  p->down.look = false;
  use_credits (p, now);
  p->down.look_slow = false;
}

void
shoal_download_credit (ShoalNeighbour *n, ShoalTime now, ShoalReader body)
{
  ShoalSwarm *s = n->swarm;
  (void)now;
  if (n->choked_by || !s->downloading || !s->has_info)
    return;
  uint32_t suggested = body.left > 0 ? shoal_read_varint (&body) : UINT32_MAX;
  if (suggested != UINT32_MAX && !body.failed && suggested < s->blocks) {
    shoal_availability_learn (n, suggested);
    n->suggested = suggested;
  }
  park (n);
  n->credits_held++;
  consider (n);
}

void
shoal_download_withdraw (ShoalNeighbour *n)
{
  drop_credits (n);
  while (n->asked.head)
    orphan (n->asked.head->data);
  consider_all (n->swarm);
}

void
shoal_download_rejected (ShoalNeighbour *n, ShoalTime now, uint32_t block)
{
  ShoalPartial *partial = partial_of (n->swarm, block);
  (void)now;
  if (partial && partial->from == n) {
    orphan (partial);
    consider_all (n->swarm);
  }
}

void
shoal_download_sent (ShoalNeighbour *n, ShoalTime now, uint32_t block)
{
  ShoalPartial *partial = partial_of (n->swarm, block);
  if (!partial || partial->from != n || partial->lost)
    return;
  partial->lost = true; /* unless it was only overtaken: the tick decides */
  partial->lost_at = now;
  shoal_peer_arm (n->swarm->peer, now);
}

/* Asks again for what was lost. */
void
shoal_download_tick (ShoalNeighbour *n, ShoalTime now)
{
  for (GList *l = n->asked.head, *next; l; l = next) {
    ShoalPartial *partial = l->data;
    next = l->next;
    if (partial->lost && now - partial->lost_at >= n->swarm->peer->tick_ns) {
      partial->lost = false;
      ask (n, now, partial);
    }
  }
}

/* ---- data ---- */

static void
credit_source (ShoalNeighbour *n, ShoalTime now, uint32_t bytes)
{
  ShoalSwarm *s = n->swarm;
  (void)now;
  for (guint i = 0; n->source == UINT32_MAX && i < s->sources->len; i++)
    if (shoal_addr_equal (&g_array_index (s->sources, ShoalSource, i).peer, &n->addr))
      n->source = i;
  if (n->source == UINT32_MAX) {
    ShoalSource source = { .peer = n->addr };
    n->source = s->sources->len;
    g_array_append_val (s->sources, source);
  }
  g_array_index (s->sources, ShoalSource, n->source).bytes += bytes;
  if (s->first_byte_seen)
    return;
  s->first_byte_seen = true;
  shoal_peer_emit (s->peer, SHOAL_EVENT_FIRST_BYTE, s, &n->addr, 0);
}

/* 1: verified; 0: bad; -1: could not be read. */
static int
verify (ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  uint8_t leaf[SHOAL_HASH_BYTES] = { 0 };
  bool whole = true;
  uint64_t offset = (uint64_t)partial->block * SHOAL_BLOCK_BYTES;
  uint32_t length = shoal_info_block_bytes (&s->file.info, partial->block);
  if (!s->content->ops->hash (s->content, offset, length, leaf, &whole))
    return -1;
  if (!whole || partial->corrupt)
    return 0;
  return shoal_merkle_accept (s->tree, partial->block, leaf, partial->proof, partial->levels);
}

/* A bad block costs that block and, where it is clear who sent it, its sender. */
static void
block_bad (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  s->peer->machine.counters.blocks_bad++;
  shoal_peer_emit (s->peer, SHOAL_EVENT_BLOCK_BAD, s, &n->addr, partial->block);
  bool culprit = !partial->mixed;
  orphan (partial);
  consider_all (s);
  partial->got = 0;
  partial->source = UINT32_MAX;
  partial->mixed = partial->corrupt = partial->proof_here = false;
  if (!culprit)
    return;
  ShoalCandidate *candidate = shoal_swarm_candidate (s, &n->addr);
  if (candidate)
    candidate->banned = true;
  shoal_neighbour_down (n, now, SHOAL_DOWN_BAD_DATA, true);
}

static void
smooth (ShoalTime *usual, ShoalTime took)
{
  *usual = *usual ? *usual + (took - *usual) / 8 : took;
}

static void
block_good (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  uint32_t block = partial->block;
  if (partial->from == n) {
    smooth (&s->peer->down.service_ns, now - partial->asked_at);
    smooth (&n->took_ns, now - partial->asked_at);
  }
  partial_end (partial);
  s->peer->machine.counters.blocks_verified++;
  shoal_peer_emit (s->peer, SHOAL_EVENT_BLOCK, s, &n->addr, block);
  shoal_swarm_block_held (s, now, block);
}

/* All units are here. */
static void
block_whole (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  unsigned missing = shoal_merkle_missing (s->tree, partial->block);
  if (missing > (partial->proof_here ? partial->levels : 0)) {
    partial->proof_here = false;
    ask (n, now, partial); /* the hashes got lost */
    return;
  }
  int verdict = verify (partial);
  if (verdict < 0)
    s->failing = true;
  else if (verdict == 0)
    block_bad (n, now, partial);
  else
    block_good (n, now, partial);
}

static void
keep_proof (ShoalPartial *partial, const ShoalData *data)
{
  size_t bytes = (size_t)data->levels * SHOAL_HASH_BYTES;
  if (data->levels == 0)
    return;
  g_free (partial->proof);
  partial->proof = partial->swarm->content->is_virtual ? NULL : g_memdup2 (data->proof, bytes);
  partial->levels = data->levels;
  partial->proof_here = true;
}

static void
account (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial, uint16_t fresh)
{
  ShoalSwarm *s = n->swarm;
  if (partial->from) {
    s->peer->down.look |= s->peer->down.outstanding_bytes >= s->peer->down.window_bytes;
    s->peer->down.outstanding_bytes -= units_bytes (s, partial->block, partial->asked & fresh);
  }
  partial->asked &= (uint16_t)~fresh;
  partial->got |= fresh;
  credit_source (n, now, units_bytes (s, partial->block, fresh));
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

static bool
store (ShoalPartial *partial, const ShoalData *data, const uint8_t *bytes, size_t length, bool corrupt)
{
  ShoalContent *content = partial->swarm->content;
  uint64_t offset = (uint64_t)data->block * SHOAL_BLOCK_BYTES + data->first_unit * SHOAL_UNIT_BYTES;
  partial->corrupt |= corrupt;
  return content->ops->write (content, offset, bytes, length, corrupt);
}

void
shoal_download_data (ShoalNeighbour *n, ShoalTime now, ShoalReader r, const ShoalInput *input)
{
  ShoalSwarm *s = n->swarm;
  ShoalPeer *p = s->peer;
  ShoalData data;
  bool readable = shoal_read_data (&r, &data) && s->has_info && data.block < s->blocks;
  size_t length = r.left + input->tail_bytes;
  uint16_t units = readable && (r.left == 0 || input->tail_bytes == 0) ? units_of_payload (s, &data, length) : 0;
  if (units == 0) {
    p->machine.counters.malformed_datagrams++;
    return;
  }
  p->machine.counters.payload_received_bytes += length;
  adapt_window (p, input->waited_ns, (uint32_t)length);
  ShoalPartial *partial = partial_of (s, data.block);
  uint16_t fresh = partial ? units & (uint16_t)~partial->got : 0;
  p->machine.counters.duplicate_bytes += length - units_bytes (s, data.block, fresh);
  if (!partial)
    return;
  keep_proof (partial, &data);
  if (fresh != 0) {
    if (!store (partial, &data, input->tail_bytes ? input->tail : r.at, length, input->tail_corrupt)) {
      s->failing = true;
      return;
    }
    n->got_bytes += length;
    account (n, now, partial, fresh);
  }
  if (partial->got == partial->wanted)
    block_whole (n, now, partial);
}
