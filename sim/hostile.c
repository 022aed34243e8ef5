#include "sim/hostile.h"
#include "src/random.h"
#include "src/wire.h"

#define ONE 1000000u
#define VICTIMS 64u
#define FLOOD_EVERY_NS (5 * SHOAL_MS) /* a datagram; the uplink may allow less */
#define ALL_UNITS 0xffffu
#define FLOOD_REQUESTS 64u /* in one datagram */

/* Somebody with whom the machine has a session. */
typedef struct {
  ShoalAddr addr;
  ShoalSession session; /* of the newest datagram to it */
} Victim;

struct ShoalHostile {
  ShoalBehaviour behaviour;
  uint32_t bad_millionths;
  ShoalRandom random;
  Victim victims[VICTIMS];
  unsigned victim_count, turn;
  uint32_t blocks; /* that it knows to exist: one more than the highest it asked for */
  ShoalTime flood_at;
};

ShoalHostile *
shoal_hostile_new (const ShoalNodeSpec *spec, uint64_t seed)
{
  if (spec->behaviour == SHOAL_BEHAVIOUR_HONEST || spec->behaviour == SHOAL_BEHAVIOUR_FREE_RIDER)
    return NULL;
  g_autofree char *name = g_strconcat (spec->name, "/hostile", NULL);
  ShoalHostile *hostile = g_new0 (ShoalHostile, 1);
  hostile->behaviour = spec->behaviour;
  hostile->bad_millionths = spec->bad_millionths;
  shoal_random_init (&hostile->random, seed, name);
  return hostile;
}

void
shoal_hostile_free (ShoalHostile *hostile)
{
  g_free (hostile);
}

/* Begins to read it. False: it is of no session. */
static bool
open_session (const ShoalDatagram *datagram, ShoalReader *r, ShoalSession *session)
{
  *r = shoal_reader (datagram->head, datagram->head_bytes);
  return (datagram->head[0] & SHOAL_DATAGRAM_SESSION_MASK) == SHOAL_DATAGRAM_SESSION
         && shoal_read_session (r, session);
}

/* ---- polluter ---- */

bool
shoal_hostile_spoils (ShoalHostile *hostile)
{
  return hostile->behaviour == SHOAL_BEHAVIOUR_POLLUTER
         && shoal_random_below (&hostile->random, ONE) < hostile->bad_millionths;
}

/* ---- liar ---- */

/* Cuts off the data, and leaves what comes before it: acknowledgements, credits, promises. */
static void
withhold (ShoalDatagram *datagram)
{
  ShoalReader r;
  ShoalSession session;
  ShoalMessage message;
  if (!open_session (datagram, &r, &session))
    return;
  while (shoal_read_message (&r, &message))
    continue;
  if (r.failed || r.left == 0)
    return;
  datagram->head_bytes = (uint16_t)(datagram->head_bytes - r.left);
  datagram->payload.length_bytes = 0;
}

/* ---- flooder ---- */

static void
remember (ShoalHostile *hostile, const ShoalAddr *addr, const ShoalSession *session)
{
  unsigned i = 0;
  while (i < hostile->victim_count && !shoal_addr_equal (&hostile->victims[i].addr, addr))
    i++;
  if (i == VICTIMS)
    return;
  hostile->victims[i] = (Victim){ .addr = *addr, .session = *session };
  hostile->victim_count = MAX (hostile->victim_count, i + 1);
}

/* Learns from what the machine sends who there is, and which blocks. */
static void
listen (ShoalHostile *hostile, const ShoalDatagram *datagram)
{
  ShoalReader r;
  ShoalSession session;
  ShoalMessage message;
  ShoalRequest request;
  if (!open_session (datagram, &r, &session))
    return;
  remember (hostile, &datagram->to, &session);
  while (shoal_read_message (&r, &message))
    if (message.type == SHOAL_MESSAGE_REQUEST && shoal_read_request (&message.body, &request))
      hostile->blocks = MAX (hostile->blocks, request.block + 1);
}

bool
shoal_hostile_next (ShoalHostile *hostile, ShoalTime now, ShoalDatagram *datagram)
{
  if (now < shoal_hostile_deadline (hostile))
    return false;
  Victim *victim = &hostile->victims[hostile->turn++ % hostile->victim_count];
  ShoalWriter w = shoal_writer (datagram->head, sizeof datagram->head);
  victim->session.has_chunk = victim->session.has_time = false;
  shoal_write_session (&w, &victim->session);
  for (unsigned i = 0; i < FLOOD_REQUESTS; i++)
    {
      ShoalRequest request = { .block = shoal_random_below (&hostile->random, hostile->blocks),
                               .units = ALL_UNITS };
      shoal_write_message (&w, SHOAL_MESSAGE_REQUEST, shoal_request_bytes (&request));
      shoal_write_request (&w, &request);
    }
  datagram->to = victim->addr;
  datagram->head_bytes = (uint16_t)w.length;
  datagram->payload = (ShoalPayload){ 0 };
  hostile->flood_at = now + FLOOD_EVERY_NS;
  return true;
}

ShoalTime
shoal_hostile_deadline (const ShoalHostile *hostile)
{
  bool floods =
      hostile->behaviour == SHOAL_BEHAVIOUR_FLOODER && hostile->victim_count > 0 && hostile->blocks > 0;
  return floods ? hostile->flood_at : SHOAL_NEVER;
}

/* ---- understater ---- */

/* The number (a varint) becomes the smallest of its length: no byte moves, for the machine may send them again. */
static void
shrink_number (ShoalDatagram *datagram, ShoalReader number)
{
  uint8_t *bytes = datagram->head + (number.at - datagram->head);
  memset (bytes, 0x80, number.left);
  bytes[number.left - 1] = number.left > 1;
}

static void
understate (ShoalDatagram *datagram)
{
  ShoalReader r;
  ShoalSession session;
  ShoalMessage message;
  if (!open_session (datagram, &r, &session))
    return;
  while (shoal_read_message (&r, &message))
    if (message.type == SHOAL_MESSAGE_PROGRESS && message.body.left > 0)
      shrink_number (datagram, message.body);
}

/* ---- what leaves ---- */

void
shoal_hostile_change (ShoalHostile *hostile, ShoalDatagram *datagram)
{
  if (hostile->behaviour == SHOAL_BEHAVIOUR_LIAR && datagram->payload.length_bytes > 0)
    withhold (datagram);
  else if (hostile->behaviour == SHOAL_BEHAVIOUR_FLOODER)
    listen (hostile, datagram);
  else if (hostile->behaviour == SHOAL_BEHAVIOUR_UNDERSTATER)
    understate (datagram);
}
