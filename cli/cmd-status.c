/* `shoal status`: what the shoal processes of this user do, or what a tracker knows of a file. */
#include "cli/amount.h"
#include "cli/cli.h"
#include "cli/node-words.h"
#include "cli/scrape.h"
#include "cli/status-socket.h"
#include "real/address.h"
#include "results/json-fields.h"
#include "src/infodict.h"

#include <stdio.h>

static const char summary[] = "Tells what the running shoal processes do, or what a tracker knows of a file.";

static const char description[] =
    "Without arguments: the processes of this user on this host, tracker, share and get.\n"
    "With a FID (or magnet link): how many the tracker knows who have the file, and who are getting it.\n"
    "\n"
    "Examples:\n"
    "  shoal status\n"
    "  shoal status --json | jq .files[].held_bytes\n"
    "  shoal status 5f0c…e1 --tracker host:6969\n"
    "\n"
    "Exit status: 0 told, 1 the tracker does not answer, 2 wrong usage. docs/sharing.md tells of the fields "
    "of\n"
    "--json.\n";

/* ---- processes ---- */

static uint64_t
count_of (JsonObject *o, const char *key)
{
  return (uint64_t)MAX (json_object_get_int_member_with_default (o, key, 0), 0);
}

static const char *
text_of (JsonObject *o, const char *key)
{
  return json_object_get_string_member_with_default (o, key, "?");
}

static void
print_file (JsonArray *files, guint i, JsonNode *node, gpointer data)
{
  (void)files, (void)i, (void)data;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;
  JsonObject *file = json_node_get_object (node);
  uint64_t size_bytes = count_of (file, "size_bytes"), held_bytes = count_of (file, "held_bytes");
  g_autofree char *size = shoal_amount_size (size_bytes);
  double share = size_bytes > 0 ? 100.0 * (double)held_bytes / (double)size_bytes : 100;
  bool is_known = strcmp (text_of (file, "state"), "searching") != 0;
  printf ("  %s  ", text_of (file, "fid"));
  g_autofree char *name = shoal_printable (text_of (file, "name"), true);
  if (is_known)
    printf ("%s: %.1f %% of %s, ", name, share, size);
  else
    printf ("searching, ");
  printf ("%u peers\n", (unsigned)count_of (file, "neighbours"));
}

static void
print_process (JsonObject *process)
{
  g_autofree char *sending =
      shoal_amount_rate (json_object_get_double_member_with_default (process, "sending_bytes_per_s", 0));
  g_autofree char *receiving =
      shoal_amount_rate (json_object_get_double_member_with_default (process, "receiving_bytes_per_s", 0));
  g_autofree char *time =
      shoal_amount_time (json_object_get_double_member_with_default (process, "seconds", 0));
  printf ("%" G_GUINT64_FORMAT " %s: port %u, sending %s, receiving %s, for %s\n", count_of (process, "pid"),
          text_of (process, "command"), (unsigned)count_of (process, "port"), sending, receiving, time);
  if (json_object_has_member (process, "swarms"))
    printf ("  %u files, %u peers, %" G_GUINT64_FORMAT " announces\n", (unsigned)count_of (process, "swarms"),
            (unsigned)count_of (process, "peers"), count_of (process, "announces"));
  JsonNode *files = json_object_get_member (process, "files");
  if (files != NULL && JSON_NODE_HOLDS_ARRAY (files))
    json_array_foreach_element (json_node_get_array (files), print_file, NULL);
}

static ShoalExit
tell_processes (bool is_json)
{
  g_autoptr (GPtrArray) texts = shoal_status_ask_all ();
  for (unsigned i = 0; i < texts->len; i++)
    {
      g_autoptr (JsonNode) node = json_from_string (texts->pdata[i], NULL);
      if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
        continue; /* not one of ours */
      if (is_json)
        fputs (texts->pdata[i], stdout);
      else
        print_process (json_node_get_object (node));
    }
  if (texts->len == 0 && !is_json)
    shoal_complain ("no shoal process of yours is running");
  return SHOAL_EXIT_DONE;
}

/* ---- a tracker ---- */

static void
print_entry (const char *hex, const char *tracker, const ShoalBep15ScrapeEntry *entry, bool is_json)
{
  if (!is_json)
    {
      printf ("%s at %s: %u have it, %u are getting it, %u got it so far\n", hex, tracker, entry->seeders,
              entry->leechers, entry->completed);
      return;
    }
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  shoal_json_add_text (b, "fid", hex);
  shoal_json_add_text (b, "tracker", tracker);
  shoal_json_add_count (b, "seeders", entry->seeders);
  shoal_json_add_count (b, "leechers", entry->leechers);
  shoal_json_add_count (b, "completed", entry->completed);
  json_builder_end_object (b);
  g_autofree char *line = shoal_json_line (b);
  fputs (line, stdout);
}

static ShoalExit
tell_file (const ShoalNodeWords *words, const char *typed)
{
  ShoalFid fid;
  ShoalAddr addr;
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  ShoalBep15ScrapeEntry entry;
  g_autoptr (GError) error = NULL;
  if (!shoal_fid_parse (typed, &fid))
    return shoal_complain_usage ("status", "'%s' is neither a fid (64 hex digits) nor a magnet link with one",
                                 typed);
  g_autofree char *tracker = shoal_node_words_tracker (words, typed);
  shoal_fid_to_hex (&fid, hex);
  if (!shoal_address_parse (tracker, SHOAL_TRACKER_PORT, &addr, &error)
      || !shoal_scrape (&addr, &fid, &entry, &error))
    {
      shoal_complain ("%s", error->message);
      return SHOAL_EXIT_FAILED;
    }
  print_entry (hex, tracker, &entry, words->json);
  return SHOAL_EXIT_DONE;
}

ShoalExit
shoal_command_status (int argc, char **argv)
{
  ShoalNodeWords words = { 0 };
  const GOptionEntry entries[] = {
    SHOAL_TRACKER_ENTRY (words),
    { "json", 0, 0, G_OPTION_ARG_NONE, &words.json, "Print JSON objects, one a line", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  ShoalExit status;
  if (!shoal_parse_options ("status", "[FID]", summary, description, entries, &argc, &argv, &status))
    ;
  else if (argc > 2)
    status = shoal_complain_usage ("status", "'%s' is not expected here", argv[2]);
  else if (argc == 2)
    status = tell_file (&words, argv[1]);
  else if (words.tracker != NULL)
    status = shoal_complain_usage ("status", "name the file that the tracker is to be asked for (a fid)");
  else
    status = tell_processes (words.json);
  shoal_node_words_clear (&words);
  return status;
}
