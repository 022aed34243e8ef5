#include "cli/rate.h"

#include <glib.h>

#define INTERVAL_US (G_USEC_PER_SEC / 2)

void
shoal_rate_note (ShoalRate *rate, uint64_t value)
{
  int64_t now_us = g_get_monotonic_time ();
  unsigned last = (rate->count + SHOAL_RATE_SAMPLES - 1) % SHOAL_RATE_SAMPLES;
  if (rate->count > 0 && now_us - rate->samples[last].at_us < INTERVAL_US)
    return;
  rate->samples[rate->count % SHOAL_RATE_SAMPLES].at_us = now_us;
  rate->samples[rate->count % SHOAL_RATE_SAMPLES].value = value;
  rate->count++;
}

double
shoal_rate_per_s (const ShoalRate *rate)
{
  if (rate->count < 2)
    return 0;
  unsigned from = rate->count < SHOAL_RATE_SAMPLES ? 0 : rate->count % SHOAL_RATE_SAMPLES;
  unsigned to = (rate->count - 1) % SHOAL_RATE_SAMPLES;
  int64_t us = rate->samples[to].at_us - rate->samples[from].at_us;
  uint64_t grown = rate->samples[to].value - rate->samples[from].value;
  return us > 0 && rate->samples[to].value > rate->samples[from].value
             ? (double)grown * G_USEC_PER_SEC / (double)us
             : 0;
}
