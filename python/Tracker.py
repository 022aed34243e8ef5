#!/usr/bin/env python3
"""The tracker: knows who has which file.

As a program it serves on UDP port 10086, with 10 kB/s both ways, until Ctrl-C.
"""

import threading

from Proxy import Proxy
from shoal_gi import Shoal, call, interruptible

PORT = 10086
RATE = 10000


class Tracker:
    """Tells peers of each other. Its port is bound from the beginning; it answers from start() on."""

    def __init__(self, upload_rate=RATE, download_rate=RATE, port=None):
        """Rates in bytes per second, 0: unlimited. port None: a free one."""
        self.proxy = Proxy(upload_rate, download_rate, port)
        self.port = self.proxy.port
        self._tracker = None
        self._lock = threading.Lock()

    @property
    def upload_rate(self):
        return self.proxy.upload_rate

    @upload_rate.setter
    def upload_rate(self, bytes_per_s):
        self.proxy.upload_rate = bytes_per_s

    @property
    def download_rate(self):
        return self.proxy.download_rate

    @download_rate.setter
    def download_rate(self, bytes_per_s):
        self.proxy.download_rate = bytes_per_s

    def start(self):
        """Serves from now on, in a thread of its own; returns at once."""
        with self._lock:
            if self._tracker is None:
                tracker = Shoal.Tracker(proxy=self.proxy.shoal_proxy)
                call(tracker.init, None)
                self._tracker = tracker

    def close(self):
        """Serves no more, and gives its port back. Closing twice does no harm."""
        with self._lock:
            if self._tracker is None:
                self.proxy.close()
            else:
                interruptible(self._tracker.close)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()


def main():
    with Tracker(port=PORT) as tracker:
        tracker.start()
        print(f"tracker at UDP port {tracker.port}, {tracker.upload_rate} bytes/s; Ctrl-C ends it", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
