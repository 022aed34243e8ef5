#include "src/channel.h"
#include "src/wire.h"

#define RTO_FIRST_NS (1 * SHOAL_SECOND)
#define RTO_MIN_NS (200 * SHOAL_MS)
#define RTO_MAX_NS (8 * SHOAL_SECOND)
#define OLD_ACKS                                                                                             \
  256u /* older ones are forged: with the connection id, this is what a stranger has to guess */

void
shoal_channel_init (ShoalChannel *c)
{
  memset (c, 0, sizeof *c);
}

void
shoal_channel_clear (ShoalChannel *c)
{
  for (unsigned i = 0; c->held && i < SHOAL_CHANNEL_WINDOW; i++)
    g_free (c->held[i].bytes);
  g_free (c->held);
  g_free (c->buffer);
  memset (c, 0, sizeof *c);
}

ShoalWriter
shoal_channel_message (ShoalChannel *c, uint8_t type, size_t body_bytes)
{
  size_t bytes = shoal_message_bytes (body_bytes);
  g_assert (bytes <= SHOAL_CHANNEL_CHUNK_BYTES);
  if (c->length + bytes > c->room)
    {
      c->room = MAX (64, (c->length + bytes) * 2);
      c->buffer = g_realloc (c->buffer, c->room);
    }
  ShoalWriter w = shoal_writer (c->buffer + c->length, bytes);
  shoal_write_message (&w, type, body_bytes);
  c->length += bytes;
  return w;
}

bool
shoal_channel_can_send (const ShoalChannel *c)
{
  return c->lost > 0 || (shoal_channel_waiting (c) > 0 && c->count < SHOAL_CHANNEL_WINDOW);
}

static ShoalChunk *
chunk_at (ShoalChannel *c, uint16_t i)
{
  return &c->chunks[(uint16_t)(c->first_number + i) % SHOAL_CHANNEL_WINDOW];
}

static uint32_t
offset_of (ShoalChannel *c, uint16_t i)
{
  uint32_t offset = 0;
  for (uint16_t k = 0; k < i; k++)
    offset += chunk_at (c, k)->bytes;
  return offset;
}

/* As many whole messages from the waiting ones as fit into room. */
static size_t
whole_messages (const ShoalChannel *c, size_t room)
{
  room = MIN (room, SHOAL_CHANNEL_CHUNK_BYTES);
  ShoalReader r = shoal_reader (c->buffer + c->in_flight, shoal_channel_waiting (c));
  size_t all = r.left, fits = 0;
  if (all <= room)
    return all;
  ShoalMessage message;
  while (shoal_read_message (&r, &message) && all - r.left <= room)
    fits = all - r.left;
  return fits;
}

static const uint8_t *
take_again (ShoalChannel *c, ShoalTime now, size_t room, uint16_t *number, size_t *length)
{
  uint16_t i = 0;
  while (!chunk_at (c, i)->lost)
    i++;
  ShoalChunk *chunk = chunk_at (c, i);
  if (chunk->bytes > room)
    return NULL;
  *number = (uint16_t)(c->first_number + i);
  *length = chunk->bytes;
  chunk->sent_ns = now;
  chunk->resent = true;
  chunk->lost = false;
  c->lost--;
  return c->buffer + offset_of (c, i);
}

const uint8_t *
shoal_channel_take (ShoalChannel *c, ShoalTime now, size_t room, uint16_t *number, size_t *length)
{
  if (c->lost > 0)
    return take_again (c, now, room, number, length);
  if (shoal_channel_waiting (c) == 0 || c->count == SHOAL_CHANNEL_WINDOW)
    return NULL;
  size_t bytes = whole_messages (c, room);
  if (bytes == 0)
    return NULL;
  const uint8_t *at = c->buffer + c->in_flight;
  *chunk_at (c, c->count) = (ShoalChunk){ .bytes = (uint16_t)bytes, .sent_ns = now };
  *number = (uint16_t)(c->first_number + c->count);
  *length = bytes;
  c->count++;
  c->in_flight += (uint32_t)bytes;
  return at;
}

static void
measure (ShoalChannel *c, ShoalTime rtt)
{
  c->backoff = 0;
  if (c->srtt_ns == 0)
    {
      c->srtt_ns = rtt;
      c->rttvar_ns = rtt / 2;
      return;
    }
  ShoalTime error = rtt > c->srtt_ns ? rtt - c->srtt_ns : c->srtt_ns - rtt;
  c->rttvar_ns += (error - c->rttvar_ns) / 4;
  c->srtt_ns += (rtt - c->srtt_ns) / 8;
}

/* Chunk i of those in flight is known to have arrived. */
static void
arrived (ShoalChannel *c, ShoalTime now, uint16_t i)
{
  ShoalChunk *chunk = chunk_at (c, i);
  if (chunk->arrived)
    return;
  chunk->arrived = true;
  c->early++;
  c->lost -= chunk->lost;
  chunk->lost = false;
  c->timeouts = 0;
  if (chunk->resent) /* which sending of it arrived is not known */
    return;
  if (chunk->sent_ns > c->acked_sent_ns || c->srtt_ns == 0)
    measure (c, now - chunk->sent_ns);
  c->acked_sent_ns = MAX (c->acked_sent_ns, chunk->sent_ns);
}

static void
forget_first (ShoalChannel *c, uint16_t chunks)
{
  uint32_t gone = offset_of (c, chunks);
  c->early -= chunks; /* all of these have arrived */
  memmove (c->buffer, c->buffer + gone, c->length - gone);
  c->length -= gone;
  c->in_flight -= gone;
  c->first_number = (uint16_t)(c->first_number + chunks);
  c->count -= chunks;
}

/* Chunks sent before one that arrived, by more than the network can have held them up. */
static void
find_overtaken (ShoalChannel *c, ShoalTime now)
{
  if (c->early == 0)
    return;
  for (uint16_t i = 0; i < c->count; i++)
    {
      ShoalChunk *chunk = chunk_at (c, i);
      bool overtaken = !chunk->arrived && !chunk->lost && chunk->sent_ns < c->acked_sent_ns;
      if (!overtaken || now - chunk->sent_ns < c->srtt_ns + c->srtt_ns / 8)
        continue;
      chunk->lost = true;
      c->lost++;
    }
}

bool
shoal_channel_acked (ShoalChannel *c, ShoalTime now, uint16_t ack, uint16_t sack)
{
  uint16_t newly = (uint16_t)(ack - c->first_number);
  if (newly > c->count)
    return (uint16_t)(c->first_number - ack) < OLD_ACKS; /* a datagram that was overtaken */
  for (uint16_t i = newly; i-- > 0;)
    arrived (c, now, i);
  for (unsigned i = 16; i-- > 0;)
    if ((sack >> i) & 1 && newly + 1 + i < c->count)
      arrived (c, now, (uint16_t)(newly + 1 + i));
  if (newly > 0)
    forget_first (c, newly);
  if (sack)
    find_overtaken (c, now);
  return true;
}

static void
hold (ShoalChannel *c, uint16_t number, const uint8_t *bytes, size_t length)
{
  if (!c->held)
    c->held = g_new0 (ShoalHeldChunk, SHOAL_CHANNEL_WINDOW);
  ShoalHeldChunk *slot = &c->held[number % SHOAL_CHANNEL_WINDOW];
  if (slot->bytes || length == 0 || length > SHOAL_CHANNEL_CHUNK_BYTES)
    return;
  slot->bytes = g_memdup2 (bytes, length);
  slot->length = (uint16_t)length;
  c->held_count++;
}

bool
shoal_channel_received (ShoalChannel *c, ShoalTime now, uint16_t number, const uint8_t *bytes, size_t length)
{
  if (!c->ack_due)
    c->ack_since_ns = now;
  c->ack_due = true;
  if (number == c->expected)
    {
      c->expected++;
      c->ack_now |= c->held_count > 0;
      return true;
    }
  c->ack_now = true; /* something is missing there, or our acknowledgement */
  if ((uint16_t)(number - c->expected) < SHOAL_CHANNEL_WINDOW)
    hold (c, number, bytes, length);
  return false;
}

uint8_t *
shoal_channel_next_held (ShoalChannel *c, size_t *length)
{
  if (c->held_count == 0)
    return NULL;
  ShoalHeldChunk *slot = &c->held[c->expected % SHOAL_CHANNEL_WINDOW];
  if (!slot->bytes)
    return NULL;
  *length = slot->length;
  c->expected++;
  c->held_count--;
  return g_steal_pointer (&slot->bytes);
}

uint16_t
shoal_channel_sack (const ShoalChannel *c)
{
  uint16_t sack = 0;
  for (unsigned i = 0; c->held_count > 0 && i + 1 < SHOAL_CHANNEL_WINDOW; i++)
    if (c->held[(c->expected + 1 + i) % SHOAL_CHANNEL_WINDOW].bytes)
      sack |= (uint16_t)(1u << i);
  return sack;
}

ShoalTime
shoal_channel_usual_ns (const ShoalChannel *c)
{
  ShoalTime rto = c->srtt_ns ? c->srtt_ns + 4 * c->rttvar_ns : RTO_FIRST_NS;
  return CLAMP (rto, RTO_MIN_NS, RTO_MAX_NS);
}

ShoalTime
shoal_channel_rto (const ShoalChannel *c)
{
  return MIN (shoal_channel_usual_ns (c) << MIN (c->backoff, 4), RTO_MAX_NS);
}

static bool
timed_out (const ShoalChannel *c, ShoalTime now)
{
  const ShoalChunk *oldest = &c->chunks[c->first_number % SHOAL_CHANNEL_WINDOW];
  return c->count > 0 && c->lost == 0 && now - oldest->sent_ns >= shoal_channel_rto (c);
}

static void
lose_all (ShoalChannel *c)
{
  c->lost = 0;
  for (uint16_t i = 0; i < c->count; i++)
    {
      ShoalChunk *chunk = chunk_at (c, i);
      chunk->lost = !chunk->arrived;
      c->lost += chunk->lost;
    }
}

bool
shoal_channel_start_again (ShoalChannel *c)
{
  c->timeouts = c->backoff = 0;
  lose_all (c);
  return shoal_channel_can_send (c);
}

bool
shoal_channel_check (ShoalChannel *c, ShoalTime now)
{
  find_overtaken (c, now);
  if (timed_out (c, now))
    {
      c->timeouts = (uint8_t)MIN (c->timeouts + 1, 200);
      c->backoff = (uint8_t)MIN (c->backoff + 1, 200);
      lose_all (c);
    }
  return c->lost > 0;
}
