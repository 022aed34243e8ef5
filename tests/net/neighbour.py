"""A shoal peer that only shakes hands and acknowledges (docs/protocol.md): an idle neighbour, and a source of
genuine datagrams."""

import random
import socket
import struct

HELLO, COOKIE, WELCOME, REFUSE, RESET = range(0x51, 0x56)
VERSION = 1


def hello(fid, cid, cookie=b"", flags=0):
    return struct.pack(">BBBI", HELLO, VERSION, flags, cid) + fid + cookie


class Neighbour:
    def __init__(self, address, fid, flags=0):
        self.socket = socket.socket(
            socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM
        )
        self.socket.settimeout(2)
        self.socket.connect(address)
        self.fid, self.flags = fid, flags
        self.cid = random.randrange(1, 1 << 32)
        self.expected = self.sent = 0
        self.peer_cid = None

    def close(self):
        self.socket.close()

    def ask(self, request, kind):
        for _ in range(3):
            self.socket.send(request)
            try:
                reply = self.socket.recv(65536)
            except (TimeoutError, ConnectionRefusedError):
                continue
            if reply[0] == kind:
                return reply
        raise OSError(f"no answer {kind:#x} to a HELLO")

    def shake_hands(self):
        cookie = self.ask(hello(self.fid, self.cid, flags=self.flags), COOKIE)[5:13]
        self.peer_cid = struct.unpack_from(
            ">I", self.ask(hello(self.fid, self.cid, cookie, self.flags), WELCOME), 7
        )[0]

    def take(self, timeout_s):
        """The next datagram; what must be acknowledged of it is. None: none came."""
        self.socket.settimeout(timeout_s)
        try:
            datagram = self.socket.recv(65536)
        except TimeoutError:
            return None
        kind = datagram[0]
        if kind & ~7 == 0x60 and kind & 1:
            at = 7 + (2 if kind & 2 else 0) + (4 if kind & 4 else 0)
            if struct.unpack_from(">H", datagram, at)[0] == self.expected:
                self.expected = (self.expected + 1) & 0xFFFF
            self.socket.send(self.session())
        return datagram

    def ping(self):
        """Says PING in a chunk, which must be acknowledged. Whether it was, soon."""
        number = self.sent
        self.sent += 1
        self.socket.send(struct.pack(">BIHH", 0x61, self.peer_cid, self.expected, number) + b"\x02\x00")
        while datagram := self.take(1):
            if datagram[0] & ~7 == 0x60 and struct.unpack_from(">H", datagram, 5)[0] == number + 1:
                return True
        return False

    def session(self, messages=b""):
        """A datagram of the session, without a chunk."""
        return struct.pack(">BIH", 0x60, self.peer_cid, self.expected) + messages
