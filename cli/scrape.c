#include "cli/scrape.h"

#include "real/address.h"

/* A datagram may get lost: each try waits twice as long as the one before. */
#define TRIES 3u
#define FIRST_WAIT_US (1000 * 1000)

typedef struct {
  GSocket *socket; /* owned; connected */
  const ShoalAddr *tracker;
  uint32_t transaction_id;
  uint8_t answer[2048];
} Scrape;

static GSocket *
connect_to (const ShoalAddr *tracker, GError **error)
{
  bool v6 = tracker->family == 6;
  g_autoptr (GInetAddress) ip =
      g_inet_address_new_from_bytes (tracker->ip, v6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (ip, tracker->port);
  g_autoptr (GSocket) socket =
      g_socket_new (g_inet_address_get_family (ip), G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  if (socket == NULL || !g_socket_connect (socket, address, NULL, error))
    return NULL;
  return g_steal_pointer (&socket);
}

/* Takes datagrams until one answers this transaction or the time is over. */
static bool
await (Scrape *scrape, int64_t wait_us, ShoalBep15Reply *reply, GError **error)
{
  int64_t until_us = g_get_monotonic_time () + wait_us;
  for (;;)
    {
      int64_t left_us = until_us - g_get_monotonic_time ();
      if (left_us <= 0 || !g_socket_condition_timed_wait (scrape->socket, G_IO_IN, left_us, NULL, error))
        return false;
      gssize length =
          g_socket_receive (scrape->socket, (char *)scrape->answer, sizeof scrape->answer, NULL, error);
      if (length < 0)
        return false;
      if (shoal_bep15_read_reply (scrape->answer, (size_t)length, scrape->tracker->family, reply) == SHOAL_OK
          && reply->transaction_id == scrape->transaction_id)
        return true;
    }
}

static bool
ask (Scrape *scrape, const ShoalWriter *request, ShoalBep15Action action, ShoalBep15Reply *reply,
     GError **error)
{
  g_autoptr (GError) trouble = NULL;
  for (unsigned i = 0; i < TRIES; i++)
    {
      g_clear_error (&trouble);
      if (g_socket_send (scrape->socket, (const char *)request->bytes, request->length, NULL, &trouble) < 0
          || !await (scrape, FIRST_WAIT_US << i, reply, &trouble))
        continue;
      if (reply->action == action)
        return true;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the tracker says: %.*s",
                   reply->action == SHOAL_BEP15_ERROR ? (int)reply->error_length : 0, reply->error);
      return false;
    }
  g_autofree char *where = shoal_address_text (scrape->tracker);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               "the tracker %s does not answer (%s); is it running there?", where,
               trouble != NULL ? trouble->message : "nothing came");
  return false;
}

static bool
run (Scrape *scrape, const ShoalFid *fid, ShoalBep15ScrapeEntry *entry, GError **error)
{
  uint8_t bytes[64];
  ShoalBep15Reply reply;
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  scrape->transaction_id = g_random_int ();
  shoal_bep15_write_connect (&w, scrape->transaction_id);
  if (!ask (scrape, &w, SHOAL_BEP15_CONNECT, &reply, error))
    return false;
  w = shoal_writer (bytes, sizeof bytes);
  scrape->transaction_id = g_random_int ();
  shoal_bep15_write_scrape (&w, reply.connection_id, scrape->transaction_id, fid->bytes, 1);
  if (!ask (scrape, &w, SHOAL_BEP15_SCRAPE, &reply, error))
    return false;
  ShoalReader r = shoal_reader (reply.scrape, reply.scrape_count > 0 ? 12 : 0);
  entry->seeders = shoal_read_u32 (&r);
  entry->completed = shoal_read_u32 (&r);
  entry->leechers = shoal_read_u32 (&r);
  if (r.failed)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the tracker answered without an entry for the file");
  return !r.failed;
}

bool
shoal_scrape (const ShoalAddr *tracker, const ShoalFid *fid, ShoalBep15ScrapeEntry *entry, GError **error)
{
  Scrape scrape = { .tracker = tracker, .socket = connect_to (tracker, error) };
  bool done = scrape.socket != NULL && run (&scrape, fid, entry, error);
  g_clear_object (&scrape.socket);
  return done;
}
