/* Bounded reading and writing. */
#include "src/bytes.h"
#include "tests/harness.h"

START_TEST (numbers)
{
  static const uint8_t expected[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                      0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 'a' };
  uint8_t bytes[sizeof expected];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_write_u8 (&w, 0x01);
  shoal_write_u16 (&w, 0x2345);
  shoal_write_u32 (&w, 0x6789abcd);
  shoal_write_u64 (&w, UINT64_C (0xef10203040506070));
  shoal_write_bytes (&w, "a", 1);
  ck_assert (!w.failed);
  ck_assert_uint_eq (w.length, sizeof expected);
  ck_assert_mem_eq (bytes, expected, sizeof expected);
  ShoalReader r = shoal_reader (bytes, sizeof bytes);
  ck_assert_uint_eq (shoal_read_u8 (&r), 0x01);
  ck_assert_uint_eq (shoal_read_u16 (&r), 0x2345);
  ck_assert_uint_eq (shoal_read_u32 (&r), 0x6789abcd);
  ck_assert_uint_eq (shoal_read_u64 (&r), UINT64_C (0xef10203040506070));
  ck_assert_int_eq (*shoal_read_bytes (&r, 1), 'a');
  ck_assert (!r.failed);
  ck_assert_uint_eq (r.left, 0);
}
END_TEST

START_TEST (reader_stays_failed)
{
  uint8_t bytes[] = { 1, 2, 3 };
  ShoalReader r = shoal_reader (bytes, sizeof bytes);
  ck_assert_uint_eq (shoal_read_u32 (&r), 0);
  ck_assert (r.failed);
  ck_assert_uint_eq (shoal_read_u8 (&r), 0);
  ck_assert_ptr_null (shoal_read_bytes (&r, 1));
  r = shoal_reader (bytes, sizeof bytes);
  ck_assert_ptr_null (shoal_read_bytes (&r, SIZE_MAX));
  ck_assert (r.failed);
  r = shoal_reader (NULL, 0);
  ck_assert_uint_eq (shoal_read_u64 (&r), 0);
  ck_assert (r.failed);
}
END_TEST

START_TEST (writer_stays_failed)
{
  uint8_t bytes[4] = { 9, 9, 9, 9 };
  ShoalWriter w = shoal_writer (bytes, 3);
  shoal_write_u16 (&w, 0x0102);
  shoal_write_u16 (&w, 0x0304);
  ck_assert (w.failed);
  ck_assert_uint_eq (w.length, 2);
  shoal_write_u8 (&w, 5); /* would fit, but comes after a gap */
  ck_assert_uint_eq (w.length, 2);
  ck_assert_uint_eq (bytes[2], 9);
  w = shoal_writer (bytes, 3);
  shoal_write_bytes (&w, bytes, SIZE_MAX);
  ck_assert (w.failed);
}
END_TEST

static void
check_varint (uint32_t v)
{
  uint8_t bytes[5];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_write_varint (&w, v);
  ck_assert (!w.failed);
  ck_assert_uint_eq (w.length, shoal_varint_bytes (v));
  ShoalReader r = shoal_reader (bytes, w.length);
  ck_assert_uint_eq (shoal_read_varint (&r), v);
  ck_assert (!r.failed && r.left == 0);
  for (size_t length = 0; length < w.length; length++)
    {
      r = shoal_reader (bytes, length);
      shoal_read_varint (&r);
      ck_assert (r.failed);
    }
  size_t needed = w.length;
  w = shoal_writer (bytes, needed - 1);
  shoal_write_varint (&w, v);
  ck_assert (w.failed && w.length == 0);
}

START_TEST (varints)
{
  for (unsigned bit = 0; bit < 32; bit++)
    for (int32_t off = -1; off <= 1; off++)
      check_varint ((UINT32_C (1) << bit) + (uint32_t)off);
  check_varint (UINT32_MAX);
  ck_assert_uint_eq (shoal_varint_bytes (127), 1);
  ck_assert_uint_eq (shoal_varint_bytes (128), 2);
  ck_assert_uint_eq (shoal_varint_bytes (UINT32_MAX), 5);
}
END_TEST

START_TEST (bad_varints)
{
  static const uint8_t bad[][6] = {
    { 0x80, 0x00 }, /* not the shortest form */
    { 0xff, 0x80, 0x00 },
    { 0x80, 0x80, 0x80, 0x80, 0x10 }, /* 2^32 */
    { 0xff, 0xff, 0xff, 0xff, 0x7f },
    { 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 }, /* too long */
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      ShoalReader r = shoal_reader (bad[i], sizeof bad[i]);
      shoal_read_varint (&r);
      ck_assert_msg (r.failed, "row %u", i);
    }
}
END_TEST

static Suite *
bytes_suite (void)
{
  Suite *suite = suite_create ("bytes");
  TCase *tests = tcase_create ("all");
  tcase_add_test (tests, numbers);
  tcase_add_test (tests, reader_stays_failed);
  tcase_add_test (tests, writer_stays_failed);
  tcase_add_test (tests, varints);
  tcase_add_test (tests, bad_varints);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (bytes_suite (), NULL);
}
