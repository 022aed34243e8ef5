/* Bencoding: a value that is passed over can be cut out and is a value by itself; nothing else makes a reader
 * succeed, however deep it is nested. */
#include "tests/fuzz/fuzz.h"

#include "src/bencode.h"

static void
check_skip (const uint8_t *data, size_t size)
{
  ShoalReader r = shoal_reader (data, size);
  shoal_bencode_skip (&r);
  if (r.failed)
    return;
  size_t length = size - r.left;
  fuzz_require (length >= 2);
  ShoalReader whole = shoal_reader (data, length), cut = shoal_reader (data, length - 1);
  shoal_bencode_skip (&whole);
  fuzz_require (!whole.failed && whole.left == 0);
  shoal_bencode_skip (&cut);
  fuzz_require (cut.failed);
}

static void
check_string (const uint8_t *data, size_t size)
{
  ShoalReader r = shoal_reader (data, size);
  ShoalBencodeString s = shoal_bencode_read_string (&r);
  if (r.failed)
    return;
  char head[32];
  int length = g_snprintf (head, sizeof head, "%zu:", s.length);
  fuzz_require ((size_t)length + s.length == size - r.left && memcmp (head, data, (size_t)length) == 0);
}

static void
check_unsigned (const uint8_t *data, size_t size)
{
  ShoalReader r = shoal_reader (data, size);
  uint64_t v = shoal_bencode_read_unsigned (&r);
  if (r.failed)
    return;
  char text[32];
  int length = g_snprintf (text, sizeof text, "i%" G_GUINT64_FORMAT "e", (guint64)v);
  fuzz_require ((size_t)length == size - r.left && memcmp (text, data, (size_t)length) == 0);
}

static void
check_dict (const uint8_t *data, size_t size)
{
  ShoalReader r = shoal_reader (data, size);
  ShoalBencodeDict dict;
  ShoalBencodeString before = { 0 };
  bool any = false;
  shoal_bencode_dict_begin (&r, &dict);
  while (shoal_bencode_dict_next (&r, &dict))
    {
      size_t shorter = MIN (before.length, dict.key.length);
      int order = shorter ? memcmp (before.bytes, dict.key.bytes, shorter) : 0;
      fuzz_require (!any || order < 0 || (order == 0 && before.length < dict.key.length));
      before = dict.key;
      any = true;
      shoal_bencode_skip (&r);
    }
  ShoalReader skipped = shoal_reader (data, size);
  shoal_bencode_skip (&skipped);
  /* Who walks gets a level deeper than who passes over all of it. */
  fuzz_require (r.failed || skipped.failed || skipped.left == r.left);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  check_skip (data, size);
  check_string (data, size);
  check_unsigned (data, size);
  check_dict (data, size);
  return 0;
}
