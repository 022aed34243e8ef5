#include "real/shoal-tracker.h"

#include "real/shoal-node-private.h"
#include "src/tracker.h"

struct _ShoalTracker {
  ShoalNode parent_instance;
};

G_DEFINE_FINAL_TYPE (ShoalTracker, shoal_tracker, SHOAL_TYPE_NODE)

/* The core's data. */
typedef struct {
  ShoalTrackerCounters last; /* of its end; with the core's lock */
} TrackerData;

static ShoalMachine *
make_machine (ShoalCore *core, const ShoalAddr *self)
{
  g_autofree char *name = shoal_core_random_name ();
  ShoalTrackerOptions options = { .seed = shoal_core_seed (), .name = name };
  uint64_t down;
  (void)self;
  shoal_core_rates (core, &options.upload_bytes_per_s, &down);
  return shoal_tracker_machine_new (&options);
}

static void
take_last_look (ShoalCore *core)
{
  TrackerData *data = shoal_core_data (core);
  shoal_core_lock (core);
  data->last = shoal_tracker_machine_counters (shoal_core_machine (core));
  shoal_core_unlock (core);
}

static const ShoalCoreOps TRACKER_OPS = { .make_machine = make_machine,
                                          .leave = take_last_look,
                                          .free = g_free };

static bool
prepare (ShoalNode *node, ShoalCoreOptions *options, GCancellable *cancellable, GError **error)
{
  (void)node, (void)cancellable, (void)error;
  options->ops = &TRACKER_OPS;
  options->data = g_new0 (TrackerData, 1);
  return true;
}

static const ShoalNodeRole TRACKER_ROLE = { .prepare = prepare };

ShoalTracker *
shoal_tracker_new (guint16 port, guint64 upload_rate, guint64 download_rate, GError **error)
{
  return g_initable_new (SHOAL_TYPE_TRACKER, NULL, error, "port", port, "upload-rate", upload_rate,
                         "download-rate", download_rate, NULL);
}

static void
ask_counters (ShoalCore *core, gpointer data)
{
  *(ShoalTrackerCounters *)data = shoal_tracker_machine_counters (shoal_core_machine (core));
}

ShoalTrackerStatus *
shoal_tracker_get_tracker_status (ShoalTracker *tracker)
{
  ShoalTrackerCounters c = { 0 };
  g_return_val_if_fail (SHOAL_IS_TRACKER (tracker), NULL);
  ShoalCore *core = shoal_node_core (SHOAL_NODE (tracker));
  if (core && !shoal_core_call (core, ask_counters, &c))
    {
      shoal_core_wait_for_end (core);
      c = ((TrackerData *)shoal_core_data (core))->last;
    }
  const ShoalTrackerStatus status = { .swarms = c.swarms,
                                      .peers = c.peers,
                                      .connects = c.connects,
                                      .announces = c.announces,
                                      .scrapes = c.scrapes,
                                      .errors = c.errors };
  return shoal_tracker_status_copy (&status);
}

static void
shoal_tracker_class_init (ShoalTrackerClass *class)
{
  SHOAL_NODE_CLASS (class)->role = &TRACKER_ROLE;
}

static void
shoal_tracker_init (ShoalTracker *tracker)
{
  (void)tracker;
}
