#include "results/report-holdings.h"

#define ALL_KEPT 1000000u /* of a return: millionths */

static size_t
slot (const ShoalReportHoldings *h, unsigned node, unsigned file)
{
  return (size_t)node * h->swarm->files->len + file;
}

static void
note_wanted (ShoalReportHoldings *h)
{
  for (unsigned i = 0; i < h->swarm->transfers->len; i++)
    {
      const ShoalReportTransfer *transfer = shoal_report_transfer (h->swarm, i);
      bool *wants = &h->wants[slot (h, transfer->node, transfer->file)];
      if (!*wants)
        h->wanted_blocks[transfer->node] += shoal_report_file (h->swarm, transfer->file)->blocks;
      *wants = true;
    }
}

static int
most_wanted (const ShoalReportSwarm *swarm)
{
  int best = -1;
  for (unsigned i = 0; i < swarm->files->len; i++)
    if (shoal_report_file (swarm, i)->blocks > 0
        && (best < 0
            || shoal_report_file (swarm, i)->wanted > shoal_report_file (swarm, (unsigned)best)->wanted))
      best = (int)i;
  return best;
}

void
shoal_report_holdings_init (ShoalReportHoldings *h, const ShoalReportSwarm *swarm)
{
  size_t nodes = swarm->nodes->len, slots = nodes * swarm->files->len;
  *h = (ShoalReportHoldings){ .swarm = swarm, .file = most_wanted (swarm) };
  h->held = g_new0 (uint8_t *, slots + 1);
  h->wants = g_new0 (bool, slots + 1);
  h->is_there = g_new0 (bool, nodes + 1);
  h->held_blocks = g_new0 (uint32_t, nodes + 1);
  h->wanted_blocks = g_new0 (uint32_t, nodes + 1);
  h->copies = g_new0 (uint16_t, (h->file < 0 ? 0 : shoal_report_file (swarm, (unsigned)h->file)->blocks) + 1);
  note_wanted (h);
}

void
shoal_report_holdings_clear (ShoalReportHoldings *h)
{
  size_t slots = h->swarm != NULL ? (size_t)h->swarm->nodes->len * h->swarm->files->len : 0;
  for (size_t i = 0; h->held != NULL && i < slots; i++)
    g_free (h->held[i]);
  g_free (h->held);
  g_free (h->wants);
  g_free (h->is_there);
  g_free (h->held_blocks);
  g_free (h->wanted_blocks);
  g_free (h->copies);
  *h = (ShoalReportHoldings){ 0 };
}

static bool
holds (const uint8_t *bits, unsigned block)
{
  return bits != NULL && (bits[block / 8] & (1u << block % 8)) != 0;
}

void
shoal_report_holdings_add (ShoalReportHoldings *h, unsigned node, unsigned file, unsigned block)
{
  uint8_t **bits = &h->held[slot (h, node, file)];
  unsigned blocks = shoal_report_file (h->swarm, file)->blocks;
  if (block >= blocks || holds (*bits, block))
    return;
  if (*bits == NULL)
    *bits = g_new0 (uint8_t, blocks / 8 + 1);
  (*bits)[block / 8] |= (uint8_t)(1u << block % 8);
  h->held_blocks[node] += h->wants[slot (h, node, file)];
  if ((int)file == h->file && h->is_there[node])
    h->copies[block]++;
}

/* A node's copies count, or no longer do. */
static void
count_copies (ShoalReportHoldings *h, unsigned node, bool is_there)
{
  if (h->is_there[node] == is_there || h->file < 0)
    return;
  const uint8_t *bits = h->held[slot (h, node, (unsigned)h->file)];
  for (unsigned block = 0; block < shoal_report_file (h->swarm, (unsigned)h->file)->blocks; block++)
    if (holds (bits, block))
      h->copies[block] = (uint16_t)(is_there ? h->copies[block] + 1 : h->copies[block] - 1);
}

static void
set_there (ShoalReportHoldings *h, unsigned node, bool is_there)
{
  count_copies (h, node, is_there);
  h->is_there[node] = is_there;
}

static void
lose_file (ShoalReportHoldings *h, unsigned node, unsigned file)
{
  uint8_t **bits = &h->held[slot (h, node, file)];
  for (unsigned block = 0; block < shoal_report_file (h->swarm, file)->blocks; block++)
    if (holds (*bits, block))
      {
        h->held_blocks[node] -= h->wants[slot (h, node, file)];
        if ((int)file == h->file && h->is_there[node])
          h->copies[block]--;
      }
  g_clear_pointer (bits, g_free);
}

/* What it kept in part is checked anew, and comes as if it had just arrived. */
static void
come_back (ShoalReportHoldings *h, const ShoalReportEvent *event)
{
  for (unsigned file = 0; event->value < ALL_KEPT && file < h->swarm->files->len; file++)
    lose_file (h, event->node, file);
  set_there (h, event->node, true);
}

void
shoal_report_holdings_apply (ShoalReportHoldings *h, const ShoalReportEvent *event)
{
  const char *kind = event->kind;
  unsigned file = event->file >= 0 ? (unsigned)event->file : 0;
  if (g_str_equal (kind, "join"))
    set_there (h, event->node, true);
  else if (g_str_equal (kind, "leave") || g_str_equal (kind, "crash"))
    set_there (h, event->node, false);
  else if (g_str_equal (kind, "return"))
    come_back (h, event);
  else if (g_str_equal (kind, "cancelled") && event->file >= 0)
    lose_file (h, event->node, file);
  else if (g_str_equal (kind, "registered") && event->file >= 0)
    for (unsigned block = 0; block < shoal_report_file (h->swarm, file)->blocks; block++)
      shoal_report_holdings_add (h, event->node, file, block);
}
