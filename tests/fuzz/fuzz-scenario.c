/* Scenario files: any text is a scenario or refused with a message. One that is accepted resolves to a text that is
 * accepted too, and resolves to itself. */
#include "tests/fuzz/fuzz.h"

#include "scenarios/scenario.h"

#include <stdio.h>

/* A scenario of a million nodes is right, and too slow to be tried ten thousand times. */
static bool
is_small (const char *text)
{
  unsigned digits = 0;
  for (; *text; text++)
    {
      digits = g_ascii_isdigit (*text) ? digits + 1 : 0;
      if (digits > 3 && text[1] == '\n')
        return false;
    }
  return true;
}

static void
check_resolved (const ShoalScenario *scenario)
{
  GError *error = NULL;
  char *text = shoal_scenario_resolve (scenario, NULL);
  ShoalScenario *again = shoal_scenario_parse (text, strlen (text), "fuzz.yaml", &error);
  if (!again)
    fprintf (stderr, "%s\n%s\n", error->message, text);
  fuzz_require (again != NULL);
  char *text_again = shoal_scenario_resolve (again, NULL);
  fuzz_require (strcmp (text, text_again) == 0);
  g_free (text);
  g_free (text_again);
  shoal_scenario_free (again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  char *text = g_strndup ((const char *)data, size);
  ShoalScenario *scenario =
      is_small (text) ? shoal_scenario_parse ((const char *)data, size, "fuzz.yaml", &error) : NULL;
  fuzz_require (scenario == NULL || error == NULL);
  if (scenario)
    check_resolved (scenario);
  else
    fuzz_require (!is_small (text) || (error && *error->message));
  g_clear_error (&error);
  shoal_scenario_free (scenario);
  g_free (text);
  return 0;
}
