/* What the parts of a study's parser share. Private to scenarios/.
 *
 * study.c         the document: name, parameters, seeds, …
 * study-text.c    the two halves of its text, and what is put into the second
 * study-points.c  every choice of values, and the scenario that it makes */
#pragma once

#include "scenarios/study.h"

/* Splits a study at its `scenario:` key. What is not of a half is empty lines in it, so that both have the lines of
 * the whole: *head has everything but the lines below the key, *scenario nothing but these. Owned by the
 * caller. */
void shoal_study_split (const char *text, char **head, char **scenario);

/* What stands in which place. */
typedef struct {
  const char *(*lookup) (void *context,
                         const char *name); /* the value of a name; NULL: there is no such name */
  void *context;
  const char *known; /* for messages: the names that there are */
} ShoalPlaceholders;

/* Puts values where ${NAME} stands; lines that are comments as a whole stay. NULL and error (SYNTAX):
 * "origin:line: …". Owned by the caller. */
char *shoal_study_fill (const char *text, const char *origin, const ShoalPlaceholders *placeholders,
                        GError **error);

/* Makes the points of a study whose parameters are there. text: of its scenario, from the file origin.
 * False and error. */
bool shoal_study_make_points (ShoalStudy *study, const char *text, const char *origin, GError **error);
