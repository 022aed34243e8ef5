/* The peer: registers, downloads, serves, cancels, leaves. One step machine for all files of a
 * node. The server and the client of the traditional model are the same machine under other
 * options (server.h, client.h), so that both models use the same datagrams and recovery. */
#pragma once

#include "src/infodict.h"
#include "src/machine.h"
#include "src/merkle.h"
#include "src/strategy.h"

/* In what order a node's uplink serves those who want something. */
typedef enum {
  SHOAL_SERVICE_FAIR = 0, /* in turns: the least recently served first */
  SHOAL_SERVICE_FIFO,     /* in order of arrival: one is served to its end, then the next */
} ShoalService;

typedef struct {
  ShoalAddr self;    /* where the own proxy is bound; the port is told to the tracker */
  ShoalAddr tracker; /* family 0: none */
  const char *name;  /* of the node, for its generator; copied */
  uint64_t seed;
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* of the own proxy; 0: unlimited */
  ShoalService service;
  ShoalStrategyOptions serving; /* whom to serve */
  bool never_upload;            /* the client of the server-client model */
  bool serve_registered_only;   /* the server of that model: what it downloads it keeps to itself */
  bool no_peer_exchange;        /* both of that model: they know nobody but each other */
  uint32_t max_datagram_bytes;  /* largest that a path takes, the host's own apart; 0: any */
  uint32_t max_neighbours;      /* per swarm; 0: the default */
  bool tells_waits;             /* SHOAL_EVENT_WAITING is reported */
} ShoalPeerOptions;

/* A file's description and its wholly or partly known hash tree. */
typedef struct {
  ShoalFid fid;
  ShoalInfo info;
  uint8_t dictionary[SHOAL_INFODICT_MAX_BYTES];
  size_t dictionary_bytes;
} ShoalFile;

/* Makes the content of a download when its length is known. context: of the options below.
 * The machine owns what it returns; NULL: it could not be made (storage failure). */
typedef ShoalContent *(*ShoalContentMaker) (void *context, const ShoalFile *file);

typedef struct {
  const ShoalAddr *holders; /* known beforehand, copied; may be NULL */
  unsigned holder_count;
  ShoalTime time_limit_ns; /* from now; 0: none */
  ShoalContentMaker make_content;
  void *context;
} ShoalDownloadOptions;

/* Who a download's bytes came from, in order of first appearance. */
typedef struct {
  ShoalAddr peer;
  uint64_t bytes;
} ShoalSource;

/* What a node knows of one neighbour of a file. */
typedef struct {
  ShoalAddr addr;
  uint64_t received_bytes, sent_bytes; /* payload */
  uint32_t blocks;                     /* that it holds, as far as we know */
  bool interested;                     /* it wants blocks of us */
  bool choked, choked_by;              /* we do not serve it; it does not serve us */
  ShoalTime round_trip_ns;             /* smoothed; 0: not measured */
} ShoalNeighbourInfo;

/* How far one file is at a node. */
typedef struct {
  bool has_info; /* the dictionary is known: the fields below mean something */
  bool complete, registered, downloading;
  uint32_t blocks, held; /* of the file; of these, verified and held */
  uint32_t neighbours;
} ShoalFileInfo;

ShoalMachine *shoal_peer_machine_new (const ShoalPeerOptions *options);
/* Contacts the tracker ahead of need. */
void shoal_peer_join (ShoalMachine *peer, ShoalTime now);
/* Offers a file. content and tree are taken over (tree: one reference; NULL for an empty file),
 * also on failure. SHOAL_DUPLICATE: this fid is registered or downloading here. */
ShoalResult shoal_peer_register (ShoalMachine *peer, ShoalTime now, const ShoalFile *file,
                                 ShoalContent *content, ShoalMerkle *tree);
/* Starts to get a file. SHOAL_DUPLICATE: it is held or being got already. */
ShoalResult shoal_peer_download (ShoalMachine *peer, ShoalTime now, const ShoalFid *fid,
                                 const ShoalDownloadOptions *options);
/* Withdraws: nothing of this file is sent from now on. SHOAL_UNKNOWN: neither held nor wanted. */
ShoalResult shoal_peer_cancel (ShoalMachine *peer, ShoalTime now, const ShoalFid *fid);
/* Sources of a file got or being got here. Returns their number; *sources is borrowed until the
 * next call on the machine. */
unsigned shoal_peer_sources (const ShoalMachine *peer, const ShoalFid *fid, const ShoalSource **sources);
/* How far a file is. False: neither held nor wanted here. */
bool shoal_peer_file_info (const ShoalMachine *peer, const ShoalFid *fid, ShoalFileInfo *info);
/* The description of a file whose dictionary is known; NULL: it is not. Borrowed until the next call on
 * the machine. */
const ShoalFile *shoal_peer_file (const ShoalMachine *peer, const ShoalFid *fid);
/* The hash tree of such a file, whole when the file is; NULL: not known, or the file is empty. A reference, the
 * caller's. */
ShoalMerkle *shoal_peer_tree (const ShoalMachine *peer, const ShoalFid *fid);
/* The i-th neighbour of a file, in order of appearance; false: there are no more. */
bool shoal_peer_neighbour_info (const ShoalMachine *peer, const ShoalFid *fid, unsigned i,
                                ShoalNeighbourInfo *info);
/* A block was hashed, as its content was asked to (ShoalContentOps.hash_later). */
typedef struct {
  ShoalFid fid;
  const ShoalContent *content; /* that was asked; only compared */
  uint32_t block;
  const uint8_t *hash; /* NULL: it could not be read */
} ShoalBlockHash;

/* Blocks, contents and files that are not waited for any more are ignored. */
void shoal_peer_block_hashed (ShoalMachine *peer, ShoalTime now, const ShoalBlockHash *hashed);
/* A block of a file held here can no longer be read as it was: it is not offered or served from now on. */
void shoal_peer_block_lost (ShoalMachine *peer, ShoalTime now, const ShoalFid *fid, uint32_t block);
