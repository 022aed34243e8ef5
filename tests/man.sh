#!/bin/bash
# The man page and the command's own help agree: each subcommand and each option that one has, with its
# argument, the other has. Needs the built command; groff, where it is there, checks the page's form.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-$top}" && pwd)/shoal
page=$top/docs/shoal.1
[ -x "$shoal" ] || { echo "skipped: $shoal is not built"; exit 77; }
export LC_ALL=C.UTF-8
status=0

# differ WHAT PAGE HELP: says what only one of the two lists has.
differ ()
{
  local only
  only=$(comm -3 <(sort <<< "$2") <(sort <<< "$3") | sed -e 's/^\t/  only in --help: /' -e 't' -e 's/^/  only in the page: /')
  [ -z "$only" ] && [ -n "$3" ] && return
  echo "FAIL: $1 of docs/shoal.1 and of --help differ:"
  echo "$only"
  status=1
}

# In the page, an option's tag is a line such as \fB\-s\fR, \fB\-\-store\fR=\fIFILE\fR.
options_in_page ()
{
  sed -n "/^\.SS $1\$/,/^\.S[HS] /p" "$page" | sed -n '/^\\fB\\-/ { s/\\f[BIR]//g; s/\\-/-/g; p; }'
}

options_in_help ()
{
  "$shoal" "$1" --help | sed -nE 's/^  (-[^ ,]*(, --[^ ]*)?) .*/\1/p'
}

in_page=$(sed -n 's/^\.SS //p' "$page")
in_help=$("$shoal" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
differ "the subcommands" "$in_page" "$in_help"
for command in $in_help; do
  case $command in help | version) continue ;; esac
  differ "the options of $command" "$(options_in_page "$command")" "$(options_in_help "$command")"
done

if command -v groff > /dev/null; then
  warnings=$(groff -man -ww -Tutf8 -z "$page" 2>&1)
  [ -z "$warnings" ] || { echo "FAIL: groff says:"; echo "$warnings"; status=1; }
fi
exit $status
