#include "cli/json.h"

#include "results/json-fields.h"

static void
add_sources (JsonBuilder *b, const ShoalTransferRow *transfer)
{
  json_builder_set_member_name (b, "sources");
  json_builder_begin_object (b);
  for (unsigned i = 0; i < transfer->sources->len; i++)
    {
      const ShoalSourceRow *source = g_ptr_array_index (transfer->sources, i);
      shoal_json_add_count (b, source->node, source->bytes);
    }
  json_builder_end_object (b);
}

static void
add_download (JsonBuilder *b, const ShoalTransferRow *transfer)
{
  json_builder_begin_object (b);
  shoal_json_add_text (b, "file", transfer->file);
  shoal_json_add_text (b, "fid", transfer->fid);
  shoal_json_add_seconds (b, "start_s", transfer->start_ns);
  shoal_json_add_seconds (b, "first_byte_s", transfer->first_byte_ns);
  shoal_json_add_seconds (b, "end_s", transfer->end_ns);
  shoal_json_add_count (b, "bytes", transfer->bytes);
  shoal_json_add_text (b, "status", transfer->status);
  shoal_json_add_text (b, "reason", transfer->reason);
  add_sources (b, transfer);
  json_builder_end_object (b);
}

/* downloads: of this node, of ShoalTransferRow; NULL: none. */
static void
add_node (JsonBuilder *b, const ShoalNodeRow *node, const GPtrArray *downloads)
{
  json_builder_begin_object (b);
  shoal_json_add_text (b, "name", node->name);
  shoal_json_add_text (b, "role", node->role);
  shoal_json_add_count (b, "upload_bytes_per_s", node->upload_bytes_per_s);
  shoal_json_add_count (b, "download_bytes_per_s", node->download_bytes_per_s);
  shoal_json_add_count (b, "sent_bytes", node->sent_bytes);
  shoal_json_add_count (b, "received_bytes", node->received_bytes);
  shoal_json_add_count (b, "payload_sent_bytes", node->payload_sent_bytes);
  shoal_json_add_count (b, "duplicate_bytes", node->duplicate_bytes);
  shoal_json_begin_list (b, "downloads");
  for (unsigned i = 0; downloads != NULL && i < downloads->len; i++)
    add_download (b, g_ptr_array_index (downloads, i));
  json_builder_end_array (b);
  json_builder_end_object (b);
}

static GHashTable *
downloads_by_node (const ShoalRunRow *run)
{
  GHashTable *map = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
  for (unsigned i = 0; i < run->transfers->len; i++)
    {
      ShoalTransferRow *transfer = g_ptr_array_index (run->transfers, i);
      GPtrArray *list = g_hash_table_lookup (map, transfer->node);
      if (list == NULL)
        g_hash_table_insert (map, transfer->node, list = g_ptr_array_new ());
      g_ptr_array_add (list, transfer);
    }
  return map;
}

static void
add_nodes (JsonBuilder *b, const ShoalRunRow *run)
{
  g_autoptr (GHashTable) downloads = downloads_by_node (run);
  shoal_json_begin_list (b, "nodes");
  for (unsigned i = 0; i < run->nodes->len; i++)
    {
      const ShoalNodeRow *node = g_ptr_array_index (run->nodes, i);
      add_node (b, node, g_hash_table_lookup (downloads, node->name));
    }
  json_builder_end_array (b);
}

static void
add_times (JsonBuilder *b, const ShoalRunRow *run, double speedup)
{
  shoal_json_add_bool (b, "completed", run->completed);
  shoal_json_add_seconds (b, "makespan_s", run->makespan_ns);
  shoal_json_add_seconds (b, "mean_s", run->mean_ns);
  shoal_json_add_seconds (b, "bound_s", run->bound_ns);
  if (run->makespan_ns != SHOAL_ROW_NO_TIME && run->bound_ns > 0)
    shoal_json_add_real (b, "stretch", (double)run->makespan_ns / (double)run->bound_ns);
  else
    shoal_json_add_null (b, "stretch");
  shoal_json_add_ratio (b, "speedup", speedup);
}

char *
shoal_run_to_json (const ShoalRunRow *run, double speedup)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  shoal_json_add_text (b, "scenario", run->scenario);
  shoal_json_add_text (b, "backend", run->backend);
  shoal_json_add_text (b, "model", run->model);
  shoal_json_add_count (b, "seed", run->seed);
  shoal_json_add_real (b, "rate_factor", run->rate_factor);
  shoal_json_add_text (b, "strategy", run->strategy);
  shoal_json_add_text (b, "program_version", run->program_version);
  add_times (b, run, speedup);
  shoal_json_add_count (b, "blocks", run->blocks);
  shoal_json_add_count (b, "events", run->events);
  shoal_json_add_real (b, "wall_s", run->wall_s);
  shoal_json_add_real (b, "cpu_s", run->cpu_s);
  if (run->cpu_wait_s >= 0)
    shoal_json_add_real (b, "cpu_wait_s", run->cpu_wait_s);
  else
    shoal_json_add_null (b, "cpu_wait_s");
  shoal_json_add_count (b, "max_rss_bytes", run->max_rss_bytes);
  shoal_json_add_text (b, "trace_sha256", run->trace_sha256);
  shoal_json_add_expectations (b, run->expectations);
  add_nodes (b, run);
  json_builder_end_object (b);
  return shoal_json_line (b);
}
