/* The store's schema, as an ordered list of migrations: step i brings version i to version i+1
 * (PRAGMA user_version), and ends by setting it. A step that has been released is never changed; a new
 * one is added. */
#pragma once

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>

/* PRAGMA application_id: "shol". */
#define SHOAL_SCHEMA_APPLICATION_ID 0x73686f6c

typedef struct {
  const char *const *steps; /* SQL scripts */
  unsigned count;           /* the version that the program knows */
} ShoalSchema;

/* The program's own. */
extern const ShoalSchema shoal_schema;

/* Whose database it is, and whether this program can use it. *version: the schema's; 0: an empty
 * database, which may become a store. False and error (SHOAL_STORE_ERROR): it is not a store, its
 * schema is newer than the program's, or it cannot be read. name: what messages call it. */
bool shoal_schema_recognise (sqlite3 *db, const ShoalSchema *schema, const char *name, unsigned *version,
                             GError **error);
/* Brings the database to schema->count, all steps in one transaction: after a failure (false and
 * error) it is as before. Does nothing when it is there already. */
bool shoal_schema_migrate (sqlite3 *db, const ShoalSchema *schema, const char *name, GError **error);
