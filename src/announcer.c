/* A swarm's request is either ready (it goes out when the uplink asks and there is a connection id),
 * or timed (at `at` it becomes ready: a re-announce, or a retransmission of what is unanswered). So the
 * deadline is never in the past once wake() was called, however long the uplink is busy. */
#include "src/announcer.h"

#include "src/bep15.h"
#include "src/patience.h"

#define CONNECTION_NS (60 * SHOAL_SECOND)
#define CONNECT_MAX_NS                                                                                       \
  (60 * SHOAL_SECOND) /* so small a request may be repeated more often: an outage may be over */
#define STOPPED_TRIES 3u
/* Time for those tries as a rule, should not even a connection id be had; of a slow tracker that is for fewer. */
#define STOPPED_NS (105 * SHOAL_SECOND)
/* A tracker that asks for less or more than this is not obeyed. */
#define INTERVAL_MIN_S 5u
#define INTERVAL_MAX_S (24u * 3600u)
#define MAX_PEERS 256u

typedef struct {
  ShoalFid fid;
  uint64_t left_bytes;
  bool complete;          /* it is, and was told or is being told, or it was from the start */
  ShoalBep15Event event;  /* to be told with the next announce */
  bool sent_ever;         /* the tracker may know of us */
  bool waiting;           /* an announce is unanswered */
  bool reconnected;       /* for this request already */
  ShoalTries tries;       /* of this request */
  unsigned refusals;      /* in a row */
  uint64_t connection_id; /* that it was sent under */
  ShoalTime at;           /* becomes ready then; SHOAL_NEVER while it is */
  ShoalTime give_up_at;   /* stopped: forgotten then; else SHOAL_NEVER */
  bool ready;             /* in Announcer.ready */
  GList link;             /* there; data is the swarm */
} Swarm;

typedef struct {
  ShoalFid fid;
  ShoalAddr *peers; /* owned */
  unsigned peer_count;
  uint32_t seeders, leechers;
  char *error; /* owned */
} Result;

typedef struct {
  bool valid;
  uint64_t id;
  ShoalTime expires_at;
  bool ready; /* a request is to be sent */
  bool waiting;
  ShoalTries tries;
  unsigned refusals; /* in a row */
  ShoalTime at;      /* retransmission; SHOAL_NEVER: none */
} Connection;

struct ShoalAnnouncer {
  ShoalAnnouncerOptions options;
  uint32_t key;
  Connection connection;
  GPtrArray *swarms; /* owned Swarm, in order of joining */
  GQueue ready;      /* swarms whose announce is to be sent, the first first */
  GQueue results;    /* of Result, owned */
  Result *lent;      /* owned: what next_result() gave last */
  ShoalPatience patience;
  ShoalTime deadline; /* kept, for it is asked for after every datagram of the node */
};

static void
result_free (gpointer data)
{
  Result *result = data;
  if (result == NULL)
    return;
  g_free (result->peers);
  g_free (result->error);
  g_free (result);
}

ShoalAnnouncer *
shoal_announcer_new (const ShoalAnnouncerOptions *options)
{
  ShoalAnnouncer *a = g_new0 (ShoalAnnouncer, 1);
  a->options = *options;
  a->key = (uint32_t)shoal_random_u64 (options->random);
  a->connection.at = a->deadline = SHOAL_NEVER;
  a->swarms = g_ptr_array_new_with_free_func (g_free);
  g_queue_init (&a->ready);
  g_queue_init (&a->results);
  return a;
}

void
shoal_announcer_free (ShoalAnnouncer *a)
{
  if (a == NULL)
    return;
  g_ptr_array_unref (a->swarms);
  g_queue_clear_full (&a->results, result_free);
  result_free (a->lent);
  g_free (a);
}

static bool
connected (const ShoalAnnouncer *a, ShoalTime now)
{
  return a->connection.valid && now < a->connection.expires_at;
}

/* Every change from outside ends with this. */
static void
update_deadline (ShoalAnnouncer *a)
{
  a->deadline = a->connection.at;
  for (guint i = 0; i < a->swarms->len; i++)
    {
      const Swarm *swarm = g_ptr_array_index (a->swarms, i);
      a->deadline = MIN (a->deadline, MIN (swarm->at, swarm->give_up_at));
    }
}

ShoalTime
shoal_announcer_deadline (const ShoalAnnouncer *a)
{
  return a->deadline;
}

/* Asks for a connection id, unless there is one or one is being asked for. Only when the uplink asks for
 * what needs it (or ahead of need): an answer that comes late may have made it needless. */
static void
want_connection (ShoalAnnouncer *a, ShoalTime now)
{
  Connection *c = &a->connection;
  if (connected (a, now) || c->ready || c->waiting)
    return;
  c->valid = false;
  c->ready = true;
  c->at = SHOAL_NEVER;
  shoal_tries_begin (&c->tries, a->options.random);
}

static void
set_ready (ShoalAnnouncer *a, Swarm *swarm, bool ready)
{
  if (swarm->ready == ready)
    return;
  swarm->ready = ready;
  if (ready)
    g_queue_push_tail_link (&a->ready, &swarm->link);
  else
    g_queue_unlink (&a->ready, &swarm->link);
}

/* Begins a new request: what was in flight before is not waited for any more. */
static void
begin (ShoalAnnouncer *a, ShoalTime now, Swarm *swarm, ShoalBep15Event event)
{
  swarm->event = event;
  swarm->waiting = false;
  swarm->reconnected = false;
  swarm->refusals = 0;
  swarm->at = SHOAL_NEVER;
  swarm->give_up_at = event == SHOAL_BEP15_STOPPED ? now + STOPPED_NS : SHOAL_NEVER;
  shoal_tries_begin (&swarm->tries, a->options.random);
  set_ready (a, swarm, true);
}

static Swarm *
find (const ShoalAnnouncer *a, const ShoalFid *fid)
{
  for (guint i = 0; i < a->swarms->len; i++)
    {
      Swarm *swarm = g_ptr_array_index (a->swarms, i);
      if (shoal_fid_equal (&swarm->fid, fid))
        return swarm;
    }
  return NULL;
}

static void
forget (ShoalAnnouncer *a, Swarm *swarm)
{
  set_ready (a, swarm, false);
  g_ptr_array_remove (a->swarms, swarm);
}

void
shoal_announcer_connect (ShoalAnnouncer *a, ShoalTime now)
{
  want_connection (a, now);
  update_deadline (a);
}

void
shoal_announcer_add (ShoalAnnouncer *a, ShoalTime now, const ShoalFid *fid, uint64_t left_bytes)
{
  Swarm *swarm = find (a, fid);
  if (swarm == NULL)
    {
      swarm = g_new0 (Swarm, 1);
      swarm->fid = *fid;
      swarm->link.data = swarm;
      g_ptr_array_add (a->swarms, swarm);
    }
  else if (swarm->event != SHOAL_BEP15_STOPPED)
    {
      swarm->left_bytes = left_bytes;
      return;
    }
  swarm->left_bytes = left_bytes;
  swarm->complete = left_bytes == 0;
  begin (a, now, swarm, SHOAL_BEP15_STARTED);
  update_deadline (a);
}

void
shoal_announcer_complete (ShoalAnnouncer *a, ShoalTime now, const ShoalFid *fid)
{
  Swarm *swarm = find (a, fid);
  if (swarm == NULL || swarm->event == SHOAL_BEP15_STOPPED || swarm->complete)
    return;
  swarm->left_bytes = 0;
  swarm->complete = true;
  begin (a, now, swarm, SHOAL_BEP15_COMPLETED);
  update_deadline (a);
}

void
shoal_announcer_remove (ShoalAnnouncer *a, ShoalTime now, const ShoalFid *fid)
{
  Swarm *swarm = find (a, fid);
  if (swarm == NULL || swarm->event == SHOAL_BEP15_STOPPED)
    return;
  if (swarm->sent_ever)
    begin (a, now, swarm, SHOAL_BEP15_STOPPED);
  else
    forget (a, swarm);
  update_deadline (a);
}

/* An announce is to be sent or unanswered. */
static bool
busy (const Swarm *swarm)
{
  return swarm->ready || swarm->waiting;
}

void
shoal_announcer_again (ShoalAnnouncer *a, const ShoalFid *fid, ShoalTime at)
{
  Swarm *swarm = find (a, fid);
  if (swarm != NULL && !busy (swarm))
    swarm->at = MIN (swarm->at, at);
  update_deadline (a);
}

bool
shoal_announcer_idle (const ShoalAnnouncer *a)
{
  for (guint i = 0; i < a->swarms->len; i++)
    if (busy (g_ptr_array_index (a->swarms, i)))
      return false;
  return true;
}

/* Nothing is asked for until then. */
static void
rest_until (ShoalAnnouncer *a, Swarm *swarm, ShoalTime at)
{
  swarm->at = at;
  swarm->waiting = false;
  swarm->reconnected = false;
  set_ready (a, swarm, false);
}

/* The re-announce in interval_s, ± 10 %, so that those who came together do not stay so. */
static void
schedule (ShoalAnnouncer *a, ShoalTime now, Swarm *swarm, uint32_t interval_s)
{
  uint32_t interval_ms = CLAMP (interval_s, INTERVAL_MIN_S, INTERVAL_MAX_S) * 1000;
  uint32_t jitter_ms = shoal_random_below (a->options.random, interval_ms / 5 + 1);
  rest_until (a, swarm, now + (ShoalTime)(interval_ms - interval_ms / 10 + jitter_ms) * SHOAL_MS);
  swarm->refusals = 0;
}

static Result *
add_result (ShoalAnnouncer *a, const Swarm *swarm)
{
  Result *result = g_new0 (Result, 1);
  result->fid = swarm->fid;
  g_queue_push_tail (&a->results, result);
  return result;
}

static void
copy_peers (const ShoalAnnouncer *a, const ShoalBep15Reply *reply, Result *result)
{
  unsigned count = MIN (reply->peer_count, MAX_PEERS);
  result->peers = g_new (ShoalAddr, count);
  for (unsigned i = 0; i < count; i++)
    {
      ShoalAddr peer = shoal_bep15_peer (reply, a->options.tracker.family, i);
      if (peer.port != 0)
        result->peers[result->peer_count++] = peer;
    }
}

static void
take_announce_reply (ShoalAnnouncer *a, ShoalTime now, Swarm *swarm, const ShoalBep15Reply *reply)
{
  if (swarm->event == SHOAL_BEP15_STOPPED)
    {
      forget (a, swarm);
      return;
    }
  Result *result = add_result (a, swarm);
  result->seeders = reply->seeders;
  result->leechers = reply->leechers;
  copy_peers (a, reply, result);
  swarm->event = SHOAL_BEP15_NONE;
  shoal_patience_measure (&a->patience, &swarm->tries, now, reply->transaction_id);
  schedule (a, now, swarm, reply->interval_s);
}

/* Trackers word it differently: "connection id expired", "Invalid connection ID", "mismatch" … */
static bool
is_about_connection (const ShoalBep15Reply *reply)
{
  char *text = g_ascii_strdown (reply->error, (gssize)reply->error_length);
  bool about = strstr (text, "connection") != NULL;
  g_free (text);
  return about;
}

/* The id is not good any more: the same request under a new one, at once, but only once. */
static void
reconnect (ShoalAnnouncer *a, Swarm *swarm)
{
  if (a->connection.valid && a->connection.id == swarm->connection_id)
    a->connection.valid = false;
  swarm->reconnected = true;
  swarm->waiting = false;
  swarm->at = SHOAL_NEVER;
  set_ready (a, swarm, true);
}

static void
add_error (ShoalAnnouncer *a, const Swarm *swarm, const ShoalBep15Reply *reply)
{
  char *text = g_strndup (reply->error, reply->error_length);
  add_result (a, swarm)->error = g_utf8_make_valid (text, -1);
  g_free (text);
}

static void
take_error (ShoalAnnouncer *a, ShoalTime now, Swarm *swarm, const ShoalBep15Reply *reply)
{
  if (is_about_connection (reply) && !swarm->reconnected)
    {
      reconnect (a, swarm);
      return;
    }
  if (swarm->event == SHOAL_BEP15_STOPPED)
    {
      forget (a, swarm);
      return;
    }
  add_error (a, swarm, reply);
  rest_until (a, swarm, now + shoal_patience_refused_ns (++swarm->refusals));
}

static bool
take_connect_reply (ShoalAnnouncer *a, ShoalTime now, const ShoalBep15Reply *reply)
{
  Connection *c = &a->connection;
  if (!c->waiting || !shoal_tries_answered (&c->tries, reply->transaction_id))
    return false;
  shoal_patience_measure (&a->patience, &c->tries, now, reply->transaction_id);
  *c = (Connection){ .valid = true, .id = reply->connection_id, .expires_at = now + CONNECTION_NS };
  c->at = SHOAL_NEVER;
  return true;
}

/* A tracker that refuses to connect refuses everybody who waits for it; it is asked again later. */
static bool
take_connect_error (ShoalAnnouncer *a, ShoalTime now, const ShoalBep15Reply *reply)
{
  if (!a->connection.waiting || !shoal_tries_answered (&a->connection.tries, reply->transaction_id))
    return false;
  for (guint i = 0; i < a->swarms->len; i++)
    {
      const Swarm *swarm = g_ptr_array_index (a->swarms, i);
      if (swarm->ready && swarm->event != SHOAL_BEP15_STOPPED)
        add_error (a, swarm, reply);
    }
  a->connection.at = now + shoal_patience_refused_ns (++a->connection.refusals);
  return true;
}

static Swarm *
find_waiting (const ShoalAnnouncer *a, uint32_t transaction_id)
{
  for (guint i = 0; i < a->swarms->len; i++)
    {
      Swarm *swarm = g_ptr_array_index (a->swarms, i);
      if (swarm->waiting && shoal_tries_answered (&swarm->tries, transaction_id))
        return swarm;
    }
  return NULL;
}

static bool
take_reply (ShoalAnnouncer *a, ShoalTime now, const ShoalBep15Reply *reply)
{
  if (reply->action == SHOAL_BEP15_CONNECT)
    return take_connect_reply (a, now, reply);
  Swarm *swarm = find_waiting (a, reply->transaction_id);
  if (reply->action == SHOAL_BEP15_ERROR && swarm == NULL)
    return take_connect_error (a, now, reply);
  if (swarm == NULL || reply->action == SHOAL_BEP15_SCRAPE)
    return false;
  if (reply->action == SHOAL_BEP15_ERROR)
    take_error (a, now, swarm, reply);
  else
    take_announce_reply (a, now, swarm, reply);
  return true;
}

bool
shoal_announcer_receive (ShoalAnnouncer *a, ShoalTime now, const uint8_t *bytes, size_t length)
{
  ShoalBep15Reply reply;
  if (shoal_bep15_read_reply (bytes, length, a->options.tracker.family, &reply) != SHOAL_OK)
    return false;
  bool taken = take_reply (a, now, &reply);
  update_deadline (a);
  return taken;
}

static void
begin_datagram (const ShoalAnnouncer *a, ShoalDatagram *out, const ShoalWriter *w)
{
  g_assert (!w->failed);
  out->to = a->options.tracker;
  out->head_bytes = (uint16_t)w->length;
  out->payload = (ShoalPayload){ 0 };
}

static void
send_connect (ShoalAnnouncer *a, ShoalTime now, ShoalDatagram *out)
{
  Connection *c = &a->connection;
  ShoalWriter w = shoal_writer (out->head, sizeof out->head);
  shoal_bep15_write_connect (&w, shoal_tries_send (&c->tries, now));
  begin_datagram (a, out, &w);
  c->ready = false;
  c->waiting = true;
  c->at = now + MIN (shoal_patience_wait_ns (&a->patience, c->tries.count), CONNECT_MAX_NS);
}

/* Totals of bytes stay 0: they are statistics of the tracker's, which nothing depends on. */
static void
fill_announce (const ShoalAnnouncer *a, const Swarm *swarm, ShoalBep15Announce *announce)
{
  bool stopped = swarm->event == SHOAL_BEP15_STOPPED;
  memcpy (announce->info_hash, swarm->fid.bytes, sizeof announce->info_hash);
  memcpy (announce->peer_id, a->options.peer_id, sizeof announce->peer_id);
  announce->left_bytes = swarm->left_bytes;
  announce->event = swarm->event;
  announce->key = a->key;
  announce->num_want = stopped ? 0 : (int32_t)MIN (a->options.num_want, INT32_MAX);
  announce->port = a->options.port;
}

static void
send_announce (ShoalAnnouncer *a, ShoalTime now, Swarm *swarm, ShoalDatagram *out)
{
  ShoalBep15Announce announce = { .key = 0 };
  ShoalWriter w = shoal_writer (out->head, sizeof out->head);
  fill_announce (a, swarm, &announce);
  shoal_bep15_write_announce (&w, a->connection.id, shoal_tries_send (&swarm->tries, now), &announce);
  begin_datagram (a, out, &w);
  set_ready (a, swarm, false);
  swarm->sent_ever = true;
  swarm->waiting = true;
  swarm->connection_id = a->connection.id;
  swarm->at = now + shoal_patience_wait_ns (&a->patience, swarm->tries.count);
}

bool
shoal_announcer_next_datagram (ShoalAnnouncer *a, ShoalTime now, ShoalDatagram *out)
{
  Swarm *first = a->ready.head != NULL ? a->ready.head->data : NULL;
  if (first != NULL && !connected (a, now))
    want_connection (a, now);
  if (first != NULL && connected (a, now))
    send_announce (a, now, first, out);
  else if (a->connection.ready)
    send_connect (a, now, out);
  else
    return false;
  update_deadline (a);
  return true;
}

static void
wake_connection (ShoalAnnouncer *a, ShoalTime now)
{
  Connection *c = &a->connection;
  if (c->at > now)
    return;
  c->at = SHOAL_NEVER;
  /* Unanswered. The same transaction goes on when somebody waits for it; else (it was sent ahead of
   * need, once) the next need begins one. */
  if (a->ready.head != NULL)
    c->ready = true;
  else
    c->waiting = false;
}

static void
wake_swarm (ShoalAnnouncer *a, ShoalTime now, Swarm *swarm)
{
  bool stopped = swarm->event == SHOAL_BEP15_STOPPED;
  if (swarm->give_up_at <= now || (stopped && swarm->at <= now && swarm->tries.count >= STOPPED_TRIES))
    {
      forget (a, swarm);
      return;
    }
  if (swarm->ready || swarm->at > now)
    return;
  swarm->at = SHOAL_NEVER;
  if (!swarm->waiting) /* a new request, not a retransmission */
    shoal_tries_begin (&swarm->tries, a->options.random);
  set_ready (a, swarm, true);
}

void
shoal_announcer_wake (ShoalAnnouncer *a, ShoalTime now)
{
  for (guint i = a->swarms->len; i > 0; i--)
    wake_swarm (a, now, g_ptr_array_index (a->swarms, i - 1));
  wake_connection (a, now);
  update_deadline (a);
}

bool
shoal_announcer_next_result (ShoalAnnouncer *a, ShoalAnnounceResult *out)
{
  Result *result = g_queue_pop_head (&a->results);
  if (result == NULL)
    return false;
  result_free (a->lent);
  a->lent = result;
  *out = (ShoalAnnounceResult){ .fid = result->fid,
                                .peers = result->peers,
                                .peer_count = result->peer_count,
                                .seeders = result->seeders,
                                .leechers = result->leechers,
                                .error = result->error };
  return true;
}
