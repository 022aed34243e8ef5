# Wall clock: UDP proxy, event loop, file contents, the client library.
noinst_LTLIBRARIES += real/libreal.la
real_libreal_la_LIBADD = $(GIO_LIBS)
real_libreal_la_SOURCES = \
	real/address.c \
	real/address.h \
	real/backend.c \
	real/backend.h \
	real/datagram-queue.c \
	real/datagram-queue.h \
	real/file-content.c \
	real/file-content.h \
	real/file-io.c \
	real/file-io.h \
	real/file-scan.c \
	real/file-scan.h \
	real/file-stamp.c \
	real/file-stamp.h \
	real/file-watch.c \
	real/file-watch.h \
	real/loop-source.h \
	real/loop.c \
	real/loop.h \
	real/node-downlink.c \
	real/node-internal.h \
	real/node-uplink.c \
	real/node.c \
	real/node.h \
	real/part-file.c \
	real/part-file.h \
	real/shoal-client.h \
	real/shoal-node.h \
	real/shoal-proxy.h \
	real/shoal-server.h \
	real/shoal-tracker.h \
	real/shoal-types.h \
	real/shoal.h \
	real/transport.c \
	real/transport.h \
	real/udp-internal.h \
	real/udp-receive.c \
	real/udp-send.c \
	real/udp.c \
	real/udp.h
