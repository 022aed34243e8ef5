#include "scenarios/run-internal.h"

/* A ramp is a stair of so many steps, none shorter than this. */
#define RAMP_STEPS 100
#define RAMP_STEP_NS (100 * SHOAL_MS)

void
shoal_run_apply_rates (Run *run, unsigned node)
{
  const RunNode *state = &run->nodes[node];
  run->backend->ops->set_rates (run->backend, run->first + node, state->upload_bytes_per_s,
                                state->download_bytes_per_s);
}

/* Rates as an action, or a point of a trace, says them. */
typedef struct {
  bool has_upload, has_download;
  uint64_t upload_bytes_per_s, download_bytes_per_s;
} Rates;

/* A node that is not there has them when it returns. */
static void
set_rates (Run *run, unsigned node, const Rates *rates)
{
  RunNode *state = &run->nodes[node];
  if (rates->has_upload)
    state->upload_bytes_per_s = rates->upload_bytes_per_s;
  if (rates->has_download)
    state->download_bytes_per_s = rates->download_bytes_per_s;
  if (state->state == NODE_PRESENT)
    shoal_run_apply_rates (run, node);
  if (rates->has_upload)
    shoal_run_log (run, node, "upload-rate", -1, -1, state->upload_bytes_per_s);
  if (rates->has_download)
    shoal_run_log (run, node, "download-rate", -1, -1, state->download_bytes_per_s);
}

static const ShoalAction *
action_of (const Run *run, const Course *course)
{
  return shoal_scenario_action (run->scenario, course->action);
}

static void
schedule_step (Run *run, unsigned course, ShoalTime at_ns, unsigned step)
{
  shoal_run_schedule (
      run, (Due){ .at_ns = at_ns, .kind = DUE_RATES, .index = course, .step = step, .lingers = true });
}

/* ---- ramps ---- */

static unsigned
ramp_steps (const ShoalAction *action)
{
  return (unsigned)CLAMP (action->over_ns / RAMP_STEP_NS, 1, RAMP_STEPS);
}

static void
schedule_ramp (Run *run, unsigned index, unsigned step)
{
  const Course *course = &g_array_index (run->courses, Course, index);
  const ShoalAction *action = action_of (run, course);
  if (step <= ramp_steps (action))
    schedule_step (run, index, course->start_ns + action->over_ns / ramp_steps (action) * step, step);
}

/* From an unlimited rate there is no slope: it changes at once. */
static uint64_t
on_the_way (uint64_t from, uint64_t to, unsigned step, unsigned steps)
{
  if (from == 0)
    return to;
  int64_t way = (int64_t)to - (int64_t)from; /* rates are below 2^40 */
  return (uint64_t)((int64_t)from + way * (int64_t)step / (int64_t)steps);
}

static void
climb (Run *run, unsigned index, unsigned step)
{
  const Course course = g_array_index (run->courses, Course, index);
  const ShoalAction *action = action_of (run, &course);
  unsigned steps = ramp_steps (action);
  Rates rates = { .has_upload = action->has_upload, .has_download = action->has_download };
  rates.upload_bytes_per_s = on_the_way (course.upload_bytes_per_s, action->upload_bytes_per_s, step, steps);
  rates.download_bytes_per_s =
      on_the_way (course.download_bytes_per_s, action->download_bytes_per_s, step, steps);
  set_rates (run, course.node, &rates);
  schedule_ramp (run, index, step + 1);
}

/* ---- traces ---- */

static void
schedule_point (Run *run, unsigned index, unsigned step)
{
  const Course *course = &g_array_index (run->courses, Course, index);
  const ShoalAction *action = action_of (run, course);
  unsigned points = action->trace->len;
  if (step >= points && action->repeat_ns == 0)
    return;
  ShoalTime round = course->start_ns + action->repeat_ns * (step / points);
  ShoalTime after = g_array_index (action->trace, ShoalRatePoint, step % points).after_ns;
  schedule_step (run, index, round + after, step);
}

static void
follow (Run *run, unsigned index, unsigned step)
{
  const Course course = g_array_index (run->courses, Course, index);
  const GArray *trace = action_of (run, &course)->trace;
  const ShoalRatePoint *point = &g_array_index (trace, ShoalRatePoint, step % trace->len);
  set_rates (run, course.node,
             &(Rates){ point->has_upload, point->has_download, point->upload_bytes_per_s,
                       point->download_bytes_per_s });
  schedule_point (run, index, step + 1);
}

/* ---- both ---- */

void
shoal_run_go_on_with_rates (Run *run, const Due *due)
{
  const Course *course = &g_array_index (run->courses, Course, due->index);
  if (course->rate_change != run->nodes[course->node].rate_changes)
    return; /* another action took over */
  if (action_of (run, course)->trace != NULL)
    follow (run, due->index, due->step);
  else
    climb (run, due->index, due->step);
}

void
shoal_run_change_rates (Run *run, unsigned node, unsigned index)
{
  const ShoalAction *action = shoal_scenario_action (run->scenario, index);
  RunNode *state = &run->nodes[node];
  Course course = {
    .node = node, .action = index, .rate_change = ++state->rate_changes, .start_ns = run->now
  };
  course.upload_bytes_per_s = state->upload_bytes_per_s;
  course.download_bytes_per_s = state->download_bytes_per_s;
  if (action->trace == NULL && action->over_ns == 0)
    {
      set_rates (run, node,
                 &(Rates){ action->has_upload, action->has_download, action->upload_bytes_per_s,
                           action->download_bytes_per_s });
      return;
    }
  g_array_append_val (run->courses, course);
  if (action->trace != NULL)
    schedule_point (run, run->courses->len - 1, 0);
  else
    schedule_ramp (run, run->courses->len - 1, 1);
}
