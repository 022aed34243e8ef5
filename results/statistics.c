#include "results/statistics.h"

#include <stdlib.h>

static int
compare_values (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void
shoal_sort_values (double *values, unsigned n)
{
  if (n > 1)
    qsort (values, n, sizeof *values, compare_values);
}

double
shoal_quantile (const double *sorted, unsigned n, double p)
{
  g_assert (n > 0 && p >= 0 && p <= 1);
  double at = p * (n - 1);
  unsigned below = (unsigned)at;
  if (below + 1 >= n)
    return sorted[n - 1];
  return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
}

ShoalSummary
shoal_summary (const double *values, unsigned n)
{
  ShoalSummary summary = { .n = n };
  if (n == 0)
    return summary;
  g_autofree double *sorted = g_memdup2 (values, n * sizeof *values);
  shoal_sort_values (sorted, n);
  double sum = 0;
  for (unsigned i = 0; i < n; i++)
    sum += sorted[i];
  summary.min = sorted[0];
  summary.max = sorted[n - 1];
  summary.median = shoal_quantile (sorted, n, 0.5);
  summary.mean = sum / n;
  return summary;
}
