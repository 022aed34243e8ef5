#include "cli/workers.h"

#include "cli/interrupt.h"
#include "real/backend.h"
#include "sim/world.h"

#define TICK_US (200 * 1000)

/* Ended jobs wait for those before them; so many may be begun ahead, or they would fill memory. */
enum {
  LEAD_PER_THREAD = 4,
};

typedef struct {
  const ShoalWork *work;
  GMutex lock;
  GCond changed;
  unsigned next, handed_over; /* jobs begun, jobs handed over */
  bool *is_handed_over;       /* by job */
  gint cancelled;             /* read atomically by the runs */
} Pool;

/* What a run's progress is told to. */
typedef struct {
  Pool *pool;
  ShoalJob *job;
} Listener;

static void
note_progress (void *context, const ShoalProgress *progress)
{
  Listener *listener = context;
  g_mutex_lock (&listener->pool->lock);
  listener->job->progress = *progress;
  g_mutex_unlock (&listener->pool->lock);
}

/* NULL: it could not be made, and the job's error says why. */
static ShoalBackend *
make_world (ShoalJob *job)
{
  const ShoalRealBackendOptions real = { .seed = job->seed };
  const ShoalWorldOptions world = { .seed = job->seed,
                                    .real_content = job->real_content,
                                    .trace = job->trace };
  return job->real_time ? shoal_real_backend_new (&real, &job->error) : shoal_world_new (&world);
}

static void
play (Pool *pool, ShoalJob *job)
{
  Listener listener = { pool, job };
  const ShoalRunOptions options = {
    .seed = job->seed,
    .virtual_content = !job->real_content,
    .real_time = job->real_time,
    .strategy = job->strategy,
    .detail = job->is_sparse ? SHOAL_LOG_SPARSE : SHOAL_LOG_NORMAL,
    .records = job->records,
    .program_version = SHOAL_VERSION,
    .on_progress = note_progress,
    .context = &listener,
    .cancelled = &pool->cancelled,
  };
  ShoalBackend *backend = job->error == NULL ? make_world (job) : NULL;
  if (backend == NULL)
    return;
  job->row = shoal_scenario_run (job->scenario, job->model, backend, &options, &job->error);
  backend->ops->free (backend);
}

/* The next job to play, waiting while the others are too far behind; NULL: there is none. */
static ShoalJob *
take (Pool *pool)
{
  const ShoalWork *work = pool->work;
  ShoalJob *job = NULL;
  g_mutex_lock (&pool->lock);
  while (!g_atomic_int_get (&pool->cancelled) && pool->next < work->count
         && pool->next - pool->handed_over >= LEAD_PER_THREAD * work->threads)
    g_cond_wait (&pool->changed, &pool->lock);
  if (!g_atomic_int_get (&pool->cancelled) && pool->next < work->count)
    {
      job = &work->jobs[pool->next++];
      job->state = SHOAL_JOB_RUNNING;
    }
  g_mutex_unlock (&pool->lock);
  return job;
}

static void *
run_thread (void *data)
{
  Pool *pool = data;
  const ShoalWork *work = pool->work;
  for (ShoalJob *job; (job = take (pool)) != NULL;)
    {
      if (work->play != NULL)
        work->play (work->context, (unsigned)(job - work->jobs), &pool->cancelled);
      else
        play (pool, job);
      g_mutex_lock (&pool->lock);
      job->state = SHOAL_JOB_ENDED;
      g_cond_broadcast (&pool->changed);
      g_mutex_unlock (&pool->lock);
    }
  return NULL;
}

/* With the lock held: a job that may be handed over. False: there is none yet. */
static bool
find_ended (const Pool *pool, unsigned *index)
{
  unsigned last = pool->work->in_any_order ? pool->next : MIN (pool->handed_over + 1, pool->work->count);
  for (unsigned i = pool->work->in_any_order ? 0 : pool->handed_over; i < last; i++)
    if (!pool->is_handed_over[i] && pool->work->jobs[i].state == SHOAL_JOB_ENDED)
      {
        *index = i;
        return true;
      }
  return false;
}

/* With the lock held. True: a job has ended. False: some time has passed. */
static bool
wait_for_ended (Pool *pool, unsigned *index)
{
  int64_t end_us = g_get_monotonic_time () + TICK_US;
  while (!find_ended (pool, index))
    if (!g_cond_wait_until (&pool->changed, &pool->lock, end_us))
      return find_ended (pool, index);
  return true;
}

static bool
hand_over (Pool *pool)
{
  const ShoalWork *work = pool->work;
  while (pool->handed_over < work->count)
    {
      unsigned index = 0;
      g_mutex_lock (&pool->lock);
      bool has_ended = wait_for_ended (pool, &index);
      bool is_interrupted = g_atomic_int_get (shoal_interrupt_flag ()) != 0;
      if (!has_ended && !is_interrupted && work->on_tick != NULL)
        work->on_tick (work->context);
      g_mutex_unlock (&pool->lock);
      /* What has ended before a signal came is handed over still, where order does not matter. */
      if ((is_interrupted && !(has_ended && work->in_any_order))
          || (has_ended && !work->on_ended (work->context, index)))
        return false;
      g_mutex_lock (&pool->lock);
      pool->is_handed_over[index] |= has_ended;
      pool->handed_over += has_ended;
      g_cond_broadcast (&pool->changed);
      g_mutex_unlock (&pool->lock);
    }
  return true;
}

bool
shoal_work (const ShoalWork *work)
{
  g_assert (work->threads > 0);
  g_autofree bool *is_handed_over = g_new0 (bool, work->count + 1);
  Pool pool = { .work = work, .is_handed_over = is_handed_over };
  unsigned count = MIN (work->threads, work->count);
  g_autofree GThread **threads = g_new0 (GThread *, count + 1);
  g_mutex_init (&pool.lock);
  g_cond_init (&pool.changed);
  for (unsigned i = 0; i < count; i++)
    threads[i] = g_thread_new ("run", run_thread, &pool);
  bool is_whole = hand_over (&pool);
  g_atomic_int_set (&pool.cancelled, 1);
  g_mutex_lock (&pool.lock);
  g_cond_broadcast (&pool.changed);
  g_mutex_unlock (&pool.lock);
  for (unsigned i = 0; i < count; i++)
    g_thread_join (threads[i]);
  g_mutex_clear (&pool.lock);
  g_cond_clear (&pool.changed);
  return is_whole;
}
