#!/bin/bash
# Differences of stored runs from outside: parameters, text, downloads, and the moment at which runs part.
# Needs the built command and sqlite3.
set -u
. "$(dirname "$0")/checks.sh"
fails_with_output=yes

# --- usage, and stores and runs that are not there ---------------------------------------------------
expect 0 out "--no-replay" diff --help
expect 2 err "expected two runs" diff
expect 2 err "expected two runs" diff 1
expect 2 err "expected two runs" diff 1 2 3
expect 2 err "there is no such store" diff 1 2 --store "$work/none.db"

# --- runs that are the same --------------------------------------------------------------------------
"$shoal" run simple --seeds 1..2 --quiet --store "$db" > "$work/out" || fail "simple" "$(cat "$work/out")"
"$shoal" run simple --quiet --store "$db" > "$work/out" || fail "simple" "$(cat "$work/out")"
expect 2 err "has no run '4'" diff 1 4 --store "$db"
expect 0 out "are the same: parameters, downloads, traces" diff 1 3 --store "$db"
expect 0 out "are the same" diff 1 1 --store "$db"
expect 0 out '"same":true' diff 3 1 --store "$db" --json

# --- runs that differ --------------------------------------------------------------------------------
expect 1 out "seed: 1, then 2" diff 1 2 --store "$db"
grep -q "played again, their traces part" "$work/out" || fail "the traces are not compared" "$(cat "$work/out")"
grep -q "^> [0-9.]* [0-9]* [a-z]" "$work/out" || fail "no line of the traces is told" "$(cat "$work/out")"
expect 1 out "their traces differ" diff 1 2 --store "$db" --no-replay
grep -q "played again" "$work/out" && fail "they were played again all the same" "$(cat "$work/out")"
expect 1 out '"what":"seed","a":"2","b":"1"' diff 2 1 --store "$db" --json

# The moment that is told is the first: before it, both runs have the same events and blocks.
at=$(sed -n 's/.*"parts_at_ns":\([0-9]*\).*/\1/p' "$work/out")
before ()
{
  sqlite3 "$db" "SELECT group_concat (x) FROM (SELECT at_ns || kind || n.name AS x FROM events e JOIN nodes n
    ON n.id = e.node WHERE e.run = $1 AND at_ns < $2 UNION ALL SELECT held_ns || ' ' || block FROM arrivals
    JOIN transfers t ON t.id = transfer WHERE t.run = $1 AND held_ns < $2 ORDER BY x)"
}
same "what happened before" "$(before 1 "$at")" "$(before 2 "$at")"
[ "$(before 1 $((at + 1)))" != "$(before 2 $((at + 1)))" ] || fail "both have the same at $at ns"

# Another text, another strategy, another model; a run of another build.
sed 's/^  - {name: F1, size: 148539 B/  - {name: F1, size: 150000 B/' scenarios/simple.yaml > "$work/simple.yaml"
"$shoal" run "$work/simple.yaml" --quiet --store "$db" > /dev/null 2>&1
"$shoal" run simple --strategy tit-for-tat --model both --quiet --store "$db" > /dev/null 2>&1
expect 1 out "    +    size: 150 kB" diff 1 4 --store "$db"
expect 1 out "strategy: none, then tit-for-tat" diff 1 5 --store "$db"
expect 1 out "model: p2p, then server-client" diff 1 6 --store "$db"
sqlite3 "$db" "UPDATE runs SET program_version = '0.0.1' WHERE id = 2"
expect 1 out "program version: " diff 1 2 --store "$db"
grep -q "played again" "$work/out" && fail "another version's run was played again" "$(cat "$work/out")"
sqlite3 "$db" "UPDATE runs SET trace_sha256 = replace (trace_sha256, 'a', 'b') WHERE id = 3"
expect 1 err "another build of this version" diff 1 3 --store "$db"
"$shoal" run simple --no-recording --quiet --store "$db" > /dev/null
expect 0 out "are the same" diff 1 7 --store "$db"

echo "$checks checks, $failures failures"
[ $failures = 0 ]
