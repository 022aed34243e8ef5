# Speed-up against the number of peers.
#: p2p
#: SELECT json_extract (v, '$.peers') + 0, json_extract (line, '$.speedup.median'), json_extract (line, '$.speedup.min'),
#:   json_extract (line, '$.speedup.max') FROM study_point WHERE study = 'peers' AND model = 'p2p' ORDER BY 1
set xlabel "peers (logarithmic)"
set ylabel "speed-up (logarithmic)"
set logscale xy
set xrange [1:*]
set yrange [1:*]
set key bottom right
plot x with lines linecolor rgb grey linewidth 2 dashtype 2 title "as many times as there are peers", \
  data.".p2p.csv" using 1:2 linecolor rgb blue linewidth 3 pointtype 7 title "P2P against a server"
