/* Tells ThreadSanitizer of GLib's mutexes and conditions. GLib itself is not built with it, so that it would see
 * no order between threads that share them, and report every use as a race. These are called instead of
 * GLib's by all that is linked with the tests; GLib's do the work. */
#define _GNU_SOURCE
#include "tests/tsan.h"

#ifdef SHOAL_TSAN

#  include <dlfcn.h>
#  include <glib.h>
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

#endif
