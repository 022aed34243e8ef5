#!/bin/bash
# Compares the file lists in the folders' local.mk with what the folders hold.
#
#   tests/lists.sh [TOP]           prints what differs, exits 1 when something does
#   tests/lists.sh --write [TOP]   brings the lists up to date instead
#
# A list is a variable set with `NAME = \` or `NAME += \` and one file a line.
set -u

write=no
if [ "${1-}" = --write ]; then
  write=yes
  shift
fi
cd "${1-$(dirname "$0")/..}" || exit 2
export LC_ALL=C
status=0

# wanted PATTERN...: existing files, one a line, sorted.
wanted ()
{
  local f
  for f in "$@"; do
    [ -f "$f" ] && echo "$f"
  done | sort -u
}

# listed FRAGMENT VARIABLE: what the fragment says.
listed ()
{
  awk -v name="$2" '
    in_list { more = sub (/\\$/, ""); for (i = 1; i <= NF; i++) if ($i != "\\") print $i; in_list = more; next }
    $1 == name && ($2 == "=" || $2 == "+=") {
      more = sub (/\\$/, ""); for (i = 3; i <= NF; i++) print $i; in_list = more }' "$1" | sort
}

# rewrite FRAGMENT VARIABLE: the list becomes stdin.
rewrite ()
{
  awk -v name="$2" '
    FILENAME == "-" { files[++n] = $0; next }
    in_list { in_list = /\\$/; next }
    $1 == name && ($2 == "=" || $2 == "+=") {
      in_list = /\\$/
      printf "%s %s", $1, $2
      for (i = 1; i <= n; i++) printf " \\\n\t%s", files[i]
      print ""
      next
    }
    { print }' - "$1" > "$1.new" && mv "$1.new" "$1"
}

# check FRAGMENT VARIABLE: the list should be stdin.
check ()
{
  local want have
  want=$(sort)
  have=$(listed "$1" "$2")
  [ "$want" = "$have" ] && return
  if [ $write = yes ]; then
    printf '%s' "${want:+$want$'\n'}" | rewrite "$1" "$2"
    echo "$1: $2 written" >&2
    return
  fi
  status=1
  diff <(echo "$have") <(echo "$want") | sed -n \
    -e "s|^< \(..*\)|$1: $2 names \1, which is not there|p" \
    -e "s|^> \(..*\)|$1: $2 lacks \1 (tests/lists.sh --write adds it)|p"
}

# Scripts in tests/ that are tools or are sourced, not tests.
tools='tests/(checks|lists|bench|soak|rivals|hosts|mixes)\.sh'

for folder in src sim real results scenarios; do
  case $folder in src) library=core ;; *) library=$folder ;; esac
  if [ -f $folder/local.mk ]; then
    check $folder/local.mk ${folder}_lib${library}_la_SOURCES < <(wanted $folder/*.c $folder/*.h)
  elif [ -n "$(wanted $folder/*.c $folder/*.h)" ]; then
    echo "$folder: has sources but no local.mk"
    status=1
  fi
done
check cli/local.mk shoal_SOURCES < <(wanted cli/*.c cli/*.h)
check scenarios/local.mk dist_scenarios_DATA < <(wanted scenarios/*.yaml)
check studies/local.mk dist_studies_DATA < <(wanted studies/*.yaml)
check docs/local.mk dist_doc_DATA < <(wanted docs/*.md)
check docs/local.mk EXTRA_DIST < <(wanted docs/*.sh docs/*.js docs/*.py docs/pictures/* docs/presentation/*)
check report/local.mk report_files < <(find report -type f ! -name local.mk ! -name '.*' ! -name '*~' | sort)

programs=$(wanted tests/test-*.c | sed 's/\.c$//')
check tests/local.mk check_PROGRAMS <<< "$programs"
check tests/local.mk tests_libharness_la_SOURCES < <(wanted tests/*.c tests/*.h | grep -v '^tests/test-.*\.c$')
check tests/local.mk dist_check_SCRIPTS < <(wanted tests/*.sh | grep -vxE "$tools")
# Data of the tests, in folders below, and the tools.
check tests/local.mk EXTRA_DIST < <(
  wanted tests/*.sh | grep -xE "$tools"
  find tests -mindepth 2 -name node_modules -prune -o \
    -type f ! -path 'tests/fuzz/*' ! -name '.*' ! -path '*/.*' ! -name '*~' -print | sort)

# The fuzz targets. Their corpora are many small files and come with their folder, unlisted.
targets=$(wanted tests/fuzz/fuzz-*.c | sed 's/\.c$//')
check tests/fuzz/local.mk fuzz_targets <<< "$targets"
check tests/fuzz/local.mk tests_fuzz_libfuzz_la_SOURCES < <(
  wanted tests/fuzz/*.c tests/fuzz/*.h | grep -v '^tests/fuzz/fuzz-.*\.c$')
for target in $targets; do
  [ -n "$(wanted "tests/fuzz/corpus/${target#tests/fuzz/fuzz-}"/*)" ] && continue
  echo "$target.c: has no corpus (tests/fuzz/corpus/${target#tests/fuzz/fuzz-}/)"
  status=1
done
exit $status
