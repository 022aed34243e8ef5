#include "scenarios/fuzz.h"

#include "scenarios/bound.h"
#include "sim/world.h"

/* Bytes are played with where all nodes' copies together take no more than this. */
#define MAX_REAL_BYTES ((uint64_t)512 << 20)

/* One play of the scenario. */
typedef struct {
  const ShoalFuzzOptions *options;
  gint stop; /* read by the run: 1: an invariant is broken, 2: break off */
  ShoalInvariants *invariants;
  ShoalBackend *world;
  ShoalRunRow *row; /* owned; NULL: it did not come to its end */
} Play;

void
shoal_fuzz_outcome_clear (ShoalFuzzOutcome *outcome)
{
  g_free (outcome->invariant);
  g_free (outcome->what);
  *outcome = (ShoalFuzzOutcome){ 0 };
}

static void
break_one (ShoalFuzzOutcome *outcome, const char *invariant, ShoalTime at_ns, char *what)
{
  g_assert (outcome->invariant == NULL);
  outcome->invariant = g_strdup (invariant);
  outcome->what = what;
  outcome->at_ns = at_ns;
}

/* ---- playing ---- */

static void
on_progress (void *context, const ShoalProgress *progress)
{
  Play *play = context;
  (void)progress;
  if (play->stop == 0 && play->options->cancelled != NULL && g_atomic_int_get (play->options->cancelled) != 0)
    play->stop = 2;
}

static ShoalInvariants *
look_on (const ShoalScenario *scenario, bool real_content, const ShoalFuzzOptions *options, gint *stop)
{
  unsigned count = scenario->files->len;
  g_autofree const ShoalSharedFile **files = g_new0 (const ShoalSharedFile *, count + 1);
  for (unsigned i = 0; i < count; i++)
    files[i] = shoal_scenario_shared_file (scenario, i, !real_content);
  return shoal_invariants_new (&(ShoalInvariantsOptions){ .files = files,
                                                          .file_count = count,
                                                          .real_content = real_content,
                                                          .stop = stop,
                                                          .meddle = options->meddle,
                                                          .context = options->context });
}

static void
play_begin (Play *play, const ShoalScenario *scenario, bool real_content, const ShoalFuzzOptions *options)
{
  *play = (Play){ .options = options };
  play->invariants = look_on (scenario, real_content, options, &play->stop);
  const ShoalWorldOptions world = { .seed = options->seed,
                                    .real_content = real_content,
                                    .watch = shoal_invariants_watch (play->invariants) };
  play->world = shoal_world_new (&world);
}

static void
play_clear (Play *play)
{
  g_clear_pointer (&play->row, shoal_run_row_free);
  play->world->ops->free (play->world);
  shoal_invariants_free (play->invariants);
}

/* False and error: it could not be played. A broken invariant ends it, too. */
static bool
play_run (Play *play, const ShoalScenario *scenario, bool real_content, GError **error)
{
  g_autoptr (GError) own = NULL;
  const ShoalRunOptions options = { .seed = play->options->seed,
                                    .virtual_content = !real_content,
                                    .detail = SHOAL_LOG_SPARSE,
                                    .on_progress = on_progress,
                                    .context = play,
                                    .cancelled = &play->stop };
  play->row = shoal_scenario_run (scenario, SHOAL_MODEL_P2P, play->world, &options, &own);
  if (play->row != NULL)
    shoal_invariants_finish (play->invariants, play->world);
  if (play->row != NULL || shoal_invariants_violation (play->invariants) != NULL)
    return true;
  g_propagate_error (error, g_steal_pointer (&own));
  return false;
}

/* ---- judging ---- */

static void
judge_row (const ShoalRunRow *row, ShoalTime now_ns, ShoalFuzzOutcome *outcome)
{
  if (row->completed && row->leechers > 0 && row->makespan_ns < row->bound_ns)
    {
      break_one (outcome, "bound", now_ns,
                 g_strdup_printf ("all downloads took %.6f s, and the bound is %.6f s",
                                  (double)row->makespan_ns / 1e9, (double)row->bound_ns / 1e9));
      return;
    }
  for (unsigned i = 0; i < row->expectations->len; i++)
    {
      const ShoalExpectationRow *expect = g_ptr_array_index (row->expectations, i);
      if (expect->met == 0)
        {
          break_one (outcome, "expect", now_ns,
                     g_strdup_printf ("'%s' is not met: %s", expect->text, expect->measured));
          return;
        }
    }
}

static void
judge (const Play *play, ShoalFuzzOutcome *outcome)
{
  const ShoalViolation *violation = shoal_invariants_violation (play->invariants);
  ShoalTime now = play->world->ops->now (play->world);
  outcome->events += play->world->ops->steps (play->world);
  if (violation != NULL)
    break_one (outcome, violation->invariant, violation->at_ns, g_strdup (violation->what));
  else if (play->row != NULL)
    judge_row (play->row, now, outcome);
}

static void
count_downloads (const ShoalRunRow *row, ShoalFuzzOutcome *outcome)
{
  outcome->downloads = row->transfers->len;
  for (unsigned i = 0; i < row->transfers->len; i++)
    {
      const ShoalTransferRow *transfer = g_ptr_array_index (row->transfers, i);
      bool done = g_str_equal (transfer->status, "done");
      outcome->done += done;
      outcome->explained += !done;
    }
}

/* The same with virtual content must give the same trace. */
static bool
compare_contents (const ShoalScenario *scenario, const ShoalFuzzOptions *options, const char *digest,
                  ShoalFuzzOutcome *outcome, GError **error)
{
  Play other;
  play_begin (&other, scenario, false, options);
  bool ok = play_run (&other, scenario, false, error);
  if (ok)
    judge (&other, outcome);
  if (ok && outcome->invariant == NULL && g_strcmp0 (other.row->trace_sha256, digest) != 0)
    break_one (outcome, "contents", other.world->ops->now (other.world),
               g_strdup ("virtual content gives another trace than bytes do"));
  play_clear (&other);
  return ok;
}

bool
shoal_fuzz_play (const ShoalScenario *scenario, const ShoalFuzzOptions *options, ShoalFuzzOutcome *outcome,
                 GError **error)
{
  Play play;
  *outcome = (ShoalFuzzOutcome){ 0 };
  bool has_room = shoal_scenario_copies_bytes (scenario) <= MAX_REAL_BYTES;
  play_begin (&play, scenario, has_room, options);
  bool ok = play_run (&play, scenario, has_room, error);
  if (ok)
    judge (&play, outcome);
  if (ok && outcome->invariant == NULL)
    {
      count_downloads (play.row, outcome);
      if (options->both_contents && has_room)
        ok = compare_contents (scenario, options, play.row->trace_sha256, outcome, error);
    }
  play_clear (&play);
  return ok;
}
