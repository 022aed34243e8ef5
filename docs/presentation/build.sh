#!/bin/bash
# Builds the slides from a fresh run of the shipped scenarios and studies: slides.pptx and slides.html, which opens
# anywhere without a network.
#
#   docs/presentation/build.sh [--quick] [FOLDER]      or: make presentation
#
# FOLDER: where all is written (default: presentation/ in the build folder). --quick plays light scenarios and quick
# studies with one seed only: some seconds instead of some minutes, for trying. top_builddir names the folder with the
# built command (default: build/).
#
# slides.md has places such as @TWENTY_STRETCH@; places.sql has a query for each. A place without a query, a query
# without a place, and one that gives nothing are errors: no figure is typed by hand. *.gp are plots, with the queries
# for their data; *.dot are diagrams.
set -eu
quick=
if [ "${1-}" = --quick ]; then
  quick=--quick
  shift
fi
[ $# -le 1 ] || { echo "usage: docs/presentation/build.sh [--quick] [FOLDER]" >&2; exit 2; }
builddir=$(cd "${top_builddir:-build}" && pwd)
shoal=$builddir/shoal
mkdir -p "${1:-$builddir/presentation}"
out=$(cd "${1:-$builddir/presentation}" && pwd)
source=$(cd "$(dirname "$0")" && pwd)
cd "$source/../.."
export LC_ALL=C.UTF-8

missing=
for tool in pandoc:pandoc gnuplot:gnuplot-nox dot:graphviz sqlite3:sqlite3 python3:python3; do
  command -v "${tool%:*}" > /dev/null || missing="$missing ${tool#*:}"
done
[ -z "$missing" ] || { echo "presentation: missing; on Debian: apt-get install$missing" >&2; exit 1; }
[ -x "$shoal" ] || { echo "presentation: $shoal is not built" >&2; exit 1; }
rm -rf "$out"/data "$out"/figures
mkdir -p "$out"/data "$out"/figures
rm -f "$out"/store.db* "$out"/facts.db*

say ()
{
  echo "presentation: $*" >&2
}

# --- playing ----------------------------------------------------------------------------------------

# Status 1, an expectation that is not met, does not keep the results from being told: they are counted.
play ()
{
  "$shoal" run -q --model both --store "$out/store.db" "$@" > /dev/null 2> "$out/messages" || [ $? = 1 ] ||
    { cat "$out/messages" >&2; exit 1; }
}

studies=$(for file in studies/*.yaml; do basename "$file" .yaml; done)
if [ -n "$quick" ]; then
  play speed twenty mixed
  play --no-recording simple low-upload-seeder several-files late-join leave handover
else
  say "playing the scenarios"
  play speed twenty mixed --seeds 1..5
  # All others but the two largest, which the study of peers stands for.
  others=$(for file in scenarios/*.yaml; do basename "$file" .yaml; done | grep -vxE 'speed|twenty|mixed|(ten-)?thousand')
  # shellcheck disable=SC2086
  play --no-recording $others
fi
for study in $studies; do
  [ -n "$quick" ] || say "playing the study $study"
  "$shoal" sweep "$study" $quick -q -s "$out/store.db" --json > "$out/data/$study.json" 2> "$out/messages" ||
    [ $? = 1 ] || { cat "$out/messages" >&2; exit 1; }
done

# --- what is known beside the store -----------------------------------------------------------------

# query SQL OPTION...: asks the facts and the store.
query ()
{
  local sql=$1
  shift
  sqlite3 -bail "$@" -cmd "ATTACH '$out/store.db' AS store" -cmd ".read '$source/views.sql'" "$out/facts.db" "$sql"
}

# Lines of JSON as rows of a table.
import_json ()
{
  sed "s/'/''/g; s/.*/INSERT INTO $1 VALUES ('&');/"
}

count_lines ()
{
  cat "$@" | wc -l
}

say "gathering figures"
{
  echo "CREATE TABLE compared (line); CREATE TABLE series (line); CREATE TABLE fact (name PRIMARY KEY, value);"
  "$shoal" compare --store "$out/store.db" --json | import_json compared
  cat "$out"/data/*.json | import_json series
  for folder in src sim real scenarios results cli; do
    echo "INSERT INTO fact VALUES ('lines-$folder', $(count_lines $folder/*.[ch]));"
  done
  echo "INSERT INTO fact VALUES ('lines-tests', $(count_lines tests/*.[ch] tests/*.sh)),"
  echo "  ('version', '$("$shoal" version | cut -d' ' -f2)'),"
  echo "  ('block', $(sed -n 's/^#define SHOAL_BLOCK_BYTES \([0-9]*\)u$/\1/p' src/types.h)),"
  echo "  ('test-programs', $(find tests -maxdepth 1 -name 'test-*.c' | wc -l)),"
  echo "  ('tests', $(cat tests/test-*.c | grep -c '^START_TEST')),"
  echo "  ('scenarios', $(find scenarios -name '*.yaml' | wc -l)),"
  echo "  ('studies', $(find studies -name '*.yaml' | wc -l)),"
  echo "  ('seed-bytes', $(sed -n 's/.*size: \([0-9]*\) B.*/\1/p' scenarios/twenty.yaml));"
} | sqlite3 -bail "$out/facts.db"

# --- filling the places -----------------------------------------------------------------------------

# sections FILE: splits at lines "-- @NAME@" into $out/data/place.NAME.
rm -f "$out"/data/place.*
awk -v out="$out/data" '/^-- @[A-Z0-9_]+@$/ { name = $2; gsub (/@/, "", name); file = out "/place." name; next }
  file && !/^--/ { print > file }' "$source/places.sql"

# Of a Markdown table, columns that begin with a number go to the right, and each is as wide as its longest cell.
align ()
{
  awk -F'|' '{ line[NR] = $0; last = NF }
    NR != 2 { for (i = 2; i < NF; i++) { cell = $i; gsub (/^ +| +$/, "", cell); if (length (cell) > width[i]) width[i] = length (cell) } }
    NR == 3 { for (i = 2; i < NF; i++) right[i] = $i ~ /^ *[0-9][0-9.,]*( of [0-9]+)? *$/ }
    END {
      for (i = 2; i < last; i++) { rule = rule "|"; for (k = -3; k < width[i]; k++) rule = rule "-"; if (right[i]) rule = rule ":" }
      line[2] = rule "|"
      for (i = 1; i <= NR; i++) print line[i] }'
}

# Tables stand for themselves; other places are one value.
ask ()
{
  case $1 in
    *_TABLE) query "$(cat "$out/data/place.$1")" -markdown | align ;;
    *) query "$(cat "$out/data/place.$1")" ;;
  esac
}

fill ()
{
  local name value status=0
  cp "$source/slides.md" "$out/slides.md"
  for name in $(grep -oE '@[A-Z0-9_]+@' "$source/slides.md" | tr -d @ | sort -u); do
    [ -f "$out/data/place.$name" ] || { echo "slides.md: places.sql has no query for @$name@" >&2; status=1; continue; }
    ask "$name" > "$out/data/value.$name" || { echo "places.sql: @$name@ failed" >&2; status=1; continue; }
    value=$(cat "$out/data/value.$name")
    # printf() makes 0 of NULL; no figure here is ever 0.
    [[ -n $value && ! $value =~ ^0(\.0+)?$ ]] || { echo "places.sql: @$name@ gives nothing" >&2; status=1; continue; }
    NAME=@$name@ VALUE=$value awk '{ while ((at = index ($0, ENVIRON["NAME"])) > 0)
        $0 = substr ($0, 1, at - 1) ENVIRON["VALUE"] substr ($0, at + length (ENVIRON["NAME"])); print }' \
      "$out/slides.md" > "$out/slides.new"
    mv "$out/slides.new" "$out/slides.md"
  done
  for file in "$out"/data/place.*; do
    grep -q "@${file##*place.}@" "$source/slides.md" ||
      { echo "places.sql: @${file##*place.}@ stands nowhere in slides.md" >&2; status=1; }
  done
  return $status
}

fill || exit 1

# --- figures ----------------------------------------------------------------------------------------

# In a plot, "#: NAME" begins a query whose rows go to NAME.csv; its lines begin with "#: ", too.
plot ()
{
  local gp=$1 name=${1##*/} data
  name=${name%.gp}
  awk -v out="$out/data/$name" '/^#: [a-z0-9-]+$/ { file = out "." $2 ".sql"; next } /^#: / && file { print substr ($0, 4) > file }' "$gp"
  for data in "$out/data/$name".*.sql; do
    query "$(cat "$data")" -csv > "${data%.sql}.csv"
    [ -s "${data%.sql}.csv" ] || { echo "${gp##*/}: ${data##*/} gives nothing" >&2; return 1; }
  done
  gnuplot -e "out='$out/figures/$name'; data='$out/data/$name'; kind='svg'" "$source/style.gnuplot" "$gp"
  gnuplot -e "out='$out/figures/$name'; data='$out/data/$name'; kind='png'" "$source/style.gnuplot" "$gp"
}

say "drawing"
for file in "$source"/*.gp; do
  plot "$file"
done
for file in "$source"/*.dot; do
  name=${file##*/}
  dot -Tsvg:cairo "$file" > "$out/figures/${name%.dot}.svg"
  dot -Tpng:cairo -Gdpi=220 "$file" > "$out/figures/${name%.dot}.png"
done

# --- slides -----------------------------------------------------------------------------------------

say "making slides.pptx and slides.html"
cd "$out"
python3 "$source/pptx.py" reference reference.pptx
pandoc --from markdown-implicit_figures --columns 20 --slide-level 2 --default-image-extension png --resource-path "$out" \
  --reference-doc reference.pptx -t pptx -o slides.pptx slides.md
python3 "$source/pptx.py" finish slides.pptx
pandoc --from markdown-implicit_figures --columns 20 --slide-level 2 --default-image-extension svg --resource-path "$out" \
  --template "$source/deck.html" -t dzslides --self-contained -o slides.html slides.md
echo "$out/slides.pptx"
echo "$out/slides.html"
