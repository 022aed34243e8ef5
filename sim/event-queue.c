#include "sim/event-queue.h"

/* Four children a node: half the depth of a binary heap, and the children share a cache line or two. */
#define CHILDREN 4

void
shoal_event_queue_init (ShoalEventQueue *q)
{
  memset (q, 0, sizeof *q);
}

void
shoal_event_queue_clear (ShoalEventQueue *q)
{
  g_free (q->heap);
  memset (q, 0, sizeof *q);
}

static inline bool
before (const ShoalSimEvent *a, const ShoalSimEvent *b)
{
  return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void
shoal_event_queue_push (ShoalEventQueue *q, ShoalTime at, uint32_t node, ShoalSimEventKind kind)
{
  if (q->length == q->room)
    {
      q->room = MAX (64, q->room * 2);
      q->heap = g_renew (ShoalSimEvent, q->heap, q->room);
    }
  ShoalSimEvent event = { at, q->inserted++, node, kind };
  size_t i = q->length++;
  while (i > 0 && before (&event, &q->heap[(i - 1) / CHILDREN]))
    {
      q->heap[i] = q->heap[(i - 1) / CHILDREN];
      i = (i - 1) / CHILDREN;
    }
  q->heap[i] = event;
}

static size_t
least_child (const ShoalEventQueue *q, size_t i)
{
  size_t first = i * CHILDREN + 1, end = MIN (first + CHILDREN, q->length), best = first;
  for (size_t k = first + 1; k < end; k++)
    if (before (&q->heap[k], &q->heap[best]))
      best = k;
  return best;
}

ShoalSimEvent
shoal_event_queue_pop (ShoalEventQueue *q)
{
  ShoalSimEvent first = q->heap[0], last = q->heap[--q->length];
  size_t i = 0;
  while (i * CHILDREN + 1 < q->length)
    {
      size_t child = least_child (q, i);
      if (!before (&q->heap[child], &last))
        break;
      q->heap[i] = q->heap[child];
      i = child;
    }
  if (q->length > 0)
    q->heap[i] = last;
  return first;
}
