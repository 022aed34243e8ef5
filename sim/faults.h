/* What the network does to datagrams between two proxies: latency, jitter, loss, duplication, corruption,
 * reordering. A world without faults has none of this, and pays nothing for it.
 *
 * A datagram passes three stretches, each with conditions of its own and by lots of its own: the sender's
 * line, the network between the two, the receiver's line. All lots are drawn from one generator of the
 * network, seeded from the run's seed. */
#pragma once

#include "sim/node.h"

ShoalFaults *shoal_faults_new (uint64_t seed);
/* Frees what is under way, too. */
void shoal_faults_free (ShoalFaults *faults);

/* Between each two nodes, from now on: keys that `path` does not give stay as they are. */
void shoal_faults_set_network (ShoalFaults *faults, const ShoalImpairments *path);

/* The packet, taken over, left its sender's uplink: it arrives now or later, once, twice or never. */
void shoal_faults_carry (ShoalWorld *world, const ShoalSimNode *from, ShoalSimNode *to, ShoalPacket *packet);
/* SHOAL_SIM_ARRIVAL of this place. */
void shoal_faults_arrive (ShoalWorld *world, uint32_t place);
