/* Sizes, rates and durations in few letters, for people. (Exact ones, to be read back: scenarios/units.h.) */
#pragma once

#include <stdint.h>

/* "4.7 GB", "12 kB", "7 B". Owned by the caller. */
char *shoal_amount_size (uint64_t bytes);
/* "12.3 MB/s". Owned by the caller. */
char *shoal_amount_rate (double bytes_per_s);
/* "2 h 5 min", "14 s", "0.8 s". Owned by the caller. */
char *shoal_amount_time (double seconds);
