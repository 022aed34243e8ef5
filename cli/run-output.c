#include "cli/run-output.h"

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/report.h"
#include "scenarios/expect.h"

/* The runs of one scenario and seed, and what they are set against. */
typedef struct {
  const ShoalJob *jobs;
  unsigned count;
  ShoalRunRow *p2p, *server_client;                   /* borrowed; NULL: not played now, or failed */
  int64_t p2p_makespan_ns, server_client_makespan_ns; /* from the store where not played now */
} Group;

static ShoalRunRow **
slot (Group *g, ShoalModel model)
{
  return model == SHOAL_MODEL_P2P ? &g->p2p : &g->server_client;
}

static void
gather (ShoalRunOutput *output, Group *g)
{
  for (unsigned i = 0; i < g->count; i++)
    {
      const ShoalJob *job = &g->jobs[i];
      *slot (g, job->model) = job->row;
      if (job->row != NULL)
        continue;
      g_autofree char *name = shoal_job_name (job);
      shoal_complain ("%s: %s", name, job->error->message);
      output->is_failed = true;
    }
  g->p2p_makespan_ns = g->p2p != NULL ? g->p2p->makespan_ns : SHOAL_ROW_NO_TIME;
  g->server_client_makespan_ns = g->server_client != NULL ? g->server_client->makespan_ns : SHOAL_ROW_NO_TIME;
}

/* A run of one model alone is set against the other's newest run in the store. */
static bool
find_counterpart (ShoalRunOutput *output, Group *g)
{
  g_autoptr (GError) error = NULL;
  bool ok = true;
  if (output->store == NULL || g->count != 1 || g->jobs[0].row == NULL)
    return true;
  if (g->p2p != NULL)
    ok = shoal_store_find_makespan (output->store, g->p2p, "server-client", &g->server_client_makespan_ns,
                                    &error);
  else
    ok = shoal_store_find_makespan (output->store, g->server_client, "p2p", &g->p2p_makespan_ns, &error);
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
judge_speedup (ShoalRunOutput *output, Group *g)
{
  const ShoalScenario *scenario = g->jobs[0].scenario;
  if (g->p2p == NULL || !expects_speedup (scenario))
    return;
  ShoalRunRow stored = { .makespan_ns = g->server_client_makespan_ns };
  if (g->count > 1)
    shoal_expect_judge_speedup (scenario, g->p2p, g->server_client);
  else if (g->server_client_makespan_ns != SHOAL_ROW_NO_TIME)
    shoal_expect_judge_speedup (scenario, g->p2p, &stored);
  else if (!output->is_quiet)
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

static void
print_runs (ShoalRunOutput *output, const Group *g)
{
  bool is_pair = g->p2p_makespan_ns > 0 && g->server_client_makespan_ns > 0;
  double speedup = is_pair ? (double)g->server_client_makespan_ns / (double)g->p2p_makespan_ns : 0;
  for (unsigned i = 0; i < g->count; i++)
    {
      if (g->jobs[i].row == NULL)
        continue;
      g_autofree char *text =
          output->json ? shoal_run_to_json (g->jobs[i].row, speedup) : shoal_run_to_text (g->jobs[i].row);
      if (!output->json && output->printed++ > 0)
        putchar ('\n');
      fputs (text, stdout);
    }
  if (is_pair && !output->json)
    {
      g_autofree char *text = shoal_speedup_to_text (g->p2p_makespan_ns, g->server_client_makespan_ns);
      fputs (text, stdout);
    }
}

/* On stderr: what programs that read JSON would not show, and how to repeat it. */
static void
complain_unmet (ShoalRunOutput *output, const Group *g, const ShoalJob *job)
{
  g_autofree char *name = shoal_job_name (job);
  g_autofree char *command = shoal_job_command (job, g->count > 1 ? "both" : shoal_model_name (job->model));
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
  judge_speedup (output, &g);
  ok = ok && store_runs (output, &g);
  print_runs (output, &g);
  ok = fflush (stdout) == 0 && ok;
  for (unsigned i = 0; i < count; i++)
    if (jobs[i].row != NULL && !shoal_expect_all_met (jobs[i].row))
      complain_unmet (output, &g, &jobs[i]);
  output->is_failed |= !ok;
  return ok;
}
