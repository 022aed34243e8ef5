/* The comparison of P2P with server-client as people and programs read it. */
#pragma once

#include "results/store.h"

typedef enum {
  SHOAL_COMPARE_TEXT,     /* aligned columns; over several seeds: median (min-max) */
  SHOAL_COMPARE_MARKDOWN, /* the same as a table of Markdown */
  SHOAL_COMPARE_CSV,      /* every figure in a column of its own */
  SHOAL_COMPARE_JSON,     /* one object per scenario, backend, rate factor and strategy, one a line */
} ShoalCompareFormat;

/* comparisons: of ShoalComparison. The text ends with a newline. Owned by the caller. */
char *shoal_compare_print (const GPtrArray *comparisons, ShoalCompareFormat format);
