/* Names that traces and stores hold. */
#include "src/machine.h"
#include "tests/harness.h"

START_TEST (names_of_events_and_failures)
{
  for (int kind = SHOAL_EVENT_NONE; kind < SHOAL_EVENT_KINDS; kind++)
    {
      ck_assert_str_ne (shoal_event_kind_name ((ShoalEventKind)kind), "unknown");
      for (int other = SHOAL_EVENT_NONE; other < kind; other++)
        ck_assert_str_ne (shoal_event_kind_name ((ShoalEventKind)kind),
                          shoal_event_kind_name ((ShoalEventKind)other));
    }
  ck_assert_str_eq (shoal_event_kind_name (SHOAL_EVENT_BLOCK), "block");
  ck_assert_str_eq (shoal_event_kind_name (SHOAL_EVENT_KINDS), "unknown");
  for (int cause = 0; cause < SHOAL_CAUSES; cause++)
    ck_assert_str_ne (shoal_cause_name ((ShoalCause)cause), "unknown");
  ck_assert_str_eq (shoal_cause_name (SHOAL_CAUSE_NOTHING_USEFUL), "nothing-useful");
  ck_assert_str_eq (shoal_cause_name (SHOAL_CAUSES), "unknown");
  ck_assert_str_eq (shoal_failure_text (SHOAL_FAILURE_TIME_LIMIT_NO_HOLDER),
                    "time limit passed; no holder was reached");
  ck_assert_str_eq (shoal_failure_text (SHOAL_FAILURE_TIME_LIMIT_REFUSED),
                    "time limit passed; those who were reached had no place free");
}
END_TEST

static Suite *
machine_suite (void)
{
  Suite *suite = suite_create ("machine");
  TCase *tests = tcase_create ("all");
  tcase_add_test (tests, names_of_events_and_failures);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (machine_suite (), NULL);
}
