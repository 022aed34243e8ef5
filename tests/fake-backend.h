/* A world for tests of the runner: no protocol, no network. A download gets one block every
 * `block_ns` from the first node that holds the file, and waits while nobody does. What the runner
 * asks for is written down. */
#pragma once

#include "src/backend.h"

typedef struct {
  ShoalTime origin;       /* what now() says at first */
  bool never_closes;      /* closes are taken and never reported */
  bool forgets_time;      /* now() stays behind when nothing happens */
  bool refuses_nodes;     /* add_node() fails */
  bool done_before_block; /* the end of a download is told before its last block */
  bool gossips;           /* neighbours and chokes are told when a download begins */
  bool infallible;        /* it has no operations for faults */
  unsigned bad_blocks;    /* so many of each download are bad at first */
} FakeOptions;

/* Every block takes this long, whatever the rates. */
#define FAKE_BLOCK_NS (100 * SHOAL_MS)

/* Owned by the caller: ops->free(). */
ShoalBackend *fake_backend_new (const FakeOptions *options);
/* What was asked, a line each: "2.000 download B from -1". Borrowed. */
const char *fake_backend_calls (const ShoalBackend *backend);
