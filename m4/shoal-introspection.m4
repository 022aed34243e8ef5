# GObject introspection, which makes libshoal usable from Python. Own macros, so that autoreconf needs nothing of
# gobject-introspection.

# SHOAL_INTROSPECTION: G_IR_SCANNER, G_IR_COMPILER, and the conditional INTROSPECTION.
AC_DEFUN([SHOAL_INTROSPECTION], [
  AC_ARG_ENABLE([introspection],
    [AS_HELP_STRING([--disable-introspection], [no use of libshoal from Python (default: if there is gobject-introspection)])],
    [], [enable_introspection=auto])
  AS_VAR_IF([enable_introspection], [no], [], [
    PKG_CHECK_EXISTS([gobject-introspection-1.0 >= 1.66], [shoal_has_introspection=yes], [shoal_has_introspection=no])
    AS_CASE([$enable_introspection,$shoal_has_introspection],
      [yes,no], [AC_MSG_ERROR([gobject-introspection-1.0 >= 1.66 is missing (apt-get install libgirepository1.0-dev)])])
    enable_introspection=$shoal_has_introspection
  ])
  AS_VAR_IF([enable_introspection], [yes], [
    PKG_CHECK_VAR([G_IR_SCANNER], [gobject-introspection-1.0], [g_ir_scanner])
    PKG_CHECK_VAR([G_IR_COMPILER], [gobject-introspection-1.0], [g_ir_compiler])
  ])
  AC_SUBST([girdir], ['${datadir}/gir-1.0'])
  AC_SUBST([typelibdir], ['${libdir}/girepository-1.0'])
  AM_CONDITIONAL([INTROSPECTION], [test "x$enable_introspection" = xyes])
])

# SHOAL_PYTHON: PYTHON, a Python 3 that has gi (the system's, rather than one that comes first in PATH); "no": none.
AC_DEFUN([SHOAL_PYTHON], [
  AC_ARG_VAR([PYTHON], [Python 3 with gi, for the tests of the Python classes])
  AC_CACHE_CHECK([for a Python 3 with gi], [shoal_cv_python], [
    shoal_cv_python=no
    for shoal_candidate in ${PYTHON:+"$PYTHON"} /usr/bin/python3 python3; do
      AS_IF([$shoal_candidate -c 'import gi; gi.require_version("Gio", "2.0")' > /dev/null 2>&1],
        [shoal_cv_python=$shoal_candidate; break])
    done
  ])
  PYTHON=$shoal_cv_python
  shoal_python=$shoal_cv_python
])
