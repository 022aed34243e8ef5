/* The generator and SHA-256: known answers, since every trace depends on them. */
#include "src/random.h"
#include "src/sha256.h"
#include "tests/harness.h"

static void
check_hash (const uint8_t hash[SHOAL_HASH_BYTES], const char *expected)
{
  char hex[2 * SHOAL_HASH_BYTES + 1];
  for (unsigned i = 0; i < SHOAL_HASH_BYTES; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", hash[i]);
  ck_assert_str_eq (hex, expected);
}

START_TEST (sha256)
{
  static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  static const char two_blocks[] = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
  uint8_t hash[SHOAL_HASH_BYTES];
  shoal_sha256 ("", 0, hash);
  check_hash (hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  shoal_sha256 ("abc", 3, hash);
  check_hash (hash, abc);
  ShoalSha256 *sha = shoal_sha256_new ();
  shoal_sha256_update (sha, "abc", 3);
  shoal_sha256_peek (sha, hash);
  check_hash (hash, abc);
  shoal_sha256_peek (sha, hash); /* looking changes nothing */
  check_hash (hash, abc);
  shoal_sha256_update (sha, "dbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 53);
  shoal_sha256_peek (sha, hash);
  check_hash (hash, two_blocks);
  shoal_sha256_free (sha);
}
END_TEST

START_TEST (sha256_pair)
{
  uint8_t both[2 * SHOAL_HASH_BYTES], expected[SHOAL_HASH_BYTES], hash[SHOAL_HASH_BYTES];
  for (unsigned i = 0; i < sizeof both; i++)
    both[i] = (uint8_t)(i * 7);
  shoal_sha256 (both, sizeof both, expected);
  shoal_sha256_pair (both, both + SHOAL_HASH_BYTES, hash);
  ck_assert_mem_eq (hash, expected, SHOAL_HASH_BYTES);
}
END_TEST

/* xoshiro256** from the state 1, 2, 3, 4, as the authors' program prints it. */
START_TEST (known_answers)
{
  static const uint64_t expected[] = { UINT64_C (11520), UINT64_C (0), UINT64_C (1509978240),
                                       UINT64_C (1215971899390074240) };
  ShoalRandom random = { { 1, 2, 3, 4 } };
  for (unsigned i = 0; i < G_N_ELEMENTS (expected); i++)
    ck_assert_uint_eq (shoal_random_u64 (&random), expected[i]);
}
END_TEST

START_TEST (state_from_seed_and_name)
{
  /* SHA-256 of eight zero bytes and "a". */
  static const uint8_t text[] = { 0, 0, 0, 0, 0, 0, 0, 0, 'a' };
  uint8_t hash[SHOAL_HASH_BYTES];
  ShoalRandom random, other;
  shoal_sha256 (text, sizeof text, hash);
  shoal_random_init (&random, 0, "a");
  for (unsigned i = 0; i < SHOAL_HASH_BYTES; i++)
    ck_assert_uint_eq (hash[i], (uint8_t)(random.s[i / 8] >> (56 - i % 8 * 8)));
  shoal_random_init (&other, 1, "a");
  ck_assert_uint_ne (shoal_random_u64 (&random), shoal_random_u64 (&other));
}
END_TEST

START_TEST (below)
{
  enum {
    DRAWS = 70000,
    SIDES = 7
  };
  unsigned seen[SIDES] = { 0 };
  ShoalRandom random;
  shoal_random_init (&random, 1, "below");
  for (unsigned i = 0; i < DRAWS; i++)
    {
      uint32_t v = shoal_random_below (&random, SIDES);
      ck_assert_uint_lt (v, SIDES);
      seen[v]++;
    }
  for (unsigned i = 0; i < SIDES; i++)
    ck_assert (seen[i] > DRAWS / SIDES * 95 / 100 && seen[i] < DRAWS / SIDES * 105 / 100);
  for (unsigned i = 0; i < 100; i++)
    ck_assert_uint_eq (shoal_random_below (&random, 1), 0);
  for (unsigned i = 0; i < 100; i++)
    ck_assert_uint_lt (shoal_random_below (&random, UINT32_MAX), UINT32_MAX);
}
END_TEST

START_TEST (bytes)
{
  for (size_t length = 0; length <= 20; length++)
    {
      uint8_t *part = g_malloc (length);
      ShoalRandom a, b;
      shoal_random_init (&a, 3, "bytes");
      b = a;
      shoal_random_bytes (&a, part, length);
      for (size_t i = 0; i < length; i += 8)
        {
          uint64_t v = shoal_random_u64 (&b);
          for (size_t k = i; k < MIN (i + 8, length); k++)
            ck_assert_uint_eq (part[k], (uint8_t)(v >> (k - i) * 8));
        }
      ck_assert_uint_eq (shoal_random_u64 (&a), shoal_random_u64 (&b));
      g_free (part);
    }
}
END_TEST

static Suite *
random_suite (void)
{
  Suite *suite = suite_create ("random");
  TCase *tests = tcase_create ("all");
  tcase_add_test (tests, sha256);
  tcase_add_test (tests, sha256_pair);
  tcase_add_test (tests, known_answers);
  tcase_add_test (tests, state_from_seed_and_name);
  tcase_add_test (tests, below);
  tcase_add_test (tests, bytes);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (random_suite (), NULL);
}
