/* Info dictionaries, fids and file hashing, against dictionaries that libtorrent made. */
#include "src/filehash.h"
#include "src/seeded.h"
#include "src/sha256.h"
#include "tests/harness.h"

#define VECTORS "vectors/bep52.tsv"
#define VECTOR_ROWS 10

typedef struct {
  const char *name, *root, *fid, *dictionary;
  uint64_t length_bytes;
  uint32_t piece_length_bytes;
} Row;

static void
to_hex (const uint8_t *bytes, size_t length, GString *into)
{
  g_string_truncate (into, 0);
  for (size_t i = 0; i < length; i++)
    g_string_append_printf (into, "%02x", bytes[i]);
}

static void
vector_content (uint64_t at, uint8_t *out, size_t length)
{
  for (size_t k = 0; k < length; k++)
    {
      uint64_t i = at + k;
      out[k] = (uint8_t)(31 * i + 17 * (i >> 8) + 7);
    }
}

/* Feeds content in parts of step bytes, the odd one shorter. */
static bool
hash_file (const Row *row, size_t step, ShoalFile *file, ShoalMerkle **tree)
{
  ShoalFileHash *hash = shoal_file_hash_new (row->name, row->length_bytes, row->piece_length_bytes);
  ck_assert_ptr_nonnull (hash);
  uint8_t *part = g_malloc (step);
  for (uint64_t at = 0; at < row->length_bytes;)
    {
      size_t length = (size_t)MIN (step, row->length_bytes - at);
      vector_content (at, part, length);
      shoal_file_hash_feed (hash, part, length);
      at += length;
    }
  g_free (part);
  return shoal_file_hash_finish (hash, file, tree);
}

static void
check_row (const Row *row, size_t step)
{
  ShoalFile file;
  ShoalMerkle *tree;
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  GString *text = g_string_new (NULL);
  ck_assert (hash_file (row, step, &file, &tree));
  to_hex (file.info.root, SHOAL_HASH_BYTES, text);
  ck_assert_str_eq (text->str, row->root);
  to_hex (file.dictionary, file.dictionary_bytes, text);
  ck_assert_str_eq (text->str, row->dictionary);
  shoal_fid_to_hex (&file.fid, hex);
  ck_assert_str_eq (hex, row->fid);
  ShoalInfo read;
  ck_assert_int_eq (shoal_infodict_read (file.dictionary, file.dictionary_bytes, &read), SHOAL_OK);
  ck_assert_str_eq (read.name, row->name);
  ck_assert_uint_eq (read.length_bytes, row->length_bytes);
  ck_assert_uint_eq (read.piece_length_bytes, row->piece_length_bytes);
  ck_assert_mem_eq (read.root, file.info.root, SHOAL_HASH_BYTES);
  uint8_t root[SHOAL_HASH_BYTES];
  shoal_merkle_root (tree, root);
  ck_assert_mem_eq (root, read.root, SHOAL_HASH_BYTES);
  shoal_merkle_unref (tree);
  g_string_free (text, TRUE);
}

START_TEST (vectors)
{
  const char *folder = g_getenv ("SHOAL_TEST_DIR");
  char *path = g_build_filename (folder != NULL ? folder : "tests", VECTORS, NULL), *text;
  GError *error = NULL;
  ck_assert_msg (g_file_get_contents (path, &text, NULL, &error), "%s", error ? error->message : path);
  char **lines = g_strsplit (text, "\n", -1);
  unsigned rows = 0;
  for (char **line = lines; *line != NULL; line++)
    {
      if (**line == '#' || **line == '\0')
        continue;
      char **f = g_strsplit (*line, "\t", -1);
      ck_assert_uint_eq (g_strv_length (f), 6);
      Row row = {
        f[0], f[3], f[4], f[5], g_ascii_strtoull (f[1], NULL, 10), (uint32_t)g_ascii_strtoull (f[2], NULL, 10)
      };
      check_row (&row, 1 << 20);
      check_row (&row, SHOAL_BLOCK_BYTES);
      check_row (&row, 1000);
      rows++;
      g_strfreev (f);
    }
  ck_assert_uint_eq (rows, VECTOR_ROWS);
  g_strfreev (lines);
  g_free (text);
  g_free (path);
}
END_TEST

START_TEST (empty_file)
{
  static const char expected[] =
      "d9:file treed5:emptyd0:d6:lengthi0eeee12:meta versioni2e4:name5:empty12:piece lengthi16384ee";
  ShoalFile file;
  ShoalMerkle *tree;
  ShoalInfo read;
  Row row = { .name = "empty" };
  ck_assert (hash_file (&row, 1, &file, &tree));
  ck_assert_ptr_null (tree);
  ck_assert_uint_eq (file.dictionary_bytes, strlen (expected));
  ck_assert_mem_eq (file.dictionary, expected, strlen (expected));
  ck_assert_int_eq (shoal_infodict_read (file.dictionary, file.dictionary_bytes, &read), SHOAL_OK);
  ck_assert_uint_eq (shoal_info_blocks (&read), 0);
}
END_TEST

START_TEST (wrong_amount_fed)
{
  uint8_t bytes[SHOAL_BLOCK_BYTES + 1] = { 0 };
  ShoalFile file;
  ShoalMerkle *tree;
  for (size_t fed = 99; fed <= 101; fed++)
    {
      ShoalFileHash *hash = shoal_file_hash_new ("a", 100, 0);
      shoal_file_hash_feed (hash, bytes, fed);
      ck_assert_int_eq (shoal_file_hash_finish (hash, &file, &tree), fed == 100);
      ck_assert_int_eq (tree != NULL, fed == 100);
      shoal_merkle_unref (tree);
    }
  ShoalFileHash *hash = shoal_file_hash_new ("a", SHOAL_BLOCK_BYTES, 0);
  shoal_file_hash_feed (hash, bytes, sizeof bytes);
  ck_assert (!shoal_file_hash_finish (hash, &file, &tree));
  shoal_file_hash_free (shoal_file_hash_new ("a", 5, 0));
}
END_TEST

START_TEST (not_allowed)
{
  char name[SHOAL_NAME_MAX_BYTES + 2];
  memset (name, 'n', sizeof name);
  name[sizeof name - 1] = '\0';
  ck_assert (!shoal_name_valid (name));
  name[SHOAL_NAME_MAX_BYTES] = '\0';
  ck_assert (shoal_name_valid (name));
  static const char *bad[] = { "", ".", "..", "a/b", "/", "\xff", "a\xc3" };
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    ck_assert_msg (!shoal_name_valid (bad[i]), "%s", bad[i]);
  static const char *good[] = { "...", ".a", "a b", "\xc3\xaf", "..a" };
  for (unsigned i = 0; i < G_N_ELEMENTS (good); i++)
    ck_assert_msg (shoal_name_valid (good[i]), "%s", good[i]);
  ck_assert_ptr_null (shoal_file_hash_new ("..", 1, 0));
  ck_assert_ptr_null (shoal_file_hash_new ("a", SHOAL_LENGTH_MAX_BYTES + 1, 0));
  static const uint32_t lengths[] = { 1, 8192, 16383, 16385, 49152, UINT32_MAX };
  for (unsigned i = 0; i < G_N_ELEMENTS (lengths); i++)
    ck_assert_ptr_null (shoal_file_hash_new ("a", 1, lengths[i]));
}
END_TEST

START_TEST (largest_dictionary)
{
  uint8_t out[SHOAL_INFODICT_MAX_BYTES];
  size_t length;
  ShoalInfo info = { .length_bytes = SHOAL_LENGTH_MAX_BYTES, .piece_length_bytes = UINT32_C (1) << 31 }, read;
  memset (info.name, 'n', SHOAL_NAME_MAX_BYTES);
  ck_assert_int_eq (shoal_infodict_write (&info, out, &length), SHOAL_OK);
  ck_assert_int_eq (shoal_infodict_read (out, length, &read), SHOAL_OK);
  ck_assert_uint_eq (read.length_bytes, SHOAL_LENGTH_MAX_BYTES);
  ck_assert_uint_eq (shoal_info_blocks (&read), UINT32_MAX);
}
END_TEST

START_TEST (piece_lengths)
{
  const uint64_t mib = 1 << 20;
  ck_assert_uint_eq (shoal_default_piece_length (0), 16384);
  ck_assert_uint_eq (shoal_default_piece_length (32 * mib), 16384);
  ck_assert_uint_eq (shoal_default_piece_length (32 * mib + 1), 32768);
  ck_assert_uint_eq (shoal_default_piece_length (32768 * mib), 16 * mib);
  ck_assert_uint_eq (shoal_default_piece_length (SHOAL_LENGTH_MAX_BYTES), 16 * mib);
}
END_TEST

#define FILE_TREE "d9:file treed1:ad0:d6:lengthi1e11:pieces root32:0123456789abcdef0123456789abcdefeee"
#define REST "12:meta versioni2e4:name1:a12:piece lengthi16384ee"

static ShoalResult
read_text (const char *text)
{
  ShoalInfo info;
  return shoal_infodict_read ((const uint8_t *)text, strlen (text), &info);
}

START_TEST (strict_reading)
{
  static const char *good[] = {
    (FILE_TREE REST),
    (FILE_TREE "12:meta versioni2e4:name1:a12:piece lengthi16384e7:privatei1ee"),
    (FILE_TREE "12:meta versioni2e4:name1:a5:otherlli-1eei0ed1:b0:ee12:piece lengthi16384ee"),
    ("d9:file treed1:ad0:d4:attr1:x6:lengthi0eeee" REST),
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (good); i++)
    ck_assert_msg (read_text (good[i]) == SHOAL_OK, "%s", good[i]);
}
END_TEST

#define ROOT "11:pieces root32:0123456789abcdef0123456789abcdef"

START_TEST (malformed)
{
  static const char *bad[] = {
    "",
    "d",
    "de",
    "i2e",
    "le",
    (FILE_TREE REST "x"),
    (FILE_TREE "4:name1:a12:meta versioni2e12:piece lengthi16384ee"),          /* order */
    (FILE_TREE "12:meta versioni2e4:name1:a4:name1:a12:piece lengthi16384ee"), /* twice */
    (FILE_TREE "12:meta versioni1e4:name1:a12:piece lengthi16384ee"),
    (FILE_TREE "12:meta versioni02e4:name1:a12:piece lengthi16384ee"),
    (FILE_TREE "12:meta versioni2e4:name01:a12:piece lengthi16384ee"),
    (FILE_TREE "12:meta versioni2e4:name1:a12:piece lengthi-16384ee"),
    (FILE_TREE "12:meta versioni2e4:name1:a12:piece lengthi16385ee"),
    (FILE_TREE "12:meta versioni2e4:name1:a12:piece lengthi8192ee"),
    (FILE_TREE "12:meta versioni2e4:name1:a12:piece lengthi4294967296ee"),
    (FILE_TREE "12:meta versioni2e4:name1:a12:piece lengthi18446744073709568000ee"),
    (FILE_TREE "12:meta versioni2e4:name1:b12:piece lengthi16384ee"),
    (FILE_TREE "12:meta versioni2e4:name1:a12:piece lengthi16384e7:privatei-0ee"),
    (FILE_TREE "12:meta versioni2e4:name1:a12:piece lengthi16384e7:private9:aee"),
    (FILE_TREE "4:name1:a12:piece lengthi16384ee"),
    ("d9:file treed1:ad0:d6:lengthi1eeee" REST),
    ("d9:file treed1:ad0:d" ROOT "eee" REST),
    ("d9:file treed1:ad0:d6:lengthi0e" ROOT "eee" REST),
    ("d9:file treed1:ad0:d6:lengthi1e11:pieces root31:0123456789abcdef0123456789abcdeeee" REST),
    ("d9:file treed1:ad1:bd0:d6:lengthi0eeeee" REST),
    ("d9:file treed1:ad0:d6:lengthi0eee1:bd0:d6:lengthi0eeee" REST),
    ("d9:file treede" REST),
    "d12:meta versioni2e4:name1:a12:piece lengthi16384ee",
    "d9:file treed2:..d0:d6:lengthi0eeee12:meta versioni2e4:name2:..12:piece lengthi16384ee",
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    ck_assert_msg (read_text (bad[i]) == SHOAL_MALFORMED, "%s", bad[i]);
}
END_TEST

START_TEST (limits)
{
  ck_assert_int_eq (read_text ("d9:file treed1:ad0:d6:lengthi70368744161281e" ROOT "eee" REST),
                    SHOAL_TOO_LARGE);
  uint8_t big[SHOAL_INFODICT_MAX_BYTES + 1] = { 'd' };
  ShoalInfo info;
  ck_assert_int_eq (shoal_infodict_read (big, sizeof big, &info), SHOAL_TOO_LARGE);
  GString *deep = g_string_new (FILE_TREE "12:meta versioni2e4:name1:a12:piece lengthi16384e1:z");
  for (unsigned i = 0; i < 400; i++)
    g_string_append_c (deep, 'l');
  for (unsigned i = 0; i < 400; i++)
    g_string_append_c (deep, 'e');
  g_string_append_c (deep, 'e');
  ck_assert_int_eq (read_text (deep->str), SHOAL_MALFORMED);
  g_string_free (deep, TRUE);
  static const uint8_t nul_name[] =
      "d9:file treed2:\0ad0:d6:lengthi0eeee12:meta versioni2e4:name2:\0a12:piece lengthi16384ee";
  ck_assert_int_eq (shoal_infodict_read (nul_name, sizeof nul_name - 1, &info), SHOAL_MALFORMED);
}
END_TEST

/* Every truncation is refused. Every flipped bit is refused or gives another fid; none crashes. */
START_TEST (damaged)
{
  static const char whole[] = FILE_TREE REST;
  ShoalInfo info;
  ShoalFid right, other;
  shoal_infodict_fid ((const uint8_t *)whole, strlen (whole), &right);
  for (size_t length = 0; length < strlen (whole); length++)
    {
      uint8_t *exact = g_memdup2 (whole, length);
      ck_assert_int_eq (shoal_infodict_read (exact, length, &info), SHOAL_MALFORMED);
      g_free (exact);
    }
  for (size_t bit = 0; bit < strlen (whole) * 8; bit++)
    {
      uint8_t *copy = g_memdup2 (whole, strlen (whole));
      copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
      if (shoal_infodict_read (copy, strlen (whole), &info) == SHOAL_OK)
        ck_assert (shoal_name_valid (info.name));
      shoal_infodict_fid (copy, strlen (whole), &other);
      ck_assert (!shoal_fid_equal (&right, &other));
      g_free (copy);
    }
}
END_TEST

#define HEX "c1a152d2b198772f2826d84a110f47a0f29b6774748b64201024d56a3749b49c"
#define UPPER "C1A152D2B198772F2826D84A110F47A0F29B6774748B64201024D56A3749B49C"

START_TEST (fid_text)
{
  static const char *good[] = {
    HEX,
    UPPER,
    "magnet:?xt=urn:btmh:1220" HEX,
    "magnet:?dn=a%20b&xt=urn:btmh:1220" UPPER "&tr=udp://t",
    "MAGNET:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a&xt=urn:btmh:1220" HEX,
    "magnet:?xt.1=urn%3Abtmh%3A1220" HEX,
  };
  static const char *bad[] = {
    "",
    "c1",
    HEX "0",
    "g1a152d2b198772f2826d84a110f47a0f29b6774748b64201024d56a3749b49c",
    "magnet:?",
    "magnet:?xt",
    "magnet:?xt=",
    "magnet:?xt=urn:btmh:1120" HEX,
    "magnet:?xt=urn:btmh:1220" HEX "0",
    "magnet:?xs=urn:btmh:1220" HEX,
    "magnet:?xt=urn:btih:" HEX,
    "magnet:xt=urn:btmh:1220" HEX,
    "1220" HEX,
    "magnet:?xt=%00urn:btmh:1220" HEX,
    "magnet:?xt=%zz",
  };
  ShoalFid fid;
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  for (unsigned i = 0; i < G_N_ELEMENTS (good); i++)
    {
      memset (&fid, 0, sizeof fid);
      ck_assert_msg (shoal_fid_parse (good[i], &fid), "%s", good[i]);
      shoal_fid_to_hex (&fid, hex);
      ck_assert_str_eq (hex, HEX);
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    ck_assert_msg (!shoal_fid_parse (bad[i], &fid), "%s", bad[i]);
}
END_TEST

START_TEST (seeded_parts)
{
  /* The first outputs of SplitMix64 with seed 1234567, as its authors' program prints them. */
  static const uint64_t expected[] = { UINT64_C (6457827717110365317), UINT64_C (3203168211198807973),
                                       UINT64_C (9817491932198370423), UINT64_C (4593380528125082431) };
  uint8_t whole[32], part[32];
  shoal_seeded_bytes (1234567, 0, whole, sizeof whole);
  for (unsigned i = 0; i < sizeof whole; i++)
    ck_assert_uint_eq (whole[i], (uint8_t)(expected[i / 8] >> (i % 8 * 8)));
  for (size_t from = 0; from <= sizeof whole; from++)
    for (size_t length = 0; length <= sizeof whole - from; length++)
      {
        shoal_seeded_bytes (1234567, from, part, length);
        ck_assert_int_eq (memcmp (part, whole + from, length), 0);
      }
}
END_TEST

static Suite *
infodict_suite (void)
{
  Suite *suite = suite_create ("infodict");
  TCase *tests = tcase_create ("all");
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, vectors);
  tcase_add_test (tests, empty_file);
  tcase_add_test (tests, wrong_amount_fed);
  tcase_add_test (tests, not_allowed);
  tcase_add_test (tests, largest_dictionary);
  tcase_add_test (tests, piece_lengths);
  tcase_add_test (tests, strict_reading);
  tcase_add_test (tests, malformed);
  tcase_add_test (tests, limits);
  tcase_add_test (tests, damaged);
  tcase_add_test (tests, fid_text);
  tcase_add_test (tests, seeded_parts);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (infodict_suite (), NULL);
}
