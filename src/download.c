/* The receiving side. What is outstanding is limited by a window that follows the wait in the own
 * download queue, as LEDBAT's follows the path's (RFC 6817): it grows while data comes without
 * waiting, and shrinks when it waits for longer than the target. Blocks are verified one by one, and
 * are ours to give at once. */
#include "src/peer-internal.h"

#define WINDOW_FIRST ((uint64_t)4 * SHOAL_BLOCK_BYTES)
#define WINDOW_MIN ((uint64_t)SHOAL_BLOCK_BYTES)
#define WINDOW_MAX (64u << 20)
#define WINDOW_NS (2500 * SHOAL_MS) /* of the downlink, at most: control messages wait behind the data */
#define WINDOW_WIDE 2               /* times that, while the downlink idles all the same */
#define REQUEST_NS SHOAL_SECOND     /* what one request asks for holds the downlink no longer */
#define TARGET_MIN_NS (5 * SHOAL_MS)
#define TARGET_MAX_NS (1 * SHOAL_SECOND)
#define TARGET_BLOCKS 6u
#define UNINVITED_NS SHOAL_SECOND     /* a block that nobody is asked for waits so long for a credit */
#define SILENT_NS (2 * SHOAL_SECOND)  /* a neighbour that answers nothing at all is asked no more */
#define IDLE_NS (60 * SHOAL_SECOND)   /* the same of one that speaks, but sends nothing */
#define HASHING_MAX 256u              /* blocks that wait in memory for their hashes */
#define REPEAT_NS (10 * SHOAL_SECOND) /* a request is repeated after this without any data */
#define LIAR_NS (3 * SHOAL_SECOND)    /* the same of one that says it sent all */
#define FAILURES_MAX 2u               /* so many in a row, and the neighbour is left alone */
#define HUNGRY_NS (10 * SHOAL_SECOND) /* long enough for a crowd to get its first blocks, and its next ones */

/* What the downlink takes in a time, between two limits. */
static int64_t
worth (const ShoalPeer *p, ShoalTime time, uint64_t least, uint64_t most)
{
  uint64_t rate = p->options.download_bytes_per_s;
  return (int64_t)(rate ? CLAMP (rate / 1000 * (uint64_t)(time / SHOAL_MS), least, most) : most);
}

void
shoal_download_init (ShoalPeer *p)
{
  g_queue_init (&p->down.held);
  p->down.window_bytes = (uint64_t)worth (p, SHOAL_SECOND, SHOAL_UNIT_BYTES, WINDOW_FIRST);
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
  p->down.request_units =
      (unsigned)worth (p, REQUEST_NS, SHOAL_UNIT_BYTES, SHOAL_BLOCK_BYTES) / SHOAL_UNIT_BYTES;
}

static int64_t
window_max (const ShoalPeer *p)
{
  return worth (p, WINDOW_NS, WINDOW_MIN, WINDOW_MAX);
}

/* A queue tells late, by all that is on its way: a window that shrank by all that comes would be empty when the queue
 * is, and the downlink would then idle for a second or two (holders of 280 kB/s for a line of 200: 12 % lost). */
#define SHRINK_PERCENT (-25)

void
shoal_download_adapt_window (ShoalPeer *p, ShoalTime waited, uint32_t bytes)
{
  ShoalTime off = p->down.target_ns - waited;
  p->down.fed = true;
  if (off > 0 && p->down.outstanding_bytes + SHOAL_BLOCK_BYTES < p->down.window_bytes)
    return; /* what is not used must not grow */
  int64_t percent = CLAMP (off * 100 / p->down.target_ns, SHRINK_PERCENT, 100);
  int64_t window = (int64_t)p->down.window_bytes + percent * (int64_t)bytes / 100;
  int64_t most = CLAMP ((int64_t)p->down.window_bytes, window_max (p), WINDOW_WIDE * window_max (p));
  p->down.window_bytes = (uint64_t)CLAMP (window, worth (p, REQUEST_NS, SHOAL_UNIT_BYTES, WINDOW_MIN), most);
}

/* ---- credits held ---- */

/* Only those are looked at that may be of use: looking at all of them at each step costs a tenth of a
 * large simulation. */
static void
consider (ShoalNeighbour *n)
{
  ShoalPeer *p = n->swarm->peer;
  p->down.look = true;
  if (n->in_held)
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

void
shoal_download_consider_all (ShoalSwarm *s)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    shoal_download_news (s->neighbours->pdata[i]);
}

/* ---- asking ---- */

static uint16_t
first_units (uint16_t units, unsigned count)
{
  uint16_t rest = units;
  while (count-- > 0 && rest)
    rest &= (uint16_t)(rest - 1);
  return units & (uint16_t)~rest;
}

bool
shoal_download_ask (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial)
{
  ShoalSwarm *s = n->swarm;
  shoal_partial_detach (partial);
  if (partial->is_test && partial->source != UINT32_MAX && partial->source != n->source)
    shoal_partial_restart (partial);
  g_queue_unlink (&s->orphans, &partial->link);
  if (n->waiting_since == 0)
    n->waiting_since = now;
  g_queue_push_tail_link (&n->asked, &partial->link);
  partial->from = n;
  partial->asked = first_units (partial->wanted & (uint16_t)~partial->got, s->peer->down.request_units);
  partial->asked_at = now;
  partial->is_soon = shoal_bitmap_get (&n->soon, partial->block);
  bool is_first = partial->since == SHOAL_NEVER;
  partial->since = MIN (partial->since, now);
  unsigned levels = partial->proof_here ? 0 : shoal_merkle_missing (s->tree, partial->block);
  if (levels == 0 && partial->asked == 0)
    {
      shoal_download_block_whole (n, now, partial); /* other blocks brought the hashes */
      return false;
    }
  shoal_partial_owed (partial, shoal_partial_units_bytes (s, partial->block, partial->asked));
  uint16_t whole = shoal_partial_all_units (s, partial->block);
  ShoalRequest request = { .block = partial->block,
                           .levels = (uint8_t)levels,
                           .units = partial->asked == whole ? SHOAL_UNITS_ALL : partial->asked };
  ShoalWriter w = shoal_channel_message (&n->channel, SHOAL_MESSAGE_REQUEST, shoal_request_bytes (&request));
  shoal_write_request (&w, &request);
  shoal_peer_mark_dirty (s->peer, n);
  if (is_first)
    shoal_soon_asked (n, now, partial);
  return true;
}

/* The neighbour that all of the block must come from, if some of it came; NULL: anybody will do, for it begins anew. */
static ShoalNeighbour *
tested (const ShoalPartial *partial)
{
  const ShoalSwarm *s = partial->swarm;
  for (guint i = 0; partial->is_test && partial->source != UINT32_MAX && i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->source == partial->source && n->state == SHOAL_NEIGHBOUR_UP && !n->choked_by)
        return n;
    }
  return NULL;
}

static ShoalPartial *
orphan_for (ShoalNeighbour *n)
{
  for (GList *l = n->swarm->orphans.head; l; l = l->next)
    {
      ShoalPartial *partial = l->data;
      ShoalNeighbour *only = tested (partial);
      if (shoal_soon_may_ask (n, partial->block) && (!only || only == n))
        return partial;
    }
  return NULL;
}

/* An earlier attempt left something: only its hashes are asked for, and they tell whether it is right. */
static bool
here_already (const ShoalSwarm *s, uint32_t block)
{
  ShoalContent *content = s->content;
  return content->ops->present
         && content->ops->present (content, (uint64_t)block * SHOAL_BLOCK_BYTES,
                                   shoal_info_block_bytes (&s->file.info, block));
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
  if (block != UINT32_MAX)
    {
      shoal_bitmap_set (&s->taken, block);
      partial = shoal_partial_new (s, block);
      if (here_already (s, block))
        partial->got = partial->wanted;
      return partial;
    }
  partial = s->peer->down.look_slow ? shoal_moving_slowest (n, now) : NULL;
  if (partial)
    {
      shoal_neighbour_say_block (partial->from, SHOAL_MESSAGE_CANCEL, partial->block);
      partial->moves += partial->moves < UINT8_MAX;
    }
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
  /* What needs no request leaves the credit unused: the sender waits for each to come back. */
  if (shoal_download_ask (n, now, partial) && --n->credits_held == 0)
    park (n);
  return true;
}

static void
use_credits (ShoalPeer *p, ShoalTime now)
{
  for (GList *l = p->down.held.head, *next; l; l = next)
    {
      ShoalNeighbour *n = l->data;
      next = l->next;
      while (n->credits_held > 0)
        {
          if (p->down.outstanding_bytes >= p->down.window_bytes)
            return; /* looked at again when something has come */
          if (n->swarm->hashing.length >= HASHING_MAX)
            break; /* … and when something is hashed */
          n->path.full = n->outstanding_bytes >= n->path.window_bytes;
          if (n->path.full || !use_credit (n, now))
            {
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

/* A neighbour that has this block and serves us; the one that owes us least. */
static ShoalNeighbour *
holder_of (ShoalSwarm *s, uint32_t block)
{
  ShoalNeighbour *best = NULL;
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      bool can = n->state == SHOAL_NEIGHBOUR_UP && !n->choked_by && n->have.bits > 0
                 && shoal_soon_may_ask (n, block);
      if (can && (!best || n->asked.length < best->asked.length))
        best = n;
    }
  return best;
}

/* Says again that we want something, to those who may not have heard it. */
static void
plead (ShoalSwarm *s, ShoalTime now)
{
  if (now < s->plead_at)
    return;
  s->plead_at = now + HUNGRY_NS;
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->state == SHOAL_NEIGHBOUR_UP && n->useful > 0)
        shoal_neighbour_say_interest (n, true);
    }
}

/* A sender believes that who was sent a block has it, and gives no credit for it any more. If it got lost
 * and its sender with it, the block is asked for without a credit. The same when nothing is on its way at
 * all though somebody has what we lack: credits may get lost with the sessions of a restarted peer. */
static void
ask_uninvited (ShoalSwarm *s, ShoalTime now)
{
  ShoalPeer *p = s->peer;
  if (!s->downloading)
    return;
  ShoalPartial *partial = s->orphans.head ? s->orphans.head->data : NULL;
  ShoalNeighbour *n = partial ? tested (partial) : NULL;
  n = partial && !n ? holder_of (s, partial->block) : n;
  if (n && now - partial->asked_at > UNINVITED_NS)
    {
      shoal_download_ask (n, now, partial);
      return;
    }
  bool hungry = p->down.outstanding_bytes == 0 && now - p->down.fed_at >= HUNGRY_NS;
  if (!hungry || !s->first_byte_seen) /* who got nothing yet waits for its turn */
    return;
  plead (s, now);
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      n = s->neighbours->pdata[i];
      if (n->state == SHOAL_NEIGHBOUR_UP && !n->choked_by && n->useful > 0 && (partial = choose (n, now)))
        {
          shoal_download_ask (n, now, partial);
          return;
        }
    }
}

/* The window is full, and nothing comes, or what comes finds the downlink idle: those who were asked are slow, and others
 * may be asked too. What the slow ones owe holds much of a small window (a line of 22 kB/s, and three blocks at uplinks
 * of 6 to 10 kB/s: 1.13 of the bound on average, 1.38 at worst), so one whose downlink idles may open to twice what is
 * usual. Without a rate nobody knows whether it idles: the window follows the wait in the system's queue. */
static void
open_full_window (ShoalPeer *p, ShoalTime now)
{
  bool idles = p->options.download_bytes_per_s > 0 && (p->down.ran_dry || shoal_downlink_is_idle (p, now));
  uint64_t most = (uint64_t)window_max (p) * (idles ? WINDOW_WIDE : 1),
           wider = p->down.outstanding_bytes + SHOAL_BLOCK_BYTES;
  if ((idles || !p->down.fed) && p->down.outstanding_bytes >= p->down.window_bytes)
    p->down.window_bytes = MAX (p->down.window_bytes, MIN (wider, MIN (most, WINDOW_MAX)));
}

/* Slow blocks are looked for here and not at every step: it costs, and they are slow anyway. */
void
shoal_download_tick_all (ShoalPeer *p, ShoalTime now)
{
  if (p->down.fed)
    p->down.fed_at = now;
  open_full_window (p, now);
  p->down.look = true;
  p->down.look_slow = p->down.ran_dry || !p->down.fed;
  p->down.fed = p->down.ran_dry = false;
  for (guint i = 0; i < p->swarms->len; i++)
    {
      shoal_download_consider_all (p->swarms->pdata[i]);
      ask_uninvited (p->swarms->pdata[i], now);
    }
}

void
shoal_download_credit (ShoalNeighbour *n, ShoalTime now, ShoalReader body)
{
  ShoalSwarm *s = n->swarm;
  (void)now;
  if (!s->downloading || !s->has_info)
    return;
  if (n->choked_by) /* its UNCHOKE cannot have come */
    shoal_neighbour_choked_by (n, false);
  uint32_t suggested = body.left > 0 ? shoal_read_varint (&body) : UINT32_MAX;
  if (suggested != UINT32_MAX && !body.failed && suggested < s->blocks)
    {
      shoal_soon_came (n, suggested);
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
  n->waiting_since = 0;
  while (n->asked.head)
    shoal_partial_orphan (n->asked.head->data);
  shoal_download_consider_all (n->swarm);
}

void
shoal_download_rejected (ShoalNeighbour *n, ShoalTime now, uint32_t block)
{
  ShoalPartial *partial = shoal_partial_find (n->swarm, block);
  (void)now;
  if (partial && partial->from == n)
    {
      shoal_partial_orphan (partial);
      shoal_download_consider_all (n->swarm);
    }
}

void
shoal_download_sent (ShoalNeighbour *n, ShoalTime now, uint32_t block)
{
  ShoalPartial *partial = shoal_partial_find (n->swarm, block);
  if (block < n->have.bits)
    shoal_soon_came (n, block);
  if (!partial || partial->from != n || partial->lost)
    return;
  partial->lost = true; /* unless it was only overtaken: the tick decides */
  n->incomplete++;
  partial->lost_at = now;
  shoal_peer_arm (n->swarm->peer, now);
}

static void
take_all_back (ShoalNeighbour *n)
{
  while (n->asked.head)
    {
      ShoalPartial *partial = n->asked.head->data;
      shoal_neighbour_say_block (n, SHOAL_MESSAGE_CANCEL, partial->block);
      shoal_partial_orphan (partial);
    }
  n->waiting_since = 0;
  shoal_download_consider_all (n->swarm);
}

/* It takes requests and serves none: others are asked, and who goes on like this is left alone. */
static void
fail (ShoalNeighbour *n, ShoalTime now)
{
  drop_credits (n);
  take_all_back (n);
  if (++n->failures < FAILURES_MAX)
    return;
  shoal_swarm_avoid (n->swarm, now, &n->addr);
  shoal_neighbour_down (n, now, SHOAL_DOWN_USELESS, true);
}

/* Others have what it was asked for first, and do not only expect it: of whom else than of this one? */
static bool
replaceable (const ShoalNeighbour *n)
{
  const ShoalSwarm *s = n->swarm;
  uint32_t block = ((const ShoalPartial *)n->asked.head->data)->block;
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      const ShoalNeighbour *other = s->neighbours->pdata[i];
      if (other != n && other->state == SHOAL_NEIGHBOUR_UP && shoal_soon_is_held_by (other, block))
        return true;
    }
  return false;
}

/* No data came since it was first asked, for this time and much longer than is usual. */
static bool
waited (const ShoalNeighbour *n, ShoalTime now, ShoalTime time)
{
  const ShoalPeer *p = n->swarm->peer;
  ShoalTime usual = MAX (n->took_ns, p->down.service_ns);
  return shoal_downlink_silence_ns (p, now, n->waiting_since) > MAX (time, 8 * usual);
}

/* A part that another overtook comes soon after it (RFC 9002, section 6.1.2, waits for an eighth of a round trip). */
static ShoalTime
late_ns (const ShoalNeighbour *n)
{
  ShoalTime tick = n->swarm->peer->tick_ns, round_trip = n->channel.srtt_ns;
  return round_trip ? MIN (round_trip / 4, tick) : tick;
}

/* Asks again for what was lost. Who says it sent all, and nothing ever comes, lies. */
static void
ask_again (ShoalNeighbour *n, ShoalTime now)
{
  for (GList *l = n->incomplete > 0 ? n->asked.head : NULL, *next; l; l = next)
    {
      ShoalPartial *partial = l->data;
      next = l->next;
      if (!partial->lost || now - partial->lost_at < late_ns (n))
        continue;
      shoal_path_loss (n, now);
      if (waited (n, now, LIAR_NS) && replaceable (n))
        {
          fail (n, now);
          return;
        }
      shoal_download_ask (n, now, partial);
    }
}

/* It does not answer what it was asked, and pinged. */
bool
shoal_download_is_silent (const ShoalNeighbour *n, ShoalTime now)
{
  ShoalTime since = MAX (n->heard_at, n->waiting_since);
  ShoalTime silence = shoal_downlink_silence_ns (n->swarm->peer, now, since);
  ShoalTime usual = shoal_channel_usual_ns (&n->channel);
  return silence > MAX (SILENT_NS, 2 * usual) && n->channel.timeouts >= 2;
}

/* It acknowledged the request, and nothing comes: where the network spoils bytes, it may have read another one. */
static void
repeat_overdue (ShoalNeighbour *n, ShoalTime now)
{
  ShoalPartial *oldest = n->asked.head->data;
  if (waited (n, now, REPEAT_NS) && now - oldest->asked_at > REPEAT_NS)
    shoal_download_ask (n, now, oldest);
}

/* What was asked of a neighbour that does not answer is open to all again, long before the session times out;
 * and so it is when it speaks but sends us nothing for very long. */
static void
give_up_overdue (ShoalNeighbour *n, ShoalTime now)
{
  if (!n->asked.head)
    return;
  if (shoal_download_is_silent (n, now))
    take_all_back (n);
  else if (waited (n, now, IDLE_NS) && replaceable (n))
    fail (n, now);
  else
    repeat_overdue (n, now);
}

void
shoal_download_tick (ShoalNeighbour *n, ShoalTime now)
{
  ask_again (n, now);
  if (n->state == SHOAL_NEIGHBOUR_UP)
    give_up_overdue (n, now);
}
