/* libshoal: files from peer to peer, from C and, by introspection, from Python and others.
 *
 * A node (client, tracker, server) works in a thread of its own from when it is made until it is closed.
 * Every function may be called from any thread, also several on one object at once. Blocking functions block
 * the caller alone; those in _async call back in the thread-default main context of their caller. Signals
 * are emitted in the thread-default main context of the thread that made the object, while somebody runs it.
 *
 * A fid is the text of 64 hex digits that names a file; a magnet link (magnet:?xt=urn:btmh:1220...) is taken
 * wherever a fid is. Rates are in bytes per second, 0: unlimited. */
#pragma once

#include "shoal-client.h"
#include "shoal-node.h"
#include "shoal-proxy.h"
#include "shoal-server.h"
#include "shoal-tracker.h"
#include "shoal-types.h"
