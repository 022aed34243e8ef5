#include "cli/diff-print.h"

#include "results/json-fields.h"
#include "results/table.h"

/* For people, so many lines of the scenario and so many downloads are listed. */
#define LINES 40u
#define DOWNLOADS 12u

bool
shoal_diff_is_empty (const ShoalDiffReport *report)
{
  const ShoalRunDiff *diff = report->diff;
  return diff->parameters->len == 0 && diff->lines->len == 0 && diff->changed == 0 && !diff->parts
         && !report->other_traces;
}

/* ---- text ---- */

static void
append_parameters (const ShoalRunDiff *diff, GString *out)
{
  for (unsigned i = 0; i < diff->parameters->len; i++)
    {
      const ShoalParameterChange *change = g_ptr_array_index (diff->parameters, i);
      g_string_append_printf (out, "  %s: %s, then %s\n", change->what, change->a ? change->a : "none",
                              change->b ? change->b : "none");
    }
}

static void
append_lines (const ShoalRunDiff *diff, GString *out)
{
  if (diff->lines->len == 0)
    return;
  g_string_append (out, "  the scenario's text:\n");
  for (unsigned i = 0; i < MIN (diff->lines->len, LINES); i++)
    g_string_append_printf (out, "    %s\n", (const char *)g_ptr_array_index (diff->lines, i));
  if (diff->lines->len > LINES)
    g_string_append_printf (out, "    and %u more lines; --json has all\n", diff->lines->len - LINES);
}

static char *
say_time (const char *status, int64_t ns)
{
  if (status == NULL)
    return g_strdup ("-");
  return ns == SHOAL_ROW_NO_TIME ? g_strdup (status) : g_strdup_printf ("%.3f", (double)ns / 1e9);
}

/* A download that failed or was cancelled took some time, too: its status stands by it. */
static char *
say_change (const ShoalDownloadChange *change)
{
  bool ended = change->a_ns != SHOAL_ROW_NO_TIME && change->b_ns != SHOAL_ROW_NO_TIME;
  if (g_strcmp0 (change->a_status, change->b_status) != 0)
    return g_strdup_printf ("%s, then %s", change->a_status ? change->a_status : "none",
                            change->b_status ? change->b_status : "none");
  double percent =
      change->a_ns > 0 ? 100.0 * (double)shoal_download_change_ns (change) / (double)change->a_ns : 0;
  return ended
             ? g_strdup_printf ("%+.3f s, %+.2f %%", (double)shoal_download_change_ns (change) / 1e9, percent)
             : g_strdup ("-");
}

static void
append_downloads (const ShoalRunDiff *diff, GString *out)
{
  static const char *const titles[] = { "node", "file", "a s", "b s", "change" };
  static const bool is_number[] = { false, false, true, true, false };
  g_autoptr (ShoalTable) table = shoal_table_new (G_N_ELEMENTS (titles), titles, is_number);
  g_string_append_printf (out, "  %u of %u downloads differ\n", diff->changed, diff->downloads->len);
  for (unsigned i = 0, listed = 0; i < diff->downloads->len && listed < DOWNLOADS; i++)
    {
      const ShoalDownloadChange *change = g_ptr_array_index (diff->downloads, i);
      if (!shoal_download_is_changed (change))
        continue;
      listed++;
      shoal_table_add (table, g_strdup (change->node));
      shoal_table_add (table, change->attempt > 1
                                  ? g_strdup_printf ("%s, attempt %u", change->file, change->attempt)
                                  : g_strdup (change->file));
      shoal_table_add (table, say_time (change->a_status, change->a_ns));
      shoal_table_add (table, say_time (change->b_status, change->b_ns));
      shoal_table_add (table, say_change (change));
    }
  g_autofree char *text = diff->changed > 0 ? shoal_table_print (table, SHOAL_TABLE_TEXT) : g_strdup ("");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    g_string_append_printf (out, "    %s\n", lines[i]);
  if (diff->changed > DOWNLOADS)
    g_string_append_printf (out, "    these changed most; --json has all\n");
}

static void
append_moment (const ShoalDiffReport *report, GString *out)
{
  const ShoalRunDiff *diff = report->diff;
  if (diff->parts)
    g_string_append_printf (out, "  the records part at %.9f s:\n    a: %s\n    b: %s\n",
                            (double)diff->at_ns / 1e9, diff->a_is ? diff->a_is : "nothing more",
                            diff->b_is ? diff->b_is : "nothing more");
  else
    g_string_append (out, "  nothing that is recorded of them differs\n");
  if (report->same_traces)
    g_string_append (out, "  their traces are the same\n");
  if (report->other_traces && report->trace == NULL)
    g_string_append (out, "  their traces differ\n");
  if (report->trace != NULL)
    g_string_append_printf (out,
                            "  played again, their traces part (nodes by number, 0 is the first; see "
                            "docs/results.md):\n%s",
                            report->trace);
}

char *
shoal_diff_to_text (const ShoalDiffReport *report)
{
  g_autofree char *a = shoal_run_head_name (report->a), *b = shoal_run_head_name (report->b);
  GString *out = g_string_new (NULL);
  if (shoal_diff_is_empty (report))
    {
      g_string_append_printf (out, "a: %s and b: %s are the same: parameters, downloads, %s\n", a, b,
                              report->same_traces ? "traces" : "and what is recorded of them");
      return g_string_free (out, FALSE);
    }
  g_string_append_printf (out, "a: %s\nb: %s\n", a, b);
  append_parameters (report->diff, out);
  append_lines (report->diff, out);
  append_downloads (report->diff, out);
  append_moment (report, out);
  return g_string_free (out, FALSE);
}

/* ---- JSON ---- */

static void
add_parameters (JsonBuilder *b, const ShoalRunDiff *diff)
{
  shoal_json_begin_list (b, "parameters");
  for (unsigned i = 0; i < diff->parameters->len; i++)
    {
      const ShoalParameterChange *change = g_ptr_array_index (diff->parameters, i);
      json_builder_begin_object (b);
      shoal_json_add_text (b, "what", change->what);
      shoal_json_add_text (b, "a", change->a);
      shoal_json_add_text (b, "b", change->b);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
  shoal_json_begin_list (b, "scenario_lines");
  for (unsigned i = 0; i < diff->lines->len; i++)
    json_builder_add_string_value (b, g_ptr_array_index (diff->lines, i));
  json_builder_end_array (b);
}

static void
add_downloads (JsonBuilder *b, const ShoalRunDiff *diff)
{
  shoal_json_begin_list (b, "downloads");
  for (unsigned i = 0; i < diff->downloads->len; i++)
    {
      const ShoalDownloadChange *change = g_ptr_array_index (diff->downloads, i);
      json_builder_begin_object (b);
      shoal_json_add_text (b, "node", change->node);
      shoal_json_add_text (b, "file", change->file);
      shoal_json_add_count (b, "attempt", change->attempt);
      shoal_json_add_text (b, "a_status", change->a_status);
      shoal_json_add_text (b, "b_status", change->b_status);
      shoal_json_add_ns (b, "a_ns", change->a_ns);
      shoal_json_add_ns (b, "b_ns", change->b_ns);
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

static void
add_moment (JsonBuilder *b, const ShoalDiffReport *report)
{
  shoal_json_add_ns (b, "parts_at_ns", report->diff->parts ? report->diff->at_ns : SHOAL_ROW_NO_TIME);
  shoal_json_add_text (b, "a_is", report->diff->a_is);
  shoal_json_add_text (b, "b_is", report->diff->b_is);
  shoal_json_add_bool (b, "same_traces", report->same_traces);
  shoal_json_add_text (b, "trace", report->trace);
}

char *
shoal_diff_to_json (const ShoalDiffReport *report)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  shoal_json_add_count (b, "a", (uint64_t)report->a->id);
  shoal_json_add_count (b, "b", (uint64_t)report->b->id);
  shoal_json_add_bool (b, "same", shoal_diff_is_empty (report));
  add_parameters (b, report->diff);
  add_downloads (b, report->diff);
  add_moment (b, report);
  json_builder_end_object (b);
  return shoal_json_line (b);
}
