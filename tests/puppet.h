/* A peer played by hand: it speaks the protocol byte by byte, so that it can also break its rules. Its
 * network must not lose anything: it sends everything once. */
#pragma once

#include "src/wire.h"
#include "tests/pair.h"

#define PUPPET_LOG_MAX 4096u

typedef struct Puppet Puppet;
struct Puppet {
  PairWorld *w;
  unsigned self, other; /* node numbers */
  ShoalFid fid;
  uint32_t rx_cid, tx_cid; /* on datagrams to it, from it */
  uint16_t next, expected; /* chunks */
  bool has_cookie, up, gone;
  uint8_t cookie[SHOAL_COOKIE_BYTES];
  uint8_t refusal;      /* 0: none */
  uint32_t reset_cid;   /* of a RESET that came */
  unsigned counts[256]; /* messages that came, by type */
  unsigned datagrams;   /* that came */
  uint64_t data_bytes;  /* payload that came */
  size_t largest;       /* datagram that came */
  ShoalRequest requests[PUPPET_LOG_MAX];
  unsigned request_count;
  uint32_t progress[PUPPET_LOG_MAX]; /* numbers of blocks that it was told */
  unsigned progress_count;
  uint8_t goodbye; /* reason */

  /* Set to play a seeder: it serves the file, spoilt as it is told. */
  const PairFile *serves;
  bool spoil_data, spoil_proof, spoil_info, mute;
};

/* A new puppet node that will talk with `other` about this file. */
void puppet_init (Puppet *p, PairWorld *w, unsigned other, const ShoalFid *fid);
/* HELLO, COOKIE, HELLO, WELCOME. False: it was not let in. */
bool puppet_call (Puppet *p, uint8_t flags);
void puppet_hello (Puppet *p, uint8_t version, uint8_t flags, bool with_cookie);
/* Lets time pass and answers what comes: with acknowledgements, and when called or as a seeder, as is
 * due. */
void puppet_run (Puppet *p, ShoalTime until);
/* A message in a chunk of its own. */
void puppet_say (Puppet *p, uint8_t type, const void *body, size_t length);
void puppet_say_number (Puppet *p, uint8_t type, uint32_t number);
void puppet_request (Puppet *p, uint32_t block, uint16_t units, uint8_t levels);
void puppet_data (Puppet *p, const ShoalData *data, const uint8_t *payload, size_t length);
/* Bytes as they are, from its address. */
void puppet_raw (Puppet *p, const void *bytes, size_t length);
