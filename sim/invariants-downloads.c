/* How downloads end, and whether what is held then is the file. */
#include "sim/invariants-internal.h"
#include "src/peer-check.h"

/* A tick may come a little after the time limit. */
#define LATE_NS SHOAL_SECOND

static const char *
name_of (const ShoalInvariants *v, unsigned file)
{
  return v->options.files[file]->name;
}

/* ---- bytes ---- */

/* Whether the bytes of a block that the node holds are the file's. */
static bool
is_right (const ShoalInvariants *v, const ShoalSimNode *node, unsigned file, uint32_t block)
{
  uint8_t held[SHOAL_BLOCK_BYTES], truth[SHOAL_BLOCK_BYTES];
  const ShoalFile *f = &v->options.files[file]->file;
  ShoalContent *content = shoal_peer_content (node->machine, &f->fid), *right = v->truth[file];
  uint64_t offset = (uint64_t)block * SHOAL_BLOCK_BYTES;
  uint32_t length = shoal_info_block_bytes (&f->info, block);
  if (!right)
    return true; /* virtual content has no bytes */
  return content && content->ops->read (content, offset, held, length)
         && right->ops->read (right, offset, truth, length) && memcmp (held, truth, length) == 0;
}

static void
compare_block (ShoalInvariants *v, const ShoalSimNode *node, unsigned file, uint32_t block)
{
  if (!is_right (v, node, file, block))
    shoal_invariants_break (v, node->world, "held-unverified",
                            "%s holds block %u of %s, whose bytes are not the file's", node->name, block,
                            name_of (v, file));
}

static void
compare_file (ShoalInvariants *v, const ShoalSimNode *node, unsigned file)
{
  const ShoalBitmap *held = shoal_peer_held (node->machine, &v->options.files[file]->file.fid);
  for (uint32_t block = 0; held && block < held->bits && !v->is_broken; block++)
    if (shoal_bitmap_get (held, block))
      compare_block (v, node, file, block);
}

void
shoal_downloads_compare (ShoalInvariants *v, const ShoalSimNode *node)
{
  for (unsigned file = 0; file < v->options.file_count; file++)
    compare_file (v, node, file);
}

/* ---- ends ---- */

static void
on_done (ShoalInvariants *v, const ShoalSimNode *node, unsigned file)
{
  const ShoalFile *f = &v->options.files[file]->file;
  const ShoalBitmap *held = shoal_peer_held (node->machine, &f->fid);
  if (!held || held->bits != shoal_info_blocks (&f->info) || !shoal_bitmap_full (held))
    shoal_invariants_break (v, node->world, "outcome", "%s: %s is said to be done, and lacks blocks",
                            node->name, name_of (v, file));
  compare_file (v, node, file);
}

/* NULL: the reason fits. */
static const char *
misfit (const ShoalNodeWatch *n, const ShoalDownloadWatch *d, ShoalTime now, ShoalFailure failure)
{
  bool is_late = d->limit_ns > 0 && now >= d->began_at + d->limit_ns;
  switch (failure)
    {
    case SHOAL_FAILURE_TIME_LIMIT_NO_HOLDER:
    case SHOAL_FAILURE_TIME_LIMIT_REFUSED:
      return !is_late ? "its time limit has not passed" : d->got_bytes ? "it got something" : NULL;
    case SHOAL_FAILURE_TIME_LIMIT_PARTIAL:
      return is_late ? NULL : "its time limit has not passed";
    case SHOAL_FAILURE_CANCELLED:
      return d->is_cancelled ? NULL : "nobody cancelled it";
    case SHOAL_FAILURE_CLOSED:
      return n->is_closing ? NULL : "nobody closed the node";
    default:
      return "nothing of the kind happened";
    }
}

static void
on_failed (ShoalInvariants *v, const ShoalSimNode *node, unsigned file, ShoalFailure failure)
{
  const ShoalNodeWatch *n = shoal_invariants_node (v, node);
  const char *wrong = misfit (n, &n->downloads[file], node->world->now, failure);
  if (wrong)
    shoal_invariants_break (v, node->world, "outcome", "%s: the download of %s failed (%s), but %s",
                            node->name, name_of (v, file), shoal_failure_text (failure), wrong);
}

/* Only what was begun ends, and only once. */
static void
on_end (ShoalInvariants *v, const ShoalSimNode *node, unsigned file, const ShoalEvent *event)
{
  ShoalDownloadWatch *d = &shoal_invariants_node (v, node)->downloads[file];
  if (!d->is_wanted)
    shoal_invariants_break (v, node->world, "outcome", "%s: a download of %s ends that was not going on",
                            node->name, name_of (v, file));
  else if (event->kind == SHOAL_EVENT_DOWNLOAD_DONE)
    on_done (v, node, file);
  else
    on_failed (v, node, file, (ShoalFailure)event->value);
  d->is_wanted = false;
}

void
shoal_downloads_event (ShoalInvariants *v, ShoalSimNode *node, const ShoalEvent *event)
{
  int file = shoal_invariants_file (v, &event->fid);
  if (file < 0 || node->role == SHOAL_ROLE_TRACKER)
    return;
  ShoalDownloadWatch *d = &shoal_invariants_node (v, node)->downloads[file];
  switch (event->kind)
    {
    case SHOAL_EVENT_DOWNLOAD_STARTED:
      *d = (ShoalDownloadWatch){ .is_wanted = true, .limit_ns = d->limit_ns, .began_at = node->world->now };
      break;
    case SHOAL_EVENT_FIRST_BYTE:
      d->got_bytes = true;
      break;
    case SHOAL_EVENT_BLOCK:
      /* It may be cancelled by now: events are taken after the step. */
      if (shoal_peer_held (node->machine, &event->fid))
        compare_block (v, node, (unsigned)file, (uint32_t)event->value);
      break;
    case SHOAL_EVENT_DOWNLOAD_DONE:
    case SHOAL_EVENT_DOWNLOAD_FAILED:
      on_end (v, node, (unsigned)file, event);
      break;
    default:
      break;
    }
}

void
shoal_downloads_check (ShoalInvariants *v, const ShoalSimNode *node)
{
  const ShoalNodeWatch *n = shoal_invariants_node (v, node);
  ShoalTime now = node->world->now;
  for (unsigned file = 0; file < v->options.file_count && !node->silent; file++)
    {
      const ShoalDownloadWatch *d = &n->downloads[file];
      if (d->is_wanted && d->limit_ns > 0 && now > d->began_at + d->limit_ns + LATE_NS)
        shoal_invariants_break (v, node->world, "time-limit",
                                "%s: the download of %s goes on after its time limit", node->name,
                                name_of (v, file));
    }
}
