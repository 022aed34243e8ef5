/* What the parts of the parser share. Private to scenarios/.
 *
 * parse.c          the document, its files and nodes, and what only the whole shows
 * parse-actions.c  actions: who, when, what
 * parse-network.c  what happens to datagrams, and who breaks the rules
 * parse-strategy.c whom peers serve */
#pragma once

#include "scenarios/scenario.h"
#include "scenarios/schema.h"
#include "scenarios/words.h"

typedef struct {
  ShoalScenario *scenario;
  const RawScenario *raw;
  const char *folder; /* of relative paths */
  GError **error;     /* not NULL */
} Parser;

/* Puts the place before an error that is set; false. */
bool shoal_parse_at (Parser *p, const char *place, const char *key);
#define FAIL(p, place, key, ...) (shoal_fail ((p)->error, __VA_ARGS__), shoal_parse_at (p, place, key))

/* These take the text of a key; NULL: it is not there, and the value stays. False: error is set, with the
 * place. */
bool shoal_parse_rate_key (Parser *p, const char *place, const char *key, const char *text, uint64_t *rate);
bool shoal_parse_time_key (Parser *p, const char *place, const char *key, const char *text, ShoalTime *time);
bool shoal_parse_positive_time (Parser *p, const char *place, const char *key, const char *text,
                                ShoalTime *time);
/* A name that sentences can say; NULL is an error, too. */
bool shoal_parse_name (Parser *p, const char *place, const char *key, const char *name);
/* A whole number without unit; text is not NULL. */
bool shoal_parse_number_key (Parser *p, const char *place, const char *key, const char *text, uint64_t least,
                             uint64_t most, uint64_t *value);
/* The whole of a text that is a list of nodes or files: read is one of shoal_words_…(). */
bool shoal_parse_list (Parser *p, const char *place, const char *key, const char *text, GArray *into,
                       bool (*read) (ShoalWords *words, GArray *into, GError **error));

/* parse-actions.c */
bool shoal_parse_actions (Parser *p);

/* parse-network.c */
bool shoal_parse_impairments (Parser *p, const char *place, const RawImpairments *raw,
                              ShoalImpairments *impairments);
/* link is filled either way, and cleared by the scenario. */
bool shoal_parse_link (Parser *p, const char *place, const RawLink *raw, ShoalScenarioLink *link);
bool shoal_parse_links (Parser *p);
/* An array of ShoalScenarioSide, filled as far as it went. */
bool shoal_parse_partition (Parser *p, const char *place, const RawAction *raw, GArray **sides);
bool shoal_parse_behaviour (Parser *p, const char *place, const char *text, ShoalScenarioGroup *group);

/* parse-strategy.c */
/* raw: NULL: nothing is said. What it leaves open stays. */
bool shoal_parse_strategy (Parser *p, const char *place, const RawStrategy *raw,
                           ShoalStrategyOptions *serving);
