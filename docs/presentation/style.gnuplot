# What all plots share. kind: svg for the HTML deck, png for slides that take no SVG.
set datafile separator ","
blue = "#0072B2"; orange = "#D55E00"; green = "#009E73"; grey = "#6b7280"; pink = "#CC79A7"; ink = "#1f2937"
if (kind eq "svg") \
  set terminal svg size 640,420 font "DejaVu Sans,16" background "white"; \
else \
  set terminal pngcairo size 1280,840 font "DejaVu Sans,30" linewidth 2.5 background "white"
set output out.".".kind
set border 3 linecolor rgb ink linewidth 1
set tics nomirror textcolor rgb ink
set grid linecolor rgb "#d1d5db" linewidth 0.6
set key top left textcolor rgb ink samplen 2
set style data linespoints
set pointsize 0.9
