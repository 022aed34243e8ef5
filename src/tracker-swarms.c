#include "src/tracker-swarms.h"

/* A seeder among n peers is put into a leecher's sample on purpose with a chance of this to n. */
#define SEEDER_INTRODUCTIONS 64u

typedef struct Swarm Swarm;

typedef struct {
  guint hash;   /* keyed, of swarm and address */
  Swarm *swarm; /* borrowed */
  ShoalAddr addr;
  bool seeder, completed;
  unsigned index; /* place in its crowd */
  ShoalTime expires_at;
  GList link; /* in ShoalSwarms.heard; data is the member */
} Member;

struct Swarm {
  guint hash; /* keyed */
  uint8_t info_hash[SHOAL_BEP15_HASH_BYTES];
  GPtrArray *crowds[2][2]; /* owned, members borrowed: [IPv6][seeder]; in no order */
  uint32_t completed;
};

struct ShoalSwarms {
  ShoalSwarmsOptions options;
  GHashTable *swarms;  /* set of Swarm, owned; looked up in only */
  GHashTable *members; /* set of Member, owned; looked up in only */
  GQueue heard;        /* all members, the one longest silent first */
};

static uint64_t
mixed (uint64_t z)
{
  z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
  return z ^ z >> 31;
}

static guint
keyed_hash (uint64_t key, const uint8_t *bytes, size_t length)
{
  uint64_t hash = mixed (key);
  for (size_t i = 0; i < length; i += 8)
    {
      uint64_t word = 0;
      memcpy (&word, bytes + i, MIN (8, length - i));
      hash = mixed (hash ^ GUINT64_FROM_LE (word)) + key;
    }
  return (guint)(hash >> 32);
}

static guint
swarm_hash (gconstpointer swarm)
{
  return ((const Swarm *)swarm)->hash;
}

static gboolean
swarm_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (((const Swarm *)a)->info_hash, ((const Swarm *)b)->info_hash, SHOAL_BEP15_HASH_BYTES) == 0;
}

static guint
member_hash (gconstpointer member)
{
  return ((const Member *)member)->hash;
}

static gboolean
member_equal (gconstpointer a, gconstpointer b)
{
  const Member *left = a, *right = b;
  return left->swarm == right->swarm && shoal_addr_equal (&left->addr, &right->addr);
}

static void
swarm_free (gpointer data)
{
  Swarm *swarm = data;
  for (unsigned i = 0; i < 4; i++)
    g_ptr_array_unref (swarm->crowds[i / 2][i % 2]);
  g_free (swarm);
}

ShoalSwarms *
shoal_swarms_new (const ShoalSwarmsOptions *options)
{
  ShoalSwarms *swarms = g_new0 (ShoalSwarms, 1);
  swarms->options = *options;
  swarms->swarms = g_hash_table_new_full (swarm_hash, swarm_equal, swarm_free, NULL);
  swarms->members = g_hash_table_new_full (member_hash, member_equal, g_free, NULL);
  g_queue_init (&swarms->heard);
  return swarms;
}

void
shoal_swarms_free (ShoalSwarms *swarms)
{
  if (swarms == NULL)
    return;
  g_hash_table_unref (swarms->members);
  g_hash_table_unref (swarms->swarms);
  g_free (swarms);
}

uint32_t
shoal_swarms_count (const ShoalSwarms *swarms)
{
  return g_hash_table_size (swarms->swarms);
}

uint32_t
shoal_swarms_peers (const ShoalSwarms *swarms)
{
  return g_hash_table_size (swarms->members);
}

static Swarm *
find_swarm (const ShoalSwarms *swarms, const uint8_t *info_hash)
{
  Swarm probe = { .hash = keyed_hash (swarms->options.hash_key, info_hash, SHOAL_BEP15_HASH_BYTES) };
  memcpy (probe.info_hash, info_hash, SHOAL_BEP15_HASH_BYTES);
  return g_hash_table_lookup (swarms->swarms, &probe);
}

static guint
address_hash (const ShoalSwarms *swarms, const Swarm *swarm, const ShoalAddr *addr)
{
  uint8_t bytes[sizeof addr->ip + 3] = { (uint8_t)(addr->port >> 8), (uint8_t)addr->port, addr->family };
  memcpy (bytes + 3, addr->ip, sizeof addr->ip);
  return keyed_hash (swarms->options.hash_key ^ swarm->hash, bytes, sizeof bytes);
}

static Member *
find_member (const ShoalSwarms *swarms, Swarm *swarm, const ShoalAddr *addr)
{
  Member probe = { .hash = address_hash (swarms, swarm, addr), .swarm = swarm, .addr = *addr };
  return g_hash_table_lookup (swarms->members, &probe);
}

static GPtrArray *
crowd_of (const Member *member)
{
  return member->swarm->crowds[member->addr.family == 6][member->seeder];
}

static void
join_crowd (Member *member)
{
  GPtrArray *crowd = crowd_of (member);
  member->index = crowd->len;
  g_ptr_array_add (crowd, member);
}

static void
leave_crowd (Member *member)
{
  GPtrArray *crowd = crowd_of (member);
  g_assert (crowd->pdata[member->index] == member);
  g_ptr_array_remove_index_fast (crowd, member->index);
  if (member->index < crowd->len)
    ((Member *)crowd->pdata[member->index])->index = member->index;
}

static uint32_t
members_of (const Swarm *swarm, bool seeder)
{
  return swarm->crowds[0][seeder]->len + swarm->crowds[1][seeder]->len;
}

static Swarm *
add_swarm (ShoalSwarms *swarms, const uint8_t *info_hash)
{
  Swarm *swarm = g_new0 (Swarm, 1);
  swarm->hash = keyed_hash (swarms->options.hash_key, info_hash, SHOAL_BEP15_HASH_BYTES);
  memcpy (swarm->info_hash, info_hash, SHOAL_BEP15_HASH_BYTES);
  for (unsigned i = 0; i < 4; i++)
    swarm->crowds[i / 2][i % 2] = g_ptr_array_new ();
  g_hash_table_add (swarms->swarms, swarm);
  return swarm;
}

static Member *
add_member (ShoalSwarms *swarms, Swarm *swarm, const ShoalSwarmPeer *peer)
{
  Member *member = g_new0 (Member, 1);
  member->hash = address_hash (swarms, swarm, &peer->addr);
  member->swarm = swarm;
  member->addr = peer->addr;
  member->seeder = peer->seeder;
  member->link.data = member;
  join_crowd (member);
  g_hash_table_add (swarms->members, member);
  g_queue_push_tail_link (&swarms->heard, &member->link);
  return member;
}

static bool
has_room (const ShoalSwarms *swarms, const Swarm *swarm)
{
  return shoal_swarms_peers (swarms) < swarms->options.max_peers
         && (swarm != NULL || shoal_swarms_count (swarms) < swarms->options.max_swarms);
}

static void
renew (ShoalSwarms *swarms, Member *member, const ShoalSwarmPeer *peer)
{
  if (member->seeder != peer->seeder)
    {
      leave_crowd (member);
      member->seeder = peer->seeder;
      join_crowd (member);
    }
  if (peer->completed && !member->completed)
    {
      member->completed = true;
      member->swarm->completed++;
    }
  member->expires_at = peer->expires_at;
  g_queue_unlink (&swarms->heard, &member->link);
  g_queue_push_tail_link (&swarms->heard, &member->link);
}

ShoalResult
shoal_swarms_put (ShoalSwarms *swarms, const uint8_t *info_hash, const ShoalSwarmPeer *peer)
{
  Swarm *swarm = find_swarm (swarms, info_hash);
  Member *member = swarm != NULL ? find_member (swarms, swarm, &peer->addr) : NULL;
  if (member == NULL)
    {
      if (!has_room (swarms, swarm))
        return SHOAL_TOO_LARGE;
      if (swarm == NULL)
        swarm = add_swarm (swarms, info_hash);
      member = add_member (swarms, swarm, peer);
    }
  renew (swarms, member, peer);
  return SHOAL_OK;
}

static void
remove_member (ShoalSwarms *swarms, Member *member)
{
  Swarm *swarm = member->swarm;
  leave_crowd (member);
  g_queue_unlink (&swarms->heard, &member->link);
  g_hash_table_remove (swarms->members, member);
  if (members_of (swarm, false) + members_of (swarm, true) == 0)
    g_hash_table_remove (swarms->swarms, swarm);
}

void
shoal_swarms_remove (ShoalSwarms *swarms, const uint8_t *info_hash, const ShoalAddr *peer)
{
  Swarm *swarm = find_swarm (swarms, info_hash);
  Member *member = swarm != NULL ? find_member (swarms, swarm, peer) : NULL;
  if (member != NULL)
    remove_member (swarms, member);
}

ShoalTime
shoal_swarms_next_expiry (const ShoalSwarms *swarms)
{
  const GList *oldest = swarms->heard.head;
  return oldest != NULL ? ((const Member *)oldest->data)->expires_at : SHOAL_NEVER;
}

void
shoal_swarms_expire (ShoalSwarms *swarms, ShoalTime now)
{
  while (swarms->heard.head != NULL && shoal_swarms_next_expiry (swarms) <= now)
    remove_member (swarms, swarms->heard.head->data);
}

ShoalBep15ScrapeEntry
shoal_swarms_counts (const ShoalSwarms *swarms, const uint8_t *info_hash)
{
  const Swarm *swarm = find_swarm (swarms, info_hash);
  if (swarm == NULL)
    return (ShoalBep15ScrapeEntry){ 0 };
  return (ShoalBep15ScrapeEntry){ .seeders = members_of (swarm, true),
                                  .completed = swarm->completed,
                                  .leechers = members_of (swarm, false) };
}

/* A crowd that is being drawn from. Those before `drawn` were drawn, those from `end` are left out. */
typedef struct {
  GPtrArray *crowd;
  unsigned drawn, end;
} Draw;

static void
swap (GPtrArray *crowd, unsigned i, unsigned k)
{
  Member *a = crowd->pdata[i], *b = crowd->pdata[k];
  crowd->pdata[i] = b;
  b->index = i;
  crowd->pdata[k] = a;
  a->index = k;
}

static Draw
draw_begin (GPtrArray *crowd, const Member *asker)
{
  Draw draw = { .crowd = crowd, .end = crowd->len };
  if (asker != NULL && crowd_of (asker) == crowd)
    swap (crowd, asker->index, --draw.end);
  return draw;
}

/* One step of a Fisher-Yates shuffle. A crowd has no order of its own, so it is shuffled in place. */
static ShoalAddr
draw_one (Draw *draw, ShoalRandom *random)
{
  g_assert (draw->drawn < draw->end);
  swap (draw->crowd, draw->drawn, draw->drawn + shoal_random_below (random, draw->end - draw->drawn));
  return ((const Member *)draw->crowd->pdata[draw->drawn++])->addr;
}

/* Whether the first of a leecher's sample is to be a seeder. */
static bool
introduce (const Draw *seeders, const Draw *leechers, ShoalRandom *random)
{
  if (seeders->end == 0)
    return false;
  uint32_t all = seeders->end + leechers->end;
  return shoal_random_below (random, all) < (uint64_t)SEEDER_INTRODUCTIONS * seeders->end;
}

unsigned
shoal_swarms_sample (ShoalSwarms *swarms, const uint8_t *info_hash, const ShoalAddr *asker, unsigned wanted,
                     ShoalRandom *random, ShoalAddr *out)
{
  Swarm *swarm = find_swarm (swarms, info_hash);
  if (swarm == NULL || wanted == 0)
    return 0;
  const Member *member = find_member (swarms, swarm, asker);
  bool ipv6 = asker->family == 6;
  Draw leechers = draw_begin (swarm->crowds[ipv6][false], member);
  Draw seeders = draw_begin (swarm->crowds[ipv6][true], member);
  if (member != NULL && member->seeder)
    seeders.end = 0;
  unsigned count = 0;
  if (introduce (&seeders, &leechers, random))
    out[count++] = draw_one (&seeders, random);
  while (count < wanted)
    {
      uint32_t some = seeders.end - seeders.drawn, all = some + leechers.end - leechers.drawn;
      if (all == 0)
        break;
      out[count++] = draw_one (shoal_random_below (random, all) < some ? &seeders : &leechers, random);
    }
  return count;
}
