#include "tests/real-play.h"

#include "tests/harness.h"

ShoalLoop *real_loop;
const ShoalAddr REAL_LOCAL4 = { .family = 4, .ip = { 127, 0, 0, 1 } };
const ShoalAddr REAL_LOCAL6 = { .family = 6, .ip = { [15] = 1 } };

void
real_set_up (void)
{
  GError *error = NULL;
  real_loop = shoal_loop_new (&error);
  ck_assert_msg (real_loop != NULL, "%s", error ? error->message : "");
}

void
real_tear_down (void)
{
  g_clear_pointer (&real_loop, shoal_loop_free);
}

ShoalRealNode *
real_node_with (const RealOptions *o)
{
  ShoalRealNodeOptions options = { .udp = shoal_udp_new (o->at, NULL),
                                   .upload_bytes_per_s = o->up,
                                   .download_bytes_per_s = o->down,
                                   .on_event = o->on_event,
                                   .context = o->context,
                                   .keeps_samples = o->samples };
  return options.udp ? shoal_real_node_new (real_loop, &options, NULL) : NULL;
}

ShoalRealNode *
real_node (uint64_t up_bytes_per_s, uint64_t down_bytes_per_s)
{
  ShoalRealNode *node =
      real_node_with (&(RealOptions){ .at = &REAL_LOCAL4, .up = up_bytes_per_s, .down = down_bytes_per_s });
  ck_assert_ptr_nonnull (node);
  return node;
}

Hose *
real_start (ShoalRealNode *node, Hose *hose)
{
  shoal_real_node_start (node, &hose->machine);
  return hose;
}

Hose *
real_start_sink (ShoalRealNode *node)
{
  return real_start (node, hose_new (NULL, 8, 0));
}

Hose *
real_start_source (ShoalRealNode *node, const ShoalRealNode *to, size_t size, uint64_t count)
{
  ShoalAddr addr = shoal_real_node_address (to);
  return real_start (node, hose_new (&addr, size, count));
}

void
real_run_for (ShoalTime ns)
{
  shoal_loop_run (real_loop, shoal_loop_now (real_loop) + ns);
}

void
real_run_to (const uint64_t *counter, uint64_t value)
{
  ShoalTime limit = shoal_loop_now (real_loop) + 20 * SHOAL_SECOND;
  while (*counter < value && shoal_loop_now (real_loop) < limit)
    real_run_for (SHOAL_MS);
  ck_assert_uint_eq (*counter, value);
}

ShoalRealNodeStats
real_stats (const ShoalRealNode *node)
{
  ShoalRealNodeStats stats;
  shoal_real_node_stats (node, &stats);
  return stats;
}
