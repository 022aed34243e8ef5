#!/bin/bash
# Writes the parts of README.md that are output of the program anew, from real runs: those between
# `<!-- NAME: … -->` and `<!-- end of NAME -->`. Takes some minutes.
#
#   docs/refresh-readme.sh [--quick] [PART...]      or: make readme
#
# --quick leaves out what takes long, so that the README's figures are fewer: for trying this script. PART is tour,
# comparison, figures, or real; all, where none is said. top_builddir names the folder with the built command
# (default: build/ when there is one). Needs sqlite3.
set -eu
quick=''
[ "${1-}" != --quick ] || { quick=--quick; shift; }
for part in "$@"; do
  case $part in
    tour | comparison | figures | real) ;;
    *) echo "usage: docs/refresh-readme.sh [--quick] [tour|comparison|figures|real ...]" >&2; exit 2 ;;
  esac
done
[ $# -gt 0 ] || set -- tour comparison figures real
builddir=$(cd "${top_builddir:-build}" && pwd)
cd "$(dirname "$0")/.."
shoal=$builddir/shoal
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8

# Status 1, an expectation that is not met, does not keep the figures from being told.
play ()
{
  "$shoal" run --model both --store "$work/store.db" "$@" > /dev/null || [ $? = 1 ]
}

tour ()
{
  echo '```'
  echo '$ build/shoal run simple'
  "$shoal" run simple -q
  echo '```'
}

# What ./quickstart plays, and the large ones.
comparison ()
{
  local light
  light=$(sed -n 's/^scenarios="\(.*\)"$/\1/p' quickstart)
  # shellcheck disable=SC2086
  play $light --seeds 1..5
  if [ -z "$quick" ]; then
    play hundred --seeds 1..5
    play thousand
  fi
  "$shoal" compare --store "$work/store.db" --markdown
}

figures ()
{
  # shellcheck disable=SC2086
  top_builddir=$builddir tests/bench.sh --markdown $quick
}

# How far virtual time is from plays for real, one row for each line of JSON.
calibrated ()
{
  {
    "$shoal" calibrate -q --json speed twenty --rate-factor 10 --seeds 1..3 || [ $? = 1 ]
    [ -n "$quick" ] || "$shoal" calibrate -q --json low-upload-seeder || [ $? = 1 ]
  } > "$work/calibrated"
  sqlite3 << END
CREATE TABLE lines (line);
$(sed "s/'/''/g; s/.*/INSERT INTO lines VALUES ('&');/" "$work/calibrated")
.mode markdown
SELECT json_extract (line, '\$.scenario') || ', rates × ' || printf ('%g', json_extract (line, '\$.rate_factor')) AS scenario,
  printf ('%.2f', json_extract (line, '\$.makespan.virtual_s.median')) AS 'virtual s',
  printf ('%.2f', json_extract (line, '\$.makespan.real_s.median')) AS 'real s',
  printf ('%+.2f %%', 100 * json_extract (line, '\$.makespan.error')) AS error FROM lines;
END
}

real ()
{
  # shellcheck disable=SC2086
  top_builddir=$builddir tests/rivals.sh --markdown $quick
  echo
  calibrated
}

# Only once all is there, so that a failure leaves the README as it was.
for name in "$@"; do
  { echo; "$name"; echo; } > "$work/$name"
done
for name in "$@"; do
  grep -q "^<!-- $name: " README.md && grep -q "^<!-- end of $name -->" README.md ||
    { echo "README.md lacks the marks of $name" >&2; exit 1; }
  awk -v name="$name" -v part="$work/$name" '
    $0 == "<!-- end of " name " -->" { while ((getline line < part) > 0) print line; inside = 0 }
    !inside { print }
    index ($0, "<!-- " name ": ") == 1 { inside = 1 }' README.md > "$work/README.md"
  cat "$work/README.md" > README.md
done
