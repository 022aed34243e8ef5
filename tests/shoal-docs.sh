#!/bin/bash
# The examples of docs/library.md, compiled and run as they stand there. With the argument "installed" against what was
# installed (make installcheck; PKG_CONFIG_PATH, PYTHONPATH and GI_TYPELIB_PATH say where), else against this build.
set -u
top=$(cd "${srcdir-$(dirname "$0")/..}" && pwd)
build=$(cd "${top_builddir-.}" && pwd)
python=${PYTHON-/usr/bin/python3}
cc=${CC-cc}
work=$(mktemp -d) || exit 1
pids=()
trap 'kill "${pids[@]}" 2> /dev/null; rm -rf "$work"' EXIT
failures=0

fail ()
{
  echo "FAIL: $*"
  failures=$((failures + 1))
}

# Blocks that begin with ```LANGUAGE NAME become files of this name.
awk -v folder="$work" '
  /^```(c|python) / { name = folder "/" $2; next }
  /^```/ { name = ""; next }
  name != "" { print > name }' "$top/docs/library.md"

if [ "${1-}" = installed ]; then
  flags=$(pkg-config --cflags --libs shoal-1.0) || exit 1
  unset top_builddir # nothing of the build is to help
else
  [ -f "$build/.libs/libshoal.so" ] || { echo "no libshoal.so here"; exit 77; }
  flags="-I$top/real -L$build/.libs -lshoal $(pkg-config --cflags --libs gio-2.0)"
  export LD_LIBRARY_PATH=$build/.libs GI_TYPELIB_PATH=$build PYTHONPATH=$top/python top_builddir=$build
  case $(ldd "$build/.libs/libshoal.so") in
    *libasan*) flags+=" -fsanitize=address,undefined" preload=$(ldd "$build/.libs/libshoal.so" | awk '/libasan/ { print $3 }') ;;
    *libtsan*) flags+=" -fsanitize=thread" python=no ;;
  esac
fi

compile ()
{
  # shellcheck disable=SC2086
  $cc -std=c17 -Wall -Wextra -Werror "$work/$1.c" -o "$work/$1" $flags || fail "$1.c cannot be compiled"
}

compile first
"$work/first" "$top/docs/library.md" > "$work/out" || fail "first: $?"
grep -qE "^[0-9a-f]{64}: $(stat -c %s "$top/docs/library.md") bytes$" "$work/out" || fail "first says: $(cat "$work/out")"
"$work/first" /nowhere 2> "$work/out" && fail "first took /nowhere"
grep -q nowhere "$work/out" || fail "first does not say what it could not read"

# The main loop's example, with a tracker and a holder of the command.
command=$build/shoal
compile loop
if "$command" help 2>&1 | grep -q share; then
  "$command" tracker --port 0 --json > "$work/tracker" 2> /dev/null &
  pids+=($!)
  for _ in {1..100}; do [ -s "$work/tracker" ] && break; sleep 0.1; done
  port=$(sed -nE '1s/.*"port":([0-9]+).*/\1/p' "$work/tracker")
  "$command" share "$top/docs/library.md" --tracker "127.0.0.1:$port" --json > "$work/share" 2> /dev/null &
  pids+=($!)
  for _ in {1..100}; do grep -q '"fid"' "$work/share" && break; sleep 0.1; done
  fid=$(sed -nE 's/.*"fid":"([0-9a-f]{64})".*/\1/p' "$work/share" | head -n 1)
  "$work/loop" "127.0.0.1:$port" "$fid" "$work/copy" > "$work/out" || fail "loop: $?"
  cmp -s "$work/copy" "$top/docs/library.md" || fail "loop: the copy differs"
  grep -q '^100 %$' "$work/out" || fail "loop says: $(cat "$work/out")"
fi

if [ "$python" != no ] && "$python" -c 'import gi; gi.require_version("Shoal", "1.0")' 2> /dev/null; then
  for example in direct course; do
    ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD=${preload-} PYTHONDONTWRITEBYTECODE=1 \
      timeout 60 "$python" "$work/$example.py" || fail "$example.py: $?"
  done
else
  echo "no Python with Shoal's typelib: its examples were not run"
fi
[ $failures = 0 ]
