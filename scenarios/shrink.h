/* Makes a scenario smaller as long as something stays true of it: that it breaks an invariant, for example. */
#pragma once

#include <stdbool.h>

/* Whether it is still true of this text. What is no scenario, it is not true of. */
typedef bool (*ShoalShrinkTest) (void *context, const char *text);

typedef struct {
  ShoalShrinkTest test;
  /* After each attempt: how many there were, and how many lines are left. False: leave it at that. May be NULL. */
  bool (*on_attempt) (void *context, unsigned attempts, unsigned lines);
  void *context;         /* of both */
  unsigned max_attempts; /* of those that the test was asked about */
} ShoalShrinkOptions;

/* Leaves out lines (with what is indented below them), nodes with all that is said of them, single keys; halves
 * numbers. text: of which it is true. Returns a smaller one of which it is true as well, or a copy; owned by the
 * caller. */
char *shoal_shrink_scenario (const char *text, const ShoalShrinkOptions *options);
