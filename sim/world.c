/* The virtual world as a backend: time jumps from event to event. */
#include "sim/world.h"
#include "sim/content.h"
#include "sim/faults.h"
#include "sim/node.h"
#include "sim/watch.h"
#include "src/client.h"
#include "src/contents.h"
#include "src/server.h"
#include "src/tracker.h"

static ShoalWorld *
as_world (ShoalBackend *b)
{
  return (ShoalWorld *)b;
}

static ShoalSimNode *
node_at (ShoalBackend *b, unsigned number)
{
  ShoalWorld *world = as_world (b);
  g_assert (number < world->nodes->len);
  return world->nodes->pdata[number];
}

/* ---- after each step of a machine ---- */

static void
report (ShoalSimNode *node, const ShoalEvent *event)
{
  ShoalWorld *world = node->world;
  ShoalSimNode *peer = event->peer.family ? shoal_network_find (world, &event->peer) : NULL;
  if (event->kind != SHOAL_EVENT_WAITING) /* told or not, the trace is the same */
    shoal_trace_event (world->trace, world->now, node->number, peer ? (int)peer->number : -1, event);
  if (event->kind == SHOAL_EVENT_CLOSED)
    node->silent = true;
  if (world->watch)
    world->watch->event (world->watch, node, event);
  if (world->backend.on_event)
    world->backend.on_event (world->backend.context, world->now, node->number, event);
}

/* While the uplink is busy, what a hostile node adds waits for that. */
static ShoalTime
deadline_of (const ShoalSimNode *node)
{
  ShoalTime deadline = node->machine->ops->deadline (node->machine);
  bool adds = node->hostile && !node->sending;
  return adds ? MIN (deadline, shoal_hostile_deadline (node->hostile)) : deadline;
}

static void
set_alarm (ShoalSimNode *node)
{
  ShoalTime deadline = node->silent ? SHOAL_NEVER : deadline_of (node);
  if (deadline >= node->wake_at)
    return;
  node->wake_at = MAX (deadline, node->world->now);
  shoal_event_queue_push (&node->world->queue, node->wake_at, node->number, SHOAL_SIM_WAKE);
}

static void
settle (ShoalSimNode *node)
{
  ShoalEvent event;
  shoal_network_pump (node);
  while (!node->crashed && node->machine->ops->next_event (node->machine, &event))
    report (node, &event);
  set_alarm (node);
  if (node->world->watch)
    node->world->watch->settled (node->world->watch, node);
}

/* An event handler may command any node, this one too: such nodes wait their turn. */
void
shoal_world_after_step (ShoalSimNode *node)
{
  ShoalWorld *world = node->world;
  if (world->in_step)
    {
      if (!node->pending)
        g_queue_push_tail (&world->pending, node);
      node->pending = true;
      return;
    }
  world->in_step = true;
  do
    {
      node->pending = false;
      settle (node);
    }
  while ((node = g_queue_pop_head (&world->pending)));
  world->in_step = false;
}

/* ---- nodes ---- */

/* Another life draws other lots: a restarted program does not remember its random numbers. */
static ShoalMachine *
make_machine (const ShoalSimNode *node)
{
  const ShoalNodeSpec *spec = &node->spec;
  g_autofree char *name =
      node->lives > 0 ? g_strdup_printf ("%s#%u", node->name, node->lives) : g_strdup (node->name);
  if (spec->role == SHOAL_ROLE_TRACKER)
    {
      ShoalTrackerOptions options = { .seed = node->world->seed,
                                      .name = name,
                                      .upload_bytes_per_s = node->uplink.rate_bytes_per_s };
      return shoal_tracker_machine_new (&options);
    }
  ShoalPeerOptions options = {
    .self = node->addr,
    .name = name,
    .seed = node->world->seed,
    .upload_bytes_per_s = node->uplink.rate_bytes_per_s,
    .download_bytes_per_s = node->downlink.rate_bytes_per_s,
    .service = spec->service,
    .serving = spec->serving,
    .never_upload = spec->behaviour == SHOAL_BEHAVIOUR_FREE_RIDER,
    .tells_waits = spec->tells_waits,
  };
  if (spec->tracker >= 0)
    options.tracker = shoal_network_address ((unsigned)spec->tracker);
  if (spec->role == SHOAL_ROLE_SERVER)
    return shoal_server_machine_new (&options);
  return spec->role == SHOAL_ROLE_CLIENT ? shoal_client_machine_new (&options)
                                         : shoal_peer_machine_new (&options);
}

static int
world_add_node (ShoalBackend *b, const ShoalNodeSpec *spec, GError **error)
{
  ShoalWorld *world = as_world (b);
  ShoalSimNode *node = g_new0 (ShoalSimNode, 1);
  (void)error; /* memory apart, nothing can fail here */
  node->world = world;
  node->number = world->nodes->len;
  node->name = g_strdup (spec->name);
  node->role = spec->role;
  node->spec = *spec;
  node->spec.name = node->name;
  node->addr = shoal_network_address (node->number);
  node->wake_at = SHOAL_NEVER;
  shoal_link_init (&node->uplink, spec->upload_bytes_per_s);
  shoal_link_init (&node->downlink, spec->download_bytes_per_s);
  node->disk = shoal_disk_new (world->real_content);
  node->hostile = shoal_hostile_new (spec, world->seed);
  node->machine = make_machine (node);
  g_ptr_array_add (world->nodes, node);
  return (int)node->number;
}

static void
node_free (ShoalSimNode *node)
{
  shoal_network_forget (node);
  shoal_samples_clear (&node->samples);
  node->machine->ops->free (node->machine);
  g_clear_pointer (&node->hostile, shoal_hostile_free);
  shoal_disk_free (node->disk);
  g_free (node->line);
  g_free (node->name);
  g_free (node);
}

static void
world_start (ShoalBackend *b, unsigned number)
{
  ShoalSimNode *node = node_at (b, number);
  shoal_watch_command (node, &(ShoalCommandNote){ .kind = SHOAL_COMMAND_START });
  node->started = true;
  if (node->role == SHOAL_ROLE_PEER)
    shoal_peer_join (node->machine, node->world->now);
  shoal_world_after_step (node);
}

/* ---- commands ---- */

static ShoalResult
world_register_file (ShoalBackend *b, unsigned number, const ShoalSharedFile *file)
{
  ShoalSimNode *node = node_at (b, number);
  ShoalContent *content =
      as_world (b)->real_content ? shoal_shared_content_new (file) : shoal_virtual_content_new ();
  if (!content)
    return SHOAL_UNKNOWN;
  shoal_watch_command (node, &(ShoalCommandNote){ .kind = SHOAL_COMMAND_REGISTER, .file = file });
  ShoalMerkle *tree = file->tree ? shoal_merkle_ref (file->tree) : NULL;
  ShoalResult result = shoal_peer_register (node->machine, node->world->now, &file->file, content, tree);
  if (result == SHOAL_OK)
    shoal_disk_note_whole (node->disk, file);
  shoal_world_after_step (node);
  return result;
}

static ShoalContent *
make_content (void *context, const ShoalFile *file)
{
  return shoal_disk_open (((ShoalSimNode *)context)->disk, file);
}

static ShoalResult
world_download (ShoalBackend *b, unsigned number, const ShoalSharedFile *file, int holder,
                ShoalTime time_limit_ns)
{
  ShoalSimNode *node = node_at (b, number);
  ShoalAddr addr = holder >= 0 ? shoal_network_address ((unsigned)holder) : (ShoalAddr){ 0 };
  ShoalDownloadOptions options = {
    .holders = &addr,
    .holder_count = holder >= 0,
    .time_limit_ns = time_limit_ns,
    .make_content = make_content,
    .context = node,
  };
  shoal_watch_command (
      node,
      &(ShoalCommandNote){ .kind = SHOAL_COMMAND_DOWNLOAD, .file = file, .time_limit_ns = time_limit_ns });
  ShoalResult result = shoal_peer_download (node->machine, node->world->now, &file->file.fid, &options);
  shoal_world_after_step (node);
  return result;
}

static ShoalResult
world_cancel (ShoalBackend *b, unsigned number, const ShoalSharedFile *file)
{
  ShoalSimNode *node = node_at (b, number);
  shoal_watch_command (node, &(ShoalCommandNote){ .kind = SHOAL_COMMAND_CANCEL, .file = file });
  ShoalResult result = shoal_peer_cancel (node->machine, node->world->now, &file->file.fid);
  shoal_world_after_step (node);
  return result;
}

static void
world_close (ShoalBackend *b, unsigned number)
{
  ShoalSimNode *node = node_at (b, number);
  shoal_watch_command (node, &(ShoalCommandNote){ .kind = SHOAL_COMMAND_CLOSE });
  node->machine->ops->close (node->machine, node->world->now);
  shoal_world_after_step (node);
}

static void
world_set_rates (ShoalBackend *b, unsigned number, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s)
{
  ShoalSimNode *node = node_at (b, number);
  shoal_watch_command (node, &(ShoalCommandNote){ .kind = SHOAL_COMMAND_RATES,
                                                  .upload_bytes_per_s = upload_bytes_per_s,
                                                  .download_bytes_per_s = download_bytes_per_s });
  shoal_link_set_rate (&node->uplink, upload_bytes_per_s);
  shoal_link_set_rate (&node->downlink, download_bytes_per_s);
  node->machine->ops->set_rates (node->machine, node->world->now, upload_bytes_per_s, download_bytes_per_s);
  shoal_world_after_step (node);
}

/* ---- faults ---- */

static ShoalFaults *
faults_of (ShoalWorld *world)
{
  if (!world->faults)
    world->faults = shoal_faults_new (world->seed);
  return world->faults;
}

static void
world_set_network (ShoalBackend *b, const ShoalImpairments *impairments)
{
  shoal_faults_set_network (faults_of (as_world (b)), impairments);
}

static void
world_set_line (ShoalBackend *b, unsigned number, const ShoalImpairments *impairments)
{
  faults_of (as_world (b));
  shoal_faults_set_line (node_at (b, number), impairments);
}

static void
world_set_link (ShoalBackend *b, const ShoalLinkChange *link)
{
  shoal_faults_set_link (faults_of (as_world (b)), link);
}

static void
world_set_side (ShoalBackend *b, unsigned number, unsigned side)
{
  faults_of (as_world (b));
  node_at (b, number)->side = side;
}

static void
world_crash (ShoalBackend *b, unsigned number)
{
  ShoalSimNode *node = node_at (b, number);
  g_assert (!node->world->in_step);
  shoal_watch_command (node, &(ShoalCommandNote){ .kind = SHOAL_COMMAND_CRASH });
  node->silent = node->crashed = true;
  shoal_network_forget (node);
}

static void
world_restart (ShoalBackend *b, unsigned number, uint32_t kept_millionths)
{
  ShoalSimNode *node = node_at (b, number);
  g_assert (!node->world->in_step);
  shoal_watch_command (node, &(ShoalCommandNote){ .kind = SHOAL_COMMAND_RESTART });
  shoal_machine_counters_add (&node->past, &node->machine->counters);
  shoal_network_forget (node);
  node->machine->ops->free (node->machine);
  shoal_disk_survive (node->disk, kept_millionths, shoal_faults_random (faults_of (node->world)));
  shoal_link_init (&node->uplink, node->uplink.rate_bytes_per_s);
  shoal_link_init (&node->downlink, node->downlink.rate_bytes_per_s);
  node->lives++;
  node->machine = make_machine (node);
  node->wake_at = SHOAL_NEVER;
  node->silent = node->crashed = false;
  world_start (b, number);
}

/* ---- what is asked ---- */

static unsigned
world_sources (ShoalBackend *b, unsigned number, const ShoalFid *fid, const ShoalSource **sources)
{
  return shoal_peer_sources (node_at (b, number)->machine, fid, sources);
}

static int
world_node_of (ShoalBackend *b, const ShoalAddr *addr)
{
  const ShoalSimNode *node = shoal_network_find (as_world (b), addr);
  return node ? (int)node->number : -1;
}

static void
world_stats (ShoalBackend *b, unsigned number, ShoalNodeStats *out)
{
  const ShoalSimNode *node = node_at (b, number);
  *out = (ShoalNodeStats){ node->sent_bytes, node->received_bytes, node->sent_datagrams,
                           node->received_datagrams, node->machine->counters };
  shoal_machine_counters_add (&out->machine, &node->past);
}

static ShoalTime
world_now (ShoalBackend *b)
{
  return as_world (b)->now;
}

static uint64_t
world_steps (ShoalBackend *b)
{
  return as_world (b)->steps;
}

static void
world_for_each_sample (ShoalBackend *b, ShoalSampleHandler handler, void *context)
{
  ShoalWorld *world = as_world (b);
  for (unsigned i = 0; i < world->nodes->len; i++)
    {
      const ShoalSamples *samples = &((ShoalSimNode *)world->nodes->pdata[i])->samples;
      for (uint32_t k = 0; k < samples->used; k++)
        handler (context, i, k * samples->width_ns, samples->width_ns, samples->buckets[k][0],
                 samples->buckets[k][1]);
    }
}

static bool
world_trace_digest (ShoalBackend *b, char hex[65])
{
  shoal_trace_digest (as_world (b)->trace, hex);
  return true;
}

/* ---- time ---- */

static void
wake (ShoalSimNode *node)
{
  ShoalWorld *world = node->world;
  if (node->wake_at != world->now)
    return; /* a later alarm replaced this one */
  node->wake_at = SHOAL_NEVER;
  if (!node->silent && node->machine->ops->deadline (node->machine) <= world->now)
    node->machine->ops->wake (node->machine, world->now);
  shoal_world_after_step (node);
}

static void
step (ShoalWorld *world, ShoalSimEvent event)
{
  world->now = event.at;
  world->steps++;
  if (event.kind == SHOAL_SIM_ARRIVAL)
    {
      shoal_faults_arrive (world, event.node);
      return;
    }
  ShoalSimNode *node = world->nodes->pdata[event.node];
  switch ((ShoalSimEventKind)event.kind)
    {
    case SHOAL_SIM_UPLINK:
      shoal_network_uplink_done (node);
      break;
    case SHOAL_SIM_DOWNLINK:
      shoal_network_downlink_done (node);
      break;
    case SHOAL_SIM_WAKE:
      wake (node);
      break;
    case SHOAL_SIM_ARRIVAL:
      break;
    }
}

/* The next node's memory is fetched while this step is computed: with thousands of nodes a step waits
 * for memory most of the time (5 % less CPU time with 1,000 leechers). */
static void
prefetch_next (const ShoalWorld *world)
{
  const ShoalSimEvent *next = shoal_event_queue_first (&world->queue);
  if (!next || next->kind == SHOAL_SIM_ARRIVAL)
    return;
  const ShoalSimNode *node = world->nodes->pdata[next->node];
  for (int line = 0; line < 4; line++)
    __builtin_prefetch ((const char *)node->machine + 64 * line);
  __builtin_prefetch (node->waiting);
}

static bool
world_run (ShoalBackend *b, ShoalTime until)
{
  ShoalWorld *world = as_world (b);
  world->stopped = false;
  const ShoalSimEvent *first;
  while (!world->stopped && (first = shoal_event_queue_first (&world->queue)) && first->at <= until)
    {
      ShoalSimEvent event = shoal_event_queue_pop (&world->queue);
      prefetch_next (world);
      step (world, event);
      if (world->watch)
        world->watch->stepped (world->watch, world);
    }
  bool more = shoal_event_queue_first (&world->queue) != NULL;
  if (!world->stopped && until != SHOAL_NEVER)
    world->now = MAX (world->now, until);
  if (world->watch)
    world->watch->stepped (world->watch, world);
  return more;
}

static void
world_stop (ShoalBackend *b)
{
  as_world (b)->stopped = true;
}

static void
world_free (ShoalBackend *b)
{
  ShoalWorld *world = as_world (b);
  g_ptr_array_free (world->nodes, TRUE);
  g_clear_pointer (&world->faults, shoal_faults_free);
  shoal_network_clear_spare (world);
  g_queue_clear (&world->pending);
  shoal_event_queue_clear (&world->queue);
  shoal_trace_free (world->trace);
  g_free (world);
}

static const ShoalBackendOps WORLD_OPS = {
  .name = "sim",
  .add_node = world_add_node,
  .start = world_start,
  .register_file = world_register_file,
  .download = world_download,
  .cancel = world_cancel,
  .close = world_close,
  .set_rates = world_set_rates,
  .sources = world_sources,
  .node_of = world_node_of,
  .stats = world_stats,
  .now = world_now,
  .run = world_run,
  .stop = world_stop,
  .steps = world_steps,
  .for_each_sample = world_for_each_sample,
  .trace_digest = world_trace_digest,
  .free = world_free,
  .set_network = world_set_network,
  .set_line = world_set_line,
  .set_link = world_set_link,
  .set_side = world_set_side,
  .crash = world_crash,
  .restart = world_restart,
};

ShoalBackend *
shoal_world_new (const ShoalWorldOptions *options)
{
  ShoalWorld *world = g_new0 (ShoalWorld, 1);
  world->backend.ops = &WORLD_OPS;
  world->seed = options->seed;
  world->real_content = options->real_content;
  world->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)node_free);
  g_queue_init (&world->pending);
  shoal_event_queue_init (&world->queue);
  world->trace = shoal_trace_new (options->trace);
  world->watch = options->watch;
  return &world->backend;
}
