/* The step machine: what a backend (virtual or real time) drives. Every role (tracker, peer, server,
 * client) is one. It has no clock, no socket and no thread: the backend tells it the time and what
 * happened, and asks what comes next.
 *
 * In:  receive (a datagram), wake (a deadline has come), and the role's own commands.
 * Out: next_datagram (asked for when the uplink is free), deadline, next_event.
 *
 * After any input the backend drains next_event, reads deadline, and asks for datagrams while the
 * uplink is free. `now` never goes backwards. */
#pragma once

#include "src/content.h"
#include "src/types.h"

/* Header bytes of a datagram never exceed this; the payload comes on top. */
#define SHOAL_HEAD_MAX_BYTES 1400u

/* A datagram to send: header bytes, then the payload referred to. */
typedef struct {
  ShoalAddr to;
  uint16_t head_bytes;
  ShoalPayload payload;
  uint8_t head[SHOAL_HEAD_MAX_BYTES];
} ShoalDatagram;

/* A datagram that has arrived. Its bytes are head, then tail. From a socket all bytes are in head.
 * In the simulator the payload is the tail, and with virtual content tail is NULL. */
typedef struct {
  ShoalAddr from;
  const uint8_t *head; /* borrowed for the call */
  size_t head_bytes;
  const uint8_t *tail; /* borrowed for the call; may be NULL with tail_bytes > 0: virtual */
  size_t tail_bytes;
  bool tail_corrupt;   /* virtual content only: the network spoilt it */
  uint64_t tail_at;    /* virtual content only: the offset in the file at which these bytes belong */
  ShoalTime waited_ns; /* time it spent in the own proxy's download queue before its service */
} ShoalInput;

typedef enum {
  SHOAL_EVENT_NONE = 0,
  SHOAL_EVENT_REGISTERED,       /* fid */
  SHOAL_EVENT_NEIGHBOUR_UP,     /* fid, peer */
  SHOAL_EVENT_NEIGHBOUR_DOWN,   /* fid, peer; value: ShoalDownReason */
  SHOAL_EVENT_CHOKED,           /* fid, peer: we choke it */
  SHOAL_EVENT_UNCHOKED,         /* fid, peer: we serve it */
  SHOAL_EVENT_CHOKED_BY,        /* fid, peer: it chokes us */
  SHOAL_EVENT_UNCHOKED_BY,      /* fid, peer: it serves us */
  SHOAL_EVENT_DOWNLOAD_STARTED, /* fid: the command was taken */
  SHOAL_EVENT_INFO,             /* fid: the dictionary is known */
  SHOAL_EVENT_FIRST_BYTE,       /* fid, peer */
  SHOAL_EVENT_BLOCK,            /* fid, peer (of its last part); value: block; verified and held */
  SHOAL_EVENT_BLOCK_BAD,        /* fid, peer; value: block */
  SHOAL_EVENT_DOWNLOAD_DONE,    /* fid */
  SHOAL_EVENT_DOWNLOAD_FAILED,  /* fid; value: ShoalFailure */
  SHOAL_EVENT_CANCELLED,        /* fid */
  SHOAL_EVENT_CLOSED,           /* all farewells are sent; the machine is silent from now on */
  SHOAL_EVENT_WAITING, /* fid; value: ShoalCause; peer: whom for, if it is one: holds from `since` on,
                                   and replaces what was told for then or later; told where it is asked for */
  SHOAL_EVENT_KINDS,
} ShoalEventKind;

typedef enum {
  SHOAL_FAILURE_NONE = 0,
  SHOAL_FAILURE_TIME_LIMIT_NO_HOLDER, /* time limit passed, nobody with the file was reached */
  SHOAL_FAILURE_TIME_LIMIT_PARTIAL,   /* time limit passed with part of the file */
  SHOAL_FAILURE_CANCELLED,            /* cancel() during the download */
  SHOAL_FAILURE_CLOSED,               /* close() during the download */
  SHOAL_FAILURE_STORAGE,              /* the content could not be written */
  SHOAL_FAILURE_TIME_LIMIT_REFUSED,   /* time limit passed, and who was reached had no place for us */
} ShoalFailure;

/* What a download waits for: at each moment one of these. */
typedef enum {
  SHOAL_CAUSE_TRACKER = 0,    /* nobody is known to ask */
  SHOAL_CAUSE_HANDSHAKE,      /* a neighbour's answer to our call, or the dictionary */
  SHOAL_CAUSE_CHOKED,         /* all who have what we lack choke us */
  SHOAL_CAUSE_NOTHING_USEFUL, /* no neighbour has what we lack */
  SHOAL_CAUSE_UPLINKS,        /* data that is asked for, or an invitation, while our downlink is not full */
  SHOAL_CAUSE_DOWNLINK,       /* our downlink is full */
  SHOAL_CAUSE_VERIFICATION,   /* the hashes of blocks that are here */
  SHOAL_CAUSE_STALL,          /* data that got lost, or a neighbour that has stopped answering */
  SHOAL_CAUSES,
} ShoalCause;

typedef struct {
  ShoalEventKind kind;
  bool mixed; /* BLOCK: not all of it came from peer; it may have been here already */
  ShoalFid fid;
  ShoalAddr peer;
  uint64_t value;
  ShoalTime since; /* BLOCK: when it was first asked for; WAITING: when it began */
  ShoalTime first; /* BLOCK: when the first part of it came; SHOAL_NEVER: it was here already */
} ShoalEvent;

/* Short name of an event kind for traces and stores, e.g. "block"; never NULL. */
const char *shoal_event_kind_name (ShoalEventKind kind);
/* Short name of a cause for stores, e.g. "uplinks"; never NULL, lives for ever. */
const char *shoal_cause_name (ShoalCause cause);
/* Sentence for a failure that says what happened, e.g. "time limit passed; no holder was reached". */
const char *shoal_failure_text (ShoalFailure failure);

typedef struct {
  uint64_t malformed_datagrams; /* dropped: not of any protocol here */
  uint64_t unknown_datagrams;   /* dropped: well-formed, of no session or transaction here */
  uint64_t payload_sent_bytes;
  uint64_t payload_received_bytes;
  uint64_t duplicate_bytes; /* payload that came though it was held already */
  uint64_t blocks_verified;
  uint64_t blocks_bad;
} ShoalMachineCounters;

/* Adds what another life of the same node counted. */
void shoal_machine_counters_add (ShoalMachineCounters *sum, const ShoalMachineCounters *more);

typedef struct ShoalMachine ShoalMachine;

typedef struct {
  void (*receive) (ShoalMachine *m, ShoalTime now, const ShoalInput *input);
  /* Writes the next datagram to *out, or returns false: nothing to send now. */
  bool (*next_datagram) (ShoalMachine *m, ShoalTime now, ShoalDatagram *out);
  /* When wake() is wanted; SHOAL_NEVER: not at all. */
  ShoalTime (*deadline) (const ShoalMachine *m);
  void (*wake) (ShoalMachine *m, ShoalTime now);
  /* Takes the oldest event; false: none left. */
  bool (*next_event) (ShoalMachine *m, ShoalEvent *out);
  /* The own proxy's rates, bytes/s, 0: unlimited. A hint for windows and datagram sizes. */
  void (*set_rates) (ShoalMachine *m, ShoalTime now, uint64_t upload_bytes_per_s,
                     uint64_t download_bytes_per_s);
  /* Begins to leave: SHOAL_EVENT_CLOSED follows when the farewells are out. */
  void (*close) (ShoalMachine *m, ShoalTime now);
  void (*free) (ShoalMachine *m);
} ShoalMachineOps;

/* First member of every role. */
struct ShoalMachine {
  const ShoalMachineOps *ops;
  ShoalMachineCounters counters;
};
