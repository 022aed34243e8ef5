/* One thread: waits with epoll until a descriptor is ready, a deadline has come or another thread has
 * posted. Deadlines are in a binary heap, so that a datagram costs O(log nodes) at most. */
#define _GNU_SOURCE
#include "real/loop-source.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define READY_MAX 64
/* No sleep is shorter. To fall asleep and be woken costs 5 to 15 µs of a processor; where deadlines come more
 * often than this, several are so served at a time (50,000 datagrams/s between 100 nodes: half the load). */
#define SLEEP_MIN_NS (50 * SHOAL_US)

typedef struct {
  void (*call) (void *data);
  void *data;
} Posted;

struct ShoalLoop {
  int epoll_fd, wake_fd;
  bool coarse; /* the kernel has no epoll_pwait2() */
  bool in_step;
  ShoalTime origin;
  GPtrArray *heap; /* of ShoalLoopSource, borrowed; the earliest deadline first */
  struct epoll_event ready[READY_MAX];
  int ready_count; /* of the present round */
  gint stop;       /* atomic */
  GMutex lock;
  GArray *posted;  /* of Posted; under lock */
  GArray *calling; /* of Posted: being called; under lock too, as shoal_loop_unpost() clears there */
};

static ShoalTime
monotonic_now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * SHOAL_SECOND + t.tv_nsec;
}

ShoalTime
shoal_loop_now (const ShoalLoop *loop)
{
  (void)loop; /* one clock for all */
  return monotonic_now ();
}

ShoalTime
shoal_loop_origin (const ShoalLoop *loop)
{
  return loop->origin;
}

/* ---- the heap of deadlines ---- */

static ShoalLoopSource *
at (const ShoalLoop *loop, unsigned place)
{
  return loop->heap->pdata[place];
}

static void
put (ShoalLoop *loop, unsigned place, ShoalLoopSource *source)
{
  loop->heap->pdata[place] = source;
  source->place = place;
}

static void
sift (ShoalLoop *loop, ShoalLoopSource *source)
{
  unsigned place = source->place, count = loop->heap->len;
  while (place > 0 && source->deadline < at (loop, (place - 1) / 2)->deadline)
    {
      put (loop, place, at (loop, (place - 1) / 2));
      place = (place - 1) / 2;
    }
  for (unsigned child; (child = 2 * place + 1) < count; place = child)
    {
      if (child + 1 < count && at (loop, child + 1)->deadline < at (loop, child)->deadline)
        child++;
      if (source->deadline <= at (loop, child)->deadline)
        break;
      put (loop, place, at (loop, child));
    }
  put (loop, place, source);
}

void
shoal_loop_set_deadline (ShoalLoop *loop, ShoalLoopSource *source, ShoalTime deadline)
{
  if (source->deadline == deadline)
    return;
  source->deadline = deadline;
  sift (loop, source);
}

/* ---- sources ---- */

void
shoal_loop_add (ShoalLoop *loop, ShoalLoopSource *source, ShoalLoopTurn turn)
{
  *source = (ShoalLoopSource){ .turn = turn, .deadline = SHOAL_NEVER, .place = loop->heap->len };
  g_ptr_array_add (loop->heap, source);
}

/* What is ready in this round and has not had its turn must not get it any more. */
static void
forget_ready (ShoalLoop *loop, const ShoalLoopSource *source)
{
  for (int i = 0; i < loop->ready_count; i++)
    if (loop->ready[i].data.ptr == source)
      loop->ready[i].events = 0;
}

void
shoal_loop_remove (ShoalLoop *loop, ShoalLoopSource *source)
{
  unsigned place = source->place;
  g_assert (at (loop, place) == source);
  ShoalLoopSource *last = g_ptr_array_steal_index (loop->heap, loop->heap->len - 1);
  if (last != source)
    {
      put (loop, place, last);
      sift (loop, last);
    }
  forget_ready (loop, source);
}

bool
shoal_loop_watch (ShoalLoop *loop, ShoalLoopSource *source, int fd, uint32_t was, uint32_t events)
{
  struct epoll_event event = { .events = events, .data.ptr = source };
  if (was == events)
    return true;
  if (events == 0)
    forget_ready (loop, source);
  int how = was == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  return epoll_ctl (loop->epoll_fd, how, fd, &event) == 0;
}

bool
shoal_loop_enter_step (ShoalLoop *loop)
{
  if (loop->in_step)
    return false;
  loop->in_step = true;
  return true;
}

void
shoal_loop_leave_step (ShoalLoop *loop)
{
  g_assert (loop->in_step);
  loop->in_step = false;
}

/* ---- from other threads ---- */

static void
ring (ShoalLoop *loop)
{
  uint64_t one = 1;
  ssize_t written = write (loop->wake_fd, &one, sizeof one); /* full only after 2^64 - 2 rings */
  g_assert (written == sizeof one);
}

void
shoal_loop_post (ShoalLoop *loop, void (*call) (void *data), void *data)
{
  Posted posted = { .call = call, .data = data };
  g_mutex_lock (&loop->lock);
  bool first = loop->posted->len == 0;
  g_array_append_val (loop->posted, posted);
  g_mutex_unlock (&loop->lock);
  if (first)
    ring (loop);
}

static void
forget_posted (GArray *posts, const void *data)
{
  for (unsigned i = 0; i < posts->len; i++)
    {
      Posted *posted = &g_array_index (posts, Posted, i);
      if (posted->data == data)
        posted->call = NULL;
    }
}

void
shoal_loop_unpost (ShoalLoop *loop, const void *data)
{
  g_mutex_lock (&loop->lock);
  forget_posted (loop->posted, data);
  forget_posted (loop->calling, data);
  g_mutex_unlock (&loop->lock);
}

static bool
next_posted (ShoalLoop *loop, unsigned i, Posted *posted)
{
  g_mutex_lock (&loop->lock);
  bool more = i < loop->calling->len;
  if (more)
    *posted = g_array_index (loop->calling, Posted, i);
  g_mutex_unlock (&loop->lock);
  return more;
}

/* What is posted meanwhile has its turn in the next round. */
static void
call_posted (ShoalLoop *loop)
{
  Posted posted;
  g_mutex_lock (&loop->lock);
  GArray *calling = loop->posted;
  loop->posted = loop->calling;
  loop->calling = calling;
  g_mutex_unlock (&loop->lock);
  for (unsigned i = 0; next_posted (loop, i, &posted); i++)
    if (posted.call)
      posted.call (posted.data);
  g_mutex_lock (&loop->lock);
  g_array_set_size (loop->calling, 0);
  g_mutex_unlock (&loop->lock);
}

void
shoal_loop_stop (ShoalLoop *loop)
{
  g_atomic_int_set (&loop->stop, 1);
  ring (loop);
}

/* ---- time passes ---- */

/* For kernels before 5.11: an epoll descriptor is itself one to poll. */
static int
wait_with_ppoll (ShoalLoop *loop, const struct timespec *timeout)
{
  struct pollfd poll = { .fd = loop->epoll_fd, .events = POLLIN };
  if (ppoll (&poll, 1, timeout, NULL) <= 0)
    return 0;
  return epoll_wait (loop->epoll_fd, loop->ready, READY_MAX, 0);
}

static int
wait_for (ShoalLoop *loop, const struct timespec *timeout)
{
#ifdef SYS_epoll_pwait2
  if (!loop->coarse)
    {
      long n = syscall (SYS_epoll_pwait2, loop->epoll_fd, loop->ready, READY_MAX, timeout, NULL, 0);
      if (n >= 0 || errno != ENOSYS)
        return (int)n;
      loop->coarse = true;
    }
#endif
  return wait_with_ppoll (loop, timeout);
}

/* Waits until something is ready, at most until this time. */
static void
wait_until (ShoalLoop *loop, ShoalTime until)
{
  struct timespec timeout = { 0 };
  ShoalTime left = until == SHOAL_NEVER ? SHOAL_NEVER : until - monotonic_now ();
  if (left > 0 && left < SLEEP_MIN_NS)
    left = SLEEP_MIN_NS;
  if (left > 0)
    timeout = (struct timespec){ .tv_sec = left / SHOAL_SECOND, .tv_nsec = left % SHOAL_SECOND };
  int n = wait_for (loop, until == SHOAL_NEVER ? NULL : &timeout);
  loop->ready_count = MAX (n, 0); /* a signal came: nothing is ready */
}

static bool
stopped (const ShoalLoop *loop)
{
  return g_atomic_int_get (&loop->stop) != 0;
}

static void
hear_ring (ShoalLoop *loop)
{
  uint64_t rings;
  ssize_t got = read (loop->wake_fd, &rings, sizeof rings);
  (void)got; /* nothing to read: it was heard already */
}

static void
serve_ready (ShoalLoop *loop)
{
  for (int i = 0; i < loop->ready_count && !stopped (loop); i++)
    {
      ShoalLoopSource *source = loop->ready[i].data.ptr;
      uint32_t events = loop->ready[i].events;
      if (!source)
        hear_ring (loop);
      else if (events)
        source->turn (source, events);
    }
  loop->ready_count = 0;
}

/* Those that are due now; who wants another turn at once has it after the others and after a look at the
 * descriptors. */
static void
serve_due (ShoalLoop *loop)
{
  ShoalTime now = monotonic_now ();
  while (loop->heap->len > 0 && at (loop, 0)->deadline <= now && !stopped (loop))
    {
      ShoalLoopSource *source = at (loop, 0);
      shoal_loop_set_deadline (loop, source, SHOAL_NEVER);
      source->turn (source, 0);
    }
}

static void
run_rounds (ShoalLoop *loop, ShoalTime until)
{
  do
    {
      call_posted (loop);
      if (stopped (loop))
        break;
      ShoalTime first = loop->heap->len > 0 ? at (loop, 0)->deadline : SHOAL_NEVER;
      wait_until (loop, MIN (until, first));
      serve_ready (loop);
      serve_due (loop);
    }
  while (until == SHOAL_NEVER || monotonic_now () < until);
  g_atomic_int_set (&loop->stop, 0);
}

/* The kernel wakes threads up to their timer slack (50 µs) late to save power; a proxy wants its time. */
void
shoal_loop_run (ShoalLoop *loop, ShoalTime until)
{
  int slack_ns = prctl (PR_GET_TIMERSLACK, 0, 0, 0, 0);
  prctl (PR_SET_TIMERSLACK, 1, 0, 0, 0);
  run_rounds (loop, until);
  if (slack_ns > 0)
    prctl (PR_SET_TIMERSLACK, slack_ns, 0, 0, 0);
}

/* ---- the loop itself ---- */

static bool
open_descriptors (ShoalLoop *loop)
{
  struct epoll_event event = { .events = EPOLLIN };
  loop->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  loop->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  return loop->epoll_fd >= 0 && loop->wake_fd >= 0
         && epoll_ctl (loop->epoll_fd, EPOLL_CTL_ADD, loop->wake_fd, &event) == 0;
}

ShoalLoop *
shoal_loop_new (GError **error)
{
  ShoalLoop *loop = g_new0 (ShoalLoop, 1);
  loop->heap = g_ptr_array_new ();
  loop->posted = g_array_new (FALSE, FALSE, sizeof (Posted));
  loop->calling = g_array_new (FALSE, FALSE, sizeof (Posted));
  loop->origin = monotonic_now ();
  g_mutex_init (&loop->lock);
  if (open_descriptors (loop))
    return loop;
  int saved = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "cannot make an event loop: %s%s",
               g_strerror (saved), saved == EMFILE ? "; raise the limit (ulimit -n)" : "");
  shoal_loop_free (loop);
  return NULL;
}

void
shoal_loop_free (ShoalLoop *loop)
{
  if (!loop)
    return;
  g_assert (loop->heap->len == 0); /* nodes go first */
  if (loop->epoll_fd >= 0)
    close (loop->epoll_fd);
  if (loop->wake_fd >= 0)
    close (loop->wake_fd);
  g_ptr_array_free (loop->heap, TRUE);
  g_array_free (loop->posted, TRUE);
  g_array_free (loop->calling, TRUE);
  g_mutex_clear (&loop->lock);
  g_free (loop);
}
