/* Judges expectations on a run's rows. Rows speak of nodes and files by name, as the store does. */
#include "scenarios/expect.h"
#include "scenarios/units.h"

typedef struct {
  const ShoalScenario *scenario;
  const ShoalRunRow *run;
  const ShoalExpect *expect;
  char *measured; /* owned by the caller of judge() */
} Case;

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
transfer (const Case *c, unsigned i)
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
concerns (const Case *c, const ShoalTransferRow *row, const GArray *nodes)
{
  if (c->expect->file >= 0
      && strcmp (shoal_scenario_file (c->scenario, (unsigned)c->expect->file)->name, row->file))
    return false;
  int node = shoal_scenario_find_node (c->scenario, row->node);
  return nodes->len == 0 || (node >= 0 && shoal_index_in (nodes, (unsigned)node));
}

/* What the transfers of some nodes come to. */
typedef struct {
  unsigned asked, done;
  int64_t first_end, last_end;
  int64_t shortest, longest;
  const ShoalTransferRow *undone; /* the first that is not done */
} Summary;

static Summary
summarise (const Case *c, const GArray *nodes)
{
  Summary sum = {
    .first_end = INT64_MAX, .last_end = INT64_MIN, .shortest = INT64_MAX, .longest = INT64_MIN
  };
  for (unsigned i = 0; i < c->run->transfers->len; i++)
    {
      const ShoalTransferRow *row = transfer (c, i);
      if (!concerns (c, row, nodes))
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
    }
  return sum;
}

/* True when there are transfers and all are done; else says which is not. */
static bool
all_done (Case *c, const Summary *sum)
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
judge_complete (Case *c)
{
  Summary sum = summarise (c, c->expect->nodes);
  if (!all_done (c, &sum))
    return false;
  c->measured =
      g_strdup_printf ("%u of %u done, the last at %.3f s", sum.done, sum.asked, (double)sum.last_end / 1e9);
  return sum.last_end <= c->expect->most;
}

static bool
judge_time (Case *c, int64_t ns)
{
  c->measured = ns == SHOAL_ROW_NO_TIME ? g_strdup ("not everybody finished") : seconds (ns);
  return ns != SHOAL_ROW_NO_TIME && within (c->expect, ns);
}

static bool
judge_stretch (Case *c)
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
judge_overhead (Case *c)
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
judge_download_time (Case *c)
{
  Summary sum = summarise (c, c->expect->nodes);
  if (!all_done (c, &sum))
    return false;
  c->measured = g_strdup_printf ("%.3f s to %.3f s", (double)sum.shortest / 1e9, (double)sum.longest / 1e9);
  return within (c->expect, sum.shortest) && within (c->expect, sum.longest);
}

static bool
judge_spread (Case *c)
{
  Summary sum = summarise (c, c->expect->nodes);
  if (!all_done (c, &sum))
    return false;
  c->measured = seconds (sum.last_end - sum.first_end);
  return within (c->expect, sum.last_end - sum.first_end);
}

static bool
judge_order (Case *c)
{
  Summary earlier = summarise (c, c->expect->nodes), later = summarise (c, c->expect->others);
  if (!all_done (c, &earlier) || !all_done (c, &later))
    return false;
  c->measured =
      g_strdup_printf ("%.3f s, %.3f s", (double)earlier.last_end / 1e9, (double)later.first_end / 1e9);
  return earlier.last_end < later.first_end;
}

/* The share of what a transfer received that came from the expectation's other nodes. */
static int64_t
share_from_others (const Case *c, const ShoalTransferRow *row)
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
judge_got (Case *c)
{
  int64_t least = INT64_MAX, most = INT64_MIN;
  for (unsigned i = 0; i < c->run->transfers->len; i++)
    if (concerns (c, transfer (c, i), c->expect->nodes))
      {
        int64_t share = share_from_others (c, transfer (c, i));
        least = MIN (least, share);
        most = MAX (most, share);
      }
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
judge (Case *c)
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
      return judge_got (c);
    case SHOAL_EXPECT_SPEEDUP: /* needs two runs: shoal_expect_judge_speedup() */
      break;
    }
  g_assert_not_reached ();
}

void
shoal_expect_judge (const ShoalScenario *scenario, ShoalModel model, ShoalRunRow *run)
{
  for (unsigned i = 0; i < scenario->expects->len; i++)
    {
      const ShoalExpect *expect = &g_array_index (scenario->expects, ShoalExpect, i);
      bool applies = model == SHOAL_MODEL_P2P ? expect->in_p2p : expect->in_server_client;
      if (!applies || expect->kind == SHOAL_EXPECT_SPEEDUP)
        continue;
      Case c = { .scenario = scenario, .run = run, .expect = expect };
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
      if (expect->kind == SHOAL_EXPECT_SPEEDUP)
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
