#include "results/report-detail.h"

#include "results/json-fields.h"
#include "results/query.h"
#include "results/report-grid.h"

#define EVENTS_MAX 400u /* of a run that are told one by one */

static double
seconds (const ShoalReportSwarm *swarm, int64_t at_ns)
{
  return (double)(at_ns - swarm->first_ns) / 1e9;
}

/* Since the first download's start. */
static void
add_time (JsonBuilder *b, const ShoalReportSwarm *swarm, int64_t at_ns)
{
  if (at_ns == SHOAL_ROW_NO_TIME)
    json_builder_add_null_value (b);
  else
    json_builder_add_double_value (b, seconds (swarm, at_ns));
}

static void
add_nodes (JsonBuilder *b, const ShoalReportSwarm *swarm)
{
  shoal_json_begin_list (b, "nodes");
  for (unsigned i = 0; i < swarm->shown->len; i++)
    {
      const ShoalReportNode *node = shoal_report_node (swarm, g_array_index (swarm->shown, unsigned, i));
      json_builder_begin_object (b);
      shoal_json_add_text (b, "name", node->name);
      shoal_json_add_text (b, "role", node->role);
      shoal_json_add_count (b, "upload_bytes_per_s", node->upload_bytes_per_s);
      shoal_json_add_count (b, "download_bytes_per_s", node->download_bytes_per_s);
      shoal_json_add_bool (b, "is_source", node->is_source || g_str_equal (node->role, "server"));
      shoal_json_add_count (b, "downloads", node->downloads);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

static void
add_files (JsonBuilder *b, const ShoalReportSwarm *swarm)
{
  shoal_json_begin_list (b, "files");
  for (unsigned i = 0; i < swarm->files->len; i++)
    {
      const ShoalReportFile *file = shoal_report_file (swarm, i);
      json_builder_begin_object (b);
      shoal_json_add_text (b, "name", file->name);
      shoal_json_add_count (b, "bytes", file->bytes);
      shoal_json_add_count (b, "blocks", file->blocks);
      shoal_json_add_count (b, "wanted", file->wanted);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

/* [node, file, start, first byte, end, bytes, status, reason] of those shown. */
static void
add_downloads (JsonBuilder *b, const ShoalReportSwarm *swarm)
{
  shoal_json_begin_list (b, "downloads");
  for (unsigned i = 0; i < swarm->transfers->len; i++)
    {
      const ShoalReportTransfer *transfer = shoal_report_transfer (swarm, i);
      int shown = shoal_report_node (swarm, transfer->node)->shown;
      if (shown < 0)
        continue;
      json_builder_begin_array (b);
      json_builder_add_int_value (b, shown);
      json_builder_add_int_value (b, transfer->file);
      add_time (b, swarm, transfer->start_ns);
      add_time (b, swarm, transfer->first_byte_ns);
      add_time (b, swarm, transfer->end_ns);
      json_builder_add_int_value (b, (int64_t)transfer->bytes);
      json_builder_add_string_value (b, transfer->status);
      if (transfer->reason != NULL)
        json_builder_add_string_value (b, transfer->reason);
      else
        json_builder_add_null_value (b);
      json_builder_end_array (b);
    }
  json_builder_end_array (b);
}

/* What a person would see on the time line: that everybody joins at the beginning is no news. */
static bool
is_news (const ShoalReportSwarm *swarm, const ShoalReportEvent *event)
{
  static const char *const plain[] = { "download-started", "download-done",
                                       "first-byte",       "got",
                                       "snapshot",         NULL };
  return !g_strv_contains (plain, event->kind) && event->at_ns > swarm->first_ns
         && event->at_ns <= swarm->last_ns;
}

static void
add_events (JsonBuilder *b, const ShoalReportSwarm *swarm)
{
  unsigned count = 0;
  shoal_json_begin_list (b, "events");
  for (unsigned i = 0; i < swarm->events->len; i++)
    {
      const ShoalReportEvent *event = shoal_report_event (swarm, i);
      if (!is_news (swarm, event) || ++count > EVENTS_MAX)
        continue;
      json_builder_begin_array (b);
      json_builder_add_double_value (b, seconds (swarm, event->at_ns));
      json_builder_add_int_value (b, shoal_report_node (swarm, event->node)->shown);
      json_builder_add_string_value (b, shoal_report_node (swarm, event->node)->name);
      json_builder_add_string_value (b, event->kind);
      json_builder_add_int_value (b, (int64_t)event->value);
      json_builder_end_array (b);
    }
  json_builder_end_array (b);
  shoal_json_add_count (b, "events_in_all", count);
}

/* ---- share complete ---- */

static int
compare_shares (const void *a, const void *b)
{
  return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* Smallest, lower quartile, median, upper quartile, largest over all who download, at one point. */
static void
quartiles_at (const ShoalReportSwarm *swarm, const uint16_t *shares, unsigned point, uint16_t *sorted,
              uint16_t out[5])
{
  unsigned n = 0;
  for (unsigned i = 0; i < swarm->nodes->len; i++)
    if (shoal_report_node (swarm, i)->downloads > 0)
      sorted[n++] = shares[(size_t)i * SHOAL_REPORT_POINTS + point];
  qsort (sorted, n, sizeof *sorted, compare_shares);
  for (unsigned q = 0; q < 5; q++)
    out[q] = n > 0 ? sorted[(n - 1) * q / 4] : 0;
}

static void
add_spread (JsonBuilder *b, const ShoalReportSwarm *swarm, const uint16_t *shares)
{
  g_autofree uint16_t *sorted = g_new (uint16_t, swarm->nodes->len + 1);
  uint16_t rows[5][SHOAL_REPORT_POINTS], column[5];
  for (unsigned i = 0; i < SHOAL_REPORT_POINTS; i++)
    {
      quartiles_at (swarm, shares, i, sorted, column);
      for (unsigned q = 0; q < 5; q++)
        rows[q][i] = column[q];
    }
  ShoalPack *pack = shoal_pack_new ();
  for (unsigned q = 0; q < 5; q++)
    shoal_report_pack_row (pack, rows[q], SHOAL_REPORT_POINTS);
  g_autofree char *text = shoal_pack_end (pack);
  shoal_json_add_text (b, "share_spread", text);
}

static void
add_shares (JsonBuilder *b, const ShoalReportSwarm *swarm, const uint16_t *shares)
{
  ShoalPack *pack = shoal_pack_new ();
  for (unsigned i = 0; i < swarm->shown->len; i++)
    {
      unsigned node = g_array_index (swarm->shown, unsigned, i);
      shoal_report_pack_row (pack, &shares[(size_t)node * SHOAL_REPORT_POINTS], SHOAL_REPORT_POINTS);
    }
  g_autofree char *text = shoal_pack_end (pack);
  shoal_json_add_text (b, "share", text);
  add_spread (b, swarm, shares);
}

/* ---- use of the lines ---- */

/* What a line's use is set against: its rate, or without one the most that went through it. */
static double
reference (const double *bytes, uint64_t rate, double step_s)
{
  double most = 0;
  for (unsigned i = 0; i < SHOAL_REPORT_STEPS; i++)
    most = MAX (most, bytes[i] / step_s);
  return rate > 0 ? (double)rate : most;
}

static void
pack_use (ShoalPack *pack, const double *bytes, double rate, double step_s)
{
  uint16_t row[SHOAL_REPORT_STEPS];
  for (unsigned i = 0; i < SHOAL_REPORT_STEPS; i++)
    row[i] = rate > 0 ? (uint16_t)CLAMP (bytes[i] / step_s / rate * 1000 + 0.5, 0, UINT16_MAX) : 0;
  shoal_report_pack_row (pack, row, SHOAL_REPORT_STEPS);
}

static void
add_use (JsonBuilder *b, const ShoalReportSwarm *swarm, const char *key, const double *bytes, bool is_upload)
{
  double step_s = (double)(swarm->last_ns - swarm->first_ns) / 1e9 / SHOAL_REPORT_STEPS;
  ShoalPack *pack = shoal_pack_new ();
  json_builder_set_member_name (b, key);
  json_builder_begin_object (b);
  shoal_json_begin_list (b, "of_bytes_per_s");
  for (unsigned i = 0; i < swarm->shown->len; i++)
    {
      unsigned number = g_array_index (swarm->shown, unsigned, i);
      const ShoalReportNode *node = shoal_report_node (swarm, number);
      const double *row = &bytes[(size_t)number * SHOAL_REPORT_STEPS];
      double rate =
          reference (row, is_upload ? node->upload_bytes_per_s : node->download_bytes_per_s, step_s);
      pack_use (pack, row, rate, step_s);
      json_builder_add_int_value (b, (int64_t)rate);
    }
  json_builder_end_array (b);
  g_autofree char *text = shoal_pack_end (pack);
  shoal_json_add_text (b, "permille", text);
  json_builder_end_object (b);
}

/* ---- who gave whom ---- */

static const char sources_sql[] =
    "SELECT s.node, t.node, sum (s.bytes) FROM transfers t JOIN sources s ON s.transfer = t.id"
    " WHERE t.run = ? GROUP BY s.node, t.node";

/* Giver, receiver, bytes of each pair that is shown; and what all pairs come to. */
static bool
add_sources (JsonBuilder *b, const ShoalReportSwarm *swarm, GError **error)
{
  ShoalQuery query;
  ShoalPack *pack = shoal_pack_new ();
  uint64_t total = 0;
  shoal_query_begin_for (&query, swarm->store, sources_sql, swarm->run);
  while (shoal_query_next (&query))
    {
      int giver = shoal_report_swarm_find (swarm, shoal_query_int (&query, 0, -1));
      int receiver = shoal_report_swarm_find (swarm, shoal_query_int (&query, 1, -1));
      uint64_t bytes = (uint64_t)shoal_query_int (&query, 2, 0);
      total += bytes;
      if (giver < 0 || receiver < 0 || shoal_report_node (swarm, (unsigned)giver)->shown < 0
          || shoal_report_node (swarm, (unsigned)receiver)->shown < 0)
        continue;
      shoal_pack_add (pack, (uint64_t)shoal_report_node (swarm, (unsigned)giver)->shown);
      shoal_pack_add (pack, (uint64_t)shoal_report_node (swarm, (unsigned)receiver)->shown);
      shoal_pack_add (pack, bytes);
    }
  g_autofree char *text = shoal_pack_end (pack);
  shoal_json_add_text (b, "gave", text);
  shoal_json_add_count (b, "gave_in_all_bytes", total);
  return shoal_query_end (&query, error);
}

static unsigned
count_downloaders (const ShoalReportSwarm *swarm)
{
  unsigned n = 0;
  for (unsigned i = 0; i < swarm->nodes->len; i++)
    n += shoal_report_node (swarm, i)->downloads > 0;
  return n;
}

/* When downloads were done: all of them, also those of nodes that are not shown. */
static void
add_ends (JsonBuilder *b, const ShoalReportSwarm *swarm)
{
  g_autofree double *ends = g_new (double, swarm->transfers->len + 1);
  unsigned n = 0;
  for (unsigned i = 0; i < swarm->transfers->len; i++)
    {
      const ShoalReportTransfer *transfer = shoal_report_transfer (swarm, i);
      if (g_str_equal (transfer->status, "done") && transfer->end_ns != SHOAL_ROW_NO_TIME)
        ends[n++] = seconds (swarm, transfer->end_ns);
    }
  shoal_json_add_count (b, "downloads_in_all", swarm->transfers->len);
  ShoalSummary s = shoal_summary (ends, n);
  if (n == 0)
    {
      shoal_json_add_null (b, "done_s");
      return;
    }
  json_builder_set_member_name (b, "done_s");
  json_builder_begin_object (b);
  shoal_json_add_count (b, "n", n);
  shoal_json_add_real (b, "min", s.min);
  shoal_json_add_real (b, "median", s.median);
  shoal_json_add_real (b, "max", s.max);
  json_builder_end_object (b);
}

static void
add_head (JsonBuilder *b, const ShoalReportSwarm *swarm)
{
  shoal_json_add_count (b, "run", (uint64_t)swarm->run);
  shoal_json_add_real (b, "first_s", (double)swarm->first_ns / 1e9);
  shoal_json_add_real (b, "length_s", seconds (swarm, swarm->last_ns));
  shoal_json_add_count (b, "steps", SHOAL_REPORT_STEPS);
  shoal_json_add_count (b, "nodes_in_all", swarm->nodes->len);
  shoal_json_add_count (b, "downloaders_in_all", count_downloaders (swarm));
  add_ends (b, swarm);
  add_nodes (b, swarm);
  add_files (b, swarm);
  add_downloads (b, swarm);
  add_events (b, swarm);
}

bool
shoal_report_detail_add (JsonBuilder *b, ShoalStore *store, int64_t run, GError **error)
{
  g_autoptr (ShoalReportSwarm) swarm = shoal_report_swarm_read (store, run, error);
  g_auto (ShoalReportFlows) flows = { 0 };
  if (swarm == NULL || !shoal_report_flows_read (swarm, &flows, error))
    return false;
  g_autofree uint16_t *shares = shoal_report_shares_from_flows (swarm, &flows);
  json_builder_begin_object (b);
  add_head (b, swarm);
  shoal_json_add_text (b, "share_from", "flows");
  add_shares (b, swarm, shares);
  add_use (b, swarm, "sent", flows.sent, true);
  add_use (b, swarm, "received", flows.received, false);
  bool ok = add_sources (b, swarm, error);
  json_builder_end_object (b);
  return ok;
}
