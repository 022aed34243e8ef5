/* What the fuzz targets share. A target is one file, tests/fuzz/fuzz-NAME.c, that defines LLVMFuzzerTestOneInput()
 * and takes whatever bytes it is given: it must neither crash nor leave fuzz_require() unmet, and it gives back all
 * memory. libFuzzer looks for inputs that reach new code (`make fuzz`); those worth keeping lie in
 * tests/fuzz/corpus/NAME/ and are played by `make check` (replay.c), whatever the compiler. */
#pragma once

#include "src/bytes.h"

/* The target. Returns 0. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What must hold whatever the input is. Not an assertion of GLib: it is never compiled out, and is not taken for
 * one of the code under test. */
#define fuzz_require(condition)                                                                              \
  do                                                                                                         \
    {                                                                                                        \
      if (!(condition))                                                                                      \
        fuzz_fail (#condition, __FILE__, __LINE__);                                                          \
    }                                                                                                        \
  while (0)

/* Says what did not hold, and where, and ends the process with abort(). */
__attribute__ ((noreturn)) void fuzz_fail (const char *condition, const char *file, int line);

/* Whether there is more to take. (A read beyond the end takes nothing and fails for good.) */
static inline bool
fuzz_more (const ShoalReader *input)
{
  return input->left > 0 && !input->failed;
}

/* The next byte of the input, reduced to 0 .. n-1 (n > 0); 0 at the end of the input. */
unsigned fuzz_below (ShoalReader *input, unsigned n);
/* A byte that says how many follow, and these (fewer where the input ends): borrowed, never NULL. */
const uint8_t *fuzz_bytes (ShoalReader *input, size_t *length);
/* The rest of the input as a C string, which ends at the first NUL in it. Owned by the caller: g_free(). */
char *fuzz_text (ShoalReader *input);
/* The rest of the input as the content of a temporary file: its path, in a folder of this process that goes when it
 * ends. The same path in each call. Owned by fuzz. */
const char *fuzz_file (ShoalReader *input);
