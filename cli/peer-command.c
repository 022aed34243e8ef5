#include "cli/peer-command.h"

/* So long a tracker's answer may take before it is worth a word: it asks again after two and after six seconds. */
#define PATIENCE_S 3

/* A file on the disk is not what it was. */
static void
on_file_changed (ShoalClient *client, const char *fid, const char *path, guint blocks, ShoalServing *serving)
{
  JsonBuilder *event = shoal_serving_event ("changed");
  (void)client;
  shoal_json_add_text (event, "fid", fid);
  shoal_json_add_text (event, "path", path);
  shoal_json_add_count (event, "lost_blocks", blocks);
  shoal_serving_emit (serving, event);
  shoal_serving_say (
      serving,
      "'%s' was changed: %u of its blocks are not shared any more; share it again to share it as it is", path,
      blocks);
}

ShoalClient *
shoal_peer_command_client (ShoalServing *serving, const ShoalNodeSetup *setup, const char *tracker,
                           int *status)
{
  g_autoptr (GError) error = NULL;
  ShoalClient *client =
      g_initable_new (SHOAL_TYPE_CLIENT, NULL, &error, "tracker", tracker, "port", setup->port,
                      "bind-address", setup->bind, "strategy", setup->strategy, "upload-rate",
                      setup->upload_bytes_per_s, "download-rate", setup->download_bytes_per_s, NULL);
  if (client == NULL)
    {
      *status = shoal_serving_fail (serving, NULL, error);
      return NULL;
    }
  g_signal_connect (client, "file-changed", G_CALLBACK (on_file_changed), serving);
  shoal_serving_set_node (serving, client);
  return client;
}

void
shoal_peer_command_watch (ShoalServing *serving, ShoalClient *client, const char *tracker, bool *told)
{
  if (*told || shoal_serving_seconds (serving) < PATIENCE_S)
    return;
  *told = true;
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (SHOAL_NODE (client));
  if (status->received_datagrams == 0)
    shoal_serving_say (serving, "the tracker %s has not answered yet; is `shoal tracker` running there?",
                       tracker);
}

void
shoal_peer_command_add_status (JsonBuilder *b, ShoalClient *client, const char *tracker)
{
  g_autoptr (GPtrArray) files = shoal_client_list_files (client);
  shoal_json_add_text (b, "tracker", tracker);
  shoal_json_begin_list (b, "files");
  for (unsigned i = 0; i < files->len; i++)
    {
      json_builder_begin_object (b);
      shoal_serving_add_file (b, files->pdata[i]);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}
