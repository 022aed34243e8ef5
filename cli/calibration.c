#include "cli/calibration.h"

#include "results/json-fields.h"
#include "results/statistics.h"
#include "results/table.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* More downloads than this are summed up. */
enum {
  MAX_LISTED = 40,
};

/* A figure that does not exist. */
static const double NONE = (double)NAN;

/* A figure of a run, in seconds; NONE. i: which download, where it is of one. */
typedef double (*Figure) (const ShoalRunRow *run, unsigned i);

/* It in both worlds, over the seeds. */
typedef struct {
  ShoalSummary virtual_s, real_s; /* n is less than the seeds where some run does not have it */
  double error;                   /* of the medians: real / virtual - 1; NONE */
} Pair;

static const ShoalTransferRow *
transfer (const ShoalRunRow *run, unsigned i)
{
  return g_ptr_array_index (run->transfers, i);
}

static bool
is_done (const ShoalRunRow *run, unsigned i)
{
  return strcmp (transfer (run, i)->status, "done") == 0;
}

static double
download_s (const ShoalRunRow *run, unsigned i)
{
  const ShoalTransferRow *t = transfer (run, i);
  return is_done (run, i) ? (double)(t->end_ns - t->start_ns) / 1e9 : NONE;
}

/* From the first start to the last good end. Some scenarios let downloads fail; where none does, it is the
 * makespan of the row. */
static double
makespan_s (const ShoalRunRow *run, unsigned i)
{
  int64_t first = INT64_MAX, last = INT64_MIN;
  for (i = 0; i < run->transfers->len; i++)
    {
      const ShoalTransferRow *t = transfer (run, i);
      if (t->start_ns != SHOAL_ROW_NO_TIME)
        first = MIN (first, t->start_ns);
      if (is_done (run, i))
        last = MAX (last, t->end_ns);
    }
  return last >= first ? (double)(last - first) / 1e9 : NONE;
}

/* Of the downloads that ended well. */
static double
mean_s (const ShoalRunRow *run, unsigned i)
{
  double sum = 0;
  unsigned n = 0;
  for (i = 0; i < run->transfers->len; i++)
    if (is_done (run, i))
      {
        sum += download_s (run, i);
        n++;
      }
  return n > 0 ? sum / n : NONE;
}

static ShoalSummary
summarise (const ShoalRunRow *const *runs, unsigned count, Figure figure, unsigned i)
{
  g_autofree double *values = g_new (double, count);
  unsigned n = 0;
  for (unsigned k = 0; k < count; k++)
    {
      double value = figure (runs[k], i);
      if (!isnan (value))
        values[n++] = value;
    }
  return shoal_summary (values, n);
}

static Pair
pair_of (const ShoalCalibration *c, Figure figure, unsigned i)
{
  Pair pair = { .virtual_s = summarise (c->in_virtual_time, c->seeds, figure, i),
                .real_s = summarise (c->for_real, c->seeds, figure, i),
                .error = NONE };
  if (pair.virtual_s.n > 0 && pair.virtual_s.n == pair.real_s.n && pair.virtual_s.median > 0)
    pair.error = pair.real_s.median / pair.virtual_s.median - 1;
  return pair;
}

/* Every run has the downloads that the scenario asks for, in its order. */
static unsigned
downloads (const ShoalCalibration *c)
{
  return c->for_real[0]->transfers->len;
}

static bool
is_within (const ShoalCalibration *c, Pair pair)
{
  return fabs (pair.error) <= c->tolerance; /* false for NONE */
}

/* Whether what ended well in one world did in the other. */
static bool
is_same_outcome (const ShoalCalibration *c)
{
  for (unsigned k = 0; k < c->seeds; k++)
    for (unsigned i = 0; i < downloads (c); i++)
      if (is_done (c->in_virtual_time[k], i) != is_done (c->for_real[k], i))
        return false;
  return true;
}

bool
shoal_calibration_within (const ShoalCalibration *c)
{
  if (!is_same_outcome (c))
    return false;
  for (unsigned i = 0; c->judges_each && i < downloads (c); i++)
    {
      Pair pair = pair_of (c, download_s, i);
      if (pair.real_s.n > 0 && !is_within (c, pair))
        return false;
    }
  return is_within (c, pair_of (c, makespan_s, 0));
}

/* ---- for people ---- */

/* The median, and the range where the seeds differ. */
static char *
print_seconds (const ShoalSummary *s)
{
  if (s->n == 0)
    return g_strdup ("-");
  if (s->min == s->max)
    return g_strdup_printf ("%.3f", s->median);
  return g_strdup_printf ("%.3f (%.3f-%.3f)", s->median, s->min, s->max);
}

static char *
print_error (double error)
{
  return isnan (error) ? g_strdup ("-") : g_strdup_printf ("%+.2f %%", 100 * error);
}

/* Of the first seed with which a download did not end well; NULL: all did. */
static char *
print_trouble (const ShoalCalibration *c, unsigned i)
{
  for (unsigned k = 0; k < c->seeds; k++)
    {
      bool done_for_real = is_done (c->for_real[k], i),
           done_in_virtual_time = is_done (c->in_virtual_time[k], i);
      const ShoalTransferRow *t = transfer (done_for_real ? c->in_virtual_time[k] : c->for_real[k], i);
      if (done_for_real && done_in_virtual_time)
        continue;
      return g_strdup_printf ("%s, seed %" PRIu64 ": %s%s%s",
                              done_for_real          ? "in virtual time"
                              : done_in_virtual_time ? "for real"
                                                     : "in both worlds",
                              c->for_real[k]->seed, t->status, t->reason ? ": " : "",
                              t->reason ? t->reason : "");
    }
  return NULL;
}

static void
list_download (ShoalTable *table, const ShoalCalibration *c, unsigned i)
{
  Pair pair = pair_of (c, download_s, i);
  shoal_table_add (table, g_strdup (transfer (c->for_real[0], i)->node));
  shoal_table_add (table, g_strdup (transfer (c->for_real[0], i)->file));
  shoal_table_add (table, print_seconds (&pair.virtual_s));
  shoal_table_add (table, print_seconds (&pair.real_s));
  shoal_table_add (table, print_error (pair.error));
  shoal_table_add (table, print_trouble (c, i));
}

static void
append_list (const ShoalCalibration *c, GString *out)
{
  static const char *const titles[] = { "node", "file", "virtual s", "real s", "error", "" };
  static const bool is_number[] = { false, false, true, true, true, false };
  g_autoptr (ShoalTable) table = shoal_table_new (G_N_ELEMENTS (titles), titles, is_number);
  for (unsigned i = 0; i < downloads (c); i++)
    list_download (table, c, i);
  g_autofree char *text = shoal_table_print (table, SHOAL_TABLE_TEXT);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    g_string_append_printf (out, "  %s\n", lines[i]);
}

static void
append_spread (const ShoalCalibration *c, GString *out)
{
  g_autofree double *errors = g_new (double, downloads (c));
  unsigned n = 0;
  for (unsigned i = 0; i < downloads (c); i++)
    {
      double error = pair_of (c, download_s, i).error;
      if (!isnan (error))
        errors[n++] = error;
    }
  g_string_append_printf (out, "  %u of %u downloads done in both worlds", n, downloads (c));
  if (n > 0)
    {
      shoal_sort_values (errors, n);
      g_string_append_printf (out, "; errors from %+.2f %% to %+.2f %%, median %+.2f %%", 100 * errors[0],
                              100 * errors[n - 1], 100 * shoal_quantile (errors, n, 0.5));
    }
  g_string_append_c (out, '\n');
}

static void
append_verdict (const ShoalCalibration *c, GString *out)
{
  Pair makespan = pair_of (c, makespan_s, 0);
  g_autofree char *in_virtual_time = print_seconds (&makespan.virtual_s);
  g_autofree char *for_real = print_seconds (&makespan.real_s), *error = print_error (makespan.error);
  g_string_append_printf (out, "  makespan: %s s in virtual time, %s s for real, %s: ", in_virtual_time,
                          for_real, error);
  if (!is_same_outcome (c))
    g_string_append (out, "NOT THE SAME DOWNLOADS ENDED WELL\n");
  else if (makespan.real_s.n == 0)
    g_string_append (out, "NO DOWNLOAD ENDED WELL\n");
  else
    g_string_append_printf (out, "%s %.9g %%%s\n", shoal_calibration_within (c) ? "within" : "BEYOND",
                            100 * c->tolerance, c->judges_each ? ", each download too" : "");
}

/* What all runs for real took together. */
typedef struct {
  double wall_s, cpu_s, cpu_wait_s; /* cpu_wait_s: NONE where one is not known */
} Cost;

static Cost
add_up_cost (const ShoalCalibration *c)
{
  Cost cost = { 0 };
  for (unsigned k = 0; k < c->seeds; k++)
    {
      cost.wall_s += c->for_real[k]->wall_s;
      cost.cpu_s += c->for_real[k]->cpu_s;
      cost.cpu_wait_s += c->for_real[k]->cpu_wait_s < 0 ? NONE : c->for_real[k]->cpu_wait_s;
    }
  return cost;
}

static void
append_cost (const ShoalCalibration *c, GString *out)
{
  Cost cost = add_up_cost (c);
  g_string_append_printf (out, "  for real it took %.2f s of CPU in %.2f s", cost.cpu_s, cost.wall_s);
  if (!isnan (cost.cpu_wait_s))
    g_string_append_printf (out, ", and waited %.2f s for a processor", cost.cpu_wait_s);
  g_string_append_c (out, '\n');
}

static void
append_title (const ShoalCalibration *c, GString *out)
{
  const ShoalRunRow *run = c->for_real[0];
  g_string_append_printf (out, "%s, %s, ", run->scenario, run->model);
  if (run->strategy != NULL && !g_str_equal (run->strategy, "none"))
    g_string_append_printf (out, "%s, ", run->strategy);
  if (c->seeds > 1)
    g_string_append_printf (out, "medians over %u seeds", c->seeds);
  else
    g_string_append_printf (out, "seed %" PRIu64, run->seed);
  if (run->rate_factor != 1)
    g_string_append_printf (out, ", rates x %.9g", run->rate_factor);
  g_string_append_c (out, '\n');
}

char *
shoal_calibration_to_text (const ShoalCalibration *c)
{
  GString *out = g_string_new (NULL);
  append_title (c, out);
  if (downloads (c) > MAX_LISTED)
    append_spread (c, out);
  else if (downloads (c) > 0)
    append_list (c, out);
  append_verdict (c, out);
  append_cost (c, out);
  return g_string_free (out, FALSE);
}

/* ---- for programs ---- */

static void
add_real_or_null (JsonBuilder *b, const char *key, double value)
{
  if (isnan (value))
    shoal_json_add_null (b, key);
  else
    shoal_json_add_real (b, key, value);
}

static void
add_seconds (JsonBuilder *b, const char *key, const ShoalSummary *s)
{
  if (s->n == 0)
    {
      shoal_json_add_null (b, key);
      return;
    }
  json_builder_set_member_name (b, key);
  json_builder_begin_object (b);
  shoal_json_add_count (b, "n", s->n);
  shoal_json_add_real (b, "min", s->min);
  shoal_json_add_real (b, "median", s->median);
  shoal_json_add_real (b, "max", s->max);
  json_builder_end_object (b);
}

static void
add_pair (JsonBuilder *b, Pair pair)
{
  add_seconds (b, "virtual_s", &pair.virtual_s);
  add_seconds (b, "real_s", &pair.real_s);
  add_real_or_null (b, "error", pair.error);
}

static void
add_named_pair (JsonBuilder *b, const char *key, Pair pair)
{
  json_builder_set_member_name (b, key);
  json_builder_begin_object (b);
  add_pair (b, pair);
  json_builder_end_object (b);
}

static void
add_downloads (JsonBuilder *b, const ShoalCalibration *c)
{
  shoal_json_begin_list (b, "downloads");
  for (unsigned i = 0; i < downloads (c); i++)
    {
      json_builder_begin_object (b);
      shoal_json_add_text (b, "node", transfer (c->for_real[0], i)->node);
      shoal_json_add_text (b, "file", transfer (c->for_real[0], i)->file);
      add_pair (b, pair_of (c, download_s, i));
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

static void
add_cost (JsonBuilder *b, const ShoalCalibration *c)
{
  Cost cost = add_up_cost (c);
  shoal_json_add_real (b, "real_wall_s", cost.wall_s);
  shoal_json_add_real (b, "real_cpu_s", cost.cpu_s);
  add_real_or_null (b, "real_cpu_wait_s", cost.cpu_wait_s);
}

static void
add_seeds (JsonBuilder *b, const ShoalCalibration *c)
{
  shoal_json_begin_list (b, "seeds");
  for (unsigned k = 0; k < c->seeds; k++)
    json_builder_add_int_value (b, (int64_t)c->for_real[k]->seed);
  json_builder_end_array (b);
}

char *
shoal_calibration_to_json (const ShoalCalibration *c)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  shoal_json_add_text (b, "scenario", c->for_real[0]->scenario);
  shoal_json_add_text (b, "model", c->for_real[0]->model);
  shoal_json_add_text (b, "strategy", c->for_real[0]->strategy);
  add_seeds (b, c);
  shoal_json_add_real (b, "rate_factor", c->for_real[0]->rate_factor);
  shoal_json_add_real (b, "tolerance", c->tolerance);
  shoal_json_add_bool (b, "same_outcome", is_same_outcome (c));
  shoal_json_add_bool (b, "within", shoal_calibration_within (c));
  add_named_pair (b, "makespan", pair_of (c, makespan_s, 0));
  add_named_pair (b, "mean", pair_of (c, mean_s, 0));
  add_cost (b, c);
  add_downloads (b, c);
  json_builder_end_object (b);
  return shoal_json_line (b);
}
