"""BitTorrent clients and trackers, and shoal, as seeders and leechers of one file. Each has settings for
speed: no limits, no encryption, TCP, large queues and caches, no discovery but by the tracker."""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys

import bt
import procs

HERE = os.path.dirname(os.path.abspath(__file__))


def _missing(*programs):
    return [name for name in programs if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin") is None]


class Opentracker:
    """Debian's is built for a whitelist: it knows no file that is not in it."""

    packages = "opentracker"

    @staticmethod
    def missing():
        return _missing("opentracker")

    def __init__(self, stage, address):
        self.port = procs.free_port()
        # As root it shuts itself up in this folder and becomes another user, who must be able to enter.
        root = stage.make_folder("opentracker")
        os.chmod(stage.folder, 0o711)
        self.whitelist = os.path.join(root, "whitelist.txt")
        open(self.whitelist, "w").close()
        words = f"-i {address} -P {self.port} -p {self.port} -d {root} -u nobody -w whitelist.txt".split()
        # It will not run as root; in a namespace where there is nobody else, another one is made.
        alone = os.geteuid() == 0 and not procs.has_user(pwd.getpwnam("nobody").pw_uid)
        command = ["unshare", "--user", "--map-user=1", "opentracker"] if alone else ["opentracker"]
        self.process = stage.start("opentracker", [*command, *words], cwd=root)
        self.talk = bt.TrackerTalk((address, self.port))
        procs.wait_until("opentracker", self._answers)

    def _answers(self):
        self.process.check_alive()
        try:
            self.talk.connect()
        except (bt.TrackerSilent, OSError):
            return False
        return True

    def _says(self, info_hash, event):
        return self.talk.ask(
            self.talk.connection, bt.ANNOUNCE, bt.announce_body(info_hash, 9, event, left=1)
        )

    def _knows(self, info_hash):
        """Who comes gets a reply with nothing in it as long as the file is unknown; who leaves, always a whole one."""
        self.talk.connect()
        known = len(self._says(info_hash, "none")) > 0
        self._says(info_hash, "stopped")
        return known

    def allow(self, *info_hashes):
        with open(self.whitelist, "a") as file:
            file.writelines(info_hash.hex() + "\n" for info_hash in info_hashes)
        self.process.child.send_signal(signal.SIGHUP)
        for info_hash in info_hashes:
            procs.wait_until("opentracker reading its whitelist", lambda: self._knows(info_hash))


class ShoalTracker:
    packages = "shoal"

    def __init__(self, stage, shoal, address, name="tracker"):
        self.port = procs.free_port()
        self.process = stage.start(name, [shoal, "tracker", "--port", str(self.port)])
        self.talk = bt.TrackerTalk((address, self.port))
        procs.wait_until("shoal tracker", self._answers)

    _answers = Opentracker._answers

    def allow(self, *info_hashes):
        pass


class Client:
    """A running peer of some client, with one file in `folder`. All are made alike: Client (stage, label,
    shared, folder, address, seeds)."""

    process = None
    done_file = None
    max_size_bytes = None  # more would take too long
    max_rounds = None

    def is_complete(self):
        if self.done_file and os.path.exists(self.done_file):
            return True
        if self.process.child.poll() not in (None, 0):
            self.process.check_alive()
        return False

    @classmethod
    def version(cls):
        text = subprocess.run(cls.version_command, capture_output=True, text=True)
        return re.search(r"\d+(\.\d+)+", text.stdout + text.stderr).group()


class ShoalFile:
    """What bt.Torrent is to the others."""

    def __init__(self, path, shoal, tracker):
        self.path, self.shoal, self.tracker = path, shoal, tracker
        self.name, self.size = os.path.basename(path), os.path.getsize(path)
        self.fid = None  # known when a seeder has hashed it

    @property
    def info_hash(self):
        return bytes.fromhex(self.fid)[:20]


class Shoal(Client):
    name = "shoal"
    settings = "none"

    def __init__(self, stage, label, shared, folder, _address, seeds):
        self.result = os.path.join(folder, shared.name)
        if seeds:
            words = ["share", self.result]
        else:
            words = ["get", shared.fid, "-o", self.result]
            self.done_file = self.result  # it gets this name when it is complete
        self.process = stage.start(label, [shared.shoal, *words, "--tracker", shared.tracker])
        Shoal.version_command = [shared.shoal, "--version"]
        if seeds:
            shared.fid = procs.wait_until(label + " hashing", self._fid, 120)

    def _fid(self):
        self.process.check_alive()
        found = re.search(r"\b[0-9a-f]{64}\b", self.process.text())
        return found and found.group()


class Libtorrent(Client):
    name = "libtorrent"
    packages = "python3-libtorrent"
    settings = (
        "high_performance_seed preset; TCP only, no encryption; max_out_request_queue 3000, "
        "send_buffer_watermark 8 MiB, max_queued_disk_bytes 64 MiB, socket buffers of the system"
    )

    @staticmethod
    def missing():
        try:
            __import__("libtorrent")
        except ImportError:
            return ["libtorrent for " + sys.executable]
        return []

    @classmethod
    def version(cls):
        import libtorrent

        return libtorrent.__version__

    def __init__(self, stage, label, torrent, folder, address, seeds):
        self.result = os.path.join(folder, torrent.name)
        path = torrent.write(stage.path(label + ".torrent"))
        self.process = stage.start(
            label,
            [
                sys.executable,
                "-B",
                os.path.join(HERE, "lt_node.py"),
                path,
                folder,
                address,
                procs.free_port(socket.SOCK_STREAM),
            ],
        )

    def is_complete(self):
        self.process.check_alive()
        return self.process.said("\ncomplete\n")


def _hook(stage, label):
    """A script that leaves a file, for clients that call one when they are done."""
    marker = stage.path(label + ".done")
    script = stage.path(label + ".hook")
    with open(script, "w") as file:
        file.write(f"#!/bin/sh\n: > {marker}\n")
    os.chmod(script, 0o755)
    return script, marker


class Aria2(Client):
    name = "aria2"
    version_command = ["aria2c", "--version"]
    packages = "aria2"
    settings = "disk-cache 256M, file-allocation none, plain connections, socket-recv-buffer-size 4M"

    @staticmethod
    def missing():
        return _missing("aria2c")

    def __init__(self, stage, label, torrent, folder, address, seeds):
        self.result = os.path.join(folder, torrent.name)
        path = torrent.write(stage.path(label + ".torrent"))
        hook, self.done_file = _hook(stage, label)
        # It speaks to UDP trackers only with the DHT switched on, which it does not use for private torrents.
        words = [
            "aria2c",
            "--no-conf",
            "--enable-dht=true",
            "--enable-dht6=false",
            "--bt-enable-lpd=false",
            "--enable-peer-exchange=false",
            "--bt-require-crypto=false",
            "--bt-min-crypto-level=plain",
            "--file-allocation=none",
            "--disk-cache=256M",
            "--max-overall-upload-limit=0",
            "--max-overall-download-limit=0",
            "--socket-recv-buffer-size=4M",
            "--summary-interval=0",
            "--follow-torrent=mem",
            "--interface=" + address,
            "--dir=" + folder,
            f"--listen-port={procs.free_port(socket.SOCK_STREAM)}",
            f"--dht-listen-port={procs.free_port()}",
            "--dht-file-path=" + stage.path(label + ".dht"),
            "--disable-ipv6=true",
            "--on-bt-download-complete=" + hook,
            "--seed-ratio=0.0",
            "--bt-max-peers=0",
            "--bt-tracker-interval=5",
            "--show-console-readout=false",
            "--console-log-level=notice",
        ]
        if seeds:
            words += ["--bt-seed-unverified=true", "--check-integrity=false", "--allow-overwrite=true"]
        self.process = stage.start(label, [*words, path])


class Transmission(Client):
    name = "transmission"
    version_command = ["transmission-daemon", "--version"]
    # It asks for no more than 512 blocks a pulse of half a second and unchokes every 10 s.
    max_size_bytes = 256 << 20
    max_rounds = 1
    packages = "transmission-daemon"
    settings = "cache-size-mb 256, preallocation off, no uTP, encryption only tolerated"

    @staticmethod
    def missing():
        return _missing("transmission-daemon")

    def __init__(self, stage, label, torrent, folder, address, seeds):
        self.result = os.path.join(folder, torrent.name)
        home = stage.make_folder(label + ".home", "torrents")
        hook, self.done_file = _hook(stage, label)
        settings = {
            "bind-address-ipv4": address,
            "cache-size-mb": 256,
            "dht-enabled": False,
            "download-dir": folder,
            "encryption": 0,
            "incomplete-dir-enabled": False,
            "lpd-enabled": False,
            "message-level": 2,
            "peer-port": procs.free_port(socket.SOCK_STREAM),
            "pex-enabled": False,
            "port-forwarding-enabled": False,
            "preallocation": 0,
            "prefetch-enabled": True,
            "rename-partial-files": False,
            "rpc-enabled": False,
            "script-torrent-done-enabled": True,
            "script-torrent-done-filename": hook,
            "speed-limit-down-enabled": False,
            "speed-limit-up-enabled": False,
            "utp-enabled": False,
            "upload-slots-per-torrent": 14,
        }
        with open(os.path.join(os.path.dirname(home), "settings.json"), "w") as file:
            json.dump(settings, file)
        torrent.write(os.path.join(home, label + ".torrent"))
        self.process = stage.start(
            label,
            ["transmission-daemon", "--foreground", "--config-dir", os.path.dirname(home), "--log-info"],
        )


BITTORRENT = (Libtorrent, Aria2, Transmission)
