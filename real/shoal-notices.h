/* Notices on their way from a node's thread to the main context where its
 * object emits signals. Nobody need run that context: what waits is bounded by
 * the number of files. */
#pragma once

#include "real/shoal-core.h"

typedef struct ShoalNotices ShoalNotices;

/* object: kept weakly. Signals are emitted in the thread-default main context
 * of the caller. */
ShoalNotices *shoal_notices_new (GObject *object);
void shoal_notices_unref (ShoalNotices *notices);
/* Any thread. */
void shoal_notices_add (ShoalNotices *notices, const ShoalNotice *notice);
