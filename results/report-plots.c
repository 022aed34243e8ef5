/* The packed tables that the report's plots are drawn from. */
#include "results/report-plots.h"

#include "results/json-fields.h"
#include "results/query.h"

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

void
shoal_report_add_shares (JsonBuilder *b, const ShoalReportSwarm *swarm, const uint16_t *shares)
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

void
shoal_report_add_use (JsonBuilder *b, const ShoalReportSwarm *swarm, const char *key, const double *bytes,
                      bool is_upload)
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
bool
shoal_report_add_sources (JsonBuilder *b, const ShoalReportSwarm *swarm, GError **error)
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

/* ---- copies, chokes, waits ---- */

void
shoal_report_add_copies (JsonBuilder *b, const ShoalReportHistory *history)
{
  ShoalPack *pack = shoal_pack_new ();
  for (unsigned i = 0; i < G_N_ELEMENTS (history->copies); i++)
    shoal_report_pack_row (pack, history->copies[i], SHOAL_REPORT_POINTS);
  g_autofree char *text = shoal_pack_end (pack);
  json_builder_set_member_name (b, "copies");
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "file");
  json_builder_add_int_value (b, history->copies_file);
  shoal_json_add_text (b, "rows", text);
  json_builder_end_object (b);
}

void
shoal_report_add_chokes (JsonBuilder *b, const ShoalReportSwarm *swarm, const ShoalReportChokes *chokes)
{
  ShoalPack *pack = shoal_pack_new ();
  for (unsigned i = 0; i < swarm->shown->len; i++)
    {
      size_t node = g_array_index (swarm->shown, unsigned, i);
      shoal_report_pack_row (pack, &chokes->serving[node * SHOAL_REPORT_POINTS], SHOAL_REPORT_POINTS);
    }
  g_autofree char *text = shoal_pack_end (pack);
  json_builder_set_member_name (b, "chokes");
  json_builder_begin_object (b);
  shoal_json_add_count (b, "events", chokes->events);
  shoal_json_add_count (b, "most", chokes->most);
  shoal_json_add_text (b, "serving", text);
  shoal_json_add_text (b, "changes", chokes->changes);
  json_builder_end_object (b);
}

static void
add_causes (JsonBuilder *b, const int64_t *ns, unsigned count)
{
  json_builder_begin_array (b);
  for (unsigned i = 0; i < count; i++)
    json_builder_add_int_value (b, ns[i]);
  json_builder_end_array (b);
}

void
shoal_report_add_waits (JsonBuilder *b, const ShoalReportSwarm *swarm, const ShoalReportWaits *waits)
{
  json_builder_set_member_name (b, "waits");
  json_builder_begin_object (b);
  shoal_json_begin_list (b, "causes");
  for (unsigned i = 0; i < waits->causes->len; i++)
    json_builder_add_string_value (b, g_ptr_array_index (waits->causes, i));
  json_builder_end_array (b);
  json_builder_set_member_name (b, "total_ns");
  add_causes (b, waits->total_ns, waits->causes->len);
  shoal_json_begin_list (b, "node_ns");
  for (unsigned i = 0; i < swarm->shown->len; i++)
    {
      size_t node = g_array_index (swarm->shown, unsigned, i);
      add_causes (b, &waits->node_ns[node * SHOAL_REPORT_CAUSES_MAX], waits->causes->len);
    }
  json_builder_end_array (b);
  shoal_json_add_text (b, "longest", waits->longest);
  json_builder_end_object (b);
}

void
shoal_report_add_replay (JsonBuilder *b, const ShoalReportHistory *history)
{
  json_builder_set_member_name (b, "replay");
  json_builder_begin_object (b);
  shoal_json_add_count (b, "count", history->transfers_count);
  shoal_json_add_count (b, "every", history->every);
  shoal_json_add_count (b, "arrivals_in_all", history->arrivals);
  shoal_json_add_text (b, "transfers", history->transfers);
  json_builder_end_object (b);
}
