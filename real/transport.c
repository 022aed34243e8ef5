#include "real/transport.h"

#include "real/loop-source.h"

#define MAX_DATAGRAM_BYTES 65507u
#define INBOX_MAX_BYTES ((size_t)1 << 20)
/* How long stopping may have to wait for the receiver. */
#define RECEIVE_TIMEOUT_NS (100 * SHOAL_MS)

/* What both threads and the loop see is under the lock. The slot is the sender's while `sending`, else the
 * loop's; `taking` is the loop's. */
struct ShoalTransportThreads {
  ShoalTransport transport;
  ShoalLoop *loop;
  void (*on_news) (void *data);
  void *data;
  GThread *sender, *receiver;
  uint8_t *slot; /* owned */
  ShoalDatagramQueue taking;

  GMutex lock;
  GCond to_sender, to_receiver;
  bool stopping, sending, closed;
  bool told; /* on_news is posted and has not looked yet */
  ShoalAddr to;
  size_t length;
  unsigned failures;
  ShoalDatagramQueue inbox;
};

/* Under the lock. */
static void
tell (ShoalTransportThreads *t)
{
  if (!t->told)
    shoal_loop_post (t->loop, t->on_news, t->data);
  t->told = true;
}

/* ---- the sender ---- */

static bool
wait_for_work (ShoalTransportThreads *t)
{
  g_mutex_lock (&t->lock);
  while (!t->stopping && !t->sending)
    g_cond_wait (&t->to_sender, &t->lock);
  bool go = !t->stopping;
  g_mutex_unlock (&t->lock);
  return go;
}

static void *
send_thread (void *data)
{
  ShoalTransportThreads *t = data;
  while (wait_for_work (t))
    {
      bool sent = t->transport.send (t->transport.context, &t->to, t->slot, t->length);
      g_mutex_lock (&t->lock);
      t->sending = false;
      t->failures += !sent;
      tell (t);
      g_mutex_unlock (&t->lock);
    }
  return NULL;
}

/* ---- the receiver ---- */

static bool
is_stopping (ShoalTransportThreads *t)
{
  g_mutex_lock (&t->lock);
  bool stopping = t->stopping;
  g_mutex_unlock (&t->lock);
  return stopping;
}

/* A full inbox holds the proxy up, as a slow reader of a socket does. */
static void
hand_in (ShoalTransportThreads *t, const ShoalQueued *datagram)
{
  g_mutex_lock (&t->lock);
  while (!t->stopping && !shoal_datagram_queue_push (&t->inbox, datagram))
    g_cond_wait (&t->to_receiver, &t->lock);
  tell (t);
  g_mutex_unlock (&t->lock);
}

static void *
receive_thread (void *data)
{
  ShoalTransportThreads *t = data;
  uint8_t *bytes = g_malloc (MAX_DATAGRAM_BYTES);
  ssize_t length = 0;
  while (length >= 0 && !is_stopping (t))
    {
      ShoalQueued datagram = { .bytes = bytes };
      length = t->transport.receive (t->transport.context, bytes, MAX_DATAGRAM_BYTES, &datagram.from,
                                     RECEIVE_TIMEOUT_NS);
      datagram.arrived_at = shoal_loop_now (t->loop);
      datagram.length = (size_t)MAX (length, 0);
      if (length > 0)
        hand_in (t, &datagram);
    }
  g_free (bytes);
  g_mutex_lock (&t->lock);
  t->closed = true;
  tell (t);
  g_mutex_unlock (&t->lock);
  return NULL;
}

/* ---- the loop's side ---- */

bool
shoal_transport_free_to_send (ShoalTransportThreads *t)
{
  g_mutex_lock (&t->lock);
  bool is_free = !t->sending;
  g_mutex_unlock (&t->lock);
  return is_free;
}

size_t
shoal_transport_max_bytes (const ShoalTransportThreads *t)
{
  return t->transport.max_datagram_bytes;
}

uint8_t *
shoal_transport_slot (ShoalTransportThreads *t)
{
  return t->slot;
}

void
shoal_transport_send (ShoalTransportThreads *t, const ShoalAddr *to, size_t length)
{
  g_mutex_lock (&t->lock);
  g_assert (!t->sending && length <= t->transport.max_datagram_bytes);
  t->to = *to;
  t->length = length;
  t->sending = true;
  g_cond_signal (&t->to_sender);
  g_mutex_unlock (&t->lock);
}

void
shoal_transport_take (ShoalTransportThreads *t, void (*handler) (void *context, const ShoalQueued *datagram),
                      void *context)
{
  ShoalQueued datagram;
  g_mutex_lock (&t->lock);
  ShoalDatagramQueue full = t->inbox;
  t->inbox = t->taking;
  t->taking = full;
  t->told = false;
  g_cond_signal (&t->to_receiver);
  g_mutex_unlock (&t->lock);
  while (shoal_datagram_queue_first (&t->taking, &datagram))
    {
      if (handler)
        handler (context, &datagram);
      shoal_datagram_queue_pop (&t->taking);
    }
}

unsigned
shoal_transport_failures (ShoalTransportThreads *t, bool *closed)
{
  g_mutex_lock (&t->lock);
  unsigned failures = t->failures;
  t->failures = 0;
  *closed = t->closed;
  g_mutex_unlock (&t->lock);
  return failures;
}

ShoalTransportThreads *
shoal_transport_start (const ShoalTransport *transport, ShoalLoop *loop, void (*on_news) (void *data),
                       void *data, GError **error)
{
  ShoalTransportThreads *t = g_new0 (ShoalTransportThreads, 1);
  t->transport = *transport;
  if (t->transport.max_datagram_bytes == 0 || t->transport.max_datagram_bytes > MAX_DATAGRAM_BYTES)
    t->transport.max_datagram_bytes = MAX_DATAGRAM_BYTES;
  t->loop = loop;
  t->on_news = on_news;
  t->data = data;
  t->slot = g_malloc (t->transport.max_datagram_bytes);
  shoal_datagram_queue_init (&t->inbox, INBOX_MAX_BYTES);
  shoal_datagram_queue_init (&t->taking, INBOX_MAX_BYTES);
  g_mutex_init (&t->lock);
  g_cond_init (&t->to_sender);
  g_cond_init (&t->to_receiver);
  t->sender = g_thread_try_new ("shoal-send", send_thread, t, error);
  if (t->sender)
    t->receiver = g_thread_try_new ("shoal-receive", receive_thread, t, error);
  if (t->receiver)
    return t;
  shoal_transport_stop (t);
  return NULL;
}

void
shoal_transport_stop (ShoalTransportThreads *t)
{
  if (!t)
    return;
  g_mutex_lock (&t->lock);
  t->stopping = true;
  g_cond_signal (&t->to_sender);
  g_cond_signal (&t->to_receiver);
  g_mutex_unlock (&t->lock);
  g_clear_pointer (&t->sender, g_thread_join);
  g_clear_pointer (&t->receiver, g_thread_join);
  shoal_loop_unpost (t->loop, t->data);
  shoal_datagram_queue_clear (&t->inbox);
  shoal_datagram_queue_clear (&t->taking);
  g_mutex_clear (&t->lock);
  g_cond_clear (&t->to_sender);
  g_cond_clear (&t->to_receiver);
  g_free (t->slot);
  g_free (t);
}
