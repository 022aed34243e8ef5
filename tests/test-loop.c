/* The event loop: posts, deadlines, descriptors. */
#define _GNU_SOURCE
#include "real/loop-source.h"
#include "src/random.h"
#include "tests/harness.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#define THREADS 4
#define POSTS 5000

static ShoalLoop *loop;

static void
stop (void *data)
{
  shoal_loop_stop (data);
}

/* ---- posts ---- */

typedef struct {
  unsigned thread, number;
} Post;

static unsigned next_of[THREADS], all_posts;

static void
on_post (void *data)
{
  Post *post = data;
  ck_assert_uint_eq (post->number, next_of[post->thread]);
  next_of[post->thread]++;
  if (++all_posts == THREADS * POSTS)
    shoal_loop_stop (loop);
}

static void *
post_all (void *data)
{
  Post *posts = data;
  for (unsigned i = 0; i < POSTS; i++)
    shoal_loop_post (loop, on_post, &posts[i]);
  return NULL;
}

START_TEST (posts_in_order)
{
  static Post posts[THREADS][POSTS];
  GThread *threads[THREADS];
  for (unsigned t = 0; t < THREADS; t++)
    {
      for (unsigned i = 0; i < POSTS; i++)
        posts[t][i] = (Post){ t, i };
      threads[t] = g_thread_new ("post", post_all, posts[t]);
    }
  shoal_loop_run (loop, SHOAL_NEVER);
  for (unsigned t = 0; t < THREADS; t++)
    {
      g_thread_join (threads[t]);
      ck_assert_uint_eq (next_of[t], POSTS);
    }
}
END_TEST

static ShoalTime posted_at, latency[100];
static int measured;

static void
on_measured_post (void *data)
{
  (void)data;
  latency[measured] = shoal_loop_now (loop) - posted_at;
  g_atomic_int_set (&measured, measured + 1);
}

static void *
post_now_and_then (void *data)
{
  (void)data;
  for (unsigned i = 0; i < G_N_ELEMENTS (latency); i++)
    {
      posted_at = shoal_loop_now (loop); /* the post hands it over */
      shoal_loop_post (loop, on_measured_post, NULL);
      while (g_atomic_int_get (&measured) == (int)i)
        g_usleep (500);
    }
  shoal_loop_stop (loop);
  return NULL;
}

static int
by_time (const void *a, const void *b)
{
  ShoalTime x = *(const ShoalTime *)a, y = *(const ShoalTime *)b;
  return (x > y) - (x < y);
}

/* A sleeping loop is woken at once. */
START_TEST (posts_are_quick)
{
  GThread *thread = g_thread_new ("post", post_now_and_then, NULL);
  shoal_loop_run (loop, SHOAL_NEVER);
  g_thread_join (thread);
  qsort (latency, G_N_ELEMENTS (latency), sizeof *latency, by_time);
  ShoalTime median = latency[G_N_ELEMENTS (latency) / 2];
  ck_assert_msg (median < 20 * SHOAL_MS, "median %" G_GINT64_FORMAT " ns", median);
}
END_TEST

static unsigned chain;

static void
post_again (void *data)
{
  (void)data;
  if (++chain < 100)
    shoal_loop_post (loop, post_again, NULL);
}

/* What posts itself again does not keep the loop from ending. */
START_TEST (posts_that_post)
{
  shoal_loop_post (loop, post_again, NULL);
  shoal_loop_run (loop, shoal_loop_now (loop) + 20 * SHOAL_MS);
  ck_assert_uint_eq (chain, 100);
}
END_TEST

static unsigned called[2];
static int first_data, second_data;

static void
count_first (void *data)
{
  ck_assert_ptr_eq (data, &first_data);
  called[0]++;
  shoal_loop_unpost (loop, &second_data); /* also what is about to be called */
}

static void
count_second (void *data)
{
  ck_assert_ptr_eq (data, &second_data);
  called[1]++;
}

START_TEST (posts_taken_back)
{
  shoal_loop_post (loop, count_second, &second_data);
  shoal_loop_post (loop, count_first, &first_data);
  shoal_loop_post (loop, count_second, &second_data);
  shoal_loop_run (loop, 0);
  ck_assert_uint_eq (called[0], 1);
  ck_assert_uint_eq (called[1], 1);
  shoal_loop_post (loop, count_second, &second_data);
  shoal_loop_unpost (loop, &second_data);
  shoal_loop_run (loop, 0);
  ck_assert_uint_eq (called[1], 1);
  shoal_loop_post (loop, count_second, &second_data); /* never called */
}
END_TEST

/* ---- running and stopping ---- */

START_TEST (runs_until)
{
  ShoalTime start = shoal_loop_now (loop);
  shoal_loop_run (loop, start + 30 * SHOAL_MS);
  ck_assert_int_ge (shoal_loop_now (loop), start + 30 * SHOAL_MS);
  start = shoal_loop_now (loop);
  shoal_loop_run (loop, start - SHOAL_SECOND); /* past: what is there, and no waiting */
  shoal_loop_run (loop, 0);
  ck_assert_int_lt (shoal_loop_now (loop), start + 5 * SHOAL_SECOND);
}
END_TEST

START_TEST (stop_beforehand)
{
  shoal_loop_stop (loop);
  shoal_loop_run (loop, SHOAL_NEVER);
  shoal_loop_post (loop, stop, loop);
  shoal_loop_run (loop, SHOAL_NEVER);
  ShoalTime start = shoal_loop_now (loop);
  shoal_loop_run (loop, start + 20 * SHOAL_MS); /* a stop is good for one run */
  ck_assert_int_ge (shoal_loop_now (loop), start + 20 * SHOAL_MS);
}
END_TEST

static void *
stop_later (void *data)
{
  g_usleep (30000);
  shoal_loop_stop (data);
  return NULL;
}

START_TEST (stop_from_elsewhere)
{
  GThread *thread = g_thread_new ("stop", stop_later, loop);
  shoal_loop_run (loop, SHOAL_NEVER);
  g_thread_join (thread);
}
END_TEST

START_TEST (timer_slack_is_restored)
{
  prctl (PR_SET_TIMERSLACK, 12345, 0, 0, 0);
  shoal_loop_run (loop, shoal_loop_now (loop) + SHOAL_MS);
  ck_assert_int_eq (prctl (PR_GET_TIMERSLACK, 0, 0, 0, 0), 12345);
}
END_TEST

/* ---- deadlines ---- */

#define SOURCES 300

typedef struct {
  ShoalLoopSource source;
  ShoalTime wanted;
  bool removed;
} Clock;

static Clock clocks[SOURCES];
static ShoalRandom chance;
static ShoalTime newest;
static unsigned turns;

static void
on_clock (ShoalLoopSource *source, uint32_t events)
{
  Clock *c = (Clock *)source;
  ck_assert_uint_eq (events, 0);
  ck_assert (!c->removed);
  ck_assert_int_le (c->wanted, shoal_loop_now (loop));
  ck_assert_int_ge (c->wanted, newest); /* in order */
  ck_assert_int_eq (source->deadline, SHOAL_NEVER);
  newest = c->wanted;
  c->wanted = SHOAL_NEVER;
  turns++;
}

static void
wish (Clock *c, ShoalTime at)
{
  c->wanted = at;
  shoal_loop_set_deadline (loop, &c->source, at);
}

/* Wishes change, sources go; the rest have their turns in the order of their deadlines. */
START_TEST (deadlines_in_order)
{
  ShoalTime start = shoal_loop_now (loop);
  shoal_random_init (&chance, (uint64_t)_i, "clocks");
  for (unsigned i = 0; i < SOURCES; i++)
    shoal_loop_add (loop, &clocks[i].source, on_clock);
  for (unsigned i = 0; i < 5 * SOURCES; i++)
    wish (&clocks[shoal_random_below (&chance, SOURCES)],
          start + (ShoalTime)shoal_random_below (&chance, 50) * SHOAL_MS);
  unsigned expected = 0;
  for (unsigned i = 0; i < SOURCES; i++)
    {
      clocks[i].removed = shoal_random_below (&chance, 4) == 0;
      if (clocks[i].removed)
        shoal_loop_remove (loop, &clocks[i].source);
      else
        expected += clocks[i].source.deadline != SHOAL_NEVER;
    }
  shoal_loop_run (loop, start + 60 * SHOAL_MS);
  ck_assert_uint_eq (turns, expected);
  for (unsigned i = 0; i < SOURCES; i++)
    if (!clocks[i].removed)
      shoal_loop_remove (loop, &clocks[i].source);
}
END_TEST

static void
on_greedy (ShoalLoopSource *source, uint32_t events)
{
  (void)events;
  turns++;
  shoal_loop_set_deadline (loop, source, shoal_loop_now (loop));
}

/* One that always wants another turn does not keep others from theirs. */
START_TEST (greedy)
{
  ShoalLoopSource source;
  GThread *thread = g_thread_new ("stop", stop_later, loop);
  shoal_loop_add (loop, &source, on_greedy);
  shoal_loop_set_deadline (loop, &source, 0);
  shoal_loop_post (loop, post_again, NULL);
  shoal_loop_run (loop, SHOAL_NEVER);
  g_thread_join (thread);
  ck_assert_uint_eq (chain, 100);
  ck_assert_uint_gt (turns, 100);
  shoal_loop_remove (loop, &source);
}
END_TEST

/* How late a sleeping loop is woken: far below a millisecond where nothing else runs. */
START_TEST (punctual)
{
  for (unsigned i = 0; i < 50; i++)
    {
      ShoalTime until = shoal_loop_now (loop) + 2 * SHOAL_MS;
      shoal_loop_run (loop, until);
      latency[i] = shoal_loop_now (loop) - until;
      ck_assert_int_ge (latency[i], 0);
    }
  qsort (latency, 50, sizeof *latency, by_time);
  ck_assert_msg (latency[5] < 5 * SHOAL_MS, "%" G_GINT64_FORMAT " ns late", latency[5]);
}
END_TEST

/* ---- descriptors ---- */

typedef struct {
  ShoalLoopSource source;
  int fd;
  unsigned turns;
} Bell;

static Bell bells[3];

/* The first to hear it puts the others away, the next one altogether and the one after that its descriptor only:
 * they are ready too and must not be called any more. */
static void
on_bell (ShoalLoopSource *source, uint32_t events)
{
  Bell *bell = (Bell *)source;
  ck_assert_uint_eq (events, EPOLLIN);
  bell->turns++;
  for (unsigned i = 0; i < 3; i++)
    if (&bells[i] != bell)
      shoal_loop_watch (loop, &bells[i].source, bells[i].fd, EPOLLIN, 0);
  shoal_loop_remove (loop, &bells[(bell - bells + 1) % 3].source);
  eventfd_read (bell->fd, &(eventfd_t){ 0 });
}

START_TEST (removed_while_ready)
{
  unsigned all = 0;
  Bell *heard = NULL;
  for (unsigned i = 0; i < 3; i++)
    {
      bells[i].fd = eventfd (1, EFD_CLOEXEC);
      shoal_loop_add (loop, &bells[i].source, on_bell);
      ck_assert (shoal_loop_watch (loop, &bells[i].source, bells[i].fd, 0, EPOLLIN));
    }
  shoal_loop_run (loop, shoal_loop_now (loop) + 5 * SHOAL_MS);
  for (unsigned i = 0; i < 3; i++)
    {
      all += bells[i].turns;
      heard = bells[i].turns ? &bells[i] : heard;
    }
  ck_assert_uint_eq (all, 1);
  shoal_loop_watch (loop, &heard->source, heard->fd, EPOLLIN, 0);
  shoal_loop_run (loop, shoal_loop_now (loop) + 5 * SHOAL_MS);
  ck_assert_uint_eq (heard->turns, 1);
  shoal_loop_remove (loop, &heard->source);
  shoal_loop_remove (loop, &bells[(heard - bells + 2) % 3].source);
  for (unsigned i = 0; i < 3; i++)
    close (bells[i].fd);
}
END_TEST

START_TEST (steps_do_not_nest)
{
  ck_assert (shoal_loop_enter_step (loop));
  ck_assert (!shoal_loop_enter_step (loop));
  shoal_loop_leave_step (loop);
  ck_assert (shoal_loop_enter_step (loop));
  shoal_loop_leave_step (loop);
}
END_TEST

static void
set_up (void)
{
  loop = shoal_loop_new (NULL);
  ck_assert_ptr_nonnull (loop);
  memset (next_of, 0, sizeof next_of);
  memset (called, 0, sizeof called);
  memset (clocks, 0, sizeof clocks);
  memset (bells, 0, sizeof bells);
  newest = 0;
  all_posts = chain = turns = 0;
  measured = 0;
}

static void
tear_down (void)
{
  shoal_loop_free (loop);
}

static Suite *
loop_suite (void)
{
  Suite *suite = suite_create ("loop");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, posts_in_order);
  tcase_add_test (tests, posts_are_quick);
  tcase_add_test (tests, posts_that_post);
  tcase_add_test (tests, posts_taken_back);
  tcase_add_test (tests, runs_until);
  tcase_add_test (tests, stop_beforehand);
  tcase_add_test (tests, stop_from_elsewhere);
  tcase_add_test (tests, timer_slack_is_restored);
  tcase_add_loop_test (tests, deadlines_in_order, 0, 4);
  tcase_add_test (tests, greedy);
  tcase_add_test (tests, punctual);
  tcase_add_test (tests, removed_while_ready);
  tcase_add_test (tests, steps_do_not_nest);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (loop_suite (), NULL);
}
