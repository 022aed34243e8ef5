#define _GNU_SOURCE
#include "real/shoal-core.h"

#include "real/shoal-notices.h"
#include "real/shoal-transport.h"
#include "real/udp.h"

#include <errno.h>
#include <sys/random.h>

struct ShoalCore {
  gatomicrefcount refs;
  const ShoalCoreOps *ops;
  gpointer data;                /* ops->free */
  ShoalNotices *notices;        /* owned */
  ShoalTransportProxy *carrier; /* owned; NULL: a UDP socket of ours */
  uint16_t port;

  GMutex lock;
  GCond changed;
  /* With the lock: */
  ShoalLoop *loop; /* owned; NULL: the end */
  GThread *thread; /* owned; NULL: joined */
  bool accepting;  /* calls from outside */
  bool closing;
  bool hurried; /* ended before all farewells were out */
  bool ended;
  uint64_t upload_bytes_per_s, download_bytes_per_s;
  ShoalNodeStatus last_status;
  char *last_trouble; /* owned */

  /* In the core's thread: */
  ShoalRealNode *node; /* owned */
  bool told_to_close;
};

/* ---- references ---- */

ShoalCore *
shoal_core_ref (ShoalCore *core)
{
  g_atomic_ref_count_inc (&core->refs);
  return core;
}

void
shoal_core_unref (ShoalCore *core)
{
  if (!g_atomic_ref_count_dec (&core->refs))
    return;
  if (core->ops->free)
    core->ops->free (core->data);
  shoal_notices_unref (core->notices);
  g_clear_pointer (&core->carrier, shoal_transport_proxy_free);
  g_clear_pointer (&core->node, shoal_real_node_free);
  g_clear_pointer (&core->loop, shoal_loop_free);
  g_clear_pointer (&core->thread, g_thread_unref);
  g_free (core->last_trouble);
  g_mutex_clear (&core->lock);
  g_cond_clear (&core->changed);
  g_free (core);
}

gpointer
shoal_core_data (const ShoalCore *core)
{
  return core->data;
}

void
shoal_core_lock (ShoalCore *core)
{
  g_mutex_lock (&core->lock);
}

void
shoal_core_unlock (ShoalCore *core)
{
  g_mutex_unlock (&core->lock);
}

void
shoal_core_wait (ShoalCore *core)
{
  g_cond_wait (&core->changed, &core->lock);
}

void
shoal_core_wake_all (ShoalCore *core)
{
  g_cond_broadcast (&core->changed);
}

void
shoal_core_wait_for_end (ShoalCore *core)
{
  g_mutex_lock (&core->lock);
  while (!core->ended)
    g_cond_wait (&core->changed, &core->lock);
  g_mutex_unlock (&core->lock);
}

/* ---- calls into the thread ---- */

bool
shoal_core_post (ShoalCore *core, void (*call) (void *data), gpointer data)
{
  g_mutex_lock (&core->lock);
  bool accepting = core->accepting;
  if (accepting)
    shoal_loop_post (core->loop, call, data);
  g_mutex_unlock (&core->lock);
  return accepting;
}

typedef struct {
  ShoalCore *core;
  void (*call) (ShoalCore *core, gpointer data);
  gpointer data;
  bool done;
} Call;

static void
run_call (void *data)
{
  Call *call = data;
  ShoalCore *core = call->core;
  call->call (core, call->data);
  g_mutex_lock (&core->lock);
  call->done = true;
  g_cond_broadcast (&core->changed);
  g_mutex_unlock (&core->lock);
}

bool
shoal_core_call (ShoalCore *core, void (*function) (ShoalCore *core, gpointer data), gpointer data)
{
  Call call = { .core = core, .call = function, .data = data };
  if (!shoal_core_post (core, run_call, &call))
    return false;
  g_mutex_lock (&core->lock);
  while (!call.done) /* what was accepted is called */
    g_cond_wait (&core->changed, &core->lock);
  g_mutex_unlock (&core->lock);
  return true;
}

ShoalTime
shoal_core_now (const ShoalCore *core)
{
  return shoal_loop_now (core->loop);
}

ShoalMachine *
shoal_core_machine (const ShoalCore *core)
{
  return shoal_real_node_machine (core->node);
}

void
shoal_core_settle (ShoalCore *core)
{
  shoal_real_node_settle (core->node);
}

/* ---- the end ---- */

static void
stop (void *data)
{
  shoal_loop_stop (((ShoalCore *)data)->loop);
}

/* No call is accepted from now on; those that were are called before the loop
 * stops. */
static void
end_soon (ShoalCore *core, bool hurried)
{
  g_mutex_lock (&core->lock);
  if (core->accepting)
    {
      core->accepting = false;
      core->hurried = hurried;
      shoal_loop_post (core->loop, stop, core);
    }
  g_mutex_unlock (&core->lock);
}

static void
begin_close (void *data)
{
  ShoalCore *core = data;
  if (core->told_to_close)
    return;
  core->told_to_close = true;
  ShoalMachine *machine = shoal_core_machine (core);
  machine->ops->close (machine, shoal_core_now (core));
  if (core->ops->closing)
    core->ops->closing (core);
  shoal_core_settle (core);
}

/* Without waiting for farewells. */
static void
end_now (void *data)
{
  begin_close (data);
  end_soon (data, true);
}

static void
post_close (ShoalCore *core, void (*call) (void *data))
{
  g_mutex_lock (&core->lock);
  core->closing = true;
  if (core->accepting)
    shoal_loop_post (core->loop, call, core);
  g_mutex_unlock (&core->lock);
}

static void
on_hurry (GCancellable *cancellable, gpointer data)
{
  (void)cancellable;
  post_close (data, end_now);
}

bool
shoal_core_close (ShoalCore *core, GCancellable *cancellable, GError **error)
{
  gulong id = 0;
  post_close (core, begin_close);
  if (cancellable)
    id = g_cancellable_connect (cancellable, G_CALLBACK (on_hurry), core, NULL);
  g_mutex_lock (&core->lock);
  while (!core->ended)
    g_cond_wait (&core->changed, &core->lock);
  GThread *thread = g_steal_pointer (&core->thread);
  bool hurried = core->hurried;
  g_mutex_unlock (&core->lock);
  if (thread)
    g_thread_join (thread);
  g_cancellable_disconnect (cancellable, id);
  return !hurried || !g_cancellable_set_error_if_cancelled (cancellable, error);
}

bool
shoal_core_is_closing (ShoalCore *core)
{
  g_mutex_lock (&core->lock);
  bool closing = core->closing;
  g_mutex_unlock (&core->lock);
  return closing;
}

void
shoal_core_leave (ShoalCore *core)
{
  post_close (core, begin_close);
}

/* ---- rates ---- */

void
shoal_core_rates (ShoalCore *core, uint64_t *upload_bytes_per_s, uint64_t *download_bytes_per_s)
{
  g_mutex_lock (&core->lock);
  *upload_bytes_per_s = core->upload_bytes_per_s;
  *download_bytes_per_s = core->download_bytes_per_s;
  g_mutex_unlock (&core->lock);
}

static void
apply_rates (void *data)
{
  ShoalCore *core = data;
  uint64_t up, down;
  shoal_core_rates (core, &up, &down);
  shoal_real_node_set_rates (core->node, up, down);
}

static bool
set_rate (ShoalCore *core, uint64_t *rate, uint64_t bytes_per_s)
{
  g_mutex_lock (&core->lock);
  bool changed = *rate != bytes_per_s;
  *rate = bytes_per_s;
  if (changed && core->accepting)
    shoal_loop_post (core->loop, apply_rates, core);
  g_mutex_unlock (&core->lock);
  return changed;
}

/* ---- what the proxy and the node tell ---- */

static void
on_carrier_closed (gpointer data)
{
  post_close (data, end_now);
}

static void
on_carrier_rates (gpointer data, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s)
{
  ShoalCore *core = data;
  set_rate (core, &core->upload_bytes_per_s, upload_bytes_per_s);
  set_rate (core, &core->download_bytes_per_s, download_bytes_per_s);
}

static void
on_event (void *context, ShoalTime now, ShoalRealNode *node, const ShoalEvent *event)
{
  ShoalCore *core = context;
  (void)node;
  if (core->ops->on_event)
    core->ops->on_event (core, now, event);
  if (event->kind == SHOAL_EVENT_CLOSED)
    end_soon (core, false);
}

/* ---- the thread ---- */

static ShoalNodeStatus
read_status (const ShoalCore *core)
{
  ShoalRealNodeStats s;
  shoal_real_node_stats (core->node, &s);
  return (ShoalNodeStatus){
    .sent_bytes = s.sent_bytes,
    .received_bytes = s.received_bytes,
    .sent_datagrams = s.sent_datagrams,
    .received_datagrams = s.received_datagrams,
    .dropped_datagrams = s.dropped_datagrams,
    .send_errors = s.send_errors,
    .malformed_datagrams = s.machine.malformed_datagrams,
    .unknown_datagrams = s.machine.unknown_datagrams,
    .payload_sent_bytes = s.machine.payload_sent_bytes,
    .payload_received_bytes = s.machine.payload_received_bytes,
    .duplicate_bytes = s.machine.duplicate_bytes,
    .blocks_verified = s.machine.blocks_verified,
    .blocks_bad = s.machine.blocks_bad,
  };
}

static void
look_once_more (ShoalCore *core)
{
  g_mutex_lock (&core->lock);
  core->last_status = read_status (core);
  core->last_trouble = g_strdup (shoal_real_node_trouble (core->node));
  g_mutex_unlock (&core->lock);
  if (core->ops->leave)
    core->ops->leave (core);
}

static void
free_node (ShoalCore *core)
{
  if (core->carrier)
    shoal_transport_proxy_close (core->carrier); /* its threads come back sooner */
  g_clear_pointer (&core->node, shoal_real_node_free);
}

static gpointer
run (gpointer data)
{
  ShoalCore *core = data;
  shoal_loop_run (core->loop, SHOAL_NEVER);
  look_once_more (core);
  free_node (core);
  g_mutex_lock (&core->lock);
  g_clear_pointer (&core->loop, shoal_loop_free);
  core->closing = core->ended = true;
  g_cond_broadcast (&core->changed);
  g_mutex_unlock (&core->lock);
  shoal_core_unref (core);
  return NULL;
}

static bool
start_thread (ShoalCore *core, GError **error)
{
  core->thread = g_thread_try_new ("shoal", run, shoal_core_ref (core), error);
  if (!core->thread)
    shoal_core_unref (core);
  return core->thread != NULL;
}

static bool
make_node (ShoalCore *core, const ShoalCoreOptions *options, GError **error)
{
  ShoalRealNodeOptions node = { .udp = options->udp,
                                .upload_bytes_per_s = options->upload_bytes_per_s,
                                .download_bytes_per_s = options->download_bytes_per_s,
                                .on_event = on_event,
                                .context = core };
  ShoalTransport transport;
  if (!options->udp)
    {
      const ShoalTransportProxyOptions carrier = {
        .proxy = options->proxy, .on_closed = on_carrier_closed, .on_rates = on_carrier_rates, .data = core
      };
      core->carrier = shoal_transport_proxy_new (&carrier);
      transport = shoal_transport_proxy_transport (core->carrier);
      node.transport = &transport;
    }
  core->node = shoal_real_node_new (core->loop, &node, error);
  return core->node != NULL;
}

static void
start_node (ShoalCore *core, const ShoalCoreOptions *options)
{
  ShoalAddr self = shoal_real_node_address (core->node);
  if (!options->udp)
    self.port = shoal_proxy_get_port (options->proxy);
  core->port = self.port;
  shoal_real_node_start (core->node, core->ops->make_machine (core, &self));
  shoal_core_settle (core);
}

static ShoalCore *
core_new (const ShoalCoreOptions *options)
{
  ShoalCore *core = g_new0 (ShoalCore, 1);
  g_atomic_ref_count_init (&core->refs);
  core->ops = options->ops;
  core->data = options->data;
  core->notices = shoal_notices_new (options->object);
  core->upload_bytes_per_s = options->upload_bytes_per_s;
  core->download_bytes_per_s = options->download_bytes_per_s;
  g_mutex_init (&core->lock);
  g_cond_init (&core->changed);
  return core;
}

ShoalCore *
shoal_core_new (const ShoalCoreOptions *options, GError **error)
{
  ShoalCore *core = core_new (options);
  core->loop = shoal_loop_new (error);
  if (!core->loop && options->udp)
    shoal_udp_free (options->udp);
  core->accepting = core->loop != NULL;
  if (core->loop && make_node (core, options, error))
    {
      start_node (core, options);
      if (start_thread (core, error))
        return core;
    }
  shoal_core_unref (core);
  return NULL;
}

/* ---- rates, counters ---- */

bool
shoal_core_set_upload_rate (ShoalCore *core, uint64_t bytes_per_s)
{
  bool changed = set_rate (core, &core->upload_bytes_per_s, bytes_per_s);
  if (changed && core->carrier)
    shoal_transport_proxy_set_upload_rate (core->carrier, bytes_per_s);
  return changed;
}

bool
shoal_core_set_download_rate (ShoalCore *core, uint64_t bytes_per_s)
{
  bool changed = set_rate (core, &core->download_bytes_per_s, bytes_per_s);
  if (changed && core->carrier)
    shoal_transport_proxy_set_download_rate (core->carrier, bytes_per_s);
  return changed;
}

uint16_t
shoal_core_port (const ShoalCore *core)
{
  return core->port;
}

static void
ask_status (ShoalCore *core, gpointer data)
{
  *(ShoalNodeStatus *)data = read_status (core);
}

ShoalNodeStatus
shoal_core_status (ShoalCore *core)
{
  ShoalNodeStatus status;
  if (shoal_core_call (core, ask_status, &status))
    return status;
  shoal_core_wait_for_end (core);
  g_mutex_lock (&core->lock);
  status = core->last_status;
  g_mutex_unlock (&core->lock);
  return status;
}

static void
ask_trouble (ShoalCore *core, gpointer data)
{
  *(char **)data = g_strdup (shoal_real_node_trouble (core->node));
}

char *
shoal_core_trouble (ShoalCore *core)
{
  char *trouble;
  if (shoal_core_call (core, ask_trouble, &trouble))
    return trouble;
  g_mutex_lock (&core->lock);
  trouble = g_strdup (core->last_trouble);
  g_mutex_unlock (&core->lock);
  return trouble;
}

void
shoal_core_notify (ShoalCore *core, const ShoalNotice *notice)
{
  shoal_notices_add (core->notices, notice);
}

/* ---- chance ---- */

static void
random_bytes (void *into, size_t length)
{
  uint8_t *at = into;
  while (length > 0)
    {
      ssize_t got = getrandom (at, length, 0);
      if (got < 0 && errno != EINTR)
        g_error ("no random bytes from the system: %s", g_strerror (errno));
      at += MAX (got, 0);
      length -= (size_t)MAX (got, 0);
    }
}

uint64_t
shoal_core_seed (void)
{
  uint64_t seed;
  random_bytes (&seed, sizeof seed);
  return seed;
}

char *
shoal_core_random_name (void)
{
  uint64_t parts[2];
  random_bytes (parts, sizeof parts);
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", parts[0], parts[1]);
}
