#include "cli/amount.h"

#include <glib.h>

static char *
amount (double bytes, const char *per)
{
  static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
  unsigned i = 0;
  while (bytes >= 999.5 && i + 1 < G_N_ELEMENTS (units))
    {
      bytes /= 1000;
      i++;
    }
  return g_strdup_printf (i > 0 && bytes < 99.95 ? "%.1f %s%s" : "%.0f %s%s", bytes, units[i], per);
}

char *
shoal_amount_size (uint64_t bytes)
{
  return amount ((double)bytes, "");
}

char *
shoal_amount_rate (double bytes_per_s)
{
  return amount (bytes_per_s, "/s");
}

char *
shoal_amount_time (double seconds)
{
  if (seconds < 10)
    return g_strdup_printf ("%.1f s", seconds);
  if (seconds >= 1e9)
    return g_strdup ("ages");
  int64_t s = (int64_t)(seconds + 0.5), minutes = s / 60, hours = minutes / 60, days = hours / 24;
  if (minutes == 0)
    return g_strdup_printf ("%d s", (int)s);
  if (hours == 0)
    return g_strdup_printf ("%d min %d s", (int)minutes, (int)(s % 60));
  if (days == 0)
    return g_strdup_printf ("%d h %d min", (int)hours, (int)(minutes % 60));
  return g_strdup_printf ("%d d %d h", (int)days, (int)(hours % 24));
}
