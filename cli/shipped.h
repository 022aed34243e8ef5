/* Files that come with shoal and are known by bare names: scenarios, studies. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
  const char *what;       /* one of them, for messages: "scenario" */
  const char *folders[2]; /* in order of search: of the current folder, where shoal is installed */
} ShoalShipped;

/* The path of what was typed: a path as it is, a bare name that of the shipped file. NULL: there is none of that
 * name, and it complained itself. Owned by the caller. */
char *shoal_shipped_path (const ShoalShipped *shipped, const char *typed);
/* Path of the shipped file of a bare name; NULL: there is none, or it is no bare name. Owned by the caller. */
char *shoal_shipped_find (const ShoalShipped *shipped, const char *name);
/* The names of all, with commas. Owned by the caller. */
char *shoal_shipped_names (const ShoalShipped *shipped);
