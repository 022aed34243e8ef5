#include "sim/invariants-internal.h"
#include "src/contents.h"
#include "src/peer-check.h"

#include <stdarg.h>

#define LOOK_NS SHOAL_SECOND /* between two looks at progress */
/* A peer's state is looked at after each of its steps while that takes no more than so many blocks of neighbours;
 * beyond that more seldom. */
#define CHECK_COST 4096u

static ShoalInvariants *
as_invariants (ShoalWatch *watch)
{
  return (ShoalInvariants *)watch;
}

void
shoal_invariants_break (ShoalInvariants *v, ShoalWorld *world, const char *invariant, const char *format, ...)
{
  if (v->is_broken)
    return;
  va_list values;
  va_start (values, format);
  v->violation.what = g_strdup_vprintf (format, values);
  va_end (values);
  v->violation.invariant = invariant;
  v->violation.at_ns = world->now;
  v->is_broken = true;
  if (v->options.stop)
    *v->options.stop = 1;
  world->stopped = true;
}

int
shoal_invariants_file (const ShoalInvariants *v, const ShoalFid *fid)
{
  for (unsigned i = 0; i < v->options.file_count; i++)
    if (shoal_fid_equal (&v->options.files[i]->file.fid, fid))
      return (int)i;
  return -1;
}

static void
node_watch_free (void *data)
{
  g_free (((ShoalNodeWatch *)data)->downloads);
  g_free (data);
}

/* ---- nodes ---- */

ShoalNodeWatch *
shoal_invariants_node (ShoalInvariants *v, const ShoalSimNode *node)
{
  while (v->nodes->len <= node->number)
    {
      ShoalNodeWatch *made = g_new0 (ShoalNodeWatch, 1);
      made->downloads = g_new0 (ShoalDownloadWatch, v->options.file_count + 1);
      g_ptr_array_add (v->nodes, made);
    }
  ShoalNodeWatch *n = v->nodes->pdata[node->number];
  if (!n->is_known)
    {
      n->is_known = true;
      shoal_span_start (&n->up, node->spec.upload_bytes_per_s, node->world->now);
      shoal_span_start (&n->down, node->spec.download_bytes_per_s, node->world->now);
    }
  return n;
}

/* Its downloads are over, and nothing is under way any more. */
static void
forget (ShoalInvariants *v, ShoalNodeWatch *n, ShoalTime now)
{
  n->is_busy = n->is_closing = n->is_closed = false;
  shoal_span_start (&n->up, n->up.rate_bytes_per_s, now);
  shoal_span_start (&n->down, n->down.rate_bytes_per_s, now);
  memset (n->downloads, 0, v->options.file_count * sizeof *n->downloads);
}

static void
on_command (ShoalWatch *watch, ShoalSimNode *node, const ShoalCommandNote *note)
{
  ShoalInvariants *v = as_invariants (watch);
  ShoalNodeWatch *n = shoal_invariants_node (v, node);
  ShoalTime now = node->world->now;
  int file = note->file ? shoal_invariants_file (v, &note->file->file.fid) : -1;
  if (note->kind == SHOAL_COMMAND_CLOSE)
    n->is_closing = true;
  else if (note->kind == SHOAL_COMMAND_CRASH || note->kind == SHOAL_COMMAND_RESTART)
    forget (v, n, now);
  else if (note->kind == SHOAL_COMMAND_DOWNLOAD && file >= 0 && !n->downloads[file].is_wanted)
    n->downloads[file] = (ShoalDownloadWatch){ .limit_ns = note->time_limit_ns };
  else if (note->kind == SHOAL_COMMAND_CANCEL && file >= 0)
    n->downloads[file].is_cancelled = true;
  else if (note->kind == SHOAL_COMMAND_RATES)
    {
      shoal_span_start (&n->up, note->upload_bytes_per_s, now);
      shoal_span_start (&n->down, note->download_bytes_per_s, now);
    }
}

/* ---- datagrams ---- */

static void
on_takes_uplink (ShoalWatch *watch, ShoalSimNode *node, const ShoalDatagram *datagram)
{
  ShoalInvariants *v = as_invariants (watch);
  const ShoalNodeWatch *n = shoal_invariants_node (v, node);
  bool is_data = datagram->payload.length_bytes > 0;
  const char *wrong =
      node->role != SHOAL_ROLE_TRACKER ? shoal_peer_check_datagram (node->machine, datagram) : NULL;
  if (n->is_closed || (n->is_closing && is_data))
    shoal_invariants_break (v, node->world, "closed-sends", "%s sends %s after it %s", node->name,
                            is_data ? "data" : "something",
                            n->is_closed ? "was closed" : "was told to close");
  if (wrong)
    shoal_invariants_break (v, node->world, "serves", "%s: %s", node->name, wrong);
  shoal_lines_takes (v, node, (size_t)datagram->head_bytes + datagram->payload.length_bytes);
}

static void
on_sent (ShoalWatch *watch, ShoalSimNode *node, size_t bytes)
{
  shoal_lines_sent (as_invariants (watch), node, bytes);
}

static void
on_delivered (ShoalWatch *watch, ShoalSimNode *node, size_t bytes)
{
  shoal_lines_delivered (as_invariants (watch), node, bytes);
}

/* ---- steps ---- */

static void
on_event (ShoalWatch *watch, ShoalSimNode *node, const ShoalEvent *event)
{
  ShoalInvariants *v = as_invariants (watch);
  ShoalNodeWatch *n = shoal_invariants_node (v, node);
  if (event->kind != SHOAL_EVENT_CLOSED)
    {
      shoal_downloads_event (v, node, event);
      return;
    }
  if (!n->is_closing)
    shoal_invariants_break (v, node->world, "outcome", "%s is closed, and nobody told it to close",
                            node->name);
  n->is_closed = true;
}

/* Blocks of neighbours: what a look at a peer's state costs. */
static uint64_t
cost (const ShoalInvariants *v, const ShoalSimNode *node)
{
  uint64_t sum = 1;
  for (unsigned i = 0; i < v->options.file_count; i++)
    {
      ShoalFileInfo info;
      if (shoal_peer_file_info (node->machine, &v->options.files[i]->file.fid, &info))
        sum += (uint64_t)info.blocks * (info.neighbours + 1);
    }
  return sum;
}

static void
on_settled (ShoalWatch *watch, ShoalSimNode *node)
{
  ShoalInvariants *v = as_invariants (watch);
  ShoalNodeWatch *n = shoal_invariants_node (v, node);
  if (node->role == SHOAL_ROLE_TRACKER || node->crashed || v->is_broken)
    return;
  if (n->turn++ % (1 + cost (v, node) / CHECK_COST) != 0)
    return;
  const char *wrong = shoal_peer_check (node->machine);
  if (wrong)
    shoal_invariants_break (v, node->world, "state", "%s: %s", node->name, wrong);
}

static void
on_stepped (ShoalWatch *watch, ShoalWorld *world)
{
  ShoalInvariants *v = as_invariants (watch);
  if (v->options.meddle)
    v->options.meddle (v->options.context, world);
  if (world->now < v->look_at || v->is_broken)
    return;
  for (guint i = 0; i < world->nodes->len; i++)
    shoal_downloads_check (v, world->nodes->pdata[i]);
  shoal_progress_check (v, world, world->now - v->looked_at);
  v->looked_at = world->now;
  v->look_at = world->now + LOOK_NS;
}

/* ---- life ---- */

void
shoal_invariants_finish (ShoalInvariants *v, ShoalBackend *backend)
{
  ShoalWorld *world = (ShoalWorld *)backend;
  for (guint i = 0; i < world->nodes->len && !v->is_broken; i++)
    {
      const ShoalSimNode *node = world->nodes->pdata[i];
      if (node->role == SHOAL_ROLE_TRACKER || node->crashed)
        continue;
      shoal_downloads_check (v, node);
      shoal_downloads_compare (v, node);
    }
}

ShoalInvariants *
shoal_invariants_new (const ShoalInvariantsOptions *options)
{
  ShoalInvariants *v = g_new0 (ShoalInvariants, 1);
  v->watch = (ShoalWatch){ .command = on_command,
                           .takes_uplink = on_takes_uplink,
                           .sent = on_sent,
                           .delivered = on_delivered,
                           .event = on_event,
                           .settled = on_settled,
                           .stepped = on_stepped };
  v->options = *options;
  v->options.files = v->files = g_memdup2 (options->files, options->file_count * sizeof (void *));
  v->nodes = g_ptr_array_new_with_free_func (node_watch_free);
  v->truth = g_new0 (ShoalContent *, options->file_count + 1);
  for (unsigned i = 0; options->real_content && i < options->file_count; i++)
    v->truth[i] = shoal_shared_content_new (options->files[i]);
  return v;
}

void
shoal_invariants_free (ShoalInvariants *v)
{
  for (unsigned i = 0; i < v->options.file_count; i++)
    if (v->truth[i])
      v->truth[i]->ops->free (v->truth[i]);
  g_free (v->truth);
  g_free (v->files);
  g_ptr_array_free (v->nodes, TRUE);
  g_free (v->violation.what);
  g_free (v);
}

ShoalWatch *
shoal_invariants_watch (ShoalInvariants *v)
{
  return &v->watch;
}

const ShoalViolation *
shoal_invariants_violation (const ShoalInvariants *v)
{
  return v->is_broken ? &v->violation : NULL;
}
