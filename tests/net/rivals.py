"""The race: one seeder and one leecher of shoal and of known BitTorrent clients, over loopback, without
limits, with the file in memory. Also what an idle seeder costs, and memory with a large file.

The clients take turns in every round, so that what else the machine does meets all of them alike;
ratios are of figures from one run. A leecher's time is from the start of its process to the complete,
proved file at its place, hashing included; seeders are there before and have proved their file. Figures
are told, not judged: the exit status is 0 unless something fails.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time

sys.dont_write_bytecode = True

import bt  # noqa: E402
import clients  # noqa: E402
import neighbour  # noqa: E402
import procs  # noqa: E402

MIB = 1 << 20
TRACKER, SEEDER, LEECHER = (procs.PRIVATE_ADDRESS.format(number) for number in (1, 2, 3))
HERE = "127.0.0.1"
IDLE_S = 20
LIMIT_S = 900


def say(text):
    procs.say("rivals: " + text)


def need_memory(size):
    free = shutil.disk_usage("/dev/shm").free
    with open("/proc/meminfo") as lines:
        available = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")][0]
    if size > min(free, available) - 512 * MIB:
        raise procs.Failed(
            f"{size // MIB} MiB are needed in /dev/shm (free: {free // MIB} MiB, memory: "
            f"{available // MIB} MiB); choose smaller sizes"
        )


def follow(leecher, usage):
    """Until it is complete; the seconds. usage: its processor time and largest memory, as long as they could
    be read."""
    while not leecher.is_complete():
        usage[:] = leecher.process.usage() or usage
        if time.monotonic() - leecher.process.started > LIMIT_S:
            raise procs.Failed(f"{leecher.name}: not within {LIMIT_S} s:\n{leecher.process.text()[-2000:]}")
        time.sleep(0.005)
    seconds = time.monotonic() - leecher.process.started
    usage[:] = leecher.process.usage() or usage
    return seconds


class Entrant:
    """One client in the race: a seeder, and a new leecher in every round."""

    def __init__(self, stage, kind, shared, tracker, rounds):
        self.stage, self.kind, self.shared = stage, kind, shared
        self.rounds = min(rounds, kind.max_rounds or rounds)
        self.seconds, self.leecher_cpu, self.seeder_cpu = [], [], []
        folder = os.path.dirname(shared.path)
        if kind is not clients.Shoal:
            tracker.allow(shared.info_hash)
        self.seeder = kind(stage, kind.name + "-seeder", shared, folder, SEEDER, True)
        procs.wait_until(f"{kind.name}: seeder", self._is_ready, 120)

    def _is_ready(self):
        self.seeder.process.check_alive()
        return bt.count_seeders(self.shared.tracker_address, self.shared.info_hash) > 0

    def run(self, number):
        folder = self.stage.make_folder(f"{self.kind.name}-{number}")
        before, usage = self.seeder.process.cpu_s(), [0, 0]
        leecher = self.kind(
            self.stage, f"{self.kind.name}-leecher-{number}", self.shared, folder, LEECHER, False
        )
        seconds = follow(leecher, usage)
        self.seconds.append(seconds)
        self.leecher_cpu.append(usage[0])
        self.seeder_cpu.append(self.seeder.process.cpu_s() - before)
        leecher.process.end()
        if not procs.same_bytes(self.shared.path, leecher.result):
            raise procs.Failed(f"{self.kind.name}: the file that came is not the one that was sent")
        shutil.rmtree(folder)
        say(f"{self.kind.name}: {seconds:.2f} s, {self.shared.size / seconds / 1e6:.0f} MB/s")

    def figures(self):
        gigabytes = self.shared.size / 1e9
        return {
            "client": self.kind.name,
            "version": self.kind.version(),
            "settings": self.kind.settings,
            "size_bytes": self.shared.size,
            "seconds": [round(s, 3) for s in self.seconds],
            "mb_per_s": round(gigabytes * 1000 / statistics.median(self.seconds), 1),
            "best_mb_per_s": round(gigabytes * 1000 / min(self.seconds), 1),
            "leecher_cpu_s_per_gb": round(statistics.median(self.leecher_cpu) / gigabytes, 2),
            "seeder_cpu_s_per_gb": round(statistics.median(self.seeder_cpu) / gigabytes, 2),
        }


def source_file(stage, size):
    path = os.path.join(stage.make_folder(f"source-{size}"), "data.bin")
    return path if os.path.exists(path) else procs.write_random(path, size)


def start_trackers(stage, options, kinds):
    """(for BitTorrent, for shoal)"""
    own = clients.ShoalTracker(stage, options.shoal, HERE) if clients.Shoal in kinds else None
    others = clients.Opentracker(stage, TRACKER) if kinds != [clients.Shoal] else None
    return others, own


def share(stage, kind, options, others, own):
    size = min(options.size_mib * MIB, kind.max_size_bytes or sys.maxsize)
    path = source_file(stage, size)
    if kind is clients.Shoal:
        shared = clients.ShoalFile(path, options.shoal, f"{HERE}:{own.port}")
        shared.tracker_address = (HERE, own.port)
    else:
        shared = bt.Torrent(path, f"udp://{TRACKER}:{others.port}/announce", source=kind.name)
        shared.tracker_address = (TRACKER, others.port)
    return shared


def race(options, kinds):
    need_memory(2 * options.size_mib * MIB + 512 * MIB)
    with procs.Stage(memory_backed=True) as stage:
        others, own = start_trackers(stage, options, kinds)
        entrants = [
            Entrant(stage, kind, share(stage, kind, options, others, own), others, options.rounds)
            for kind in kinds
        ]
        for number in range(options.rounds):
            for entrant in entrants:
                if number < entrant.rounds:
                    entrant.run(number)
        return compare([entrant.figures() for entrant in entrants])


def idle_cost(process, seconds):
    cpu, switches = process.cpu_ns(), process.switches()
    time.sleep(seconds)
    process.check_alive()
    return {
        "seconds": seconds,
        "cpu_ms": round((process.cpu_ns() - cpu) / 1e6, 2),
        "wake_ups": process.switches() - switches,
    }


def idle(options):
    """Processor time of a seeder that is asked for nothing, alone and with a neighbour that only listens."""
    with procs.Stage(memory_backed=True) as stage:
        tracker = clients.ShoalTracker(stage, options.shoal, HERE)
        shared = clients.ShoalFile(source_file(stage, 4 * MIB), options.shoal, f"{HERE}:{tracker.port}")
        seeder = clients.Shoal(stage, "seeder", shared, os.path.dirname(shared.path), SEEDER, True)
        procs.wait_until("seeder", lambda: bt.count_seeders((HERE, tracker.port), shared.info_hash))
        time.sleep(1)
        say(f"an idle seeder for {IDLE_S} s")
        alone = idle_cost(seeder.process, IDLE_S)
        tracker.talk.connect()
        address = tracker.talk.announce(shared.info_hash, 9, "none", 1)[3][0]
        peer = neighbour.Neighbour(address, bytes.fromhex(shared.fid))
        peer.shake_hands()
        while peer.take(0.5):
            pass
        say(f"an idle seeder with a neighbour for {IDLE_S} s")
        with_neighbour = idle_cost(seeder.process, IDLE_S)
        if not peer.ping():
            raise procs.Failed("the idle neighbour was no neighbour: its PING was not acknowledged")
        return {"alone": alone, "with_neighbour": with_neighbour}


def memory(options):
    """Largest memory of a leecher of a large file, and of its seeder."""
    size = options.large_mib * MIB
    need_memory(2 * size)
    with procs.Stage(memory_backed=True) as stage:
        tracker = clients.ShoalTracker(stage, options.shoal, HERE)
        shared = clients.ShoalFile(source_file(stage, size), options.shoal, f"{HERE}:{tracker.port}")
        seeder = clients.Shoal(stage, "seeder", shared, os.path.dirname(shared.path), SEEDER, True)
        usage = [0, 0]
        leecher = clients.Shoal(stage, "leecher", shared, stage.make_folder("leecher"), LEECHER, False)
        seconds = follow(leecher, usage)
        if not procs.same_bytes(shared.path, leecher.result):
            raise procs.Failed("the large file that came is not the one that was sent")
        say(f"{options.large_mib} MiB: {seconds:.1f} s, largest memory {usage[1] / 1e6:.0f} MB")
        return {
            "size_bytes": size,
            "seconds": round(seconds, 2),
            "leecher_peak_bytes": usage[1],
            "seeder_peak_bytes": seeder.process.peak_memory_bytes(),
        }


def table(rows, markdown):
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths)]
        print("| " + " | ".join(cells) + " |" if markdown else "  ".join(cells).rstrip())
        if number == 0:
            print(
                "|" + "|".join("-" * (width + 2) for width in widths) + "|"
                if markdown
                else "  ".join("-" * width for width in widths)
            )
    print()


def compare(figures):
    """Adds how many times as quick as each client shoal was in the same round, in the middle."""
    ours = next((f for f in figures if f["client"] == "shoal"), None)
    for f in figures if ours else []:
        ratios = [
            (theirs / f["size_bytes"]) / (own / ours["size_bytes"])
            for theirs, own in zip(f["seconds"], ours["seconds"])
        ]
        f["shoal_is_quicker_by"] = round(statistics.median(ratios), 2)
    return figures


def tell_race(figures, markdown):
    rows = [["client", "MB/s", "best", "shoal is quicker by", "CPU s/GB: leecher", "seeder", "MiB"]]
    for f in figures:
        rows.append(
            [
                f"{f['client']} {f['version']}",
                f["mb_per_s"],
                f["best_mb_per_s"],
                f.get("shoal_is_quicker_by", "-"),
                f["leecher_cpu_s_per_gb"],
                f["seeder_cpu_s_per_gb"],
                f["size_bytes"] // MIB,
            ]
        )
    table(rows, markdown)


def tell_own(result, markdown):
    rows = [["figure", "target", "measured", "reached"]]

    def add(what, target, unit, value):
        rows.append([what, f"<= {target} {unit}", f"{value:g} {unit}", "yes" if value <= target else "no"])

    if "idle" in result:
        for key, words in (("alone", "alone"), ("with_neighbour", "with an idle neighbour")):
            add(f"CPU time of a seeder in {IDLE_S} s, {words}", 10, "ms", result["idle"][key]["cpu_ms"])
    if "memory" in result:
        mib = result["memory"]["size_bytes"] // MIB
        add(
            f"largest memory, get of {mib} MiB",
            200,
            "MB",
            round(result["memory"]["leecher_peak_bytes"] / 1e6, 1),
        )
        add(
            f"largest memory, share of {mib} MiB",
            200,
            "MB",
            round(result["memory"]["seeder_peak_bytes"] / 1e6, 1),
        )
    if len(rows) > 1:
        table(rows, markdown)


def read_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shoal", help="the command; without it only the others race")
    parser.add_argument("--quick", action="store_true", help="512 MiB and one round, large file 1 GiB")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--size-mib", type=int)
    parser.add_argument("--large-mib", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--clients", help="some of shoal,libtorrent,aria2,transmission")
    parser.add_argument("--only", default="race,idle,memory", help="some of these (default: all)")
    options = parser.parse_args()
    options.size_mib = options.size_mib or (512 if options.quick else 2048)
    options.large_mib = options.large_mib or (1024 if options.quick else 4096)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.shoal = options.shoal and os.path.abspath(options.shoal)
    return options


def choose_clients(options):
    kinds = []
    for kind in (clients.Shoal, *clients.BITTORRENT):
        if options.clients and kind.name not in options.clients.split(","):
            continue
        if kind is clients.Shoal:
            if options.shoal:
                kinds.append(kind)
        elif missing := kind.missing() + clients.Opentracker.missing():
            packages = f"{kind.packages} {clients.Opentracker.packages}"
            say(f"without {kind.name}: there is no {', '.join(missing)} (apt-get install {packages})")
        elif options.quick and kind is clients.Transmission and not options.clients:
            say("without transmission, which takes 45 s for 256 MiB (--clients shoal,transmission)")
        else:
            kinds.append(kind)
    return kinds


def main():
    options = read_options()
    if not procs.in_private_network():
        say("skipped: needs a network namespace (as root, or where users may make them), and iproute2")
        return 77
    procs.end_on_signals()
    wanted, result = options.only.split(","), {}
    try:
        if "race" in wanted:
            result["race"] = race(options, choose_clients(options))
        if options.shoal and "idle" in wanted:
            result["idle"] = idle(options)
        if options.shoal and "memory" in wanted:
            result["memory"] = memory(options)
    except procs.Failed as failure:
        say(str(failure))
        return 1
    if options.json:
        print(json.dumps(result))
    else:
        if "race" in result:
            tell_race(result["race"], options.markdown)
        tell_own(result, options.markdown)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
