/* A tiny world for tests of the core: a few step machines connected directly, over a network that can
 * be told to lose, repeat, delay, change and invent datagrams. Content is real bytes, and a datagram
 * arrives as it does from a socket: in one piece.
 *
 * Uplinks have a rate (they ask the machine when they are free); downlinks are infinitely fast. */
#pragma once

#include "src/link.h"
#include "src/machine.h"
#include "src/peer.h"
#include "src/random.h"

/* A file whose bytes are known to the test. */
typedef struct {
  ShoalFile file;
  ShoalMerkle *tree; /* owned; NULL: empty file */
  uint8_t *bytes;    /* owned */
  size_t length;
} PairFile;

/* A datagram on the network, or in a puppet's inbox. */
typedef struct {
  ShoalTime at; /* arrives, or arrived */
  uint64_t order;
  ShoalAddr from, to;
  int sender; /* node number; -1: invented by the test */
  size_t length;
  uint8_t *bytes; /* owned */
} PairDatagram;

typedef struct {
  ShoalTime at;
  ShoalEvent event;
} PairEvent;

typedef struct PairWorld PairWorld;

typedef struct {
  PairWorld *world;
  unsigned number;
  ShoalAddr addr;
  ShoalMachine *machine; /* owned; NULL: a puppet, or a node that is gone */
  ShoalLink uplink;
  bool uplink_busy, closed, fail_writes;
  GArray *events;      /* of PairEvent, all so far */
  GPtrArray *contents; /* of this node's downloads, one reference each */
  GQueue inbox;        /* of PairDatagram: a puppet's */
  uint64_t sent_bytes, sent_datagrams, payload_bytes;
} PairNode;

struct PairWorld {
  ShoalTime now;
  ShoalRandom random;
  GPtrArray *nodes; /* of PairNode */
  GQueue flying;    /* of PairDatagram, by time of arrival */
  uint64_t order;   /* datagrams so far */
  uint64_t seed;
  unsigned steps_now; /* at this very moment: a machine that wants to be woken for ever is found out */

  /* How bad the network is. */
  unsigned loss_permille, duplicate_permille;
  ShoalTime latency_ns, jitter_ns;
  /* Sees each datagram as it leaves, and may change its bytes. False: it is lost. May be NULL. */
  bool (*on_sent) (void *context, PairDatagram *datagram);
  void *context;
};

typedef struct {
  int tracker; /* node number; -1: none */
  uint64_t upload_bytes_per_s;
  uint32_t max_datagram_bytes, max_neighbours;
} PairPeerOptions;

PairFile *pair_file_new (const char *name, size_t length, uint64_t seed);
void pair_file_free (PairFile *file);
/* A content with these bytes (copied), not tied to a node. NULL: zeros. */
ShoalContent *pair_content_new (const uint8_t *bytes, size_t length);

PairWorld *pair_world_new (uint64_t seed);
void pair_world_free (PairWorld *w);
/* Nodes are numbered 0, 1, …; each gets an address of its own. */
unsigned pair_add_tracker (PairWorld *w);
unsigned pair_add_peer (PairWorld *w, const char *name, const PairPeerOptions *options);
/* Takes the machine over. */
unsigned pair_add_machine (PairWorld *w, ShoalMachine *machine, uint64_t upload_bytes_per_s);
/* A node without a machine: what comes for it stays in its inbox. */
unsigned pair_add_puppet (PairWorld *w);
/* Peers with tracker as node 0, without rates' limit; as node 1, 2, …; joined. */
void pair_add_peers (PairWorld *w, unsigned count, uint64_t upload_bytes_per_s);
/* The node vanishes without a word, and another machine takes its address. NULL: nobody does. */
void pair_replace (PairWorld *w, unsigned node, ShoalMachine *machine);
PairNode *pair_node (const PairWorld *w, unsigned node);
/* Options for a peer as node number `node`. */
ShoalPeerOptions pair_options (const PairWorld *w, unsigned node, const char *name, const PairPeerOptions *o);

ShoalResult pair_register (PairWorld *w, unsigned node, const PairFile *file);
/* holder: node number; -1: ask the tracker. */
ShoalResult pair_download (PairWorld *w, unsigned node, const PairFile *file, int holder, ShoalTime limit_ns);
ShoalResult pair_cancel (PairWorld *w, unsigned node, const PairFile *file);
void pair_close (PairWorld *w, unsigned node);

/* Lets time pass up to and including `until`. */
void pair_run (PairWorld *w, ShoalTime until);
/* … until every one of `count` nodes from `first` on has reported the file done, or `until`. */
bool pair_run_done (PairWorld *w, unsigned first, unsigned count, const PairFile *file, ShoalTime until);
/* Puts a datagram on the network, there at once. Bytes are copied. */
void pair_inject (PairWorld *w, const ShoalAddr *from, unsigned to, const void *bytes, size_t length);
/* Oldest of a puppet's inbox, the caller's: pair_datagram_free(). NULL: empty. */
PairDatagram *pair_take (PairWorld *w, unsigned puppet);
void pair_datagram_free (PairDatagram *datagram);

/* How often the node reported this; fid NULL: for any file. */
unsigned pair_count (const PairWorld *w, unsigned node, ShoalEventKind kind, const ShoalFid *fid);
/* The last such event, or NULL. */
const PairEvent *pair_last (const PairWorld *w, unsigned node, ShoalEventKind kind);
/* The node's newest download of this file holds the right bytes. */
bool pair_right (const PairWorld *w, unsigned node, const PairFile *file);
/* Bytes of the file that came to `node` from `source`. */
uint64_t pair_got_from (const PairWorld *w, unsigned node, const PairFile *file, unsigned source);
/* Neighbours that a peer keeps anything for, those it is calling too, over all its files. */
unsigned pair_neighbours (const PairWorld *w, unsigned node);
