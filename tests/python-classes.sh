#!/bin/bash
# The Python classes (python/), over the typelib of this build. With the sanitizers the interpreter needs theirs, too.
set -u
top=${srcdir-$(cd "$(dirname "$0")/.." && pwd)}
build=$(cd "${top_builddir-.}" && pwd)
python=${PYTHON-/usr/bin/python3}

skip ()
{
  echo "skipped: $1"
  exit 77
}

[ "$python" != no ] && "$python" -c 'import gi' 2> /dev/null || skip "no Python 3 with gi (apt-get install python3-gi)"
[ -f "$build/Shoal-1.0.typelib" ] || skip "no typelib (apt-get install libgirepository1.0-dev, and configure again)"
needs=$(ldd "$build/.libs/libshoal.so" | sed -nE 's/.*=> (.*lib[at]san\.so[^ ]*).*/\1/p')
case $needs in
  *tsan*) skip "ThreadSanitizer cannot be loaded into an interpreter" ;;
  ?*) export LD_PRELOAD=$needs ASAN_OPTIONS=detect_leaks=0 ;;
esac

export top_builddir=$build PYTHONPATH=$(cd "$top/python" && pwd) PYTHONDONTWRITEBYTECODE=1 G_DEBUG=fatal-criticals
exec "$python" -X faulthandler "$top/tests/python/test_classes.py" "$@"
