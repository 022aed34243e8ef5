/* What the kinds of nodes share: construction, rates, closing. */
#pragma once

#include "real/shoal-core.h"

/* What a kind of node does when it is made; its class has a pointer to one
 * (ShoalNodeClass.role). */
typedef struct {
  /* In the caller's thread: fills in ops and data. May take long (names are looked up). False and error: it
   * cannot be made. */
  bool (*prepare) (ShoalNode *node, ShoalCoreOptions *options, GCancellable *cancellable, GError **error);
} ShoalNodeRole;

/* NULL before it is made, and when it could not be. */
ShoalCore *shoal_node_core (ShoalNode *node);
/* The core, or an error that says that there is none. */
ShoalCore *shoal_node_open_core (ShoalNode *node, GError **error);
/* Sets SHOAL_ERROR_CLOSED. */
void shoal_set_closed_error (GError **error);
