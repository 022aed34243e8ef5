#define _POSIX_C_SOURCE 200809L /* open_memstream() */

#include "tests/faulty.h"

#include "sim/world.h"
#include "tests/harness.h"
#include "tests/pair.h"

#include <inttypes.h>

#define S SHOAL_SECOND

Faulty faulty;
static PairFile *file;
static ShoalMerkle *structural; /* hashes of virtual content are zeros */
static FILE *trace;
static size_t text_length;

void
faulty_set_up (void)
{
  file = pair_file_new ("file", 600001, 3);
  structural = shoal_merkle_new_full (shoal_info_blocks (&file->file.info), NULL);
  faulty = (Faulty){ .rate_bytes_per_s = 100000 };
  faulty.shared = (ShoalSharedFile){ .name = (char *)"file", .file = file->file, .content_seed = 3 };
}

void
faulty_tear_down (void)
{
  if (faulty.world)
    faulty_free ();
  shoal_merkle_unref (structural);
  pair_file_free (file);
}

void
faulty_make (uint64_t seed, bool real)
{
  static const char *const names[] = { "tracker", "A", "B", "C" };
  faulty.shared.tree = real ? file->tree : structural;
  trace = open_memstream (&faulty.text, &text_length);
  ShoalWorldOptions options = { .seed = seed, .real_content = real, .trace = trace };
  faulty.world = shoal_world_new (&options);
  for (unsigned i = 0; i < NODES; i++)
    {
      ShoalNodeSpec spec = { .name = names[i],
                             .role = i == TRACKER ? SHOAL_ROLE_TRACKER : SHOAL_ROLE_PEER,
                             .upload_bytes_per_s = faulty.rate_bytes_per_s,
                             .download_bytes_per_s = faulty.rate_bytes_per_s,
                             .tracker = i == TRACKER ? -1 : TRACKER,
                             .behaviour = faulty.behaviours[i],
                             .bad_millionths = FAULTY_ALL };
      ck_assert_int_eq (faulty.world->ops->add_node (faulty.world, &spec, NULL), (int)i);
    }
}

void
faulty_free (void)
{
  faulty.world->ops->free (faulty.world);
  faulty.world = NULL;
  fclose (trace);
  g_clear_pointer (&faulty.text, free);
}

void
faulty_join (void)
{
  for (unsigned i = 0; i < NODES; i++)
    faulty.world->ops->start (faulty.world, i);
}

void
faulty_run (ShoalTime until)
{
  faulty.world->ops->run (faulty.world, until);
  fflush (trace);
}

void
faulty_download (unsigned node)
{
  ck_assert_int_eq (faulty.world->ops->download (faulty.world, node, &faulty.shared, -1, 0), SHOAL_OK);
}

void
faulty_play (ShoalTime until)
{
  faulty_join ();
  ck_assert_int_eq (faulty.world->ops->register_file (faulty.world, A, &faulty.shared), SHOAL_OK);
  faulty_run (S);
  faulty_download (B);
  faulty_download (C);
  faulty_run (until);
}

bool
faulty_done (unsigned node)
{
  g_autofree char *line = g_strdup_printf (" %u download-done ", node);
  return strstr (faulty.text, line) != NULL;
}

ShoalImpairments
faulty_with (ShoalImpairment key, int64_t value)
{
  ShoalImpairments impairments = { .given = 1u << key };
  impairments.value[key] = value;
  return impairments;
}

void
faulty_set_network (ShoalImpairment key, int64_t value)
{
  ShoalImpairments impairments = faulty_with (key, value);
  faulty.world->ops->set_network (faulty.world, &impairments);
}

void
faulty_set_link (unsigned from, unsigned to, ShoalImpairment key, int64_t value)
{
  ShoalLinkChange link = {
    .from = &from, .to = &to, .from_count = 1, .to_count = 1, .impairments = faulty_with (key, value)
  };
  faulty.world->ops->set_link (faulty.world, &link);
}

bool
faulty_read_line (const char **at, FaultyLine *out)
{
  int64_t seconds, rest;
  int length = 0;
  if (sscanf (*at, "%" SCNd64 ".%" SCNd64 " %u %31s %d %" SCNu64 "\n%n", &seconds, &rest, &out->node,
              out->what, &out->peer, &out->value, &length)
      < 6)
    return false;
  out->at = seconds * S + rest;
  *at += length;
  return true;
}

Fate
faulty_fate (int from, int to, ShoalTime since, ShoalTime until)
{
  Fate fate = { .first = SHOAL_NEVER };
  const char *at = faulty.text;
  for (FaultyLine line; faulty_read_line (&at, &line);)
    {
      bool arrived = strcmp (line.what, "delivered") == 0;
      int sender = arrived ? line.peer : (int)line.node, receiver = arrived ? (int)line.node : line.peer;
      if (line.at < since || line.at > until || (from >= 0 && sender != from) || (to >= 0 && receiver != to))
        continue;
      fate.sent += strcmp (line.what, "sent") == 0;
      fate.dropped += strcmp (line.what, "dropped") == 0;
      fate.delivered += arrived;
      if (arrived)
        fate.first = MIN (fate.first, line.at);
    }
  return fate;
}

void
faulty_assert_share (uint64_t part, uint64_t all, double low, double high)
{
  double share = (double)part / (double)all;
  ck_assert_msg (share >= low && share <= high, "%" PRIu64 " of %" PRIu64 " is %.3f, not in %.3f to %.3f",
                 part, all, share, low, high);
}

uint64_t
faulty_sum (size_t offset)
{
  uint64_t sum = 0;
  for (unsigned i = 0; i < NODES; i++)
    {
      ShoalNodeStats stats;
      faulty.world->ops->stats (faulty.world, i, &stats);
      sum += *(const uint64_t *)(const void *)((const char *)&stats.machine + offset);
    }
  return sum;
}
