# SHOAL_PAGE: what `shoal report` needs of others when it is built: D3's modules, and the compiler of resources.
AC_DEFUN([SHOAL_PAGE], [
  PKG_CHECK_VAR([GLIB_COMPILE_RESOURCES], [gio-2.0], [glib_compile_resources], [],
    [AC_MSG_ERROR([glib-compile-resources is missing (apt-get install libglib2.0-dev)])])
  AC_ARG_WITH([d3],
    [AS_HELP_STRING([--with-d3=DIR], [the folder with d3-array/dist/d3-array.min.js and its likes (default: /usr/share/nodejs)])],
    [D3_DIR=$withval], [D3_DIR=/usr/share/nodejs])
  AC_MSG_CHECKING([for D3 version 5 in $D3_DIR])
  AS_IF([test -f "$D3_DIR/d3-selection/dist/d3-selection.min.js" && test -f "$D3_DIR/d3-shape/dist/d3-shape.min.js"],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_ERROR([no (apt-get install node-d3, or say where it is: --with-d3=DIR)])])
  AC_SUBST([D3_DIR])
])
