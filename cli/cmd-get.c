/* `shoal get`: fetches a file, and may share it on. */
#include "cli/amount.h"
#include "cli/peer-command.h"
#include "cli/rate.h"
#include "real/file-scan.h"
#include "scenarios/units.h"

#include <stdio.h>
#include <unistd.h>

static const char summary[] = "Gets a file from those who have it.";

static const char description[] =
    "FID is what `shoal share` printed: 64 hex digits, or the magnet link (in quotes: it has letters that "
    "the\n"
    "shell would take for its own). Every block is checked before it is used.\n"
    "\n"
    "What has come is kept in FILE.part until all is there; the same command again goes on from that. A "
    "file\n"
    "that exists is left alone: when it is the one that is wanted, nothing is fetched, else that is an "
    "error,\n"
    "unless --force is given; then what is right in it is used, and it is replaced at the end.\n"
    "\n"
    "The tracker is the one that --tracker names, else the magnet link's, else the environment variable\n"
    "SHOAL_TRACKER, else this host's (127.0.0.1:6969).\n"
    "\n"
    "Examples:\n"
    "  shoal get 5f0c…e1 -o big.iso                  64 digits, in full\n"
    "  shoal get 'magnet:?xt=urn:btmh:1220…'         into this folder, by its own name\n"
    "  shoal get 5f0c…e1 --seed --upload '1 MB/s'    and share it on until Ctrl-C\n"
    "  shoal get 5f0c…e1 -o - | tar x                through the memory, so not for huge ones\n"
    "\n"
    "Exit status: 0 the file is there, 1 failed, 2 wrong usage, 130 interrupted (what came is kept).\n"
    "docs/sharing.md tells of the fields of --json.\n";

/* As typed; NULL: not given. Owned. */
typedef struct {
  ShoalNodeWords node;
  char *output, *seed_time, *timeout;
  gboolean force, seed;
} Words;

typedef struct {
  Words words;
  ShoalServing *serving;
  ShoalClient *client;
  const char *wanted; /* as typed */
  ShoalFid fid;
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  char *tracker; /* owned */
  char *place;   /* owned; file or folder; NULL: stdout */
  bool is_folder, is_done;
  bool is_checking;     /* what stands at its place */
  gint checked_percent; /* atomic */
  uint64_t there_bytes; /* of that, when it is what is wanted */
  bool told_silence, told_info;
  ShoalTime timeout_ns, seed_ns; /* 0: without limit */
  ShoalRate held;
} Plan;

/* ---- telling ---- */

static char *
describe_download (const Plan *plan, const ShoalFileStatus *file)
{
  double rate = shoal_rate_per_s (&plan->held);
  uint64_t left_bytes = file->size_bytes - file->held_bytes;
  double share = file->size_bytes > 0 ? 100.0 * (double)file->held_bytes / (double)file->size_bytes : 100;
  g_autofree char *size = shoal_amount_size (file->size_bytes), *speed = shoal_amount_rate (rate);
  g_autofree char *left = rate > 0 ? shoal_amount_time ((double)left_bytes / rate) : NULL;
  return g_strdup_printf ("%s: %.1f %% of %s, %s, %s%s%u %s", file->name, share, size, speed,
                          left != NULL ? left : "", left != NULL ? " left, " : "", file->neighbours,
                          file->neighbours == 1 ? "peer" : "peers");
}

static char *
describe (void *context)
{
  const Plan *plan = context;
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (plan->client, plan->hex, NULL);
  if (plan->is_checking)
    return g_strdup_printf ("reading %s, which is there already: %d %%", plan->place,
                            g_atomic_int_get (&plan->checked_percent));
  if (file == NULL)
    return NULL;
  if (file->state == SHOAL_FILE_STATE_SEARCHING)
    return g_strdup_printf ("looking for somebody who has it: %u %s so far", file->neighbours,
                            file->neighbours == 1 ? "peer" : "peers");
  if (file->state == SHOAL_FILE_STATE_DOWNLOADING)
    return describe_download (plan, file);
  if (!plan->is_done)
    return g_strdup_printf ("%s: writing it to the disk", file->name);
  g_autofree char *rate = shoal_amount_rate (shoal_serving_sending (plan->serving));
  return g_strdup_printf ("sharing %s with %u %s, sending %s", file->name, file->neighbours,
                          file->neighbours == 1 ? "peer" : "peers", rate);
}

static void
add_status (void *context, JsonBuilder *b)
{
  const Plan *plan = context;
  shoal_peer_command_add_status (b, plan->client, plan->tracker);
  shoal_json_add_real (b, "held_bytes_per_s", shoal_rate_per_s (&plan->held));
}

static void
tell_info (Plan *plan, const ShoalFileStatus *file)
{
  plan->told_info = true;
  JsonBuilder *event = shoal_serving_event ("info");
  shoal_serving_add_file (event, file);
  shoal_serving_emit (plan->serving, event);
}

static void
on_tick (void *context)
{
  Plan *plan = context;
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (plan->client, plan->hex, NULL);
  shoal_peer_command_watch (plan->serving, plan->client, plan->tracker, &plan->told_silence);
  if (file == NULL || file->state == SHOAL_FILE_STATE_SEARCHING)
    return;
  if (!plan->told_info)
    tell_info (plan, file);
  shoal_rate_note (&plan->held, file->held_bytes);
}

/* The name may be a stranger's choice: on a terminal it is one line. Programs get it as it is. */
static void
tell_path (const Plan *plan, const char *path)
{
  g_autofree char *printable = isatty (STDOUT_FILENO) ? shoal_printable (path, true) : NULL;
  shoal_serving_print (plan->serving, "%s\n", printable != NULL ? printable : path);
}

static void
tell_done (Plan *plan, const char *path)
{
  g_autoptr (ShoalFileStatus) file = shoal_client_get_file (plan->client, plan->hex, NULL);
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (SHOAL_NODE (plan->client));
  double seconds = shoal_serving_seconds (plan->serving);
  uint64_t size_bytes = file != NULL ? file->size_bytes : plan->there_bytes;
  uint64_t got_bytes = status->payload_received_bytes;
  g_autofree char *size = shoal_amount_size (size_bytes), *got = shoal_amount_size (got_bytes);
  g_autofree char *time = shoal_amount_time (seconds);
  if (file != NULL && !plan->told_info)
    tell_info (plan, file);
  JsonBuilder *event = shoal_serving_event ("done");
  shoal_json_add_text (event, "fid", plan->hex);
  shoal_json_add_text (event, "path", path);
  shoal_json_add_count (event, "size_bytes", size_bytes);
  shoal_json_add_count (event, "fetched_bytes", got_bytes);
  shoal_json_add_real (event, "seconds", seconds);
  shoal_serving_emit (plan->serving, event);
  if (path != NULL)
    tell_path (plan, path);
  shoal_serving_say (plan->serving, "done: %s, of which %s came over the network, in %s", size, got, time);
}

/* ---- afterwards ---- */

/* 0 stays 0, and nothing else becomes that. */
static guint
milliseconds (ShoalTime ns)
{
  return ns > 0 ? (guint)CLAMP (ns / SHOAL_MS, 1, G_MAXUINT) : 0;
}

static gboolean
on_seeded (gpointer data)
{
  shoal_serving_end (data, SHOAL_EXIT_DONE);
  return G_SOURCE_REMOVE;
}

static void
go_on (Plan *plan)
{
  plan->is_done = true;
  shoal_serving_set_pending (plan->serving, false);
  if (!plan->words.seed && plan->seed_ns == 0)
    shoal_serving_end (plan->serving, SHOAL_EXIT_DONE);
  else if (plan->seed_ns > 0)
    g_timeout_add (milliseconds (plan->seed_ns), on_seeded, plan->serving);
  else
    shoal_serving_say (plan->serving, "sharing it on; Ctrl-C stops");
}

static void
end_badly (Plan *plan, const GError *error)
{
  if (!shoal_serving_is_ending (plan->serving))
    shoal_serving_end (plan->serving, shoal_serving_fail (plan->serving, plan->place, error));
}

static void
on_got_file (GObject *client, GAsyncResult *result, gpointer data)
{
  Plan *plan = data;
  shoal_serving_leave (plan->serving);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = shoal_client_download_to_file_finish (SHOAL_CLIENT (client), result, &error);
  if (path == NULL)
    end_badly (plan, error);
  else
    {
      tell_done (plan, path);
      go_on (plan);
    }
}

static void
on_got_bytes (GObject *client, GAsyncResult *result, gpointer data)
{
  Plan *plan = data;
  shoal_serving_leave (plan->serving);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = shoal_client_download_finish (SHOAL_CLIENT (client), result, &error);
  if (bytes == NULL)
    {
      end_badly (plan, error);
      return;
    }
  gsize length;
  const void *start = g_bytes_get_data (bytes, &length);
  tell_done (plan, NULL);
  if (length > 0)
    fwrite (start, 1, length, stdout); /* whether it arrived: shoal_finish_output() */
  go_on (plan);
}

/* A file of the right name that stands there may be known for what is wanted without asking anybody. */
static void
on_registered (GObject *client, GAsyncResult *result, gpointer data)
{
  Plan *plan = data;
  shoal_serving_leave (plan->serving);
  g_autoptr (GError) error = NULL;
  g_autofree char *fid = shoal_client_register_finish (SHOAL_CLIENT (client), result, &error);
  if (fid == NULL)
    end_badly (plan, error);
  else
    {
      tell_done (plan, plan->place);
      go_on (plan);
    }
}

/* ---- beginning ---- */

static void
fetch (Plan *plan)
{
  GCancellable *cancellable = shoal_serving_cancellable (plan->serving);
  unsigned flags = plan->words.force ? SHOAL_DOWNLOAD_REPLACE : SHOAL_DOWNLOAD_NONE;
  if (plan->is_folder)
    flags |= SHOAL_DOWNLOAD_INTO_DIRECTORY;
  shoal_serving_enter (plan->serving);
  shoal_client_set_download_timeout (plan->client, milliseconds (plan->timeout_ns));
  if (plan->place == NULL)
    shoal_client_download_async (plan->client, plan->hex, cancellable, on_got_bytes, plan);
  else
    shoal_client_download_to_file_async (plan->client, plan->hex, plan->place, flags, cancellable,
                                         on_got_file, plan);
}

static void
on_reading (void *context, uint64_t done_bytes, uint64_t all_bytes)
{
  Plan *plan = context;
  g_atomic_int_set (&plan->checked_percent, (gint)(100 * done_bytes / MAX (all_bytes, 1)));
}

/* In a thread of its own: a large file takes a while. */
static void
check_place (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Plan *plan = data;
  ShoalFile file;
  ShoalMerkle *tree;
  const ShoalFileScan scan = {
    .path = plan->place, .cancellable = cancellable, .on_progress = on_reading, .context = plan
  };
  (void)source;
  bool is_read = shoal_file_scan (&scan, &file, &tree, NULL);
  if (is_read)
    {
      shoal_merkle_unref (tree);
      plan->there_bytes = file.info.length_bytes;
    }
  g_task_return_boolean (task, is_read && shoal_fid_equal (&file.fid, &plan->fid));
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  Plan *plan = data;
  shoal_serving_leave (plan->serving);
  (void)source;
  plan->is_checking = false;
  bool is_right = g_task_propagate_boolean (G_TASK (result), NULL);
  if (shoal_serving_is_ending (plan->serving))
    return;
  if (!is_right)
    fetch (plan);
  else if (plan->words.seed || plan->seed_ns > 0)
    {
      shoal_serving_enter (plan->serving);
      shoal_client_register_async (plan->client, plan->place, shoal_serving_cancellable (plan->serving),
                                   on_registered, plan);
    }
  else
    {
      tell_done (plan, plan->place);
      go_on (plan);
    }
}

static void
begin (Plan *plan)
{
  shoal_serving_set_pending (plan->serving, true);
  if (plan->place == NULL || plan->is_folder || !g_file_test (plan->place, G_FILE_TEST_IS_REGULAR))
    {
      fetch (plan);
      return;
    }
  plan->is_checking = true;
  shoal_serving_enter (plan->serving);
  g_autoptr (GTask) task = g_task_new (NULL, shoal_serving_cancellable (plan->serving), on_checked, plan);
  g_task_set_task_data (task, plan, NULL);
  g_task_run_in_thread (task, check_place);
}

static int
get (Plan *plan, const ShoalNodeSetup *setup)
{
  const ShoalServingOptions options = { .command = "get",
                                        .is_json = plan->words.node.json,
                                        .is_quiet = plan->words.node.is_quiet,
                                        .describe = describe,
                                        .on_tick = on_tick,
                                        .add_status = add_status,
                                        .context = plan };
  int status = SHOAL_EXIT_FAILED;
  plan->serving = shoal_serving_new (&options);
  plan->client = shoal_peer_command_client (plan->serving, setup, plan->tracker, &status);
  if (plan->client != NULL)
    {
      begin (plan);
      status = shoal_serving_run (plan->serving);
    }
  shoal_serving_free (plan->serving);
  g_clear_object (&plan->client);
  return status;
}

static bool
read_time (const char *option, const char *typed, ShoalTime *ns)
{
  g_autoptr (GError) error = NULL;
  if (typed == NULL || (shoal_parse_time (typed, ns, &error) && *ns > 0))
    return true;
  shoal_complain_usage ("get", "--%s: %s", option, error != NULL ? error->message : "must be more than 0");
  return false;
}

static bool
read_words (Plan *plan, ShoalNodeSetup *setup)
{
  const Words *words = &plan->words;
  if (!shoal_fid_parse (plan->wanted, &plan->fid))
    {
      shoal_complain_usage ("get",
                            "'%s' is neither a fid (64 hex digits) nor a magnet link with one "
                            "(xt=urn:btmh:1220…); `shoal share` prints both",
                            plan->wanted);
      return false;
    }
  if (words->output != NULL && strcmp (words->output, "-") == 0 && words->node.json)
    {
      shoal_complain_usage ("get", "-o - and --json would both use the standard output");
      return false;
    }
  return shoal_node_words_read (&words->node, "get", 0, setup)
         && read_time ("timeout", words->timeout, &plan->timeout_ns)
         && read_time ("seed-time", words->seed_time, &plan->seed_ns);
}

static void
choose_place (Plan *plan)
{
  const char *output = plan->words.output != NULL ? plan->words.output : ".";
  plan->place = strcmp (output, "-") == 0 ? NULL : g_strdup (output);
  plan->is_folder =
      plan->place != NULL && (g_str_has_suffix (output, "/") || g_file_test (output, G_FILE_TEST_IS_DIR));
}

static int
run (Plan *plan, int argc, char **argv)
{
  ShoalNodeSetup setup;
  if (argc != 2)
    return shoal_complain_usage ("get", argc < 2
                                            ? "name a fid or a magnet link, which `shoal share` prints"
                                            : "one fid or magnet link at a time ('…' around a magnet link)");
  plan->wanted = argv[1];
  if (!read_words (plan, &setup))
    return SHOAL_EXIT_USAGE;
  shoal_fid_to_hex (&plan->fid, plan->hex);
  plan->tracker = shoal_node_words_tracker (&plan->words.node, plan->wanted);
  choose_place (plan);
  int status = get (plan, &setup);
  g_free (plan->tracker);
  g_free (plan->place);
  return status;
}

ShoalExit
shoal_command_get (int argc, char **argv)
{
  Plan plan = { 0 };
  Words *w = &plan.words;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &w->output,
      "Where to put it: a file, a folder, or - for stdout", "FILE" },
    { "force", 'f', 0, G_OPTION_ARG_NONE, &w->force, "Replace a file that is there", NULL },
    { "seed", 's', 0, G_OPTION_ARG_NONE, &w->seed, "Share it on afterwards, until stopped", NULL },
    { "seed-time", 0, 0, G_OPTION_ARG_STRING, &w->seed_time, "Share it on for so long, as in '1 h'", "TIME" },
    { "timeout", 0, 0, G_OPTION_ARG_STRING, &w->timeout, "Give up after so long (default: never)", "TIME" },
    SHOAL_TRACKER_ENTRY (w->node),
    SHOAL_STRATEGY_ENTRY (w->node),
    SHOAL_NODE_ENTRIES (w->node),
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (shoal_parse_options ("get", "FID|MAGNET", summary, description, entries, &argc, &argv, &status))
    status = (ShoalExit)run (&plan, argc, argv);
  char *all[] = { w->output, w->seed_time, w->timeout };
  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (all[i]);
  shoal_node_words_clear (&w->node);
  return status;
}
