/* What happens in a made-up scenario, beside offering and downloading. */
#include "scenarios/generate-internal.h"

#define EVENTS_MAX 6u

/* ---- the network ---- */

void
shoal_generate_add_conditions (Generator *g, const char *before, unsigned harm)
{
  g_string_append (g->text, before);
  g_string_append_printf (g->text, "latency: %u ms",
                          shoal_generate_between (g, 0, shoal_generate_one_in (g, 3) ? 300 : 30));
  if (shoal_generate_one_in (g, 3))
    g_string_append_printf (g->text, ", jitter: %u ms", shoal_generate_between (g, 1, 100));
  if (harm > 0 && shoal_generate_one_in (g, 2))
    g_string_append_printf (g->text, ", loss: %u.%u %%", shoal_generate_between (g, 0, harm),
                            shoal_generate_between (g, 1, 9));
  if (harm > 0 && shoal_generate_one_in (g, 4))
    g_string_append_printf (g->text, ", duplication: %u %%", shoal_generate_between (g, 1, 2 * harm));
  if (harm > 0 && shoal_generate_one_in (g, 4))
    g_string_append_printf (g->text, ", corruption: 0.%02u %%", shoal_generate_between (g, 1, 10 * harm));
  if (harm > 0 && shoal_generate_one_in (g, 4))
    g_string_append_printf (g->text, ", reordering: %u %%, reordering_delay: %u ms",
                            shoal_generate_between (g, 1, 3 * harm), shoal_generate_between (g, 1, 200));
}

/* ---- who and when ---- */

static unsigned
any_node (Generator *g)
{
  return shoal_random_below (&g->random, g->node_count);
}

/* One that may go, or lose something. */
static unsigned
any_victim (Generator *g)
{
  return g->spares_first ? shoal_generate_between (g, 1, g->node_count - 1) : any_node (g);
}

/* While the node is there, most often. */
static unsigned
moment (Generator *g, const GeneratedNode *node)
{
  return node->start_ms + 100 * shoal_generate_between (g, 1, g->horizon_ms / 100);
}

static void
begin (Generator *g, unsigned ms)
{
  shoal_generate_add_ms (g, "  - {at: ", ms);
}

static void
begin_of (Generator *g, unsigned ms, unsigned node)
{
  begin (g, ms);
  g_string_append_printf (g->text, ", nodes: n%u, ", node + 1);
}

/* A file that the node has to do with. */
static unsigned
file_of (Generator *g, const GeneratedNode *node)
{
  unsigned file = shoal_random_below (&g->random, g->file_count);
  while (!(node->files & 1u << file))
    file = (file + 1) % g->file_count;
  return file + 1;
}

/* ---- churn ---- */

/* It goes, by itself or by accident, and comes back, most often; then it goes on with what it wanted. */
static void
add_absence (Generator *g)
{
  static const char *const keeping[] = { "all", "all", "50 %", "10 %", "nothing" };
  unsigned node = any_victim (g), ms = moment (g, &g->nodes[node]);
  begin_of (g, ms, node);
  g_string_append (g->text, shoal_generate_one_in (g, 2) ? "crash: true}\n" : "close: true}\n");
  if (shoal_generate_one_in (g, 4))
    return;
  begin_of (g, ms + 100 * shoal_generate_between (g, 1, 600), node);
  g_string_append_printf (g->text, "return: true, keeping: %s}\n",
                          keeping[shoal_random_below (&g->random, G_N_ELEMENTS (keeping))]);
  g_string_append_printf (g->text, "  - {on: return, nodes: n%u, after: %u ms, download: F%u}\n", node + 1,
                          shoal_generate_between (g, 0, 3000), file_of (g, &g->nodes[node]));
}

/* A file is withdrawn, and offered or downloaded again. */
static void
add_cancel (Generator *g)
{
  unsigned node = any_victim (g), ms = moment (g, &g->nodes[node]), file = file_of (g, &g->nodes[node]);
  begin_of (g, ms, node);
  g_string_append_printf (g->text, "cancel: F%u}\n", file);
  if (shoal_generate_one_in (g, 3))
    return;
  bool offers = g->nodes[node].is_seeder && !shoal_generate_one_in (g, 4);
  begin_of (g, ms + 100 * shoal_generate_between (g, 0, 300), node);
  g_string_append_printf (g->text, "%s: F%u}\n", offers ? "register" : "download", file);
}

/* ---- rates ---- */

static void
add_rates (Generator *g)
{
  unsigned node = any_node (g);
  begin_of (g, moment (g, &g->nodes[node]), node);
  shoal_generate_add_rate (g, "rates: {upload: ", shoal_generate_rate (g));
  if (shoal_generate_one_in (g, 2))
    shoal_generate_add_rate (g, ", download: ", shoal_generate_rate (g));
  g_string_append (g->text, "}}\n");
}

static void
add_ramp (Generator *g)
{
  unsigned node = any_node (g);
  begin_of (g, moment (g, &g->nodes[node]), node);
  uint64_t rate = shoal_generate_rate (g);
  shoal_generate_add_rate (
      g, "rates: {upload: ", rate > 0 ? rate : g->rate_bytes_per_s); /* no ramp ends unlimited */
  g_string_append_printf (g->text, ", over: %u s}}\n", shoal_generate_between (g, 1, 30));
}

static void
add_trace (Generator *g)
{
  unsigned node = any_node (g), half = shoal_generate_between (g, 1, 8);
  begin_of (g, moment (g, &g->nodes[node]), node);
  shoal_generate_add_rate (g, "rates: {trace: [{after: 0 s, upload: ", shoal_generate_rate (g));
  g_string_append_printf (g->text, "}, {after: %u s", half);
  shoal_generate_add_rate (g, ", upload: ", shoal_generate_rate (g));
  g_string_append_printf (g->text, "}], repeat_every: %u s}}\n", 2 * half);
}

/* ---- what is nobody's ---- */

static unsigned
any_moment (Generator *g)
{
  return 100 * shoal_generate_between (g, 0, g->horizon_ms / 100);
}

static void
add_tracker_stop (Generator *g)
{
  unsigned ms = any_moment (g);
  begin (g, ms);
  g_string_append (g->text, ", tracker: stop}\n");
  if (shoal_generate_one_in (g, 6))
    return;
  begin (g, ms + 100 * shoal_generate_between (g, 1, 900));
  g_string_append (g->text, ", tracker: restart}\n");
}

/* Each node is on one of two sides, or on none; the tracker too. */
static void
add_partition (Generator *g)
{
  unsigned ms = any_moment (g), first = any_node (g);
  begin (g, ms);
  g_string_append_printf (g->text, ", partition: [\"n%u", first + 1);
  for (unsigned i = 0; i < g->node_count; i++)
    if (i != first && shoal_generate_one_in (g, 3))
      g_string_append_printf (g->text, ", n%u", i + 1);
  g_string_append (g->text, shoal_generate_one_in (g, 3) ? ", tracker\", rest]}\n" : "\", rest]}\n");
  if (shoal_generate_one_in (g, 8))
    return;
  begin (g, ms + 100 * shoal_generate_between (g, 1, shoal_generate_one_in (g, 4) ? 6000 : 600));
  g_string_append (g->text, ", heal: true}\n");
}

static void
add_weather (Generator *g)
{
  begin (g, any_moment (g));
  g_string_append (g->text, ", network: {");
  shoal_generate_add_conditions (g, "", shoal_generate_between (g, 0, 10));
  g_string_append (g->text, "}}\n");
}

static void
add_link (Generator *g)
{
  unsigned from = any_node (g), to = any_node (g);
  begin (g, any_moment (g));
  g_string_append_printf (g->text, ", link: {from: n%u, to: n%u, both_ways: %s", from + 1,
                          (from == to ? (to + 1) % g->node_count : to) + 1,
                          shoal_generate_one_in (g, 2) ? "true" : "false");
  shoal_generate_add_conditions (g, ", ", shoal_generate_one_in (g, 3) ? 30 : 8);
  g_string_append (g->text, "}}\n");
}

void
shoal_generate_events (Generator *g)
{
  static void (*const kinds[]) (Generator *) = { add_absence,   add_absence, add_absence, add_cancel,
                                                 add_rates,     add_ramp,    add_trace,   add_tracker_stop,
                                                 add_partition, add_weather, add_link };
  unsigned count = shoal_generate_one_in (g, 4) ? 0 : shoal_generate_between (g, 1, EVENTS_MAX);
  for (unsigned i = 0; i < count; i++)
    kinds[shoal_random_below (&g->random, G_N_ELEMENTS (kinds))](g);
}
