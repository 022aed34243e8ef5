# Builds the fuzz targets with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, apart from all else: by
# `make fuzz-engines`, which says what TOP (the sources), CC, INCLUDES, LIBS, CODE and TARGETS are.
out = tests/fuzz/engine
sanitize = -fno-sanitize-recover=undefined -fsanitize=address,undefined
flags = -std=c17 -g -O1 -fno-omit-frame-pointer -I$(TOP) -DSHOAL_VERSION='"fuzzed"' $(INCLUDES)

code = $(patsubst %.c,$(out)/%.o,$(filter-out %/replay.c,$(filter %.c,$(CODE))))
targets = $(patsubst %,$(out)/%.o,$(TARGETS))
programs = $(patsubst tests/fuzz/fuzz-%,$(out)/%,$(TARGETS))

all: $(programs)
.SECONDARY: $(targets)

$(programs): $(out)/%: $(out)/tests/fuzz/fuzz-%.o $(out)/code.a
	@echo "  FUZZER   $*"
	@$(CC) $(sanitize),fuzzer -o $@ $^ $(LIBS)

$(out)/code.a: $(code)
	@rm -f $@
	@ar rcs $@ $(code)

$(code) $(targets): $(out)/%.o: $(TOP)/%.c $(TOP)/tests/fuzz/engine.mk
	@mkdir -p $(@D)
	@echo "  FUZZ CC  $*"
	@$(CC) $(flags) $(sanitize),fuzzer-no-link -MMD -MP -c -o $@ $<

-include $(code:.o=.d) $(targets:.o=.d)
