# What those who stay suffer.
#: rows
#: SELECT json_extract (v, '$.replaced') + 0, json_extract (line, '$.mean_of_stay_s.median'),
#:   json_extract (line, '$.mean_of_stay_s.min'), json_extract (line, '$.mean_of_stay_s.max') FROM study_point
#:  WHERE study = 'churn' ORDER BY 1
set xlabel "peers, of forty, that are replaced every ten seconds"
set ylabel "mean time of who stays, s"
set yrange [0:*]
set key bottom right
plot data.".rows.csv" using 1:2:3:4 with yerrorlines linecolor rgb blue linewidth 3 pointtype 7 \
  title "median, smallest to largest"
