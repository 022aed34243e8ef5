/* What puppets hear of each block from the one node of their world that sends anything: read off the wire, and told as
 * a word for each block. And what they say to it. */
#pragma once

#include "tests/puppet.h"

#define HEARD_PUPPETS_MAX 4u
#define HEARD_BLOCKS_MAX 16u

typedef struct {
  uint16_t chunks; /* that came */
  uint32_t bytes[HEARD_BLOCKS_MAX];
  char story[HEARD_BLOCKS_MAX][32];
} HeardByOne;

typedef struct {
  const PairWorld *w;
  const PairFile *file;
  Puppet *const *puppets;
  unsigned count;
  HeardByOne by[HEARD_PUPPETS_MAX];
} Heard;

/* Sees all that is sent in this world from now on. The puppets may get their numbers later. Data must be the file's. */
void heard_listen (Heard *heard, PairWorld *w, const PairFile *file, Puppet *const *puppets, unsigned count);
/* What this one was told of a block, in order: Soon, Have, Lost, Reject, reQuest, Cancel; d: the first part of its
 * data, D: the last. */
const char *heard_story (const Heard *heard, const Puppet *p, uint32_t block);
/* The puppet sends what it was asked for last of this block; of a whole number of units. */
void heard_serve (const Heard *heard, Puppet *p, uint32_t block, bool spoil);
