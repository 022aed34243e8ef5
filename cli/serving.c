#include "cli/serving.h"

#include "cli/interrupt.h"
#include "cli/line.h"
#include "cli/rate.h"
#include "cli/status-socket.h"

#include <glib-unix.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* How often the node is looked at, while something is under way and while it only serves: each look wakes up a thread. */
#define BUSY_TICK_MS 100u
#define IDLE_TICK_MS 1000u
/* Of "status" events: while something is under way, and while it only serves. */
#define BUSY_INTERVAL_US G_USEC_PER_SEC
#define IDLE_INTERVAL_US ((int64_t)60 * G_USEC_PER_SEC)
struct ShoalServing {
  ShoalServingOptions options;
  ShoalNode *node; /* a reference; NULL: not there yet */
  ShoalStatusSocket *socket;
  GMainLoop *loop;
  GCancellable *cancellable;
  ShoalLine line;
  guint tick, interrupt; /* sources; 0: none */
  int64_t start_us, emitted_us;
  int status;
  unsigned under_way;
  bool is_pending, is_ending, told_trouble;
  ShoalRate sending, receiving;
};

/* ---- rates ---- */

static void
note_rates (ShoalServing *serving)
{
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (serving->node);
  shoal_rate_note (&serving->sending, status->sent_bytes);
  shoal_rate_note (&serving->receiving, status->received_bytes);
}

double
shoal_serving_sending (const ShoalServing *serving)
{
  return shoal_rate_per_s (&serving->sending);
}

double
shoal_serving_receiving (const ShoalServing *serving)
{
  return shoal_rate_per_s (&serving->receiving);
}

double
shoal_serving_seconds (const ShoalServing *serving)
{
  return (double)(g_get_monotonic_time () - serving->start_us) / G_USEC_PER_SEC;
}

/* ---- telling ---- */

void
shoal_serving_say (ShoalServing *serving, const char *format, ...)
{
  va_list values;
  if (serving->options.is_quiet)
    return;
  va_start (values, format);
  g_autofree char *text = g_strdup_vprintf (format, values);
  va_end (values);
  g_autofree char *printable = shoal_printable (text, true); /* a name in it makes no line of its own */
  shoal_line_hide (&serving->line);
  shoal_complain ("%s", printable);
}

void
shoal_serving_print (ShoalServing *serving, const char *format, ...)
{
  va_list values;
  if (serving->options.is_json)
    return;
  shoal_line_hide (&serving->line);
  va_start (values, format);
  g_autofree char *text = g_strdup_vprintf (format, values);
  va_end (values);
  g_autofree char *printable =
      isatty (STDOUT_FILENO) ? shoal_printable (text, false) : NULL; /* programs get it as it is */
  fputs (printable != NULL ? printable : text, stdout);
  fflush (stdout);
}

JsonBuilder *
shoal_serving_event (const char *name)
{
  JsonBuilder *b = json_builder_new ();
  json_builder_begin_object (b);
  shoal_json_add_text (b, "event", name);
  return b;
}

void
shoal_serving_emit (ShoalServing *serving, JsonBuilder *event)
{
  json_builder_end_object (event);
  if (serving->options.is_json)
    {
      g_autofree char *line = shoal_json_line (event);
      shoal_line_hide (&serving->line);
      fputs (line, stdout);
      fflush (stdout);
    }
  g_object_unref (event);
}

int
shoal_serving_fail (ShoalServing *serving, const char *path, const GError *error)
{
  JsonBuilder *event = shoal_serving_event ("failed");
  shoal_json_add_text (event, "path", path);
  shoal_json_add_text (event, "message", error->message);
  shoal_serving_emit (serving, event);
  shoal_line_hide (&serving->line);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)) /* of an address that was typed */
    return shoal_complain_usage (serving->options.command, "%s", error->message);
  g_autofree char *printable = shoal_printable (error->message, true);
  shoal_complain ("%s", printable);
  return SHOAL_EXIT_FAILED;
}

static const char *
state_word (const ShoalFileStatus *file)
{
  switch (file->state)
    {
    case SHOAL_FILE_STATE_SEARCHING:
      return "searching";
    case SHOAL_FILE_STATE_DOWNLOADING:
      return "downloading";
    case SHOAL_FILE_STATE_HELD:
      return "held";
    default:
      return "gone";
    }
}

void
shoal_serving_add_file (JsonBuilder *b, const ShoalFileStatus *file)
{
  shoal_json_add_text (b, "fid", file->fid);
  shoal_json_add_text (b, "name", file->name);
  shoal_json_add_text (b, "path", file->path);
  shoal_json_add_text (b, "state", state_word (file));
  shoal_json_add_count (b, "size_bytes", file->size_bytes);
  shoal_json_add_count (b, "held_bytes", file->held_bytes);
  shoal_json_add_count (b, "neighbours", file->neighbours);
  shoal_json_add_count (b, "lost_blocks", file->lost_blocks);
}

static void
add_node (const ShoalServing *serving, JsonBuilder *b)
{
  g_autoptr (ShoalNodeStatus) status = shoal_node_get_status (serving->node);
  shoal_json_add_text (b, "command", serving->options.command);
  shoal_json_add_count (b, "pid", (uint64_t)getpid ());
  shoal_json_add_real (b, "seconds", shoal_serving_seconds (serving));
  shoal_json_add_count (b, "port", shoal_node_get_port (serving->node));
  shoal_json_add_count (b, "upload_limit_bytes_per_s", shoal_node_get_upload_rate (serving->node));
  shoal_json_add_count (b, "download_limit_bytes_per_s", shoal_node_get_download_rate (serving->node));
  shoal_json_add_real (b, "sending_bytes_per_s", shoal_serving_sending (serving));
  shoal_json_add_real (b, "receiving_bytes_per_s", shoal_serving_receiving (serving));
  shoal_json_add_count (b, "sent_bytes", status->sent_bytes);
  shoal_json_add_count (b, "received_bytes", status->received_bytes);
  shoal_json_add_count (b, "send_errors", status->send_errors);
  shoal_json_add_count (b, "dropped_datagrams", status->dropped_datagrams);
  shoal_json_add_count (b, "malformed_datagrams", status->malformed_datagrams);
  shoal_json_add_count (b, "unknown_datagrams", status->unknown_datagrams);
  shoal_json_add_count (b, "payload_sent_bytes", status->payload_sent_bytes);
  shoal_json_add_count (b, "payload_received_bytes", status->payload_received_bytes);
  shoal_json_add_count (b, "duplicate_bytes", status->duplicate_bytes);
  shoal_json_add_count (b, "blocks_bad", status->blocks_bad);
  serving->options.add_status (serving->options.context, b);
}

static char *
status_text (void *context)
{
  ShoalServing *serving = context;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  add_node (serving, b);
  json_builder_end_object (b);
  return shoal_json_line (b);
}

static void
emit_status (ShoalServing *serving)
{
  int64_t now_us = g_get_monotonic_time ();
  int64_t interval_us = serving->is_pending ? BUSY_INTERVAL_US : IDLE_INTERVAL_US;
  if (!serving->options.is_json || now_us - serving->emitted_us < interval_us)
    return;
  serving->emitted_us = now_us;
  JsonBuilder *event = shoal_serving_event ("status");
  add_node (serving, event);
  shoal_serving_emit (serving, event);
}

static void
tell_progress (ShoalServing *serving)
{
  emit_status (serving);
  if (!shoal_line_is_due (&serving->line))
    return;
  g_autofree char *text = serving->options.describe (serving->options.context);
  if (text != NULL)
    shoal_line_show (&serving->line, text);
}

/* What the system says of sending, once: later it says no more. */
static void
tell_trouble (ShoalServing *serving)
{
  g_autofree char *trouble = serving->told_trouble ? NULL : shoal_node_dup_trouble (serving->node);
  if (trouble == NULL)
    return;
  serving->told_trouble = true;
  shoal_serving_say (serving, "sending is in trouble: %s", trouble);
}

/* ---- life ---- */

static gboolean
on_tick (gpointer data)
{
  ShoalServing *serving = data;
  if (serving->is_ending || serving->node == NULL)
    return G_SOURCE_CONTINUE;
  note_rates (serving);
  tell_trouble (serving);
  if (serving->options.on_tick != NULL)
    serving->options.on_tick (serving->options.context);
  tell_progress (serving);
  return G_SOURCE_CONTINUE;
}

static void
set_tick (ShoalServing *serving)
{
  g_clear_handle_id (&serving->tick, g_source_remove);
  serving->tick = g_timeout_add (serving->is_pending ? BUSY_TICK_MS : IDLE_TICK_MS, on_tick, serving);
}

static gboolean
on_interrupt (gint fd, GIOCondition condition, gpointer data)
{
  ShoalServing *serving = data;
  int number = g_atomic_int_get (shoal_interrupt_flag ());
  (void)fd, (void)condition;
  serving->interrupt = 0;
  shoal_serving_end (serving, serving->is_pending ? 128 + number : SHOAL_EXIT_DONE);
  return G_SOURCE_REMOVE;
}

ShoalServing *
shoal_serving_new (const ShoalServingOptions *options)
{
  ShoalServing *serving = g_new0 (ShoalServing, 1);
  serving->options = *options;
  serving->loop = g_main_loop_new (NULL, FALSE);
  serving->cancellable = g_cancellable_new ();
  serving->start_us = serving->emitted_us = g_get_monotonic_time ();
  shoal_line_start (&serving->line, options->is_quiet);
  shoal_interrupt_catch ();
  if (shoal_interrupt_fd () >= 0)
    serving->interrupt = g_unix_fd_add (shoal_interrupt_fd (), G_IO_IN, on_interrupt, serving);
  set_tick (serving);
  return serving;
}

void
shoal_serving_set_node (ShoalServing *serving, gpointer node)
{
  g_autoptr (GError) error = NULL;
  serving->node = g_object_ref (node);
  serving->socket = shoal_status_socket_new (status_text, serving, &error);
  if (serving->socket == NULL)
    shoal_serving_say (serving, "`shoal status` cannot tell of this process: %s", error->message);
}

static void
on_closed (GObject *node, GAsyncResult *result, gpointer data)
{
  ShoalServing *serving = data;
  shoal_node_close_finish (SHOAL_NODE (node), result, NULL);
  g_main_loop_quit (serving->loop);
}

int
shoal_serving_run (ShoalServing *serving)
{
  if (!serving->is_ending)
    g_main_loop_run (serving->loop);
  shoal_line_hide (&serving->line);
  if (serving->node == NULL)
    return serving->status;
  shoal_node_close_async (serving->node, NULL, on_closed, serving);
  g_main_loop_run (serving->loop);
  while (serving->under_way > 0)
    g_main_context_iteration (NULL, TRUE);
  JsonBuilder *event = shoal_serving_event ("closed");
  add_node (serving, event);
  shoal_serving_emit (serving, event);
  return serving->status;
}

void
shoal_serving_end (ShoalServing *serving, int status)
{
  if (serving->is_ending)
    return;
  serving->is_ending = true;
  serving->status = status;
  g_cancellable_cancel (serving->cancellable);
  g_main_loop_quit (serving->loop);
}

void
shoal_serving_enter (ShoalServing *serving)
{
  serving->under_way++;
}

void
shoal_serving_leave (ShoalServing *serving)
{
  g_assert (serving->under_way > 0);
  serving->under_way--;
}

void
shoal_serving_set_pending (ShoalServing *serving, bool is_pending)
{
  if (serving->is_pending == is_pending)
    return;
  serving->is_pending = is_pending;
  set_tick (serving);
}

GCancellable *
shoal_serving_cancellable (ShoalServing *serving)
{
  return serving->cancellable;
}

bool
shoal_serving_is_ending (const ShoalServing *serving)
{
  return serving->is_ending;
}

void
shoal_serving_free (ShoalServing *serving)
{
  g_clear_handle_id (&serving->tick, g_source_remove);
  g_clear_handle_id (&serving->interrupt, g_source_remove);
  shoal_status_socket_free (serving->socket);
  g_clear_object (&serving->node);
  g_object_unref (serving->cancellable);
  g_main_loop_unref (serving->loop);
  g_free (serving);
}
