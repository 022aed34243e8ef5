/* The tracker under arbitrary requests from several addresses, in arbitrary time. It gives nobody who has not named a
 * connection id more bytes than it was sent, answers what it should, and is never busy for nothing. */
#include "tests/fuzz/fuzz.h"

#include "src/bep15.h"
#include "src/tracker.h"

#define CLIENTS 4u
#define WAITING_MAX 5000u

typedef struct {
  ShoalAddr addr;
  uint64_t sent_bytes, got_bytes;
  uint64_t id; /* of its connection, as told last; 0: none */
  bool proved;
} Client;

typedef struct {
  ShoalMachine *tracker;
  ShoalTime now;
  Client clients[CLIENTS];
  bool closed;
} World;

static void
client_takes (World *w, const ShoalDatagram *d)
{
  Client *c = NULL;
  ShoalBep15Reply reply;
  for (unsigned i = 0; i < CLIENTS && !c; i++)
    if (shoal_addr_equal (&w->clients[i].addr, &d->to))
      c = &w->clients[i];
  fuzz_require (c != NULL && d->payload.length_bytes == 0);
  fuzz_require (shoal_bep15_read_reply (d->head, d->head_bytes, c->addr.family, &reply) == SHOAL_OK);
  c->got_bytes += d->head_bytes;
  fuzz_require (c->proved || c->got_bytes <= c->sent_bytes);
  if (reply.action == SHOAL_BEP15_CONNECT)
    c->id = reply.connection_id;
  for (unsigned i = 0; i < reply.peer_count; i++)
    fuzz_require (shoal_bep15_peer (&reply, c->addr.family, i).port != 0);
}

/* Takes up to `most` of what is to be sent: the uplink is not always free. */
static void
drain (World *w, unsigned most)
{
  ShoalDatagram d = { 0 };
  ShoalEvent event;
  unsigned taken = 0;
  while (taken < most && w->tracker->ops->next_datagram (w->tracker, w->now, &d))
    {
      fuzz_require (++taken < WAITING_MAX && !w->closed);
      client_takes (w, &d);
    }
  while (w->tracker->ops->next_event (w->tracker, &event))
    w->closed |= event.kind == SHOAL_EVENT_CLOSED;
}

static void
pass (World *w, ShoalTime ns)
{
  w->now += ns;
  for (unsigned wakes = 0; w->tracker->ops->deadline (w->tracker) <= w->now; wakes++)
    {
      fuzz_require (wakes < 16);
      w->tracker->ops->wake (w->tracker, w->now);
    }
}

static void
deliver (World *w, Client *c, const uint8_t *bytes, size_t length)
{
  ShoalReader r = shoal_reader (bytes, length);
  uint64_t id = shoal_read_u64 (&r);
  c->sent_bytes += length;
  c->proved |= c->id != 0 && id == c->id;
  ShoalInput input = { .from = c->addr, .head = bytes, .head_bytes = length };
  w->tracker->ops->receive (w->tracker, w->now, &input);
}

static void
connect_client (World *w, Client *c)
{
  uint8_t bytes[16];
  ShoalWriter out = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_connect (&out, 7);
  deliver (w, c, bytes, out.length);
}

static void
announce (World *w, Client *c, ShoalReader *in)
{
  uint8_t bytes[SHOAL_BEP15_ANNOUNCE_BYTES], how = shoal_read_u8 (in);
  ShoalWriter out = shoal_writer (bytes, sizeof bytes);
  ShoalBep15Announce announce = { .info_hash = { how & 3 },
                                  .left_bytes = how & 4 ? 1 : 0,
                                  .event = how >> 4 & 3,
                                  .num_want = (int8_t)shoal_read_u8 (in),
                                  .port = shoal_read_u8 (in) };
  shoal_bep15_write_announce (&out, c->id, 8, &announce);
  deliver (w, c, bytes, out.length);
}

static void
scrape (World *w, Client *c, ShoalReader *in)
{
  uint8_t bytes[16 + 3 * SHOAL_BEP15_HASH_BYTES];
  const uint8_t hashes[3 * SHOAL_BEP15_HASH_BYTES] = { [20] = 1, [40] = 2 };
  ShoalWriter out = shoal_writer (bytes, sizeof bytes);
  shoal_bep15_write_scrape (&out, c->id, 9, hashes, 1 + fuzz_below (in, 3));
  deliver (w, c, bytes, out.length);
}

static void
raw (World *w, Client *c, ShoalReader *in)
{
  size_t length;
  const uint8_t *bytes = fuzz_bytes (in, &length);
  deliver (w, c, bytes, length);
}

static void
play (World *w, ShoalReader *in)
{
  unsigned how = shoal_read_u8 (in);
  Client *c = &w->clients[how >> 4 & 3];
  switch (how & 7)
    {
    case 0:
      connect_client (w, c);
      break;
    case 1:
      announce (w, c, in);
      break;
    case 2:
      scrape (w, c, in);
      break;
    case 3:
      raw (w, c, in);
      break;
    case 4:
      pass (w, (ShoalTime)1 << fuzz_below (in, 46));
      break;
    case 5:
      drain (w, 1);
      break;
    case 6:
      w->tracker->ops->set_rates (w->tracker, w->now, shoal_read_u8 (in) * 100u, 0);
      break;
    default:
      if (how >= 0xf0)
        w->tracker->ops->close (w->tracker, w->now);
    }
  if (how & 8)
    drain (w, WAITING_MAX);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader in = shoal_reader (data, size);
  ShoalTrackerOptions options = { .seed = 1, .name = "T" };
  World w = { .tracker = shoal_tracker_machine_new (&options), .now = 1000 * SHOAL_SECOND };
  for (unsigned i = 0; i < CLIENTS; i++)
    w.clients[i].addr = (ShoalAddr){ .family = i < 2 ? 4 : 6, .ip = { 10, 0, 0, (uint8_t)i }, .port = 6881 };
  while (fuzz_more (&in))
    play (&w, &in);
  drain (&w, WAITING_MAX);
  ShoalTrackerCounters counts = shoal_tracker_machine_counters (w.tracker);
  fuzz_require (counts.peers <= counts.announces && counts.swarms <= counts.peers);
  w.tracker->ops->free (w.tracker);
  return 0;
}
