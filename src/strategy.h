/* Whom a peer serves. A strategy is a pure function over plain figures: at each turn it is shown the
 * neighbours that want something, and says which of them are served until the next turn. The others are
 * choked. To add one: write its `choose` in strategy.c and add it to the table there; scenarios know it by
 * its name then. */
#pragma once

#include "src/types.h"

/* A neighbour that wants blocks of us. */
typedef struct {
  uint64_t gives_bytes_per_s; /* new data that came from it of late */
  uint64_t takes_bytes_per_s; /* data that went to it of late */
  uint32_t passed_blocks;     /* where we hold everything: had of us, and passed on */
  uint32_t kept_blocks;       /* … and not */
  uint32_t turns_known;       /* since it was first met, over all its sessions */
  uint32_t turns_waited;      /* since it was served last */
  uint32_t order;             /* in which neighbours appeared: breaks ties */
  bool served;                /* now; the strategy writes what is to be */
  bool on_trial;              /* now, served for no merit of its own; the strategy writes it, too */
} ShoalSuitor;

typedef struct {
  bool complete;        /* we hold everything: nobody can give us anything */
  bool scarce;          /* … and of some blocks no other is known to have a copy and to pass it on */
  uint32_t slots;       /* how many to serve on merit */
  uint32_t spare;       /* how many more, on trial: the uplink was not busy without them */
  uint32_t trial_turns; /* that a trial lasts */
  uint32_t number;      /* of this turn, from 0 */
} ShoalTurn;

typedef struct {
  const char *name, *meaning;
  /* Suitors come in order of appearance, and must stay in it. */
  void (*choose) (const ShoalTurn *turn, ShoalSuitor *suitors, unsigned count);
} ShoalStrategy;

/* How a peer serves others. All zero: everybody. */
typedef struct {
  const ShoalStrategy *strategy; /* NULL: shoal_strategy_none */
  uint32_t slots;                /* 0: SHOAL_STRATEGY_SLOTS */
  uint32_t trial_turns;          /* 0: SHOAL_TRIAL_TURNS */
  ShoalTime turn_ns;             /* between its turns; 0: by the uplink's rate (choking.c) */
} ShoalStrategyOptions;

#define SHOAL_STRATEGY_SLOTS 4u
#define SHOAL_TRIAL_TURNS 3u
/* Turns in which a newcomer is served that has not had time to give anything. */
#define SHOAL_NEWCOMER_TURNS 2u

/* Serves everybody: whose turn it is falls to the credits alone (upload.c). */
extern const ShoalStrategy shoal_strategy_none;
/* Cohen, Incentives build robustness in BitTorrent (2003): serves those who give most, newcomers, and one
 * other on trial, in turn. Who holds everything serves everybody. */
extern const ShoalStrategy shoal_strategy_tit_for_tat;
/* An example of how to write one: serves the slots' number in turn, whatever they give. */
extern const ShoalStrategy shoal_strategy_turns;

/* The i-th strategy; NULL: no more. */
const ShoalStrategy *shoal_strategy (unsigned i);
/* NULL: no strategy has this name. */
const ShoalStrategy *shoal_strategy_by_name (const char *name);
