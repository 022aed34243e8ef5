/* The shape of a scenario document, and its text as libcyaml gives it: every scalar is still a
 * string, so that units and names are judged in one place (parse.c). Private to scenarios/. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
  char *upload, *download;
} RawRates;

/* A point of a rate trace. */
typedef struct {
  char *after, *upload, *download;
} RawRatePoint;

typedef struct {
  char *upload, *download, *over, *repeat_every;
  RawRatePoint *trace;
  unsigned trace_count;
} RawRateChange;

typedef struct {
  char *latency, *jitter, *loss, *duplication, *corruption, *reordering, *reordering_delay;
} RawImpairments;

typedef struct {
  char *from, *to, *both_ways;
  RawImpairments impairments;
} RawLink;

typedef struct RawFile RawFile;
struct RawFile {
  RawFile *merge; /* the value of "<<" */
  char *name, *size, *seed, *path, *piece_length;
};

typedef struct RawAction RawAction;
struct RawAction {
  RawAction *merge;
  char *at, *when, *on, *after, *every, *until, *mark, *nodes, *pick;
  char *join, *reg, *download, *cancel, *close, *time_limit;
  char *crash, *comeback, *keeping, *tracker, *heal;
  RawRateChange *rates;
  RawImpairments *network, *line;
  RawLink *link;
  char **partition;
  unsigned partition_count;
};

typedef struct {
  char *name, *slots, *turn, *trial_turns;
} RawStrategy;

typedef struct RawNode RawNode;
struct RawNode {
  RawNode *merge;
  char *name, *count, *upload, *download, *join, *behaviour;
  RawStrategy *strategy;
  RawImpairments *line;
  RawAction *actions;
  unsigned actions_count;
};

typedef struct {
  char *service;
} RawServerClient;

typedef struct {
  char *name, *description, *time_limit;
  RawNode *templates; /* only places for anchors */
  unsigned templates_count;
  RawFile *files;
  unsigned files_count;
  RawRates *tracker, *defaults;
  RawImpairments *network;
  RawLink *links;
  unsigned links_count;
  RawServerClient *server_client;
  RawStrategy *strategy;
  RawNode *nodes;
  unsigned nodes_count;
  RawAction *actions;
  unsigned actions_count;
  char **expect;
  unsigned expect_count;
} RawScenario;

/* Reads a document. NULL and error (SYNTAX) with "origin:line: place: what is wrong".
 * Free with shoal_raw_free(). */
RawScenario *shoal_raw_load (const char *text, size_t length, const char *origin, GError **error);
void shoal_raw_free (RawScenario *raw);

/* Fill what an entry leaves open from the entry that its "<<" names, and that one's. The strings
 * stay those of the raw document. */
RawFile shoal_raw_file_merged (const RawFile *file);
RawAction shoal_raw_action_merged (const RawAction *action);
RawNode shoal_raw_node_merged (const RawNode *node);
