/* What a tracker knows: the swarms, and who is in them. Every operation takes the same time however
 * many there are; only a sample takes time in proportion to its size.
 *
 * Nothing depends on hash order: tables are only looked up in. Their hashes are keyed, so that nobody
 * can choose addresses or info-hashes that collide. */
#pragma once

#include "src/bep15.h"
#include "src/random.h"
#include "src/types.h"

typedef struct ShoalSwarms ShoalSwarms;

typedef struct {
  uint32_t max_swarms, max_peers; /* over all; a peer counts once in each of its swarms */
  uint64_t hash_key;
} ShoalSwarmsOptions;

/* What a peer says of itself. */
typedef struct {
  ShoalAddr addr;
  bool seeder;          /* nothing left to get */
  bool completed;       /* it has just become one; counted once a peer */
  ShoalTime expires_at; /* forgotten when not heard of until then */
} ShoalSwarmPeer;

ShoalSwarms *shoal_swarms_new (const ShoalSwarmsOptions *options);
void shoal_swarms_free (ShoalSwarms *swarms);

/* Puts a peer in, or renews it. info_hash: 20 bytes. SHOAL_TOO_LARGE: it is new and there is no room. */
ShoalResult shoal_swarms_put (ShoalSwarms *swarms, const uint8_t *info_hash, const ShoalSwarmPeer *peer);
/* Takes a peer out. A swarm goes, with its count of completions, when nobody is left in it. */
void shoal_swarms_remove (ShoalSwarms *swarms, const uint8_t *info_hash, const ShoalAddr *peer);

/* Forgets peers whose time has come. One that was heard of earlier and may stay longer delays those
 * behind it: nobody goes too early, some go a little late. */
void shoal_swarms_expire (ShoalSwarms *swarms, ShoalTime now);
/* When shoal_swarms_expire() has something to do; SHOAL_NEVER: not at all. */
ShoalTime shoal_swarms_next_expiry (const ShoalSwarms *swarms);

/* Zeros for an unknown swarm. */
ShoalBep15ScrapeEntry shoal_swarms_counts (const ShoalSwarms *swarms, const uint8_t *info_hash);
uint32_t shoal_swarms_count (const ShoalSwarms *swarms);
uint32_t shoal_swarms_peers (const ShoalSwarms *swarms);

/* Writes up to `wanted` different peers of the asker's family to out, never the asker, drawn at random;
 * returns how many. A seeder is given leechers only: it has no use for others. A leecher's sample holds
 * at least one seeder often enough that each is made known to a few dozen, however large the swarm. */
unsigned shoal_swarms_sample (ShoalSwarms *swarms, const uint8_t *info_hash, const ShoalAddr *asker,
                              unsigned wanted, ShoalRandom *random, ShoalAddr *out);
