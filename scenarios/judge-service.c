/* Judges who serves whom, on what the log says of chokes. */
#include "scenarios/judge-internal.h"

int64_t
shoal_case_moment_ns (ShoalCase *c, const ShoalMoment *moment)
{
  if (moment->mark < 0)
    return moment->after_ns;
  for (unsigned i = 0; i < c->run->log->len; i++)
    {
      const ShoalEventRow *row = g_ptr_array_index (c->run->log, i);
      if (strcmp (row->kind, SHOAL_LOG_MARK) == 0 && row->value == (uint64_t)moment->mark)
        return row->at_ns + moment->after_ns;
    }
  c->measured =
      g_strdup_printf ("'%s' did not come", shoal_scenario_action (c->scenario, moment->mark)->mark);
  return SHOAL_ROW_NO_TIME;
}

/* The expectation's window, and what one node did to another in it. */
typedef struct {
  int64_t since_ns, until_ns;
  bool served_before;            /* at its beginning */
  bool served;                   /* at its end */
  int64_t stopped_ns, served_ns; /* when it first stopped in it; since when it serves at its end */
} Service;

/* The name of a node of the scenario. */
static const char *
node_name (const ShoalCase *c, unsigned node)
{
  return shoal_scenario_node (c->scenario, node)->name;
}

static void
note (Service *service, const ShoalEventRow *row, bool serves)
{
  bool before = row->at_ns <= service->since_ns;
  if (before)
    service->served_before = serves;
  else if (!serves && service->stopped_ns == SHOAL_ROW_NO_TIME)
    service->stopped_ns = row->at_ns;
  if (serves)
    service->served_ns = MAX (row->at_ns, service->since_ns);
  service->served = serves;
}

/* Who goes, serves nobody; nor does anybody serve it. */
static bool
is_gone (const ShoalCase *c, const ShoalEventRow *row, const char *giver, const char *taker)
{
  if (strcmp (row->kind, "leave") != 0 && strcmp (row->kind, "crash") != 0)
    return false;
  const char *who = shoal_case_node_name (c, (int32_t)row->node);
  return strcmp (who, giver) == 0 || strcmp (who, taker) == 0;
}

static void
follow (const ShoalCase *c, const char *giver, const char *taker, Service *service)
{
  service->stopped_ns = SHOAL_ROW_NO_TIME;
  for (unsigned i = 0; i < c->run->log->len; i++)
    {
      const ShoalEventRow *row = g_ptr_array_index (c->run->log, i);
      bool serves = strcmp (row->kind, shoal_event_kind_name (SHOAL_EVENT_UNCHOKED)) == 0;
      bool chokes = strcmp (row->kind, shoal_event_kind_name (SHOAL_EVENT_CHOKED)) == 0;
      if (row->at_ns > service->until_ns)
        return;
      if (is_gone (c, row, giver, taker)
          || ((serves || chokes) && strcmp (shoal_case_node_name (c, (int32_t)row->node), giver) == 0
              && strcmp (shoal_case_node_name (c, row->peer), taker) == 0))
        note (service, row, serves);
    }
}

/* Whether it is as wanted; *after_ns: how long after the window's beginning, or why not. */
typedef bool (*IsMet) (const Service *service, int64_t *after_ns, const char **why);

static bool
is_choked (const Service *service, int64_t *after_ns, const char **why)
{
  *after_ns = service->stopped_ns - service->since_ns;
  if (!service->served_before && service->stopped_ns == SHOAL_ROW_NO_TIME)
    *why = "did not serve";
  else
    *why = "went on to serve";
  return service->stopped_ns != SHOAL_ROW_NO_TIME;
}

/* One that is served on trial, and then no more, is not chosen again. */
static bool
serves_again (const Service *service, int64_t *after_ns, const char **why)
{
  *after_ns = service->served_ns - service->since_ns;
  *why = "does not serve";
  return service->served;
}

/* What came of all pairs. */
typedef struct {
  unsigned met;
  int64_t slowest_ns; /* of those */
  char *not_so;       /* the first of the others, as words; owned; NULL */
} Pairs;

static Pairs
look_at_pairs (const ShoalCase *c, int64_t since_ns, const GArray *givers, const GArray *takers, IsMet is_met)
{
  Pairs pairs = { 0 };
  for (unsigned i = 0; i < givers->len * takers->len; i++)
    {
      int64_t after_ns;
      const char *giver = node_name (c, g_array_index (givers, unsigned, i / takers->len)), *why = NULL;
      const char *taker = node_name (c, g_array_index (takers, unsigned, i % takers->len));
      Service service = { .since_ns = since_ns };
      service.until_ns = since_ns + c->expect->until.after_ns - c->expect->since.after_ns;
      follow (c, giver, taker, &service);
      bool met = is_met (&service, &after_ns, &why);
      pairs.met += met;
      if (met)
        pairs.slowest_ns = MAX (pairs.slowest_ns, after_ns);
      else if (pairs.not_so == NULL)
        pairs.not_so = g_strdup_printf ("%s %s %s", giver, why, taker);
    }
  return pairs;
}

/* Each giver and taker must be as wanted, or as many givers as the expectation says, to each taker. */
static bool
judge_service (ShoalCase *c, const GArray *givers, const GArray *takers, IsMet is_met)
{
  unsigned all = givers->len * takers->len, quorum = c->expect->quorum * takers->len;
  int64_t since_ns = shoal_case_moment_ns (c, &c->expect->since);
  if (since_ns == SHOAL_ROW_NO_TIME)
    return false;
  Pairs pairs = look_at_pairs (c, since_ns, givers, takers, is_met);
  g_autofree char *count = quorum > 0 ? g_strdup_printf ("%u of %u, ", pairs.met, all) : g_strdup ("");
  bool is_so = pairs.met >= (quorum > 0 ? quorum : all);
  c->measured = is_so ? g_strdup_printf ("%s%.3f s after", count, (double)pairs.slowest_ns / 1e9)
                      : g_strconcat (count, pairs.not_so, NULL);
  g_free (pairs.not_so);
  return is_so;
}

bool
shoal_judge_choked (ShoalCase *c)
{
  return judge_service (c, c->expect->others, c->expect->nodes, is_choked);
}

bool
shoal_judge_serves_again (ShoalCase *c)
{
  return judge_service (c, c->expect->nodes, c->expect->others, serves_again);
}
