# Who waits, when more and more peers give nothing.
#: rows
#: SELECT n.riders + 0, a.honest, t.honest, a.rider, t.rider FROM
#:   (SELECT DISTINCT json_extract (v, '$.riders') AS riders FROM study_point WHERE study = 'free-riders') n
#:   JOIN (SELECT json_extract (v, '$.riders') AS riders, json_extract (line, '$.mean_of_L_s.median') AS honest,
#:     json_extract (line, '$.mean_of_rider_s.median') AS rider FROM study_point
#:     WHERE study = 'free-riders' AND json_extract (v, '$.strategy') = 'none') a ON a.riders = n.riders
#:   JOIN (SELECT json_extract (v, '$.riders') AS riders, json_extract (line, '$.mean_of_L_s.median') AS honest,
#:     json_extract (line, '$.mean_of_rider_s.median') AS rider FROM study_point
#:     WHERE study = 'free-riders' AND json_extract (v, '$.strategy') = 'tit-for-tat') t ON t.riders = n.riders ORDER BY 1
set xlabel "peers that give nothing, %"
set ylabel "mean time of a download, s"
set yrange [0:*]
set key bottom right
plot data.".rows.csv" using 1:5 linecolor rgb orange linewidth 3 pointtype 5 title "riders, tit-for-tat", \
  "" using 1:4 linecolor rgb orange linewidth 2 dashtype 2 pointtype 4 title "riders, no strategy", \
  "" using 1:2 linecolor rgb blue linewidth 2 dashtype 2 pointtype 6 title "who gives, no strategy", \
  "" using 1:3 linecolor rgb blue linewidth 3 pointtype 7 title "who gives, tit-for-tat"
