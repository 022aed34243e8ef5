#!/bin/bash
# The slides: all their places are filled from runs, a place or query too many is an error, pandoc builds both forms,
# and the HTML asks for nothing from a network. Light scenarios only. Needs the built command, pandoc, gnuplot, dot.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
builddir=$(cd "${top_builddir:-$top}" && pwd)
[ -x "$builddir/shoal" ] || { echo "skipped: $builddir/shoal is not built"; exit 77; }
for tool in pandoc gnuplot dot sqlite3 python3; do
  command -v $tool > /dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failures=0

fail ()
{
  failures=$((failures + 1))
  echo "FAIL: $1"
  [ $# -lt 2 ] || echo "    ${2//$'\n'/$'\n'    }"
}

build ()
{
  top_builddir=$builddir bash "$1/docs/presentation/build.sh" --quick "$work/out" > "$work/stdout" 2> "$work/stderr"
}

build "$top" || fail "the slides cannot be built" "$(cat "$work/stderr")"
slides=$(grep -c '^##* ' "$top/docs/presentation/slides.md")
[ "$(grep -c '<section ' "$work/out/slides.html")" = $((slides + 1)) ] || fail "the HTML has not $slides slides and a title"
in_pptx=$(python3 -m zipfile -l "$work/out/slides.pptx" | grep -c 'ppt/slides/slide[0-9]*\.xml')
[ "$in_pptx" = $((slides + 1)) ] || fail "the .pptx has $in_pptx slides, not $slides and a title: something overflowed"
grep -oE '@[A-Z0-9_]+@' "$work/out/slides.md" && fail "places are left"
grep -oE '(src|href)="?(https?:|//)[^" ]*|url\((https?:|//)[^)]*|@import' "$work/out/slides.html" &&
  fail "the HTML asks for something from a network"
images=$(grep -o '!\[\](figures/' "$top/docs/presentation/slides.md" | wc -l)
[ "$(grep -o 'src="data:image/svg' "$work/out/slides.html" | wc -l)" = "$images" ] || fail "the HTML lacks figures"

# What a slide says is what the store has.
speedup=$("$builddir/shoal" run "$top/scenarios/twenty.yaml" --model both --json -q | sed -n 's/.*"speedup":\([0-9.]*\).*/\1/p' | head -n 1)
grep -qF "Speed-up, over a server: **$(printf '%.1f' "$speedup")**" "$work/out/slides.md" ||
  fail "the speed-up of twenty is not $speedup" "$(grep Speed-up "$work/out/slides.md")"

# Errors are told, all at once.
mkdir -p "$work/bad/docs"
for folder in src sim real scenarios results cli studies tests; do
  ln -s "$top/$folder" "$work/bad/"
done
cp -R "$top/docs/presentation" "$work/bad/docs/"
chmod -R u+w "$work/bad/docs"
echo '@NOBODY_KNOWS@' >> "$work/bad/docs/presentation/slides.md"
printf -- "-- @NOBODY_ASKS@\nSELECT 1;\n" >> "$work/bad/docs/presentation/places.sql"
sed -i "/^-- @BLOCK_KIB@/{n;s/.*/SELECT 1 WHERE 0;/}" "$work/bad/docs/presentation/places.sql"
sed -i "/^-- @OVERHEAD@/,/;/s/'twenty'/'nobody'/" "$work/bad/docs/presentation/places.sql"
build "$work/bad" && fail "slides with mistakes were built"
for words in "no query for @NOBODY_KNOWS@" "@NOBODY_ASKS@ stands nowhere" "@BLOCK_KIB@ gives nothing" "@OVERHEAD@ gives nothing"; do
  grep -qF "$words" "$work/stderr" || fail "it does not say: $words" "$(cat "$work/stderr")"
done

[ $failures = 0 ] && echo "$slides slides, $images figures"
exit $((failures > 0))
