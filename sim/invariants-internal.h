/* What the parts of the invariants share. Private to sim/.
 *
 * invariants.c            takes what the watch is told, and remembers the first violation
 * invariants-lines.c      rates
 * invariants-downloads.c  how downloads end, and what is held then
 * invariants-progress.c   whether who could get something gets it */
#pragma once

#include "sim/invariants.h"

/* A line in one direction, for as long as it is busy at one rate. */
typedef struct {
  uint64_t rate_bytes_per_s; /* as the node was added, or told */
  bool is_new;               /* the next datagram begins another span */
  ShoalTime changed_at;      /* the rate */
  ShoalTime since, last;     /* when the span began; when something was last through */
  uint64_t bytes;            /* through since then */
} ShoalSpan;

/* One file at one node. */
typedef struct {
  bool is_wanted;     /* a download has begun and not ended */
  bool is_cancelled;  /* it was told to cancel it */
  ShoalTime limit_ns; /* of the download that was last asked for; 0: none */
  ShoalTime began_at; /* that download */
  bool got_bytes;     /* in that download */
  uint32_t held;      /* blocks, when progress was looked at last */
  uint32_t worry;     /* how much of our patience is used up, millionths */
} ShoalDownloadWatch;

typedef struct {
  bool is_known; /* the fields below mean something */
  bool is_busy;  /* a datagram is on its uplink */
  bool is_closing, is_closed;
  size_t taken_bytes; /* of that datagram */
  uint64_t turn;      /* steps of this node so far */
  ShoalSpan up, down;
  ShoalDownloadWatch *downloads; /* owned; by file */
} ShoalNodeWatch;

struct ShoalInvariants {
  ShoalWatch watch; /* first */
  ShoalInvariantsOptions options;
  const ShoalSharedFile **files; /* owned; options.files */
  GPtrArray *nodes;              /* of ShoalNodeWatch, owned, by number */
  ShoalContent **truth;          /* owned; the bytes of each file; NULL: virtual content */
  ShoalTime look_at;             /* when progress is looked at next */
  ShoalTime looked_at;           /* and when it was last */
  bool is_broken;
  ShoalViolation violation;
};

/* invariants.c */
/* Remembers the first, and stops the world. */
void shoal_invariants_break (ShoalInvariants *v, ShoalWorld *world, const char *invariant, const char *format,
                             ...) G_GNUC_PRINTF (4, 5);
ShoalNodeWatch *shoal_invariants_node (ShoalInvariants *v, const ShoalSimNode *node);
/* The scenario's number of a file; -1: none of its. */
int shoal_invariants_file (const ShoalInvariants *v, const ShoalFid *fid);

/* invariants-lines.c */
void shoal_span_start (ShoalSpan *span, uint64_t rate_bytes_per_s, ShoalTime now);
void shoal_lines_takes (ShoalInvariants *v, ShoalSimNode *node, size_t bytes);
void shoal_lines_sent (ShoalInvariants *v, ShoalSimNode *node, size_t bytes);
void shoal_lines_delivered (ShoalInvariants *v, ShoalSimNode *node, size_t bytes);

/* invariants-downloads.c */
void shoal_downloads_event (ShoalInvariants *v, ShoalSimNode *node, const ShoalEvent *event);
/* Whether time limits are kept. */
void shoal_downloads_check (ShoalInvariants *v, const ShoalSimNode *node);
/* Compares all that the node holds with the files. */
void shoal_downloads_compare (ShoalInvariants *v, const ShoalSimNode *node);

/* invariants-progress.c */
/* elapsed_ns: since it was looked at last. */
void shoal_progress_check (ShoalInvariants *v, ShoalWorld *world, ShoalTime elapsed_ns);
