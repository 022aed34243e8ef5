/* Drives a caller's own proxy, whose calls block: one thread sends, one receives, and small mailboxes stand
 * between them and the event loop. Inside real/ only. */
#pragma once

#include "real/datagram-queue.h"
#include "real/node.h"

typedef struct ShoalTransportThreads ShoalTransportThreads;

/* Starts the threads. Something came, or the sender is free again: on_news (data) is posted to the loop.
 * NULL and error: no threads left. */
ShoalTransportThreads *shoal_transport_start (const ShoalTransport *transport, ShoalLoop *loop,
                                              void (*on_news) (void *data), void *data, GError **error);
/* Waits until the transport's calls have returned. What was to be sent and has not been begun is dropped. */
void shoal_transport_stop (ShoalTransportThreads *threads);

/* All below in the loop's thread. */
/* The sender waits for something to send: now is the time to ask the machine. */
bool shoal_transport_free_to_send (ShoalTransportThreads *threads);
size_t shoal_transport_max_bytes (const ShoalTransportThreads *threads);
/* Where the next datagram's bytes belong, max_bytes of them; only while it is free to send. */
uint8_t *shoal_transport_slot (ShoalTransportThreads *threads);
/* Gives what is in the slot to the sender. */
void shoal_transport_send (ShoalTransportThreads *threads, const ShoalAddr *to, size_t length);
/* Has everything that came taken: its bytes are borrowed for the call. handler NULL: it is dropped. */
void shoal_transport_take (ShoalTransportThreads *threads,
                           void (*handler) (void *context, const ShoalQueued *datagram), void *context);
/* Sendings that failed since the last call; *closed: it will receive nothing any more. */
unsigned shoal_transport_failures (ShoalTransportThreads *threads, bool *closed);
