# The command.
bin_PROGRAMS += shoal
shoal_LDADD = $(shoal_libraries)
shoal_SOURCES = \
	cli/calibration.c \
	cli/calibration.h \
	cli/cli.h \
	cli/cmd-calibrate.c \
	cli/cmd-compare.c \
	cli/cmd-run.c \
	cli/cmd-verify.c \
	cli/interrupt.c \
	cli/interrupt.h \
	cli/job.c \
	cli/job.h \
	cli/json.c \
	cli/json.h \
	cli/line.c \
	cli/line.h \
	cli/main.c \
	cli/progress.c \
	cli/progress.h \
	cli/report.c \
	cli/report.h \
	cli/run-output.c \
	cli/run-output.h \
	cli/scenario-file.c \
	cli/scenario-file.h \
	cli/selection.c \
	cli/selection.h \
	cli/trace-diff.c \
	cli/trace-diff.h \
	cli/words.c \
	cli/workers.c \
	cli/workers.h
