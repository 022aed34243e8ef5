/* The peer machine: commands, and dispatch of what comes. */
#include "src/peer-internal.h"

#define TICK_MIN_NS (10 * SHOAL_MS)
#define TICK_MAX_NS (250 * SHOAL_MS)
#define IDLE_TICK_NS (5 * SHOAL_SECOND)
#define FAREWELL_LIMIT_NS (3 * SHOAL_SECOND)
#define TRACKER_PEERS 30u
#define FIRST_EXCHANGE_NS (5 * SHOAL_SECOND)
#define ACQUAINTANCES_MAX 40u

/* Where nodes of one tracker meet before they want any file: a swarm without a file. Who knows a few
 * others beforehand can ask them at once, and need not wait until a slow tracker has heard everybody. */
static const ShoalFid LOBBY = { "shoal lobby" };

static ShoalPeer *
as_peer (const ShoalMachine *m)
{
  return (ShoalPeer *)m;
}

/* ---- what the parts use ---- */

void
shoal_peer_emit_event (ShoalPeer *p, const ShoalEvent *event)
{
  g_array_append_vals (p->events, event, 1);
  p->events_made++;
}

void
shoal_peer_emit (ShoalPeer *p, ShoalEventKind kind, const ShoalSwarm *s, const ShoalAddr *who, uint64_t value)
{
  ShoalEvent event = { .kind = kind, .value = value };
  if (s)
    event.fid = s->file.fid;
  if (who)
    event.peer = *who;
  shoal_peer_emit_event (p, &event);
}

void
shoal_peer_arm (ShoalPeer *p, ShoalTime now)
{
  p->tick_at = MIN (p->tick_at, now + p->tick_ns);
}

ShoalSwarm *
shoal_peer_swarm (const ShoalPeer *p, const ShoalFid *fid)
{
  for (guint i = 0; i < p->swarms->len; i++)
    {
      ShoalSwarm *s = p->swarms->pdata[i];
      if (shoal_fid_equal (&s->file.fid, fid))
        return s;
    }
  return NULL;
}

ShoalNeighbour *
shoal_peer_neighbour (const ShoalPeer *p, uint32_t cid)
{
  uint32_t slot = cid & SHOAL_SLOT_MASK;
  ShoalNeighbour *n = slot < p->slots->len ? p->slots->pdata[slot] : NULL;
  return n && n->rx_cid == cid ? n : NULL;
}

/* Later ones replace earlier ones by lot, so that the sample stays even. */
void
shoal_peer_meet (ShoalPeer *p, const ShoalAddr *addr)
{
  if (shoal_addr_equal (addr, &p->options.self))
    return;
  for (guint i = 0; i < p->acquaintances->len; i++)
    if (shoal_addr_equal (&g_array_index (p->acquaintances, ShoalAddr, i), addr))
      return;
  if (p->acquaintances->len < ACQUAINTANCES_MAX)
    g_array_append_val (p->acquaintances, *addr);
  else
    g_array_index (p->acquaintances, ShoalAddr, shoal_random_below (&p->random, ACQUAINTANCES_MAX)) = *addr;
}

/* ---- the end of every call ---- */

static void
free_neighbour (ShoalNeighbour *n)
{
  shoal_channel_clear (&n->channel);
  shoal_bitmap_clear (&n->have);
  shoal_bitmap_clear (&n->soon);
  g_clear_pointer (&n->lent, g_array_unref);
  g_free (n);
}

static void
free_gone (ShoalPeer *p)
{
  for (guint i = 0; i < p->gone->len; i++)
    free_neighbour (p->gone->pdata[i]);
  g_ptr_array_set_size (p->gone, 0);
  p->gone_count = 0;
}

static void
close_if_silent (ShoalPeer *p, ShoalTime now)
{
  bool said_all = p->raw_made == p->raw_taken && p->replies_count == 0
                  && (!p->announcer || shoal_announcer_idle (p->announcer));
  if (!said_all && now < p->close_by)
    return;
  p->closed = true;
  shoal_peer_emit (p, SHOAL_EVENT_CLOSED, NULL, NULL, 0);
}

static void
settle (ShoalPeer *p, ShoalTime now)
{
  shoal_download_fill (p, now);
  shoal_upload_fill (p, now);
  shoal_waiting_look (p, now);
  if (p->gone_count > 0)
    free_gone (p);
  if (p->closing && !p->closed)
    close_if_silent (p, now);
}

/* ---- sending ---- */

static ShoalTime
announcer_deadline (const ShoalPeer *p)
{
  return p->announcer_changed ? shoal_announcer_deadline (p->announcer) : p->announcer_at;
}

static bool
peer_next_datagram (ShoalMachine *m, ShoalTime now, ShoalDatagram *out)
{
  ShoalPeer *p = as_peer (m);
  if (p->closed)
    return false;
  out->payload = (ShoalPayload){ 0 };
  bool some = shoal_outbox_next (p, now, out);
  if (p->closing)
    settle (p, now);
  return some;
}

/* ---- receiving ---- */

static void
take_tracker_results (ShoalPeer *p, ShoalTime now)
{
  ShoalAnnounceResult result;
  while (shoal_announcer_next_result (shoal_peer_announcer (p), &result))
    {
      ShoalSwarm *s = shoal_peer_swarm (p, &result.fid);
      for (unsigned i = 0; i < result.peer_count; i++)
        shoal_peer_meet (p, &result.peers[i]);
      if (!s)
        continue;
      for (unsigned i = 0; i < result.peer_count; i++)
        shoal_swarm_add_candidate (s, &result.peers[i]);
      shoal_swarm_connect (s, now);
      shoal_peer_arm (p, now);
    }
}

static void
peer_receive (ShoalMachine *m, ShoalTime now, const ShoalInput *input)
{
  ShoalPeer *p = as_peer (m);
  if (p->closed || input->head_bytes == 0)
    return;
  shoal_downlink_delivered (p, now, input);
  if (p->announcer && shoal_addr_equal (&input->from, &p->options.tracker))
    {
      if (!shoal_announcer_receive (shoal_peer_announcer (p), now, input->head, input->head_bytes))
        m->counters.unknown_datagrams++;
      take_tracker_results (p, now);
    }
  else if (p->closing)
    return; /* only the tracker is still listened to */
  else if ((input->head[0] & SHOAL_DATAGRAM_SESSION_MASK) == SHOAL_DATAGRAM_SESSION)
    shoal_neighbour_receive (p, now, input);
  else
    shoal_handshake_receive (p, now, &input->from, shoal_reader (input->head, input->head_bytes));
  shoal_peer_arm (p, now);
  settle (p, now);
}

/* ---- time ---- */

static ShoalTime
peer_deadline (const ShoalMachine *m)
{
  const ShoalPeer *p = as_peer (m);
  if (p->closed)
    return SHOAL_NEVER;
  ShoalTime at = p->tick_at;
  if (p->announcer)
    at = MIN (at, announcer_deadline (p));
  if (p->closing)
    at = MIN (at, p->close_by);
  return at;
}

static void
tick_swarm (ShoalSwarm *s, ShoalTime now)
{
  for (guint k = s->neighbours->len; k-- > 0;)
    if (k < s->neighbours->len)
      shoal_neighbour_tick (s->neighbours->pdata[k], now);
  shoal_swarm_tick (s, now);
}

/* When the next tick is due: soon while something is under way, seldom otherwise. */
static ShoalTime
next_tick (const ShoalPeer *p, ShoalTime now)
{
  ShoalTime at = p->sessions > 0 ? now + IDLE_TICK_NS : SHOAL_NEVER;
  for (guint i = 0; i < p->swarms->len; i++)
    {
      const ShoalSwarm *s = p->swarms->pdata[i];
      if (shoal_swarm_busy (s))
        return now + p->tick_ns;
      if (s->downloading)
        at = MIN (at, now + IDLE_TICK_NS); /* calls candidates again */
      at = MIN (at, MAX (now + p->tick_ns, shoal_swarm_deadline (s)));
    }
  return at;
}

static void
tick (ShoalPeer *p, ShoalTime now)
{
  shoal_waiting_tick (p, now);
  for (guint i = p->swarms->len; i-- > 0;)
    tick_swarm (p->swarms->pdata[i], now); /* may end the swarm */
  shoal_download_tick_all (p, now);
  p->tick_at = next_tick (p, now);
}

static void
peer_wake (ShoalMachine *m, ShoalTime now)
{
  ShoalPeer *p = as_peer (m);
  if (p->closed)
    return;
  if (p->announcer && now >= announcer_deadline (p))
    {
      shoal_announcer_wake (shoal_peer_announcer (p), now);
      take_tracker_results (p, now);
    }
  if (now >= p->tick_at)
    {
      p->tick_at = SHOAL_NEVER;
      tick (p, now);
    }
  settle (p, now);
}

static bool
peer_next_event (ShoalMachine *m, ShoalEvent *out)
{
  ShoalPeer *p = as_peer (m);
  if (p->events_taken == p->events_made)
    return false;
  *out = g_array_index (p->events, ShoalEvent, p->events_taken++);
  if (p->events_taken == p->events_made)
    p->events_taken = p->events_made = 0, g_array_set_size (p->events, 0);
  return true;
}

/* ---- rates ---- */

/* Timers are looked at about once in the time that a block takes. */
static void
set_tick (ShoalPeer *p)
{
  uint64_t up = p->options.upload_bytes_per_s, down = p->options.download_bytes_per_s;
  uint64_t rate = MAX (up, down);
  ShoalTime block = up == 0 || down == 0 ? 0 : (ShoalTime)(SHOAL_BLOCK_BYTES * (uint64_t)SHOAL_SECOND / rate);
  p->tick_ns = CLAMP (2 * block, TICK_MIN_NS, TICK_MAX_NS);
}

static void
peer_set_rates (ShoalMachine *m, ShoalTime now, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s)
{
  ShoalPeer *p = as_peer (m);
  p->options.upload_bytes_per_s = upload_bytes_per_s;
  p->options.download_bytes_per_s = download_bytes_per_s;
  set_tick (p);
  shoal_upload_set_rate (p);
  shoal_download_set_rate (p);
  p->up.look = p->down.look = true;
  settle (p, now);
}

/* ---- life ---- */

static void
peer_close (ShoalMachine *m, ShoalTime now)
{
  ShoalPeer *p = as_peer (m);
  if (p->closing)
    return;
  while (p->swarms->len > 0)
    {
      ShoalSwarm *s = p->swarms->pdata[p->swarms->len - 1];
      if (s->downloading)
        shoal_peer_emit (p, SHOAL_EVENT_DOWNLOAD_FAILED, s, NULL, SHOAL_FAILURE_CLOSED);
      shoal_swarm_leave (s, now);
    }
  if (p->announcer)
    shoal_announcer_remove (shoal_peer_announcer (p), now, &LOBBY);
  p->closing = true;
  p->close_by = now + FAREWELL_LIMIT_NS;
  settle (p, now);
}

static void
peer_free (ShoalMachine *m)
{
  ShoalPeer *p = as_peer (m);
  for (guint i = 0; i < p->swarms->len; i++)
    {
      ShoalSwarm *s = p->swarms->pdata[i];
      for (guint k = 0; k < s->neighbours->len; k++)
        {
          ShoalNeighbour *n = s->neighbours->pdata[k];
          shoal_download_withdraw (n);
          shoal_upload_withdraw (n);
          g_ptr_array_add (p->gone, n);
          p->gone_count++;
        }
      g_ptr_array_set_size (s->neighbours, 0);
    }
  free_gone (p);
  g_ptr_array_free (p->gone, TRUE);
  g_ptr_array_free (p->swarms, TRUE);
  g_clear_pointer (&p->announcer, shoal_announcer_free);
  g_ptr_array_free (p->slots, TRUE);
  g_array_free (p->free_slots, TRUE);
  g_queue_clear (&p->dirty);
  g_array_free (p->events, TRUE);
  g_array_free (p->raw, TRUE);
  g_array_free (p->acquaintances, TRUE);
  g_ptr_array_free (p->up.candidates, TRUE);
  g_free ((char *)p->options.name);
  g_free (p);
}

static const ShoalMachineOps PEER_OPS = {
  .receive = peer_receive,
  .next_datagram = peer_next_datagram,
  .deadline = peer_deadline,
  .wake = peer_wake,
  .next_event = peer_next_event,
  .set_rates = peer_set_rates,
  .close = peer_close,
  .free = peer_free,
};

static ShoalAnnouncer *
make_announcer (ShoalPeer *p)
{
  ShoalAnnouncerOptions options = { .tracker = p->options.tracker,
                                    .port = p->options.self.port,
                                    .num_want = TRACKER_PEERS,
                                    .random = &p->random };
  memcpy (options.peer_id, "-SH0010-", 8);
  shoal_random_bytes (&p->random, options.peer_id + 8, sizeof options.peer_id - 8);
  return shoal_announcer_new (&options);
}

ShoalMachine *
shoal_peer_machine_new (const ShoalPeerOptions *options)
{
  ShoalPeer *p = g_new0 (ShoalPeer, 1);
  p->machine.ops = &PEER_OPS;
  p->options = *options;
  p->options.name = g_strdup (options->name);
  shoal_choking_init (p);
  shoal_random_init (&p->random, options->seed, options->name);
  shoal_random_bytes (&p->random, p->cookie_key, sizeof p->cookie_key);
  p->swarms = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_swarm_free);
  p->gone = g_ptr_array_new ();
  p->slots = g_ptr_array_new ();
  p->free_slots = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  p->events = g_array_new (FALSE, FALSE, sizeof (ShoalEvent));
  p->raw = g_array_new (FALSE, FALSE, sizeof (ShoalRaw));
  p->acquaintances = g_array_new (FALSE, FALSE, sizeof (ShoalAddr));
  g_queue_init (&p->dirty);
  p->tick_at = SHOAL_NEVER;
  p->announcer_at = SHOAL_NEVER;
  if (options->tracker.family != 0)
    p->announcer = make_announcer (p);
  set_tick (p);
  shoal_upload_init (p);
  shoal_download_init (p);
  return &p->machine;
}

void
shoal_peer_join (ShoalMachine *peer, ShoalTime now)
{
  ShoalPeer *p = as_peer (peer);
  if (p->announcer && !p->closing)
    shoal_announcer_add (shoal_peer_announcer (p), now, &LOBBY, 1);
}

/* ---- commands ---- */

ShoalResult
shoal_peer_register (ShoalMachine *peer, ShoalTime now, const ShoalFile *file, ShoalContent *content,
                     ShoalMerkle *tree)
{
  ShoalPeer *p = as_peer (peer);
  ShoalResult result = p->closing                         ? SHOAL_CLOSED
                       : shoal_peer_swarm (p, &file->fid) ? SHOAL_DUPLICATE
                                                          : SHOAL_OK;
  if (result != SHOAL_OK)
    {
      content->ops->free (content);
      g_clear_pointer (&tree, shoal_merkle_unref);
      return result;
    }
  ShoalSwarm *s = shoal_swarm_new (p, &file->fid);
  s->content = content;
  s->tree = tree;
  s->registered = s->complete = true;
  shoal_swarm_set_info (s, file);
  shoal_bitmap_fill (&s->have);
  shoal_bitmap_fill (&s->taken);
  if (p->announcer)
    shoal_announcer_add (shoal_peer_announcer (p), now, &file->fid, 0);
  shoal_peer_emit (p, SHOAL_EVENT_REGISTERED, s, NULL, 0);
  return SHOAL_OK;
}

ShoalResult
shoal_peer_download (ShoalMachine *peer, ShoalTime now, const ShoalFid *fid,
                     const ShoalDownloadOptions *options)
{
  ShoalPeer *p = as_peer (peer);
  if (p->closing)
    return SHOAL_CLOSED;
  if (shoal_peer_swarm (p, fid))
    return SHOAL_DUPLICATE;
  ShoalSwarm *s = shoal_swarm_new (p, fid);
  s->downloading = true;
  s->options = *options;
  s->options.holders = NULL;
  s->give_up_at = options->time_limit_ns ? now + options->time_limit_ns : SHOAL_NEVER;
  s->more_peers_at = now;
  s->exchange_at = now + FIRST_EXCHANGE_NS;
  p->down.fed_at = now;
  for (unsigned i = 0; i < options->holder_count; i++)
    shoal_swarm_add_candidate (s, &options->holders[i]);
  for (guint i = 0; p->announcer && i < p->acquaintances->len; i++)
    shoal_swarm_add_candidate (s, &g_array_index (p->acquaintances, ShoalAddr, i));
  if (p->announcer)
    shoal_announcer_add (shoal_peer_announcer (p), now, fid,
                         UINT64_C (1) << 62); /* the size is not known yet */
  shoal_peer_emit (p, SHOAL_EVENT_DOWNLOAD_STARTED, s, NULL, 0);
  shoal_swarm_connect (s, now);
  shoal_waiting_begin (s, now);
  shoal_peer_arm (p, now);
  return SHOAL_OK;
}

void
shoal_peer_block_hashed (ShoalMachine *peer, ShoalTime now, const ShoalBlockHash *hashed)
{
  ShoalPeer *p = as_peer (peer);
  ShoalSwarm *s = shoal_peer_swarm (p, &hashed->fid);
  if (!s || !s->downloading || s->content != hashed->content)
    return;
  shoal_download_block_hashed (s, now, hashed->block, hashed->hash);
  shoal_peer_arm (p, now);
  settle (p, now);
}

ShoalResult
shoal_peer_cancel (ShoalMachine *peer, ShoalTime now, const ShoalFid *fid)
{
  ShoalPeer *p = as_peer (peer);
  ShoalSwarm *s = shoal_peer_swarm (p, fid);
  if (!s)
    return SHOAL_UNKNOWN;
  if (s->downloading)
    shoal_peer_emit (p, SHOAL_EVENT_DOWNLOAD_FAILED, s, NULL, SHOAL_FAILURE_CANCELLED);
  shoal_peer_emit (p, SHOAL_EVENT_CANCELLED, s, NULL, 0);
  shoal_swarm_leave (s, now);
  settle (p, now);
  return SHOAL_OK;
}
