#include "scenarios/generate-internal.h"

#include <inttypes.h>

#define TIME_LIMIT_S 1200u
#define WORK_MAX_BYTES (UINT64_C (24) << 20) /* of all downloads of a file together */
#define SIZE_MAX_BYTES (UINT64_C (4) << 20)
#define SLOWEST_BYTES_PER_S 5000u /* what the protocol is made for */

/* ---- lots ---- */

unsigned
shoal_generate_between (Generator *g, unsigned least, unsigned most)
{
  return least + shoal_random_below (&g->random, most - least + 1);
}

/* One of some numbers. */
static uint64_t
one_of (Generator *g, const uint64_t *numbers, unsigned count)
{
  return numbers[shoal_random_below (&g->random, count)];
}

uint64_t
shoal_generate_rate (Generator *g)
{
  static const uint64_t quarters[] = { 1, 2, 4, 4, 4, 8, 16, 40 };
  if (shoal_generate_one_in (g, 16))
    return 0;
  uint64_t rate = g->rate_bytes_per_s * one_of (g, quarters, G_N_ELEMENTS (quarters)) / 4;
  if (shoal_generate_one_in (g, 4))
    rate += shoal_random_below (&g->random, (uint32_t)(rate / 2 + 1)); /* no round number */
  return MAX (rate, SLOWEST_BYTES_PER_S);
}

/* ---- text ---- */

void
shoal_generate_add_rate (Generator *g, const char *before, uint64_t bytes_per_s)
{
  if (bytes_per_s == 0)
    g_string_append_printf (g->text, "%sunlimited", before);
  else if (bytes_per_s % 1000 == 0)
    g_string_append_printf (g->text, "%s%" PRIu64 " kB/s", before, bytes_per_s / 1000);
  else
    g_string_append_printf (g->text, "%s%" PRIu64 " B/s", before, bytes_per_s);
}

void
shoal_generate_add_ms (Generator *g, const char *before, unsigned ms)
{
  g_string_append_printf (g->text, ms % 1000 == 0 ? "%s%u s" : "%s%u ms", before,
                          ms % 1000 == 0 ? ms / 1000 : ms);
}

/* "F1, F2" */
static void
add_files_of (Generator *g, unsigned files)
{
  const char *separator = "\"";
  for (unsigned i = 0; i < g->file_count; i++)
    if (files & 1u << i)
      {
        g_string_append_printf (g->text, "%sF%u", separator, i + 1);
        separator = ", ";
      }
  g_string_append_c (g->text, '"');
}

/* ---- nodes ---- */

static unsigned
node_count (Generator *g)
{
  unsigned lot = shoal_random_below (&g->random, 10);
  return lot < 6   ? shoal_generate_between (g, 2, 6)
         : lot < 9 ? shoal_generate_between (g, 7, 12)
                   : shoal_generate_between (g, 13, GENERATE_NODES_MAX);
}

/* Any of the files, at least one. */
static unsigned
some_files (Generator *g)
{
  return shoal_generate_between (g, 1, (1u << g->file_count) - 1);
}

static void
draw_node (Generator *g, unsigned i, bool is_even)
{
  GeneratedNode *node = &g->nodes[i];
  *node = (GeneratedNode){ .upload_bytes_per_s = is_even ? g->rate_bytes_per_s : shoal_generate_rate (g),
                           .download_bytes_per_s = is_even ? g->rate_bytes_per_s : shoal_generate_rate (g) };
  if (shoal_generate_one_in (g, 5))
    node->join_ms = 100 * shoal_generate_between (g, 0, g->horizon_ms / 100);
  node->start_ms = node->join_ms + 100 * shoal_generate_between (g, 0, 30);
  if (shoal_generate_one_in (g, 8))
    node->start_ms += 100 * shoal_generate_between (g, 0, g->horizon_ms / 100);
  node->files = some_files (g);
}

/* The first is there from the start and offers everything, most often. */
static void
draw_nodes (Generator *g)
{
  bool is_even = shoal_generate_one_in (g, 2);
  unsigned seeders = shoal_generate_between (g, 1, MIN (3, g->node_count - 1));
  for (unsigned i = 0; i < g->node_count; i++)
    {
      draw_node (g, i, is_even);
      g->nodes[i].is_seeder = i < seeders;
    }
  g->nodes[0].files = (1u << g->file_count) - 1;
  if (!shoal_generate_one_in (g, 8))
    g->nodes[0].join_ms = g->nodes[0].start_ms = 0;
}

/* The first keeps to the rules. */
static void
add_behaviour (Generator *g, unsigned i)
{
  if (i == 0 || !g->nodes[i].is_hostile)
    return;
  switch (shoal_random_below (&g->random, 9))
    {
    case 0:
    case 1:
      g_string_append (g->text, ", behaviour: polluter");
      break;
    case 2:
    case 3:
      g_string_append_printf (g->text, ", behaviour: polluter of %u %%", shoal_generate_between (g, 1, 60));
      break;
    case 4:
    case 5:
      g_string_append (g->text, ", behaviour: liar");
      break;
    case 6: /* costs most of the time that it takes to play */
      g_string_append (g->text, ", behaviour: flooder");
      break;
    case 7:
      g_string_append (g->text, ", behaviour: understater");
      break;
    default:
      g_string_append (g->text, ", behaviour: free-rider");
      break;
    }
}

static void
add_nodes (Generator *g)
{
  bool has_hostile = shoal_generate_one_in (g, 4), has_lines = shoal_generate_one_in (g, 4);
  g_string_append (g->text, "nodes:\n");
  for (unsigned i = 0; i < g->node_count; i++)
    {
      GeneratedNode *node = &g->nodes[i];
      node->is_hostile = i > 0 && has_hostile && shoal_generate_one_in (g, 3);
      g_string_append_printf (g->text, "  - {name: n%u", i + 1);
      shoal_generate_add_rate (g, ", upload: ", node->upload_bytes_per_s);
      shoal_generate_add_rate (g, ", download: ", node->download_bytes_per_s);
      if (node->join_ms > 0)
        shoal_generate_add_ms (g, ", join: ", node->join_ms);
      add_behaviour (g, i);
      if (has_lines && shoal_generate_one_in (g, 3))
        {
          g_string_append (g->text, ", line: {");
          shoal_generate_add_conditions (g, "", 3);
          g_string_append_c (g->text, '}');
        }
      g_string_append (g->text, "}\n");
    }
}

/* ---- files ---- */

/* Sizes at which something begins or ends: nothing, a byte, a unit, a block, and their neighbours. */
static const uint64_t edges[] = { 0,     1,     2,     1023,  1024,  1025,   16383,
                                  16384, 16385, 32768, 49151, 65537, 262144, 262145 };

static uint64_t
file_size (Generator *g)
{
  if (shoal_generate_one_in (g, 4))
    return one_of (g, edges, G_N_ELEMENTS (edges));
  uint64_t most = MIN (WORK_MAX_BYTES / g->node_count, SIZE_MAX_BYTES);
  uint64_t size = g->rate_bytes_per_s * shoal_generate_between (g, 1, 400) / 10; /* 0.1 to 40 s */
  size = MIN (size, most);
  return size - shoal_random_below (&g->random, (uint32_t)MIN (size, 1000) + 1);
}

static void
add_files (Generator *g)
{
  g_string_append (g->text, "files:\n");
  for (unsigned i = 0; i < g->file_count; i++)
    g_string_append_printf (g->text, "  - {name: F%u, size: %" PRIu64 " B, seed: %u}\n", i + 1, g->sizes[i],
                            i + 1);
}

/* ---- who does what ---- */

static void
add_tasks (Generator *g)
{
  for (unsigned i = 0; i < g->node_count; i++)
    {
      const GeneratedNode *node = &g->nodes[i];
      shoal_generate_add_ms (g, "  - {at: ", node->start_ms);
      g_string_append_printf (g->text, ", nodes: n%u, %s: ", i + 1,
                              node->is_seeder ? "register" : "download");
      add_files_of (g, node->files);
      if (!node->is_seeder && shoal_generate_one_in (g, 6))
        shoal_generate_add_ms (
            g, ", time_limit: ", 100 * shoal_generate_between (g, 1, 2 * g->horizon_ms / 100));
      g_string_append (g->text, "}\n");
    }
}

/* In so long all could be through twice, if all went well. */
static unsigned
horizon_ms (const Generator *g)
{
  uint64_t bytes = 0;
  for (unsigned i = 0; i < g->file_count; i++)
    bytes += g->sizes[i];
  return (unsigned)CLAMP (2000 * bytes / g->rate_bytes_per_s + 5000, 10000, 120000);
}

static void
draw_world (Generator *g)
{
  static const uint64_t rates[] = { 5000,   10000,  20000,  50000,   100000,
                                    100000, 200000, 500000, 1000000, 5000000 };
  g->rate_bytes_per_s = one_of (g, rates, G_N_ELEMENTS (rates));
  g->node_count = node_count (g);
  g->file_count = shoal_generate_one_in (g, 3) ? shoal_generate_between (g, 2, GENERATE_FILES_MAX) : 1;
  for (unsigned i = 0; i < g->file_count; i++)
    g->sizes[i] = file_size (g);
  g->horizon_ms = horizon_ms (g);
  g->spares_first = !shoal_generate_one_in (g, 3);
  draw_nodes (g);
}

static void
add_head (Generator *g, uint64_t seed)
{
  static const uint64_t tracker_rates[] = { 5000, 10000, 10000, 10000, 100000, 0 };
  g_string_append_printf (g->text, "name: fuzz-%" PRIu64 "\ndescription: Made from the seed %" PRIu64 ".\n",
                          seed, seed);
  g_string_append_printf (g->text, "time_limit: %u s\n", TIME_LIMIT_S);
  shoal_generate_add_rate (g, "tracker: {upload: ", one_of (g, tracker_rates, G_N_ELEMENTS (tracker_rates)));
  shoal_generate_add_rate (g, ", download: ", one_of (g, tracker_rates, G_N_ELEMENTS (tracker_rates)));
  g_string_append (g->text, "}\n");
  if (shoal_generate_one_in (g, 3))
    g_string_append_printf (g->text, "strategy: {name: %s}\n",
                            shoal_generate_one_in (g, 3) ? "turns" : "tit-for-tat");
  if (shoal_generate_one_in (g, 4))
    return; /* a perfect network */
  g_string_append (g->text, "network: {");
  shoal_generate_add_conditions (g, "", shoal_generate_one_in (g, 2) ? 0 : 5);
  g_string_append (g->text, "}\n");
}

char *
shoal_generate_scenario (uint64_t seed)
{
  Generator g = { .text = g_string_new (NULL) };
  shoal_random_init (&g.random, seed, "(fuzz)"); /* no node can have this name */
  draw_world (&g);
  add_head (&g, seed);
  add_files (&g);
  add_nodes (&g);
  g_string_append (g.text, "actions:\n");
  add_tasks (&g);
  shoal_generate_events (&g);
  return g_string_free (g.text, FALSE);
}
