#!/bin/bash
# Plays the scenarios that figures are promised for, in virtual time, and prints each figure with its
# target. Figures are told, not judged: the exit status is 0 unless a run fails.
#
#   tests/bench.sh [--quick] [--markdown]      or: make bench BENCH_FLAGS=--quick
#
# --quick leaves out ten-thousand (one to two minutes). top_builddir names the folder with the built
# command (default: the current one). Needs the sqlite3 command.
set -u

quick=no mode=column
for word in "$@"; do
  case $word in
    --quick) quick=yes ;;
    --markdown) mode=markdown ;;
    *) echo "usage: tests/bench.sh [--quick] [--markdown]" >&2; exit 2 ;;
  esac
done
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-.}" && pwd)/shoal
seeds=5
[ -x "$shoal" ] || { echo "bench: $shoal is not built" >&2; exit 1; }
command -v sqlite3 > /dev/null || { echo "bench: needs sqlite3 (apt-get install sqlite3)" >&2; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8

# play COUNT SCENARIO OPTION...: adds the runs to $work/runs, one JSON object a line; there must be COUNT,
# all with every download done. A process each, so that the largest memory is the scenario's own, and one
# run at a time, so that they do not slow each other down.
play ()
{
  local count=$1 scenario=$2
  shift 2
  echo "bench: playing $scenario${*:+ $*}" >&2
  # Whether the scenario's own expectations are met (status 1) is not the question here.
  "$shoal" run "$top/scenarios/$scenario.yaml" --json --quiet --jobs 1 "$@" \
    > "$work/new" 2> "$work/messages"
  if [ "$(grep -c '"completed":true' "$work/new")" != "$count" ]; then
    cat "$work/messages" >&2
    echo "bench: $scenario: not every run came to its end" >&2
    exit 1
  fi
  cat "$work/new" >> "$work/runs"
}

play $((2 * seeds)) simple --model both --seeds 1..$seeds
play $((2 * seeds)) speed --model both --seeds 1..$seeds
play $((2 * seeds)) twenty --model both --seeds 1..$seeds
play $seeds hundred --seeds 1..$seeds
for _ in 1 2 3; do
  play 1 thousand
done
[ $quick = yes ] || play 1 ten-thousand

# The worst of the seeds counts; of the plays of thousand, which take different time only, the middle one. A figure that was not measured (NULL) is left out.
sqlite3 -batch -bail :memory: << END
CREATE TABLE runs (line TEXT);
.mode ascii
.separator "\037" "\n"
.import $work/runs runs
CREATE TABLE p2p AS SELECT line,
  json_extract (line, '\$.scenario') AS scenario, json_extract (line, '\$.stretch') AS stretch,
  json_extract (line, '\$.speedup') AS speedup, json_extract (line, '\$.blocks') AS blocks,
  json_extract (line, '\$.cpu_s') AS cpu_s, json_extract (line, '\$.max_rss_bytes') AS rss_bytes
  FROM runs WHERE json_extract (line, '\$.model') = 'p2p';
CREATE VIEW thousand AS SELECT * FROM p2p WHERE scenario = 'thousand' ORDER BY cpu_s LIMIT 1 OFFSET 1;
CREATE VIEW nodes AS SELECT p2p.rowid AS run, scenario, value AS node FROM p2p, json_each (line, '\$.nodes');
CREATE VIEW downloads AS SELECT run, scenario, json_extract (value, '\$.bytes') AS bytes,
  json_extract (value, '\$.end_s') - json_extract (value, '\$.start_s') AS took_s
  FROM nodes, json_each (node, '\$.downloads');
CREATE VIEW sent AS SELECT run, scenario, sum (json_extract (node, '\$.sent_bytes')) AS bytes
  FROM nodes GROUP BY run;
CREATE TABLE figures (what, sign, target, shape, value);
INSERT INTO figures VALUES
  ('stretch, speed', '<=', 1.05, '%.3f', (SELECT max (stretch) FROM p2p WHERE scenario = 'speed')),
  ('stretch, twenty', '<=', 1.10, '%.3f', (SELECT max (stretch) FROM p2p WHERE scenario = 'twenty')),
  ('stretch, hundred', '<=', 1.15, '%.3f', (SELECT max (stretch) FROM p2p WHERE scenario = 'hundred')),
  ('speed-up, speed', '>=', 3.8, '%.2f', (SELECT min (speedup) FROM p2p WHERE scenario = 'speed')),
  ('speed-up, twenty', '>=', 18, '%.2f', (SELECT min (speedup) FROM p2p WHERE scenario = 'twenty')),
  ('slowest download over F / 100 kB/s, simple', '<=', 1.05, '%.3f',
   (SELECT max (took_s / (bytes / 100000.0)) FROM downloads WHERE scenario = 'simple')),
  ('overhead of all bytes sent, speed', '<=', 2, '%.2f %%',
   (SELECT max (100.0 * (s.bytes - (SELECT sum (d.bytes) FROM downloads d WHERE d.run = s.run)) / s.bytes)
    FROM sent s WHERE scenario = 'speed')),
  ('blocks per CPU second, thousand', '>=', 100000, '%,d',
   (SELECT CAST (blocks / cpu_s AS INTEGER) FROM thousand)),
  ('CPU time, ten-thousand', '<=', 120, '%.1f s', (SELECT cpu_s FROM p2p WHERE scenario = 'ten-thousand')),
  ('memory, ten-thousand', '<=', 6, '%.2f GB',
   (SELECT rss_bytes / 1e9 FROM p2p WHERE scenario = 'ten-thousand')),
  ('CPU time per block, ten-thousand over thousand', '<=', 2, '%.2f',
   (SELECT (a.cpu_s / a.blocks) / (b.cpu_s / b.blocks) FROM p2p a, thousand b
    WHERE a.scenario = 'ten-thousand'));
.mode $mode
.headers on
SELECT what AS figure, sign || ' ' || printf (shape, target) AS target, printf (shape, value) AS measured,
  CASE WHEN iif (sign = '<=', value <= target, value >= target) THEN 'yes' ELSE 'no' END AS reached
  FROM figures WHERE value IS NOT NULL;
END
status=$?
[ $status = 0 ] || exit 1

processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2> /dev/null | head -n 1)
echo
echo "simple, speed, twenty and hundred: the worst of seeds 1 to $seeds. The others: seed 1; thousand: the middle one
of three plays. CPU times are of one thread${processor:+ of $processor}."
exit 0
