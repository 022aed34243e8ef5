# Wall clock: UDP proxy, event loop, file contents, the client library.
noinst_LTLIBRARIES += real/libreal.la
real_libreal_la_LIBADD = $(GIO_LIBS)
real_libreal_la_SOURCES = \
	real/address.h \
	real/file-content.h \
	real/file-scan.h \
	real/loop.h \
	real/node.h \
	real/udp.h
