# Plain rows, the SQLite store, statistics, comparison.
noinst_LTLIBRARIES += results/libresults.la
results_libresults_la_LIBADD = $(SQLITE_LIBS) $(JSON_GLIB_LIBS) $(GIO_LIBS) $(GLIB_LIBS) -lm
results_libresults_la_SOURCES = \
	results/compare.c \
	results/compare.h \
	results/diff-lines.c \
	results/diff.c \
	results/diff.h \
	results/explain-sentence.c \
	results/explain.c \
	results/explain.h \
	results/json-fields.c \
	results/json-fields.h \
	results/pack.c \
	results/pack.h \
	results/query.c \
	results/query.h \
	results/report-cases.c \
	results/report-cases.h \
	results/report-detail.c \
	results/report-detail.h \
	results/report-family.c \
	results/report-family.h \
	results/report-grid.c \
	results/report-grid.h \
	results/report-internal.h \
	results/report-json.c \
	results/report-junit.c \
	results/report-page.c \
	results/report-shown.c \
	results/report-shown.h \
	results/report-swarm.c \
	results/report-swarm.h \
	results/report-text.c \
	results/report.c \
	results/report.h \
	results/rows.c \
	results/rows.h \
	results/runs.c \
	results/runs.h \
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
