#include "results/schema.h"

#include "results/store.h"

typedef struct {
  int64_t application_id, version, tables;
} Identity;

static bool
run_script (sqlite3 *db, const char *script)
{
  return sqlite3_exec (db, script, NULL, NULL, NULL) == SQLITE_OK;
}

/* The one number that a statement of this file gives. */
static bool
read_number (sqlite3 *db, const char *sql, int64_t *out)
{
  sqlite3_stmt *statement = NULL;
  bool ok = sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) == SQLITE_OK
            && sqlite3_step (statement) == SQLITE_ROW;
  if (ok)
    *out = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return ok;
}

/* In one transaction, perhaps within another: while another process makes the store, the numbers would
 * else be from before and after, and not belong together. */
static bool
read_identity (sqlite3 *db, const char *name, Identity *out, GError **error)
{
  bool ok = run_script (db, "SAVEPOINT identity")
            && read_number (db, "SELECT count (*) FROM sqlite_schema", &out->tables)
            && read_number (db, "PRAGMA application_id", &out->application_id)
            && read_number (db, "PRAGMA user_version", &out->version);
  if (!ok)
    shoal_store_set_error (error, db, name, "could not be read");
  run_script (db, "RELEASE identity");
  return ok;
}

bool
shoal_schema_recognise (sqlite3 *db, const ShoalSchema *schema, const char *name, unsigned *version,
                        GError **error)
{
  Identity id;
  if (!read_identity (db, name, &id, error))
    return false;
  bool is_empty = id.tables == 0 && id.application_id == 0 && id.version == 0;
  if (!is_empty && (id.application_id != SHOAL_SCHEMA_APPLICATION_ID || id.version < 0))
    {
      g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_FOREIGN,
                   "%s is not a shoal store: it is a database of another program; name another file", name);
      return false;
    }
  if (id.version > schema->count)
    {
      g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_NEWER,
                   "%s was written by a newer shoal (schema %" G_GINT64_FORMAT
                   ", this program knows up to %u):"
                   " update shoal, or name another file",
                   name, id.version, schema->count);
      return false;
    }
  *version = (unsigned)id.version;
  return true;
}

/* Whether the step says that it brought the database to where it should. */
static bool
run_step (sqlite3 *db, const ShoalSchema *schema, unsigned i)
{
  int64_t version;
  if (!run_script (db, schema->steps[i]) || !read_number (db, "PRAGMA user_version", &version))
    return false;
  g_assert (version == i + 1);
  return true;
}

static bool
apply_steps (sqlite3 *db, const ShoalSchema *schema, const char *name, GError **error)
{
  unsigned version;
  /* Read again: another process may have migrated it before we had the lock. */
  if (!shoal_schema_recognise (db, schema, name, &version, error))
    return false;
  bool ok = true;
  for (unsigned i = version; ok && i < schema->count; i++)
    ok = run_step (db, schema, i);
  if (!ok)
    shoal_store_set_error (error, db, name, "its schema could not be brought up to date");
  return ok;
}

bool
shoal_schema_migrate (sqlite3 *db, const ShoalSchema *schema, const char *name, GError **error)
{
  if (!run_script (db, "BEGIN IMMEDIATE"))
    {
      shoal_store_set_error (error, db, name, "could not be written");
      return false;
    }
  if (!apply_steps (db, schema, name, error))
    {
      run_script (db, "ROLLBACK");
      return false;
    }
  if (run_script (db, "COMMIT"))
    return true;
  shoal_store_set_error (error, db, name, "its schema could not be brought up to date");
  run_script (db, "ROLLBACK");
  return false;
}
