/* Telling and learning who holds what. Blocks are announced in batches: news goes with whatever else
 * is sent to a neighbour, and on its own only when there is enough of it or the neighbour is about to
 * run out of things to want from us. */
#include "src/peer-internal.h"

#define BATCH 16u     /* blocks worth a datagram of their own */
#define NEWS_MAX 250u /* blocks in one message: within a chunk in the largest file (4 bytes each) */
#define BITFIELD_PART 1000u
#define STARVING 2u       /* known to want fewer blocks of ours than this */
#define FEW_NEIGHBOURS 8u /* so few are told at once of what nobody else has */
#define FEW_HOLDERS 1u
#define FAST_BYTES_PER_S 16000000u /* with a faster uplink news rides on data within a millisecond or so */
#define PROGRESS_STEP 8u           /* how many blocks we have is told when it is so many more */
#define NEWS_NS SHOAL_SECOND /* fewer blocks wait at least so long: each datagram costs a slow downlink */

static void
queue_bitfield (ShoalNeighbour *n)
{
  const ShoalBitmap *have = &n->swarm->have;
  size_t bytes = shoal_bitmap_wire_bytes (have);
  for (size_t offset = 0; offset < bytes; offset += BITFIELD_PART)
    {
      size_t part = MIN (BITFIELD_PART, bytes - offset);
      ShoalWriter w = shoal_channel_message (&n->channel, SHOAL_MESSAGE_BITFIELD,
                                             shoal_varint_bytes ((uint32_t)offset) + part);
      shoal_write_varint (&w, (uint32_t)offset);
      shoal_bitmap_write (have, offset, w.bytes + w.length, part);
    }
}

static int
ascending (const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

/* Blocks ascending, the first as it is, each other as the distance to the one before. */
static void
queue_blocks (ShoalNeighbour *n, uint8_t type, uint32_t *blocks, uint32_t count)
{
  uint32_t before = 0;
  size_t body = 0;
  if (count == 0)
    return;
  qsort (blocks, count, sizeof *blocks, ascending);
  for (uint32_t i = 0; i < count; before = blocks[i++])
    body += shoal_varint_bytes (blocks[i] - before);
  ShoalWriter w = shoal_channel_message (&n->channel, type, body);
  before = 0;
  for (uint32_t i = 0; i < count; before = blocks[i++])
    shoal_write_varint (&w, blocks[i] - before);
}

typedef struct {
  uint32_t held[NEWS_MAX], soon[NEWS_MAX], held_count, soon_count;
} News;

static void
queue_found (ShoalNeighbour *n, News *news)
{
  queue_blocks (n, SHOAL_MESSAGE_HAVE, news->held, news->held_count);
  queue_blocks (n, SHOAL_MESSAGE_SOON, news->soon, news->soon_count);
  news->held_count = news->soon_count = 0;
}

static void
add_news (ShoalNeighbour *n, uint32_t block, News *news)
{
  const ShoalSwarm *s = n->swarm;
  bool it_has = shoal_bitmap_get (&n->have, block);
  if (shoal_bitmap_get (&s->soon, block) && !it_has)
    news->soon[news->soon_count++] = block;
  else if (shoal_bitmap_get (&s->have, block) && (!it_has || shoal_lending_tells (n))
           && !shoal_upload_says_it_holds (n, block))
    news->held[news->held_count++] = block;
}

static void
queue_news (ShoalNeighbour *n)
{
  const ShoalSwarm *s = n->swarm;
  News news; /* the blocks in it are not cleared: that would cost more than all the rest */
  news.held_count = news.soon_count = 0;
  while (n->told < s->log_length)
    {
      uint32_t block = s->log[n->told++];
      if (block != SHOAL_LOG_STRUCK_OUT)
        add_news (n, block, &news);
      if (news.held_count == NEWS_MAX || news.soon_count == NEWS_MAX)
        queue_found (n, &news);
    }
  queue_found (n, &news);
}

void
shoal_availability_tell_held (ShoalNeighbour *n, uint32_t block)
{
  queue_blocks (n, SHOAL_MESSAGE_HAVE, &block, 1);
  shoal_peer_mark_dirty (n->swarm->peer, n);
}

/* Who comes anew has not heard of them. */
static void
tell_soon (ShoalNeighbour *n)
{
  const ShoalSwarm *s = n->swarm;
  News news;
  news.held_count = news.soon_count = 0;
  for (uint32_t block = 0, left = s->soon.set; left > 0; block++)
    if (shoal_bitmap_get (&s->soon, block))
      {
        news.soon[news.soon_count++] = block;
        if (--left == 0 || news.soon_count == NEWS_MAX)
          queue_found (n, &news);
      }
}

void
shoal_availability_tell_all (ShoalNeighbour *n)
{
  ShoalSwarm *s = n->swarm;
  n->told = s->log_length;
  if (s->blocks == 0 || !shoal_swarm_serves (s))
    return;
  tell_soon (n);
  if (s->have.set == 0)
    return;
  n->told_progress = s->have.set;
  if (shoal_bitmap_full (&s->have))
    shoal_channel_message (&n->channel, SHOAL_MESSAGE_HAVE_ALL, 0);
  else
    queue_bitfield (n);
}

/* Nobody is told of blocks that it holds itself, so that what it knows of us is little: it is told the number. */
static void
tell_progress (ShoalNeighbour *n)
{
  const ShoalSwarm *s = n->swarm;
  if (!s->downloading || s->have.set < n->told_progress + PROGRESS_STEP)
    return;
  n->told_progress = s->have.set;
  ShoalWriter w =
      shoal_channel_message (&n->channel, SHOAL_MESSAGE_PROGRESS, shoal_varint_bytes (s->have.set));
  shoal_write_varint (&w, s->have.set);
}

void
shoal_availability_flush (ShoalNeighbour *n, ShoalTime now)
{
  ShoalSwarm *s = n->swarm;
  n->told_at = now;
  tell_progress (n);
  if (n->told == s->log_length)
    return;
  bool all = s->complete && shoal_bitmap_full (&s->have);
  bool pointless =
      !shoal_swarm_serves (s) || (shoal_bitmap_full (&n->have) && !all && !shoal_lending_tells (n));
  if (!pointless && !all)
    {
      queue_news (n);
      return;
    }
  n->told = s->log_length;
  if (!pointless)
    shoal_channel_message (&n->channel, SHOAL_MESSAGE_HAVE_ALL, 0);
}

bool
shoal_availability_is_fast (const ShoalPeer *p)
{
  uint64_t rate = p->options.upload_bytes_per_s;
  return rate == 0 || rate > FAST_BYTES_PER_S;
}

void
shoal_availability_offered (ShoalSwarm *s, ShoalTime now, uint32_t block)
{
  bool many = s->neighbours->len > FEW_NEIGHBOURS || s->availability[block] > FEW_HOLDERS;
  if (many || shoal_availability_is_fast (s->peer) || !shoal_swarm_serves (s))
    return;
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->state != SHOAL_NEIGHBOUR_UP || !n->interested || shoal_bitmap_get (&n->have, block))
        continue;
      shoal_availability_flush (n, now);
      shoal_peer_mark_dirty (s->peer, n);
    }
}

void
shoal_availability_tick (ShoalNeighbour *n, ShoalTime now)
{
  uint32_t untold = shoal_availability_untold (n);
  if (untold == 0)
    return;
  ShoalPeer *p = n->swarm->peer;
  bool starving = n->interested && n->wanting > 0 && n->wanting < untold + STARVING;
  if (untold < BATCH && !starving && !n->swarm->complete && now - n->told_at < MAX (16 * p->tick_ns, NEWS_NS))
    return;
  shoal_availability_flush (n, now);
  if (shoal_channel_can_send (&n->channel))
    shoal_peer_mark_dirty (p, n);
}

void
shoal_availability_learn (ShoalNeighbour *n, uint32_t block)
{
  ShoalSwarm *s = n->swarm;
  if (!shoal_bitmap_set (&n->have, block))
    return;
  s->availability[block]++;
  n->wanting -= shoal_soon_or_held (s, block);
  if (shoal_bitmap_get (&s->have, block))
    return;
  n->useful++;
  s->reached_holder = true;
  shoal_download_news (n);
}

void
shoal_availability_unlearn (ShoalNeighbour *n, uint32_t block)
{
  ShoalSwarm *s = n->swarm;
  if (block >= n->have.bits || !shoal_bitmap_unset (&n->have, block))
    return;
  s->availability[block]--;
  shoal_bitmap_unset (&n->soon, block);
  n->wanting += shoal_soon_or_held (s, block);
  if (shoal_bitmap_get (&s->have, block))
    shoal_availability_tell_held (n, block); /* who has it, or will have it, need not have been told */
  else
    n->useful--;
}

void
shoal_availability_forget (ShoalNeighbour *n)
{
  for (uint32_t i = 0; i < n->have.bits; i++)
    if (shoal_bitmap_get (&n->have, i))
      n->swarm->availability[i]--;
  shoal_bitmap_clear (&n->have);
  shoal_bitmap_clear (&n->soon);
  n->useful = n->wanting = 0;
}

static bool
on_bitfield (ShoalNeighbour *n, ShoalReader r)
{
  uint64_t offset = shoal_read_varint (&r);
  if (r.failed || offset + r.left > shoal_bitmap_wire_bytes (&n->have))
    return false;
  for (uint64_t bit = offset * 8; r.left > 0; bit += 8)
    for (uint8_t byte = shoal_read_u8 (&r), i = 0; byte; byte = (uint8_t)(byte << 1), i++)
      if (byte & 0x80)
        {
          if (bit + i >= n->have.bits)
            return false;
          shoal_soon_came (n, (uint32_t)(bit + i));
          shoal_lending_heard (n, (uint32_t)(bit + i));
          shoal_availability_learn (n, (uint32_t)(bit + i));
        }
  return true;
}

static bool
on_have (ShoalNeighbour *n, ShoalReader r, uint8_t type)
{
  for (uint64_t block = 0; r.left > 0;)
    {
      block += shoal_read_varint (&r);
      if (r.failed || block >= n->have.bits)
        return false;
      if (type == SHOAL_MESSAGE_SOON)
        shoal_soon_heard (n, (uint32_t)block);
      else
        {
          shoal_soon_came (n, (uint32_t)block);
          if (!shoal_lending_heard (n, (uint32_t)block))
            shoal_availability_learn (n, (uint32_t)block);
        }
    }
  return true;
}

bool
shoal_availability_receive (ShoalNeighbour *n, ShoalTime now, const ShoalMessage *m)
{
  (void)now;
  if (!n->swarm->has_info)
    return true; /* cannot be read without the dictionary; those who have blocks send it first */
  if (m->type == SHOAL_MESSAGE_BITFIELD)
    return on_bitfield (n, m->body);
  if (m->type == SHOAL_MESSAGE_HAVE || m->type == SHOAL_MESSAGE_SOON)
    return on_have (n, m->body, m->type);
  shoal_lending_heard_all (n);
  for (uint32_t i = 0; i < n->have.bits && !shoal_bitmap_full (&n->have); i++)
    shoal_availability_learn (n, i);
  for (uint32_t i = 0; n->soon.set > 0; i++)
    shoal_bitmap_unset (&n->soon, i);
  return true;
}
