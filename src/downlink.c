/* What a peer can tell of its own downlink, a FIFO that it does not see: how far behind the network it is with
 * what it has heard. Who answered at once seems silent for as long as the answer waits here. */
#include "src/peer-internal.h"

/* The largest datagram: while one of these may be in service, others may be waiting behind it. */
#define LARGEST_BYTES (SHOAL_HEAD_MAX_BYTES + SHOAL_BLOCK_BYTES)

static ShoalTime
service_ns (const ShoalPeer *p, size_t bytes)
{
  uint64_t rate = p->options.download_bytes_per_s;
  return rate ? (ShoalTime)(bytes * (uint64_t)SHOAL_SECOND / rate) : 0;
}

ShoalTime
shoal_downlink_service_ns (const ShoalPeer *p, const ShoalInput *input)
{
  return service_ns (p, input->head_bytes + input->tail_bytes);
}

ShoalTime
shoal_downlink_arrived_at (const ShoalPeer *p, ShoalTime now, const ShoalInput *input)
{
  return now - input->waited_ns - shoal_downlink_service_ns (p, input);
}

void
shoal_downlink_delivered (ShoalPeer *p, ShoalTime now, const ShoalInput *input)
{
  p->down.delivered_at = now;
  p->down.arrived_at = shoal_downlink_arrived_at (p, now, input);
  p->down.busy_ns += shoal_downlink_service_ns (p, input);
  p->down.ran_dry |= input->waited_ns == 0;
}

bool
shoal_downlink_is_idle (const ShoalPeer *p, ShoalTime now)
{
  return now - p->down.delivered_at > service_ns (p, LARGEST_BYTES);
}

/* What came to the downlink longer ago than this is known; what came since may still wait there. */
static ShoalTime
backlog_ns (const ShoalPeer *p, ShoalTime now)
{
  return shoal_downlink_is_idle (p, now) ? 0 : now - p->down.arrived_at;
}

ShoalTime
shoal_downlink_silence_ns (const ShoalPeer *p, ShoalTime now, ShoalTime since)
{
  return now - since - backlog_ns (p, now);
}
