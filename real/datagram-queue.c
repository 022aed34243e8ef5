/* Entries stand one after the other: what is known of the datagram, its bytes, and filling up to the
 * alignment. When the end is reached, they move to the front; or the memory doubles, when that would free
 * less than a quarter of it, so that a byte is moved three times on average at most. */
#include "real/datagram-queue.h"

#define FIRST_ROOM ((size_t)32 << 10)
/* More is given back when the queue is empty: a flood is over. */
#define KEPT_ROOM ((size_t)1 << 20)

typedef struct {
  ShoalTime arrived_at;
  ShoalAddr from;
  uint32_t length;
} Entry;

static size_t
entry_bytes (size_t length)
{
  size_t align = _Alignof(Entry);
  return sizeof (Entry) + (length + align - 1) / align * align;
}

void
shoal_datagram_queue_init (ShoalDatagramQueue *queue, size_t max_bytes)
{
  *queue = (ShoalDatagramQueue){ .max_bytes = max_bytes };
}

void
shoal_datagram_queue_clear (ShoalDatagramQueue *queue)
{
  g_free (queue->memory);
  shoal_datagram_queue_init (queue, queue->max_bytes);
}

static void
make_room (ShoalDatagramQueue *queue, size_t wanted)
{
  size_t used = queue->tail - queue->head;
  if (queue->room - queue->tail >= wanted)
    return;
  if (queue->head > 0)
    memmove (queue->memory, queue->memory + queue->head, used);
  queue->head = 0;
  queue->tail = used;
  size_t room = MAX (queue->room, FIRST_ROOM);
  while (room / 4 * 3 < used + wanted)
    room *= 2;
  if (room > queue->room)
    queue->memory = g_realloc (queue->memory, room);
  queue->room = room;
}

bool
shoal_datagram_queue_push (ShoalDatagramQueue *queue, const ShoalQueued *datagram)
{
  size_t wanted = entry_bytes (datagram->length);
  if (datagram->length > queue->max_bytes - queue->bytes
      || queue->tail - queue->head + wanted > 2 * queue->max_bytes)
    return false;
  make_room (queue, wanted);
  Entry *entry = (Entry *)(void *)(queue->memory + queue->tail);
  *entry = (Entry){ datagram->arrived_at, datagram->from, (uint32_t)datagram->length };
  if (datagram->length > 0)
    memcpy (entry + 1, datagram->bytes, datagram->length);
  queue->tail += wanted;
  queue->bytes += datagram->length;
  return true;
}

bool
shoal_datagram_queue_first (const ShoalDatagramQueue *queue, ShoalQueued *datagram)
{
  if (shoal_datagram_queue_empty (queue))
    return false;
  const Entry *entry = (const Entry *)(const void *)(queue->memory + queue->head);
  *datagram = (ShoalQueued){ entry->from, entry->arrived_at, (const uint8_t *)(entry + 1), entry->length };
  return true;
}

void
shoal_datagram_queue_pop (ShoalDatagramQueue *queue)
{
  g_assert (!shoal_datagram_queue_empty (queue));
  const Entry *entry = (const Entry *)(const void *)(queue->memory + queue->head);
  queue->bytes -= entry->length;
  queue->head += entry_bytes (entry->length);
  if (queue->head < queue->tail)
    return;
  queue->head = queue->tail = 0;
  if (queue->room > KEPT_ROOM)
    shoal_datagram_queue_clear (queue);
}
