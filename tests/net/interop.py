"""shoal and BitTorrent's world: our tracker serves others' clients, our peers use others' tracker, and our
file ids are what others call version 2 info-hashes.

  interop.py SHOAL

Prints a line for each step; exit status 0: all is well, 1: something failed, 77: nothing could be
tried.
"""

import os
import sys
import time

sys.dont_write_bytecode = True

import bt  # noqa: E402
import clients  # noqa: E402
import procs  # noqa: E402

TRACKER = procs.PRIVATE_ADDRESS.format(1)
TRACKER_6 = procs.PRIVATE_ADDRESS_6.format(1)
SIZE = 3 * (1 << 20) + 4321
LOBBY = b"shoal lobby".ljust(20, b"\0")


class Report:
    def __init__(self):
        self.failed = self.passed = 0

    def step(self, what, test, *words):
        started = time.monotonic()
        try:
            test(*words)
        except (procs.Failed, bt.TrackerSilent, bt.TrackerRefused, OSError, AssertionError) as failure:
            self.failed += 1
            print(f"FAIL: {what}: {failure!r}" if not str(failure) else f"FAIL: {what}: {failure}")
            return
        self.passed += 1
        print(f"ok: {what} ({time.monotonic() - started:.1f} s)", flush=True)


def need(condition, words):
    if not condition:
        raise procs.Failed(words)


# --- the tracker protocol, message by message -------------------------------------------------------


def check_tracker(address, strict):
    """A swarm of two, from two sockets. strict: ours, of which more is asked than of others."""
    one, other = bt.TrackerTalk(address), bt.TrackerTalk(address)
    info_hash = os.urandom(20)
    yield info_hash
    one.connect()
    other.connect()
    interval, leechers, seeders, _ = one.announce(info_hash, 7001, "started", 0)
    need(
        interval > 0 and (leechers, seeders) == (0, 1),
        f"a seeder alone: {leechers} leechers, {seeders} seeders",
    )
    _, leechers, seeders, peers = other.announce(info_hash, 7002, "started", 5)
    need((leechers, seeders) == (1, 1), f"a leecher came: {leechers} leechers, {seeders} seeders")
    need((address[0], 7001) in peers, f"the seeder is not among {peers}")
    need(one.scrape(info_hash)[0][::2] == (1, 1), "the scrape does not tell of one of each")
    other.announce(info_hash, 7002, "completed", 0)
    need(one.scrape(info_hash) == [(2, 1, 0)], f"after 'completed' the scrape says {one.scrape(info_hash)}")
    other.announce(info_hash, 7002, "stopped", 0)
    need(one.scrape(info_hash)[0][::2] == (1, 0), "who stopped is still counted")
    if strict:
        need(not peers or (address[0], 7002) not in peers, "an asker got its own address")
        need(one.announce(info_hash, 7001, want=0)[3] == [], "peers came though none were wanted")
        check_refusals(address, one, info_hash)
    one.close()
    other.close()


def check_refusals(address, talk, info_hash):
    """No connection id but one's own is good, and no answer is larger than its cause but for a good one."""
    for connection in (0, bt.MAGIC, talk.connection ^ 1, talk.connection ^ 1 << 63):
        request = bt.struct.pack(">QII", connection, bt.ANNOUNCE, 5) + bt.announce_body(
            info_hash, 7003, "started"
        )
        try:
            reply = talk.exchange(request, repeats=1)
        except bt.TrackerSilent:
            continue
        need(
            bt.struct.unpack_from(">I", reply)[0] == bt.ERROR,
            "an announce with a false connection id was taken",
        )
        need(len(reply) <= len(request), f"an answer of {len(reply)} bytes to a false {len(request)}")
    talk.socket.settimeout(0.2)
    for request in (b"", b"\0" * 15, os.urandom(16), bt.struct.pack(">QII", bt.MAGIC, 9, 5)):
        try:
            reply = talk.exchange(request, repeats=1)
        except bt.TrackerSilent:
            continue
        need(len(reply) <= len(request), f"an answer of {len(reply)} bytes to {len(request)}")
    need(talk.scrape(info_hash)[0][::2] == (1, 0), "refused announces were counted")


def speak_with_ours(tracker, address):
    for _ in check_tracker((address, tracker.port), strict=True):
        pass


def answers_from_where_it_was_asked(tracker):
    """A host may have many addresses; who asked at one takes no answer from another."""
    for mine, asked in ((2, 5), (5, 2), (2, 1), (1, 2)):
        for addresses in (procs.PRIVATE_ADDRESS, procs.PRIVATE_ADDRESS_6):
            talk = bt.TrackerTalk((addresses.format(asked), tracker.port), 0.5, addresses.format(mine))
            try:
                talk.connect()
            except bt.TrackerSilent:
                raise procs.Failed(f"no answer from {talk.address[0]}, which was asked") from None
            talk.close()


def speak_with_opentracker(tracker):
    for info_hash in check_tracker((TRACKER, tracker.port), strict=False):
        tracker.allow(info_hash)


# --- transfers --------------------------------------------------------------------------------------


class Swarm:
    """One client seeds, each of several fetches; they find each other by the tracker alone."""

    def __init__(self, stage, tracker, label, number, addresses=procs.PRIVATE_ADDRESS):
        self.stage, self.label, self.leechers = stage, label, []
        self.addresses = (addresses.format(10 * number + host) for host in range(2, 9))
        host = addresses.format(1)
        self.tracker_address = (host, tracker.port)
        self.folder = stage.make_folder(label + "-source")
        self.path = procs.write_random(os.path.join(self.folder, "data.bin"), SIZE)
        host = f"[{host}]" if ":" in host else host
        self.torrent = bt.Torrent(self.path, f"udp://{host}:{tracker.port}/announce", 1 << 18)
        tracker.allow(self.torrent.info_hash)

    def seeders(self):
        return bt.count_seeders(self.tracker_address, self.torrent.info_hash)

    def seed(self, kind):
        self.seeder = kind(
            self.stage, f"{self.label}-seeder", self.torrent, self.folder, next(self.addresses), True
        )

    def fetch(self, kinds):
        procs.wait_until(
            "the seeder's announce", lambda: self.seeder.process.check_alive() and self.seeders() == 1
        )
        for kind in kinds:
            name = f"{self.label}-{kind.name}"
            self.leechers.append(
                kind(
                    self.stage, name, self.torrent, self.stage.make_folder(name), next(self.addresses), False
                )
            )

    def finish(self):
        for leecher in self.leechers:
            procs.wait_until(leecher.process.name, leecher.is_complete, 60)
            procs.wait_until("the same bytes", lambda: procs.same_bytes(self.path, leecher.result), 10)
        procs.wait_until(
            "'completed' of all at the tracker", lambda: self.seeders() == 1 + len(self.leechers)
        )


def swarms_by(report, stage, tracker, kinds):
    """All at once: most of the time is waiting for clients that do something every ten seconds."""
    swarms = [
        (Swarm(stage, tracker, kind.name, 1 + number), kind, kinds) for number, kind in enumerate(kinds)
    ]
    if clients.Libtorrent in kinds:  # the only one that speaks with trackers over IPv6
        swarm = Swarm(stage, tracker, "libtorrent6", 0, procs.PRIVATE_ADDRESS_6)
        swarms.append((swarm, clients.Libtorrent, [clients.Libtorrent]))
    for swarm, kind, _ in swarms:
        swarm.seed(kind)
    for swarm, _, leechers in swarms:
        report.step(f"{swarm.label} seeds by our tracker", swarm.fetch, leechers)
    for swarm, _, leechers in swarms:
        report.step(
            f"{swarm.label} to {', '.join(kind.name for kind in leechers)} by our tracker", swarm.finish
        )


def share_by(stage, shoal, tracker, lobby):
    """shoal's own peers by somebody else's tracker."""
    if lobby:
        tracker.allow(LOBBY)
    label = f"shoal-{lobby}"
    folder = stage.make_folder(label + "-source")
    path = procs.write_random(os.path.join(folder, f"{label}.bin"), SIZE)
    shared = clients.ShoalFile(path, shoal, f"{TRACKER}:{tracker.port}")
    # What share announces before the whitelist has it is not taken: hash first, then come again.
    clients.Shoal(stage, label + "-hasher", shared, folder, None, True).process.end()
    tracker.allow(shared.info_hash)
    seeder = clients.Shoal(stage, label + "-seeder", shared, folder, None, True)
    procs.wait_until(
        f"{label}: the seeder's announce",
        lambda: seeder.process.check_alive()
        and bt.count_seeders((TRACKER, tracker.port), shared.info_hash) == 1,
    )
    leecher = clients.Shoal(stage, label + "-leecher", shared, stage.make_folder(label), None, False)
    status = leecher.process.wait(60)
    need(status == 0, f"shoal get ended with {status}: {leecher.process.text()[-1000:]}")
    need(procs.same_bytes(path, leecher.result), "the file that came is another")
    seeder.process.end()
    procs.wait_until(
        "the farewell of all", lambda: bt.count_seeders((TRACKER, tracker.port), shared.info_hash) == 0
    )


def same_id(stage, shoal, tracker):
    """Our file id is the info-hash of the version 2 torrent that libtorrent makes of the file."""
    import libtorrent as lt

    for size in (1, 16384, SIZE, 40 << 20):
        folder = stage.make_folder(f"id-{size}")
        path = procs.write_random(os.path.join(folder, "some file.bin"), size)
        shared = clients.ShoalFile(path, shoal, f"{TRACKER}:{tracker.port}")
        clients.Shoal(stage, f"id-{size}-seeder", shared, folder, None, True).process.end()
        piece = 16384
        while piece * 2048 < size:
            piece *= 2
        files = lt.file_storage()
        files.add_file("some file.bin", size)
        maker = lt.create_torrent(files, piece, lt.create_torrent.v2_only)
        lt.set_piece_hashes(maker, folder)
        theirs = str(lt.torrent_info(maker.generate()).info_hashes().v2)
        need(theirs == shared.fid, f"{size} bytes: {shared.fid} here, {theirs} there")


# --- all --------------------------------------------------------------------------------------------


def with_ours(report, stage, shoal, kinds):
    tracker = clients.ShoalTracker(stage, shoal, TRACKER)
    report.step("BEP 15 with our tracker, IPv4", speak_with_ours, tracker, TRACKER)
    report.step("BEP 15 with our tracker, IPv6", speak_with_ours, tracker, TRACKER_6)
    report.step("our tracker answers from where it was asked", answers_from_where_it_was_asked, tracker)
    swarms_by(report, stage, tracker, kinds)
    if clients.Libtorrent in kinds:
        report.step("our file ids are libtorrent's version 2 info-hashes", same_id, stage, shoal, tracker)


def with_opentracker(report, stage, shoal):
    tracker = clients.Opentracker(stage, TRACKER)
    report.step("BEP 15 with opentracker", speak_with_opentracker, tracker)
    report.step("shoal to shoal by opentracker, which knows no lobby", share_by, stage, shoal, tracker, False)
    report.step("shoal to shoal by opentracker", share_by, stage, shoal, tracker, True)


def main():
    shoal = os.path.abspath(sys.argv[1])
    kinds = [kind for kind in clients.BITTORRENT if not kind.missing()]
    for kind in (*clients.BITTORRENT, clients.Opentracker):
        if kind.missing():
            print(f"without {', '.join(kind.missing())} (apt-get install {kind.packages})")
    if not procs.in_private_network():
        print("skipped: needs a network namespace (as root, or where users may make them), and iproute2")
        return 77
    procs.end_on_signals()
    report = Report()
    with procs.Stage() as stage:
        with_ours(report, stage, shoal, kinds)
        if not clients.Opentracker.missing():
            with_opentracker(report, stage, shoal)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
