#!/bin/bash
# The race against known BitTorrent clients, the cost of an idle seeder, and memory. See net/rivals.py; options are
# passed on.
#
#   tests/rivals.sh [--quick] [--json | --markdown] …      or: make bench-real BENCH_FLAGS=--quick
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-.}" && pwd)/shoal
[ -x "$shoal" ] || { echo "rivals: $shoal is not built" >&2; exit 1; }
# Debian's python3, which has libtorrent, rather than one that comes first in PATH.
python=${PYTHON:-/usr/bin/python3}
exec "$python" -B "$top/tests/net/rivals.py" --shoal "$shoal" "$@"
