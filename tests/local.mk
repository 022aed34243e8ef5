# Tests: programs (tests/test-NAME.c, made with Check) and scripts. A program needs only its name
# here: its source is NAME.c, and it is linked with everything. (A fuzz target has no main: it gets that of
# tests/fuzz/replay.c, from the library.)
LDADD = tests/libharness.la tests/fuzz/libfuzz.la $(shoal_libraries) $(CHECK_LIBS)
# Users before used: the linker takes from each what those before it lack.
shoal_libraries = scenarios/libscenarios.la sim/libsim.la real/libreal.la results/libresults.la \
	src/libcore.la

check_PROGRAMS += \
	tests/test-address \
	tests/test-announcer \
	tests/test-announcer-patience \
	tests/test-bad-scenarios \
	tests/test-bep15 \
	tests/test-bitmap \
	tests/test-bound \
	tests/test-bytes \
	tests/test-channel \
	tests/test-compare \
	tests/test-condition \
	tests/test-crash \
	tests/test-datagram-queue \
	tests/test-diff \
	tests/test-expect \
	tests/test-expect-service \
	tests/test-explain \
	tests/test-fault-actions \
	tests/test-faults \
	tests/test-file-content \
	tests/test-file-existing \
	tests/test-file-scan \
	tests/test-file-watch \
	tests/test-fuzz-scenarios \
	tests/test-golden \
	tests/test-hostile \
	tests/test-hostile-neighbours \
	tests/test-infodict \
	tests/test-link \
	tests/test-loop \
	tests/test-machine \
	tests/test-memory-content \
	tests/test-merkle \
	tests/test-peer-handshake \
	tests/test-peer-hashing \
	tests/test-peer-life \
	tests/test-peer-loss \
	tests/test-peer-resume \
	tests/test-peer-rules \
	tests/test-picker \
	tests/test-precedence \
	tests/test-precedence-order \
	tests/test-random \
	tests/test-real-backend \
	tests/test-real-commands \
	tests/test-real-node \
	tests/test-real-rates \
	tests/test-recording \
	tests/test-report \
	tests/test-runner \
	tests/test-scenario \
	tests/test-schema \
	tests/test-series \
	tests/test-server \
	tests/test-shoal-async \
	tests/test-shoal-client \
	tests/test-shoal-life \
	tests/test-shoal-proxy \
	tests/test-shoal-server \
	tests/test-soon \
	tests/test-store \
	tests/test-store-strategies \
	tests/test-stored-record \
	tests/test-strategy \
	tests/test-tampering \
	tests/test-tit-for-tat \
	tests/test-tracker \
	tests/test-tracker-swarms \
	tests/test-tracking \
	tests/test-transport \
	tests/test-udp \
	tests/test-udp-local \
	tests/test-units \
	tests/test-waiting \
	tests/test-window \
	tests/test-wire \
	tests/test-world

check_LTLIBRARIES += tests/libharness.la
tests_libharness_la_SOURCES = \
	tests/clients.c \
	tests/clients.h \
	tests/fake-backend.c \
	tests/fake-backend.h \
	tests/faulty.c \
	tests/faulty.h \
	tests/filling.c \
	tests/filling.h \
	tests/harness.c \
	tests/harness.h \
	tests/heard.c \
	tests/heard.h \
	tests/hose.c \
	tests/hose.h \
	tests/pair.c \
	tests/pair.h \
	tests/playing.c \
	tests/playing.h \
	tests/puppet.c \
	tests/puppet.h \
	tests/real-play.c \
	tests/real-play.h \
	tests/recorded.c \
	tests/recorded.h \
	tests/scratch.c \
	tests/scratch.h \
	tests/sockets.c \
	tests/sockets.h \
	tests/tsan.c \
	tests/tsan.h

dist_check_SCRIPTS += \
	tests/cli.sh \
	tests/determinism.sh \
	tests/diff.sh \
	tests/explain.sh \
	tests/fuzz-scenarios.sh \
	tests/fuzz.sh \
	tests/interop.sh \
	tests/layers.sh \
	tests/man.sh \
	tests/presentation.sh \
	tests/python-classes.sh \
	tests/real-network.sh \
	tests/real-scenarios.sh \
	tests/report.sh \
	tests/scenarios.sh \
	tests/share.sh \
	tests/shoal-docs.sh \
	tests/shoal-symbols.sh \
	tests/sweep.sh \
	tests/test-layers.sh

# Data of the tests, and tools that are not tests.
EXTRA_DIST += \
	tests/bench.sh \
	tests/checks.sh \
	tests/found/bad-block-told-of.yaml \
	tests/found/blocks-that-move.yaml \
	tests/found/healed.yaml \
	tests/found/mixed-sources.yaml \
	tests/found/only-holder.yaml \
	tests/found/slow-lines.yaml \
	tests/found/spoilt-dictionary.yaml \
	tests/found/spoilt-request.yaml \
	tests/golden/handshake.txt \
	tests/golden/simple.txt \
	tests/hosts.sh \
	tests/lists.sh \
	tests/mixes.sh \
	tests/net/absent.py \
	tests/net/bt.py \
	tests/net/clients.py \
	tests/net/hostile.py \
	tests/net/interop.py \
	tests/net/lt_node.py \
	tests/net/neighbour.py \
	tests/net/procs.py \
	tests/net/rivals.py \
	tests/net/wire.py \
	tests/python/test_classes.py \
	tests/report/browser.js \
	tests/report/check.js \
	tests/report/package-lock.json \
	tests/report/package.json \
	tests/report/page.js \
	tests/rivals.sh \
	tests/vectors/bep52.tsv

TESTS = $(check_PROGRAMS) $(dist_check_SCRIPTS)

# Programs speak TAP (Check writes it), so that each of their tests is counted. Scripts tell by their
# exit status: 0 passed, 77 skipped, else failed.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash
AM_TESTS_ENVIRONMENT = \
	CK_TAP_LOG_FILE_NAME=-; export CK_TAP_LOG_FILE_NAME; \
	CK_DEFAULT_TIMEOUT=$${CK_DEFAULT_TIMEOUT:-60}; export CK_DEFAULT_TIMEOUT; \
	ASAN_OPTIONS=$${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1}; export ASAN_OPTIONS; \
	TSAN_OPTIONS=$${TSAN_OPTIONS:-ignore_noninstrumented_modules=1}; export TSAN_OPTIONS; \
	UBSAN_OPTIONS=$${UBSAN_OPTIONS:-print_stacktrace=1}; export UBSAN_OPTIONS; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	CC='$(CC)'; export CC; PYTHON='$(PYTHON)'; export PYTHON;
