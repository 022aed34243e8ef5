-- A query for each place in slides.md: the line "-- @NAME@", then the query. It may ask the store, the views of
-- views.sql, and `fact`. One value, which is neither empty nor 0, or
-- a table where the name ends in _TABLE.

-- @VERSION@
SELECT value FROM fact WHERE name = 'version';

-- @TWENTY_P2P@
SELECT printf ('%.1f', p2p_s) FROM compare_median WHERE scenario = 'twenty';

-- @TWENTY_SERVER@
SELECT printf ('%,d', round (server_s)) FROM compare_median WHERE scenario = 'twenty';

-- @TWENTY_BOUND@
SELECT printf ('%.1f', bound_s) FROM compare_median WHERE scenario = 'twenty';

-- @TWENTY_STRETCH@
SELECT printf ('%.2f', stretch) FROM compare_median WHERE scenario = 'twenty';

-- @TWENTY_SPEEDUP@
SELECT printf ('%.1f', speedup) FROM compare_median WHERE scenario = 'twenty';

-- @TWENTY_MB@
SELECT printf ('%.1f', value / 1e6) FROM fact WHERE name = 'seed-bytes';

-- @TWENTY_RATE@
SELECT printf ('%d', upload_bytes_per_s / 1000) FROM nodes n JOIN runs r ON r.id = n.run
 WHERE r.scenario = 'twenty' AND n.name = 'L1' LIMIT 1;

-- @TRACKER_RATE@
SELECT printf ('%d', upload_bytes_per_s / 1000) FROM nodes n JOIN runs r ON r.id = n.run
 WHERE r.scenario = 'twenty' AND n.role = 'tracker' LIMIT 1;

-- @TRACKER_KB@
SELECT printf ('%.1f', avg (n.sent_bytes) / 1000) FROM nodes n JOIN runs r ON r.id = n.run
 WHERE r.scenario = 'twenty' AND r.model = 'p2p' AND n.role = 'tracker';

-- @BLOCK_KIB@
SELECT value / 1024 FROM fact WHERE name = 'block';

-- @OVERHEAD@
SELECT printf ('%.1f', 100 - 100.0 * sum (n.payload_sent_bytes) / sum (n.sent_bytes))
  FROM nodes n JOIN runs r ON r.id = n.run WHERE r.scenario = 'twenty' AND r.model = 'p2p';

-- @SEEDER_COPIES@
SELECT printf ('%.2f', avg (n.payload_sent_bytes) / (SELECT value FROM fact WHERE name = 'seed-bytes'))
  FROM nodes n JOIN runs r ON r.id = n.run WHERE r.scenario = 'twenty' AND r.model = 'p2p' AND n.name = 'S';

-- @SERVER_COPIES@
SELECT printf ('%.1f', avg (n.payload_sent_bytes) / (SELECT value FROM fact WHERE name = 'seed-bytes'))
  FROM nodes n JOIN runs r ON r.id = n.run WHERE r.scenario = 'twenty' AND r.model = 'server-client' AND n.name = 'S';

-- @DIGEST@
SELECT substr (trace_sha256, 1, 16) FROM runs WHERE scenario = 'twenty' AND model = 'p2p' AND seed = 1;

-- @TWENTY_CPU_MS@
SELECT printf ('%d', 1000 * avg (cpu_s)) FROM runs WHERE scenario = 'twenty' AND model = 'p2p';

-- @LINES_CORE@
SELECT printf ('%,d', value) FROM fact WHERE name = 'lines-src';

-- @LINES_TABLE@
SELECT folder AS Folder, what AS 'What it holds', printf ('%,d', value) AS Lines FROM
 (SELECT 1 AS n, 'src/' AS folder, 'protocol core: pure' AS what
  UNION SELECT 2, 'sim/', 'virtual time' UNION SELECT 3, 'real/', 'wall clock, UDP, files'
  UNION SELECT 4, 'scenarios/', 'parser, runner, studies' UNION SELECT 5, 'results/', 'store, statistics'
  UNION SELECT 6, 'cli/', 'the command' UNION SELECT 7, 'tests/', 'tests')
 JOIN fact ON name = 'lines-' || replace (folder, '/', '') ORDER BY n;

-- @SCENARIOS@
SELECT value FROM fact WHERE name = 'scenarios';

-- @STUDIES@
SELECT value FROM fact WHERE name = 'studies';

-- @TESTS@
SELECT printf ('%,d', value) FROM fact WHERE name = 'tests';

-- @TEST_PROGRAMS@
SELECT value FROM fact WHERE name = 'test-programs';

-- @RUNS@
SELECT printf ('%,d', count (*)) FROM runs;

-- @RUNS_CPU@
SELECT printf ('%.0f', sum (cpu_s)) FROM runs;

-- @RUNS_VIRTUAL@
SELECT printf ('%,.0f', sum (makespan_ns) / 3.6e12) FROM runs;

-- @EXPECTED@
SELECT printf ('%,d', count (*)) FROM expectations;

-- @MET@
SELECT printf ('%,d', sum (met)) FROM expectations;

-- @EXPECTATIONS_TABLE@
WITH third AS (SELECT (count (*) + 2) / 3 AS n FROM checked)
SELECT a.scenario AS Scenario, a.met AS Met, coalesce (b.scenario, '') AS 'Scenario ', coalesce (b.met, '') AS 'Met ',
       coalesce (c.scenario, '') AS ' Scenario', coalesce (c.met, '') AS ' Met'
  FROM checked a, third LEFT JOIN checked b ON b.number = a.number + third.n
  LEFT JOIN checked c ON c.number = a.number + 2 * third.n WHERE a.number <= third.n ORDER BY a.number;

-- @COMPARISON_TABLE@
SELECT scenario AS Scenario, printf ('%.1f', bound_s) AS 'Bound, s', printf ('%.1f', p2p_s) AS 'P2P, s',
       printf ('%,.1f', server_s) AS 'Server, s', printf ('%.2f', stretch) AS Stretch, printf ('%.1f', speedup) AS 'Speed-up'
  FROM compare_median WHERE speedup IS NOT NULL AND bound_s > 0 AND scenario IN
   ('speed', 'twenty', 'hundred', 'mixed', 'low-upload-seeder', 'several-files', 'home-network', 'leave', 'lossy-1', 'data-centre')
 ORDER BY speedup;

-- @PEERS_MOST@
SELECT printf ('%,d', max (json_extract (v, '$.peers') + 0)) FROM study_point WHERE study = 'peers';

-- @PEERS_SPEEDUP@
SELECT printf ('%.0f', max (json_extract (line, '$.speedup.median'))) FROM study_point WHERE study = 'peers' AND model = 'p2p';

-- @PEERS_STRETCH@
SELECT printf ('%.2f', max (json_extract (line, '$.stretch.median'))) FROM study_point WHERE study = 'peers' AND model = 'p2p';

-- @RIDERS_HONEST@
SELECT printf ('%.0f', json_extract (line, '$.mean_of_L_s.median')) FROM study_point
 WHERE study = 'free-riders' AND json_extract (v, '$.riders') = '60 %' AND json_extract (v, '$.strategy') = 'tit-for-tat';

-- @RIDERS_HONEST_NONE@
SELECT printf ('%.0f', json_extract (line, '$.mean_of_L_s.median')) FROM study_point
 WHERE study = 'free-riders' AND json_extract (v, '$.riders') = '60 %' AND json_extract (v, '$.strategy') = 'none';

-- @RIDERS_FEW@
SELECT printf ('%.0f', json_extract (line, '$.mean_of_L_s.median')) FROM study_point
 WHERE study = 'free-riders' AND json_extract (v, '$.riders') = '0 %' AND json_extract (v, '$.strategy') = 'tit-for-tat';

-- @RIDERS_FEW_NONE@
SELECT printf ('%.0f', json_extract (line, '$.mean_of_L_s.median')) FROM study_point
 WHERE study = 'free-riders' AND json_extract (v, '$.riders') = '0 %' AND json_extract (v, '$.strategy') = 'none';

-- @RIDERS_RIDER@
SELECT printf ('%.0f', json_extract (line, '$.mean_of_rider_s.median')) FROM study_point
 WHERE study = 'free-riders' AND json_extract (v, '$.riders') = '60 %' AND json_extract (v, '$.strategy') = 'tit-for-tat';

-- @RIDERS_RIDER_NONE@
SELECT printf ('%.0f', json_extract (line, '$.mean_of_rider_s.median')) FROM study_point
 WHERE study = 'free-riders' AND json_extract (v, '$.riders') = '60 %' AND json_extract (v, '$.strategy') = 'none';

-- @SEEDER_WORST@
SELECT printf ('%.2f at %s', max (json_extract (line, '$.stretch.median')), json_extract (v, '$.seeder')) FROM study_point
 WHERE study = 'seeder-bandwidth' AND model = 'p2p';

-- @SIZE_FEW@
SELECT printf ('%.1f', json_extract (line, '$.stretch.median')) FROM study_point
 WHERE study = 'file-size' AND model = 'p2p' AND json_extract (v, '$.peers') = '20' AND json_extract (v, '$.blocks') = '1';

-- @SIZE_MANY@
SELECT printf ('%.2f', json_extract (line, '$.stretch.median')) FROM study_point
 WHERE study = 'file-size' AND model = 'p2p' AND json_extract (v, '$.peers') = '20'
 ORDER BY json_extract (v, '$.blocks') + 0 DESC LIMIT 1;

-- @SIZE_MOST@
SELECT printf ('%,d', max (json_extract (v, '$.blocks') + 0)) FROM study_point WHERE study = 'file-size';

-- @CHURN_NONE@
SELECT printf ('%.0f', json_extract (line, '$.mean_of_stay_s.median')) FROM study_point
 WHERE study = 'churn' AND json_extract (v, '$.replaced') = '0';

-- @CHURN_MOST@
SELECT printf ('%.0f', json_extract (line, '$.mean_of_stay_s.median')) FROM study_point
 WHERE study = 'churn' ORDER BY json_extract (v, '$.replaced') + 0 DESC LIMIT 1;

-- @CHURN_REPLACED@
SELECT max (json_extract (v, '$.replaced') + 0) FROM study_point WHERE study = 'churn';

-- @WAIT_DOWNLINK@
SELECT printf ('%.0f', 100 * sum (waited_s) FILTER (WHERE cause = 'downlink') / sum (waited_s)) FROM where_time_went
 WHERE scenario = 'twenty' AND model = 'p2p';
