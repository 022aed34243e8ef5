#include "results/report-chokes.h"

#include "results/query.h"

/* Who goes chokes nobody any more, and is served by nobody. */
static const char events_sql[] = "SELECT at_ns, node, kind, peer FROM events WHERE run = ?"
                                 " AND kind IN ('choked', 'unchoked', 'leave', 'crash') ORDER BY at_ns, id";

typedef struct {
  const ShoalReportSwarm *swarm;
  ShoalReportChokes *chokes;
  GHashTable *pairs; /* of those who serve and are served: server * nodes + served, as pointers */
  uint16_t *serving; /* of each node, now */
  bool *before;      /* pairs shown, as they were at the last point: server * shown + served */
  ShoalPack *pack;
  unsigned point;
} Pass;

static void
set_pair (Pass *p, unsigned server, unsigned served, bool serves)
{
  void *pair = GSIZE_TO_POINTER ((gsize)server * p->swarm->nodes->len + served + 1);
  if (serves && g_hash_table_add (p->pairs, pair))
    p->serving[served]++;
  else if (!serves && g_hash_table_remove (p->pairs, pair))
    p->serving[served]--;
}

static void
part (Pass *p, unsigned node)
{
  for (unsigned other = 0; other < p->swarm->nodes->len; other++)
    {
      set_pair (p, node, other, false);
      set_pair (p, other, node, false);
    }
}

static bool
serves (const Pass *p, unsigned server, unsigned served)
{
  unsigned a = g_array_index (p->swarm->shown, unsigned, server),
           b = g_array_index (p->swarm->shown, unsigned, served);
  return g_hash_table_contains (p->pairs, GSIZE_TO_POINTER ((gsize)a * p->swarm->nodes->len + b + 1));
}

static void
pack_changes (Pass *p)
{
  unsigned shown = p->swarm->shown->len, last = 0;
  g_autoptr (GArray) changed = g_array_new (FALSE, FALSE, sizeof (unsigned));
  for (unsigned pair = 0; pair < shown * shown; pair++)
    if (serves (p, pair / shown, pair % shown) != p->before[pair])
      {
        g_array_append_val (changed, pair);
        p->before[pair] = !p->before[pair];
      }
  shoal_pack_add (p->pack, changed->len);
  for (unsigned i = 0; i < changed->len; i++)
    {
      unsigned pair = g_array_index (changed, unsigned, i);
      shoal_pack_add (p->pack, pair - last);
      last = pair;
    }
}

static void
note_points (Pass *p, int64_t until_ns)
{
  for (; p->point < SHOAL_REPORT_POINTS && shoal_report_point_ns (p->swarm, p->point) < until_ns; p->point++)
    {
      for (unsigned i = 0; i < p->swarm->nodes->len; i++)
        {
          p->chokes->serving[(size_t)i * SHOAL_REPORT_POINTS + p->point] = p->serving[i];
          p->chokes->most = MAX (p->chokes->most, p->serving[i]);
        }
      pack_changes (p);
    }
}

static void
take_event (Pass *p, const ShoalQuery *query)
{
  int node = shoal_report_swarm_find (p->swarm, shoal_query_int (query, 1, -1));
  int peer = shoal_report_swarm_find (p->swarm, shoal_query_int (query, 3, -1));
  g_autofree char *kind = shoal_query_text (query, 2);
  note_points (p, shoal_query_int (query, 0, 0));
  if (node < 0)
    return;
  if (!g_str_has_suffix (kind, "choked"))
    part (p, (unsigned)node);
  else if (peer >= 0)
    {
      p->chokes->events++;
      set_pair (p, (unsigned)node, (unsigned)peer, g_str_equal (kind, "unchoked"));
    }
}

bool
shoal_report_chokes_read (const ShoalReportSwarm *swarm, ShoalReportChokes *chokes, GError **error)
{
  ShoalQuery query;
  size_t nodes = swarm->nodes->len, shown = swarm->shown->len;
  g_autoptr (GHashTable) pairs = g_hash_table_new (NULL, NULL);
  g_autofree uint16_t *serving = g_new0 (uint16_t, nodes + 1);
  g_autofree bool *before = g_new0 (bool, shown *shown + 1);
  Pass pass = { .swarm = swarm, .chokes = chokes, .pairs = pairs, .serving = serving, .before = before };
  pass.pack = shoal_pack_new ();
  chokes->serving = g_new0 (uint16_t, nodes * SHOAL_REPORT_POINTS + 1);
  shoal_query_begin_for (&query, swarm->store, events_sql, swarm->run);
  while (shoal_query_next (&query))
    take_event (&pass, &query);
  note_points (&pass, INT64_MAX);
  chokes->changes = shoal_pack_end (pass.pack);
  return shoal_query_end (&query, error);
}

void
shoal_report_chokes_clear (ShoalReportChokes *chokes)
{
  g_clear_pointer (&chokes->serving, g_free);
  g_clear_pointer (&chokes->changes, g_free);
}
