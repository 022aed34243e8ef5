/* The network of proxies: each node has an upload FIFO and a download FIFO; between two proxies
 * there is no delay and no loss, unless a scenario adds them (faults.c). */
#include "sim/faults.h"
#include "sim/node.h"
#include "sim/watch.h"

#define PORT 6881u
/* A real proxy's socket buffer is finite too; only a flood gets here. */
#define QUEUE_MAX_BYTES (4u << 20)
#define SPARE_BYTES 160u

ShoalAddr
shoal_network_address (unsigned number)
{
  unsigned host = number + 1;
  ShoalAddr addr = { .family = 4, .port = PORT };
  addr.ip[0] = 10;
  addr.ip[1] = (uint8_t)(host >> 16);
  addr.ip[2] = (uint8_t)(host >> 8);
  addr.ip[3] = (uint8_t)host;
  return addr;
}

ShoalSimNode *
shoal_network_find (ShoalWorld *world, const ShoalAddr *addr)
{
  if (addr->family != 4 || addr->ip[0] != 10 || addr->port != PORT)
    return NULL;
  unsigned host = (unsigned)addr->ip[1] << 16 | (unsigned)addr->ip[2] << 8 | addr->ip[3];
  return host >= 1 && host <= world->nodes->len ? world->nodes->pdata[host - 1] : NULL;
}

static size_t
packet_bytes (const ShoalPacket *packet)
{
  return (size_t)packet->head_bytes + packet->payload_bytes;
}

static int
number_of (const ShoalSimNode *node)
{
  return node ? (int)node->number : -1;
}

/* ---- up ---- */

/* Packets of the usual size are reused. */
static ShoalPacket *
take_packet (ShoalWorld *world, size_t bytes)
{
  if (bytes > SPARE_BYTES)
    return g_malloc (sizeof (ShoalPacket) + bytes);
  ShoalPacket *packet = world->spare;
  if (packet)
    world->spare = packet->next;
  return packet ? packet : g_malloc (sizeof (ShoalPacket) + SPARE_BYTES);
}

/* Bytes that are there: virtual payload is not. */
static size_t
stored_bytes (const ShoalPacket *packet)
{
  return (size_t)packet->head_bytes + (packet->has_payload ? packet->payload_bytes : 0);
}

static void
packet_free (ShoalWorld *world, ShoalPacket *packet)
{
  if (stored_bytes (packet) > SPARE_BYTES)
    {
      g_free (packet);
      return;
    }
  packet->next = world->spare;
  world->spare = packet;
}

void
shoal_network_clear_spare (ShoalWorld *world)
{
  while (world->spare)
    {
      ShoalPacket *packet = world->spare;
      world->spare = packet->next;
      g_free (packet);
    }
}

static ShoalPacket *
packet_new (ShoalSimNode *node, const ShoalDatagram *datagram)
{
  const ShoalPayload *payload = &datagram->payload;
  bool real = payload->length_bytes > 0 && !payload->content->is_virtual;
  ShoalPacket *packet = take_packet (node->world, datagram->head_bytes + (real ? payload->length_bytes : 0));
  packet->next = NULL;
  packet->to = datagram->to;
  packet->from = node->number;
  packet->head_bytes = datagram->head_bytes;
  packet->payload_bytes = payload->length_bytes;
  packet->has_payload = real;
  packet->corrupt = false;
  packet->payload_at = payload->offset_bytes;
  memcpy (packet->bytes, datagram->head, datagram->head_bytes);
  if (real
      && !payload->content->ops->read (payload->content, payload->offset_bytes,
                                       packet->bytes + datagram->head_bytes, payload->length_bytes))
    {
      packet_free (node->world, packet);
      return NULL;
    }
  return packet;
}

ShoalPacket *
shoal_network_copy (ShoalWorld *world, const ShoalPacket *packet)
{
  ShoalPacket *copy = take_packet (world, stored_bytes (packet));
  memcpy (copy, packet, sizeof *packet + stored_bytes (packet));
  return copy;
}

static bool
next_datagram (ShoalSimNode *node, ShoalDatagram *datagram)
{
  ShoalTime now = node->world->now;
  if (node->hostile && shoal_hostile_next (node->hostile, now, datagram))
    return true;
  if (!node->machine->ops->next_datagram (node->machine, now, datagram))
    return false;
  if (node->hostile)
    shoal_hostile_change (node->hostile, datagram);
  return true;
}

/* A bad payload: of virtual content it is enough to say so. */
static void
spoil (ShoalPacket *packet)
{
  if (packet->has_payload)
    packet->bytes[packet->head_bytes] ^= 0xff;
  else
    packet->corrupt = true;
}

void
shoal_network_pump (ShoalSimNode *node)
{
  ShoalWorld *world = node->world;
  while (!node->sending && !node->silent)
    {
      if (!next_datagram (node, &world->datagram))
        return;
      if (world->watch)
        world->watch->takes_uplink (world->watch, node, &world->datagram);
      ShoalPacket *packet = packet_new (node, &world->datagram);
      if (!packet)
        continue; /* its content cannot be read: as if lost */
      if (node->hostile && packet->payload_bytes > 0 && shoal_hostile_spoils (node->hostile))
        spoil (packet);
      node->sending = packet;
      ShoalTime end = shoal_link_serve (&node->uplink, world->now, packet_bytes (packet));
      shoal_event_queue_push (&world->queue, end, node->number, SHOAL_SIM_UPLINK);
    }
}

static void
serve_downlink (ShoalSimNode *node)
{
  ShoalWorld *world = node->world;
  node->service_at = MAX (world->now, node->downlink.free_at);
  ShoalTime end = shoal_link_serve (&node->downlink, world->now, packet_bytes (node->waiting));
  shoal_event_queue_push (&world->queue, end, node->number, SHOAL_SIM_DOWNLINK);
}

void
shoal_network_lose (ShoalWorld *world, const ShoalSimNode *to, ShoalPacket *packet)
{
  shoal_trace_dropped (world->trace, world->now, packet->from, number_of (to), packet_bytes (packet));
  packet_free (world, packet);
}

void
shoal_network_arrive (ShoalWorld *world, ShoalSimNode *to, ShoalPacket *packet)
{
  size_t bytes = packet_bytes (packet);
  if (!to || !to->started || to->silent || to->waiting_bytes + bytes > QUEUE_MAX_BYTES)
    {
      shoal_network_lose (world, to, packet);
      return;
    }
  packet->arrived_at = world->now;
  to->waiting_bytes += bytes;
  if (to->waiting)
    {
      to->last->next = packet;
      to->last = packet;
      return;
    }
  to->waiting = to->last = packet;
  serve_downlink (to);
}

void
shoal_network_uplink_done (ShoalSimNode *node)
{
  ShoalWorld *world = node->world;
  if (!node->sending || node->uplink.free_at != world->now)
    return; /* it was in service when the node crashed */
  ShoalPacket *packet = g_steal_pointer (&node->sending);
  size_t bytes = packet_bytes (packet);
  ShoalSimNode *to = shoal_network_find (world, &packet->to);
  node->sent_bytes += bytes;
  node->sent_datagrams++;
  shoal_samples_add (&node->samples, world->now, (uint32_t)bytes, 0);
  shoal_trace_sent (world->trace, world->now, node->number, number_of (to), bytes);
  if (world->watch)
    world->watch->sent (world->watch, node, bytes);
  if (world->faults)
    shoal_faults_carry (world, node, to, packet);
  else
    shoal_network_arrive (world, to, packet);
  shoal_world_after_step (node);
}

/* ---- down ---- */

static void
deliver (ShoalSimNode *node, const ShoalPacket *packet)
{
  ShoalWorld *world = node->world;
  const ShoalSimNode *from = world->nodes->pdata[packet->from];
  ShoalInput input = {
    .from = from->addr,
    .head = packet->bytes,
    .head_bytes = packet->head_bytes,
    .tail = packet->has_payload ? packet->bytes + packet->head_bytes : NULL,
    .tail_bytes = packet->payload_bytes,
    .tail_corrupt = packet->corrupt,
    .tail_at = packet->payload_at,
    .waited_ns = node->service_at - packet->arrived_at,
  };
  size_t bytes = packet_bytes (packet);
  node->received_bytes += bytes;
  node->received_datagrams++;
  shoal_samples_add (&node->samples, world->now, 0, (uint32_t)bytes);
  shoal_trace_delivered (world->trace, world->now, node->number, (int)packet->from, bytes);
  if (world->watch)
    world->watch->delivered (world->watch, node, bytes);
  node->machine->ops->receive (node->machine, world->now, &input);
}

void
shoal_network_downlink_done (ShoalSimNode *node)
{
  ShoalPacket *packet = node->waiting;
  if (!packet || node->downlink.free_at != node->world->now)
    return; /* it was in service when the node crashed */
  node->waiting = packet->next;
  node->waiting_bytes -= packet_bytes (packet);
  if (!node->silent)
    deliver (node, packet);
  packet_free (node->world, packet);
  if (node->waiting)
    serve_downlink (node);
  shoal_world_after_step (node);
}

void
shoal_network_forget (ShoalSimNode *node)
{
  g_clear_pointer (&node->sending, g_free);
  while (node->waiting)
    {
      ShoalPacket *packet = node->waiting;
      node->waiting = packet->next;
      g_free (packet);
    }
  node->waiting_bytes = 0;
}
