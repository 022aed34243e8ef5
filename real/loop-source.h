/* What lives in an event loop: something with a descriptor and a deadline. Inside real/ only. */
#pragma once

#include "real/loop.h"

typedef struct ShoalLoopSource ShoalLoopSource;

/* The descriptor is ready (events of epoll), or the deadline has come (events 0); it is SHOAL_NEVER now. */
typedef void (*ShoalLoopTurn) (ShoalLoopSource *source, uint32_t events);

/* The caller's; first member of what it stands for. Fields are the loop's. */
struct ShoalLoopSource {
  ShoalLoopTurn turn;
  ShoalTime deadline;
  unsigned place; /* in the heap of deadlines */
};

/* All in the loop's thread, also in a turn, of this source or another one. */
void shoal_loop_add (ShoalLoop *loop, ShoalLoopSource *source, ShoalLoopTurn turn);
/* fd: must not be watched any more. */
void shoal_loop_remove (ShoalLoop *loop, ShoalLoopSource *source);
/* Watches a descriptor for these events of epoll (level-triggered) in the source's name; 0: no more.
 * was: the events so far. False: the kernel refuses. */
bool shoal_loop_watch (ShoalLoop *loop, ShoalLoopSource *source, int fd, uint32_t was, uint32_t events);
/* A turn at this time; it replaces an earlier wish. */
void shoal_loop_set_deadline (ShoalLoop *loop, ShoalLoopSource *source, ShoalTime at);

/* Steps do not nest: an event handler may command any node, and those wait until the handler is through.
 * False: a step is going on. */
bool shoal_loop_enter_step (ShoalLoop *loop);
void shoal_loop_leave_step (ShoalLoop *loop);

/* When the loop was made. */
ShoalTime shoal_loop_origin (const ShoalLoop *loop);
/* Takes back what was posted with this data. Any thread. */
void shoal_loop_unpost (ShoalLoop *loop, const void *data);
