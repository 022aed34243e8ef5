#include "src/patience.h"

/* BEP 15 asks for 15·2^n s up to n = 8, which a lost datagram or a restarted tracker would make a long time without
 * peers. Here the first wait is a few round trips as measured, so that a crowd at a slow tracker is more patient than
 * that, and nobody else need be. It is doubled as often as there: with waits of a minute at most, 10,000 nodes repeated
 * themselves faster than a tracker with 10 kB/s reads, and none was ever answered. */
#define WAIT_FIRST_NS (3 * SHOAL_SECOND / 2)
#define WAIT_MIN_NS (2 * SHOAL_SECOND)
#define WAIT_MAX_NS (60 * SHOAL_SECOND)
#define ROUND_TRIPS 4
#define DOUBLINGS 8u
#define REFUSED_NS (15 * SHOAL_SECOND)     /* after an error, doubled from error to error … */
#define REFUSED_MAX_NS (60 * SHOAL_SECOND) /* … to this: it is there, and answers */
#define TRY_MASK (SHOAL_TRIES_TOLD_APART - 1)

void
shoal_tries_begin (ShoalTries *tries, ShoalRandom *random)
{
  tries->id = (uint32_t)shoal_random_u64 (random) & ~TRY_MASK;
  tries->count = 0;
}

uint32_t
shoal_tries_send (ShoalTries *tries, ShoalTime now)
{
  uint32_t number = tries->count++ & TRY_MASK;
  tries->sent_at[number] = now;
  return tries->id | number;
}

bool
shoal_tries_answered (const ShoalTries *tries, uint32_t transaction_id)
{
  return (transaction_id & ~TRY_MASK) == tries->id && (transaction_id & TRY_MASK) < tries->count;
}

void
shoal_patience_measure (ShoalPatience *patience, const ShoalTries *tries, ShoalTime now,
                        uint32_t transaction_id)
{
  ShoalTime took = CLAMP (now - tries->sent_at[transaction_id & TRY_MASK], 1, WAIT_MAX_NS / ROUND_TRIPS);
  patience->round_trip_ns = MAX (took, patience->round_trip_ns - patience->round_trip_ns / 8);
}

ShoalTime
shoal_patience_wait_ns (const ShoalPatience *patience, unsigned tries)
{
  ShoalTime measured = CLAMP (ROUND_TRIPS * patience->round_trip_ns, WAIT_MIN_NS, WAIT_MAX_NS);
  return (patience->round_trip_ns ? measured : WAIT_FIRST_NS) << MIN (tries - 1, DOUBLINGS);
}

ShoalTime
shoal_patience_refused_ns (unsigned refusals)
{
  return MIN (REFUSED_NS << MIN (refusals - 1, DOUBLINGS), REFUSED_MAX_NS);
}
