/* A caller who waits for a file. */
#pragma once

#include "real/shoal-files.h"

typedef struct {
  ShoalCore *core;
  const char *fid;
  const char *path; /* NULL: into memory */
  ShoalDownloadFlags flags;
  unsigned timeout_ms;       /* 0: no limit */
  GCancellable *cancellable; /* may be NULL */
} ShoalGetOptions;

struct ShoalGet {
  gatomicrefcount refs;
  ShoalCore *core; /* a reference */
  ShoalFid fid;
  char *path; /* owned; absolute; NULL: into memory */
  ShoalDownloadFlags flags;
  unsigned timeout_ms;
  GCancellable *cancellable; /* a reference; may be NULL */
  gulong cancellable_id;
  GTask *task;    /* a reference until it is delivered; NULL: the caller waits */
  bool cancelled; /* before it was begun; in the core's thread */
  bool begun;     /* likewise */
  /* With the core's lock until settled, then the caller's: */
  bool settled;
  GError *error; /* owned */
  ShoalHeld held;
};

/* Downloads and waits. GBytes, or the path. Owned by the caller. */
gpointer shoal_get_wait (const ShoalGetOptions *options, GError **error);
/* Downloads; the task gets the same, or an error. */
void shoal_get_async (const ShoalGetOptions *options, GTask *task);

/* ---- in the core's thread ---- */

void shoal_get_unref (ShoalGet *get);
/* Ends the waiting. held is taken over and cleared; error is copied; one of
 * them is NULL. */
void shoal_get_settle (ShoalGet *get, ShoalHeld *held, const GError *error);
/* Where it wants a file with this name to be. Owned by the caller; NULL: in
 * memory. */
char *shoal_get_place (const ShoalGet *get, const char *name);
