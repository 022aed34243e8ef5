/* The parser: what a scenario says is what the model holds, the resolved text says the same, and what
 * is wrong is named with its place. */
#include "scenarios/condition.h"
#include "scenarios/scenario.h"
#include "scenarios/units.h"
#include "tests/harness.h"

#include <glib/gstdio.h>

static ShoalScenario *
parse (const char *text)
{
  GError *error = NULL;
  ShoalScenario *scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  ck_assert_msg (scenario != NULL, "%s", error ? error->message : "no error");
  return scenario;
}

static const ShoalScenarioNode *
node_named (const ShoalScenario *scenario, const char *name)
{
  int node = shoal_scenario_find_node (scenario, name);
  ck_assert_msg (node >= 0, "no node %s", name);
  return shoal_scenario_node (scenario, (unsigned)node);
}

static const char FULL[] = "name: full\n"
                           "description: |\n"
                           "  It \"says\" all: back\\slash,\n"
                           "  and two lines.\n"
                           "time_limit: 90 min\n"
                           "files:\n"
                           "- {name: F1, size: 148539 B, seed: 7, piece_length: 32 KiB}\n"
                           "- {name: F2, size: 1 MiB}\n"
                           "- {name: F3, size: 0}\n"
                           "tracker: {upload: 20 kB/s}\n"
                           "defaults: {upload: 100 kB/s, download: 10 Mbit/s}\n"
                           "server_client: {service: fair}\n"
                           "nodes:\n"
                           "- name: A\n"
                           "  actions:\n"
                           "  - {at: 1 s, register: 'F1, F2'}\n"
                           "  - {when: B has F1, after: 2 s, cancel: F1}\n"
                           "  - {at: 9 s, close: true}\n"
                           "- {name: B, upload: 0, join: 500 ms}\n"
                           "- {name: L, count: 3, upload: 5 kB/s}\n"
                           "- name: late\n"
                           "  actions:\n"
                           "  - {when: 'B, L have F1 and F2 is out and A has 2.5 % of F3', join: true}\n"
                           "actions:\n"
                           "- {at: 2 s, nodes: 'B, L', download: F1, time_limit: 60 s}\n"
                           "- {at: 3 s, nodes: L2, rates: {upload: unlimited}}\n"
                           "- {when: all have F1, nodes: B, rates: {upload: 1 MB/s, download: 2 MB/s}}\n"
                           "expect:\n"
                           "- everybody completes by 70 s\n"
                           "- speedup >= 1.5\n";

START_TEST (head_and_files)
{
  g_autoptr (ShoalScenario) s = parse (FULL);
  ck_assert_str_eq (s->name, "full");
  ck_assert_str_eq (s->description, "It \"says\" all: back\\slash,\nand two lines.");
  ck_assert_int_eq (s->time_limit_ns, 5400 * SHOAL_SECOND);
  ck_assert_uint_eq (s->tracker_upload_bytes_per_s, 20000);
  ck_assert_uint_eq (s->tracker_download_bytes_per_s, 10000);
  ck_assert_int_eq (s->service, SHOAL_SERVICE_FAIR);
  ck_assert_uint_eq (s->files->len, 3);
  ck_assert_uint_eq (shoal_scenario_file (s, 0)->size_bytes, 148539);
  ck_assert_uint_eq (shoal_scenario_file (s, 0)->seed, 7);
  ck_assert_uint_eq (shoal_scenario_file (s, 0)->piece_length_bytes, 32768);
  ck_assert_uint_eq (shoal_scenario_file (s, 1)->seed, 2); /* its place in the list */
  ck_assert_uint_eq (shoal_scenario_file (s, 2)->size_bytes, 0);
}
END_TEST

START_TEST (nodes_and_groups)
{
  g_autoptr (ShoalScenario) s = parse (FULL);
  ck_assert_uint_eq (s->nodes->len, 6);
  ck_assert_uint_eq (s->groups->len, 4);
  ck_assert_uint_eq (node_named (s, "A")->upload_bytes_per_s, 100000);
  ck_assert_uint_eq (node_named (s, "A")->download_bytes_per_s, 1250000);
  ck_assert_uint_eq (node_named (s, "B")->upload_bytes_per_s, 0);
  ck_assert_int_eq (node_named (s, "B")->join_ns, 500 * SHOAL_MS);
  ck_assert_uint_eq (node_named (s, "L3")->upload_bytes_per_s, 5000);
  ck_assert_int_eq (node_named (s, "L3")->join_ns, 0);
  ck_assert_int_eq (node_named (s, "late")->join_ns, SHOAL_NEVER);
  ck_assert_int_eq (shoal_scenario_find_node (s, "L"), -1);
  ck_assert_int_eq (shoal_scenario_find_group (s, "L"), 2);
}
END_TEST

static unsigned
index_at (const GArray *indices, unsigned i)
{
  ck_assert_uint_lt (i, indices->len);
  return g_array_index (indices, unsigned, i);
}

START_TEST (actions)
{
  g_autoptr (ShoalScenario) s = parse (FULL);
  ck_assert_uint_eq (s->actions->len, 7);
  const ShoalAction *a = shoal_scenario_action (s, 0);
  ck_assert_int_eq (a->kind, SHOAL_ACTION_REGISTER);
  ck_assert_str_eq (a->place, "nodes[0].actions[0]");
  ck_assert_int_eq (a->at_ns, SHOAL_SECOND);
  ck_assert_uint_eq (a->files->len, 2);
  a = shoal_scenario_action (s, 1);
  ck_assert_int_eq (a->kind, SHOAL_ACTION_CANCEL);
  ck_assert_int_eq (a->after_ns, 2 * SHOAL_SECOND);
  ck_assert_str_eq (a->when->text, "B has F1");
  ck_assert_int_eq (shoal_scenario_action (s, 2)->kind, SHOAL_ACTION_CLOSE);
  a = shoal_scenario_action (s, 4); /* top level, a node and a group */
  ck_assert_int_eq (a->group, -1);
  ck_assert_uint_eq (a->nodes->len, 4);
  ck_assert_uint_eq (index_at (a->nodes, 3), (unsigned)shoal_scenario_find_node (s, "L3"));
  ck_assert_int_eq (a->time_limit_ns, 60 * SHOAL_SECOND);
  a = shoal_scenario_action (s, 5);
  ck_assert (a->has_upload && !a->has_download && a->upload_bytes_per_s == 0);
  a = shoal_scenario_action (s, 6);
  ck_assert (a->has_upload && a->has_download && a->download_bytes_per_s == 2000000);
  ck_assert_uint_eq (g_array_index (a->when->terms, ShoalTerm, 0).nodes->len, 4); /* B and L */
}
END_TEST

START_TEST (conditions)
{
  g_autoptr (ShoalScenario) s = parse (FULL);
  const ShoalCondition *when = shoal_scenario_action (s, 3)->when;
  ck_assert_uint_eq (when->terms->len, 3);
  const ShoalTerm *has = &g_array_index (when->terms, ShoalTerm, 0);
  ck_assert_int_eq (has->kind, SHOAL_TERM_HAS);
  ck_assert_uint_eq (has->nodes->len, 4);
  ck_assert_int_eq (g_array_index (when->terms, ShoalTerm, 1).kind, SHOAL_TERM_OUT);
  ck_assert_uint_eq (g_array_index (when->terms, ShoalTerm, 1).file, 1);
  const ShoalTerm *share = &g_array_index (when->terms, ShoalTerm, 2);
  ck_assert_int_eq (share->kind, SHOAL_TERM_SHARE);
  ck_assert_int_eq (share->share_millionths, 25000);
  ck_assert (shoal_condition_needs_blocks (when));
  ck_assert (!shoal_condition_needs_blocks (shoal_scenario_action (s, 1)->when));
}
END_TEST

/* Aliases copy; "<<" fills in what an entry leaves open; an own action drops the merged one's. */
START_TEST (anchors)
{
  g_autoptr (ShoalScenario) s =
      parse ("name: anchors\n"
             "templates:\n"
             "- &slow {upload: 1 kB/s, download: 2 kB/s, join: 3 s}\n"
             "- &slower {<<: *slow, upload: 500 B/s}\n"
             "files: [&f {name: F1, size: 10 kB}, {<<: *f, name: F2}]\n"
             "nodes:\n"
             "- {<<: *slow, name: A, actions: &acts [{at: 4 s, register: F1}, {at: 5 s, register: F2}]}\n"
             "- {name: B, <<: *slower, actions: [&get {at: 6 s, download: F1}, {<<: *get, download: F2}]}\n"
             "- {name: C, <<: *slower, download: 9 kB/s, actions: *acts}\n"
             "actions:\n"
             "- {<<: *get, nodes: C, when: B has F1}\n"
             "- {<<: *get, nodes: C, close: true}\n");
  ck_assert_uint_eq (node_named (s, "A")->upload_bytes_per_s, 1000);
  ck_assert_uint_eq (node_named (s, "B")->upload_bytes_per_s, 500);
  ck_assert_uint_eq (node_named (s, "B")->download_bytes_per_s, 2000);
  ck_assert_uint_eq (node_named (s, "C")->download_bytes_per_s, 9000);
  ck_assert_int_eq (node_named (s, "C")->join_ns, 3 * SHOAL_SECOND);
  ck_assert_uint_eq (shoal_scenario_file (s, 1)->size_bytes, 10000);
  ck_assert_uint_eq (s->actions->len, 8);
  ck_assert_uint_eq (index_at (shoal_scenario_action (s, 3)->files, 0), 1);
  ck_assert_int_eq (shoal_scenario_action (s, 3)->at_ns, 6 * SHOAL_SECOND);
  ck_assert_int_eq (shoal_scenario_action (s, 5)->kind, SHOAL_ACTION_REGISTER);
  ck_assert_ptr_nonnull (shoal_scenario_action (s, 6)->when);
  ck_assert_int_eq (shoal_scenario_action (s, 7)->kind, SHOAL_ACTION_CLOSE);
  ck_assert_uint_eq (shoal_scenario_action (s, 7)->files->len, 0);
}
END_TEST

static ShoalStrategyOptions
serving_of (const ShoalScenario *s, const char *group, const ShoalStrategy *strategy)
{
  int index = shoal_scenario_find_group (s, group);
  ck_assert_int_ge (index, 0);
  return shoal_scenario_serving (s, &g_array_index (s->groups, ShoalScenarioGroup, index), strategy);
}

/* A group says of its own what it wants to, and is otherwise as the rest. */
START_TEST (strategies)
{
  g_autoptr (ShoalScenario) s = parse ("name: strategies\n"
                                       "strategy: {name: tit-for-tat, slots: 7, turn: 2 s}\n"
                                       "nodes:\n"
                                       "- &a {name: A, upload: 1 kB/s, download: 2 kB/s}\n"
                                       "- {<<: *a, name: B, strategy: {name: turns, turn: auto}}\n"
                                       "- {<<: *a, name: C, strategy: {slots: 1, trial_turns: 9}}\n");
  ShoalStrategyOptions a = serving_of (s, "A", NULL), b = serving_of (s, "B", NULL),
                       c = serving_of (s, "C", NULL);
  ck_assert_ptr_eq (a.strategy, &shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (a.slots, 7);
  ck_assert_uint_eq (a.trial_turns, SHOAL_TRIAL_TURNS);
  ck_assert_int_eq (a.turn_ns, 2 * SHOAL_SECOND);
  ck_assert_ptr_eq (b.strategy, &shoal_strategy_turns);
  ck_assert_uint_eq (b.slots, 7);
  ck_assert_int_eq (b.turn_ns, 0);
  ck_assert_ptr_eq (c.strategy, &shoal_strategy_tit_for_tat);
  ck_assert_uint_eq (c.slots, 1);
  ck_assert_uint_eq (c.trial_turns, 9);
  /* In place of the scenario's: not of one that a group names. */
  ck_assert_ptr_eq (serving_of (s, "A", &shoal_strategy_none).strategy, &shoal_strategy_none);
  ck_assert_ptr_eq (serving_of (s, "B", &shoal_strategy_none).strategy, &shoal_strategy_turns);
  ck_assert_ptr_eq (serving_of (s, "C", &shoal_strategy_none).strategy, &shoal_strategy_none);
}
END_TEST

START_TEST (strategies_resolved)
{
  g_autoptr (ShoalScenario) s =
      parse ("name: strategies\n"
             "nodes:\n"
             "- {name: B, upload: 0, download: 0, strategy: {name: turns, slots: 3, "
             "turn: 2 s, trial_turns: 5}}\n");
  g_autofree char *own = shoal_scenario_resolve (s, NULL), *setting = shoal_scenario_setting (s);
  g_autofree char *other = shoal_scenario_resolve (s, &shoal_strategy_tit_for_tat);
  ck_assert_ptr_nonnull (strstr (own, "\nstrategy: {name: none, slots: 4, turn: auto, trial_turns: 3}\n"));
  ck_assert_ptr_nonnull (
      strstr (own, "\n    strategy: {name: turns, slots: 3, turn: 2 s, trial_turns: 5}\n"));
  ck_assert_ptr_nonnull (
      strstr (other, "\nstrategy: {name: tit-for-tat, slots: 4, turn: auto, trial_turns: 3}\n"));
  ck_assert_ptr_null (strstr (setting, "strategy:"));
  g_autoptr (ShoalScenario) again = parse (other);
  g_autofree char *twice = shoal_scenario_resolve (again, NULL);
  ck_assert_str_eq (other, twice);
}
END_TEST

/* Everything that the model holds, as text, so that two can be compared whatever the writer of
 * resolved text forgets. */
static void
dump_indices (GString *out, const char *what, const GArray *indices)
{
  g_string_append_printf (out, " %s", what);
  for (unsigned i = 0; indices != NULL && i < indices->len; i++)
    g_string_append_printf (out, ",%u", g_array_index (indices, unsigned, i));
}

static void
dump_action (GString *out, const ShoalAction *a)
{
  g_string_append_printf (out, "action %d %d %s", (int)a->kind, a->group, a->place);
  dump_indices (out, "nodes", a->nodes);
  dump_indices (out, "files", a->files);
  g_string_append_printf (out, " at %" G_GINT64_FORMAT " after %" G_GINT64_FORMAT " limit %" G_GINT64_FORMAT,
                          a->when ? -1 : a->at_ns, a->after_ns, a->time_limit_ns);
  g_string_append_printf (out, " rates %d %d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, a->has_upload,
                          a->has_download, a->upload_bytes_per_s, a->download_bytes_per_s);
  for (unsigned i = 0; a->when != NULL && i < a->when->terms->len; i++)
    {
      const ShoalTerm *t = &g_array_index (a->when->terms, ShoalTerm, i);
      g_string_append_printf (out, " term %d %u %" G_GINT64_FORMAT, (int)t->kind, t->file,
                              t->share_millionths);
      dump_indices (out, "of", t->nodes);
    }
  g_string_append_c (out, '\n');
}

static void
dump_expect (GString *out, const ShoalExpect *e)
{
  g_string_append_printf (out, "expect %d %s %d %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d",
                          (int)e->kind, e->text, e->in_p2p, e->in_server_client, e->least, e->most, e->file);
  dump_indices (out, "nodes", e->nodes);
  dump_indices (out, "others", e->others);
  g_string_append_c (out, '\n');
}

static char *
dump (const ShoalScenario *s)
{
  GString *out = g_string_new (NULL);
  g_string_append_printf (out,
                          "%s\n%s\n%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %d %" G_GINT64_FORMAT "\n",
                          s->name, s->description, s->tracker_upload_bytes_per_s,
                          s->tracker_download_bytes_per_s, (int)s->service, s->time_limit_ns);
  for (unsigned i = 0; i < s->files->len; i++)
    {
      const ShoalScenarioFile *f = shoal_scenario_file (s, i);
      g_string_append_printf (out, "file %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s %u\n", f->name,
                              f->size_bytes, f->seed, f->path ? f->path : "-", f->piece_length_bytes);
    }
  for (unsigned i = 0; i < s->nodes->len; i++)
    {
      const ShoalScenarioNode *n = shoal_scenario_node (s, i);
      g_string_append_printf (out,
                              "node %s %u %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "\n",
                              n->name, n->group, n->upload_bytes_per_s, n->download_bytes_per_s, n->join_ns);
    }
  for (unsigned i = 0; i < s->actions->len; i++)
    dump_action (out, shoal_scenario_action (s, i));
  for (unsigned i = 0; i < s->expects->len; i++)
    dump_expect (out, &g_array_index (s->expects, ShoalExpect, i));
  return g_string_free (out, FALSE);
}

static void
check_resolved (const ShoalScenario *scenario)
{
  g_autofree char *text = shoal_scenario_resolve (scenario, NULL);
  g_autoptr (ShoalScenario) again = parse (text);
  g_autofree char *before = dump (scenario), *after = dump (again);
  ck_assert_str_eq (before, after);
  g_autofree char *twice = shoal_scenario_resolve (again, NULL);
  ck_assert_str_eq (text, twice);
}

START_TEST (resolved)
{
  g_autoptr (ShoalScenario) scenario = parse (FULL);
  g_autofree char *text = shoal_scenario_resolve (scenario, NULL);
  check_resolved (scenario);
  ck_assert_ptr_nonnull (
      strstr (text, "    count: 3\n    upload: 5 kB/s\n    download: 1250 kB/s\n    join: 0 s\n"));
}
END_TEST

/* Calls each for every shipped scenario: its name, and the text of the manual. */
static unsigned
for_each_shipped (void (*each) (const char *name, const char *manual))
{
  g_autofree char *manual = NULL;
  const char *file;
  unsigned found = 0;
  ck_assert (g_file_get_contents ("docs/scenarios.md", &manual, NULL, NULL));
  GDir *folder = g_dir_open ("scenarios", 0, NULL);
  ck_assert_ptr_nonnull (folder);
  while ((file = g_dir_read_name (folder)) != NULL)
    if (g_str_has_suffix (file, ".yaml"))
      {
        g_autofree char *name = g_strndup (file, strlen (file) - strlen (".yaml"));
        each (name, manual);
        found++;
      }
  g_dir_close (folder);
  return found;
}

static void
check_shipped (const char *name, const char *manual)
{
  GError *error = NULL;
  g_autofree char *path = g_strdup_printf ("scenarios/%s.yaml", name),
                  *quoted = g_strdup_printf ("`%s`", name);
  g_autoptr (ShoalScenario) s = shoal_scenario_load (path, &error);
  ck_assert_msg (s != NULL, "%s", error ? error->message : "");
  ck_assert_str_eq (s->name, name);
  ck_assert_uint_ge (s->tracker_upload_bytes_per_s, 10000);
  ck_assert_uint_ge (s->tracker_download_bytes_per_s, 10000);
  ck_assert_uint_gt (strlen (s->description), 20);
  ck_assert_uint_gt (s->expects->len, 0);
  check_resolved (s);
  ck_assert_msg (strstr (manual, quoted) != NULL, "%s is not in the manual", name);
}

START_TEST (shipped_ones)
{
  ck_assert_uint_ge (for_each_shipped (check_shipped), 13);
}
END_TEST

/* The examples in the manual are scenarios. */
START_TEST (manual)
{
  g_autofree char *text = NULL;
  unsigned found = 0;
  ck_assert (g_file_get_contents ("docs/scenarios.md", &text, NULL, NULL));
  g_auto (GStrv) parts = g_strsplit (text, "```", -1);
  for (char **part = parts; *part != NULL; part++)
    {
      if (!g_str_has_prefix (*part, "yaml\n"))
        continue;
      g_autoptr (ShoalScenario) s = parse (*part + strlen ("yaml\n"));
      check_resolved (s);
      found++;
    }
  ck_assert_uint_ge (found, 3);
}
END_TEST

/* --- files ------------------------------------------------------------------------------------ */

START_TEST (prepared)
{
  GError *error = NULL;
  g_autoptr (ShoalScenario) s = parse (FULL);
  ck_assert_msg (shoal_scenario_prepare (s, &error), "%s", error ? error->message : "");
  const ShoalSharedFile *real = shoal_scenario_shared_file (s, 0, false);
  const ShoalSharedFile *virtual = shoal_scenario_shared_file (s, 0, true);
  ck_assert (shoal_fid_equal (&real->file.fid, &virtual->file.fid));
  ck_assert_str_eq (real->file.info.name, "F1");
  ck_assert_uint_eq (real->content_seed, 7);
  uint8_t root[SHOAL_HASH_BYTES], zeros[SHOAL_HASH_BYTES] = { 0 };
  shoal_merkle_root (real->tree, root);
  ck_assert_mem_eq (root, real->file.info.root, sizeof root);
  shoal_merkle_root (virtual->tree, root);
  ck_assert_mem_eq (root, zeros, sizeof root);
  ck_assert_ptr_null (shoal_scenario_shared_file (s, 2, false)->tree); /* empty */
  ck_assert (shoal_scenario_prepare (s, NULL));
  ck_assert_ptr_eq (shoal_scenario_shared_file (s, 0, false), real); /* made once */
}
END_TEST

/* All rates are multiplied, those that expectations reckon with too; the resolved text is a scenario that has
 * these rates itself. */
START_TEST (scaled)
{
  GError *error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("shoal-scenario-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "s.yaml", NULL);
  ck_assert (g_file_set_contents (
      path,
      "name: x\nfiles: [{name: F1, size: 1 MB}]\ndefaults: {upload: 3 B/s, download: 0}\n"
      "nodes: [{name: A, upload: 100 kB/s, actions: [{at: 2 s, rates: {download: 1.5 MB/s}}]}, {name: B}]\n"
      "expect: [makespan between 1.5 x F1 / 100 kB/s and 60 s in both models, everybody completes]\n",
      -1, NULL));
  g_autoptr (ShoalScenario) s = shoal_scenario_load_scaled (path, 2500000, &error);
  ck_assert_msg (s != NULL, "%s", error ? error->message : "");
  ck_assert_uint_eq (s->tracker_upload_bytes_per_s, 25000); /* not in the text */
  ck_assert_uint_eq (node_named (s, "A")->upload_bytes_per_s, 250000);
  ck_assert_uint_eq (node_named (s, "B")->upload_bytes_per_s, 8); /* 7.5 */
  ck_assert_uint_eq (node_named (s, "B")->download_bytes_per_s, 0);
  ck_assert_uint_eq (shoal_scenario_action (s, 0)->download_bytes_per_s, 3750000);
  ck_assert_int_eq (shoal_scenario_action (s, 0)->at_ns, 2 * SHOAL_SECOND);
  const ShoalExpect *expect = &g_array_index (s->expects, ShoalExpect, 0);
  ck_assert_str_eq (expect->text, "makespan between 1.5 x F1 / 250 kB/s and 60 s in both models");
  ck_assert_int_eq (expect->least, 6 * SHOAL_SECOND);
  ck_assert_int_eq (expect->most, 60 * SHOAL_SECOND);
  check_resolved (s);

  ck_assert_ptr_null (shoal_scenario_load_scaled (path, INT64_C (1000000) * SHOAL_ONE, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "take a smaller rate factor"));
  g_error_free (error);
  g_unlink (path);
  g_rmdir (folder);
}
END_TEST

static char *
write_file (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);
  ck_assert (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* A path is relative to the scenario, and absolute in the resolved text. */
START_TEST (real_paths)
{
  GError *error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("shoal-scenario-XXXXXX", NULL);
  g_autofree char *data = write_file (folder, "data.bin", "some bytes");
  g_autofree char *copy = write_file (folder, "copy.bin", "some bytes");
  g_autofree char *path =
      write_file (folder, "s.yaml",
                  "name: paths\nfiles: [{name: F, path: data.bin}, {name: G, path: copy.bin}]\n"
                  "nodes: [{name: A, upload: 0, download: 0}]\n");
  g_autoptr (ShoalScenario) s = shoal_scenario_load (path, &error);
  ck_assert_msg (s != NULL, "%s", error ? error->message : "");
  ck_assert_str_eq (shoal_scenario_file (s, 0)->path, data);
  ck_assert_uint_eq (shoal_scenario_file (s, 0)->size_bytes, 10);
  check_resolved (s);
  ck_assert (shoal_scenario_prepare (s, NULL));
  ck_assert_str_eq (shoal_scenario_shared_file (s, 0, false)->file.info.name, "data.bin");

  g_autoptr (ShoalScenario) cut = shoal_scenario_load (path, NULL);
  ck_assert (g_file_set_contents (copy, "som", -1, NULL));
  ck_assert (!shoal_scenario_prepare (cut, &error));
  ck_assert (g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO));
  ck_assert_ptr_nonnull (strstr (error->message, "became shorter"));
  g_clear_error (&error);

  g_unlink (copy);
  ck_assert_ptr_null (shoal_scenario_load (path, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "s.yaml: files[1].path: cannot read '"));
  g_clear_error (&error);
  g_unlink (data);
  g_unlink (path);
  g_rmdir (folder);
}
END_TEST

START_TEST (same_file_twice)
{
  GError *error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("shoal-scenario-XXXXXX", NULL);
  g_autofree char *data = write_file (folder, "data.bin", "some bytes");
  g_autofree char *text = g_strdup_printf ("name: twice\nfiles: [{name: F, path: %s}, {name: G, path: %s}]\n"
                                           "nodes: [{name: A, upload: 0, download: 0}]\n",
                                           data, data);
  g_autoptr (ShoalScenario) s = parse (text);
  ck_assert (!shoal_scenario_prepare (s, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "test.yaml: files[1]: G is the same file as F"));
  g_error_free (error);
  g_unlink (data);
  g_rmdir (folder);
}
END_TEST

START_TEST (unreadable)
{
  GError *error = NULL;
  ck_assert_ptr_null (shoal_scenario_load ("scenarios/no-such.yaml", &error));
  ck_assert (g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO));
  ck_assert_ptr_nonnull (strstr (error->message, "no-such.yaml"));
  g_clear_error (&error);
  ck_assert_ptr_null (shoal_scenario_load ("scenarios", &error)); /* a folder */
  ck_assert (g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO));
  g_error_free (error);
}
END_TEST

/* Whatever is cut off or spoilt: an error or a scenario, never a crash. */
START_TEST (spoilt)
{
  g_autofree char *text = g_strdup (FULL);
  for (size_t i = 0; i < strlen (FULL); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ShoalScenario) cut = shoal_scenario_parse (FULL, i, "cut.yaml", &error);
      ck_assert ((cut == NULL) == (error != NULL));
      g_clear_error (&error);
      text[i] = "\0{:*'\xff"[i % 6];
      g_autoptr (ShoalScenario) changed = shoal_scenario_parse (text, strlen (FULL), "changed.yaml", &error);
      ck_assert ((changed == NULL) == (error != NULL));
      text[i] = FULL[i];
    }
}
END_TEST

static Suite *
scenario_suite (void)
{
  Suite *suite = suite_create ("scenario");
  TCase *tc = tcase_create ("good");
  tcase_add_test (tc, head_and_files);
  tcase_add_test (tc, nodes_and_groups);
  tcase_add_test (tc, actions);
  tcase_add_test (tc, conditions);
  tcase_add_test (tc, anchors);
  tcase_add_test (tc, strategies);
  tcase_add_test (tc, strategies_resolved);
  tcase_add_test (tc, resolved);
  tcase_add_test (tc, shipped_ones);
  tcase_add_test (tc, manual);
  tcase_add_test (tc, prepared);
  tcase_add_test (tc, scaled);
  tcase_add_test (tc, real_paths);
  suite_add_tcase (suite, tc);
  tc = tcase_create ("files");
  tcase_add_test (tc, same_file_twice);
  tcase_add_test (tc, unreadable);
  tcase_add_test (tc, spoilt);
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (scenario_suite (), NULL);
}
