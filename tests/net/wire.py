"""A switch with delay and loss, which not every kernel has (netem): an Ethernet device in each network
namespace that is named, and this program between them. It counts what passes.

  wire.py [--delay-ms N] [--loss PERCENT] [--again PERCENT] [--largest BYTES] [--seed N] [--mtu N]
          NAMESPACE...

--again: so many come a second time, half a second later. --largest: longer IP packets vanish.

Makes eth0 in each, says "ready", and runs until SIGTERM; then prints what it saw as JSON: packets,
packets lost and sent again, bytes of the largest UDP payload, IP fragments.
"""

import argparse
import fcntl
import heapq
import json
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
UDP = 17
AGAIN_S = 0.5
QUEUE_PACKETS = 4000  # as in netem's larger settings: what comes beyond is lost


def make_device(number, namespace, mtu):
    """The device lives in the namespace, its other end is the descriptor."""
    name = f"wire{number}"
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    subprocess.run(
        ["ip", "link", "set", name, "netns", namespace, "name", "eth0", "mtu", str(mtu)], check=True
    )
    subprocess.run(["ip", "-n", namespace, "link", "set", "eth0", "up"], check=True)
    return fd


class Wire:
    def __init__(self, options):
        self.fds = [
            make_device(number, namespace, options.mtu) for number, namespace in enumerate(options.namespaces)
        ]
        self.delay_s = options.delay_ms / 1000
        self.loss, self.again = options.loss / 100, options.again / 100
        self.largest = options.largest or options.mtu
        self.random = random.Random(options.seed)
        self.behind, self.queue, self.order = {}, [], 0
        self.seen = {"packets": 0, "lost": 0, "again": 0, "largest_udp_bytes": 0, "fragments": 0}

    def look(self, frame):
        kind = frame[12:14]
        if kind == b"\x08\x00":
            header = (frame[14] & 15) * 4
            self.seen["fragments"] += (frame[20] & 0x3F or frame[21]) != 0
            if frame[23] == UDP:
                self.note_udp(struct.unpack_from(">H", frame, 14 + header + 4)[0])
        elif kind == b"\x86\xdd":
            self.seen["fragments"] += frame[20] == 44
            if frame[20] == UDP:
                self.note_udp(struct.unpack_from(">H", frame, 14 + 40 + 4)[0])

    def note_udp(self, length):
        self.seen["packets"] += 1
        self.seen["largest_udp_bytes"] = max(self.seen["largest_udp_bytes"], length - 8)

    def take(self, fd, now):
        for _ in range(64):
            try:
                frame = os.read(fd, 65536)
            except BlockingIOError:
                return
            self.look(frame)
            self.behind[frame[6:12]] = fd
            if (
                len(frame) - 14 > self.largest
                or self.random.random() < self.loss
                or len(self.queue) > QUEUE_PACKETS
            ):
                self.seen["lost"] += 1
                continue
            self.push(now + self.delay_s, fd, frame)
            if self.random.random() < self.again:
                self.seen["again"] += 1
                self.push(now + self.delay_s + AGAIN_S, fd, frame)

    def push(self, when, fd, frame):
        self.order += 1
        heapq.heappush(self.queue, (when, self.order, fd, self.behind.get(frame[:6]), frame))

    def give(self, now):
        while self.queue and self.queue[0][0] <= now:
            _, _, source, to, frame = heapq.heappop(self.queue)
            for fd in [to] if to is not None else self.fds:
                if fd != source:
                    try:
                        os.write(fd, frame)
                    except OSError:  # the device is down
                        self.seen["lost"] += 1

    def run(self):
        poll = select.epoll()
        for fd in self.fds:
            poll.register(fd, select.EPOLLIN)
        while True:
            wait = self.queue[0][0] - time.monotonic() if self.queue else 1.0
            ready = poll.poll(max(wait, 0))
            now = time.monotonic()
            for fd, _ in ready:
                self.take(fd, now)
            self.give(time.monotonic())


class Ended(Exception):
    pass


def end(*_):
    raise Ended


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--loss", type=float, default=0)
    parser.add_argument("--again", type=float, default=0)
    parser.add_argument("--largest", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mtu", type=int, default=1500)
    parser.add_argument("namespaces", nargs="+")
    options = parser.parse_args()
    try:
        wire = Wire(options)
    except OSError as error:
        sys.exit(f"wire: {error}")
    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    try:
        wire.run()
    except Ended:
        print(json.dumps(wire.seen), flush=True)


if __name__ == "__main__":
    main()
