#include "results/compare.h"

#include "results/table.h"

#include <json-glib/json-glib.h>
#include <stddef.h>
#include <string.h>

/* The figures of a comparison: adding a line here adds it to every format. */
typedef struct {
  const char *key, *title;
  int decimals; /* for people */
  size_t offset;
} Figure;

static const Figure figures[] = {
  { "bound_s", "bound s", 2, offsetof (ShoalComparison, bound_s) },
  { "p2p_makespan_s", "P2P s", 2, offsetof (ShoalComparison, p2p_makespan_s) },
  { "server_client_makespan_s", "server-client s", 2, offsetof (ShoalComparison, server_client_makespan_s) },
  { "stretch", "stretch", 3, offsetof (ShoalComparison, stretch) },
  { "speedup", "speed-up", 2, offsetof (ShoalComparison, speedup) },
  { "p2p_mean_s", "P2P mean s", 2, offsetof (ShoalComparison, p2p_mean_s) },
  { "server_client_mean_s", "server-client mean s", 2, offsetof (ShoalComparison, server_client_mean_s) },
};

#define FIGURES G_N_ELEMENTS (figures)

/* Of one figure over the seeds. */
typedef struct {
  const char *key;
  size_t offset;
} Statistic;

static const Statistic statistics[] = {
  { "min", offsetof (ShoalSummary, min) },
  { "median", offsetof (ShoalSummary, median) },
  { "mean", offsetof (ShoalSummary, mean) },
  { "max", offsetof (ShoalSummary, max) },
};

#define STATISTICS G_N_ELEMENTS (statistics)

static const ShoalSummary *
summary (const ShoalComparison *comparison, const Figure *figure)
{
  return (const ShoalSummary *)(const void *)((const char *)comparison + figure->offset);
}

static double
value (const ShoalSummary *s, const Statistic *statistic)
{
  return *(const double *)(const void *)((const char *)s + statistic->offset);
}

/* Median, and the range when the seeds differ by more than is shown. */
static char *
print_figure (const ShoalSummary *s, int decimals)
{
  if (s->n == 0)
    return g_strdup ("-");
  g_autofree char *least = g_strdup_printf ("%.*f", decimals, s->min);
  g_autofree char *most = g_strdup_printf ("%.*f", decimals, s->max);
  if (g_str_equal (least, most))
    return g_strdup (least);
  return g_strdup_printf ("%.*f (%s-%s)", decimals, s->median, least, most);
}

/* Which runs a line is about: these columns come first. */
enum {
  KEYS = 5,  /* for programs */
  LABELS = 4 /* for people */
};
static const char *const keys[KEYS] = { "scenario", "backend", "rate_factor", "strategy", "seeds" };

/* "sim", "real, rates x 10". */
static char *
print_world (const ShoalComparison *c)
{
  return c->rate_factor == 1 ? g_strdup (c->backend)
                             : g_strdup_printf ("%s, rates x %.9g", c->backend, c->rate_factor);
}

static char *
print_for_people (const GPtrArray *comparisons, ShoalTableFormat format)
{
  const char *titles[LABELS + FIGURES] = { "scenario", "backend", "strategy", "seeds" };
  bool is_number[LABELS + FIGURES] = { false, false, false, true };
  for (unsigned f = 0; f < FIGURES; f++)
    {
      titles[LABELS + f] = figures[f].title;
      is_number[LABELS + f] = true;
    }
  g_autoptr (ShoalTable) table = shoal_table_new (LABELS + FIGURES, titles, is_number);
  for (unsigned i = 0; i < comparisons->len; i++)
    {
      const ShoalComparison *c = g_ptr_array_index (comparisons, i);
      shoal_table_add (table, g_strdup (c->scenario));
      shoal_table_add (table, print_world (c));
      shoal_table_add (table, g_strdup (c->strategy != NULL ? c->strategy : "-"));
      shoal_table_add (table, g_strdup_printf ("%u", c->seeds));
      for (unsigned f = 0; f < FIGURES; f++)
        shoal_table_add (table, print_figure (summary (c, &figures[f]), figures[f].decimals));
    }
  return shoal_table_print (table, format);
}

static void
add_csv_figure (ShoalTable *table, const ShoalSummary *s)
{
  for (unsigned i = 0; i < STATISTICS; i++)
    shoal_table_add (table, s->n > 0 ? g_strdup_printf ("%.9g", value (s, &statistics[i])) : NULL);
}

static char *
print_csv (const GPtrArray *comparisons)
{
  enum {
    COLUMNS = KEYS + FIGURES * STATISTICS
  };
  const char *titles[COLUMNS] = { NULL };
  bool is_number[COLUMNS] = { false };
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func (g_free);
  memcpy (titles, keys, sizeof keys);
  for (unsigned i = 0; i < FIGURES * STATISTICS; i++)
    {
      const char *statistic = statistics[i % STATISTICS].key;
      char *title = g_strdup_printf ("%s_%s", figures[i / STATISTICS].key, statistic);
      g_ptr_array_add (made, title);
      titles[KEYS + i] = title;
    }
  g_autoptr (ShoalTable) table = shoal_table_new (COLUMNS, titles, is_number);
  for (unsigned i = 0; i < comparisons->len; i++)
    {
      const ShoalComparison *c = g_ptr_array_index (comparisons, i);
      shoal_table_add (table, g_strdup (c->scenario));
      shoal_table_add (table, g_strdup (c->backend));
      shoal_table_add (table, g_strdup_printf ("%.9g", c->rate_factor));
      shoal_table_add (table, g_strdup (c->strategy));
      shoal_table_add (table, g_strdup_printf ("%u", c->seeds));
      for (unsigned f = 0; f < FIGURES; f++)
        add_csv_figure (table, summary (c, &figures[f]));
    }
  return shoal_table_print (table, SHOAL_TABLE_CSV);
}

static void
add_json_figure (JsonBuilder *b, const ShoalSummary *s)
{
  if (s->n == 0)
    {
      json_builder_add_null_value (b);
      return;
    }
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "n");
  json_builder_add_int_value (b, s->n);
  for (unsigned i = 0; i < STATISTICS; i++)
    {
      json_builder_set_member_name (b, statistics[i].key);
      json_builder_add_double_value (b, value (s, &statistics[i]));
    }
  json_builder_end_object (b);
}

static void
print_json_line (const ShoalComparison *c, GString *out)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "scenario");
  json_builder_add_string_value (b, c->scenario);
  json_builder_set_member_name (b, "backend");
  json_builder_add_string_value (b, c->backend);
  json_builder_set_member_name (b, "rate_factor");
  json_builder_add_double_value (b, c->rate_factor);
  json_builder_set_member_name (b, "strategy");
  if (c->strategy != NULL)
    json_builder_add_string_value (b, c->strategy);
  else
    json_builder_add_null_value (b);
  json_builder_set_member_name (b, "seeds");
  json_builder_add_int_value (b, c->seeds);
  for (unsigned f = 0; f < FIGURES; f++)
    {
      json_builder_set_member_name (b, figures[f].key);
      add_json_figure (b, summary (c, &figures[f]));
    }
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autofree char *line = json_to_string (root, FALSE);
  g_string_append (out, line);
  g_string_append_c (out, '\n');
}

static char *
print_json (const GPtrArray *comparisons)
{
  GString *out = g_string_new (NULL);
  for (unsigned i = 0; i < comparisons->len; i++)
    print_json_line (g_ptr_array_index (comparisons, i), out);
  return g_string_free (out, FALSE);
}

char *
shoal_compare_print (const GPtrArray *comparisons, ShoalCompareFormat format)
{
  switch (format)
    {
    case SHOAL_COMPARE_CSV:
      return print_csv (comparisons);
    case SHOAL_COMPARE_JSON:
      return print_json (comparisons);
    case SHOAL_COMPARE_MARKDOWN:
      return print_for_people (comparisons, SHOAL_TABLE_MARKDOWN);
    default:
      return print_for_people (comparisons, SHOAL_TABLE_TEXT);
    }
}
