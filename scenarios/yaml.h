/* Reading YAML by libcyaml into structs in which every scalar is still a string, with errors that name the
 * file, the line, the place in the document, and what was expected. Private to scenarios/. */
#pragma once

#include <cyaml/cyaml.h>
#include <glib.h>

/* Fields of a mapping, all of which may be left out: a scalar (char *), keys and values (a pointer to a struct), a
 * list (a pointer, and a member of the same name with _count). */
#define SHOAL_YAML_TEXT(key, type, member)                                                                   \
  CYAML_FIELD_STRING_PTR (key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 0, CYAML_UNLIMITED)
#define SHOAL_YAML_NESTED(key, type, member, fields)                                                         \
  CYAML_FIELD_MAPPING_PTR (key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, fields)
#define SHOAL_YAML_LIST(key, type, member, entry)                                                            \
  CYAML_FIELD_SEQUENCE (key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, entry, 0,               \
                        CYAML_UNLIMITED)

/* A kind of document. */
typedef struct {
  const cyaml_schema_value_t *schema; /* a mapping, with CYAML_FLAG_POINTER */
  const char *name;                   /* "scenario" */
  const char *keys;                   /* those that people should see first: "name, files, nodes …" */
} ShoalYaml;

/* Reads a document. NULL and error (SYNTAX) with "origin:line: place: what is wrong".
 * Free with shoal_yaml_free(). */
void *shoal_yaml_load (const ShoalYaml *yaml, const char *text, size_t length, const char *origin,
                       GError **error);
/* NULL is nothing to free. */
void shoal_yaml_free (const ShoalYaml *yaml, void *data);
