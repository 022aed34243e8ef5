/* What the network does to datagrams between two proxies: latency, jitter, loss, duplication, corruption,
 * reordering. A world without faults has none of this, and pays nothing for it.
 *
 * A datagram passes three stretches, each with conditions of its own and by lots of its own: the sender's
 * line, the network between the two, the receiver's line. All lots are drawn from one generator of the
 * network, seeded from the run's seed. */
#pragma once

#include "sim/node.h"
#include "src/random.h"

ShoalFaults *shoal_faults_new (uint64_t seed);
/* Frees what is under way, too. */
void shoal_faults_free (ShoalFaults *faults);

/* These change what is given, and leave the rest as it is. Between each two nodes: */
void shoal_faults_set_network (ShoalFaults *faults, const ShoalImpairments *given);
/* On one node's line, both ways. */
void shoal_faults_set_line (ShoalSimNode *node, const ShoalImpairments *given);
/* Between some nodes, one way, in place of the network's. Of links that overlap the newest counts. */
void shoal_faults_set_link (ShoalFaults *faults, const ShoalLinkChange *link);
/* The generator of the network: what else is a matter of chance in it. */
ShoalRandom *shoal_faults_random (ShoalFaults *faults);

/* The share of datagrams from one node to the other that never arrive, millionths; all of them where a partition is
 * between the two. */
uint32_t shoal_faults_loss (ShoalWorld *world, const ShoalSimNode *from, const ShoalSimNode *to);

/* The packet, taken over, left its sender's uplink: it arrives now or later, once, twice or never. */
void shoal_faults_carry (ShoalWorld *world, const ShoalSimNode *from, ShoalSimNode *to, ShoalPacket *packet);
/* SHOAL_SIM_ARRIVAL of this place. */
void shoal_faults_arrive (ShoalWorld *world, uint32_t place);
