"""The Python classes PClient, Proxy and Tracker, as their users use them."""

import concurrent.futures
import contextlib
import errno
import inspect
import io
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock

from PClient import PClient
from Proxy import Proxy
from Tracker import Tracker

PYTHON_FOLDER = os.path.dirname(os.path.abspath(inspect.getfile(PClient)))
SLOW = 5000  # bytes per second: a download at this rate outlasts any test


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.tracker = Tracker(0, 0)
        self.addCleanup(self.tracker.close)
        self.tracker.start()
        self.address = ("127.0.0.1", self.tracker.port)

    def client(self, **options):
        client = PClient(self.address, **options)
        self.addCleanup(client.close)
        return client

    def file(self, name, length):
        """A new file of random bytes: (path, bytes)."""
        path = os.path.join(self.folder, name)
        data = random.Random(name).randbytes(length)
        with open(path, "wb") as file:
            file.write(data)
        return path, data


class Signatures(unittest.TestCase):
    def check(self, function, text):
        self.assertEqual(str(inspect.signature(function)), text)

    def test_signatures(self):
        self.check(PClient, "(tracker_addr, proxy=None, port=None, upload_rate=0, download_rate=0)")
        self.check(PClient.register, "(self, file_path)")
        self.check(PClient.download, "(self, fid)")
        self.check(PClient.cancel, "(self, fid)")
        self.check(PClient.close, "(self)")
        self.check(Proxy, "(upload_rate, download_rate, port=None)")
        self.check(Proxy.sendto, "(self, data, address)")
        self.check(Proxy.recvfrom, "(self, timeout=None)")
        self.check(Proxy.close, "(self)")


class Clients(Case):
    def test_downloads(self):
        holder, other = self.client(), self.client()
        for length in 0, 1, 16384, 100000, 3 << 20:
            path, data = self.file(f"f{length}", length)
            fid = holder.register(path)
            self.assertRegex(fid, "^[0-9a-f]{64}$")
            got = other.download(fid)
            self.assertIsInstance(got, bytes)
            self.assertEqual(got, data)

    def test_own_port(self):
        client = self.client()
        self.assertGreater(client.proxy.port, 0)
        with self.assertRaises(OSError):
            PClient(self.address, port=client.proxy.port)

    def test_threads_download_at_once(self):
        """Eight threads, two clients, four files: nobody waits for the interpreter's lock."""
        holder = self.client(upload_rate=1000000)
        files = [self.file(f"f{i}", 100000) for i in range(4)]
        fids = [holder.register(path) for path, _ in files]
        clients = [self.client(), self.client()]
        ticks, done = [0], threading.Event()

        def tick():
            while not done.is_set():
                ticks[0] += 1
                time.sleep(0.001)

        ticker = threading.Thread(target=tick)
        ticker.start()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            jobs = {pool.submit(client.download, fid): data
                    for client in clients for fid, (_, data) in zip(fids, files)}
            for job, data in jobs.items():
                self.assertEqual(job.result(), data)
        done.set()
        ticker.join()
        self.assertGreater(ticks[0], 50)  # 0.8 s at least

    def test_swarm(self):
        """One seeder, five leechers with the same rates."""
        path, data = self.file("a", 200000)
        seeder = self.client(upload_rate=200000, download_rate=200000)
        fid = seeder.register(path)
        leechers = [self.client(upload_rate=200000, download_rate=200000) for _ in range(5)]
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            for got in pool.map(lambda leecher: leecher.download(fid), leechers):
                self.assertEqual(got, data)

    def test_cancels(self):
        holder, other = self.client(upload_rate=SLOW), self.client()
        path, _ = self.file("a", 200000)
        fid = holder.register(path)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            job = pool.submit(other.download, fid)
            time.sleep(0.2)
            other.cancel(fid)
            with self.assertRaises(concurrent.futures.CancelledError):
                job.result(10)
        other.cancel(fid)
        other.cancel("0" * 64)
        with self.assertRaises(ValueError):
            other.cancel("no fid")
        with self.assertRaises(ValueError):
            other.download("no fid")

    def test_closes(self):
        other = self.client()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            job = pool.submit(other.download, "0" * 64)
            time.sleep(0.1)
            other.close()
            with self.assertRaises(ConnectionAbortedError):
                job.result(10)
        other.close()
        with self.assertRaises(ConnectionAbortedError):
            other.register(__file__)

    def test_errors(self):
        client = self.client()
        with self.assertRaises(FileNotFoundError):
            client.register(os.path.join(self.folder, "none"))
        with self.assertRaises(ValueError):
            PClient(("127.0.0.1", 0))

    def test_addresses(self):
        for address in "127.0.0.1:1", None, ("127.0.0.1",), ("127.0.0.1", "1"), (1, 1):
            with self.subTest(address), self.assertRaises(TypeError) as caught:
                PClient(address)
            self.assertIn(repr(address), str(caught.exception))
        for port in -1, 0, 65536:
            with self.subTest(port), self.assertRaises(ValueError):
                PClient(("127.0.0.1", port))
        with self.assertRaises(socket.gaierror):
            PClient(("no.such.host.invalid", 10086))

    def test_paths(self):
        client = self.client()
        path, _ = self.file("a", 10)
        self.assertEqual(client.register(os.fsencode(path)), client.register(path))
        with self.assertRaises(TypeError):
            client.register(None)
        with self.assertRaises(IsADirectoryError):
            client.register(self.folder)
        with self.assertRaises(NotADirectoryError):
            client.register(os.path.join(path, "b"))
        with self.assertRaises(OSError):
            client.register("/dev/null")

    def test_leaves_nothing(self):
        def count():
            return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

        PClient(self.address).close()
        before = count()
        for _ in range(50):
            with PClient(self.address):
                pass
        for _ in range(100):  # threads of Python's end some moments after they are waited for
            if count() <= before:
                break
            time.sleep(0.05)
        self.assertLessEqual(count(), before)


class Proxies(unittest.TestCase):
    def pair(self, *rates):
        proxies = Proxy(*rates[:2]), Proxy(*rates[2:])
        for proxy in proxies:
            self.addCleanup(proxy.close)
        return proxies

    def test_carries(self):
        a, b = self.pair(0, 0, 0, 0)
        a.sendto(b"hello", ("localhost", b.port))
        self.assertEqual(b.recvfrom(), (b"hello", ("127.0.0.1", a.port)))
        b.sendto(b"", ("127.0.0.1", a.port))
        self.assertEqual(a.recvfrom(1), (b"", ("127.0.0.1", b.port)))

    def test_waits_so_long(self):
        a, _ = self.pair(0, 0, 0, 0)
        for timeout in 0, 0.3:
            start = time.monotonic()
            with self.assertRaises(TimeoutError):
                a.recvfrom(timeout)
            self.assertGreaterEqual(time.monotonic() - start, timeout)

    def seconds(self, a, b, count):
        start = time.monotonic()
        for _ in range(count):
            a.sendto(bytes(1000), ("127.0.0.1", b.port))
        for _ in range(count):
            b.recvfrom(10)
        return time.monotonic() - start

    def test_rates(self):
        a, b = self.pair(20000, 0, 0, 10000)
        self.assertEqual((a.upload_rate, a.download_rate, b.download_rate), (20000, 0, 10000))
        self.assertGreaterEqual(self.seconds(a, b, 5), 0.499)
        b.download_rate = 0
        self.assertGreaterEqual(self.seconds(a, b, 5), 0.249)
        a.upload_rate = 0
        self.assertLess(self.seconds(a, b, 5), 0.24)

    def test_small_and_wrong_rates(self):
        a, _ = self.pair(0.5, 0.25, 0, 0)
        self.assertEqual((a.upload_rate, a.download_rate), (1, 1))
        a.upload_rate = 0.1
        self.assertEqual(a.upload_rate, 1)
        for rate in -1, -0.5, float("nan"), float("inf"):
            with self.subTest(rate), self.assertRaises(ValueError):
                Proxy(rate, 0)
            with self.subTest(rate), self.assertRaises(ValueError):
                a.download_rate = rate

    def test_too_long(self):
        a, b = self.pair(0, 0, 0, 0)
        with self.assertRaises(OSError) as caught:
            a.sendto(bytes(65508), ("127.0.0.1", b.port))
        self.assertEqual(caught.exception.errno, errno.EMSGSIZE)
        a.sendto(bytes(65507), ("127.0.0.1", b.port))
        self.assertEqual(len(b.recvfrom(10)[0]), 65507)

    def test_closing_wakes(self):
        a, _ = self.pair(0, 0, 0, 0)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            job = pool.submit(a.recvfrom)
            time.sleep(0.1)
            a.close()
            with self.assertRaises(OSError):
                job.result(10)
        a.close()

    def test_port(self):
        a, _ = self.pair(0, 0, 0, 0)
        with self.assertRaises(OSError):
            Proxy(0, 0, a.port)


class OwnProxy:
    """A proxy of pure Python, as students write them: two threads, two queues, sleeping at the rates."""

    def __init__(self, upload_rate, download_rate):
        self.upload_rate, self.download_rate = upload_rate, download_rate
        self.sent = self.received = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        self.out, self.come, self.active = queue.Queue(), queue.Queue(), True
        self.threads = [threading.Thread(target=self.send_all), threading.Thread(target=self.receive_all)]
        for thread in self.threads:
            thread.start()

    def send_all(self):
        while True:
            item = self.out.get()
            if item is None:
                return
            data, address = item
            if self.upload_rate:
                time.sleep(len(data) / self.upload_rate)
            self.socket.sendto(data, address)
            self.sent += len(data)

    def receive_all(self):
        while self.active:
            try:
                data, address = self.socket.recvfrom(1 << 16)
            except TimeoutError:
                continue
            if self.download_rate:
                time.sleep(len(data) / self.download_rate)
            self.received += len(data)
            self.come.put((data, address))

    def sendto(self, data, address):
        self.out.put((data, address))

    def recvfrom(self, timeout=None):
        try:
            return self.come.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError from None

    def close(self):
        self.out.put(None)
        self.active = False
        for thread in self.threads:
            thread.join()
        self.socket.close()


class BareProxy:
    """The least that is a proxy: a socket. Blocks in sendto() at its rate."""

    def __init__(self, upload_rate=0):
        self.rate = upload_rate
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def sendto(self, data, address):
        if self.rate:
            time.sleep(len(data) / self.rate)
        self.socket.sendto(data, address)

    def recvfrom(self, timeout=None):
        self.socket.settimeout(timeout)
        return self.socket.recvfrom(1 << 16)

    def close(self):
        self.socket.close()


class FaultyProxy(BareProxy):
    """Its sendto() and recvfrom() do the wrong thing once, and `faults` times."""

    def __init__(self, fault, faults):
        super().__init__()
        self.fault, self.left, self.calls = fault, {"sendto": min(faults, 1), "recvfrom": faults}, 0

    def faulty(self, name):
        self.left[name] -= 1
        return self.left[name] >= 0

    def sendto(self, data, address):
        if self.faulty("sendto"):
            return self.fault()
        return super().sendto(data, address)

    def recvfrom(self, timeout=None):
        self.calls += 1
        if self.faulty("recvfrom"):
            return self.fault()
        return super().recvfrom(timeout)


class OwnProxies(Case):
    def failing(self, error):
        def fail():
            raise error
        return fail

    def test_mistakes_in_proxies(self):
        """They lose datagrams, are shown once, and the client goes on."""
        holder = self.client()
        path, data = self.file("a", 50000)
        fid = holder.register(path)
        faults = [self.failing(KeyError("a mistake")), self.failing(ValueError("a mistake"))]
        faults += [lambda value=value: value for value in
                   (None, ("text", ("127.0.0.1", 1)), (b"data", ("127.0.0.1", "1")))]
        for fault in faults:
            with self.subTest(fault), contextlib.redirect_stderr(io.StringIO()) as shown:
                with PClient(self.address, FaultyProxy(fault, 2)) as client:
                    self.assertEqual(client.download(fid), data)
                self.assertEqual(shown.getvalue().count("later failures are not shown"), 1)
                self.assertEqual(shown.getvalue().count("Traceback"), 1)

    def test_mistakes_do_not_spin(self):
        proxy = FaultyProxy(self.failing(KeyError()), 1 << 40)
        with contextlib.redirect_stderr(io.StringIO()):
            client = self.client(proxy=proxy)
            time.sleep(0.5)
            self.assertLessEqual(proxy.calls, 11)
            client.close()

    def test_least_of_proxies(self):
        """No port, no rates: 0, and no complaint."""
        class Least(BareProxy):
            port = property(lambda self: self.missing, lambda self, port: None)

        with contextlib.redirect_stderr(io.StringIO()) as shown:
            other = self.client(proxy=Least())
            carrier = other._client.get_property("proxy")
            self.assertEqual((carrier.get_port(), carrier.get_upload_rate(), carrier.get_download_rate()), (0, 0, 0))
        self.assertEqual(shown.getvalue(), "")

    def test_rates_of_proxies(self):
        proxy = BareProxy()
        self.addCleanup(proxy.close)
        proxy.upload_rate = -1
        with self.assertRaises(ValueError):
            PClient(self.address, proxy)
        proxy.upload_rate, proxy.download_rate = 0.5, 0
        client = self.client(proxy=proxy)
        self.assertEqual(client._client.get_property("proxy").get_upload_rate(), 1)

    def test_threaded_proxies(self):
        proxies = [OwnProxy(300000, 300000) for _ in range(3)]
        clients = [self.client(proxy=proxy) for proxy in proxies]
        path, data = self.file("a", 150000)
        fid = clients[0].register(path)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for got in pool.map(lambda client: client.download(fid), clients[1:]):
                self.assertEqual(got, data)
        self.assertGreaterEqual(sum(proxy.sent for proxy in proxies), 2 * 150000)
        self.assertIs(clients[0].proxy, proxies[0])

    def test_bare_proxies(self):
        holder, other = self.client(proxy=BareProxy(300000)), self.client(proxy=BareProxy())
        path, data = self.file("a", 150000)
        fid = holder.register(path)
        start = time.monotonic()
        self.assertEqual(other.download(fid), data)
        self.assertGreater(time.monotonic() - start, 0.4)
        start = time.monotonic()
        holder.close()
        other.close()
        self.assertLess(time.monotonic() - start, 8)

    def test_closed_behind_its_back(self):
        proxy = BareProxy()
        client = self.client(proxy=proxy)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            job = pool.submit(client.download, "0" * 64)
            time.sleep(0.2)
            proxy.close()
            with self.assertRaises(ConnectionAbortedError):
                job.result(10)

    def test_with_a_proxy_of_ours(self):
        proxy = Proxy(0, 0)
        client, holder = self.client(proxy=proxy), self.client()
        path, data = self.file("a", 50000)
        fid = holder.register(path)
        self.assertEqual(client.download(fid), data)
        proxy.upload_rate = 5000
        self.assertEqual(client.proxy.upload_rate, 5000)
        with self.assertRaises(OSError):
            proxy.sendto(b"", ("127.0.0.1", 9))


class Programs(Case):
    def run_python(self, *arguments):
        process = subprocess.Popen([sys.executable, *arguments], cwd=PYTHON_FOLDER, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True,
                                   # Shells start what runs in the background with SIGINT ignored, which is inherited.
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_ctrl_c_ends_a_download(self):
        code = ("from PClient import PClient\n"
                f"client = PClient({self.address!r})\n"
                "print('ready', flush=True)\n"
                f"try: client.download('{'0' * 64}')\n"
                "except KeyboardInterrupt: print('interrupted', flush=True)\n"
                "client.close()\n")
        process = self.run_python("-B", "-c", code)
        self.assertEqual(process.stdout.readline(), "ready\n")
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.stdout.readline(), "interrupted\n")
        self.assertEqual(process.wait(10), 0, process.stderr.read())

    def test_ctrl_c_before_the_wait(self):
        """It may come when the call is under way and nobody waits for it yet."""
        executor = concurrent.futures.ThreadPoolExecutor
        submit = executor.submit

        def interrupted(*arguments, **options):
            submit(*arguments, **options)
            raise KeyboardInterrupt

        client, begun = self.client(), time.monotonic()
        rescue = threading.Timer(10, client.close)  # or it would hang for ever
        rescue.start()
        with unittest.mock.patch.object(executor, "submit", interrupted):
            with self.assertRaises(KeyboardInterrupt):
                client.download("0" * 64)
        rescue.cancel()
        self.assertLess(time.monotonic() - begun, 9)

    def test_exit_without_closing(self):
        """In the middle of a download, with proxies that are called in threads of the library's."""
        path, _ = self.file("a", 2 << 20)
        code = ("import sys, threading, time\n"
                f"sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})\n"
                "from test_classes import BareProxy, PClient\n"
                f"holder, other = [PClient({self.address!r}, BareProxy()) for _ in range(2)]\n"
                f"fid = holder.register({path!r})\n"
                "threading.Thread(target=other.download, args=(fid,), daemon=True).start()\n"
                "time.sleep(float(sys.argv[1]))\n")
        for seconds in 0, 0.005, 0.01, 0.05:
            process = self.run_python("-B", "-c", code, str(seconds))
            _, complaints = process.communicate(timeout=20)
            self.assertEqual(process.returncode, 0, complaints)

    def test_tracker_program(self):
        process = self.run_python("-B", "Tracker.py")
        line = process.stdout.readline()
        if not line and "in use" in process.stderr.read():
            self.skipTest("somebody else is at port 10086")
        self.assertIn("10086", line)
        holder, other = PClient(("127.0.0.1", 10086)), PClient(("127.0.0.1", 10086))
        with holder, other:
            path, data = self.file("a", 30000)
            self.assertEqual(other.download(holder.register(path)), data)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), 0)


class TrackerLife(unittest.TestCase):
    def test_starts_and_closes(self):
        tracker = Tracker(10000, 20000)
        port = tracker.port
        self.assertEqual((tracker.upload_rate, tracker.download_rate), (10000, 20000))
        for _ in range(2):
            tracker.start()
        tracker.upload_rate = 0
        self.assertEqual(tracker.proxy.upload_rate, 0)
        for _ in range(2):
            tracker.close()
        again = Tracker(0, 0, port)
        again.close()


if __name__ == "__main__":
    unittest.main()
