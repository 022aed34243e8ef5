#include "src/strategy.h"

#define NOT_MUCH_LESS 3

static void
serve_all (const ShoalTurn *turn, ShoalSuitor *suitors, unsigned count)
{
  (void)turn;
  for (unsigned i = 0; i < count; i++)
    {
      suitors[i].served = true;
      suitors[i].on_trial = false;
    }
}

/* ---- tit for tat ---- */

/* Who is served stays so against one that gives only a little more: a change costs both a while. */
static uint64_t
merit (const ShoalSuitor *suitor)
{
  uint64_t gives = suitor->gives_bytes_per_s;
  return suitor->served && !suitor->on_trial ? gives + gives / 8 : gives;
}

static bool
gives_more (const ShoalSuitor *a, const ShoalSuitor *b)
{
  if (merit (a) != merit (b))
    return merit (a) > merit (b);
  return a->order < b->order;
}

/* Suitors that give more than this one. */
static unsigned
rank (const ShoalSuitor *suitors, unsigned count, const ShoalSuitor *suitor)
{
  unsigned before = 0;
  for (unsigned i = 0; i < count; i++)
    before += &suitors[i] != suitor && gives_more (&suitors[i], suitor);
  return before;
}

/* The one on trial stays for some turns; then it is the turn of who waited longest. NULL: nobody waits. */
static ShoalSuitor *
next_on_trial (const ShoalTurn *turn, ShoalSuitor *suitors, unsigned count, const bool *chosen)
{
  ShoalSuitor *next = NULL;
  bool change = turn->number % turn->trial_turns == 0;
  for (unsigned i = 0; i < count; i++)
    {
      if (chosen[i])
        continue;
      if (suitors[i].on_trial && !change)
        return &suitors[i];
      if (!suitors[i].on_trial && (!next || suitors[i].turns_waited > next->turns_waited))
        next = &suitors[i];
    }
  return next;
}

/* What the last of those in the slots gives. Who gives not much less is served, too: among equals choking
 * would only make the swarm sparse (20 equal leechers: 1.19 of the bound with slots alone, 1.09 so). */
static uint64_t
enough (const ShoalTurn *turn, const ShoalSuitor *suitors, unsigned count)
{
  uint64_t least = UINT64_MAX;
  for (unsigned i = 0; i < count; i++)
    if (rank (suitors, count, &suitors[i]) < turn->slots)
      least = MIN (least, suitors[i].gives_bytes_per_s);
  return MAX (least / NOT_MUCH_LESS, 1);
}

static void
serve_givers (const ShoalTurn *turn, ShoalSuitor *suitors, unsigned count)
{
  if (turn->complete)
    {
      serve_all (turn, suitors, count);
      return;
    }
  bool *chosen = g_new0 (bool, count);
  uint64_t least = enough (turn, suitors, count);
  for (unsigned i = 0; i < count; i++)
    chosen[i] = suitors[i].turns_known < SHOAL_NEWCOMER_TURNS || suitors[i].gives_bytes_per_s >= least;
  const ShoalSuitor *trial = next_on_trial (turn, suitors, count, chosen);
  for (unsigned i = 0; i < count; i++)
    {
      suitors[i].on_trial = &suitors[i] == trial;
      suitors[i].served = chosen[i] || suitors[i].on_trial;
    }
  g_free (chosen);
}

/* ---- in turn ---- */

static void
serve_in_turn (const ShoalTurn *turn, ShoalSuitor *suitors, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    {
      unsigned place = (i + count - turn->number * turn->slots % count) % count;
      suitors[i].served = place < turn->slots;
      suitors[i].on_trial = false;
    }
}

/* ---- all of them ---- */

const ShoalStrategy shoal_strategy_none = { "none", "serves everybody", serve_all };
const ShoalStrategy shoal_strategy_tit_for_tat = { "tit-for-tat",
                                                   "serves those who give most, newcomers, and one on trial",
                                                   serve_givers };
const ShoalStrategy shoal_strategy_turns = { "turns", "serves some after others, whatever they give",
                                             serve_in_turn };

const ShoalStrategy *
shoal_strategy (unsigned i)
{
  static const ShoalStrategy *const all[] = { &shoal_strategy_none, &shoal_strategy_tit_for_tat,
                                              &shoal_strategy_turns };
  return i < G_N_ELEMENTS (all) ? all[i] : NULL;
}

const ShoalStrategy *
shoal_strategy_by_name (const char *name)
{
  const ShoalStrategy *strategy;
  for (unsigned i = 0; (strategy = shoal_strategy (i)); i++)
    if (strcmp (strategy->name, name) == 0)
      return strategy;
  return NULL;
}
