# What passes the uplinks in every two seconds of twenty peers and of the seeder, against time.
#: peers
#: SELECT avg (s.start_ns + s.length_ns / 2) / 1e9, sum (s.sent_bytes) * 1e6 / sum (s.length_ns) FROM samples s
#:   JOIN nodes n ON n.id = s.node JOIN runs r ON r.id = n.run
#:  WHERE r.scenario = 'twenty' AND r.model = 'p2p' AND r.seed = 1 AND n.name LIKE 'L%' GROUP BY s.start_ns / 2000000000 ORDER BY 1
#: seeder
#: SELECT avg (s.start_ns + s.length_ns / 2) / 1e9, sum (s.sent_bytes) * 1e6 / sum (s.length_ns) FROM samples s
#:   JOIN nodes n ON n.id = s.node JOIN runs r ON r.id = n.run
#:  WHERE r.scenario = 'twenty' AND r.model = 'p2p' AND r.seed = 1 AND n.name = 'S' GROUP BY s.start_ns / 2000000000 ORDER BY 1
set xlabel "time, s"
set ylabel "sent, kB/s"
set yrange [0:115]
set key bottom center
plot data.".peers.csv" using 1:2 with lines linecolor rgb blue linewidth 3 title "a peer, on average", \
  data.".seeder.csv" using 1:2 with lines linecolor rgb orange linewidth 2 title "the seeder"
