#include "cli/run-text.h"

#include "results/statistics.h"
#include "results/table.h"

#include <inttypes.h>

/* More downloads than this are summed up. */
enum {
  MAX_LISTED = 12,
};

static char *
seconds (int64_t ns)
{
  return ns == SHOAL_ROW_NO_TIME ? g_strdup ("-") : g_strdup_printf ("%.3f", (double)ns / 1e9);
}

static void
append_times (const ShoalRunRow *run, GString *out)
{
  g_autofree char *makespan = seconds (run->makespan_ns), *mean = seconds (run->mean_ns);
  g_autofree char *bound = seconds (run->bound_ns);
  if (run->makespan_ns == SHOAL_ROW_NO_TIME)
    g_string_append_printf (out, "  not everybody finished; bound %s s\n", bound);
  else if (run->bound_ns > 0)
    g_string_append_printf (out, "  makespan %s s, bound %s s, stretch %.3f, mean %s s\n", makespan, bound,
                            (double)run->makespan_ns / (double)run->bound_ns, mean);
  else
    g_string_append_printf (out, "  makespan %s s, mean %s s\n", makespan, mean);
}

static void
append_cost (const ShoalRunRow *run, GString *out)
{
  g_string_append_printf (out,
                          "  %" PRIu64 " blocks, %" PRIu64 " events, %.2f s of CPU, %.1f MiB of memory\n",
                          run->blocks, run->events, run->cpu_s, (double)run->max_rss_bytes / 1048576);
  /* In virtual time it only takes longer; for real it is late. */
  if (run->cpu_wait_s >= 0 && g_str_equal (run->backend, "real"))
    g_string_append_printf (out, "  waited %.2f s for a processor, of %.2f s\n", run->cpu_wait_s,
                            run->wall_s);
}

/* "A 61 %, B 39 %", in order of first appearance. */
static char *
print_sources (const ShoalTransferRow *transfer)
{
  GString *out = g_string_new (NULL);
  uint64_t all = 0;
  for (unsigned i = 0; i < transfer->sources->len; i++)
    all += ((const ShoalSourceRow *)g_ptr_array_index (transfer->sources, i))->bytes;
  for (unsigned i = 0; i < transfer->sources->len && i < MAX_LISTED; i++)
    {
      const ShoalSourceRow *source = g_ptr_array_index (transfer->sources, i);
      double share = all > 0 ? 100.0 * (double)source->bytes / (double)all : 0;
      g_string_append_printf (out, "%s%s %.0f %%", i > 0 ? ", " : "", source->node, share);
    }
  if (transfer->sources->len > MAX_LISTED)
    g_string_append (out, ", …");
  return g_string_free (out, FALSE);
}

static void
list_download (ShoalTable *table, const ShoalTransferRow *t)
{
  bool done = t->end_ns != SHOAL_ROW_NO_TIME && t->end_ns > t->start_ns;
  double took_s = done ? (double)(t->end_ns - t->start_ns) / 1e9 : 0;
  shoal_table_add (table, g_strdup (t->node));
  shoal_table_add (table, g_strdup (t->file));
  shoal_table_add (table, t->reason != NULL ? g_strdup_printf ("%s: %s", t->status, t->reason)
                                            : g_strdup (t->status));
  shoal_table_add (table, seconds (t->start_ns));
  shoal_table_add (table, seconds (t->end_ns));
  shoal_table_add (table, done ? g_strdup_printf ("%.3f", took_s) : g_strdup ("-"));
  shoal_table_add (table, done ? g_strdup_printf ("%.1f", (double)t->bytes / took_s / 1000) : g_strdup ("-"));
  shoal_table_add (table, print_sources (t));
}

static void
append_indented (const char *text, GString *out)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    g_string_append_printf (out, "  %s\n", lines[i]);
}

static void
append_list (const ShoalRunRow *run, GString *out)
{
  static const char *const titles[] = {
    "node", "file", "status", "start s", "end s", "took s", "kB/s", "from"
  };
  static const bool is_number[] = { false, false, false, true, true, true, true, false };
  g_autoptr (ShoalTable) table = shoal_table_new (G_N_ELEMENTS (titles), titles, is_number);
  for (unsigned i = 0; i < run->transfers->len; i++)
    list_download (table, g_ptr_array_index (run->transfers, i));
  g_autofree char *text = shoal_table_print (table, SHOAL_TABLE_TEXT);
  append_indented (text, out);
}

static void
append_spread (const ShoalRunRow *run, GString *out)
{
  g_autofree double *took_s = g_new (double, run->transfers->len);
  unsigned done = 0;
  for (unsigned i = 0; i < run->transfers->len; i++)
    {
      const ShoalTransferRow *t = g_ptr_array_index (run->transfers, i);
      if (t->end_ns != SHOAL_ROW_NO_TIME && g_str_equal (t->status, "done"))
        took_s[done++] = (double)(t->end_ns - t->start_ns) / 1e9;
    }
  g_string_append_printf (out, "  %u of %u downloads done", done, run->transfers->len);
  if (done > 0)
    {
      shoal_sort_values (took_s, done);
      g_string_append_printf (
          out, "; they took %.3f s (fastest), %.3f s (median), %.3f s (95 %%), %.3f s (slowest)", took_s[0],
          shoal_quantile (took_s, done, 0.5), shoal_quantile (took_s, done, 0.95), took_s[done - 1]);
    }
  g_string_append_c (out, '\n');
}

static void
append_expectations (const ShoalRunRow *run, GString *out)
{
  unsigned met = 0;
  for (unsigned i = 0; i < run->expectations->len; i++)
    met += ((const ShoalExpectationRow *)g_ptr_array_index (run->expectations, i))->met;
  if (run->expectations->len > 0)
    g_string_append_printf (out, "  %u of %u expectations met\n", met, run->expectations->len);
  for (unsigned i = 0; i < run->expectations->len; i++)
    {
      const ShoalExpectationRow *e = g_ptr_array_index (run->expectations, i);
      if (!e->met)
        g_string_append_printf (out, "  UNMET: %s; measured: %s\n", e->text,
                                e->measured != NULL ? e->measured : "nothing");
    }
}

char *
shoal_run_to_text (const ShoalRunRow *run)
{
  GString *out = g_string_new (NULL);
  /* Where everybody is served, there is nothing to say of it. */
  bool chooses = run->strategy != NULL && !g_str_equal (run->strategy, "none");
  g_string_append_printf (out, "%s, %s%s%s, seed %" PRIu64 " (%s", run->scenario, run->model,
                          chooses ? ", " : "", chooses ? run->strategy : "", run->seed, run->backend);
  if (run->rate_factor != 1)
    g_string_append_printf (out, ", rates x %.9g", run->rate_factor);
  g_string_append (out, ")\n");
  append_times (run, out);
  append_cost (run, out);
  if (run->transfers->len > MAX_LISTED)
    append_spread (run, out);
  else if (run->transfers->len > 0)
    append_list (run, out);
  append_expectations (run, out);
  return g_string_free (out, FALSE);
}

char *
shoal_speedup_to_text (const char *strategy, int64_t p2p_makespan_ns, int64_t server_client_makespan_ns)
{
  g_autofree char *with = strategy != NULL ? g_strdup_printf (" with %s", strategy) : g_strdup ("");
  return g_strdup_printf ("  speed-up %.2f%s: server-client takes %.3f s, P2P %.3f s\n",
                          (double)server_client_makespan_ns / (double)p2p_makespan_ns, with,
                          (double)server_client_makespan_ns / 1e9, (double)p2p_makespan_ns / 1e9);
}

/* One figure of each, and how much it is of the first one's. */
static void
append_figures (const ShoalJob *jobs, unsigned count, const char *title, bool is_mean, GString *out)
{
  int64_t first_ns = SHOAL_ROW_NO_TIME;
  for (unsigned i = 0; i < count; i++)
    {
      const ShoalRunRow *run = jobs[i].row;
      int64_t time_ns = run == NULL ? SHOAL_ROW_NO_TIME : is_mean ? run->mean_ns : run->makespan_ns;
      g_autofree char *time = seconds (time_ns);
      g_string_append_printf (out, "%s %s %s s", i > 0 ? "," : title, jobs[i].strategy->name, time);
      if (i == 0)
        first_ns = time_ns;
      else if (first_ns > 0 && time_ns > 0)
        g_string_append_printf (out, " (x %.3f)", (double)time_ns / (double)first_ns);
    }
  g_string_append_c (out, '\n');
}

char *
shoal_strategies_to_text (const ShoalJob *jobs, unsigned count)
{
  GString *out = g_string_new (NULL);
  if (count > 1)
    {
      append_figures (jobs, count, "  makespans:", false, out);
      append_figures (jobs, count, "  means:", true, out);
    }
  return g_string_free (out, FALSE);
}
