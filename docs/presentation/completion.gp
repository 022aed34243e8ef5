# How many of twenty peers have the file, against time.
#: p2p
#: SELECT t.end_ns / 1e9, row_number () OVER (ORDER BY t.end_ns) FROM transfers t JOIN runs r ON r.id = t.run
#:  WHERE r.scenario = 'twenty' AND r.model = 'p2p' AND r.seed = 1 AND t.status = 'done' ORDER BY 1
#: server
#: SELECT t.end_ns / 1e9, row_number () OVER (ORDER BY t.end_ns) FROM transfers t JOIN runs r ON r.id = t.run
#:  WHERE r.scenario = 'twenty' AND r.model = 'server-client' AND r.seed = 1 AND t.status = 'done' ORDER BY 1
#: bound
#: SELECT (bound_ns + (SELECT min (start_ns) FROM transfers t WHERE t.run = r.id)) / 1e9 FROM runs r
#:  WHERE r.scenario = 'twenty' AND r.model = 'p2p' AND r.seed = 1
stats data.".bound.csv" using 1 nooutput
set xlabel "time, s (logarithmic)"
set ylabel "peers that have the file"
set logscale x
set yrange [0:21]
set xrange [50:1500]
set key bottom right
set arrow from STATS_min, graph 0 to STATS_min, graph 1 nohead linecolor rgb grey linewidth 2 dashtype 2
plot data.".p2p.csv" using 1:2 with steps linecolor rgb blue linewidth 3 title "P2P", \
  data.".server.csv" using 1:2 with steps linecolor rgb orange linewidth 3 title "server-client", \
  NaN linecolor rgb grey linewidth 2 dashtype 2 with lines title "bound"
