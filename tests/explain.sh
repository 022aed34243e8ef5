#!/bin/bash
# Explanations of stored runs from outside: they add up, and what cannot be explained is said so. Needs the built
# command and sqlite3.
set -u
. "$(dirname "$0")/checks.sh"

# --- usage, and stores and runs that are not there ---------------------------------------------------
expect 0 out "Examples:" explain --help
expect 2 err "expected a run" explain
expect 2 err "expected a run" explain 1 B C
expect 2 err "there is no such store" explain 1 --store "$work/none.db"
echo text > "$work/text.db"
expect 1 err "is not a shoal store" explain 1 --store "$work/text.db"
expect 0 out "simple" run simple --store "$db"
expect 2 err "it has 1 (simple, p2p, seed 1)" explain 2 --store "$db"
expect 2 err "has no run 'simpel'" explain simpel --store "$db"
expect 2 err "these are: B, C" explain 1 A --store "$db"

# --- what is told ------------------------------------------------------------------------------------
expect 0 out "B was limited by its own downlink for" explain simple --store "$db"
expect 0 out "B was limited by its own downlink for" explain 1 B --store "$db"
grep -q "C, F1" "$work/out" && fail "another node than B is told of" "$(cat "$work/out")"
expect 0 out '"bound_by":"downlink"' explain 1 --store "$db" --json
expect 0 out '"completed":true' run low-upload-seeder --model both --quiet --store "$db" --json
expect 0 out "D was limited by A's uplink for" explain low-upload-seeder --store "$db"
expect 0 out "run 2 (low-upload-seeder, p2p, seed 1)" explain low-upload-seeder --store "$db"
expect 0 out "run 3 (low-upload-seeder, server-client, seed 1)" explain 3 --store "$db"
expect 0 out "run 3 (low-upload-seeder, server-client, seed 1)" explain low-upload-seeder --model server-client --seed 1 --store "$db"
expect 2 err "no run 'low-upload-seeder' (tit-for-tat, seed 2)" explain low-upload-seeder --strategy tit-for-tat --seed 2 --store "$db"
expect 2 err "expected a whole number" explain low-upload-seeder --seed -2 --store "$db"
expect 0 out "20 of 20 downloads" run twenty --quiet --store "$db"
expect 0 out "the 12 slowest of 20" explain twenty --store "$db"

# The parts that are printed add up to the download's time, to the nanosecond.
"$shoal" explain 2 D --store "$db" > "$work/out"
took=$(sed -n 's/^D, F1: done after \(.*\) s$/\1/p' "$work/out")
parts=$(awk '/^  (tracker|handshake|choked|nothing-useful|uplinks|downlink|verification|stall) / {
  for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+$/ && length ($i) - index ($i, ".") == 9) {
    sub (/\./, "", $i); sum += $i } }
  END { printf "%.0f", sum }' "$work/out")
same "the sum of D's parts" "$parts" "$((10#${took/./}))"
same "D's time in the store" "$((10#${took/./}))" \
  "$(sqlite3 "$db" "SELECT end_ns - start_ns FROM transfers WHERE run = 2 AND node = (SELECT id FROM nodes
     WHERE run = 2 AND name = 'D')")"

# --- runs without a record ---------------------------------------------------------------------------
expect 0 out "simple" run simple --seed 2 --no-recording --store "$db"
expect 1 err "was not recorded" explain 5 --store "$db"
same "rows of a run that is not recorded" "$(sqlite3 "$db" "SELECT (SELECT count (*) FROM waits) FROM transfers
  JOIN waits ON waits.transfer = transfers.id WHERE run = 5")" ""

# --- names from strangers ----------------------------------------------------------------------------
sqlite3 "$db" "UPDATE nodes SET name = char (27) || '[31mB' WHERE run = 1 AND name = 'B'"
"$shoal" explain 1 --store "$db" | grep -q $'\e' && fail "a name's control characters reach the terminal"
"$shoal" explain 1 X --store "$db" 2>&1 | grep -q $'\e' && fail "they reach it in an error"

echo "$checks checks, $failures failures"
[ $failures = 0 ]
