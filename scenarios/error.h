/* What can be wrong with a scenario or a run. Messages name the file and line, or the place in the
 * document, and say what was expected. */
#pragma once

#include <glib.h>

typedef enum {
  SHOAL_SCENARIO_ERROR_IO,        /* a file is missing or cannot be read */
  SHOAL_SCENARIO_ERROR_SYNTAX,    /* not YAML, or not of the schema */
  SHOAL_SCENARIO_ERROR_VALUE,     /* a value that means nothing here */
  SHOAL_SCENARIO_ERROR_BACKEND,   /* a node could not be made */
  SHOAL_SCENARIO_ERROR_CANCELLED, /* the caller broke off the run */
} ShoalScenarioError;

#define SHOAL_SCENARIO_ERROR (shoal_scenario_error_quark ())
GQuark shoal_scenario_error_quark (void);
