#include "src/client.h"

ShoalMachine *
shoal_client_machine_new (const ShoalPeerOptions *options)
{
  ShoalPeerOptions client = *options;
  client.tracker = (ShoalAddr){ 0 };
  client.never_upload = client.no_peer_exchange = true;
  return shoal_peer_machine_new (&client);
}
