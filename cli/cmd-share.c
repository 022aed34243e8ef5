/* `shoal share`: offers files until it is stopped. */
#include "cli/amount.h"
#include "cli/peer-command.h"
#include "real/file-io.h"

#include <unistd.h>

static const char summary[] = "Offers files to others until it is stopped.";

static const char description[] = "Each FILE is read once, to hash it; then its fid and a magnet link are "
                                  "printed, one of which others need:\n"
                                  "\n"
                                  "  shoal share big.iso                           here\n"
                                  "  shoal get 'magnet:?xt=urn:btmh:1220…'         there\n"
                                  "\n"
                                  "The files stay where they are. What is changed in them meanwhile is "
                                  "noticed and not sent. Ctrl-C stops.\n"
                                  "\n"
                                  "The tracker is the one that --tracker names, else the environment "
                                  "variable SHOAL_TRACKER, else this host's\n"
                                  "(127.0.0.1:6969).\n"
                                  "\n"
                                  "Examples:\n"
                                  "  shoal tracker & shoal share big.iso           all on one machine\n"
                                  "  shoal share *.iso --tracker host:6969 --upload '10 MB/s'\n"
                                  "  shoal share big.iso --json | jq -r 'select(.event == \"shared\").fid'\n"
                                  "\n"
                                  "Exit status: 0 stopped, 1 a file could not be read or shared, 2 wrong "
                                  "usage. docs/sharing.md tells of the\n"
                                  "fields of --json.\n";

typedef struct {
  ShoalNodeWords words;
  ShoalServing *serving;
  ShoalClient *client;
  GPtrArray *paths; /* of char *, borrowed; each once */
  unsigned next;
  char *tracker;                    /* owned */
  uint64_t hashed_bytes, all_bytes; /* of the one that is being read */
  uint64_t shared_bytes;
  bool told_silence;
} Plan;

static const char *
path_at (const Plan *plan, unsigned i)
{
  return plan->paths->pdata[i];
}

static char *
describe_hashing (const Plan *plan)
{
  g_autofree char *name = g_filename_display_basename (path_at (plan, plan->next));
  g_autofree char *size = shoal_amount_size (plan->all_bytes);
  double share = plan->all_bytes > 0 ? 100.0 * (double)plan->hashed_bytes / (double)plan->all_bytes : 0;
  return g_strdup_printf ("reading %s: %.0f %% of %s", name, share, size);
}

static char *
describe (void *context)
{
  const Plan *plan = context;
  if (plan->next < plan->paths->len)
    return describe_hashing (plan);
  unsigned neighbours = 0;
  g_autoptr (GPtrArray) files = shoal_client_list_files (plan->client);
  for (unsigned i = 0; i < files->len; i++)
    neighbours += ((const ShoalFileStatus *)files->pdata[i])->neighbours;
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (SHOAL_NODE (plan->client));
  g_autofree char *rate = shoal_amount_rate (shoal_serving_sending (plan->serving));
  g_autofree char *sent = shoal_amount_size (status->payload_sent_bytes);
  return g_strdup_printf ("sharing %u %s with %u %s, sending %s, %s sent", files->len,
                          files->len == 1 ? "file" : "files", neighbours, neighbours == 1 ? "peer" : "peers",
                          rate, sent);
}

static void
add_status (void *context, JsonBuilder *b)
{
  const Plan *plan = context;
  shoal_peer_command_add_status (b, plan->client, plan->tracker);
}

static void
on_tick (void *context)
{
  Plan *plan = context;
  shoal_peer_command_watch (plan->serving, plan->client, plan->tracker, &plan->told_silence);
}

static void
on_hashing (ShoalClient *client, const char *path, guint64 done_bytes, guint64 all_bytes, Plan *plan)
{
  (void)client, (void)path;
  plan->hashed_bytes = done_bytes;
  plan->all_bytes = all_bytes;
}

/* ---- one after the other ---- */

static void share_next (Plan *plan);

static void
tell_shared (Plan *plan, const char *path, const char *fid)
{
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (plan->client, fid, NULL);
  g_autofree char *magnet = shoal_client_dup_magnet (plan->client, fid, NULL);
  JsonBuilder *event = shoal_serving_event ("shared");
  if (file != NULL)
    {
      plan->shared_bytes += file->size_bytes;
      shoal_serving_add_file (event, file);
    }
  shoal_json_add_text (event, "magnet", magnet);
  shoal_serving_emit (plan->serving, event);
  g_autofree char *name =
      shoal_printable (path, true); /* for programs, too: no name makes a line of its own */
  shoal_serving_print (plan->serving, "%s  %s\n%s\n", fid, name, magnet != NULL ? magnet : "");
}

static void
on_registered (GObject *client, GAsyncResult *result, gpointer data)
{
  Plan *plan = data;
  shoal_serving_leave (plan->serving);
  g_autoptr (GError) error = NULL;
  g_autofree char *fid = shoal_client_register_finish (SHOAL_CLIENT (client), result, &error);
  if (shoal_serving_is_ending (plan->serving))
    return;
  if (fid == NULL)
    {
      shoal_serving_end (plan->serving,
                         shoal_serving_fail (plan->serving, path_at (plan, plan->next), error));
      return;
    }
  tell_shared (plan, path_at (plan, plan->next), fid);
  plan->next++;
  share_next (plan);
}

static void
share_next (Plan *plan)
{
  if (plan->next < plan->paths->len)
    {
      plan->hashed_bytes = plan->all_bytes = 0;
      shoal_serving_enter (plan->serving);
      shoal_client_register_async (plan->client, path_at (plan, plan->next),
                                   shoal_serving_cancellable (plan->serving), on_registered, plan);
      return;
    }
  g_autofree char *size = shoal_amount_size (plan->shared_bytes);
  shoal_serving_set_pending (plan->serving, false);
  shoal_serving_say (plan->serving, "sharing %u %s (%s) at port %u, tracker %s; Ctrl-C stops",
                     plan->paths->len, plan->paths->len == 1 ? "file" : "files", size,
                     shoal_node_get_port (SHOAL_NODE (plan->client)), plan->tracker);
  if (g_str_has_prefix (plan->tracker, "127.") || g_str_has_prefix (plan->tracker, "localhost:"))
    shoal_serving_say (
        plan->serving,
        "others than this host can take part when the tracker is named by an address that they "
        "can reach");
}

/* ---- beginning ---- */

/* A slip in the last name is told before the first file is read. */
static bool
all_readable (Plan *plan)
{
  for (unsigned i = 0; i < plan->paths->len; i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = shoal_file_open (path_at (plan, i), &error);
      if (fd < 0)
        {
          shoal_serving_fail (plan->serving, path_at (plan, i), error);
          return false;
        }
      close (fd);
    }
  return true;
}

static int
serve (Plan *plan, const ShoalNodeSetup *setup)
{
  int status = SHOAL_EXIT_FAILED;
  if (!all_readable (plan))
    return status;
  plan->client = shoal_peer_command_client (plan->serving, setup, plan->tracker, &status);
  if (plan->client == NULL)
    return status;
  g_signal_connect (plan->client, "hashing", G_CALLBACK (on_hashing), plan);
  shoal_serving_set_pending (plan->serving, true);
  share_next (plan);
  return shoal_serving_run (plan->serving);
}

/* Without those that were named before, "./a" for "a" too. */
static GPtrArray *
distinct_paths (char **paths)
{
  GPtrArray *distinct = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (; *paths != NULL; paths++)
    if (g_hash_table_add (seen, g_canonicalize_filename (*paths, NULL)))
      g_ptr_array_add (distinct, *paths);
  return distinct;
}

static int
run (Plan *plan, int argc, char **argv)
{
  const ShoalServingOptions options = { .command = "share",
                                        .is_json = plan->words.json,
                                        .is_quiet = plan->words.is_quiet,
                                        .describe = describe,
                                        .on_tick = on_tick,
                                        .add_status = add_status,
                                        .context = plan };
  ShoalNodeSetup setup;
  if (argc < 2)
    return shoal_complain_usage ("share", "name the files to share, as in 'shoal share big.iso'");
  if (!shoal_node_words_read (&plan->words, "share", 0, &setup))
    return SHOAL_EXIT_USAGE;
  plan->paths = distinct_paths (argv + 1);
  plan->tracker = shoal_node_words_tracker (&plan->words, NULL);
  plan->serving = shoal_serving_new (&options);
  int status = serve (plan, &setup);
  shoal_serving_free (plan->serving);
  g_clear_object (&plan->client);
  g_free (plan->tracker);
  g_ptr_array_unref (plan->paths);
  return status;
}

ShoalExit
shoal_command_share (int argc, char **argv)
{
  Plan plan = { 0 };
  const GOptionEntry entries[] = { SHOAL_TRACKER_ENTRY (plan.words),
                                   SHOAL_STRATEGY_ENTRY (plan.words),
                                   SHOAL_NODE_ENTRIES (plan.words),
                                   { NULL, 0, 0, 0, NULL, NULL, NULL } };
  ShoalExit status;
  if (shoal_parse_options ("share", "FILE…", summary, description, entries, &argc, &argv, &status))
    status = (ShoalExit)run (&plan, argc, argv);
  shoal_node_words_clear (&plan.words);
  return status;
}
