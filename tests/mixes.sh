#!/bin/bash
# Plays random static mixes of lines in virtual time: what is promised of any, not of a scenario.
#
#   tests/mixes.sh [--keep FOLDER] [COUNT [FIRST]]
#
# Mix N has 2 to 50 leechers, a file of 4 to 50 MB and lines of 5 kB/s to 10 MB/s each way, all drawn from N alone, even
# on a logarithmic scale. Prints the name of each, a tab and its stretch. COUNT is 200 and FIRST 1 where they are not
# said; --keep leaves the scenario files there. top_builddir names the folder with the built command.
set -u
usage="usage: tests/mixes.sh [--keep FOLDER] [COUNT [FIRST]]"
shoal=$(cd "${top_builddir:-.}" && pwd)/shoal
keep=
if [ "${1-}" = --keep ]; then
  keep=${2-}
  [ -n "$keep" ] || { echo "$usage" >&2; exit 2; }
  shift 2
fi
count=${1-200} first=${2-1}
case $count$first in *[!0-9]*) echo "$usage" >&2; exit 2 ;; esac
[ -x "$shoal" ] || { echo "mixes: $shoal is not built" >&2; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
folder=${keep:-$work}
mkdir -p "$folder" || exit 1

# mix N: its scenario. The generator is Park and Miller's, in integers that a double holds: the same everywhere.
mix ()
{
  awk -v n="$1" '
    function below (k) { s = (s * 16807) % 2147483647; return int (s / 1000) % k }
    function between (least, most) { return int (least * exp (log (most / least) * below (100000) / 99999) + 0.5) }
    BEGIN {
      s = (n * n * 7919 + n * 104729 + 1) % 2147483647
      for (i = 0; i < 8; i++) below (2)
      leechers = 2 + below (49)
      print "name: mix-" n
      print "files: [{name: F1, size: " between (4000000, 50000000) " B}]"
      print "tracker: {upload: 10 kB/s, download: 10 kB/s}"
      print "nodes:"
      for (i = 0; i <= leechers; i++)
        printf "  - {name: %s, upload: %d B/s, download: %d B/s, actions: [{at: %s}]}\n", i ? "L" i : "S",
          between (5000, 10000000), between (5000, 10000000), i ? "30 s, download: F1" : "0 s, register: F1"
    }'
}

files=()
for ((n = first; n < first + count; n++)); do
  files+=("$folder/mix-$n.yaml")
  mix "$n" > "$folder/mix-$n.yaml" || exit 1
done
"$shoal" run "${files[@]}" --json > "$work/runs" || exit 1
sed -n 's/^{"scenario":"\([^"]*\)".*"stretch":\([0-9.]*\),.*/\1\t\2/p' "$work/runs" > "$work/stretches"
cat "$work/stretches"
[ "$(wc -l < "$work/stretches")" = "$count" ] || { echo "mixes: not all were played to their end" >&2; exit 1; }
