# Virtual time: event queue, network of proxies, faults.
noinst_LTLIBRARIES += sim/libsim.la
sim_libsim_la_SOURCES = \
	sim/content.c \
	sim/content.h \
	sim/event-queue.c \
	sim/event-queue.h \
	sim/faults.c \
	sim/faults.h \
	sim/hostile.c \
	sim/hostile.h \
	sim/invariants-downloads.c \
	sim/invariants-internal.h \
	sim/invariants-lines.c \
	sim/invariants-progress.c \
	sim/invariants.c \
	sim/invariants.h \
	sim/network.c \
	sim/node.h \
	sim/trace.c \
	sim/trace.h \
	sim/watch.h \
	sim/world.c \
	sim/world.h
