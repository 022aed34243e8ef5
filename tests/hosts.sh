#!/bin/bash
# shoal on several hosts: network namespaces with addresses of their own, joined by a bridge or by a wire with
# delay and loss. Hosts: a tracker, a seeder, three leechers, and one with bad intentions.
#
#   tests/hosts.sh [PART...]      or: make check-hosts [HOSTS="plain far"]
#
# Parts: plain far cut ipv6 narrow unreachable hostile (default: all). Needs root or user namespaces, iproute2 and
# python3; where namespaces cannot be made it says so and exits with 77. top_builddir names the folder with the
# built command (default: the current one). All of it happens in namespaces that end with this program.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
shoal=$(cd "${top_builddir:-.}" && pwd)/shoal
net=$top/tests/net
python=${PYTHON:-/usr/bin/python3}
export LC_ALL=C.UTF-8

# --- namespaces of our own: network, mounts (for `ip netns`) and processes ---------------------------
if [ -z "${SHOAL_HOSTS_INSIDE-}" ]; then
  [ -x "$shoal" ] || { echo "skipped: $shoal is not built"; exit 77; }
  command -v ip unshare > /dev/null || { echo "skipped: needs ip (apt-get install iproute2)"; exit 77; }
  enter=(unshare --net --mount --pid --fork --kill-child=TERM --mount-proc)
  [ "$(id -u)" = 0 ] || enter+=(--map-root-user)
  "${enter[@]}" sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add try' 2> /dev/null ||
    { echo "skipped: network namespaces cannot be made here (root, or user namespaces, are needed)"; exit 77; }
  SHOAL_HOSTS_INSIDE=yes "${enter[@]}" bash "$0" "$@" &
  inside=$!
  # unshare itself takes no other signal; the first process in there then ends, and all others with it.
  trap 'kill -KILL $inside; exit 130' INT TERM HUP
  wait $inside
  exit
fi

end ()
{
  jobs -p | xargs -r kill
  wait
  rm -rf "$work"
}
work=$(mktemp -d) || exit 1
trap end EXIT
trap 'exit 143' TERM
mount -t tmpfs tmpfs /run && mkdir /run/netns /run/user || exit 1
export XDG_RUNTIME_DIR=/run/user # where running processes can be asked for their status
cd "$work" || exit 1

hosts=(tracker seeder a b c foe)
leechers=(a b c)
declare -A ipv4 ipv6 pid
for i in "${!hosts[@]}"; do
  ipv4[${hosts[i]}]=10.77.0.$((i + 1))
  ipv6[${hosts[i]}]=fd77::$((i + 1))
done
failures=0 checks=0

fail ()
{
  failures=$((failures + 1))
  echo "FAIL: $part: $1"
  [ $# -lt 2 ] || sed 's/^/    /' "$2"
}

# check WHAT COMMAND...
check ()
{
  local what=$1
  shift
  checks=$((checks + 1))
  "$@" || fail "$what"
}

# at HOST COMMAND...
at ()
{
  ip netns exec "$@"
}

# --- the network --------------------------------------------------------------------------------------

make_hosts ()
{
  local host
  ip link set lo up
  for host in "${hosts[@]}"; do
    ip netns add "$host"
    ip -n "$host" link set lo up
  done
}

# give_addresses [4] [6]
give_addresses ()
{
  local host
  for host in "${hosts[@]}"; do
    [[ $* == *4* ]] && ip -n "$host" addr add "${ipv4[$host]}/24" dev eth0
    [[ $* == *6* ]] && ip -n "$host" addr add "${ipv6[$host]}/64" dev eth0 nodad
  done
}

# Devices in pairs, one end at a bridge, MTU 1500.
join_by_bridge ()
{
  local host
  ip link add bridge type bridge && ip link set bridge up
  for host in "${hosts[@]}"; do
    ip link add "to-$host" type veth peer name eth0 netns "$host" || exit 1
    ip link set "to-$host" master bridge up
    ip -n "$host" link set eth0 up
  done
}

# join_by_wire OPTION...: see net/wire.py.
join_by_wire ()
{
  "$python" -B "$net/wire.py" "$@" "${hosts[@]}" > wire.out &
  wire=$!
  until grep -qs ready wire.out; do
    kill -0 $wire 2> /dev/null || return 1
    sleep 0.05
  done
}

end_wire ()
{
  kill $wire
  wait $wire
  echo "$part: the wire saw $(tail -n 1 wire.out)"
}

unmake_hosts ()
{
  local host
  for host in "${!pid[@]}"; do
    kill "${pid[$host]}" 2> /dev/null
  done
  wait "${pid[@]}" 2> /dev/null
  pid=()
  for host in "${hosts[@]}"; do
    ip link del "to-$host" 2> /dev/null # a namespace ends some time after its deletion
    ip netns del "$host"
  done
  ip link del bridge 2> /dev/null
  rm -rf ./*
}

# counter HOST NAME: of the host's IP layer, both versions together.
counter ()
{
  at "$1" cat /proc/net/snmp /proc/net/snmp6 2> /dev/null |
    awk -v name="$2" '
      $1 == "Ip:" && !head { split ($0, names); head = 1; next }
      $1 == "Ip:" { for (i in names) if (names[i] == name) n += $i }
      $1 == "Ip6" name { n += $2 }
      END { print n + 0 }'
}

no_fragments ()
{
  local host made
  for host in "${hosts[@]}"; do
    made=$(($(counter "$host" FragCreates) + $(counter "$host" ReasmReqds) + $(counter "$host" FragFails)))
    check "$host: $made IP fragments made, received or refused" [ "$made" = 0 ]
  done
}

# --- shoal ----------------------------------------------------------------------------------------------

# start HOST NAME COMMAND...: in the background; output in NAME.out, messages in NAME.err.
start ()
{
  local host=$1 name=$2
  shift 2
  ip netns exec "$host" "$shoal" "$@" > "$name.out" 2> "$name.err" < /dev/null &
  pid[$name]=$!
}

# tracker_at ADDRESS, which all others use then.
tracker_at ()
{
  case $1 in *:*) tracker=[$1]:6969 ;; *) tracker=$1:6969 ;; esac
  start tracker tracker tracker --port 6969
}

# share SIZE [OPTION...]: the seeder has a file of so many bytes; sets $fid.
share ()
{
  local size=$1
  shift
  head -c "$size" /dev/urandom > source.bin
  start seeder seeder share source.bin --tracker "$tracker" --port 7000 "$@"
  fid=
  for _ in {1..200}; do
    fid=$(grep -soE '\b[0-9a-f]{64}\b' seeder.out | head -n 1)
    [ -n "$fid" ] && return
    sleep 0.05
  done
  fail "share did not tell a fid" seeder.err
}

# fetch HOST [OPTION...]
fetch ()
{
  local host=$1
  shift
  start "$host" "$host" get "$fid" -o "$host.bin" --tracker "$tracker" --port 7000 "$@"
}

# arrive HOST SECONDS: its download ends well within that time.
arrive ()
{
  local host=$1 deadline=$((SECONDS + $2)) status
  while kill -0 "${pid[$host]}" 2> /dev/null && [ $SECONDS -lt $deadline ]; do
    sleep 0.05
  done
  if kill -0 "${pid[$host]}" 2> /dev/null; then
    fail "$host: not done within $2 s" "$host.err"
    return 1
  fi
  wait "${pid[$host]}"
  status=$?
  unset "pid[$host]"
  [ $status = 0 ] || fail "$host: get ended with $status" "$host.err"
  check "$host: the file is not the one that was shared" cmp -s source.bin "$host.bin"
}

# has HOST BYTES SECONDS: waits until so much of the file is there.
has ()
{
  local deadline=$((SECONDS + $3)) have=0
  while [ "$have" -lt "$2" ] && [ $SECONDS -lt $deadline ]; do
    have=$(($(stat -c %b "$1.bin.part" 2> /dev/null || echo 0) * 512))
    sleep 0.02
  done
  [ "$have" -ge "$2" ] || fail "$1: only $have bytes after $3 s" "$1.err"
}

milliseconds ()
{
  echo $(($(date +%s%N) / 1000000))
}

# --- parts ------------------------------------------------------------------------------------------------

# all_fetch SIZE SECONDS WORDS: three leechers from one seeder; says how long it took.
all_fetch ()
{
  local size=$1 limit=$2 words=$3 host begin
  share "$size" || return
  begin=$(milliseconds)
  for host in "${leechers[@]}"; do
    fetch "$host"
  done
  for host in "${leechers[@]}"; do
    arrive "$host" "$limit"
  done
  echo "$part: 3 leechers, $((size / 1000000)) MB, $words: $(($(milliseconds) - begin)) ms"
}

part_plain ()
{
  join_by_bridge
  give_addresses 4
  tracker_at "${ipv4[tracker]}"
  all_fetch 64000000 60 "a bridge, MTU 1500"
  no_fragments
}

part_far ()
{
  if ! join_by_wire --delay-ms 20 --loss 1 --again 1; then
    echo "$part: skipped: /dev/net/tun cannot be used here"
    return
  fi
  give_addresses 4
  tracker_at "${ipv4[tracker]}"
  all_fetch 16000000 120 "20 ms each way, 1 % lost, 1 % twice"
  no_fragments
  end_wire
  check "a datagram of more than 1232 bytes went over the wire" \
    [ "$(sed -n 's/.*"largest_udp_bytes": \([0-9]*\).*/\1/p' wire.out)" -le 1232 ]
}

# One is cut off in the middle; the others complete, and when it comes back it completes.
part_cut ()
{
  join_by_bridge
  give_addresses 4
  tracker_at "${ipv4[tracker]}"
  share 40000000 --upload '8 MB/s'
  for host in "${leechers[@]}"; do
    fetch "$host"
  done
  has c 8000000 30
  ip -n c link set eth0 down
  arrive a 60
  arrive b 60
  check "c: ended though it was cut off" kill -0 "${pid[c]}"
  ip -n c link set eth0 up
  local begin
  begin=$(milliseconds)
  arrive c 120
  echo "$part: c completed $(($(milliseconds) - begin)) ms after it came back"
}

part_ipv6 ()
{
  join_by_bridge
  give_addresses 6
  tracker_at "${ipv6[tracker]}"
  all_fetch 64000000 60 "IPv6 alone"
  no_fragments
}

# The smallest path that IPv6 allows, of which no end knows: what is larger vanishes on the way.
part_narrow ()
{
  if ! join_by_wire --largest 1280; then
    echo "$part: skipped: /dev/net/tun cannot be used here"
    return
  fi
  give_addresses 6
  tracker_at "${ipv6[tracker]}"
  all_fetch 16000000 60 "a path of 1,280 bytes that nobody knows of"
  end_wire
}

# A tracker that names peers which are not there.
part_unreachable ()
{
  join_by_bridge
  give_addresses 4
  tracker_at "${ipv4[tracker]}"
  share 8000000
  # A closed port of a host that is up, and, after it went down, nobody at all; and a port of a host that
  # never was.
  at foe "$python" -B "$net/absent.py" "${ipv4[tracker]}" 6969 "$fid" 8 > /dev/null || fail "the tracker took no announces"
  ip -n foe link set eth0 down
  ip -n tracker route add 10.99.0.0/24 dev eth0
  local host begin
  begin=$(milliseconds)
  for host in "${leechers[@]}"; do
    fetch "$host"
  done
  for host in "${leechers[@]}"; do
    arrive "$host" 60
  done
  echo "$part: 3 leechers, 8 MB, 8 of 9 named by the tracker are not there: $(($(milliseconds) - begin)) ms"
}

memory_kib ()
{
  awk '/^RssAnon/ { print $2 }' "/proc/${pid[$1]}/status"
}

# flood SECONDS PROBES RATE: all kinds of hostile datagrams at all sockets but c's.
flood ()
{
  at foe "$python" -B "$net/hostile.py" --fid "$fid" --seconds "$1" --probes "$2" --rate "$3" --tracker "$tracker" \
    "${ipv4[seeder]}:7000" "${ipv4[a]}:7000" "${ipv4[b]}:7000" > foe.out 2> foe.err && return
  cat foe.err >> foe.out
  fail "hostile datagrams were answered with more than they were, or the flood ended early" foe.out
}

# told NAME FIELD: from the process's status.
told ()
{
  "$shoal" status --json | sed -n "s/.*\"pid\":${pid[$1]},.*\"$2\":\([0-9]*\).*/\1/p"
}

# there HOST SECONDS: its file is complete, while it may go on sharing.
there ()
{
  local deadline=$((SECONDS + $2))
  until [ -e "$1.bin" ] || [ $SECONDS -ge $deadline ]; do
    sleep 0.05
  done
  check "$1: the file is not there, or not the one that was shared" cmp -s source.bin "$1.bin"
}

part_hostile ()
{
  local name after grown host under_attack=(tracker seeder a b)
  local -A before
  join_by_bridge
  give_addresses 4
  tracker_at "${ipv4[tracker]}"
  share 40000000 --upload '4 MB/s'
  for host in "${leechers[@]}"; do
    fetch "$host" --seed
  done
  has a 1000000 30
  flood 3 5 20000
  echo "$part: $(cat foe.out)"
  check "the downloads were over before the flood was" [ ! -e a.bin ]
  for host in "${leechers[@]}"; do
    there "$host" 60
  done
  # What a download takes is taken by now: memory must not grow any more.
  flood 1 0 20000
  for name in "${under_attack[@]}"; do
    before[$name]=$(memory_kib "$name")
  done
  flood 4 0 20000
  echo "$part: $(cat foe.out)"
  for name in "${under_attack[@]}"; do
    after=$(memory_kib "$name")
    grown=$((after - before[$name]))
    echo "$part: $name: $after KiB of memory, $grown more than before the last flood; dropped" \
      "$(told "$name" malformed_datagrams) malformed and $(told "$name" unknown_datagrams) unknown datagrams"
    # Some bytes a datagram. The address sanitizer keeps what is freed.
    grep -q __asan_init "$shoal" || check "$name: memory grew by $grown KiB" [ $grown -lt 256 ]
    check "$name: does not count what it dropped" [ "$(told "$name" malformed_datagrams)" -gt 100 ]
  done
}

parts=("$@")
[ $# -gt 0 ] || parts=(plain far cut ipv6 narrow unreachable hostile)
for part in "${parts[@]}"; do
  declare -F "part_$part" > /dev/null || { echo "hosts: there is no part '$part'" >&2; exit 2; }
  make_hosts
  "part_$part"
  unmake_hosts
done
echo "$checks checks, $failures failed"
[ $failures = 0 ]
