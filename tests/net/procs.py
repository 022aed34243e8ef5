"""Processes of the network tests: started, watched and ended; folders in memory; a network of one's own."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Transmission takes no peers with loopback addresses and one peer an address: the private network has all of
# 10.99.0.0/24 on the loopback interface.
PRIVATE_ADDRESS = "10.99.0.{}"
PRIVATE_ADDRESS_6 = "fd99::{:x}"


class Failed(Exception):
    """Something did not go as it must; the message is for people."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def end_on_signals():
    """SIGTERM and SIGHUP end the program as Ctrl-C does: through the clean-up."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(128 + number))


def in_private_network():
    """Runs this program again in a network namespace of its own, with nothing but loopback: no port is
    taken there, and clients can reach nobody else. True: we are in one. False: it cannot be made here."""
    if os.environ.get("SHOAL_PRIVATE_NETWORK"):
        addresses = ["10.99.0.1/24", *(f"{PRIVATE_ADDRESS_6.format(number)}/128" for number in range(1, 9))]
        for words in ("link set lo up", *(f"addr add {address} dev lo" for address in addresses)):
            subprocess.run(["ip", *words.split()], check=True)
        return True
    command = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    try:
        works = (
            subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
        )
    except FileNotFoundError:
        works = False
    if not works:
        return False
    os.environ["SHOAL_PRIVATE_NETWORK"] = "yes"
    os.execvp(command[0], [*command, sys.executable, "-B", *sys.argv])


def has_user(number):
    """Whether processes may become this user: as root, and not in a namespace that knows no other."""
    if os.geteuid() != 0:
        return False
    with open("/proc/self/uid_map") as lines:
        ranges = [[int(word) for word in line.split()] for line in lines]
    return any(first <= number < first + count for first, _, count in ranges)


def free_port(kind=socket.SOCK_DGRAM, address=""):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def wait_until(what, test, limit_s=30, pause_s=0.01):
    """Returns what test() returned when it was true; Failed after limit_s."""
    end = time.monotonic() + limit_s
    while True:
        result = test()
        if result:
            return result
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {limit_s:g} s")
        time.sleep(pause_s)


class Process:
    """A child with its output in a file. It dies with us, whatever happens."""

    def __init__(self, folder, name, words, **options):
        self.name = name
        self.output = os.path.join(folder, name + ".out")
        self.messages = os.path.join(folder, name + ".err")
        self.started = time.monotonic()
        with open(self.output, "ab") as out, open(self.messages, "ab") as err:
            self.child = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
                **options,
            )

    def text(self):
        parts = []
        for path in (self.output, self.messages):
            with open(path, errors="replace") as file:
                parts.append(file.read())
        return "".join(parts)

    def said(self, words):
        return words in self.text()

    def check_alive(self):
        if self.child.poll() is not None:
            raise Failed(f"{self.name} ended with status {self.child.returncode}:\n{self.text()[-2000:]}")
        return True

    def wait(self, limit_s):
        """The exit status."""
        try:
            return self.child.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name}: did not end within {limit_s:g} s:\n{self.text()[-2000:]}") from None

    def end(self, limit_s=10):
        """Asks it to end; kills it when it does not."""
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(limit_s)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def _field(self, file, name):
        with open(f"/proc/{self.child.pid}/{file}") as lines:
            for line in lines:
                if line.startswith(name + ":"):
                    return line.split()[1]
        raise Failed(f"/proc/PID/{file} has no {name}")

    def peak_memory_bytes(self):
        return int(self._field("status", "VmHWM")) * 1024

    def anonymous_memory_bytes(self):
        """Memory that is its own now: neither files nor shared."""
        return int(self._field("status", "RssAnon")) * 1024

    def cpu_s(self):
        """Of the running process; 10 ms is the unit."""
        with open(f"/proc/{self.child.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def usage(self):
        """(cpu_s, peak_memory_bytes); None when it has ended."""
        try:
            return self.cpu_s(), self.peak_memory_bytes()
        except (OSError, Failed):
            return None

    def cpu_ns(self):
        """The same, exactly, also of threads that have ended meanwhile."""
        return time.clock_gettime_ns((~self.child.pid << 3) | 2)  # its clock: see clock_getcpuclockid(3)

    def switches(self):
        """How often its threads were put on a processor: wake-ups, for one that is idle."""
        total = 0
        for thread in os.listdir(f"/proc/{self.child.pid}/task"):
            with open(f"/proc/{self.child.pid}/task/{thread}/status") as lines:
                total += sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)
        return total


class Stage:
    """A folder and the processes of one test; leaves neither behind."""

    def __init__(self, memory_backed=False):
        self.folder = tempfile.mkdtemp(prefix="shoal-test-", dir="/dev/shm" if memory_backed else None)
        self.processes = []
        os.environ["XDG_RUNTIME_DIR"] = self.folder  # where shoal says what it does

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def make_folder(self, *parts):
        path = self.path(*parts)
        os.makedirs(path, exist_ok=True)
        return path

    def start(self, name, words, **options):
        process = Process(self.folder, name, [str(word) for word in words], **options)
        self.processes.append(process)
        return process


def write_random(path, size):
    with open(path, "wb") as file:
        left = size
        while left > 0:
            part = os.urandom(min(left, 1 << 24))
            file.write(part)
            left -= len(part)
    return path


def same_bytes(one, other):
    return subprocess.run(["cmp", "-s", one, other]).returncode == 0
