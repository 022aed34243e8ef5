#include "src/server.h"

ShoalMachine *
shoal_server_new (const ShoalPeerOptions *options)
{
  ShoalPeerOptions server = *options;
  server.tracker = (ShoalAddr){ 0 };
  return shoal_peer_new (&server);
}
