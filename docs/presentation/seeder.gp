# Stretch against the seeder's rate.
#: rows
#: SELECT x.number / 1000, json_extract (p.line, '$.stretch.median'), json_extract (p.line, '$.stretch.min'),
#:   json_extract (p.line, '$.stretch.max') FROM study_point p
#:   JOIN (SELECT DISTINCT value, number FROM study_values WHERE parameter = 'seeder') x
#:     ON x.value = json_extract (p.v, '$.seeder')
#:  WHERE p.study = 'seeder-bandwidth' AND p.model = 'p2p' ORDER BY 1
set xlabel "the seeder's uplink, kB/s (logarithmic); peers have 100"
set ylabel "time / bound"
set logscale x
set yrange [1:1.4]
plot data.".rows.csv" using 1:2:3:4 with yerrorlines linecolor rgb blue linewidth 3 pointtype 7 \
  title "median, smallest to largest"
