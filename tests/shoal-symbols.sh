#!/bin/bash
# What libshoal.so exports is what the installed headers declare, and that is what the symbol map says: no more, so
# that nobody builds on what is not promised, and no less.
set -u
export LC_ALL=C
top=${srcdir-$(cd "$(dirname "$0")/.." && pwd)}
library=${top_builddir-.}/.libs/libshoal.so
[ -f "$library" ] || { echo "no $library: nothing to look at"; exit 77; }
command -v nm > /dev/null || { echo "no nm (apt-get install binutils)"; exit 77; }

# Comments out; then the names that SHOAL_EXTERN stands before, and those that G_DECLARE_... makes.
declared ()
{
  cat "$top"/real/shoal.h "$top"/real/shoal-{client,node,proxy,server,tracker,types}.h | tr '\n' ' ' |
    sed -E 's:/\*([^*]|\*+[^*/])*\*+/::g; s/#[^#]*SHOAL_EXTERN __attribute__[^#]*//g' |
    grep -oE 'SHOAL_EXTERN +(G_DECLARE_[A-Z_]+ +\([A-Za-z]+, +[a-z_]+|[^;(]*shoal_[a-z_]+ *\()' |
    sed -E 's/.*G_DECLARE_[A-Z_]+ +\([A-Za-z]+, +([a-z_]+)/\1_get_type/; s/.*[ *](shoal_[a-z_]+) *\($/\1/' | sort -u
}

mapped ()
{
  sed -nE 's/^  ([a-z_]+);$/\1/p' "$top/real/libshoal.map"
}

exported ()
{
  nm -D --defined-only "$library" | awk '$2 != "A" { sub (/@.*/, "", $3); print $3 }' | sort -u
}

status=0
compare ()
{
  diff <("$1") <("$2") > /dev/null && return
  echo "$3 (<) and $4 (>) differ:"
  diff <("$1") <("$2") | grep '^[<>]'
  status=1
}

[ "$(declared | wc -l)" -gt 50 ] || { echo "found no declarations"; status=1; }
compare declared mapped "the headers" "real/libshoal.map"
compare mapped exported "real/libshoal.map" "$library"
mapped | sort -c || status=1
[ $status = 0 ] && echo "$(exported | wc -l) functions are exported"
exit $status
