/* Blocks that move from a sender who is slow with them to one who is quicker. */
#include "src/peer-internal.h"

#define MOVE_UNKNOWN_NS (5 * SHOAL_SECOND) /* what a block takes as long as none came */
#define MOVE_DOUBLINGS 6u
#define SOON_NS SHOAL_SECOND /* what is not there yet where it is asked for is not slow before, … */
#define SOON_FACTOR 8        /* … nor before so many times what a block takes */
#define MOVE_FACTOR 6        /* a block moves to a sender that is so many times quicker */
#define MOVE_FACTOR_LAST 2   /* the same when all blocks are under way: now the slowest counts */

/* How long the block may still take where it is asked now. */
static ShoalTime
time_left (const ShoalPartial *partial, ShoalTime now)
{
  ShoalTime usual = partial->from->took_ns ? partial->from->took_ns : partial->swarm->peer->down.service_ns;
  ShoalTime elapsed = now - partial->asked_at;
  return elapsed < usual ? usual - elapsed : elapsed; /* overdue: it may take as long again */
}

/* How long a block takes with this neighbour. */
static ShoalTime
usual_time (const ShoalNeighbour *n)
{
  ShoalTime known = n->took_ns ? n->took_ns : n->swarm->peer->down.service_ns;
  return known ? known : MOVE_UNKNOWN_NS;
}

/* The block that the neighbour owes us for the longest time, but those for which it waits itself, for not too long; NULL:
 * there is none. */
static ShoalPartial *
oldest_owed (const ShoalNeighbour *n, ShoalTime now)
{
  ShoalTime patience = MAX (SOON_NS, SOON_FACTOR * n->swarm->peer->down.service_ns);
  for (GList *l = n->asked.head; l; l = l->next)
    {
      ShoalPartial *partial = l->data;
      if (!partial->is_soon || now - partial->asked_at > patience)
        return partial;
    }
  return NULL;
}

/* With nothing else to ask for, a credit may move a block here that another is slow with. Each move takes twice the
 * patience of the one before: where all are slow, a block that goes from one to the next never comes. Where the own
 * downlink never runs dry, nobody else is to blame. */
ShoalPartial *
shoal_moving_slowest (ShoalNeighbour *n, ShoalTime now)
{
  ShoalSwarm *s = n->swarm;
  ShoalTime here = usual_time (n) * (shoal_bitmap_full (&s->taken) ? MOVE_FACTOR_LAST : MOVE_FACTOR);
  ShoalPartial *slowest = NULL;
  ShoalTime longest = 0;
  for (guint i = 0; i < s->neighbours->len; i++)
    {
      ShoalNeighbour *other = s->neighbours->pdata[i];
      ShoalPartial *partial = oldest_owed (other, now);
      if (other == n || !partial || !shoal_soon_may_ask (n, partial->block))
        continue;
      ShoalTime left = time_left (partial, now);
      if (left > here << MIN (partial->moves, MOVE_DOUBLINGS) && left > longest)
        {
          slowest = partial;
          longest = left;
        }
    }
  return slowest;
}
