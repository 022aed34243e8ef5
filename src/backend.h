/* What the runner needs of a world in which nodes live: the virtual one (sim/) or the real one
 * (real/). Nodes are numbered 0, 1, … in the order in which they are added. Calls come from one
 * thread. */
#pragma once

#include "src/machine.h"
#include "src/peer.h"

typedef struct ShoalBackend ShoalBackend;

typedef enum {
  SHOAL_ROLE_TRACKER,
  SHOAL_ROLE_PEER,
  SHOAL_ROLE_SERVER,
  SHOAL_ROLE_CLIENT,
} ShoalRole;

/* How a peer keeps to the rules. */
typedef enum {
  SHOAL_BEHAVIOUR_HONEST = 0,
  SHOAL_BEHAVIOUR_FREE_RIDER, /* never uploads */
  SHOAL_BEHAVIOUR_POLLUTER,   /* sends bad blocks */
  SHOAL_BEHAVIOUR_LIAR,       /* invites and promises, and sends no data: claims what it lacks */
  SHOAL_BEHAVIOUR_FLOODER,    /* asks its neighbours for far more than it was invited to */
  SHOAL_BEHAVIOUR_UNDERSTATER /* says that it has fewer blocks than it has, to be invited before others */
} ShoalBehaviour;

typedef struct {
  const char *name; /* copied */
  ShoalRole role;
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* 0: unlimited */
  int tracker;                                       /* node number of its tracker; -1: none */
  ShoalService service;                              /* servers */
  ShoalStrategyOptions serving;                      /* peers */
  ShoalBehaviour behaviour; /* of peers; a world that cannot do it refuses the node */
  uint32_t bad_millionths;  /* polluters: share of parts of blocks that are bad */
  bool tells_waits;         /* its downloads report what they wait for */
} ShoalNodeSpec;

/* A file of a scenario, as nodes register it. Made once, shared by all nodes of a run. */
typedef struct {
  char *name;            /* the scenario's name for it */
  ShoalFile file;        /* dictionary and fid */
  ShoalMerkle *tree;     /* whole; NULL for an empty file; structural for virtual content */
  uint64_t content_seed; /* bytes come from shoal_seeded_bytes(); unused with bytes */
  GBytes *bytes;         /* of a real file, mapped; NULL: seeded content */
} ShoalSharedFile;

typedef struct {
  uint64_t sent_bytes, received_bytes, sent_datagrams, received_datagrams;
  ShoalMachineCounters machine;
} ShoalNodeStats;

/* What a stretch of the network does to datagrams. */
typedef enum {
  SHOAL_IMPAIR_LATENCY, /* ns: every datagram takes so long */
  SHOAL_IMPAIR_JITTER,  /* ns: and up to so much longer, uniformly; by itself it never reorders */
  /* Millionths, of each datagram by itself: */
  SHOAL_IMPAIR_LOSS,
  SHOAL_IMPAIR_DUPLICATION, /* it comes twice */
  SHOAL_IMPAIR_CORRUPTION,  /* one of its bytes is changed */
  SHOAL_IMPAIR_REORDERING,  /* it is held back, and others overtake it */
  SHOAL_IMPAIR_HOLD,        /* ns: how long what is reordered is held back */
  SHOAL_IMPAIRMENTS,
} ShoalImpairment;

typedef struct {
  unsigned given;                   /* bit of each key that is said; the others leave things as they are */
  int64_t value[SHOAL_IMPAIRMENTS]; /* meaningless where not given */
} ShoalImpairments;

/* Datagrams from each of some nodes to each of others. */
typedef struct {
  const unsigned *from, *to; /* borrowed for the call */
  unsigned from_count, to_count;
  ShoalImpairments impairments;
} ShoalLinkChange;

/* Something a machine reported. */
typedef void (*ShoalEventHandler) (void *context, ShoalTime now, unsigned node, const ShoalEvent *event);
/* Bytes through a node's proxy in one span of time. */
typedef void (*ShoalSampleHandler) (void *context, unsigned node, ShoalTime start, ShoalTime length,
                                    uint64_t sent_bytes, uint64_t received_bytes);

typedef struct {
  const char *name; /* "sim", "real" */
  /* Creates the node's proxy and machine; it is silent until start. Returns its number; -1 and
   * error when it could not be made. */
  int (*add_node) (ShoalBackend *b, const ShoalNodeSpec *spec, GError **error);
  /* The node appears on the network (a peer contacts its tracker). */
  void (*start) (ShoalBackend *b, unsigned node);
  ShoalResult (*register_file) (ShoalBackend *b, unsigned node, const ShoalSharedFile *file);
  /* holder: node number to get it from (server-client model); -1: ask the tracker.
   * time_limit_ns: 0: none. */
  ShoalResult (*download) (ShoalBackend *b, unsigned node, const ShoalSharedFile *file, int holder,
                           ShoalTime time_limit_ns);
  ShoalResult (*cancel) (ShoalBackend *b, unsigned node, const ShoalSharedFile *file);
  void (*close) (ShoalBackend *b, unsigned node);
  void (*set_rates) (ShoalBackend *b, unsigned node, uint64_t upload_bytes_per_s,
                     uint64_t download_bytes_per_s);
  /* Sources of a download: as shoal_peer_sources(), with node numbers by node_of(). */
  unsigned (*sources) (ShoalBackend *b, unsigned node, const ShoalFid *fid, const ShoalSource **sources);
  /* Node number of an address; -1: none. */
  int (*node_of) (ShoalBackend *b, const ShoalAddr *addr);
  void (*stats) (ShoalBackend *b, unsigned node, ShoalNodeStats *out);
  ShoalTime (*now) (ShoalBackend *b);
  /* Lets time pass: handles what happens, calling the event handler, until `until` (inclusive) or
   * until stop() was called. Returns false when nothing can happen any more before `until`. */
  bool (*run) (ShoalBackend *b, ShoalTime until);
  /* Makes run() return after the present step; for event handlers. */
  void (*stop) (ShoalBackend *b);
  uint64_t (*steps) (ShoalBackend *b); /* events handled so far */
  void (*for_each_sample) (ShoalBackend *b, ShoalSampleHandler handler, void *context);
  /* Finishes the trace; hex: 64 digits and NUL. False: this world has none. */
  bool (*trace_digest) (ShoalBackend *b, char hex[65]);
  void (*free) (ShoalBackend *b);

  /* ---- faults; NULL where a world cannot do it ---- */
  /* What happens to datagrams between each two nodes, from now on. */
  void (*set_network) (ShoalBackend *b, const ShoalImpairments *impairments);
  /* On the node's own line, for all that it sends and gets, besides what the network does. */
  void (*set_line) (ShoalBackend *b, unsigned node, const ShoalImpairments *impairments);
  /* What is given here holds between these nodes, in this direction, in place of the network's. */
  void (*set_link) (ShoalBackend *b, const ShoalLinkChange *link);
  /* Nodes of different sides cannot reach each other; side 0 reaches all. */
  void (*set_side) (ShoalBackend *b, unsigned node, unsigned side);
  /* The node is gone from the network at once, and what it was sending and receiving with it. Not inside an
   * event handler. */
  void (*crash) (ShoalBackend *b, unsigned node);
  /* After crash or close: a new machine at the same address, which appears on the network. Files are not
   * registered again; of blocks that it held, downloads find this share (millionths) again. Not inside an
   * event handler. */
  void (*restart) (ShoalBackend *b, unsigned node, uint32_t kept_millionths);
} ShoalBackendOps;

/* First member of every backend. */
struct ShoalBackend {
  const ShoalBackendOps *ops;
  ShoalEventHandler on_event; /* set by the runner before the first run */
  void *context;
};
