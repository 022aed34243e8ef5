/* The real world as a backend: every node of a scenario behind a proxy of its own, a UDP socket on 127.0.0.1,
 * in wall-clock time. All calls come from the thread that lets time pass. */
#pragma once

#include "src/backend.h"

#include <gio/gio.h>

typedef struct {
  uint64_t seed; /* of the machines' chance; what the network and the clock do is not repeatable */
} ShoalRealBackendOptions;

/* Owned by the caller: backend->ops->free(). NULL and error: no descriptors left. */
ShoalBackend *shoal_real_backend_new (const ShoalRealBackendOptions *options, GError **error);
