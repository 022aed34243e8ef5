#!/bin/bash
# Made-up scenarios: no invariant may break in some hundreds (`make soak` plays far more), nor in those that once
# broke one, tests/found/*.yaml, each with the seed that its line "# Repeat: …" names.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-$top}" && pwd)/shoal
[ -x "$shoal" ] || { echo "skipped: $shoal is not built"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
status=0

for file in "$top"/tests/found/*.yaml; do
  [ -e "$file" ] || continue
  seed=$(sed -n 's/^# Repeat: .*--seed \([0-9]*\)$/\1/p' "$file")
  "$shoal" fuzz --scenario "$file" --seed "${seed:-none}" --no-shrink --quiet > "$work/out" 2>&1 && continue
  echo "FAIL: ${file#"$top"/}"
  cat "$work/out"
  status=1
done

# A folder that cannot be written to is told before anything is played.
touch "$work/file"
if "$shoal" fuzz --seeds 1..2 --output "$work/file" > "$work/out" 2> "$work/said" || [ -s "$work/out" ] ||
  ! grep -q -- "--output $work/file: Not a directory" "$work/said"; then
  echo "FAIL: --output to a file"
  cat "$work/out" "$work/said"
  status=1
fi

# The sanitizers make it ten times slower.
seeds=1..300
case $(ldd "$shoal" "$(dirname "$shoal")/.libs/shoal" 2> /dev/null) in
  *libasan* | *libtsan*) seeds=1..20 ;;
esac
[ "${SHOAL_SKIP_REPEATS-}" = 1 ] && seeds=1..3
"$shoal" fuzz --seeds $seeds --output "$work" --quiet || status=1
for file in "$work"/*.yaml; do
  [ -e "$file" ] && sed "s|^|$(basename "$file"): |" "$file"
done
exit $status
