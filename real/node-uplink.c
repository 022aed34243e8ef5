/* The upload side of the proxy. The machine is asked for a datagram when the uplink is free; the datagram
 * occupies it for length / rate and goes onto the network at the end of that time. Woken late, the next
 * one starts where the last one ended, so that the average rate is exact; those that are through already
 * leave in one batch. */
#include "real/node-internal.h"

/* How much lateness is made up for. A host under load may wake us tens of milliseconds late, and the average
 * rate should not suffer; but a process that was stopped for a minute must not send a minute's worth at once.
 * So it is what makes a burst that fits into a proxy's download queue, between these two. */
#define BURST_BYTES ((uint64_t)4 << 20)
#define LATENESS_LOW_NS (100 * SHOAL_MS)
#define LATENESS_HIGH_NS SHOAL_SECOND
/* The system is out of buffers, and nobody tells when it has some. */
#define RETRY_NS SHOAL_MS

void
shoal_uplink_init (ShoalUplink *up, uint64_t rate_bytes_per_s)
{
  shoal_link_init (&up->link, rate_bytes_per_s);
  up->retry_at = SHOAL_NEVER;
  up->arena = g_malloc (SHOAL_BATCH_BYTES + SHOAL_DATAGRAM_MAX_BYTES); /* pages come with use */
}

void
shoal_uplink_clear (ShoalUplink *up)
{
  g_clear_pointer (&up->arena, g_free);
}

static void
count_sent (ShoalRealNode *node, size_t bytes)
{
  node->stats.sent_datagrams++;
  node->stats.sent_bytes += bytes;
  if (node->keeps_samples)
    shoal_samples_add (&node->samples, node->now - shoal_loop_origin (node->loop), (uint32_t)bytes, 0);
}

/* ---- through a socket ---- */

/* What is still in service moves to the front, so that the same few pages are used over and over. */
static void
forget_sent (ShoalUplink *up, unsigned sent)
{
  up->count -= sent;
  memmove (up->datagrams, up->datagrams + sent, up->count * sizeof *up->datagrams);
  up->used = up->count == 0 ? 0 : up->used;
  if (up->count != 1 || up->datagrams[0].bytes == up->arena)
    return;
  memmove (up->arena, up->datagrams[0].bytes, up->datagrams[0].length);
  up->datagrams[0].bytes = up->arena;
  up->used = up->datagrams[0].length;
}

/* Sends all that is not in service any more. False: the socket is full. */
static bool
flush (ShoalRealNode *node)
{
  ShoalUplink *up = &node->up;
  unsigned ready = up->count - up->serving, errors;
  if (ready == 0)
    return true;
  unsigned sent = shoal_udp_send (node->udp, up->datagrams, ready, &errors, &node->trouble);
  node->stats.send_errors += errors;
  for (unsigned i = 0; i < sent; i++)
    count_sent (node, up->datagrams[i].length);
  forget_sent (up, sent);
  up->blocked = sent < ready;
  if (up->blocked && !shoal_udp_full (node->udp))
    up->retry_at = node->now + RETRY_NS;
  return !up->blocked;
}

/* False: it cannot be sent, and is as if lost. */
static bool
compose (const ShoalDatagram *datagram, uint8_t *into)
{
  const ShoalPayload *payload = &datagram->payload;
  memcpy (into, datagram->head, datagram->head_bytes);
  return payload->length_bytes == 0
         || payload->content->ops->read (payload->content, payload->offset_bytes, into + datagram->head_bytes,
                                         payload->length_bytes);
}

static size_t
length_of (const ShoalDatagram *datagram)
{
  return (size_t)datagram->head_bytes + datagram->payload.length_bytes;
}

static bool
ask_machine (ShoalRealNode *node, ShoalDatagram *datagram)
{
  return !node->silent && node->machine->ops->next_datagram (node->machine, node->now, datagram);
}

/* False: it is too large for any socket, or its content cannot be read. */
static bool
put_in_arena (ShoalRealNode *node, const ShoalDatagram *datagram)
{
  ShoalUplink *up = &node->up;
  size_t length = length_of (datagram);
  uint8_t *bytes = up->arena + up->used;
  if (length > SHOAL_DATAGRAM_MAX_BYTES)
    {
      node->stats.send_errors++;
      node->trouble = "the datagram is too large";
      return false;
    }
  if (!compose (datagram, bytes))
    return false;
  up->datagrams[up->count++] = (ShoalUdpSend){ .to = datagram->to, .bytes = bytes, .length = length };
  up->used += length;
  return true;
}

ShoalTime
shoal_uplink_earliest (const ShoalLink *link, ShoalTime now)
{
  uint64_t rate = link->rate_bytes_per_s;
  if (rate == 0)
    return now;
  ShoalTime burst_ns = (ShoalTime)(BURST_BYTES * (uint64_t)SHOAL_SECOND / rate);
  return now - CLAMP (burst_ns, LATENESS_LOW_NS, LATENESS_HIGH_NS);
}

/* The next datagram starts its service. False: the machine has none. */
static bool
serve_next (ShoalRealNode *node)
{
  ShoalUplink *up = &node->up;
  if (!ask_machine (node, &up->next))
    {
      up->busy = false;
      return false;
    }
  if (!put_in_arena (node, &up->next))
    return true;
  ShoalTime earliest = up->busy ? shoal_uplink_earliest (&up->link, node->now) : node->now;
  shoal_link_serve (&up->link, earliest, up->datagrams[up->count - 1].length);
  up->serving = up->busy = true;
  return true;
}

static bool
batch_is_full (const ShoalUplink *up)
{
  return up->count == SHOAL_BATCH_DATAGRAMS || up->used > SHOAL_BATCH_BYTES;
}

static void
pump_socket (ShoalRealNode *node)
{
  ShoalUplink *up = &node->up;
  unsigned asked = 0;
  up->more = false;
  while (!up->blocked)
    {
      if (up->serving && up->link.free_at > node->now)
        break;
      up->serving = false;
      up->more = asked++ == SHOAL_BATCH_DATAGRAMS;
      if (up->more || (batch_is_full (up) && !flush (node)) || !serve_next (node))
        break;
    }
  if (!up->blocked)
    flush (node);
}

/* ---- through a transport ---- */

static void
pump_transport (ShoalRealNode *node)
{
  while (shoal_transport_free_to_send (node->transport) && ask_machine (node, &node->up.next))
    {
      const ShoalDatagram *datagram = &node->up.next;
      size_t length = length_of (datagram);
      if (length > shoal_transport_max_bytes (node->transport))
        {
          node->stats.send_errors++;
          node->trouble = "the datagram is too large for the transport";
        }
      else if (compose (datagram, shoal_transport_slot (node->transport)))
        {
          shoal_transport_send (node->transport, &datagram->to, length);
          count_sent (node, length);
        }
    }
}

/* ---- either ---- */

void
shoal_uplink_pump (ShoalRealNode *node)
{
  if (node->udp)
    pump_socket (node);
  else
    pump_transport (node);
}

void
shoal_uplink_unblock (ShoalRealNode *node)
{
  node->up.blocked = false;
  node->up.retry_at = SHOAL_NEVER;
}

ShoalTime
shoal_uplink_deadline (const ShoalRealNode *node)
{
  const ShoalUplink *up = &node->up;
  if (up->blocked)
    return up->retry_at;
  if (up->more)
    return node->now;
  return up->serving ? up->link.free_at : SHOAL_NEVER;
}

bool
shoal_uplink_empty (const ShoalRealNode *node)
{
  return node->udp ? node->up.count == 0 : shoal_transport_free_to_send (node->transport);
}
