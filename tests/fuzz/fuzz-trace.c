/* Two traces that are compared line by line (`shoal verify --against`): the same bytes do not differ; others do, and it
 * is said where. */
#include "tests/fuzz/fuzz.h"

#include "cli/trace-diff.h"

/* Not fmemopen(): the sanitizers' one is of an older C library and refuses. */
static FILE *
open_bytes (const uint8_t *bytes, size_t length)
{
  FILE *file = tmpfile ();
  fuzz_require (file != NULL && fwrite (bytes, 1, length, file) == length);
  rewind (file);
  return file;
}

static char *
difference (const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
  FILE *x = open_bytes (a, a_length), *y = open_bytes (b, b_length);
  char *text = shoal_trace_difference (x, "one", y, "two");
  fclose (x);
  fclose (y);
  return text;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader in = shoal_reader (data, size);
  size_t split = shoal_read_u16 (&in);
  split = MIN (split, in.left);
  const uint8_t *a = in.at, *b = in.at + split;
  size_t a_length = split, b_length = in.left - split;
  if (in.failed)
    return 0;
  fuzz_require (difference (a, a_length, a, a_length) == NULL);
  char *text = difference (a, a_length, b, b_length);
  bool same = a_length == b_length && memcmp (a, b, a_length) == 0;
  fuzz_require (!same || text == NULL);
  fuzz_require (text == NULL || g_str_has_prefix (text, "the first event that differs is number "));
  g_free (text);
  return 0;
}
