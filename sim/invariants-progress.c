/* Progress: a leecher that lacks what somebody reachable holds must get something new before long.
 *
 * How long that may take follows from the lines: all who want something may stand before it at the holder's uplink,
 * and at its own downlink everybody's data may. On top comes a time in which it must have heard of the holder, by the
 * tracker's interval (two minutes), and must have found out that who it asked before is gone. The time counts only
 * while it could get something, and in each moment at the pace that then holds. */
#include "sim/faults.h"
#include "sim/invariants-internal.h"
#include "src/peer-check.h"

#define PATIENCE_NS (240 * SHOAL_SECOND)
#define TURNS 8u         /* blocks of everybody else that may go before */
#define LOSS_MAX 500000u /* millionths: beyond that nothing is promised */
#define ONE 1000000u
#define SLOWEST_BYTES_PER_S 5000u /* of lines slower than that nothing is promised */
#define FLOOD_BYTES_PER_S 300000u /* of one flooder, at most */

static bool
is_present (const ShoalSimNode *node)
{
  return node->started && !node->silent && !node->crashed;
}

/* Datagrams get through, both ways; millionths of the pairs of them that do. */
static uint32_t
passage (ShoalWorld *world, const ShoalSimNode *a, const ShoalSimNode *b)
{
  uint64_t there = ONE - shoal_faults_loss (world, a, b), back = ONE - shoal_faults_loss (world, b, a);
  return there < ONE - LOSS_MAX || back < ONE - LOSS_MAX ? 0 : (uint32_t)(there * back / ONE);
}

/* Flooders can fill its downlink: no protocol helps against that. */
static bool
is_flooded (const ShoalWorld *world, const ShoalSimNode *node)
{
  uint64_t flood = 0, rate = node->downlink.rate_bytes_per_s;
  for (guint i = 0; i < world->nodes->len; i++)
    {
      const ShoalSimNode *other = world->nodes->pdata[i];
      uint64_t most = other->uplink.rate_bytes_per_s;
      if (other->spec.behaviour == SHOAL_BEHAVIOUR_FLOODER && is_present (other))
        flood += most > 0 ? MIN (most, FLOOD_BYTES_PER_S) : FLOOD_BYTES_PER_S;
    }
  return rate > 0 && flood * 4 > rate;
}

static bool
is_slow (const ShoalSimNode *node)
{
  uint64_t up = node->uplink.rate_bytes_per_s, down = node->downlink.rate_bytes_per_s;
  return (up > 0 && up < SLOWEST_BYTES_PER_S) || (down > 0 && down < SLOWEST_BYTES_PER_S);
}

/* Whether something may be expected of its line. */
static bool
can_talk (const ShoalWorld *world, const ShoalSimNode *node)
{
  return is_present (node) && !is_slow (node) && !is_flooded (world, node);
}

static bool
gives (const ShoalWorld *world, const ShoalSimNode *node)
{
  return can_talk (world, node) && node->role == SHOAL_ROLE_PEER
         && node->spec.behaviour == SHOAL_BEHAVIOUR_HONEST;
}

/* Whether it lacks something of the file that the other holds. */
static bool
lacks (const ShoalSimNode *node, const ShoalSimNode *holder, const ShoalFid *fid)
{
  const ShoalBitmap *own = shoal_peer_held (node->machine, fid),
                    *other = shoal_peer_held (holder->machine, fid);
  if (!other || (own && own->bits != other->bits))
    return false;
  if (!own)
    return other->set > 0 || other->bits == 0;
  return shoal_bitmap_count_without (other, own) > 0;
}

/* Downloads that go on, in all. */
static unsigned
wanted (ShoalInvariants *v, const ShoalWorld *world)
{
  unsigned count = 0;
  for (guint i = 0; i < world->nodes->len; i++)
    {
      const ShoalSimNode *node = world->nodes->pdata[i];
      const ShoalNodeWatch *n = shoal_invariants_node (v, node);
      for (unsigned file = 0; file < v->options.file_count; file++)
        count += is_present (node) && n->downloads[file].is_wanted;
    }
  return count;
}

static ShoalTime
blocks_ns (uint64_t blocks, uint64_t rate_bytes_per_s)
{
  return rate_bytes_per_s > 0
             ? (ShoalTime)(blocks * SHOAL_BLOCK_BYTES * (uint64_t)SHOAL_SECOND / rate_bytes_per_s)
             : 0;
}

/* How long it may take until something of the holder's is there. */
static ShoalTime
patience (ShoalInvariants *v, ShoalWorld *world, const ShoalSimNode *node, const ShoalSimNode *holder)
{
  uint64_t others = wanted (v, world), passes = passage (world, node, holder);
  ShoalTime time =
      PATIENCE_NS + blocks_ns (TURNS * others, shoal_invariants_node (v, holder)->up.rate_bytes_per_s)
      + blocks_ns (TURNS * v->options.file_count, shoal_invariants_node (v, node)->down.rate_bytes_per_s);
  /* What is lost is noticed and asked for again, and that may be lost too. */
  return (ShoalTime)((uint64_t)(time / SHOAL_MS) * ONE / MAX (passes, 1) * ONE / MAX (passes, 1)) * SHOAL_MS;
}

/* The holder that it waits for with the least reason; NULL: there is none. */
static const ShoalSimNode *
find_holder (ShoalInvariants *v, ShoalWorld *world, const ShoalSimNode *node, unsigned file,
             ShoalTime *least_ns)
{
  const ShoalSimNode *tracker = world->nodes->pdata[0], *best = NULL;
  *least_ns = SHOAL_NEVER;
  for (guint i = 1; i < world->nodes->len; i++)
    {
      const ShoalSimNode *holder = world->nodes->pdata[i];
      if (holder == node || !gives (world, holder) || !lacks (node, holder, &v->options.files[file]->file.fid)
          || passage (world, node, holder) == 0 || passage (world, holder, tracker) == 0)
        continue;
      ShoalTime time = patience (v, world, node, holder);
      if (time < *least_ns)
        {
          *least_ns = time;
          best = holder;
        }
    }
  return best;
}

static void
check_download (ShoalInvariants *v, ShoalWorld *world, const ShoalSimNode *node, unsigned file,
                ShoalTime elapsed_ns)
{
  ShoalDownloadWatch *d = &shoal_invariants_node (v, node)->downloads[file];
  const ShoalFid *fid = &v->options.files[file]->file.fid;
  const ShoalBitmap *held = shoal_peer_held (node->machine, fid);
  ShoalTime time;
  uint32_t count = held ? held->set : 0;
  const ShoalSimNode *holder = find_holder (v, world, node, file, &time);
  if (!holder || count != d->held)
    {
      d->held = count;
      d->worry = 0;
      return;
    }
  d->worry += (uint32_t)MIN ((uint64_t)(elapsed_ns / SHOAL_US) * ONE / (uint64_t)(time / SHOAL_US), ONE);
  if (d->worry >= ONE)
    shoal_invariants_break (v, world, "starvation",
                            "%s holds %u blocks of %s, and has got nothing new for about %" G_GINT64_FORMAT
                            " s, though it could reach the tracker and %s, which holds others",
                            node->name, count, v->options.files[file]->name, time / SHOAL_SECOND,
                            holder->name);
}

/* Those who break the rules must look after themselves. */
static bool
is_judged (ShoalWorld *world, const ShoalSimNode *node)
{
  bool is_decent =
      node->spec.behaviour == SHOAL_BEHAVIOUR_HONEST || node->spec.behaviour == SHOAL_BEHAVIOUR_FREE_RIDER;
  return can_talk (world, node) && node->role == SHOAL_ROLE_PEER && is_decent
         && passage (world, node, world->nodes->pdata[0]) > 0;
}

/* Only with a tracker, which is the first node then, can it be said that they should have met. */
void
shoal_progress_check (ShoalInvariants *v, ShoalWorld *world, ShoalTime elapsed_ns)
{
  const ShoalSimNode *tracker = world->nodes->pdata[0];
  bool can_meet = tracker->role == SHOAL_ROLE_TRACKER && can_talk (world, tracker);
  for (guint i = 1; i < world->nodes->len; i++)
    {
      const ShoalSimNode *node = world->nodes->pdata[i];
      ShoalNodeWatch *n = shoal_invariants_node (v, node);
      bool counts = can_meet && is_judged (world, node);
      for (unsigned file = 0; file < v->options.file_count; file++)
        if (!counts || !n->downloads[file].is_wanted)
          n->downloads[file].worry = 0;
        else
          check_download (v, world, node, file, elapsed_ns);
    }
}
