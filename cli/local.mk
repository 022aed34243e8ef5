# The command.
bin_PROGRAMS += shoal
shoal_LDADD = $(shoal_libraries)
shoal_SOURCES = \
	cli/amount.c \
	cli/amount.h \
	cli/calibration.c \
	cli/calibration.h \
	cli/cli.h \
	cli/cmd-calibrate.c \
	cli/cmd-compare.c \
	cli/cmd-get.c \
	cli/cmd-run.c \
	cli/cmd-share.c \
	cli/cmd-status.c \
	cli/cmd-tracker.c \
	cli/cmd-verify.c \
	cli/interrupt.c \
	cli/interrupt.h \
	cli/job.c \
	cli/job.h \
	cli/json-fields.c \
	cli/json-fields.h \
	cli/json.c \
	cli/json.h \
	cli/line.c \
	cli/line.h \
	cli/main.c \
	cli/node-words.c \
	cli/node-words.h \
	cli/peer-command.c \
	cli/peer-command.h \
	cli/progress.c \
	cli/progress.h \
	cli/rate.c \
	cli/rate.h \
	cli/report.c \
	cli/report.h \
	cli/run-output.c \
	cli/run-output.h \
	cli/scenario-file.c \
	cli/scenario-file.h \
	cli/scrape.c \
	cli/scrape.h \
	cli/selection.c \
	cli/selection.h \
	cli/serving.c \
	cli/serving.h \
	cli/status-socket.c \
	cli/status-socket.h \
	cli/trace-diff.c \
	cli/trace-diff.h \
	cli/words.c \
	cli/workers.c \
	cli/workers.h
