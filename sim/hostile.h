/* Peers that break the rules: an honest machine, and what leaves it is tampered with on the way to its
 * uplink. (Free riders need no such help: the peer itself has that option.) */
#pragma once

#include "src/backend.h"

typedef struct ShoalHostile ShoalHostile;

/* NULL: this behaviour needs nothing here. */
ShoalHostile *shoal_hostile_new (const ShoalNodeSpec *spec, uint64_t seed);
void shoal_hostile_free (ShoalHostile *hostile);
/* The machine's next datagram, as the node sends it. */
void shoal_hostile_change (ShoalHostile *hostile, ShoalDatagram *datagram);
/* Whether the payload of the datagram that leaves is bad. */
bool shoal_hostile_spoils (ShoalHostile *hostile);
/* A datagram of its own making, to go before the machine's next. False: none now. */
bool shoal_hostile_next (ShoalHostile *hostile, ShoalTime now, ShoalDatagram *datagram);
/* When the next of those is due; SHOAL_NEVER: not at all. */
ShoalTime shoal_hostile_deadline (const ShoalHostile *hostile);
