/* How long to wait for an answer of the tracker's, and which of several tries it answers. No clock of its own. */
#pragma once

#include "src/random.h"
#include "src/types.h"

#define SHOAL_TRIES_TOLD_APART 8u

/* A request that is repeated until it is answered. Each try has a transaction id of its own, so that its answer can be
 * told from that of another (where ids are the same, Karn's rule measures nothing that was repeated, and a tracker that
 * is slower than the first wait would never be measured). */
typedef struct {
  uint32_t id; /* of the first try; the next ones' differ from it in the low bits, the ninth has it again */
  unsigned count;                            /* tries so far */
  ShoalTime sent_at[SHOAL_TRIES_TOLD_APART]; /* by low bits: the last with these */
} ShoalTries;

typedef struct {
  ShoalTime round_trip_ns; /* smoothed; 0: not measured */
} ShoalPatience;

/* Begins a new request: answers to earlier ones are no answers any more. */
void shoal_tries_begin (ShoalTries *tries, ShoalRandom *random);
/* A try is sent now. Returns its transaction id. */
uint32_t shoal_tries_send (ShoalTries *tries, ShoalTime now);
/* Whether a reply with this transaction id answers one of them. */
bool shoal_tries_answered (const ShoalTries *tries, uint32_t transaction_id);

/* Takes note of how long the answer took that came with this transaction id: slow answers count at once, quick ones
 * slowly. */
void shoal_patience_measure (ShoalPatience *patience, const ShoalTries *tries, ShoalTime now,
                             uint32_t transaction_id);
/* How long to wait for an answer after the last of so many tries (> 0), before another. */
ShoalTime shoal_patience_wait_ns (const ShoalPatience *patience, unsigned tries);
/* How long to leave the tracker alone after so many answers in a row (> 0) that refuse the request. */
ShoalTime shoal_patience_refused_ns (unsigned refusals);
