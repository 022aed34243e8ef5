/* A scenario, parsed and checked: plain structs, which the runner plays. What it means stands in
 * docs/scenarios.md. Everything a scenario holds is owned by it. */
#pragma once

#include "scenarios/error.h"
#include "src/backend.h"

typedef enum {
  SHOAL_MODEL_P2P = 0,
  SHOAL_MODEL_SERVER_CLIENT,
} ShoalModel;

/* "p2p", "server-client". */
const char *shoal_model_name (ShoalModel model);

/* How scenarios call a condition of the network, and whether its value is a time (else a share). */
const char *shoal_impairment_name (ShoalImpairment key);
bool shoal_impairment_is_time (ShoalImpairment key);

/* "honest", "free-rider", … */
const char *shoal_behaviour_name (ShoalBehaviour behaviour);

typedef struct {
  char *name;
  uint64_t size_bytes;
  uint64_t seed;                                 /* of the content; unused with a path */
  char *path;                                    /* a real file; NULL: seeded content */
  uint32_t piece_length_bytes;                   /* 0: the default for its size */
  ShoalSharedFile *with_hashes, *without_hashes; /* NULL until shoal_scenario_prepare() */
} ShoalScenarioFile;

/* One entry of `nodes`: one node, or `count` of them named name1 … nameN. */
typedef struct {
  char *name;
  unsigned count; /* 0: a single node, or none: see members */
  uint64_t upload_bytes_per_s, download_bytes_per_s;
  ShoalTime join_ns;            /* SHOAL_NEVER: an action lets it join */
  ShoalImpairments line;        /* on its nodes' lines, from the start */
  ShoalBehaviour behaviour;     /* in P2P */
  ShoalStrategyOptions serving; /* what it says of its own; NULL and 0: as the scenario does */
  uint32_t bad_millionths;      /* polluters: share of what they send that is bad */
  unsigned first, members;      /* its nodes are first .. first+members-1 */
} ShoalScenarioGroup;

typedef struct {
  char *name;
  unsigned group;
  uint64_t upload_bytes_per_s, download_bytes_per_s;
  ShoalTime join_ns; /* SHOAL_NEVER: an action lets it join */
} ShoalScenarioNode;

typedef enum {
  SHOAL_TERM_HAS,      /* each of nodes holds all of file */
  SHOAL_TERM_SHARE,    /* each of nodes holds at least share of file */
  SHOAL_TERM_ALL_HAVE, /* each node that has a download action of file holds all of it */
  SHOAL_TERM_OUT,      /* every block of file is held by somebody who did not register it */
} ShoalTermKind;

typedef struct {
  ShoalTermKind kind;
  GArray *nodes; /* of unsigned; filled for SHOAL_TERM_ALL_HAVE too */
  unsigned file;
  int64_t share_millionths;
} ShoalTerm;

/* Holds when all its terms do. */
typedef struct {
  char *text;
  GArray *terms; /* of ShoalTerm */
} ShoalCondition;

void shoal_condition_free (ShoalCondition *condition);

typedef enum {
  SHOAL_ACTION_JOIN,
  SHOAL_ACTION_REGISTER,
  SHOAL_ACTION_DOWNLOAD,
  SHOAL_ACTION_CANCEL,
  SHOAL_ACTION_CLOSE,
  SHOAL_ACTION_CRASH,
  SHOAL_ACTION_RETURN,
  SHOAL_ACTION_RATES,
  SHOAL_ACTION_LINE,
  /* Of no node: */
  SHOAL_ACTION_NETWORK,
  SHOAL_ACTION_LINK,
  SHOAL_ACTION_PARTITION,
  SHOAL_ACTION_HEAL,
  SHOAL_ACTION_TRACKER,
  SHOAL_ACTION_KINDS,
} ShoalActionKind;

/* The key that says it: "join", "register", … */
const char *shoal_action_kind_name (ShoalActionKind kind);

/* What an action of single nodes may follow. */
#define SHOAL_ON_JOIN 1u
#define SHOAL_ON_RETURN 2u

/* The tracker, where nodes are named that datagrams come from or go to. */
#define SHOAL_TRACKER_INDEX UINT_MAX

/* Datagrams from each of `from` to each of `to`; both_ways: and back. */
typedef struct {
  char *from_text, *to_text; /* as written */
  GArray *from, *to;         /* of unsigned, or SHOAL_TRACKER_INDEX */
  bool both_ways;
  ShoalImpairments impairments;
} ShoalScenarioLink;

/* One side of a partition. */
typedef struct {
  char *text;    /* as written */
  GArray *nodes; /* of unsigned, or SHOAL_TRACKER_INDEX; "rest" is resolved */
} ShoalScenarioSide;

/* A point of a rate trace, counted from its beginning. */
typedef struct {
  ShoalTime after_ns;
  bool has_upload, has_download;
  uint64_t upload_bytes_per_s, download_bytes_per_s;
} ShoalRatePoint;

typedef struct {
  ShoalActionKind kind;
  int group;                     /* written inside this entry of `nodes`; -1: at top level */
  char *place;                   /* in the document, for messages: "nodes[1].actions[0]" */
  char *who;                     /* `nodes` as written; NULL inside a group, or of no node */
  GArray *nodes;                 /* of unsigned */
  GArray *files;                 /* of unsigned; register, download, cancel */
  ShoalTime at_ns;               /* meaningless with a condition, or on something */
  ShoalCondition *when;          /* NULL: at at_ns, or on something */
  char *mark;                    /* what expectations call the moment when it first happens; NULL */
  unsigned on;                   /* SHOAL_ON_… of one of nodes, for that one; 0: at at_ns, or when */
  ShoalTime after_ns;            /* how long after the condition came to hold, or that happened */
  ShoalTime every_ns;            /* again and again; 0: once */
  ShoalTime until_ns;            /* the last time of that; SHOAL_NEVER: to the end of the run */
  unsigned pick;                 /* so many of nodes, by lot; 0: see pick_share */
  int64_t pick_share_millionths; /* this share of nodes, by lot; 0: all */
  ShoalTime time_limit_ns;       /* download; 0: none */
  int64_t kept_millionths;       /* return: share of the blocks that it finds again */
  bool has_upload, has_download; /* rates */
  uint64_t upload_bytes_per_s, download_bytes_per_s;
  ShoalTime over_ns;            /* rates: from what they are to these in so long; 0: at once */
  GArray *trace;                /* of ShoalRatePoint; rates: NULL: none */
  ShoalTime repeat_ns;          /* the trace begins anew after so long; 0: it ends */
  ShoalImpairments impairments; /* line, network */
  ShoalScenarioLink *link;      /* link; else NULL */
  GArray *sides;                /* of ShoalScenarioSide; partition; else NULL */
  bool stops;                   /* tracker: stops; else: restarts */
} ShoalAction;

/* Whether it happens at a time that the document says, once or first. */
static inline bool
shoal_action_is_timed (const ShoalAction *action)
{
  return action->when == NULL && action->on == 0;
}

/* Whether it is not known beforehand how often, or for which of its nodes, it happens. */
static inline bool
shoal_action_is_open (const ShoalAction *action)
{
  return action->on != 0 || action->every_ns > 0 || action->pick > 0 || action->pick_share_millionths > 0;
}

typedef enum {
  SHOAL_EXPECT_COMPLETE,
  SHOAL_EXPECT_MAKESPAN,
  SHOAL_EXPECT_MEAN,
  SHOAL_EXPECT_STRETCH,
  SHOAL_EXPECT_SPEEDUP,
  SHOAL_EXPECT_OVERHEAD,
  SHOAL_EXPECT_DOWNLOAD_TIME,
  SHOAL_EXPECT_SPREAD,
  SHOAL_EXPECT_ORDER,
  SHOAL_EXPECT_GOT,
  SHOAL_EXPECT_FAILS,
  SHOAL_EXPECT_BAD_BLOCKS,
  SHOAL_EXPECT_TIMES_AS_LONG,
  SHOAL_EXPECT_CHOKED,
  SHOAL_EXPECT_SERVES_AGAIN,
} ShoalExpectKind;

/* A moment of a run, by the clock or from when something happened. */
typedef struct {
  int mark;           /* the action that marks it; -1: the run's start */
  ShoalTime after_ns; /* so much later; SHOAL_NEVER, of the start: not said */
} ShoalMoment;

typedef struct {
  ShoalExpectKind kind;
  char *text; /* as written */
  bool in_p2p, in_server_client;
  const ShoalStrategy *with; /* only where peers serve so; NULL: in any case */
  int64_t least, most;       /* inclusive; ns or millionths, by kind; INT64_MIN / INT64_MAX: open */
  GArray *nodes;             /* of unsigned: whose; empty: everybody's */
  GArray *others;            /* of unsigned: the other nodes that the sentence names */
  unsigned quorum;           /* choked, serves again: so many of those who choke or serve will do; 0: all */
  int file;                  /* -1: any */
  char *reason;              /* fails: words that the reason has; NULL: any reason */
  ShoalMoment since, until;  /* got: only in this time of the run, if said; choked, serves again: within it */
} ShoalExpect;

typedef struct {
  char *name, *description;
  char *origin; /* file it came from, for messages */
  /* Between each two nodes, from the start; nothing given: a perfect network. */
  ShoalImpairments network;
  GArray *links; /* of ShoalScenarioLink: from the start */
  uint64_t tracker_upload_bytes_per_s, tracker_download_bytes_per_s;
  ShoalStrategyOptions serving; /* of peers; all but turn_ns is always said */
  ShoalService service;         /* of servers, in the server-client model */
  ShoalTime time_limit_ns;      /* of the whole run */
  GArray *files;                /* of ShoalScenarioFile */
  GArray *groups;               /* of ShoalScenarioGroup */
  GArray *nodes;                /* of ShoalScenarioNode */
  GHashTable *node_index;       /* name -> number + 1; names borrowed from nodes */
  GArray *actions;              /* of ShoalAction: the nodes' in order, then the top-level ones */
  GArray *expects;              /* of ShoalExpect */
  int64_t rate_factor;          /* millionths: all rates above are already those of the document times this */
} ShoalScenario;

/* A turn that a group says to be as long as its nodes' rates make it, whatever the scenario says. */
#define SHOAL_TURN_AUTO SHOAL_NEVER

/* Runs end after this much virtual time where the scenario names no time_limit. */
#define SHOAL_DEFAULT_TIME_LIMIT_NS ((ShoalTime)7 * 86400 * SHOAL_SECOND)
#define SHOAL_MAX_NODES 1000000u

/* Reads a scenario. A `path` of a file is relative to the scenario's folder.
 * NULL and error (IO, SYNTAX, VALUE). Owned by the caller. */
ShoalScenario *shoal_scenario_load (const char *path, GError **error);
/* The same with every rate, those in expectations too, multiplied by a factor (millionths, > 0). Sizes and
 * times stay. */
ShoalScenario *shoal_scenario_load_scaled (const char *path, int64_t rate_factor, GError **error);
/* The same from text. origin: what messages call it; the folder of relative paths is its folder. */
ShoalScenario *shoal_scenario_parse (const char *text, size_t length, const char *origin, GError **error);
/* An empty one, for the parser. */
ShoalScenario *shoal_scenario_new (void);
void shoal_scenario_free (ShoalScenario *scenario);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalScenario, shoal_scenario_free)

/* The scenario as YAML text with every default said: parsing it gives the same scenario. strategy: in place of
 * its own, as shoal_scenario_serving() says; NULL: its own. Owned by the caller. */
char *shoal_scenario_resolve (const ShoalScenario *scenario, const ShoalStrategy *strategy);
/* The same text without the strategies: what runs of different strategies, and those of the server-client model,
 * have in common. Owned by the caller. */
char *shoal_scenario_setting (const ShoalScenario *scenario);
/* How the nodes of a group (NULL: those of groups that do not say it) serve others, when the scenario is played
 * with this strategy in place of its own; NULL: with its own. Groups keep a strategy that they name. */
ShoalStrategyOptions shoal_scenario_serving (const ShoalScenario *scenario, const ShoalScenarioGroup *group,
                                             const ShoalStrategy *strategy);
/* A strategy's name as users write it. NULL and error (VALUE), which lists them. */
const ShoalStrategy *shoal_parse_strategy_name (const char *text, GError **error);

/* Makes every file's fid and hash tree, once; later calls return at once. Needed before
 * shoal_scenario_run(), which only reads the scenario: several threads may then play it.
 * False and error (IO, VALUE). */
bool shoal_scenario_prepare (ShoalScenario *scenario, GError **error);
/* A prepared file as backends take it. virtual_content: with a structural tree. Owned by the scenario. */
const ShoalSharedFile *shoal_scenario_shared_file (const ShoalScenario *scenario, unsigned file,
                                                   bool virtual_content);

/* What copies of all files at all nodes take at most. */
uint64_t shoal_scenario_copies_bytes (const ShoalScenario *scenario);

/* Elements of the arrays. */
const ShoalScenarioNode *shoal_scenario_node (const ShoalScenario *scenario, unsigned node);
const ShoalScenarioFile *shoal_scenario_file (const ShoalScenario *scenario, unsigned file);
const ShoalAction *shoal_scenario_action (const ShoalScenario *scenario, unsigned action);
/* Numbers by name; -1: no such node, group, file or mark. */
int shoal_scenario_find_node (const ShoalScenario *scenario, const char *name);
int shoal_scenario_find_group (const ShoalScenario *scenario, const char *name);
int shoal_scenario_find_file (const ShoalScenario *scenario, const char *name);
/* The action that marks this moment. */
int shoal_scenario_find_mark (const ShoalScenario *scenario, const char *mark);
/* For each node 1 where some action of this kind concerns this file (-1: any file), else 0.
 * One byte a node; owned by the caller: g_free(). */
uint8_t *shoal_scenario_concerned (const ShoalScenario *scenario, ShoalActionKind kind, int file);
bool shoal_index_in (const GArray *indices, unsigned index);
