/* What happens next: a heap of events in a total order: time, then order of insertion. */
#pragma once

#include "src/types.h"

typedef enum {
  SHOAL_SIM_UPLINK,   /* the datagram in service leaves the node's uplink */
  SHOAL_SIM_DOWNLINK, /* the datagram in service leaves the node's downlink */
  SHOAL_SIM_WAKE,     /* the machine's deadline */
  SHOAL_SIM_ARRIVAL,  /* a datagram that the network delayed; node: its place in ShoalFaults */
} ShoalSimEventKind;

typedef struct {
  ShoalTime at;
  uint64_t order;
  uint32_t node;
  uint32_t kind; /* ShoalSimEventKind */
} ShoalSimEvent;

typedef struct {
  ShoalSimEvent *heap; /* owned */
  size_t length, room;
  uint64_t inserted;
} ShoalEventQueue;

void shoal_event_queue_init (ShoalEventQueue *q);
void shoal_event_queue_clear (ShoalEventQueue *q);
void shoal_event_queue_push (ShoalEventQueue *q, ShoalTime at, uint32_t node, ShoalSimEventKind kind);
/* Earliest event, or NULL; borrowed until the next call. */
static inline const ShoalSimEvent *
shoal_event_queue_first (const ShoalEventQueue *q)
{
  return q->length ? &q->heap[0] : NULL;
}
/* Takes the earliest event; the queue must not be empty. */
ShoalSimEvent shoal_event_queue_pop (ShoalEventQueue *q);
