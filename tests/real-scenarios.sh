#!/bin/bash
# Scenarios for real, over loopback, from the command line: short ones, some seconds in all. What comes of them is
# set against virtual time, with a wide tolerance: this computer may be busy. `shoal calibrate` alone, without
# this script, tells how near the two worlds are.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-$top}" && pwd)/shoal
[ -x "$shoal" ] || { echo "skipped: $shoal is not built"; exit 77; }
[ "${SHOAL_SKIP_REPEATS-}" = 1 ] && { echo "skipped: SHOAL_SKIP_REPEATS=1"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$top" || exit 2
export LC_ALL=C.UTF-8
failures=0 checks=0

fail ()
{
  failures=$((failures + 1))
  echo "FAIL: $1"
  cat "$work/out" "$work/err"
}

# expect STATUS WORDS ARG...: WORDS (fixed text) must be in what the command prints.
expect ()
{
  local wanted=$1 words=$2 status
  shift 2
  checks=$((checks + 1))
  "$shoal" "$@" > "$work/out" 2> "$work/err" < /dev/null
  status=$?
  [ $status = "$wanted" ] || { fail "shoal $*: exit $status, not $wanted"; return; }
  grep -qF -- "$words" "$work/out" "$work/err" || fail "shoal $*: '$words' is not told"
}

# --- shipped scenarios, fifty times as fast -------------------------------------------------------
expect 0 '"within":true' calibrate speed leave several-files --rate-factor 50 --tolerance '30 %' --json -q
if [ "$(grep -c '"within":true' "$work/out")" != 3 ]; then
  fail "three scenarios were to be calibrated"
fi

# --- everything that a scenario may say about nodes, with expectations ----------------------------
cat > "$work/all.yaml" << 'END'
name: all
files: [{name: F1, size: 200 kB}, {name: F2, size: 300 kB}]
tracker: {upload: 10 kB/s, download: 10 kB/s}
defaults: {upload: 1 MB/s, download: 1 MB/s}
nodes:
  - {name: A, actions: [{at: 0 s, register: "F1, F2"}, {when: F1 is out, cancel: F1}]}
  - {name: L, count: 3, actions: [{at: 100 ms, download: F1}]}
  - name: late
    actions:
      - {when: L has F1, join: true}
      - {when: L has F1, after: 50 ms, download: F2}
  - name: leaver
    actions:
      - {at: 100 ms, download: F1}
      - {when: leaver has F1, after: 50 ms, close: true}
  - name: slow
    download: 50 kB/s
    actions:
      - {at: 100 ms, download: F1}
      - {when: slow has 10 % of F1, rates: {download: 2 MB/s}}
expect:
  - everybody completes in both models
  - late got all of F2 from A
  - each download of F1 by slow <= 3500 ms
END
expect 0 "3 of 3 expectations met" run "$work/all.yaml" --backend real --store "$work/real.db"
expect 0 "1 of 1 expectations met" run "$work/all.yaml" --backend real --model server-client --store "$work/real.db"
grep -q "speed-up" "$work/out" || fail "the counterpart in the store is not found"
expect 1 "UNMET: makespan <= 1 ms" run <(sed '/expect:/a\  - makespan <= 1 ms' "$work/all.yaml") --backend real

# --- one at a time, with a note; rates are multiplied ---------------------------------------------
expect 0 "runs for real are played one at a time" run "$work/all.yaml" --backend real --seeds 1..2 -j2 --json
if [ "$(grep -c '"backend":"real".*"rate_factor":1.0.*"trace_sha256":null' "$work/out")" != 2 ]; then
  fail "two runs were to be told as JSON"
fi
expect 0 "(real, rates x 2)" run "$work/all.yaml" --backend real --rate-factor 2 --store "$work/real.db"
expect 0 "all,real,2,none,1," compare --store "$work/real.db" --csv

# --- Ctrl-C in the middle: told at once, nothing of the run is kept -------------------------------
sed 's/size: 300 kB/size: 100 MB/' "$work/all.yaml" > "$work/long.yaml"
timeout --preserve-status -s INT 2 "$shoal" run "$work/long.yaml" --backend real --store "$work/broken.db" \
  > "$work/out" 2> "$work/err" < /dev/null
status=$?
checks=$((checks + 1))
if [ $status != 130 ] || ! grep -q interrupted "$work/err" || [ -s "$work/out" ]; then
  fail "an interrupted run: exit $status"
fi
if command -v sqlite3 > /dev/null; then
  [ "$(sqlite3 "$work/broken.db" 'SELECT count (*) FROM runs')" = 0 ] || fail "a run that was broken off is kept"
  [ "$(sqlite3 "$work/real.db" 'SELECT group_concat (DISTINCT backend) FROM runs')" = real ] ||
    fail "the store does not know the world"
fi

echo "$checks checks, $failures failed"
[ $failures = 0 ]
