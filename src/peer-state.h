/* What a peer knows: of its files, of its neighbours, of blocks on their way. Not for use outside src/. */
#pragma once

#include "src/announcer.h"
#include "src/bitmap.h"
#include "src/channel.h"
#include "src/peer.h"
#include "src/random.h"
#include "src/wire.h"

typedef struct ShoalPeer ShoalPeer;
typedef struct ShoalSwarm ShoalSwarm;
typedef struct ShoalNeighbour ShoalNeighbour;
typedef struct ShoalPartial ShoalPartial;

#define SHOAL_UNITS_ALL 0xffffu
#define SHOAL_LOG_STRUCK_OUT UINT32_MAX
/* Neighbours that a node can have at the same time, over all its files: 16,384. */
#define SHOAL_SLOT_BITS 14u
#define SHOAL_SLOT_MASK ((1u << SHOAL_SLOT_BITS) - 1)

typedef enum {
  SHOAL_NEIGHBOUR_CALLING, /* HELLO is out */
  SHOAL_NEIGHBOUR_UP,
  SHOAL_NEIGHBOUR_GONE, /* being freed */
} ShoalNeighbourState;

typedef enum {
  SHOAL_DOWN_SILENT = 1, /* no answer for too long */
  SHOAL_DOWN_GOODBYE,    /* it left */
  SHOAL_DOWN_RESET,      /* it does not know us any more */
  SHOAL_DOWN_REFUSED,
  SHOAL_DOWN_BAD_DATA,
  SHOAL_DOWN_PROTOCOL, /* broke the rules */
  SHOAL_DOWN_OURS,     /* we left */
  SHOAL_DOWN_USELESS,  /* both hold everything, or another takes its place */
} ShoalDownReason;

/* How much may be outstanding at one neighbour, as the path to it takes it. */
typedef struct {
  uint64_t window_bytes;
  bool starting;                    /* nothing slowed it down yet: it doubles in a round trip */
  bool full;                        /* a credit waits for room in it */
  uint32_t base_us, base_before_us; /* smallest difference of the clocks, of this and the last minute */
  ShoalTime base_at;                /* when this minute began; SHOAL_NEVER: nothing seen yet */
  ShoalTime cut_at;
} ShoalPath;

/* What every step looks at stands first: with thousands of nodes in one process, the cost of a step is
 * the number of cache lines that it touches. */
struct ShoalNeighbour {
  ShoalSwarm *swarm; /* borrowed */
  ShoalNeighbourState state;
  uint32_t order; /* in which neighbours appeared at this node: breaks ties */

  /* What each knows of the other. */
  ShoalBitmap have;  /* its blocks, as far as we know, and those that it will have soon */
  ShoalBitmap soon;  /* of these, those that it will have soon */
  uint32_t useful;   /* blocks it has and we lack */
  uint32_t wanting;  /* blocks we have, or will have soon, and it lacks */
  uint32_t told;     /* how much of the swarm's log it was told of */
  uint32_t progress; /* blocks that it says it has: many more than we know of, as it does not tell of ours */
  uint32_t told_progress; /* the same of ours, that it was told */
  bool dirty;             /* in the peer's queue of those with something to send now */
  bool hello_due;         /* that something is a HELLO */
  bool needs_info;        /* it waits for the dictionary */
  bool interested;        /* it is downloading */
  bool choked, choked_by;
  ShoalTime told_at;

  /* Sending side. */
  uint32_t credits_out;   /* given, not used yet */
  uint32_t credit_limit;  /* most that it is promised at a time; follows what it uses */
  uint32_t strays;        /* requests without a credit that are still allowed */
  ShoalTime stray_at;     /* when one more was allowed */
  uint32_t queued;        /* its requests in the upload queue */
  bool credits_stale;     /* too old to be counted on */
  uint32_t promised;      /* the block that we suggested to it; UINT32_MAX: none */
  ShoalTime credit_at;    /* of the last one */
  ShoalTime served_at;    /* when a credit or block was last given */
  bool lags;              /* it was among the candidates that have least */
  uint32_t credit_number; /* of the peer's credits, the last that it had; or those before it came */

  /* Receiving side. */
  uint32_t credits_held;      /* given to us, not used yet */
  uint32_t suggested;         /* the block it would rather send; UINT32_MAX: none */
  GQueue asked;               /* of ShoalPartial, asked of it, oldest first */
  uint64_t outstanding_bytes; /* of these, not here yet */
  unsigned failures;          /* times in a row that it left requests unanswered */
  ShoalTime waiting_since;    /* for data: when some last came, or it was first asked; 0: it owes none */
  uint32_t incomplete;        /* of these, it says it sent all, and something is missing */
  ShoalTime took_ns;          /* smoothed time from a request to its block; 0: not known */
  bool in_held;               /* in download.held: has credits, and something may be asked for them */
  GList held_link;
  ShoalPath path;

  /* Session. */
  ShoalTime heard_at, spoke_at;
  uint32_t rx_cid, tx_cid; /* on datagrams to us, to it */
  ShoalAddr addr;
  uint32_t path_bytes; /* largest datagram that the path takes; 0: no limit but the protocol's */
  uint32_t source;     /* index into the swarm's sources; UINT32_MAX: none yet */
  uint64_t sent_before, received_before;         /* the same at the last turn */
  uint64_t gives_bytes_per_s, takes_bytes_per_s; /* smoothed */
  uint64_t gave_bytes_per_s;                     /* in the last turn alone */
  uint32_t met_turn, served_turn; /* the swarm's turn when it was met, and when it was served last */
  bool on_trial;
  GArray *lent;           /* of uint32_t: blocks that it had from us, and nobody has passed on; NULL: none */
  uint32_t passed_blocks; /* that were passed on */
  uint32_t kept_blocks;   /* that were given to others instead, so far as it is not forgiven */
  uint64_t sent_bytes, received_bytes; /* payload, and such of it as was new */
  ShoalChannel channel;

  /* Handshake. */
  bool has_cookie;
  uint8_t cookie[SHOAL_COOKIE_BYTES];
  uint8_t hellos;
  ShoalTime hello_at;
};

/* lending.c; NULL: not tracked, or nothing happened yet. */
typedef struct ShoalLending ShoalLending;

/* A block on its way to us. */
struct ShoalPartial {
  ShoalSwarm *swarm;
  uint32_t block;
  uint16_t wanted, got; /* units of the block; units that are here */
  bool hashing;         /* in the swarm's queue of these: neither asked for nor open */
  uint16_t asked;       /* units asked of `from` and not here yet */
  uint32_t before_cid;  /* rx_cid of who was asked before; 0: nobody */
  ShoalNeighbour *from; /* NULL: nobody is asked at present */
  uint32_t source;      /* index of the only source so far; UINT32_MAX: none */
  bool mixed;           /* parts came from several sources */
  bool is_test;     /* it was bad, and nobody knows whose fault it was: all of it comes from one source now */
  bool lost;        /* `from` says all was sent */
  bool is_soon;     /* `from` did not have it either when it was asked */
  uint8_t moves;    /* times that it went from one who was slow to another */
  uint16_t corrupt; /* virtual content: units that the network spoilt */
  uint8_t levels;   /* of the proof that is here */
  uint8_t good_levels; /* of these, that the network did not spoil (virtual content) */
  bool proof_here;
  uint8_t *proof; /* owned; NULL for structural trees */
  ShoalTime asked_at, lost_at;
  ShoalTime since, first_at; /* when it was first asked for; when a part of it came; SHOAL_NEVER: not yet */
  GList link;                /* in from->asked, or the swarm's orphans */
};

/* An address where there may be a peer of this swarm. */
typedef struct {
  ShoalAddr addr;
  ShoalTime next_try;
  uint8_t tries;
  uint32_t met_turn; /* of the swarm, when it became a neighbour first; UINT32_MAX: never did */
  uint8_t offences;  /* times that it sent bad data */
} ShoalCandidate;

/* What a download waits for. What was told stands until it is told otherwise; what is expected may still turn out
 * to be our own downlink's doing (waiting.c). */
typedef struct {
  ShoalCause told, expected;
  ShoalAddr told_peer;
  ShoalTime judged_to; /* since then, it waits for what is expected */
  ShoalTime busy_ns;   /* the downlink's down.busy_ns at that time */
} ShoalWaiting;

struct ShoalSwarm {
  ShoalPeer *peer;
  bool has_info;
  bool registered;  /* offered by this node, not downloaded */
  bool downloading; /* wants blocks */
  bool complete;
  bool first_byte_seen;
  bool failing;          /* storage failed: ends at the next step */
  ShoalContent *content; /* owned */
  ShoalMerkle *tree;     /* owned reference; NULL: empty file or not known yet */
  uint32_t blocks;
  ShoalBitmap have;       /* verified and held */
  ShoalBitmap taken;      /* held, or in progress and asked of somebody */
  ShoalBitmap soon;       /* not held, and told of all the same */
  uint16_t *availability; /* per block: neighbours that have it */
  uint16_t *given;        /* per block: how often it was promised or sent */
  uint32_t *log; /* news in the order in which it came: blocks that we got, or will get soon; or struck out */
  uint32_t log_length;
  GHashTable *partials;       /* block → ShoalPartial, owned; looked up only */
  GQueue orphans;             /* partials that nobody is asked for */
  GQueue hashing;             /* partials that are here and being hashed */
  uint64_t outstanding_bytes; /* asked of somebody and not here yet */
  ShoalWaiting waiting;
  GPtrArray *neighbours; /* of ShoalNeighbour, in order of appearance */
  GArray *candidates;    /* of ShoalCandidate */
  GArray *sources;       /* of ShoalSource */
  ShoalDownloadOptions options;
  ShoalTime give_up_at;    /* SHOAL_NEVER: no time limit */
  ShoalTime more_peers_at; /* when to ask the tracker for more */
  unsigned asked_more;     /* times in a row */
  bool reached_holder;
  bool refused;          /* somebody who was called had no place for us */
  ShoalLending *lending; /* owned */
  uint32_t turn;         /* of choking, so far */
  uint32_t spare;        /* trials beyond the usual one, as the uplink was not busy */
  uint64_t sent_before;  /* by the peer, at the last turn */
  ShoalTime turn_at;     /* when it was */
  ShoalTime plead_at;    /* not before this, interest is said again */
  ShoalTime exchange_at; /* not before this, a useless neighbour makes room for another */
  ShoalFile file;        /* fid always; the rest once has_info; last, being large */
};

/* A request that waits for the uplink. */
typedef struct {
  GList link; /* in up.queue */
  ShoalNeighbour *to;
  uint32_t block;
  uint16_t units;         /* still to be sent */
  bool to_end;            /* the end of the block was asked for */
  uint8_t levels;         /* hashes to go with the first part */
  bool started;           /* some parts are out: it is finished before others begin */
  bool waits;             /* for the block, which is not here yet */
  uint32_t credit_number; /* credits made when it could first be served */
  bool is_untold;         /* when the block came, that was not told: the data would say it */
} ShoalUpload;

#define SHOAL_RAW_MAX 64u /* replies to strangers that may wait */
#define SHOAL_RAW_BYTES 24u

/* A datagram outside any session, waiting for the uplink. */
typedef struct {
  ShoalAddr to;
  uint8_t length;
  uint8_t bytes[SHOAL_RAW_BYTES];
} ShoalRaw;

/* What every step looks at stands first, as in ShoalNeighbour. */
struct ShoalPeer {
  ShoalMachine machine;
  GPtrArray *swarms; /* of ShoalSwarm, owned, in order of creation */
  GPtrArray *slots;  /* of ShoalNeighbour or NULL, by the low bits of its rx_cid */
  GQueue dirty;      /* of ShoalNeighbour */
  GArray *events;    /* of ShoalEvent; [events_taken .. events_made - 1] are waiting */
  guint events_taken, events_made;
  GArray *raw; /* of ShoalRaw, welcomes and farewells; [raw_taken .. raw_made - 1] are waiting */
  guint raw_taken, raw_made;
  guint replies_first, replies_count; /* of replies, below */
  guint replies_in_turn;              /* sent since the last part of data */
  uint32_t sessions;                  /* slots in use */
  uint32_t gone_count;
  ShoalTime tick_at, tick_ns;
  ShoalAnnouncer *announcer; /* NULL: no tracker */
  ShoalTime announcer_at;    /* its deadline, unless announcer_changed */
  bool announcer_changed;    /* it was called, and may have something to send */
  bool closing, closed;

  struct {
    GQueue queue;          /* of ShoalUpload, in order of service */
    uint32_t waiting;      /* of these, for blocks that are not here yet */
    uint32_t credits_made; /* so far; wraps */
    uint32_t live_credits; /* given, unused and not stale */
    ShoalTime turn_ns;     /* smoothed time from a credit to its request … */
    ShoalTime turn_dev_ns; /* … and by how much it differs from that */
    uint32_t pipeline;     /* requests wanted in queue or on their way */
    uint32_t part_units;   /* units in one datagram */
    bool look;             /* somebody may have become eligible for a credit */
    GPtrArray *candidates; /* of ShoalNeighbour, borrowed: eligible ones, while one is chosen */
  } up;

  struct {
    GQueue held; /* of ShoalNeighbour with credits that may be of use, newest first */
    uint64_t outstanding_bytes;
    uint64_t window_bytes;  /* of outstanding_bytes */
    ShoalTime target_ns;    /* wait in the own download queue that is aimed at */
    unsigned request_units; /* asked for at once */
    ShoalTime service_ns;   /* smoothed time from a request to its block */
    bool look;              /* a credit may have become usable */
    bool look_slow;         /* … for a block that somebody else is slow with */
    ShoalTime busy_ns;      /* how long it served datagrams so far */
    bool ran_dry;           /* something came since the last tick that found the downlink idle */
    ShoalTime delivered_at; /* when the last datagram came out of the downlink … */
    ShoalTime arrived_at;   /* … and when it had come to it */
    bool fed;               /* data came since the last tick */
    ShoalTime fed_at;       /* the last tick before which data came */
  } down;

  ShoalPeerOptions options; /* name owned */
  ShoalRandom random;
  uint8_t cookie_key[16];
  GArray *free_slots;    /* of uint32_t */
  GArray *acquaintances; /* of ShoalAddr: nodes met, in the lobby or as neighbours */
  GPtrArray *gone;       /* of ShoalNeighbour: freed at the end of the present call */
  uint32_t neighbours_made;
  ShoalTime close_by;
  ShoalRaw replies[SHOAL_RAW_MAX]; /* ring: to those who are no neighbours */
};
