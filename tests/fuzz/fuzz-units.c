/* Sizes, rates, times, ratios and shares as people write them: what is accepted is within its limits, and what is
 * formatted is read back as the same value. What is refused says why. */
#include "tests/fuzz/fuzz.h"

#include "scenarios/units.h"

static void
require_explained (GError *error)
{
  fuzz_require (error != NULL && *error->message != '\0');
  g_error_free (error);
}

/* The same for each unit: TYPE, and the names of its functions. */
#define CHECK(TYPE, kind, most)                                                                              \
  static void check_##kind (const char *text)                                                                \
  {                                                                                                          \
    TYPE value = 0, again = 0;                                                                               \
    GError *error = NULL;                                                                                    \
    if (!shoal_parse_##kind (text, &value, &error))                                                          \
      {                                                                                                      \
        require_explained (error);                                                                           \
        return;                                                                                              \
      }                                                                                                      \
    char *said = shoal_format_##kind (value);                                                                \
    fuzz_require (error == NULL && value <= (TYPE)(most) && (int64_t)value >= 0);                            \
    fuzz_require (shoal_parse_##kind (said, &again, NULL) && again == value);                                \
    g_free (said);                                                                                           \
  }

CHECK (uint64_t, size, SHOAL_MAX_SIZE_BYTES)
CHECK (uint64_t, rate, SHOAL_MAX_RATE_BYTES_PER_S)
CHECK (ShoalTime, time, SHOAL_MAX_TIME_NS)
CHECK (int64_t, ratio, SHOAL_ONE * 1000000000)
CHECK (int64_t, percent, SHOAL_ONE * 1000000000)

static void
check_scaled (const char *text)
{
  uint64_t rate;
  int64_t factor;
  char *factor_text = g_strndup (text, strcspn (text, "*"));
  const char *rate_text = strchr (text, '*');
  if (rate_text && shoal_parse_ratio (factor_text, &factor, NULL) && factor > 0
      && shoal_parse_rate (rate_text + 1, &rate, NULL))
    {
      bool unlimited = rate == 0;
      if (shoal_scale_rate (&rate, factor, NULL))
        fuzz_require ((rate == 0) == unlimited && rate <= SHOAL_MAX_RATE_BYTES_PER_S);
    }
  g_free (factor_text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader input = shoal_reader (data, size);
  char *text = fuzz_text (&input);
  check_size (text);
  check_rate (text);
  check_time (text);
  check_ratio (text);
  check_percent (text);
  check_scaled (text);
  g_free (text);
  return 0;
}
