/* Opening a store and writing runs to it; reading is in store-read.c. */
#include "results/store.h"

#include "results/schema.h"
#include "results/store-internal.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

/* Others' transactions are one run each; the largest take seconds on a slow disk. */
#define BUSY_TIMEOUT_MS 60000

G_DEFINE_QUARK (shoal - store - error - quark, shoal_store_error)

static const char *const insert_sql[] = {
  [SHOAL_INSERT_RUN] =
      "INSERT INTO runs (scenario, resolved, backend, model, seed, program_version,"
      " started_unix_s, wall_s, cpu_s, max_rss_bytes, makespan_ns, mean_ns, bound_ns,"
      " leechers, blocks, events, trace_sha256, completed, rate_factor, cpu_wait_s, recorded,"
      " strategy, setting)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  [SHOAL_INSERT_NODE] = "INSERT INTO nodes (run, name, role, upload_bytes_per_s, download_bytes_per_s,"
                        " sent_bytes, received_bytes, payload_sent_bytes, payload_received_bytes,"
                        " duplicate_bytes, sent_datagrams, received_datagrams, malformed_datagrams)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  [SHOAL_INSERT_TRANSFER] = "INSERT INTO transfers (run, node, file, fid, start_ns, first_byte_ns, end_ns,"
                            " bytes, status, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  [SHOAL_INSERT_SOURCE] = "INSERT INTO sources (transfer, node, bytes) VALUES (?, ?, ?)"
                          " ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes",
  [SHOAL_INSERT_ARRIVAL] = "INSERT INTO arrivals (transfer, held_ns, block, giver, asked_ns, first_ns)"
                           " VALUES (?, ?, ?, ?, ?, ?)",
  [SHOAL_INSERT_WAIT] = "INSERT INTO waits (transfer, start_ns, length_ns, cause, peer)"
                        " VALUES (?, ?, ?, ?, ?)",
  [SHOAL_INSERT_SAMPLE] = "INSERT INTO samples (node, start_ns, length_ns, sent_bytes, received_bytes)"
                          " VALUES (?, ?, ?, ?, ?)",
  [SHOAL_INSERT_EVENT] = "INSERT INTO events (run, at_ns, node, kind, peer, file, value)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?)",
  [SHOAL_INSERT_EXPECTATION] = "INSERT INTO expectations (run, number, text, met, measured)"
                               " VALUES (?, ?, ?, ?, ?)",
};

G_STATIC_ASSERT (G_N_ELEMENTS (insert_sql) == SHOAL_INSERTS);

static ShoalStoreError
error_code (int result)
{
  switch (result & 0xff)
    {
    case SQLITE_FULL:
      return SHOAL_STORE_ERROR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SHOAL_STORE_ERROR_BUSY;
    case SQLITE_NOTADB:
      return SHOAL_STORE_ERROR_FOREIGN;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return SHOAL_STORE_ERROR_VALUE;
    default:
      return SHOAL_STORE_ERROR_IO;
    }
}

static const char *
advice (ShoalStoreError code)
{
  switch (code)
    {
    case SHOAL_STORE_ERROR_FULL:
      return "free some space, or name a file on another disk";
    case SHOAL_STORE_ERROR_BUSY:
      return "another process has it open and locked: wait for it or end it";
    case SHOAL_STORE_ERROR_VALUE:
      return "this is a defect of shoal, please report it";
    default:
      return "see that file and folder may be written, and that the disk is sound and has space";
    }
}

void
shoal_store_set_error (GError **error, sqlite3 *db, const char *name, const char *what)
{
  ShoalStoreError code = error_code (sqlite3_errcode (db));
  if (code == SHOAL_STORE_ERROR_FOREIGN)
    g_set_error (error, SHOAL_STORE_ERROR, code,
                 "%s is not a shoal store: it is no database; name another file", name);
  else
    g_set_error (error, SHOAL_STORE_ERROR, code, "%s: %s: %s (%s)", name, what, sqlite3_errmsg (db),
                 advice (code));
}

/* SQLite would wait for ever on a pipe, and make journals next to a device. */
static bool
check_file (const char *path, ShoalStoreMode mode, GError **error)
{
  GStatBuf info;
  if (g_stat (path, &info) != 0)
    {
      int why = errno;
      if (why == ENOENT && mode == SHOAL_STORE_WRITE)
        return true;
      if (why == ENOENT)
        g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_MISSING,
                     "%s: there is no such store; `shoal run SCENARIO --store %s` makes one", path, path);
      else
        g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_IO, "%s: %s", path, g_strerror (why));
      return false;
    }
  if (S_ISREG (info.st_mode))
    return true;
  g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_FOREIGN,
               "%s is not a shoal store: it is no regular file; name another file", path);
  return false;
}

/* The write-ahead log lets others read while one writes. The change to it does not wait by itself
 * when two processes make a store at once. A file system that cannot do it is no reason to fail. */
static void
use_wal (sqlite3 *db)
{
  for (unsigned tries = 0; tries < 100; tries++)
    {
      if (sqlite3_exec (db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_BUSY)
        return;
      g_usleep (20 * 1000);
    }
}

static bool
prepare_inserts (ShoalStore *store, GError **error)
{
  for (unsigned i = 0; i < SHOAL_INSERTS; i++)
    if (sqlite3_prepare_v3 (store->db, insert_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &store->inserts[i], NULL)
        != SQLITE_OK)
      {
        shoal_store_set_error (error, store->db, store->path, "its tables are not as they should be");
        return false;
      }
  return true;
}

static bool
set_up (ShoalStore *store, ShoalStoreMode mode, GError **error)
{
  unsigned version;
  sqlite3_busy_timeout (store->db, BUSY_TIMEOUT_MS);
  sqlite3_extended_result_codes (store->db, 1);
  if (!shoal_schema_recognise (store->db, &shoal_schema, store->path, &version, error))
    return false;
  if (version == 0 && mode == SHOAL_STORE_READ)
    {
      g_set_error (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_FOREIGN,
                   "%s is not a shoal store: it is empty; `shoal run SCENARIO --store %s` fills it",
                   store->path, store->path);
      return false;
    }
  if (mode == SHOAL_STORE_WRITE)
    use_wal (store->db);
  if (version < shoal_schema.count && !shoal_schema_migrate (store->db, &shoal_schema, store->path, error))
    return false;
  sqlite3_exec (store->db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
  return mode == SHOAL_STORE_READ || prepare_inserts (store, error);
}

ShoalStore *
shoal_store_open (const char *path, ShoalStoreMode mode, GError **error)
{
  if (!check_file (path, mode, error))
    return NULL;
  g_autoptr (ShoalStore) store = g_new0 (ShoalStore, 1);
  store->path = g_strdup (path);
  int flags = SQLITE_OPEN_READWRITE | (mode == SHOAL_STORE_WRITE ? SQLITE_OPEN_CREATE : 0);
  /* A name that begins with a colon has a meaning of its own to SQLite. */
  g_autofree char *plain = *path == ':' ? g_build_filename (".", path, NULL) : g_strdup (path);
  if (sqlite3_open_v2 (plain, &store->db, flags, NULL) != SQLITE_OK)
    {
      shoal_store_set_error (error, store->db, path, "could not be opened");
      return NULL;
    }
  return set_up (store, mode, error) ? g_steal_pointer (&store) : NULL;
}

void
shoal_store_close (ShoalStore *store)
{
  if (store == NULL)
    return;
  for (unsigned i = 0; i < SHOAL_INSERTS; i++)
    sqlite3_finalize (store->inserts[i]);
  sqlite3_close_v2 (store->db);
  g_free (store->path);
  g_free (store);
}
