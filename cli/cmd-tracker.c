/* `shoal tracker`: tells who wants a file of who has it, until it is stopped. */
#include "cli/amount.h"
#include "cli/node-words.h"
#include "cli/serving.h"

static const char summary[] = "Tells those who want a file of those who have it.";

static const char description[] =
    "It keeps addresses only, never content, and serves until it is stopped (Ctrl-C). It speaks the UDP "
    "tracker\n"
    "protocol of BitTorrent (BEP 15), so other programs can use it, too. Few and small messages: 10 kB/s "
    "are\n"
    "enough for some hundred peers.\n"
    "\n"
    "Examples:\n"
    "  shoal tracker                                 at port 6969, where share and get look for it\n"
    "  shoal tracker --port 7000 --upload '10 kB/s'\n"
    "  shoal share big.iso --tracker host:7000       on another host\n"
    "\n"
    "Exit status: 0 stopped, 1 failed, 2 wrong usage. docs/sharing.md tells of the fields of --json.\n";

typedef struct {
  ShoalServing *serving;
  ShoalTracker *tracker;
} Plan;

static char *
describe (void *context)
{
  const Plan *plan = context;
  g_autoptr (ShoalTrackerStatus) status = shoal_tracker_get_tracker_status (plan->tracker);
  g_autofree char *in = shoal_amount_rate (shoal_serving_receiving (plan->serving));
  g_autofree char *out = shoal_amount_rate (shoal_serving_sending (plan->serving));
  return g_strdup_printf ("%u %s, %u %s, %" G_GUINT64_FORMAT " announces; %s in, %s out", status->swarms,
                          status->swarms == 1 ? "file" : "files", status->peers,
                          status->peers == 1 ? "peer" : "peers", status->announces, in, out);
}

static void
add_status (void *context, JsonBuilder *b)
{
  const Plan *plan = context;
  g_autoptr (ShoalTrackerStatus) status = shoal_tracker_get_tracker_status (plan->tracker);
  shoal_json_add_count (b, "swarms", status->swarms);
  shoal_json_add_count (b, "peers", status->peers);
  shoal_json_add_count (b, "connects", status->connects);
  shoal_json_add_count (b, "announces", status->announces);
  shoal_json_add_count (b, "scrapes", status->scrapes);
  shoal_json_add_count (b, "errors", status->errors);
}

static int
serve (Plan *plan, const ShoalNodeSetup *setup)
{
  g_autoptr (GError) error = NULL;
  plan->tracker = g_initable_new (SHOAL_TYPE_TRACKER, NULL, &error, "port", setup->port, "bind-address",
                                  setup->bind, "upload-rate", setup->upload_bytes_per_s, "download-rate",
                                  setup->download_bytes_per_s, NULL);
  if (plan->tracker == NULL)
    return shoal_serving_fail (plan->serving, NULL, error);
  unsigned port = shoal_node_get_port (SHOAL_NODE (plan->tracker));
  JsonBuilder *event = shoal_serving_event ("started");
  shoal_json_add_count (event, "port", port);
  shoal_serving_emit (plan->serving, event);
  shoal_serving_print (plan->serving, "tracker at port %u\n", port);
  shoal_serving_say (plan->serving, "others reach it with --tracker HOST:%u; Ctrl-C stops it", port);
  shoal_serving_set_node (plan->serving, plan->tracker);
  return shoal_serving_run (plan->serving);
}

ShoalExit
shoal_command_tracker (int argc, char **argv)
{
  ShoalNodeWords words = { 0 };
  const GOptionEntry entries[] = { SHOAL_NODE_ENTRIES (words), { NULL, 0, 0, 0, NULL, NULL, NULL } };
  ShoalNodeSetup setup;
  Plan plan = { 0 };
  ShoalExit status = SHOAL_EXIT_USAGE;
  if (!shoal_parse_options ("tracker", NULL, summary, description, entries, &argc, &argv, &status))
    ;
  else if (argc > 1)
    status = shoal_complain_usage ("tracker", "'%s' is not expected here", argv[1]);
  else if (!shoal_node_words_read (&words, "tracker", SHOAL_TRACKER_PORT, &setup))
    status = SHOAL_EXIT_USAGE;
  else
    {
      const ShoalServingOptions options = { .command = "tracker",
                                            .is_json = words.json,
                                            .is_quiet = words.is_quiet,
                                            .describe = describe,
                                            .add_status = add_status,
                                            .context = &plan };
      plan.serving = shoal_serving_new (&options);
      status = (ShoalExit)serve (&plan, &setup);
      shoal_serving_free (plan.serving);
      g_clear_object (&plan.tracker);
    }
  shoal_node_words_clear (&words);
  return status;
}
