#!/bin/bash
# The command from outside: exit status, what it says to whom, bad input of every kind, and that a store
# holds whole runs only, whatever happens. Needs the built command; sqlite3 for some of it.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-$top}" && pwd)/shoal
[ -x "$shoal" ] || { echo "skipped: $shoal is not built"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$top" || exit 2
export LC_ALL=C.UTF-8
failures=0 checks=0

fail ()
{
  failures=$((failures + 1))
  echo "FAIL: $1"
  [ $# -lt 2 ] || echo "    ${2//$'\n'/$'\n'    }"
}

# run ARG...: runs the command; sets $status, and leaves $work/out and $work/err.
run ()
{
  "$shoal" "$@" > "$work/out" 2> "$work/err" < /dev/null
  status=$?
}

# expect STATUS STREAM WORDS ARG...: WORDS (fixed text) must be in STREAM (out, err).
expect ()
{
  local wanted=$1 stream=$2 words=$3
  shift 3
  checks=$((checks + 1))
  run "$@"
  [ $status = "$wanted" ] || fail "shoal $*: exit $status, not $wanted" "$(cat "$work/err")"
  grep -qF -- "$words" "$work/$stream" || fail "shoal $*: std$stream lacks '$words'" "$(cat "$work/$stream")"
  if [ "$wanted" = 2 ] && [ -s "$work/out" ]; then
    fail "shoal $*: an error of usage wrote to stdout" "$(cat "$work/out")"
  fi
}

# same WHAT ACTUAL EXPECTED
same ()
{
  checks=$((checks + 1))
  [ "$2" = "$3" ] || fail "$1: '$2', not '$3'"
}

# A scenario that plays at once; $1: its name, $2: lines after the nodes, $3: lines of expect.
scenario ()
{
  cat > "$work/$1.yaml" << END
name: $1
files:
  - {name: F1, size: 100 kB, seed: 1}
tracker: {upload: 10 kB/s, download: 10 kB/s}
defaults: {upload: 100 kB/s, download: 100 kB/s}
nodes:
  - {name: A, join: 0 s, actions: [{at: 1 s, register: F1}]}
  - {name: B, join: 0 s, actions: [{at: 2 s, download: F1}]}
${2-}
expect:
${3-  - everybody completes in both models}
END
}

# count FILE TABLE
count ()
{
  sqlite3 "$1" "SELECT count (*) FROM $2"
}

# --- help and usage -------------------------------------------------------------------------------
expect 0 out "Examples:" --help
expect 0 out "shoal compare --store runs.db" help
expect 0 out "--seeds=A..B" run --help
expect 0 out "Usage:" help run
expect 0 out "--markdown" compare --help
expect 0 out "--against" verify --help
expect 0 out "--tolerance=SHARE" calibrate --help
expect 0 out "shoal " --version
expect 0 out "shoal " version
expect 2 err "Usage: shoal SUBCOMMAND"
expect 2 err "did you mean 'shoal run'?" rnu
expect 2 err "did you mean 'shoal compare'?" comparr
expect 2 err "there is no subcommand 'sing'" sing
expect 2 err "there is no subcommand 'sing'" help sing
expect 2 err "--frobnicate" run --frobnicate simple
expect 2 err "did you mean 'shoal run simple'?" simple
expect 2 err "options come after the subcommand" --model both run simple
expect 2 err "a shipped one (bandwidth-drop, churn, " run
expect 2 err "--jobs x: expected a number" run simple -jx
expect 2 err "Missing argument" run simple -j
expect 2 err "expected p2p, server-client or both" run simple --model pp
expect 2 err "expected sim (virtual time) or real" run simple --backend moon
expect 2 err "expected real, which is all there is" run simple --backend real --content virtual
expect 2 err "--trace is for virtual time" run simple --backend real --trace "$work/t"
for factor in 0 -1 x '' 1e3 9999999; do
  expect 2 err "expected a number from 0.000001 to 1000000" run simple --rate-factor "$factor"
done
expect 2 err "a shipped one (bandwidth-drop, churn, " calibrate
expect 2 err "expected a share such as '3 %'" calibrate simple --tolerance 3
expect 2 err "expected a number from 0.000001" calibrate simple --rate-factor x
expect 2 err "did you mean 'simple'?" calibrate simpel
expect 2 err "expected virtual or real" run simple --content unreal
expect 2 err "expected a whole number" run simple --seed -1
expect 2 err "expected a whole number" run simple --seed 99999999999999999999
expect 2 err "expected a whole number" run simple --seed ''
expect 2 err "as in 1..20" run simple --seeds 5..1
expect 2 err "as in 1..20" run simple --seeds 1
expect 2 err "as in 1..20" run simple --seeds 0..9223372036854775807
expect 2 err "exclude each other" run simple --seed 1 --seeds 1..2
expect 2 err "expected a number from 1 to 1024" run simple --jobs 0
expect 2 err "--trace is for a single run" run simple --seeds 1..2 --trace "$work/t"
expect 2 err "--trace is for a single run" run simple --model both --trace "$work/t"
expect 2 err "No such file or directory" run simple --trace "$work/no/folder/t"
expect 2 err "exclude each other" compare --json --csv
expect 2 err "is not expected here" compare runs.db
expect 2 err "say html, markdown, json or csv" report --format pdf
expect 2 err "there is no such store" report --store "$work/none.db"
expect 2 err "expected one scenario" verify
expect 2 err "expected p2p, server-client or both" verify simple --model pp
expect 2 err "expected a whole number" verify simple --seed x
expect 2 err "--against" verify simple --against "$work/missing"

# --- scenarios that are not there, or are not scenarios -------------------------------------------
expect 2 err "did you mean 'simple'?" run simpel
expect 2 err "there is no scenario 'qwertyuiop'" run qwertyuiop
expect 2 err "$work/none.yaml" run "$work/none.yaml"
expect 2 err "$work/none.yaml" verify "$work/none.yaml"
expect 2 err "$work" run "$work/"
expect 2 err "did you mean 'simple'?" run speed simpel # nothing is played before all are read
same "output of a call with a missing scenario" "$(cat "$work/out")" ""
if [ "$(id -u)" != 0 ]; then
  scenario locked
  chmod 0 "$work/locked.yaml"
  expect 2 err "Permission denied" run "$work/locked.yaml"
fi

# bad NAME WORDS SED-SCRIPT: the good scenario, changed, is refused with WORDS and its name.
bad ()
{
  scenario "$1"
  sed -i "$3" "$work/$1.yaml"
  expect 1 err "$2" run "$work/$1.yaml"
  grep -qF "$1.yaml" "$work/err" || fail "$1: the message does not name the file" "$(cat "$work/err")"
  [ -s "$work/out" ] && fail "$1: something on stdout" "$(cat "$work/out")"
}

bad malformed "malformed.yaml" 's/^files:/files: [}/'
bad unknown-key "colour" 's/seed: 1}/colour: red}/'
bad missing-unit "100" 's/size: 100 kB/size: 100/'
bad missing-unit-of-rate "100" 's/{upload: 100 kB.s,/{upload: 100,/'
bad negative-rate "-5 kB/s" 's/{upload: 100 kB.s,/{upload: -5 kB\/s,/'
bad absurd-rate "9999999999 GB/s" 's/{upload: 100 kB.s,/{upload: 9999999999 GB\/s,/'
bad unknown-node "Z" 's/everybody completes.*/B got all of F1 from Z/'
bad unknown-file "F9" 's/download: F1/download: F9/'
bad empty "empty.yaml" 'd'

# --- good runs ------------------------------------------------------------------------------------
scenario good
scenario unmet '' '  - makespan <= 10 ms'
expect 0 out "makespan" run "$work/good.yaml"
expect 0 out "1 of 1 expectations met" run "$work/good.yaml"
expect 0 out "speed-up" run "$work/good.yaml" --model both
expect 0 out "speed-up" run -mboth -j1 -q "$work/good.yaml"
expect 0 out "1 of 1 expectations met" run -m p2p -j 1 -- "$work/good.yaml"
expect 0 out '"model":"server-client"' run "$work/good.yaml" --model server-client --json
expect 1 out "UNMET: makespan <= 10 ms; measured: " run "$work/unmet.yaml"
expect 1 err "to repeat it: shoal run $work/unmet.yaml --model p2p --seed 3" run "$work/unmet.yaml" --seed 3
expect 1 err "expected: makespan <= 10 ms; measured: " run "$work/unmet.yaml" --json
same "met of an unmet expectation" "$(grep -o '"met":[a-z]*' "$work/out")" '"met":false'
expect 0 err "are not kept; add --store shoal.db" run "$work/good.yaml"
same "lines on stderr of a quick run" "$(grep -c '' "$work/err")" 1
for option in --quiet --json "--store=$work/kept.db"; do
  run run "$work/good.yaml" "$option"
  same "stderr of a quick run with $option" "$(cat "$work/err")" ""
done

run run "$work/good.yaml" "$work/unmet.yaml" --seeds 1..3 --model both --json --jobs 4 -q
order=$(sed -E 's/.*"scenario":"([^"]*)".*"model":"([^"]*)","seed":([0-9]*).*/\1 \2 \3/' "$work/out" | tr '\n' ';')
same "order of runs" "$order" "good p2p 1;good server-client 1;good p2p 2;good server-client 2;good p2p 3;\
good server-client 3;unmet p2p 1;unmet server-client 1;unmet p2p 2;unmet server-client 2;unmet p2p 3;\
unmet server-client 3;"
run run "$work/good.yaml" --model both --seeds 1..4 --json --jobs 1
sed -E 's/"(wall_s|cpu_s|cpu_wait_s|max_rss_bytes)":([0-9.e+-]*|null),//g' "$work/out" > "$work/one"
run run "$work/good.yaml" --model both --seeds 1..4 --json --jobs 3
sed -E 's/"(wall_s|cpu_s|cpu_wait_s|max_rss_bytes)":([0-9.e+-]*|null),//g' "$work/out" > "$work/three"
checks=$((checks + 1))
cmp -s "$work/one" "$work/three" || fail "output depends on --jobs" "$(diff "$work/one" "$work/three" | head -c 2000)"

run run "$work/good.yaml" --json
for key in scenario backend model seed rate_factor makespan_s mean_s bound_s stretch speedup blocks events wall_s cpu_s cpu_wait_s \
  max_rss_bytes trace_sha256 expectations text met measured nodes name role upload_bytes_per_s \
  download_bytes_per_s sent_bytes received_bytes payload_sent_bytes duplicate_bytes downloads file fid \
  start_s first_byte_s end_s bytes status sources; do
  checks=$((checks + 1))
  grep -q "\"$key\":" "$work/out" || fail "run --json lacks the key $key"
done
checks=$((checks + 1))
grep -q '"speedup":null' "$work/out" || fail "speedup without a counterpart is not null"
if command -v python3 > /dev/null; then
  checks=$((checks + 1))
  python3 -c 'import json, sys; [json.loads (line) for line in sys.stdin]' < "$work/three" || fail "no valid JSON"
fi
if [ -e /dev/full ]; then
  checks=$((checks + 1))
  "$shoal" run "$work/good.yaml" > /dev/full 2> "$work/err"
  status=$?
  same "exit status when stdout is full" $status 1
  grep -q "could not be written" "$work/err" || fail "stdout full: not told" "$(cat "$work/err")"
  expect 1 err "could not be written whole" run "$work/good.yaml" --trace /dev/full
fi

# --- rate factors ---------------------------------------------------------------------------------
expect 0 out "(sim, rates x 2.5)" run "$work/good.yaml" --rate-factor 2.5
expect 0 out '"rate_factor":2.5' run "$work/good.yaml" --rate-factor 2.5 --json
expect 1 err "--seed 1 --rate-factor 2.5" run "$work/unmet.yaml" --rate-factor 2.5

# --- verify ---------------------------------------------------------------------------------------
expect 0 out "3 plays, one of them with real content, the same trace" verify "$work/good.yaml"
expect 0 out "server-client, seed 7" verify "$work/good.yaml" --seed 7 --model both
expect 0 out "B " run "$work/good.yaml" --trace "$work/trace"
expect 0 out "the same trace as" verify "$work/good.yaml" --against "$work/trace"
expect 1 out "the first event that differs is number" verify "$work/good.yaml" --seed 2 --against "$work/trace"
sed '10s/^/9/' "$work/trace" > "$work/changed"
expect 1 out "the first event that differs is number 10" verify "$work/good.yaml" --against "$work/changed"
grep -q '^> 9' "$work/out" || fail "verify does not show the changed line" "$(cat "$work/out")"
head -n 5 "$work/trace" > "$work/short"
expect 1 out "(ends here)" verify "$work/good.yaml" --against "$work/short"

# --- stores ---------------------------------------------------------------------------------------
expect 2 err "there is no such store" compare --store "$work/none.db"
echo "Dear diary, today I wrote down some text." > "$work/text.db"
expect 1 err "is not a shoal store" run "$work/good.yaml" --store "$work/text.db"
expect 1 err "is not a shoal store" compare --store "$work/text.db"
same "what was no store" "$(cat "$work/text.db")" "Dear diary, today I wrote down some text."
expect 1 err "is not a shoal store" run "$work/good.yaml" --store "$work"
expect 1 err "is not a shoal store" run "$work/good.yaml" --store /dev/null
expect 1 err "$work/no/folder/runs.db" run "$work/good.yaml" --store "$work/no/folder/runs.db"

db=$work/runs.db
expect 0 out "makespan" run "$work/good.yaml" --store "$db" --seeds 1..2
expect 0 out "good" compare --store "$db"
expect 0 out "| good" compare --store "$db" --markdown
expect 0 out "| good" report --store "$db" --format markdown
expect 2 err "has no run of a scenario 'bad'" report bad --store "$db"
expect 1 err "folder.html could not be written" report --store "$db" -o "$work/no/such/folder.html"
mkdir "$work/folder"
expect 1 err "folder could not be written: Is a directory" report --store "$db" -o "$work/folder"
mkfifo "$work/pipe"
timeout 20 cat "$work/pipe" > "$work/piped" &
expect 0 err "pipe is written" report --store "$db" -o "$work/pipe"
wait $!
[ -p "$work/pipe" ] && grep -q 'DOCTYPE' "$work/piped" || fail "report -o replaces a pipe"
ln -s linked "$work/link"
touch "$work/linked"
expect 0 err "link is written" report --store "$db" -o "$work/link"
[ -L "$work/link" ] && [ -s "$work/linked" ] || fail "report -o replaces a link"
expect 0 out "<!DOCTYPE html>" report good --store "$db" -o -
expect 0 out "good,sim,1,none,2," compare --store "$db" --csv
expect 0 out '"speedup":null' compare --store "$db" --json
expect 0 out '"stretch":' run "$work/good.yaml" --store "$db" --model server-client --json
checks=$((checks + 1))
grep -q '"speedup":[0-9]' "$work/out" || fail "speedup does not use the counterpart in the store"
expect 0 out '"speedup":{"n":1,' compare --store "$db" --json

# Strategies side by side, each with a line of its own, set against the same run of the other model.
expect 0 out "good, p2p, tit-for-tat, seed 1 (sim)" run "$work/good.yaml" --store "$work/two.db" --model both \
  --strategy none,tit-for-tat
for words in "good, p2p, seed 1 (sim)" "makespans: none " "means: none " ", tit-for-tat " "speed-up 1.00 with none" \
             "speed-up 1.00 with tit-for-tat"; do
  checks=$((checks + 1))
  grep -qF -- "$words" "$work/out" || fail "two strategies: '$words' is not told" "$(cat "$work/out")"
done
expect 0 out '"strategy":"tit-for-tat","seeds":1' compare --store "$work/two.db" --json
same "lines of two strategies" "$(wc -l < "$work/out")" 2
same "with a speed-up" "$(grep -c '"speedup":{"n":1,' "$work/out")" 2
expect 0 out '"strategy":"turns"' run "$work/good.yaml" --strategy turns --json --store "$work/two.db"
checks=$((checks + 1))
grep -q '"speedup":[0-9]' "$work/out" || fail "speedup of a strategy does not use the counterpart in the store"
expect 2 err "'tit' is no strategy; expected one of: none, tit-for-tat, turns" run "$work/good.yaml" --strategy tit
expect 2 err "each strategy once" run "$work/good.yaml" --strategy none,turns,none
expect 2 err "is for P2P" run "$work/good.yaml" --strategy none --model server-client

if ! command -v sqlite3 > /dev/null; then
  echo "skipped in part: there is no sqlite3 to look into stores"
else
  same "runs in the store" "$(count "$db" runs)" 3
  same "its views" "$(sqlite3 "$db" "SELECT DISTINCT giver || receiver FROM who_gave_whom")" AB
  sqlite3 "$work/foreign.db" "CREATE TABLE bookmarks (url)"
  expect 1 err "is not a shoal store" run "$work/good.yaml" --store "$work/foreign.db"
  expect 1 err "is not a shoal store" compare --store "$work/foreign.db"
  same "tables of another's database" "$(sqlite3 "$work/foreign.db" .tables)" bookmarks
  cp "$db" "$work/newer.db"
  sqlite3 "$work/newer.db" "PRAGMA user_version = 77" > /dev/null
  expect 1 err "was written by a newer shoal (schema 77" run "$work/good.yaml" --store "$work/newer.db"
  expect 1 err "was written by a newer shoal (schema 77" compare --store "$work/newer.db"
  same "runs in the newer store" "$(count "$work/newer.db" runs)" 3

  # Several processes, one store.
  for i in 1 2 3; do
    "$shoal" run "$work/good.yaml" --seeds ${i}0..${i}4 --store "$work/shared.db" > /dev/null 2> "$work/err$i" &
  done
  wait
  same "runs of three processes" "$(count "$work/shared.db" runs)$(cat "$work"/err?)" 15
fi

# whole FILE: no run without all its rows; prints the number of runs.
whole ()
{
  [ -s "$1" ] || { echo 0; return; }
  sqlite3 "$1" "PRAGMA integrity_check" "PRAGMA foreign_key_check" \
    "SELECT 'half a run' FROM runs WHERE (SELECT count (*) FROM nodes WHERE run = runs.id) < 3
       OR (SELECT count (*) FROM transfers WHERE run = runs.id) <> 1
       OR (SELECT count (*) FROM expectations WHERE run = runs.id) <> 1" |
    grep -v '^ok$' >&2
  count "$1" runs
}

# interrupt SIGNAL STATUS: sends it in the middle of many runs.
interrupt ()
{
  # What the last one wrote would be taken for this one's: the shell may look before it is truncated.
  rm -f "$work"/broken.db*
  : > "$work/out"
  "$shoal" run "$work/good.yaml" --seeds 1..1000000 --store "$work/broken.db" > "$work/out" 2> "$work/err" &
  local child=$! i
  for i in $(seq 600); do
    [ "$(grep -c makespan "$work/out")" -lt 3 ] || break
    sleep 0.1
  done
  kill -s "$1" $child
  wait $child
  status=$?
  same "exit status after SIG$1" $status "$2"
  checks=$((checks + 1))
  grep -q interrupted "$work/err" || fail "SIG$1: not told" "$(cat "$work/err")"
  command -v sqlite3 > /dev/null || return
  local runs
  runs=$(whole "$work/broken.db" 2> "$work/half")
  same "half runs after SIG$1" "$(cat "$work/half")" ""
  same "runs printed and runs stored after SIG$1" "$(grep -c makespan "$work/out")" "$runs"
  [ "$runs" -ge 3 ] || fail "SIG$1: only $runs runs in the store"
}

interrupt INT 130
interrupt TERM 143

# One long run, broken off: nothing of it is kept.
scenario long
sed -i 's/size: 100 kB/size: 20 MB/; s/name: B,/name: B, count: 3000,/' "$work/long.yaml"
timeout --preserve-status -s INT 2 "$shoal" run "$work/long.yaml" --store "$work/long.db" > "$work/out" 2> "$work/err"
status=$?
if grep -q interrupted "$work/err" && command -v sqlite3 > /dev/null; then
  same "runs kept of one that was broken off" "$(count "$work/long.db" runs)" 0
  same "its output" "$(cat "$work/out")" ""
  same "its exit status" $status 130
else
  echo "skipped in part: a run long enough to interrupt (exit $status: $(head -c 300 "$work/err"))"
fi

# A full disk: a limit on file size gives the same errors to every user, a tiny file system to root.
if command -v sqlite3 > /dev/null; then
  (ulimit -f 300; exec "$shoal" run "$work/good.yaml" --seeds 1..2000 --store "$work/full.db" -q) \
    > /dev/null 2> "$work/err"
  status=$?
  same "exit status when a file may not grow" $status 1
  checks=$((checks + 1))
  grep -q "nothing of it is kept" "$work/err" || fail "the limit is not told of" "$(cat "$work/err")"
  whole "$work/full.db" > "$work/count" 2> "$work/half"
  same "half runs when a file may not grow" "$(cat "$work/half")" ""
  mkdir "$work/tiny"
  if mount -t tmpfs -o size=400k tmpfs "$work/tiny" 2> /dev/null; then
    run run "$work/good.yaml" --seeds 1..2000 --store "$work/tiny/full.db" -q
    same "exit status on a full disk" $status 1
    checks=$((checks + 1))
    grep -q "full" "$work/err" || fail "the full disk is not told of" "$(cat "$work/err")"
    same "half runs on a full disk" "$(whole "$work/tiny/full.db" 2>&1 > /dev/null)" ""
    umount "$work/tiny"
  else
    echo "skipped in part: no tiny file system can be mounted here (needs root)"
  fi
fi

echo "$checks checks, $failures failed"
[ $failures = 0 ]
