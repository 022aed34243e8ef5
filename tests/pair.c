#include "tests/pair.h"

#include "src/filehash.h"
#include "src/peer-internal.h"
#include "src/seeded.h"
#include "src/sha256.h"
#include "src/tracker.h"
#include "tests/harness.h"

#define STEPS_MAX 200000u

/* ---- files and content ---- */

PairFile *
pair_file_new (const char *name, size_t length, uint64_t seed)
{
  PairFile *file = g_new0 (PairFile, 1);
  ShoalFileHash *hash = shoal_file_hash_new (name, length, 0);
  file->length = length;
  file->bytes = g_malloc (length + 1);
  shoal_seeded_bytes (seed, 0, file->bytes, length);
  shoal_file_hash_feed (hash, file->bytes, length);
  ck_assert (shoal_file_hash_finish (hash, &file->file, &file->tree));
  return file;
}

void
pair_file_free (PairFile *file)
{
  shoal_merkle_unref (file->tree);
  g_free (file->bytes);
  g_free (file);
}

typedef struct {
  ShoalContent content;
  gatomicrefcount refs; /* the machine's, and the world's to look at it afterwards */
  ShoalFid fid;
  size_t length;
  const bool *fail; /* borrowed; NULL: never */
  uint8_t bytes[];
} PairContent;

static bool
content_write (ShoalContent *content, uint64_t offset, const uint8_t *bytes, size_t length, bool corrupt)
{
  PairContent *c = (PairContent *)content;
  ck_assert (!corrupt && bytes != NULL);
  ck_assert (offset <= c->length && length <= c->length - offset);
  if (c->fail && *c->fail)
    return false;
  memcpy (c->bytes + offset, bytes, length);
  return true;
}

static bool
content_hash (ShoalContent *content, uint64_t offset, size_t length, uint8_t hash[SHOAL_HASH_BYTES],
              bool *whole)
{
  PairContent *c = (PairContent *)content;
  ck_assert (offset <= c->length && length <= c->length - offset);
  *whole = true;
  shoal_sha256 (c->bytes + offset, length, hash);
  return true;
}

static bool
content_read (ShoalContent *content, uint64_t offset, uint8_t *into, size_t length)
{
  PairContent *c = (PairContent *)content;
  ck_assert (offset <= c->length && length <= c->length - offset);
  memcpy (into, c->bytes + offset, length);
  return true;
}

static void
content_free (ShoalContent *content)
{
  PairContent *c = (PairContent *)content;
  if (g_atomic_ref_count_dec (&c->refs))
    g_free (c);
}

static const ShoalContentOps content_ops = {
  .write = content_write, .hash = content_hash, .read = content_read, .free = content_free
};

ShoalContent *
pair_content_new (const uint8_t *bytes, size_t length)
{
  PairContent *c = g_malloc0 (sizeof *c + length);
  c->content.ops = &content_ops;
  c->length = length;
  g_atomic_ref_count_init (&c->refs);
  if (bytes != NULL && length > 0)
    memcpy (c->bytes, bytes, length);
  return &c->content;
}

static ShoalContent *
make_content (void *context, const ShoalFile *file)
{
  PairNode *node = context;
  ShoalContent *content = pair_content_new (NULL, file->info.length_bytes);
  PairContent *c = (PairContent *)content;
  c->fid = file->fid;
  c->fail = &node->fail_writes;
  g_atomic_ref_count_inc (&c->refs);
  g_ptr_array_add (node->contents, content);
  return content;
}

/* ---- nodes ---- */

PairNode *
pair_node (const PairWorld *w, unsigned node)
{
  ck_assert_uint_lt (node, w->nodes->len);
  return w->nodes->pdata[node];
}

void
pair_datagram_free (PairDatagram *datagram)
{
  g_free (datagram->bytes);
  g_free (datagram);
}

static void
datagram_free (void *datagram)
{
  pair_datagram_free (datagram);
}

static void
node_free (void *data)
{
  PairNode *node = data;
  if (node->machine)
    node->machine->ops->free (node->machine);
  g_array_free (node->events, TRUE);
  g_ptr_array_free (node->contents, TRUE);
  g_queue_clear_full (&node->inbox, datagram_free);
  g_free (node);
}

PairWorld *
pair_world_new (uint64_t seed)
{
  PairWorld *w = g_new0 (PairWorld, 1);
  shoal_random_init (&w->random, seed, "network");
  w->seed = seed;
  w->now = 1000 * SHOAL_SECOND; /* any origin does */
  w->latency_ns = 1 * SHOAL_MS;
  w->nodes = g_ptr_array_new_with_free_func (node_free);
  g_queue_init (&w->flying);
  return w;
}

void
pair_world_free (PairWorld *w)
{
  g_ptr_array_free (w->nodes, TRUE);
  g_queue_clear_full (&w->flying, datagram_free);
  g_free (w);
}

static void
free_content (void *content)
{
  ((ShoalContent *)content)->ops->free (content);
}

unsigned
pair_add_machine (PairWorld *w, ShoalMachine *machine, uint64_t upload_bytes_per_s)
{
  PairNode *node = g_new0 (PairNode, 1);
  node->world = w;
  node->number = w->nodes->len;
  node->addr = (ShoalAddr){ .family = 4, .ip = { 192, 0, 2, (uint8_t)(node->number + 1) } };
  node->addr.port = (uint16_t)(7000 + node->number);
  node->machine = machine;
  node->events = g_array_new (FALSE, FALSE, sizeof (PairEvent));
  node->contents = g_ptr_array_new_with_free_func (free_content);
  g_queue_init (&node->inbox);
  shoal_link_init (&node->uplink, upload_bytes_per_s);
  g_ptr_array_add (w->nodes, node);
  return node->number;
}

unsigned
pair_add_puppet (PairWorld *w)
{
  return pair_add_machine (w, NULL, 0);
}

unsigned
pair_add_tracker (PairWorld *w)
{
  ShoalTrackerOptions options = { .seed = w->seed, .name = "tracker" };
  return pair_add_machine (w, shoal_tracker_machine_new (&options), 0);
}

ShoalPeerOptions
pair_options (const PairWorld *w, unsigned node, const char *name, const PairPeerOptions *o)
{
  ShoalPeerOptions options = {
    .self = { .family = 4, .ip = { 192, 0, 2, (uint8_t)(node + 1) }, .port = (uint16_t)(7000 + node) },
    .name = name,
    .seed = w->seed,
    .upload_bytes_per_s = o->upload_bytes_per_s,
    .download_bytes_per_s = o->upload_bytes_per_s,
    .max_datagram_bytes = o->max_datagram_bytes,
    .max_neighbours = o->max_neighbours,
  };
  if (o->tracker >= 0)
    options.tracker = pair_node (w, (unsigned)o->tracker)->addr;
  return options;
}

unsigned
pair_add_peer (PairWorld *w, const char *name, const PairPeerOptions *o)
{
  ShoalPeerOptions options = pair_options (w, w->nodes->len, name, o);
  return pair_add_machine (w, shoal_peer_machine_new (&options), o->upload_bytes_per_s);
}

/* ---- sending ---- */

static int
by_arrival (const void *a, const void *b, void *data)
{
  const PairDatagram *x = a, *y = b;
  (void)data;
  if (x->at != y->at)
    return x->at < y->at ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

static void
put_on_network (PairWorld *w, const PairDatagram *from, ShoalTime at)
{
  PairDatagram *copy = g_memdup2 (from, sizeof *from);
  copy->bytes = g_malloc (copy->length + 1);
  memcpy (copy->bytes, from->bytes, copy->length);
  copy->at = at;
  copy->order = w->order++;
  g_queue_insert_sorted (&w->flying, copy, by_arrival, NULL);
}

static ShoalTime
delay (PairWorld *w)
{
  ShoalTime jitter =
      w->jitter_ns > 0 ? (ShoalTime)shoal_random_below (&w->random, (uint32_t)(w->jitter_ns / 1000)) : 0;
  return w->latency_ns + jitter * 1000;
}

static bool
chance (PairWorld *w, unsigned permille)
{
  return permille > 0 && shoal_random_below (&w->random, 1000) < permille;
}

static void
send_out (PairWorld *w, PairDatagram *d, ShoalTime end)
{
  bool lost = w->on_sent && !w->on_sent (w->context, d);
  if (lost || chance (w, w->loss_permille))
    return;
  put_on_network (w, d, end + delay (w));
  if (chance (w, w->duplicate_permille))
    put_on_network (w, d, end + delay (w));
}

static PairDatagram *
flatten (const PairNode *node, const ShoalDatagram *d)
{
  size_t payload = d->payload.length_bytes;
  PairDatagram *flat = g_new0 (PairDatagram, 1);
  ck_assert_uint_le (d->head_bytes, SHOAL_HEAD_MAX_BYTES);
  ck_assert_uint_gt (d->head_bytes, 0);
  ck_assert_uint_le (d->head_bytes + payload, 65507);
  flat->from = node->addr;
  flat->to = d->to;
  flat->sender = (int)node->number;
  flat->length = d->head_bytes + payload;
  flat->bytes = g_malloc (flat->length);
  memcpy (flat->bytes, d->head, d->head_bytes);
  if (payload > 0)
    ck_assert (d->payload.content->ops->read (d->payload.content, d->payload.offset_bytes,
                                              flat->bytes + d->head_bytes, payload));
  return flat;
}

static bool
pump_one (PairWorld *w, PairNode *node)
{
  ShoalDatagram d;
  if (node->uplink_busy || !node->machine->ops->next_datagram (node->machine, w->now, &d))
    return false;
  ck_assert_msg (!node->closed, "node %u sends after it has closed", node->number);
  PairDatagram *flat = flatten (node, &d);
  ShoalTime end = shoal_link_serve (&node->uplink, w->now, flat->length);
  node->uplink_busy = end > w->now;
  node->sent_bytes += flat->length;
  node->payload_bytes += d.payload.length_bytes;
  node->sent_datagrams++;
  send_out (w, flat, end);
  pair_datagram_free (flat);
  return true;
}

/* After every step of a machine: what it reports, and what it sends. */
static void
settle (PairWorld *w, PairNode *node)
{
  PairEvent event = { .at = w->now };
  if (!node->machine)
    return;
  while (pump_one (w, node))
    ck_assert_uint_lt (++w->steps_now, STEPS_MAX);
  while (node->machine->ops->next_event (node->machine, &event.event))
    {
      node->closed |= event.event.kind == SHOAL_EVENT_CLOSED;
      g_array_append_val (node->events, event);
    }
}

void
pair_add_peers (PairWorld *w, unsigned count, uint64_t upload_bytes_per_s)
{
  PairPeerOptions options = { .tracker = (int)pair_add_tracker (w),
                              .upload_bytes_per_s = upload_bytes_per_s };
  for (unsigned i = 0; i < count; i++)
    {
      char name[] = { (char)('A' + i), 0 };
      unsigned node = pair_add_peer (w, name, &options);
      shoal_peer_join (pair_node (w, node)->machine, w->now);
      settle (w, pair_node (w, node));
    }
}

void
pair_replace (PairWorld *w, unsigned number, ShoalMachine *machine)
{
  PairNode *node = pair_node (w, number);
  node->machine->ops->free (node->machine);
  node->machine = machine;
  node->closed = false;
}

void
pair_inject (PairWorld *w, const ShoalAddr *from, unsigned to, const void *bytes, size_t length)
{
  PairDatagram d = { .from = *from, .to = pair_node (w, to)->addr, .sender = -1, .length = length };
  d.bytes = (uint8_t *)bytes;
  put_on_network (w, &d, w->now);
}

PairDatagram *
pair_take (PairWorld *w, unsigned puppet)
{
  return g_queue_pop_head (&pair_node (w, puppet)->inbox);
}

/* ---- commands ---- */

ShoalResult
pair_register (PairWorld *w, unsigned number, const PairFile *file)
{
  PairNode *node = pair_node (w, number);
  ShoalContent *content = pair_content_new (file->bytes, file->length);
  ShoalMerkle *tree = file->tree ? shoal_merkle_ref (file->tree) : NULL;
  ShoalResult result = shoal_peer_register (node->machine, w->now, &file->file, content, tree);
  settle (w, node);
  return result;
}

ShoalResult
pair_download (PairWorld *w, unsigned number, const PairFile *file, int holder, ShoalTime limit_ns)
{
  PairNode *node = pair_node (w, number);
  ShoalDownloadOptions options = { .time_limit_ns = limit_ns, .make_content = make_content, .context = node };
  if (holder >= 0)
    {
      options.holders = &pair_node (w, (unsigned)holder)->addr;
      options.holder_count = 1;
    }
  ShoalResult result = shoal_peer_download (node->machine, w->now, &file->file.fid, &options);
  settle (w, node);
  return result;
}

ShoalResult
pair_cancel (PairWorld *w, unsigned number, const PairFile *file)
{
  PairNode *node = pair_node (w, number);
  ShoalResult result = shoal_peer_cancel (node->machine, w->now, &file->file.fid);
  settle (w, node);
  return result;
}

void
pair_close (PairWorld *w, unsigned number)
{
  PairNode *node = pair_node (w, number);
  node->machine->ops->close (node->machine, w->now);
  settle (w, node);
}

/* ---- time ---- */

static PairNode *
find (const PairWorld *w, const ShoalAddr *addr)
{
  for (unsigned i = 0; i < w->nodes->len; i++)
    if (shoal_addr_equal (&pair_node (w, i)->addr, addr))
      return pair_node (w, i);
  return NULL;
}

static void
arrive (PairWorld *w)
{
  PairDatagram *d = g_queue_pop_head (&w->flying);
  PairNode *to = find (w, &d->to);
  if (to && !to->machine)
    {
      g_queue_push_tail (&to->inbox, d);
      return;
    }
  if (to)
    {
      ShoalInput input = { .from = d->from, .head = d->bytes, .head_bytes = d->length };
      to->machine->ops->receive (to->machine, w->now, &input);
      settle (w, to);
    }
  pair_datagram_free (d);
}

/* When the node has something to do of its own accord. */
static ShoalTime
next_of (const PairNode *node)
{
  if (!node->machine)
    return SHOAL_NEVER;
  ShoalTime at = node->machine->ops->deadline (node->machine);
  return node->uplink_busy ? MIN (at, node->uplink.free_at) : at;
}

static void
act (PairWorld *w, PairNode *node)
{
  if (node->uplink_busy && node->uplink.free_at <= w->now)
    node->uplink_busy = false;
  if (node->machine->ops->deadline (node->machine) <= w->now)
    node->machine->ops->wake (node->machine, w->now);
  settle (w, node);
}

/* The earliest thing happens, unless it is after `until`. */
static bool
step (PairWorld *w, ShoalTime until)
{
  const PairDatagram *first = g_queue_peek_head (&w->flying);
  ShoalTime at = first ? first->at : SHOAL_NEVER;
  PairNode *who = NULL;
  for (unsigned i = 0; i < w->nodes->len; i++)
    if (next_of (pair_node (w, i)) < at)
      {
        who = pair_node (w, i);
        at = next_of (who);
      }
  if (at > until || at == SHOAL_NEVER)
    return false;
  w->steps_now = at > w->now ? 0 : w->steps_now + 1;
  ck_assert_msg (w->steps_now < STEPS_MAX, "time does not go on");
  w->now = MAX (w->now, at);
  if (who)
    act (w, who);
  else
    arrive (w);
  return true;
}

void
pair_run (PairWorld *w, ShoalTime until)
{
  while (step (w, until))
    ;
  w->now = MAX (w->now, until);
}

static bool
all_done (const PairWorld *w, unsigned first, unsigned count, const PairFile *file)
{
  for (unsigned i = first; i < first + count; i++)
    if (pair_count (w, i, SHOAL_EVENT_DOWNLOAD_DONE, &file->file.fid) == 0)
      return false;
  return true;
}

bool
pair_run_done (PairWorld *w, unsigned first, unsigned count, const PairFile *file, ShoalTime until)
{
  while (!all_done (w, first, count, file))
    if (!step (w, until))
      return false;
  return true;
}

/* ---- what came of it ---- */

unsigned
pair_count (const PairWorld *w, unsigned node, ShoalEventKind kind, const ShoalFid *fid)
{
  const GArray *events = pair_node (w, node)->events;
  unsigned count = 0;
  for (guint i = 0; i < events->len; i++)
    {
      const ShoalEvent *event = &g_array_index (events, PairEvent, i).event;
      count += event->kind == kind && (!fid || shoal_fid_equal (fid, &event->fid));
    }
  return count;
}

const PairEvent *
pair_last (const PairWorld *w, unsigned node, ShoalEventKind kind)
{
  const GArray *events = pair_node (w, node)->events;
  for (guint i = events->len; i-- > 0;)
    if (g_array_index (events, PairEvent, i).event.kind == kind)
      return &g_array_index (events, PairEvent, i);
  return NULL;
}

bool
pair_right (const PairWorld *w, unsigned node, const PairFile *file)
{
  const GPtrArray *contents = pair_node (w, node)->contents;
  for (guint i = contents->len; i-- > 0;)
    {
      const PairContent *c = contents->pdata[i];
      if (shoal_fid_equal (&c->fid, &file->file.fid))
        return c->length == file->length && memcmp (c->bytes, file->bytes, c->length) == 0;
    }
  return false;
}

uint64_t
pair_got_from (const PairWorld *w, unsigned node, const PairFile *file, unsigned source)
{
  const ShoalSource *sources;
  unsigned count = shoal_peer_sources (pair_node (w, node)->machine, &file->file.fid, &sources);
  for (unsigned i = 0; i < count; i++)
    if (shoal_addr_equal (&sources[i].peer, &pair_node (w, source)->addr))
      return sources[i].bytes;
  return 0;
}

unsigned
pair_neighbours (const PairWorld *w, unsigned node)
{
  const ShoalPeer *p = (const ShoalPeer *)pair_node (w, node)->machine;
  unsigned count = 0;
  for (guint i = 0; i < p->swarms->len; i++)
    count += ((const ShoalSwarm *)p->swarms->pdata[i])->neighbours->len;
  return count;
}
