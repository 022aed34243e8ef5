/* What the parts of the generator of scenarios share. Private to scenarios/.
 *
 * generate.c         nodes, files, who offers and who wants what
 * generate-events.c  what happens meanwhile */
#pragma once

#include "scenarios/generate.h"
#include "src/random.h"

#define GENERATE_FILES_MAX 3u
#define GENERATE_NODES_MAX 24u

typedef struct {
  uint64_t upload_bytes_per_s, download_bytes_per_s;
  unsigned join_ms;
  bool is_seeder;    /* it registers the files in `files`, else it downloads them */
  bool is_hostile;   /* it breaks the rules */
  unsigned files;    /* bit i: file i */
  unsigned start_ms; /* when it does */
} GeneratedNode;

typedef struct {
  ShoalRandom random;
  GString *text;
  unsigned file_count, node_count;
  uint64_t sizes[GENERATE_FILES_MAX];
  GeneratedNode nodes[GENERATE_NODES_MAX];
  uint64_t rate_bytes_per_s; /* what lines have about; never 0 */
  unsigned horizon_ms;       /* within this most of the scenario happens */
  bool spares_first;         /* nothing happens to the first node, which offers everything */
} Generator;

/* generate.c */
/* least .. most, each with the same chance. */
unsigned shoal_generate_between (Generator *g, unsigned least, unsigned most);
static inline bool
shoal_generate_one_in (Generator *g, unsigned n)
{
  return shoal_random_below (&g->random, n) == 0;
}
/* Some rate, not far from the scenario's; 0: unlimited. */
uint64_t shoal_generate_rate (Generator *g);
/* Appends it with its unit. */
void shoal_generate_add_rate (Generator *g, const char *before, uint64_t bytes_per_s);
void shoal_generate_add_ms (Generator *g, const char *before, unsigned ms);

/* generate-events.c */
/* Appends conditions in the braces of a mapping, beginning with the text `before`. harm: of ten, how bad. */
void shoal_generate_add_conditions (Generator *g, const char *before, unsigned harm);
/* Appends actions. */
void shoal_generate_events (Generator *g);
