#!/bin/bash
# Parameter studies from outside: they go on after every kind of interruption, give the same however many run at a
# time, tell what is wrong with a file, and the shipped ones do as they say. Needs the built command and sqlite3.
set -u
. "$(dirname "$0")/checks.sh"
fails_with_output=yes

query ()
{
  sqlite3 -cmd '.timeout 10000' "$1" "$2"
}

# What a store says of a study, whatever order its runs came in.
results ()
{
  query "$1" "SELECT point, model, seed, completed, makespan_s, mean_s, stretch, speedup,
    (SELECT trace_sha256 FROM runs WHERE id = run) FROM study_results ORDER BY 1, 2, 3"
}

# study NAME [SIZE] [EXPECT] [DIGIT]: three counts, two strategies, both models, two seeds: 24 runs, of which 6 are shared.
study ()
{
  local expected=${3-'speedup >= ${least}'}
  cat > "$work/$1.yaml" << END
name: $1
description: A study for the tests.
model: both
seeds: 1..2
parameters:
  - name: peers
    values: [2, 3, 4]
    quick: [3]
    with: [{name: least, values: [1.2, 1.5, 2]}]
  - {name: strategy, values: [none, tit-for-tat]}
figures: [speed-up, makespan, mean of L]
scenario:
  name: $1-\${peers}
  strategy: {name: \${strategy}}
  files: [{name: F1, size: ${2-300 kB}, seed: 1}]
  defaults: {upload: 100 kB/s, download: 100 kB/s}
  nodes:
    - {name: A, actions: [{at: 0 s, register: F1}]}
    - {name: L, count: \${peers}${4-}, actions: [{at: 1 s, download: F1}]}
  expect:
    - $expected
END
}

# --- a whole sweep, and that nothing is played twice ------------------------------------------------
study plain
expect 0 out "peers  strategy     model          seeds  " sweep "$work/plain.yaml" -s "$work/a.db" -j 1
cp "$work/out" "$work/table"
same "cells" "$(query "$work/a.db" 'SELECT count (*) FROM study_cells WHERE run IS NOT NULL')" 24
same "runs, server-client once for both strategies" "$(query "$work/a.db" 'SELECT count (*) FROM runs')" 18
same "speed-ups are judged" \
  "$(query "$work/a.db" "SELECT count (*), sum (met) FROM expectations WHERE text LIKE 'speedup%'")" "12|12"
same "values and units" "$(query "$work/a.db" \
  "SELECT group_concat (value || '=' || ifnull (number, '-') || ifnull (unit, '?')) FROM study_values WHERE point = 3")" \
  "3=3.0,tit-for-tat=-?"
expect 0 out "tit-for-tat" sweep "$work/plain.yaml" -s "$work/a.db"
same "runs after a second sweep" "$(query "$work/a.db" 'SELECT count (*) FROM runs')" 18
cmp -s "$work/out" "$work/table" || fail "the second sweep's table differs" "$(diff "$work/out" "$work/table")"
expect 0 err "24 runs, 0 of them to be played" sweep "$work/plain.yaml" -s "$work/a.db" --dry-run
expect 0 out '"values":{"peers":"2","strategy":"none"},"cells":2,"played":2' sweep "$work/plain.yaml" -s "$work/a.db" --table --json
expect 0 out 'peers,strategy,model,seeds,speedup_median,' sweep "$work/plain.yaml" -s "$work/a.db" --table --csv
expect 0 out '| peers | strategy' sweep "$work/plain.yaml" -s "$work/a.db" --table --markdown

# Fresh plays all again, and the newest count.
expect 0 out "tit-for-tat" sweep "$work/plain.yaml" -s "$work/a.db" --fresh
same "runs after --fresh" "$(query "$work/a.db" 'SELECT count (*), (SELECT min (run) > 18 FROM study_cells) FROM runs')" "36|1"

# A value is added: only its runs are played. A run of `shoal run` counts as well.
sed -e 's/\[2, 3, 4\]/[2, 3, 4, 5]/' -e 's/1.5, 2\]/1.5, 2, 2]/' "$work/plain.yaml" > "$work/plain5.yaml"
expect 0 err "32 runs, 6 of them to be played" sweep "$work/plain5.yaml" -s "$work/a.db" --dry-run

# --- the same with one and with two at a time -------------------------------------------------------
expect 0 out "peers" sweep "$work/plain.yaml" -s "$work/two.db" -j 2
same "results with one and with two at a time" "$(results "$work/two.db")" "$(results "$work/a.db")"

# --- quick --------------------------------------------------------------------------------------------
expect 0 err "4 runs, 3 of them" sweep "$work/plain.yaml" -s "$work/q.db" --quick --dry-run
[ -e "$work/q.db" ] && fail "--dry-run made a store"
expect 0 out "3" sweep "$work/plain.yaml" -s "$work/q.db" --quick
same "name of the quick study" "$(query "$work/q.db" 'SELECT group_concat (name) FROM studies')" plain-quick
expect 0 out "peers" sweep "$work/plain.yaml" -s "$work/q.db" --table
same "what the quick one played counts" \
  "$(query "$work/q.db" "SELECT count (run) FROM study_results WHERE study = 'plain'")" 4

# --- interrupted -----------------------------------------------------------------------------------
# wait_for_runs STORE: until it has some.
wait_for_runs ()
{
  local i
  for i in $(seq 200); do
    [ "$(query "$1" 'SELECT count (*) > 2 FROM runs' 2> /dev/null)" = 1 ] && return
    sleep 0.02
  done
  fail "no run was stored in ten seconds"
}

study long "20 MB" "everybody completes" 0 # 20, 30 and 40 peers
expect 0 out "peers" sweep "$work/long.yaml" -s "$work/whole.db"
for signal in KILL INT TERM; do
  "$shoal" sweep "$work/long.yaml" -s "$work/$signal.db" -q -j 1 > "$work/out" 2> "$work/err" &
  pid=$!
  wait_for_runs "$work/$signal.db"
  kill -$signal $pid
  wait $pid 2> /dev/null
  status=$?
  case $signal in KILL) wanted=137 ;; INT) wanted=130 ;; TERM) wanted=143 ;; esac
  same "exit status after $signal" $status $wanted
  [ $signal = KILL ] || grep -q 'the same command goes on from there' "$work/err" ||
    fail "after $signal it does not say how to go on" "$(cat "$work/err")"
  before=$(query "$work/$signal.db" 'SELECT count (*) FROM runs')
  [ "$before" -lt 18 ] || fail "$signal came too late to interrupt anything"
  same "integrity after $signal" "$(query "$work/$signal.db" 'PRAGMA integrity_check')" ok
  same "cells know all runs after $signal" \
    "$(query "$work/$signal.db" "SELECT count (DISTINCT run) + 1 >= $before FROM study_cells")" 1
  expect 0 out "peers" sweep "$work/long.yaml" -s "$work/$signal.db"
  same "nothing was played twice after $signal" "$(query "$work/$signal.db" 'SELECT count (*) FROM runs')" 18
  same "results after $signal" "$(results "$work/$signal.db")" "$(results "$work/whole.db")"
done

# --- what fails does not stop the rest --------------------------------------------------------------
study slow "300 kB" 'makespan <= ${least} s'
expect 1 err "slow: peers 2, strategy none, p2p, seed 1: expected: makespan <= 1.2 s; measured:" sweep \
  "$work/slow.yaml" -s "$work/slow.db"
expect 1 err "12 of 18 runs are not as expected" sweep "$work/slow.yaml" -s "$work/slow2.db"
same "all were played" "$(query "$work/slow.db" 'SELECT count (run) FROM study_cells')" 24

# --- bad files ---------------------------------------------------------------------------------------
# bad NAME WORDS SED...: the plain study, edited, is refused with these words.
bad ()
{
  local words=$1
  shift
  sed "$@" "$work/plain.yaml" > "$work/bad.yaml"
  expect 1 err "$words" sweep "$work/bad.yaml" -s "$work/none.db"
  [ -e "$work/none.db" ] && fail "a bad file made a store: $words" && rm -f "$work/none.db"
}

expect 2 err "there is no study 'peer'; did you mean 'peers'?" sweep peer
expect 2 err "cannot read the study" sweep "$work/missing.yaml"
expect 2 err "which study?" sweep
expect 2 err "one study at a time" sweep peers peers
expect 2 err "--jobs 0: expected" sweep peers --jobs 0
expect 2 err "--table plays nothing" sweep peers --table --fresh
expect 2 err "there is no such store" sweep "$work/plain.yaml" --table -s "$work/none.db"
bad "bad.yaml:5: unknown key 'parametres'; expected one of: name, description" -e 's/^parameters/parametres/'
bad "bad.yaml:14: there is no parameter 'peeers'; there are: peers, least, strategy" -e '/strategy: {/s/strategy}/peeers}/'
bad "bad.yaml:19: nodes[1]: unknown key 'coun'" -e 's/count:/coun:/'
bad "bad.yaml: nodes[1].count: 'two' is not a whole number" -e 's/\[2, 3/[two, 3/'
bad "(with peers two, strategy none)" -e 's/\[2, 3/[two, 3/'
bad "bad.yaml: parameters[0]: '\${peers}' stands nowhere" -e 's/\${peers}/3/' -e 's/speedup.*/makespan <= 99 s/'
bad "parameters[0].with[0]: 'least' has 2 values, but 'peers', with which it goes, has 3" -e 's/1.5, 2\]/2]/'
bad "parameters[0]: quick: '7' is none of the values" -e 's/quick: \[3\]/quick: [7]/'
bad "parameters[0]: the value '3' is there twice" -e 's/\[2, 3, 4\]/[3, 3, 4]/'
bad "parameters[1]: there are two parameters 'peers'" -e 's/name: strategy/name: peers/'
bad "model: 'all' is neither" -e 's/^model: both/model: all/'
bad "seeds: '5..1' is neither" -e 's/1\.\.2/5..1/'
bad "that would be more than 100000 runs" -e 's/1\.\.2/1..99999999/'
bad "figures[0]: there is no figure 'speedup'" -e 's/\[speed-up/[speedup/'
bad "figures[0]: a speed-up needs both models" -e 's/^model: both/model: p2p/'
bad "figures[2]: there is no node or group 'M'" -e 's/mean of L/mean of M/'
bad "x: there is no parameter 'rate'; there are: peers, strategy" -e '1a x: rate'
bad "scenario: it is missing" -e '/^scenario/,$d'
bad "scenario: expected a scenario in the lines below" -e '/^scenario/!b' -e ':a' -e 'n' -e 's/.*//' -e 'ba'

# --- a scenario of its own ----------------------------------------------------------------------------
sed -n '/^scenario:/,$p' "$work/plain.yaml" | sed -e 1d -e 's/^  //' > "$work/template.yaml"
sed -e '/^scenario:/,$d' -e 's/^name: plain/name: apart/' "$work/plain.yaml" > "$work/apart.yaml"
echo "scenario: template.yaml" >> "$work/apart.yaml"
expect 0 err "24 runs, 0 of them to be played" sweep "$work/apart.yaml" -s "$work/a.db" --dry-run
sed -i 's/count:/coun:/' "$work/template.yaml"
expect 1 err "template.yaml:7: nodes[1]: unknown key 'coun'" sweep "$work/apart.yaml" -s "$work/a.db" --dry-run

# --- the manual's example ------------------------------------------------------------------------------
sed -n '/^```yaml/,/^```$/p' docs/studies.md | sed -n -e '/^```$/q' -e '/^```/!p' > "$work/first.yaml"
expect 0 err "first: 36 runs, 27 of them to be played" sweep "$work/first.yaml" --dry-run -s "$work/none.db"

# --- the shipped ones ----------------------------------------------------------------------------------
for file in studies/*.yaml; do
  name=$(basename "$file" .yaml)
  same "name of $file" "$(sed -n 's/^name: //p' "$file")" "$name"
  expect 0 err "to be played" sweep "$name" --dry-run -s "$work/shipped.db"
  expect 0 out "model" sweep "$name" --quick -s "$work/shipped.db"
done
# value STUDY FIGURE LINE: the median of a figure in the line that begins so.
value ()
{
  "$shoal" sweep "$1" --quick --table --csv -q -s "$work/shipped.db" | awk -F, -v figure="$2_median" -v line="$3," '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == figure) column = i }
    index ($0, line) == 1 { print $column }'
}

# larger WHAT A B: A is more than B.
larger ()
{
  checks=$((checks + 1))
  awk "BEGIN { exit !(\"$2\" != \"\" && \"$3\" != \"\" && $2 + 0 > $3 + 0) }" || fail "$1: '$2' is not more than '$3'"
}

larger "more peers, more speed-up" "$(value peers speedup 20,p2p)" "$(value peers speedup 5,p2p)"
larger "a fast seeder is no bottleneck" "$(value seeder-bandwidth makespan_s "25 kB/s,p2p")" \
  "$(value seeder-bandwidth makespan_s "1 MB/s,p2p")"
larger "more blocks, less stretch" "$(value file-size stretch 16,20,p2p)" "$(value file-size stretch 256,20,p2p)"
larger "churn costs" "$(value churn mean_of_stay_s 8,p2p)" "$(value churn mean_of_stay_s 0,p2p)"
tft="60 %,tit-for-tat,p2p" none="60 %,none,p2p"
larger "who gives waits less with tit-for-tat than without" "$(value free-riders mean_of_L_s "$none")" \
  "$(value free-riders mean_of_L_s "$tft")"
larger "who gives waits less than who does not" "$(value free-riders mean_of_rider_s "$tft")" \
  "$(value free-riders mean_of_L_s "$tft")"
same "all shipped studies were played" \
  "$(query "$work/shipped.db" 'SELECT count (*) - count (run) FROM study_cells')" 0

finish
