/* A small world in which things go wrong, for tests of it: a tracker and three peers, of which the first has a
 * file that the others want. What became of each datagram is read from the trace. */
#pragma once

#include "src/backend.h"

#define FAULTY_ALL 1000000u /* millionths */

enum {
  TRACKER,
  A, /* holds the file */
  B,
  C,
  NODES
};

typedef struct {
  uint64_t rate_bytes_per_s;        /* of all lines; set before; 0: unlimited */
  ShoalBehaviour behaviours[NODES]; /* set before */
  ShoalBackend *world;
  ShoalSharedFile shared;
  char *text; /* of the trace so far, after faulty_run() */
} Faulty;

extern Faulty faulty;

/* Fixtures. */
void faulty_set_up (void);
void faulty_tear_down (void);

void faulty_make (uint64_t seed, bool real);
void faulty_free (void);
/* Everybody joins. */
void faulty_join (void);
/* Lets time pass until then. */
void faulty_run (ShoalTime until);
/* Everybody joins, A offers the file, B and C want it a second later. */
void faulty_play (ShoalTime until);
void faulty_download (unsigned node);
/* Whether its download is done. */
bool faulty_done (unsigned node);

ShoalImpairments faulty_with (ShoalImpairment key, int64_t value);
void faulty_set_network (ShoalImpairment key, int64_t value);
/* One way. */
void faulty_set_link (unsigned from, unsigned to, ShoalImpairment key, int64_t value);

typedef struct {
  ShoalTime at;
  unsigned node;
  char what[32];
  int peer;
  uint64_t value;
} FaultyLine;

/* Next line of the trace; false at its end. */
bool faulty_read_line (const char **at, FaultyLine *out);

/* What became of all datagrams from one node to another; -1: any. */
typedef struct {
  unsigned sent, delivered, dropped;
  ShoalTime first; /* delivery */
} Fate;

Fate faulty_fate (int from, int to, ShoalTime since, ShoalTime until);
void faulty_assert_share (uint64_t part, uint64_t all, double low, double high);

/* Sum over all nodes of one of the machines' counters. */
#define FAULTY_SUM(counter) faulty_sum (offsetof (ShoalMachineCounters, counter))
uint64_t faulty_sum (size_t offset);
