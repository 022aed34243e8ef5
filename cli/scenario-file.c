#include "cli/scenario-file.h"

#include "cli/cli.h"
#include "cli/shipped.h"
#include "scenarios/units.h"

#define MAX_RATE_FACTOR INT64_C (1000000)

static const ShoalShipped shipped = { "scenario", { "scenarios", SHOAL_SCENARIOS_DIR } };

bool
shoal_scenario_is_shipped (const char *name)
{
  g_autofree char *path = shoal_shipped_find (&shipped, name);
  return path != NULL;
}

char *
shoal_scenario_names (void)
{
  return shoal_shipped_names (&shipped);
}

static int
exit_status_of (const GError *error)
{
  return g_error_matches (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_IO) ? SHOAL_EXIT_USAGE
                                                                                : SHOAL_EXIT_FAILED;
}

bool
shoal_parse_rate_factor (const char *text, int64_t *rate_factor)
{
  *rate_factor = SHOAL_ONE;
  return text == NULL
         || (shoal_parse_ratio (text, rate_factor, NULL) && *rate_factor > 0
             && *rate_factor <= MAX_RATE_FACTOR * SHOAL_ONE);
}

ShoalScenario *
shoal_find_scenario (const char *typed, int64_t rate_factor, int *status)
{
  g_autofree char *path = shoal_shipped_path (&shipped, typed);
  g_autoptr (GError) error = NULL;
  if (path == NULL)
    {
      *status = SHOAL_EXIT_USAGE;
      return NULL;
    }
  g_autoptr (ShoalScenario) scenario = shoal_scenario_load_scaled (path, rate_factor, &error);
  *status = error != NULL ? exit_status_of (error) : SHOAL_EXIT_DONE;
  if (scenario != NULL && shoal_scenario_prepare (scenario, &error))
    return g_steal_pointer (&scenario);
  if (scenario != NULL)
    *status = SHOAL_EXIT_FAILED; /* the scenario is there, but speaks of a file that is not */
  shoal_complain ("%s", error->message);
  return NULL;
}
