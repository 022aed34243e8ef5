#!/bin/bash
# tracker, share, get and status from outside: real processes over loopback. What arrives is right, what was
# there stays, what came is not fetched again, and nothing is left behind. Needs the built command.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-$top}" && pwd)/shoal
[ -x "$shoal" ] || { echo "skipped: $shoal is not built"; exit 77; }
work=$(mktemp -d) || exit 2
export LC_ALL=C.UTF-8 XDG_RUNTIME_DIR=$work/run
unset SHOAL_TRACKER
mkdir -m 700 "$work/run" "$work/got"
cd "$work" || exit 2
failures=0 checks=0 started=()

# All that was started here is ended, whatever happens.
clean_up ()
{
  local p
  for p in "${started[@]}"; do kill -9 "$p"; done 2> /dev/null
  wait
  umount "$work/tiny" 2> /dev/null
  chmod -R u+w "$work" 2> /dev/null
  rm -rf "$work"
} 2> /dev/null
trap clean_up EXIT

fail ()
{
  failures=$((failures + 1))
  echo "FAIL: $1"
  [ $# -lt 2 ] || echo "    ${2//$'\n'/$'\n'    }"
}

# same WHAT ACTUAL EXPECTED
same ()
{
  checks=$((checks + 1))
  [ "$2" = "$3" ] || fail "$1: '$2', not '$3'"
}

# has WHAT FILE WORDS: the fixed text is in the file.
has ()
{
  checks=$((checks + 1))
  grep -qF -- "$3" "$2" || fail "$1: no '$3' in $2" "$(head -c 2000 "$2")"
}

# right FILE ORIGINAL: they are the same.
right ()
{
  checks=$((checks + 1))
  cmp -s "$1" "$2" || fail "$1 is not what $2 is" "$(ls -la "$1" "$2" 2>&1)"
}

# start NAME ARG...: runs the command in the background; sets $pid, leaves NAME.out and NAME.err.
start ()
{
  local name=$1
  shift
  rm -f "$name.out" "$name.err" # or what an earlier one wrote could be read before the shell truncates it
  "$shoal" "$@" > "$name.out" 2> "$name.err" < /dev/null &
  pid=$!
  started+=($pid)
}

# until_true WORDS...: waits until the command succeeds, for 20 seconds at most.
until_true ()
{
  local i
  for i in $(seq 200); do
    "$@" 2> /dev/null > /dev/null && return
    sleep 0.1
  done
  fail "waited in vain: $*"
  return 1
}

# stop PID SIGNAL STATUS: ends a process, which must exit like that, and soon.
stop ()
{
  local i
  kill -s "$2" "$1"
  for i in $(seq 60); do
    kill -0 "$1" 2> /dev/null || break
    sleep 0.1
  done
  kill -9 "$1" 2> /dev/null && fail "$1 did not end within 6 seconds of SIG$2"
  wait "$1"
  same "exit status after SIG$2" $? "$3"
} 2> /dev/null

# get STATUS ARG...: runs `shoal get`; leaves get.out and get.err.
get ()
{
  local wanted=$1
  shift
  timeout 30 "$shoal" get "$@" > get.out 2> get.err < /dev/null
  same "exit status of get $*" $? "$wanted"
}

# fid_of NAME: the fid that `shoal share` printed for a file.
fid_of ()
{
  sed -n "s/^\([0-9a-f]\{64\}\)  $1\$/\1/p" share.out
}

magnet_of ()
{
  grep -F "1220$(fid_of "$1")" share.out
}

# field EVENT KEY FILE: of the last such event.
field ()
{
  grep "\"event\":\"$1\"" "$3" | tail -1 | sed -nE "s/.*\"$2\":\"?([^\",}]*).*/\1/p"
}

# holds PID BYTES: whether a process holds so much of its file already.
holds ()
{
  local held
  held=$("$shoal" status --json | grep "\"pid\":$1," | sed -nE 's/.*"held_bytes":([0-9]+).*/\1/p')
  [ "${held:-0}" -ge "$2" ]
}

nobody=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

# --- the usual course -----------------------------------------------------------------------------
start tracker tracker --port 0
tracker=$pid
until_true grep -q "tracker at port" tracker.out || exit 1
port=$(sed -n 's/tracker at port //p' tracker.out)
export SHOAL_TRACKER=127.0.0.1:$port

: > empty
printf x > one
head -c 5000000 /dev/urandom > five.bin
head -c 70000 /dev/urandom > 'name with spaces, ü, 魚.bin'
head -c 300000 /dev/urandom > change.bin
start share share empty one five.bin 'name with spaces, ü, 魚.bin' change.bin
share=$pid
until_true grep -q "sharing 5 files" share.err || exit 1
same "lines of share" "$(grep -c '' share.out)" 10
five=$(fid_of five.bin)

leechers=()
for i in 1 2 3 4; do
  start "leecher$i" get "$five" -o "got/five$i" --seed
  leechers+=($pid)
done
for i in 1 2 3 4; do
  until_true grep -q five leecher$i.out
  right "got/five$i" five.bin
  same "stdout of leecher $i" "$(cat leecher$i.out)" "$work/got/five$i"
done
same "leftovers" "$(find got -name '*.part')" ""

cd got || exit 2
get 0 "$(cd ..; magnet_of 'name with spaces, ü, 魚.bin')"
right 'name with spaces, ü, 魚.bin' '../name with spaces, ü, 魚.bin'
rm -f get.out get.err
cd .. || exit 2
get 0 "$(fid_of empty)" -o got
right got/empty empty
get 0 "$(fid_of one)" -o got/
right got/one one
get 0 "$five" -o - --quiet
right get.out five.bin
same "stderr of a quiet get" "$(cat get.err)" ""
SHOAL_TRACKER='' get 0 "$(magnet_of one)" -o got/uno # the magnet's own tracker
right got/uno one
get 0 "$five" --tracker "127.0.0.1:$port" --upload '1 MB/s' --download '40 Mbit/s' --timeout '20 s' -o got/slow
right got/slow five.bin

# What a name has that a terminal would obey is not shown.
printf x > $'evil\e[31m'
start evil share $'evil\e[31m'
until_true grep -q "sharing 1 file" evil.err
"$shoal" status > status.out
checks=$((checks + 1))
grep -q $'\e' status.out && fail "an escape sequence reached the terminal"
has "its name" status.out "evil"
stop $pid INT 0

# A name cannot forge a line of the output, and what is named twice is shared once.
forged=$'forged\n'"$nobody  a.bin"
printf y > "$forged"
start twice share one ./one one "$forged" "$work/one"
until_true grep -q "sharing 2 files" twice.err
same "lines about two files" "$(grep -c '' twice.out)" 4
same "lines that begin with a fid" "$(grep -cE '^[0-9a-f]{64}  ' twice.out)" 2
same "lines that a name forged" "$(grep -c "^$nobody" twice.out)" 0
if command -v script > /dev/null; then
  link=$(tail -1 twice.out)
  mkdir tty
  # On a pseudo-terminal; script takes $SHELL, and $'' needs bash.
  SHELL=$BASH timeout 30 script -qec "'$shoal' get '$link' -q -o $'tty/n\\nm\\e[31m'" /dev/null > tty.out < /dev/null
  same "lines on a terminal" "$(grep -c '' tty.out)" 1
  same "escape sequences of the name on a terminal" "$(grep -c $'\e\[31m' tty.out)" 0
  right $'tty/n\nm\e[31m' "$forged"
else
  echo "skipped in part: names on a terminal (needs script)"
fi
stop $pid INT 0

# --- status ---------------------------------------------------------------------------------------
"$shoal" status > status.out
same "processes told of" "$(grep -c '^[0-9]' status.out)" 6
has "status" status.out "five.bin: 100.0 % of 5.0 MB"
"$shoal" status --json > status.json
same "processes told of in JSON" "$(grep -c '"pid":' status.json)" 6
"$shoal" status "$five" > status.out
same "seeders at the tracker" "$(sed -nE 's/.*: ([0-9]+) have it.*/\1/p' status.out)" 5
"$shoal" status "$five" --json --tracker "127.0.0.1:$port" > scrape.json
has "scrape" scrape.json '"seeders":5'
kill -9 "${leechers[0]}"
wait "${leechers[0]}" 2> /dev/null
same "sockets with that of a dead process" "$(ls run/shoal | wc -l)" 6
"$shoal" status > status.out
same "processes told of afterwards" "$(grep -c '^[0-9]' status.out)" 5
same "sockets afterwards" "$(ls run/shoal | wc -l)" 5

stop "${leechers[1]}" INT 0
stop "${leechers[2]}" TERM 0
stop "${leechers[3]}" INT 0
"$shoal" status "$five" > status.out
has "who left says so; who was killed is still counted" status.out ": 2 have it"

# --- what is there already ------------------------------------------------------------------------
cp -p five.bin got/five.bin
before=$(stat -c '%i %Y' got/five.bin)
for place in got/five.bin got/five1; do # known by its name, and proved block by block
  get 0 "$five" -o $place
  has "$place is there already" get.err "of which 0 B came"
done
same "the file that was there" "$(stat -c '%i %Y' got/five.bin)" "$before"
printf 'my diary' > got/diary
get 1 "$five" -o got/diary
has "another file is there" get.err "is there already"
same "the other file" "$(cat got/diary)" "my diary"
cp five.bin got/old && printf 'older' | dd of=got/old bs=1 seek=100000 conv=notrunc status=none
cp got/old old
get 1 "$five" -o got/old
has "an older file is there" get.err "is there already"
right got/old old
get 0 "$five" -o got/old --force --json
right got/old five.bin
same "fetched to renew an older file" "$(field done fetched_bytes get.out)" 16384
get 0 "$five" -o got/diary -f
right got/diary five.bin
same "leftovers" "$(find got -name '*.part')" ""
printf 'my diary' > got/mine.part
get 1 "$five" -o got/mine
has "another's part file" get.err "not a part of this file (8 bytes instead of 5000000)"
same "another's part file" "$(cat got/mine.part)" "my diary"
get 0 "$five" -o got/mine --force
right got/mine five.bin
same "leftovers of force" "$(find got -name 'mine.part')" ""

# --- broken off, and taken up again ---------------------------------------------------------------
start cut get "$five" -o got/cut --download '2 MB/s'
until_true holds $pid 1000000
kill -9 $pid
wait $pid 2> /dev/null
checks=$((checks + 1))
[ -e got/cut ] && fail "half a file stands at its place"
get 0 "$five" -o got/cut --json
right got/cut five.bin
fetched=$(field done fetched_bytes get.out)
checks=$((checks + 1))
[ "$fetched" -lt 4100000 ] || fail "resumed, it fetched $fetched bytes of 5000000"

start cut get "$five" -o got/int --download '500 kB/s'
until_true test -e got/int.part
sleep 0.5
stop $pid INT 130
same "left of a download that was interrupted" "$(ls got | grep int)" "int.part"
start cut get "$five" -o got/term --download '500 kB/s'
until_true test -e got/term.part
stop $pid TERM 143
get 0 "$five" -o got/int
right got/int five.bin
start none get $nobody -o got/none
sleep 0.5
stop $pid INT 130
same "left of a download that found nobody" "$(ls got | grep none)" ""
get 1 $nobody -o got/none --timeout '500 ms'
has "nobody has it" get.err "nobody with the file was reached"

# Two at once into one place.
start first get "$five" -o got/both --download '1 MB/s'
until_true test -e got/both.part
get 1 "$five" -o got/both
has "somebody is at it" get.err "by another process already"
stop $pid INT 130

# --- places that do not take it -------------------------------------------------------------------
get 1 "$five" -o got/no/such/folder
has "no folder" get.err "make the folder first"
(ulimit -f 1000; exec "$shoal" get "$five" -o got/limited > get.out 2> get.err)
same "exit status with a limit on file sizes" $? 1
has "a limit on file sizes" get.err "ulimit -f"
mkdir tiny sealed
chmod 555 sealed
if [ "$(id -u)" != 0 ]; then
  get 1 "$five" -o sealed/five
  has "a folder that may not be written" get.err "choose a place where you may write"
elif command -v setpriv > /dev/null; then
  chmod 711 "$work"
  (unset XDG_RUNTIME_DIR; HOME=/nowhere
   exec setpriv --reuid=65534 --clear-groups "$shoal" get "$five" -o sealed/five) > get.out 2> get.err
  same "exit status with a sealed folder" $? 1
  has "a folder that may not be written" get.err "choose a place where you may write"
else
  echo "skipped in part: a folder that may not be written (needs setpriv, or another user than root)"
fi
if mount -t tmpfs -o size=3m tmpfs tiny 2> /dev/null; then
  get 1 "$five" -o tiny/five
  has "a small disk" get.err "not enough room"
  same "left on the small disk" "$(ls tiny)" ""
  mount -o remount,size=6m tiny
  start full get "$five" -o tiny/five --download '1 MB/s'
  until_true test -e tiny/five.part
  head -c 3000000 /dev/zero > tiny/ballast
  wait $pid
  same "exit status when the disk becomes full" $? 1
  has "the disk becomes full" full.err "No space left on device"
  rm tiny/ballast
  get 0 "$five" -o tiny/five
  right tiny/five five.bin
  umount tiny
else
  echo "skipped in part: no tiny file system can be mounted here (needs root)"
fi

# --- a file that is changed while it is shared ----------------------------------------------------
sleep 0.1
printf changed | dd of=change.bin bs=1 seek=50000 conv=notrunc status=none
get 1 "$(fid_of change.bin)" -o got/change.bin --timeout '4 s'
has "what became of the download" get.err "shoal: "
until_true grep -q "change.bin' was changed: 1 of its blocks" share.err
same "spoilt bytes that came" "$(find got -name change.bin)" ""
same "bytes that came" "$(find got -name change.bin.part -size +250k | wc -l)" 1

# --- JSON -----------------------------------------------------------------------------------------
start json share one five.bin --json -q --port 0 --bind 127.0.0.1
json=$pid
until_true grep -q '"event":"shared".*five.bin' json.out
get 0 "$five" -o got/json --json --seed-time '1500 ms'
cp get.out get.json
start json2 tracker --json --port 0
until_true grep -q '"event":"started"' json2.out
checks=$((checks + 1))
[ "$(field started port json2.out)" -gt 0 ] || fail "no port in the tracker's JSON"
stop $pid INT 0
stop $json INT 0
same "events of a get" "$(sed -E 's/^\{"event":"([a-z]*)".*/\1/' get.json | grep -v status | tr '\n' ' ')" \
  "info done closed "
same "stderr of share --json -q" "$(cat json.err)" ""
if command -v python3 > /dev/null; then
  checks=$((checks + 1))
  python3 -c 'import json, sys
for line in sys.stdin: assert isinstance (json.loads (line), dict)' \
    < <(cat get.json json.out json2.out status.json scrape.json) || fail "no valid JSON"
fi

# --- wrong usage, and what cannot be --------------------------------------------------------------
# refuse STATUS WORDS ARG...
refuse ()
{
  local wanted=$1 words=$2
  shift 2
  timeout 10 "$shoal" "$@" > refuse.out 2> refuse.err < /dev/null
  same "exit status of $*" $? "$wanted"
  has "shoal $*" refuse.err "$words"
  same "stdout of $*" "$(cat refuse.out)" ""
}

refuse 2 "name a fid or a magnet link" get
refuse 2 "one fid or magnet link at a time" get "$five" "$five"
refuse 2 "is neither a fid" get 1234
refuse 2 "is neither a fid" get 'magnet:?xt=urn:btih:0123'
refuse 2 "both use the standard output" get "$five" -o - --json
refuse 2 "--upload: " get "$five" --upload 100
refuse 2 "--download: " share five.bin --download '5 apples'
refuse 2 "--seed-time: " get "$five" --seed-time soon
refuse 2 "--port 70000: expected" tracker --port 70000
refuse 2 "the port is missing" get "$five" --tracker localhost
refuse 2 "name the files" share
refuse 2 "is not expected here" tracker five.bin
refuse 2 "name the file that the tracker is to be asked for" status --tracker "127.0.0.1:$port"
refuse 1 "is not known" get "$five" --tracker "$(printf %070d 0 | tr 0 x).invalid:1" # no name: nobody is asked
refuse 1 "No such file" share five.bin missing.bin
refuse 1 "is a folder" share got
refuse 1 "does not answer" status "$five" --tracker 127.0.0.1:9
refuse 1 "$port" tracker --port "$port"
mkfifo pipe
refuse 1 "is a pipe" share pipe

# --- the end --------------------------------------------------------------------------------------
stop $share TERM 0
"$shoal" status "$five" > status.out
has "the tracker after all have left" status.out ": 1 have it" # the one that was killed
stop $tracker INT 0
# A tracker that is gone is waited for, but not by who asks twice.
start lonely get "$five" -o got/lonely
sleep 4
has "nobody answers" lonely.err "has not answered yet"
kill -INT $pid
sleep 1.3
kill -INT $pid 2> /dev/null
wait $pid 2> /dev/null
same "exit status of who was asked twice" $? 130
same "processes left" "$("$shoal" status 2>&1)" "shoal: no shoal process of yours is running"

echo "$checks checks, $failures failed"
[ $failures = 0 ]
