#include "real/shoal-notices.h"

struct ShoalNotices {
  gatomicrefcount refs;
  GWeakRef object;
  GMainContext *context; /* a reference */
  GMutex lock;
  GPtrArray *waiting;  /* ShoalNotice, owned, in order of appearance */
  GHashTable *by_name; /* the same, found by kind and text */
  bool scheduled;
};

static guint
notice_hash (gconstpointer key)
{
  const ShoalNotice *notice = key;
  return g_str_hash (notice->text) * 4 + (guint)notice->kind;
}

static gboolean
notice_equal (gconstpointer a, gconstpointer b)
{
  const ShoalNotice *one = a, *other = b;
  return one->kind == other->kind && strcmp (one->text, other->text) == 0;
}

static void
notice_free (gpointer data)
{
  ShoalNotice *notice = data;
  g_free ((char *)notice->text);
  g_free ((char *)notice->path);
  g_free (notice);
}

ShoalNotices *
shoal_notices_new (GObject *object)
{
  ShoalNotices *notices = g_new0 (ShoalNotices, 1);
  g_atomic_ref_count_init (&notices->refs);
  g_weak_ref_init (&notices->object, object);
  notices->context = g_main_context_ref_thread_default ();
  g_mutex_init (&notices->lock);
  notices->waiting = g_ptr_array_new_with_free_func (notice_free);
  notices->by_name = g_hash_table_new (notice_hash, notice_equal);
  return notices;
}

void
shoal_notices_unref (ShoalNotices *notices)
{
  if (!g_atomic_ref_count_dec (&notices->refs))
    return;
  g_weak_ref_clear (&notices->object);
  g_main_context_unref (notices->context);
  g_mutex_clear (&notices->lock);
  g_hash_table_destroy (notices->by_name);
  g_ptr_array_unref (notices->waiting);
  g_free (notices);
}

static void
emit (GObject *object, const ShoalNotice *notice)
{
  switch (notice->kind)
    {
    case SHOAL_NOTICE_PROGRESS:
      g_signal_emit_by_name (object, "progress", notice->text, notice->a, notice->b);
      break;
    case SHOAL_NOTICE_HASHING:
      g_signal_emit_by_name (object, "hashing", notice->text, notice->a, notice->b);
      break;
    case SHOAL_NOTICE_STATE:
      g_signal_emit_by_name (object, "state-changed", notice->text, (ShoalFileState)notice->a);
      break;
    case SHOAL_NOTICE_FILE_CHANGED:
      g_signal_emit_by_name (object, "file-changed", notice->text, notice->path, (guint)notice->a);
      break;
    }
}

static GPtrArray *
take_waiting (ShoalNotices *notices)
{
  g_mutex_lock (&notices->lock);
  GPtrArray *taken = notices->waiting;
  notices->waiting = g_ptr_array_new_with_free_func (notice_free);
  g_hash_table_remove_all (notices->by_name);
  notices->scheduled = false;
  g_mutex_unlock (&notices->lock);
  return taken;
}

static gboolean
emit_waiting (gpointer data)
{
  ShoalNotices *notices = data;
  g_autoptr (GPtrArray) taken = take_waiting (notices);
  g_autoptr (GObject) object = g_weak_ref_get (&notices->object);
  for (guint i = 0; object && i < taken->len; i++)
    emit (object, taken->pdata[i]);
  return G_SOURCE_REMOVE;
}

static void
schedule (ShoalNotices *notices)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  g_atomic_ref_count_inc (&notices->refs);
  g_source_set_callback (source, emit_waiting, notices, (GDestroyNotify)shoal_notices_unref);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "shoal signals");
  g_source_attach (source, notices->context);
}

static void
put (ShoalNotices *notices, const ShoalNotice *notice)
{
  ShoalNotice *there = g_hash_table_lookup (notices->by_name, notice);
  if (there)
    {
      there->a = notice->a;
      there->b = notice->b;
      return;
    }
  there = g_memdup2 (notice, sizeof *notice);
  there->text = g_strdup (notice->text);
  there->path = g_strdup (notice->path);
  g_ptr_array_add (notices->waiting, there);
  g_hash_table_add (notices->by_name, there);
}

void
shoal_notices_add (ShoalNotices *notices, const ShoalNotice *notice)
{
  g_mutex_lock (&notices->lock);
  put (notices, notice);
  bool first = !notices->scheduled;
  notices->scheduled = true;
  g_mutex_unlock (&notices->lock);
  if (first)
    schedule (notices);
}
