# Stretch against the number of blocks.
#: four
#: SELECT json_extract (v, '$.blocks') + 0, json_extract (line, '$.stretch.median') FROM study_point
#:  WHERE study = 'file-size' AND model = 'p2p' AND json_extract (v, '$.peers') = '4' ORDER BY 1
#: twenty
#: SELECT json_extract (v, '$.blocks') + 0, json_extract (line, '$.stretch.median') FROM study_point
#:  WHERE study = 'file-size' AND model = 'p2p' AND json_extract (v, '$.peers') = '20' ORDER BY 1
set xlabel "blocks of the file (logarithmic)"
set ylabel "time / bound (logarithmic)"
set logscale xy
set yrange [0.95:*]
set ytics (1, 1.5, 2, 3, 5, 8)
set key top right
plot data.".twenty.csv" using 1:2 linecolor rgb blue linewidth 3 pointtype 7 title "20 peers", \
  data.".four.csv" using 1:2 linecolor rgb green linewidth 3 pointtype 5 title "4 peers"
