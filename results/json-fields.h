/* Fields of JSON objects, and objects as lines. */
#pragma once

#include "results/rows.h"

#include <json-glib/json-glib.h>

/* text NULL: null. What is not UTF-8 in it is replaced. */
void shoal_json_add_text (JsonBuilder *b, const char *key, const char *text);
/* JSON's integers end at 2^63 - 1 here; more is told as that. */
void shoal_json_add_count (JsonBuilder *b, const char *key, uint64_t value);
void shoal_json_add_real (JsonBuilder *b, const char *key, double value);
void shoal_json_add_bool (JsonBuilder *b, const char *key, bool value);
void shoal_json_add_null (JsonBuilder *b, const char *key);
/* A time as seconds, or as it is; SHOAL_ROW_NO_TIME: null. */
void shoal_json_add_seconds (JsonBuilder *b, const char *key, int64_t ns);
void shoal_json_add_ns (JsonBuilder *b, const char *key, int64_t ns);
/* A ratio that is above 0; else null: it is not known. */
void shoal_json_add_ratio (JsonBuilder *b, const char *key, double ratio);
/* "expectations": a list of {text, met, measured}. expectations: of ShoalExpectationRow. */
void shoal_json_add_expectations (JsonBuilder *b, const GPtrArray *expectations);
/* To be ended with json_builder_end_array(). */
void shoal_json_begin_list (JsonBuilder *b, const char *key);
/* What was built, on one line, with its newline. Owned by the caller. */
char *shoal_json_line (JsonBuilder *b);
