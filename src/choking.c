/* Who is served: asks the strategy at each turn, and tells those whom it concerns. */
#include "src/peer-internal.h"

#define TURN_BLOCKS 64u /* a turn is the time in which the uplink passes so many blocks … */
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

static void
set_choked (ShoalNeighbour *n, bool choked)
{
  if (n->choked == choked)
    return;
  n->choked = choked;
  shoal_neighbour_say (n, choked ? SHOAL_MESSAGE_CHOKE : SHOAL_MESSAGE_UNCHOKE);
  shoal_peer_emit (n->swarm->peer, choked ? SHOAL_EVENT_CHOKED : SHOAL_EVENT_UNCHOKED, n->swarm, &n->addr, 0);
  if (choked)
    shoal_upload_withdraw (n);
  n->swarm->peer->up.look = true;
}

static bool
wants (const ShoalNeighbour *n)
{
  return n->state == SHOAL_NEIGHBOUR_UP && n->interested && shoal_swarm_serves (n->swarm);
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
  else if (strategy == &shoal_strategy_none || newcomer || n->swarm->complete)
    set_choked (n, false);
}

/* What came and went since the last turn, half of what was before. */
static uint64_t
smoothed_rate (uint64_t before, uint64_t bytes, ShoalTime elapsed_ns)
{
  return (before + bytes * 1000 / (uint64_t)MAX (elapsed_ns / SHOAL_MS, 1)) / 2;
}

static void
measure (ShoalNeighbour *n, ShoalTime elapsed_ns)
{
  n->gives_bytes_per_s =
      smoothed_rate (n->gives_bytes_per_s, n->received_bytes - n->received_before, elapsed_ns);
  n->takes_bytes_per_s = smoothed_rate (n->takes_bytes_per_s, n->sent_bytes - n->sent_before, elapsed_ns);
  n->received_before = n->received_bytes;
  n->sent_before = n->sent_bytes;
}

static ShoalSuitor
suitor (const ShoalNeighbour *n)
{
  return (ShoalSuitor){ .gives_bytes_per_s = n->gives_bytes_per_s,
                        .takes_bytes_per_s = n->takes_bytes_per_s,
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
  n->on_trial = chosen->on_trial;
  set_choked (n, !chosen->served);
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
  const ShoalTurn turn = {
    .complete = s->complete, .slots = serving->slots, .trial_turns = serving->trial_turns, .number = s->turn
  };
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
  s->turn_at = now;
  s->turn++;
  take_turn (s);
}
