#include "src/tracker.h"

#include "src/bep15.h"
#include "src/random.h"
#include "src/sha256.h"
#include "src/tracker-swarms.h"

#define DEFAULT_INTERVAL_S 120u
#define DEFAULT_REPLY_PEERS 30u
#define INTERVAL_MAX_S (24u * 3600u)

/* A connection id is good for two to three minutes. BEP 15 asks for two after it was sent, for the
 * client uses it for one after it has come. */
#define EPOCH_NS (60 * SHOAL_SECOND)
#define EPOCHS_VALID 3u

/* What floods and large populations cannot exceed. */
#define MAX_SWARMS (1u << 17)
#define MAX_PEERS (1u << 20)
/* Replies that wait for the uplink. When there are more the newest goes unanswered: those before it
 * have waited longer, and its sender asks again. */
#define MAX_WAITING 4096u

/* While many wait, replies carry fewer peers, so that the queue takes no longer than this; but never
 * fewer peers than this many. Peers tell each other of more. */
#define QUEUE_AIM_S 1u
#define FEW_PEERS 6u

#define CONNECT_REPLY_BYTES 16u
#define ANNOUNCE_REPLY_BYTES 20u
#define KEY_BYTES 32u

static const char expired_text[] = "connection id expired";

/* A reply that waits. It is written when the uplink is free, from what is known then. */
typedef struct {
  ShoalAddr to;
  ShoalBep15Request request; /* scrape_hashes point behind this struct */
  uint32_t interval_s;       /* announce: as was reckoned with for expiry */
  const char *error;         /* static; NULL: none */
} Waiting;

typedef struct {
  ShoalMachine machine;
  uint32_t interval_s, expiry_s, reply_max_peers;
  uint64_t upload_bytes_per_s;
  ShoalRandom random;
  uint8_t key[KEY_BYTES];
  ShoalSwarms *swarms; /* owned */
  GQueue waiting;      /* of Waiting, owned */
  ShoalTrackerCounters counts;
  bool closed, closed_told;
} Tracker;

static size_t
entry_bytes (const ShoalAddr *addr)
{
  return addr->family == 6 ? 18 : 6;
}

static uint64_t
connection_id (const Tracker *t, const ShoalAddr *addr, uint64_t epoch)
{
  uint8_t bytes[KEY_BYTES + sizeof addr->ip + 11], hash[SHOAL_HASH_BYTES];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_write_bytes (&w, t->key, sizeof t->key);
  shoal_write_u8 (&w, addr->family);
  shoal_write_bytes (&w, addr->ip, sizeof addr->ip);
  shoal_write_u16 (&w, addr->port);
  shoal_write_u64 (&w, epoch);
  g_assert (!w.failed);
  shoal_sha256 (bytes, w.length, hash);
  ShoalReader r = shoal_reader (hash, sizeof hash);
  return shoal_read_u64 (&r);
}

static bool
connection_valid (const Tracker *t, ShoalTime now, const ShoalAddr *addr, uint64_t id)
{
  uint64_t epoch = (uint64_t)(now / EPOCH_NS);
  for (uint64_t back = 0; back < EPOCHS_VALID && back <= epoch; back++)
    if (connection_id (t, addr, epoch - back) == id)
      return true;
  return false;
}

/* An announce costs a connection id and a reply, each a peer once an interval. */
static uint32_t
interval_now (const Tracker *t, const ShoalAddr *asker)
{
  uint64_t population = shoal_swarms_peers (t->swarms);
  uint64_t bytes = CONNECT_REPLY_BYTES + ANNOUNCE_REPLY_BYTES;
  bytes += entry_bytes (asker) * MIN (t->reply_max_peers, population);
  if (t->upload_bytes_per_s == 0)
    return t->interval_s;
  uint64_t quarter = MAX (t->upload_bytes_per_s / 4, 1);
  uint64_t needed = (population * bytes + quarter - 1) / quarter;
  return (uint32_t)MAX (t->interval_s, MIN (needed, INTERVAL_MAX_S));
}

/* Who is asked to announce less often is given longer in proportion. */
static ShoalTime
expiry_after (const Tracker *t, ShoalTime now, uint32_t interval_s)
{
  uint64_t seconds = (uint64_t)t->expiry_s * interval_s / t->interval_s;
  return now + (ShoalTime)seconds * SHOAL_SECOND;
}

static void
enqueue (Tracker *t, const Waiting *reply)
{
  if (t->waiting.length >= MAX_WAITING)
    return;
  size_t hashes_bytes = (size_t)reply->request.hashes * SHOAL_BEP15_HASH_BYTES;
  Waiting *waiting = g_malloc (sizeof *waiting + hashes_bytes);
  *waiting = *reply;
  waiting->request.scrape_hashes = (const uint8_t *)(waiting + 1);
  if (hashes_bytes > 0)
    memcpy (waiting + 1, reply->request.scrape_hashes, hashes_bytes);
  g_queue_push_tail (&t->waiting, waiting);
}

static void
refuse (Tracker *t, Waiting *reply, const char *error)
{
  reply->error = error;
  reply->request.hashes = 0;
  t->counts.errors++;
  enqueue (t, reply);
}

/* Who does not know its port is reached where it calls from. */
static ShoalAddr
announced_addr (const Waiting *reply)
{
  ShoalAddr addr = reply->to;
  if (reply->request.announce.port != 0)
    addr.port = reply->request.announce.port;
  return addr;
}

static void
take_announce (Tracker *t, ShoalTime now, Waiting *reply)
{
  const ShoalBep15Announce *announce = &reply->request.announce;
  ShoalSwarmPeer peer = { .addr = announced_addr (reply), .seeder = announce->left_bytes == 0 };
  reply->interval_s = interval_now (t, &reply->to);
  peer.completed = announce->event == SHOAL_BEP15_COMPLETED;
  peer.expires_at = expiry_after (t, now, reply->interval_s);
  t->counts.announces++;
  if (announce->event == SHOAL_BEP15_STOPPED)
    shoal_swarms_remove (t->swarms, announce->info_hash, &peer.addr);
  else if (shoal_swarms_put (t->swarms, announce->info_hash, &peer) != SHOAL_OK)
    {
      refuse (t, reply, "tracker full");
      return;
    }
  enqueue (t, reply);
}

static void
take_request (Tracker *t, ShoalTime now, Waiting *reply)
{
  const ShoalBep15Request *request = &reply->request;
  if (request->action == SHOAL_BEP15_CONNECT)
    {
      t->counts.connects++;
      enqueue (t, reply);
    }
  else if (!connection_valid (t, now, &reply->to, request->connection_id))
    refuse (t, reply, expired_text);
  else if (request->action == SHOAL_BEP15_ANNOUNCE)
    take_announce (t, now, reply);
  else
    {
      t->counts.scrapes++;
      enqueue (t, reply);
    }
}

static void
tracker_receive (ShoalMachine *m, ShoalTime now, const ShoalInput *input)
{
  Tracker *t = (Tracker *)m;
  Waiting reply = { .to = input->from };
  if (t->closed)
    return;
  shoal_swarms_expire (t->swarms, now);
  bool address = (input->from.family == 4 || input->from.family == 6) && input->from.port != 0;
  if (!address || input->tail_bytes > 0
      || shoal_bep15_read_request (input->head, input->head_bytes, &reply.request) != SHOAL_OK)
    m->counters.malformed_datagrams++;
  else
    take_request (t, now, &reply);
}

/* How many peers this reply may have: what was asked for, the limit, the datagram, the queue. */
static unsigned
sample_size (const Tracker *t, const Waiting *reply)
{
  const ShoalBep15Announce *announce = &reply->request.announce;
  uint64_t entry = entry_bytes (&reply->to);
  uint64_t wanted = MIN (t->reply_max_peers, (SHOAL_HEAD_MAX_BYTES - ANNOUNCE_REPLY_BYTES) / entry);
  if (announce->event == SHOAL_BEP15_STOPPED)
    return 0;
  if (announce->num_want >= 0)
    wanted = MIN (wanted, (uint64_t)announce->num_want);
  if (t->upload_bytes_per_s > 0)
    {
      uint64_t share = t->upload_bytes_per_s * QUEUE_AIM_S / (t->waiting.length + 1);
      uint64_t room = share > ANNOUNCE_REPLY_BYTES ? (share - ANNOUNCE_REPLY_BYTES) / entry : 0;
      wanted = MIN (wanted, MAX (room, FEW_PEERS));
    }
  return (unsigned)wanted;
}

static void
write_announce_reply (Tracker *t, const Waiting *reply, ShoalWriter *w)
{
  ShoalAddr sample[SHOAL_HEAD_MAX_BYTES / 6], asker = announced_addr (reply);
  const uint8_t *info_hash = reply->request.announce.info_hash;
  ShoalBep15ScrapeEntry counts = shoal_swarms_counts (t->swarms, info_hash);
  unsigned wanted = sample_size (t, reply);
  unsigned count = shoal_swarms_sample (t->swarms, info_hash, &asker, wanted, &t->random, sample);
  shoal_bep15_write_announce_reply (w, reply->request.transaction_id, reply->interval_s, counts.leechers,
                                    counts.seeders);
  for (unsigned i = 0; i < count; i++)
    shoal_bep15_write_peer (w, &sample[i]);
}

static void
write_scrape_reply (const Tracker *t, const Waiting *reply, ShoalWriter *w)
{
  ShoalBep15ScrapeEntry entries[SHOAL_BEP15_SCRAPE_MAX_HASHES];
  for (unsigned i = 0; i < reply->request.hashes; i++)
    {
      const uint8_t *info_hash = reply->request.scrape_hashes + i * SHOAL_BEP15_HASH_BYTES;
      entries[i] = shoal_swarms_counts (t->swarms, info_hash);
    }
  shoal_bep15_write_scrape_reply (w, reply->request.transaction_id, entries, reply->request.hashes);
}

static void
write_reply (Tracker *t, ShoalTime now, const Waiting *reply, ShoalWriter *w)
{
  uint32_t transaction_id = reply->request.transaction_id;
  if (reply->error != NULL)
    shoal_bep15_write_error (w, transaction_id, reply->error);
  else if (reply->request.action == SHOAL_BEP15_CONNECT)
    {
      uint64_t id = connection_id (t, &reply->to, (uint64_t)(now / EPOCH_NS));
      shoal_bep15_write_connect_reply (w, transaction_id, id);
    }
  else if (reply->request.action == SHOAL_BEP15_ANNOUNCE)
    write_announce_reply (t, reply, w);
  else
    write_scrape_reply (t, reply, w);
}

static bool
tracker_next_datagram (ShoalMachine *m, ShoalTime now, ShoalDatagram *out)
{
  Tracker *t = (Tracker *)m;
  Waiting *reply = g_queue_pop_head (&t->waiting);
  if (reply == NULL)
    return false;
  ShoalWriter w = shoal_writer (out->head, sizeof out->head);
  write_reply (t, now, reply, &w);
  g_assert (!w.failed);
  out->to = reply->to;
  out->head_bytes = (uint16_t)w.length;
  out->payload = (ShoalPayload){ 0 };
  g_free (reply);
  return true;
}

static ShoalTime
tracker_deadline (const ShoalMachine *m)
{
  const Tracker *t = (const Tracker *)m;
  return t->closed ? SHOAL_NEVER : shoal_swarms_next_expiry (t->swarms);
}

static void
tracker_wake (ShoalMachine *m, ShoalTime now)
{
  Tracker *t = (Tracker *)m;
  if (!t->closed)
    shoal_swarms_expire (t->swarms, now);
}

static bool
tracker_next_event (ShoalMachine *m, ShoalEvent *out)
{
  Tracker *t = (Tracker *)m;
  if (!t->closed || t->closed_told)
    return false;
  t->closed_told = true;
  *out = (ShoalEvent){ .kind = SHOAL_EVENT_CLOSED };
  return true;
}

static void
tracker_set_rates (ShoalMachine *m, ShoalTime now, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s)
{
  (void)now;
  (void)download_bytes_per_s;
  ((Tracker *)m)->upload_bytes_per_s = upload_bytes_per_s;
}

static void
tracker_close (ShoalMachine *m, ShoalTime now)
{
  Tracker *t = (Tracker *)m;
  (void)now;
  t->closed = true;
  g_queue_clear_full (&t->waiting, g_free);
}

static void
tracker_free (ShoalMachine *m)
{
  Tracker *t = (Tracker *)m;
  g_queue_clear_full (&t->waiting, g_free);
  shoal_swarms_free (t->swarms);
  g_free (t);
}

static const ShoalMachineOps tracker_ops = {
  .receive = tracker_receive,
  .next_datagram = tracker_next_datagram,
  .deadline = tracker_deadline,
  .wake = tracker_wake,
  .next_event = tracker_next_event,
  .set_rates = tracker_set_rates,
  .close = tracker_close,
  .free = tracker_free,
};

ShoalMachine *
shoal_tracker_machine_new (const ShoalTrackerOptions *options)
{
  Tracker *t = g_new0 (Tracker, 1);
  t->machine.ops = &tracker_ops;
  t->interval_s = options->interval_s != 0 ? MIN (options->interval_s, INTERVAL_MAX_S) : DEFAULT_INTERVAL_S;
  t->expiry_s = options->expiry_s != 0 ? options->expiry_s : t->interval_s * 5 / 2;
  t->reply_max_peers = options->reply_max_peers != 0 ? options->reply_max_peers : DEFAULT_REPLY_PEERS;
  t->upload_bytes_per_s = options->upload_bytes_per_s;
  shoal_random_init (&t->random, options->seed, options->name);
  shoal_random_bytes (&t->random, t->key, sizeof t->key);
  ShoalSwarmsOptions swarms = { .max_swarms = MAX_SWARMS, .max_peers = MAX_PEERS };
  swarms.hash_key = shoal_random_u64 (&t->random);
  t->swarms = shoal_swarms_new (&swarms);
  g_queue_init (&t->waiting);
  return &t->machine;
}

ShoalTrackerCounters
shoal_tracker_machine_counters (const ShoalMachine *tracker)
{
  const Tracker *t = (const Tracker *)tracker;
  ShoalTrackerCounters counts = t->counts;
  counts.swarms = shoal_swarms_count (t->swarms);
  counts.peers = shoal_swarms_peers (t->swarms);
  return counts;
}
