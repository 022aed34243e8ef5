/* A small world of whole step machines for fuzz targets: a tracker, peers with files, and strangers. The machines are
 * honest; what is on the network between them is the target's to deliver, change, repeat, lose and invent. After every
 * step of a machine it is checked that
 *
 *   - it can be asked for datagrams only so often, and its deadline is not in the past after a wake: no busy loop;
 *   - what it sends of a file is what the file holds, and so is every block that it says it got;
 *   - a stranger that has not proved its address gets no more bytes than it sent, calls (HELLO) apart;
 *   - what it reckons of its neighbours is so, and it keeps only so much for any of them;
 *   - it is silent once it is closed. */
#pragma once

#include "src/machine.h"
#include "src/peer.h"
#include "tests/fuzz/fuzz.h"

#define SWARM_NODES 4u /* node 0 is the tracker */
#define SWARM_FILES 3u /* the last one is empty */
#define SWARM_STRANGERS 2u
#define SWARM_FLYING_MAX 256u

typedef struct {
  ShoalFile file;
  ShoalMerkle *tree; /* NULL: empty file */
  uint8_t *bytes;
  size_t length;
} SwarmFile;

typedef struct {
  ShoalAddr from, to;
  size_t length;
  uint8_t *bytes; /* owned */
} SwarmDatagram;

/* Not a machine: the target speaks for it. */
typedef struct {
  ShoalAddr addr;
  uint64_t got_bytes, sent_bytes; /* of machines; by it */
  GArray *secrets;                /* of uint32_t: connection ids and beginnings of cookies that it was told */
  bool proved;                    /* it named something that only its address was told */
  bool has_cookie;                /* the newest COOKIE that came */
  uint8_t cookie[8];              /* of it */
  uint32_t
      tx_cid[SWARM_NODES];    /* to be put on datagrams to that node: its HELLO or WELCOME said so; 0: none */
  uint16_t next[SWARM_NODES]; /* chunk number to that node */
} SwarmStranger;

typedef struct Swarm Swarm;

typedef struct {
  Swarm *world;
  unsigned number;
  ShoalAddr addr;
  ShoalMachine *machine; /* owned */
  ShoalTime free_at;     /* of its uplink */
  uint64_t upload_bytes_per_s;
  bool closed, fail_writes, hash_later;
  GPtrArray *contents; /* of what it downloads, a reference each, the newest last */
} SwarmNode;

struct Swarm {
  ShoalTime now;
  SwarmNode nodes[SWARM_NODES];
  SwarmStranger strangers[SWARM_STRANGERS];
  GPtrArray *flying;  /* of SwarmDatagram, the oldest first */
  GPtrArray *hashing; /* of blocks that wait for their hash, the oldest first */
  unsigned lives;     /* machines made so far */
  unsigned variant;   /* of the peers' options */
};

/* The files are made once. */
const SwarmFile *swarm_file (unsigned file);

/* Looks inside a peer: figures that are kept up to date step by step are what counting anew gives, and what it keeps
 * is bounded. */
void swarm_check_peer (const ShoalMachine *peer);

/* Peers have joined; nobody has a file. variant: chooses the peers' options. */
Swarm *swarm_new (unsigned variant);
/* Checks what everybody holds once more. */
void swarm_free (Swarm *w);

/* Commands to a peer (1 .. SWARM_NODES - 1); what they answer is not looked at. */
void swarm_register (Swarm *w, unsigned node, unsigned file);
/* holders: bit i is node i, the lowest bits beyond the nodes are strangers. */
void swarm_download (Swarm *w, unsigned node, unsigned file, unsigned holders, ShoalTime limit_ns);
void swarm_cancel (Swarm *w, unsigned node, unsigned file);
void swarm_lose_block (Swarm *w, unsigned node, unsigned file, uint32_t block);
void swarm_set_rates (Swarm *w, unsigned node, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s);
void swarm_close (Swarm *w, unsigned node);
/* It vanishes without a word, and a new machine takes its address. */
void swarm_crash (Swarm *w, unsigned node);

/* Time goes on, and who is due is woken. */
void swarm_pass (Swarm *w, ShoalTime ns);
/* A wake that nobody asked for. */
void swarm_wake (Swarm *w, unsigned node);
/* The next thing happens: a datagram arrives, a hash is done, or else time goes on to the first deadline. */
void swarm_step (Swarm *w);
/* The i-th datagram on the network arrives; keep: and is still there. */
void swarm_deliver (Swarm *w, unsigned i, bool keep);
void swarm_drop (Swarm *w, unsigned i);
/* The i-th hash is done; readable false: the block could not be read. */
void swarm_hash (Swarm *w, unsigned i, bool readable);
/* Bytes from an address arrive at a node. */
void swarm_inject (Swarm *w, const ShoalAddr *from, unsigned node, const uint8_t *bytes, size_t length);
