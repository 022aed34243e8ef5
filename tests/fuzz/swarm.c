#include "tests/fuzz/swarm.h"

#include "src/filehash.h"
#include "src/seeded.h"
#include "src/sha256.h"
#include "src/tracker.h"
#include "src/wire.h"

#define ASKED_MAX 4096u /* datagrams that a machine may give at one moment */
#define WAKES_MAX 64u   /* wakes until its deadline is in the future */
#define SECRET_BYTES 4u

/* ---- files ---- */

static SwarmFile
file_make (const char *name, size_t length, uint64_t seed)
{
  SwarmFile f = { .length = length, .bytes = g_malloc (length + 1) };
  ShoalFileHash *hash = shoal_file_hash_new (name, length, 0);
  shoal_seeded_bytes (seed, 0, f.bytes, length);
  shoal_file_hash_feed (hash, f.bytes, length);
  fuzz_require (shoal_file_hash_finish (hash, &f.file, &f.tree));
  return f;
}

const SwarmFile *
swarm_file (unsigned file)
{
  static SwarmFile files[SWARM_FILES];
  if (!files[0].bytes)
    {
      files[0] = file_make ("six", 5 * SHOAL_BLOCK_BYTES + 100, 1);
      files[1] = file_make ("one", 2500, 2);
      files[2] = file_make ("none", 0, 3);
    }
  return &files[file % SWARM_FILES];
}

static const SwarmFile *
file_of (const ShoalFid *fid)
{
  for (unsigned i = 0; i < SWARM_FILES; i++)
    if (shoal_fid_equal (&swarm_file (i)->file.fid, fid))
      return swarm_file (i);
  return NULL;
}

/* ---- contents ---- */

typedef struct {
  ShoalContent content;
  unsigned refs; /* the machine's, and the world's */
  SwarmNode *node;
  const SwarmFile *file;
  uint32_t reported; /* bit i: block i was said to be here */
  uint8_t bytes[];
} Content;

typedef struct {
  Content *content; /* a reference */
  uint64_t offset;
  size_t length;
} Hashing;

static bool
is_inside (const Content *c, uint64_t offset, size_t length)
{
  return offset <= c->file->length && length <= c->file->length - offset;
}

static bool
content_write (ShoalContent *content, uint64_t offset, const uint8_t *bytes, size_t length, bool corrupt)
{
  Content *c = (Content *)content;
  fuzz_require (is_inside (c, offset, length) && bytes != NULL && !corrupt);
  if (c->node->fail_writes)
    return false;
  memcpy (c->bytes + offset, bytes, length);
  return true;
}

static bool
content_hash (ShoalContent *content, uint64_t offset, size_t length, uint8_t hash[SHOAL_HASH_BYTES],
              bool *whole)
{
  Content *c = (Content *)content;
  fuzz_require (is_inside (c, offset, length));
  *whole = true;
  shoal_sha256 (c->bytes + offset, length, hash);
  return true;
}

static bool
content_hash_later (ShoalContent *content, uint64_t offset, size_t length)
{
  Content *c = (Content *)content;
  fuzz_require (is_inside (c, offset, length));
  if (!c->node->hash_later)
    return false;
  Hashing *hashing = g_new (Hashing, 1);
  *hashing = (Hashing){ .content = c, .offset = offset, .length = length };
  c->refs++;
  g_ptr_array_add (c->node->world->hashing, hashing);
  return true;
}

/* What is read is sent: it must be what the file holds. */
static bool
content_read (ShoalContent *content, uint64_t offset, uint8_t *into, size_t length)
{
  Content *c = (Content *)content;
  fuzz_require (is_inside (c, offset, length));
  fuzz_require (memcmp (c->bytes + offset, c->file->bytes + offset, length) == 0);
  memcpy (into, c->bytes + offset, length);
  return true;
}

static void
content_free (ShoalContent *content)
{
  Content *c = (Content *)content;
  if (--c->refs == 0)
    g_free (c);
}

static const ShoalContentOps content_ops = {
  .write = content_write,
  .hash = content_hash,
  .hash_later = content_hash_later,
  .read = content_read,
  .free = content_free,
};

static Content *
content_new (SwarmNode *node, const SwarmFile *file)
{
  Content *c = g_malloc0 (sizeof *c + file->length);
  c->content.ops = &content_ops;
  c->refs = 1;
  c->node = node;
  c->file = file;
  return c;
}

/* Only for a dictionary that is the file's. */
static ShoalContent *
make_content (void *context, const ShoalFile *file)
{
  SwarmNode *node = context;
  const SwarmFile *known = file_of (&file->fid);
  fuzz_require (known && file->dictionary_bytes == known->file.dictionary_bytes);
  fuzz_require (memcmp (file->dictionary, known->file.dictionary, file->dictionary_bytes) == 0);
  Content *c = content_new (node, known);
  c->refs++;
  g_ptr_array_add (node->contents, c);
  return &c->content;
}

static void
content_unref (void *content)
{
  content_free (content);
}

static void
hashing_free (void *data)
{
  Hashing *hashing = data;
  content_free (&hashing->content->content);
  g_free (hashing);
}

static void
require_block (const Content *c, uint32_t block)
{
  uint64_t at = (uint64_t)block * SHOAL_BLOCK_BYTES;
  fuzz_require (block < shoal_info_blocks (&c->file->file.info));
  fuzz_require (
      memcmp (c->bytes + at, c->file->bytes + at, shoal_info_block_bytes (&c->file->file.info, block)) == 0);
}

static void
require_reported (const Content *c)
{
  for (uint32_t block = 0; block < shoal_info_blocks (&c->file->file.info); block++)
    if ((c->reported >> block & 1) != 0)
      require_block (c, block);
}

/* ---- what a machine reports and sends ---- */

static void
take_event (SwarmNode *node, const ShoalEvent *event)
{
  Content *c = NULL;
  node->closed |= event->kind == SHOAL_EVENT_CLOSED;
  for (guint i = node->contents->len; i-- > 0 && !c;)
    if (shoal_fid_equal (&((Content *)node->contents->pdata[i])->file->file.fid, &event->fid))
      c = node->contents->pdata[i];
  if (event->kind == SHOAL_EVENT_BLOCK)
    {
      fuzz_require (c != NULL);
      require_block (c, (uint32_t)event->value);
      c->reported |= 1u << event->value;
    }
  else if (event->kind == SHOAL_EVENT_DOWNLOAD_DONE)
    fuzz_require (c != NULL && memcmp (c->bytes, c->file->bytes, c->file->length) == 0);
}

static SwarmStranger *
stranger_at (Swarm *w, const ShoalAddr *addr)
{
  for (unsigned i = 0; i < SWARM_STRANGERS; i++)
    if (shoal_addr_equal (&w->strangers[i].addr, addr))
      return &w->strangers[i];
  return NULL;
}

/* What machines tell it: who names any of that has proved its address. */
static void
stranger_told (SwarmStranger *s, unsigned node, const uint8_t *bytes, size_t length)
{
  ShoalReader r = shoal_reader (bytes, length);
  ShoalHello hello;
  ShoalWelcome welcome;
  uint32_t cid, secret = 0;
  if (bytes[0] == SHOAL_DATAGRAM_HELLO && shoal_read_hello (&r, &hello))
    s->tx_cid[node] = secret = hello.cid;
  else if (bytes[0] == SHOAL_DATAGRAM_WELCOME && shoal_read_welcome (&r, &welcome))
    s->tx_cid[node] = secret = welcome.cid;
  else if (bytes[0] == SHOAL_DATAGRAM_COOKIE && shoal_read_cookie (&r, &cid, s->cookie))
    {
      s->has_cookie = true;
      memcpy (&secret, s->cookie, sizeof secret);
      secret = GUINT32_FROM_BE (secret);
    }
  if (bytes[0] == SHOAL_DATAGRAM_WELCOME || bytes[0] == SHOAL_DATAGRAM_HELLO)
    s->next[node] = 0;
  g_array_append_val (s->secrets, secret);
}

static bool
names_secret (const SwarmStranger *s, const uint8_t *bytes, size_t length)
{
  for (size_t at = 0; at + SECRET_BYTES <= length; at++)
    {
      ShoalReader r = shoal_reader (bytes + at, SECRET_BYTES);
      uint32_t word = shoal_read_u32 (&r);
      for (guint i = 0; word != 0 && i < s->secrets->len; i++)
        if (g_array_index (s->secrets, uint32_t, i) == word)
          return true;
    }
  return false;
}

static void
count_to_stranger (Swarm *w, unsigned node, const ShoalAddr *to, const uint8_t *bytes, size_t length)
{
  SwarmStranger *s = stranger_at (w, to);
  if (!s)
    return;
  stranger_told (s, node, bytes, length);
  if (s->proved || bytes[0] == SHOAL_DATAGRAM_HELLO)
    return;
  s->got_bytes += length;
  fuzz_require (s->got_bytes <= s->sent_bytes);
}

static SwarmNode *
node_at (Swarm *w, const ShoalAddr *addr)
{
  for (unsigned i = 0; i < SWARM_NODES; i++)
    if (shoal_addr_equal (&w->nodes[i].addr, addr))
      return &w->nodes[i];
  return NULL;
}

static void
datagram_free (void *data)
{
  SwarmDatagram *d = data;
  g_free (d->bytes);
  g_free (d);
}

static void
send_out (Swarm *w, SwarmNode *node, const ShoalDatagram *out)
{
  size_t payload = out->payload.length_bytes;
  fuzz_require (out->head_bytes > 0 && out->head_bytes <= SHOAL_HEAD_MAX_BYTES);
  SwarmDatagram *d = g_new (SwarmDatagram, 1);
  *d = (SwarmDatagram){ .from = node->addr, .to = out->to, .length = out->head_bytes + payload };
  d->bytes = g_malloc (d->length);
  memcpy (d->bytes, out->head, out->head_bytes);
  if (payload > 0)
    fuzz_require (out->payload.content->ops->read (out->payload.content, out->payload.offset_bytes,
                                                   d->bytes + out->head_bytes, payload));
  count_to_stranger (w, node->number, &d->to, d->bytes, d->length);
  if (node->upload_bytes_per_s > 0)
    node->free_at =
        w->now + (ShoalTime)((uint64_t)d->length * (uint64_t)SHOAL_SECOND / node->upload_bytes_per_s);
  if (node_at (w, &d->to) && w->flying->len < SWARM_FLYING_MAX)
    g_ptr_array_add (w->flying, d);
  else
    datagram_free (d);
}

static void
drain (Swarm *w, SwarmNode *node)
{
  ShoalMachine *m = node->machine;
  ShoalDatagram out;
  ShoalEvent event;
  unsigned asked = 0;
  while (node->free_at <= w->now)
    {
      memset (&out, 0, offsetof (ShoalDatagram, head));
      if (!m->ops->next_datagram (m, w->now, &out))
        break;
      fuzz_require (!node->closed && ++asked < ASKED_MAX);
      send_out (w, node, &out);
    }
  while (m->ops->next_event (m, &event))
    {
      fuzz_require (!node->closed);
      take_event (node, &event);
    }
}

/* After whatever happened to it: as every world does. */
static void
settle (Swarm *w, SwarmNode *node)
{
  ShoalMachine *m = node->machine;
  drain (w, node);
  for (unsigned wakes = 0; m->ops->deadline (m) <= w->now; wakes++)
    {
      fuzz_require (wakes < WAKES_MAX);
      m->ops->wake (m, w->now);
      drain (w, node);
    }
  if (node->number > 0)
    swarm_check_peer (node->machine);
}

/* ---- life ---- */

static void
peer_start (Swarm *w, SwarmNode *node)
{
  static const char *const names[] = { "T", "A", "B", "C" };
  ShoalPeerOptions options = {
    .self = node->addr,
    .tracker = w->nodes[0].addr,
    .name = names[node->number],
    .seed = ++w->lives,
    .serving = { .strategy = shoal_strategy (w->variant % 3), .slots = 1 },
    .max_datagram_bytes = w->variant & 4 ? 1200 : 0,
    .max_neighbours = w->variant & 8 ? 2 : 0,
    .never_upload = (w->variant & 16) != 0 && node->number == 2,
    .serve_registered_only = (w->variant & 32) != 0,
    .no_peer_exchange = (w->variant & 64) != 0,
  };
  node->upload_bytes_per_s = options.upload_bytes_per_s = options.download_bytes_per_s =
      w->variant & 128 ? 100000 : 0;
  node->machine = shoal_peer_machine_new (&options);
  node->closed = false;
  node->free_at = 0;
  shoal_peer_join (node->machine, w->now);
  settle (w, node);
}

Swarm *
swarm_new (unsigned variant)
{
  Swarm *w = g_new0 (Swarm, 1);
  ShoalTrackerOptions tracker = { .seed = 1, .name = "T" };
  w->now = 1000 * SHOAL_SECOND;
  w->variant = variant;
  w->flying = g_ptr_array_new_with_free_func (datagram_free);
  w->hashing = g_ptr_array_new_with_free_func (hashing_free);
  for (unsigned i = 0; i < SWARM_STRANGERS; i++)
    {
      w->strangers[i].addr = (ShoalAddr){ .family = 4, .ip = { 198, 51, 100, (uint8_t)i }, .port = 9 };
      w->strangers[i].secrets = g_array_new (FALSE, FALSE, sizeof (uint32_t));
    }
  for (unsigned i = 0; i < SWARM_NODES; i++)
    {
      SwarmNode *node = &w->nodes[i];
      node->world = w;
      node->number = i;
      node->addr = (ShoalAddr){ .family = 4, .ip = { 192, 0, 2, (uint8_t)(i + 1) }, .port = 7000 };
      node->contents = g_ptr_array_new_with_free_func (content_unref);
    }
  w->nodes[0].machine = shoal_tracker_machine_new (&tracker);
  for (unsigned i = 1; i < SWARM_NODES; i++)
    peer_start (w, &w->nodes[i]);
  return w;
}

void
swarm_free (Swarm *w)
{
  g_ptr_array_free (w->hashing, TRUE);
  for (unsigned i = 0; i < SWARM_NODES; i++)
    {
      SwarmNode *node = &w->nodes[i];
      node->machine->ops->free (node->machine);
      for (guint k = 0; k < node->contents->len; k++)
        require_reported (node->contents->pdata[k]);
      g_ptr_array_free (node->contents, TRUE);
    }
  for (unsigned i = 0; i < SWARM_STRANGERS; i++)
    g_array_free (w->strangers[i].secrets, TRUE);
  g_ptr_array_free (w->flying, TRUE);
  g_free (w);
}

void
swarm_crash (Swarm *w, unsigned number)
{
  SwarmNode *node = &w->nodes[number];
  node->machine->ops->free (node->machine);
  for (guint i = w->hashing->len; i-- > 0;)
    if (((Hashing *)w->hashing->pdata[i])->content->node == node)
      g_ptr_array_remove_index (w->hashing, i);
  peer_start (w, node);
}

/* ---- commands ---- */

void
swarm_register (Swarm *w, unsigned number, unsigned i)
{
  SwarmNode *node = &w->nodes[number];
  const SwarmFile *file = swarm_file (i);
  Content *c = content_new (node, file);
  memcpy (c->bytes, file->bytes, file->length);
  shoal_peer_register (node->machine, w->now, &file->file, &c->content,
                       file->tree ? shoal_merkle_ref (file->tree) : NULL);
  settle (w, node);
}

void
swarm_download (Swarm *w, unsigned number, unsigned file, unsigned mask, ShoalTime limit_ns)
{
  SwarmNode *node = &w->nodes[number];
  ShoalAddr holders[8];
  unsigned count = 0;
  for (unsigned i = 0; i < SWARM_NODES + SWARM_STRANGERS; i++)
    if (mask >> i & 1)
      holders[count++] = i < SWARM_NODES ? w->nodes[i].addr : w->strangers[i - SWARM_NODES].addr;
  ShoalDownloadOptions options = { .holders = holders,
                                   .holder_count = count,
                                   .time_limit_ns = limit_ns,
                                   .make_content = make_content,
                                   .context = node };
  shoal_peer_download (node->machine, w->now, &swarm_file (file)->file.fid, &options);
  settle (w, node);
}

void
swarm_cancel (Swarm *w, unsigned node, unsigned file)
{
  shoal_peer_cancel (w->nodes[node].machine, w->now, &swarm_file (file)->file.fid);
  settle (w, &w->nodes[node]);
}

void
swarm_lose_block (Swarm *w, unsigned node, unsigned file, uint32_t block)
{
  shoal_peer_block_lost (w->nodes[node].machine, w->now, &swarm_file (file)->file.fid, block);
  settle (w, &w->nodes[node]);
}

void
swarm_set_rates (Swarm *w, unsigned number, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s)
{
  SwarmNode *node = &w->nodes[number];
  node->upload_bytes_per_s = upload_bytes_per_s;
  node->machine->ops->set_rates (node->machine, w->now, upload_bytes_per_s, download_bytes_per_s);
  settle (w, node);
}

void
swarm_close (Swarm *w, unsigned node)
{
  w->nodes[node].machine->ops->close (w->nodes[node].machine, w->now);
  settle (w, &w->nodes[node]);
}

/* ---- time and network ---- */

void
swarm_pass (Swarm *w, ShoalTime ns)
{
  w->now += ns;
  for (unsigned i = 0; i < SWARM_NODES; i++)
    settle (w, &w->nodes[i]);
}

void
swarm_wake (Swarm *w, unsigned node)
{
  w->nodes[node].machine->ops->wake (w->nodes[node].machine, w->now);
  settle (w, &w->nodes[node]);
}

void
swarm_inject (Swarm *w, const ShoalAddr *from, unsigned number, const uint8_t *bytes, size_t length)
{
  SwarmNode *node = &w->nodes[number];
  SwarmStranger *s = stranger_at (w, from);
  if (s)
    {
      s->proved |= names_secret (s, bytes, length);
      s->sent_bytes += length;
    }
  ShoalInput input = { .from = *from, .head = bytes, .head_bytes = length };
  node->machine->ops->receive (node->machine, w->now, &input);
  settle (w, node);
}

void
swarm_deliver (Swarm *w, unsigned i, bool keep)
{
  SwarmDatagram *d = keep ? w->flying->pdata[i] : g_ptr_array_steal_index (w->flying, i);
  uint8_t *bytes = g_memdup2 (d->bytes, d->length); /* it may be dropped meanwhile, and ends where it ends */
  swarm_inject (w, &d->from, node_at (w, &d->to)->number, bytes, d->length);
  g_free (bytes);
  if (!keep)
    datagram_free (d);
}

void
swarm_drop (Swarm *w, unsigned i)
{
  g_ptr_array_remove_index (w->flying, i);
}

void
swarm_hash (Swarm *w, unsigned i, bool readable)
{
  Hashing *hashing = g_ptr_array_steal_index (w->hashing, i);
  Content *c = hashing->content;
  uint8_t hash[SHOAL_HASH_BYTES];
  shoal_sha256 (c->bytes + hashing->offset, hashing->length, hash);
  ShoalBlockHash hashed = { .fid = c->file->file.fid,
                            .content = &c->content,
                            .block = (uint32_t)(hashing->offset / SHOAL_BLOCK_BYTES),
                            .hash = readable ? hash : NULL };
  shoal_peer_block_hashed (c->node->machine, w->now, &hashed);
  settle (w, c->node);
  hashing_free (hashing);
}

void
swarm_step (Swarm *w)
{
  ShoalTime at = SHOAL_NEVER;
  if (w->hashing->len > 0)
    swarm_hash (w, 0, true);
  else if (w->flying->len > 0)
    swarm_deliver (w, 0, false);
  else
    {
      for (unsigned i = 0; i < SWARM_NODES; i++)
        {
          const SwarmNode *node = &w->nodes[i];
          at = MIN (at, node->machine->ops->deadline (node->machine));
          at = node->free_at > w->now ? MIN (at, node->free_at) : at;
        }
      if (at != SHOAL_NEVER)
        swarm_pass (w, at - w->now);
    }
}
