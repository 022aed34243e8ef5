# What the tests of the command from outside share; sourced, not run. Needs the built command and sqlite3.
# Sets top, shoal, work (a folder that goes at the end), db; goes to the top folder.
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-$top}" && pwd)/shoal
[ -x "$shoal" ] || { echo "skipped: $shoal is not built"; exit 77; }
command -v sqlite3 > /dev/null || { echo "skipped: sqlite3 is not installed"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$top" || exit 2
export LC_ALL=C.UTF-8
failures=0 checks=0 db=$work/runs.db

# fail WHAT [DETAIL]
fail ()
{
  failures=$((failures + 1))
  echo "FAIL: $1"
  [ $# -lt 2 ] || echo "    ${2//$'\n'/$'\n'    }"
}

# expect STATUS STREAM WORDS ARG...: `shoal ARG...` ends so, and WORDS (fixed text) are in out or err. What fails writes
# nothing to stdout, unless fails_with_output is set: studies and diffs tell results, too.
expect ()
{
  local wanted=$1 stream=$2 words=$3 status
  shift 3
  checks=$((checks + 1))
  "$shoal" "$@" > "$work/out" 2> "$work/err" < /dev/null
  status=$?
  [ $status = "$wanted" ] || fail "shoal $*: exit $status, not $wanted" "$(cat "$work/err")"
  grep -qF -- "$words" "$work/$stream" || fail "shoal $*: std$stream lacks '$words'" "$(cat "$work/$stream")"
  [ "$wanted" = 0 ] || [ -n "${fails_with_output-}" ] || [ ! -s "$work/out" ] ||
    fail "shoal $*: an error wrote to stdout" "$(cat "$work/out")"
}

# same WHAT ACTUAL EXPECTED
same ()
{
  checks=$((checks + 1))
  [ "$2" = "$3" ] || fail "$1: '$2', not '$3'"
}

# To be the last line.
finish ()
{
  echo "$checks checks, $failures failed"
  [ $failures = 0 ]
}
