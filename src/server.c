#include "src/server.h"

ShoalMachine *
shoal_server_machine_new (const ShoalPeerOptions *options)
{
  ShoalPeerOptions server = *options;
  server.tracker = (ShoalAddr){ 0 };
  server.serve_registered_only = server.no_peer_exchange = true;
  server.max_neighbours = UINT32_MAX; /* nobody else serves those it would refuse */
  return shoal_peer_machine_new (&server);
}
