/* What the test programs share: one main's worth of Check.
 *
 * A test program is tests/test-NAME.c: it makes its suites and ends with
 *
 *   int
 *   main (void)
 *   {
 *     return shoal_run_suites (bytes_suite (), bitmap_suite (), NULL);
 *   }
 *
 * Tests run in the top source folder, so that "tests/vectors/x.tsv" and "scenarios/x.yaml" are found; it
 * may be read-only. What `make` built is in the folder that the variable top_builddir names.
 *
 * Check reads CK_RUN_SUITE, CK_RUN_CASE, CK_FORK and CK_DEFAULT_TIMEOUT from the environment. */
#pragma once

#include <check.h>

/* Runs the suites, up to the first NULL, and says on stdout how they went, each failure with file and
 * line. The suites are freed. Returns the exit status for main(): 0 when tests ran and none failed,
 * 1 when one failed, 2 when there was no test to run (a test program without tests proves nothing). */
__attribute__ ((sentinel)) int shoal_run_suites (Suite *first, ...);
