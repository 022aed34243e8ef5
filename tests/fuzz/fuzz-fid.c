/* What stands for a file on the command line: a fid or a magnet link, and the trackers that it names. What is accepted
 * is the same when it is written as a fid again, and as a magnet link. */
#include "tests/fuzz/fuzz.h"

#include "real/address.h"
#include "src/infodict.h"

static void
check_written (const ShoalFid *fid)
{
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  ShoalFid again;
  shoal_fid_to_hex (fid, hex);
  fuzz_require (shoal_fid_parse (hex, &again) && shoal_fid_equal (fid, &again));
  char *magnet = shoal_magnet_text (fid, "a name & more", 5, "10.0.0.1:6969");
  fuzz_require (shoal_fid_parse (magnet, &again) && shoal_fid_equal (fid, &again));
  char **trackers = shoal_magnet_trackers (magnet);
  fuzz_require (g_strv_length (trackers) == 1 && strcmp (trackers[0], "10.0.0.1:6969") == 0);
  g_strfreev (trackers);
  g_free (magnet);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader in = shoal_reader (data, size);
  char *text = fuzz_text (&in);
  ShoalFid fid;
  if (shoal_fid_parse (text, &fid))
    check_written (&fid);
  char **trackers = shoal_magnet_trackers (text);
  fuzz_require (trackers != NULL);
  for (char **t = trackers; *t; t++)
    fuzz_require (**t != '\0');
  g_strfreev (trackers);
  g_free (text);
  return 0;
}
