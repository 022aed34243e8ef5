#include "cli/explain-print.h"

#include "cli/cli.h"
#include "results/json-fields.h"
#include "results/table.h"

#include <inttypes.h>

/* In short, so many are listed. */
#define LISTED 12u

/* In the order in which a download meets them. Others, of a newer program, have no column but count. */
static const char *const causes[] = { "tracker", "handshake", "choked",       "nothing-useful",
                                      "uplinks", "downlink",  "verification", "stall" };

static double
seconds (int64_t ns)
{
  return (double)ns / 1e9;
}

/* The run, what it came to, and what is the least possible. */
static void
append_run (const ShoalRunHead *run, GString *out)
{
  g_autofree char *name = shoal_run_head_name (run);
  g_string_append (out, name);
  if (run->makespan_ns == SHOAL_ROW_NO_TIME)
    g_string_append (out, ": not everybody finished");
  else
    g_string_append_printf (out, ": makespan %.3f s", seconds (run->makespan_ns));
  if (run->bound_ns != SHOAL_ROW_NO_TIME)
    g_string_append_printf (out, ", fluid bound %.3f s", seconds (run->bound_ns));
  g_string_append_c (out, '\n');
}

static void
append_table (const ShoalTable *table, GString *out)
{
  g_autofree char *text = shoal_table_print (table, SHOAL_TABLE_TEXT);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    g_string_append_printf (out, "  %s\n", lines[i]);
}

static void
append_sentence (const ShoalExplanation *explanation, GString *out)
{
  g_autofree char *sentence = shoal_explanation_sentence (explanation);
  g_string_append_printf (out, "  %s.\n", sentence);
}

/* ---- in full ---- */

/* Nanoseconds as seconds, exactly. */
static char *
exact (int64_t ns)
{
  return g_strdup_printf ("%" PRId64 ".%09" PRId64, ns / 1000000000, ns % 1000000000);
}

static void
add_share (ShoalTable *table, const char *cause, const char *peer, int64_t ns, int64_t all, unsigned spans)
{
  shoal_table_add (table, g_strdup (cause));
  shoal_table_add (table, g_strdup (peer));
  shoal_table_add (table, exact (ns));
  shoal_table_add (table, all > 0 ? g_strdup_printf ("%.1f %%", 100.0 * (double)ns / (double)all) : NULL);
  shoal_table_add (table, g_strdup_printf ("%u", spans));
}

static void
append_in_full (const ShoalExplanation *explanation, GString *out)
{
  static const char *const titles[] = { "waited for", "because of", "s", "share", "times" };
  static const bool is_number[] = { false, false, true, true, true };
  g_autoptr (ShoalTable) table = shoal_table_new (G_N_ELEMENTS (titles), titles, is_number);
  int64_t sum = 0;
  unsigned spans = 0;
  for (unsigned i = 0; i < explanation->shares->len; i++)
    {
      const ShoalShare *share = g_ptr_array_index (explanation->shares, i);
      add_share (table, share->cause, share->peer, share->ns, explanation->took_ns, share->spans);
      sum += share->ns;
      spans += share->spans;
    }
  add_share (table, "together", NULL, sum, explanation->took_ns, spans);
  g_autofree char *took = exact (explanation->took_ns);
  g_string_append_printf (out, "\n%s, %s: %s%s%s after %s s\n", explanation->node, explanation->file,
                          explanation->status, explanation->reason != NULL ? ": " : "",
                          explanation->reason != NULL ? explanation->reason : "", took);
  append_table (table, out);
  append_sentence (explanation, out);
}

char *
shoal_explanations_in_full (const ShoalRunHead *run, const GPtrArray *explanations)
{
  GString *out = g_string_new (NULL);
  append_run (run, out);
  for (unsigned i = 0; i < explanations->len; i++)
    append_in_full (g_ptr_array_index (explanations, i), out);
  return g_string_free (out, FALSE);
}

/* ---- in short ---- */

static int
slowest_first (gconstpointer a, gconstpointer b)
{
  const ShoalExplanation *x = *(ShoalExplanation *const *)a, *y = *(ShoalExplanation *const *)b;
  if (x->took_ns != y->took_ns)
    return x->took_ns > y->took_ns ? -1 : 1;
  return x->transfer < y->transfer ? -1 : 1;
}

/* Of all downloads. */
static int64_t
sum_of_cause (const GPtrArray *explanations, const char *cause)
{
  int64_t sum = 0;
  for (unsigned i = 0; i < explanations->len; i++)
    sum += shoal_explanation_of_cause (g_ptr_array_index (explanations, i), cause);
  return sum;
}

/* The causes that somebody waited for. */
static GPtrArray *
causes_met (const GPtrArray *explanations)
{
  GPtrArray *met = g_ptr_array_new ();
  for (unsigned i = 0; i < G_N_ELEMENTS (causes); i++)
    if (sum_of_cause (explanations, causes[i]) > 0)
      g_ptr_array_add (met, (char *)causes[i]);
  return met;
}

static ShoalTable *
short_table (const GPtrArray *met)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new ();
  g_autofree bool *is_number = g_new0 (bool, met->len + 3);
  g_ptr_array_add (titles, (char *)"node");
  g_ptr_array_add (titles, (char *)"file");
  g_ptr_array_add (titles, (char *)"took s");
  g_ptr_array_extend (titles, (GPtrArray *)met, NULL, NULL);
  for (unsigned i = 2; i < titles->len; i++)
    is_number[i] = true;
  return shoal_table_new (titles->len, (const char *const *)titles->pdata, is_number);
}

static void
add_time (ShoalTable *table, int64_t ns)
{
  shoal_table_add (table, g_strdup_printf ("%.3f", seconds (ns)));
}

static void
add_line (ShoalTable *table, const ShoalExplanation *explanation, const GPtrArray *met)
{
  shoal_table_add (table, g_strdup (explanation->node));
  shoal_table_add (table, g_strdup (explanation->file));
  add_time (table, explanation->took_ns);
  for (unsigned i = 0; i < met->len; i++)
    add_time (table, shoal_explanation_of_cause (explanation, g_ptr_array_index (met, i)));
}

static void
add_sums (ShoalTable *table, const GPtrArray *explanations, const GPtrArray *met)
{
  int64_t took = 0;
  for (unsigned i = 0; i < explanations->len; i++)
    took += ((const ShoalExplanation *)g_ptr_array_index (explanations, i))->took_ns;
  shoal_table_add (table, g_strdup_printf ("all %u", explanations->len));
  shoal_table_add (table, NULL);
  add_time (table, took);
  for (unsigned i = 0; i < met->len; i++)
    add_time (table, sum_of_cause (explanations, g_ptr_array_index (met, i)));
}

char *
shoal_explanations_in_short (const ShoalRunHead *run, const GPtrArray *explanations)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GPtrArray) met = causes_met (explanations);
  g_autoptr (ShoalTable) table = short_table (met);
  g_autoptr (GPtrArray) sorted = g_ptr_array_copy ((GPtrArray *)explanations, NULL, NULL);
  g_ptr_array_set_free_func (sorted, NULL);
  if (explanations->len > LISTED)
    g_ptr_array_sort (sorted, slowest_first);
  append_run (run, out);
  for (unsigned i = 0; i < MIN (sorted->len, LISTED); i++)
    add_line (table, g_ptr_array_index (sorted, i), met);
  if (explanations->len > 1)
    add_sums (table, explanations, met);
  append_table (table, out);
  if (sorted->len > LISTED)
    g_string_append_printf (out, "  these are the %u slowest of %u downloads; --json has all\n", LISTED,
                            sorted->len);
  for (unsigned i = 0; i < MIN (sorted->len, LISTED); i++)
    append_sentence (g_ptr_array_index (sorted, i), out);
  return g_string_free (out, FALSE);
}

/* ---- JSON ---- */

static void
add_shares (JsonBuilder *b, const GPtrArray *shares)
{
  shoal_json_begin_list (b, "waits");
  for (unsigned i = 0; i < shares->len; i++)
    {
      const ShoalShare *share = g_ptr_array_index (shares, i);
      json_builder_begin_object (b);
      shoal_json_add_text (b, "cause", share->cause);
      shoal_json_add_text (b, "peer", share->peer);
      shoal_json_add_ns (b, "ns", share->ns);
      shoal_json_add_count (b, "spans", share->spans);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

static void
add_explanation (JsonBuilder *b, const ShoalExplanation *explanation)
{
  static const char *const limits[] = { NULL, "downlink", "holders" };
  g_autofree char *sentence = shoal_explanation_sentence (explanation);
  json_builder_begin_object (b);
  shoal_json_add_text (b, "node", explanation->node);
  shoal_json_add_text (b, "file", explanation->file);
  shoal_json_add_text (b, "status", explanation->status);
  shoal_json_add_text (b, "reason", explanation->reason);
  shoal_json_add_ns (b, "start_ns", explanation->start_ns);
  shoal_json_add_ns (b, "took_ns", explanation->took_ns);
  shoal_json_add_bool (b, "is_open", explanation->is_open);
  shoal_json_add_ns (b, "bound_ns", explanation->bound_ns);
  shoal_json_add_text (b, "bound_by", limits[explanation->limit]);
  add_shares (b, explanation->shares);
  shoal_json_add_text (b, "sentence", sentence);
  json_builder_end_object (b);
}

char *
shoal_explanations_to_json (const ShoalRunHead *run, const GPtrArray *explanations)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  shoal_json_add_count (b, "run", (uint64_t)run->id);
  shoal_json_add_text (b, "scenario", run->scenario);
  shoal_json_add_text (b, "backend", run->backend);
  shoal_json_add_text (b, "model", run->model);
  shoal_json_add_count (b, "seed", run->seed);
  shoal_json_add_real (b, "rate_factor", run->rate_factor);
  shoal_json_add_ns (b, "makespan_ns", run->makespan_ns);
  shoal_json_add_ns (b, "bound_ns", run->bound_ns);
  shoal_json_begin_list (b, "downloads");
  for (unsigned i = 0; i < explanations->len; i++)
    add_explanation (b, g_ptr_array_index (explanations, i));
  json_builder_end_array (b);
  json_builder_end_object (b);
  return shoal_json_line (b);
}
