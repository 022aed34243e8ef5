#include "tests/recorded.h"

#include "real/backend.h"
#include "sim/world.h"
#include "tests/harness.h"

#include <string.h>

/* Frees the world. */
static ShoalRunRow *
run (const ShoalScenario *scenario, ShoalModel model, ShoalBackend *world, ShoalRunOptions options)
{
  GError *error = NULL;
  options.detail = SHOAL_LOG_NORMAL;
  options.program_version = "0";
  ShoalRunRow *row = shoal_scenario_run (scenario, model, world, &options, &error);
  ck_assert_msg (row != NULL, "%s", error ? error->message : "no error set");
  world->ops->free (world);
  return row;
}

static Recorded
play (ShoalScenario *scenario, ShoalModel model, uint64_t seed, GError *error)
{
  ck_assert_msg (scenario != NULL, "%s", error ? error->message : "no error set");
  ck_assert (shoal_scenario_prepare (scenario, &error));
  ShoalBackend *world = shoal_world_new (&(ShoalWorldOptions){ .seed = seed });
  const ShoalRunOptions options = { .seed = seed, .virtual_content = true, .records = true };
  return (Recorded){ scenario, run (scenario, model, world, options) };
}

char *
recorded_digest_without (const Recorded *recorded, ShoalModel model, uint64_t seed)
{
  ShoalBackend *world = shoal_world_new (&(ShoalWorldOptions){ .seed = seed });
  const ShoalRunOptions options = { .seed = seed, .virtual_content = true };
  g_autoptr (ShoalRunRow) row = run (recorded->scenario, model, world, options);
  for (unsigned i = 0; i < row->transfers->len; i++)
    {
      const ShoalTransferRow *transfer = g_ptr_array_index (row->transfers, i);
      ck_assert (transfer->waits == NULL && transfer->arrivals == NULL);
    }
  return g_strdup (row->trace_sha256);
}

Recorded
recorded_play_text (const char *text, ShoalModel model, uint64_t seed)
{
  GError *error = NULL;
  ShoalScenario *scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  return play (scenario, model, seed, error);
}

Recorded
recorded_play (const char *rest, ShoalModel model, uint64_t seed)
{
  g_autofree char *text = g_strconcat (RECORDED_HEAD, rest, NULL);
  return recorded_play_text (text, model, seed);
}

Recorded
recorded_play_for_real (const char *rest)
{
  g_autofree char *text = g_strconcat (RECORDED_HEAD, rest, NULL);
  GError *error = NULL;
  ShoalScenario *scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  ck_assert_msg (scenario != NULL, "%s", error ? error->message : "no error set");
  ck_assert (shoal_scenario_prepare (scenario, &error));
  ShoalBackend *world = shoal_real_backend_new (&(ShoalRealBackendOptions){ .seed = 1 }, &error);
  ck_assert_msg (world != NULL, "%s", error ? error->message : "no error set");
  const ShoalRunOptions options = { .seed = 1, .real_time = true, .records = true };
  return (Recorded){ scenario, run (scenario, SHOAL_MODEL_P2P, world, options) };
}

Recorded
recorded_play_file (const char *path, ShoalModel model, uint64_t seed)
{
  GError *error = NULL;
  ShoalScenario *scenario = shoal_scenario_load (path, &error);
  return play (scenario, model, seed, error);
}

void
recorded_clear (Recorded *recorded)
{
  g_clear_pointer (&recorded->row, shoal_run_row_free);
  g_clear_pointer (&recorded->scenario, shoal_scenario_free);
}

const ShoalTransferRow *
recorded_transfer (const Recorded *recorded, const char *node, unsigned i)
{
  for (unsigned k = 0; k < recorded->row->transfers->len; k++)
    {
      const ShoalTransferRow *transfer = g_ptr_array_index (recorded->row->transfers, k);
      if (strcmp (transfer->node, node) == 0 && i-- == 0)
        return transfer;
    }
  ck_abort_msg ("%s has no such transfer", node);
  return NULL;
}

int
recorded_node (const Recorded *recorded, const char *name)
{
  for (unsigned i = 0; i < recorded->row->nodes->len; i++)
    if (strcmp (((const ShoalNodeRow *)g_ptr_array_index (recorded->row->nodes, i))->name, name) == 0)
      return (int)i;
  ck_abort_msg ("there is no %s", name);
  return -1;
}

int64_t
recorded_wait (const Recorded *recorded, const ShoalTransferRow *transfer, const char *cause,
               const char *peer)
{
  int64_t sum = 0;
  for (unsigned i = 0; transfer->waits != NULL && i < transfer->waits->len; i++)
    {
      const ShoalWaitRow *wait = &g_array_index (transfer->waits, ShoalWaitRow, i);
      bool is_last = i + 1 == transfer->waits->len;
      if (strcmp (wait->cause, cause) == 0 && (peer == NULL || wait->peer == recorded_node (recorded, peer)))
        sum += (is_last ? transfer->waits_end_ns : wait[1].start_ns) - wait->start_ns;
    }
  return sum;
}
