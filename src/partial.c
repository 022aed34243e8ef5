/* Blocks in progress: which parts are here, and who is asked for the rest. */
#include "src/peer-internal.h"

uint32_t
shoal_partial_units_bytes (const ShoalSwarm *s, uint32_t block, uint16_t units)
{
  uint32_t length = shoal_info_block_bytes (&s->file.info, block);
  uint32_t bytes = (uint32_t)__builtin_popcount (units) * SHOAL_UNIT_BYTES;
  uint32_t last = (length - 1) / SHOAL_UNIT_BYTES, short_by = (last + 1) * SHOAL_UNIT_BYTES - length;
  return (units >> last) & 1 ? bytes - short_by : bytes;
}

uint16_t
shoal_partial_all_units (const ShoalSwarm *s, uint32_t block)
{
  uint32_t units = (shoal_info_block_bytes (&s->file.info, block) + SHOAL_UNIT_BYTES - 1) / SHOAL_UNIT_BYTES;
  return (uint16_t)(SHOAL_UNITS_ALL >> (SHOAL_UNITS_PER_BLOCK - units));
}

ShoalPartial *
shoal_partial_find (const ShoalSwarm *s, uint32_t block)
{
  return s->partials ? g_hash_table_lookup (s->partials, GUINT_TO_POINTER (block)) : NULL;
}

ShoalPartial *
shoal_partial_new (ShoalSwarm *s, uint32_t block)
{
  ShoalPartial *partial = g_new0 (ShoalPartial, 1);
  partial->swarm = s;
  partial->block = block;
  partial->wanted = shoal_partial_all_units (s, block);
  partial->source = UINT32_MAX;
  partial->since = partial->first_at = SHOAL_NEVER;
  partial->link.data = partial;
  g_queue_push_tail_link (&s->orphans, &partial->link);
  g_hash_table_insert (s->partials, GUINT_TO_POINTER (block), partial);
  return partial;
}

void
shoal_partial_owed (ShoalPartial *partial, int64_t more_bytes)
{
  partial->swarm->peer->down.outstanding_bytes += (uint64_t)more_bytes;
  partial->swarm->outstanding_bytes += (uint64_t)more_bytes;
  partial->from->outstanding_bytes += (uint64_t)more_bytes;
}

void
shoal_partial_detach (ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  if (!partial->from)
    return;
  shoal_partial_owed (partial, -(int64_t)shoal_partial_units_bytes (s, partial->block, partial->asked));
  partial->from->incomplete -= partial->lost;
  partial->lost = false;
  g_queue_unlink (&partial->from->asked, &partial->link);
  g_queue_push_tail_link (&s->orphans, &partial->link);
  partial->before_cid = partial->from->rx_cid;
  partial->from = NULL;
  partial->asked = 0;
}

void
shoal_partial_orphan (ShoalPartial *partial)
{
  shoal_partial_detach (partial);
  shoal_soon_not (partial->swarm, partial->block);
}

void
shoal_partial_set_hashing (ShoalPartial *partial, bool hashing)
{
  ShoalSwarm *s = partial->swarm;
  shoal_partial_detach (partial);
  if (partial->hashing == hashing)
    return;
  partial->hashing = hashing;
  g_queue_unlink (hashing ? &s->orphans : &s->hashing, &partial->link);
  g_queue_push_tail_link (hashing ? &s->hashing : &s->orphans, &partial->link);
}

void
shoal_partial_restart (ShoalPartial *partial)
{
  g_assert (!partial->from);
  partial->got = partial->corrupt = 0;
  partial->before_cid = 0;
  partial->source = UINT32_MAX;
  partial->mixed = partial->proof_here = false;
}

void
shoal_partial_end (ShoalPartial *partial)
{
  ShoalSwarm *s = partial->swarm;
  shoal_partial_set_hashing (partial, false);
  shoal_partial_detach (partial);
  g_queue_unlink (&s->orphans, &partial->link);
  g_hash_table_remove (s->partials, GUINT_TO_POINTER (partial->block));
  g_free (partial->proof);
  g_free (partial);
}

void
shoal_download_drop_partials (ShoalSwarm *s)
{
  for (guint i = 0; i < s->neighbours->len; i++)
    shoal_download_withdraw (s->neighbours->pdata[i]);
  while (s->orphans.head)
    shoal_partial_end (s->orphans.head->data);
  while (s->hashing.head)
    shoal_partial_end (s->hashing.head->data);
}
