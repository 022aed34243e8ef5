/* What `shoal share` and `shoal get` have in common: a client, and what is told of its files. */
#pragma once

#include "cli/node-words.h"
#include "cli/serving.h"

/* Makes a client and has it served. NULL: it failed, which was told; *status says how. Owned by the caller. */
ShoalClient *shoal_peer_command_client (ShoalServing *serving, const ShoalNodeSetup *setup,
                                        const char *tracker, int *status);
/* Warns once when nobody has answered for some seconds. To be called on each tick. */
void shoal_peer_command_watch (ShoalServing *serving, ShoalClient *client, const char *tracker, bool *told);
/* Adds "tracker" and "files". */
void shoal_peer_command_add_status (JsonBuilder *b, ShoalClient *client, const char *tracker);
