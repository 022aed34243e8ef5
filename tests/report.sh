#!/bin/bash
# What `shoal report` writes, and its page in a headless browser. Needs the built command, sqlite3 and xmllint; for the page
# Chromium, Node.js, and playwright-core, which `npm ci` in tests/report installs (or SHOAL_NODE_MODULES says where).
set -u
. "$(dirname "$0")/checks.sh"

# report NAME OPTION...: a page from the store of that name.
report ()
{
  "$shoal" report --store "$work/$1.sqlite" -o "$work/$1.html" "${@:2}" 2> "$work/$1.err" || fail "report on $1: $(cat "$work/$1.err")"
}

play ()
{
  "$shoal" run "${@:2}" --store "$work/$1.sqlite" --quiet > "$work/$1.out" 2>&1
}

# A name that is markup, a script and a trap, put in where the command would not let it in.
hostile="\"'<b>x</b>&|</script><script>window.hit=1</script><img src=x onerror=window.hit=1>$(printf '\u202e\u2028')end"

make_stores ()
{
  play plain simple speed twenty crash-and-return --model both --seeds 1..2
  play empty simple
  sqlite3 "$work/empty.sqlite" 'PRAGMA foreign_keys = ON; DELETE FROM runs'
  play one-model speed --model p2p
  play unfinished churn --model both
  play unrecorded twenty --no-recording --strategy none,tit-for-tat
  "$shoal" sweep "$top/studies/peers.yaml" --quick --store "$work/study.sqlite" --quiet > "$work/study.out" 2>&1
  cp "$work/one-model.sqlite" "$work/hostile.sqlite"
  sqlite3 "$work/hostile.sqlite" << END
UPDATE runs SET scenario = '${hostile//\'/\'\'}', resolved = replace (resolved, 'One seeder', '${hostile//[\'\"]/}');
UPDATE nodes SET name = '${hostile//\'/\'\'}' WHERE name = 'L1';
UPDATE transfers SET file = '${hostile//\'/\'\'}';
UPDATE expectations SET text = '${hostile//\'/\'\'}', measured = text, met = 0;
UPDATE transfers SET status = 'failed', reason = '${hostile//\'/\'\'}', end_ns = NULL WHERE id = 2;
END
}

# As version 1 of the schema left it, with nothing that came later.
make_older ()
{
  sed -n '/^static const char version_1/,/^static const char version_2/p' "$top/results/schema-sql.c" |
    sed -n 's/^ *"\(.*\)\\n".*$/\1/p' | sed 's/\\"/"/g' | sqlite3 "$work/older.sqlite"
  sqlite3 "$work/older.sqlite" << END
ATTACH '$work/one-model.sqlite' AS new;
INSERT INTO runs SELECT id, scenario, resolved, backend, model, seed, program_version, started_unix_s, wall_s, cpu_s,
  max_rss_bytes, makespan_ns, mean_ns, bound_ns, leechers, blocks, events, trace_sha256, completed FROM new.runs;
INSERT INTO nodes SELECT * FROM new.nodes;
INSERT INTO transfers SELECT * FROM new.transfers;
INSERT INTO samples SELECT * FROM new.samples;
END
}

check_formats ()
{
  local db=$work/plain.sqlite
  "$shoal" report --store "$db" --format json -o "$work/plain.json" 2> /dev/null || fail "--format json fails"
  sqlite3 :memory: "SELECT json_valid (CAST (readfile ('$work/plain.json') AS TEXT))" | grep -qx 1 || fail "--format json is no JSON"
  [ "$("$shoal" report --store "$db" --format csv | wc -l)" = 17 ] || fail "--format csv: not one line per run"
  "$shoal" report speed --store "$db" --format markdown | grep -q '^| speed  *| P2P' || fail "--format markdown lacks a table"
  "$shoal" report --store "$db" --format csv --junit "$work/junit.xml" > /dev/null || fail "--junit: all is met, but it failed"
  "$shoal" report --store "$work/hostile.sqlite" --format csv --junit "$work/hostile.xml" > /dev/null 2>&1
  [ $? = 1 ] || fail "--junit: not everything is met, but it does not fail"
  if command -v xmllint > /dev/null; then
    xmllint --noout "$work/junit.xml" "$work/hostile.xml" || fail "JUnit XML is not well-formed"
    [ "$(xmllint --xpath 'count(//testsuite)' "$work/junit.xml")" = 16 ] || fail "JUnit XML: not a suite per run"
  fi
}

# What the page must say, from the store itself: medians over the two seeds.
write_figures ()
{
  sqlite3 -separator $'\t' "$work/plain.sqlite" "SELECT scenario, avg (speedup), avg (stretch), avg (p2p_makespan_s),
    avg (server_client_makespan_s) FROM comparison WHERE speedup IS NOT NULL GROUP BY scenario" > "$work/plain.tsv"
  for run in $(sqlite3 "$work/plain.sqlite" 'SELECT id FROM runs'); do
    "$shoal" explain "$run" --store "$work/plain.sqlite"
  done > "$work/explain.txt" 2>&1
  sqlite3 "$work/study.sqlite" "SELECT speedup FROM study_results WHERE speedup IS NOT NULL ORDER BY point" > "$work/study.tsv"
  sqlite3 -separator $'\t' "$work/plain.sqlite" "SELECT t.run, sum (coalesce (t.end_ns, 0) - t.start_ns) FROM transfers t
    JOIN runs r ON r.id = t.run WHERE NOT EXISTS (SELECT 1 FROM transfers u WHERE u.run = r.id AND u.end_ns IS NULL)
    GROUP BY t.run" > "$work/waits.tsv"
}

can_browse ()
{
  [ -z "${SHOAL_SKIP_BUILD_MATRIX-}" ] || { echo "the page is looked at in the plain build only"; return 1; }
  command -v node > /dev/null || { echo "there is no Node.js: the page is not looked at"; return 1; }
  [ -x /usr/bin/chromium ] || [ -x /usr/bin/chromium-browser ] || { echo "there is no Chromium: the page is not looked at"; return 1; }
  [ -d "${SHOAL_NODE_MODULES-tests/report/node_modules}/playwright-core" ] ||
    { echo "there is no playwright-core (npm ci in tests/report): the page is not looked at"; return 1; }
}

make_stores
make_older
for name in plain empty one-model unfinished unrecorded study hostile older; do
  report $name
done
check_formats
write_figures
if ! can_browse; then
  [ $failures = 0 ] && exit 77
  exit 1
fi
HOME=$work node tests/report/page.js "$work" || fail "the page"
if [ -n "${SHOAL_KEEP_PICTURES-}" ]; then
  cp "$work"/*.png "$work"/*.pdf "$work"/*.html "$SHOAL_KEEP_PICTURES"
fi
[ $failures = 0 ]
