#include "sim/faults.h"
#include "src/bitmap.h"

#define ONE 1000000u /* probabilities are in millionths */
#define DEFAULT_HOLD_NS (10 * SHOAL_MS)

/* What holds from some nodes to others in place of the network's. */
typedef struct {
  ShoalBitmap from, to; /* of nodes */
  ShoalImpairments given;
} Link;

/* One direction between two nodes. */
typedef struct {
  int64_t key;           /* see key_of() */
  ShoalTime last_at;     /* when the newest datagram arrives: none that follows arrives before it */
  unsigned generation;   /* of the conditions that `own` was made from */
  ShoalImpairments *own; /* owned; NULL: no link concerns it, the network's hold */
} Pair;

struct ShoalFaults {
  ShoalRandom random;
  ShoalImpairments network; /* all keys given */
  GPtrArray *links;         /* of Link, in the order in which they were set */
  unsigned generation;      /* goes up when network or links change */
  GHashTable *pairs;        /* key → Pair, owned; looked up only */
  GPtrArray *under_way;     /* of ShoalPacket or NULL, by place */
  GArray *free_places;      /* of uint32_t */
};

static void
pair_free (void *data)
{
  g_free (((Pair *)data)->own);
  g_free (data);
}

static void
link_free (void *data)
{
  Link *link = data;
  shoal_bitmap_clear (&link->from);
  shoal_bitmap_clear (&link->to);
  g_free (link);
}

ShoalFaults *
shoal_faults_new (uint64_t seed)
{
  ShoalFaults *faults = g_new0 (ShoalFaults, 1);
  shoal_random_init (&faults->random, seed, "(network)"); /* no node can have this name */
  faults->network.given = (1u << SHOAL_IMPAIRMENTS) - 1;
  faults->network.value[SHOAL_IMPAIR_HOLD] = DEFAULT_HOLD_NS;
  faults->links = g_ptr_array_new_with_free_func (link_free);
  faults->pairs = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, pair_free);
  faults->under_way = g_ptr_array_new_with_free_func (g_free);
  faults->free_places = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  return faults;
}

void
shoal_faults_free (ShoalFaults *faults)
{
  g_ptr_array_free (faults->links, TRUE);
  g_hash_table_destroy (faults->pairs);
  g_ptr_array_free (faults->under_way, TRUE);
  g_array_free (faults->free_places, TRUE);
  g_free (faults);
}

ShoalRandom *
shoal_faults_random (ShoalFaults *faults)
{
  return &faults->random;
}

/* ---- conditions ---- */

static void
overlay (ShoalImpairments *onto, const ShoalImpairments *given)
{
  for (unsigned key = 0; key < SHOAL_IMPAIRMENTS; key++)
    if (given->given & 1u << key)
      onto->value[key] = given->value[key];
  onto->given |= given->given;
}

void
shoal_faults_set_network (ShoalFaults *faults, const ShoalImpairments *given)
{
  overlay (&faults->network, given);
  faults->generation++;
}

void
shoal_faults_set_line (ShoalSimNode *node, const ShoalImpairments *given)
{
  if (!node->line)
    {
      node->line = g_new0 (ShoalImpairments, 1);
      node->line->value[SHOAL_IMPAIR_HOLD] = DEFAULT_HOLD_NS;
    }
  overlay (node->line, given);
}

static ShoalBitmap
set_of (const unsigned *nodes, unsigned count)
{
  ShoalBitmap set;
  unsigned most = 0;
  for (unsigned i = 0; i < count; i++)
    most = MAX (most, nodes[i]);
  shoal_bitmap_init (&set, most + 1);
  for (unsigned i = 0; i < count; i++)
    shoal_bitmap_set (&set, nodes[i]);
  return set;
}

static bool
in_set (const ShoalBitmap *set, unsigned node)
{
  return node < set->bits && shoal_bitmap_get (set, node);
}

static bool
same_set (const ShoalBitmap *a, const ShoalBitmap *b)
{
  return a->bits == b->bits && memcmp (a->words, b->words, shoal_bitmap_words (a) * sizeof *a->words) == 0;
}

/* What the new one says, older ones between the same nodes need not say any more: a condition that changes
 * a thousand times stays one link. */
static void
drop_superseded (ShoalFaults *faults, const Link *newer)
{
  for (guint i = faults->links->len; i-- > 0;)
    {
      Link *link = faults->links->pdata[i];
      if (!same_set (&link->from, &newer->from) || !same_set (&link->to, &newer->to))
        continue;
      link->given.given &= ~newer->given.given;
      if (link->given.given == 0)
        g_ptr_array_remove_index (faults->links, i);
    }
}

void
shoal_faults_set_link (ShoalFaults *faults, const ShoalLinkChange *change)
{
  Link *link = g_new (Link, 1);
  *link = (Link){ .from = set_of (change->from, change->from_count),
                  .to = set_of (change->to, change->to_count),
                  .given = change->impairments };
  drop_superseded (faults, link);
  g_ptr_array_add (faults->links, link);
  faults->generation++;
}

/* Looks up again what holds for a pair. */
static void
refresh (const ShoalFaults *faults, Pair *pair, unsigned from, unsigned to)
{
  g_clear_pointer (&pair->own, g_free);
  pair->generation = faults->generation;
  for (guint i = 0; i < faults->links->len; i++)
    {
      const Link *link = faults->links->pdata[i];
      if (!in_set (&link->from, from) || !in_set (&link->to, to))
        continue;
      if (!pair->own)
        pair->own = g_memdup2 (&faults->network, sizeof faults->network);
      overlay (pair->own, &link->given);
    }
}

/* ---- lots ---- */

/* Nothing is drawn for what is not there. */
static bool
happens (ShoalFaults *faults, const ShoalImpairments *path, ShoalImpairment key)
{
  return path->value[key] > 0 && shoal_random_below (&faults->random, ONE) < (uint64_t)path->value[key];
}

__extension__ typedef unsigned __int128 Wide;

/* Uniform in 0 .. most. */
static ShoalTime
up_to (ShoalFaults *faults, ShoalTime most)
{
  return most > 0 ? (ShoalTime)((Wide)shoal_random_u64 (&faults->random) * ((uint64_t)most + 1) >> 64) : 0;
}

/* ---- corruption ---- */

/* Changes one byte, each with the same chance. Payload that is virtual is spoilt as a whole, as its block
 * will be; so that both kinds of content give the same trace, the same lots are drawn for both. */
static void
corrupt (ShoalFaults *faults, ShoalPacket *packet)
{
  uint32_t at = shoal_random_below (&faults->random, packet->head_bytes + packet->payload_bytes);
  uint8_t change = (uint8_t)(1 + shoal_random_below (&faults->random, 255));
  bool is_virtual = packet->payload_bytes > 0 && !packet->has_payload;
  if (is_virtual && at >= packet->head_bytes)
    packet->corrupt = true;
  else
    packet->bytes[at] ^= change;
}

/* ---- under way ---- */

static int64_t
key_of (const ShoalSimNode *from, const ShoalSimNode *to)
{
  return (int64_t)((uint64_t)from->number << 32 | to->number);
}

static Pair *
pair_of (ShoalFaults *faults, const ShoalSimNode *from, const ShoalSimNode *to)
{
  int64_t key = key_of (from, to);
  Pair *pair = g_hash_table_lookup (faults->pairs, &key);
  if (!pair)
    {
      pair = g_new (Pair, 1);
      *pair = (Pair){ .key = key, .last_at = -1, .generation = faults->generation - 1 };
      g_hash_table_insert (faults->pairs, &pair->key, pair);
    }
  if (pair->generation != faults->generation)
    refresh (faults, pair, from->number, to->number);
  return pair;
}

static void
arrive_later (ShoalWorld *world, ShoalPacket *packet, ShoalTime at)
{
  ShoalFaults *faults = world->faults;
  uint32_t place = faults->under_way->len;
  if (faults->free_places->len > 0)
    {
      place = g_array_index (faults->free_places, uint32_t, faults->free_places->len - 1);
      g_array_set_size (faults->free_places, faults->free_places->len - 1);
      faults->under_way->pdata[place] = packet;
    }
  else
    g_ptr_array_add (faults->under_way, packet);
  shoal_event_queue_push (&world->queue, at, place, SHOAL_SIM_ARRIVAL);
}

void
shoal_faults_arrive (ShoalWorld *world, uint32_t place)
{
  ShoalPacket *packet = g_steal_pointer (&world->faults->under_way->pdata[place]);
  g_array_append_val (world->faults->free_places, place);
  shoal_network_arrive (world, shoal_network_find (world, &packet->to), packet);
}

/* ---- the way ---- */

/* A datagram on its way through the stretches. */
typedef struct {
  ShoalSimNode *to;
  Pair *pair;
  const ShoalImpairments *stretches[3];
  unsigned passed;
  ShoalPacket *packet;
  ShoalTime delay_ns;
  bool held; /* others may overtake it */
} Trip;

/* Datagrams of a pair stay in order, however they jitter: each arrives no earlier than the one before it,
 * unless that one was held back. */
static void
finish (ShoalWorld *world, const Trip *trip)
{
  ShoalTime at = world->now + trip->delay_ns;
  bool alone = trip->pair->last_at < world->now;
  if (!trip->held)
    at = trip->pair->last_at = MAX (at, trip->pair->last_at);
  if (at == world->now && alone)
    shoal_network_arrive (world, trip->to, trip->packet);
  else
    arrive_later (world, trip->packet, at);
}

/* One copy passes one stretch; false: it is lost there. */
static bool
pass (ShoalWorld *world, Trip *trip, const ShoalImpairments *path)
{
  ShoalFaults *faults = world->faults;
  if (happens (faults, path, SHOAL_IMPAIR_LOSS))
    {
      shoal_network_lose (world, trip->to, trip->packet);
      return false;
    }
  if (happens (faults, path, SHOAL_IMPAIR_CORRUPTION))
    corrupt (faults, trip->packet);
  trip->delay_ns += path->value[SHOAL_IMPAIR_LATENCY] + up_to (faults, path->value[SHOAL_IMPAIR_JITTER]);
  if (happens (faults, path, SHOAL_IMPAIR_REORDERING))
    {
      trip->held = true;
      trip->delay_ns += path->value[SHOAL_IMPAIR_HOLD];
    }
  return true;
}

static void
travel (ShoalWorld *world, Trip trip)
{
  while (trip.passed < G_N_ELEMENTS (trip.stretches))
    {
      const ShoalImpairments *path = trip.stretches[trip.passed++];
      if (!path)
        continue;
      if (happens (world->faults, path, SHOAL_IMPAIR_DUPLICATION))
        {
          Trip twin = trip;
          twin.packet = shoal_network_copy (world, trip.packet);
          if (pass (world, &twin, path))
            travel (world, twin);
        }
      if (!pass (world, &trip, path))
        return;
    }
  finish (world, &trip);
}

/* Different sides of a partition. */
static bool
apart (const ShoalSimNode *from, const ShoalSimNode *to)
{
  return from->side != to->side && from->side != 0 && to->side != 0;
}

uint32_t
shoal_faults_loss (ShoalWorld *world, const ShoalSimNode *from, const ShoalSimNode *to)
{
  if (!world->faults)
    return 0;
  if (apart (from, to))
    return ONE;
  const Pair *pair = pair_of (world->faults, from, to);
  const ShoalImpairments *stretches[] = { from->line, pair->own ? pair->own : &world->faults->network,
                                          to->line };
  uint64_t arrives = ONE;
  for (unsigned i = 0; i < G_N_ELEMENTS (stretches); i++)
    if (stretches[i])
      arrives = arrives * (ONE - (uint64_t)stretches[i]->value[SHOAL_IMPAIR_LOSS]) / ONE;
  return ONE - (uint32_t)arrives;
}

void
shoal_faults_carry (ShoalWorld *world, const ShoalSimNode *from, ShoalSimNode *to, ShoalPacket *packet)
{
  ShoalFaults *faults = world->faults;
  if (!to || apart (from, to))
    {
      shoal_network_lose (world, to, packet);
      return;
    }
  Trip trip = { .to = to, .pair = pair_of (faults, from, to), .packet = packet };
  trip.stretches[0] = from->line;
  trip.stretches[1] = trip.pair->own ? trip.pair->own : &faults->network;
  trip.stretches[2] = to->line;
  travel (world, trip);
}
