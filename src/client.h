/* The client of the traditional model: gets files from a server that it knows, and never uploads. */
#pragma once

#include "src/peer.h"

/* options->tracker and options->never_upload are ignored. Files are got with shoal_peer_download(),
 * with the server as the only holder. Owned by the caller: machine->ops->free(). */
ShoalMachine *shoal_client_machine_new (const ShoalPeerOptions *options);
