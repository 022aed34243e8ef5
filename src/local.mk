# The protocol core: pure, see docs/architecture.md.
noinst_LTLIBRARIES += src/libcore.la
src_libcore_la_LIBADD = $(GLIB_LIBS) $(CRYPTO_LIBS)
src_libcore_la_SOURCES = \
	src/announcer.c \
	src/announcer.h \
	src/availability.c \
	src/backend.h \
	src/bencode.c \
	src/bencode.h \
	src/bep15.c \
	src/bep15.h \
	src/bitmap.c \
	src/bitmap.h \
	src/bytes.c \
	src/bytes.h \
	src/channel.c \
	src/channel.h \
	src/client.c \
	src/client.h \
	src/content.h \
	src/download.c \
	src/filehash.c \
	src/filehash.h \
	src/handshake.c \
	src/infodict.c \
	src/infodict.h \
	src/link.c \
	src/link.h \
	src/machine.c \
	src/machine.h \
	src/merkle.c \
	src/merkle.h \
	src/neighbour.c \
	src/partial.c \
	src/peer-internal.h \
	src/peer-swarm.c \
	src/peer.c \
	src/peer.h \
	src/picker.c \
	src/random.c \
	src/random.h \
	src/receive.c \
	src/seeded.c \
	src/seeded.h \
	src/server.c \
	src/server.h \
	src/sha256.c \
	src/sha256.h \
	src/strategy.c \
	src/tracker-swarms.c \
	src/tracker-swarms.h \
	src/tracker.c \
	src/tracker.h \
	src/types.h \
	src/upload.c \
	src/wire.c \
	src/wire.h
