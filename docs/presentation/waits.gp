# Where the time of downloads went.
#: shares
#: SELECT scenario, 100 * sum (waited_s) FILTER (WHERE cause = 'downlink') / sum (waited_s),
#:   100 * sum (waited_s) FILTER (WHERE cause = 'uplinks') / sum (waited_s),
#:   100 * coalesce (sum (waited_s) FILTER (WHERE cause NOT IN ('downlink', 'uplinks')), 0) / sum (waited_s)
#:   FROM where_time_went WHERE model = 'p2p' AND scenario IN ('speed', 'twenty', 'mixed') GROUP BY scenario
set style data histograms
set style histogram rowstacked
set style fill solid 1 noborder
set boxwidth 0.6
set ylabel "of the downloads' time, %"
set yrange [0:100]
set key outside top center vertical maxrows 3
set grid noxtics
plot data.".shares.csv" using 2:xtic(1) linecolor rgb blue title "own downlink full", \
  "" using 3 linecolor rgb orange title "others' uplinks full", \
  "" using 4 linecolor rgb grey title "everything else"
