/* Adding a run to a store. */
#include "results/store-internal.h"

/* One row on its way: values are bound in the order of the statement's columns. */
typedef struct {
  sqlite3_stmt *statement;
  int column;
  bool failed;
} Binder;

/* The run's own numbers in the database. */
typedef struct {
  ShoalStore *store;
  const ShoalRunRow *run;
  int64_t id;
  int64_t *nodes;    /* row id of node i */
  GHashTable *names; /* node name → pointer into nodes */
} Addition;

static Binder
bind_row (ShoalStore *store, ShoalInsert insert)
{
  sqlite3_reset (store->inserts[insert]);
  return (Binder){ .statement = store->inserts[insert] };
}

static void
check (Binder *b, int result)
{
  b->failed |= result != SQLITE_OK;
}

static void
bind_i64 (Binder *b, int64_t value)
{
  check (b, sqlite3_bind_int64 (b->statement, ++b->column, value));
}

/* SQLite's integers have a sign: what does not fit is stored as the largest, never as a negative. */
static void
bind_u64 (Binder *b, uint64_t value)
{
  bind_i64 (b, (int64_t)MIN (value, (uint64_t)INT64_MAX));
}

static void
bind_null (Binder *b)
{
  check (b, sqlite3_bind_null (b->statement, ++b->column));
}

static void
bind_time (Binder *b, int64_t value)
{
  if (value == SHOAL_ROW_NO_TIME)
    bind_null (b);
  else
    bind_i64 (b, value);
}

static void
bind_real (Binder *b, double value)
{
  check (b, sqlite3_bind_double (b->statement, ++b->column, value));
}

/* text: NULL is stored as NULL; it stays as it is until the row is in. */
static void
bind_text (Binder *b, const char *text)
{
  check (b, sqlite3_bind_text (b->statement, ++b->column, text, -1, SQLITE_STATIC));
}

static bool
insert_row (Binder *b)
{
  g_assert (b->failed || b->column == sqlite3_bind_parameter_count (b->statement));
  if (b->failed)
    return false;
  bool ok = sqlite3_step (b->statement) == SQLITE_DONE;
  /* A failed statement must not hold its transaction open; its error code stays. */
  sqlite3_reset (b->statement);
  return ok;
}

static bool
add_head (Addition *a)
{
  const ShoalRunRow *run = a->run;
  Binder b = bind_row (a->store, SHOAL_INSERT_RUN);
  bind_text (&b, run->scenario);
  bind_text (&b, run->resolved);
  bind_text (&b, run->backend);
  bind_text (&b, run->model);
  bind_u64 (&b, run->seed);
  bind_text (&b, run->program_version);
  bind_i64 (&b, run->started_unix_s);
  bind_real (&b, run->wall_s);
  bind_real (&b, run->cpu_s);
  bind_u64 (&b, run->max_rss_bytes);
  bind_time (&b, run->makespan_ns);
  bind_time (&b, run->mean_ns);
  bind_time (&b, run->bound_ns);
  bind_u64 (&b, run->leechers);
  bind_u64 (&b, run->blocks);
  bind_u64 (&b, run->events);
  bind_text (&b, run->trace_sha256);
  bind_i64 (&b, run->completed);
  bind_real (&b, run->rate_factor);
  if (run->cpu_wait_s < 0)
    bind_null (&b);
  else
    bind_real (&b, run->cpu_wait_s);
  bind_i64 (&b, run->recorded);
  bind_text (&b, run->strategy);
  bind_text (&b, run->setting != NULL ? run->setting : run->resolved);
  bool ok = insert_row (&b);
  a->id = sqlite3_last_insert_rowid (a->store->db);
  return ok;
}

static bool
add_node (Addition *a, unsigned i)
{
  const ShoalNodeRow *node = g_ptr_array_index (a->run->nodes, i);
  Binder b = bind_row (a->store, SHOAL_INSERT_NODE);
  bind_i64 (&b, a->id);
  bind_text (&b, node->name);
  bind_text (&b, node->role);
  bind_u64 (&b, node->upload_bytes_per_s);
  bind_u64 (&b, node->download_bytes_per_s);
  bind_u64 (&b, node->sent_bytes);
  bind_u64 (&b, node->received_bytes);
  bind_u64 (&b, node->payload_sent_bytes);
  bind_u64 (&b, node->payload_received_bytes);
  bind_u64 (&b, node->duplicate_bytes);
  bind_u64 (&b, node->sent_datagrams);
  bind_u64 (&b, node->received_datagrams);
  bind_u64 (&b, node->malformed_datagrams);
  bool ok = insert_row (&b);
  a->nodes[i] = sqlite3_last_insert_rowid (a->store->db);
  g_hash_table_insert (a->names, node->name, &a->nodes[i]);
  return ok;
}

/* index: of a node of the run; < 0: none. */
static void
bind_node (Binder *b, const Addition *a, int64_t index)
{
  if (index < 0)
    bind_null (b);
  else
    bind_i64 (b, index < a->run->nodes->len ? a->nodes[index] : -1); /* -1: refused by the schema */
}

static bool
add_source (Addition *a, int64_t transfer, const ShoalSourceRow *source)
{
  const int64_t *node = g_hash_table_lookup (a->names, source->node);
  Binder b = bind_row (a->store, SHOAL_INSERT_SOURCE);
  bind_i64 (&b, transfer);
  bind_i64 (&b, node != NULL ? *node : -1); /* -1: refused by the foreign key */
  bind_u64 (&b, source->bytes);
  return insert_row (&b);
}

static bool
add_arrival (Addition *a, int64_t transfer, const ShoalArrivalRow *arrival)
{
  Binder b = bind_row (a->store, SHOAL_INSERT_ARRIVAL);
  bind_i64 (&b, transfer);
  bind_i64 (&b, arrival->held_ns);
  bind_i64 (&b, arrival->block);
  bind_node (&b, a, arrival->giver);
  bind_time (&b, arrival->asked_ns);
  bind_time (&b, arrival->first_ns);
  return insert_row (&b);
}

static bool
add_arrivals (Addition *a, int64_t transfer, const GArray *arrivals)
{
  for (unsigned i = 0; arrivals != NULL && i < arrivals->len; i++)
    if (!add_arrival (a, transfer, &g_array_index (arrivals, ShoalArrivalRow, i)))
      return false;
  return true;
}

static bool
add_wait (Addition *a, int64_t transfer, const ShoalWaitRow *wait, int64_t end_ns)
{
  Binder b = bind_row (a->store, SHOAL_INSERT_WAIT);
  bind_i64 (&b, transfer);
  bind_i64 (&b, wait->start_ns);
  bind_i64 (&b, end_ns - wait->start_ns);
  bind_text (&b, wait->cause);
  bind_node (&b, a, wait->peer);
  return insert_row (&b);
}

static bool
add_waits (Addition *a, int64_t id, const ShoalTransferRow *transfer)
{
  const GArray *waits = transfer->waits;
  for (unsigned i = 0; waits != NULL && i < waits->len; i++)
    {
      const ShoalWaitRow *wait = &g_array_index (waits, ShoalWaitRow, i);
      int64_t end_ns = i + 1 < waits->len ? wait[1].start_ns : transfer->waits_end_ns;
      if (!add_wait (a, id, wait, end_ns))
        return false;
    }
  return true;
}

static bool
add_transfer (Addition *a, unsigned i)
{
  const ShoalTransferRow *transfer = g_ptr_array_index (a->run->transfers, i);
  const int64_t *node = g_hash_table_lookup (a->names, transfer->node);
  Binder b = bind_row (a->store, SHOAL_INSERT_TRANSFER);
  bind_i64 (&b, a->id);
  bind_i64 (&b, node != NULL ? *node : -1);
  bind_text (&b, transfer->file);
  bind_text (&b, transfer->fid);
  bind_time (&b, transfer->start_ns);
  bind_time (&b, transfer->first_byte_ns);
  bind_time (&b, transfer->end_ns);
  bind_u64 (&b, transfer->bytes);
  bind_text (&b, transfer->status);
  bind_text (&b, transfer->reason);
  bool ok = insert_row (&b);
  int64_t id = sqlite3_last_insert_rowid (a->store->db);
  for (unsigned s = 0; ok && s < transfer->sources->len; s++)
    ok = add_source (a, id, g_ptr_array_index (transfer->sources, s));
  return ok && add_arrivals (a, id, transfer->arrivals) && add_waits (a, id, transfer);
}

static bool
add_sample (Addition *a, unsigned i)
{
  const ShoalSampleRow *sample = g_ptr_array_index (a->run->samples, i);
  Binder b = bind_row (a->store, SHOAL_INSERT_SAMPLE);
  bind_node (&b, a, sample->node);
  bind_i64 (&b, sample->start_ns);
  bind_i64 (&b, sample->length_ns);
  bind_u64 (&b, sample->sent_bytes);
  bind_u64 (&b, sample->received_bytes);
  return insert_row (&b);
}

static bool
add_event (Addition *a, unsigned i)
{
  const ShoalEventRow *event = g_ptr_array_index (a->run->log, i);
  Binder b = bind_row (a->store, SHOAL_INSERT_EVENT);
  bind_i64 (&b, a->id);
  bind_i64 (&b, event->at_ns);
  bind_node (&b, a, event->node);
  bind_text (&b, event->kind);
  bind_node (&b, a, event->peer);
  bind_text (&b, event->file);
  bind_u64 (&b, event->value);
  return insert_row (&b);
}

static bool
add_expectation (Addition *a, unsigned i)
{
  const ShoalExpectationRow *expectation = g_ptr_array_index (a->run->expectations, i);
  Binder b = bind_row (a->store, SHOAL_INSERT_EXPECTATION);
  bind_i64 (&b, a->id);
  bind_i64 (&b, i);
  bind_text (&b, expectation->text);
  bind_i64 (&b, expectation->met);
  bind_text (&b, expectation->measured);
  return insert_row (&b);
}

typedef bool (*AddOne) (Addition *a, unsigned i);

static bool
add_all (Addition *a, const GPtrArray *rows, AddOne add)
{
  for (unsigned i = 0; i < rows->len; i++)
    if (!add (a, i))
      return false;
  return true;
}

static bool
add_everything (ShoalStore *store, const ShoalRunRow *run)
{
  g_autofree int64_t *nodes = g_new0 (int64_t, run->nodes->len + 1);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  Addition a = { .store = store, .run = run, .nodes = nodes, .names = names };
  return add_head (&a) && add_all (&a, run->nodes, add_node) && add_all (&a, run->transfers, add_transfer)
         && add_all (&a, run->samples, add_sample) && add_all (&a, run->log, add_event)
         && add_all (&a, run->expectations, add_expectation);
}

bool
shoal_store_add_run (ShoalStore *store, const ShoalRunRow *run, GError **error)
{
  g_assert (store->inserts[SHOAL_INSERT_RUN] != NULL);
  bool ok = sqlite3_exec (store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK
            && add_everything (store, run)
            && sqlite3_exec (store->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
  if (ok)
    return true;
  shoal_store_set_error (error, store->db, store->path, "a run could not be stored, nothing of it is kept");
  if (!sqlite3_get_autocommit (store->db))
    sqlite3_exec (store->db, "ROLLBACK", NULL, NULL, NULL);
  return false;
}
