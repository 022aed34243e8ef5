# Fuzz targets: tests/fuzz/fuzz-NAME.c. Every build has them with a main that plays the corpus (replay.c), as a test.
# Where there is a clang with libFuzzer, `make fuzz` builds them a second time with it, in tests/fuzz/engine/.
fuzz_targets = \
	tests/fuzz/fuzz-announcer \
	tests/fuzz/fuzz-bencode \
	tests/fuzz/fuzz-bep15 \
	tests/fuzz/fuzz-bytes \
	tests/fuzz/fuzz-channel \
	tests/fuzz/fuzz-fid \
	tests/fuzz/fuzz-infodict \
	tests/fuzz/fuzz-merkle \
	tests/fuzz/fuzz-peer \
	tests/fuzz/fuzz-scenario \
	tests/fuzz/fuzz-sentence \
	tests/fuzz/fuzz-store \
	tests/fuzz/fuzz-trace \
	tests/fuzz/fuzz-tracker \
	tests/fuzz/fuzz-units \
	tests/fuzz/fuzz-wire

check_PROGRAMS += $(fuzz_targets)

check_LTLIBRARIES += tests/fuzz/libfuzz.la
tests_fuzz_libfuzz_la_SOURCES = \
	tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay.c \
	tests/fuzz/swarm-check.c \
	tests/fuzz/swarm.c \
	tests/fuzz/swarm.h

# Part of the command, which is no library.
tests_fuzz_fuzz_trace_SOURCES = tests/fuzz/fuzz-trace.c cli/trace-diff.c

EXTRA_DIST += tests/fuzz/corpus tests/fuzz/engine.mk

# What the targets are made of.
fuzz_code = $(src_libcore_la_SOURCES) $(scenarios_libscenarios_la_SOURCES) $(results_libresults_la_SOURCES) \
	$(sim_libsim_la_SOURCES) $(tests_fuzz_libfuzz_la_SOURCES) real/address.c cli/trace-diff.c

.PHONY: fuzz fuzz-engines

# Of each target, so many seconds; FUZZ="wire merkle" for some. Inputs that reach new code go into the corpus.
FUZZ_SECONDS = 60
fuzz:
	@top_builddir='$(abs_top_builddir)' bash $(srcdir)/tests/fuzz.sh $(FUZZ_SECONDS) $(FUZZ)

fuzz-engines:
	@test '$(FUZZ_CC)' != no || { echo 'no clang with libFuzzer (apt-get install clang libclang-rt-14-dev)' >&2; exit 77; }
	$(AM_V_at)$(MAKE) --no-print-directory -f $(srcdir)/tests/fuzz/engine.mk TOP='$(srcdir)' CC='$(FUZZ_CC)' \
	  INCLUDES='$(GIO_CFLAGS) $(CYAML_CFLAGS) $(JSON_GLIB_CFLAGS) $(SQLITE_CFLAGS) $(CRYPTO_CFLAGS) $(GLIB_CFLAGS)' \
	  LIBS='$(GIO_LIBS) $(CYAML_LIBS) $(JSON_GLIB_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) $(GLIB_LIBS)' \
	  CODE='$(fuzz_code)' TARGETS='$(fuzz_targets)'

clean-local:
	rm -rf tests/fuzz/engine
