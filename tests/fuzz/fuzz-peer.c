/* Whole peers: three of them and a tracker (swarm.h), under a sequence of commands, network mischief and passing time
 * that the input spells out. Strangers speak the protocol too, with the cookies and connection ids that they were
 * told, so that arbitrary messages get as far as they can. */
#include "tests/fuzz/swarm.h"

#include "src/wire.h"

#define STEPS_MAX 1500u /* of the world in one input: keeps one short */
#define PLAIN_BYTES 64u

typedef struct {
  Swarm *w;
  ShoalReader *in;
  unsigned steps;
} Play;

static unsigned
some_peer (Play *p)
{
  return 1 + fuzz_below (p->in, SWARM_NODES - 1);
}

static unsigned
some_file (Play *p)
{
  return fuzz_below (p->in, SWARM_FILES);
}

/* A datagram on the network; NULL: there is none. */
static SwarmDatagram *
some_datagram (Play *p, unsigned *i)
{
  unsigned n = shoal_read_u8 (p->in);
  if (p->w->flying->len == 0)
    return NULL;
  *i = n % p->w->flying->len;
  return p->w->flying->pdata[*i];
}

static const ShoalAddr *
some_addr (Play *p)
{
  unsigned i = fuzz_below (p->in, SWARM_NODES + SWARM_STRANGERS);
  return i < SWARM_NODES ? &p->w->nodes[i].addr : &p->w->strangers[i - SWARM_NODES].addr;
}

static void
run (Play *p)
{
  for (unsigned n = 1 + shoal_read_u8 (p->in); n > 0 && p->steps < STEPS_MAX; n--, p->steps++)
    swarm_step (p->w);
}

static void
deliver (Play *p)
{
  unsigned i, how = shoal_read_u8 (p->in);
  if (!some_datagram (p, &i))
    return;
  if (how % 4 == 0)
    swarm_drop (p->w, i);
  else
    swarm_deliver (p->w, i, how % 4 == 1);
}

static void
spoil (Play *p)
{
  unsigned i, how = shoal_read_u8 (p->in);
  SwarmDatagram *d = some_datagram (p, &i);
  size_t at = shoal_read_u16 (p->in);
  uint8_t with = shoal_read_u8 (p->in);
  if (!d || d->length == 0)
    return;
  at %= how & 1 ? MIN (d->length, PLAIN_BYTES) : d->length;
  if (how % 3 == 2)
    d->length = at; /* bytes keep their room: swarm_deliver() copies just these */
  else
    d->bytes[at] ^= with;
}

static void
redirect (Play *p)
{
  unsigned i;
  SwarmDatagram *d = some_datagram (p, &i);
  const ShoalAddr *from = some_addr (p);
  if (d)
    d->from = *from;
}

/* The head of a datagram of a session, and other messages in it. */
static void
splice (Play *p)
{
  unsigned i;
  size_t length, head;
  SwarmDatagram *d = some_datagram (p, &i);
  const uint8_t *bytes = fuzz_bytes (p->in, &length);
  ShoalSession session;
  ShoalReader r = shoal_reader (d ? d->bytes : NULL, d ? d->length : 0);
  if (!d || d->length == 0 || (d->bytes[0] & SHOAL_DATAGRAM_SESSION_MASK) != SHOAL_DATAGRAM_SESSION
      || !shoal_read_session (&r, &session) || length == 0)
    return;
  head = d->length - r.left;
  d->bytes = g_realloc (d->bytes, head + length);
  memcpy (d->bytes + head, bytes, length);
  d->length = head + length;
}

static void
inject (Play *p)
{
  unsigned node = some_peer (p);
  const ShoalAddr *from = some_addr (p);
  size_t length;
  const uint8_t *bytes = fuzz_bytes (p->in, &length);
  if (length > 0)
    swarm_inject (p->w, from, node, bytes, length);
}

/* A stranger calls, answers a call, or says something in its session. */
static void
stranger_hello (Play *p)
{
  SwarmStranger *s = &p->w->strangers[fuzz_below (p->in, SWARM_STRANGERS)];
  unsigned node = some_peer (p), how = shoal_read_u8 (p->in);
  uint8_t bytes[64];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalHello hello = { .version = SHOAL_PROTOCOL_VERSION,
                       .flags = how & 3,
                       .cid = 0x5000 + node,
                       .fid = swarm_file (how >> 2)->file.fid,
                       .has_cookie = s->has_cookie };
  memcpy (hello.cookie, s->cookie, sizeof hello.cookie);
  shoal_write_hello (&w, &hello);
  swarm_inject (p->w, &s->addr, node, bytes, w.length);
}

static void
stranger_answers (Play *p)
{
  SwarmStranger *s = &p->w->strangers[fuzz_below (p->in, SWARM_STRANGERS)];
  unsigned node = some_peer (p);
  uint8_t bytes[64], how = shoal_read_u8 (p->in);
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalWelcome welcome = {
    .version = SHOAL_PROTOCOL_VERSION, .flags = how & 3, .to_cid = s->tx_cid[node], .cid = 0x5000 + node
  };
  if (how & 4)
    shoal_write_welcome (&w, &welcome);
  else
    shoal_write_cookie (&w, s->tx_cid[node], (const uint8_t *)"cookie!!");
  swarm_inject (p->w, &s->addr, node, bytes, w.length);
}

static void
stranger_says (Play *p)
{
  SwarmStranger *s = &p->w->strangers[fuzz_below (p->in, SWARM_STRANGERS)];
  unsigned node = some_peer (p), how = shoal_read_u8 (p->in);
  size_t length;
  const uint8_t *said = fuzz_bytes (p->in, &length);
  uint8_t bytes[512];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalSession session = { .cid = s->tx_cid[node], .has_chunk = (how & 1) != 0, .chunk = s->next[node] };
  session.ack = how & 2 ? shoal_read_u16 (p->in) : 0;
  session.sack = how & 4 ? shoal_read_u16 (p->in) : 0;
  session.has_time = (how & 8) != 0;
  session.chunk += how >> 4 & 3;
  s->next[node] += session.has_chunk && (how >> 4 & 3) == 0;
  shoal_write_session (&w, &session);
  shoal_write_bytes (&w, said, length);
  swarm_inject (p->w, &s->addr, node, bytes, w.length);
}

static void
command (Play *p)
{
  unsigned node = some_peer (p), file = some_file (p), what = shoal_read_u8 (p->in);
  switch (what % 7)
    {
    case 0:
      swarm_register (p->w, node, file);
      break;
    case 1:
    case 2:
      swarm_download (p->w, node, file, shoal_read_u8 (p->in), what & 8 ? 5 * SHOAL_SECOND : 0);
      break;
    case 3:
      swarm_cancel (p->w, node, file);
      break;
    case 4:
      swarm_lose_block (p->w, node, file, fuzz_below (p->in, 8));
      break;
    case 5:
      swarm_close (p->w, node);
      break;
    default:
      swarm_crash (p->w, node);
    }
}

static void
adjust (Play *p)
{
  static const uint64_t rates[] = { 0, 1, 1000, 5000, 100000, 10000000, UINT64_C (1000000000000) };
  unsigned node = some_peer (p), up = fuzz_below (p->in, G_N_ELEMENTS (rates)),
           down = fuzz_below (p->in, G_N_ELEMENTS (rates)), what = shoal_read_u8 (p->in);
  p->w->nodes[node].fail_writes = what % 8 == 1;
  p->w->nodes[node].hash_later = what % 2 == 0;
  swarm_set_rates (p->w, node, rates[up], rates[down]);
}

static void
hash (Play *p)
{
  unsigned i = shoal_read_u8 (p->in), how = shoal_read_u8 (p->in);
  if (p->w->hashing->len > 0)
    swarm_hash (p->w, i % p->w->hashing->len, how % 4 != 0);
}

/* From a nanosecond to some hours. */
static void
pass (Play *p)
{
  unsigned how = shoal_read_u8 (p->in);
  swarm_pass (p->w, (ShoalTime)1 << how % 44);
  if (how >= 192)
    swarm_wake (p->w, how % SWARM_NODES);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static void (*const moves[]) (Play *) = { run,     run,    deliver, spoil,           redirect,      splice,
                                            inject,  adjust, hash,    stranger_hello,  stranger_says, command,
                                            command, pass,   run,     stranger_answers };
  ShoalReader in = shoal_reader (data, size);
  Play p = { .w = swarm_new (shoal_read_u8 (&in)), .in = &in };
  while (fuzz_more (&in) && p.steps < STEPS_MAX)
    {
      moves[fuzz_below (&in, G_N_ELEMENTS (moves))](&p);
      p.steps++;
    }
  swarm_free (p.w);
  return 0;
}
