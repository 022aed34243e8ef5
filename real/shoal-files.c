#include "real/shoal-files.h"

#include "real/shoal-get.h"
#include "real/shoal-hashing.h"
#include "real/shoal-node-private.h"
#include "src/client.h"
#include "src/server.h"

/* So often progress is told. */
#define PROGRESS_NS (100 * SHOAL_MS)
/* The largest datagram that any path takes: IPv6 asks for packets of 1,280 bytes, of which its header takes 40
 * and that of UDP 8. One unit of a block goes with it either way. The own host's path takes more. */
#define MAX_DATAGRAM_BYTES 1232u

struct ShoalFiles {
  ShoalFilesOptions options;
  GPtrArray *entries; /* of ShoalEntry, owned, in order of appearance */
  GHashTable *by_fid; /* the same */
  GMutex finishing;   /* part files are finished one at a time, in callers'
                         threads */
};

/* ---- the table ---- */

static ShoalFiles *
files_of (const ShoalCore *core)
{
  return shoal_core_data (core);
}

const ShoalFilesOptions *
shoal_files_options (ShoalCore *core)
{
  return &files_of (core)->options;
}

GPtrArray *
shoal_files_entries (ShoalCore *core)
{
  return files_of (core)->entries;
}

ShoalEntry *
shoal_files_find (ShoalCore *core, const ShoalFid *fid)
{
  return g_hash_table_lookup (files_of (core)->by_fid, fid);
}

static guint
fid_hash (gconstpointer fid)
{
  guint hash;
  memcpy (&hash, ((const ShoalFid *)fid)->bytes, sizeof hash);
  return hash;
}

static gboolean
fid_equal (gconstpointer a, gconstpointer b)
{
  return shoal_fid_equal (a, b);
}

static void
entry_free (gpointer data)
{
  ShoalEntry *entry = data;
  g_free (entry->path);
  g_clear_pointer (&entry->bytes, g_bytes_unref);
  g_clear_pointer (&entry->content, shoal_file_content_unref);
  g_clear_error (&entry->trouble);
  g_ptr_array_unref (entry->gets);
  g_array_unref (entry->bad);
  g_free (entry);
}

void
shoal_files_set_state (ShoalEntry *entry, ShoalFileState state)
{
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  entry->state = state;
  shoal_fid_to_hex (&entry->fid, hex);
  shoal_core_notify (entry->core,
                     &(ShoalNotice){ .kind = SHOAL_NOTICE_STATE, .text = hex, .a = (uint64_t)state });
}

ShoalEntry *
shoal_files_add (ShoalCore *core, const ShoalFid *fid, ShoalFileState state)
{
  ShoalEntry *entry = g_new0 (ShoalEntry, 1);
  entry->core = core;
  entry->fid = *fid;
  entry->gets = g_ptr_array_new_with_free_func ((GDestroyNotify)shoal_get_unref);
  entry->bad = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_ptr_array_add (files_of (core)->entries, entry);
  g_hash_table_insert (files_of (core)->by_fid, &entry->fid, entry);
  shoal_files_set_state (entry, state);
  return entry;
}

void
shoal_files_drop (ShoalEntry *entry, const GError *error)
{
  for (guint i = 0; i < entry->gets->len; i++)
    shoal_get_settle (entry->gets->pdata[i], NULL, error);
  shoal_files_set_state (entry, SHOAL_FILE_STATE_GONE);
  g_hash_table_remove (files_of (entry->core)->by_fid, &entry->fid);
  g_ptr_array_remove (files_of (entry->core)->entries, entry);
}

/* ---- where a download goes ---- */

/* By the machine, when it has the dictionary: the first who waits says where.
 */
static ShoalContent *
make_content (void *context, const ShoalFile *file)
{
  ShoalEntry *entry = context;
  g_assert (entry->gets->len > 0);
  entry->owner = entry->gets->pdata[0];
  g_clear_error (&entry->trouble);
  g_free (entry->path);
  entry->path = shoal_get_place (entry->owner, file->info.name);
  if (entry->path)
    {
      bool replace = entry->owner->flags & SHOAL_DOWNLOAD_REPLACE;
      entry->content = shoal_file_content_create (entry->path, file, replace, &entry->trouble);
      if (entry->content)
        shoal_hashing_begin (entry->core, &entry->fid, entry->content);
      return entry->content ? shoal_file_content_ref (entry->content) : NULL;
    }
  entry->memory = shoal_memory_content_create (file, &entry->trouble);
  return entry->memory;
}

ShoalResult
shoal_files_start (ShoalEntry *entry, unsigned timeout_ms)
{
  const ShoalFilesOptions *files = shoal_files_options (entry->core);
  const ShoalDownloadOptions options = { .holders = &files->server,
                                         .holder_count = files->role == SHOAL_ROLE_CLIENT,
                                         .time_limit_ns = timeout_ms * SHOAL_MS,
                                         .make_content = make_content,
                                         .context = entry };
  entry->timeout_ms = timeout_ms;
  return shoal_peer_download (shoal_core_machine (entry->core), shoal_core_now (entry->core), &entry->fid,
                              &options);
}

/* ---- what became of it ---- */

static void
progress (ShoalEntry *entry, ShoalTime now, bool last)
{
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  ShoalMachine *machine = shoal_core_machine (entry->core);
  ShoalFileInfo info;
  const ShoalFile *file = shoal_peer_file (machine, &entry->fid);
  if ((!last && now - entry->progress_at < PROGRESS_NS) || !file
      || !shoal_peer_file_info (machine, &entry->fid, &info))
    return;
  uint64_t length = file->info.length_bytes;
  shoal_fid_to_hex (&entry->fid, hex);
  shoal_core_notify (entry->core, &(ShoalNotice){ .kind = SHOAL_NOTICE_PROGRESS,
                                                  .text = hex,
                                                  .a = MIN ((uint64_t)info.held * SHOAL_BLOCK_BYTES, length),
                                                  .b = length });
  entry->progress_at = now;
}

/* What a caller is given who wants it now. */
static void
describe_held (ShoalEntry *entry, const ShoalGet *get, ShoalHeld *held)
{
  ShoalMachine *machine = shoal_core_machine (entry->core);
  *held = (ShoalHeld){ .file = *shoal_peer_file (machine, &entry->fid) };
  g_autofree char *place = shoal_get_place (get, held->file.info.name);
  bool same_place = place && entry->path && strcmp (place, entry->path) == 0;
  held->path = g_strdup (entry->path);
  if (entry->bytes)
    {
      held->kind = SHOAL_HELD_BYTES;
      held->bytes = g_bytes_ref (entry->bytes);
    }
  else if (entry->content)
    {
      held->kind = get == entry->owner || same_place ? SHOAL_HELD_TO_FINISH : SHOAL_HELD_PART;
      held->content = shoal_file_content_ref (entry->content);
      entry->readers += held->kind == SHOAL_HELD_PART;
    }
  else
    {
      held->kind = same_place ? SHOAL_HELD_IN_PLACE : SHOAL_HELD_FILE;
      held->tree = shoal_peer_tree (machine, &entry->fid);
    }
}

void
shoal_files_give (ShoalEntry *entry, ShoalGet *get)
{
  ShoalHeld held;
  describe_held (entry, get, &held);
  shoal_get_settle (get, &held, NULL);
}

void
shoal_files_complete (ShoalEntry *entry)
{
  if (entry->memory)
    entry->bytes = shoal_memory_content_bytes (g_steal_pointer (&entry->memory));
  if (entry->gets->len > 0)
    progress (entry, 0, true);
  shoal_files_set_state (entry, SHOAL_FILE_STATE_HELD);
  for (guint i = 0; i < entry->gets->len; i++)
    shoal_files_give (entry, entry->gets->pdata[i]);
  g_ptr_array_set_size (entry->gets, 0);
  entry->owner = NULL;
}

/* A place that cannot take the file is one caller's trouble; the next one's may
 * do. */
static void
storage_failed (ShoalEntry *entry)
{
  g_autoptr (GError) error = NULL;
  const GError *reason =
      entry->content && !entry->trouble ? shoal_file_content_error (entry->content) : entry->trouble;
  shoal_set_storage_error (&error, reason);
  entry->memory = NULL;
  g_clear_pointer (&entry->content, shoal_file_content_unref);
  if (entry->owner)
    {
      shoal_get_settle (entry->owner, NULL, error);
      g_ptr_array_remove (entry->gets, entry->owner);
      entry->owner = NULL;
    }
  if (entry->gets->len == 0 || shoal_files_start (entry, entry->timeout_ms) != SHOAL_OK)
    {
      shoal_files_drop (entry, error);
      return;
    }
  shoal_files_set_state (entry, SHOAL_FILE_STATE_SEARCHING);
  shoal_core_settle (entry->core);
}

static GError *
failure_error (const ShoalEntry *entry, ShoalFailure failure)
{
  double limit_s = entry->timeout_ms / 1000.0;
  switch (failure)
    {
    case SHOAL_FAILURE_TIME_LIMIT_NO_HOLDER:
      return g_error_new (SHOAL_ERROR, SHOAL_ERROR_NO_HOLDER,
                          "nobody with the file was reached within %g s; is it "
                          "shared, and is the address right?",
                          limit_s);
    case SHOAL_FAILURE_TIME_LIMIT_REFUSED:
      return g_error_new (
          SHOAL_ERROR, SHOAL_ERROR_NO_HOLDER,
          "those who were reached within %g s had no place free; try again later, or wait longer", limit_s);
    case SHOAL_FAILURE_TIME_LIMIT_PARTIAL:
      return g_error_new (SHOAL_ERROR, SHOAL_ERROR_TIMED_OUT, "only part of the file came within %g s",
                          limit_s);
    case SHOAL_FAILURE_CANCELLED:
      return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "the download was cancelled");
    case SHOAL_FAILURE_CLOSED:
      return g_error_new_literal (SHOAL_ERROR, SHOAL_ERROR_CLOSED, "the node was closed meanwhile");
    case SHOAL_FAILURE_NONE:
    case SHOAL_FAILURE_STORAGE:
      break;
    }
  return g_error_new_literal (SHOAL_ERROR, SHOAL_ERROR_FAILED, shoal_failure_text (failure));
}

static void
download_failed (ShoalEntry *entry, ShoalFailure failure)
{
  g_autoptr (GError) error = NULL;
  if (entry->replaced)
    return;
  if (failure == SHOAL_FAILURE_STORAGE)
    {
      storage_failed (entry);
      return;
    }
  error = failure_error (entry, failure);
  shoal_files_drop (entry, error);
}

static void
withdrawn (ShoalEntry *entry)
{
  g_autoptr (GError) error = failure_error (entry, SHOAL_FAILURE_CANCELLED);
  if (!entry->replaced)
    shoal_files_drop (entry, error);
}

static void
on_event (ShoalCore *core, ShoalTime now, const ShoalEvent *event)
{
  ShoalEntry *entry = shoal_files_find (core, &event->fid);
  if (!entry)
    return;
  switch (event->kind)
    {
    case SHOAL_EVENT_INFO:
      shoal_files_set_state (entry, SHOAL_FILE_STATE_DOWNLOADING);
      break;
    case SHOAL_EVENT_BLOCK:
      progress (entry, now, false);
      break;
    case SHOAL_EVENT_REGISTERED:
      entry->replaced = false;
      shoal_files_complete (entry);
      break;
    case SHOAL_EVENT_DOWNLOAD_DONE:
      shoal_files_complete (entry);
      break;
    case SHOAL_EVENT_DOWNLOAD_FAILED:
      download_failed (entry, (ShoalFailure)event->value);
      break;
    case SHOAL_EVENT_CANCELLED:
      withdrawn (entry);
      break;
    default:
      break;
    }
}

/* ---- files that change ---- */

static void
drop_lost_blocks (ShoalEntry *entry)
{
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  ShoalMachine *machine = shoal_core_machine (entry->core);
  for (guint i = 0; i < entry->bad->len; i++)
    shoal_peer_block_lost (machine, shoal_core_now (entry->core), &entry->fid,
                           g_array_index (entry->bad, uint32_t, i));
  entry->lost_blocks += entry->bad->len;
  g_array_set_size (entry->bad, 0);
  shoal_fid_to_hex (&entry->fid, hex);
  shoal_core_notify (entry->core, &(ShoalNotice){ .kind = SHOAL_NOTICE_FILE_CHANGED,
                                                  .text = hex,
                                                  .path = entry->path,
                                                  .a = entry->lost_blocks });
}

static void
look_for_lost (void *data)
{
  ShoalCore *core = data;
  GPtrArray *entries = shoal_files_entries (core);
  for (guint i = 0; i < entries->len; i++)
    if (((ShoalEntry *)entries->pdata[i])->bad->len > 0)
      drop_lost_blocks (entries->pdata[i]);
  shoal_core_settle (core);
}

/* Inside a read of the machine's: it is told when that is over. */
void
shoal_files_block_bad (void *context, uint32_t block)
{
  ShoalEntry *entry = context;
  g_array_append_val (entry->bad, block);
  if (entry->bad->len == 1)
    shoal_core_post (entry->core, look_for_lost, entry->core);
}

/* From when it is in its place, others can change it; who still reads it beside
 * us must be done first, since one thread at a time reads what is watched. */
static void
watch (ShoalEntry *entry)
{
  ShoalMerkle *tree = shoal_peer_tree (shoal_core_machine (entry->core), &entry->fid);
  shoal_file_content_watch (entry->content, tree, shoal_files_block_bad, entry);
  g_clear_pointer (&tree, shoal_merkle_unref);
  g_clear_pointer (&entry->content, shoal_file_content_unref);
}

bool
shoal_files_finish_part (ShoalCore *core, ShoalContent *content, GError **error)
{
  GMutex *finishing = &files_of (core)->finishing;
  g_mutex_lock (finishing);
  bool good = shoal_file_content_finish (content, error);
  g_mutex_unlock (finishing);
  return good;
}

void
shoal_files_finished (ShoalEntry *entry, const char *path)
{
  g_free (entry->path);
  entry->path = g_strdup (path);
  entry->finished = true;
  if (entry->readers == 0)
    watch (entry);
}

void
shoal_files_reader_done (ShoalEntry *entry)
{
  entry->readers--;
  if (entry->finished && entry->readers == 0)
    watch (entry);
}

/* ---- life ---- */

static ShoalMachine *
make_machine (ShoalCore *core, const ShoalAddr *self)
{
  const ShoalFilesOptions *files = shoal_files_options (core);
  g_autofree char *name = shoal_core_random_name ();
  ShoalPeerOptions options = { .self = *self,
                               .tracker = files->tracker,
                               .name = name,
                               .seed = shoal_core_seed (),
                               .service = files->service,
                               .serving = files->serving,
                               .max_datagram_bytes = MAX_DATAGRAM_BYTES };
  shoal_core_rates (core, &options.upload_bytes_per_s, &options.download_bytes_per_s);
  if (files->role == SHOAL_ROLE_SERVER)
    return shoal_server_machine_new (&options);
  if (files->role == SHOAL_ROLE_CLIENT)
    return shoal_client_machine_new (&options);
  ShoalMachine *peer = shoal_peer_machine_new (&options);
  shoal_peer_join (peer, shoal_core_now (core));
  return peer;
}

static void
closing (ShoalCore *core)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = shoal_files_entries (core);
  shoal_set_closed_error (&error);
  while (entries->len > 0)
    shoal_files_drop (entries->pdata[entries->len - 1], error);
}

void
shoal_files_install_signals (GType type)
{
  g_signal_new ("hashing", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING,
                G_TYPE_UINT64, G_TYPE_UINT64);
  g_signal_new ("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                SHOAL_TYPE_FILE_STATE);
  g_signal_new ("file-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING,
                G_TYPE_STRING, G_TYPE_UINT);
}

ShoalFiles *
shoal_files_new (const ShoalFilesOptions *options)
{
  ShoalFiles *files = g_new0 (ShoalFiles, 1);
  files->options = *options;
  files->entries = g_ptr_array_new_with_free_func (entry_free);
  files->by_fid = g_hash_table_new (fid_hash, fid_equal);
  g_mutex_init (&files->finishing);
  return files;
}

static void
files_free (gpointer data)
{
  ShoalFiles *files = data;
  g_hash_table_destroy (files->by_fid);
  g_ptr_array_unref (files->entries);
  g_mutex_clear (&files->finishing);
  g_free (files->options.tracker_text);
  g_free (files);
}

const ShoalCoreOps SHOAL_FILES_OPS = {
  .make_machine = make_machine, .on_event = on_event, .closing = closing, .free = files_free
};
