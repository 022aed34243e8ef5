#!/bin/bash
# Makes the pictures of README.md anew, in docs/pictures/, from runs that it plays: `make pictures`. Needs the built
# command, Node.js, Chromium, and playwright-core (npm ci in tests/report).
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
shoal=$(cd "${top_builddir:-$top/build}" && pwd)/shoal
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$top"

"$shoal" run speed twenty mixed late-join --model both --seeds 1..5 --store "$work/shoal.db" --quiet > /dev/null
"$shoal" run hundred --model both --seeds 1..3 --store "$work/shoal.db" --quiet > /dev/null
"$shoal" run thousand --model both --store "$work/shoal.db" --quiet > /dev/null
"$shoal" report --store "$work/shoal.db" -o "$work/report.html"
mkdir -p docs/pictures
HOME=$work node docs/pictures.js "$work/report.html" docs/pictures
ls -l docs/pictures
