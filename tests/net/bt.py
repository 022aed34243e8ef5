"""What is needed of BitTorrent: bencoding, torrents of one file, and the UDP tracker protocol (BEP 15)."""

import hashlib
import os
import random
import socket
import struct

CONNECT, ANNOUNCE, SCRAPE, ERROR = range(4)
EVENTS = {"none": 0, "completed": 1, "started": 2, "stopped": 3}
MAGIC = 0x41727101980


def bencode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%b" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    pairs = sorted((key.encode(), item) for key, item in value.items())
    return b"d" + b"".join(bencode(key) + bencode(item) for key, item in pairs) + b"e"


class Torrent:
    """A version 1 torrent of one file. `source` tells apart torrents of the same file."""

    def __init__(self, path, announce, piece_bytes=1 << 20, source="shoal"):
        self.announce, self.path = announce, path
        self.name = os.path.basename(path)
        self.size = os.path.getsize(path)
        pieces = bytearray()
        with open(path, "rb", buffering=0) as file:
            while part := file.read(piece_bytes):
                pieces += hashlib.sha1(part).digest()
        self.info = {
            "length": self.size,
            "name": self.name,
            "piece length": piece_bytes,
            "pieces": bytes(pieces),
            "private": 1,
            "source": source,
        }
        self.info_hash = hashlib.sha1(bencode(self.info)).digest()

    def write(self, path):
        with open(path, "wb") as file:
            file.write(bencode({"announce": self.announce, "info": self.info}))
        return path


class TrackerSilent(Exception):
    pass


class TrackerRefused(Exception):
    pass


def announce_body(info_hash, port, event="none", left=0, want=-1):
    return struct.pack(
        ">20s20sQQQIIIiH",
        info_hash,
        b"-XX0001-" + os.urandom(12),
        0,
        left,
        0,
        EVENTS[event],
        0,
        random.getrandbits(32),
        want,
        port,
    )


class TrackerTalk:
    """One side of BEP 15, asked step by step."""

    def __init__(self, address, timeout_s=2.0, source=None):
        self.address = address
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(timeout_s)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect(address)
        self.ipv6 = family == socket.AF_INET6
        self.connection = None

    def close(self):
        self.socket.close()

    def exchange(self, request, repeats=2):
        """The reply; TrackerSilent when none came."""
        for _ in range(repeats):
            try:
                self.socket.send(request)
                return self.socket.recv(65536)
            except (TimeoutError, ConnectionRefusedError):
                pass
        raise TrackerSilent()

    def ask(self, connection, action, body):
        """The reply's body, after its action and transaction id."""
        transaction = random.getrandbits(32)
        reply = self.exchange(struct.pack(">QII", connection, action, transaction) + body)
        got, same = struct.unpack_from(">II", reply)
        if same != transaction:
            raise TrackerRefused("another transaction id")
        if got == ERROR:
            raise TrackerRefused(reply[8:].decode(errors="replace"))
        if got != action:
            raise TrackerRefused(f"action {got} for {action}")
        return reply[8:]

    def connect(self):
        self.connection = struct.unpack(">Q", self.ask(MAGIC, CONNECT, b""))[0]

    def announce(self, info_hash, port, event="none", left=0, want=-1, connection=None):
        """(interval_s, leechers, seeders, [(address, port)])"""
        reply = self.ask(
            self.connection if connection is None else connection,
            ANNOUNCE,
            announce_body(info_hash, port, event, left, want),
        )
        interval, leechers, seeders = struct.unpack_from(">III", reply)
        size, family = (18, socket.AF_INET6) if self.ipv6 else (6, socket.AF_INET)
        peers = [
            (
                socket.inet_ntop(family, reply[at : at + size - 2]),
                struct.unpack_from(">H", reply, at + size - 2)[0],
            )
            for at in range(12, len(reply) - size + 1, size)
        ]
        return interval, leechers, seeders, peers

    def scrape(self, *info_hashes):
        """[(seeders, completed, leechers)]"""
        return list(struct.iter_unpack(">III", self.ask(self.connection, SCRAPE, b"".join(info_hashes))))


def count_seeders(address, info_hash):
    talk = TrackerTalk(address)
    try:
        talk.connect()
        return talk.scrape(info_hash)[0][0]
    except TrackerSilent:
        return 0
    finally:
        talk.close()
