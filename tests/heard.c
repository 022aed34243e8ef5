#include "tests/heard.h"

#include "tests/harness.h"

const char *
heard_story (const Heard *heard, const Puppet *p, uint32_t block)
{
  unsigned i = 0;
  while (heard->puppets[i] != p)
    ck_assert_uint_lt (++i, heard->count);
  return heard->by[i].story[block];
}

static void
add (HeardByOne *h, uint64_t block, char what)
{
  ck_assert_uint_lt (block, HEARD_BLOCKS_MAX);
  size_t length = strlen (h->story[block]);
  ck_assert_uint_lt (length + 1, sizeof h->story[block]);
  h->story[block][length] = what;
}

static void
add_message (HeardByOne *h, ShoalMessage *m)
{
  static const char letters[] = {
    [SHOAL_MESSAGE_SOON] = 'S',   [SHOAL_MESSAGE_HAVE] = 'H',    [SHOAL_MESSAGE_LOST] = 'L',
    [SHOAL_MESSAGE_REJECT] = 'R', [SHOAL_MESSAGE_REQUEST] = 'Q', [SHOAL_MESSAGE_CANCEL] = 'C'
  };
  char letter = m->type < sizeof letters ? letters[m->type] : 0;
  bool many = m->type == SHOAL_MESSAGE_HAVE || m->type == SHOAL_MESSAGE_SOON, more = letter != 0;
  for (uint64_t block = 0; more; more = many && m->body.left > 0)
    add (h, block += shoal_read_varint (&m->body), letter);
}

static void
add_data (HeardByOne *h, const PairFile *file, ShoalReader *r)
{
  ShoalData data;
  ck_assert (shoal_read_data (r, &data));
  size_t at = data.block * SHOAL_BLOCK_BYTES + data.first_unit * SHOAL_UNIT_BYTES;
  ck_assert (r->left > 0 && at + r->left <= file->length);
  ck_assert_mem_eq (r->at, file->bytes + at, r->left);
  if (h->bytes[data.block] == 0)
    add (h, data.block, 'd');
  h->bytes[data.block] += (uint32_t)r->left;
  if (h->bytes[data.block] == SHOAL_BLOCK_BYTES)
    add (h, data.block, 'D');
}

static HeardByOne *
heard_by (Heard *heard, const ShoalAddr *to)
{
  unsigned i = 0;
  while (!shoal_addr_equal (&pair_node (heard->w, heard->puppets[i]->self)->addr, to))
    ck_assert_uint_lt (++i, heard->count);
  return &heard->by[i];
}

/* What is repeated, as it was not acknowledged in time, does not count. */
static bool
listen_in (void *context, PairDatagram *d)
{
  Heard *heard = context;
  HeardByOne *h = heard_by (heard, &d->to);
  ShoalReader r = shoal_reader (d->bytes, d->length);
  ShoalSession session;
  ShoalMessage m;
  if ((d->bytes[0] & SHOAL_DATAGRAM_SESSION_MASK) != SHOAL_DATAGRAM_SESSION)
    {
      h->chunks = 0; /* a session begins */
      return true;
    }
  ck_assert (shoal_read_session (&r, &session));
  bool again = session.has_chunk && session.chunk != h->chunks;
  h->chunks += session.has_chunk && !again;
  while (shoal_read_message (&r, &m))
    if (!again)
      add_message (h, &m);
  if (r.left > 0)
    add_data (h, heard->file, &r);
  return true;
}

void
heard_listen (Heard *heard, PairWorld *w, const PairFile *file, Puppet *const *puppets, unsigned count)
{
  ck_assert_uint_le (count, HEARD_PUPPETS_MAX);
  *heard = (Heard){ .w = w, .file = file, .puppets = puppets, .count = count };
  w->on_sent = listen_in;
  w->context = heard;
}

void
heard_serve (const Heard *heard, Puppet *p, uint32_t block, bool spoil)
{
  uint8_t proof[SHOAL_MERKLE_MAX_LEVELS * SHOAL_HASH_BYTES];
  unsigned i = p->request_count;
  do
    ck_assert_uint_gt (i, 0);
  while (p->requests[--i].block != block);
  const ShoalRequest *r = &p->requests[i];
  uint8_t first = (uint8_t)__builtin_ctz (r->units);
  size_t at = block * SHOAL_BLOCK_BYTES + first * SHOAL_UNIT_BYTES;
  size_t length = (size_t)__builtin_popcount (r->units) * SHOAL_UNIT_BYTES;
  ShoalData data = { .block = block, .first_unit = first, .levels = r->levels, .proof = proof };
  if (r->levels > 0)
    ck_assert (shoal_merkle_proof (heard->file->tree, block, r->levels, proof));
  g_autofree uint8_t *bytes = g_memdup2 (heard->file->bytes + at, length);
  bytes[0] ^= spoil;
  puppet_data (p, &data, bytes, length);
}
