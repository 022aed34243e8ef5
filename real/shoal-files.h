/* The files of a client or a server: registered, wanted and held. The core's
 * data; all but what says otherwise in the core's thread. */
#pragma once

#include "real/shoal-held.h"
#include "src/backend.h"

typedef struct ShoalFiles ShoalFiles;
typedef struct ShoalGet ShoalGet;

typedef struct {
  ShoalRole role;               /* SHOAL_ROLE_PEER, _SERVER or _CLIENT */
  ShoalAddr tracker;            /* family 0: none */
  char *tracker_text;           /* as the caller wrote it; NULL: none */
  ShoalAddr server;             /* of a client of the server-client model */
  ShoalService service;         /* of a server */
  ShoalStrategyOptions serving; /* of a peer */
} ShoalFilesOptions;

/* Takes over what the options own. Any thread. Given to a core as its data,
 * with these operations. */
ShoalFiles *shoal_files_new (const ShoalFilesOptions *options);
extern const ShoalCoreOps SHOAL_FILES_OPS;

/* A file here. */
typedef struct {
  ShoalCore *core; /* borrowed */
  ShoalFid fid;
  ShoalFileState state;
  char *path;            /* owned; NULL: in memory, or not known yet */
  GBytes *bytes;         /* a reference; a download in memory that is done */
  ShoalContent *memory;  /* the machine's; a download in memory that is not */
  ShoalContent *content; /* a reference; a download to a part file that is not
                            in its place yet */
  GError *trouble;       /* owned; why there is no content */
  GPtrArray *gets;       /* of ShoalGet, a reference each: who waits, in order */
  ShoalGet *owner;       /* of these, whose place it is got into; NULL: gone, or not
                       known yet */
  unsigned readers;      /* of the part file, in other threads */
  bool finished;         /* the part file stands at its path */
  unsigned timeout_ms;   /* of the download */
  bool replaced;         /* withdrawn from the machine only to be registered at once */
  ShoalTime progress_at; /* when it was told last */
  GArray *bad;           /* of uint32_t: blocks that turned out not to be what they were */
  unsigned lost_blocks;
} ShoalEntry;

ShoalEntry *shoal_files_find (ShoalCore *core, const ShoalFid *fid);
const ShoalFilesOptions *shoal_files_options (ShoalCore *core);
GPtrArray *shoal_files_entries (ShoalCore *core);

/* ---- by callers, in any thread ---- */

/* False and error: SHOAL_ERROR_INVALID_FID. */
bool shoal_parse_fid (const char *text, ShoalFid *fid, GError **error);
/* Reads, hashes and registers a file: its fid in hex, owned by the caller. See
 * shoal_client_register(). */
char *shoal_files_register (ShoalCore *core, const char *path, GCancellable *cancellable, GError **error);
/* Does so in a thread of the task's. core NULL: closed. */
void shoal_files_register_async (ShoalCore *core, const char *path, GTask *task);
bool shoal_files_cancel (ShoalCore *core, const char *fid, GError **error);
/* Owned by the caller. core NULL: empty. */
GPtrArray *shoal_files_list (ShoalCore *core);
ShoalFileStatus *shoal_files_get_status (ShoalCore *core, const char *fid, GError **error);
GPtrArray *shoal_files_list_neighbours (ShoalCore *core, const char *fid, GError **error);
char *shoal_files_magnet (ShoalCore *core, const char *fid, GError **error);

/* The signals of what has files: "hashing", "state-changed", "file-changed". */
void shoal_files_install_signals (GType type);

/* ---- for the other files of this part ---- */

ShoalEntry *shoal_files_add (ShoalCore *core, const ShoalFid *fid, ShoalFileState state);
void shoal_files_set_state (ShoalEntry *entry, ShoalFileState state);
/* Frees it; who waits gets the error (copied). */
void shoal_files_drop (ShoalEntry *entry, const GError *error);
/* A read found a block that is not what it was. context: the entry. */
void shoal_files_block_bad (void *context, uint32_t block);
/* The file is whole: who waits gets it; one who comes later gets it, too. */
void shoal_files_complete (ShoalEntry *entry);
void shoal_files_give (ShoalEntry *entry, ShoalGet *get);
/* Has the machine get a file. */
ShoalResult shoal_files_start (ShoalEntry *entry, unsigned timeout_ms);
/* Puts a part file in its place. In a caller's thread. */
bool shoal_files_finish_part (ShoalCore *core, ShoalContent *content, GError **error);
/* The part file of this entry stands at path now. */
void shoal_files_finished (ShoalEntry *entry, const char *path);
/* A reader of the part file is done. */
void shoal_files_reader_done (ShoalEntry *entry);
