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
  return c->resend_done < c->resend || (shoal_channel_waiting (c) > 0 && c->count < SHOAL_CHANNEL_WINDOW);
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
  ShoalChunk *chunk = chunk_at (c, c->resend_done);
  if (chunk->bytes > room)
    return NULL;
  *number = (uint16_t)(c->first_number + c->resend_done);
  *length = chunk->bytes;
  chunk->sent_ns = now;
  chunk->resent = true;
  return c->buffer + offset_of (c, c->resend_done++);
}

const uint8_t *
shoal_channel_take (ShoalChannel *c, ShoalTime now, size_t room, uint16_t *number, size_t *length)
{
  if (c->resend_done < c->resend)
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

bool
shoal_channel_acked (ShoalChannel *c, ShoalTime now, uint16_t ack)
{
  uint16_t newly = (uint16_t)(ack - c->first_number);
  if (newly == 0)
    return true;
  if (newly > c->count)
    return (uint16_t)(c->first_number - ack) < OLD_ACKS; /* a datagram that was overtaken */
  ShoalChunk *last = chunk_at (c, (uint16_t)(newly - 1));
  if (!last->resent)
    measure (c, now - last->sent_ns);
  uint32_t gone = offset_of (c, newly);
  memmove (c->buffer, c->buffer + gone, c->length - gone);
  c->length -= gone;
  c->in_flight -= gone;
  c->first_number = ack;
  c->count -= newly;
  c->resend = c->resend > newly ? c->resend - newly : 0;
  c->resend_done = c->resend_done > newly ? c->resend_done - newly : 0;
  c->timeouts = 0;
  return true;
}

bool
shoal_channel_received (ShoalChannel *c, ShoalTime now, uint16_t number)
{
  if (!c->ack_due)
    c->ack_since_ns = now;
  c->ack_due = true;
  if (number != c->expected)
    return false;
  c->expected++;
  return true;
}

ShoalTime
shoal_channel_rto (const ShoalChannel *c)
{
  ShoalTime rto = c->srtt_ns ? c->srtt_ns + 4 * c->rttvar_ns : RTO_FIRST_NS;
  rto = CLAMP (rto, RTO_MIN_NS, RTO_MAX_NS);
  return MIN (rto << MIN (c->timeouts, 4), RTO_MAX_NS);
}

bool
shoal_channel_check (ShoalChannel *c, ShoalTime now)
{
  if (c->count == 0 || c->resend_done < c->resend)
    return false;
  if (now - chunk_at (c, 0)->sent_ns < shoal_channel_rto (c))
    return false;
  c->timeouts = (uint8_t)MIN (c->timeouts + 1, 200);
  c->resend = c->count;
  c->resend_done = 0;
  return true;
}
