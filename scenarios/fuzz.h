/* Plays a scenario in virtual time with somebody looking on who knows what must always hold (sim/invariants.h). */
#pragma once

#include "scenarios/run.h"
#include "sim/invariants.h"

typedef struct {
  uint64_t seed;
  bool
      both_contents; /* play it with virtual content, too, and compare the traces, where there is room for bytes */
  const gint *cancelled; /* read atomically; not 0: break off. May be NULL. */
  /* For tests of the invariants: see ShoalInvariantsOptions. */
  void (*meddle) (void *context, ShoalWorld *world);
  void *context;
} ShoalFuzzOptions;

typedef struct {
  char *invariant;                     /* owned; the one that is broken; NULL: all hold */
  char *what;                          /* owned; a sentence; NULL likewise */
  ShoalTime at_ns;                     /* when */
  uint64_t events;                     /* of the world's, in all plays */
  unsigned downloads, done, explained; /* explained: did not end well, for a reason */
} ShoalFuzzOutcome;

void shoal_fuzz_outcome_clear (ShoalFuzzOutcome *outcome);

/* Plays a prepared scenario with bytes, or with virtual content where they would not fit into 512 MiB. Beside those of sim/invariants.h these are invariants:
 *
 *   bound     nothing is faster than the bound of the scenario says
 *   expect    what the scenario expects comes true
 *   contents  virtual content gives the same trace
 *
 * True: it was played, and the outcome, the caller's to clear, says what came of it. False and error (BACKEND,
 * CANCELLED). */
bool shoal_fuzz_play (const ShoalScenario *scenario, const ShoalFuzzOptions *options,
                      ShoalFuzzOutcome *outcome, GError **error);
