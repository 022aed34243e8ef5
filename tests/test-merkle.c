/* The hash tree, against one computed the plain way from all padded leaves. */
#include "src/merkle.h"
#include "src/random.h"
#include "src/sha256.h"
#include "tests/harness.h"

typedef uint8_t Hash[SHOAL_HASH_BYTES];

static const uint32_t sizes[] = { 1, 2, 3, 4, 5, 7, 8, 9, 10, 17, 33, 64, 65, 380 };

static Hash *
make_leaves (uint32_t blocks)
{
  Hash *leaves = g_new (Hash, blocks);
  for (uint32_t i = 0; i < blocks; i++)
    shoal_sha256 (&i, sizeof i, leaves[i]);
  return leaves;
}

static unsigned
levels_of (uint32_t blocks)
{
  unsigned levels = 0;
  while ((UINT64_C (1) << levels) < blocks)
    levels++;
  return levels;
}

static void
plain_root (Hash *leaves, uint32_t blocks, Hash root)
{
  uint32_t width = 1u << levels_of (blocks);
  Hash *level = g_new0 (Hash, width);
  memcpy (level, leaves, blocks * sizeof *leaves);
  for (; width > 1; width /= 2)
    for (uint32_t i = 0; i < width / 2; i++)
      {
        uint8_t both[2 * SHOAL_HASH_BYTES];
        memcpy (both, level[2 * i], sizeof both);
        shoal_sha256 (both, sizeof both, level[i]);
      }
  memcpy (root, level[0], sizeof (Hash));
  g_free (level);
}

START_TEST (roots)
{
  uint32_t blocks = sizes[_i];
  Hash *leaves = make_leaves (blocks), expected, root;
  plain_root (leaves, blocks, expected);
  ShoalMerkle *tree = shoal_merkle_new_full (blocks, leaves[0]);
  shoal_merkle_root (tree, root);
  ck_assert_mem_eq (root, expected, sizeof root);
  for (uint32_t i = 0; i < blocks; i++)
    ck_assert_uint_eq (shoal_merkle_missing (tree, i), 0);
  shoal_merkle_unref (tree);
  g_free (leaves);
}
END_TEST

/* Blocks in a random order, each with just the hashes that are missing; a spoilt proof never passes
 * and changes nothing. A third tree learns from the second, which knows only what it was shown. */
static void
transfer (uint32_t blocks, bool real)
{
  Hash *leaves = make_leaves (blocks), root, proof[SHOAL_MERKLE_MAX_LEVELS];
  ShoalMerkle *source = shoal_merkle_new_full (blocks, real ? leaves[0] : NULL);
  shoal_merkle_root (source, root);
  ShoalMerkle *second = shoal_merkle_new (blocks, real ? root : NULL);
  ShoalMerkle *third = shoal_merkle_new (blocks, real ? root : NULL);
  ShoalRandom random;
  shoal_random_init (&random, blocks, "merkle");
  uint32_t *order = g_new (uint32_t, blocks), hashes = 0;
  for (uint32_t i = 0; i < blocks; i++)
    {
      uint32_t k = shoal_random_below (&random, i + 1);
      order[i] = order[k];
      order[k] = i;
    }
  for (uint32_t n = 0; n < blocks; n++)
    {
      uint32_t i = order[n];
      unsigned levels = shoal_merkle_missing (second, i);
      if (levels == 0 || (i ^ 1) < blocks) /* next to padding the one sibling is known anyway */
        ck_assert_int_eq (shoal_merkle_proof (second, i, levels_of (blocks), proof[0]), levels == 0);
      ck_assert (shoal_merkle_proof (source, i, levels, proof[0]));
      if (levels > 0)
        {
          ck_assert (!shoal_merkle_accept (second, i, leaves[i], proof[0], levels - 1));
          if (real)
            {
              uint8_t *spoilt =
                  &proof[shoal_random_below (&random, levels)][shoal_random_below (&random, 32)];
              *spoilt ^= 1;
              ck_assert (!shoal_merkle_accept (second, i, leaves[i], proof[0], levels));
              *spoilt ^= 1;
            }
        }
      if (real)
        ck_assert (!shoal_merkle_accept (second, i, root, proof[0], levels) || blocks == 1);
      ck_assert_uint_eq (shoal_merkle_missing (second, i), levels);
      ck_assert (shoal_merkle_accept (second, i, leaves[i], proof[0], levels));
      ck_assert_uint_eq (shoal_merkle_missing (second, i), 0);
      hashes += levels;
      levels = shoal_merkle_missing (third, i);
      ck_assert (shoal_merkle_proof (second, i, levels, proof[0]));
      ck_assert (shoal_merkle_accept (third, i, leaves[i], proof[0], levels));
    }
  /* Every node below the root comes to be known once, in pairs: it takes at most two hashes a block. */
  ck_assert_uint_le (hashes, 2 * blocks);
  for (uint32_t i = 0; i < blocks; i++)
    {
      Hash a[SHOAL_MERKLE_MAX_LEVELS], b[SHOAL_MERKLE_MAX_LEVELS];
      unsigned levels = levels_of (blocks);
      ck_assert (shoal_merkle_proof (source, i, levels, a[0]));
      ck_assert (shoal_merkle_proof (third, i, levels, b[0]));
      ck_assert_int_eq (memcmp (a, b, levels * sizeof (Hash)), 0);
    }
  shoal_merkle_unref (source);
  shoal_merkle_unref (second);
  shoal_merkle_unref (third);
  g_free (order);
  g_free (leaves);
}

START_TEST (transfer_real)
{
  transfer (sizes[_i], true);
}
END_TEST

START_TEST (transfer_structural)
{
  transfer (sizes[_i], false);
}
END_TEST

START_TEST (out_of_range)
{
  Hash *leaves = make_leaves (5), proof[4], root;
  ShoalMerkle *full = shoal_merkle_new_full (5, leaves[0]);
  ck_assert (shoal_merkle_proof (full, 4, 3, proof[0]));
  ck_assert (!shoal_merkle_proof (full, 4, 4, proof[0]));
  ck_assert (!shoal_merkle_proof (full, 5, 1, proof[0]));
  shoal_merkle_root (full, root);
  ShoalMerkle *tree = shoal_merkle_new (5, root);
  ck_assert (!shoal_merkle_accept (tree, 5, leaves[4], proof[0], 3));
  ck_assert (!shoal_merkle_accept (tree, 4, leaves[4], proof[0], 4));
  ck_assert (!shoal_merkle_accept (tree, 4, leaves[4], proof[0], SHOAL_MERKLE_MAX_LEVELS + 1));
  ck_assert (!shoal_merkle_accept (tree, 3, leaves[4], proof[0], 3));
  ck_assert (shoal_merkle_accept (tree, 4, leaves[4], proof[0], 3));
  ck_assert_uint_eq (shoal_merkle_missing (tree, 0), 2); /* its grandparent came along */
  /* More hashes than are missing do no harm: the sender may not know what is known. */
  ck_assert (shoal_merkle_proof (full, 0, 3, proof[0]));
  ck_assert (shoal_merkle_accept (tree, 0, leaves[0], proof[0], 3));
  shoal_merkle_unref (tree);
  shoal_merkle_unref (full);
  g_free (leaves);
}
END_TEST

START_TEST (references)
{
  ShoalMerkle *tree = shoal_merkle_new_full (3, NULL);
  ck_assert_ptr_eq (shoal_merkle_ref (tree), tree);
  shoal_merkle_unref (tree);
  ck_assert_uint_eq (shoal_merkle_missing (tree, 2), 0);
  shoal_merkle_unref (tree);
  shoal_merkle_unref (NULL);
}
END_TEST

static Suite *
merkle_suite (void)
{
  Suite *suite = suite_create ("merkle");
  TCase *tests = tcase_create ("all");
  tcase_add_loop_test (tests, roots, 0, G_N_ELEMENTS (sizes));
  tcase_add_loop_test (tests, transfer_real, 0, G_N_ELEMENTS (sizes));
  tcase_add_loop_test (tests, transfer_structural, 0, G_N_ELEMENTS (sizes));
  tcase_add_test (tests, out_of_range);
  tcase_add_test (tests, references);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (merkle_suite (), NULL);
}
