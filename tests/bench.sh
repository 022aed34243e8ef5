#!/bin/bash
# Plays the scenarios that figures are promised for, in virtual time, and prints each figure with its
# target. Figures are told, not judged: the exit status is 0 unless a run fails.
#
#   tests/bench.sh [--quick] [--markdown]      or: make bench BENCH_FLAGS=--quick
#
# --quick leaves out ten-thousand (one to two minutes), all seeds of thousand but three, and all random mixes but forty of
# two hundred (one to two minutes). top_builddir names the folder with the built command (default: the current
# one). Needs the sqlite3 command.
set -u

quick=no mode=column mixes=200 big_seeds=10
for word in "$@"; do
  case $word in
    --quick) quick=yes mixes=40 big_seeds=3 ;;
    --markdown) mode=markdown ;;
    *) echo "usage: tests/bench.sh [--quick] [--markdown]" >&2; exit 2 ;;
  esac
done
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-.}" && pwd)/shoal
seeds=10
[ -x "$shoal" ] || { echo "bench: $shoal is not built" >&2; exit 1; }
command -v sqlite3 > /dev/null || { echo "bench: needs sqlite3 (apt-get install sqlite3)" >&2; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8

# play COUNT SCENARIO OPTION...: adds the runs to $work/runs, one JSON object a line; there must be COUNT. SCENARIO is a
# shipped one, or a file. A process each, so that the largest memory is the scenario's own, and one run at a time, so
# that they do not slow each other down.
play ()
{
  local count=$1 scenario=$2
  shift 2
  echo "bench: playing $scenario${*:+ $*}" >&2
  case $scenario in */*) ;; *) scenario=$top/scenarios/$scenario.yaml ;; esac
  # Whether the scenario's own expectations are met (status 1) is not the question here.
  "$shoal" run "$scenario" --json --quiet --jobs 1 "$@" > "$work/new" 2> "$work/messages"
  if [ "$(wc -l < "$work/new")" != "$count" ]; then
    cat "$work/messages" >&2
    echo "bench: $scenario: not every run came to its end" >&2
    exit 1
  fi
  cat "$work/new" >> "$work/runs"
}

play $((2 * seeds)) simple --model both --seeds 1..$seeds
play $((2 * seeds)) speed --model both --seeds 1..$seeds
play $((2 * seeds)) twenty --model both --seeds 1..$seeds
for scenario in hundred slow-seeder eight mixed lossy-1 lossy-5 churn; do
  play $seeds $scenario --seeds 1..$seeds
done
# The same without those who crash and those who come.
sed 's/^name: churn$/name: no-churn/; /pick: 4/d; /^actions:$/d' "$top/scenarios/churn.yaml" > "$work/no-churn.yaml"
play $seeds "$work/no-churn.yaml" --seeds 1..$seeds
for scenario in speed twenty hundred mixed contention uploader-drops; do
  play $seeds $scenario --seeds 1..$seeds --strategy tit-for-tat
done
play $big_seeds thousand --seeds 1..$big_seeds
[ $quick = yes ] || play 1 ten-thousand
echo "bench: playing $mixes random mixes" >&2
top_builddir=$(dirname "$shoal") "$top/tests/mixes.sh" "$mixes" > "$work/mixes" || exit 1

# Means over the seeds, and in brackets the worst. Of thousand, the play with the middle CPU time. A figure that was not
# measured (NULL) is left out.
sqlite3 -batch -bail :memory: << END
CREATE TABLE runs (line TEXT);
CREATE TABLE mixes (name TEXT, stretch REAL);
.mode ascii
.separator "\037" "\n"
.import $work/runs runs
.separator "\t" "\n"
.import $work/mixes mixes
CREATE TABLE p2p AS SELECT line,
  json_extract (line, '\$.scenario') || CASE json_extract (line, '\$.strategy')
    WHEN 'tit-for-tat' THEN ', tit-for-tat' ELSE '' END AS scenario, json_extract (line, '\$.stretch') AS stretch,
  json_extract (line, '\$.seed') AS seed,
  json_extract (line, '\$.speedup') AS speedup, json_extract (line, '\$.blocks') AS blocks,
  json_extract (line, '\$.cpu_s') AS cpu_s, json_extract (line, '\$.max_rss_bytes') AS rss_bytes
  FROM runs WHERE json_extract (line, '\$.model') = 'p2p';
CREATE VIEW thousand AS SELECT * FROM p2p WHERE scenario = 'thousand' ORDER BY cpu_s
  LIMIT 1 OFFSET (SELECT count (*) / 2 FROM p2p WHERE scenario = 'thousand');
CREATE TABLE nodes AS SELECT p2p.rowid AS run, seed, scenario, value AS node, json_extract (value, '\$.name') AS name
  FROM p2p, json_each (line, '\$.nodes') WHERE scenario NOT LIKE '%thousand%';
CREATE TABLE downloads AS SELECT run, seed, scenario, name, json_extract (value, '\$.bytes') AS bytes,
  json_extract (node, '\$.download_bytes_per_s') AS line_bytes_per_s,
  json_extract (value, '\$.end_s') - json_extract (value, '\$.start_s') AS took_s
  FROM nodes, json_each (node, '\$.downloads') WHERE json_extract (value, '\$.status') = 'done';
CREATE VIEW sent AS SELECT run, scenario, sum (json_extract (node, '\$.sent_bytes')) AS bytes
  FROM nodes GROUP BY run;
CREATE VIEW expected AS SELECT scenario, json_extract (value, '\$.text') AS text,
  json_extract (value, '\$.measured') AS measured FROM p2p, json_each (line, '\$.expectations');
CREATE TABLE figures (what, sign, target, worst_target, shape, value, worst);
INSERT INTO figures
  SELECT 'stretch, ' || f.column1, '<=', f.column2, f.column3, '%.3f', avg (stretch), max (stretch)
    FROM (VALUES ('speed', 1.02, 1.03), ('twenty', 1.04, 1.06), ('hundred', 1.06, 1.08), ('thousand', 1.08, 1.12),
                 ('slow-seeder', 1.03, NULL), ('eight', 1.06, NULL), ('lossy-1', 1.10, NULL),
                 ('lossy-5', 1.25, NULL), ('speed, tit-for-tat', 1.02, 1.03), ('twenty, tit-for-tat', 1.04, 1.06),
                 ('hundred, tit-for-tat', 1.06, 1.08)) f
    JOIN p2p ON scenario = f.column1 GROUP BY f.column1 ORDER BY p2p.rowid;
INSERT INTO figures
  SELECT 'stretch, ' || count (*) || ' random mixes', '<=', 1.08, 1.20, '%.3f', avg (stretch), max (stretch) FROM mixes;
INSERT INTO figures
  SELECT 'each leecher against its own bound, ' || scenario, '<=', 1.10, NULL, '%.3f', avg (share), max (share)
    FROM (SELECT scenario, took_s / max (bytes * 1.0 / line_bytes_per_s, bytes / 200000.0) AS share
            FROM downloads WHERE scenario LIKE 'mixed%') GROUP BY scenario;
INSERT INTO figures
  SELECT 'mean download of those who stay, churn over no churn', '<=', 1.15, NULL, '%.3f', avg (ratio), max (ratio)
    FROM (SELECT c.mean_s / n.mean_s AS ratio
            FROM (SELECT seed, avg (took_s) AS mean_s FROM downloads WHERE scenario = 'churn' AND name LIKE 'stay%'
                   GROUP BY seed) c
            JOIN (SELECT seed, avg (took_s) AS mean_s FROM downloads WHERE scenario = 'no-churn' AND name LIKE 'stay%'
                   GROUP BY seed) n USING (seed));
INSERT INTO figures
  SELECT 'free rider over contributor, contention', '>=', 1.3, NULL, '%.2f', avg (ratio), min (ratio)
    FROM (SELECT avg (took_s) FILTER (WHERE name LIKE 'rider%') / avg (took_s) FILTER (WHERE name LIKE 'L%') AS ratio
            FROM downloads WHERE scenario = 'contention, tit-for-tat' GROUP BY run);
-- Of four equal sources one gave a quarter; its line falls to a tenth. The periods of choking are 10 s.
INSERT INTO figures
  SELECT 'share of one of four uploaders after it fell to a tenth', '<=', 10, NULL, '%.1f %%',
         avg (CAST (measured AS REAL)), max (CAST (measured AS REAL))
    FROM expected WHERE scenario LIKE 'uploader-drops%' AND text LIKE '%between drop + 20 s and recovery';
INSERT INTO figures
  SELECT 'speed-up, ' || scenario, '>=', iif (scenario = 'speed', 3.8, 18), NULL, '%.2f', avg (speedup), min (speedup)
    FROM p2p WHERE scenario IN ('speed', 'twenty') GROUP BY scenario;
INSERT INTO figures
  SELECT 'download over F / 100 kB/s, simple', '<=', 1.05, NULL, '%.3f', avg (took_s / (bytes / 100000.0)),
         max (took_s / (bytes / 100000.0)) FROM downloads WHERE scenario = 'simple';
INSERT INTO figures
  SELECT 'overhead of all bytes sent, speed', '<=', 2, NULL, '%.2f %%', avg (share), max (share)
    FROM (SELECT 100.0 * (s.bytes - (SELECT sum (d.bytes) FROM downloads d WHERE d.run = s.run)) / s.bytes AS share
            FROM sent s WHERE scenario = 'speed');
INSERT INTO figures VALUES
  ('blocks per CPU second, thousand', '>=', 100000, NULL, '%,d',
   (SELECT CAST (blocks / cpu_s AS INTEGER) FROM thousand), NULL),
  ('CPU time, ten-thousand', '<=', 120, NULL, '%.1f s',
   (SELECT cpu_s FROM p2p WHERE scenario = 'ten-thousand' AND json_extract (line, '\$.completed')), NULL),
  ('memory, ten-thousand', '<=', 6, NULL, '%.2f GB',
   (SELECT rss_bytes / 1e9 FROM p2p WHERE scenario = 'ten-thousand' AND json_extract (line, '\$.completed')), NULL),
  ('CPU time per block, ten-thousand over thousand', '<=', 2, NULL, '%.2f',
   (SELECT (a.cpu_s / a.blocks) / (b.cpu_s / b.blocks) FROM p2p a, thousand b
    WHERE a.scenario = 'ten-thousand' AND json_extract (a.line, '\$.completed')), NULL);
.mode $mode
.headers on
SELECT what AS figure, sign || ' ' || printf (shape, target)
    || CASE WHEN worst_target IS NULL THEN '' ELSE ' (' || printf (shape, worst_target) || ')' END AS target,
  printf (shape, value) || CASE WHEN worst IS NULL THEN '' ELSE ' (' || printf (shape, worst) || ')' END AS measured,
  CASE WHEN iif (sign = '<=', value <= target AND (worst_target IS NULL OR worst <= worst_target), value >= target)
    THEN 'yes' ELSE 'no' END AS reached
  FROM figures WHERE value IS NOT NULL;
END
status=$?
[ $status = 0 ] || exit 1

processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2> /dev/null | head -n 1)
ten_thousand=", memory and time of ten-thousand of seed 1"
[ $quick = no ] || ten_thousand=
echo
echo "Means over seeds 1 to $seeds (thousand: $big_seeds), in brackets the worst. CPU times are of one
thread${processor:+ of $processor}${ten_thousand}."
exit 0
