/* Files that are opened as a results store and are none, or a broken one: an error with a message, or a store that can
 * be read to its end. */
#include "tests/fuzz/fuzz.h"

#include "results/store.h"

static void
read_all (ShoalStore *store)
{
  GError *error = NULL;
  GPtrArray *comparisons = shoal_store_list_comparisons (store, &error);
  fuzz_require ((comparisons == NULL) == (error != NULL));
  if (comparisons)
    g_ptr_array_unref (comparisons);
  g_clear_error (&error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader in = shoal_reader (data, size);
  GError *error = NULL;
  ShoalStoreMode mode = shoal_read_u8 (&in) & 1 ? SHOAL_STORE_WRITE : SHOAL_STORE_READ;
  ShoalStore *store = shoal_store_open (fuzz_file (&in), mode, &error);
  fuzz_require ((store == NULL) == (error != NULL));
  if (store)
    {
      read_all (store);
      shoal_store_close (store);
    }
  else
    fuzz_require (*error->message != '\0');
  g_clear_error (&error);
  return 0;
}
