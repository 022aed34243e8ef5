/* Tells ThreadSanitizer of what GLib orders between threads: mutexes and conditions, references, tasks, thread
 * pools, cancellables.
 * GLib itself is not built with it, so that it would see no order between threads that share them, and report every
 * use as a race. These are called instead of GLib's by all that is linked with the tests; GLib's do the work. */
#define _GNU_SOURCE
#include "tests/tsan.h"

#ifdef SHOAL_TSAN

#  include <dlfcn.h>
#  include <gio/gio.h>
#  include <sanitizer/tsan_interface.h>

#  define GLIBS(name) ((__typeof__ (&name))dlsym (RTLD_NEXT, #  name))

void
shoal_tsan_sees_glib (void)
{
}

static void
before_wait (GMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
}

static void
after_wait (GMutex *mutex)
{
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

void
g_mutex_lock (GMutex *mutex)
{
  __tsan_mutex_pre_lock (mutex, 0);
  GLIBS (g_mutex_lock) (mutex);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

void
g_mutex_unlock (GMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, 0);
  GLIBS (g_mutex_unlock) (mutex);
  __tsan_mutex_post_unlock (mutex, 0);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  before_wait (mutex);
  GLIBS (g_cond_wait) (cond, mutex);
  after_wait (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  before_wait (mutex);
  gboolean signalled = GLIBS (g_cond_wait_until) (cond, mutex, end_time);
  after_wait (mutex);
  return signalled;
}

/* ---- references: what others did before they gave theirs back was before the end ---- */

static void
give_and_take (gpointer shared)
{
  __tsan_release (shared);
  __tsan_acquire (shared);
}

gboolean (g_atomic_ref_count_dec) (gatomicrefcount *refs)
{
  give_and_take (refs);
  return GLIBS (g_atomic_ref_count_dec) (refs);
}

void
g_object_unref (gpointer object)
{
  if (object)
    give_and_take (object);
  GLIBS (g_object_unref) (object);
}

void
g_bytes_unref (GBytes *bytes)
{
  if (bytes)
    give_and_take (bytes);
  GLIBS (g_bytes_unref) (bytes);
}

/* ---- tasks: from who starts to the thread, from there to who takes the result ---- */

static void
run_task (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GTaskThreadFunc function = (GTaskThreadFunc)g_object_get_data (G_OBJECT (task), "tsan");
  __tsan_acquire (task);
  function (task, source, data, cancellable);
}

void
g_task_run_in_thread (GTask *task, GTaskThreadFunc function)
{
  g_object_set_data (G_OBJECT (task), "tsan", (gpointer)function);
  __tsan_release (task);
  GLIBS (g_task_run_in_thread) (task, run_task);
}

void
g_task_return_pointer (GTask *task, gpointer result, GDestroyNotify destroy)
{
  __tsan_release (task);
  GLIBS (g_task_return_pointer) (task, result, destroy);
}

void
g_task_return_error (GTask *task, GError *error)
{
  __tsan_release (task);
  GLIBS (g_task_return_error) (task, error);
}

gpointer
g_task_propagate_pointer (GTask *task, GError **error)
{
  __tsan_acquire (task);
  return GLIBS (g_task_propagate_pointer) (task, error);
}

/* ---- thread pools: from who pushes to who works, and from there to who frees ---- */

typedef struct {
  GFunc work;
  gpointer data;
} Pool;

static void
work (gpointer item, gpointer user_data)
{
  Pool *pool = user_data;
  __tsan_acquire (item);
  pool->work (item, pool->data);
  __tsan_release (pool);
}

GThreadPool *
g_thread_pool_new (GFunc function, gpointer data, gint threads, gboolean exclusive, GError **error)
{
  Pool *pool = g_new (Pool, 1);
  *pool = (Pool){ function, data };
  __tsan_release (pool);
  return GLIBS (g_thread_pool_new) (work, pool, threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *thread_pool, gpointer item, GError **error)
{
  __tsan_release (item);
  return GLIBS (g_thread_pool_push) (thread_pool, item, error);
}

void
g_thread_pool_free (GThreadPool *thread_pool, gboolean immediate, gboolean wait)
{
  Pool *pool = thread_pool->user_data;
  GLIBS (g_thread_pool_free) (thread_pool, immediate, wait);
  __tsan_acquire (pool);
  g_free (pool);
}

/* ---- cancellables: from who connects to who cancels, from there to who disconnects ---- */

gulong
g_cancellable_connect (GCancellable *cancellable, GCallback callback, gpointer data, GDestroyNotify destroy)
{
  if (cancellable)
    give_and_take (cancellable);
  return GLIBS (g_cancellable_connect) (cancellable, callback, data, destroy);
}

void
g_cancellable_cancel (GCancellable *cancellable)
{
  if (cancellable)
    give_and_take (cancellable);
  GLIBS (g_cancellable_cancel) (cancellable);
  if (cancellable)
    __tsan_release (cancellable);
}

void
g_cancellable_disconnect (GCancellable *cancellable, gulong id)
{
  GLIBS (g_cancellable_disconnect) (cancellable, id);
  if (cancellable)
    __tsan_acquire (cancellable);
}

#endif
