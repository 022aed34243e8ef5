# Stretch against the number of peers.
#: p2p
#: SELECT json_extract (v, '$.peers') + 0, json_extract (line, '$.stretch.median'), json_extract (line, '$.stretch.min'),
#:   json_extract (line, '$.stretch.max') FROM study_point WHERE study = 'peers' AND model = 'p2p' ORDER BY 1
set xlabel "peers (logarithmic)"
set ylabel "time / bound"
set logscale x
set yrange [1:1.3]
plot data.".p2p.csv" using 1:2:3:4 with yerrorlines linecolor rgb blue linewidth 3 pointtype 7 \
  title "median, smallest to largest"
