# The scenario files, their parser, and the runner that plays one.
noinst_LTLIBRARIES += scenarios/libscenarios.la
scenarios_libscenarios_la_LIBADD = $(CYAML_LIBS) $(JSON_GLIB_LIBS)
scenarios_libscenarios_la_SOURCES = \
	scenarios/bound.c \
	scenarios/bound.h \
	scenarios/condition.c \
	scenarios/condition.h \
	scenarios/error.h \
	scenarios/expect.c \
	scenarios/expect.h \
	scenarios/files.c \
	scenarios/fuzz.c \
	scenarios/fuzz.h \
	scenarios/generate-events.c \
	scenarios/generate-internal.h \
	scenarios/generate.c \
	scenarios/generate.h \
	scenarios/judge-internal.h \
	scenarios/judge-service.c \
	scenarios/judge.c \
	scenarios/parse-actions.c \
	scenarios/parse-internal.h \
	scenarios/parse-network.c \
	scenarios/parse-strategy.c \
	scenarios/parse.c \
	scenarios/resolve.c \
	scenarios/run-actions.c \
	scenarios/run-events.c \
	scenarios/run-facts.c \
	scenarios/run-internal.h \
	scenarios/run-network.c \
	scenarios/run-nodes.c \
	scenarios/run-rates.c \
	scenarios/run-record.c \
	scenarios/run-report.c \
	scenarios/run.c \
	scenarios/run.h \
	scenarios/scenario.c \
	scenarios/scenario.h \
	scenarios/schema.c \
	scenarios/schema.h \
	scenarios/shrink.c \
	scenarios/shrink.h \
	scenarios/study-internal.h \
	scenarios/study-points.c \
	scenarios/study-text.c \
	scenarios/study.c \
	scenarios/study.h \
	scenarios/units.c \
	scenarios/units.h \
	scenarios/words.c \
	scenarios/words.h \
	scenarios/yaml.c \
	scenarios/yaml.h

# The shipped scenarios: adding one adds one file.
dist_scenarios_DATA += \
	scenarios/bandwidth-drop.yaml \
	scenarios/churn.yaml \
	scenarios/contention.yaml \
	scenarios/crash-and-return.yaml \
	scenarios/data-centre.yaml \
	scenarios/eight.yaml \
	scenarios/fastest-crashes.yaml \
	scenarios/flash-crowd.yaml \
	scenarios/flooders.yaml \
	scenarios/free-riders.yaml \
	scenarios/handover.yaml \
	scenarios/home-network.yaml \
	scenarios/hundred.yaml \
	scenarios/last-one-left.yaml \
	scenarios/late-join.yaml \
	scenarios/late-seeder.yaml \
	scenarios/leave.yaml \
	scenarios/liars.yaml \
	scenarios/lossy-1.yaml \
	scenarios/lossy-5.yaml \
	scenarios/lossy-links.yaml \
	scenarios/lossy-pair.yaml \
	scenarios/low-upload-seeder.yaml \
	scenarios/mixed.yaml \
	scenarios/offered-again.yaml \
	scenarios/partition.yaml \
	scenarios/partner-drops.yaml \
	scenarios/polluters.yaml \
	scenarios/preference.yaml \
	scenarios/seeder-crashes.yaml \
	scenarios/several-files.yaml \
	scenarios/simple.yaml \
	scenarios/slow-lines.yaml \
	scenarios/slow-seeder.yaml \
	scenarios/speed.yaml \
	scenarios/ten-thousand.yaml \
	scenarios/thousand.yaml \
	scenarios/tracker-down.yaml \
	scenarios/twenty.yaml \
	scenarios/uploader-drops.yaml
