#!/bin/bash
# shoal and BitTorrent's world: our tracker with libtorrent, aria2 and Transmission, our peers with opentracker. See
# net/interop.py. What is not installed is left out; skipped where there are no network namespaces.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-$top}" && pwd)/shoal
python=${PYTHON:-/usr/bin/python3}
[ -x "$shoal" ] || { echo "skipped: $shoal is not built"; exit 77; }
[ "${SHOAL_SKIP_REPEATS-}" = 1 ] && { echo "skipped: SHOAL_SKIP_REPEATS=1"; exit 77; }
"$python" -c 'import sys; sys.exit (sys.version_info < (3, 9))' 2> /dev/null ||
  { echo "skipped: needs python3 (apt-get install python3)"; exit 77; }
exec "$python" -B "$top/tests/net/interop.py" "$shoal"
