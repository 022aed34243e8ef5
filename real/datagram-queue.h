/* A bounded FIFO of datagrams in one piece of memory, which grows when it must. Inside real/ only. */
#pragma once

#include "src/types.h"

typedef struct {
  ShoalAddr from;
  ShoalTime arrived_at;
  const uint8_t *bytes; /* for an entry of the queue: the queue's, until the next push or pop */
  size_t length;
} ShoalQueued;

typedef struct {
  size_t max_bytes; /* of datagrams; twice that with what we keep beside them */
  size_t bytes;     /* of datagrams in it */
  uint8_t *memory;  /* owned */
  size_t room, head, tail;
} ShoalDatagramQueue;

void shoal_datagram_queue_init (ShoalDatagramQueue *queue, size_t max_bytes);
void shoal_datagram_queue_clear (ShoalDatagramQueue *queue);
/* Copies the bytes. False: there is no room for it. */
bool shoal_datagram_queue_push (ShoalDatagramQueue *queue, const ShoalQueued *datagram);
/* The oldest; false: empty. */
bool shoal_datagram_queue_first (const ShoalDatagramQueue *queue, ShoalQueued *datagram);
void shoal_datagram_queue_pop (ShoalDatagramQueue *queue);

static inline bool
shoal_datagram_queue_empty (const ShoalDatagramQueue *queue)
{
  return queue->head == queue->tail;
}
