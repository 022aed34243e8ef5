# SHOAL_FUZZERS: FUZZ_CC, a compiler that has libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer; "no": none,
# and the fuzz targets only replay their corpora. It may be another than CC, and builds objects of its own.
AC_DEFUN([SHOAL_FUZZERS], [
  AC_ARG_VAR([FUZZ_CC], [clang with libFuzzer, for make fuzz])
  AC_CACHE_CHECK([for a compiler with libFuzzer], [shoal_cv_fuzz_cc], [
    shoal_cv_fuzz_cc=no
    AS_ECHO(['int LLVMFuzzerTestOneInput (const char *d, unsigned long n); int LLVMFuzzerTestOneInput (const char *d, unsigned long n) { return n && !d; }']) > conftest-fuzz.c
    for shoal_candidate in ${FUZZ_CC:+"$FUZZ_CC"} clang clang-19 clang-16 clang-15 clang-14; do
      AS_IF([$shoal_candidate -fsanitize=fuzzer,address,undefined -o conftest-fuzz conftest-fuzz.c > conftest-fuzz.log 2>&1],
        [shoal_cv_fuzz_cc=$shoal_candidate; break])
      cat conftest-fuzz.log >&AS_MESSAGE_LOG_FD
    done
    rm -rf conftest-fuzz*
  ])
  FUZZ_CC=$shoal_cv_fuzz_cc
])
