/* What the parts of the runner share. Private to scenarios/.
 *
 * run.c          the loop over the timeline and the backend's time
 * run-actions.c  does actions
 * run-events.c   takes what nodes report
 * run-facts.c    who holds what, and the conditions that wait for it
 * run-report.c   fills the row */
#pragma once

#include "scenarios/run.h"
#include "src/bitmap.h"

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
  ShoalTime start_ns, first_byte_ns, end_ns; /* SHOAL_ROW_NO_TIME: not yet */
  uint64_t held_bytes;
  char *reason;          /* owned; NULL */
  ShoalTransferRow *row; /* with its sources only, from when they are collected; owned; NULL */
} Transfer;

typedef struct {
  uint32_t first_transfer;
  bool joined, closed;
  ShoalRole role;
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* now */
} RunNode;

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

/* Something that is due at a time. Entries are in order of time, then of rank. */
typedef struct {
  ShoalTime at_ns;
  unsigned rank; /* joins by node, then actions by document order */
  int action;    /* -1: a join of node */
  unsigned node;
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
  uint8_t *has;      /* [node × files + file] */
  GArray *transfers; /* of Transfer */
  unsigned active, done;
  uint64_t wanted_bytes, held_bytes;
  unsigned pending; /* registrations and closes that were asked for and not yet reported */

  GArray *timeline; /* of Due */
  unsigned next_due;
  GArray *waiting;    /* of unsigned: actions whose condition does not hold yet */
  bool blocks_matter; /* one of them looks at single blocks */
  bool changed;       /* something that conditions look at */
  bool time_passes;   /* the backend runs: it can be told to stop */
  bool stopped;       /* it was told */

  unsigned events; /* since the last progress report */
} Run;

/* run.c */
void shoal_run_schedule (Run *run, ShoalTime at_ns, int action, unsigned node);
/* Tells the backend to return when something is due now or all is over. */
void shoal_run_stop_if_due (Run *run);
void shoal_run_tell_progress (Run *run);
bool shoal_run_cancelled (const Run *run);

/* run-actions.c */
void shoal_run_join (Run *run, unsigned node);
void shoal_run_act (Run *run, unsigned action);
Transfer *shoal_run_transfer (const Run *run, uint32_t index);
/* The transfer of this node and file that is under way; NULL: none. */
Transfer *shoal_run_active (const Run *run, unsigned node, unsigned file);
/* Ends a transfer that is under way. reason: NULL or copied. */
void shoal_run_end_transfer (Run *run, Transfer *transfer, TransferState state, const char *reason);

/* run-events.c: ShoalEventHandler; context: the Run. */
void shoal_run_on_event (void *context, ShoalTime now, unsigned node, const ShoalEvent *event);
/* Adds a line to the log. peer: backend number, -1: none; file: -1: none. */
void shoal_run_log (Run *run, unsigned node, const char *kind, int peer, int file, uint64_t value);

/* run-facts.c */
void shoal_run_facts_init (Run *run);
void shoal_run_facts_clear (Run *run);
void shoal_run_holds_file (Run *run, unsigned node, unsigned file);
void shoal_run_holds_block (Run *run, unsigned node, unsigned file, uint32_t block);
/* The node serves this file no more. */
void shoal_run_lost_file (Run *run, unsigned node, unsigned file);
/* Schedules the actions whose condition has come to hold. */
void shoal_run_check_conditions (Run *run);

/* run-report.c. limit_passed: the run ended because of its time limit. */
void shoal_run_report (Run *run, bool limit_passed);
