/* Whether a peer is what its own code believes: for those who look for mistakes in it (sim/invariants.h, tests). It
 * costs as much as the peer has neighbours and blocks, changes nothing, and nothing in the core calls it. */
#pragma once

#include "src/bitmap.h"
#include "src/peer.h"

/* What does not agree in the peer's state: figures that are kept beside what they count, queues that are longer than
 * they may become, requests of those who are choked. NULL: all agrees. */
const char *shoal_peer_check (const ShoalMachine *peer);
/* What is wrong with a datagram that the peer has just made: data of a block that it does not hold, or to somebody
 * whom it does not serve. NULL: nothing. */
const char *shoal_peer_check_datagram (const ShoalMachine *peer, const ShoalDatagram *datagram);
/* The blocks of a file that the peer holds; NULL: none, or the file is not known here. Borrowed until the next call on
 * the machine. */
const ShoalBitmap *shoal_peer_held (const ShoalMachine *peer, const ShoalFid *fid);
/* Where the peer keeps the bytes of a file; NULL: nowhere. Borrowed likewise. */
ShoalContent *shoal_peer_content (const ShoalMachine *peer, const ShoalFid *fid);
