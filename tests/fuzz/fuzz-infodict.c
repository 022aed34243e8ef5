/* Info dictionaries: what is accepted is a file that may be; written again it says the same, and has the same fid
 * when nothing in it was skipped. */
#include "tests/fuzz/fuzz.h"

#include "src/infodict.h"

static void
require_same (const ShoalInfo *a, const ShoalInfo *b)
{
  fuzz_require (strcmp (a->name, b->name) == 0 && a->length_bytes == b->length_bytes);
  fuzz_require (a->piece_length_bytes == b->piece_length_bytes);
  fuzz_require (memcmp (a->root, b->root, sizeof a->root) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalInfo info, again;
  if (shoal_infodict_read (data, size, &info) != SHOAL_OK)
    return 0;
  fuzz_require (shoal_name_valid (info.name) && info.length_bytes <= SHOAL_LENGTH_MAX_BYTES);
  uint8_t out[SHOAL_INFODICT_MAX_BYTES];
  size_t length;
  fuzz_require (shoal_infodict_write (&info, out, &length) == SHOAL_OK);
  fuzz_require (shoal_infodict_read (out, length, &again) == SHOAL_OK);
  require_same (&info, &again);
  /* Keys that are not known are left out; without any there is one form. */
  fuzz_require (length <= size);
  ShoalFid fid, fid_again;
  shoal_infodict_fid (data, size, &fid);
  shoal_infodict_fid (out, length, &fid_again);
  fuzz_require ((length == size) == shoal_fid_equal (&fid, &fid_again));
  return 0;
}
