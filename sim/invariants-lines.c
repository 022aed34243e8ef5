/* Lines: over a span of time in which a line is busy at one rate, no more may be through than the rate lets through,
 * to the byte. A span ends when the line has nothing to do, and when its rate is set. */
#include "sim/invariants-internal.h"

__extension__ typedef unsigned __int128 Wide;

void
shoal_span_start (ShoalSpan *span, uint64_t rate_bytes_per_s, ShoalTime now)
{
  *span = (ShoalSpan){
    .rate_bytes_per_s = rate_bytes_per_s, .is_new = true, .changed_at = now, .since = now, .last = now
  };
}

/* A datagram begins its service. */
static void
begin (ShoalSpan *span, ShoalTime at)
{
  if (!span->is_new && at == span->last)
    return;
  span->is_new = false;
  span->since = at;
  span->bytes = 0;
}

/* It is through. False: too early. (The last nanosecond may have begun.) */
static bool
end (ShoalSpan *span, ShoalTime now, size_t bytes)
{
  span->bytes += bytes;
  span->last = now;
  Wide needed = (Wide)span->bytes * (uint64_t)SHOAL_SECOND;
  return span->rate_bytes_per_s == 0
         || needed < (Wide)span->rate_bytes_per_s * ((uint64_t)(now - span->since) + 1);
}

static void
too_fast (ShoalInvariants *v, const ShoalSimNode *node, const char *invariant, const ShoalSpan *span)
{
  shoal_invariants_break (v, node->world, invariant,
                          "%s: %" G_GUINT64_FORMAT " bytes in %" G_GINT64_FORMAT
                          " ns at a rate of %" G_GUINT64_FORMAT " B/s",
                          node->name, span->bytes, span->last - span->since, span->rate_bytes_per_s);
}

void
shoal_lines_takes (ShoalInvariants *v, ShoalSimNode *node, size_t bytes)
{
  ShoalNodeWatch *n = shoal_invariants_node (v, node);
  if (n->is_busy)
    shoal_invariants_break (v, node->world, "uplink-rate", "%s: two datagrams are on its uplink", node->name);
  n->is_busy = true;
  n->taken_bytes = bytes;
  begin (&n->up, node->world->now);
}

/* The rate that was set meanwhile is that of the next datagram: this one says nothing. */
void
shoal_lines_sent (ShoalInvariants *v, ShoalSimNode *node, size_t bytes)
{
  ShoalNodeWatch *n = shoal_invariants_node (v, node);
  n->is_busy = false;
  if (!n->up.is_new && !end (&n->up, node->world->now, bytes))
    too_fast (v, node, "uplink-rate", &n->up);
}

void
shoal_lines_delivered (ShoalInvariants *v, ShoalSimNode *node, size_t bytes)
{
  ShoalNodeWatch *n = shoal_invariants_node (v, node);
  if (node->service_at < n->down.changed_at || (n->down.is_new && node->service_at == n->down.changed_at))
    return;
  if (!n->down.is_new && node->service_at < n->down.last)
    shoal_invariants_break (v, node->world, "downlink-rate", "%s: two datagrams are on its downlink",
                            node->name);
  begin (&n->down, node->service_at);
  if (!end (&n->down, node->world->now, bytes))
    too_fast (v, node, "downlink-rate", &n->down);
}
