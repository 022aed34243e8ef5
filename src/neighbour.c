/* A neighbour's life, and the messages of its session. */
#include "src/peer-internal.h"

#define ACK_DELAY_NS (100 * SHOAL_MS)
#define KEEPALIVE_NS (45 * SHOAL_SECOND)
#define SILENT_NS (120 * SHOAL_SECOND)
#define ANSWER_NS (3 * SHOAL_SECOND) /* a neighbour that owes data is pinged after this silence */
#define TIMEOUTS_MAX 4
#define PEERS_TOLD 8u
#define PEERS_BELIEVED 16u /* addresses taken from one PEERS */
#define CREDITS_FIRST 4u
#define STRAYS_FIRST 8u
#define WAITING_MAX (64u << 10) /* bytes of messages that one who does not acknowledge may make us keep */
#define SILENCE_NS (10 * SHOAL_SECOND)

/* The low bits of a connection id find the neighbour, the others keep strangers from guessing it. */
static uint32_t
take_slot (ShoalPeer *p, ShoalNeighbour *n)
{
  uint32_t slot = p->slots->len;
  if (p->free_slots->len > 0)
    {
      slot = g_array_index (p->free_slots, uint32_t, p->free_slots->len - 1);
      g_array_set_size (p->free_slots, p->free_slots->len - 1);
      p->slots->pdata[slot] = n;
    }
  else
    g_ptr_array_add (p->slots, n);
  p->sessions++;
  return ((uint32_t)shoal_random_u64 (&p->random) | 1) << SHOAL_SLOT_BITS | slot;
}

static void
free_slot (ShoalPeer *p, uint32_t cid)
{
  uint32_t slot = cid & SHOAL_SLOT_MASK;
  p->slots->pdata[slot] = NULL;
  g_array_append_val (p->free_slots, slot);
  p->sessions--;
}

ShoalNeighbour *
shoal_neighbour_new (ShoalSwarm *s, ShoalTime now, const ShoalAddr *addr)
{
  ShoalPeer *p = s->peer;
  ShoalNeighbour *n = g_new0 (ShoalNeighbour, 1);
  n->swarm = s;
  n->addr = *addr;
  n->path_bytes = shoal_addr_loopback (addr) ? 0 : p->options.max_datagram_bytes;
  n->state = SHOAL_NEIGHBOUR_CALLING;
  n->rx_cid = take_slot (p, n);
  n->order = p->neighbours_made++;
  n->source = n->suggested = n->promised = UINT32_MAX;
  n->choked = n->choked_by = true;
  n->credit_number = s->peer->up.credits_made;
  n->heard_at = n->spoke_at = n->told_at = now;
  n->hello_at = SHOAL_NEVER;
  n->credit_limit = CREDITS_FIRST;
  n->strays = STRAYS_FIRST;
  shoal_path_init (&n->path, now);
  shoal_channel_init (&n->channel);
  g_queue_init (&n->asked);
  if (s->has_info)
    {
      shoal_bitmap_init (&n->have, s->blocks);
      shoal_bitmap_init (&n->soon, s->blocks);
    }
  g_ptr_array_add (s->neighbours, n);
  return n;
}

void
shoal_neighbour_say (ShoalNeighbour *n, uint8_t type)
{
  shoal_channel_message (&n->channel, type, 0);
  shoal_peer_mark_dirty (n->swarm->peer, n);
}

void
shoal_neighbour_say_block (ShoalNeighbour *n, uint8_t type, uint32_t block)
{
  ShoalWriter w = shoal_channel_message (&n->channel, type, shoal_varint_bytes (block));
  shoal_write_varint (&w, block);
  shoal_peer_mark_dirty (n->swarm->peer, n);
}

void
shoal_neighbour_say_interest (ShoalNeighbour *n, bool interested)
{
  ShoalWriter w = shoal_channel_message (&n->channel, SHOAL_MESSAGE_INTEREST, 1);
  shoal_write_u8 (&w, interested);
  shoal_peer_mark_dirty (n->swarm->peer, n);
}

void
shoal_neighbour_send_info (ShoalNeighbour *n)
{
  const ShoalFile *file = &n->swarm->file;
  ShoalWriter w = shoal_channel_message (&n->channel, SHOAL_MESSAGE_INFO, file->dictionary_bytes);
  shoal_write_bytes (&w, file->dictionary, file->dictionary_bytes);
  n->needs_info = false;
  shoal_peer_mark_dirty (n->swarm->peer, n);
}

/* A few others whom it may not know. */
static void
send_peers (ShoalNeighbour *n)
{
  ShoalSwarm *s = n->swarm;
  if (s->peer->options.no_peer_exchange)
    return;
  uint8_t bytes[PEERS_TOLD * 19];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  guint count = s->neighbours->len, start = count ? shoal_random_below (&s->peer->random, count) : 0;
  for (guint i = 0, told = 0; i < count && told < PEERS_TOLD; i++)
    {
      const ShoalNeighbour *other = s->neighbours->pdata[(start + i) % count];
      if (other == n || other->state != SHOAL_NEIGHBOUR_UP)
        continue;
      shoal_write_addr (&w, &other->addr);
      told++;
    }
  if (w.length == 0)
    return;
  ShoalWriter message = shoal_channel_message (&n->channel, SHOAL_MESSAGE_PEERS, w.length);
  shoal_write_bytes (&message, bytes, w.length);
}

void
shoal_neighbour_up (ShoalNeighbour *n, ShoalTime now, uint8_t hello_flags)
{
  ShoalSwarm *s = n->swarm;
  n->state = SHOAL_NEIGHBOUR_UP;
  n->hello_due = false;
  n->heard_at = now;
  n->needs_info = hello_flags & SHOAL_HELLO_NEEDS_INFO;
  n->interested = hello_flags & SHOAL_HELLO_INTERESTED;
  n->wanting = s->have.set + s->soon.set;
  ShoalCandidate *candidate = shoal_swarm_candidate (s, &n->addr);
  n->met_turn = n->served_turn = s->turn;
  if (candidate)
    {
      candidate->tries = 0;
      candidate->met_turn = MIN (candidate->met_turn, s->turn);
      n->met_turn = candidate->met_turn;
    }
  shoal_peer_emit (s->peer, SHOAL_EVENT_NEIGHBOUR_UP, s, &n->addr, 0);
  if (n->needs_info && s->has_info)
    shoal_neighbour_send_info (n);
  shoal_availability_tell_all (n);
  send_peers (n);
  shoal_choking_apply (n, now);
  shoal_peer_mark_dirty (s->peer, n);
  shoal_peer_arm (s->peer, now);
  s->peer->up.look = true;
}

static void
say_goodbye (ShoalNeighbour *n, ShoalDownReason reason)
{
  uint8_t bytes[SHOAL_RAW_BYTES];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalSession session = { .cid = n->tx_cid, .ack = n->channel.expected };
  shoal_write_session (&w, &session);
  shoal_write_message (&w, SHOAL_MESSAGE_GOODBYE, 1);
  shoal_write_u8 (&w, (uint8_t)reason);
  shoal_peer_send_first (n->swarm->peer, &n->addr, &w);
}

void
shoal_neighbour_down (ShoalNeighbour *n, ShoalTime now, ShoalDownReason reason, bool farewell)
{
  ShoalSwarm *s = n->swarm;
  ShoalPeer *p = s->peer;
  if (n->state == SHOAL_NEIGHBOUR_GONE)
    return;
  if (n->state == SHOAL_NEIGHBOUR_UP)
    {
      shoal_peer_emit (p, SHOAL_EVENT_NEIGHBOUR_DOWN, s, &n->addr, reason);
      if (farewell)
        say_goodbye (n, reason);
    }
  shoal_upload_withdraw (n);
  shoal_lending_give_up (n);
  shoal_download_withdraw (n);
  shoal_availability_forget (n);
  n->state = SHOAL_NEIGHBOUR_GONE;
  if (n->dirty)
    g_queue_remove (&p->dirty, n);
  free_slot (p, n->rx_cid);
  g_ptr_array_remove (s->neighbours, n);
  g_ptr_array_add (p->gone, n);
  p->gone_count++;
  shoal_peer_arm (p, now);
}

/* ---- messages ---- */

static void
on_interest (ShoalNeighbour *n, ShoalTime now, ShoalReader body)
{
  n->interested = shoal_read_u8 (&body) != 0;
  shoal_choking_apply (n, now);
}

void
shoal_neighbour_choked_by (ShoalNeighbour *n, bool choked)
{
  if (n->choked_by == choked)
    return;
  n->choked_by = choked;
  if (choked)
    shoal_download_withdraw (n);
  shoal_peer_emit (n->swarm->peer, choked ? SHOAL_EVENT_CHOKED_BY : SHOAL_EVENT_UNCHOKED_BY, n->swarm,
                   &n->addr, 0);
}

static void
on_peers (ShoalNeighbour *n, ShoalTime now, ShoalReader body)
{
  ShoalAddr addr;
  if (n->swarm->peer->options.no_peer_exchange)
    return;
  for (unsigned i = 0; i < PEERS_BELIEVED && body.left > 0 && shoal_read_addr (&body, &addr); i++)
    shoal_swarm_add_candidate (n->swarm, &addr);
  shoal_swarm_connect (n->swarm, now);
}

static void
on_block_message (ShoalNeighbour *n, ShoalTime now, uint8_t type, ShoalReader body)
{
  uint32_t block = shoal_read_varint (&body);
  if (body.failed)
    return;
  if (type == SHOAL_MESSAGE_CANCEL)
    shoal_upload_cancel (n, block);
  else if (type == SHOAL_MESSAGE_SENT)
    shoal_download_sent (n, now, block);
  else if (type == SHOAL_MESSAGE_LOST)
    shoal_availability_unlearn (n, block);
  else
    shoal_download_rejected (n, now, block);
}

static void
on_progress (ShoalNeighbour *n, ShoalReader body)
{
  uint64_t blocks = shoal_read_varint (&body);
  if (!body.failed)
    n->progress = (uint32_t)MIN (blocks, n->have.bits);
}

static void
on_request (ShoalNeighbour *n, ShoalTime now, ShoalReader body)
{
  ShoalRequest request;
  if (shoal_read_request (&body, &request))
    shoal_upload_request (n, now, &request);
}

static void
handle (ShoalNeighbour *n, ShoalTime now, const ShoalMessage *m)
{
  switch (m->type)
    {
    case SHOAL_MESSAGE_GOODBYE:
      shoal_neighbour_down (n, now, SHOAL_DOWN_GOODBYE, false);
      break;
    case SHOAL_MESSAGE_INFO:
      if (shoal_swarm_info_received (n->swarm, now, m->body.at, m->body.left))
        break;
      shoal_swarm_avoid (n->swarm, now, &n->addr); /* for a minute: it may be right next time */
      shoal_neighbour_down (n, now, SHOAL_DOWN_BAD_DATA, true);
      break;
    case SHOAL_MESSAGE_BITFIELD:
    case SHOAL_MESSAGE_HAVE_ALL:
    case SHOAL_MESSAGE_HAVE:
    case SHOAL_MESSAGE_SOON:
      if (!shoal_availability_receive (n, now, m))
        shoal_neighbour_down (n, now, SHOAL_DOWN_PROTOCOL, true);
      break;
    case SHOAL_MESSAGE_INTEREST:
      on_interest (n, now, m->body);
      break;
    case SHOAL_MESSAGE_CHOKE:
    case SHOAL_MESSAGE_UNCHOKE:
      shoal_neighbour_choked_by (n, m->type == SHOAL_MESSAGE_CHOKE);
      break;
    case SHOAL_MESSAGE_CREDIT:
      shoal_download_credit (n, now, m->body);
      break;
    case SHOAL_MESSAGE_PROGRESS:
      on_progress (n, m->body);
      break;
    case SHOAL_MESSAGE_REQUEST:
      on_request (n, now, m->body);
      break;
    case SHOAL_MESSAGE_CANCEL:
    case SHOAL_MESSAGE_SENT:
    case SHOAL_MESSAGE_REJECT:
    case SHOAL_MESSAGE_LOST:
      on_block_message (n, now, m->type, m->body);
      break;
    case SHOAL_MESSAGE_PEERS:
      on_peers (n, now, m->body);
      break;
    default:
      break; /* PING, or of a later version */
    }
}

/* ---- datagrams ---- */

static void
unknown_session (ShoalPeer *p, const ShoalAddr *from, uint32_t cid)
{
  uint8_t bytes[SHOAL_RAW_BYTES];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  p->machine.counters.unknown_datagrams++;
  shoal_write_reset (&w, cid);
  shoal_peer_send_raw (p, from, &w);
}

static void
handle_all (ShoalNeighbour *n, ShoalTime now, ShoalReader r)
{
  ShoalMessage m;
  while (n->state == SHOAL_NEIGHBOUR_UP && shoal_read_message (&r, &m))
    handle (n, now, &m);
}

/* Those that came before their turn, whose turn it is now. */
static void
handle_held (ShoalNeighbour *n, ShoalTime now)
{
  uint8_t *bytes;
  size_t length;
  while (n->state == SHOAL_NEIGHBOUR_UP && (bytes = shoal_channel_next_held (&n->channel, &length)))
    {
      handle_all (n, now, shoal_reader (bytes, length));
      g_free (bytes);
    }
}

/* Handles the messages, unless they are of a chunk whose turn it is not; leaves the reader at the data. */
static void
read_messages (ShoalNeighbour *n, ShoalTime now, ShoalReader *r, const ShoalSession *session)
{
  ShoalReader messages = *r;
  ShoalMessage m;
  while (shoal_read_message (r, &m))
    ;
  messages.left = (size_t)(r->at - messages.at);
  if (session->has_chunk
      && !shoal_channel_received (&n->channel, now, session->chunk, messages.at, messages.left))
    return;
  handle_all (n, now, messages);
  if (session->has_chunk)
    handle_held (n, now);
}

/* It makes us answer more than it acknowledges. */
static bool
overdone (const ShoalNeighbour *n)
{
  return shoal_channel_waiting (&n->channel) > WAITING_MAX + 2 * shoal_bitmap_wire_bytes (&n->have);
}

static size_t
bytes_of (const ShoalInput *input)
{
  return input->head_bytes + input->tail_bytes;
}

void
shoal_neighbour_receive (ShoalPeer *p, ShoalTime now, const ShoalInput *input)
{
  ShoalReader r = shoal_reader (input->head, input->head_bytes);
  ShoalSession session;
  if (!shoal_read_session (&r, &session))
    {
      p->machine.counters.malformed_datagrams++;
      return;
    }
  ShoalNeighbour *n = shoal_peer_neighbour (p, session.cid);
  if (!n || !shoal_addr_equal (&n->addr, &input->from))
    {
      unknown_session (p, &input->from, session.cid);
      return;
    }
  if (n->state == SHOAL_NEIGHBOUR_CALLING)
    shoal_handshake_overtaken (n, now);
  if (n->state != SHOAL_NEIGHBOUR_UP || !shoal_channel_acked (&n->channel, now, session.ack, session.sack))
    {
      p->machine.counters.unknown_datagrams++;
      return;
    }
  n->heard_at = now;
  read_messages (n, now, &r, &session);
  if (n->state == SHOAL_NEIGHBOUR_UP && !r.failed && r.left > 0)
    {
      if (session.has_time)
        shoal_path_data (n, shoal_downlink_arrived_at (p, now, input), session.time_us,
                         (uint32_t)bytes_of (input));
      shoal_download_data (n, now, r, input);
    }
  if (r.failed)
    p->machine.counters.malformed_datagrams++;
  if (n->state == SHOAL_NEIGHBOUR_UP && (n->channel.ack_now || n->channel.lost > 0))
    shoal_peer_mark_dirty (p, n);
  if (n->state == SHOAL_NEIGHBOUR_UP && overdone (n))
    shoal_neighbour_down (n, now, SHOAL_DOWN_PROTOCOL, true);
}

/* ---- time ---- */

bool
shoal_neighbour_busy (const ShoalNeighbour *n)
{
  const ShoalChannel *c = &n->channel;
  return n->state == SHOAL_NEIGHBOUR_CALLING || c->count > 0 || c->ack_due || shoal_channel_waiting (c) > 0
         || shoal_availability_untold (n) > 0 || n->asked.head || n->queued > 0
         || (n->credits_out > 0 && !n->credits_stale);
}

static bool
silent (const ShoalNeighbour *n, ShoalTime now)
{
  ShoalTime silence = shoal_downlink_silence_ns (n->swarm->peer, now, n->heard_at);
  bool unanswered = n->channel.timeouts >= TIMEOUTS_MAX && silence > SILENCE_NS;
  return unanswered || n->channel.timeouts >= 2 * TIMEOUTS_MAX || silence > SILENT_NS;
}

static void
keep_alive (ShoalNeighbour *n, ShoalTime now)
{
  bool owes = n->asked.head && now - n->heard_at > ANSWER_NS;
  bool quiet = now - n->spoke_at > KEEPALIVE_NS;
  if ((owes || quiet) && n->channel.count == 0 && shoal_channel_waiting (&n->channel) == 0)
    shoal_neighbour_say (n, SHOAL_MESSAGE_PING);
}

bool
shoal_neighbour_tick (ShoalNeighbour *n, ShoalTime now)
{
  if (n->state == SHOAL_NEIGHBOUR_CALLING)
    {
      shoal_handshake_tick (n, now);
      return n->state != SHOAL_NEIGHBOUR_GONE;
    }
  if (shoal_channel_check (&n->channel, now))
    shoal_peer_mark_dirty (n->swarm->peer, n);
  if (silent (n, now))
    {
      shoal_neighbour_down (n, now, SHOAL_DOWN_SILENT, true);
      return false;
    }
  shoal_availability_tick (n, now);
  shoal_download_tick (n, now);
  if (n->state == SHOAL_NEIGHBOUR_GONE)
    return false;
  shoal_upload_tick (n, now);
  keep_alive (n, now);
  const ShoalChannel *c = &n->channel;
  if ((c->ack_due && now - c->ack_since_ns >= ACK_DELAY_NS) || shoal_channel_waiting (c) > 0)
    shoal_peer_mark_dirty (n->swarm->peer, n);
  return true;
}
