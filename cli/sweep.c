#include "cli/sweep.h"

#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/workers.h"
#include "scenarios/expect.h"

#include <stdlib.h>

/* Before so much is done, or so long has passed, nobody can tell how long the rest takes. */
#define LEAST_SHARE 0.01
#define LEAST_TIME_S 2

static const ShoalStudyPoint *
nth_point (const ShoalSweep *sweep, unsigned point)
{
  return g_ptr_array_index (sweep->study->points, point);
}

static ShoalSweepCell *
nth_cell (const ShoalSweep *sweep, unsigned i)
{
  return &g_array_index (sweep->cells, ShoalSweepCell, i);
}

/* --- what is to be played --------------------------------------------------------------------- */

static const char *
text_of (const ShoalStudyPoint *point, ShoalModel model)
{
  return model == SHOAL_MODEL_P2P ? point->resolved : point->setting;
}

static bool
find_run (const ShoalSweep *sweep, const ShoalSweepCell *cell, int64_t *run, GError **error)
{
  const ShoalStudyPoint *point = nth_point (sweep, cell->point);
  const ShoalRunKey key = { .scenario = point->scenario->name,
                            .text = text_of (point, cell->model),
                            .model = shoal_model_name (cell->model),
                            .program_version = SHOAL_VERSION,
                            .seed = cell->seed };
  return shoal_store_find_run (sweep->store, &key, run, error);
}

static void
add_cells (ShoalSweep *sweep)
{
  static const ShoalModel models[] = { SHOAL_MODEL_P2P, SHOAL_MODEL_SERVER_CLIENT };
  const ShoalStudy *study = sweep->study;
  sweep->cells = g_array_new (FALSE, FALSE, sizeof (ShoalSweepCell));
  for (unsigned point = 0; point < study->points->len; point++)
    for (unsigned m = 0; m < G_N_ELEMENTS (models); m++)
      for (uint64_t seed = study->first_seed; seed <= study->last_seed; seed++)
        {
          ShoalSweepCell cell = { .point = point, .model = models[m], .seed = seed, .job = UINT_MAX };
          if (models[m] == SHOAL_MODEL_P2P ? study->p2p : study->server_client)
            g_array_append_val (sweep->cells, cell);
        }
}

static bool
find_played (ShoalSweep *sweep, GError **error)
{
  for (unsigned i = 0; sweep->store != NULL && !sweep->is_fresh && i < sweep->cells->len; i++)
    if (!find_run (sweep, nth_cell (sweep, i), &nth_cell (sweep, i)->run, error))
      return false;
  return true;
}

/* A cell that stands for all with the same scenario, model and seed. */
typedef struct {
  unsigned cell;
  double cost;
  ShoalModel model;
} Candidate;

/* Server-client first, against which P2P is judged; then what takes longest, so that no processor is left with it
 * at the end. */
static int
compare_candidates (const void *a, const void *b)
{
  const Candidate *x = a, *y = b;
  if (x->model != y->model)
    return x->model == SHOAL_MODEL_SERVER_CLIENT ? -1 : 1;
  if (x->cost != y->cost)
    return x->cost > y->cost ? -1 : 1;
  return x->cell < y->cell ? -1 : 1;
}

static char *
key_of (const ShoalSweep *sweep, const ShoalSweepCell *cell)
{
  return g_strdup_printf ("%d %" G_GUINT64_FORMAT " %s", (int)cell->model, cell->seed,
                          text_of (nth_point (sweep, cell->point), cell->model));
}

/* Of the cells that are to be played, the first of each kind; firsts: from kind to that cell + 1. */
static GArray *
find_candidates (ShoalSweep *sweep, GHashTable *firsts)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  for (unsigned i = 0; i < sweep->cells->len; i++)
    {
      const ShoalSweepCell *cell = nth_cell (sweep, i);
      char *key = cell->run == 0 ? key_of (sweep, cell) : NULL;
      if (key == NULL || g_hash_table_contains (firsts, key))
        {
          g_free (key);
          continue;
        }
      g_hash_table_insert (firsts, key, GUINT_TO_POINTER (i + 1));
      double cost = shoal_scenario_cost (nth_point (sweep, cell->point)->scenario, cell->model);
      Candidate candidate = { .cell = i, .cost = cost, .model = cell->model };
      g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_candidates);
  return candidates;
}

static void
make_jobs (ShoalSweep *sweep, const GArray *candidates)
{
  sweep->count = candidates->len;
  sweep->jobs = g_new0 (ShoalJob, sweep->count + 1);
  sweep->tasks = g_new0 (ShoalSweepTask, sweep->count + 1);
  for (unsigned i = 0; i < sweep->count; i++)
    {
      const Candidate *candidate = &g_array_index (candidates, Candidate, i);
      ShoalSweepCell *cell = nth_cell (sweep, candidate->cell);
      cell->job = i;
      sweep->jobs[i] = (ShoalJob){ .scenario = nth_point (sweep, cell->point)->scenario,
                                   .model = cell->model,
                                   .seed = cell->seed,
                                   .is_sparse = true };
      sweep->tasks[i] = (ShoalSweepTask){ .point = cell->point, .cost = candidate->cost, .partner = -1 };
      sweep->cost += candidate->cost;
    }
}

/* Cells of the same kind have the same job, and P2P jobs know the one that they are set against. */
static void
link_jobs (ShoalSweep *sweep, GHashTable *firsts)
{
  for (unsigned i = 0; i < sweep->cells->len; i++)
    {
      ShoalSweepCell *cell = nth_cell (sweep, i);
      g_autofree char *key = key_of (sweep, cell);
      unsigned first = GPOINTER_TO_UINT (g_hash_table_lookup (firsts, key));
      if (cell->run == 0 && first > 0)
        cell->job = nth_cell (sweep, first - 1)->job;
    }
  for (unsigned i = 0; i < sweep->count; i++)
    {
      const ShoalSweepCell other = { .point = sweep->tasks[i].point,
                                     .model = SHOAL_MODEL_SERVER_CLIENT,
                                     .seed = sweep->jobs[i].seed };
      g_autofree char *key = key_of (sweep, &other);
      unsigned first = GPOINTER_TO_UINT (g_hash_table_lookup (firsts, key));
      if (sweep->jobs[i].model == SHOAL_MODEL_P2P && first > 0)
        sweep->tasks[i].partner = (int)nth_cell (sweep, first - 1)->job;
    }
}

bool
shoal_sweep_plan (ShoalSweep *sweep, GError **error)
{
  add_cells (sweep);
  if (!find_played (sweep, error))
    return false;
  g_autoptr (GHashTable) firsts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) candidates = find_candidates (sweep, firsts);
  make_jobs (sweep, candidates);
  link_jobs (sweep, firsts);
  return true;
}

/* --- what the store knows --------------------------------------------------------------------- */

static void
add_values (const ShoalStudy *study, const ShoalStudyPoint *point, GPtrArray *rows)
{
  for (unsigned i = 0; i < study->parameters->len; i++)
    {
      ShoalStudyValueRow *row = g_new0 (ShoalStudyValueRow, 1);
      row->parameter =
          g_strdup (((const ShoalStudyParameter *)g_ptr_array_index (study->parameters, i))->name);
      row->value = g_strdup (g_ptr_array_index (point->values, i));
      row->unit = g_strdup (shoal_study_number (row->value, &row->number));
      g_ptr_array_add (rows, row);
    }
}

static ShoalStudyCellRow
cell_row (const ShoalSweepCell *cell)
{
  return (ShoalStudyCellRow){
    .point = cell->point, .model = shoal_model_name (cell->model), .seed = cell->seed, .run = cell->run
  };
}

bool
shoal_sweep_begin (ShoalSweep *sweep, GError **error)
{
  const ShoalStudy *study = sweep->study;
  g_autoptr (ShoalStudyRow) row = shoal_study_row_new ();
  row->name = g_strdup (study->name);
  row->description = g_strdup (study->description);
  row->x = g_strdup (study->x);
  for (unsigned i = 0; i < study->figures->len; i++)
    g_ptr_array_add (row->figures, g_strdup (g_ptr_array_index (study->figures, i)));
  for (unsigned i = 0; i < study->points->len; i++)
    add_values (study, nth_point (sweep, i), shoal_study_row_add_point (row));
  for (unsigned i = 0; i < sweep->cells->len; i++)
    {
      ShoalStudyCellRow cell = cell_row (nth_cell (sweep, i));
      g_array_append_val (row->cells, cell);
    }
  return shoal_store_set_study (sweep->store, row, error);
}

/* --- playing ---------------------------------------------------------------------------------- */

/* "peers 10, p2p, seed 1" */
static char *
job_name (const ShoalSweep *sweep, unsigned index)
{
  const ShoalJob *job = &sweep->jobs[index];
  g_autofree char *point =
      shoal_study_point_name (sweep->study, nth_point (sweep, sweep->tasks[index].point));
  return g_strdup_printf ("%s, %s, seed %" G_GUINT64_FORMAT, point, shoal_model_name (job->model), job->seed);
}

static bool
set_cells (ShoalSweep *sweep, unsigned job, int64_t run, const char *why_not, GError **error)
{
  for (unsigned i = 0; i < sweep->cells->len; i++)
    {
      ShoalSweepCell *cell = nth_cell (sweep, i);
      if (cell->job != job)
        continue;
      cell->run = run;
      ShoalStudyCellRow row = cell_row (cell);
      if (!shoal_store_set_cell (sweep->store, sweep->study->name, &row, why_not, error))
        return false;
    }
  return true;
}

/* The other model's run is in the store by now, if there is one. */
static bool
judge_speedup (ShoalSweep *sweep, ShoalJob *job, GError **error)
{
  ShoalRunRow other = { .makespan_ns = SHOAL_ROW_NO_TIME };
  if (job->model != SHOAL_MODEL_P2P || !sweep->study->server_client)
    return true;
  if (!shoal_store_find_makespan (sweep->store, job->row, "server-client", NULL, &other.makespan_ns, error))
    return false;
  shoal_expect_judge_speedup (job->scenario, job->row, &other);
  return true;
}

static void
tell_unmet (ShoalSweep *sweep, unsigned index)
{
  const ShoalRunRow *row = sweep->jobs[index].row;
  g_autofree char *name = job_name (sweep, index);
  if (shoal_expect_all_met (row))
    return;
  sweep->unmet++;
  for (unsigned i = 0; i < row->expectations->len; i++)
    {
      const ShoalExpectationRow *e = g_ptr_array_index (row->expectations, i);
      if (!e->met)
        shoal_complain ("%s: %s: expected: %s; measured: %s", sweep->study->name, name, e->text,
                        e->measured != NULL ? e->measured : "nothing");
    }
}

static bool
store_run (ShoalSweep *sweep, unsigned index, GError **error)
{
  ShoalJob *job = &sweep->jobs[index];
  const ShoalSweepCell like = { .point = sweep->tasks[index].point, .model = job->model, .seed = job->seed };
  int64_t run = 0;
  return judge_speedup (sweep, job, error) && shoal_store_add_run (sweep->store, job->row, error)
         && find_run (sweep, &like, &run, error) && set_cells (sweep, index, run, NULL, error);
}

/* Takes a job's results. False: the store failed, it makes no sense to go on. */
static bool
take (ShoalSweep *sweep, unsigned index)
{
  g_autoptr (GError) error = NULL;
  ShoalJob *job = &sweep->jobs[index];
  bool ok;
  sweep->tasks[index].is_taken = true;
  sweep->tasks[index].is_held = false;
  shoal_line_hide (&sweep->line);
  if (job->row != NULL)
    {
      ok = store_run (sweep, index, &error);
      tell_unmet (sweep, index);
    }
  else
    {
      g_autofree char *name = job_name (sweep, index);
      shoal_complain ("%s: %s: %s", sweep->study->name, name, job->error->message);
      sweep->failed++;
      ok = set_cells (sweep, index, 0, job->error->message, &error);
    }
  if (!ok)
    shoal_complain ("%s", error->message);
  shoal_job_clear (job);
  return ok;
}

static bool
on_ended (void *context, unsigned index)
{
  ShoalSweep *sweep = context;
  const ShoalSweepTask *task = &sweep->tasks[index];
  bool ok = true;
  sweep->done++;
  if (task->partner >= 0 && !sweep->tasks[task->partner].is_taken)
    {
      sweep->tasks[index].is_held = true;
      return true;
    }
  ok = take (sweep, index);
  for (unsigned i = 0; ok && i < sweep->count; i++)
    if (sweep->tasks[i].is_held && sweep->tasks[i].partner == (int)index)
      ok = take (sweep, i);
  sweep->is_broken |= !ok;
  return ok;
}

/* --- how far it is ---------------------------------------------------------------------------- */

/* What has been done, as a share of all costs. *running: a job that is being played; -1: none. */
static double
share_done (const ShoalSweep *sweep, int *running)
{
  double done = 0;
  *running = -1;
  for (unsigned i = 0; i < sweep->count; i++)
    {
      const ShoalJob *job = &sweep->jobs[i];
      const ShoalProgress *p = &job->progress;
      bool is_running = job->state == SHOAL_JOB_RUNNING;
      if (job->state == SHOAL_JOB_ENDED)
        done += sweep->tasks[i].cost;
      else if (is_running && p->wanted_bytes > 0)
        done += sweep->tasks[i].cost * (double)p->held_bytes / (double)p->wanted_bytes;
      if (is_running && *running < 0)
        *running = (int)i;
    }
  return sweep->cost > 0 ? done / sweep->cost : 1;
}

/* "about 1 h 5 min left" */
static char *
print_left (double left_s)
{
  unsigned s = (unsigned)CLAMP (left_s + 0.5, 1, 1e9);
  if (s < 60)
    return g_strdup_printf ("about %u s left", s);
  if (s < 3600)
    return g_strdup_printf ("about %u min %u s left", s / 60, s % 60);
  return g_strdup_printf ("about %u h %u min left", s / 3600, s / 60 % 60);
}

static void
on_tick (void *context)
{
  ShoalSweep *sweep = context;
  int running;
  if (!shoal_line_is_due (&sweep->line))
    return;
  double share = share_done (sweep, &running);
  double passed_s = (double)(g_get_monotonic_time () - sweep->line.start_us) / G_USEC_PER_SEC;
  g_autofree char *left = share > LEAST_SHARE && passed_s > LEAST_TIME_S
                              ? print_left (passed_s * (1 - share) / share)
                              : g_strdup ("no telling yet how long");
  g_autofree char *name = running >= 0 ? job_name (sweep, (unsigned)running) : g_strdup ("-");
  g_autofree char *text = g_strdup_printf ("%s: %u of %u runs, %.0f %%, %s; now %s", sweep->study->name,
                                           sweep->done, sweep->count, 100 * share, left, name);
  shoal_line_show (&sweep->line, text);
}

/* Makes the contents of the scenarios that are played. A job whose scenario cannot be had fails. */
static void
prepare (ShoalSweep *sweep)
{
  for (unsigned i = 0; i < sweep->count; i++)
    {
      ShoalStudyPoint *point = g_ptr_array_index (sweep->study->points, sweep->tasks[i].point);
      shoal_scenario_prepare (point->scenario, &sweep->jobs[i].error);
    }
}

bool
shoal_sweep_play (ShoalSweep *sweep)
{
  const ShoalWork work = {
    .jobs = sweep->jobs,
    .count = sweep->count,
    .threads = sweep->threads,
    .in_any_order = true,
    .on_ended = on_ended,
    .on_tick = on_tick,
    .context = sweep,
  };
  shoal_line_start (&sweep->line, sweep->is_quiet);
  prepare (sweep);
  shoal_interrupt_catch ();
  bool is_whole = shoal_work (&work);
  shoal_line_hide (&sweep->line);
  return is_whole && !sweep->is_broken;
}

void
shoal_sweep_clear (ShoalSweep *sweep)
{
  for (unsigned i = 0; i < sweep->count; i++)
    shoal_job_clear (&sweep->jobs[i]);
  g_free (sweep->jobs);
  g_free (sweep->tasks);
  g_clear_pointer (&sweep->cells, g_array_unref);
}
