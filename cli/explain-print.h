/* Explanations as text and as JSON. */
#pragma once

#include "results/explain.h"

/* For people: one node's downloads with every cause and neighbour, to the nanosecond. explanations: of
 * ShoalExplanation. Owned by the caller. */
char *shoal_explanations_in_full (const ShoalRunHead *run, const GPtrArray *explanations);
/* For people: a line for each download, the slowest where there are many, and a sentence for each. Owned by the
 * caller. */
char *shoal_explanations_in_short (const ShoalRunHead *run, const GPtrArray *explanations);
/* For programs: one object on one line, with its newline. The keys are in docs/results.md. Owned by the caller. */
char *shoal_explanations_to_json (const ShoalRunHead *run, const GPtrArray *explanations);
