/* A node's side of the tracker protocol, in arbitrary time, with a tracker that answers anything: announces are well
 * formed, go only to the tracker, never without a pause, and results are only those of swarms that were joined. */
#include "tests/fuzz/fuzz.h"

#include "src/announcer.h"
#include "src/bep15.h"

#define SWARMS 3u

static const ShoalAddr tracker = { .family = 4, .ip = { 10, 0, 0, 1 }, .port = 6969 };

typedef struct {
  ShoalAnnouncer *a;
  ShoalTime now;
  ShoalBep15Request asked; /* the newest request that went out */
} World;

static ShoalFid
fid_of (unsigned i)
{
  return (ShoalFid){ .bytes = { (uint8_t)(i % SWARMS + 1) } };
}

static void
take_results (World *w)
{
  ShoalAnnounceResult result;
  while (shoal_announcer_next_result (w->a, &result))
    {
      fuzz_require (result.fid.bytes[0] >= 1 && result.fid.bytes[0] <= SWARMS);
      fuzz_require (result.error == NULL || result.peer_count == 0);
      for (unsigned i = 0; i < result.peer_count; i++)
        fuzz_require (result.peers[i].family == 4);
      fuzz_require (result.error == NULL || g_utf8_validate (result.error, -1, NULL));
    }
}

static void
drain (World *w)
{
  ShoalDatagram d = { 0 };
  unsigned taken = 0;
  while (shoal_announcer_next_datagram (w->a, w->now, &d))
    {
      /* A connect, and an announce of each swarm. */
      fuzz_require (++taken <= 2 * SWARMS + 2 && shoal_addr_equal (&d.to, &tracker));
      fuzz_require (shoal_bep15_read_request (d.head, d.head_bytes, &w->asked) == SHOAL_OK);
    }
}

static void
pass (World *w, ShoalTime ns)
{
  w->now += ns;
  for (unsigned wakes = 0; shoal_announcer_deadline (w->a) <= w->now; wakes++)
    {
      fuzz_require (wakes < 4);
      shoal_announcer_wake (w->a, w->now);
    }
}

/* An answer to the newest request, right in form. */
static void
answer (World *w, ShoalReader *in)
{
  uint8_t bytes[300], how = shoal_read_u8 (in);
  ShoalWriter out = shoal_writer (bytes, sizeof bytes);
  if (how < 32)
    shoal_bep15_write_error (&out, w->asked.transaction_id, "\xffwhat\nis that");
  else if (w->asked.action == SHOAL_BEP15_CONNECT)
    shoal_bep15_write_connect_reply (&out, w->asked.transaction_id, how);
  else
    {
      shoal_bep15_write_announce_reply (&out, w->asked.transaction_id, shoal_read_u32 (in), 1, 2);
      for (unsigned i = 0; i < (how & 15u); i++)
        shoal_bep15_write_peer (&out, &(ShoalAddr){ .family = 4, .ip = { 10 }, .port = shoal_read_u8 (in) });
    }
  shoal_announcer_receive (w->a, w->now, bytes, out.length);
}

static void
raw (World *w, ShoalReader *in)
{
  size_t length;
  const uint8_t *bytes = fuzz_bytes (in, &length);
  shoal_announcer_receive (w->a, w->now, bytes, length);
}

static void
play (World *w, ShoalReader *in)
{
  unsigned how = shoal_read_u8 (in);
  ShoalFid fid = fid_of (how >> 4);
  switch (how & 7)
    {
    case 0:
      shoal_announcer_add (w->a, w->now, &fid, shoal_read_u8 (in));
      break;
    case 1:
      shoal_announcer_complete (w->a, w->now, &fid);
      break;
    case 2:
      shoal_announcer_remove (w->a, w->now, &fid);
      break;
    case 3:
      shoal_announcer_again (w->a, &fid, w->now + ((ShoalTime)1 << fuzz_below (in, 40)));
      break;
    case 4:
      answer (w, in);
      break;
    case 5:
      raw (w, in);
      break;
    case 6:
      pass (w, (ShoalTime)1 << fuzz_below (in, 46));
      break;
    default:
      shoal_announcer_connect (w->a, w->now);
    }
  if (how & 8)
    drain (w);
  take_results (w);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader in = shoal_reader (data, size);
  ShoalRandom random;
  shoal_random_init (&random, 1, "fuzz");
  ShoalAnnouncerOptions options = { .tracker = tracker, .port = 7000, .num_want = 25, .random = &random };
  World w = { .a = shoal_announcer_new (&options), .now = 1000 * SHOAL_SECOND };
  while (fuzz_more (&in))
    play (&w, &in);
  shoal_announcer_idle (w.a);
  shoal_announcer_free (w.a);
  return 0;
}
