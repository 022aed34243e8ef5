/* A machine for tests of what drives machines: it gives datagrams of one size as fast as it is asked, counts
 * what comes, and reports the events that it is told to. */
#pragma once

#include "src/machine.h"

typedef struct Hose Hose;
struct Hose {
  ShoalMachine machine;  /* first */
  ShoalAddr to;          /* of what it gives */
  size_t size;           /* at least 8: each begins with its number */
  uint64_t left;         /* to give */
  ShoalContent *content; /* borrowed; all but 8 bytes of a datagram are its payload; NULL: of the head */
  ShoalContent zeros;    /* the content of those that are larger than a head can be */
  uint64_t given, got, got_bytes;
  uint64_t out_of_order; /* came with another number than the next */
  ShoalTime last_given_at, last_got_at;
  ShoalTime alarm; /* deadline; each wake adds alarm_every_ns */
  ShoalTime alarm_every_ns;
  unsigned wakes;
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* as told */
  unsigned events;                                   /* to report */
  bool closed, told_closed;
  bool echo; /* each datagram that comes is one more to give, to its sender */
  /* May be NULL. */
  void (*on_receive) (void *context, Hose *hose, ShoalTime now, const ShoalInput *input);
  void *context;
};

/* Owned by the caller, or whom it is given to. */
Hose *hose_new (const ShoalAddr *to, size_t size, uint64_t count);
#define HOSE_ENDLESS UINT64_MAX
