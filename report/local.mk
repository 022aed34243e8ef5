# The page that `shoal report` writes: its source is built into the program as a resource, with D3.
report_files = \
	report/js/base.js \
	report/js/chart.js \
	report/js/chokes.js \
	report/js/completion.js \
	report/js/figure.js \
	report/js/format.js \
	report/js/heatmap.js \
	report/js/links.js \
	report/js/main.js \
	report/js/scenario.js \
	report/js/series.js \
	report/js/sources.js \
	report/js/spread.js \
	report/js/studies.js \
	report/js/summary.js \
	report/js/unpack.js \
	report/js/waits.js \
	report/page.html \
	report/replay/draw.js \
	report/replay/layout.js \
	report/replay/model.js \
	report/replay/replay.js \
	report/replay/words.js \
	report/report.gresource.xml \
	report/scripts.txt \
	report/style.css

EXTRA_DIST += $(report_files)
CLEANFILES += report/page-resource.c
nodist_results_libresults_la_SOURCES = report/page-resource.c

page_xml = $(srcdir)/report/report.gresource.xml
report/page-resource.c: $(report_files)
	@$(MKDIR_P) report
	$(AM_V_GEN)$(GLIB_COMPILE_RESOURCES) --target=$@ --generate-source --c-name shoal_page \
	  --sourcedir=$(srcdir)/report --sourcedir=$(D3_DIR) $(page_xml)
