#include "scenarios/condition.h"
#include "scenarios/run-internal.h"

static void
bitmap_free (void *data)
{
  shoal_bitmap_clear (data);
  g_free (data);
}

static void
count_holders (RunFile *file)
{
  file->counts_holders = true;
  file->holders = g_new0 (uint32_t, file->blocks + 1);
  file->missing = file->blocks;
  file->held = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, bitmap_free);
}

static void
init_file (Run *run, unsigned i)
{
  RunFile *file = &run->files[i];
  file->shared = shoal_scenario_shared_file (run->scenario, i, run->options->virtual_content);
  file->blocks = shoal_info_blocks (&file->shared->file.info);
  file->registers = shoal_scenario_concerned (run->scenario, SHOAL_ACTION_REGISTER, (int)i);
}

static void
init_condition (Run *run, unsigned action)
{
  const ShoalCondition *condition = shoal_scenario_action (run->scenario, action)->when;
  run->blocks_matter |= shoal_condition_needs_blocks (condition);
  g_array_append_val (run->waiting, action);
  for (unsigned k = 0; k < condition->terms->len; k++)
    {
      const ShoalTerm *term = &g_array_index (condition->terms, ShoalTerm, k);
      if (term->kind == SHOAL_TERM_OUT && !run->files[term->file].counts_holders)
        count_holders (&run->files[term->file]);
    }
}

void
shoal_run_facts_init (Run *run)
{
  run->files = g_new0 (RunFile, run->scenario->files->len + 1);
  run->has = g_new0 (uint8_t, (size_t)run->scenario->nodes->len * run->scenario->files->len + 1);
  run->had = g_new0 (uint8_t, (size_t)run->scenario->nodes->len * run->scenario->files->len + 1);
  run->waiting = g_array_new (FALSE, FALSE, sizeof (unsigned));
  run->changed = true; /* an empty file is out at once */
  for (unsigned i = 0; i < run->scenario->files->len; i++)
    init_file (run, i);
  for (unsigned i = 0; i < run->scenario->actions->len; i++)
    if (shoal_scenario_action (run->scenario, i)->when != NULL)
      init_condition (run, i);
}

void
shoal_run_facts_clear (Run *run)
{
  for (unsigned i = 0; run->files != NULL && i < run->scenario->files->len; i++)
    {
      g_free (run->files[i].registers);
      g_free (run->files[i].holders);
      g_clear_pointer (&run->files[i].held, g_hash_table_unref);
    }
  g_free (run->files);
  g_free (run->has);
  g_free (run->had);
  g_clear_pointer (&run->waiting, g_array_unref);
}

static uint8_t *
has_entry (const Run *run, unsigned node, unsigned file)
{
  return &run->has[(size_t)node * run->scenario->files->len + file];
}

static ShoalBitmap *
held_by (RunFile *file, unsigned node)
{
  ShoalBitmap *held = g_hash_table_lookup (file->held, GUINT_TO_POINTER (node));
  if (held == NULL)
    {
      held = g_new0 (ShoalBitmap, 1);
      shoal_bitmap_init (held, file->blocks);
      g_hash_table_insert (file->held, GUINT_TO_POINTER (node), held);
    }
  return held;
}

/* Whoever holds all of a file holds each of its blocks: who came back with it is told as a whole. */
void
shoal_run_holds_file (Run *run, unsigned node, unsigned file)
{
  *has_entry (run, node, file) = 1;
  run->changed = true;
  for (uint32_t block = 0; run->files[file].counts_holders && block < run->files[file].blocks; block++)
    shoal_run_holds_block (run, node, file, block);
}

void
shoal_run_holds_block (Run *run, unsigned node, unsigned file, uint32_t block)
{
  RunFile *f = &run->files[file];
  run->changed |= run->blocks_matter;
  if (!f->counts_holders || f->registers[node] || block >= f->blocks)
    return;
  if (shoal_bitmap_set (held_by (f, node), block) && f->holders[block]++ == 0)
    f->missing--;
}

void
shoal_run_lost_file (Run *run, unsigned node, unsigned file)
{
  RunFile *f = &run->files[file];
  *has_entry (run, node, file) = 0;
  run->changed = true;
  if (!f->counts_holders || f->registers[node])
    return;
  const ShoalBitmap *held = held_by (f, node);
  for (uint32_t block = 0; block < f->blocks; block++)
    if (shoal_bitmap_get (held, block) && --f->holders[block] == 0)
      f->missing++;
  g_hash_table_remove (f->held, GUINT_TO_POINTER (node));
}

bool
shoal_run_has_file (const Run *run, unsigned node, unsigned file)
{
  return *has_entry (run, node, file);
}

static bool
has (void *context, unsigned node, unsigned file)
{
  return *has_entry (context, node, file);
}

static bool
holds_share (void *context, unsigned node, unsigned file, int64_t share_millionths)
{
  if (has (context, node, file))
    return true;
  const Transfer *transfer = shoal_run_active (context, node, file);
  if (transfer == NULL)
    return false;
  uint64_t size = ((Run *)context)->files[file].shared->file.info.length_bytes;
  return (long double)transfer->held_bytes * 1e6L >= (long double)share_millionths * (long double)size;
}

static bool
is_out (void *context, unsigned file)
{
  return ((Run *)context)->files[file].missing == 0;
}

void
shoal_run_check_conditions (Run *run)
{
  const ShoalConditionFacts facts = { has, holds_share, is_out, run };
  if (!run->changed)
    return;
  run->changed = false;
  for (unsigned i = 0; i < run->waiting->len;)
    {
      unsigned index = g_array_index (run->waiting, unsigned, i);
      const ShoalAction *action = shoal_scenario_action (run->scenario, index);
      if (!shoal_condition_holds (action->when, &facts))
        {
          i++;
          continue;
        }
      g_array_remove_index (run->waiting, i);
      shoal_run_schedule (run,
                          (Due){ .at_ns = run->now + action->after_ns, .kind = DUE_ACTION, .index = index });
    }
}
