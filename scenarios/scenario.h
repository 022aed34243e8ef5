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
  unsigned count; /* 0: a single node */
  uint64_t upload_bytes_per_s, download_bytes_per_s;
  ShoalTime join_ns;       /* SHOAL_NEVER: an action lets it join */
  unsigned first, members; /* its nodes are first .. first+members-1 */
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
  SHOAL_ACTION_RATES,
} ShoalActionKind;

typedef struct {
  ShoalActionKind kind;
  int group;                     /* written inside this entry of `nodes`; -1: at top level */
  char *place;                   /* in the document, for messages: "nodes[1].actions[0]" */
  char *who;                     /* `nodes` as written; NULL inside a group */
  GArray *nodes;                 /* of unsigned */
  GArray *files;                 /* of unsigned; register, download, cancel */
  ShoalTime at_ns;               /* meaningless with a condition */
  ShoalCondition *when;          /* NULL: at at_ns */
  ShoalTime after_ns;            /* how long after the condition came to hold */
  ShoalTime time_limit_ns;       /* download; 0: none */
  bool has_upload, has_download; /* rates */
  uint64_t upload_bytes_per_s, download_bytes_per_s;
} ShoalAction;

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
} ShoalExpectKind;

typedef struct {
  ShoalExpectKind kind;
  char *text; /* as written */
  bool in_p2p, in_server_client;
  int64_t least, most; /* inclusive; ns or millionths, by kind; INT64_MIN / INT64_MAX: open */
  GArray *nodes;       /* of unsigned: whose; empty: everybody's */
  GArray *others;      /* of unsigned: order: the later ones; got: the sources */
  int file;            /* -1: any */
} ShoalExpect;

typedef struct {
  char *name, *description;
  char *origin; /* file it came from, for messages */
  /* Between each two nodes, from the start; nothing given: a perfect network. */
  ShoalImpairments network;
  uint64_t tracker_upload_bytes_per_s, tracker_download_bytes_per_s;
  ShoalService service;    /* of servers, in the server-client model */
  ShoalTime time_limit_ns; /* of the whole run */
  GArray *files;           /* of ShoalScenarioFile */
  GArray *groups;          /* of ShoalScenarioGroup */
  GArray *nodes;           /* of ShoalScenarioNode */
  GHashTable *node_index;  /* name -> number + 1; names borrowed from nodes */
  GArray *actions;         /* of ShoalAction: the nodes' in order, then the top-level ones */
  GArray *expects;         /* of ShoalExpect */
  int64_t rate_factor;     /* millionths: all rates above are already those of the document times this */
} ShoalScenario;

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

/* The scenario as YAML text with every default said: parsing it gives the same scenario.
 * Owned by the caller. */
char *shoal_scenario_resolve (const ShoalScenario *scenario);

/* Makes every file's fid and hash tree, once; later calls return at once. Needed before
 * shoal_scenario_run(), which only reads the scenario: several threads may then play it.
 * False and error (IO, VALUE). */
bool shoal_scenario_prepare (ShoalScenario *scenario, GError **error);
/* A prepared file as backends take it. virtual_content: with a structural tree. Owned by the scenario. */
const ShoalSharedFile *shoal_scenario_shared_file (const ShoalScenario *scenario, unsigned file,
                                                   bool virtual_content);

/* Elements of the arrays. */
const ShoalScenarioNode *shoal_scenario_node (const ShoalScenario *scenario, unsigned node);
const ShoalScenarioFile *shoal_scenario_file (const ShoalScenario *scenario, unsigned file);
const ShoalAction *shoal_scenario_action (const ShoalScenario *scenario, unsigned action);
/* Numbers by name; -1: no such node, group or file. */
int shoal_scenario_find_node (const ShoalScenario *scenario, const char *name);
int shoal_scenario_find_group (const ShoalScenario *scenario, const char *name);
int shoal_scenario_find_file (const ShoalScenario *scenario, const char *name);
/* For each node 1 where some action of this kind concerns this file (-1: any file), else 0.
 * One byte a node; owned by the caller: g_free(). */
uint8_t *shoal_scenario_concerned (const ShoalScenario *scenario, ShoalActionKind kind, int file);
bool shoal_index_in (const GArray *indices, unsigned index);
