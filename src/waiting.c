/* What each download waits for, told as it changes (SHOAL_EVENT_WAITING).
 *
 * With something asked for, it waits for its sources' uplinks or for its own downlink. Which of them it was shows
 * when data comes: was the downlink busy nearly all the time since data came last, then it was what kept the data
 * from coming earlier; else it stood idle, and the data was late. Everything else is known as it begins. A cause
 * is told from the time at which it began, which may have been a while ago. */
#include "src/peer-internal.h"

/* The downlink was full when it was busy for so many sixteenths of the time: headers and rounding leave gaps. */
#define FULL_SIXTEENTHS 15

static const ShoalAddr NOBODY;

/* The one place where the cause changes. */
static void
set_cause (ShoalSwarm *s, ShoalTime since, ShoalCause cause, const ShoalNeighbour *who)
{
  ShoalWaiting *w = &s->waiting;
  const ShoalAddr *peer = who ? &who->addr : &NOBODY;
  if (w->told == cause && shoal_addr_equal (&w->told_peer, peer))
    return;
  w->told = cause;
  w->told_peer = *peer;
  const ShoalEvent event = {
    .kind = SHOAL_EVENT_WAITING, .fid = s->file.fid, .peer = *peer, .value = cause, .since = since
  };
  shoal_peer_emit_event (s->peer, &event);
}

/* ---- what there is to wait for ---- */

/* Who was asked for it; or who that one waits for. */
static const ShoalNeighbour *
waited_for (const ShoalPartial *partial)
{
  const ShoalSwarm *s = partial->swarm;
  for (guint i = 0; partial->is_soon && i < s->neighbours->len; i++)
    {
      const ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->state == SHOAL_NEIGHBOUR_UP && shoal_soon_is_held_by (n, partial->block))
        return n;
    }
  return partial->from;
}

/* It has something for us, and does not choke us. */
static bool
gives (const ShoalNeighbour *n)
{
  return n->state == SHOAL_NEIGHBOUR_UP && n->useful > 0 && !n->choked_by;
}

/* Whose uplink is waited for: the neighbour that was asked first of those that owe us something; with nothing
 * asked for, the only one that could invite us. NULL: there are several of these. */
static const ShoalNeighbour *
awaited (const ShoalSwarm *s)
{
  const ShoalNeighbour *only = NULL;
  const ShoalPartial *oldest = NULL;
  unsigned givers = 0;
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      const ShoalNeighbour *n = s->neighbours->pdata[i];
      const ShoalPartial *partial = n->asked.head ? n->asked.head->data : NULL;
      if (partial && (!oldest || partial->asked_at < oldest->asked_at))
        oldest = partial;
      if (gives (n) && givers++ == 0)
        only = n;
    }
  if (oldest)
    return waited_for (oldest);
  return givers > 1 ? NULL : only;
}

static bool
mute (const ShoalNeighbour *n, ShoalTime now)
{
  return n->state == SHOAL_NEIGHBOUR_UP && shoal_download_is_silent (n, now);
}

/* Before the file's dictionary is known. A neighbour that lacks it too is no help. */
static ShoalCause
cause_of_beginning (const ShoalSwarm *s)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      const ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->state == SHOAL_NEIGHBOUR_CALLING || !n->needs_info)
        return SHOAL_CAUSE_HANDSHAKE;
    }
  if (s->neighbours->len > 0)
    return SHOAL_CAUSE_NOTHING_USEFUL;
  return s->peer->announcer ? SHOAL_CAUSE_TRACKER : SHOAL_CAUSE_HANDSHAKE;
}

typedef struct {
  bool any, some_have, some_give, all_mute;
  const ShoalNeighbour *proving; /* it was asked for hashes alone */
} View;

static View
view_neighbours (const ShoalSwarm *s, ShoalTime now)
{
  View v = { .all_mute = true };
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      const ShoalNeighbour *n = s->neighbours->pdata[i];
      v.any |= n->state == SHOAL_NEIGHBOUR_UP;
      v.some_have |= n->state == SHOAL_NEIGHBOUR_UP && n->useful > 0;
      v.some_give |= gives (n);
      v.all_mute &= !gives (n) || mute (n, now);
      if (n->asked.head && !v.proving)
        v.proving = n;
    }
  return v;
}

/* With nothing under way to us. *who: the neighbour that is the reason, if it is one. */
static ShoalCause
cause_of_idleness (const ShoalSwarm *s, ShoalTime now, const ShoalNeighbour **who)
{
  *who = NULL;
  if (!s->has_info)
    return cause_of_beginning (s);
  View v = view_neighbours (s, now);
  if (s->hashing.length > 0 || v.proving)
    {
      *who = v.proving;
      return SHOAL_CAUSE_VERIFICATION;
    }
  if (!v.any)
    return s->neighbours->len > 0 || !s->peer->announcer ? SHOAL_CAUSE_HANDSHAKE : SHOAL_CAUSE_TRACKER;
  if (!v.some_have)
    return SHOAL_CAUSE_NOTHING_USEFUL;
  if (!v.some_give)
    return SHOAL_CAUSE_CHOKED;
  *who = awaited (s);
  return v.all_mute ? SHOAL_CAUSE_STALL : SHOAL_CAUSE_UPLINKS;
}

/* ---- as things happen ---- */

static void
expect (ShoalSwarm *s, ShoalTime now, ShoalCause cause)
{
  s->waiting.expected = cause;
  s->waiting.judged_to = now;
  s->waiting.busy_ns = s->peer->down.busy_ns;
}

void
shoal_waiting_begin (ShoalSwarm *s, ShoalTime now)
{
  const ShoalNeighbour *who;
  if (!s->peer->options.tells_waits)
    return;
  s->waiting.told = SHOAL_CAUSES; /* nothing yet */
  ShoalCause cause = cause_of_idleness (s, now, &who);
  expect (s, now, cause);
  set_cause (s, now, cause, who);
}

/* Since the last data, the downlink was busy nearly all the time: so it was while this datagram waited for it, too,
 * and where a late process takes many at once, only that tells. */
static bool
was_full (const ShoalSwarm *s, ShoalTime now, const ShoalInput *input)
{
  const ShoalPeer *p = s->peer;
  ShoalTime busy = p->down.busy_ns - s->waiting.busy_ns;
  busy = MAX (busy, input->waited_ns + shoal_downlink_service_ns (p, input));
  return busy >= (now - s->waiting.judged_to) / 16 * FULL_SIXTEENTHS;
}

void
shoal_waiting_data (ShoalSwarm *s, ShoalTime now, const ShoalInput *input)
{
  const ShoalWaiting *w = &s->waiting;
  if (!s->peer->options.tells_waits || !s->downloading)
    return;
  if (w->expected == SHOAL_CAUSE_UPLINKS && now > w->judged_to)
    {
      bool full = was_full (s, now, input);
      set_cause (s, w->judged_to, full ? SHOAL_CAUSE_DOWNLINK : SHOAL_CAUSE_UPLINKS,
                 full ? NULL : awaited (s));
    }
  expect (s, now, SHOAL_CAUSE_UPLINKS);
}

static bool
same_reason (const ShoalSwarm *s, const ShoalNeighbour *who)
{
  return shoal_addr_equal (&s->waiting.told_peer, who ? &who->addr : &NOBODY);
}

static void
look (ShoalSwarm *s, ShoalTime now)
{
  const ShoalWaiting *w = &s->waiting;
  const ShoalNeighbour *who = NULL;
  bool owed = s->outstanding_bytes > 0;
  if (owed && (w->expected == SHOAL_CAUSE_UPLINKS || w->expected == SHOAL_CAUSE_STALL))
    return; /* judged when data comes */
  ShoalCause cause = owed ? SHOAL_CAUSE_UPLINKS : cause_of_idleness (s, now, &who);
  if (cause == w->expected && (cause == SHOAL_CAUSE_UPLINKS || same_reason (s, who)))
    return;
  if (w->expected == SHOAL_CAUSE_UPLINKS && w->told != SHOAL_CAUSE_UPLINKS && now > w->judged_to)
    set_cause (s, w->judged_to, SHOAL_CAUSE_UPLINKS, NULL); /* whom for is not known any more */
  expect (s, now, cause);
  set_cause (s, now, cause, owed ? awaited (s) : who);
}

void
shoal_waiting_look (ShoalPeer *p, ShoalTime now)
{
  for (guint i = 0; p->options.tells_waits && i < p->swarms->len; i++)
    if (((ShoalSwarm *)p->swarms->pdata[i])->downloading)
      look (p->swarms->pdata[i], now);
}

/* A neighbour that owes us something says that it sent all of it, or says nothing. NULL: none. */
static const ShoalNeighbour *
stalled (const ShoalSwarm *s, ShoalTime now)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      const ShoalNeighbour *n = s->neighbours->pdata[i];
      if (n->asked.head && (n->incomplete > 0 || mute (n, now)))
        return n;
    }
  return NULL;
}

/* Nothing came for a while: something may have got lost. */
static void
look_for_stalls (ShoalSwarm *s, ShoalTime now)
{
  ShoalWaiting *w = &s->waiting;
  if (w->expected != SHOAL_CAUSE_UPLINKS || now - w->judged_to < s->peer->tick_ns)
    return;
  const ShoalNeighbour *n = s->outstanding_bytes > 0 ? stalled (s, now) : NULL;
  if (n)
    {
      w->expected = SHOAL_CAUSE_STALL;
      set_cause (s, w->judged_to, SHOAL_CAUSE_STALL, n);
    }
  else if (w->told != SHOAL_CAUSE_UPLINKS)
    set_cause (s, w->judged_to, SHOAL_CAUSE_UPLINKS, awaited (s)); /* for now; data may tell better */
}

void
shoal_waiting_tick (ShoalPeer *p, ShoalTime now)
{
  for (guint i = 0; p->options.tells_waits && i < p->swarms->len; i++)
    if (((ShoalSwarm *)p->swarms->pdata[i])->downloading)
      look_for_stalls (p->swarms->pdata[i], now);
}
