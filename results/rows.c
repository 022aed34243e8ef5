#include "results/rows.h"

static void
source_row_free (void *data)
{
  ShoalSourceRow *row = data;
  g_free (row->node);
  g_free (row);
}

ShoalRunRow *
shoal_run_row_new (void)
{
  ShoalRunRow *run = g_new0 (ShoalRunRow, 1);
  run->rate_factor = 1;
  run->cpu_wait_s = -1;
  run->makespan_ns = run->mean_ns = run->bound_ns = SHOAL_ROW_NO_TIME;
  run->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_node_row_free);
  run->transfers = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_transfer_row_free);
  run->samples = g_ptr_array_new_with_free_func (g_free);
  run->log = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_event_row_free);
  run->expectations = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_expectation_row_free);
  return run;
}

void
shoal_run_row_free (ShoalRunRow *run)
{
  if (run == NULL)
    return;
  g_free (run->scenario);
  g_free (run->resolved);
  g_free (run->setting);
  g_free (run->strategy);
  g_free (run->backend);
  g_free (run->model);
  g_free (run->program_version);
  g_free (run->trace_sha256);
  g_ptr_array_unref (run->nodes);
  g_ptr_array_unref (run->transfers);
  g_ptr_array_unref (run->samples);
  g_ptr_array_unref (run->log);
  g_ptr_array_unref (run->expectations);
  g_free (run);
}

ShoalTransferRow *
shoal_transfer_row_new (void)
{
  ShoalTransferRow *row = g_new0 (ShoalTransferRow, 1);
  row->start_ns = row->first_byte_ns = row->end_ns = SHOAL_ROW_NO_TIME;
  row->sources = g_ptr_array_new_with_free_func (source_row_free);
  return row;
}

void
shoal_transfer_row_free (ShoalTransferRow *row)
{
  if (row == NULL)
    return;
  g_free (row->node);
  g_free (row->file);
  g_free (row->fid);
  g_free (row->status);
  g_free (row->reason);
  g_ptr_array_unref (row->sources);
  g_clear_pointer (&row->arrivals, g_array_unref);
  g_clear_pointer (&row->waits, g_array_unref);
  g_free (row);
}

void
shoal_transfer_row_add_source (ShoalTransferRow *row, const char *node, uint64_t bytes)
{
  ShoalSourceRow *source = g_new0 (ShoalSourceRow, 1);
  source->node = g_strdup (node);
  source->bytes = bytes;
  g_ptr_array_add (row->sources, source);
}

ShoalNodeRow *
shoal_node_row_new (void)
{
  return g_new0 (ShoalNodeRow, 1);
}

void
shoal_node_row_free (ShoalNodeRow *row)
{
  if (row == NULL)
    return;
  g_free (row->name);
  g_free (row->role);
  g_free (row);
}

void
shoal_event_row_free (ShoalEventRow *row)
{
  if (row == NULL)
    return;
  g_free (row->kind);
  g_free (row->file);
  g_free (row);
}

ShoalExpectationRow *
shoal_expectation_row_new (const char *text, bool met, const char *measured)
{
  ShoalExpectationRow *row = g_new0 (ShoalExpectationRow, 1);
  row->text = g_strdup (text);
  row->met = met;
  row->measured = g_strdup (measured);
  return row;
}

void
shoal_expectation_row_free (ShoalExpectationRow *row)
{
  if (row == NULL)
    return;
  g_free (row->text);
  g_free (row->measured);
  g_free (row);
}
