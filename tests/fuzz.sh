#!/bin/bash
# Fuzzes for real, where there is a clang with libFuzzer: each target for a second, from its corpus on and always with
# the same seed. (That the corpora play is a test of every build: tests/fuzz/replay.c.)
#
#   tests/fuzz.sh [SECONDS [TARGET...]]   so long, of these targets; what reaches new code goes into the corpus,
#                                         which is left as small as it can be. For `make fuzz`.
#
# An input that fails is left in tests/fuzz/engine/found/ of the build folder, with the command that repeats it.
set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
build=${top_builddir:-$top/build}
engine=$build/tests/fuzz/engine
found=$engine/found
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

seconds=${1-1}
keep=${1+yes}
shift $(($# > 0))

# The sanitizer build's tests replay the corpora, and its engine would be the same one again.
if [ -z "$keep" ] && [ -n "${SHOAL_SKIP_BUILD_MATRIX-}" ]; then
  echo "left out: SHOAL_SKIP_BUILD_MATRIX is set"
  exit 77
fi
MAKEFLAGS='' make -C "$build" -j"$(nproc 2> /dev/null || echo 2)" fuzz-engines > "$work/build.log" 2>&1
case $? in
  0) ;;
  *)
    tail -n 20 "$work/build.log"
    grep -q 'no clang with libFuzzer' "$work/build.log" && exit 77
    exit 1
    ;;
esac
mkdir -p "$found"

targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  for file in "$top"/tests/fuzz/fuzz-*.c; do
    file=${file##*/fuzz-}
    targets+=("${file%.c}")
  done
fi

# A found input is wanted as it is, and time goes to looking for others: no attempts to explain or shrink it.
options=(-len_control=10 -timeout=20 -rss_limit_mb=1024 -malloc_limit_mb=256 -print_final_stats=1 -verbosity=1)
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1

# fuzz TARGET: from a copy of the corpus.
fuzz ()
{
  local target=$1 corpus=$top/tests/fuzz/corpus/$1 inputs=$work/$1 dictionary=()
  [ -f "$top/tests/fuzz/$target.dict" ] && dictionary=("-dict=$top/tests/fuzz/$target.dict")
  mkdir -p "$inputs"
  [ -d "$corpus" ] && cp -R "$corpus/." "$inputs"
  if ! "$engine/$target" -seed=1 "-max_total_time=$seconds" "${dictionary[@]}" "${options[@]}" \
         "-artifact_prefix=$found/$target-" "$inputs" > "$work/$target.log" 2>&1; then
    grep -v "^#\|^INFO" "$work/$target.log" | tail -n 50
    echo "FAIL: $target; again: $engine/$target $(ls -t "$found/$target-"* | head -n 1)"
    return 1
  fi
  printf '%s: %s runs, %s inputs, %s\n' "$target" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log")" "$(ls "$inputs" | wc -l)" \
    "$(grep -o 'cov: [0-9]* ft: [0-9]*' "$work/$target.log" | tail -n 1)"
}

# minimise TARGET: the corpus becomes the fewest inputs that reach what all of them reach.
minimise ()
{
  local corpus=$top/tests/fuzz/corpus/$1
  mkdir -p "$work/merged" "$corpus"
  "$engine/$1" -set_cover_merge=1 -use_counters=0 "${options[@]}" "$work/merged" "$corpus" "$work/$1" > "$work/merge.log" 2>&1 || {
    tail -n 30 "$work/merge.log"
    return 1
  }
  rm -rf "$corpus"
  mv "$work/merged" "$corpus"
}

status=0
for target in "${targets[@]}"; do
  if ! fuzz "$target" || { [ -n "$keep" ] && ! minimise "$target"; }; then
    status=1
  fi
done
exit $status
