"""Throws hostile datagrams at shoal sockets: garbage, cut, changed, replayed, oversized.

  hostile.py [--fid FID] [--seconds S] [--rate N] [--tracker] HOST:PORT...

First each kind is sent alone, from a socket of its own, and the answer is measured: nobody unproven may
get more bytes, or more datagrams, than it sent. Then all kinds are sent for some seconds. Prints what
was sent and came back as JSON; exit status 1 when an answer was larger than its cause.
"""

import argparse
import json
import os
import random
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True

import bt  # noqa: E402
import neighbour  # noqa: E402

FIRST_BYTES = [*range(0x50, 0x57), *range(0x60, 0x70)]
LARGEST = 65507


def parse_address(text):
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def genuine_to_peer(address, fid):
    """Datagrams as they really occur, in both directions, of a session that has ended."""
    peer = neighbour.Neighbour(address, fid)
    known = [
        neighbour.hello(fid, peer.cid),
        neighbour.hello(os.urandom(32), peer.cid),
        neighbour.hello(fid, peer.cid, os.urandom(8)),
    ]
    peer.shake_hands()
    while len(known) < 12:
        datagram = peer.take(0.3)
        if datagram is None:
            break
        known.append(datagram)
    known += [peer.session(b"\x02\x00"), peer.session(b"\x0b\x01\x00"), peer.session(b"\x01\x01\x07")]
    peer.socket.send(known[-1])  # goodbye
    peer.close()
    return known


def genuine_to_tracker(address):
    talk = bt.TrackerTalk(address)
    talk.connect()
    header = struct.pack(">QII", talk.connection, bt.ANNOUNCE, 77)
    talk.close()
    # Its connection id is of another address than those that repeat it.
    return [
        struct.pack(">QII", bt.MAGIC, bt.CONNECT, 77),
        header + bt.announce_body(os.urandom(20), 7, "started"),
        header[:8] + struct.pack(">II", bt.SCRAPE, 77) + os.urandom(20 * 60),
    ]


def changed(datagram):
    copy = bytearray(datagram)
    for _ in range(random.randint(1, 4)):
        copy[random.randrange(len(copy))] ^= 1 << random.randrange(8)
    return bytes(copy)


def hostile(kind, known):
    one = random.choice(known)
    if kind == "garbage":
        return os.urandom(random.randint(0, 1400))
    if kind == "garbage with a known first byte":
        return bytes([random.choice(FIRST_BYTES)]) + os.urandom(random.randint(0, 200))
    if kind == "cut":
        return one[: random.randrange(len(one))]
    if kind == "changed":
        return changed(one)
    if kind == "replayed":
        return one
    return (one + os.urandom(LARGEST))[: random.choice((1500, 9000, 20000, LARGEST))]


KINDS = ("garbage", "garbage with a known first byte", "cut", "changed", "replayed", "oversized")


def new_socket(address):
    made = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
    made.connect(address)
    return made


def answers(sender):
    """Sizes of what is there to read."""
    sizes = []
    while True:
        try:
            sizes.append(len(sender.recv(65536)))
        except (TimeoutError, BlockingIOError):
            return sizes
        except ConnectionRefusedError:
            pass


def probe(address, known, result, times):
    for kind in KINDS:
        for _ in range(times):
            sender = new_socket(address)
            sender.settimeout(0.03)
            datagram = hostile(kind, known)
            sender.send(datagram)
            sizes = answers(sender)
            sender.close()
            result["probes"] += 1
            result["answered"] += bool(sizes)
            if len(sizes) > 1 or sum(sizes) > len(datagram):
                result["amplified"].append(
                    {"kind": kind, "request": datagram[:64].hex(), "bytes": len(datagram), "answers": sizes}
                )


def flood(targets, seconds, rate, result):
    senders = [(new_socket(address), known) for address, known in targets]
    for sender, _ in senders:
        sender.setblocking(False)
    end, sent, started = time.monotonic() + seconds, 0, time.monotonic()
    while time.monotonic() < end:
        for sender, known in senders:
            datagram = hostile(random.choice(KINDS[:-1] if sent % 50 else KINDS), known)
            try:
                sender.send(datagram)
            except (BlockingIOError, ConnectionRefusedError, OSError):
                continue
            sent += 1
            result["flood_sent_bytes"] += len(datagram)
            if sent % 100 == 0:
                result["flood_answer_bytes"] += sum(answers(sender))
        time.sleep(max(0, started + sent / rate - time.monotonic()))
    time.sleep(0.2)
    result["flood_sent"] = sent
    result["flood_answer_bytes"] += sum(sum(answers(sender)) for sender, _ in senders)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fid", type=bytes.fromhex)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rate", type=float, default=10000, help="datagrams a second, to all together")
    parser.add_argument("--probes", type=int, default=10, help="of each kind, to each target")
    parser.add_argument("--tracker", help="HOST:PORT of a tracker, as another target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    random.seed(options.seed)
    targets = [
        (address, genuine_to_peer(address, options.fid)) for address in map(parse_address, options.targets)
    ]
    if options.tracker:
        address = parse_address(options.tracker)
        targets.append((address, genuine_to_tracker(address)))
    result = {
        "probes": 0,
        "answered": 0,
        "amplified": [],
        "flood_sent": 0,
        "flood_sent_bytes": 0,
        "flood_answer_bytes": 0,
    }
    for address, known in targets:
        probe(address, known, result, options.probes)
    flood(targets, options.seconds, options.rate, result)
    print(json.dumps(result))
    return 1 if result["amplified"] or result["flood_answer_bytes"] > result["flood_sent_bytes"] else 0


if __name__ == "__main__":
    sys.exit(main())
