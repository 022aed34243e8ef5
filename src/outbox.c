/* What is sent next: welcomes and farewells, the tracker, control messages, replies to strangers, data. */
#include "src/peer-internal.h"

#define REPLIES_IN_TURN 4u

void
shoal_peer_mark_dirty (ShoalPeer *p, ShoalNeighbour *n)
{
  if (n->dirty || n->state == SHOAL_NEIGHBOUR_GONE)
    return;
  n->dirty = true;
  g_queue_push_tail (&p->dirty, n);
}

void
shoal_peer_send_first (ShoalPeer *p, const ShoalAddr *to, const ShoalWriter *w)
{
  ShoalRaw raw = { .to = *to, .length = (uint8_t)w->length };
  g_assert (!w->failed && w->length <= SHOAL_RAW_BYTES);
  memcpy (raw.bytes, w->bytes, w->length);
  g_array_append_val (p->raw, raw);
  p->raw_made++;
}

/* Strangers may be many: what does not fit is dropped, and they will ask again. */
void
shoal_peer_send_raw (ShoalPeer *p, const ShoalAddr *to, const ShoalWriter *w)
{
  if (p->replies_count == SHOAL_RAW_MAX || w->failed)
    return;
  ShoalRaw *raw = &p->replies[(p->replies_first + p->replies_count++) % SHOAL_RAW_MAX];
  raw->to = *to;
  raw->length = (uint8_t)w->length;
  memcpy (raw->bytes, w->bytes, w->length);
}

static bool
write_raw (const ShoalRaw *raw, ShoalDatagram *out)
{
  out->to = raw->to;
  out->head_bytes = raw->length;
  memcpy (out->head, raw->bytes, raw->length);
  return true;
}

static bool
next_first (ShoalPeer *p, ShoalDatagram *out)
{
  if (p->raw_taken == p->raw_made)
    return false;
  write_raw (&g_array_index (p->raw, ShoalRaw, p->raw_taken++), out);
  if (p->raw_taken == p->raw_made)
    p->raw_taken = p->raw_made = 0, g_array_set_size (p->raw, 0);
  return true;
}

/* A flood of strangers must not keep the uplink from neighbours: a few replies, then a part of data. */
static bool
next_reply (ShoalPeer *p, ShoalDatagram *out)
{
  if (p->replies_count == 0 || (p->replies_in_turn >= REPLIES_IN_TURN && shoal_upload_has_data (p)))
    return false;
  const ShoalRaw *raw = &p->replies[p->replies_first];
  p->replies_first = (p->replies_first + 1) % SHOAL_RAW_MAX;
  p->replies_count--;
  p->replies_in_turn++;
  return write_raw (raw, out);
}

/* What is left for messages beside so much data: of the header, and of what the path takes. */
static size_t
chunk_room (const ShoalNeighbour *n, size_t data_bytes, size_t data_head_bytes)
{
  size_t room = SHOAL_HEAD_MAX_BYTES - SHOAL_SESSION_MAX_BYTES - data_head_bytes;
  size_t most = n->path_bytes, used = SHOAL_SESSION_MAX_BYTES + data_bytes;
  return most == 0 ? room : MIN (room, most > used ? most - used : 0);
}

/* When a datagram of this size is on the network that the uplink takes now. */
static uint32_t
sent_us (const ShoalPeer *p, ShoalTime now, size_t bytes)
{
  uint64_t rate = p->options.upload_bytes_per_s;
  return (uint32_t)((uint64_t)(now / SHOAL_US) + (rate ? bytes * 1000000 / rate : 0));
}

/* A datagram of a session: acknowledgement, a chunk of messages if there is one, data if asked for. */
static void
write_session (ShoalPeer *p, ShoalNeighbour *n, ShoalTime now, bool with_data, ShoalDatagram *out)
{
  uint8_t data[16 + SHOAL_MERKLE_MAX_LEVELS * SHOAL_HASH_BYTES];
  ShoalWriter data_writer = shoal_writer (data, sizeof data), w = shoal_writer (out->head, sizeof out->head);
  if (with_data)
    shoal_upload_write (p, now, &data_writer, &out->payload);
  shoal_availability_flush (n, now);
  ShoalSession session = { .cid = n->tx_cid,
                           .ack = n->channel.expected,
                           .sack = shoal_channel_sack (&n->channel) };
  size_t length = 0,
         room = chunk_room (n, data_writer.length + out->payload.length_bytes, data_writer.length);
  const uint8_t *chunk = shoal_channel_take (&n->channel, now, room, &session.chunk, &length);
  session.has_chunk = chunk != NULL;
  session.has_time = with_data;
  session.time_us =
      sent_us (p, now, SHOAL_SESSION_MAX_BYTES + length + data_writer.length + out->payload.length_bytes);
  shoal_write_session (&w, &session);
  if (chunk)
    shoal_write_bytes (&w, chunk, length);
  shoal_write_bytes (&w, data, data_writer.length);
  n->channel.ack_due = n->channel.ack_now = false;
  n->spoke_at = now;
  out->to = n->addr;
  out->head_bytes = (uint16_t)w.length;
  if (shoal_channel_can_send (&n->channel) && (with_data || chunk))
    shoal_peer_mark_dirty (p, n);
}

static bool
next_control (ShoalPeer *p, ShoalTime now, ShoalDatagram *out)
{
  ShoalNeighbour *n;
  while ((n = g_queue_pop_head (&p->dirty)))
    {
      n->dirty = false;
      out->to = n->addr;
      if (n->hello_due)
        {
          ShoalWriter w = shoal_writer (out->head, sizeof out->head);
          shoal_handshake_datagram (n, now, &w);
          out->head_bytes = (uint16_t)w.length;
          return true;
        }
      if (n->state != SHOAL_NEIGHBOUR_UP || !(n->channel.ack_due || shoal_channel_can_send (&n->channel)))
        continue;
      bool with_data = n->queued > 0 && p->dirty.length == 0 && shoal_upload_next (p) == n;
      write_session (p, n, now, with_data, out);
      return true;
    }
  return false;
}

static bool
next_data (ShoalPeer *p, ShoalTime now, ShoalDatagram *out)
{
  ShoalNeighbour *n = shoal_upload_next (p);
  if (!n)
    return false;
  write_session (p, n, now, true, out);
  p->replies_in_turn = 0;
  return true;
}

static bool
next_announce (ShoalPeer *p, ShoalTime now, ShoalDatagram *out)
{
  if (!p->announcer_changed)
    return false;
  if (shoal_announcer_next_datagram (p->announcer, now, out))
    return true;
  p->announcer_changed = false;
  p->announcer_at = shoal_announcer_deadline (p->announcer);
  return false;
}

bool
shoal_outbox_next (ShoalPeer *p, ShoalTime now, ShoalDatagram *out)
{
  return next_first (p, out) || next_announce (p, now, out) || next_control (p, now, out)
         || next_reply (p, out) || next_data (p, now, out);
}
