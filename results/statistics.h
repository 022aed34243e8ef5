/* Summaries of samples. */
#pragma once

#include <glib.h>

typedef struct {
  unsigned n; /* 0: the rest means nothing */
  double min, median, mean, max;
} ShoalSummary;

/* Of n values, in any order. */
ShoalSummary shoal_summary (const double *values, unsigned n);
/* The value below which a share p (0 .. 1) of n > 0 sorted values lies, interpolated. */
double shoal_quantile (const double *sorted, unsigned n, double p);
/* Sorts in place, smallest first. */
void shoal_sort_values (double *values, unsigned n);
