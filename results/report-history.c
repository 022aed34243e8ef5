#include "results/report-history.h"

#include "results/query.h"
#include "results/report-holdings.h"

#include <stdlib.h>

static const char arrivals_sql[] =
    "SELECT a.transfer, a.block, a.giver, a.first_ns, a.held_ns FROM transfers t"
    "  JOIN arrivals a ON a.transfer = t.id WHERE t.run = ? ORDER BY a.held_ns, a.transfer, a.block";

enum {
  TRANSFER,
  BLOCK,
  GIVER,
  FIRST,
  HELD,
};

#define TICKS 65536.0 /* a run's whole time */

typedef struct {
  const ShoalReportSwarm *swarm;
  ShoalReportHoldings holdings;
  ShoalReportHistory *history;
  ShoalPack *pack;
  unsigned event, point; /* the next ones */
  int64_t tick;          /* of the transfer packed last */
} Pass;

/* Transfers are in the order of their numbers. NULL: not of this run. */
static const ShoalReportTransfer *
find_transfer (const ShoalReportSwarm *swarm, int64_t id)
{
  unsigned least = 0, end = swarm->transfers->len;
  while (least < end)
    {
      unsigned middle = (least + end) / 2;
      if (shoal_report_transfer (swarm, middle)->id < id)
        least = middle + 1;
      else
        end = middle;
    }
  bool is_found = least < swarm->transfers->len && shoal_report_transfer (swarm, least)->id == id;
  return is_found ? shoal_report_transfer (swarm, least) : NULL;
}

/* ---- points of time ---- */

static int
compare_copies (const void *a, const void *b)
{
  return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void
note_copies (Pass *p)
{
  if (p->holdings.file < 0)
    return;
  unsigned blocks = shoal_report_file (p->swarm, (unsigned)p->holdings.file)->blocks;
  g_autofree uint16_t *sorted = g_memdup2 (p->holdings.copies, blocks * sizeof *sorted);
  qsort (sorted, blocks, sizeof *sorted, compare_copies);
  p->history->copies[0][p->point] = sorted[0];
  p->history->copies[1][p->point] = sorted[(blocks - 1) / 2];
  p->history->copies[2][p->point] = sorted[blocks - 1];
}

static void
note_point (Pass *p)
{
  for (unsigned i = 0; i < p->swarm->nodes->len; i++)
    if (p->holdings.wanted_blocks[i] > 0)
      p->history->shares[(size_t)i * SHOAL_REPORT_POINTS + p->point] =
          (uint16_t)((uint64_t)p->holdings.held_blocks[i] * 1000 / p->holdings.wanted_blocks[i]);
  note_copies (p);
  p->point++;
}

/* Everything that happens up to a time: events change who holds what, and each point is noted as it was. */
static void
advance (Pass *p, int64_t until_ns)
{
  while (true)
    {
      int64_t event_ns =
          p->event < p->swarm->events->len ? shoal_report_event (p->swarm, p->event)->at_ns : INT64_MAX;
      int64_t point_ns =
          p->point < SHOAL_REPORT_POINTS ? shoal_report_point_ns (p->swarm, p->point) : INT64_MAX;
      if (MIN (event_ns, point_ns) > until_ns || MIN (event_ns, point_ns) == INT64_MAX)
        return;
      if (event_ns <= point_ns)
        shoal_report_holdings_apply (&p->holdings, shoal_report_event (p->swarm, p->event++));
      else
        note_point (p);
    }
}

/* ---- transfers for the replay ---- */

static int64_t
tick_of (const Pass *p, int64_t at_ns)
{
  double share = (double)(at_ns - p->swarm->first_ns) / (double)(p->swarm->last_ns - p->swarm->first_ns);
  return (int64_t)(CLAMP (share, 0, 1) * TICKS);
}

static uint64_t
giver_number (const Pass *p, const ShoalQuery *query)
{
  int giver = shoal_report_swarm_find (p->swarm, shoal_query_int (query, GIVER, -1));
  if (giver < 0)
    return 0;
  int shown = shoal_report_node (p->swarm, (unsigned)giver)->shown;
  return shown < 0 ? 1 : (uint64_t)shown + 2;
}

static void
pack_transfer (Pass *p, const ShoalReportTransfer *transfer, unsigned block, const ShoalQuery *query)
{
  int shown = shoal_report_node (p->swarm, transfer->node)->shown;
  if (shown < 0 || block % p->history->every != 0)
    return;
  int64_t held_ns = shoal_query_int (query, HELD, 0), tick = tick_of (p, held_ns);
  shoal_pack_add (p->pack, (uint64_t)(tick - p->tick));
  shoal_pack_add (p->pack, (uint64_t)shown * p->swarm->files->len + transfer->file);
  shoal_pack_add (p->pack, giver_number (p, query));
  shoal_pack_add (p->pack, block);
  shoal_pack_add (p->pack,
                  (uint64_t)(tick - tick_of (p, MIN (shoal_query_int (query, FIRST, held_ns), held_ns))));
  p->tick = tick;
  p->history->transfers_count++;
}

static void
take_arrival (Pass *p, const ShoalQuery *query)
{
  const ShoalReportTransfer *transfer = find_transfer (p->swarm, shoal_query_int (query, TRANSFER, 0));
  unsigned block = (unsigned)shoal_query_int (query, BLOCK, 0);
  int64_t held_ns = shoal_query_int (query, HELD, 0);
  if (transfer == NULL)
    return;
  /* A point shows what is held at that very moment, the last block at the end of a download too. */
  advance (p, held_ns - 1);
  shoal_report_holdings_add (&p->holdings, transfer->node, transfer->file, block);
  pack_transfer (p, transfer, block, query);
  p->history->arrivals++;
}

/* Whole blocks are left out rather than single transfers: so one can be followed through the swarm. */
static unsigned
choose_every (const ShoalReportSwarm *swarm, unsigned transfers_max)
{
  uint64_t blocks = 0;
  for (unsigned i = 0; i < swarm->transfers->len; i++)
    {
      const ShoalReportTransfer *transfer = shoal_report_transfer (swarm, i);
      if (shoal_report_node (swarm, transfer->node)->shown >= 0)
        blocks += (transfer->bytes + SHOAL_REPORT_BLOCK_BYTES - 1) / SHOAL_REPORT_BLOCK_BYTES;
    }
  return (unsigned)MAX (1, (blocks + transfers_max - 1) / transfers_max);
}

/* Who is in the run from its beginning without having joined: servers and clients of old stores. */
static void
begin_pass (Pass *p)
{
  bool anybody_joins = false;
  shoal_report_holdings_init (&p->holdings, p->swarm);
  for (unsigned i = 0; i < p->swarm->events->len; i++)
    anybody_joins |= g_str_equal (shoal_report_event (p->swarm, i)->kind, "join");
  for (unsigned i = 0; !anybody_joins && i < p->swarm->nodes->len; i++)
    p->holdings.is_there[i] = true;
}

bool
shoal_report_history_read (const ShoalReportSwarm *swarm, unsigned transfers_max, ShoalReportHistory *history,
                           GError **error)
{
  ShoalQuery query;
  Pass pass = { .swarm = swarm, .history = history, .pack = shoal_pack_new () };
  begin_pass (&pass);
  history->shares = g_new0 (uint16_t, (size_t)swarm->nodes->len * SHOAL_REPORT_POINTS + 1);
  history->copies_file = pass.holdings.file;
  history->every = choose_every (swarm, transfers_max);
  shoal_query_begin_for (&query, swarm->store, arrivals_sql, swarm->run);
  while (shoal_query_next (&query))
    take_arrival (&pass, &query);
  advance (&pass, INT64_MAX - 1);
  history->transfers = shoal_pack_end (pass.pack);
  shoal_report_holdings_clear (&pass.holdings);
  return shoal_query_end (&query, error);
}

void
shoal_report_history_clear (ShoalReportHistory *history)
{
  g_clear_pointer (&history->shares, g_free);
  g_clear_pointer (&history->transfers, g_free);
}
