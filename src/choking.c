/* Who is served: asks the strategy at each turn, and tells those whom it concerns. */
#include "src/peer-internal.h"

#define TURN_BLOCKS 64u  /* a turn is the time in which the uplink passes so many blocks … */
#define BUSY_PERCENT 85u /* of the uplink: it had nothing to spare */
#define TURN_MIN_NS (500 * SHOAL_MS)
#define TURN_MAX_NS (10 * SHOAL_SECOND) /* … as long as BitTorrent's at 100 kB/s */

void
shoal_choking_init (ShoalPeer *p)
{
  ShoalStrategyOptions *serving = &p->options.serving;
  if (!serving->strategy)
    serving->strategy = &shoal_strategy_none;
  if (serving->slots == 0)
    serving->slots = SHOAL_STRATEGY_SLOTS;
  if (serving->trial_turns == 0)
    serving->trial_turns = SHOAL_TRIAL_TURNS;
}

static bool
wants (const ShoalNeighbour *n)
{
  return n->state == SHOAL_NEIGHBOUR_UP && n->interested && shoal_swarm_serves (n->swarm);
}

/* What was suggested to one that is choked for lack of merit has not gone out. */
static void
unpromise (ShoalNeighbour *n)
{
  if (!wants (n) || n->promised == UINT32_MAX)
    return;
  n->swarm->given[n->promised] -= n->swarm->given[n->promised] > 0;
  n->promised = UINT32_MAX;
}

static void
set_choked (ShoalNeighbour *n, bool choked)
{
  if (n->choked == choked)
    return;
  n->choked = choked;
  shoal_neighbour_say (n, choked ? SHOAL_MESSAGE_CHOKE : SHOAL_MESSAGE_UNCHOKE);
  shoal_peer_emit (n->swarm->peer, choked ? SHOAL_EVENT_CHOKED : SHOAL_EVENT_UNCHOKED, n->swarm, &n->addr, 0);
  if (choked)
    {
      unpromise (n);
      shoal_upload_withdraw (n);
    }
  n->swarm->peer->up.look = true;
}

static ShoalTime
turn_ns (const ShoalPeer *p)
{
  uint64_t rate = p->options.upload_bytes_per_s;
  if (p->options.serving.turn_ns > 0)
    return p->options.serving.turn_ns;
  if (rate == 0)
    return TURN_MIN_NS;
  ShoalTime time = (ShoalTime)(TURN_BLOCKS * SHOAL_BLOCK_BYTES * (uint64_t)SHOAL_SECOND / rate);
  return CLAMP (time, TURN_MIN_NS, TURN_MAX_NS);
}

/* Between turns: who does not want any more is choked; who comes is served at once where there is no merit
 * yet to judge by, and waits for the next turn otherwise. */
void
shoal_choking_apply (ShoalNeighbour *n, ShoalTime now)
{
  const ShoalStrategy *strategy = n->swarm->peer->options.serving.strategy;
  (void)now;
  if (n->state != SHOAL_NEIGHBOUR_UP)
    return;
  bool newcomer = n->met_turn + SHOAL_NEWCOMER_TURNS > n->swarm->turn;
  if (!wants (n))
    set_choked (n, true);
  else if (strategy == &shoal_strategy_none || newcomer
           || (n->swarm->complete && !shoal_lending_scarce (n->swarm)))
    set_choked (n, false);
}

static uint64_t
rate (uint64_t bytes, ShoalTime elapsed_ns)
{
  return bytes * 1000 / (uint64_t)MAX (elapsed_ns / SHOAL_MS, 1);
}

/* What came since the last turn, mixed with what came before: with many neighbours a turn is a few blocks from
 * each, and chance alone makes none of them. */
static uint64_t
smoothed (uint64_t before, uint64_t now, unsigned turns_known)
{
  return turns_known > 1 ? (before + now) / 2 : now;
}

/* A fall is believed when two turns tell of it. */
static void
measure (ShoalNeighbour *n, ShoalTime elapsed_ns)
{
  unsigned known = n->swarm->turn + 1 - n->met_turn;
  uint64_t got = rate (n->received_bytes - n->received_before, elapsed_ns);
  uint64_t sent = rate (n->sent_bytes - n->sent_before, elapsed_ns);
  n->gives_bytes_per_s = MIN (smoothed (n->gives_bytes_per_s, got, known), MAX (got, n->gave_bytes_per_s));
  n->takes_bytes_per_s = smoothed (n->takes_bytes_per_s, sent, known);
  n->gave_bytes_per_s = got;
  n->received_before = n->received_bytes;
  n->sent_before = n->sent_bytes;
  shoal_lending_settle (n);
}

static ShoalSuitor
suitor (const ShoalNeighbour *n)
{
  return (ShoalSuitor){ .gives_bytes_per_s = n->gives_bytes_per_s,
                        .takes_bytes_per_s = n->takes_bytes_per_s,
                        .passed_blocks = n->passed_blocks,
                        .kept_blocks = n->kept_blocks + (n->lent ? n->lent->len : 0),
                        .turns_known = n->swarm->turn - n->met_turn,
                        .turns_waited = n->swarm->turn - n->served_turn,
                        .order = n->order,
                        .served = !n->choked,
                        .on_trial = n->on_trial };
}

static void
apply (ShoalNeighbour *n, const ShoalSuitor *chosen)
{
  if (chosen->served)
    n->served_turn = n->swarm->turn;
  else
    shoal_lending_give_up (n);
  n->on_trial = chosen->on_trial;
  set_choked (n, !chosen->served);
}

/* To choke somebody is to no avail where the others do not use all of the uplink. Who is served for that has as long
 * as a trial lasts to give something back. */
static void
look_for_spare (ShoalSwarm *s, ShoalTime elapsed_ns)
{
  const ShoalPeer *p = s->peer;
  uint64_t sent = p->machine.counters.payload_sent_bytes - s->sent_before;
  bool busy = rate (sent, elapsed_ns) >= p->options.upload_bytes_per_s / 100 * BUSY_PERCENT;
  s->sent_before = p->machine.counters.payload_sent_bytes;
  if (busy)
    s->spare -= s->spare > 0 && s->turn % p->options.serving.trial_turns == 0;
  else
    s->spare = MIN (2 * s->spare + 1, s->neighbours->len);
}

static void
take_turn (ShoalSwarm *s)
{
  ShoalSuitor *suitors = g_new (ShoalSuitor, s->neighbours->len);
  unsigned count = 0;
  for (guint i = 0; i < s->neighbours->len; i++)
    if (wants (s->neighbours->pdata[i]))
      suitors[count++] = suitor (s->neighbours->pdata[i]);
  const ShoalStrategyOptions *serving = &s->peer->options.serving;
  const ShoalTurn turn = { .complete = s->complete,
                           .scarce = shoal_lending_scarce (s),
                           .slots = serving->slots,
                           .spare = s->spare,
                           .trial_turns = serving->trial_turns,
                           .number = s->turn };
  if (count > 0)
    serving->strategy->choose (&turn, suitors, count);
  for (guint i = 0, k = 0; k < count; i++)
    if (wants (s->neighbours->pdata[i]))
      apply (s->neighbours->pdata[i], &suitors[k++]);
  g_free (suitors);
}

void
shoal_choking_tick (ShoalSwarm *s, ShoalTime now)
{
  ShoalTime length = turn_ns (s->peer);
  if (s->peer->options.serving.strategy == &shoal_strategy_none || now - s->turn_at < length)
    return;
  for (guint i = 0; i < s->neighbours->len; i++)
    measure (s->neighbours->pdata[i], now - s->turn_at);
  look_for_spare (s, now - s->turn_at);
  s->turn_at = now;
  s->turn++;
  take_turn (s);
}
