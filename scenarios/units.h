/* Sizes, rates and times as people write them: a number and its unit. Exact: "2.5 s" is 2,500,000,000
 * ns, and what is not a whole number of bytes or nanoseconds is refused, never rounded. */
#pragma once

#include "src/types.h"

/* Largest values that are taken for meant. */
#define SHOAL_MAX_SIZE_BYTES ((uint64_t)1 << 60)                   /* 1 EiB */
#define SHOAL_MAX_RATE_BYTES_PER_S UINT64_C (1000000000000)        /* 1 TB/s */
#define SHOAL_MAX_TIME_NS ((ShoalTime)3650 * 86400 * SHOAL_SECOND) /* ten years */
/* Ratios and shares are kept in millionths. */
#define SHOAL_ONE INT64_C (1000000)

/* The four functions below read the whole of text. On failure they return false, leave the result
 * alone and set error (SHOAL_SCENARIO_ERROR_VALUE) to a sentence that quotes the text and says what
 * would have been right. A bare 0 needs no unit. */

/* "148539 B", "1 MiB", "1.5 GB". */
bool shoal_parse_size (const char *text, uint64_t *bytes, GError **error);
/* "100 kB/s", "10 Mbit/s"; "unlimited" is 0. */
bool shoal_parse_rate (const char *text, uint64_t *bytes_per_s, GError **error);
/* "2.5 s", "200 ms", "1 h". */
bool shoal_parse_time (const char *text, ShoalTime *ns, GError **error);
/* A number without unit, at most 10^9, with at most 6 decimals: in millionths. "1.05" is 1,050,000. */
bool shoal_parse_ratio (const char *text, int64_t *millionths, GError **error);
/* "50 %": in millionths, 500,000. */
bool shoal_parse_percent (const char *text, int64_t *millionths, GError **error);

/* Multiplies a rate by a factor, to the nearest whole byte a second, at least 1; unlimited stays so. False and
 * error: it would be more than SHOAL_MAX_RATE_BYTES_PER_S. */
bool shoal_scale_rate (uint64_t *bytes_per_s, int64_t factor_millionths, GError **error);

/* Text that the functions above read back as the same value. Owned by the caller. */
char *shoal_format_size (uint64_t bytes);
char *shoal_format_rate (uint64_t bytes_per_s);
char *shoal_format_time (ShoalTime ns);
char *shoal_format_ratio (int64_t millionths);
char *shoal_format_percent (int64_t millionths);
