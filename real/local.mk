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
	real/shoal-client.c \
	real/shoal-client.h \
	real/shoal-core.c \
	real/shoal-core.h \
	real/shoal-files-status.c \
	real/shoal-files.c \
	real/shoal-files.h \
	real/shoal-get.c \
	real/shoal-get.h \
	real/shoal-hashing.c \
	real/shoal-hashing.h \
	real/shoal-held.c \
	real/shoal-held.h \
	real/shoal-inet.c \
	real/shoal-inet.h \
	real/shoal-node-private.h \
	real/shoal-node.c \
	real/shoal-node.h \
	real/shoal-notices.c \
	real/shoal-notices.h \
	real/shoal-proxy.c \
	real/shoal-proxy.h \
	real/shoal-register.c \
	real/shoal-server.c \
	real/shoal-server.h \
	real/shoal-tracker.c \
	real/shoal-tracker.h \
	real/shoal-transport.c \
	real/shoal-transport.h \
	real/shoal-types.c \
	real/shoal-types.h \
	real/shoal-udp-proxy.c \
	real/shoal-udp-proxy.h \
	real/shoal.h \
	real/transport.c \
	real/transport.h \
	real/udp-internal.h \
	real/udp-local.c \
	real/udp-receive.c \
	real/udp-send.c \
	real/udp.c \
	real/udp.h

# The shared library: the same objects, of which only the interface is to be seen.
public_headers = \
	real/shoal-client.h \
	real/shoal-node.h \
	real/shoal-proxy.h \
	real/shoal-server.h \
	real/shoal-tracker.h \
	real/shoal-types.h \
	real/shoal.h
shoalincludedir = $(includedir)/shoal-1.0
shoalinclude_HEADERS = $(public_headers)
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = real/shoal-1.0.pc

lib_LTLIBRARIES = libshoal.la
libshoal_la_SOURCES =
libshoal_la_LIBADD = real/libreal.la src/libcore.la $(GIO_LIBS) $(CRYPTO_LIBS)
libshoal_la_LDFLAGS = $(AM_LDFLAGS) -version-info $(LIBSHOAL_VERSION_INFO) -no-undefined \
	-Wl,--version-script=$(srcdir)/real/libshoal.map
EXTRA_libshoal_la_DEPENDENCIES = real/libshoal.map
EXTRA_DIST += real/libshoal.map

# What the interface is, for other languages. A warning is an error: what the scanner does not understand is missing
# there. It runs a program of its own that is linked with the library, so it needs the flags of sanitizers, too.
if INTROSPECTION
introspected = $(public_headers) real/shoal-client.c real/shoal-node.c real/shoal-server.c
Shoal-1.0.gir: libshoal.la $(introspected)
	$(AM_V_GEN)files= && for f in $(introspected); do files="$$files $(srcdir)/$$f"; done && \
	GI_SCANNER_DISABLE_CACHE=1 ASAN_OPTIONS=detect_leaks=0 CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' \
	CFLAGS='$(CFLAGS)' LDFLAGS='$(SHOAL_LDFLAGS) $(LDFLAGS)' \
	$(G_IR_SCANNER) --quiet --warn-all --warn-error --namespace=Shoal --nsversion=1.0 \
	  --identifier-prefix=Shoal --symbol-prefix=shoal --include=Gio-2.0 --pkg-export=shoal-1.0 \
	  --c-include=shoal.h --library=libshoal.la --libtool='$(LIBTOOL)' -I$(srcdir) $(GIO_CFLAGS) \
	  --output=$@ $$files
Shoal-1.0.typelib: Shoal-1.0.gir
	$(AM_V_GEN)$(G_IR_COMPILER) --output=$@ $<
gir_DATA = Shoal-1.0.gir
typelib_DATA = Shoal-1.0.typelib
CLEANFILES += $(gir_DATA) $(typelib_DATA)
endif

# What is installed is enough to build and run with.
installcheck-local:
	CC='$(CC)' PYTHON='$(PYTHON)' srcdir='$(srcdir)' top_builddir='$(abs_top_builddir)' \
	PKG_CONFIG_PATH='$(DESTDIR)$(pkgconfigdir)' LD_LIBRARY_PATH='$(DESTDIR)$(libdir)' \
	GI_TYPELIB_PATH='$(DESTDIR)$(typelibdir)' PYTHONPATH='$(DESTDIR)$(shoalpythondir)' \
	bash $(srcdir)/tests/shoal-docs.sh installed
