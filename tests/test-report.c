/* The report's data and formats, from stores with known rows: figures, hostile names, what did not end well. */
#include "results/pack.h"
#include "results/report-chokes.h"
#include "results/report-family.h"
#include "results/report-history.h"
#include "results/report-internal.h"
#include "results/report-waits.h"
#include "results/store-internal.h"
#include "tests/harness.h"

#include <glib/gstdio.h>
#include <string.h>

#define HOSTILE                                                                                              \
  "</script><script>alert(1)</script>\"'&|\xe2\x80\xae"                                                      \
  "gnp\xe2\x80\xa8"

static char *folder, *path;
static ShoalStore *store;

static void
set_up (void)
{
  g_autoptr (GError) error = NULL;
  folder = g_dir_make_tmp ("shoal-report-XXXXXX", NULL);
  path = g_build_filename (folder, "runs.db", NULL);
  store = shoal_store_open (path, SHOAL_STORE_WRITE, &error);
  ck_assert_msg (store != NULL, "%s", error ? error->message : "");
}

static void
tear_down (void)
{
  shoal_store_close (store);
  g_unlink (path);
  ck_assert_int_eq (g_rmdir (folder), 0);
  g_free (path);
  g_free (folder);
}

static void
add_node (ShoalRunRow *run, const char *name, const char *role)
{
  ShoalNodeRow *node = shoal_node_row_new ();
  node->name = g_strdup (name);
  node->role = g_strdup (role);
  node->upload_bytes_per_s = node->download_bytes_per_s = 1000;
  g_ptr_array_add (run->nodes, node);
}

static void
add_transfer (ShoalRunRow *run, const char *node, const char *from, int64_t end_ns, uint64_t bytes)
{
  ShoalTransferRow *transfer = shoal_transfer_row_new ();
  transfer->node = g_strdup (node);
  transfer->file = g_strdup ("F1");
  transfer->fid = g_strdup ("00ff");
  transfer->start_ns = 1000000000;
  transfer->first_byte_ns = 1500000000;
  transfer->end_ns = end_ns;
  transfer->bytes = bytes;
  transfer->status = g_strdup (end_ns == SHOAL_ROW_NO_TIME ? "unfinished" : "done");
  transfer->reason = end_ns == SHOAL_ROW_NO_TIME ? g_strdup ("the time limit passed") : NULL;
  shoal_transfer_row_add_source (transfer, from, bytes);
  g_ptr_array_add (run->transfers, transfer);
}

static void
add_sample (ShoalRunRow *run, unsigned node, int64_t start_ns, uint64_t sent, uint64_t received)
{
  ShoalSampleRow *sample = g_new0 (ShoalSampleRow, 1);
  *sample = (ShoalSampleRow){ .node = node,
                              .start_ns = start_ns,
                              .length_ns = 1000000000,
                              .sent_bytes = sent,
                              .received_bytes = received };
  g_ptr_array_add (run->samples, sample);
}

/* A gives B a file of 2,000 bytes; makespan_ns SHOAL_ROW_NO_TIME: half of it. */
static ShoalRunRow *
make_run (const char *scenario, const char *model, const char *strategy, uint64_t seed, int64_t makespan_ns)
{
  ShoalRunRow *run = shoal_run_row_new ();
  bool is_whole = makespan_ns != SHOAL_ROW_NO_TIME;
  run->scenario = g_strdup (scenario);
  run->resolved = g_strdup ("name: x\ndescription: \"two \\\"nodes\\\"\"\nfiles:\n");
  run->setting = g_strdup (run->resolved);
  run->backend = g_strdup ("sim");
  run->model = g_strdup (model);
  run->strategy = g_strdup (strategy);
  run->seed = seed;
  run->program_version = g_strdup ("0.1.0");
  run->makespan_ns = run->mean_ns = makespan_ns;
  run->bound_ns = 2000000000;
  run->leechers = 1;
  run->completed = is_whole;
  add_node (run, "A", strategy != NULL ? "peer" : "server");
  add_node (run, HOSTILE, strategy != NULL ? "peer" : "client");
  add_transfer (run, HOSTILE, "A", is_whole ? 1000000000 + makespan_ns : SHOAL_ROW_NO_TIME,
                is_whole ? 2000 : 1000);
  add_sample (run, 0, 1000000000, 1000, 0);
  add_sample (run, 1, 1000000000, 0, 1000);
  add_sample (run, 1, 2000000000, 0, is_whole ? 1000 : 0);
  g_ptr_array_add (run->expectations,
                   shoal_expectation_row_new ("makespan <= 3 s", is_whole, "2.5 s & \"more\""));
  return run;
}

static void
play (const char *scenario, const char *model, const char *strategy, uint64_t seed, int64_t makespan_ns)
{
  g_autoptr (ShoalRunRow) run = make_run (scenario, model, strategy, seed, makespan_ns);
  g_autoptr (GError) error = NULL;
  ck_assert_msg (shoal_store_add_run (store, run, &error), "%s", error ? error->message : "");
}

static ShoalReport *
report_on (const char *const *scenarios)
{
  static ShoalReportOptions options = { .title = "runs.db", .program_version = "0.1.0", .made_unix_s = 7 };
  g_autoptr (GError) error = NULL;
  options.scenarios = scenarios;
  ShoalReport *report = shoal_report_new (store, &options, &error);
  ck_assert_msg (report != NULL, "%s", error ? error->message : "");
  return report;
}

static char *
print (ShoalReportFormat format)
{
  g_autoptr (ShoalReport) report = report_on (NULL);
  g_autoptr (GError) error = NULL;
  char *text = shoal_report_print (report, format, &error);
  ck_assert_msg (text != NULL, "%s", error ? error->message : "");
  return text;
}

static void
assert_has (const char *text, const char *words)
{
  ck_assert_msg (strstr (text, words) != NULL, "'%s' is not in: %.2000s", words, text);
}

START_TEST (test_pack)
{
  ShoalPack *pack = shoal_pack_new ();
  shoal_pack_add (pack, 0);
  shoal_pack_add (pack, 127);
  shoal_pack_add (pack, 300);
  shoal_pack_add_signed (pack, -1);
  shoal_pack_add_signed (pack, 1);
  shoal_pack_add_signed (pack, INT64_MIN);
  g_autofree char *text = shoal_pack_end (pack);
  gsize length;
  g_autofree uint8_t *bytes = g_base64_decode (text, &length);
  static const uint8_t expected[] = { 0, 127, 0xac, 2, 1, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1 };
  ck_assert_uint_eq (length, sizeof expected);
  ck_assert_mem_eq (bytes, expected, sizeof expected);
}
END_TEST

START_TEST (test_family)
{
  static const char few[] =
      "name: few\ndescription: \"a \\\\ b\"\nfiles:\n  - name: F1\nnodes:\n  - name: L\n    count: 4\n";
  static const char many[] =
      "name: many\nfiles:\n  - name: F1\nnodes:\n  - name: L\n    count: 40\nexpect:\n  - \"x\"\n";
  static const char other[] = "name: few\nfiles:\n  - name: F2\nnodes:\n  - name: L\n    count: 4\n";
  g_autofree char *a = shoal_report_family (few), *b = shoal_report_family (many),
                  *c = shoal_report_family (other);
  ck_assert_str_eq (a, b);
  ck_assert_str_ne (a, c);
  g_autofree char *description = shoal_report_description (few), *none = shoal_report_description (many);
  ck_assert_str_eq (description, "a \\ b");
  ck_assert_ptr_null (none);
}
END_TEST

START_TEST (test_empty)
{
  g_autofree char *page = print (SHOAL_REPORT_HTML), *text = print (SHOAL_REPORT_MARKDOWN);
  assert_has (page, "\"cases\":[]");
  assert_has (text, "There are no runs yet.");
}
END_TEST

START_TEST (test_figures)
{
  play ("pair", "p2p", "none", 1, 2500000000);
  play ("pair", "p2p", "none", 2, 3000000000);
  play ("pair", "p2p", "tit-for-tat", 1, 4000000000);
  play ("pair", "server-client", NULL, 1, 5000000000);
  g_autofree char *csv = print (SHOAL_REPORT_CSV);
  assert_has (csv, "1,pair,sim,1,p2p,none,1,1,1,1,2.5,2.5,2,1.25,2,1,1\n");
  assert_has (csv, "2,pair,sim,1,p2p,none,2,1,1,1,3,3,2,1.5,,1,1\n");
  assert_has (csv, "3,pair,sim,1,p2p,tit-for-tat,1,1,1,1,4,4,2,2,1.25,1,1\n");
  assert_has (csv, "4,pair,sim,1,server-client,,1,1,1,1,5,5,2,2.5,,1,1\n");
  g_autofree char *markdown = print (SHOAL_REPORT_MARKDOWN);
  assert_has (markdown, "| pair     | P2P              |     2 |    2.00 | 2.75 (2.50-3.00) |");
  assert_has (markdown, "| pair     | P2P, tit-for-tat |     1 |");
}
END_TEST

START_TEST (test_typical)
{
  static const int64_t makespans[] = { 4000000000, SHOAL_ROW_NO_TIME, 2500000000, 3000000000, 3500000000 };
  for (unsigned i = 0; i < G_N_ELEMENTS (makespans); i++)
    play ("pair", "p2p", "none", i + 1, makespans[i]);
  g_autoptr (ShoalReport) report = report_on (NULL);
  const ShoalReportCase *one = g_ptr_array_index (report->cases->cases, 0);
  ck_assert_uint_eq (shoal_report_case_group_end (one, 0), 5);
  /* Of four that ended well, the lower one of the two in the middle. */
  ck_assert_int_eq (shoal_report_case_typical (one, 0, 5)->makespan_ns, 3000000000);
  ck_assert_int_eq (shoal_report_case_typical (one, 1, 2)->makespan_ns, SHOAL_ROW_NO_TIME);
}
END_TEST

/* Only the newest run of a seed counts, and only scenarios that are asked for. */
START_TEST (test_choice)
{
  static const char *const wanted[] = { "b", NULL };
  play ("a", "p2p", "none", 1, 2500000000);
  play ("b", "p2p", "none", 1, 2500000000);
  play ("b", "p2p", "none", 1, 2600000000);
  g_autoptr (ShoalReport) all = report_on (NULL), some = report_on (wanted);
  ck_assert_uint_eq (shoal_report_count_runs (all), 2);
  ck_assert_uint_eq (all->cases->stored_runs, 3);
  ck_assert_uint_eq (shoal_report_count_runs (some), 1);
  ck_assert (shoal_report_has (some, "b") && !shoal_report_has (some, "a"));
}
END_TEST

static void
check_case (const ShoalReport *report, unsigned i, bool of_study, bool is_drawn)
{
  const ShoalReportCase *one = g_ptr_array_index (report->cases->cases, i);
  ck_assert_int_eq (one->of_study, of_study);
  ck_assert_int_eq (one->is_drawn, is_drawn);
}

static unsigned
count_studies (const ShoalReport *report)
{
  g_autoptr (JsonNode) root = shoal_report_json (report, false, NULL);
  return json_array_get_length (json_object_get_array_member (json_node_get_object (root), "studies"));
}

/* Cells of studies are not drawn, unless they are recorded, somebody else played the scenario, too, or it is named. */
START_TEST (test_cells)
{
  static const char *const wanted[] = { "cell", NULL };
  static const char *const names[] = { "cell", "both", "both", "recorded" };
  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    play (names[i], "p2p", "none", i + 1, 2500000000);
  ck_assert_int_eq (sqlite3_exec (store->db,
                                  "INSERT INTO studies (id, name, description, x) VALUES (1, 's', '', 'x');"
                                  "INSERT INTO study_cells (study, point, model, seed, run)"
                                  " VALUES (1, 0, 'p2p', 1, 1), (1, 1, 'p2p', 2, 2), (1, 2, 'p2p', 4, 4);"
                                  "UPDATE runs SET recorded = id = 4",
                                  NULL, NULL, NULL),
                    SQLITE_OK);
  g_autoptr (ShoalReport) all = report_on (NULL), some = report_on (wanted);
  check_case (all, 0, true, false);
  check_case (all, 1, false, true);
  check_case (all, 2, false, true);
  check_case (some, 0, false, true);
  ck_assert_uint_eq (count_studies (all), 1);
  ck_assert_uint_eq (count_studies (some), 0);
}
END_TEST

/* Of many scenarios the first are drawn; cells do not count. */
START_TEST (test_many)
{
  for (unsigned i = 0; i < 21; i++)
    {
      g_autofree char *name = g_strdup_printf ("s%02u", i);
      play (name, "p2p", "none", 1, 2500000000);
    }
  g_autoptr (ShoalReport) report = report_on (NULL);
  check_case (report, 19, false, true);
  check_case (report, 20, false, false);
}
END_TEST

/* Between "<script … id="data">" and the next "</script" stands the whole of the data. */
START_TEST (test_page)
{
  play (HOSTILE, "p2p", "none", 1, 2500000000);
  g_autofree char *page = print (SHOAL_REPORT_HTML);
  char *data = strstr (page, "id=\"data\">");
  ck_assert_ptr_nonnull (data);
  data += strlen ("id=\"data\">");
  char *end = strstr (data, "</script");
  ck_assert_ptr_nonnull (end);
  *end = '\0';
  ck_assert_ptr_null (strpbrk (data, "<>&"));
  ck_assert_ptr_null (strstr (data, "\xe2\x80\xa8"));
  g_autoptr (JsonParser) parser = json_parser_new ();
  ck_assert (json_parser_load_from_data (parser, data, -1, NULL));
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  JsonObject *one = json_array_get_object_element (json_object_get_array_member (root, "cases"), 0);
  ck_assert_str_eq (json_object_get_string_member (one, "scenario"), HOSTILE);
  ck_assert_str_eq (json_object_get_string_member (one, "description"), "two \"nodes\"");
  JsonObject *detail = json_array_get_object_element (json_object_get_array_member (one, "details"), 0);
  ck_assert_double_eq_tol (json_object_get_double_member (detail, "length_s"), 2.5, 1e-9);
  ck_assert_uint_eq (json_array_get_length (json_object_get_array_member (detail, "nodes")), 2);
}
END_TEST

/* The page asks nobody for anything. */
START_TEST (test_page_is_alone)
{
  play ("pair", "p2p", "none", 1, 2500000000);
  g_autofree char *page = print (SHOAL_REPORT_HTML);
  static const char *const askers[] = { " src=", "<link", "@import", "url(http", "fetch(", "XMLHttpRequest" };
  for (unsigned i = 0; i < G_N_ELEMENTS (askers); i++)
    ck_assert_msg (strstr (page, askers[i]) == NULL, "%s", askers[i]);
  assert_has (page, "default-src 'none'");
  ck_assert_ptr_null (strstr (page, "@@"));
}
END_TEST

START_TEST (test_unfinished)
{
  play ("pair", "p2p", "none", 1, SHOAL_ROW_NO_TIME);
  g_autofree char *markdown = print (SHOAL_REPORT_MARKDOWN), *page = print (SHOAL_REPORT_HTML);
  assert_has (markdown, "With seed 1, P2P: 0 of 1 downloads ended well");
  assert_has (markdown, "**not met**");
  assert_has (page, "the time limit passed");
}
END_TEST

START_TEST (test_markdown_escapes)
{
  play ("a|b<i>*", "p2p", "none", 1, 2500000000);
  g_autofree char *markdown = print (SHOAL_REPORT_MARKDOWN);
  assert_has (markdown, "| a\\|b&lt;i>\\* |");
}
END_TEST

START_TEST (test_junit)
{
  unsigned unmet;
  play ("pair\x01\"<", "p2p", "none", 1, 2500000000);
  play ("pair\x01\"<", "server-client", NULL, 1, SHOAL_ROW_NO_TIME);
  g_autoptr (ShoalReport) report = report_on (NULL);
  g_autofree char *xml = shoal_report_junit (report, &unmet);
  ck_assert_uint_eq (unmet, 1);
  assert_has (xml, "<testsuites name=\"shoal\" tests=\"2\" failures=\"1\" errors=\"0\">");
  assert_has (
      xml,
      "<testsuite name=\"pair\xef\xbf\xbd&quot;&lt;, P2P, seed 1\" tests=\"1\" failures=\"0\" errors=\"0\" "
      "time=\"2.500000\">");
  assert_has (xml, "name=\"makespan &lt;= 3 s\"/>");
  assert_has (xml, "<failure message=\"measured: 2.5 s &amp; &quot;more&quot;\">");
  g_autoptr (GError) error = NULL;
  static const GMarkupParser ignore = { NULL };
  GMarkupParseContext *context = g_markup_parse_context_new (&ignore, G_MARKUP_DEFAULT_FLAGS, NULL, NULL);
  ck_assert (g_markup_parse_context_parse (context, xml, -1, &error));
  ck_assert (g_markup_parse_context_end_parse (context, &error));
  g_markup_parse_context_free (context);
}
END_TEST

/* ---- what a run looked like, from its rows ---- */

static void
add_arrival (unsigned transfer, unsigned block, int64_t held_ns)
{
  g_autofree char *sql =
      g_strdup_printf ("INSERT INTO arrivals (transfer, block, giver, asked_ns, first_ns, held_ns)"
                       " VALUES (%u, %u, 1, 0, %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")",
                       transfer, block, held_ns - 100, held_ns);
  ck_assert_int_eq (sqlite3_exec (store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void
add_event (const char *kind, unsigned node, const char *peer, int64_t at_ns)
{
  g_autofree char *sql = g_strdup_printf ("INSERT INTO events (run, at_ns, node, kind, peer, file, value)"
                                          " VALUES (1, %" G_GINT64_FORMAT ", %u, '%s', %s, 'F1', 0)",
                                          at_ns, node, kind, peer);
  ck_assert_int_eq (sqlite3_exec (store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* Node 1 offers four blocks, of which node 2 gets one every second from 1 s, when its download began, to 5 s. */
static ShoalReportSwarm *
read_four_blocks (void)
{
  g_autoptr (ShoalRunRow) run = make_run ("pair", "p2p", "none", 1, 4000000000);
  ((ShoalTransferRow *)g_ptr_array_index (run->transfers, 0))->bytes = 4 * SHOAL_REPORT_BLOCK_BYTES - 1;
  ck_assert (shoal_store_add_run (store, run, NULL));
  add_event ("join", 1, "NULL", 0);
  add_event ("join", 2, "NULL", 0);
  add_event ("registered", 1, "NULL", 0);
  for (unsigned i = 0; i < 4; i++)
    add_arrival (1, 3 - i, 2000000000 + (int64_t)i * 1000000000);
  ShoalReportSwarm *swarm = shoal_report_swarm_read (store, 1, NULL);
  ck_assert_ptr_nonnull (swarm);
  ck_assert_int_eq (swarm->first_ns, 1000000000);
  ck_assert_int_eq (swarm->last_ns, 5000000000);
  return swarm;
}

START_TEST (test_history)
{
  g_autoptr (ShoalReportSwarm) swarm = read_four_blocks ();
  g_auto (ShoalReportHistory) history = { 0 };
  ck_assert (shoal_report_history_read (swarm, 1000, &history, NULL));
  const uint16_t *shares = &history.shares[1 * SHOAL_REPORT_POINTS];
  ck_assert_uint_eq (history.arrivals, 4);
  ck_assert_uint_eq (history.transfers_count, 4);
  ck_assert_uint_eq (shares[29], 0);
  ck_assert_uint_eq (shares[30], 250); /* at the very moment */
  ck_assert_uint_eq (shares[89], 500);
  ck_assert_uint_eq (shares[120], 1000);
  ck_assert_uint_eq (history.copies[0][0], 1); /* the rarest */
  ck_assert_uint_eq (history.copies[2][0], 1); /* the commonest */
  ck_assert_uint_eq (history.copies[1][60], 1);
  ck_assert_uint_eq (history.copies[2][60], 2);
  ck_assert_uint_eq (history.copies[0][120], 2);
}
END_TEST

/* A sample leaves out whole blocks. */
START_TEST (test_history_sampled)
{
  g_autoptr (ShoalReportSwarm) swarm = read_four_blocks ();
  g_auto (ShoalReportHistory) history = { 0 };
  ck_assert (shoal_report_history_read (swarm, 2, &history, NULL));
  ck_assert_uint_eq (history.every, 2);
  ck_assert_uint_eq (history.transfers_count, 2);
  ck_assert_uint_eq (history.arrivals, 4);
  ck_assert_uint_eq (history.shares[2 * SHOAL_REPORT_POINTS - 1], 1000);
}
END_TEST

/* Who crashes takes its copies along; who comes back with nothing begins anew. */
START_TEST (test_history_of_faults)
{
  g_autoptr (ShoalReportSwarm) before = read_four_blocks ();
  add_event ("crash", 1, "NULL", 3500000000);
  add_event ("return", 2, "NULL", 4500000000);
  g_autoptr (ShoalReportSwarm) swarm = shoal_report_swarm_read (store, 1, NULL);
  g_auto (ShoalReportHistory) history = { 0 };
  ck_assert (shoal_report_history_read (swarm, 1000, &history, NULL));
  ck_assert_uint_eq (history.copies[0][74], 1);
  ck_assert_uint_eq (history.copies[0][76], 0);
  ck_assert_uint_eq (history.copies[2][76], 1);
  ck_assert_uint_eq (history.shares[SHOAL_REPORT_POINTS + 104], 750);
  ck_assert_uint_eq (history.shares[SHOAL_REPORT_POINTS + 106], 0);
  ck_assert_uint_eq (history.shares[SHOAL_REPORT_POINTS + 120], 250);
}
END_TEST

START_TEST (test_chokes)
{
  g_autoptr (ShoalReportSwarm) swarm = read_four_blocks ();
  g_auto (ShoalReportChokes) chokes = { 0 };
  add_event ("unchoked", 1, "2", 2000000000);
  add_event ("unchoked", 1, "2", 2100000000); /* once more: no change */
  add_event ("choked", 1, "2", 3000000000);
  add_event ("unchoked", 1, "2", 4000000000);
  add_event ("crash", 1, "NULL", 4500000000);
  ck_assert (shoal_report_chokes_read (swarm, &chokes, NULL));
  const uint16_t *serving = &chokes.serving[1 * SHOAL_REPORT_POINTS];
  ck_assert_uint_eq (chokes.events, 4);
  ck_assert_uint_eq (chokes.most, 1);
  ck_assert_uint_eq (serving[29], 0);
  ck_assert_uint_eq (serving[31], 1);
  ck_assert_uint_eq (serving[61], 0);
  ck_assert_uint_eq (serving[91], 1);
  ck_assert_uint_eq (serving[106], 0);
}
END_TEST

START_TEST (test_waits)
{
  g_autoptr (ShoalReportSwarm) swarm = read_four_blocks ();
  g_auto (ShoalReportWaits) waits = { 0 };
  ck_assert_int_eq (
      sqlite3_exec (store->db,
                    "INSERT INTO waits (transfer, start_ns, length_ns, cause) VALUES"
                    " (1, 1000000000, 1000000001, 'handshake'), (1, 2000000001, 2999999999, 'downlink')",
                    NULL, NULL, NULL),
      SQLITE_OK);
  ck_assert (shoal_report_waits_read (swarm, &waits, NULL));
  ck_assert_uint_eq (waits.causes->len, 2);
  ck_assert_str_eq (g_ptr_array_index (waits.causes, 1), "downlink");
  ck_assert_int_eq (waits.total_ns[0], 1000000001);
  ck_assert_int_eq (waits.node_ns[SHOAL_REPORT_CAUSES_MAX + 1], 2999999999);
  gsize length;
  g_autofree uint8_t *longest = g_base64_decode (waits.longest, &length);
  ck_assert_uint_eq (length, 2 * SHOAL_REPORT_STEPS);
  ck_assert_uint_eq (longest[SHOAL_REPORT_STEPS + 10], 1);
  ck_assert_uint_eq (longest[SHOAL_REPORT_STEPS + 40], 2);
  ck_assert_uint_eq (longest[10], 0);
}
END_TEST

/* Of many nodes, sources and an even sample are shown. */
START_TEST (test_shown)
{
  g_autoptr (ShoalRunRow) run = make_run ("many", "p2p", "none", 1, 4000000000);
  for (unsigned i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("L%u", i);
      add_node (run, name, "peer");
      add_transfer (run, name, "A", 2000000000 + (int64_t)i, 2000);
    }
  ck_assert (shoal_store_add_run (store, run, NULL));
  add_event ("registered", 1, "NULL", 0);
  g_autoptr (ShoalReportSwarm) swarm = shoal_report_swarm_read (store, 1, NULL);
  ck_assert_uint_eq (swarm->shown->len, SHOAL_REPORT_SHOWN_MAX);
  ck_assert_int_eq (shoal_report_node (swarm, 0)->shown, 0); /* the source */
  ck_assert_int_eq (shoal_report_node (swarm, 1)->shown, 1); /* the last that was done */
  ck_assert_int_eq (shoal_report_node (swarm, 2)->shown, 2); /* the first */
}
END_TEST

static Suite *
report_suite (void)
{
  Suite *suite = suite_create ("report");
  TCase *plain = tcase_create ("parts"), *made = tcase_create ("reports"), *runs = tcase_create ("runs");
  tcase_add_test (plain, test_pack);
  tcase_add_test (plain, test_family);
  tcase_add_checked_fixture (made, set_up, tear_down);
  tcase_add_test (made, test_empty);
  tcase_add_test (made, test_figures);
  tcase_add_test (made, test_typical);
  tcase_add_test (made, test_choice);
  tcase_add_test (made, test_cells);
  tcase_add_test (made, test_many);
  tcase_add_test (made, test_page);
  tcase_add_test (made, test_page_is_alone);
  tcase_add_test (made, test_unfinished);
  tcase_add_test (made, test_markdown_escapes);
  tcase_add_test (made, test_junit);
  tcase_add_checked_fixture (runs, set_up, tear_down);
  tcase_add_test (runs, test_history);
  tcase_add_test (runs, test_history_sampled);
  tcase_add_test (runs, test_history_of_faults);
  tcase_add_test (runs, test_chokes);
  tcase_add_test (runs, test_waits);
  tcase_add_test (runs, test_shown);
  suite_add_tcase (suite, plain);
  suite_add_tcase (suite, runs);
  suite_add_tcase (suite, made);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (report_suite (), NULL);
}
