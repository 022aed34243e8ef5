#!/bin/bash
# The same scenario and seed give the same trace, byte for byte, whatever compiler and optimisation level
# made the program and whether content is real bytes or virtual. Builds the command three ways by plain
# compiler calls and compares the digests that `shoal run --json` prints.
#
#   tests/determinism.sh [SCENARIO...]     names without .yaml; default: those below
#
# SHOAL_SKIP_BUILD_MATRIX=1 skips it (a second test run on the same machine learns nothing from it).
set -u
[ "${SHOAL_SKIP_BUILD_MATRIX-}" = 1 ] && { echo "skipped: SHOAL_SKIP_BUILD_MATRIX=1"; exit 77; }

top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
compgen -G "$top/cli/*.c" > /dev/null || { echo "skipped: there is no command yet"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
seeds="1 2"
scenarios=${*:-simple several-files crash-and-return lossy-links}
# The quotes go to the compiler as they are: $flags is expanded unquoted.
# shellcheck disable=SC2089,SC2090
flags="-std=c17 -DSHOAL_VERSION=\"matrix\" -DSHOAL_SCENARIOS_DIR=\"\" -DSHOAL_STUDIES_DIR=\"\" $(pkg-config --cflags glib-2.0 gio-2.0 libcyaml json-glib-1.0 sqlite3 libcrypto)"
libraries=$(pkg-config --libs glib-2.0 gio-2.0 libcyaml json-glib-1.0 sqlite3 libcrypto)
# shellcheck disable=SC2090
export flags top

# build NAME COMPILER OPTION...: makes $work/NAME/shoal.
build ()
{
  local name=$1
  shift
  mkdir "$work/$name"
  # The report's page is made by the build.
  $* $flags -I"$top" -c "${top_builddir:-$top/build}/report/page-resource.c" -o "$work/$name/page-resource.o" ||
    { echo "FAIL: the page does not build with $*"; exit 1; }
  # shellcheck disable=SC2016
  (cd "$top" && printf '%s\n' {src,sim,real,results,scenarios,cli}/*.c) |
    compile="$*" out="$work/$name" xargs -P "$(nproc 2> /dev/null || echo 2)" -I{} sh -c \
      'o=$(echo {} | tr / -); $compile $flags -I"$top" -c "$top/{}" -o "$out/${o%.c}.o" 2> "$out/$o.err" || { cat "$out/$o.err" >&2; exit 255; }' &&
    "$1" -o "$work/$name/shoal" "$work/$name"/*.o $libraries -lm ||
    { echo "FAIL: does not build with $*"; exit 1; }
}

# digest BUILD SCENARIO SEED CONTENT. Whether expectations are met is not the question here.
digest ()
{
  "$work/$1/shoal" run "$top/scenarios/$2.yaml" --model p2p --seed "$3" --content "$4" --json 2> "$work/messages" |
    sed -n 's/.*"trace_sha256" *: *"\([0-9a-f]\{64\}\)".*/\1/p'
}

builds=()
build gcc-O0 gcc -O0 && builds+=(gcc-O0)
build gcc-O2 gcc -O2 && builds+=(gcc-O2)
if command -v clang > /dev/null; then
  build clang-O2 clang -O2 && builds+=(clang-O2)
else
  echo "clang is not installed: compared without it (apt-get install clang)"
fi

status=0
declare -A seen
for scenario in $scenarios; do
  for seed in $seeds; do
    first='' first_how='' agree=yes
    for b in "${builds[@]}"; do
      for content in virtual real; do
        d=$(digest "$b" "$scenario" "$seed" "$content")
        how="$b, $content content"
        if [ -z "$d" ]; then
          echo "FAIL: $scenario, seed $seed, $how: no digest was printed:"
          cat "$work/messages"
          status=1 agree=no
        elif [ -z "$first" ]; then
          first=$d first_how=$how
        elif [ "$d" != "$first" ]; then
          echo "FAIL: $scenario, seed $seed: trace $first with $first_how, but $d with $how"
          status=1 agree=no
        fi
      done
    done
    [ $agree = yes ] && echo "$scenario, seed $seed: $first in ${#builds[@]} builds, real and virtual content"
    # A digest that does not depend on what happened would pass everything above.
    if [ -n "$first" ] && [ -n "${seen[$first]-}" ] && [ "${seen[$first]}" != "$scenario" ]; then
      echo "FAIL: $scenario and ${seen[$first]} have the same digest"
      status=1
    fi
    [ -n "$first" ] && seen[$first]=$scenario
  done
done
exit $status
