/* What the parts of the runner share. Private to scenarios/.
 *
 * run.c          the loop over the timeline and the backend's time
 * run-actions.c  does actions
 * run-nodes.c    nodes that join, leave, crash and return
 * run-rates.c    rates that change
 * run-network.c  what happens to datagrams
 * run-events.c   takes what nodes report
 * run-record.c   keeps when blocks came, and what downloads waited for
 * run-facts.c    who holds what, and the conditions that wait for it
 * run-report.c   fills the row */
#pragma once

#include "scenarios/run.h"
#include "src/bitmap.h"
#include "src/random.h"

#define NO_TRANSFER UINT32_MAX

typedef enum {
  TRANSFER_PLANNED = 0,
  TRANSFER_ACTIVE,
  TRANSFER_DONE,
  TRANSFER_FAILED,
  TRANSFER_CANCELLED,
} TransferState;

/* One download that the scenario asks for. */
typedef struct {
  unsigned node, file, action;
  uint32_t next; /* of the same node; NO_TRANSFER: none */
  TransferState state;
  bool superseded;                           /* it did not end well, and the node tried again */
  ShoalTime start_ns, first_byte_ns, end_ns; /* SHOAL_ROW_NO_TIME: not yet */
  uint64_t held_bytes;
  char *reason;          /* owned; NULL */
  ShoalTransferRow *row; /* with its sources only, from when they are collected; owned; NULL */
  GArray *arrivals;      /* of ShoalArrivalRow; NULL: none yet, or nothing is recorded; owned */
  GArray *waits;         /* of ShoalWaitRow, likewise */
} Transfer;

typedef enum {
  NODE_AWAY = 0, /* has not joined yet */
  NODE_PRESENT,
  NODE_LEFT,
  NODE_CRASHED,
} NodeState;

typedef struct {
  uint32_t first_transfer;
  NodeState state;
  bool closing;         /* its farewells are not out yet */
  unsigned registering; /* files whose registration is not reported yet */
  ShoalRole role;
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* now, or when it returns */
  unsigned rate_changes;                             /* actions on its rates so far */
} RunNode;

/* Rates that go on changing: a ramp or a trace, of one node. */
typedef struct {
  unsigned node, action;
  unsigned rate_change; /* it ends when the node's rates are changed by another action */
  ShoalTime start_ns;
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* at its beginning */
} Course;

typedef struct {
  const ShoalSharedFile *shared; /* borrowed from the scenario */
  uint32_t blocks;
  uint8_t *registers;   /* one byte a node: it registers this file at some time */
  int first_registrant; /* node; -1: nobody */
  /* Only where a condition says "is out": */
  bool counts_holders;
  uint32_t *holders; /* per block: how many that do not register the file hold it */
  uint32_t missing;  /* blocks without such a holder */
  GHashTable *held;  /* node -> ShoalBitmap: what it holds */
} RunFile;

typedef enum {
  DUE_JOIN,      /* index: node */
  DUE_ACTION,    /* index: action */
  DUE_ACTION_OF, /* the same of one node */
  DUE_RATES,     /* index: course */
  DUE_SNAPSHOT,  /* index: expectation */
} DueKind;

/* Something that is due at a time. Entries are in order of time, then of rank, then of scheduling. */
typedef struct {
  ShoalTime at_ns;
  unsigned rank; /* joins by node, then actions by document order */
  DueKind kind;
  unsigned index;
  unsigned node; /* DUE_ACTION_OF */
  unsigned step; /* DUE_RATES: of the course */
  bool lingers;  /* the end of the run does not wait for it */
} Due;

typedef struct {
  const ShoalScenario *scenario;
  ShoalModel model;
  ShoalBackend *backend;
  const ShoalRunOptions *options;
  ShoalRunRow *row;

  ShoalTime origin; /* of the backend's time */
  ShoalTime now;    /* since origin */
  unsigned first;   /* backend number of node 0 */

  RunNode *nodes;
  RunFile *files;
  uint8_t *has;       /* [node × files + file] */
  uint8_t *had;       /* the same when the node left or crashed */
  ShoalRandom random; /* who is picked */
  GArray *courses;    /* of Course */
  GArray *transfers;  /* of Transfer */
  unsigned active, done;
  uint64_t wanted_bytes, held_bytes;
  bool tracker_stopped;
  uint8_t *marked;     /* per action: the moment that it marks has come */
  unsigned superseded; /* transfers */
  unsigned pending;    /* registrations and closes that were asked for and not yet reported */

  GArray *timeline; /* of Due */
  unsigned next_due;
  unsigned awaited;   /* entries from next_due on that do not linger */
  GArray *waiting;    /* of unsigned: actions whose condition does not hold yet */
  bool blocks_matter; /* one of them looks at single blocks */
  bool changed;       /* something that conditions look at */
  bool time_passes;   /* the backend runs: it can be told to stop */
  bool stopped;       /* it was told */

  unsigned events; /* since the last progress report */
} Run;

/* run.c */
/* Puts it into the timeline; its rank is set here. */
void shoal_run_schedule (Run *run, Due due);
/* An action happens: when it is the first time, the moment that it marks has come. */
void shoal_run_mark (Run *run, unsigned action);
/* A download that the scenario asks for; its index. */
uint32_t shoal_run_plan_download (Run *run, unsigned node, unsigned file, unsigned action);
/* Tells the backend to return when something is due now or all is over. */
void shoal_run_stop_if_due (Run *run);
void shoal_run_tell_progress (Run *run);
bool shoal_run_cancelled (const Run *run);

/* run-actions.c */
void shoal_run_act (Run *run, unsigned action);
void shoal_run_act_of (Run *run, unsigned action, unsigned node);
/* Logs an action that came to nothing. file: -1: none. */
void shoal_run_refuse (Run *run, unsigned node, const ShoalAction *action, int file, ShoalResult result);
void shoal_run_register (Run *run, unsigned node, unsigned file, const ShoalAction *action);
/* Keeps who the bytes came from, while the machine knows it. */
void shoal_run_collect_sources (Run *run, Transfer *transfer);
Transfer *shoal_run_transfer (const Run *run, uint32_t index);
/* The transfer of this node and file that is under way; NULL: none. */
Transfer *shoal_run_active (const Run *run, unsigned node, unsigned file);
/* Ends a transfer that is under way. reason: NULL or copied. */
void shoal_run_end_transfer (Run *run, Transfer *transfer, TransferState state, const char *reason);

/* run-nodes.c */
void shoal_run_join (Run *run, unsigned node);
void shoal_run_close (Run *run, unsigned node);
void shoal_run_crash (Run *run, unsigned node);
void shoal_run_return (Run *run, unsigned node, const ShoalAction *action);
void shoal_run_node_closed (Run *run, unsigned node);
void shoal_run_node_registered (Run *run, unsigned node);

/* run-rates.c */
void shoal_run_change_rates (Run *run, unsigned node, unsigned action);
void shoal_run_go_on_with_rates (Run *run, const Due *due);
/* Tells the backend what the node's rates are. */
void shoal_run_apply_rates (Run *run, unsigned node);

/* run-network.c */
/* Sets the network up as the scenario begins. False and error (BACKEND): the backend cannot do what the
 * scenario asks for. */
bool shoal_run_set_up_network (Run *run, GError **error);
/* An action of no node. */
void shoal_run_act_on_network (Run *run, const ShoalAction *action);
void shoal_run_set_line (Run *run, unsigned node, const ShoalAction *action);

/* run-events.c: ShoalEventHandler; context: the Run. */
void shoal_run_on_event (void *context, ShoalTime now, unsigned node, const ShoalEvent *event);
/* Adds a line to the log. peer: backend number, -1: none; file: -1: none. */
void shoal_run_log (Run *run, unsigned node, const char *kind, int peer, int file, uint64_t value);
/* The same of no node: it stands at the first of the run. */
void shoal_run_log_network (Run *run, const char *kind, uint64_t value);

/* run-record.c */
/* Keeps when a block came, when the run is recorded. event: SHOAL_EVENT_BLOCK. */
void shoal_run_record_block (Run *run, Transfer *transfer, const ShoalEvent *event);
/* Keeps what a download waits for. now: of the backend. event: SHOAL_EVENT_WAITING. */
void shoal_run_record_wait (Run *run, Transfer *transfer, ShoalTime now, const ShoalEvent *event);
/* Moves what was recorded into the row, whose times are set. */
void shoal_run_hand_over_record (Run *run, Transfer *transfer, ShoalTransferRow *row);
void shoal_run_clear_record (Transfer *transfer);

/* run-facts.c */
void shoal_run_facts_init (Run *run);
void shoal_run_facts_clear (Run *run);
void shoal_run_holds_file (Run *run, unsigned node, unsigned file);
bool shoal_run_has_file (const Run *run, unsigned node, unsigned file);
void shoal_run_holds_block (Run *run, unsigned node, unsigned file, uint32_t block);
/* The node serves this file no more. */
void shoal_run_lost_file (Run *run, unsigned node, unsigned file);
/* Schedules the actions whose condition has come to hold. */
void shoal_run_check_conditions (Run *run);

/* Writes down what the nodes of an expectation got so far. */
void shoal_run_snapshot (Run *run, unsigned expect);

/* run-report.c. limit_passed: the run ended because of its time limit. */
void shoal_run_report (Run *run, bool limit_passed);
