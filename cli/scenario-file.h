/* Finding scenario files by what was typed. */
#pragma once

#include "scenarios/scenario.h"

/* Loads a scenario and prepares its files. typed: a path, or the bare name of a shipped scenario
 * (name.yaml in ./scenarios, then where shoal is installed). Complains to stderr itself; *status is
 * then the exit status, and NULL is returned. Owned by the caller. */
ShoalScenario *shoal_find_scenario (const char *typed, int *status);

/* Whether there is a shipped scenario of this name. */
bool shoal_scenario_is_shipped (const char *name);
/* The names of all, with commas. Owned by the caller. */
char *shoal_scenario_names (void);
