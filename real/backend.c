#define _GNU_SOURCE
#include "real/backend.h"

#include "real/node.h"
#include "real/udp.h"
#include "src/client.h"
#include "src/contents.h"
#include "src/disk.h"
#include "src/server.h"
#include "src/tracker.h"

#include <sys/resource.h>

typedef struct {
  ShoalBackend backend;
  ShoalLoop *loop;
  uint64_t seed;
  ShoalRandom random;  /* what survives crashes */
  GPtrArray *nodes;    /* of Node, owned */
  GHashTable *numbers; /* port → number + 1: all nodes have the same IP address */
} RealBackend;

typedef struct {
  RealBackend *owner; /* borrowed */
  unsigned number;
  ShoalNodeSpec spec;  /* with its name owned, and the rates of the moment */
  ShoalRealNode *real; /* owned */
  /* Given to `real` while it runs; owned before, and after a crash. */
  ShoalMachine *machine;
  bool running;
  unsigned lives;            /* that are over */
  ShoalMachineCounters past; /* of machines before this one */
  ShoalDisk *disk;           /* owned: what is left of downloads */
} Node;

static RealBackend *
as_real (ShoalBackend *b)
{
  return (RealBackend *)b;
}

static Node *
node_at (ShoalBackend *b, unsigned number)
{
  RealBackend *self = as_real (b);
  g_assert (number < self->nodes->len);
  return self->nodes->pdata[number];
}

static ShoalTime
now_of (const Node *node)
{
  return shoal_loop_now (node->owner->loop);
}

/* ---- nodes ---- */

static void
on_event (void *context, ShoalTime now, ShoalRealNode *real, const ShoalEvent *event)
{
  const Node *node = context;
  const ShoalBackend *backend = &node->owner->backend;
  (void)real;
  if (backend->on_event)
    backend->on_event (backend->context, now, node->number, event);
}

static ShoalMachine *
make_peer (const Node *node, const char *name)
{
  const ShoalNodeSpec *spec = &node->spec;
  ShoalPeerOptions options = {
    .self = shoal_real_node_address (node->real),
    .name = name,
    .seed = node->owner->seed,
    .upload_bytes_per_s = spec->upload_bytes_per_s,
    .download_bytes_per_s = spec->download_bytes_per_s,
    .service = spec->service,
    .serving = spec->serving,
    .never_upload = spec->behaviour == SHOAL_BEHAVIOUR_FREE_RIDER,
    .tells_waits = spec->tells_waits,
  };
  if (spec->tracker >= 0)
    options.tracker =
        shoal_real_node_address (node_at (&node->owner->backend, (unsigned)spec->tracker)->real);
  if (spec->role == SHOAL_ROLE_SERVER)
    return shoal_server_machine_new (&options);
  return spec->role == SHOAL_ROLE_CLIENT ? shoal_client_machine_new (&options)
                                         : shoal_peer_machine_new (&options);
}

/* Another life draws other lots: a restarted program does not remember its random numbers. */
static ShoalMachine *
make_machine (const Node *node)
{
  g_autofree char *name =
      node->lives > 0 ? g_strdup_printf ("%s#%u", node->spec.name, node->lives) : g_strdup (node->spec.name);
  const ShoalTrackerOptions tracker = { .seed = node->owner->seed,
                                        .name = name,
                                        .upload_bytes_per_s = node->spec.upload_bytes_per_s };
  return node->spec.role == SHOAL_ROLE_TRACKER ? shoal_tracker_machine_new (&tracker)
                                               : make_peer (node, name);
}

/* The proxy on a free port of this host; NULL and error. */
static ShoalRealNode *
make_proxy (Node *node, GError **error)
{
  const ShoalAddr loopback = { .ip = { 127, 0, 0, 1 }, .family = 4 };
  ShoalRealNodeOptions options = {
    .udp = shoal_udp_new (&loopback, error),
    .upload_bytes_per_s = node->spec.upload_bytes_per_s,
    .download_bytes_per_s = node->spec.download_bytes_per_s,
    .on_event = on_event,
    .context = node,
    .keeps_samples = true,
  };
  return options.udp ? shoal_real_node_new (node->owner->loop, &options, error) : NULL;
}

/* An honest machine is all there is here. */
static bool
can_behave (const ShoalNodeSpec *spec, GError **error)
{
  if (spec->behaviour == SHOAL_BEHAVIOUR_HONEST || spec->behaviour == SHOAL_BEHAVIOUR_FREE_RIDER)
    return true;
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
      "peers that send other bytes than they should are for virtual time; play it with --backend sim");
  return false;
}

static void
node_free (void *data)
{
  Node *node = data;
  if (node->machine && !node->running)
    node->machine->ops->free (node->machine);
  shoal_real_node_free (node->real);
  g_clear_pointer (&node->disk, shoal_disk_free);
  g_free ((char *)node->spec.name);
  g_free (node);
}

static int
real_add_node (ShoalBackend *b, const ShoalNodeSpec *spec, GError **error)
{
  RealBackend *self = as_real (b);
  if (!can_behave (spec, error))
    return -1;
  Node *node = g_new0 (Node, 1);
  *node = (Node){ .owner = self, .number = self->nodes->len, .spec = *spec };
  node->spec.name = g_strdup (spec->name);
  node->real = make_proxy (node, error);
  if (!node->real)
    {
      node_free (node);
      return -1;
    }
  node->machine = make_machine (node);
  node->disk = shoal_disk_new (true);
  g_hash_table_insert (self->numbers, GUINT_TO_POINTER (shoal_real_node_address (node->real).port),
                       GUINT_TO_POINTER (node->number + 1));
  g_ptr_array_add (self->nodes, node);
  return (int)node->number;
}

static void
real_start (ShoalBackend *b, unsigned number)
{
  Node *node = node_at (b, number);
  g_assert (!node->running);
  node->running = true;
  shoal_real_node_start (node->real, node->machine);
  if (node->spec.role == SHOAL_ROLE_PEER)
    shoal_peer_join (node->machine, now_of (node));
  shoal_real_node_settle (node->real);
}

/* ---- commands ---- */

static ShoalResult
real_register_file (ShoalBackend *b, unsigned number, const ShoalSharedFile *file)
{
  Node *node = node_at (b, number);
  ShoalMerkle *tree = file->tree ? shoal_merkle_ref (file->tree) : NULL;
  ShoalContent *content = shoal_shared_content_new (file);
  ShoalResult result = shoal_peer_register (node->machine, now_of (node), &file->file, content, tree);
  if (result == SHOAL_OK)
    shoal_disk_note_whole (node->disk, file);
  shoal_real_node_settle (node->real);
  return result;
}

static ShoalContent *
make_content (void *context, const ShoalFile *file)
{
  return shoal_disk_open (((Node *)context)->disk, file);
}

static ShoalResult
real_download (ShoalBackend *b, unsigned number, const ShoalSharedFile *file, int holder,
               ShoalTime time_limit_ns)
{
  Node *node = node_at (b, number);
  ShoalAddr addr = { 0 };
  if (holder >= 0)
    addr = shoal_real_node_address (node_at (b, (unsigned)holder)->real);
  const ShoalDownloadOptions options = {
    .holders = &addr,
    .holder_count = holder >= 0,
    .time_limit_ns = time_limit_ns,
    .make_content = make_content,
    .context = node,
  };
  ShoalResult result = shoal_peer_download (node->machine, now_of (node), &file->file.fid, &options);
  shoal_real_node_settle (node->real);
  return result;
}

static ShoalResult
real_cancel (ShoalBackend *b, unsigned number, const ShoalSharedFile *file)
{
  Node *node = node_at (b, number);
  ShoalResult result = shoal_peer_cancel (node->machine, now_of (node), &file->file.fid);
  shoal_real_node_settle (node->real);
  return result;
}

static void
real_close (ShoalBackend *b, unsigned number)
{
  Node *node = node_at (b, number);
  node->machine->ops->close (node->machine, now_of (node));
  shoal_real_node_settle (node->real);
}

static void
real_set_rates (ShoalBackend *b, unsigned number, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s)
{
  Node *node = node_at (b, number);
  node->spec.upload_bytes_per_s = upload_bytes_per_s;
  node->spec.download_bytes_per_s = download_bytes_per_s;
  shoal_real_node_set_rates (node->real, upload_bytes_per_s, download_bytes_per_s);
}

/* ---- faults ---- */

static void
real_crash (ShoalBackend *b, unsigned number)
{
  Node *node = node_at (b, number);
  g_assert (node->running);
  node->running = false;
  node->machine = shoal_real_node_stop (node->real);
}

static void
real_restart (ShoalBackend *b, unsigned number, uint32_t kept_millionths)
{
  Node *node = node_at (b, number);
  if (node->running) /* it was closed */
    real_crash (b, number);
  shoal_machine_counters_add (&node->past, &node->machine->counters);
  node->machine->ops->free (node->machine);
  shoal_disk_survive (node->disk, kept_millionths, &node->owner->random);
  node->lives++;
  node->machine = make_machine (node);
  real_start (b, number);
}

/* ---- what is asked ---- */

static unsigned
real_sources (ShoalBackend *b, unsigned number, const ShoalFid *fid, const ShoalSource **sources)
{
  return shoal_peer_sources (node_at (b, number)->machine, fid, sources);
}

static int
real_node_of (ShoalBackend *b, const ShoalAddr *addr)
{
  if (!shoal_addr_loopback (addr))
    return -1;
  gpointer number = g_hash_table_lookup (as_real (b)->numbers, GUINT_TO_POINTER (addr->port));
  return (int)GPOINTER_TO_UINT (number) - 1;
}

static void
real_stats (ShoalBackend *b, unsigned number, ShoalNodeStats *out)
{
  const Node *node = node_at (b, number);
  ShoalRealNodeStats stats;
  shoal_real_node_stats (node->real, &stats);
  *out = (ShoalNodeStats){ stats.sent_bytes, stats.received_bytes, stats.sent_datagrams,
                           stats.received_datagrams, node->past };
  shoal_machine_counters_add (&out->machine, &node->machine->counters);
}

static ShoalTime
real_now (ShoalBackend *b)
{
  return shoal_loop_now (as_real (b)->loop);
}

/* Datagrams that went out or came in: what in virtual time is an event, too. */
static uint64_t
real_steps (ShoalBackend *b)
{
  uint64_t steps = 0;
  for (unsigned i = 0; i < as_real (b)->nodes->len; i++)
    {
      ShoalNodeStats stats;
      real_stats (b, i, &stats);
      steps += stats.sent_datagrams + stats.received_datagrams;
    }
  return steps;
}

static void
real_for_each_sample (ShoalBackend *b, ShoalSampleHandler handler, void *context)
{
  for (unsigned i = 0; i < as_real (b)->nodes->len; i++)
    shoal_real_node_for_each_sample (node_at (b, i)->real, 0, i, handler, context);
}

static bool
real_trace_digest (ShoalBackend *b, char hex[65])
{
  (void)b, (void)hex;
  return false; /* no two runs are the same */
}

/* ---- time ---- */

static bool
real_run (ShoalBackend *b, ShoalTime until)
{
  shoal_loop_run (as_real (b)->loop, until);
  return true; /* a datagram may always be on its way */
}

static void
real_stop (ShoalBackend *b)
{
  shoal_loop_stop (as_real (b)->loop);
}

static void
real_free (ShoalBackend *b)
{
  RealBackend *self = as_real (b);
  g_ptr_array_unref (self->nodes);
  g_hash_table_unref (self->numbers);
  shoal_loop_free (self->loop);
  g_free (self);
}

static const ShoalBackendOps REAL_OPS = {
  .name = "real",
  .add_node = real_add_node,
  .start = real_start,
  .register_file = real_register_file,
  .download = real_download,
  .cancel = real_cancel,
  .close = real_close,
  .set_rates = real_set_rates,
  .sources = real_sources,
  .node_of = real_node_of,
  .stats = real_stats,
  .now = real_now,
  .run = real_run,
  .stop = real_stop,
  .steps = real_steps,
  .for_each_sample = real_for_each_sample,
  .trace_digest = real_trace_digest,
  .free = real_free,
  .crash = real_crash,
  .restart = real_restart,
};

/* A socket a node: the usual soft limit of 1,024 descriptors is not for programs like this one. */
static void
allow_many_descriptors (void)
{
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

ShoalBackend *
shoal_real_backend_new (const ShoalRealBackendOptions *options, GError **error)
{
  allow_many_descriptors ();
  ShoalLoop *loop = shoal_loop_new (error);
  if (!loop)
    return NULL;
  RealBackend *self = g_new0 (RealBackend, 1);
  self->backend.ops = &REAL_OPS;
  self->loop = loop;
  self->seed = options->seed;
  shoal_random_init (&self->random, options->seed, "crashes");
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->numbers = g_hash_table_new (g_direct_hash, g_direct_equal);
  return &self->backend;
}
