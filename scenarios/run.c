/* clock_gettime() is POSIX, not C. */
#define _POSIX_C_SOURCE 200809L

#include "scenarios/run.h"

#include "scenarios/expect.h"
#include "scenarios/run-internal.h"

#include <sys/resource.h>
#include <time.h>

/* How long a run that is otherwise over waits for farewells. */
#define GRACE_NS (60 * SHOAL_SECOND)
/* How long the backend runs before progress is told and a request to break off is noticed. */
#define SLICE_NS SHOAL_SECOND
/* The same where time passes by itself: somebody waits at the keyboard. */
#define REAL_SLICE_NS (200 * SHOAL_MS)

/* --- timeline --------------------------------------------------------------------------------- */

static int
due_compare (const void *a, const void *b)
{
  const Due *x = a, *y = b;
  if (x->at_ns != y->at_ns)
    return x->at_ns < y->at_ns ? -1 : 1;
  return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static unsigned
rank_of (const Run *run, const Due *due)
{
  unsigned action = due->index;
  if (due->kind == DUE_JOIN)
    return due->index;
  if (due->kind == DUE_SNAPSHOT)
    return UINT_MAX;
  if (due->kind == DUE_RATES)
    action = g_array_index (run->courses, Course, due->index).action;
  return run->scenario->nodes->len + action;
}

void
shoal_run_schedule (Run *run, Due due)
{
  unsigned at = run->next_due;
  due.rank = rank_of (run, &due);
  while (at < run->timeline->len && due_compare (&g_array_index (run->timeline, Due, at), &due) <= 0)
    at++;
  g_array_insert_val (run->timeline, at, due);
  run->awaited += !due.lingers;
}

static void
schedule_snapshot (Run *run, unsigned expect, const ShoalMoment *moment, int mark)
{
  if (moment->mark == mark && moment->after_ns != SHOAL_NEVER)
    shoal_run_schedule (run, (Due){ .at_ns = run->now + moment->after_ns,
                                    .kind = DUE_SNAPSHOT,
                                    .index = expect,
                                    .lingers = true });
}

/* Of expectations about spans of time that are counted from this moment. mark: -1: the run's start. */
static void
schedule_snapshots (Run *run, int mark)
{
  for (unsigned i = 0; i < run->scenario->expects->len; i++)
    {
      const ShoalExpect *expect = &g_array_index (run->scenario->expects, ShoalExpect, i);
      if (expect->kind != SHOAL_EXPECT_GOT)
        continue;
      schedule_snapshot (run, i, &expect->since, mark);
      schedule_snapshot (run, i, &expect->until, mark);
    }
}

void
shoal_run_mark (Run *run, unsigned index)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  if (action->mark == NULL || run->marked[index])
    return;
  run->marked[index] = 1;
  shoal_run_log_network (run, SHOAL_LOG_MARK, index);
  ShoalEventRow *row = g_ptr_array_index (run->row->log, run->row->log->len - 1);
  row->file = g_strdup (action->mark);
  schedule_snapshots (run, (int)index);
}

static void
fill_timeline (Run *run)
{
  run->timeline = g_array_new (FALSE, FALSE, sizeof (Due));
  for (unsigned i = 0; i < run->scenario->nodes->len; i++)
    {
      Due due = { .at_ns = shoal_scenario_node (run->scenario, i)->join_ns, .kind = DUE_JOIN, .index = i };
      due.rank = rank_of (run, &due);
      if (due.at_ns != SHOAL_NEVER)
        g_array_append_val (run->timeline, due);
    }
  for (unsigned i = 0; i < run->scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (run->scenario, i);
      Due due = { .at_ns = action->at_ns, .kind = DUE_ACTION, .index = i };
      due.rank = rank_of (run, &due);
      if (shoal_action_is_timed (action))
        g_array_append_val (run->timeline, due);
    }
  run->awaited = run->timeline->len;
  g_array_sort (run->timeline, due_compare);
  schedule_snapshots (run, -1);
}

static ShoalTime
next_due_ns (const Run *run)
{
  return run->next_due < run->timeline->len ? g_array_index (run->timeline, Due, run->next_due).at_ns
                                            : SHOAL_NEVER;
}

/* --- preparation ------------------------------------------------------------------------------ */

uint32_t
shoal_run_plan_download (Run *run, unsigned node, unsigned file, unsigned action)
{
  Transfer transfer = { .node = node, .file = file, .action = action, .next = NO_TRANSFER };
  transfer.start_ns = transfer.first_byte_ns = transfer.end_ns = SHOAL_ROW_NO_TIME;
  uint32_t index = run->transfers->len, *link = &run->nodes[node].first_transfer;
  while (*link != NO_TRANSFER)
    link = &shoal_run_transfer (run, *link)->next;
  *link = index;
  g_array_append_val (run->transfers, transfer);
  run->wanted_bytes += run->files[file].shared->file.info.length_bytes;
  return index;
}

static void
plan_action (Run *run, unsigned index)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  if (action->kind != SHOAL_ACTION_DOWNLOAD || shoal_action_is_open (action))
    return;
  for (unsigned i = 0; i < action->nodes->len; i++)
    for (unsigned k = 0; k < action->files->len; k++)
      shoal_run_plan_download (run, g_array_index (action->nodes, unsigned, i),
                               g_array_index (action->files, unsigned, k), index);
}

/* The first to register a file: by time, those that wait for a condition last, then by document. */
static void
find_registrants (Run *run)
{
  g_autofree ShoalTime *at = g_new (ShoalTime, run->scenario->files->len + 1);
  for (unsigned file = 0; file < run->scenario->files->len; file++)
    run->files[file].first_registrant = -1;
  for (unsigned i = 0; i < run->scenario->actions->len; i++)
    {
      const ShoalAction *action = shoal_scenario_action (run->scenario, i);
      ShoalTime when = shoal_action_is_timed (action) ? action->at_ns : SHOAL_NEVER;
      for (unsigned k = 0; action->kind == SHOAL_ACTION_REGISTER && k < action->files->len; k++)
        {
          unsigned file = g_array_index (action->files, unsigned, k);
          if (run->files[file].first_registrant >= 0 && at[file] <= when)
            continue;
          run->files[file].first_registrant = (int)g_array_index (action->nodes, unsigned, 0);
          at[file] = when;
        }
    }
}

static void
init_nodes (Run *run)
{
  g_autofree uint8_t *registers = shoal_scenario_concerned (run->scenario, SHOAL_ACTION_REGISTER, -1);
  run->nodes = g_new0 (RunNode, run->scenario->nodes->len);
  for (unsigned i = 0; i < run->scenario->nodes->len; i++)
    {
      const ShoalScenarioNode *node = shoal_scenario_node (run->scenario, i);
      ShoalRole traditional = registers[i] ? SHOAL_ROLE_SERVER : SHOAL_ROLE_CLIENT;
      run->nodes[i].first_transfer = NO_TRANSFER;
      run->nodes[i].role = run->model == SHOAL_MODEL_P2P ? SHOAL_ROLE_PEER : traditional;
      run->nodes[i].upload_bytes_per_s = node->upload_bytes_per_s;
      run->nodes[i].download_bytes_per_s = node->download_bytes_per_s;
    }
}

static void
run_init (Run *run)
{
  run->row = shoal_run_row_new ();
  run->transfers = g_array_new (FALSE, FALSE, sizeof (Transfer));
  run->courses = g_array_new (FALSE, FALSE, sizeof (Course));
  shoal_random_init (&run->random, run->options->seed, "(scenario)"); /* no node can have this name */
  init_nodes (run);
  shoal_run_facts_init (run);
  find_registrants (run);
  for (unsigned i = 0; i < run->scenario->actions->len; i++)
    plan_action (run, i);
  run->marked = g_new0 (uint8_t, run->scenario->actions->len + 1);
  fill_timeline (run);
}

static void
run_clear (Run *run)
{
  for (unsigned i = 0; i < run->transfers->len; i++)
    {
      Transfer *transfer = shoal_run_transfer (run, i);
      g_free (transfer->reason);
      shoal_transfer_row_free (transfer->row);
      shoal_run_clear_record (transfer);
    }
  g_array_unref (run->transfers);
  g_array_unref (run->timeline);
  g_array_unref (run->courses);
  shoal_run_facts_clear (run);
  g_free (run->marked);
  g_free (run->nodes);
}

static bool
add_node (Run *run, const ShoalNodeSpec *spec, int expected, GError **error)
{
  int number = run->backend->ops->add_node (run->backend, spec, error);
  if (number >= 0)
    {
      g_assert (number == expected);
      return true;
    }
  if (error != NULL && *error == NULL)
    g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_BACKEND, "it could not be made");
  g_prefix_error (error, "%s: node %s: ", run->scenario->name, spec->name);
  return false;
}

static bool
add_tracker (Run *run, GError **error)
{
  const ShoalNodeSpec spec = {
    .name = "tracker",
    .role = SHOAL_ROLE_TRACKER,
    .upload_bytes_per_s = run->scenario->tracker_upload_bytes_per_s,
    .download_bytes_per_s = run->scenario->tracker_download_bytes_per_s,
    .tracker = -1,
  };
  if (!add_node (run, &spec, 0, error))
    return false;
  run->first = 1;
  run->backend->ops->start (run->backend, 0);
  return true;
}

static bool
add_nodes (Run *run, GError **error)
{
  if (run->model == SHOAL_MODEL_P2P && !add_tracker (run, error))
    return false;
  for (unsigned i = 0; i < run->scenario->nodes->len; i++)
    {
      const ShoalScenarioNode *node = shoal_scenario_node (run->scenario, i);
      const ShoalScenarioGroup *group =
          &g_array_index (run->scenario->groups, ShoalScenarioGroup, node->group);
      const ShoalNodeSpec spec = {
        .name = node->name,
        .role = run->nodes[i].role,
        .upload_bytes_per_s = run->nodes[i].upload_bytes_per_s,
        .download_bytes_per_s = run->nodes[i].download_bytes_per_s,
        .tracker = run->model == SHOAL_MODEL_P2P ? 0 : -1,
        .service = run->model == SHOAL_MODEL_P2P ? SHOAL_SERVICE_FAIR : run->scenario->service,
        .serving = shoal_scenario_serving (run->scenario, group, run->options->strategy),
        .behaviour = run->model == SHOAL_MODEL_P2P ? group->behaviour : SHOAL_BEHAVIOUR_HONEST,
        .bad_millionths = group->bad_millionths,
        .tells_waits = run->options->records,
      };
      if (!add_node (run, &spec, (int)(run->first + i), error))
        return false;
    }
  return true;
}

/* --- the loop --------------------------------------------------------------------------------- */

void
shoal_run_tell_progress (Run *run)
{
  const ShoalProgress progress = {
    .now_ns = run->now,
    .wanted_bytes = run->wanted_bytes,
    .held_bytes = run->held_bytes,
    .downloads = run->transfers->len - run->superseded,
    .done = run->done,
  };
  if (run->options->on_progress != NULL)
    run->options->on_progress (run->options->context, &progress);
}

bool
shoal_run_cancelled (const Run *run)
{
  return run->options->cancelled != NULL && g_atomic_int_get (run->options->cancelled) != 0;
}

/* All that could be done is done and told. Conditions that still wait can come true no more: what
 * they look at changes by downloads, registrations, cancels and closes only. */
static bool
is_quiet (const Run *run)
{
  return run->active == 0 && run->awaited == 0 && !run->changed;
}

void
shoal_run_stop_if_due (Run *run)
{
  shoal_run_check_conditions (run);
  if (!run->time_passes)
    return; /* an event in the middle of an action */
  if (next_due_ns (run) > run->now && !is_quiet (run) && !shoal_run_cancelled (run))
    return;
  run->stopped = true;
  run->backend->ops->stop (run->backend);
}

/* Real time goes on while actions are done; virtual time does not. */
static void
read_time (Run *run)
{
  run->now = MAX (run->now, run->backend->ops->now (run->backend) - run->origin);
}

/* What happens again and again to the end of the run does not keep the run from ending. */
static void
schedule_again (Run *run, const Due *due)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, due->index);
  Due next = *due;
  next.at_ns += action->every_ns;
  next.lingers = action->until_ns == SHOAL_NEVER;
  if (action->every_ns > 0 && next.at_ns <= action->until_ns)
    shoal_run_schedule (run, next);
}

static void
do_one (Run *run, const Due *due)
{
  switch (due->kind)
    {
    case DUE_JOIN:
      shoal_run_join (run, due->index);
      break;
    case DUE_ACTION:
      shoal_run_act (run, due->index);
      schedule_again (run, due);
      break;
    case DUE_ACTION_OF:
      shoal_run_act_of (run, due->index, due->node);
      break;
    case DUE_SNAPSHOT:
      shoal_run_snapshot (run, due->index);
      break;
    case DUE_RATES:
      shoal_run_go_on_with_rates (run, due);
      break;
    }
}

/* Does all that is due now, and what becomes due by it. */
static void
do_due (Run *run)
{
  read_time (run);
  shoal_run_check_conditions (run);
  while (next_due_ns (run) <= run->now)
    {
      read_time (run);
      Due due = g_array_index (run->timeline, Due, run->next_due++);
      run->awaited -= !due.lingers;
      do_one (run, &due);
      shoal_run_check_conditions (run);
    }
}

/* Lets the backend run, at most until `until`. False: nothing can happen any more before it, so that
 * it is as good as reached. */
static bool
run_backend (Run *run, ShoalTime until)
{
  run->stopped = false;
  run->time_passes = true;
  bool more = run->backend->ops->run (run->backend, run->origin + until) || run->stopped;
  run->time_passes = false;
  ShoalTime reached = run->backend->ops->now (run->backend) - run->origin;
  run->now = MAX (run->now, more ? reached : MAX (reached, until));
  return more;
}

/* Lets the backend's time pass until something is due, at most until `until`. False: nothing can
 * happen any more before it. */
static bool
pass_time (Run *run, ShoalTime until)
{
  const ShoalTime usual = run->options->real_time ? REAL_SLICE_NS : SLICE_NS;
  ShoalTime slice = usual;
  for (;;)
    {
      ShoalTime target = until - run->now > slice ? run->now + slice : until;
      bool more = run_backend (run, target);
      shoal_run_tell_progress (run);
      if (shoal_run_cancelled (run) || next_due_ns (run) <= run->now || is_quiet (run))
        return true;
      if (run->now >= until)
        return more;
      /* A slice in which nothing happens says nothing about the next: look further ahead. */
      slice = more ? usual : slice * 2;
    }
}

/* True: the time limit ended it. */
static bool
play (Run *run)
{
  ShoalTime limit = run->scenario->time_limit_ns;
  bool in_grace = false;
  for (;;)
    {
      do_due (run);
      if (shoal_run_cancelled (run) || (is_quiet (run) && run->pending == 0))
        return false;
      if (is_quiet (run) && !in_grace)
        {
          in_grace = true;
          limit = MIN (limit, run->now + GRACE_NS);
        }
      if (run->now >= limit)
        return !in_grace;
      ShoalTime until = MIN (next_due_ns (run), limit);
      if (!pass_time (run, until) && until == limit)
        return false;
    }
}

typedef struct {
  int64_t wall_us, cpu_ns;
  int64_t wait_ns; /* -1: the system does not tell */
} Clock;

/* How long this thread has been ready without a processor to run on: Linux keeps count. */
static int64_t
processor_wait_ns (void)
{
  g_autofree char *text = NULL;
  char *end;
  if (!g_file_get_contents ("/proc/thread-self/schedstat", &text, NULL, NULL))
    return -1;
  const char *second = strchr (text, ' ');
  int64_t wait_ns = second != NULL ? g_ascii_strtoll (second, &end, 10) : -1;
  return second != NULL && end != second ? wait_ns : -1;
}

static Clock
clock_read (void)
{
  struct timespec cpu = { 0 };
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &cpu);
  return (Clock){ .wall_us = g_get_monotonic_time (),
                  .cpu_ns = (int64_t)cpu.tv_sec * 1000000000 + cpu.tv_nsec,
                  .wait_ns = processor_wait_ns () };
}

static void
measure (ShoalRunRow *row, Clock start)
{
  struct rusage usage;
  Clock end = clock_read ();
  row->wall_s = (double)(end.wall_us - start.wall_us) / 1e6;
  row->cpu_s = (double)(end.cpu_ns - start.cpu_ns) / 1e9;
  /* It may seem to go back where the clocks of two processors differ. */
  if (start.wait_ns >= 0 && end.wait_ns >= 0)
    row->cpu_wait_s = (double)MAX (0, end.wait_ns - start.wait_ns) / 1e9;
  if (getrusage (RUSAGE_SELF, &usage) == 0)
    row->max_rss_bytes = (uint64_t)usage.ru_maxrss * 1024;
}

static ShoalRunRow *
run_to_row (Run *run, GError **error)
{
  int64_t started = g_get_real_time () / G_USEC_PER_SEC;
  Clock clock = clock_read ();
  run->backend->on_event = shoal_run_on_event;
  run->backend->context = run;
  if (!add_nodes (run, error) || !shoal_run_set_up_network (run, error))
    return NULL;
  run->origin = run->backend->ops->now (run->backend); /* from now on: to make sockets takes real time */
  bool limit_passed = play (run);
  if (shoal_run_cancelled (run))
    {
      g_set_error (error, SHOAL_SCENARIO_ERROR, SHOAL_SCENARIO_ERROR_CANCELLED, "%s: broken off at %.1f s",
                   run->scenario->name, (double)run->now / 1e9);
      return NULL;
    }
  shoal_run_report (run, limit_passed);
  run->row->started_unix_s = started;
  measure (run->row, clock);
  return g_steal_pointer (&run->row);
}

ShoalRunRow *
shoal_scenario_run (const ShoalScenario *scenario, ShoalModel model, ShoalBackend *backend,
                    const ShoalRunOptions *options, GError **error)
{
  Run run = { .scenario = scenario, .model = model, .backend = backend, .options = options };
  g_autoptr (GError) own = NULL;
  run_init (&run);
  ShoalRunRow *row = run_to_row (&run, &own);
  if (row == NULL)
    g_propagate_error (error, g_steal_pointer (&own));
  backend->on_event = NULL;
  backend->context = NULL;
  run_clear (&run);
  shoal_run_row_free (run.row);
  return row;
}
