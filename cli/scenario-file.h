/* Finding scenario files by what was typed. */
#pragma once

#include "scenarios/scenario.h"

/* Loads a scenario and prepares its files. typed: a path, or the bare name of a shipped scenario
 * (name.yaml in ./scenarios, then where shoal is installed). rate_factor: millionths, all rates are
 * multiplied by it. Complains to stderr itself; *status is then the exit status, and NULL is returned.
 * Owned by the caller. */
ShoalScenario *shoal_find_scenario (const char *typed, int64_t rate_factor, int *status);
/* Reads the value of --rate-factor, in millionths. NULL is 1. False: it is no number from 0.000001 to 1000000. */
bool shoal_parse_rate_factor (const char *text, int64_t *rate_factor);

/* Whether there is a shipped scenario of this name. */
bool shoal_scenario_is_shipped (const char *name);
/* The names of all, with commas. Owned by the caller. */
char *shoal_scenario_names (void);
