#include "results/report-detail.h"

#include "results/json-fields.h"
#include "results/report-plots.h"
#include "results/report-sentences.h"

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

/* Files that it offers from the first. */
static void
add_offers (JsonBuilder *b, const ShoalReportSwarm *swarm, unsigned node)
{
  shoal_json_begin_list (b, "offers");
  for (unsigned i = 0; i < swarm->events->len; i++)
    {
      const ShoalReportEvent *event = shoal_report_event (swarm, i);
      if (event->node == node && event->file >= 0 && g_str_equal (event->kind, "registered"))
        json_builder_add_int_value (b, event->file);
    }
  json_builder_end_array (b);
}

/* Whether it is there when the first download begins; who never joins is there always. */
static bool
is_there (const ShoalReportSwarm *swarm, unsigned node)
{
  bool joins = false, there = false;
  for (unsigned i = 0; i < swarm->events->len; i++)
    {
      const ShoalReportEvent *event = shoal_report_event (swarm, i);
      if (event->node != node)
        continue;
      bool comes = g_str_equal (event->kind, "join") || g_str_equal (event->kind, "return");
      bool goes = g_str_equal (event->kind, "leave") || g_str_equal (event->kind, "crash");
      joins |= comes;
      if (event->at_ns <= swarm->first_ns && (comes || goes))
        there = comes;
    }
  return there || !joins;
}

static void
add_nodes (JsonBuilder *b, const ShoalReportSwarm *swarm)
{
  shoal_json_begin_list (b, "nodes");
  for (unsigned i = 0; i < swarm->shown->len; i++)
    {
      unsigned number = g_array_index (swarm->shown, unsigned, i);
      const ShoalReportNode *node = shoal_report_node (swarm, number);
      json_builder_begin_object (b);
      shoal_json_add_text (b, "name", node->name);
      shoal_json_add_text (b, "role", node->role);
      shoal_json_add_count (b, "upload_bytes_per_s", node->upload_bytes_per_s);
      shoal_json_add_count (b, "download_bytes_per_s", node->download_bytes_per_s);
      shoal_json_add_bool (b, "is_source", node->is_source || g_str_equal (node->role, "server"));
      shoal_json_add_count (b, "downloads", node->downloads);
      shoal_json_add_bool (b, "there", is_there (swarm, number));
      add_offers (b, swarm, number);
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

/* The tracker has no part in what is drawn. */
static unsigned
count_nodes (const ShoalReportSwarm *swarm)
{
  unsigned n = 0;
  for (unsigned i = 0; i < swarm->nodes->len; i++)
    n += !g_str_equal (shoal_report_node (swarm, i)->role, "tracker");
  return n;
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
  shoal_json_add_count (b, "nodes_in_all", count_nodes (swarm));
  shoal_json_add_count (b, "downloaders_in_all", count_downloaders (swarm));
  add_ends (b, swarm);
  add_nodes (b, swarm);
  add_files (b, swarm);
  add_downloads (b, swarm);
  add_events (b, swarm);
}

static void
add_history (JsonBuilder *b, const ShoalReportSwarm *swarm, const ShoalReportFlows *flows,
             const ShoalReportHistory *history)
{
  bool is_known = history->arrivals > 0;
  g_autofree uint16_t *estimate = is_known ? NULL : shoal_report_shares_from_flows (swarm, flows);
  shoal_json_add_text (b, "share_from", is_known ? "arrivals" : "flows");
  shoal_report_add_shares (b, swarm, is_known ? history->shares : estimate);
  if (!is_known)
    return;
  shoal_report_add_copies (b, history);
  shoal_report_add_replay (b, history);
}

/* What the plots are about, read for one run. */
typedef struct {
  ShoalReportFlows flows;
  ShoalReportHistory history;
  ShoalReportChokes chokes;
  ShoalReportWaits waits;
} Tables;

static bool
read_tables (const ShoalReportSwarm *swarm, unsigned transfers_max, Tables *t, GError **error)
{
  return shoal_report_flows_read (swarm, &t->flows, error)
         && shoal_report_history_read (swarm, transfers_max, &t->history, error)
         && shoal_report_chokes_read (swarm, &t->chokes, error)
         && shoal_report_waits_read (swarm, &t->waits, error);
}

static void
tables_clear (Tables *t)
{
  shoal_report_flows_clear (&t->flows);
  shoal_report_history_clear (&t->history);
  shoal_report_chokes_clear (&t->chokes);
  shoal_report_waits_clear (&t->waits);
}

static bool
add_all (JsonBuilder *b, const ShoalReportSwarm *swarm, const Tables *t, GError **error)
{
  json_builder_begin_object (b);
  add_head (b, swarm);
  add_history (b, swarm, &t->flows, &t->history);
  shoal_report_add_use (b, swarm, "sent", t->flows.sent, true);
  shoal_report_add_use (b, swarm, "received", t->flows.received, false);
  if (t->chokes.events > 0)
    shoal_report_add_chokes (b, swarm, &t->chokes);
  if (t->waits.rows > 0)
    shoal_report_add_waits (b, swarm, &t->waits);
  bool ok = shoal_report_add_sources (b, swarm, error) && shoal_report_add_sentences (b, swarm, error);
  json_builder_end_object (b);
  return ok;
}

bool
shoal_report_detail_add (JsonBuilder *b, ShoalStore *store, int64_t run, unsigned transfers_max,
                         GError **error)
{
  g_autoptr (ShoalReportSwarm) swarm = shoal_report_swarm_read (store, run, error);
  Tables tables = { 0 };
  bool ok = swarm != NULL && read_tables (swarm, transfers_max, &tables, error)
            && add_all (b, swarm, &tables, error);
  tables_clear (&tables);
  return ok;
}
