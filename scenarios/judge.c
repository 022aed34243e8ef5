/* Judges expectations on a run's rows. Rows speak of nodes and files by name, as the store does. */
#include "scenarios/judge-internal.h"
#include "scenarios/units.h"

static char *
seconds (int64_t ns)
{
  return g_strdup_printf ("%.3f s", (double)ns / 1e9);
}

static char *
ratio (int64_t millionths)
{
  return g_strdup_printf ("%.3f", (double)millionths / 1e6);
}

static char *
percent (int64_t millionths)
{
  return g_strdup_printf ("%.2f %%", (double)millionths / 1e4);
}

/* a/b in millionths, rounded to the nearest. */
static int64_t
quotient (int64_t a, int64_t b)
{
  return (int64_t)((long double)a / (long double)b * SHOAL_ONE + 0.5L);
}

static bool
within (const ShoalExpect *expect, int64_t value)
{
  return expect->least <= value && value <= expect->most;
}

static const ShoalTransferRow *
transfer (const ShoalCase *c, unsigned i)
{
  return g_ptr_array_index (c->run->transfers, i);
}

static bool
is_done (const ShoalTransferRow *row)
{
  return strcmp (row->status, "done") == 0;
}

/* Whether a transfer is of these nodes (empty: of any) and of the expectation's file. */
static bool
concerns (const ShoalCase *c, const ShoalTransferRow *row, const GArray *nodes)
{
  if (c->expect->file >= 0
      && strcmp (shoal_scenario_file (c->scenario, (unsigned)c->expect->file)->name, row->file))
    return false;
  int node = shoal_scenario_find_node (c->scenario, row->node);
  return nodes->len == 0 || (node >= 0 && shoal_index_in (nodes, (unsigned)node));
}

/* The same of those that count: not of an attempt that another made good. */
static bool
counts (const ShoalCase *c, unsigned i, const GArray *nodes)
{
  return !c->superseded[i] && concerns (c, transfer (c, i), nodes);
}

/* What the transfers of some nodes come to. */
typedef struct {
  unsigned asked, done;
  int64_t first_end, last_end;
  int64_t shortest, longest, total;
  const ShoalTransferRow *undone; /* the first that is not done */
} Summary;

static Summary
summarise (const ShoalCase *c, const GArray *nodes)
{
  Summary sum = {
    .first_end = INT64_MAX, .last_end = INT64_MIN, .shortest = INT64_MAX, .longest = INT64_MIN
  };
  for (unsigned i = 0; i < c->run->transfers->len; i++)
    {
      const ShoalTransferRow *row = transfer (c, i);
      if (!counts (c, i, nodes))
        continue;
      sum.asked++;
      if (!is_done (row))
        {
          sum.undone = sum.undone != NULL ? sum.undone : row;
          continue;
        }
      sum.done++;
      sum.first_end = MIN (sum.first_end, row->end_ns);
      sum.last_end = MAX (sum.last_end, row->end_ns);
      sum.shortest = MIN (sum.shortest, row->end_ns - row->start_ns);
      sum.longest = MAX (sum.longest, row->end_ns - row->start_ns);
      sum.total += row->end_ns - row->start_ns;
    }
  return sum;
}

/* True when there are transfers and all are done; else says which is not. */
static bool
all_done (ShoalCase *c, const Summary *sum)
{
  if (sum->asked == 0)
    c->measured = g_strdup ("no such download");
  else if (sum->undone != NULL)
    c->measured = g_strdup_printf (
        "%u of %u done; %s of %s is %s%s%s", sum->done, sum->asked, sum->undone->file, sum->undone->node,
        sum->undone->status, sum->undone->reason ? ": " : "", sum->undone->reason ? sum->undone->reason : "");
  return sum->asked > 0 && sum->undone == NULL;
}

static bool
judge_complete (ShoalCase *c)
{
  Summary sum = summarise (c, c->expect->nodes);
  if (!all_done (c, &sum))
    return false;
  c->measured =
      g_strdup_printf ("%u of %u done, the last at %.3f s", sum.done, sum.asked, (double)sum.last_end / 1e9);
  return sum.last_end <= c->expect->most;
}

static bool
judge_time (ShoalCase *c, int64_t ns)
{
  c->measured = ns == SHOAL_ROW_NO_TIME ? g_strdup ("not everybody finished") : seconds (ns);
  return ns != SHOAL_ROW_NO_TIME && within (c->expect, ns);
}

static bool
judge_stretch (ShoalCase *c)
{
  if (c->run->makespan_ns == SHOAL_ROW_NO_TIME || c->run->bound_ns <= 0)
    {
      c->measured = g_strdup (c->run->bound_ns <= 0 ? "there is no bound" : "not everybody finished");
      return false;
    }
  int64_t stretch = quotient (c->run->makespan_ns, c->run->bound_ns);
  c->measured = ratio (stretch);
  return within (c->expect, stretch);
}

/* The share of all sent bytes that is not payload which its receiver then held for the first time. */
static bool
judge_overhead (ShoalCase *c)
{
  uint64_t sent = 0, useful = 0;
  for (unsigned i = 0; i < c->run->nodes->len; i++)
    sent += ((const ShoalNodeRow *)g_ptr_array_index (c->run->nodes, i))->sent_bytes;
  for (unsigned i = 0; i < c->run->transfers->len; i++)
    useful += transfer (c, i)->bytes;
  if (sent == 0)
    {
      c->measured = g_strdup ("nothing was sent");
      return false;
    }
  int64_t share = quotient ((int64_t)sent - (int64_t)useful, (int64_t)sent);
  c->measured = percent (share);
  return within (c->expect, share);
}

static bool
judge_download_time (ShoalCase *c)
{
  Summary sum = summarise (c, c->expect->nodes);
  if (!all_done (c, &sum))
    return false;
  c->measured = g_strdup_printf ("%.3f s to %.3f s", (double)sum.shortest / 1e9, (double)sum.longest / 1e9);
  return within (c->expect, sum.shortest) && within (c->expect, sum.longest);
}

static bool
judge_spread (ShoalCase *c)
{
  Summary sum = summarise (c, c->expect->nodes);
  if (!all_done (c, &sum))
    return false;
  c->measured = seconds (sum.last_end - sum.first_end);
  return within (c->expect, sum.last_end - sum.first_end);
}

static bool
judge_order (ShoalCase *c)
{
  Summary earlier = summarise (c, c->expect->nodes), later = summarise (c, c->expect->others);
  if (!all_done (c, &earlier) || !all_done (c, &later))
    return false;
  c->measured =
      g_strdup_printf ("%.3f s, %.3f s", (double)earlier.last_end / 1e9, (double)later.first_end / 1e9);
  return earlier.last_end < later.first_end;
}

/* Mean times of a download. */
static bool
judge_times_as_long (ShoalCase *c)
{
  Summary slow = summarise (c, c->expect->nodes), fast = summarise (c, c->expect->others);
  if (!all_done (c, &slow) || !all_done (c, &fast))
    return false;
  int64_t slow_ns = slow.total / slow.done, fast_ns = fast.total / fast.done;
  int64_t times = fast_ns > 0 ? quotient (slow_ns, fast_ns) : 0;
  c->measured = g_strdup_printf ("%.3f: %.3f s, %.3f s", (double)times / 1e6, (double)slow_ns / 1e9,
                                 (double)fast_ns / 1e9);
  return within (c->expect, times);
}

/* The share of what a transfer received that came from the expectation's other nodes. */
static int64_t
share_from_others (const ShoalCase *c, const ShoalTransferRow *row)
{
  uint64_t all = 0, from_others = 0;
  for (unsigned i = 0; i < row->sources->len; i++)
    {
      const ShoalSourceRow *source = g_ptr_array_index (row->sources, i);
      int node = shoal_scenario_find_node (c->scenario, source->node);
      all += source->bytes;
      if (node >= 0 && shoal_index_in (c->expect->others, (unsigned)node))
        from_others += source->bytes;
    }
  return all > 0 ? quotient ((int64_t)from_others, (int64_t)all) : 0;
}

static bool
judge_shares (ShoalCase *c, int64_t least, int64_t most)
{
  if (most == INT64_MIN)
    {
      c->measured = g_strdup ("no such download");
      return false;
    }
  g_autofree char *low = percent (least), *high = percent (most);
  c->measured = least == most ? g_strdup (low) : g_strdup_printf ("%s to %s", low, high);
  return within (c->expect, least) && within (c->expect, most);
}

static bool
judge_got (ShoalCase *c)
{
  int64_t least = INT64_MAX, most = INT64_MIN;
  for (unsigned i = 0; i < c->run->transfers->len; i++)
    if (counts (c, i, c->expect->nodes))
      {
        int64_t share = share_from_others (c, transfer (c, i));
        least = MIN (least, share);
        most = MAX (most, share);
      }
  return judge_shares (c, least, most);
}

/* ---- what a node got in a span of time ---- */

const char *
shoal_case_node_name (const ShoalCase *c, int32_t number)
{
  return number >= 0 ? ((const ShoalNodeRow *)g_ptr_array_index (c->run->nodes, (unsigned)number))->name : "";
}

static bool
is_of_others (const ShoalCase *c, const char *name)
{
  int node = shoal_scenario_find_node (c->scenario, name);
  return node >= 0 && shoal_index_in (c->expect->others, (unsigned)node);
}

/* Bytes of the file that came to a node: of all, and of the expectation's others. */
typedef struct {
  uint64_t all, from_others;
} Income;

/* Where the log's nth snapshot for the expectation begins; the log's length: the run had ended before. */
static unsigned
find_snapshot (const ShoalCase *c, unsigned nth)
{
  unsigned i = 0;
  for (; i < c->run->log->len; i++)
    {
      const ShoalEventRow *row = g_ptr_array_index (c->run->log, i);
      if (strcmp (row->kind, SHOAL_LOG_SNAPSHOT) == 0 && row->value == c->index && nth-- == 0)
        break;
    }
  return i;
}

static Income
income_in_snapshot (const ShoalCase *c, const char *node, unsigned at)
{
  Income income = { 0 };
  for (unsigned i = at + 1; i < c->run->log->len; i++)
    {
      const ShoalEventRow *row = g_ptr_array_index (c->run->log, i);
      if (strcmp (row->kind, SHOAL_LOG_GOT) != 0)
        break;
      if (strcmp (shoal_case_node_name (c, (int32_t)row->node), node) != 0)
        continue;
      income.all += row->value;
      income.from_others += is_of_others (c, shoal_case_node_name (c, row->peer)) ? row->value : 0;
    }
  return income;
}

static Income
income_at_end (const ShoalCase *c, const char *node)
{
  Income income = { 0 };
  for (unsigned i = 0; i < c->run->transfers->len; i++)
    {
      const ShoalTransferRow *row = transfer (c, i);
      if (strcmp (row->node, node) != 0 || !concerns (c, row, c->expect->nodes))
        continue;
      for (unsigned k = 0; k < row->sources->len; k++)
        {
          const ShoalSourceRow *source = g_ptr_array_index (row->sources, k);
          income.all += source->bytes;
          income.from_others += is_of_others (c, source->node) ? source->bytes : 0;
        }
    }
  return income;
}

/* The share of what a node got in the expectation's span that came from its other nodes. */
static int64_t
share_in_span (const ShoalCase *c, const char *node)
{
  unsigned since = find_snapshot (c, 0), until = find_snapshot (c, 1);
  if (since == c->run->log->len)
    return 0;
  Income before = income_in_snapshot (c, node, since);
  Income after = until < c->run->log->len ? income_in_snapshot (c, node, until) : income_at_end (c, node);
  uint64_t all = after.all - before.all;
  return all > 0 ? quotient ((int64_t)(after.from_others - before.from_others), (int64_t)all) : 0;
}

static bool
judge_got_in_span (ShoalCase *c)
{
  int64_t least = INT64_MAX, most = INT64_MIN;
  int64_t since = shoal_case_moment_ns (c, &c->expect->since);
  int64_t until = since != SHOAL_ROW_NO_TIME ? shoal_case_moment_ns (c, &c->expect->until) : since;
  if (until == SHOAL_ROW_NO_TIME)
    return false;
  if (since >= until)
    {
      c->measured = g_strdup_printf ("it ends at %.3f s, before it begins at %.3f s", (double)until / 1e9,
                                     (double)since / 1e9);
      return false;
    }
  for (unsigned i = 0; i < c->expect->nodes->len; i++)
    {
      unsigned node = g_array_index (c->expect->nodes, unsigned, i);
      int64_t share = share_in_span (c, shoal_scenario_node (c->scenario, node)->name);
      least = MIN (least, share);
      most = MAX (most, share);
    }
  return judge_shares (c, least, most);
}

/* ---- what went wrong ---- */

static bool
failed_so (const ShoalTransferRow *row, const char *reason)
{
  bool failed = strcmp (row->status, "failed") == 0 || strcmp (row->status, "cancelled") == 0;
  return failed && (reason == NULL || (row->reason != NULL && strstr (row->reason, reason) != NULL));
}

/* Each of the nodes failed at least once. */
static bool
judge_fails (ShoalCase *c)
{
  g_autoptr (GString) others = g_string_new (NULL);
  unsigned failed = 0;
  for (unsigned i = 0; i < c->expect->nodes->len; i++)
    {
      const char *node =
          shoal_scenario_node (c->scenario, g_array_index (c->expect->nodes, unsigned, i))->name;
      bool so = false;
      for (unsigned k = 0; k < c->run->transfers->len; k++)
        {
          const ShoalTransferRow *row = transfer (c, k);
          if (strcmp (row->node, node) != 0 || !concerns (c, row, c->expect->nodes))
            continue;
          so |= failed_so (row, c->expect->reason);
          if (others->len == 0 && !failed_so (row, c->expect->reason))
            g_string_append_printf (others, "; %s of %s is %s%s%s", row->file, node, row->status,
                                    row->reason ? ": " : "", row->reason ? row->reason : "");
        }
      failed += so;
    }
  bool met = failed == c->expect->nodes->len;
  c->measured = g_strdup_printf ("%u of %u%s", failed, c->expect->nodes->len, met ? "" : others->str);
  return met;
}

/* The most that one of the nodes got, and the least. */
static bool
judge_bad_blocks (ShoalCase *c)
{
  g_autofree int64_t *bad = g_new0 (int64_t, c->scenario->nodes->len);
  int64_t least = INT64_MAX, most = 0;
  for (unsigned i = 0; i < c->run->log->len; i++)
    {
      const ShoalEventRow *row = g_ptr_array_index (c->run->log, i);
      if (strcmp (row->kind, shoal_event_kind_name (SHOAL_EVENT_BLOCK_BAD)) != 0)
        continue;
      int node = shoal_scenario_find_node (c->scenario, shoal_case_node_name (c, (int32_t)row->node));
      bool from = c->expect->others->len == 0 || is_of_others (c, shoal_case_node_name (c, row->peer));
      const char *file = c->expect->file >= 0
                             ? shoal_scenario_file (c->scenario, (unsigned)c->expect->file)->name
                             : row->file;
      if (node >= 0 && from && g_strcmp0 (row->file, file) == 0)
        bad[node]++;
    }
  for (unsigned i = 0; i < c->expect->nodes->len; i++)
    {
      least = MIN (least, bad[g_array_index (c->expect->nodes, unsigned, i)]);
      most = MAX (most, bad[g_array_index (c->expect->nodes, unsigned, i)]);
    }
  c->measured = least == most ? g_strdup_printf ("%" G_GINT64_FORMAT, most)
                              : g_strdup_printf ("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, least, most);
  return within (c->expect, least) && within (c->expect, most);
}

static bool
judge (ShoalCase *c)
{
  switch (c->expect->kind)
    {
    case SHOAL_EXPECT_COMPLETE:
      return judge_complete (c);
    case SHOAL_EXPECT_MAKESPAN:
      return judge_time (c, c->run->makespan_ns);
    case SHOAL_EXPECT_MEAN:
      return judge_time (c, c->run->mean_ns);
    case SHOAL_EXPECT_STRETCH:
      return judge_stretch (c);
    case SHOAL_EXPECT_OVERHEAD:
      return judge_overhead (c);
    case SHOAL_EXPECT_DOWNLOAD_TIME:
      return judge_download_time (c);
    case SHOAL_EXPECT_SPREAD:
      return judge_spread (c);
    case SHOAL_EXPECT_ORDER:
      return judge_order (c);
    case SHOAL_EXPECT_GOT:
      return c->expect->until.after_ns == SHOAL_NEVER ? judge_got (c) : judge_got_in_span (c);
    case SHOAL_EXPECT_FAILS:
      return judge_fails (c);
    case SHOAL_EXPECT_BAD_BLOCKS:
      return judge_bad_blocks (c);
    case SHOAL_EXPECT_TIMES_AS_LONG:
      return judge_times_as_long (c);
    case SHOAL_EXPECT_CHOKED:
      return shoal_judge_choked (c);
    case SHOAL_EXPECT_SERVES_AGAIN:
      return shoal_judge_serves_again (c);
    case SHOAL_EXPECT_SPEEDUP: /* needs two runs: shoal_expect_judge_speedup() */
      break;
    }
  g_assert_not_reached ();
}

/* Marks the attempts that did not end well and were followed by another of the same node and file. One byte a
 * transfer; owned by the caller. */
static uint8_t *
find_superseded (const ShoalRunRow *run)
{
  uint8_t *superseded = g_new0 (uint8_t, run->transfers->len + 1);
  g_autoptr (GHashTable) last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (unsigned i = 0; i < run->transfers->len; i++)
    {
      const ShoalTransferRow *row = g_ptr_array_index (run->transfers, i);
      char *key = g_strdup_printf ("%s %s", row->node, row->file);
      const ShoalTransferRow *other = g_hash_table_lookup (last, key);
      if (row->start_ns != SHOAL_ROW_NO_TIME && (other == NULL || other->start_ns <= row->start_ns))
        g_hash_table_insert (last, key, (void *)row);
      else
        g_free (key);
    }
  for (unsigned i = 0; i < run->transfers->len; i++)
    {
      const ShoalTransferRow *row = g_ptr_array_index (run->transfers, i);
      g_autofree char *key = g_strdup_printf ("%s %s", row->node, row->file);
      const ShoalTransferRow *newest = g_hash_table_lookup (last, key);
      superseded[i] = failed_so (row, NULL) && newest != NULL && newest != row;
    }
  return superseded;
}

static bool
applies (const ShoalExpect *expect, ShoalModel model, const ShoalRunRow *run)
{
  if (model != SHOAL_MODEL_P2P)
    return expect->in_server_client;
  return expect->in_p2p && (expect->with == NULL || g_strcmp0 (expect->with->name, run->strategy) == 0);
}

void
shoal_expect_judge (const ShoalScenario *scenario, ShoalModel model, ShoalRunRow *run)
{
  g_autofree uint8_t *superseded = find_superseded (run);
  for (unsigned i = 0; i < scenario->expects->len; i++)
    {
      const ShoalExpect *expect = &g_array_index (scenario->expects, ShoalExpect, i);
      if (!applies (expect, model, run) || expect->kind == SHOAL_EXPECT_SPEEDUP)
        continue;
      ShoalCase c = {
        .scenario = scenario, .run = run, .expect = expect, .index = i, .superseded = superseded
      };
      bool met = judge (&c);
      g_ptr_array_add (run->expectations, shoal_expectation_row_new (expect->text, met, c.measured));
      g_free (c.measured);
    }
}

static ShoalExpectationRow *
judge_speedup (const ShoalExpect *expect, const ShoalRunRow *p2p, const ShoalRunRow *server_client)
{
  if (p2p->makespan_ns == SHOAL_ROW_NO_TIME)
    return shoal_expectation_row_new (expect->text, false, "not everybody finished in p2p");
  if (server_client == NULL)
    return shoal_expectation_row_new (expect->text, false, "server-client was not played");
  if (server_client->makespan_ns == SHOAL_ROW_NO_TIME)
    return shoal_expectation_row_new (expect->text, false, "not everybody finished in server-client");
  if (p2p->makespan_ns == 0)
    return shoal_expectation_row_new (expect->text, false, "the makespan in p2p is 0");
  int64_t speedup = quotient (server_client->makespan_ns, p2p->makespan_ns);
  g_autofree char *measured = ratio (speedup);
  return shoal_expectation_row_new (expect->text, within (expect, speedup), measured);
}

void
shoal_expect_judge_speedup (const ShoalScenario *scenario, ShoalRunRow *p2p, const ShoalRunRow *server_client)
{
  for (unsigned i = 0; i < scenario->expects->len; i++)
    {
      const ShoalExpect *expect = &g_array_index (scenario->expects, ShoalExpect, i);
      if (expect->kind == SHOAL_EXPECT_SPEEDUP && applies (expect, SHOAL_MODEL_P2P, p2p))
        g_ptr_array_add (p2p->expectations, judge_speedup (expect, p2p, server_client));
    }
}

bool
shoal_expect_all_met (const ShoalRunRow *run)
{
  for (unsigned i = 0; i < run->expectations->len; i++)
    if (!((const ShoalExpectationRow *)g_ptr_array_index (run->expectations, i))->met)
      return false;
  return true;
}
