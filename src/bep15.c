#include "src/bep15.h"

#define SCRAPE_ENTRY_BYTES 12u

static size_t
peer_bytes (uint8_t family)
{
  return family == 6 ? 18 : 6;
}

static void
read_into (ShoalReader *r, uint8_t *out, size_t length)
{
  const uint8_t *bytes = shoal_read_bytes (r, length);
  if (bytes != NULL)
    memcpy (out, bytes, length);
}

static void
read_announce (ShoalReader *r, ShoalBep15Announce *out)
{
  read_into (r, out->info_hash, sizeof out->info_hash);
  read_into (r, out->peer_id, sizeof out->peer_id);
  out->downloaded_bytes = shoal_read_u64 (r);
  out->left_bytes = shoal_read_u64 (r);
  out->uploaded_bytes = shoal_read_u64 (r);
  uint32_t event = shoal_read_u32 (r);
  out->event = event <= SHOAL_BEP15_STOPPED ? event : (uint32_t)SHOAL_BEP15_NONE;
  shoal_read_u32 (r); /* the IP field: whoever could set it could announce others */
  out->key = shoal_read_u32 (r);
  out->num_want = (int32_t)shoal_read_u32 (r);
  out->port = shoal_read_u16 (r);
}

static void
read_scrape (ShoalReader *r, ShoalBep15Request *out)
{
  size_t hashes = r->left / SHOAL_BEP15_HASH_BYTES;
  if (hashes == 0 || hashes > SHOAL_BEP15_SCRAPE_MAX_HASHES || r->left % SHOAL_BEP15_HASH_BYTES != 0)
    r->failed = true;
  if (r->failed)
    return;
  out->hashes = (unsigned)hashes;
  out->scrape_hashes = shoal_read_bytes (r, r->left);
}

ShoalResult
shoal_bep15_read_request (const uint8_t *bytes, size_t length, ShoalBep15Request *out)
{
  *out = (ShoalBep15Request){ 0 };
  ShoalReader r = shoal_reader (bytes, length);
  uint64_t id = shoal_read_u64 (&r);
  uint32_t action = shoal_read_u32 (&r);
  out->action = (ShoalBep15Action)action;
  out->transaction_id = shoal_read_u32 (&r);
  if (action == SHOAL_BEP15_CONNECT)
    return !r.failed && id == SHOAL_BEP15_PROTOCOL_ID ? SHOAL_OK : SHOAL_MALFORMED;
  out->connection_id = id;
  if (action == SHOAL_BEP15_ANNOUNCE)
    read_announce (&r, &out->announce);
  else if (action == SHOAL_BEP15_SCRAPE)
    read_scrape (&r, out);
  else
    return SHOAL_MALFORMED;
  return r.failed ? SHOAL_MALFORMED : SHOAL_OK;
}

static void
write_head (ShoalWriter *w, uint64_t id, ShoalBep15Action action, uint32_t transaction_id)
{
  shoal_write_u64 (w, id);
  shoal_write_u32 (w, (uint32_t)action);
  shoal_write_u32 (w, transaction_id);
}

void
shoal_bep15_write_connect (ShoalWriter *w, uint32_t transaction_id)
{
  write_head (w, SHOAL_BEP15_PROTOCOL_ID, SHOAL_BEP15_CONNECT, transaction_id);
}

void
shoal_bep15_write_announce (ShoalWriter *w, uint64_t connection_id, uint32_t transaction_id,
                            const ShoalBep15Announce *announce)
{
  write_head (w, connection_id, SHOAL_BEP15_ANNOUNCE, transaction_id);
  shoal_write_bytes (w, announce->info_hash, sizeof announce->info_hash);
  shoal_write_bytes (w, announce->peer_id, sizeof announce->peer_id);
  shoal_write_u64 (w, announce->downloaded_bytes);
  shoal_write_u64 (w, announce->left_bytes);
  shoal_write_u64 (w, announce->uploaded_bytes);
  shoal_write_u32 (w, announce->event);
  shoal_write_u32 (w, 0); /* IP: the datagram's source */
  shoal_write_u32 (w, announce->key);
  shoal_write_u32 (w, (uint32_t)announce->num_want);
  shoal_write_u16 (w, announce->port);
}

void
shoal_bep15_write_scrape (ShoalWriter *w, uint64_t connection_id, uint32_t transaction_id,
                          const uint8_t *hashes, unsigned count)
{
  write_head (w, connection_id, SHOAL_BEP15_SCRAPE, transaction_id);
  shoal_write_bytes (w, hashes, (size_t)count * SHOAL_BEP15_HASH_BYTES);
}

/* The rest of a reply as entries of one size; a part of an entry fails. */
static const uint8_t *
read_entries (ShoalReader *r, size_t entry_bytes, unsigned *count)
{
  if (r->failed || r->left % entry_bytes != 0)
    {
      r->failed = true;
      return NULL;
    }
  *count = (unsigned)(r->left / entry_bytes);
  return shoal_read_bytes (r, r->left);
}

static void
read_announce_reply (ShoalReader *r, uint8_t family, ShoalBep15Reply *out)
{
  out->interval_s = shoal_read_u32 (r);
  out->leechers = shoal_read_u32 (r);
  out->seeders = shoal_read_u32 (r);
  out->peers = read_entries (r, peer_bytes (family), &out->peer_count);
}

ShoalResult
shoal_bep15_read_reply (const uint8_t *bytes, size_t length, uint8_t family, ShoalBep15Reply *out)
{
  *out = (ShoalBep15Reply){ 0 };
  ShoalReader r = shoal_reader (bytes, length);
  uint32_t action = shoal_read_u32 (&r);
  out->action = (ShoalBep15Action)action;
  out->transaction_id = shoal_read_u32 (&r);
  if (action == SHOAL_BEP15_CONNECT)
    out->connection_id = shoal_read_u64 (&r);
  else if (action == SHOAL_BEP15_ANNOUNCE)
    read_announce_reply (&r, family, out);
  else if (action == SHOAL_BEP15_SCRAPE)
    out->scrape = read_entries (&r, SCRAPE_ENTRY_BYTES, &out->scrape_count);
  else if (action == SHOAL_BEP15_ERROR && !r.failed)
    {
      out->error_length = r.left;
      out->error = (const char *)shoal_read_bytes (&r, r.left);
    }
  else
    return SHOAL_MALFORMED;
  return r.failed ? SHOAL_MALFORMED : SHOAL_OK;
}

static void
write_reply_head (ShoalWriter *w, ShoalBep15Action action, uint32_t transaction_id)
{
  shoal_write_u32 (w, (uint32_t)action);
  shoal_write_u32 (w, transaction_id);
}

void
shoal_bep15_write_connect_reply (ShoalWriter *w, uint32_t transaction_id, uint64_t connection_id)
{
  write_reply_head (w, SHOAL_BEP15_CONNECT, transaction_id);
  shoal_write_u64 (w, connection_id);
}

void
shoal_bep15_write_announce_reply (ShoalWriter *w, uint32_t transaction_id, uint32_t interval_s,
                                  uint32_t leechers, uint32_t seeders)
{
  write_reply_head (w, SHOAL_BEP15_ANNOUNCE, transaction_id);
  shoal_write_u32 (w, interval_s);
  shoal_write_u32 (w, leechers);
  shoal_write_u32 (w, seeders);
}

void
shoal_bep15_write_peer (ShoalWriter *w, const ShoalAddr *peer)
{
  shoal_write_bytes (w, peer->ip, peer->family == 6 ? 16 : 4);
  shoal_write_u16 (w, peer->port);
}

ShoalAddr
shoal_bep15_peer (const ShoalBep15Reply *reply, uint8_t family, unsigned i)
{
  g_assert (i < reply->peer_count);
  ShoalAddr peer = { .family = family == 6 ? 6 : 4 };
  size_t size = peer_bytes (family);
  ShoalReader r = shoal_reader (reply->peers + i * size, size);
  read_into (&r, peer.ip, size - 2);
  peer.port = shoal_read_u16 (&r);
  return peer;
}

void
shoal_bep15_write_scrape_reply (ShoalWriter *w, uint32_t transaction_id, const ShoalBep15ScrapeEntry *entries,
                                unsigned count)
{
  write_reply_head (w, SHOAL_BEP15_SCRAPE, transaction_id);
  for (unsigned i = 0; i < count; i++)
    {
      shoal_write_u32 (w, entries[i].seeders);
      shoal_write_u32 (w, entries[i].completed);
      shoal_write_u32 (w, entries[i].leechers);
    }
}

void
shoal_bep15_write_error (ShoalWriter *w, uint32_t transaction_id, const char *message)
{
  write_reply_head (w, SHOAL_BEP15_ERROR, transaction_id);
  shoal_write_bytes (w, message, strlen (message));
}
