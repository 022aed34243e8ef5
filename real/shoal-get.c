#include "real/shoal-get.h"

#include "real/shoal-node-private.h"

/* ---- life ---- */

static ShoalGet *
get_new (const ShoalGetOptions *options, GError **error)
{
  ShoalFid fid;
  if (!shoal_parse_fid (options->fid, &fid, error))
    return NULL;
  ShoalGet *get = g_new0 (ShoalGet, 1);
  g_atomic_ref_count_init (&get->refs);
  get->core = shoal_core_ref (options->core);
  get->fid = fid;
  get->path = options->path ? g_canonicalize_filename (options->path, NULL) : NULL;
  get->flags = options->flags;
  get->timeout_ms = options->timeout_ms;
  g_set_object (&get->cancellable, options->cancellable);
  return get;
}

static ShoalGet *
get_ref (ShoalGet *get)
{
  g_atomic_ref_count_inc (&get->refs);
  return get;
}

void
shoal_get_unref (ShoalGet *get)
{
  if (!g_atomic_ref_count_dec (&get->refs))
    return;
  shoal_held_clear (&get->held);
  g_clear_error (&get->error);
  g_clear_object (&get->cancellable);
  g_clear_object (&get->task);
  g_free (get->path);
  shoal_core_unref (get->core);
  g_free (get);
}

char *
shoal_get_place (const ShoalGet *get, const char *name)
{
  if (!get->path || !(get->flags & SHOAL_DOWNLOAD_INTO_DIRECTORY))
    return g_strdup (get->path);
  return g_build_filename (get->path, name, NULL);
}

/* ---- delivering, in the caller's thread or one of the task's ---- */

typedef struct {
  ShoalCore *core;
  ShoalFid fid;
  ShoalContent *content; /* a reference: that the entry is still the same */
  char *path;            /* owned; NULL: the part file was only read */
} Report;

static void
take_report (void *data)
{
  Report *report = data;
  ShoalEntry *entry = shoal_files_find (report->core, &report->fid);
  if (entry && entry->content == report->content)
    {
      if (report->path)
        shoal_files_finished (entry, report->path);
      else
        shoal_files_reader_done (entry);
    }
  shoal_file_content_unref (report->content);
  g_free (report->path);
  g_free (report);
}

/* The core's thread is told what became of a part file. */
static void
report (const ShoalGet *get, const char *path)
{
  Report *r = g_new0 (Report, 1);
  r->core = get->core;
  r->fid = get->fid;
  r->content = shoal_file_content_ref (get->held.content);
  r->path = g_strdup (path);
  if (shoal_core_post (get->core, take_report, r))
    return;
  shoal_file_content_unref (r->content);
  g_free (r->path);
  g_free (r);
}

static bool
finish (const ShoalGet *get, const char *place, GError **error)
{
  g_autoptr (GError) reason = NULL;
  if (shoal_files_finish_part (get->core, get->held.content, &reason))
    {
      report (get, place);
      return true;
    }
  shoal_set_storage_error (error, reason);
  return false;
}

static char *
deliver_file (const ShoalGet *get, const ShoalHeldReader *reader, GError **error)
{
  g_autofree char *place = shoal_get_place (get, get->held.file.info.name);
  bool replace = get->flags & SHOAL_DOWNLOAD_REPLACE, good;
  if (get->held.kind == SHOAL_HELD_TO_FINISH)
    good = finish (get, place, error);
  else if (get->held.kind == SHOAL_HELD_IN_PLACE)
    good = shoal_held_check (&get->held, reader, error);
  else
    good = shoal_held_copy (&get->held, place, replace, reader, error);
  return good ? g_steal_pointer (&place) : NULL;
}

/* Settled: all is the caller's. */
static gpointer
deliver (ShoalGet *get, GError **error)
{
  const ShoalHeldReader reader = { .core = get->core, .cancellable = get->cancellable };
  gpointer result = NULL;
  shoal_core_lock (get->core);
  gulong id = get->cancellable_id;
  shoal_core_unlock (get->core);
  g_cancellable_disconnect (get->cancellable, id);
  if (get->error)
    g_propagate_error (error, g_steal_pointer (&get->error));
  else if (get->path)
    result = deliver_file (get, &reader, error);
  else
    result = shoal_held_read (&get->held, &reader, error);
  if (get->held.kind == SHOAL_HELD_PART)
    report (get, NULL);
  return result;
}

/* ---- in the core's thread ---- */

static void
deliver_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ShoalGet *get = data;
  GError *error = NULL;
  (void)source, (void)cancellable;
  bool to_file = get->path != NULL;
  gpointer result = deliver (get, &error);
  if (result)
    g_task_return_pointer (task, result, to_file ? g_free : (GDestroyNotify)g_bytes_unref);
  else
    g_task_return_error (task, error);
}

void
shoal_get_settle (ShoalGet *get, ShoalHeld *held, const GError *error)
{
  shoal_core_lock (get->core);
  bool first = !get->settled;
  get->settled = true;
  if (held)
    get->held = *held;
  if (error)
    get->error = g_error_copy (error);
  shoal_core_wake_all (get->core);
  g_autoptr (GTask) task = g_steal_pointer (&get->task);
  shoal_core_unlock (get->core);
  g_assert (first);
  if (task)
    g_task_run_in_thread (task, deliver_in_thread);
}

static void
settle_cancelled (ShoalGet *get)
{
  g_autoptr (GError) error = NULL;
  g_cancellable_set_error_if_cancelled (get->cancellable, &error);
  shoal_get_settle (get, NULL, error);
}

/* The caller gives up. When nobody else waits for it, the machine need not get
 * it. */
static void
give_up (ShoalGet *get)
{
  ShoalCore *core = get->core;
  ShoalEntry *entry = shoal_files_find (core, &get->fid);
  guint place;
  get->cancelled = true;
  if (!get->begun || !entry || !g_ptr_array_find (entry->gets, get, &place))
    return;
  settle_cancelled (get);
  if (entry->owner == get)
    entry->owner = NULL;
  g_ptr_array_remove_index (entry->gets, place);
  if (entry->gets->len > 0)
    return;
  shoal_peer_cancel (shoal_core_machine (core), shoal_core_now (core), &get->fid);
  shoal_core_settle (core);
}

static void
settle_with (ShoalGet *get, ShoalResult result)
{
  g_autoptr (GError) error = NULL;
  if (result == SHOAL_CLOSED)
    shoal_set_closed_error (&error);
  else
    g_set_error (&error, SHOAL_ERROR, SHOAL_ERROR_FAILED, "the download cannot begin (%d)", (int)result);
  shoal_get_settle (get, NULL, error);
}

static void
begin_new (ShoalGet *get)
{
  ShoalEntry *entry = shoal_files_add (get->core, &get->fid, SHOAL_FILE_STATE_SEARCHING);
  ShoalResult result = shoal_files_start (entry, get->timeout_ms);
  if (result != SHOAL_OK)
    {
      settle_with (get, result);
      shoal_files_drop (entry, NULL);
      return;
    }
  g_ptr_array_add (entry->gets, get_ref (get));
  shoal_core_settle (get->core);
}

static void
begin (ShoalGet *get)
{
  ShoalEntry *entry = shoal_files_find (get->core, &get->fid);
  if (entry && entry->state == SHOAL_FILE_STATE_HELD)
    shoal_files_give (entry, get);
  else if (entry)
    g_ptr_array_add (entry->gets, get_ref (get));
  else
    begin_new (get);
}

/* ---- what callers post ---- */

static void
run_begin (void *data)
{
  ShoalGet *get = data;
  get->begun = true;
  if (get->cancelled)
    settle_cancelled (get);
  else
    begin (get);
  shoal_get_unref (get);
}

static void
run_give_up (void *data)
{
  give_up (data);
  shoal_get_unref (data);
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  ShoalGet *get = data;
  (void)cancellable;
  if (!shoal_core_post (get->core, run_give_up, get_ref (get)))
    shoal_get_unref (get);
}

/* From here on the core's thread has it; it settles each get that was begun.
 * False: the core has ended. */
static bool
post (ShoalGet *get)
{
  gulong id = 0;
  if (get->cancellable)
    id = g_cancellable_connect (get->cancellable, G_CALLBACK (on_cancelled), get_ref (get),
                                (GDestroyNotify)shoal_get_unref);
  shoal_core_lock (get->core);
  get->cancellable_id = id;
  shoal_core_unlock (get->core);
  if (shoal_core_post (get->core, run_begin, get_ref (get)))
    return true;
  shoal_get_unref (get);
  g_cancellable_disconnect (get->cancellable, id);
  return false;
}

static void
wait_until_settled (ShoalGet *get)
{
  shoal_core_lock (get->core);
  while (!get->settled)
    shoal_core_wait (get->core);
  shoal_core_unlock (get->core);
}

gpointer
shoal_get_wait (const ShoalGetOptions *options, GError **error)
{
  gpointer result = NULL;
  ShoalGet *get = get_new (options, error);
  if (!get)
    return NULL;
  if (post (get))
    {
      wait_until_settled (get);
      result = deliver (get, error);
    }
  else
    shoal_set_closed_error (error);
  shoal_get_unref (get);
  return result;
}

void
shoal_get_async (const ShoalGetOptions *options, GTask *task)
{
  GError *error = NULL;
  ShoalGet *get = get_new (options, &error);
  if (!get)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, get, (GDestroyNotify)shoal_get_unref);
  get->task = g_object_ref (task);
  if (post (get))
    return;
  g_clear_object (&get->task);
  shoal_set_closed_error (&error);
  g_task_return_error (task, error);
}
