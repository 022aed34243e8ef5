#define _POSIX_C_SOURCE 200809L /* chdir() */
#include "tests/harness.h"
#include "tests/tsan.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static SRunner *
runner_of (Suite *first, va_list more)
{
  SRunner *runner = srunner_create (first);
  for (Suite *suite = va_arg (more, Suite *); suite; suite = va_arg (more, Suite *))
    srunner_add_suite (runner, suite);
  return runner;
}

/* `make check` runs in the build folder and names the sources' in srcdir. */
static bool
enter_sources (void)
{
  const char *sources = getenv ("srcdir");
  if (!sources || chdir (sources) == 0)
    return true;
  perror (sources);
  return false;
}

int
shoal_run_suites (Suite *first, ...)
{
#ifdef SHOAL_TSAN
  shoal_tsan_sees_glib ();
#endif
  if (!first || !enter_sources ())
    return 2;
  va_list more;
  va_start (more, first);
  SRunner *runner = runner_of (first, more);
  va_end (more);

  srunner_run_all (runner, CK_NORMAL);
  int run = srunner_ntests_run (runner);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  /* A name in CK_RUN_CASE that fits nothing here leaves nothing to run, which is what was asked. */
  if (run == 0 && !getenv ("CK_RUN_CASE") && !getenv ("CK_RUN_SUITE"))
    {
      fputs ("no test ran\n", stderr);
      return 2;
    }
  return failed ? 1 : 0;
}
