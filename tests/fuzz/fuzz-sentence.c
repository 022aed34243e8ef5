/* Conditions and expectations, sentence by sentence, in a scenario with a few nodes and files. */
#include "tests/fuzz/fuzz.h"

#include "scenarios/condition.h"
#include "scenarios/expect.h"

#include <stdio.h>

static const char document[] = "name: fuzz\n"
                               "files:\n"
                               "  - { name: F1, size: 1 MiB }\n"
                               "  - { name: F2, size: 20 kB }\n"
                               "nodes:\n"
                               "  - { name: A, upload: 1 MB/s, download: 1 MB/s }\n"
                               "  - { name: B, upload: 1 MB/s, download: 1 MB/s }\n"
                               "  - { name: n, count: 3, upload: 1 MB/s, download: 1 MB/s }\n"
                               "actions:\n"
                               "  - { nodes: A, at: 0 s, register: F1 }\n"
                               "  - { nodes: 'B, n', at: 1 s, download: F1 }\n"
                               "expect: [everybody completes in both models]\n";

static ShoalScenario *
scenario_get (void)
{
  static ShoalScenario *scenario;
  GError *error = NULL;
  if (!scenario)
    scenario = shoal_scenario_parse (document, strlen (document), "fuzz.yaml", &error);
  if (!scenario)
    fprintf (stderr, "%s\n", error->message);
  fuzz_require (scenario != NULL);
  return scenario;
}

static bool
has (void *context, unsigned node, unsigned file)
{
  const ShoalScenario *scenario = context;
  fuzz_require (node < scenario->nodes->len && file < scenario->files->len);
  return true;
}

static bool
holds_share (void *context, unsigned node, unsigned file, int64_t share)
{
  fuzz_require (share >= 0 && share <= 1000000);
  return has (context, node, file);
}

static bool
is_out (void *context, unsigned file)
{
  return has (context, 0, file);
}

static void
check_condition (ShoalScenario *scenario, const char *text)
{
  GError *error = NULL;
  ShoalConditionFacts facts = {
    .has = has, .holds_share = holds_share, .is_out = is_out, .context = scenario
  };
  ShoalCondition *condition = shoal_condition_parse (scenario, text, &error);
  fuzz_require ((condition == NULL) == (error != NULL));
  if (condition)
    {
      fuzz_require (condition->terms->len > 0);
      /* Whoever holds everything fulfils every condition. */
      if (shoal_condition_complete (scenario, condition, &error))
        fuzz_require (shoal_condition_holds (condition, &facts));
      shoal_condition_needs_blocks (condition);
      shoal_condition_free (condition);
    }
  g_clear_error (&error);
}

/* Judged on a run in which nothing happened. */
static void
check_expect (ShoalScenario *scenario, const char *text)
{
  GError *error = NULL;
  ShoalExpect expect = { 0 };
  bool taken = shoal_expect_parse (scenario, text, &expect, &error);
  fuzz_require (taken == (error == NULL));
  fuzz_require (!taken || expect.in_p2p || expect.in_server_client);
  g_clear_error (&error);
  g_array_append_val (scenario->expects, expect);
  if (taken)
    {
      ShoalRunRow *run = shoal_run_row_new ();
      run->makespan_ns = run->mean_ns = run->bound_ns = SHOAL_ROW_NO_TIME;
      shoal_expect_judge (scenario, SHOAL_MODEL_P2P, run);
      shoal_expect_judge_speedup (scenario, run, NULL);
      shoal_run_row_free (run);
    }
  g_array_set_size (scenario->expects, scenario->expects->len - 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader input = shoal_reader (data, size);
  char *text = fuzz_text (&input);
  check_condition (scenario_get (), text);
  check_expect (scenario_get (), text);
  g_free (text);
  return 0;
}
