/* Which of this host's addresses each of the others has addressed, so that what goes back leaves from there. A
 * table of fixed size: each of the others has a place in one small set, in which the one longest silent makes
 * room. Where the place is, is keyed: nobody can choose whom to push out. */
#define _GNU_SOURCE
#include "real/udp-internal.h"

#define WAYS 4u    /* of a set */
#define SETS 1024u /* a power of two */
/* A neighbour that was silent for so long is none any more, and a tracker has answered. Then the system may
 * choose again: it knows which way the network is reached now. */
#define REMEMBERED_NS (120 * SHOAL_SECOND)

typedef struct {
  ShoalAddr remote; /* family 0: nobody */
  UdpLocal local;
  ShoalTime heard_at;
} Entry;

struct UdpLocals {
  GMutex lock; /* who sends may be another thread than who receives */
  uint64_t key;
  Entry sets[SETS][WAYS];
};

UdpLocals *
shoal_udp_locals_new (void)
{
  UdpLocals *locals = g_new0 (UdpLocals, 1); /* a quarter of a MiB, whose pages come with use */
  g_mutex_init (&locals->lock);
  locals->key = (uint64_t)g_random_int () << 32 | g_random_int ();
  return locals;
}

void
shoal_udp_locals_free (UdpLocals *locals)
{
  if (!locals)
    return;
  g_mutex_clear (&locals->lock);
  g_free (locals);
}

/* The finaliser of SplitMix64. */
static uint64_t
mixed (uint64_t z)
{
  z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
  return z ^ z >> 31;
}

static Entry *
set_of (UdpLocals *locals, const ShoalAddr *remote)
{
  uint64_t halves[2];
  memcpy (halves, remote->ip, sizeof halves);
  uint64_t hash = mixed (locals->key ^ remote->port ^ (uint64_t)remote->family << 16);
  hash = mixed (hash ^ halves[0]) + locals->key;
  hash = mixed (hash ^ halves[1]);
  return locals->sets[hash % SETS];
}

static Entry *
find (UdpLocals *locals, const ShoalAddr *remote)
{
  Entry *set = set_of (locals, remote);
  for (unsigned i = 0; i < WAYS; i++)
    if (shoal_addr_equal (&set[i].remote, remote))
      return &set[i];
  return NULL;
}

static Entry *
longest_silent (Entry *set)
{
  Entry *oldest = set;
  for (unsigned i = 1; i < WAYS; i++)
    if (set[i].heard_at < oldest->heard_at)
      oldest = &set[i];
  return oldest;
}

void
shoal_udp_locals_note (UdpLocals *locals, const ShoalAddr *remote, const UdpLocal *local, ShoalTime now)
{
  g_mutex_lock (&locals->lock);
  Entry *entry = find (locals, remote);
  if (!entry)
    entry = longest_silent (set_of (locals, remote));
  *entry = (Entry){ .remote = *remote, .local = *local, .heard_at = now };
  g_mutex_unlock (&locals->lock);
}

bool
shoal_udp_locals_find (UdpLocals *locals, const ShoalAddr *remote, ShoalTime now, UdpLocal *local)
{
  g_mutex_lock (&locals->lock);
  const Entry *entry = find (locals, remote);
  bool found = entry && now - entry->heard_at <= REMEMBERED_NS;
  if (found)
    *local = entry->local;
  g_mutex_unlock (&locals->lock);
  return found;
}

void
shoal_udp_locals_forget (UdpLocals *locals, const ShoalAddr *remote)
{
  g_mutex_lock (&locals->lock);
  Entry *entry = find (locals, remote);
  if (entry)
    *entry = (Entry){ 0 };
  g_mutex_unlock (&locals->lock);
}
