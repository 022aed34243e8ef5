#include "cli/run-output.h"

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/run-text.h"
#include "scenarios/expect.h"

/* The runs of one scenario and seed, and what they are set against. */
typedef struct {
  const ShoalJob *jobs; /* P2P, strategy by strategy, then server-client */
  unsigned count;
  unsigned p2p_count;
  ShoalRunRow *server_client;        /* borrowed; NULL: not played now, or failed */
  int64_t p2p_makespan_ns;           /* of the only strategy; from the store where it was not played now */
  int64_t server_client_makespan_ns; /* from the store where not played now */
} Group;

/* With several strategies there is no such thing. */
static int64_t
only_p2p_makespan (const Group *g)
{
  return g->p2p_count == 1 && g->jobs[0].row != NULL ? g->jobs[0].row->makespan_ns : SHOAL_ROW_NO_TIME;
}

static void
gather (ShoalRunOutput *output, Group *g)
{
  for (unsigned i = 0; i < g->count; i++)
    {
      const ShoalJob *job = &g->jobs[i];
      if (job->model == SHOAL_MODEL_P2P)
        g->p2p_count++;
      else
        g->server_client = job->row;
      if (job->row != NULL)
        continue;
      g_autofree char *name = shoal_job_name (job);
      shoal_complain ("%s: %s", name, job->error->message);
      output->is_failed = true;
    }
  g->p2p_makespan_ns = only_p2p_makespan (g);
  g->server_client_makespan_ns = g->server_client != NULL ? g->server_client->makespan_ns : SHOAL_ROW_NO_TIME;
}

static bool
has_both (const Group *g)
{
  return g->p2p_count > 0 && g->p2p_count < g->count;
}

/* Runs of one model alone are set against the other's newest run in the store. */
static bool
find_counterpart (ShoalRunOutput *output, Group *g)
{
  g_autoptr (GError) error = NULL;
  const ShoalScenario *scenario = g->jobs[0].scenario;
  const ShoalRunRow *like = g->jobs[0].row;
  bool ok = true;
  for (unsigned i = 1; i < g->p2p_count && like == NULL; i++)
    like = g->jobs[i].row;
  if (output->store == NULL || has_both (g) || like == NULL)
    return true;
  if (g->p2p_count > 0)
    ok = shoal_store_find_makespan (output->store, like, "server-client", NULL, &g->server_client_makespan_ns,
                                    &error);
  else
    ok = shoal_store_find_makespan (output->store, like, "p2p", scenario->serving.strategy->name,
                                    &g->p2p_makespan_ns, &error);
  if (!ok)
    shoal_complain ("%s", error->message);
  return ok;
}

static bool
expects_speedup (const ShoalScenario *scenario)
{
  for (unsigned i = 0; i < scenario->expects->len; i++)
    if (g_array_index (scenario->expects, ShoalExpect, i).kind == SHOAL_EXPECT_SPEEDUP)
      return true;
  return false;
}

/* Speed-ups are judged when both models were asked for, or the store knows the other. */
static void
judge_speedups (ShoalRunOutput *output, Group *g)
{
  const ShoalScenario *scenario = g->jobs[0].scenario;
  const ShoalRunRow stored = { .makespan_ns = g->server_client_makespan_ns };
  bool can_judge = has_both (g) || g->server_client_makespan_ns != SHOAL_ROW_NO_TIME;
  if (g->p2p_count == 0 || !expects_speedup (scenario))
    return;
  for (unsigned i = 0; i < g->p2p_count && can_judge; i++)
    if (g->jobs[i].row != NULL)
      shoal_expect_judge_speedup (scenario, g->jobs[i].row, has_both (g) ? g->server_client : &stored);
  if (!can_judge && !output->is_quiet)
    {
      g_autofree char *command = shoal_job_command (&g->jobs[0], "both");
      shoal_complain ("%s: its speed-up is not judged without the other model: %s", scenario->name, command);
    }
}

static bool
store_runs (ShoalRunOutput *output, const Group *g)
{
  g_autoptr (GError) error = NULL;
  for (unsigned i = 0; output->store != NULL && i < g->count; i++)
    if (g->jobs[i].row != NULL && !shoal_store_add_run (output->store, g->jobs[i].row, &error))
      {
        shoal_complain ("%s", error->message);
        return false;
      }
  return true;
}

/* Of a run; 0: there is none. */
static double
speedup (const Group *g, const ShoalJob *job)
{
  int64_t p2p_ns = job->model == SHOAL_MODEL_P2P ? job->row->makespan_ns : g->p2p_makespan_ns;
  return p2p_ns > 0 && g->server_client_makespan_ns > 0
             ? (double)g->server_client_makespan_ns / (double)p2p_ns
             : 0;
}

/* After the runs themselves, for people. */
static void
print_speedups (const Group *g)
{
  g_autofree char *strategies = shoal_strategies_to_text (g->jobs, g->p2p_count);
  fputs (strategies, stdout);
  for (unsigned i = 0; i < MAX (g->p2p_count, 1); i++)
    if (g->jobs[i].row != NULL && speedup (g, &g->jobs[i]) > 0)
      {
        int64_t p2p_ns = g->p2p_count > 1 ? g->jobs[i].row->makespan_ns : g->p2p_makespan_ns;
        g_autofree char *text = shoal_speedup_to_text (g->p2p_count > 1 ? g->jobs[i].row->strategy : NULL,
                                                       p2p_ns, g->server_client_makespan_ns);
        fputs (text, stdout);
      }
}

static void
print_runs (ShoalRunOutput *output, const Group *g)
{
  for (unsigned i = 0; i < g->count; i++)
    {
      if (g->jobs[i].row == NULL)
        continue;
      g_autofree char *text = output->json ? shoal_run_to_json (g->jobs[i].row, speedup (g, &g->jobs[i]))
                                           : shoal_run_to_text (g->jobs[i].row);
      if (!output->json && output->printed++ > 0)
        putchar ('\n');
      fputs (text, stdout);
    }
  if (!output->json)
    print_speedups (g);
}

/* On stderr: what programs that read JSON would not show, and how to repeat it. */
static void
complain_unmet (ShoalRunOutput *output, const Group *g, const ShoalJob *job)
{
  g_autofree char *name = shoal_job_name (job);
  g_autofree char *command = shoal_job_command (
      job, has_both (g) && job->model == SHOAL_MODEL_P2P ? "both" : shoal_model_name (job->model));
  output->is_failed = true;
  for (unsigned i = 0; output->json && i < job->row->expectations->len; i++)
    {
      const ShoalExpectationRow *e = g_ptr_array_index (job->row->expectations, i);
      if (!e->met)
        shoal_complain ("%s: expected: %s; measured: %s", name, e->text,
                        e->measured ? e->measured : "nothing");
    }
  shoal_complain ("%s: not as expected; to repeat it: %s", name, command);
}

bool
shoal_run_output_take (ShoalRunOutput *output, const ShoalJob *jobs, unsigned count)
{
  Group g = { .jobs = jobs, .count = count };
  gather (output, &g);
  bool ok = find_counterpart (output, &g);
  judge_speedups (output, &g);
  ok = ok && store_runs (output, &g);
  print_runs (output, &g);
  ok = fflush (stdout) == 0 && ok;
  for (unsigned i = 0; i < count; i++)
    if (jobs[i].row != NULL && !shoal_expect_all_met (jobs[i].row))
      complain_unmet (output, &g, &jobs[i]);
  output->is_failed |= !ok;
  return ok;
}
