/* Looks on while a virtual world goes, and says at once when something is not as it must always be:
 *
 *   held-unverified  a block is held whose bytes are not the file's (real content)
 *   closed-sends     a node sends after it is closed, or data after it was told to close
 *   serves           data to a choked neighbour, to none, or of a block that is not held
 *   state            a peer's state does not agree with itself, or a queue is too long
 *   uplink-rate, downlink-rate  more went through a line than its rate lets through
 *   outcome          a download ended in a way that does not fit what happened
 *   time-limit       a download goes on though its time limit has passed
 *   starvation       a leecher gets nothing new for very long, though somebody reachable has what it lacks and both
 *                    can reach the tracker
 *
 * Nothing of this uses what it checks: rates are reckoned over spans of time, bytes compared with the file's, figures
 * counted anew. */
#pragma once

#include "sim/watch.h"

typedef struct ShoalInvariants ShoalInvariants;

typedef struct {
  const ShoalSharedFile *const *files; /* of the scenario; the array is copied, what it points to borrowed */
  unsigned file_count;
  bool real_content; /* as the world was made */
  gint *stop;        /* set to 1 when an invariant is broken; may be NULL */
  /* For tests of the invariants: called after each step, before they are looked at. May be NULL. */
  void (*meddle) (void *context, ShoalWorld *world);
  void *context;
} ShoalInvariantsOptions;

typedef struct {
  const char *invariant; /* as above; static */
  ShoalTime at_ns;
  char *what; /* a sentence */
} ShoalViolation;

/* Owned by the caller. */
ShoalInvariants *shoal_invariants_new (const ShoalInvariantsOptions *options);
void shoal_invariants_free (ShoalInvariants *invariants);
/* For ShoalWorldOptions; lives as long as the invariants. */
ShoalWatch *shoal_invariants_watch (ShoalInvariants *invariants);
/* The run is over: looks at what the nodes are left with. world: not freed yet. */
void shoal_invariants_finish (ShoalInvariants *invariants, ShoalBackend *world);
/* The first that was broken; NULL: all hold. Borrowed. */
const ShoalViolation *shoal_invariants_violation (const ShoalInvariants *invariants);
