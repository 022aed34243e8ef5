/* How two peers become neighbours, with a cookie so that an unproven address gets no more bytes than
 * it sent (as RFC 9000, section 8.1, asks):
 *
 *   caller                        called
 *   HELLO without cookie  ──▶     keeps nothing
 *                         ◀──     COOKIE
 *   HELLO with cookie     ──▶     makes the neighbour
 *                         ◀──     WELCOME
 *
 * When both call at once, each takes the other's HELLO as the answer to its own: connection ids are
 * per direction, so the two calls meet in one session. */
#include "src/peer-internal.h"
#include "src/sha256.h"

#define COOKIE_EPOCH_NS (60 * SHOAL_SECOND)
#define HELLO_RETRY_NS (500 * SHOAL_MS)
#define HELLO_AGAIN_NS (100 * SHOAL_MS)
#define HELLOS_MAX 5

static void
make_cookie (const ShoalPeer *p, uint64_t epoch, const ShoalAddr *addr, uint8_t out[SHOAL_COOKIE_BYTES])
{
  uint8_t bytes[64], digest[SHOAL_HASH_BYTES];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_write_bytes (&w, p->cookie_key, sizeof p->cookie_key);
  shoal_write_u64 (&w, epoch);
  shoal_write_addr (&w, addr);
  shoal_sha256 (bytes, w.length, digest);
  memcpy (out, digest, SHOAL_COOKIE_BYTES);
}

static bool
cookie_valid (const ShoalPeer *p, ShoalTime now, const ShoalAddr *addr,
              const uint8_t cookie[SHOAL_COOKIE_BYTES])
{
  uint64_t epoch = (uint64_t)(now / COOKIE_EPOCH_NS);
  uint8_t good[SHOAL_COOKIE_BYTES];
  for (uint64_t age = 0; age <= 1 && age <= epoch; age++)
    {
      make_cookie (p, epoch - age, addr, good);
      if (memcmp (good, cookie, sizeof good) == 0)
        return true;
    }
  return false;
}

void
shoal_handshake_call (ShoalSwarm *s, ShoalTime now, ShoalCandidate *candidate)
{
  ShoalNeighbour *n = shoal_neighbour_new (s, now, &candidate->addr);
  n->hello_due = true;
  n->hello_at = now + HELLO_RETRY_NS;
  shoal_peer_mark_dirty (s->peer, n);
  shoal_peer_arm (s->peer, now);
}

static uint8_t
hello_flags (const ShoalSwarm *s)
{
  return (s->has_info ? 0 : SHOAL_HELLO_NEEDS_INFO) | (s->downloading ? SHOAL_HELLO_INTERESTED : 0);
}

void
shoal_handshake_datagram (ShoalNeighbour *n, ShoalTime now, ShoalWriter *w)
{
  ShoalHello hello = {
    .version = SHOAL_PROTOCOL_VERSION,
    .flags = hello_flags (n->swarm),
    .cid = n->rx_cid,
    .fid = n->swarm->file.fid,
    .has_cookie = n->has_cookie,
  };
  memcpy (hello.cookie, n->cookie, sizeof hello.cookie);
  shoal_write_hello (w, &hello);
  n->hello_due = false;
  n->hellos++;
  n->hello_at = now + (HELLO_RETRY_NS << MIN (n->hellos - 1, 4));
  n->spoke_at = now;
}

/* A datagram of a session came from one whom we still call: our HELLO was taken, and its WELCOME got lost. */
void
shoal_handshake_overtaken (ShoalNeighbour *n, ShoalTime now)
{
  if (now - n->spoke_at < HELLO_AGAIN_NS || !n->has_cookie || n->hellos >= HELLOS_MAX)
    return;
  n->hello_due = true;
  shoal_peer_mark_dirty (n->swarm->peer, n);
}

void
shoal_handshake_tick (ShoalNeighbour *n, ShoalTime now)
{
  if (now < n->hello_at)
    return;
  if (n->hellos >= HELLOS_MAX)
    {
      shoal_neighbour_down (n, now, SHOAL_DOWN_SILENT, false);
      return;
    }
  n->hello_due = true;
  shoal_peer_mark_dirty (n->swarm->peer, n);
}

static void
refuse (ShoalPeer *p, const ShoalAddr *to, uint32_t to_cid, uint8_t reason)
{
  uint8_t bytes[SHOAL_RAW_BYTES];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_write_refuse (&w, to_cid, reason);
  shoal_peer_send_raw (p, to, &w);
}

static void
send_cookie (ShoalPeer *p, ShoalTime now, const ShoalAddr *to, uint32_t to_cid)
{
  uint8_t bytes[SHOAL_RAW_BYTES], cookie[SHOAL_COOKIE_BYTES];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  make_cookie (p, (uint64_t)(now / COOKIE_EPOCH_NS), to, cookie);
  shoal_write_cookie (&w, to_cid, cookie);
  shoal_peer_send_raw (p, to, &w);
}

static void
welcome (ShoalNeighbour *n)
{
  uint8_t bytes[SHOAL_RAW_BYTES];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalWelcome answer = {
    .version = SHOAL_PROTOCOL_VERSION, .flags = hello_flags (n->swarm), .to_cid = n->tx_cid, .cid = n->rx_cid
  };
  shoal_write_welcome (&w, &answer);
  shoal_peer_send_first (n->swarm->peer, &n->addr, &w);
}

/* The neighbour for a proven caller; NULL when it was refused. */
static ShoalNeighbour *
admit (ShoalSwarm *s, ShoalTime now, const ShoalAddr *from, const ShoalHello *hello)
{
  ShoalNeighbour *n = shoal_swarm_neighbour (s, from);
  if (n && n->state == SHOAL_NEIGHBOUR_UP && n->tx_cid != hello->cid)
    {
      shoal_neighbour_down (n, now, SHOAL_DOWN_RESET, false); /* it started anew */
      n = NULL;
    }
  if (n)
    return n;
  ShoalCandidate *candidate = shoal_swarm_candidate (s, from);
  if (s->peer->sessions > SHOAL_SLOT_MASK
      || (candidate && candidate->offences > 0 && now < candidate->next_try)
      || !shoal_places_make_room (s, now, from))
    {
      refuse (s->peer, from, hello->cid, SHOAL_REFUSE_FULL);
      return NULL;
    }
  shoal_swarm_add_candidate (s, from);
  return shoal_neighbour_new (s, now, from);
}

static void
on_hello (ShoalPeer *p, ShoalTime now, const ShoalAddr *from, ShoalReader *r)
{
  ShoalHello hello;
  if (!shoal_read_hello (r, &hello))
    {
      p->machine.counters.malformed_datagrams++;
      return;
    }
  if (hello.version != SHOAL_PROTOCOL_VERSION)
    {
      refuse (p, from, hello.cid, SHOAL_REFUSE_VERSION);
      return;
    }
  if (!hello.has_cookie || !cookie_valid (p, now, from, hello.cookie))
    {
      send_cookie (p, now, from, hello.cid);
      return;
    }
  ShoalSwarm *s = shoal_peer_swarm (p, &hello.fid);
  if (!s)
    {
      refuse (p, from, hello.cid, SHOAL_REFUSE_NOT_HERE);
      return;
    }
  ShoalNeighbour *n = admit (s, now, from, &hello);
  if (!n)
    return;
  n->tx_cid = hello.cid;
  welcome (n);
  if (n->state != SHOAL_NEIGHBOUR_UP)
    shoal_neighbour_up (n, now, hello.flags);
  else if (shoal_channel_start_again (&n->channel)) /* it missed our WELCOME, and what came after it */
    shoal_peer_mark_dirty (p, n);
}

/* The neighbour that we called under this connection id, if the datagram comes from its address. */
static ShoalNeighbour *
called (ShoalPeer *p, const ShoalAddr *from, uint32_t cid)
{
  ShoalNeighbour *n = shoal_peer_neighbour (p, cid);
  return n && shoal_addr_equal (&n->addr, from) ? n : NULL;
}

static void
on_cookie (ShoalPeer *p, ShoalTime now, const ShoalAddr *from, ShoalReader *r)
{
  uint32_t cid;
  uint8_t cookie[SHOAL_COOKIE_BYTES] = { 0 };
  ShoalNeighbour *n = shoal_read_cookie (r, &cid, cookie) ? called (p, from, cid) : NULL;
  if (!n || n->state != SHOAL_NEIGHBOUR_CALLING)
    {
      p->machine.counters.unknown_datagrams++;
      return;
    }
  bool known = n->has_cookie && memcmp (n->cookie, cookie, sizeof cookie) == 0;
  if (known || n->hellos >= HELLOS_MAX)
    return; /* an answer to each would let a stranger make us talk */
  memcpy (n->cookie, cookie, sizeof cookie);
  n->has_cookie = true;
  n->hello_due = true;
  n->heard_at = now;
  shoal_peer_mark_dirty (p, n);
}

static void
on_welcome (ShoalPeer *p, ShoalTime now, const ShoalAddr *from, ShoalReader *r)
{
  ShoalWelcome answer;
  ShoalNeighbour *n = shoal_read_welcome (r, &answer) ? called (p, from, answer.to_cid) : NULL;
  if (!n || !n->has_cookie)
    {
      p->machine.counters.unknown_datagrams++;
      return;
    }
  if (n->state == SHOAL_NEIGHBOUR_UP)
    return; /* said twice, or both called at once */
  n->tx_cid = answer.cid;
  shoal_neighbour_up (n, now, answer.flags);
}

static void
on_refuse (ShoalPeer *p, ShoalTime now, const ShoalAddr *from, ShoalReader *r)
{
  uint32_t cid;
  uint8_t reason;
  ShoalNeighbour *n = shoal_read_refuse (r, &cid, &reason) ? called (p, from, cid) : NULL;
  if (!n || n->state != SHOAL_NEIGHBOUR_CALLING)
    {
      p->machine.counters.unknown_datagrams++;
      return;
    }
  n->swarm->refused |= reason == SHOAL_REFUSE_FULL;
  shoal_neighbour_down (n, now, SHOAL_DOWN_REFUSED, false);
}

static void
on_reset (ShoalPeer *p, ShoalTime now, const ShoalAddr *from, ShoalReader *r)
{
  uint32_t cid;
  if (!shoal_read_reset (r, &cid))
    return;
  for (guint i = 0; i < p->swarms->len; i++)
    {
      ShoalNeighbour *n = shoal_swarm_neighbour (p->swarms->pdata[i], from);
      if (n && n->state == SHOAL_NEIGHBOUR_UP && n->tx_cid == cid)
        {
          shoal_neighbour_down (n, now, SHOAL_DOWN_RESET, false);
          return;
        }
    }
  p->machine.counters.unknown_datagrams++;
}

void
shoal_handshake_receive (ShoalPeer *p, ShoalTime now, const ShoalAddr *from, ShoalReader r)
{
  switch (r.at[0])
    {
    case SHOAL_DATAGRAM_HELLO:
      on_hello (p, now, from, &r);
      break;
    case SHOAL_DATAGRAM_COOKIE:
      on_cookie (p, now, from, &r);
      break;
    case SHOAL_DATAGRAM_WELCOME:
      on_welcome (p, now, from, &r);
      break;
    case SHOAL_DATAGRAM_REFUSE:
      on_refuse (p, now, from, &r);
      break;
    case SHOAL_DATAGRAM_RESET:
      on_reset (p, now, from, &r);
      break;
    default:
      p->machine.counters.malformed_datagrams++;
    }
}
