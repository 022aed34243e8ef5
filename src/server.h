/* The server of the traditional model: holds files and sends them; asks nobody, has no tracker. */
#pragma once

#include "src/peer.h"

/* options->service says in what order it serves: SHOAL_SERVICE_FIFO, one client to its end and then
 * the next, or SHOAL_SERVICE_FAIR, in turns. options->tracker is ignored. Files are offered with
 * shoal_peer_register(); what it downloads from another server it keeps to itself. Owned by the
 * caller: machine->ops->free(). */
ShoalMachine *shoal_server_machine_new (const ShoalPeerOptions *options);
