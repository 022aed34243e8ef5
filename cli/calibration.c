#include "cli/calibration.h"

#include "results/statistics.h"
#include "results/table.h"

#include <inttypes.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/* More downloads than this are summed up. */
enum {
  MAX_LISTED = 40,
};

/* A figure that does not exist. */
static const double NONE = (double)NAN;

/* One figure in both worlds, in seconds; NONE: it does not exist there. */
typedef struct {
  double virtual_s, real_s;
  double error; /* real / virtual - 1; NONE */
} Pair;

static Pair
pair_of (double virtual_s, double real_s)
{
  return (Pair){ virtual_s, real_s, virtual_s > 0 ? real_s / virtual_s - 1 : NONE };
}

static double
seconds (int64_t ns)
{
  return ns == SHOAL_ROW_NO_TIME ? NONE : (double)ns / 1e9;
}

static Pair
makespan_of (const ShoalCalibration *c)
{
  return pair_of (seconds (c->in_virtual_time->makespan_ns), seconds (c->for_real->makespan_ns));
}

static Pair
mean_of (const ShoalCalibration *c)
{
  return pair_of (seconds (c->in_virtual_time->mean_ns), seconds (c->for_real->mean_ns));
}

static const ShoalTransferRow *
transfer (const ShoalRunRow *run, unsigned i)
{
  return g_ptr_array_index (run->transfers, i);
}

static double
download_s (const ShoalTransferRow *t)
{
  return strcmp (t->status, "done") == 0 ? seconds (t->end_ns - t->start_ns) : NONE;
}

/* Both runs have the downloads that the scenario asks for, in its order. */
static Pair
download_of (const ShoalCalibration *c, unsigned i)
{
  return pair_of (download_s (transfer (c->in_virtual_time, i)), download_s (transfer (c->for_real, i)));
}

static bool
is_within (const ShoalCalibration *c, Pair pair)
{
  return fabs (pair.error) <= c->tolerance; /* false for NONE */
}

bool
shoal_calibration_within (const ShoalCalibration *c)
{
  g_assert (c->in_virtual_time->transfers->len == c->for_real->transfers->len);
  for (unsigned i = 0; c->judges_each && i < c->for_real->transfers->len; i++)
    if (!is_within (c, download_of (c, i)))
      return false;
  return is_within (c, makespan_of (c));
}

/* ---- for people ---- */

static char *
print_seconds (double s)
{
  return isnan (s) ? g_strdup ("-") : g_strdup_printf ("%.3f", s);
}

static char *
print_error (double error)
{
  return isnan (error) ? g_strdup ("-") : g_strdup_printf ("%+.2f %%", 100 * error);
}

/* Why there is no figure, where there is none. */
static char *
print_note (const ShoalTransferRow *in_virtual_time, const ShoalTransferRow *for_real)
{
  const ShoalTransferRow *undone = isnan (download_s (for_real)) ? for_real : in_virtual_time;
  if (!isnan (download_s (undone)))
    return NULL;
  return g_strdup_printf ("%s: %s%s%s", undone == for_real ? "for real" : "in virtual time", undone->status,
                          undone->reason ? ": " : "", undone->reason ? undone->reason : "");
}

static void
append_indented (const char *text, GString *out)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    g_string_append_printf (out, "  %s\n", lines[i]);
}

static void
append_list (const ShoalCalibration *c, GString *out)
{
  static const char *const titles[] = { "node", "file", "virtual s", "real s", "error", "" };
  static const bool is_number[] = { false, false, true, true, true, false };
  g_autoptr (ShoalTable) table = shoal_table_new (G_N_ELEMENTS (titles), titles, is_number);
  for (unsigned i = 0; i < c->for_real->transfers->len; i++)
    {
      const ShoalTransferRow *t = transfer (c->for_real, i);
      Pair pair = download_of (c, i);
      shoal_table_add (table, g_strdup (t->node));
      shoal_table_add (table, g_strdup (t->file));
      shoal_table_add (table, print_seconds (pair.virtual_s));
      shoal_table_add (table, print_seconds (pair.real_s));
      shoal_table_add (table, print_error (pair.error));
      shoal_table_add (table, print_note (transfer (c->in_virtual_time, i), t));
    }
  g_autofree char *text = shoal_table_print (table, SHOAL_TABLE_TEXT);
  append_indented (text, out);
}

static void
append_spread (const ShoalCalibration *c, GString *out)
{
  unsigned count = c->for_real->transfers->len, n = 0;
  g_autofree double *errors = g_new (double, count);
  for (unsigned i = 0; i < count; i++)
    {
      double error = download_of (c, i).error;
      if (!isnan (error))
        errors[n++] = error;
    }
  g_string_append_printf (out, "  %u of %u downloads done in both worlds", n, count);
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
  Pair makespan = makespan_of (c);
  g_autofree char *in_virtual_time = print_seconds (makespan.virtual_s);
  g_autofree char *for_real = print_seconds (makespan.real_s), *error = print_error (makespan.error);
  bool is_good = shoal_calibration_within (c);
  g_string_append_printf (out, "  makespan: %s s in virtual time, %s s for real, %s: ", in_virtual_time,
                          for_real, error);
  if (isnan (makespan.virtual_s) || isnan (makespan.real_s))
    g_string_append (out, "NOT EVERYBODY FINISHED\n");
  else
    g_string_append_printf (out, "%s %.9g %%%s\n", is_good ? "within" : "BEYOND", 100 * c->tolerance,
                            c->judges_each ? ", each download too" : "");
  g_string_append_printf (out, "  the real run used %.2f s of CPU in %.2f s\n", c->for_real->cpu_s,
                          c->for_real->wall_s);
}

char *
shoal_calibration_to_text (const ShoalCalibration *c)
{
  GString *out = g_string_new (NULL);
  g_string_append_printf (out, "%s, %s, seed %" PRIu64, c->for_real->scenario, c->for_real->model,
                          c->for_real->seed);
  if (c->for_real->rate_factor != 1)
    g_string_append_printf (out, ", rates x %.9g", c->for_real->rate_factor);
  g_string_append_c (out, '\n');
  if (c->for_real->transfers->len > MAX_LISTED)
    append_spread (c, out);
  else
    append_list (c, out);
  append_verdict (c, out);
  return g_string_free (out, FALSE);
}

/* ---- for programs ---- */

static void
add_real (JsonBuilder *b, const char *key, double value)
{
  json_builder_set_member_name (b, key);
  if (isnan (value))
    json_builder_add_null_value (b);
  else
    json_builder_add_double_value (b, value);
}

static void
add_text (JsonBuilder *b, const char *key, const char *text)
{
  json_builder_set_member_name (b, key);
  json_builder_add_string_value (b, text);
}

static void
add_pair (JsonBuilder *b, Pair pair)
{
  add_real (b, "virtual_s", pair.virtual_s);
  add_real (b, "real_s", pair.real_s);
  add_real (b, "error", pair.error);
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
  json_builder_set_member_name (b, "downloads");
  json_builder_begin_array (b);
  for (unsigned i = 0; i < c->for_real->transfers->len; i++)
    {
      const ShoalTransferRow *t = transfer (c->for_real, i);
      json_builder_begin_object (b);
      add_text (b, "node", t->node);
      add_text (b, "file", t->file);
      add_text (b, "virtual_status", transfer (c->in_virtual_time, i)->status);
      add_text (b, "real_status", t->status);
      add_pair (b, download_of (c, i));
      json_builder_end_object (b);
    }
  json_builder_end_array (b);
}

char *
shoal_calibration_to_json (const ShoalCalibration *c)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  add_text (b, "scenario", c->for_real->scenario);
  add_text (b, "model", c->for_real->model);
  json_builder_set_member_name (b, "seed");
  json_builder_add_int_value (b, (int64_t)c->for_real->seed);
  add_real (b, "rate_factor", c->for_real->rate_factor);
  add_real (b, "tolerance", c->tolerance);
  json_builder_set_member_name (b, "within");
  json_builder_add_boolean_value (b, shoal_calibration_within (c));
  add_named_pair (b, "makespan", makespan_of (c));
  add_named_pair (b, "mean", mean_of (c));
  add_real (b, "real_wall_s", c->for_real->wall_s);
  add_real (b, "real_cpu_s", c->for_real->cpu_s);
  add_downloads (b, c);
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autofree char *line = json_to_string (root, FALSE);
  return g_strconcat (line, "\n", NULL);
}
