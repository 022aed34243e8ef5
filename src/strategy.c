#include "src/strategy.h"

#define NOT_MUCH_LESS 6

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

/* The one on trial stays for some turns; then it is the turn of who waited longest, and not less than a trial lasts:
 * who was just found to give too little is choked. NULL: nobody waits so long. */
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
      bool waited = !suitors[i].on_trial && suitors[i].turns_waited > turn->trial_turns;
      if (waited && (!next || suitors[i].turns_waited > next->turns_waited))
        next = &suitors[i];
    }
  return next;
}

/* What is enough to be served without a slot: not much less than those in the slots give on average. Among equals
 * choking would only make the swarm sparse (20 equal leechers: 1.19 of the bound with slots alone, 1.08 so). */
static uint64_t
enough (const ShoalTurn *turn, const ShoalSuitor *suitors, unsigned count)
{
  uint64_t given = 0;
  for (unsigned i = 0; i < count; i++)
    if (rank (suitors, count, &suitors[i]) < turn->slots)
      given += suitors[i].gives_bytes_per_s;
  return MAX (given / MIN (turn->slots, count) / NOT_MUCH_LESS, 1);
}

static bool
deserves (const ShoalTurn *turn, const ShoalSuitor *suitors, unsigned count, unsigned i, uint64_t least)
{
  uint64_t gives = suitors[i].gives_bytes_per_s;
  return suitors[i].turns_known < SHOAL_NEWCOMER_TURNS || gives >= least
         || (gives > 0 && rank (suitors, count, &suitors[i]) < turn->slots);
}

/* Blocks that one may keep for a while: to pass one on takes time. */
#define KEPT_MAX 4u

static bool
passes_on (const ShoalSuitor *suitor)
{
  return suitor->kept_blocks <= KEPT_MAX + suitor->passed_blocks;
}

/* The unserved one that keeps least, and waited longest; NULL: all are served. */
static ShoalSuitor *
least_keeper (ShoalSuitor *suitors, unsigned count)
{
  ShoalSuitor *best = NULL;
  for (unsigned i = 0; i < count; i++)
    {
      ShoalSuitor *a = &suitors[i];
      if (a->served)
        continue;
      if (!best || a->kept_blocks < best->kept_blocks
          || (a->kept_blocks == best->kept_blocks && a->turns_waited > best->turns_waited))
        best = a;
    }
  return best;
}

/* Where nobody tells that anything was passed on, nobody can be judged by it. */
static void
serve_those_who_pass_on (const ShoalTurn *turn, ShoalSuitor *suitors, unsigned count)
{
  uint64_t passed = 0;
  unsigned served = 0;
  for (unsigned i = 0; i < count; i++)
    {
      passed += suitors[i].passed_blocks;
      suitors[i].served = passes_on (&suitors[i]);
      suitors[i].on_trial = false;
      served += suitors[i].served;
    }
  for (; served < count && (passed == 0 || served < turn->slots); served++)
    least_keeper (suitors, count)->served = true;
}

/* Others, as many as the uplink has room for: who waited longest first. */
static void
serve_with_spare (const ShoalTurn *turn, ShoalSuitor *suitors, unsigned count, bool *chosen)
{
  for (unsigned spare = 0; spare < turn->spare; spare++)
    {
      ShoalSuitor *next = NULL;
      for (unsigned i = 0; i < count; i++)
        if (!chosen[i] && (!next || suitors[i].turns_waited > next->turns_waited))
          next = &suitors[i];
      if (!next)
        return;
      chosen[next - suitors] = true;
    }
}

static void
serve_givers (const ShoalTurn *turn, ShoalSuitor *suitors, unsigned count)
{
  if (turn->complete)
    {
      if (turn->scarce)
        serve_those_who_pass_on (turn, suitors, count);
      else
        serve_all (turn, suitors, count);
      return;
    }
  bool *chosen = g_new0 (bool, count);
  uint64_t least = enough (turn, suitors, count);
  for (unsigned i = 0; i < count; i++)
    chosen[i] = deserves (turn, suitors, count, i, least);
  const ShoalSuitor *trial = next_on_trial (turn, suitors, count, chosen);
  if (trial)
    chosen[trial - suitors] = true;
  serve_with_spare (turn, suitors, count, chosen);
  for (unsigned i = 0; i < count; i++)
    {
      suitors[i].on_trial = &suitors[i] == trial;
      suitors[i].served = chosen[i];
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
