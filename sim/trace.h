/* The trace of a run: every datagram put on the network and delivered, and every event that a
 * machine reported, in order. Its SHA-256 is the run's fingerprint: same scenario and seed, same
 * digest. Datagrams are recorded by their length, so real and virtual content give the same trace. */
#pragma once

#include "src/machine.h"

#include <stdio.h>

typedef struct ShoalTrace ShoalTrace;

/* text: borrowed; gets one line a record; NULL: none. */
ShoalTrace *shoal_trace_new (FILE *text);
void shoal_trace_free (ShoalTrace *trace);
/* peer: node number, -1: none. */
void shoal_trace_sent (ShoalTrace *trace, ShoalTime at, unsigned node, int peer, size_t length_bytes);
void shoal_trace_delivered (ShoalTrace *trace, ShoalTime at, unsigned node, int peer, size_t length_bytes);
void shoal_trace_dropped (ShoalTrace *trace, ShoalTime at, unsigned node, int peer, size_t length_bytes);
void shoal_trace_event (ShoalTrace *trace, ShoalTime at, unsigned node, int peer, const ShoalEvent *event);
/* Digest of all so far: 64 hex digits and a NUL. */
void shoal_trace_digest (ShoalTrace *trace, char hex[65]);
