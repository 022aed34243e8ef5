-- Views for places.sql and the plots: medians as `shoal compare` and `shoal sweep` reckon them.
CREATE TEMP VIEW compare_median AS
SELECT json_extract (line, '$.scenario') AS scenario, json_extract (line, '$.strategy') AS strategy,
       json_extract (line, '$.seeds') AS seeds,
       json_extract (line, '$.bound_s.median') AS bound_s, json_extract (line, '$.p2p_makespan_s.median') AS p2p_s,
       json_extract (line, '$.server_client_makespan_s.median') AS server_s,
       json_extract (line, '$.stretch.median') AS stretch, json_extract (line, '$.speedup.median') AS speedup
  FROM compared;

CREATE TEMP VIEW study_point AS
SELECT replace (json_extract (line, '$.study'), '-quick', '') AS study, json_extract (line, '$.model') AS model,
       json_extract (line, '$.values') AS v, line
  FROM series;

-- Scenarios that were played by themselves, with what was expected of them in both models.
CREATE TEMP VIEW checked AS
WITH own AS (SELECT * FROM runs WHERE id NOT IN (SELECT run FROM study_cells WHERE run IS NOT NULL)),
judged AS (SELECT o.scenario,
                  sum ((SELECT count (*) FROM expectations e WHERE e.run = o.id)) AS expected,
                  sum ((SELECT sum (met) FROM expectations e WHERE e.run = o.id)) AS met
             FROM own o GROUP BY o.scenario)
SELECT row_number () OVER (ORDER BY scenario) AS number, scenario, met || ' of ' || expected AS met FROM judged;
