#!/bin/bash
# Every shipped scenario in both models, over three seeds: all that it expects must come true, and what it expects of a
# strategy that it does not name itself is played with that, too. The two largest are left to make bench.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-$top}" && pwd)/shoal
[ -x "$shoal" ] || { echo "skipped: $shoal is not built"; exit 77; }
cd "$top" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

played=0 failures=0 seeds=1..3
[ "${SHOAL_SKIP_REPEATS-}" = 1 ] && seeds=1..1
for file in scenarios/*.yaml; do
  case $file in scenarios/thousand.yaml | scenarios/ten-thousand.yaml) continue ;; esac
  model=both
  case $file in scenarios/hundred.yaml) model=p2p ;; esac # the server needs 6,000 s for a hundred clients
  strategies=()
  grep -q '^strategy:' "$file" || {
    grep -qE '^  - .* with (none|tit-for-tat)' "$file" && strategies=(--strategy none,tit-for-tat)
  }
  played=$((played + 1))
  if ! "$shoal" run "$file" --model $model "${strategies[@]}" --seeds $seeds --quiet > "$work/out" 2>&1; then
    failures=$((failures + 1))
    echo "FAIL: $file"
    cat "$work/out"
  fi
done
# Those who are done have nothing to say to each other: all sessions end long before the last node leaves.
sed 's/^expect:/  - {name: X, actions: [{at: 0 s, join: true}, {at: 150 s, close: true}]}\n&/' scenarios/speed.yaml > "$work/speed.yaml"
for seed in 1 2 3; do
  "$shoal" run "$work/speed.yaml" --seed $seed --quiet --trace "$work/trace" > "$work/out" 2>&1
  began=$(grep -c ' neighbour-up ' "$work/trace") ended=$(awk '$1 < 149 && $3 == "neighbour-down"' "$work/trace" | wc -l)
  [ "$began" -gt 0 ] && [ "$began" = "$ended" ] && continue
  failures=$((failures + 1))
  echo "FAIL: of $began sessions $ended ended (speed, seed $seed)"
done
echo "$played scenarios, $failures failures"
[ $played -gt 0 ] && [ $failures = 0 ]
