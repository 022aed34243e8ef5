/* What the commands that keep a node running share: a main loop, Ctrl-C, a line that tells how it goes, events as
 * JSON, the answer to `shoal status`, and a clean end. */
#pragma once

#include "cli/cli.h"
#include "real/shoal.h"
#include "results/json-fields.h"

typedef struct ShoalServing ShoalServing;

typedef struct {
  const char *command; /* "share" */
  bool is_json, is_quiet;
  /* How it goes, for the line. NULL: nothing to tell. Freed after use. */
  char *(*describe) (void *context);
  void (*on_tick) (
      void *context); /* ten times a second, once while it only serves; when there is a node; may be NULL */
  /* Adds what the command knows to the answer to `shoal status`, and to "status" events. */
  void (*add_status) (void *context, JsonBuilder *b);
  void *context;
} ShoalServingOptions;

/* Catches Ctrl-C from now on. Owned by the caller. */
ShoalServing *shoal_serving_new (const ShoalServingOptions *options);
/* The node that it is about, from now on told of by `shoal status`. A reference is taken. */
void shoal_serving_set_node (ShoalServing *serving, gpointer node);
/* Serves until shoal_serving_end() or a signal, then closes the node, which takes 3 seconds at most. Returns what
 * shoal_serving_end() was given, or for a signal SHOAL_EXIT_DONE, or after shoal_serving_set_pending() the
 * status of a program that was interrupted. */
int shoal_serving_run (ShoalServing *serving);
void shoal_serving_end (ShoalServing *serving, int status);
/* Something asynchronous begins, and has called back: the end waits for that. */
void shoal_serving_enter (ShoalServing *serving);
void shoal_serving_leave (ShoalServing *serving);
/* Whether there is something to be done yet that a signal breaks off. */
void shoal_serving_set_pending (ShoalServing *serving, bool is_pending);
/* Cancelled when it ends. */
GCancellable *shoal_serving_cancellable (ShoalServing *serving);
/* Whether it is ending: what fails now fails for that. */
bool shoal_serving_is_ending (const ShoalServing *serving);
void shoal_serving_free (ShoalServing *serving);

/* Bytes per second through the node's proxy in the last seconds. */
double shoal_serving_sending (const ShoalServing *serving);
double shoal_serving_receiving (const ShoalServing *serving);
double shoal_serving_seconds (const ShoalServing *serving); /* since the node was set */

/* Says something on stderr, unless it is to be quiet. */
void shoal_serving_say (ShoalServing *serving, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Data on stdout, at once; unless it is JSON that is wanted. */
void shoal_serving_print (ShoalServing *serving, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Begins an event; fields are added, and shoal_serving_emit() prints it, when JSON is wanted. */
JsonBuilder *shoal_serving_event (const char *name);
void shoal_serving_emit (ShoalServing *serving, JsonBuilder *event);
/* Tells an error: on stderr, and as an event "failed" with path (may be NULL). Returns the exit status. */
int shoal_serving_fail (ShoalServing *serving, const char *path, const GError *error);
/* A file as JSON fields of the object that is being built. */
void shoal_serving_add_file (JsonBuilder *b, const ShoalFileStatus *file);
