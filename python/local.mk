# The Python classes over libshoal's typelib. They are no package: PYTHONPATH=$(shoalpythondir).
shoalpythondir = $(pkgdatadir)/python
if INTROSPECTION
dist_shoalpython_DATA = \
	python/PClient.py \
	python/Proxy.py \
	python/Tracker.py \
	python/shoal_gi.py
nodist_shoalpython_DATA = python/shoal_paths.py
CLEANFILES += python/shoal_paths.py
endif

# Where the installed classes find the library.
python/shoal_paths.py: Makefile
	$(AM_V_GEN)$(MKDIR_P) python && printf '%s\n' '"""Made by make."""' 'typelibdir = "$(typelibdir)"' \
	  'libdir = "$(libdir)"' > $@
