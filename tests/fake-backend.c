#include "tests/fake-backend.h"

#include <stdio.h>

#define MAX_SOURCES 8u

typedef struct {
  unsigned node;
  ShoalFid fid;
} Holding;

typedef struct {
  unsigned node;
  int holder; /* the only one to get it from; -1: anybody */
  const ShoalSharedFile *file;
  uint32_t next;      /* block */
  ShoalTime next_at;  /* SHOAL_NEVER: waits for a holder */
  ShoalTime limit_at; /* SHOAL_NEVER: none */
  bool over;
  ShoalSource sources[MAX_SOURCES];
  unsigned source_count;
} Download;

typedef struct {
  unsigned node;
  ShoalEvent event;
} Told;

typedef struct {
  char *name;
  ShoalNodeStats stats;
} FakeNode;

typedef struct {
  ShoalBackend backend;
  FakeOptions options;
  ShoalTime now;
  bool stopped;
  uint64_t steps;
  GArray *nodes;     /* of FakeNode */
  GArray *holdings;  /* of Holding */
  GArray *downloads; /* of Download */
  GArray *told;      /* of Told: for the next run() */
  GString *calls;
} Fake;

static Fake *
as_fake (ShoalBackend *b)
{
  return (Fake *)b;
}

static FakeNode *
node_at (Fake *fake, unsigned node)
{
  return &g_array_index (fake->nodes, FakeNode, node);
}

static void G_GNUC_PRINTF (2, 3) note (Fake *fake, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_string_append_printf (fake->calls, "%.3f %s\n", (double)(fake->now - fake->options.origin) / 1e9, text);
}

static ShoalAddr
addr_of (unsigned node)
{
  return (ShoalAddr){ .ip = { 10 }, .port = (uint16_t)(node + 1), .family = 4 };
}

static void
tell (Fake *fake, unsigned node, ShoalEventKind kind, const ShoalFid *fid, int peer, uint64_t value)
{
  ShoalEvent event = { .kind = kind, .value = value };
  if (fid != NULL)
    event.fid = *fid;
  if (peer >= 0)
    event.peer = addr_of ((unsigned)peer);
  fake->backend.on_event (fake->backend.context, fake->now, node, &event);
}

/* Tells it when time passes next. */
static void
tell_later (Fake *fake, unsigned node, ShoalEventKind kind, const ShoalFid *fid)
{
  Told told = { .node = node, .event = { .kind = kind } };
  if (fid != NULL)
    told.event.fid = *fid;
  g_array_append_val (fake->told, told);
}

static int
find_holding (Fake *fake, unsigned node, const ShoalFid *fid)
{
  for (unsigned i = 0; i < fake->holdings->len; i++)
    {
      const Holding *holding = &g_array_index (fake->holdings, Holding, i);
      if (holding->node == node && shoal_fid_equal (&holding->fid, fid))
        return (int)i;
    }
  return -1;
}

static int
find_holder (Fake *fake, const Download *download)
{
  const ShoalFid *fid = &download->file->file.fid;
  if (download->holder >= 0)
    return find_holding (fake, (unsigned)download->holder, fid) >= 0 ? download->holder : -1;
  for (unsigned node = 0; node < fake->nodes->len; node++)
    if (find_holding (fake, node, fid) >= 0)
      return (int)node;
  return -1;
}

/* Downloads that wait go on when there is a holder, and stop when there is none. */
static void
look_for_holders (Fake *fake)
{
  for (unsigned i = 0; i < fake->downloads->len; i++)
    {
      Download *download = &g_array_index (fake->downloads, Download, i);
      bool can = !download->over && find_holder (fake, download) >= 0;
      if (!can)
        download->next_at = SHOAL_NEVER;
      else if (download->next_at == SHOAL_NEVER)
        download->next_at = fake->now + FAKE_BLOCK_NS;
    }
}

static void
hold (Fake *fake, unsigned node, const ShoalFid *fid)
{
  Holding holding = { .node = node, .fid = *fid };
  g_array_append_val (fake->holdings, holding);
  look_for_holders (fake);
}

static int
fake_add_node (ShoalBackend *b, const ShoalNodeSpec *spec, GError **error)
{
  static const char *const roles[] = { "tracker", "peer", "server", "client" };
  Fake *fake = as_fake (b);
  if (fake->options.refuses_nodes)
    {
      g_set_error (error, g_quark_from_string ("fake"), 0, "no room");
      return -1;
    }
  FakeNode node = { .name = g_strdup (spec->name) };
  g_array_append_val (fake->nodes, node);
  note (fake, "add %s %s %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " tracker %d %s", roles[spec->role],
        spec->name, spec->upload_bytes_per_s, spec->download_bytes_per_s, spec->tracker,
        spec->service == SHOAL_SERVICE_FIFO ? "fifo" : "fair");
  if (spec->serving.strategy != NULL && spec->serving.strategy != &shoal_strategy_none)
    note (fake, "%s serves %s %u %u %" G_GINT64_FORMAT, spec->name, spec->serving.strategy->name,
          spec->serving.slots, spec->serving.trial_turns, spec->serving.turn_ns);
  if (spec->behaviour != SHOAL_BEHAVIOUR_HONEST)
    note (fake, "%s behaves %d %u", spec->name, (int)spec->behaviour, spec->bad_millionths);
  return (int)fake->nodes->len - 1;
}

static void
fake_start (ShoalBackend *b, unsigned node)
{
  note (as_fake (b), "start %s", node_at (as_fake (b), node)->name);
}

static ShoalResult
fake_register (ShoalBackend *b, unsigned node, const ShoalSharedFile *file)
{
  Fake *fake = as_fake (b);
  note (fake, "register %s %s", node_at (fake, node)->name, file->name);
  if (find_holding (fake, node, &file->file.fid) >= 0)
    return SHOAL_DUPLICATE;
  hold (fake, node, &file->file.fid);
  tell_later (fake, node, SHOAL_EVENT_REGISTERED, &file->file.fid);
  return SHOAL_OK;
}

static Download *
find_download (Fake *fake, unsigned node, const ShoalFid *fid)
{
  for (unsigned i = fake->downloads->len; i-- > 0;)
    {
      Download *download = &g_array_index (fake->downloads, Download, i);
      if (download->node == node && shoal_fid_equal (&download->file->file.fid, fid))
        return download;
    }
  return NULL;
}

static ShoalResult
fake_download (ShoalBackend *b, unsigned node, const ShoalSharedFile *file, int holder,
               ShoalTime time_limit_ns)
{
  Fake *fake = as_fake (b);
  Download download = { .node = node, .holder = holder, .file = file, .next_at = SHOAL_NEVER };
  const Download *other = find_download (fake, node, &file->file.fid);
  note (fake, "download %s %s from %s", node_at (fake, node)->name, file->name,
        holder >= 0 ? node_at (fake, (unsigned)holder)->name : "tracker");
  if (find_holding (fake, node, &file->file.fid) >= 0 || (other != NULL && !other->over))
    return SHOAL_DUPLICATE;
  download.limit_at = time_limit_ns > 0 ? fake->now + time_limit_ns : SHOAL_NEVER;
  g_array_append_val (fake->downloads, download);
  tell (fake, node, SHOAL_EVENT_DOWNLOAD_STARTED, &file->file.fid, -1, 0);
  for (ShoalEventKind kind = SHOAL_EVENT_NEIGHBOUR_UP;
       fake->options.gossips && kind <= SHOAL_EVENT_UNCHOKED_BY; kind++)
    tell (fake, node, kind, &file->file.fid, 1, 0);
  look_for_holders (fake);
  return SHOAL_OK;
}

static ShoalResult
fake_cancel (ShoalBackend *b, unsigned node, const ShoalSharedFile *file)
{
  Fake *fake = as_fake (b);
  const ShoalFid *fid = &file->file.fid;
  int holding = find_holding (fake, node, fid);
  Download *download = find_download (fake, node, fid);
  note (fake, "cancel %s %s", node_at (fake, node)->name, file->name);
  bool going = download != NULL && !download->over;
  if (holding < 0 && !going)
    return SHOAL_UNKNOWN;
  if (holding >= 0)
    g_array_remove_index (fake->holdings, (unsigned)holding);
  if (going)
    {
      download->over = true;
      download->source_count = 0; /* forgotten: the runner must have asked before */
      tell (fake, node, SHOAL_EVENT_DOWNLOAD_FAILED, fid, -1, SHOAL_FAILURE_CANCELLED);
    }
  tell (fake, node, SHOAL_EVENT_CANCELLED, fid, -1, 0);
  look_for_holders (fake);
  return SHOAL_OK;
}

static void
fake_close (ShoalBackend *b, unsigned node)
{
  Fake *fake = as_fake (b);
  note (fake, "close %s", node_at (fake, node)->name);
  for (unsigned i = fake->holdings->len; i-- > 0;)
    if (g_array_index (fake->holdings, Holding, i).node == node)
      g_array_remove_index (fake->holdings, i);
  for (unsigned i = 0; i < fake->downloads->len; i++)
    {
      Download *download = &g_array_index (fake->downloads, Download, i);
      download->over |= download->node == node;
    }
  if (!fake->options.never_closes)
    tell_later (fake, node, SHOAL_EVENT_CLOSED, NULL);
  look_for_holders (fake);
}

/* ---- faults ---- */

static void
append_impairments (GString *text, const ShoalImpairments *impairments)
{
  static const char *const keys[SHOAL_IMPAIRMENTS] = { "latency", "jitter", "loss", "twice",
                                                       "bad",     "order",  "hold" };
  for (unsigned key = 0; key < SHOAL_IMPAIRMENTS; key++)
    if (impairments->given & 1u << key)
      g_string_append_printf (text, " %s %" G_GINT64_FORMAT, keys[key], impairments->value[key]);
}

static void
fake_set_network (ShoalBackend *b, const ShoalImpairments *impairments)
{
  g_autoptr (GString) text = g_string_new ("network");
  append_impairments (text, impairments);
  note (as_fake (b), "%s", text->str);
}

static void
fake_set_line (ShoalBackend *b, unsigned node, const ShoalImpairments *impairments)
{
  g_autoptr (GString) text = g_string_new ("line");
  g_string_append_printf (text, " %s", node_at (as_fake (b), node)->name);
  append_impairments (text, impairments);
  note (as_fake (b), "%s", text->str);
}

static void
fake_set_link (ShoalBackend *b, const ShoalLinkChange *link)
{
  g_autoptr (GString) text = g_string_new ("link");
  for (unsigned i = 0; i < link->from_count; i++)
    g_string_append_printf (text, " %s", node_at (as_fake (b), link->from[i])->name);
  g_string_append (text, " >");
  for (unsigned i = 0; i < link->to_count; i++)
    g_string_append_printf (text, " %s", node_at (as_fake (b), link->to[i])->name);
  append_impairments (text, &link->impairments);
  note (as_fake (b), "%s", text->str);
}

static void
fake_set_side (ShoalBackend *b, unsigned node, unsigned side)
{
  if (side != 0)
    note (as_fake (b), "side %s %u", node_at (as_fake (b), node)->name, side);
  else if (node == 0)
    note (as_fake (b), "sides end");
}

/* What it holds, gets and has to tell is gone. */
static void
fake_crash (ShoalBackend *b, unsigned node)
{
  Fake *fake = as_fake (b);
  note (fake, "crash %s", node_at (fake, node)->name);
  for (unsigned i = fake->holdings->len; i-- > 0;)
    if (g_array_index (fake->holdings, Holding, i).node == node)
      g_array_remove_index (fake->holdings, i);
  for (unsigned i = fake->told->len; i-- > 0;)
    if (g_array_index (fake->told, Told, i).node == node)
      g_array_remove_index (fake->told, i);
  for (unsigned i = 0; i < fake->downloads->len; i++)
    {
      Download *download = &g_array_index (fake->downloads, Download, i);
      if (download->node == node)
        {
          download->over = true;
          download->source_count = 0; /* forgotten: the runner must have asked before */
        }
    }
  look_for_holders (fake);
}

static void
fake_restart (ShoalBackend *b, unsigned node, uint32_t kept_millionths)
{
  note (as_fake (b), "restart %s %u", node_at (as_fake (b), node)->name, kept_millionths);
}

static void
fake_set_rates (ShoalBackend *b, unsigned node, uint64_t upload, uint64_t download)
{
  note (as_fake (b), "rates %s %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT, node_at (as_fake (b), node)->name,
        upload, download);
}

static unsigned
fake_sources (ShoalBackend *b, unsigned node, const ShoalFid *fid, const ShoalSource **sources)
{
  Download *download = find_download (as_fake (b), node, fid);
  *sources = download != NULL ? download->sources : NULL;
  return download != NULL ? download->source_count : 0;
}

static int
fake_node_of (ShoalBackend *b, const ShoalAddr *addr)
{
  return addr->family == 4 && addr->port <= as_fake (b)->nodes->len ? addr->port - 1 : -1;
}

static void
fake_stats (ShoalBackend *b, unsigned node, ShoalNodeStats *out)
{
  *out = node_at (as_fake (b), node)->stats;
}

static ShoalTime
fake_now (ShoalBackend *b)
{
  return as_fake (b)->now;
}

static void
count_source (Download *download, unsigned from, uint64_t bytes)
{
  ShoalAddr addr = addr_of (from);
  unsigned i = 0;
  while (i < download->source_count && !shoal_addr_equal (&download->sources[i].peer, &addr))
    i++;
  g_assert (i < MAX_SOURCES);
  download->source_count = MAX (download->source_count, i + 1);
  download->sources[i].peer = addr;
  download->sources[i].bytes += bytes;
}

/* One block comes in. The array of downloads does not grow meanwhile: the runner acts between runs. */
static void
get_block (Fake *fake, Download *download)
{
  const ShoalFile *file = &download->file->file;
  unsigned from = (unsigned)find_holder (fake, download), node = download->node;
  uint32_t block = download->next++, blocks = shoal_info_blocks (&file->info);
  uint64_t bytes = blocks > 0 ? shoal_info_block_bytes (&file->info, block) : 0;
  bool last = download->next >= blocks, done_first = last && fake->options.done_before_block;
  count_source (download, from, bytes);
  node_at (fake, from)->stats.sent_bytes += bytes + 10;
  node_at (fake, from)->stats.machine.payload_sent_bytes += bytes;
  node_at (fake, node)->stats.received_bytes += bytes + 10;
  node_at (fake, node)->stats.machine.blocks_verified++;
  download->next_at = fake->now + FAKE_BLOCK_NS;
  download->over = last;
  if (block < fake->options.bad_blocks)
    tell (fake, node, SHOAL_EVENT_BLOCK_BAD, &file->fid, (int)from, block);
  if (block == 0)
    tell (fake, node, SHOAL_EVENT_FIRST_BYTE, &file->fid, (int)from, 0);
  if (!done_first)
    tell (fake, node, SHOAL_EVENT_BLOCK, &file->fid, (int)from, block);
  if (!last)
    return;
  tell (fake, node, SHOAL_EVENT_DOWNLOAD_DONE, &file->fid, -1, 0);
  if (done_first)
    tell (fake, node, SHOAL_EVENT_BLOCK, &file->fid, (int)from, block);
  hold (fake, node, &file->fid);
}

static void
give_up (Fake *fake, Download *download)
{
  download->over = true;
  download->next_at = SHOAL_NEVER;
  ShoalFailure why =
      download->next > 0 ? SHOAL_FAILURE_TIME_LIMIT_PARTIAL : SHOAL_FAILURE_TIME_LIMIT_NO_HOLDER;
  tell (fake, download->node, SHOAL_EVENT_DOWNLOAD_FAILED, &download->file->file.fid, -1, why);
}

static ShoalTime
due (const Download *download)
{
  return download->over ? SHOAL_NEVER : MIN (download->next_at, download->limit_at);
}

static Download *
next_download (Fake *fake)
{
  Download *first = NULL;
  for (unsigned i = 0; i < fake->downloads->len; i++)
    {
      Download *download = &g_array_index (fake->downloads, Download, i);
      if (due (download) != SHOAL_NEVER && (first == NULL || due (download) < due (first)))
        first = download;
    }
  return first;
}

static bool
step (Fake *fake, ShoalTime until)
{
  if (fake->told->len > 0)
    {
      Told told = g_array_index (fake->told, Told, 0);
      g_array_remove_index (fake->told, 0);
      fake->backend.on_event (fake->backend.context, fake->now, told.node, &told.event);
      return true;
    }
  Download *download = next_download (fake);
  if (download == NULL || due (download) > until)
    return false;
  fake->now = MAX (fake->now, due (download));
  if (download->next_at <= download->limit_at)
    get_block (fake, download);
  else
    give_up (fake, download);
  return true;
}

static bool
fake_run (ShoalBackend *b, ShoalTime until)
{
  Fake *fake = as_fake (b);
  fake->stopped = false;
  while (!fake->stopped && step (fake, until))
    fake->steps++;
  bool more = next_download (fake) != NULL || fake->told->len > 0;
  if (!fake->stopped && !fake->options.forgets_time)
    fake->now = MAX (fake->now, until);
  return more;
}

static void
fake_stop (ShoalBackend *b)
{
  as_fake (b)->stopped = true;
}

static uint64_t
fake_steps (ShoalBackend *b)
{
  return as_fake (b)->steps;
}

static void
fake_for_each_sample (ShoalBackend *b, ShoalSampleHandler handler, void *context)
{
  handler (context, 1, as_fake (b)->options.origin + SHOAL_SECOND, SHOAL_SECOND, 7, 8);
}

static bool
fake_trace_digest (ShoalBackend *b, char hex[65])
{
  (void)b;
  memset (hex, 'a', 64);
  hex[64] = '\0';
  return true;
}

static void
fake_free (ShoalBackend *b)
{
  Fake *fake = as_fake (b);
  for (unsigned i = 0; i < fake->nodes->len; i++)
    g_free (node_at (fake, i)->name);
  g_array_unref (fake->nodes);
  g_array_unref (fake->holdings);
  g_array_unref (fake->downloads);
  g_array_unref (fake->told);
  g_string_free (fake->calls, TRUE);
  g_free (fake);
}

#define COMMON_OPS                                                                                           \
  .name = "fake", .add_node = fake_add_node, .start = fake_start, .register_file = fake_register,            \
  .download = fake_download, .cancel = fake_cancel, .close = fake_close, .set_rates = fake_set_rates,        \
  .sources = fake_sources, .node_of = fake_node_of, .stats = fake_stats, .now = fake_now, .run = fake_run,   \
  .stop = fake_stop, .steps = fake_steps, .for_each_sample = fake_for_each_sample,                           \
  .trace_digest = fake_trace_digest, .free = fake_free

static const ShoalBackendOps infallible_ops = { COMMON_OPS };
static const ShoalBackendOps fake_ops = { COMMON_OPS,
                                          .set_network = fake_set_network,
                                          .set_line = fake_set_line,
                                          .set_link = fake_set_link,
                                          .set_side = fake_set_side,
                                          .crash = fake_crash,
                                          .restart = fake_restart };

ShoalBackend *
fake_backend_new (const FakeOptions *options)
{
  Fake *fake = g_new0 (Fake, 1);
  fake->backend.ops = options->infallible ? &infallible_ops : &fake_ops;
  fake->options = *options;
  fake->now = options->origin;
  fake->nodes = g_array_new (FALSE, TRUE, sizeof (FakeNode));
  fake->holdings = g_array_new (FALSE, TRUE, sizeof (Holding));
  fake->downloads = g_array_new (FALSE, TRUE, sizeof (Download));
  fake->told = g_array_new (FALSE, TRUE, sizeof (Told));
  fake->calls = g_string_new (NULL);
  return &fake->backend;
}

const char *
fake_backend_calls (const ShoalBackend *backend)
{
  return ((const Fake *)backend)->calls->str;
}
