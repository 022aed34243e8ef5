#include "tests/recorded.h"

#include "sim/world.h"
#include "tests/harness.h"

#include <string.h>

static Recorded
play (ShoalScenario *scenario, ShoalModel model, uint64_t seed, GError *error)
{
  ck_assert_msg (scenario != NULL, "%s", error ? error->message : "no error set");
  ck_assert (shoal_scenario_prepare (scenario, &error));
  ShoalBackend *world = shoal_world_new (&(ShoalWorldOptions){ .seed = seed });
  const ShoalRunOptions options = {
    .seed = seed, .virtual_content = true, .detail = SHOAL_LOG_NORMAL, .records = true
  };
  Recorded recorded = { scenario, shoal_scenario_run (scenario, model, world, &options, &error) };
  ck_assert_msg (recorded.row != NULL, "%s", error ? error->message : "no error set");
  world->ops->free (world);
  return recorded;
}

Recorded
recorded_play (const char *rest, ShoalModel model, uint64_t seed)
{
  g_autofree char *text = g_strconcat (RECORDED_HEAD, rest, NULL);
  GError *error = NULL;
  ShoalScenario *scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  return play (scenario, model, seed, error);
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
