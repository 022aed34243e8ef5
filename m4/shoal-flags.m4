# Compiler flags, each tried before it is used. Own macros, so that autoconf-archive is not needed.
# All results go to SHOAL_CFLAGS and SHOAL_LDFLAGS, which the Makefile puts before the builder's own
# CFLAGS and LDFLAGS.

# SHOAL_TRY_CFLAG(FLAG, [IF-IT-WORKS], [IF-NOT])
# Tries with -Werror, because clang only warns about a flag that it does not know.
AC_DEFUN([SHOAL_TRY_CFLAG], [
  AS_VAR_PUSHDEF([cache], [shoal_cv_cflag_$1])
  AC_CACHE_CHECK([whether $CC takes $1], [cache], [
    shoal_saved_cflags=$CFLAGS
    CFLAGS="$CFLAGS -Werror $1"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()], [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$shoal_saved_cflags
  ])
  AS_VAR_IF([cache], [yes], [$2], [$3])
  AS_VAR_POPDEF([cache])
])

# SHOAL_ADD_CFLAGS(FLAG...): those that work are appended to SHOAL_CFLAGS.
AC_DEFUN([SHOAL_ADD_CFLAGS], [
  m4_foreach_w([flag], [$1], [
    SHOAL_TRY_CFLAG(flag, [AS_VAR_APPEND([SHOAL_CFLAGS], [" flag"])])
  ])
])

# SHOAL_C17: strict C17, which the sources need.
AC_DEFUN([SHOAL_C17], [
  AC_REQUIRE([AC_PROG_CC])
  SHOAL_CFLAGS=
  SHOAL_LDFLAGS=
  SHOAL_TRY_CFLAG([-std=c17], [SHOAL_CFLAGS=-std=c17],
    [AC_MSG_ERROR([$CC does not know C17; use gcc >= 8 or clang >= 6 (./configure CC=...)])])
  AC_SUBST([SHOAL_CFLAGS])
  AC_SUBST([SHOAL_LDFLAGS])
])

# SHOAL_VISIBILITY: what a header does not mark as part of libshoal stays inside. Without this, every call between
# files of position-independent code would have to allow for being replaced at run time.
AC_DEFUN([SHOAL_VISIBILITY], [
  SHOAL_ADD_CFLAGS([-fvisibility=hidden])
])

# Warnings. -Wdate-time and -Wvla guard determinism and stack bounds, the others the usual slips.
# A format that a callback was given is passed on in places, hence -Wno-format-nonliteral.
AC_DEFUN([SHOAL_WARNINGS], [
  SHOAL_ADD_CFLAGS([
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wmissing-declarations -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wno-format-nonliteral
    -Wimplicit-fallthrough -Wlogical-op -Wduplicated-cond -Wdouble-promotion -Wdate-time
    -Wredundant-decls -Wnested-externs
    -Werror=implicit-function-declaration -Werror=incompatible-pointer-types
    -Werror=int-conversion -Werror=return-type
  ])
])

# --enable-werror: for CI; off by default, so that a newer compiler never stops a user's build.
AC_DEFUN([SHOAL_WERROR], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [make warnings errors (for CI)])],
    [], [enable_werror=no])
  AS_VAR_IF([enable_werror], [yes], [SHOAL_ADD_CFLAGS([-Werror])])
])

# --enable-sanitizers: AddressSanitizer and UndefinedBehaviorSanitizer, any finding is fatal.
AC_DEFUN([SHOAL_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers], [build with ASan and UBSan (for tests)])],
    [], [enable_sanitizers=no])
  AS_VAR_IF([enable_sanitizers], [yes], [
    shoal_sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all"
    shoal_saved_ldflags=$LDFLAGS
    shoal_saved_cflags=$CFLAGS
    LDFLAGS="$LDFLAGS $shoal_sanitize"
    CFLAGS="$CFLAGS $shoal_sanitize"
    AC_MSG_CHECKING([whether $CC can link $shoal_sanitize])
    AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])],
      [AC_MSG_ERROR([no; install the compiler's sanitizer libraries or leave out --enable-sanitizers])])
    LDFLAGS=$shoal_saved_ldflags
    CFLAGS=$shoal_saved_cflags
    AS_VAR_APPEND([SHOAL_CFLAGS], [" $shoal_sanitize -fno-omit-frame-pointer"])
    AS_VAR_APPEND([SHOAL_LDFLAGS], [" $shoal_sanitize"])
  ])
  AM_CONDITIONAL([SANITIZERS], [test "x$enable_sanitizers" = xyes])
])
