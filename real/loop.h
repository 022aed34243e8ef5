/* The event loop of the real world: one thread in which nodes live. It waits for sockets and deadlines,
 * and takes calls from other threads. */
#pragma once

#include "src/types.h"

#include <gio/gio.h>

typedef struct ShoalLoop ShoalLoop;

/* Owned by the caller; nodes must be freed before it. NULL and error: no descriptors left. */
ShoalLoop *shoal_loop_new (GError **error);
void shoal_loop_free (ShoalLoop *loop);
/* Nanoseconds of the monotonic clock. Any thread. */
ShoalTime shoal_loop_now (const ShoalLoop *loop);
/* Lets time pass in the calling thread, which must be the same each time, until `until` or until
 * shoal_loop_stop(). SHOAL_NEVER: until stopped. */
void shoal_loop_run (ShoalLoop *loop, ShoalTime until);
/* Makes the present or the next run return. Any thread. */
void shoal_loop_stop (ShoalLoop *loop);
/* Has call (data) called in the loop's thread, soon and in the order of posting. Any thread. What is posted
 * when the loop is freed is not called. */
void shoal_loop_post (ShoalLoop *loop, void (*call) (void *data), void *data);
