/* What works behind a node object: a thread with its event loop, a machine
 * behind its proxy. It outlives the object, which may be given up at any time
 * and in any thread: the core then leaves in the background. */
#pragma once

#include "real/node.h"
#include "real/shoal.h"

typedef struct ShoalCore ShoalCore;

/* What a kind of node adds. All but free in the core's thread. */
typedef struct {
  ShoalMachine *(*make_machine) (ShoalCore *core, const ShoalAddr *self);
  /* After a step. May be NULL. */
  void (*on_event) (ShoalCore *core, ShoalTime now, const ShoalEvent *event);
  /* The machine was told to close: it has forgotten everything. May be NULL. */
  void (*closing) (ShoalCore *core);
  /* A last look, before the machine is freed. May be NULL. */
  void (*leave) (ShoalCore *core);
  /* The core is freed, in any thread. May be NULL. */
  void (*free) (gpointer data);
} ShoalCoreOps;

typedef struct {
  const ShoalCoreOps *ops;
  gpointer data;     /* the kind's: taken over, also on failure: ops->free */
  ShoalUdp *udp;     /* taken over, also on failure; NULL: proxy */
  ShoalProxy *proxy; /* a reference is taken */
  uint64_t upload_bytes_per_s, download_bytes_per_s;
  GObject *object; /* emits the signals; kept weakly */
} ShoalCoreOptions;

/* At work from now on, with a reference of its own until it has left. Its
 * signals go to the thread-default main context of the caller. Owned by the
 * caller: shoal_core_unref(). NULL and error: no descriptors or threads left, …
 */
ShoalCore *shoal_core_new (const ShoalCoreOptions *options, GError **error);
/* Has it leave in the background. Never waits. */
void shoal_core_leave (ShoalCore *core);
/* Leaves, see shoal_node_close(). */
bool shoal_core_close (ShoalCore *core, GCancellable *cancellable, GError **error);
bool shoal_core_is_closing (ShoalCore *core);

ShoalCore *shoal_core_ref (ShoalCore *core);
void shoal_core_unref (ShoalCore *core);

/* Has call (core, data) called in the core's thread, and waits for it. False:
 * the core has ended, nothing was called. Not in the core's thread. */
bool shoal_core_call (ShoalCore *core, void (*call) (ShoalCore *core, gpointer data), gpointer data);
/* Likewise, without waiting: false: it will not be called. Any thread. */
bool shoal_core_post (ShoalCore *core, void (*call) (void *data), gpointer data);

gpointer shoal_core_data (const ShoalCore *core);
/* The lock of what callers wait for, and what they wait on. */
void shoal_core_lock (ShoalCore *core);
void shoal_core_unlock (ShoalCore *core);
void shoal_core_wait (ShoalCore *core);
void shoal_core_wake_all (ShoalCore *core);
/* Of a core that takes no calls any more: waits until all is over. Without the
 * lock. */
void shoal_core_wait_for_end (ShoalCore *core);

/* In the core's thread: time, the machine, and what must follow a command to
 * it. */
ShoalTime shoal_core_now (const ShoalCore *core);
ShoalMachine *shoal_core_machine (const ShoalCore *core);
void shoal_core_settle (ShoalCore *core);

/* Whether that was a change. Any thread. */
bool shoal_core_set_upload_rate (ShoalCore *core, uint64_t bytes_per_s);
bool shoal_core_set_download_rate (ShoalCore *core, uint64_t bytes_per_s);
void shoal_core_rates (ShoalCore *core, uint64_t *upload_bytes_per_s, uint64_t *download_bytes_per_s);
uint16_t shoal_core_port (const ShoalCore *core);
ShoalNodeStatus shoal_core_status (ShoalCore *core);
/* Owned by the caller; NULL: none. */
char *shoal_core_trouble (ShoalCore *core);

/* A seed for a machine's generator, from the operating system. */
uint64_t shoal_core_seed (void);
/* A name for a machine: more of the same, in hex. Owned by the caller. */
char *shoal_core_random_name (void);

/* ---- what the object tells ---- */

typedef enum {
  SHOAL_NOTICE_PROGRESS,     /* text: fid; a, b: held and all bytes */
  SHOAL_NOTICE_HASHING,      /* text: path; a, b: done and all bytes */
  SHOAL_NOTICE_STATE,        /* text: fid; a: ShoalFileState */
  SHOAL_NOTICE_FILE_CHANGED, /* text: fid; path; a: blocks */
} ShoalNoticeKind;

typedef struct {
  ShoalNoticeKind kind;
  const char *text, *path; /* copied; path may be NULL */
  uint64_t a, b;
} ShoalNotice;

/* Has the object emit a signal, in its main context. Of several of a kind and
 * text that nobody took yet, the newest counts. Any thread. */
void shoal_core_notify (ShoalCore *core, const ShoalNotice *notice);
