/* What the parts of the peer share. Not for use outside src/.
 *
 *   peer.c       the machine: commands, dispatch
 *   outbox.c     the order in which things are sent
 *   handshake.c  HELLO, COOKIE, WELCOME: how two peers become neighbours
 *   neighbour.c  a neighbour's life, and the messages of its session
 *   peer-swarm.c one file: what we hold, who else is there
 *   availability.c  telling and learning who holds what
 *   picker.c     which block next
 *   download.c   the receiving side: window, credits, requests
 *   downlink.c   how far behind the own downlink is
 *   path.c       how much the path to a neighbour takes
 *   partial.c    blocks in progress
 *   receive.c    data as it comes, verification
 *   waiting.c    what each download waits for, to be told
 *   upload.c     the sending side: credits, queue, data
 *   precedence.c whom to invite, and whose request to serve, before others
 *   choking.c    whom to choke, as a strategy (strategy.c) says
 *   lending.c    whether blocks that were given away are passed on
 *   peer-info.c  what others may ask of a peer */
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
  ShoalBitmap have;  /* its blocks, as far as we know */
  uint32_t useful;   /* blocks it has and we lack */
  uint32_t wanting;  /* blocks we have and it lacks */
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
  uint16_t *availability; /* per block: neighbours that have it */
  uint16_t *given;        /* per block: how often it was promised or sent */
  uint32_t *log;          /* blocks in the order in which we got them */
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
  uint16_t units; /* still to be sent */
  bool to_end;    /* the end of the block was asked for */
  uint8_t levels; /* hashes to go with the first part */
  bool started;   /* some parts are out: it is finished before others begin */
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

/* peer.c */
void shoal_peer_emit_event (ShoalPeer *p, const ShoalEvent *event); /* copied */
void shoal_peer_emit (ShoalPeer *p, ShoalEventKind kind, const ShoalSwarm *s, const ShoalAddr *who,
                      uint64_t value);
/* outbox.c */
/* Writes the next datagram; false: nothing to send. */
bool shoal_outbox_next (ShoalPeer *p, ShoalTime now, ShoalDatagram *out);
void shoal_peer_mark_dirty (ShoalPeer *p, ShoalNeighbour *n);
/* Both send a datagram outside any session: to a stranger, after control messages, dropped when too many
 * wait; and before all else, to one who has proved its address (welcomes, farewells). */
void shoal_peer_send_raw (ShoalPeer *p, const ShoalAddr *to, const ShoalWriter *w);
void shoal_peer_send_first (ShoalPeer *p, const ShoalAddr *to, const ShoalWriter *w);
/* The announcer, to call it: what it wants is looked at again afterwards. NULL: no tracker. */
static inline ShoalAnnouncer *
shoal_peer_announcer (ShoalPeer *p)
{
  p->announcer_changed = p->announcer != NULL;
  return p->announcer;
}
/* The neighbour whose datagrams carry this connection id; NULL: none. */
ShoalNeighbour *shoal_peer_neighbour (const ShoalPeer *p, uint32_t cid);
/* Remembers a node, to be asked when a file is wanted. */
void shoal_peer_meet (ShoalPeer *p, const ShoalAddr *addr);
/* The tick is wanted soon (something has a timer now). */
void shoal_peer_arm (ShoalPeer *p, ShoalTime now);
ShoalSwarm *shoal_peer_swarm (const ShoalPeer *p, const ShoalFid *fid);

/* handshake.c */
void shoal_handshake_call (ShoalSwarm *s, ShoalTime now, ShoalCandidate *candidate);
void shoal_handshake_datagram (ShoalNeighbour *n, ShoalTime now, ShoalWriter *w);
void shoal_handshake_receive (ShoalPeer *p, ShoalTime now, const ShoalAddr *from, ShoalReader r);
void shoal_handshake_tick (ShoalNeighbour *n, ShoalTime now);
void shoal_handshake_overtaken (ShoalNeighbour *n, ShoalTime now);

/* places.c */
/* Whether the newcomer may have a place. When all are taken, a host that holds many of them, and more than the
 * newcomer's would, loses one. */
bool shoal_places_make_room (ShoalSwarm *s, ShoalTime now, const ShoalAddr *newcomer);

/* neighbour.c */
ShoalNeighbour *shoal_neighbour_new (ShoalSwarm *s, ShoalTime now, const ShoalAddr *addr);
/* The handshake is done: tells what the other needs to know. */
void shoal_neighbour_up (ShoalNeighbour *n, ShoalTime now, uint8_t hello_flags);
/* Takes the neighbour out of everything and frees it. farewell: say goodbye first. */
void shoal_neighbour_down (ShoalNeighbour *n, ShoalTime now, ShoalDownReason reason, bool farewell);
void shoal_neighbour_receive (ShoalPeer *p, ShoalTime now, const ShoalInput *input);
/* False: the neighbour is gone. */
bool shoal_neighbour_tick (ShoalNeighbour *n, ShoalTime now);
/* Something with a timer of its own is open. */
bool shoal_neighbour_busy (const ShoalNeighbour *n);
void shoal_neighbour_say (ShoalNeighbour *n, uint8_t type);
/* Tells whether we want blocks of it. */
void shoal_neighbour_say_interest (ShoalNeighbour *n, bool interested);
/* It chokes us, or not any more. */
void shoal_neighbour_choked_by (ShoalNeighbour *n, bool choked);
void shoal_neighbour_say_block (ShoalNeighbour *n, uint8_t type, uint32_t block);
void shoal_neighbour_send_info (ShoalNeighbour *n);

/* peer-swarm.c */
ShoalSwarm *shoal_swarm_new (ShoalPeer *p, const ShoalFid *fid);
void shoal_swarm_free (ShoalSwarm *s);
/* The dictionary is known: makes room for blocks. */
void shoal_swarm_set_info (ShoalSwarm *s, const ShoalFile *file);
/* Others may have from us what we hold of it: they are told of blocks, and served. */
static inline bool
shoal_swarm_serves (const ShoalSwarm *s)
{
  const ShoalPeerOptions *options = &s->peer->options;
  return !options->never_upload && (s->registered || !options->serve_registered_only);
}
ShoalNeighbour *shoal_swarm_neighbour (const ShoalSwarm *s, const ShoalAddr *addr);
void shoal_swarm_add_candidate (ShoalSwarm *s, const ShoalAddr *addr);
ShoalCandidate *shoal_swarm_candidate (const ShoalSwarm *s, const ShoalAddr *addr);
/* Its owner sent bad data: it is left alone for a while, for longer each time. */
void shoal_swarm_avoid (ShoalSwarm *s, ShoalTime now, const ShoalAddr *addr);
/* Calls candidates until there are enough neighbours. */
void shoal_swarm_connect (ShoalSwarm *s, ShoalTime now);
void shoal_swarm_tick (ShoalSwarm *s, ShoalTime now);
bool shoal_swarm_busy (const ShoalSwarm *s);
/* Next time at which something is due in the swarm itself. */
ShoalTime shoal_swarm_deadline (const ShoalSwarm *s);
void shoal_swarm_info_received (ShoalSwarm *s, ShoalTime now, const uint8_t *bytes, size_t length);
/* A block was verified: held from now on. */
void shoal_swarm_block_held (ShoalSwarm *s, ShoalTime now, uint32_t block);
/* Everything is here: the download is done. */
void shoal_swarm_complete (ShoalSwarm *s, ShoalTime now);
void shoal_swarm_fail (ShoalSwarm *s, ShoalTime now, ShoalFailure failure);
/* Leaves: neighbours and tracker are told, nothing more is sent. */
void shoal_swarm_leave (ShoalSwarm *s, ShoalTime now);
void shoal_swarm_drop_useless (ShoalSwarm *s, ShoalTime now);

/* availability.c */
void shoal_availability_tell_all (ShoalNeighbour *n);
/* A block is held now. In a small swarm each waits for what few have; in a large one there is other work, and to tell
 * everybody at once would cost a tenth of the CPU for nothing. */
void shoal_availability_held (ShoalSwarm *s, ShoalTime now, uint32_t block);
/* Writes news of blocks into the channel. */
void shoal_availability_flush (ShoalNeighbour *n, ShoalTime now);
static inline uint32_t
shoal_availability_untold (const ShoalNeighbour *n)
{
  return n->swarm->log_length - n->told;
}
/* It has this block (by its own words, or because we sent it). */
void shoal_availability_learn (ShoalNeighbour *n, uint32_t block);
/* It has this block no more. */
void shoal_availability_unlearn (ShoalNeighbour *n, uint32_t block);
bool shoal_availability_receive (ShoalNeighbour *n, ShoalTime now, const ShoalMessage *m);
void shoal_availability_forget (ShoalNeighbour *n);
void shoal_availability_tick (ShoalNeighbour *n, ShoalTime now);

/* picker.c */
/* The member of `from` and not of `without` with the smallest key; ties fall by lot. UINT32_MAX:
 * none. Large maps are sampled. */
uint32_t shoal_pick (const ShoalBitmap *from, const ShoalBitmap *without, const uint16_t *first_key,
                     const uint16_t *second_key, ShoalRandom *random);

/* path.c */
void shoal_path_init (ShoalPath *path, ShoalTime now);
/* Data came that the neighbour's uplink had sent by sent_us (its clock, wrapping). arrived_at: at the own proxy,
 * before it waited there. */
void shoal_path_data (ShoalNeighbour *n, ShoalTime arrived_at, uint32_t sent_us, uint32_t bytes);
/* Data from it was lost. */
void shoal_path_loss (ShoalNeighbour *n, ShoalTime now);

/* partial.c */
/* Bytes of these units of a block: the last unit of a file may be short. */
uint32_t shoal_partial_units_bytes (const ShoalSwarm *s, uint32_t block, uint16_t units);
/* The units that a block has. */
uint16_t shoal_partial_all_units (const ShoalSwarm *s, uint32_t block);
/* NULL: the block is not in progress. */
ShoalPartial *shoal_partial_find (const ShoalSwarm *s, uint32_t block);
ShoalPartial *shoal_partial_new (ShoalSwarm *s, uint32_t block);
/* More of it (or less, when negative) is outstanding at `from`. */
void shoal_partial_owed (ShoalPartial *partial, int64_t more_bytes);
/* Takes the request back: the block is an orphan, to be asked of whoever has a credit for us next. */
void shoal_partial_orphan (ShoalPartial *partial);
/* All is here, and is being hashed; and the hash is there. */
void shoal_partial_set_hashing (ShoalPartial *partial, bool hashing);
/* What came of it is thrown away, and late parts from who was asked for it are not taken. Nobody may be asked. */
void shoal_partial_restart (ShoalPartial *partial);
/* The block is done with: frees it. */
void shoal_partial_end (ShoalPartial *partial);
void shoal_download_drop_partials (ShoalSwarm *s);

/* receive.c */
void shoal_download_data (ShoalNeighbour *n, ShoalTime now, ShoalReader r, const ShoalInput *input);
/* The hash of a block is there; NULL: it could not be read. */
void shoal_download_block_hashed (ShoalSwarm *s, ShoalTime now, uint32_t block, const uint8_t *hash);
/* All units are here: verifies the block, or asks for the hashes that lack. n: who sent the last. */
void shoal_download_block_whole (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial);

/* download.c */
/* Data came after this wait in the own download queue: the window follows. */
void shoal_download_adapt_window (ShoalPeer *p, ShoalTime waited, uint32_t bytes);
/* All credits of this swarm may be of use again. */
void shoal_download_consider_all (ShoalSwarm *s);
/* Asks a neighbour for what is missing of a block. False: nothing was, and it is verified already. */
bool shoal_download_ask (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial);
void shoal_download_init (ShoalPeer *p);
void shoal_download_set_rate (ShoalPeer *p);
/* Uses credits as long as the window has room. */
void shoal_download_fill (ShoalPeer *p, ShoalTime now);
void shoal_download_credit (ShoalNeighbour *n, ShoalTime now, ShoalReader body);
/* The neighbour has something that we lack and did not know of. */
void shoal_download_news (ShoalNeighbour *n);
/* The neighbour sent all that was asked of a block. */
void shoal_download_sent (ShoalNeighbour *n, ShoalTime now, uint32_t block);
/* The neighbour will not serve this block. */
void shoal_download_rejected (ShoalNeighbour *n, ShoalTime now, uint32_t block);
/* The neighbour choked us or is gone: what was asked of it is open again. */
void shoal_download_withdraw (ShoalNeighbour *n);
void shoal_download_tick (ShoalNeighbour *n, ShoalTime now);
/* It does not answer what it was asked, for longer than is usual. */
bool shoal_download_is_silent (const ShoalNeighbour *n, ShoalTime now);
void shoal_download_tick_all (ShoalPeer *p, ShoalTime now);

/* downlink.c */
/* How long the own downlink takes for a datagram. */
ShoalTime shoal_downlink_service_ns (const ShoalPeer *p, const ShoalInput *input);
/* When a datagram that comes out of the downlink now had come to it. */
ShoalTime shoal_downlink_arrived_at (const ShoalPeer *p, ShoalTime now, const ShoalInput *input);
/* Nothing came out of it for as long as the largest datagram takes. */
bool shoal_downlink_is_idle (const ShoalPeer *p, ShoalTime now);
/* To be told of each datagram. */
void shoal_downlink_delivered (ShoalPeer *p, ShoalTime now, const ShoalInput *input);
/* For how long nothing can have come of what was due from `since` on. It is less than the time that has passed: an answer
 * may wait in the downlink. */
ShoalTime shoal_downlink_silence_ns (const ShoalPeer *p, ShoalTime now, ShoalTime since);

/* waiting.c; only for peers with tells_waits */
void shoal_waiting_begin (ShoalSwarm *s, ShoalTime now);
/* This one has data; before it is taken. */
void shoal_waiting_data (ShoalSwarm *s, ShoalTime now, const ShoalInput *input);
/* At the end of each step. */
void shoal_waiting_look (ShoalPeer *p, ShoalTime now);
/* At each tick, before anything is done about what is lost. */
void shoal_waiting_tick (ShoalPeer *p, ShoalTime now);

/* upload.c */
void shoal_upload_init (ShoalPeer *p);
void shoal_upload_set_rate (ShoalPeer *p);
/* Gives credits as long as the pipeline has room. */
void shoal_upload_fill (ShoalPeer *p, ShoalTime now);
void shoal_upload_request (ShoalNeighbour *n, ShoalTime now, const ShoalRequest *request);
void shoal_upload_cancel (ShoalNeighbour *n, uint32_t block);
/* The neighbour's request for this block, if there is one, cannot be served any more. */
void shoal_upload_reject (ShoalNeighbour *n, uint32_t block);
/* Forgets the neighbour's requests and credits. */
void shoal_upload_withdraw (ShoalNeighbour *n);
/* Writes the next part of data to send. False: none. */
ShoalNeighbour *shoal_upload_next (ShoalPeer *p);
void shoal_upload_write (ShoalPeer *p, ShoalTime now, ShoalWriter *w, ShoalPayload *payload);
void shoal_upload_tick (ShoalNeighbour *n, ShoalTime now);
/* Blocks that it was promised and has not had: requests in our queue, and credits. */
static inline uint32_t
shoal_upload_promises (const ShoalNeighbour *n)
{
  return n->queued + n->credits_out;
}

/* precedence.c */
/* Who of a swarm's candidates is given the next credit; NULL: there are none. */
ShoalNeighbour *shoal_precedence_first (const GPtrArray *candidates);
/* Whether a is given it before b; who lags is as it was found when each was last a candidate. */
bool shoal_precedence_invites (const ShoalNeighbour *a, const ShoalNeighbour *b);
/* Whether request a is begun before b, of which nothing is out either. */
bool shoal_precedence_serves (const ShoalUpload *a, const ShoalUpload *b);
/* Few of our neighbours have the block that is asked for. */
bool shoal_precedence_is_rare (const ShoalUpload *u);

/* lending.c; all do nothing in a peer that serves everybody, or does not hold everything. */
/* Whether this neighbour, which holds everything, is told what we get. */
bool shoal_lending_tells (const ShoalNeighbour *n);
/* It says that it holds the block. True: there is nothing else to do about it. */
bool shoal_lending_heard (ShoalNeighbour *n, uint32_t block);
/* It says that it holds everything. */
void shoal_lending_heard_all (ShoalNeighbour *n);
/* All of the block went to it. */
void shoal_lending_gave (ShoalNeighbour *n, uint32_t block);
/* Some blocks nobody has passed on yet. */
bool shoal_lending_scarce (ShoalSwarm *s);
/* Counts what was passed on since the last turn. */
void shoal_lending_settle (ShoalNeighbour *n);
/* What the neighbour keeps is given to others as if it had not gone out. */
void shoal_lending_give_up (ShoalNeighbour *n);
void shoal_lending_free (ShoalSwarm *s);

/* choking.c */
/* Says the defaults of what the options leave open. */
void shoal_choking_init (ShoalPeer *p);
/* Decides whether a neighbour is choked until the next turn, at its start and when its interest changed. */
void shoal_choking_apply (ShoalNeighbour *n, ShoalTime now);
/* Takes a turn when it is time to: asks the strategy whom to serve. */
void shoal_choking_tick (ShoalSwarm *s, ShoalTime now);
