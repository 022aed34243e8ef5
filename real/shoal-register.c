/* Registering: read and hashed in the caller's thread, offered in the core's.
 */
#include "real/file-scan.h"
#include "real/shoal-files.h"
#include "real/shoal-node-private.h"

/* What goes from one thread to the other. */
typedef struct {
  char *path; /* absolute */
  ShoalFile file;
  ShoalMerkle *tree; /* a reference */
  ShoalFileStamp stamp;
  ShoalResult result;
  GError *error; /* owned */
} Registration;

/* ---- hashing ---- */

typedef struct {
  ShoalCore *core;
  const char *path;
  GCancellable *stop;
  gint64 told_at_us;
} Hashing;

static void
on_hashing (void *context, uint64_t done_bytes, uint64_t all_bytes)
{
  Hashing *hashing = context;
  gint64 now_us = g_get_monotonic_time ();
  if (shoal_core_is_closing (hashing->core))
    g_cancellable_cancel (hashing->stop);
  if (done_bytes < all_bytes && now_us - hashing->told_at_us < G_USEC_PER_SEC / 10)
    return;
  hashing->told_at_us = now_us;
  shoal_core_notify (
      hashing->core,
      &(ShoalNotice){ .kind = SHOAL_NOTICE_HASHING, .text = hashing->path, .a = done_bytes, .b = all_bytes });
}

static void
on_cancelled (GCancellable *cancellable, gpointer stop)
{
  (void)cancellable;
  g_cancellable_cancel (stop);
}

/* Stops for the caller and for the end of the node. */
static bool
hash (ShoalCore *core, Registration *r, GCancellable *cancellable, GError **error)
{
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  Hashing hashing = { .core = core, .path = r->path, .stop = stop };
  const ShoalFileScan scan = {
    .path = r->path, .cancellable = stop, .on_progress = on_hashing, .context = &hashing, .stamp = &r->stamp
  };
  gulong id = cancellable ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), stop, NULL) : 0;
  bool good = shoal_file_scan (&scan, &r->file, &r->tree, error);
  g_cancellable_disconnect (cancellable, id);
  if (!good && shoal_core_is_closing (core))
    {
      g_clear_error (error);
      shoal_set_closed_error (error);
    }
  return good;
}

/* ---- offering ---- */

/* What is being downloaded is complete by this, and what had lost blocks is
 * whole again: the machine takes it as new. */
static void
withdraw_old (ShoalCore *core, ShoalEntry *entry)
{
  entry->replaced = true;
  entry->memory = NULL;
  shoal_peer_cancel (shoal_core_machine (core), shoal_core_now (core), &entry->fid);
  g_clear_pointer (&entry->content, shoal_file_content_unref);
  g_clear_pointer (&entry->bytes, g_bytes_unref);
  g_array_set_size (entry->bad, 0);
  entry->finished = false;
  entry->owner = NULL;
  entry->readers = entry->lost_blocks = 0;
}

static ShoalContent *
open_offer (const Registration *r, ShoalEntry *entry, GError **error)
{
  const ShoalFileOffer offer = { .path = r->path,
                                 .file = &r->file,
                                 .tree = r->tree,
                                 .stamp = &r->stamp,
                                 .on_bad = shoal_files_block_bad,
                                 .context = entry };
  return shoal_file_content_offer (&offer, error);
}

static void
offer (ShoalCore *core, ShoalEntry *entry, Registration *r)
{
  ShoalContent *content = open_offer (r, entry, &r->error);
  if (!content)
    return;
  g_free (entry->path);
  entry->path = g_strdup (r->path);
  r->result = shoal_peer_register (shoal_core_machine (core), shoal_core_now (core), &r->file, content,
                                   g_steal_pointer (&r->tree));
}

static void
run_register (ShoalCore *core, gpointer data)
{
  Registration *r = data;
  ShoalEntry *entry = shoal_files_find (core, &r->file.fid);
  if (entry && entry->state == SHOAL_FILE_STATE_HELD && entry->lost_blocks == 0)
    return;
  if (entry)
    withdraw_old (core, entry);
  else
    entry = shoal_files_add (core, &r->file.fid, SHOAL_FILE_STATE_SEARCHING);
  offer (core, entry, r);
  if (r->error || r->result != SHOAL_OK)
    {
      g_autoptr (GError) closed = NULL;
      shoal_set_closed_error (&closed);
      shoal_files_drop (entry, r->error ? r->error : closed);
    }
  shoal_core_settle (core);
}

static void
set_result_error (const Registration *r, GError **error)
{
  if (r->result == SHOAL_CLOSED)
    shoal_set_closed_error (error);
  else
    g_set_error (error, SHOAL_ERROR, SHOAL_ERROR_FAILED, "'%s' cannot be registered (%d)", r->path,
                 (int)r->result);
}

static char *
register_hashed (ShoalCore *core, Registration *r, GError **error)
{
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  if (!shoal_core_call (core, run_register, r))
    r->result = SHOAL_CLOSED;
  if (r->error)
    {
      g_propagate_error (error, r->error);
      return NULL;
    }
  if (r->result != SHOAL_OK)
    {
      set_result_error (r, error);
      return NULL;
    }
  shoal_fid_to_hex (&r->file.fid, hex);
  return g_strdup (hex);
}

char *
shoal_files_register (ShoalCore *core, const char *path, GCancellable *cancellable, GError **error)
{
  if (shoal_files_options (core)->role == SHOAL_ROLE_CLIENT)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "a client of a server uploads nothing; register files with the server");
      return NULL;
    }
  Registration *r = g_new0 (Registration, 1);
  r->path = g_canonicalize_filename (path, NULL);
  char *fid = hash (core, r, cancellable, error) ? register_hashed (core, r, error) : NULL;
  g_clear_pointer (&r->tree, shoal_merkle_unref);
  g_free (r->path);
  g_free (r);
  return fid;
}

static void
register_in_thread (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  char *fid = shoal_files_register (shoal_node_core (source), path, cancellable, &error);
  if (fid)
    g_task_return_pointer (task, fid, g_free);
  else
    g_task_return_error (task, error);
}

void
shoal_files_register_async (ShoalCore *core, const char *path, GTask *task)
{
  g_task_set_check_cancellable (task, FALSE); /* registering says itself whether it was cancelled */
  if (core)
    {
      g_task_set_task_data (task, g_strdup (path), g_free);
      g_task_run_in_thread (task, register_in_thread);
      return;
    }
  g_autoptr (GError) error = NULL;
  shoal_set_closed_error (&error);
  g_task_return_error (task, g_steal_pointer (&error));
}
