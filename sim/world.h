/* The virtual world: a backend in which time is a number and the network is a model. */
#pragma once

#include "src/backend.h"

#include <stdio.h>

struct ShoalWatch; /* sim/watch.h */

typedef struct {
  uint64_t seed;
  bool real_content;        /* carry and hash real bytes; default: virtual content */
  FILE *trace;              /* borrowed; text of every event, one a line; NULL: only the digest */
  struct ShoalWatch *watch; /* borrowed, must outlive the world's runs; NULL: nobody looks on */
} ShoalWorldOptions;

/* Owned by the caller: backend->ops->free(). */
ShoalBackend *shoal_world_new (const ShoalWorldOptions *options);
