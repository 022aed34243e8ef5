#include "real/shoal-hashing.h"

#include "real/file-content.h"
#include "src/peer.h"

typedef struct {
  uint32_t block;
  uint8_t hash[SHOAL_HASH_BYTES];
} Hashed;

/* Hashes are handed over in batches: the core is called when there is one again. */
typedef struct {
  gatomicrefcount refs; /* the content's, and one of each call under way */
  ShoalCore *core;      /* a reference */
  ShoalFid fid;
  const ShoalContent *content; /* only compared */
  GMutex lock;
  GArray *done; /* of Hashed, under the lock */
  bool ended;   /* the content is gone, under the lock: another may stand at its address */
} Hashing;

static void
hashing_unref (void *data)
{
  Hashing *hashing = data;
  if (!g_atomic_ref_count_dec (&hashing->refs))
    return;
  g_array_unref (hashing->done);
  g_mutex_clear (&hashing->lock);
  shoal_core_unref (hashing->core);
  g_free (hashing);
}

/* The content is freed. */
static void
hashing_end (void *data)
{
  Hashing *hashing = data;
  g_mutex_lock (&hashing->lock);
  hashing->ended = true;
  g_mutex_unlock (&hashing->lock);
  hashing_unref (hashing);
}

/* In the core's thread. */
static void
hand_over (void *data)
{
  Hashing *hashing = data;
  ShoalMachine *machine = shoal_core_machine (hashing->core);
  GArray *next = g_array_new (FALSE, FALSE, sizeof (Hashed));
  g_mutex_lock (&hashing->lock);
  GArray *done = hashing->done;
  hashing->done = next;
  bool ended = hashing->ended;
  g_mutex_unlock (&hashing->lock);
  for (guint i = 0; i < done->len && !ended; i++)
    {
      const Hashed *hashed = &g_array_index (done, Hashed, i);
      ShoalBlockHash block = {
        .fid = hashing->fid, .content = hashing->content, .block = hashed->block, .hash = hashed->hash
      };
      shoal_peer_block_hashed (machine, shoal_core_now (hashing->core), &block);
    }
  g_array_unref (done);
  shoal_core_settle (hashing->core);
  hashing_unref (hashing);
}

/* In the hasher's thread. */
static void
on_hashed (void *context, uint32_t block, const uint8_t hash[SHOAL_HASH_BYTES])
{
  Hashing *hashing = context;
  Hashed hashed = { .block = block };
  memcpy (hashed.hash, hash, SHOAL_HASH_BYTES);
  g_mutex_lock (&hashing->lock);
  g_array_append_val (hashing->done, hashed);
  bool first = hashing->done->len == 1;
  g_mutex_unlock (&hashing->lock);
  if (!first)
    return;
  g_atomic_ref_count_inc (&hashing->refs);
  if (!shoal_core_post (hashing->core, hand_over, hashing))
    hashing_unref (hashing); /* the core has ended, and its downloads with it */
}

void
shoal_hashing_begin (ShoalCore *core, const ShoalFid *fid, ShoalContent *content)
{
  Hashing *hashing = g_new0 (Hashing, 1);
  g_atomic_ref_count_init (&hashing->refs);
  hashing->core = shoal_core_ref (core);
  hashing->fid = *fid;
  hashing->content = content;
  g_mutex_init (&hashing->lock);
  hashing->done = g_array_new (FALSE, FALSE, sizeof (Hashed));
  shoal_file_content_hash_apart (content, on_hashed, hashing, hashing_end);
}
