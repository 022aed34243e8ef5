#include "tests/puppet.h"

#include "tests/harness.h"

#define CREDITS 4

void
puppet_init (Puppet *p, PairWorld *w, unsigned other, const ShoalFid *fid)
{
  *p = (Puppet){ .w = w, .other = other, .fid = *fid };
  p->self = pair_add_puppet (w);
  p->rx_cid = 0x70707000u + p->self;
}

void
puppet_raw (Puppet *p, const void *bytes, size_t length)
{
  pair_inject (p->w, &pair_node (p->w, p->self)->addr, p->other, bytes, length);
}

void
puppet_hello (Puppet *p, uint8_t version, uint8_t flags, bool with_cookie)
{
  uint8_t bytes[64];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalHello hello = {
    .version = version, .flags = flags, .cid = p->rx_cid, .fid = p->fid, .has_cookie = with_cookie
  };
  memcpy (hello.cookie, p->cookie, sizeof hello.cookie);
  shoal_write_hello (&w, &hello);
  puppet_raw (p, bytes, w.length);
}

static void
session (Puppet *p, ShoalWriter *w, bool chunk)
{
  ShoalSession head = { .cid = p->tx_cid, .ack = p->expected, .has_chunk = chunk, .chunk = p->next };
  shoal_write_session (w, &head);
  if (chunk)
    p->next++;
}

void
puppet_say (Puppet *p, uint8_t type, const void *body, size_t length)
{
  uint8_t bytes[4096];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  session (p, &w, true);
  shoal_write_message (&w, type, length);
  shoal_write_bytes (&w, body, length);
  ck_assert (!w.failed);
  puppet_raw (p, bytes, w.length);
}

void
puppet_say_number (Puppet *p, uint8_t type, uint32_t number)
{
  uint8_t body[8];
  ShoalWriter w = shoal_writer (body, sizeof body);
  shoal_write_varint (&w, number);
  puppet_say (p, type, body, w.length);
}

void
puppet_request (Puppet *p, uint32_t block, uint16_t units, uint8_t levels)
{
  uint8_t body[16];
  ShoalWriter w = shoal_writer (body, sizeof body);
  ShoalRequest request = { .block = block, .units = units, .levels = levels };
  shoal_write_request (&w, &request);
  puppet_say (p, SHOAL_MESSAGE_REQUEST, body, w.length);
}

void
puppet_data (Puppet *p, const ShoalData *data, const uint8_t *payload, size_t length)
{
  g_autofree uint8_t *bytes = g_malloc (2048 + length);
  ShoalWriter w = shoal_writer (bytes, 2048 + length);
  session (p, &w, false);
  shoal_write_data (&w, data);
  shoal_write_bytes (&w, payload, length);
  ck_assert (!w.failed);
  puppet_raw (p, bytes, w.length);
}

/* ---- as a seeder ---- */

/* Another root: a lawful dictionary still, but not that of the fid. */
static void
spoil_root (uint8_t *info, const ShoalFile *file)
{
  size_t at = 0;
  ShoalInfo read;
  while (memcmp (info + at, file->info.root, SHOAL_HASH_BYTES) != 0)
    ck_assert_uint_lt (++at, file->dictionary_bytes - SHOAL_HASH_BYTES);
  info[at] ^= 1;
  ck_assert_int_eq (shoal_infodict_read (info, file->dictionary_bytes, &read), SHOAL_OK);
}

static void
begin_to_serve (Puppet *p)
{
  g_autofree uint8_t *info = g_memdup2 (p->serves->file.dictionary, p->serves->file.dictionary_bytes);
  if (p->spoil_info)
    spoil_root (info, &p->serves->file);
  puppet_say (p, SHOAL_MESSAGE_INFO, info, p->serves->file.dictionary_bytes);
  puppet_say (p, SHOAL_MESSAGE_HAVE_ALL, NULL, 0);
  puppet_say (p, SHOAL_MESSAGE_UNCHOKE, NULL, 0);
  for (unsigned i = 0; i < CREDITS; i++)
    puppet_say (p, SHOAL_MESSAGE_CREDIT, NULL, 0);
}

static void
serve (Puppet *p, const ShoalRequest *request)
{
  uint8_t proof[SHOAL_MERKLE_MAX_LEVELS * SHOAL_HASH_BYTES];
  uint64_t at = (uint64_t)request->block * SHOAL_BLOCK_BYTES;
  size_t length = shoal_info_block_bytes (&p->serves->file.info, request->block);
  g_autofree uint8_t *payload = g_memdup2 (p->serves->bytes + at, length);
  ShoalData data = { .block = request->block, .levels = request->levels, .proof = proof };
  if (request->levels > 0)
    ck_assert (shoal_merkle_proof (p->serves->tree, request->block, request->levels, proof));
  if (p->spoil_proof)
    proof[5] ^= 1;
  if (p->spoil_data)
    payload[length / 2] ^= 1;
  puppet_data (p, &data, payload, length);
  puppet_say_number (p, SHOAL_MESSAGE_SENT, request->block);
  puppet_say (p, SHOAL_MESSAGE_CREDIT, NULL, 0);
}

/* ---- what comes ---- */

static void
on_message (Puppet *p, ShoalMessage *m)
{
  ShoalRequest request;
  p->counts[m->type]++;
  if (m->type == SHOAL_MESSAGE_GOODBYE)
    {
      p->goodbye = shoal_read_u8 (&m->body);
      p->gone = true;
    }
  if (m->type == SHOAL_MESSAGE_PROGRESS && p->progress_count < PUPPET_LOG_MAX)
    p->progress[p->progress_count++] = (uint32_t)shoal_read_varint (&m->body);
  if (m->type != SHOAL_MESSAGE_REQUEST)
    return;
  ck_assert (shoal_read_request (&m->body, &request));
  if (p->request_count < PUPPET_LOG_MAX)
    p->requests[p->request_count++] = request;
  if (p->serves && !p->mute)
    serve (p, &request);
}

static void
on_session (Puppet *p, ShoalReader r)
{
  ShoalSession head;
  ShoalMessage m;
  ShoalData data;
  ck_assert (shoal_read_session (&r, &head));
  if (!p->up || head.cid != p->rx_cid)
    return;
  bool fresh = !head.has_chunk || head.chunk == p->expected;
  if (head.has_chunk && fresh)
    p->expected++;
  while (shoal_read_message (&r, &m))
    if (fresh)
      on_message (p, &m);
  if (r.left > 0)
    {
      ck_assert (shoal_read_data (&r, &data));
      p->data_bytes += r.left;
    }
  ck_assert (!r.failed);
  if (head.has_chunk)
    {
      uint8_t bytes[16];
      ShoalWriter w = shoal_writer (bytes, sizeof bytes);
      session (p, &w, false);
      puppet_raw (p, bytes, w.length);
    }
}

static void
on_hello (Puppet *p, ShoalReader r)
{
  uint8_t bytes[32];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalHello hello;
  ck_assert (shoal_read_hello (&r, &hello));
  p->tx_cid = hello.cid;
  if (!hello.has_cookie)
    {
      shoal_write_cookie (&w, hello.cid, (const uint8_t *)"puppet__");
      puppet_raw (p, bytes, w.length);
      return;
    }
  ck_assert_mem_eq (hello.cookie, "puppet__", 8);
  ShoalWelcome welcome = { .version = 1, .to_cid = hello.cid, .cid = p->rx_cid };
  shoal_write_welcome (&w, &welcome);
  puppet_raw (p, bytes, w.length);
  p->next = p->expected = 0;
  p->up = true;
  if (p->serves)
    begin_to_serve (p);
}

static void
on_datagram (Puppet *p, const PairDatagram *d)
{
  ShoalReader r = shoal_reader (d->bytes, d->length);
  ShoalWelcome welcome;
  uint32_t cid;
  p->datagrams++;
  p->largest = MAX (p->largest, d->length);
  switch (d->bytes[0])
    {
    case SHOAL_DATAGRAM_HELLO:
      on_hello (p, r);
      break;
    case SHOAL_DATAGRAM_COOKIE:
      ck_assert (shoal_read_cookie (&r, &cid, p->cookie));
      p->has_cookie = cid == p->rx_cid;
      break;
    case SHOAL_DATAGRAM_WELCOME:
      ck_assert (shoal_read_welcome (&r, &welcome));
      ck_assert_uint_eq (welcome.to_cid, p->rx_cid);
      p->tx_cid = welcome.cid;
      p->up = true;
      break;
    case SHOAL_DATAGRAM_REFUSE:
      ck_assert (shoal_read_refuse (&r, &cid, &p->refusal));
      break;
    case SHOAL_DATAGRAM_RESET:
      ck_assert (shoal_read_reset (&r, &p->reset_cid));
      break;
    default:
      on_session (p, r);
    }
}

void
puppet_run (Puppet *p, ShoalTime until)
{
  do
    {
      PairDatagram *d;
      pair_run (p->w, MIN (until, p->w->now + 5 * SHOAL_MS));
      while ((d = pair_take (p->w, p->self)) != NULL)
        {
          on_datagram (p, d);
          pair_datagram_free (d);
        }
    }
  while (p->w->now < until);
}

bool
puppet_call (Puppet *p, uint8_t flags)
{
  p->up = p->has_cookie = p->gone = false;
  p->refusal = 0;
  p->next = p->expected = 0;
  puppet_hello (p, SHOAL_PROTOCOL_VERSION, flags, false);
  for (unsigned i = 0; i < 100 && !p->has_cookie; i++)
    puppet_run (p, p->w->now + 20 * SHOAL_MS);
  if (!p->has_cookie)
    return false;
  puppet_hello (p, SHOAL_PROTOCOL_VERSION, flags, true);
  for (unsigned i = 0; i < 100 && !p->up && !p->refusal; i++)
    puppet_run (p, p->w->now + 20 * SHOAL_MS);
  return p->up;
}
