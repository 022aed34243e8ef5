# Plain rows, the SQLite store, statistics, comparison.
noinst_LTLIBRARIES += results/libresults.la
results_libresults_la_LIBADD = $(SQLITE_LIBS) $(JSON_GLIB_LIBS) $(GLIB_LIBS)
results_libresults_la_SOURCES = \
	results/compare.c \
	results/compare.h \
	results/rows.c \
	results/rows.h \
	results/schema-sql.c \
	results/schema.c \
	results/schema.h \
	results/series-print.c \
	results/series.c \
	results/series.h \
	results/statistics.c \
	results/statistics.h \
	results/store-internal.h \
	results/store-read.c \
	results/store-write.c \
	results/store.c \
	results/store.h \
	results/study.c \
	results/study.h \
	results/table.c \
	results/table.h
