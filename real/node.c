/* A machine's life in real time: turns of the event loop, what follows each step, commands. */
#include "real/node-internal.h"

#include <sys/epoll.h>

/* Calls to empty the socket at the start: more than its buffer holds. */
#define DROP_AT_START 100000u

ShoalTime
shoal_node_look_at_clock (ShoalRealNode *node)
{
  node->now = shoal_loop_now (node->loop);
  return node->now;
}

/* ---- after each step of the machine ---- */

static void
report (ShoalRealNode *node, const ShoalEvent *event)
{
  if (node->on_event)
    node->on_event (node->context, node->now, node, event);
}

/* The farewells may still be on the uplink when the machine has said all: who frees the node as soon as it
 * hears that it is closed must not cut them off. */
static void
take_events (ShoalRealNode *node)
{
  ShoalEvent event;
  while (node->machine->ops->next_event (node->machine, &event))
    if (event.kind == SHOAL_EVENT_CLOSED)
      {
        node->silent = node->closing = true;
        node->closed_event = event;
      }
    else
      report (node, &event);
  if (!node->closing || !shoal_uplink_empty (node))
    return;
  node->closing = false;
  report (node, &node->closed_event);
}

/* Always later than now: a node that wants another turn at once lets others have theirs. */
static void
set_alarm (ShoalRealNode *node)
{
  ShoalTime at = MIN (shoal_uplink_deadline (node), shoal_downlink_deadline (node));
  if (!node->silent)
    at = MIN (at, node->machine->ops->deadline (node->machine));
  if (node->unsettled)
    at = node->now;
  shoal_loop_set_deadline (node->loop, &node->source, MAX (at, node->now + 1));
}

static void
watch (ShoalRealNode *node)
{
  bool until_writable = node->up.blocked && node->up.retry_at == SHOAL_NEVER;
  uint32_t events = until_writable ? EPOLLIN | EPOLLOUT : EPOLLIN;
  if (!node->udp || events == node->watched)
    return;
  if (shoal_loop_watch (node->loop, &node->source, shoal_udp_fd (node->udp), node->watched, events))
    node->watched = events;
}

/* False: the event handler of another step is running; the node has its turn as soon as that is over. */
static bool
begin_step (ShoalRealNode *node)
{
  node->unsettled = !shoal_loop_enter_step (node->loop);
  if (node->unsettled)
    {
      shoal_loop_set_deadline (node->loop, &node->source, 0);
      return false;
    }
  node->in_step = true;
  shoal_node_look_at_clock (node);
  return true;
}

static void
end_step (ShoalRealNode *node)
{
  shoal_uplink_pump (node);
  take_events (node);
  set_alarm (node);
  watch (node);
  node->in_step = false;
  shoal_loop_leave_step (node->loop);
}

void
shoal_real_node_settle (ShoalRealNode *node)
{
  if (node->machine && begin_step (node))
    end_step (node);
}

/* ---- turns ---- */

static void
count_failures (ShoalRealNode *node)
{
  bool closed;
  unsigned failures = shoal_transport_failures (node->transport, &closed);
  node->stats.send_errors += failures;
  if (failures > 0)
    node->trouble = "the transport could not send";
  if (closed)
    node->trouble = "the transport is closed";
}

static void
move (ShoalRealNode *node, bool readable)
{
  shoal_downlink_deliver (node);
  if (readable)
    {
      shoal_downlink_receive (node);
      shoal_node_look_at_clock (node);
      shoal_downlink_deliver (node);
    }
  if (!node->silent && node->machine->ops->deadline (node->machine) <= node->now)
    node->machine->ops->wake (node->machine, node->now);
}

static void
turn (ShoalLoopSource *source, uint32_t events)
{
  ShoalRealNode *node = (ShoalRealNode *)source;
  bool begun = begin_step (node);
  g_assert (begun && node->machine);
  if ((events & EPOLLOUT) || node->up.retry_at <= node->now)
    shoal_uplink_unblock (node);
  move (node, (events & ~(uint32_t)EPOLLOUT) != 0);
  end_step (node);
}

/* Posted by the threads of a transport. */
static void
on_transport_news (void *data)
{
  ShoalRealNode *node = data;
  count_failures (node);
  if (node->machine)
    turn (&node->source, EPOLLIN);
  else
    shoal_transport_take (node->transport, NULL, NULL);
}

/* ---- life ---- */

ShoalRealNode *
shoal_real_node_new (ShoalLoop *loop, const ShoalRealNodeOptions *options, GError **error)
{
  g_assert ((options->udp != NULL) != (options->transport != NULL));
  ShoalRealNode *node = g_new0 (ShoalRealNode, 1);
  bool paced = options->udp != NULL; /* a transport has rates of its own */
  node->loop = loop;
  node->udp = options->udp;
  node->on_event = options->on_event;
  node->context = options->context;
  node->keeps_samples = options->keeps_samples;
  shoal_loop_add (loop, &node->source, turn);
  shoal_uplink_init (&node->up, paced ? options->upload_bytes_per_s : 0);
  shoal_downlink_init (&node->down, paced ? options->download_bytes_per_s : 0);
  if (options->transport)
    node->transport = shoal_transport_start (options->transport, loop, on_transport_news, node, error);
  if (node->udp || node->transport)
    return node;
  shoal_real_node_free (node);
  return NULL;
}

/* What came for whoever had the port before, or too early. */
static void
drop_arrived (ShoalRealNode *node)
{
  ShoalUdpReceived came[64];
  uint64_t lost;
  bool more = node->udp != NULL;
  for (unsigned i = 0; more && i < DROP_AT_START; i++)
    {
      shoal_udp_receive (node->udp, came, G_N_ELEMENTS (came), &lost);
      more = !shoal_udp_drained (node->udp);
    }
  if (node->transport)
    shoal_transport_take (node->transport, NULL, NULL);
}

void
shoal_real_node_start (ShoalRealNode *node, ShoalMachine *machine)
{
  g_assert (!node->machine);
  drop_arrived (node);
  node->machine = machine;
  shoal_real_node_settle (node);
}

ShoalMachine *
shoal_real_node_stop (ShoalRealNode *node)
{
  uint64_t upload_bytes_per_s = node->up.link.rate_bytes_per_s;
  uint64_t download_bytes_per_s = node->down.link.rate_bytes_per_s;
  g_assert (node->machine && node->udp && !node->in_step);
  shoal_loop_watch (node->loop, &node->source, shoal_udp_fd (node->udp), node->watched, 0);
  shoal_loop_set_deadline (node->loop, &node->source, SHOAL_NEVER);
  shoal_uplink_clear (&node->up);
  shoal_downlink_clear (&node->down);
  node->up = (ShoalUplink){ 0 };
  node->down = (ShoalDownlink){ 0 };
  shoal_uplink_init (&node->up, upload_bytes_per_s);
  shoal_downlink_init (&node->down, download_bytes_per_s);
  node->watched = 0;
  node->silent = node->closing = node->unsettled = false;
  return g_steal_pointer (&node->machine);
}

ShoalMachine *
shoal_real_node_machine (ShoalRealNode *node)
{
  return node->machine;
}

void
shoal_real_node_set_rates (ShoalRealNode *node, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s)
{
  if (node->udp)
    {
      shoal_link_set_rate (&node->up.link, upload_bytes_per_s);
      shoal_link_set_rate (&node->down.link, download_bytes_per_s);
    }
  if (!node->machine)
    return;
  if (!node->silent)
    node->machine->ops->set_rates (node->machine, shoal_loop_now (node->loop), upload_bytes_per_s,
                                   download_bytes_per_s);
  shoal_real_node_settle (node);
}

ShoalAddr
shoal_real_node_address (const ShoalRealNode *node)
{
  return node->udp ? shoal_udp_address (node->udp) : (ShoalAddr){ 0 };
}

/* ---- what is asked ---- */

void
shoal_real_node_stats (const ShoalRealNode *node, ShoalRealNodeStats *out)
{
  *out = node->stats;
  if (node->machine)
    out->machine = node->machine->counters;
}

const char *
shoal_real_node_trouble (const ShoalRealNode *node)
{
  return node->trouble;
}

void
shoal_real_node_for_each_sample (const ShoalRealNode *node, ShoalTime origin, unsigned number,
                                 ShoalSampleHandler handler, void *context)
{
  const ShoalSamples *samples = &node->samples;
  ShoalTime shift = shoal_loop_origin (node->loop) - origin;
  for (uint32_t k = 0; k < samples->used; k++)
    handler (context, number, k * samples->width_ns + shift, samples->width_ns, samples->buckets[k][0],
             samples->buckets[k][1]);
}

void
shoal_real_node_free (ShoalRealNode *node)
{
  if (!node)
    return;
  g_assert (!node->in_step);
  if (node->watched)
    shoal_loop_watch (node->loop, &node->source, shoal_udp_fd (node->udp), node->watched, 0);
  shoal_loop_remove (node->loop, &node->source);
  shoal_transport_stop (node->transport);
  if (node->machine)
    node->machine->ops->free (node->machine);
  shoal_udp_free (node->udp);
  shoal_uplink_clear (&node->up);
  shoal_downlink_clear (&node->down);
  shoal_samples_clear (&node->samples);
  g_free (node);
}
