/* Where two traces part. */
#pragma once

#include <glib.h>
#include <stdio.h>

/* Reads both from where they stand. NULL: they are the same to the end. Else a text: the number of the
 * first line that differs, the lines before it, and those that follow in each; a_name and b_name say
 * whose they are. Owned by the caller. */
char *shoal_trace_difference (FILE *a, const char *a_name, FILE *b, const char *b_name);
