#!/bin/bash
# Runs the tests of the real proxy on networks that a build host seldom is: one without IPv6, one where it has several
# addresses, and one that is slower than its users. Each is a network namespace of our own, where loopback is all there is. Skipped where
# such are not allowed.
set -u
cd "${top_builddir:-.}" || exit 2
sources=${srcdir:-$PWD}

# in_namespace COMMANDS: as root of a new namespace, loopback being up.
in_namespace ()
{
  unshare --user --map-root-user --net bash -euc "ip link set lo up; $1"
}

skip ()
{
  echo "skipped: $1"
  exit 77
}

command -v ip > /dev/null && command -v tc > /dev/null || skip 'needs ip and tc (apt-get install iproute2)'
in_namespace true 2> /dev/null || skip 'network namespaces are not allowed here'

# run WHAT SETUP PROGRAM [VARIABLE=VALUE...]
run ()
{
  local what=$1 setup=$2 program=$3
  shift 3
  echo "$what: $program"
  in_namespace "$setup; unset CK_TAP_LOG_FILE_NAME; export srcdir=$sources $*; tests/$program" || failed=yes
}

failed=no
no_ipv6='echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'
for program in test-udp test-udp-local test-real-node; do
  run 'without IPv6' "[ ! -e /proc/sys/net/ipv6 ] || $no_ipv6" $program
done

# Two and four addresses of which the system prefers one, and two of a link; groups are on a
# cable, which loopback is not.
several='ip addr add 10.99.0.1/24 dev lo; ip addr add 10.99.0.5/24 dev lo'
[ ! -e /proc/sys/net/ipv6 ] || several="$several
  for i in 1 2 5 8; do ip addr add fd99::\$i/64 dev lo nodad; done
  for i in 1 2; do ip addr add fe80::\$i/64 dev lo nodad; done
  ip link add near type veth peer name far; ip link set near up; ip link set far up
  ip addr add fd98::1/64 dev near nodad"
for program in test-udp test-udp-local; do
  run 'with several addresses' "$several" $program
done

slow='tc qdisc add dev lo root tbf rate 80mbit burst 128k latency 10s'
if in_namespace "$slow" 2> /dev/null; then
  run 'at 10 MB/s' "$slow" test-real-node SHOAL_NETWORK_BYTES_PER_S=10000000 CK_RUN_CASE=network
else
  echo 'at 10 MB/s: left out, the kernel has no tbf'
fi
[ $failed = no ]
