/* Readers and writers of bytes: whatever is read in whatever order stays inside, and what a writer wrote is read
 * back the same. */
#include "tests/fuzz/fuzz.h"

static void
check_varint (ShoalReader *r)
{
  uint8_t bytes[8];
  const uint8_t *start = r->at;
  size_t left = r->left;
  uint32_t v = shoal_read_varint (r);
  if (r->failed)
    return;
  /* One form for each value: what was read is what is written. */
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_write_varint (&w, v);
  fuzz_require (!w.failed && w.length == left - r->left && w.length == shoal_varint_bytes (v));
  fuzz_require (memcmp (bytes, start, w.length) == 0);
}

static void
check_number (ShoalReader *r, size_t length)
{
  uint8_t bytes[8];
  const uint8_t *start = r->at;
  uint64_t v = shoal_read_number (r, length);
  ShoalWriter w = shoal_writer (bytes, length);
  shoal_write_number (&w, v, length);
  fuzz_require (!w.failed && w.length == length);
  fuzz_require (r->failed || memcmp (bytes, start, length) == 0);
  shoal_write_u8 (&w, 0);
  fuzz_require (w.failed && w.length == length);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader plan = shoal_reader (data, size / 2);
  ShoalReader r = shoal_reader (data + size / 2, size - size / 2);
  while (plan.left > 0)
    {
      unsigned what = shoal_read_u8 (&plan);
      bool failed = r.failed;
      size_t left = r.left;
      if (what < 128)
        check_varint (&r);
      else if (what < 192)
        check_number (&r, what % 9);
      else
        shoal_read_bytes (&r, what - 192);
      fuzz_require (r.left <= left && (!failed || (r.failed && r.left == left)));
    }
  return 0;
}
