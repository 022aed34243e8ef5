/* A parameter study: a scenario that is played at several values of some parameters. One YAML file says both: the
 * parameters with their values, and the scenario, in which ${NAME} stands where a parameter's value goes
 * (docs/studies.md). */
#pragma once

#include "scenarios/scenario.h"

typedef struct {
  char *name;
  GPtrArray *values; /* of char * */
  GPtrArray *with;   /* of ShoalStudyParameter: those that go along, with as many values */
} ShoalStudyParameter;

/* One choice of values. */
typedef struct {
  GPtrArray *values;       /* of char *: one for each parameter; borrowed from these */
  ShoalScenario *scenario; /* owned; not prepared */
  char *resolved;          /* its text */
  char *setting;           /* the same without strategies: what the server-client model depends on */
} ShoalStudyPoint;

typedef struct {
  char *name, *description; /* `-quick` is part of a quick one's name */
  char *origin;             /* the file it came from, for messages */
  char *x;                  /* the parameter on the horizontal axis */
  GPtrArray *parameters;    /* of ShoalStudyParameter; those with more places first change last */
  GPtrArray *figures;       /* of char *: see results/series.h */
  uint64_t first_seed, last_seed;
  bool p2p, server_client; /* the models to play */
  GPtrArray *points;       /* of ShoalStudyPoint, in order: the last parameter changes first */
} ShoalStudy;

/* At most so many runs. */
#define SHOAL_MAX_STUDY_CELLS 100000u

/* Reads a study and the scenario of each point. quick: at the parameters' `quick` values and with the first seed
 * alone. Every error names the file, and the line or the place, and for which values it is one.
 * NULL and error (IO, SYNTAX, VALUE). Owned by the caller. */
ShoalStudy *shoal_study_load (const char *path, bool quick, GError **error);
/* The same from text. origin: what messages call it; the folder of relative paths is its folder. */
ShoalStudy *shoal_study_parse (const char *text, const char *origin, bool quick, GError **error);
void shoal_study_free (ShoalStudy *study);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalStudy, shoal_study_free)

/* "peers 10, strategy none". Owned by the caller. */
char *shoal_study_point_name (const ShoalStudy *study, const ShoalStudyPoint *point);
/* How much work a run of this scenario is, roughly in microseconds of a processor: for estimates of what is left. */
double shoal_scenario_cost (const ShoalScenario *scenario, ShoalModel model);
/* A value as a number for an axis, and its unit: "B", "B/s", "s", "%" or "". NULL: it is no number. Static. */
const char *shoal_study_number (const char *value, double *number);
