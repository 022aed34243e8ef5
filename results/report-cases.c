#include "results/report-cases.h"

#include "results/query.h"

#include <string.h>

static const char runs_sql[] =
    "SELECT DISTINCT c.scenario, c.backend, c.rate_factor, r.id, r.model, r.seed, r.makespan_ns, r.mean_ns,"
    "       r.bound_ns, c.speedup, r.leechers, r.blocks, r.completed, r.program_version, r.resolved,"
    "       (SELECT count (*) FROM transfers t WHERE t.run = r.id AND t.status = 'done'),"
    "       r.strategy, r.recorded = 0 AND EXISTS (SELECT 1 FROM study_cells s WHERE s.run = r.id)"
    "  FROM comparison c"
    "  JOIN (SELECT scenario, backend, rate_factor, min (id) AS first FROM runs"
    "         GROUP BY scenario, backend, rate_factor) f"
    "    ON f.scenario = c.scenario AND f.backend = c.backend AND f.rate_factor = c.rate_factor"
    "  JOIN runs r ON r.id IN (c.p2p_run, c.server_client_run)"
    " ORDER BY f.first, r.model, r.strategy, r.seed, r.id";

enum {
  SCENARIO,
  BACKEND,
  RATE_FACTOR,
  ID,
  MODEL,
  SEED,
  MAKESPAN,
  MEAN,
  BOUND,
  SPEEDUP,
  DOWNLOADS,
  BLOCKS,
  COMPLETED,
  PROGRAM,
  RESOLVED,
  DONE,
  STRATEGY,
  IS_CELL, /* a sweep played it, which records less */
};

/* Drawing is for looking at: of hundreds of cases the others are summarised only. */
#define DRAWN_MAX 20u

static void
run_free (void *data)
{
  ShoalReportRun *run = data;
  g_free (run->model);
  g_free (run->strategy);
  g_free (run->program_version);
  g_ptr_array_unref (run->expectations);
  g_free (run);
}

static void
case_free (void *data)
{
  ShoalReportCase *one = data;
  g_free (one->scenario);
  g_free (one->backend);
  g_free (one->resolved);
  g_ptr_array_unref (one->runs);
  g_free (one);
}

void
shoal_report_cases_free (ShoalReportCases *cases)
{
  if (cases == NULL)
    return;
  g_ptr_array_unref (cases->cases);
  g_free (cases);
}

static ShoalReportCase *
case_of_row (ShoalReportCases *cases, const ShoalQuery *query)
{
  g_autofree char *scenario = shoal_query_text (query, SCENARIO);
  g_autofree char *backend = shoal_query_text (query, BACKEND);
  double rate_factor = sqlite3_column_double (query->row, RATE_FACTOR);
  if (cases->cases->len > 0)
    {
      ShoalReportCase *last = g_ptr_array_index (cases->cases, cases->cases->len - 1);
      if (g_str_equal (last->scenario, scenario) && g_str_equal (last->backend, backend)
          && last->rate_factor == rate_factor)
        return last;
    }
  ShoalReportCase *one = g_new0 (ShoalReportCase, 1);
  one->scenario = g_steal_pointer (&scenario);
  one->backend = g_steal_pointer (&backend);
  one->rate_factor = rate_factor;
  one->of_study = true;
  one->runs = g_ptr_array_new_with_free_func (run_free);
  g_ptr_array_add (cases->cases, one);
  return one;
}

static void
add_run (ShoalReportCase *one, const ShoalQuery *query)
{
  int64_t id = shoal_query_int (query, ID, 0);
  /* The server-client run stands beside each strategy. */
  if (one->runs->len > 0 && shoal_report_case_run (one, one->runs->len - 1)->id == id)
    return;
  ShoalReportRun *run = g_new0 (ShoalReportRun, 1);
  run->id = id;
  run->model = shoal_query_text (query, MODEL);
  run->seed = (uint64_t)shoal_query_int (query, SEED, 0);
  run->makespan_ns = shoal_query_int (query, MAKESPAN, SHOAL_ROW_NO_TIME);
  run->mean_ns = shoal_query_int (query, MEAN, SHOAL_ROW_NO_TIME);
  run->bound_ns = shoal_query_int (query, BOUND, SHOAL_ROW_NO_TIME);
  run->strategy = shoal_query_text (query, STRATEGY);
  run->speedup = run->strategy != NULL ? sqlite3_column_double (query->row, SPEEDUP) : 0;
  run->downloads = (uint64_t)shoal_query_int (query, DOWNLOADS, 0);
  run->done = (uint64_t)shoal_query_int (query, DONE, 0);
  run->blocks = (uint64_t)shoal_query_int (query, BLOCKS, 0);
  run->completed = shoal_query_int (query, COMPLETED, 0) != 0;
  run->program_version = shoal_query_text (query, PROGRAM);
  run->expectations = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_expectation_row_free);
  g_ptr_array_add (one->runs, run);
  one->of_study &= shoal_query_int (query, IS_CELL, 0) != 0;
  g_free (one->resolved);
  one->resolved = shoal_query_text (query, RESOLVED);
}

static bool
are_named (const char *const *scenarios)
{
  return scenarios != NULL && *scenarios != NULL;
}

static bool
is_wanted (const char *const *scenarios, const char *name)
{
  return !are_named (scenarios) || g_strv_contains (scenarios, name);
}

static void
choose_drawn (ShoalReportCases *cases, bool are_asked_for)
{
  unsigned drawn = 0;
  for (unsigned i = 0; i < cases->cases->len; i++)
    {
      ShoalReportCase *one = g_ptr_array_index (cases->cases, i);
      one->of_study &= !are_asked_for;
      one->is_drawn = !one->of_study && drawn < DRAWN_MAX;
      drawn += one->is_drawn;
    }
}

static bool
read_runs (ShoalReportCases *cases, ShoalStore *store, const char *const *scenarios, GError **error)
{
  ShoalQuery query;
  shoal_query_begin (&query, store, runs_sql);
  while (shoal_query_next (&query))
    {
      g_autofree char *scenario = shoal_query_text (&query, SCENARIO);
      if (is_wanted (scenarios, scenario))
        add_run (case_of_row (cases, &query), &query);
    }
  return shoal_query_end (&query, error);
}

static bool
read_expectations (ShoalReportRun *run, ShoalStore *store, GError **error)
{
  ShoalQuery query;
  shoal_query_begin_for (
      &query, store, "SELECT text, met, measured FROM expectations WHERE run = ? ORDER BY number", run->id);
  while (shoal_query_next (&query))
    {
      g_autofree char *text = shoal_query_text (&query, 0), *measured = shoal_query_text (&query, 2);
      bool met = shoal_query_int (&query, 1, 0) != 0;
      g_ptr_array_add (run->expectations, shoal_expectation_row_new (text, met, measured));
    }
  return shoal_query_end (&query, error);
}

static bool
read_all_expectations (ShoalReportCases *cases, ShoalStore *store, GError **error)
{
  for (unsigned i = 0; i < cases->cases->len; i++)
    {
      const ShoalReportCase *one = g_ptr_array_index (cases->cases, i);
      for (unsigned k = 0; k < one->runs->len; k++)
        if (!read_expectations (g_ptr_array_index (one->runs, k), store, error))
          return false;
    }
  return true;
}

static bool
count_runs (ShoalReportCases *cases, ShoalStore *store, GError **error)
{
  ShoalQuery query;
  shoal_query_begin (&query, store, "SELECT count (*) FROM runs");
  if (shoal_query_next (&query))
    cases->stored_runs = (uint64_t)shoal_query_int (&query, 0, 0);
  return shoal_query_end (&query, error);
}

ShoalReportCases *
shoal_report_cases_read (ShoalStore *store, const char *const *scenarios, GError **error)
{
  g_autoptr (ShoalReportCases) cases = g_new0 (ShoalReportCases, 1);
  cases->cases = g_ptr_array_new_with_free_func (case_free);
  if (!read_runs (cases, store, scenarios, error) || !read_all_expectations (cases, store, error)
      || !count_runs (cases, store, error))
    return NULL;
  choose_drawn (cases, are_named (scenarios));
  return g_steal_pointer (&cases);
}

static int
by_makespan (const void *a, const void *b)
{
  const ShoalReportRun *x = *(const ShoalReportRun *const *)a, *y = *(const ShoalReportRun *const *)b;
  if (x->makespan_ns != y->makespan_ns)
    return x->makespan_ns < y->makespan_ns ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

unsigned
shoal_report_case_group_end (const ShoalReportCase *of, unsigned first)
{
  const ShoalReportRun *run = shoal_report_case_run (of, first);
  unsigned end = first + 1;
  while (end < of->runs->len && g_str_equal (shoal_report_case_run (of, end)->model, run->model)
         && g_strcmp0 (shoal_report_case_run (of, end)->strategy, run->strategy) == 0)
    end++;
  return end;
}

const ShoalReportRun *
shoal_report_case_typical (const ShoalReportCase *of, unsigned first, unsigned end)
{
  g_autoptr (GPtrArray) whole = g_ptr_array_new ();
  for (unsigned i = first; i < end; i++)
    if (shoal_report_case_run (of, i)->makespan_ns != SHOAL_ROW_NO_TIME)
      g_ptr_array_add (whole, g_ptr_array_index (of->runs, i));
  g_ptr_array_sort (whole, by_makespan);
  return whole->len > 0 ? g_ptr_array_index (whole, (whole->len - 1) / 2) : shoal_report_case_run (of, first);
}

double
shoal_report_run_stretch (const ShoalReportRun *run)
{
  return run->makespan_ns != SHOAL_ROW_NO_TIME && run->bound_ns > 0
             ? (double)run->makespan_ns / (double)run->bound_ns
             : 0;
}
