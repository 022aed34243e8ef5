/* Requests and replies of the UDP tracker protocol: what is accepted is written again byte for byte, but for the
 * fields that are ignored. */
#include "tests/fuzz/fuzz.h"

#include "src/bep15.h"

#define IP_FIELD_AT 84u
#define EVENT_AT 80u

static uint8_t written[65536];

static void
check_request (const uint8_t *data, size_t size)
{
  ShoalBep15Request q, again;
  if (shoal_bep15_read_request (data, size, &q) != SHOAL_OK)
    return;
  ShoalWriter w = shoal_writer (written, sizeof written);
  if (q.action == SHOAL_BEP15_CONNECT)
    shoal_bep15_write_connect (&w, q.transaction_id);
  else if (q.action == SHOAL_BEP15_SCRAPE)
    shoal_bep15_write_scrape (&w, q.connection_id, q.transaction_id, q.scrape_hashes, q.hashes);
  else
    shoal_bep15_write_announce (&w, q.connection_id, q.transaction_id, &q.announce);
  fuzz_require (!w.failed && w.length <= size);
  fuzz_require (shoal_bep15_read_request (written, w.length, &again) == SHOAL_OK && again.action == q.action);
  bool announce = q.action == SHOAL_BEP15_ANNOUNCE;
  fuzz_require (memcmp (written, data, announce ? EVENT_AT : w.length) == 0);
  fuzz_require (!announce || memcmp (written + IP_FIELD_AT + 4, data + IP_FIELD_AT + 4, 10) == 0);
  fuzz_require (!announce || again.announce.event == q.announce.event);
}

static void
write_scrape_reply (ShoalWriter *w, const ShoalBep15Reply *reply)
{
  ShoalReader r = shoal_reader (reply->scrape, reply->scrape_count * 12u);
  ShoalBep15ScrapeEntry *entries = g_new (ShoalBep15ScrapeEntry, reply->scrape_count + 1);
  for (unsigned i = 0; i < reply->scrape_count; i++)
    {
      entries[i].seeders = shoal_read_u32 (&r);
      entries[i].completed = shoal_read_u32 (&r);
      entries[i].leechers = shoal_read_u32 (&r);
    }
  shoal_bep15_write_scrape_reply (w, reply->transaction_id, entries, reply->scrape_count);
  g_free (entries);
}

static void
write_reply (ShoalWriter *w, const ShoalBep15Reply *reply, uint8_t family)
{
  if (reply->action == SHOAL_BEP15_CONNECT)
    shoal_bep15_write_connect_reply (w, reply->transaction_id, reply->connection_id);
  else if (reply->action == SHOAL_BEP15_ANNOUNCE)
    shoal_bep15_write_announce_reply (w, reply->transaction_id, reply->interval_s, reply->leechers,
                                      reply->seeders);
  else if (reply->action == SHOAL_BEP15_SCRAPE)
    write_scrape_reply (w, reply);
  for (unsigned i = 0; i < reply->peer_count; i++)
    {
      ShoalAddr peer = shoal_bep15_peer (reply, family, i);
      shoal_bep15_write_peer (w, &peer);
    }
}

static void
write_error (ShoalWriter *w, const ShoalBep15Reply *reply)
{
  char *text = g_strndup (reply->error, reply->error_length);
  shoal_bep15_write_error (w, reply->transaction_id, text);
  g_free (text);
}

static void
check_reply (const uint8_t *data, size_t size, uint8_t family)
{
  ShoalBep15Reply reply;
  ShoalWriter w = shoal_writer (written, sizeof written);
  if (shoal_bep15_read_reply (data, size, family, &reply) != SHOAL_OK)
    return;
  if (reply.action == SHOAL_BEP15_ERROR)
    write_error (&w, &reply);
  else
    write_reply (&w, &reply, family);
  fuzz_require (!w.failed && w.length <= size && memcmp (written, data, w.length) == 0);
  /* An error's text may hold a NUL, and more than a connection id may follow one; all else has one form. */
  fuzz_require (w.length == size || reply.action == SHOAL_BEP15_ERROR || reply.action == SHOAL_BEP15_CONNECT);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size > sizeof written)
    return 0;
  check_request (data, size);
  check_reply (data, size, 4);
  check_reply (data, size, 6);
  return 0;
}
