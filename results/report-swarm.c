#include "results/report-swarm.h"

#include "results/query.h"
#include "results/report-shown.h"

/* Of one file: 256 GiB. Blocks beyond are not told one by one. */
#define BLOCKS_MAX (1u << 24)

static const char nodes_sql[] =
    "SELECT id, name, role, upload_bytes_per_s, download_bytes_per_s FROM nodes WHERE run = ? ORDER BY id";

static const char transfers_sql[] =
    "SELECT id, node, file, start_ns, first_byte_ns, end_ns, bytes, status, reason FROM transfers"
    " WHERE run = ? ORDER BY id";

/* Chokes are many, and have a plot of their own. */
static const char events_sql[] =
    "SELECT at_ns, node, kind, file, value FROM events WHERE run = ?"
    " AND kind NOT IN ('choked', 'unchoked', 'choked-by', 'unchoked-by') ORDER BY at_ns, id";

/* When the last bytes went through a proxy. */
static const char end_sql[] = "SELECT max (s.start_ns + s.length_ns) FROM samples s"
                              "  JOIN nodes n ON n.id = s.node WHERE n.run = ?";

static void
node_clear (void *data)
{
  ShoalReportNode *node = data;
  g_free (node->name);
  g_free (node->role);
}

static void
file_clear (void *data)
{
  ShoalReportFile *file = data;
  g_free (file->name);
}

static void
transfer_clear (void *data)
{
  ShoalReportTransfer *transfer = data;
  g_free (transfer->status);
  g_free (transfer->reason);
}

static void
event_clear (void *data)
{
  ShoalReportEvent *event = data;
  g_free (event->kind);
}

static GArray *
new_array (unsigned size, GDestroyNotify clear)
{
  GArray *array = g_array_new (FALSE, TRUE, size);
  if (clear != NULL)
    g_array_set_clear_func (array, clear);
  return array;
}

static ShoalReportSwarm *
swarm_new (ShoalStore *store, int64_t run)
{
  ShoalReportSwarm *swarm = g_new0 (ShoalReportSwarm, 1);
  swarm->store = store;
  swarm->run = run;
  swarm->nodes = new_array (sizeof (ShoalReportNode), node_clear);
  swarm->files = new_array (sizeof (ShoalReportFile), file_clear);
  swarm->transfers = new_array (sizeof (ShoalReportTransfer), transfer_clear);
  swarm->events = new_array (sizeof (ShoalReportEvent), event_clear);
  swarm->shown = new_array (sizeof (unsigned), NULL);
  return swarm;
}

void
shoal_report_swarm_free (ShoalReportSwarm *swarm)
{
  if (swarm == NULL)
    return;
  g_array_unref (swarm->nodes);
  g_array_unref (swarm->files);
  g_array_unref (swarm->transfers);
  g_array_unref (swarm->events);
  g_array_unref (swarm->shown);
  g_free (swarm);
}

/* Nodes are in the order of their numbers. */
int
shoal_report_swarm_find (const ShoalReportSwarm *swarm, int64_t id)
{
  unsigned least = 0, end = swarm->nodes->len;
  while (least < end)
    {
      unsigned middle = (least + end) / 2;
      if (shoal_report_node (swarm, middle)->id < id)
        least = middle + 1;
      else
        end = middle;
    }
  return least < swarm->nodes->len && shoal_report_node (swarm, least)->id == id ? (int)least : -1;
}

static bool
read_nodes (ShoalReportSwarm *swarm, GError **error)
{
  ShoalQuery query;
  shoal_query_begin_for (&query, swarm->store, nodes_sql, swarm->run);
  while (shoal_query_next (&query))
    {
      ShoalReportNode node = { .shown = -1, .done_ns = SHOAL_ROW_NO_TIME };
      node.id = shoal_query_int (&query, 0, 0);
      node.name = shoal_query_text (&query, 1);
      node.role = shoal_query_text (&query, 2);
      node.upload_bytes_per_s = (uint64_t)shoal_query_int (&query, 3, 0);
      node.download_bytes_per_s = (uint64_t)shoal_query_int (&query, 4, 0);
      g_array_append_val (swarm->nodes, node);
    }
  return shoal_query_end (&query, error);
}

/* name: NULL, none (-1). */
static int
file_number (ShoalReportSwarm *swarm, const char *name)
{
  if (name == NULL)
    return -1;
  for (unsigned i = 0; i < swarm->files->len; i++)
    if (g_str_equal (shoal_report_file (swarm, i)->name, name))
      return (int)i;
  ShoalReportFile file = { .name = g_strdup (name) };
  g_array_append_val (swarm->files, file);
  return (int)swarm->files->len - 1;
}

static void
count_transfer (ShoalReportSwarm *swarm, const ShoalReportTransfer *transfer)
{
  ShoalReportNode *node = shoal_report_node (swarm, transfer->node);
  ShoalReportFile *file = shoal_report_file (swarm, transfer->file);
  bool is_done = g_str_equal (transfer->status, "done") && transfer->end_ns != SHOAL_ROW_NO_TIME;
  bool was_done = node->downloads == 0 || node->done_ns != SHOAL_ROW_NO_TIME;
  node->done_ns = is_done && was_done ? MAX (node->done_ns, transfer->end_ns) : SHOAL_ROW_NO_TIME;
  node->downloads++;
  file->wanted++;
  file->bytes = MAX (file->bytes, transfer->bytes);
}

static bool
read_transfers (ShoalReportSwarm *swarm, GError **error)
{
  ShoalQuery query;
  shoal_query_begin_for (&query, swarm->store, transfers_sql, swarm->run);
  while (shoal_query_next (&query))
    {
      g_autofree char *name = shoal_query_text (&query, 2);
      ShoalReportTransfer transfer = { .id = shoal_query_int (&query, 0, 0) };
      int node = shoal_report_swarm_find (swarm, shoal_query_int (&query, 1, -1));
      if (node < 0)
        continue;
      transfer.node = (unsigned)node;
      transfer.file = (unsigned)file_number (swarm, name);
      transfer.start_ns = shoal_query_int (&query, 3, SHOAL_ROW_NO_TIME);
      transfer.first_byte_ns = shoal_query_int (&query, 4, SHOAL_ROW_NO_TIME);
      transfer.end_ns = shoal_query_int (&query, 5, SHOAL_ROW_NO_TIME);
      transfer.bytes = (uint64_t)shoal_query_int (&query, 6, 0);
      transfer.status = shoal_query_text (&query, 7);
      transfer.reason = shoal_query_text (&query, 8);
      count_transfer (swarm, &transfer);
      g_array_append_val (swarm->transfers, transfer);
    }
  return shoal_query_end (&query, error);
}

static bool
read_events (ShoalReportSwarm *swarm, GError **error)
{
  ShoalQuery query;
  shoal_query_begin_for (&query, swarm->store, events_sql, swarm->run);
  while (shoal_query_next (&query))
    {
      g_autofree char *file = shoal_query_text (&query, 3);
      int node = shoal_report_swarm_find (swarm, shoal_query_int (&query, 1, -1));
      if (node < 0)
        continue;
      ShoalReportEvent event = { .at_ns = shoal_query_int (&query, 0, 0), .node = (unsigned)node };
      event.kind = shoal_query_text (&query, 2);
      event.file = file_number (swarm, file);
      event.value = (uint64_t)shoal_query_int (&query, 4, 0);
      if (g_str_equal (event.kind, "registered"))
        shoal_report_node (swarm, event.node)->is_source = true;
      g_array_append_val (swarm->events, event);
    }
  return shoal_query_end (&query, error);
}

/* Of the downloads alone; false: some did not end. */
static bool
set_span (ShoalReportSwarm *swarm)
{
  bool all_ended = swarm->transfers->len > 0;
  swarm->first_ns = INT64_MAX;
  for (unsigned i = 0; i < swarm->transfers->len; i++)
    {
      const ShoalReportTransfer *transfer = shoal_report_transfer (swarm, i);
      if (transfer->start_ns != SHOAL_ROW_NO_TIME)
        swarm->first_ns = MIN (swarm->first_ns, transfer->start_ns);
      swarm->last_ns = MAX (swarm->last_ns, transfer->end_ns);
      all_ended &= transfer->end_ns != SHOAL_ROW_NO_TIME;
    }
  swarm->first_ns = swarm->first_ns == INT64_MAX ? 0 : swarm->first_ns;
  return all_ended;
}

static bool
read_span (ShoalReportSwarm *swarm, GError **error)
{
  bool ok = true;
  if (!set_span (swarm))
    {
      ShoalQuery query;
      shoal_query_begin_for (&query, swarm->store, end_sql, swarm->run);
      if (shoal_query_next (&query))
        swarm->last_ns = MAX (swarm->last_ns, shoal_query_int (&query, 0, 0));
      ok = shoal_query_end (&query, error);
    }
  swarm->last_ns = MAX (swarm->last_ns, swarm->first_ns + 1);
  return ok;
}

static void
set_blocks (ShoalReportSwarm *swarm)
{
  for (unsigned i = 0; i < swarm->files->len; i++)
    {
      ShoalReportFile *file = shoal_report_file (swarm, i);
      uint64_t blocks = file->bytes / SHOAL_REPORT_BLOCK_BYTES + (file->bytes % SHOAL_REPORT_BLOCK_BYTES > 0);
      file->blocks = (unsigned)MIN (blocks, BLOCKS_MAX);
    }
}

ShoalReportSwarm *
shoal_report_swarm_read (ShoalStore *store, int64_t run, GError **error)
{
  g_autoptr (ShoalReportSwarm) swarm = swarm_new (store, run);
  if (!read_nodes (swarm, error) || !read_transfers (swarm, error) || !read_events (swarm, error)
      || !read_span (swarm, error))
    return NULL;
  set_blocks (swarm);
  shoal_report_choose_shown (swarm);
  return g_steal_pointer (&swarm);
}
