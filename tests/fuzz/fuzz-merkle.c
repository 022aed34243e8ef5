/* Merkle proofs: a tree that learns from a full one, through proofs that the input spoils. What it accepts is
 * right, what it refuses leaves it as it was, and what it says is known can be proved to a third. */
#include "tests/fuzz/fuzz.h"

#include "src/merkle.h"
#include "src/sha256.h"

#define BLOCKS_MAX 21u
#define PROOF_MAX ((SHOAL_MERKLE_MAX_LEVELS + 2) * SHOAL_HASH_BYTES)

static uint8_t leaves[BLOCKS_MAX][SHOAL_HASH_BYTES];

typedef struct {
  ShoalMerkle *full, *learner;
  unsigned blocks;
} Trees;

static ShoalMerkle *
learner_of (const ShoalMerkle *full, unsigned blocks)
{
  uint8_t root[SHOAL_HASH_BYTES];
  shoal_merkle_root (full, root);
  return shoal_merkle_new (blocks, root);
}

static Trees
plant (unsigned blocks)
{
  for (unsigned i = 0; i < blocks; i++)
    shoal_sha256 (&(uint8_t){ (uint8_t)i }, 1, leaves[i]);
  Trees t = { .full = shoal_merkle_new_full (blocks, leaves[0]), .blocks = blocks };
  t.learner = learner_of (t.full, blocks);
  fuzz_require (t.full != NULL && t.learner != NULL);
  return t;
}

/* Every leaf that the learner knows is right, and it can prove what it knows. */
static void
require_right (const Trees *t)
{
  uint8_t leaf[SHOAL_HASH_BYTES], proof[PROOF_MAX];
  for (unsigned i = 0; i < t->blocks; i++)
    {
      bool known = shoal_merkle_leaf (t->learner, i, leaf);
      fuzz_require (known == (shoal_merkle_missing (t->learner, i) == 0));
      if (!known)
        continue;
      fuzz_require (memcmp (leaf, leaves[i], sizeof leaf) == 0);
      ShoalMerkle *third = learner_of (t->full, t->blocks);
      unsigned levels = shoal_merkle_missing (third, i);
      fuzz_require (shoal_merkle_proof (t->learner, i, levels, proof));
      fuzz_require (shoal_merkle_accept (third, i, leaf, proof, levels));
      shoal_merkle_unref (third);
    }
}

/* One proof, perhaps of another block or with other levels than are missing, perhaps spoilt. */
static void
try_proof (const Trees *t, ShoalReader *input)
{
  uint8_t leaf[SHOAL_HASH_BYTES], proof[PROOF_MAX] = { 0 };
  unsigned block = fuzz_below (input, t->blocks), claimed = block, how = shoal_read_u8 (input);
  unsigned levels = shoal_merkle_missing (t->learner, block);
  if (how & 1)
    levels = fuzz_below (input, SHOAL_MERKLE_MAX_LEVELS + 2);
  if (how & 2)
    claimed = fuzz_below (input, t->blocks);
  bool whole = shoal_merkle_proof (t->full, block, levels, proof);
  memcpy (leaf, leaves[block], sizeof leaf);
  if (how & 4)
    proof[shoal_read_u16 (input) % sizeof proof] ^= shoal_read_u8 (input);
  if (how & 8)
    leaf[fuzz_below (input, sizeof leaf)] ^= shoal_read_u8 (input);
  unsigned missing = shoal_merkle_missing (t->learner, claimed);
  bool accepted = shoal_merkle_accept (t->learner, claimed, leaf, proof, levels);
  fuzz_require (!accepted || memcmp (leaf, leaves[claimed], sizeof leaf) == 0);
  fuzz_require (shoal_merkle_missing (t->learner, claimed) == (accepted ? 0 : missing));
  fuzz_require ((how & 15) != 0 || (whole && accepted));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader input = shoal_reader (data, size);
  Trees t = plant (1 + fuzz_below (&input, BLOCKS_MAX));
  while (fuzz_more (&input))
    try_proof (&t, &input);
  require_right (&t);
  shoal_merkle_unref (t.full);
  shoal_merkle_unref (t.learner);
  return 0;
}
