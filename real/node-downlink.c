/* The download side of the proxy: FIFO; each datagram occupies the downlink from its arrival, or from the
 * end of the one before, for length / rate, and is given to the machine at the end of that time. When it
 * arrived is what the kernel says, so that being woken late changes nothing. */
#include "real/node-internal.h"

/* As in virtual time: only a flood gets here. */
#define QUEUE_MAX_BYTES ((size_t)4 << 20)
#define RECEIVE_ROOM 64u
/* Of one turn; other nodes of the loop want theirs. */
#define TURN_DATAGRAMS 256u

void
shoal_downlink_init (ShoalDownlink *down, uint64_t rate_bytes_per_s)
{
  shoal_link_init (&down->link, rate_bytes_per_s);
  shoal_datagram_queue_init (&down->waiting, QUEUE_MAX_BYTES);
}

void
shoal_downlink_clear (ShoalDownlink *down)
{
  shoal_datagram_queue_clear (&down->waiting);
}

/* Without a rate nothing is in service: what it waited, it waited in the kernel. */
static ShoalTime
waited (const ShoalRealNode *node, const ShoalQueued *datagram)
{
  bool limited = node->down.link.rate_bytes_per_s > 0;
  return MAX ((limited ? node->down.service_at : node->now) - datagram->arrived_at, 0);
}

static void
give (ShoalRealNode *node, const ShoalQueued *datagram)
{
  ShoalInput input = { .from = datagram->from,
                       .head = datagram->bytes,
                       .head_bytes = datagram->length,
                       .waited_ns = waited (node, datagram) };
  node->stats.received_datagrams++;
  node->stats.received_bytes += datagram->length;
  if (node->keeps_samples)
    shoal_samples_add (&node->samples, node->now - shoal_loop_origin (node->loop), 0,
                       (uint32_t)datagram->length);
  if (!node->silent)
    node->machine->ops->receive (node->machine, node->now, &input);
}

static void
begin_service (ShoalDownlink *down, const ShoalQueued *datagram)
{
  down->service_at = MAX (datagram->arrived_at, down->link.free_at);
  shoal_link_serve (&down->link, datagram->arrived_at, datagram->length);
}

void
shoal_downlink_deliver (ShoalRealNode *node)
{
  ShoalDownlink *down = &node->down;
  ShoalQueued first;
  bool any = shoal_datagram_queue_first (&down->waiting, &first);
  while (any && down->link.free_at <= node->now)
    {
      give (node, &first);
      shoal_datagram_queue_pop (&down->waiting);
      any = shoal_datagram_queue_first (&down->waiting, &first);
      if (any)
        begin_service (down, &first);
    }
}

/* What is through at once, as it is without a rate, need not be copied. */
static void
arrive (ShoalRealNode *node, const ShoalQueued *datagram)
{
  ShoalDownlink *down = &node->down;
  bool idle = shoal_datagram_queue_empty (&down->waiting);
  if (idle)
    begin_service (down, datagram);
  if (idle && down->link.free_at <= node->now)
    give (node, datagram);
  else if (!shoal_datagram_queue_push (&down->waiting, datagram))
    node->stats.dropped_datagrams++;
}

static void
receive_from_socket (ShoalRealNode *node)
{
  ShoalUdpReceived came[RECEIVE_ROOM];
  uint64_t lost;
  unsigned n, taken = 0;
  do
    {
      n = shoal_udp_receive (node->udp, came, RECEIVE_ROOM, &lost);
      node->stats.dropped_datagrams += lost;
      for (unsigned i = 0; i < n && !node->silent; i++)
        {
          ShoalQueued datagram = { came[i].from, came[i].arrived_at, came[i].bytes, came[i].length };
          shoal_node_look_at_clock (node);
          arrive (node, &datagram);
        }
      taken += n;
    }
  while (!shoal_udp_drained (node->udp) && (taken < TURN_DATAGRAMS || shoal_udp_holds_more (node->udp)));
}

static void
take_from_transport (void *context, const ShoalQueued *datagram)
{
  ShoalRealNode *node = context;
  shoal_node_look_at_clock (node);
  if (!node->silent)
    arrive (node, datagram);
}

void
shoal_downlink_receive (ShoalRealNode *node)
{
  if (node->udp)
    receive_from_socket (node);
  else
    shoal_transport_take (node->transport, take_from_transport, node);
}

ShoalTime
shoal_downlink_deadline (const ShoalRealNode *node)
{
  const ShoalDownlink *down = &node->down;
  return shoal_datagram_queue_empty (&down->waiting) ? SHOAL_NEVER : down->link.free_at;
}
